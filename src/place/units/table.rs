//! The official tables of units, as published: checked, and turned into the compact text.
//!
//! Tab-separated, UTF-8, a header line, no quoting, one file a table. Columns are found by their names; others
//! are passed over. Knows no folder: the caller brings the texts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::compact::MAX_BYTES;
use super::{Centre, Kind, Problem, Units};
use crate::text::plain;

/// The tables; those from `old_former_names.tsv` on may be missing.
pub const FILES: [&str; 9] = [
    "provinces_new.tsv",
    "wards_new.tsv",
    "provinces_old.tsv",
    "province_old_to_new.tsv",
    "districts_old.tsv",
    "wards_old.tsv",
    "ward_old_to_new.tsv",
    "old_former_names.tsv",
    "aliases.tsv",
];
/// How many of [`FILES`] must be there.
const NEEDED: usize = 7;
/// What `status` says of units that were there at the reform.
const UNTIL_THE_REFORM: &str = "2025-06-30";

/// Reads the tables; `text` gives each by its file name, in the order of [`FILES`].
///
/// # Errors
/// All lines that are wrong, with their file.
pub fn read(text: impl Fn(&'static str) -> Option<String>) -> Result<Units, Vec<Problem>> {
    let texts = FILES.map(|file| text(file).unwrap_or_default());
    let missing = FILES[..NEEDED].iter().zip(&texts).filter(|(_, text)| text.is_empty());
    let mut problems: Vec<Problem> = missing.map(|(file, _)| problem(file, 0, "is missing or empty")).collect();
    let too_large = FILES.iter().zip(&texts).filter(|(_, text)| text.len() > MAX_BYTES);
    problems.extend(too_large.map(|(file, _)| problem(file, 0, "is larger than 8 MiB")));
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut tables = Tables { texts: &texts, problems };
    let compact = tables.compact();
    if tables.problems.is_empty() {
        return Units::parse(&compact);
    }
    // Tables that are asked twice tell twice.
    let mut told = BTreeSet::new();
    tables.problems.retain(|problem| told.insert(problem.to_string()));
    Err(tables.problems)
}

fn problem(file: &'static str, line: usize, message: &str) -> Problem {
    Problem { file, line, message: message.to_owned() }
}

struct Tables<'a> {
    texts: &'a [String; 9],
    problems: Vec<Problem>,
}

/// A row's cells in the order in which its columns were asked for, and its line.
struct Row<'a, const N: usize> {
    line: usize,
    cells: [&'a str; N],
}

impl<'a> Tables<'a> {
    /// The rows of a table.
    fn rows<const N: usize>(&mut self, file: usize, columns: [&str; N]) -> Vec<Row<'a, N>> {
        let mut lines = self.texts[file].strip_prefix('\u{feff}').unwrap_or(&self.texts[file]).lines().enumerate();
        let header: Vec<&str> = lines.next().map_or_else(Vec::new, |(_, header)| header.split('\t').collect());
        let places = columns.map(|column| header.iter().position(|name| *name == column));
        if let Some(lost) = columns.iter().zip(places).find(|(_, place)| place.is_none() && !header.is_empty()) {
            self.problems.push(problem(FILES[file], 1, &format!("the column {:?} is missing", lost.0)));
            return Vec::new();
        }
        let mut rows = Vec::new();
        for (at, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
            let cells = places.map(|place| place.and_then(|place| fields.get(place)).copied().unwrap_or_default());
            if fields.len() == header.len() {
                rows.push(Row { line: at + 1, cells });
            } else {
                let message = format!("{} cells instead of {}", fields.len(), header.len());
                self.problems.push(problem(FILES[file], at + 1, &message));
            }
        }
        rows
    }

    /// Rows by the code in their first column, under the code in their second; each code once.
    fn below<const N: usize>(&mut self, file: usize, columns: [&str; N]) -> BTreeMap<&'a str, Vec<Row<'a, N>>> {
        let mut below: BTreeMap<&str, Vec<Row<'a, N>>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for row in self.rows(file, columns) {
            if seen.insert(row.cells[0]) {
                below.entry(row.cells[1]).or_default().push(row);
            } else {
                self.problems.push(problem(FILES[file], row.line, &format!("the code {} stands twice", row.cells[0])));
            }
        }
        below
    }

    /// What is left below a parent that no other table knows.
    fn orphans<const N: usize>(&mut self, file: usize, below: BTreeMap<&'a str, Vec<Row<'a, N>>>) {
        for (parent, rows) in below {
            for row in rows {
                self.problems.push(problem(
                    FILES[file],
                    row.line,
                    &format!("it lies in {parent:?}, which is not there"),
                ));
            }
        }
    }

    fn compact(&mut self) -> String {
        let mut text = String::new();
        let mut line = |row: std::fmt::Arguments<'_>| writeln!(text, "{row}").expect("writing to a string");
        let mut communes = self.below(1, ["code", "province_code", "full_name", "lat", "lon", "area_km2"]);
        let other_names = self.other_names();
        let more =
            |level: &'static str, code: &str| other_names.get(&(level, code.to_owned())).map_or("", String::as_str);
        for Row { cells: [code, name], .. } in self.rows(0, ["code", "full_name"]) {
            line(format_args!("P\t{code}\t{name}"));
            for Row { cells: [code, _, name, centre @ ..], .. } in communes.remove(code).unwrap_or_default() {
                // An area of nothing is one that nobody knows.
                let is_known = |number: &&str| !number.is_empty() && number.parse::<f64>() != Ok(0.0);
                let known: Vec<&str> = centre.into_iter().filter(is_known).collect();
                let centre = if known.is_empty() { String::new() } else { format!("\t{}", known.join(",")) };
                line(format_args!("C\t{code}\t{name}{centre}"));
            }
        }
        self.orphans(1, communes);
        let became: BTreeMap<&str, &str> = self
            .rows(3, ["old_code", "new_code"])
            .into_iter()
            .map(|Row { cells: [old, new], .. }| (old, new))
            .collect();
        let successors = self.successors();
        let now = |code: &str| successors.get(code).map_or_else(String::new, |codes| format!("\t{}", codes.join(",")));
        let mut districts = self.below(4, ["code", "province_code", "full_name"]);
        let mut wards = self.below(5, ["code", "district_code", "full_name", "status"]);
        for Row { cells: [code, name], .. } in self.rows(2, ["code", "full_name"]) {
            line(format_args!("p\t{code}\t{name}\t{}{}", became.get(code).unwrap_or(&""), more("province", code)));
            for Row { cells: [code, _, name], .. } in districts.remove(code).unwrap_or_default() {
                line(format_args!("d\t{code}\t{name}{}{}", now(code), more("district", code)));
                for Row { cells: [code, _, name, status], .. } in wards.remove(code).unwrap_or_default() {
                    let tag = if status == UNTIL_THE_REFORM { 'w' } else { 'x' };
                    line(format_args!("{tag}\t{code}\t{name}{}{}", now(code), more("ward", code)));
                }
            }
        }
        self.orphans(4, districts);
        self.orphans(5, wards);
        text
    }

    /// What wards, and districts without wards, became; the default first.
    fn successors(&mut self) -> BTreeMap<&'a str, Vec<&'a str>> {
        let mut successors: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let in_force: BTreeSet<&str> =
            self.rows(1, ["code"]).into_iter().map(|Row { cells: [code], .. }| code).collect();
        for Row { line, cells: [old, new, is_default] } in self.rows(6, ["old_code", "new_code", "is_default"]) {
            if !in_force.contains(new) {
                self.problems.push(problem(FILES[6], line, &format!("{new:?} is no commune in force")));
            }
            let targets = successors.entry(old).or_default();
            targets.insert(if is_default == "1" { 0 } else { targets.len() }, new);
        }
        successors
    }

    /// Lines with the other names of old units, by level and code.
    fn other_names(&mut self) -> BTreeMap<(&'static str, String), String> {
        let mut lines: BTreeMap<(&'static str, String), BTreeSet<String>> = BTreeMap::new();
        let mut known: BTreeMap<(&'static str, String), BTreeSet<String>> = BTreeMap::new();
        for (level, file) in [("province", 2), ("district", 4), ("ward", 5)] {
            for Row { cells: [code, name], .. } in self.rows(file, ["code", "full_name"]) {
                known.entry((level, code.to_owned())).or_default().insert(letters(name));
            }
        }
        for Row { cells: [level, code, former], .. } in self.rows(7, ["level", "code", "former"]) {
            let (level, line) = match level {
                "district" => ("district", format!("=\t{former}")),
                "ward" => ("ward", format!("=\t{former}")),
                _ => ("ward", format!("^\t{former}")),
            };
            known.entry((level, code.to_owned())).or_default().insert(letters(former));
            lines.entry((level, code.to_owned())).or_default().insert(line);
        }
        for Row { cells: [level, code, alias], .. } in self.rows(8, ["level", "code", "alias"]) {
            let level = match level {
                "province_old" => "province",
                "district_old" => "district",
                "ward_old" => "ward",
                _ => continue,
            };
            let unit = (level, code.to_owned());
            // A code that no table knows any more has no name to add to.
            let Some(known) = known.get_mut(&unit) else { continue };
            let letters = letters(alias);
            let name = if alias.is_ascii() { letters.clone() } else { alias.to_owned() };
            if !letters.is_empty() && !letters.contains(|char: char| char.is_ascii_digit()) && known.insert(letters) {
                lines.entry(unit).or_default().insert(format!("~\t{name}"));
            }
        }
        lines
            .into_iter()
            .map(|(unit, lines)| (unit, lines.iter().fold(String::new(), |all, line| all + "\n" + line)))
            .collect()
    }
}

/// The bare letters of a name without its type word: what two spellings have in common.
fn letters(name: &str) -> String {
    const WORDS: [&str; 13] =
        ["thanhpho", "thitran", "district", "phuong", "huyen", "thixa", "quan", "tinh", "ward", "xa", "tx", "tp", "q"];
    let bare = Kind::split(name).map_or(name, |(_, bare)| bare);
    let all: String = plain(bare).chars().filter(char::is_ascii_alphanumeric).collect();
    let rest = WORDS
        .iter()
        .find_map(|word| all.strip_prefix(word))
        .filter(|rest| rest.len() > 1 || rest.parse::<u8>().is_ok());
    rest.map_or_else(|| all.clone(), str::to_owned)
}

/// A commune's centre as the tables write it.
impl std::fmt::Display for Centre {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{},{}", self.latitude, self.longitude)?;
        self.area.map_or(Ok(()), |area| write!(f, ",{area}"))
    }
}
