//! Floor 1: where a ticket goes, and why.
//!
//! An [`Organisation`] is the table of units with the territories they work in; [`decide`] picks the
//! unit for one request, always, and writes down every reason. Knows codes of places, never how an
//! address is read (`place`), nor who stores tickets or tells units about them (`store`, `runtime`).
//! [`import`] reads the table from CSV, [`sample`] is the one in force until an operator imports theirs.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::domain::id::UnitId;
use crate::domain::unit::{Unit, UnitKind};

pub mod decide;
pub mod import;
pub mod sample;

pub use decide::{Decision, Where};

/// The units, in the order of their table, and an index of who works where. There is always a central
/// unit. Serialised as `{"units": [...]}`; the index is made anew on reading.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Table")]
pub struct Organisation {
    units: Vec<Member>,
    #[serde(skip)]
    wards: HashMap<String, Claim>,
    #[serde(skip)]
    provinces: HashMap<String, Claim>,
    #[serde(skip)]
    central: usize,
}

/// A unit, the unit above it and where it works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The unit itself.
    #[serde(flatten)]
    pub unit: Unit,
    /// The unit it belongs to; `None` at the top.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parent: Option<UnitId>,
    /// Where it works; empty for units that are only reached through others.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub territory: Vec<Territory>,
}

/// A piece of the country, by its code in force.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Territory {
    /// A commune's five-digit code, `26740`.
    Ward(String),
    /// A province's two-digit code, `79`.
    Province(String),
}

/// As the table writes it: `ward:26740`.
impl std::fmt::Display for Territory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ward(code) => write!(f, "ward:{code}"),
            Self::Province(code) => write!(f, "province:{code}"),
        }
    }
}

/// Why a list of units is no organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the organisation has no central unit")]
pub struct NoCentralUnitError;

/// What is stored of an organisation.
#[derive(Deserialize)]
struct Table {
    units: Vec<Member>,
}

/// Who works in one territory.
#[derive(Clone, Copy, Debug, Default)]
struct Claim {
    /// The first unit of the table that serves customers there.
    first: Option<usize>,
    /// How many do.
    count: usize,
    /// The local authority that reaches customers in quarantine there. It never serves itself: customers'
    /// particulars leave the company only when quarantine makes it necessary, and by a person's hand.
    authority: Option<usize>,
}

impl Organisation {
    /// The organisation of these units. Ids and parents are taken as they are: [`import::read`] checks them.
    ///
    /// # Errors
    /// When no unit is of kind `central`, for then some tickets would have nowhere to go.
    pub fn new(units: Vec<Member>) -> Result<Self, NoCentralUnitError> {
        let central =
            units.iter().position(|member| member.unit.kind == UnitKind::Central).ok_or(NoCentralUnitError)?;
        let mut wards: HashMap<String, Claim> = HashMap::new();
        let mut provinces: HashMap<String, Claim> = HashMap::new();
        for (ix, member) in units.iter().enumerate() {
            for territory in &member.territory {
                let (index, code) = match territory {
                    Territory::Ward(code) => (&mut wards, code),
                    Territory::Province(code) => (&mut provinces, code),
                };
                index.entry(code.clone()).or_default().add(ix, member.unit.kind);
            }
        }
        Ok(Self { units, wards, provinces, central })
    }

    /// The shipped sample: one unit for each of the 34 provinces, a few shops and teams, and 9090.
    pub fn sample() -> Self {
        sample::organisation()
    }

    /// The units, in the table's order.
    pub fn units(&self) -> &[Member] {
        &self.units
    }

    /// Units with places that are not, or no longer, in force: `hcm_sg: ward:26740`.
    pub fn lost(&self, known: &dyn import::KnownPlaces) -> Vec<String> {
        let is_lost = |territory: &&Territory| match territory {
            Territory::Ward(code) => known.ward(code).is_none(),
            Territory::Province(code) => known.province(code).is_none(),
        };
        let of_unit = |member: &Member| {
            let lost = member.territory.iter().filter(is_lost);
            lost.map(|territory| format!("{}: {territory}", member.unit.id)).collect::<Vec<_>>()
        };
        self.units.iter().flat_map(of_unit).collect()
    }

    /// The unit that serves whatever no other does.
    pub fn central(&self) -> &Unit {
        &self.units[self.central].unit
    }
}

impl PartialEq for Organisation {
    fn eq(&self, other: &Self) -> bool {
        self.units == other.units
    }
}

impl TryFrom<Table> for Organisation {
    type Error = NoCentralUnitError;

    fn try_from(table: Table) -> Result<Self, Self::Error> {
        Self::new(table.units)
    }
}

impl Claim {
    /// Notes that the unit at `ix`, of this kind, works here.
    fn add(&mut self, ix: usize, kind: UnitKind) {
        if kind == UnitKind::LocalAuthority {
            self.authority.get_or_insert(ix);
        } else {
            self.first.get_or_insert(ix);
            self.count += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organisation_read_back_decides_as_before_it_was_stored() {
        let organisation = Organisation::sample();
        let stored = serde_json::to_string(&organisation).unwrap();
        let again: Organisation = serde_json::from_str(&stored).unwrap();
        assert_eq!(again, organisation);
        assert_eq!(again.wards.len(), organisation.wards.len());
        assert_eq!(again.central(), organisation.central());
    }

    #[test]
    fn an_organisation_without_a_central_unit_cannot_be_stored_or_read() {
        assert_eq!(Organisation::new(Vec::new()), Err(NoCentralUnitError));
        assert!(serde_json::from_str::<Organisation>(r#"{"units":[]}"#).is_err());
    }
}
