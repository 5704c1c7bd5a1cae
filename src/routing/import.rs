//! The organisation's tables from CSV: checked whole, every problem with its line, nothing half-imported.
//!
//! The format: UTF-8 (a byte order mark is fine), a header line with these columns in any order, separated by commas
//! or, as spreadsheets save them in Viet Nam, by semicolons throughout. Columns in the second half of a table may be
//! left out, cells of them be empty. Dates are `2026-11-22`; `from` and `to` are the first and the last day.
//!
//! `units.csv`, see `units`:
//!
//! | column | holds |
//! |---|---|
//! | `id` | letters, digits, `_ - .`, at most 64, unique in the table |
//! | `kind` | `central company region province shop sales_route rapid_team agent pos local_authority` |
//! | `name` | what customers may read, at most 200 characters |
//! | `phone` | what customers may call: digits, spaces, `+ . - ( )`; may be empty |
//! | `parent` | the `id` of the unit above, anywhere in the table; may be empty |
//! | `territory` | `;`-separated: `ward:26740;district:760;province:79`; may be empty. More is in `territories.csv` |
//! | `abilities` | `;`-separated: `delivers swaps_sim opens_new enters_quarantine`; empty: the usual of its kind |
//! | `capacity` | the most tickets a day; empty: no limit |
//! | `weight` | 1 to 1000, its share among those that work in one territory; empty: 1 |
//! | `hours` | when it works: `mon-fri 08:00-12:00,13:30-17:30; sat 08:00-12:00`; empty: the usual hours |
//! | `seat` | where its people are: `ward:26740` |
//! | `from`, `to` | when there is such a unit |
//!
//! `territories.csv`, `holidays.csv` and `zones.csv`, see `dated`:
//!
//! | column | holds |
//! |---|---|
//! | `unit` | the `id` of a unit |
//! | `place` | `ward:26740`, `district:760` (of before July 2025), `province:79` or `route:Q1-03` |
//! | `priority` | of several units in one territory the highest come first; empty: 0 |
//! | `from`, `to` | when the unit works there |
//! | `responsible`, `phone` | the employee who answers for the territory: one at a time |
//!
//! `holidays.csv` has `date` and `name`; `zones.csv`, the zones in quarantine, `place`, `from` and `to`.
//!
//! ```csv
//! id,kind,name,phone,parent,territory
//! tong_dai,central,Tổng đài 9090,9090,,
//! hcm,province,MobiFone Thành phố Hồ Chí Minh,,,province:79
//! hcm_sg,shop,Cửa hàng Sài Gòn,028 3822 0000,hcm,ward:26740;ward:26743
//! ```
//!
//! One unit at least is `central`. No field can begin like a formula (`= + - @`, except a phone's `+`), so that a
//! table written back out does nothing when a spreadsheet opens it. Lists of targets, which are no tables of the
//! organisation and may be much longer, are in [`targets`]. Lines are split in `table`, which knows no
//! column's meaning; this module knows no file: the caller reads it and refuses what is not UTF-8.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::organisation::{Organisation, Territory};
use crate::domain::time::Day;
use crate::place::Gazetteer;

mod dated;
mod family;
mod stream;
mod table;
pub mod targets;
mod units;

use table::Row;

/// Longest table, in bytes: 64 MiB.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Most rows of a table.
pub const MAX_ROWS: usize = 1_000_000;
/// Longest line, in bytes: longer ones are mostly a quote that was never closed.
pub const MAX_ROW_BYTES: usize = 64 * 1024;
/// Most problems listed; the rest are counted.
const MAX_PROBLEMS: usize = 10_000;
/// Longest id, and longest code of a route.
const MAX_ID: usize = 64;
/// Longest name, in characters.
const MAX_NAME: usize = 200;
/// Longest phone number, in characters.
const MAX_PHONE: usize = 24;

/// The names of the tables, without `.csv`.
pub const TABLES: [&str; 4] = ["units", "territories", "holidays", "zones"];

/// The texts of the tables; an empty one has no rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables([String; 4]);

impl Tables {
    /// The table of units alone.
    pub fn of_units(units: &str) -> Self {
        Self([units.to_owned(), String::new(), String::new(), String::new()])
    }

    /// The text of one of [`TABLES`].
    pub fn get(&self, table: &str) -> Option<&str> {
        TABLES.iter().position(|name| *name == table).map(|ix| self.0[ix].as_str())
    }

    /// The same with another text for one of [`TABLES`]; `None` when there is no such table.
    #[must_use]
    pub fn with(mut self, table: &str, text: String) -> Option<Self> {
        let ix = TABLES.iter().position(|name| *name == table)?;
        self.0[ix] = text;
        Some(self)
    }
}

/// The places in force, as far as the tables need them. `place`'s gazetteer knows them.
pub trait KnownPlaces {
    /// The full name of the province of this two-digit code.
    fn province(&self, code: &str) -> Option<String>;

    /// The full name of the commune of this five-digit code, and its province's code.
    fn ward(&self, code: &str) -> Option<(String, String)>;

    /// The codes of the communes in force on whose land a district of before July 2025 lay; none if there was none.
    fn communes(&self, district: &str) -> Vec<String>;
}

impl KnownPlaces for Gazetteer {
    fn province(&self, code: &str) -> Option<String> {
        self.province_name(code).map(str::to_owned)
    }

    fn ward(&self, code: &str) -> Option<(String, String)> {
        Some((self.ward_name(code)?.to_owned(), self.province_of(code)?.to_owned()))
    }

    fn communes(&self, district: &str) -> Vec<String> {
        self.communes_of(district).into_iter().map(str::to_owned).collect()
    }
}

/// For tables that were checked when they came: places may have changed since, and a unit without one of its
/// places is better than none.
pub struct Anywhere<'a>(pub &'a Gazetteer);

impl KnownPlaces for Anywhere<'_> {
    fn province(&self, code: &str) -> Option<String> {
        Some(code.to_owned())
    }

    fn ward(&self, code: &str) -> Option<(String, String)> {
        Some((code.to_owned(), String::new()))
    }

    fn communes(&self, district: &str) -> Vec<String> {
        let known = KnownPlaces::communes(self.0, district);
        if known.is_empty() { vec![String::new()] } else { known }
    }
}

/// One thing wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProblem {
    /// The table, one of [`TABLES`] or `targets`.
    pub table: String,
    /// The line, from 1.
    pub line: usize,
    /// The column's name in the header; empty when the whole line or table is meant.
    pub column_name: String,
    /// What is wrong and what to do, in Vietnamese. Holds no name and no number of a person.
    pub message_vi: String,
    /// The same in English.
    pub message_en: String,
}

/// `units.csv:3: kind: ...`, in Vietnamese.
impl std::fmt::Display for ImportProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { table, line, column_name, message_vi, .. } = self;
        let separator = if column_name.is_empty() { "" } else { ": " };
        write!(f, "{table}.csv:{line}: {column_name}{separator}{message_vi}")
    }
}

/// Reads the tables; `known` tells which codes are in force.
///
/// # Errors
/// All that is wrong, by table and line; past ten thousand problems the rest are only counted.
pub fn read(tables: &Tables, known: &dyn KnownPlaces) -> Result<Organisation, Vec<ImportProblem>> {
    read_at_most(MAX_ROWS, tables, known)
}

/// [`read`] with a limit that a test can reach.
fn read_at_most(rows: usize, tables: &Tables, known: &dyn KnownPlaces) -> Result<Organisation, Vec<ImportProblem>> {
    let mut problems = Problems::new(TABLES[0]);
    for (name, text) in TABLES.iter().zip(&tables.0) {
        problems.table = name;
        if text.len() > MAX_BYTES {
            problems.add(1, "", "Tệp lớn hơn 64 MiB.".to_owned(), "The file is larger than 64 MiB.".to_owned());
        }
    }
    if !problems.none() {
        return Err(problems.sorted());
    }
    let [units, territories, holidays, zones] = &tables.0;
    problems.table = TABLES[0];
    let (members, mut assignments) = units::read(units, rows, known, &mut problems);
    problems.table = TABLES[1];
    assignments.extend(dated::assignments(territories, rows, &members, known, &mut problems));
    problems.table = TABLES[2];
    let holidays = dated::holidays(holidays, rows, &mut problems);
    problems.table = TABLES[3];
    let zones = dated::zones(zones, rows, known, &mut problems);
    match Organisation::new(members, assignments) {
        Ok(organisation) if problems.none() => {
            Ok(organisation.with(holidays, zones, &|district| known.communes(district)))
        }
        _ => Err(problems.sorted()),
    }
}

/// The problems found so far, and the table being read.
struct Problems {
    table: &'static str,
    list: Vec<ImportProblem>,
    more: usize,
}

impl Problems {
    fn new(table: &'static str) -> Self {
        Self { table, list: Vec::new(), more: 0 }
    }

    fn add(&mut self, line: usize, column: &str, vi: String, en: String) {
        if self.list.len() < MAX_PROBLEMS {
            let (table, column_name) = (self.table.to_owned(), column.to_owned());
            self.list.push(ImportProblem { table, line, column_name, message_vi: vi, message_en: en });
        } else {
            self.more += 1;
        }
    }

    fn none(&self) -> bool {
        self.list.is_empty()
    }

    /// By table and line; what was only counted comes last.
    fn sorted(mut self) -> Vec<ImportProblem> {
        let table = |problem: &ImportProblem| TABLES.iter().position(|name| *name == problem.table);
        self.list.sort_by_key(|problem| (table(problem), problem.line));
        if self.more > 0 {
            let (table, line) = self.list.last().map_or(("", 1), |problem| (problem.table.as_str(), problem.line));
            self.list.push(ImportProblem {
                table: table.to_owned(),
                line,
                column_name: String::new(),
                message_vi: format!("Còn {} lỗi nữa chưa liệt kê.", self.more),
                message_en: format!("{} more problems are not listed.", self.more),
            });
        }
        self.list
    }
}

/// One territory, or what is wrong with it in Vietnamese and English.
fn read_territory(item: &str, known: &dyn KnownPlaces) -> Result<Territory, (String, String)> {
    match item.split_once(':').map(|(level, code)| (level.trim(), code.trim())) {
        Some(("ward", code)) => match known.ward(code) {
            Some(_) => Ok(Territory::Ward(code.to_owned())),
            None => Err((
                format!("Không có phường/xã mã \"{}\" trong danh mục đang hiệu lực.", quoted(code)),
                format!("No commune in force has the code \"{}\".", quoted(code)),
            )),
        },
        Some(("district", code)) => match known.communes(code).is_empty() {
            false => Ok(Territory::District(code.to_owned())),
            true => Err((
                format!("Không có quận/huyện cũ mã \"{}\".", quoted(code)),
                format!("There was no district with the code \"{}\".", quoted(code)),
            )),
        },
        Some(("province", code)) => match known.province(code) {
            Some(_) => Ok(Territory::Province(code.to_owned())),
            None => Err((
                format!("Không có tỉnh/thành phố mã \"{}\" trong danh mục đang hiệu lực.", quoted(code)),
                format!("No province in force has the code \"{}\".", quoted(code)),
            )),
        },
        Some(("route", code)) if is_code(code) => Ok(Territory::Route(code.to_owned())),
        _ => Err((
            format!(
                "Không hiểu địa bàn \"{}\". Viết ward:26740, district:760, province:79 hoặc route:Q1-03.",
                quoted(item)
            ),
            format!(
                "The territory \"{}\" is not understood. Write ward:26740, district:760, province:79 or route:Q1-03.",
                quoted(item)
            ),
        )),
    }
}

/// Whether a text can be an id or the code of a route.
fn is_code(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    text.len() <= MAX_ID && text.starts_with(|first: char| first.is_ascii_alphanumeric()) && text.bytes().all(plain)
}

/// A day of a table's cell; an empty cell is no day and no problem.
fn read_day(row: &Row, column: &str, problems: &mut Problems) -> Option<Day> {
    let text = row.cell(column);
    let day = Day::parse_iso(text);
    if day.is_none() && !text.is_empty() {
        problems.add(
            row.line(),
            column,
            format!("\"{}\" không phải ngày. Viết như 2026-11-22.", quoted(text)),
            format!("\"{}\" is no date. Write it as 2026-11-22.", quoted(text)),
        );
    }
    day
}

/// The days of the columns `from` and `to`.
fn read_span(row: &Row, problems: &mut Problems) -> super::Span {
    let span = super::Span { from: read_day(row, "from", problems), to: read_day(row, "to", problems) };
    if span.from.zip(span.to).is_some_and(|(from, to)| to < from) {
        problems.add(
            row.line(),
            "to",
            "Ngày cuối đứng trước ngày đầu.".to_owned(),
            "The last day is before the first.".to_owned(),
        );
    }
    span
}

/// A whole number of a cell between two others; `usual` where it is empty.
fn read_number(row: &Row, column: &str, usual: i64, fit: RangeInclusive<i64>, problems: &mut Problems) -> i64 {
    let text = row.cell(column);
    if text.is_empty() {
        return usual;
    }
    text.parse().ok().filter(|number| fit.contains(number)).unwrap_or_else(|| {
        let (least, most) = (fit.start(), fit.end());
        problems.add(
            row.line(),
            column,
            format!("\"{}\" không phải số nguyên từ {least} đến {most}.", quoted(text)),
            format!("\"{}\" is no whole number from {least} to {most}.", quoted(text)),
        );
        usual
    })
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
