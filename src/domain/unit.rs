//! The organisation: units, and the territories they work in.

use serde::{Deserialize, Serialize};

use super::id::UnitId;

/// The kinds of unit a ticket can go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// The whole company's last resort: 9090.
    Central,
    /// The company.
    Company,
    /// A regional company; an optional level.
    Region,
    /// MobiFone of a province or city.
    Province,
    /// A shop.
    Shop,
    /// A sales route.
    SalesRoute,
    /// A rapid-response team.
    RapidTeam,
    /// An agent, in the sense of a dealer.
    Agent,
    /// A point of sale.
    Pos,
    /// A local authority that reaches customers in quarantine.
    LocalAuthority,
}

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Its id in the unit table.
    pub id: UnitId,
    /// Its kind.
    pub kind: UnitKind,
    /// Its name, as customers may read it.
    pub name: String,
    /// The number customers may call, if any, as written in the table.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone: Option<String>,
}
