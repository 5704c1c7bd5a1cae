//! The units, who works where, and since when: tables, and an index over them.
//!
//! Everything is valid for a span of days, since units open and close, people move and zones are lifted. Knows how to
//! find what is valid on a day, not which unit a request gets (`decide`), nor how tables are written (`import`).

use std::collections::{BTreeSet, HashMap};

use super::calendar::Week;
use crate::domain::id::UnitId;
use crate::domain::ticket::TicketKind;
use crate::domain::time::Day;
use crate::domain::unit::{Unit, UnitKind};

/// The units, in the order of their table, and an index of who works where. There is always a central unit.
#[derive(Clone, Debug)]
pub struct Organisation {
    units: Vec<Member>,
    by_id: HashMap<UnitId, usize>,
    claims: HashMap<Territory, Vec<Claim>>,
    /// For each commune, the old districts that somebody works in and whose land it has.
    districts: HashMap<String, Vec<String>>,
    zones: HashMap<Territory, Vec<Span>>,
    holidays: BTreeSet<Day>,
    central: usize,
}

/// A unit, the unit above it, and what it can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The unit itself.
    pub unit: Unit,
    /// The unit it belongs to; `None` at the top.
    pub parent: Option<UnitId>,
    /// What it can do for customers.
    pub abilities: Abilities,
    /// How many tickets it can be given a day; `None` where there is no limit.
    pub capacity: Option<u32>,
    /// Its share where several work in one territory: one of weight 2 is given twice as many. At least 1.
    pub weight: u32,
    /// When it works.
    pub hours: Week,
    /// Where its people are, to know when they are in quarantine.
    pub seat: Option<Territory>,
    /// When there is such a unit.
    pub valid: Span,
}

/// What a unit can do for customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// It comes to the customer's home.
    pub delivers: bool,
    /// It changes SIMs.
    pub swaps_sim: bool,
    /// It opens new subscriptions.
    pub opens_new: bool,
    /// It may go where there is quarantine, and its people are not kept in by it.
    pub enters_quarantine: bool,
}

/// That a unit works in a territory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Which unit.
    pub unit: UnitId,
    /// Where.
    pub place: Territory,
    /// Of several units in one territory those of the highest priority come first.
    pub priority: i32,
    /// When.
    pub valid: Span,
    /// The employee who answers for the territory.
    pub responsible: Option<Person>,
}

/// An employee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// Their number, as written in the table.
    pub phone: Option<String>,
}

/// A territory in quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Where.
    pub place: Territory,
    /// When.
    pub valid: Span,
}

/// A piece of the country, by its code.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Territory {
    /// A commune in force, by its five-digit code: `26740`.
    Ward(String),
    /// A district of before July 2025, by its three-digit code: `760`.
    District(String),
    /// A province in force, by its two-digit code: `79`.
    Province(String),
    /// A sales route of the company, by its own code.
    Route(String),
}

/// As the tables write it: `ward:26740`.
impl std::fmt::Display for Territory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (level, code) = match self {
            Self::Ward(code) => ("ward", code),
            Self::District(code) => ("district", code),
            Self::Province(code) => ("province", code),
            Self::Route(code) => ("route", code),
        };
        write!(f, "{level}:{code}")
    }
}

/// A span of days, both ends included; without an end it is open there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first day.
    pub from: Option<Day>,
    /// The last day.
    pub to: Option<Day>,
}

impl Span {
    /// Whether the day is in it.
    pub fn holds(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// Whether a day is in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        let before = |one: &Self, other: &Self| one.to.zip(other.from).is_some_and(|(to, from)| to < from);
        !before(self, other) && !before(other, self)
    }
}

/// Why a list of units is no organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the organisation has no central unit")]
pub struct NoCentralUnitError;

/// That a unit works somewhere, by its place among the units.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) unit: usize,
    pub(super) priority: i32,
    valid: Span,
    responsible: Option<Person>,
}

impl Organisation {
    /// The organisation of these units and assignments. Ids and parents are taken as they are: [`super::import`]
    /// checks them; an assignment of a unit that is not among them is left out.
    ///
    /// # Errors
    /// When no unit is of kind `central`, for then some tickets would have nowhere to go.
    pub fn new(units: Vec<Member>, assignments: Vec<Assignment>) -> Result<Self, NoCentralUnitError> {
        let central =
            units.iter().position(|member| member.unit.kind == UnitKind::Central).ok_or(NoCentralUnitError)?;
        let by_id: HashMap<UnitId, usize> =
            units.iter().enumerate().map(|(ix, member)| (member.unit.id.clone(), ix)).collect();
        let mut claims: HashMap<Territory, Vec<Claim>> = HashMap::new();
        for assignment in assignments {
            let Some(unit) = by_id.get(&assignment.unit).copied() else { continue };
            let Assignment { place, priority, valid, responsible, .. } = assignment;
            claims.entry(place).or_default().push(Claim { unit, priority, valid, responsible });
        }
        for claims in claims.values_mut() {
            claims.sort_by_key(|claim| (std::cmp::Reverse(claim.priority), claim.unit));
        }
        let (districts, zones, holidays) = (HashMap::new(), HashMap::new(), BTreeSet::new());
        Ok(Self { units, by_id, claims, districts, zones, holidays, central })
    }

    /// The same with its holidays, the zones in quarantine, and the communes of each old district that somebody
    /// works in.
    #[must_use]
    pub fn with(mut self, holidays: BTreeSet<Day>, zones: Vec<Zone>, communes: &dyn Fn(&str) -> Vec<String>) -> Self {
        self.holidays = holidays;
        for Zone { place, valid } in zones {
            self.zones.entry(place).or_default().push(valid);
        }
        let districts = self.claims.keys().chain(self.zones.keys());
        let mut districts: Vec<String> = districts
            .filter_map(|place| if let Territory::District(code) = place { Some(code.clone()) } else { None })
            .collect();
        districts.sort();
        districts.dedup();
        for district in districts {
            for ward in communes(&district) {
                self.districts.entry(ward).or_default().push(district.clone());
            }
        }
        self
    }

    /// The shipped sample: one unit for each of the 34 provinces, a few shops and teams, and 9090.
    pub fn sample() -> Self {
        super::sample::organisation()
    }

    /// The units, in the table's order.
    pub fn units(&self) -> &[Member] {
        &self.units
    }

    /// The unit of this id.
    pub fn unit(&self, id: &UnitId) -> Option<&Member> {
        self.by_id.get(id).map(|ix| &self.units[*ix])
    }

    /// The days on which nobody works.
    pub fn holidays(&self) -> &BTreeSet<Day> {
        &self.holidays
    }

    /// The unit that serves whatever no other does.
    pub fn central(&self) -> &Member {
        &self.units[self.central]
    }

    /// The nearest unit of this kind above one.
    pub fn above(&self, id: &UnitId, kind: UnitKind) -> Option<&Member> {
        let mut at = self.unit(id)?;
        // As many steps as there are units, should the parents run in a circle.
        for _ in 0..self.units.len() {
            at = self.unit(at.parent.as_ref()?)?;
            if at.unit.kind == kind {
                return Some(at);
            }
        }
        None
    }

    /// Whether a unit is below another, by its parents.
    pub fn is_below(&self, id: &UnitId, above: &UnitId) -> bool {
        let mut at = self.unit(id);
        // As many steps as there are units, should the parents run in a circle.
        for _ in 0..self.units.len() {
            let Some(parent) = at.and_then(|member| member.parent.as_ref()) else { return false };
            if parent == above {
                return true;
            }
            at = self.unit(parent);
        }
        false
    }

    /// Who answers for a territory on a day.
    pub fn responsible(&self, place: &Territory, day: Day) -> Option<&Person> {
        self.claims_on(place, day).find_map(|claim| claim.responsible.as_ref())
    }

    /// The units that work in a territory on a day, those of the highest priority first.
    pub(super) fn claims_on(&self, place: &Territory, day: Day) -> impl Iterator<Item = &Claim> {
        let claims = self.claims.get(place).map_or(&[][..], Vec::as_slice);
        claims.iter().filter(move |claim| claim.valid.holds(day) && self.units[claim.unit].valid.holds(day))
    }

    /// Whether anybody but the central unit serves a commune of a province on a day.
    pub fn is_served(&self, ward: &str, province: &str, day: Day) -> bool {
        let districts = self.districts_of(ward).iter().cloned().map(Territory::District);
        let places = [Territory::Ward(ward.to_owned()), Territory::Province(province.to_owned())];
        let serves = |claim: &Claim| self.units[claim.unit].unit.kind != UnitKind::LocalAuthority;
        places.into_iter().chain(districts).any(|place| self.claims_on(&place, day).any(serves))
    }

    /// The territories in which several units of the same priority work on a day.
    pub fn shared(&self, day: Day) -> Vec<Territory> {
        let is_shared = |place: &&Territory| {
            let serves = |claim: &&Claim| {
                let kind = self.units[claim.unit].unit.kind;
                kind != UnitKind::LocalAuthority && kind != UnitKind::Province
            };
            let mut priorities = self.claims_on(place, day).filter(serves).map(|claim| claim.priority);
            priorities.next().is_some_and(|first| priorities.next() == Some(first))
        };
        let mut shared: Vec<Territory> = self.claims.keys().filter(is_shared).cloned().collect();
        shared.sort();
        shared
    }

    /// The territories that somebody works in, in no order.
    pub fn territories(&self) -> impl Iterator<Item = &Territory> {
        self.claims.keys()
    }

    /// The old districts of a commune that somebody works in.
    pub(super) fn districts_of(&self, ward: &str) -> &[String] {
        self.districts.get(ward).map_or(&[], Vec::as_slice)
    }

    pub(super) fn member(&self, ix: usize) -> &Member {
        &self.units[ix]
    }

    /// Whether this very territory is in quarantine on a day.
    pub(super) fn is_zone(&self, place: &Territory, day: Day) -> bool {
        self.zones.get(place).is_some_and(|spans| spans.iter().any(|span| span.holds(day)))
    }

    /// Units with places that are not, or no longer, in force: `hcm_sg: ward:26740`.
    pub fn lost(&self, known: &dyn super::import::KnownPlaces) -> Vec<String> {
        let is_lost = |place: &Territory| match place {
            Territory::Ward(code) => known.ward(code).is_none(),
            Territory::Province(code) => known.province(code).is_none(),
            Territory::District(code) => known.communes(code).is_empty(),
            Territory::Route(_) => false,
        };
        let mut lost: Vec<String> = self
            .claims
            .iter()
            .filter(|(place, _)| is_lost(place))
            .flat_map(|(place, claims)| claims.iter().map(move |claim| (place, claim)))
            .map(|(place, claim)| format!("{}: {place}", self.units[claim.unit].unit.id))
            .collect();
        lost.sort();
        lost
    }
}

impl Member {
    /// Whether it does what a kind of ticket needs: SIMs are changed and opened at the customer's home.
    pub(super) fn can(&self, kind: TicketKind) -> bool {
        match kind {
            TicketKind::SimSwap => self.abilities.delivers && self.abilities.swaps_sim,
            TicketKind::NewSubscription => self.abilities.delivers && self.abilities.opens_new,
            TicketKind::Advice | TicketKind::Care => true,
        }
    }
}

impl Abilities {
    /// What a unit of this kind can do where its table says nothing.
    pub fn usual(kind: UnitKind) -> Self {
        let is_authority = kind == UnitKind::LocalAuthority;
        Self { delivers: true, swaps_sim: !is_authority, opens_new: !is_authority, enters_quarantine: is_authority }
    }
}
