//! Lists of targets from CSV: the subscribers a campaign should reach, and the units that have to reach them.
//!
//! A list may have millions of rows, so it is neither held whole nor refused whole: [`TargetFile`] looks it through,
//! [`TargetRows`] reads the good rows again in the order in which they are stored fastest, [`Partition`] gives each to
//! its unit, and what is wrong is told by line and left out. The same list again says the same. The form is that of the organisation's tables:
//!
//! | column | holds |
//! |---|---|
//! | `phone` | the subscriber's mobile number, as people write it |
//! | `name` | the subscriber's name, at most 200 characters |
//! | `address` | where they live, in words, at most 500 characters |
//! | `ward`, `province` | the codes of that, as in `ward:26740` and `province:79`; lost leading zeros are put back |
//! | `route` | the code of a sales route |
//! | `unit` | the `id` of the unit that has to reach them |
//!
//! All but `phone` may be left out or empty. Nobody is refused for having no place: the central unit has them then.

use std::collections::HashMap;
use std::io::{self, BufRead, Seek};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::stream::{Flaw, Records};
use super::table::{Columns, find_columns};
use super::{ImportProblem, MAX_ID, MAX_NAME, MAX_ROW_BYTES, Problems, is_code, quoted};
use crate::domain::address::Address;
use crate::domain::id::UnitId;
use crate::domain::phone::Phone;
use crate::domain::target::{Target, TargetState};
use crate::domain::ticket::TicketKind;
use crate::domain::time::{Day, Timestamp};
use crate::domain::unit::UnitKind;
use crate::place::{Gazetteer, Hint};
use crate::routing::Idle;
use crate::routing::organisation::{Organisation, Person, Territory};
use crate::text::phone::{self, PhoneKind};

/// Most rows of a list.
pub const MAX_TARGETS: usize = 5_000_000;
/// The name of such a table in problems.
const TABLE: &str = "targets";
/// Longest address, in characters.
const MAX_ADDRESS: usize = 500;
/// Most bytes of text in a piece.
const MAX_PIECE_BYTES: usize = 4 << 20;

const COLUMNS: Columns =
    Columns { needed: &["phone"], more: &["name", "address", "ward", "province", "route", "unit"] };

/// A row as it was written, once its number was understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetRow {
    /// The line it begins on.
    pub line: usize,
    /// Whose SIM.
    pub phone: Phone,
    /// The subscriber's name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Where they live, in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address: Option<String>,
    /// Five digits; perhaps no commune's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ward: Option<String>,
    /// Two digits; perhaps no province's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub province: Option<String>,
    /// The code of a sales route.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub route: Option<String>,
    /// An id; perhaps no unit's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit: Option<UnitId>,
}

/// What was seen of some rows of a list on end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How many there are, good and bad; none at the end of the list.
    pub rows: u64,
    /// How many of them are bad.
    pub bad: u64,
    /// What is wrong with those, by line.
    pub problems: Vec<ImportProblem>,
}

/// A list that is looked through for the first time, from its beginning to its end. Of each row 24 bytes are kept:
/// where it is, and whose.
pub struct TargetFile<R> {
    records: Records<R>,
    header: Header,
    part: fn(&Phone) -> u16,
    read: usize,
    most_rows: usize,
    found: Vec<Found>,
}

/// Where each column stands, of those that are there, and how many there are.
struct Header {
    places: Vec<(&'static str, usize)>,
    width: usize,
}

/// A good row: where it comes in the order of parts and numbers, and where in the file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    part: u16,
    number: u32,
    line: u32,
    start: u64,
}

impl<R: BufRead> TargetFile<R> {
    /// Reads the header. `part` tells by which parts of all numbers the rows will be ordered.
    ///
    /// # Errors
    /// What is wrong with it, or that the file cannot be read.
    pub fn open(file: R, part: fn(&Phone) -> u16) -> Result<Self, Vec<ImportProblem>> {
        Self::open_at_most(MAX_TARGETS, file, part)
    }

    /// [`Self::open`] with a limit that a test can reach.
    fn open_at_most(most_rows: usize, file: R, part: fn(&Phone) -> u16) -> Result<Self, Vec<ImportProblem>> {
        let mut records = Records::of(file);
        let mut problems = Problems::new(TABLE);
        let opened = records.open();
        let line = records.line().max(1);
        let places = match opened {
            Err(error) => {
                problems.add(line, "", format!("Không đọc được tệp: {error}."), format!("Cannot be read: {error}."));
                None
            }
            Ok(Some(Err(flaw))) => {
                let (vi, en) = told(flaw);
                problems.add(line, "", vi, en);
                None
            }
            Ok(_) => {
                let header: Vec<&str> = records.cells().collect();
                find_columns(COLUMNS, &header, line, &mut problems)
            }
        };
        let places = places.ok_or_else(|| problems.sorted())?;
        let header = Header { places, width: records.width() };
        Ok(Self { records, header, part, read: 0, most_rows, found: Vec::new() })
    }

    /// Looks at the next rows, of at most so many.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn look(&mut self, rows: u64) -> io::Result<Seen> {
        let mut seen = Seen::default();
        let mut problems = Problems::new(TABLE);
        while seen.rows < rows && self.read <= self.most_rows {
            let Some(record) = self.records.advance()? else { break };
            if record.is_ok() && self.records.cells().all(str::is_empty) {
                continue; // spreadsheets save such rows below the last one
            }
            self.read += 1;
            seen.rows += 1;
            let (line, most) = (self.records.line(), self.most_rows);
            let row = if self.read > most {
                let vi = format!("Danh sách có hơn {most} dòng; từ dòng này không đọc nữa.");
                problems.add(line, "", vi, format!("The list has more than {most} rows; reading stopped here."));
                None
            } else {
                self.header.row(&self.records, record, &mut problems)
            };
            match row {
                Some(row) => self.found.push(Found {
                    part: (self.part)(&row.phone),
                    number: number(&row.phone),
                    line: u32::try_from(line).unwrap_or(u32::MAX),
                    start: self.records.start(),
                }),
                None => seen.bad += 1,
            }
        }
        seen.problems = problems.sorted();
        Ok(seen)
    }

    /// How much of the file was read, in bytes.
    pub fn bytes(&self) -> u64 {
        self.records.bytes()
    }

    /// The good rows, in order, each number once. `file` is the same one opened again; it is read by single rows.
    pub fn ordered<S: BufRead + Seek>(self, file: S) -> TargetRows<S> {
        let Self { records, header, mut found, .. } = self;
        found.sort_unstable();
        let (mut repeated, mut problems) = (0, Problems::new(TABLE));
        let mut last: Option<Found> = None;
        // From behind, the first one of a number is the one that counts.
        let mut kept: Vec<Found> = found;
        kept.reverse();
        kept.retain(|row| {
            let Some(counts) = last.filter(|last| last.number == row.number) else {
                last = Some(*row);
                return true;
            };
            repeated += 1;
            let (line, phone) = (counts.line, Phone::from_significant(&row.number.to_string()).masked());
            let vi = format!("Số {phone} có lại ở dòng {line}; dùng dòng đó.");
            problems.add(row.line as usize, "phone", vi, format!("{phone} comes again on line {line}, which counts."));
            false
        });
        let problems = problems.sorted();
        TargetRows { records: records.of_again(file), header, left: kept, repeated, problems }
    }
}

/// The good rows of a list that was looked through.
pub struct TargetRows<R> {
    records: Records<R>,
    header: Header,
    /// Those not yet handed out, the next one last.
    left: Vec<Found>,
    repeated: u64,
    problems: Vec<ImportProblem>,
}

impl<R: BufRead + Seek> TargetRows<R> {
    /// How many rows do not count because their number comes again further down.
    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    /// What is to be told of those, by line.
    pub fn problems(&self) -> &[ImportProblem] {
        &self.problems
    }

    /// How many rows are left.
    pub fn left(&self) -> u64 {
        self.left.len() as u64
    }

    /// The next rows, of at most so many; none at the end.
    ///
    /// # Errors
    /// When the file cannot be read, or is not what it was.
    pub fn next_rows(&mut self, rows: usize) -> io::Result<Vec<TargetRow>> {
        let (mut taken, mut size) = (Vec::new(), 0);
        while taken.len() < rows && size < MAX_PIECE_BYTES {
            let Some(next) = self.left.pop() else { break };
            let record = self.records.advance_to(next.start)?.unwrap_or(Err(Flaw::Unclosed));
            let row = self.header.row(&self.records, record, &mut Problems::new(TABLE));
            let row = row.filter(|row| number(&row.phone) == next.number);
            let row = row.ok_or_else(|| io::Error::other("the file was changed while it was read"))?;
            size += [&row.name, &row.address].into_iter().flatten().map(String::len).sum::<usize>() + 100;
            taken.push(TargetRow { line: next.line as usize, ..row });
        }
        Ok(taken)
    }
}

impl Header {
    /// The current record as a row.
    fn row<R>(&self, records: &Records<R>, record: Result<(), Flaw>, problems: &mut Problems) -> Option<TargetRow> {
        let line = records.line();
        let mut refuse = |column: &str, (vi, en): (String, String)| problems.add(line, column, vi, en);
        if let Err(flaw) = record {
            refuse("", told(flaw));
            return None;
        }
        let (found, wanted) = (records.width(), self.width);
        if found != wanted {
            let vi = format!("Dòng có {found} ô, cần {wanted} ô như dòng tiêu đề.");
            refuse("", (vi, format!("The row has {found} fields; the header has {wanted}.")));
            return None;
        }
        let cell = |column: &str| {
            let place = self.places.iter().find(|(name, _)| *name == column);
            place.map_or("", |(_, place)| records.cell(*place))
        };
        let mut fine = true;
        let mut take = |column: &str, read: fn(&str) -> Result<String, (String, String)>| {
            let text = cell(column);
            let read = if text.is_empty() { return None } else { read(text) };
            read.inspect_err(|_| fine = false).map_err(|wrong| refuse(column, wrong)).ok()
        };
        let name = take("name", |text| read_words(text, MAX_NAME));
        let address = take("address", |text| read_words(text, MAX_ADDRESS));
        let ward = take("ward", |text| read_digits(text, 5));
        let province = take("province", |text| read_digits(text, 2));
        let route = take("route", read_code);
        let unit = take("unit", read_code).map(UnitId::new);
        let phone = read_phone(cell("phone")).map_err(|wrong| refuse("phone", wrong)).ok()?;
        fine.then_some(TargetRow { line, phone, name, address, ward, province, route, unit })
    }
}

/// A mobile number's nine digits as a number.
fn number(phone: &Phone) -> u32 {
    phone.e164().trim_start_matches("+84").parse().unwrap_or(0)
}

/// The number, or why there is none. Never says the number: problems are shown and kept.
fn read_phone(text: &str) -> Result<Phone, (String, String)> {
    if text.is_empty() {
        return Err(("Thiếu số điện thoại.".to_owned(), "The phone number is missing.".to_owned()));
    }
    // Spreadsheets take the leading zero away; in talk such digits are doubtful.
    let is_bare = text.len() == 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    let reading = if is_bare { phone::read(&format!("0{text}")) } else { phone::read(text) };
    if let Some(phone) = reading.phone.filter(|_| reading.kind == PhoneKind::Mobile) {
        return Ok(phone);
    }
    let (vi, en) = match reading.candidates.len() {
        0 => ("Không phải số điện thoại.", "This is no phone number."),
        1 if reading.kind == PhoneKind::Landline => ("Là số cố định, không có SIM.", "This is a fixed line: no SIM."),
        1 => ("Số điện thoại không rõ.", "The phone number is doubtful."),
        _ => ("Có nhiều số điện thoại trong một ô.", "There are several phone numbers in one field."),
    };
    Err((vi.to_owned(), en.to_owned()))
}

/// Words on one line.
fn read_words(text: &str, most: usize) -> Result<String, (String, String)> {
    let words: String = text.nfc().map(|one| if one.is_control() { ' ' } else { one }).collect();
    if words.chars().count() > most {
        return Err((format!("Dài hơn {most} ký tự."), format!("Longer than {most} characters.")));
    }
    Ok(words)
}

/// A code of so many digits: spreadsheets take leading zeros away.
fn read_digits(text: &str, length: usize) -> Result<String, (String, String)> {
    if text.len() <= length && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(format!("{text:0>length$}"));
    }
    let text = quoted(text);
    Err((format!("\"{text}\" không phải mã {length} chữ số."), format!("\"{text}\" is no code of {length} digits.")))
}

fn read_code(text: &str) -> Result<String, (String, String)> {
    if is_code(text) {
        return Ok(text.to_owned());
    }
    let text = quoted(text);
    Err((
        format!("Mã \"{text}\" không hợp lệ: 1 đến {MAX_ID} chữ không dấu, chữ số, _ - ."),
        format!("The code \"{text}\" is not valid: 1 to {MAX_ID} unaccented letters, digits, _ - ."),
    ))
}

fn told(flaw: Flaw) -> (String, String) {
    match flaw {
        Flaw::TooLong => {
            (format!("Dòng dài hơn {MAX_ROW_BYTES} byte."), format!("The row is longer than {MAX_ROW_BYTES} bytes."))
        }
        Flaw::Unclosed => {
            ("Thiếu dấu ngoặc kép đóng \".".to_owned(), "A quote \" is opened and never closed.".to_owned())
        }
        Flaw::TooWide => ("Dòng có quá nhiều ô.".to_owned(), "The row has too many fields.".to_owned()),
        Flaw::NotText => ("Dòng không phải UTF-8.".to_owned(), "The row is not UTF-8.".to_owned()),
    }
}

/// The codes of a commune and a province.
type Place = (Option<String>, Option<String>);
/// A column, and what is wrong there in Vietnamese and English.
type Wrong = (&'static str, String, String);

/// Gives the rows of a list to the units, as of a day.
pub struct Partition<'a> {
    organisation: &'a Organisation,
    places: &'a Gazetteer,
    at: Timestamp,
    day: Day,
    /// What was decided for a place already.
    decided: HashMap<Place, UnitId>,
}

impl<'a> Partition<'a> {
    /// Among the units of this organisation, at this moment.
    pub fn new(organisation: &'a Organisation, places: &'a Gazetteer, at: Timestamp) -> Self {
        Self { organisation, places, at, day: at.day(), decided: HashMap::new() }
    }

    /// The row with its place and its unit: that of the row itself, else of its route, else of its place.
    ///
    /// # Errors
    /// When it names a place or a unit that does not exist.
    pub fn give(&mut self, row: TargetRow) -> Result<Target, ImportProblem> {
        let line = row.line;
        self.given(row).map_err(|(column, message_vi, message_en)| ImportProblem {
            table: TABLE.to_owned(),
            line,
            column_name: column.to_owned(),
            message_vi,
            message_en,
        })
    }

    fn given(&mut self, row: TargetRow) -> Result<Target, Wrong> {
        let (ward, province) = self.place(&row)?;
        let named = row.unit.as_ref().map(|unit| self.named(unit)).transpose()?;
        let of_route = || row.route.as_deref().and_then(|route| self.of_route(route));
        let given_to = named.or_else(of_route).unwrap_or_else(|| self.of_place(&ward, &province));
        let TargetRow { phone, name, address, route, unit, .. } = row;
        let (state, at) = (TargetState::New, self.at);
        Ok(Target { phone, name, ward, province, address, route, unit, given_to, state, at })
    }

    /// The codes of the commune and the province, by the row's own codes or else by its address.
    fn place(&self, row: &TargetRow) -> Result<Place, Wrong> {
        if let Some(code) = &row.ward {
            if self.places.ward_name(code).is_none() {
                let vi = format!("Không có phường/xã mã \"{code}\" trong danh mục đang hiệu lực.");
                return Err(("ward", vi, format!("No commune in force has the code \"{code}\".")));
            }
            let province = self.places.province_of(code).map(str::to_owned);
            if let Some(said) = row.province.as_ref().filter(|said| province.as_ref() != Some(said)) {
                let vi = format!("Phường/xã {code} không thuộc tỉnh/thành phố {said}.");
                return Err(("province", vi, format!("The commune {code} is not in the province {said}.")));
            }
            return Ok((Some(code.clone()), province));
        }
        if let Some(code) = row.province.as_ref().filter(|code| self.places.province_name(code).is_none()) {
            let vi = format!("Không có tỉnh/thành phố mã \"{code}\" trong danh mục đang hiệu lực.");
            return Err(("province", vi, format!("No province in force has the code \"{code}\".")));
        }
        let Some(text) = &row.address else { return Ok((None, row.province.clone())) };
        let hint = Hint { province: row.province.clone(), ..Hint::default() };
        let reading = self.places.resolve(text, &hint);
        let Address { ward, province, .. } = reading.address;
        let fits = reading.doubt.is_none() && row.province.as_ref().is_none_or(|said| province.as_ref() == Some(said));
        Ok(if fits { (ward, province) } else { (None, row.province.clone()) })
    }

    fn named(&self, id: &UnitId) -> Result<UnitId, Wrong> {
        match self.organisation.unit(id) {
            Some(member) if member.valid.holds(self.day) => Ok(id.clone()),
            Some(_) => {
                let vi = format!("Đơn vị \"{id}\" không hoạt động vào ngày này.");
                Err(("unit", vi, format!("The unit \"{id}\" is closed on this day.")))
            }
            None => {
                let vi = format!("Không có đơn vị mã \"{id}\" trong bảng đơn vị.");
                Err(("unit", vi, format!("The table of units has no unit with the id \"{id}\".")))
            }
        }
    }

    fn of_route(&self, route: &str) -> Option<UnitId> {
        let route = Territory::Route(route.to_owned());
        let mut units =
            self.organisation.claims_on(&route, self.day).map(|claim| &self.organisation.member(claim.unit).unit);
        units.find(|unit| unit.kind != UnitKind::LocalAuthority).map(|unit| unit.id.clone())
    }

    fn of_place(&mut self, ward: &Option<String>, province: &Option<String>) -> UnitId {
        let place = (ward.clone(), province.clone());
        let decide = || {
            let address = Address { ward: ward.clone(), province: province.clone(), ..Address::default() };
            self.organisation.dry_run(TicketKind::SimSwap, address, self.day, &Idle).decision.unit.id
        };
        self.decided.entry(place).or_insert_with(decide).clone()
    }
}

/// Who answers for a target on a day: for its route, else for its commune, its old district, its province.
pub fn responsible<'a>(organisation: &'a Organisation, target: &Target, day: Day) -> Option<&'a Person> {
    let districts = target.ward.as_deref().map_or(&[][..], |ward| organisation.districts_of(ward));
    let mut territories = (target.route.clone().map(Territory::Route).into_iter())
        .chain(target.ward.clone().map(Territory::Ward))
        .chain(districts.iter().cloned().map(Territory::District))
        .chain(target.province.clone().map(Territory::Province));
    territories.find_map(|territory| organisation.responsible(&territory, day))
}

#[cfg(test)]
mod tests;
