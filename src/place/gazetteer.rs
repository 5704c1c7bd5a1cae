//! The units of both periods, by code and by name, from the embedded tables.
//!
//! The tables under `data/` are official data as published by the projects named in `NOTICE`; a broken table
//! is a broken build and panics when the gazetteer is made. How text is matched to names is in `hit`.

use std::collections::BTreeMap;

use super::Scheme;
use super::names::{Name, Names};

/// Level of a unit, coarse to fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Province,
    District,
    Ward,
}

/// The type word in a unit's full name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
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
    fn of(word: &str) -> Self {
        match word {
            "Tỉnh" => Self::Province,
            "Thành phố" => Self::City,
            "Quận" => Self::UrbanDistrict,
            "Huyện" => Self::RuralDistrict,
            "Thị xã" => Self::Town,
            "Phường" => Self::UrbanWard,
            "Xã" => Self::Commune,
            "Thị trấn" => Self::Township,
            "Đặc khu" => Self::SpecialZone,
            other => unreachable!("the tables hold no unit of type {other}"),
        }
    }
}

/// Index of a unit in the gazetteer.
pub(super) type UnitIx = usize;

/// A unit of either period.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) level: Level,
    pub(super) scheme: Scheme,
    pub(super) kind: Kind,
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) full_name: &'static str,
    /// The unit it lies in, then those it lay in before 2025.
    pub(super) parents: Vec<UnitIx>,
    /// Code of the province in force.
    pub(super) province: &'static str,
}

/// Every unit since 2021, and where the old ones went.
pub struct Gazetteer {
    units: Vec<Unit>,
    pub(super) names: Names,
    provinces: BTreeMap<&'static str, UnitIx>,
    wards: BTreeMap<&'static str, UnitIx>,
    /// Old ward to communes in force, the default first.
    successors: BTreeMap<&'static str, Vec<&'static str>>,
    /// Old district to the communes in force that lie in it, in part at least.
    communes: BTreeMap<&'static str, Vec<&'static str>>,
}

impl Gazetteer {
    /// The official units, from the tables in the program.
    pub fn official() -> Self {
        let mut loading = Loading::default();
        loading.units();
        loading.former_names();
        loading.aliases();
        Self {
            provinces: loading.new_provinces,
            wards: loading.new_wards,
            names: Names::new(loading.names),
            units: loading.units,
            successors: successors(),
            communes: rows(include_str!("data/district_old_to_new.tsv"))
                .map(|row| (row[0], row[1].split(',').collect()))
                .collect(),
        }
    }

    /// Full name of a province in force, `Thành phố Hồ Chí Minh`, by its two-digit code.
    pub fn province_name(&self, code: &str) -> Option<&str> {
        self.provinces.get(code).map(|ix| self.units[*ix].full_name)
    }

    /// Full name of a commune in force, `Phường Sài Gòn`, by its five-digit code.
    pub fn ward_name(&self, code: &str) -> Option<&str> {
        self.wards.get(code).map(|ix| self.units[*ix].full_name)
    }

    /// Code of the province in force that a commune in force lies in.
    pub fn province_of(&self, ward: &str) -> Option<&str> {
        self.wards.get(ward).map(|ix| self.units[*ix].province)
    }

    /// Provinces in force by code: code, full name, and the code again.
    pub fn provinces(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.provinces.values().map(|ix| self.listed(*ix))
    }

    /// Communes in force by code: code, full name, code of the province.
    pub fn wards(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.wards.values().map(|ix| self.listed(*ix))
    }

    /// Whether a commune in force took over land of an old district.
    pub(super) fn became(&self, district: &Unit, commune: &str) -> bool {
        self.communes.get(district.code).is_some_and(|communes| communes.contains(&commune))
    }

    fn listed(&self, ix: UnitIx) -> (&str, &str, &str) {
        let unit = &self.units[ix];
        (unit.code, unit.full_name, unit.province)
    }

    pub(super) fn unit(&self, ix: UnitIx) -> &Unit {
        &self.units[ix]
    }

    /// The communes in force that a ward of either period became, the default first; none when unknown.
    pub(super) fn now<'a>(&'a self, ward: &'a Unit) -> &'a [&'static str] {
        match ward.scheme {
            Scheme::New => std::slice::from_ref(&ward.code),
            Scheme::Old => self.successors.get(ward.code).map_or(&[], Vec::as_slice),
        }
    }
}

/// The rows of a table after its header, as columns.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().skip(1).filter(|line| !line.is_empty()).map(|line| line.split('\t').collect())
}

fn successors() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut successors: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in rows(include_str!("data/ward_old_to_new.tsv")) {
        let targets = successors.entry(row[0]).or_default();
        let is_default = row[3] == "1";
        targets.insert(if is_default { 0 } else { targets.len() }, row[1]);
    }
    successors
}

/// The gazetteer while it is read.
#[derive(Default)]
struct Loading {
    units: Vec<Unit>,
    names: Vec<(String, Name)>,
    new_provinces: BTreeMap<&'static str, UnitIx>,
    new_wards: BTreeMap<&'static str, UnitIx>,
    old_provinces: BTreeMap<&'static str, UnitIx>,
    districts: BTreeMap<&'static str, UnitIx>,
    old_wards: BTreeMap<&'static str, UnitIx>,
}

impl Loading {
    fn units(&mut self) {
        for row in rows(include_str!("data/provinces_new.tsv")) {
            let ix = self.add((Scheme::New, Level::Province), &row, Vec::new(), row[0]);
            self.new_provinces.insert(row[0], ix);
        }
        for row in rows(include_str!("data/wards_new.tsv")) {
            let parent = self.new_provinces[row[4]];
            let ix = self.add((Scheme::New, Level::Ward), &row, vec![parent], row[4]);
            self.new_wards.insert(row[0], ix);
        }
        let now: BTreeMap<_, _> =
            rows(include_str!("data/province_old_to_new.tsv")).map(|row| (row[0], row[1])).collect();
        for row in rows(include_str!("data/provinces_old.tsv")) {
            let ix = self.add((Scheme::Old, Level::Province), &row, Vec::new(), now[row[0]]);
            self.old_provinces.insert(row[0], ix);
        }
        for row in rows(include_str!("data/districts_old.tsv")) {
            let parent = self.old_provinces[row[4]];
            let ix = self.add((Scheme::Old, Level::District), &row, vec![parent], now[row[4]]);
            self.districts.insert(row[0], ix);
        }
        for row in rows(include_str!("data/wards_old.tsv")) {
            let parent = self.districts[row[4]];
            let province = self.units[parent].province;
            let ix = self.add((Scheme::Old, Level::Ward), &row, vec![parent], province);
            self.old_wards.insert(row[0], ix);
        }
    }

    fn add(
        &mut self,
        (scheme, level): (Scheme, Level),
        row: &[&'static str],
        parents: Vec<UnitIx>,
        province: &'static str,
    ) -> UnitIx {
        let ix = self.units.len();
        let (code, name, kind, full_name) = (row[0], row[1], Kind::of(row[2]), row[3]);
        self.units.push(Unit { level, scheme, kind, code, name, full_name, parents, province });
        self.name(ix, name, false);
        if level == Level::Province {
            let initials = name.split([' ', '-']).filter_map(|word| word.chars().next()).collect::<String>();
            self.names.push((
                super::names::key(&initials),
                Name { unit: ix, alias: true, short: true, initials: true, text: "" },
            ));
        }
        ix
    }

    fn name(&mut self, unit: UnitIx, text: &'static str, alias: bool) {
        self.names.push((super::names::key(text), Name { unit, alias, short: false, initials: false, text }));
    }

    fn former_names(&mut self) {
        for row in rows(include_str!("data/old_former_names.tsv")) {
            let (level, code, former) = (row[0], row[1], row[2]);
            match level {
                "ward_district" => {
                    let district = self.districts[former];
                    if let Some(ix) = self.old_wards.get(code) {
                        self.units[*ix].parents.push(district);
                    }
                }
                _ => {
                    let known = if level == "district" { &self.districts } else { &self.old_wards };
                    if let Some(ix) = known.get(code).copied() {
                        self.name(ix, bare(former), true);
                    }
                }
            }
        }
    }

    fn aliases(&mut self) {
        for row in rows(include_str!("data/aliases.tsv")) {
            let known = match row[0] {
                "province_new" => &self.new_provinces,
                "province_old" => &self.old_provinces,
                "district_old" => &self.districts,
                _ => &self.old_wards,
            };
            if let Some(ix) = known.get(row[1]).copied() {
                self.alias(ix, row[2]);
            }
        }
        for (code, alias) in [("79", "Sài Gòn"), ("79", "tphcm"), ("79", "hcmc"), ("77", "brvt"), ("46", "tthue")] {
            self.alias(self.old_provinces[code], alias);
        }
        for alias in ["dlak", "daclac", "daklak"] {
            self.alias(self.old_provinces["66"], alias);
        }
    }

    /// An alias that repeats the unit's type word, or is a number, adds nothing: type words are read apart.
    fn alias(&mut self, unit: UnitIx, alias: &'static str) {
        let key = super::names::key(alias);
        let typed = ["xa", "phuong", "thitran", "ward", "huyen", "quan", "thixa", "thanhpho", "tinh"];
        let level = self.units[unit].level;
        let repeats =
            level != Level::Province && typed.iter().any(|word| key.starts_with(word) && key.len() > word.len());
        let known = key == super::names::key(self.units[unit].name);
        if !repeats && !known && !key.starts_with(|char: char| char.is_ascii_digit()) {
            self.names.push((key, Name { unit, alias: true, short: alias.len() <= 3, initials: false, text: "" }));
        }
    }
}

/// A full name without its type word.
fn bare(full_name: &'static str) -> &'static str {
    let types = ["Thành phố ", "Thị xã ", "Thị trấn ", "Huyện ", "Quận ", "Phường ", "Xã ", "Tỉnh "];
    types.iter().find_map(|word| full_name.strip_prefix(word)).unwrap_or(full_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_official_counts_are_complete() {
        let gazetteer = Gazetteer::official();
        assert_eq!(gazetteer.provinces().count(), 34);
        assert_eq!(gazetteer.wards().count(), 3321);
        assert_eq!(gazetteer.province_name("79"), Some("Thành phố Hồ Chí Minh"));
        assert_eq!(gazetteer.ward_name("26740"), Some("Phường Sài Gòn"));
        assert_eq!(gazetteer.province_of("26740"), Some("79"));
        assert_eq!(gazetteer.ward_name("99999"), None);
    }

    #[test]
    fn every_old_ward_leads_to_communes_in_force() {
        let gazetteer = Gazetteer::official();
        let lost: Vec<_> = successors()
            .into_iter()
            .filter(|(_, targets)| targets.iter().any(|code| gazetteer.ward_name(code).is_none()))
            .collect();
        assert_eq!(lost, []);
    }
}
