//! The units of both periods, by code and by name.
//!
//! What the program and its neighbours may ask about places; how a text is read is in `resolve`.

use super::Scheme;
use super::letter::Letters;
use super::names::Names;
use super::units::{Kind, Level, Unit, Units};

/// Every unit since 2021, and how it is called.
#[derive(Clone, Debug)]
pub struct Gazetteer {
    pub(super) units: Units,
    pub(super) names: Names,
}

impl Gazetteer {
    /// Of the units that the program carries.
    pub fn official() -> Self {
        Self::of(Units::official())
    }

    /// Of other units.
    pub fn of(units: Units) -> Self {
        Self { names: Names::new(&units), units }
    }

    /// The units.
    pub fn units(&self) -> &Units {
        &self.units
    }

    /// Full name of a province in force, `Thành phố Hồ Chí Minh`, by its two-digit code.
    pub fn province_name(&self, code: &str) -> Option<&str> {
        self.in_force(code, Level::Province).map(|unit| &*unit.full_name)
    }

    /// Full name of a commune in force, `Phường Sài Gòn`, by its five-digit code.
    pub fn ward_name(&self, code: &str) -> Option<&str> {
        self.in_force(code, Level::Ward).map(|unit| &*unit.full_name)
    }

    /// Code of the province in force that a commune in force lies in.
    pub fn province_of(&self, ward: &str) -> Option<&str> {
        self.in_force(ward, Level::Ward).map(|unit| &*self.units.unit(unit.province).code)
    }

    /// Codes of the communes in force on whose land a district of before July 2025 lay, by its three-digit code; none
    /// if there was none.
    pub fn communes_of(&self, district: &str) -> Vec<&str> {
        let Some(ix) = self.units.ix_of_district(district) else { return Vec::new() };
        self.units.now(self.units.unit(ix)).map(|commune| &*commune.code).collect()
    }

    /// Provinces in force by code: code, full name, and the code again.
    pub fn provinces(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.listed(Level::Province)
    }

    /// Communes in force by code: code, full name, code of the province.
    pub fn wards(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.listed(Level::Ward)
    }

    /// The units that a name may mean, whole or by its beginning, with a slip or without: those in force first,
    /// the coarser before the finer.
    pub fn search(&self, name: &str) -> Vec<&Unit> {
        let wanted = Letters::of_name(Kind::split(name).map_or(name, |(_, bare)| bare)).bare;
        let mut found = self.names.called(&wanted);
        found.sort_by_key(|(ix, slips)| {
            (*slips, self.units.unit(*ix).scheme != Scheme::New, self.units.unit(*ix).level, *ix)
        });
        found.dedup_by_key(|(ix, _)| *ix);
        found.into_iter().map(|(ix, _)| self.units.unit(ix)).collect()
    }

    fn in_force(&self, code: &str, level: Level) -> Option<&Unit> {
        self.units.in_force(code).filter(|unit| unit.level == level)
    }

    fn listed(&self, level: Level) -> impl Iterator<Item = (&str, &str, &str)> {
        let in_force = self.units.all().iter().filter(move |unit| (unit.scheme, unit.level) == (Scheme::New, level));
        in_force.map(|unit| (&*unit.code, &*unit.full_name, &*self.units.unit(unit.province).code))
    }
}
