//! The decision: the most specific unit that works where the customer is, else the next one up, else the central one.
//!
//! Total and deterministic: every request gets a unit and the reasons, those passed over included; the last reason is
//! the one that decided. Knows the tables of [`Organisation`] and how much each unit was given, never who counts that.

use serde::{Deserialize, Serialize};

use super::organisation::{Claim, Member, Organisation, Territory};
use crate::domain::address::Address;
use crate::domain::contact::Profile;
use crate::domain::id::UnitId;
use crate::domain::slot::Slots;
use crate::domain::ticket::{TicketKind, TicketRequest, Why};
use crate::domain::time::Day;
use crate::domain::unit::{Unit, UnitKind};

/// Most units of one territory that a reason names.
const MOST_NAMED: usize = 5;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What the customer wants, and where.
    pub request: &'a TicketRequest,
    /// The day.
    pub day: Day,
    /// The unit that the customer belongs to by the campaign's list, if any: for who gives no address.
    pub home: Option<&'a UnitId>,
    /// Units that had it already.
    pub tried: &'a [UnitId],
}

/// How much each unit has to do.
pub trait Loads {
    /// How many tickets the unit was given on this day.
    fn given(&self, unit: &UnitId, day: Day) -> u32;
}

/// Nobody has anything to do.
#[derive(Clone, Copy, Debug)]
pub struct Idle;

impl Loads for Idle {
    fn given(&self, _: &UnitId, _: Day) -> u32 {
        0
    }
}

/// Where a ticket goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The unit that serves it.
    pub unit: Unit,
    /// The local authority through which a customer in quarantine is reached, unless the unit may go there itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub through: Option<Unit>,
    /// Why, in the order in which it was thought; the last one decided.
    pub why: Vec<Why>,
}

/// A dry run, as `thoai ticket where` prints it: `{"place": {...}, "unit": {...}, "why": [...]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Where {
    /// The address as it was understood.
    pub place: Address,
    /// The unit that would serve it, and why.
    #[serde(flatten)]
    pub decision: Decision,
}

impl Organisation {
    /// The unit for a request: of the ward, else of the old district, else of the province, else the province's own;
    /// without an address the home unit; else the region, else the central one. Of several in one territory those of
    /// the highest priority, of these the one with the least to do by its weight, of these the first of the table.
    pub fn decide(&self, asked: &Asked<'_>, loads: &dyn Loads) -> Decision {
        let mut thought = Thought { organisation: self, asked: *asked, loads, quarantine: false, why: Vec::new() };
        thought.find_quarantine();
        let unit = thought.find();
        let through = thought.through(unit);
        Decision { unit: unit.unit.clone(), through, why: thought.why }
    }

    /// The central unit, for what went to as many units as it may.
    pub fn last_resort(&self) -> Decision {
        let unit = self.central().unit.clone();
        let rule = format!("tried enough: central -> {}", unit.id);
        Decision { unit, through: None, why: vec![Why { rule, level: "central".to_owned() }] }
    }

    /// Where a ticket of this kind at this place would go on a day.
    pub fn dry_run(&self, kind: TicketKind, place: Address, day: Day, loads: &dyn Loads) -> Where {
        let request = TicketRequest {
            kind,
            contact: Profile::default(),
            subscriber: None,
            place: Some(place.clone()),
            quarantine: false,
            slots: Slots::new(),
            transcript: Vec::new(),
        };
        let asked = Asked { request: &request, day, home: None, tried: &[] };
        Where { decision: self.decide(&asked, loads), place }
    }

    /// Whether different units serve two places.
    pub fn serves_apart(&self, one: &Address, other: &Address, day: Day) -> bool {
        let unit = |place: &Address| self.dry_run(TicketKind::SimSwap, place.clone(), day, &Idle).decision.unit.id;
        unit(one) != unit(other)
    }
}

/// A decision being thought.
struct Thought<'a> {
    organisation: &'a Organisation,
    asked: Asked<'a>,
    loads: &'a dyn Loads,
    quarantine: bool,
    why: Vec<Why>,
}

impl<'a> Thought<'a> {
    fn find(&mut self) -> &'a Member {
        let place = self.asked.request.place.as_ref();
        let ward = place.and_then(|place| place.ward.as_deref());
        let province = place.and_then(|place| place.province.as_deref());
        let ward_found = self.choose("ward", ward, Territory::Ward);
        if let Some(unit) = ward_found.or_else(|| self.choose_district()) {
            return unit;
        }
        if let Some(unit) = self.choose("province", province, Territory::Province) {
            return unit;
        }
        let home = if province.is_none() { self.home() } else { None };
        home.or_else(|| self.region()).unwrap_or_else(|| {
            let central = self.organisation.central();
            self.note("central", format!("central -> {}", central.unit.id));
            central
        })
    }

    fn note(&mut self, level: &str, rule: String) {
        self.why.push(Why { rule, level: level.to_owned() });
    }

    /// The customer is in quarantine if they say so, or if where they are is a zone.
    fn find_quarantine(&mut self) {
        let zone = self.places().into_iter().find(|place| self.organisation.is_zone(place, self.asked.day));
        self.quarantine = self.asked.request.quarantine || zone.is_some();
        if let Some(zone) = zone {
            self.note("quarantine", format!("{zone} is in quarantine"));
        } else if self.quarantine {
            self.note("quarantine", "the customer is in quarantine".to_owned());
        }
    }

    /// The territories that the customer is in, fine to coarse.
    fn places(&self) -> Vec<Territory> {
        let Some(place) = &self.asked.request.place else { return Vec::new() };
        let mut places: Vec<Territory> = place.ward.clone().map(Territory::Ward).into_iter().collect();
        places.extend(self.districts().into_iter().map(Territory::District));
        places.extend(place.province.clone().map(Territory::Province));
        places
    }

    /// The old district that was said or, where none was, those on whose land the commune lies.
    fn districts(&self) -> Vec<String> {
        let Some(place) = &self.asked.request.place else { return Vec::new() };
        match (&place.old_district, &place.ward) {
            (Some(said), _) => vec![said.clone()],
            (None, Some(ward)) => self.organisation.districts_of(ward).to_vec(),
            (None, None) => Vec::new(),
        }
    }

    fn choose_district(&mut self) -> Option<&'a Member> {
        self.districts().iter().find_map(|code| self.choose("district", Some(code), Territory::District))
    }

    /// The unit that serves at this level, if one does; says why or why not. Of a province its own unit comes last.
    fn choose(&mut self, level: &str, code: Option<&str>, territory: fn(String) -> Territory) -> Option<&'a Member> {
        let Some(code) = code else {
            self.note(level, format!("{level} not known"));
            return None;
        };
        let place = territory(code.to_owned());
        let shown = shown(code);
        let claims: Vec<&'a Claim> = self.organisation.claims_on(&place, self.asked.day).collect();
        let serves = |claim: &&&'a Claim| self.organisation.member(claim.unit).unit.kind != UnitKind::LocalAuthority;
        let is_own = |claim: &&Claim| self.organisation.member(claim.unit).unit.kind == UnitKind::Province;
        let (own, others): (Vec<&Claim>, Vec<&Claim>) = claims.iter().filter(serves).copied().partition(is_own);
        if own.is_empty() && others.is_empty() {
            self.note(level, format!("{level} {shown}: no unit"));
            return None;
        }
        self.choose_of(level, shown, &others).or_else(|| self.choose_of(level, shown, &own))
    }

    /// The best of some units that work in one territory.
    fn choose_of(&mut self, level: &str, code: &str, claims: &[&Claim]) -> Option<&'a Member> {
        let mut fit = Vec::with_capacity(claims.len());
        for claim in claims {
            let member = self.organisation.member(claim.unit);
            match self.obstacle(member) {
                Some(obstacle) => self.note(level, format!("{level} {code}: {} {obstacle}", member.unit.id)),
                None => fit.push((*claim, member, self.loads.given(&member.unit.id, self.asked.day))),
            }
        }
        fit.sort_by(|one, other| {
            let share = |it: &(&Claim, &Member, u32), of: u32| (u64::from(it.2) + 1) * u64::from(of);
            let goes_in = |it: &(&Claim, &Member, u32)| self.quarantine && it.1.abilities.enters_quarantine;
            (goes_in(other).cmp(&goes_in(one)))
                .then(other.0.priority.cmp(&one.0.priority))
                .then(share(one, other.1.weight).cmp(&share(other, one.1.weight)))
                .then(one.0.unit.cmp(&other.0.unit))
        });
        let (_, best, _) = *fit.first()?;
        if fit.len() > 1 {
            let named = |(claim, member, given): &(&Claim, &Member, u32)| {
                format!("{} (priority {}, given {given}, weight {})", member.unit.id, claim.priority, member.weight)
            };
            let all: Vec<String> = fit.iter().take(MOST_NAMED).map(named).collect();
            self.note(level, format!("{level} {code}: {}", all.join(" before ")));
        }
        self.note(level, format!("{level} {code} -> {}", best.unit.id));
        Some(best)
    }

    /// Why a unit cannot serve the request now.
    fn obstacle(&self, member: &Member) -> Option<String> {
        let (day, id) = (self.asked.day, &member.unit.id);
        if self.asked.tried.contains(id) {
            return Some("had it already".to_owned());
        }
        if !member.can(self.asked.request.kind) {
            return Some(format!("cannot serve {}", self.asked.request.kind.name()));
        }
        let in_zone = member.seat.as_ref().is_some_and(|seat| self.is_in_zone(seat));
        if in_zone && !member.abilities.enters_quarantine {
            return Some("is in quarantine".to_owned());
        }
        let given = self.loads.given(id, day);
        member.capacity.filter(|capacity| given >= *capacity).map(|capacity| format!("is full ({given} of {capacity})"))
    }

    /// Whether a unit's seat is in quarantine, or the old district of its commune is.
    fn is_in_zone(&self, seat: &Territory) -> bool {
        let is_zone = |place: &Territory| self.organisation.is_zone(place, self.asked.day);
        let districts = match seat {
            Territory::Ward(ward) => self.organisation.districts_of(ward),
            _ => &[],
        };
        is_zone(seat) || districts.iter().any(|code| is_zone(&Territory::District(code.clone())))
    }

    fn home(&mut self) -> Option<&'a Member> {
        let home = self.organisation.unit(self.asked.home?)?;
        self.take("home", home)
    }

    /// The region that the province's own unit, or the home unit, belongs to.
    fn region(&mut self) -> Option<&'a Member> {
        let organisation = self.organisation;
        let province = self.asked.request.place.as_ref().and_then(|place| place.province.clone());
        let own = province.and_then(|code| {
            let place = Territory::Province(code);
            let mut units = organisation.claims_on(&place, self.asked.day).map(|claim| organisation.member(claim.unit));
            units.find(|member| member.unit.kind == UnitKind::Province)
        });
        let below = own.map(|member| &member.unit.id).or(self.asked.home)?;
        let region = organisation.above(below, UnitKind::Region)?;
        self.take("region", region)
    }

    fn take(&mut self, level: &str, member: &'a Member) -> Option<&'a Member> {
        let id = &member.unit.id;
        if !member.valid.holds(self.asked.day) {
            self.note(level, format!("{level}: {id} is closed"));
            return None;
        }
        if let Some(obstacle) = self.obstacle(member) {
            self.note(level, format!("{level}: {id} {obstacle}"));
            return None;
        }
        self.note(level, format!("{level} -> {id}"));
        Some(member)
    }

    /// Through whom the unit reaches a customer in quarantine.
    fn through(&mut self, unit: &Member) -> Option<Unit> {
        if !self.quarantine || unit.abilities.enters_quarantine {
            return None;
        }
        let organisation = self.organisation;
        let is_authority = |member: &&Member| member.unit.kind == UnitKind::LocalAuthority;
        let (place, authority) = self.places().into_iter().find_map(|place| {
            let mut units = organisation.claims_on(&place, self.asked.day).map(|claim| organisation.member(claim.unit));
            let authority = units.find(is_authority)?;
            drop(units);
            Some((place, authority))
        })?;
        let decided = self.why.pop();
        self.note("quarantine", format!("{} {}: through {}", level_of(&place), code_of(&place), authority.unit.id));
        self.why.extend(decided);
        Some(authority.unit.clone())
    }
}

fn level_of(place: &Territory) -> &'static str {
    match place {
        Territory::Ward(_) => "ward",
        Territory::District(_) => "district",
        Territory::Province(_) => "province",
        Territory::Route(_) => "route",
    }
}

fn code_of(place: &Territory) -> &str {
    let (Territory::Ward(code) | Territory::District(code) | Territory::Province(code) | Territory::Route(code)) =
        place;
    shown(code)
}

/// A code as reasons show it. Partners send codes unchecked, and reasons are logged: what is not a code
/// might be a person's words.
fn shown(code: &str) -> &str {
    if code.len() <= 5 && code.bytes().all(|byte| byte.is_ascii_digit()) { code } else { "(not a code)" }
}

#[cfg(test)]
mod tests;
