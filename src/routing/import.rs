//! The table of units from CSV: checked whole, every problem with its line, nothing half-imported.
//!
//! The format: UTF-8 (a byte order mark is fine), a header line with these six columns in any order,
//! separated by commas or, as spreadsheets save them in Viet Nam, by semicolons throughout:
//!
//! | column | holds | |
//! |---|---|---|
//! | `id` | letters, digits, `_ - .`, at most 64, unique in the table | needed |
//! | `kind` | `central company region province shop sales_route rapid_team agent pos local_authority` | needed |
//! | `name` | what customers may read, at most 200 characters | needed |
//! | `phone` | what customers may call: digits, spaces, `+ . - ( )` | may be empty |
//! | `parent` | the `id` of the unit above, anywhere in the table | may be empty |
//! | `territory` | `;`-separated: `ward:26740;province:79`, codes in force | may be empty |
//!
//! ```csv
//! id,kind,name,phone,parent,territory
//! tong_dai,central,Tổng đài 9090,9090,,
//! hcm,province,MobiFone Thành phố Hồ Chí Minh,,,province:79
//! hcm_sg,shop,Cửa hàng Sài Gòn,028 3822 0000,hcm,ward:26740;ward:26743
//! ```
//!
//! One unit at least is `central`. Two units may claim one territory: the first in the table serves it.
//! No field can begin like a formula (`= + - @`, except a phone's `+`), so that a table written back out
//! does nothing when a spreadsheet opens it. Lines are split in `table`, which knows no column's meaning;
//! this module knows no file: the caller reads it and refuses what is not UTF-8.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::{Member, Organisation, Territory};
use crate::domain::id::UnitId;
use crate::domain::unit::{Unit, UnitKind};
use crate::place::Gazetteer;

mod family;
mod table;

use family::Family;
use table::{Row, Table};

/// Longest table, in bytes: 64 MiB.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Most units.
pub const MAX_ROWS: usize = 1_000_000;
/// Longest line, in bytes: longer ones are mostly a quote that was never closed.
pub const MAX_ROW_BYTES: usize = 64 * 1024;
/// Most problems listed; the rest are counted.
const MAX_PROBLEMS: usize = 10_000;
/// Longest id.
const MAX_ID: usize = 64;
/// Longest name, in characters.
const MAX_NAME: usize = 200;
/// Longest phone number, in characters.
const MAX_PHONE: usize = 24;

/// The kinds of unit, as the table names them.
const KINDS: [(&str, UnitKind); 10] = [
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

/// The places in force, as far as a table of units needs them. `place`'s gazetteer knows them.
pub trait KnownPlaces {
    /// The full name of the province of this two-digit code.
    fn province(&self, code: &str) -> Option<String>;

    /// The full name of the commune of this five-digit code, and its province's code.
    fn ward(&self, code: &str) -> Option<(String, String)>;
}

impl KnownPlaces for Gazetteer {
    fn province(&self, code: &str) -> Option<String> {
        self.province_name(code).map(str::to_owned)
    }

    fn ward(&self, code: &str) -> Option<(String, String)> {
        Some((self.ward_name(code)?.to_owned(), self.province_of(code)?.to_owned()))
    }
}

/// For a table that was checked when it came: places may have changed since, and a unit without one of its
/// places is better than none.
pub struct Anywhere;

impl KnownPlaces for Anywhere {
    fn province(&self, code: &str) -> Option<String> {
        Some(code.to_owned())
    }

    fn ward(&self, code: &str) -> Option<(String, String)> {
        Some((code.to_owned(), String::new()))
    }
}

/// One thing wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProblem {
    /// The line, from 1.
    pub line: usize,
    /// The column's name in the header; empty when the whole line or table is meant.
    pub column_name: String,
    /// What is wrong and what to do, in Vietnamese. Holds no name and no number of a person.
    pub message_vi: String,
    /// The same in English.
    pub message_en: String,
}

/// Reads a table of units; `known` tells which codes are in force.
///
/// # Errors
/// All that is wrong, by line; past ten thousand problems the rest are only counted.
pub fn read(csv_text: &str, known: &dyn KnownPlaces) -> Result<Organisation, Vec<ImportProblem>> {
    read_at_most(MAX_ROWS, csv_text, known)
}

/// [`read`] with a limit that a test can reach.
fn read_at_most(rows: usize, csv_text: &str, known: &dyn KnownPlaces) -> Result<Organisation, Vec<ImportProblem>> {
    let mut problems = Problems::default();
    if csv_text.len() > MAX_BYTES {
        problems.add(1, "", "Tệp lớn hơn 64 MiB.".to_owned(), "The file is larger than 64 MiB.".to_owned());
        return Err(problems.sorted());
    }
    let Some(mut table) = Table::open(csv_text, rows, &mut problems) else { return Err(problems.sorted()) };
    let mut members = Vec::new();
    let mut family = Family::default();
    let mut has_central = false;
    while let Some(row) = table.next_row(&mut problems) {
        let id = check_id(&row, &mut problems);
        if let Some(id) = &id {
            family.add(id, row.cell("parent"), row.line(), &mut problems);
        }
        let member = check_row(&row, id, known, &mut problems);
        has_central |= row.cell("kind") == "central";
        members.extend(member);
    }
    family.check(&mut problems);
    if !has_central {
        problems.add(
            1,
            "kind",
            "Chưa có đơn vị loại central (nơi nhận mọi yêu cầu không đơn vị nào phụ trách). Thêm một dòng như vậy."
                .to_owned(),
            "There is no unit of kind central (it takes what no other unit serves). Add one.".to_owned(),
        );
    }
    match Organisation::new(members) {
        Ok(organisation) if problems.none() => Ok(organisation),
        _ => Err(problems.sorted()),
    }
}

/// The problems found so far.
#[derive(Default)]
struct Problems {
    list: Vec<ImportProblem>,
    more: usize,
}

impl Problems {
    fn add(&mut self, line: usize, column: &str, vi: String, en: String) {
        if self.list.len() < MAX_PROBLEMS {
            self.list.push(ImportProblem { line, column_name: column.to_owned(), message_vi: vi, message_en: en });
        } else {
            self.more += 1;
        }
    }

    fn none(&self) -> bool {
        self.list.is_empty()
    }

    /// By line; what was only counted comes last.
    fn sorted(mut self) -> Vec<ImportProblem> {
        self.list.sort_by_key(|problem| problem.line);
        if self.more > 0 {
            let line = self.list.last().map_or(1, |problem| problem.line);
            self.list.push(ImportProblem {
                line,
                column_name: String::new(),
                message_vi: format!("Còn {} lỗi nữa chưa liệt kê.", self.more),
                message_en: format!("{} more problems are not listed.", self.more),
            });
        }
        self.list
    }
}

/// A row's unit, if nothing is wrong with it. Every column is looked at, whatever the others hold.
fn check_row(row: &Row, id: Option<UnitId>, known: &dyn KnownPlaces, problems: &mut Problems) -> Option<Member> {
    let kind = check_kind(row, problems);
    let name = check_name(row, problems);
    let phone = check_phone(row, problems);
    let territory = check_territory(row, known, problems);
    let parent = Some(row.cell("parent")).filter(|parent| !parent.is_empty()).map(UnitId::new);
    let unit = Unit { id: id?, kind: kind?, name: name?, phone: phone? };
    Some(Member { unit, parent, territory: territory? })
}

fn check_id(row: &Row, problems: &mut Problems) -> Option<UnitId> {
    let id = row.cell("id");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let fine =
        id.len() <= MAX_ID && id.starts_with(|first: char| first.is_ascii_alphanumeric()) && id.bytes().all(plain);
    if !fine {
        problems.add(
            row.line(),
            "id",
            format!("Mã đơn vị \"{}\" không hợp lệ: 1 đến {MAX_ID} chữ không dấu, chữ số, _ - .", quoted(id)),
            format!("The id \"{}\" is not valid: 1 to {MAX_ID} unaccented letters, digits, _ - .", quoted(id)),
        );
    }
    fine.then(|| UnitId::new(id))
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

fn check_name(row: &Row, problems: &mut Problems) -> Option<String> {
    let name: String = row.cell("name").nfc().collect();
    let (vi, en) = if name.is_empty() {
        ("Tên đơn vị để trống.".to_owned(), "The name is empty.".to_owned())
    } else if name.chars().count() > MAX_NAME {
        (format!("Tên đơn vị dài hơn {MAX_NAME} ký tự."), format!("The name is longer than {MAX_NAME} characters."))
    } else if name.starts_with(['=', '+', '-', '@']) || name.contains(char::is_control) {
        (
            "Tên đơn vị không được bắt đầu bằng = + - @ hoặc xuống dòng.".to_owned(),
            "A name cannot begin with = + - @ or hold a line break.".to_owned(),
        )
    } else {
        return Some(name);
    };
    problems.add(row.line(), "name", vi, en);
    None
}

/// `Some(None)` when the unit has no number.
fn check_phone(row: &Row, problems: &mut Problems) -> Option<Option<String>> {
    let phone = row.cell("phone");
    if phone.is_empty() {
        return Some(None);
    }
    let written_so = |byte: u8| byte.is_ascii_digit() || b" +.-()".contains(&byte);
    let digits = phone.bytes().filter(u8::is_ascii_digit).count();
    if phone.len() <= MAX_PHONE && digits >= 3 && phone.bytes().all(written_so) && !phone.starts_with('-') {
        return Some(Some(phone.to_owned()));
    }
    problems.add(
        row.line(),
        "phone",
        format!("Số điện thoại không hợp lệ: chỉ chữ số, dấu cách và + . - ( ), 3 chữ số trở lên, tối đa {MAX_PHONE} ký tự."),
        format!("The phone number is not valid: digits, spaces and + . - ( ) only, 3 digits or more, at most {MAX_PHONE} characters."),
    );
    None
}

fn check_territory(row: &Row, known: &dyn KnownPlaces, problems: &mut Problems) -> Option<Vec<Territory>> {
    let mut territory = Vec::new();
    let mut fine = true;
    for item in row.cell("territory").split(';').map(str::trim).filter(|item| !item.is_empty()) {
        match read_territory(item, known) {
            Ok(place) if territory.contains(&place) => {}
            Ok(place) => territory.push(place),
            Err((vi, en)) => {
                problems.add(row.line(), "territory", vi, en);
                fine = false;
            }
        }
    }
    fine.then_some(territory)
}

/// One item of a territory, or what is wrong with it in Vietnamese and English.
fn read_territory(item: &str, known: &dyn KnownPlaces) -> Result<Territory, (String, String)> {
    match item.split_once(':').map(|(level, code)| (level.trim(), code.trim())) {
        Some(("ward", code)) => match known.ward(code) {
            Some(_) => Ok(Territory::Ward(code.to_owned())),
            None => Err((
                format!("Không có phường/xã mã \"{}\" trong danh mục đang hiệu lực.", quoted(code)),
                format!("No commune in force has the code \"{}\".", quoted(code)),
            )),
        },
        Some(("province", code)) => match known.province(code) {
            Some(_) => Ok(Territory::Province(code.to_owned())),
            None => Err((
                format!("Không có tỉnh/thành phố mã \"{}\" trong danh mục đang hiệu lực.", quoted(code)),
                format!("No province in force has the code \"{}\".", quoted(code)),
            )),
        },
        _ => Err((
            format!("Không hiểu địa bàn \"{}\". Viết ward:26740 hoặc province:79, cách nhau bằng dấu ;", quoted(item)),
            format!(
                "The territory \"{}\" is not understood. Write ward:26740 or province:79, separated by ;",
                quoted(item)
            ),
        )),
    }
}

/// The beginning of a text from the table, fit to stand in a message.
fn quoted(text: &str) -> String {
    let mut short: String = text.chars().filter(|one| !one.is_control()).take(40).collect();
    if text.chars().nth(40).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests;
