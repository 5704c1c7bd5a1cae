//! The administrative units of Viet Nam as data: those in force, those before July 2025, and what became of them.
//!
//! One compact text holds them all: the program carries one, and an operator can put a newer one beside it, made
//! from the official tables by [`table`]. How units are found by name is in `names`.
//!
//! The text is UTF-8, one unit a line, tab-separated, a unit below the one it lies in; `#` opens a remark:
//!
//! | line | holds |
//! |---|---|
//! | `P 79 Thành phố Hồ Chí Minh` | a province in force |
//! | `C 26740 Phường Sài Gòn 10.7769,106.701,3.04` | a commune in force; degrees north and east of its centre, square kilometres |
//! | `p 77 Tỉnh Bà Rịa - Vũng Tàu 79` | a province until June 2025, and what it became |
//! | `d 760 Quận 1` | its district; one without wards, such as an island, tells what it became like a ward |
//! | `w 26734 Phường Tân Định 26737,26740` | the district's ward, and what it became, the default first; none when unknown |
//! | `x 00223 Phường Thịnh Quang` | the same, abolished before June 2025 |
//! | `= Thị trấn Mộc Châu` | how the unit above was called before |
//! | `~ bui xa` | what the unit above also goes by |
//! | `^ 219` | a district in which the ward above lay before |

use std::collections::BTreeMap;

use super::Scheme;
use crate::text::plain;

mod compact;
pub mod table;
#[cfg(test)]
mod tests;

/// Level of a unit, coarse to fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Tỉnh, thành phố trực thuộc trung ương.
    Province,
    /// Quận, huyện, thị xã, thành phố thuộc tỉnh: until June 2025.
    District,
    /// Phường, xã, thị trấn, đặc khu.
    Ward,
}

/// The type word in a unit's full name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `Tỉnh`
    Province,
    /// `Thành phố`, a province or an old district.
    City,
    /// `Quận`
    UrbanDistrict,
    /// `Huyện`
    RuralDistrict,
    /// `Thị xã`
    Town,
    /// `Phường`
    UrbanWard,
    /// `Xã`
    Commune,
    /// `Thị trấn`
    Township,
    /// `Đặc khu`
    SpecialZone,
}

impl Kind {
    /// Every kind by its type word.
    const WORDS: [(&'static str, Self); 9] = [
        ("Tỉnh", Self::Province),
        ("Thành phố", Self::City),
        ("Quận", Self::UrbanDistrict),
        ("Huyện", Self::RuralDistrict),
        ("Thị xã", Self::Town),
        ("Phường", Self::UrbanWard),
        ("Xã", Self::Commune),
        ("Thị trấn", Self::Township),
        ("Đặc khu", Self::SpecialZone),
    ];

    /// The kind of a full name and the name behind its type word.
    pub fn split(full_name: &str) -> Option<(Self, &str)> {
        let named = |(word, kind): &(&str, Self)| {
            let rest = full_name.strip_prefix(word)?.strip_prefix(' ')?;
            Some((*kind, rest))
        };
        Self::WORDS.iter().find_map(named)
    }

    /// Whether units of a level are ever called so.
    pub(super) fn is_of(self, level: Level) -> bool {
        match self {
            Self::Province => level == Level::Province,
            Self::City => level != Level::Ward,
            Self::UrbanDistrict | Self::RuralDistrict | Self::Town => level == Level::District,
            Self::UrbanWard | Self::Commune | Self::Township | Self::SpecialZone => level == Level::Ward,
        }
    }
}

/// A place among all units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct UnitIx(u16);

impl UnitIx {
    fn new(at: usize) -> Self {
        Self(u16::try_from(at).expect("a table holds at most 60,000 units"))
    }

    pub(super) fn at(self) -> usize {
        usize::from(self.0)
    }
}

/// The middle of a commune.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Centre {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Square kilometres, where they are known.
    pub area: Option<f64>,
}

/// A unit of either period.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// Coarse to fine.
    pub level: Level,
    /// Of which period.
    pub scheme: Scheme,
    /// By its full name.
    pub kind: Kind,
    /// The General Statistics Office's: two, three or five digits.
    pub code: Box<str>,
    /// `Phường Sài Gòn`
    pub full_name: Box<str>,
    /// It was abolished before the reform of July 2025.
    pub is_historic: bool,
    /// Of communes in force, where it is known.
    pub centre: Option<Centre>,
    /// The district or province it lies in, or lay in last.
    pub(super) parent: Option<UnitIx>,
    /// The province in force.
    pub(super) province: UnitIx,
    /// The units in force that it is today, the default first; itself when it is one.
    pub(super) now: Vec<UnitIx>,
    /// Old districts: of a ward those it lay in, the last one first; of a commune in force those of its land.
    pub(super) districts: Vec<UnitIx>,
}

impl Unit {
    /// `Sài Gòn`
    pub fn name(&self) -> &str {
        Kind::split(&self.full_name).map_or(&self.full_name, |(_, name)| name)
    }
}

/// Another name of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OtherName {
    pub(super) unit: UnitIx,
    /// A full name for a former one, else a name without its type word.
    pub(super) text: Box<str>,
    pub(super) is_former: bool,
}

/// Every unit, and the names besides its own that a unit goes by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Units {
    all: Vec<Unit>,
    other_names: Vec<OtherName>,
    /// Units in force by code: provinces have two digits, communes five.
    in_force: BTreeMap<Box<str>, UnitIx>,
    /// Old districts by code, of three digits.
    districts: BTreeMap<Box<str>, UnitIx>,
}

/// How a unit in force differs between two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was not there before.
    New,
    /// It is no longer there.
    Gone,
    /// It is called otherwise.
    Renamed,
    /// It lies in another province.
    Moved,
}

/// What is wrong with a table of units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, where there are several.
    pub file: &'static str,
    /// The line, from 1; 0 for the whole file.
    pub line: usize,
    /// What is wrong, in English: tables come from programmers.
    pub message: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.file, self.line) {
            ("", line) => write!(f, "line {line}: {}", self.message),
            (file, 0) => write!(f, "{file}: {}", self.message),
            (file, line) => write!(f, "{file}:{line}: {}", self.message),
        }
    }
}

impl Units {
    /// The units that the program carries.
    pub fn official() -> Self {
        Self::parse(include_str!("data/units.txt")).expect("the units in the program are checked by a test")
    }

    /// Every unit, each below the one it lies in, those in force first.
    pub fn all(&self) -> &[Unit] {
        &self.all
    }

    pub(super) fn unit(&self, ix: UnitIx) -> &Unit {
        &self.all[ix.at()]
    }

    pub(super) fn indexes(&self) -> impl Iterator<Item = UnitIx> {
        (0..self.all.len()).map(UnitIx::new)
    }

    pub(super) fn other_names(&self) -> &[OtherName] {
        &self.other_names
    }

    /// The unit in force of a code of two or five digits.
    pub fn in_force(&self, code: &str) -> Option<&Unit> {
        self.ix_in_force(code).map(|ix| self.unit(ix))
    }

    /// The province in force that a unit lies in.
    pub fn province(&self, unit: &Unit) -> &Unit {
        self.unit(unit.province)
    }

    /// What a unit is today, the default first: itself when it is in force, nothing when nobody knows.
    pub fn now(&self, unit: &Unit) -> impl Iterator<Item = &Unit> {
        unit.now.iter().map(|ix| self.unit(*ix))
    }

    /// The full names from a unit up: `Phường Bến Nghé, Quận 1, Thành phố Hồ Chí Minh`.
    pub fn label(&self, unit: &Unit) -> String {
        let mut label = unit.full_name.to_string();
        let mut parent = unit.parent;
        while let Some(unit) = parent.map(|ix| self.unit(ix)) {
            label += ", ";
            label += &unit.full_name;
            parent = unit.parent;
        }
        label
    }

    /// What other units change among those in force, in the order of their codes.
    pub fn changes(&self, after: &Self) -> Vec<(Change, String)> {
        let mut changes = Vec::new();
        for (code, ix) in &self.in_force {
            let before = self.unit(*ix);
            let Some(unit) = after.in_force(code) else {
                changes.push((Change::Gone, format!("{code} {}", self.label(before))));
                continue;
            };
            if unit.full_name != before.full_name {
                changes.push((Change::Renamed, format!("{code} {} → {}", before.full_name, unit.full_name)));
            }
            let (from, to) = (self.province(before), after.province(unit));
            if from.code != to.code {
                changes
                    .push((Change::Moved, format!("{code} {}: {} → {}", unit.full_name, from.full_name, to.full_name)));
            }
        }
        let new = after.in_force.iter().filter(|(code, _)| !self.in_force.contains_key(*code));
        changes.extend(new.map(|(code, ix)| (Change::New, format!("{code} {}", after.label(after.unit(*ix))))));
        changes
    }

    pub(super) fn ix_in_force(&self, code: &str) -> Option<UnitIx> {
        self.in_force.get(code).copied()
    }

    pub(super) fn ix_of_district(&self, code: &str) -> Option<UnitIx> {
        self.districts.get(code).copied()
    }
}

impl Units {
    /// Follows the wards to what became of their districts, both ways; of a district's communes the one that bears
    /// its name is the default.
    fn relate(&mut self) {
        for ix in self.indexes().collect::<Vec<_>>() {
            let unit = self.unit(ix);
            let districts = match (unit.scheme, unit.level) {
                (Scheme::Old, Level::Ward) => unit.districts.clone(),
                (Scheme::Old, Level::District) => vec![ix],
                _ => continue,
            };
            let now = unit.now.clone();
            for (commune, district) in now.iter().flat_map(|commune| districts.iter().map(move |it| (*commune, *it))) {
                add(&mut self.all[commune.at()].districts, district);
                add(&mut self.all[district.at()].now, commune);
            }
        }
        for ix in self.indexes().filter(|ix| self.unit(*ix).level == Level::District).collect::<Vec<_>>() {
            let mut now = std::mem::take(&mut self.all[ix.at()].now);
            let name = plain(self.unit(ix).name());
            now.sort_by_key(|commune| plain(self.unit(*commune).name()) != name);
            self.all[ix.at()].now = now;
        }
    }
}

fn add(list: &mut Vec<UnitIx>, ix: UnitIx) {
    if !list.contains(&ix) {
        list.push(ix);
    }
}
