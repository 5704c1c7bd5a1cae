//! The table of units.

use unicode_normalization::UnicodeNormalization;

use super::family::Family;
use super::table::{Columns, Row, Table};
use super::{
    KnownPlaces, MAX_ID, MAX_NAME, MAX_PHONE, Problems, is_code, quoted, read_number, read_span, read_territory,
};
use crate::domain::id::UnitId;
use crate::domain::unit::{Unit, UnitKind};
use crate::routing::calendar::Week;
use crate::routing::organisation::{Abilities, Assignment, Member, Span, Territory};

const COLUMNS: Columns = Columns {
    needed: &["id", "kind", "name", "phone", "parent", "territory"],
    more: &["abilities", "capacity", "weight", "hours", "seat", "from", "to"],
};

/// The kinds of unit, as the table names them.
pub(super) const KINDS: [(&str, UnitKind); 10] = [
    ("central", UnitKind::Central),
    ("company", UnitKind::Company),
    ("region", UnitKind::Region),
    ("province", UnitKind::Province),
    ("shop", UnitKind::Shop),
    ("sales_route", UnitKind::SalesRoute),
    ("rapid_team", UnitKind::RapidTeam),
    ("agent", UnitKind::Agent),
    ("pos", UnitKind::Pos),
    ("local_authority", UnitKind::LocalAuthority),
];

/// The units of a table, and where they work by it.
pub(super) fn read(
    text: &str,
    rows: usize,
    known: &dyn KnownPlaces,
    problems: &mut Problems,
) -> (Vec<Member>, Vec<Assignment>) {
    let (mut members, mut assignments) = (Vec::new(), Vec::new());
    let Some(mut table) = Table::open(text, COLUMNS, rows, problems) else { return (members, assignments) };
    let mut family = Family::default();
    let mut has_central = false;
    while let Some(row) = table.next_row(problems) {
        let id = check_id(&row, problems);
        if let Some(id) = &id {
            family.add(id, row.cell("parent"), row.line(), problems);
        }
        has_central |= row.cell("kind") == "central";
        let territory = check_territory(&row, known, problems);
        let Some(member) = check_row(&row, id, known, &territory, problems) else { continue };
        let unit = member.unit.id.clone();
        let assigned = |place| {
            let (unit, valid) = (unit.clone(), Span::default());
            Assignment { unit, place, priority: 0, valid, responsible: None }
        };
        assignments.extend(territory.into_iter().map(assigned));
        members.push(member);
    }
    family.check(problems);
    if !has_central {
        problems.add(
            1,
            "kind",
            "Chưa có đơn vị loại central (nơi nhận mọi yêu cầu không đơn vị nào phụ trách). Thêm một dòng như vậy."
                .to_owned(),
            "There is no unit of kind central (it takes what no other unit serves). Add one.".to_owned(),
        );
    }
    (members, assignments)
}

/// A row's unit, if it has an id, a kind and a name. Every column is looked at, whatever the others hold.
fn check_row(
    row: &Row,
    id: Option<UnitId>,
    known: &dyn KnownPlaces,
    territory: &[Territory],
    problems: &mut Problems,
) -> Option<Member> {
    let kind = check_kind(row, problems);
    let name = check_name(row, "name", problems);
    let phone = check_phone(row, problems);
    let abilities = check_abilities(row, kind, problems);
    let capacity = match row.cell("capacity") {
        "" => None,
        _ => u32::try_from(read_number(row, "capacity", 0, 0..=1_000_000, problems)).ok(),
    };
    let weight = u32::try_from(read_number(row, "weight", 1, 1..=1000, problems)).unwrap_or(1);
    // Who works in one commune only is there.
    let only = match territory {
        [ward @ Territory::Ward(_)] => Some(ward.clone()),
        _ => None,
    };
    let seat = check_seat(row, known, problems).or(only);
    let hours = check_hours(row, problems);
    let valid = read_span(row, problems);
    let parent = Some(row.cell("parent")).filter(|parent| !parent.is_empty()).map(UnitId::new);
    let unit = Unit { id: id?, kind: kind?, name: name?, phone };
    Some(Member { unit, parent, abilities, capacity, weight, hours, seat, valid })
}

fn check_id(row: &Row, problems: &mut Problems) -> Option<UnitId> {
    let id = row.cell("id");
    if !is_code(id) {
        problems.add(
            row.line(),
            "id",
            format!("Mã đơn vị \"{}\" không hợp lệ: 1 đến {MAX_ID} chữ không dấu, chữ số, _ - .", quoted(id)),
            format!("The id \"{}\" is not valid: 1 to {MAX_ID} unaccented letters, digits, _ - .", quoted(id)),
        );
    }
    is_code(id).then(|| UnitId::new(id))
}

fn check_kind(row: &Row, problems: &mut Problems) -> Option<UnitKind> {
    let text = row.cell("kind");
    let kind = KINDS.iter().find(|(name, _)| *name == text).map(|(_, kind)| *kind);
    if kind.is_none() {
        let names = KINDS.map(|(name, _)| name).join(", ");
        problems.add(
            row.line(),
            "kind",
            format!("Không có loại đơn vị \"{}\". Các loại: {names}.", quoted(text)),
            format!("There is no kind of unit \"{}\". The kinds: {names}.", quoted(text)),
        );
    }
    kind
}

/// The name of a unit or a person.
pub(super) fn check_name(row: &Row, column: &str, problems: &mut Problems) -> Option<String> {
    let name: String = row.cell(column).nfc().collect();
    let (vi, en) = if name.is_empty() {
        ("Tên để trống.".to_owned(), "The name is empty.".to_owned())
    } else if name.chars().count() > MAX_NAME {
        (format!("Tên dài hơn {MAX_NAME} ký tự."), format!("The name is longer than {MAX_NAME} characters."))
    } else if name.starts_with(['=', '+', '-', '@']) || name.contains(char::is_control) {
        (
            "Tên không được bắt đầu bằng = + - @ hoặc xuống dòng.".to_owned(),
            "A name cannot begin with = + - @ or hold a line break.".to_owned(),
        )
    } else {
        return Some(name);
    };
    problems.add(row.line(), column, vi, en);
    None
}

/// The number of a unit or a person, if it has one.
pub(super) fn check_phone(row: &Row, problems: &mut Problems) -> Option<String> {
    let phone = row.cell("phone");
    if phone.is_empty() {
        return None;
    }
    let written_so = |byte: u8| byte.is_ascii_digit() || b" +.-()".contains(&byte);
    let digits = phone.bytes().filter(u8::is_ascii_digit).count();
    if phone.len() <= MAX_PHONE && digits >= 3 && phone.bytes().all(written_so) && !phone.starts_with('-') {
        return Some(phone.to_owned());
    }
    problems.add(
        row.line(),
        "phone",
        format!("Số điện thoại không hợp lệ: chỉ chữ số, dấu cách và + . - ( ), 3 chữ số trở lên, tối đa {MAX_PHONE} ký tự."),
        format!("The phone number is not valid: digits, spaces and + . - ( ) only, 3 digits or more, at most {MAX_PHONE} characters."),
    );
    None
}

fn check_territory(row: &Row, known: &dyn KnownPlaces, problems: &mut Problems) -> Vec<Territory> {
    let mut territory = Vec::new();
    for item in row.cell("territory").split(';').map(str::trim).filter(|item| !item.is_empty()) {
        match read_territory(item, known) {
            Ok(place) if territory.contains(&place) => {}
            Ok(place) => territory.push(place),
            Err((vi, en)) => problems.add(row.line(), "territory", vi, en),
        }
    }
    territory
}

fn check_seat(row: &Row, known: &dyn KnownPlaces, problems: &mut Problems) -> Option<Territory> {
    let text = row.cell("seat");
    if text.is_empty() {
        return None;
    }
    match read_territory(text, known) {
        Ok(place) => Some(place),
        Err((vi, en)) => {
            problems.add(row.line(), "seat", vi, en);
            None
        }
    }
}

fn check_hours(row: &Row, problems: &mut Problems) -> Week {
    match row.cell("hours") {
        "" => Week::usual(),
        text => Week::new(text).unwrap_or_else(|wrong| {
            problems.add(row.line(), "hours", wrong.vi, wrong.en);
            Week::usual()
        }),
    }
}

fn check_abilities(row: &Row, kind: Option<UnitKind>, problems: &mut Problems) -> Abilities {
    let text = row.cell("abilities");
    if text.is_empty() {
        return Abilities::usual(kind.unwrap_or(UnitKind::Shop));
    }
    let mut can = Abilities { delivers: false, swaps_sim: false, opens_new: false, enters_quarantine: false };
    for item in text.split(';').map(str::trim).filter(|item| !item.is_empty()) {
        match item {
            "delivers" => can.delivers = true,
            "swaps_sim" => can.swaps_sim = true,
            "opens_new" => can.opens_new = true,
            "enters_quarantine" => can.enters_quarantine = true,
            _ => problems.add(
                row.line(),
                "abilities",
                format!(
                    "Không có khả năng \"{}\". Có: delivers, swaps_sim, opens_new, enters_quarantine.",
                    quoted(item)
                ),
                format!("There is no ability \"{}\": delivers, swaps_sim, opens_new, enters_quarantine.", quoted(item)),
            ),
        }
    }
    can
}
