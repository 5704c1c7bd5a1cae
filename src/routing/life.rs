//! The life of a ticket: what each act makes of it, who may do it, and what time does by itself.
//!
//! Total: an act leads to a [`Step`] or is a [`Refusal`], and no ticket is ever with nobody. Knows neither store nor
//! channel: the caller loads, commits and tells.

use super::decide::{Asked, Decision, Loads};
use super::organisation::Organisation;
use super::promise::{self, Policy};
use crate::domain::id::UnitId;
use crate::domain::ticket::{Act, Actor, Change, Promise, Ticket, TicketStatus};
use crate::domain::time::{TimeWindow, Timestamp};
use crate::domain::unit::UnitKind;

/// So many units are tried; then the central one keeps the ticket.
pub const MOST_TRIED: usize = 16;
/// Days until the last day for which a visit is agreed upon.
const FURTHEST: i32 = 366;
/// Longest reason or note kept, in characters.
const LONGEST_REASON: usize = 500;

/// What acts happen in.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// The units.
    pub organisation: &'a Organisation,
    /// What they have to do.
    pub loads: &'a dyn Loads,
    /// How fast they should be.
    pub policy: &'a Policy,
    /// The moment.
    pub now: Timestamp,
}

/// What an act leaves behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The ticket after it.
    pub ticket: Ticket,
    /// The line of its history.
    pub change: Change,
}

/// Why an act is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Another unit has it.
    NotYours,
    /// It cannot be done where the ticket stands.
    NotNow(TicketStatus),
    /// There is no such unit, or it is closed.
    NoUnit(UnitId),
    /// The unit does not serve this kind of ticket.
    Unable(UnitId),
    /// The unit had it before.
    HadItAlready(UnitId),
    /// The unit was given as much today as it can take.
    Full(UnitId),
    /// A reason must be given.
    NoReason,
    /// Nobody can come then: it is over, a year away, or no span of a day.
    BadWindow,
}

/// What became of an act.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is done.
    Moved(Box<Step>),
    /// It is not.
    Refused(Refusal),
}

impl Outcome {
    /// The ticket after the act, if it was done.
    pub fn ticket(&self) -> Option<&Ticket> {
        match self {
            Self::Moved(step) => Some(&step.ticket),
            Self::Refused(_) => None,
        }
    }
}

/// Gives a new ticket to its first unit. What the ticket says of units and status before does not matter.
pub fn open(ticket: Ticket, world: &World<'_>) -> Step {
    let mut ticket = ticket;
    ticket.course.clocks = world.policy.clocks(world.now);
    route(&mut ticket, world);
    step(ticket, Actor::System, Act::Open, world.now)
}

/// Does what somebody wants done.
pub fn act(ticket: &Ticket, by: &Actor, act: Act, world: &World<'_>) -> Outcome {
    if let Some(refusal) = refusal(ticket, by, &act, world) {
        return Outcome::Refused(refusal);
    }
    let mut after = ticket.clone();
    let calendar = promise::calendar(world.organisation, &ticket.unit.id);
    promise::settle(&mut after.course, &calendar, world.now);
    let act = kept(act);
    match &act {
        Act::Accept => {
            after.status = TicketStatus::Accepted;
            after.course.offer_until = None;
        }
        Act::Reject { .. } | Act::Expire | Act::Close => leave(&mut after, world),
        Act::Contact => {
            after.status = if after.status == TicketStatus::Scheduled { after.status } else { TicketStatus::Contacted };
            kept_promise(&mut after, Promise::FirstContact);
        }
        Act::Schedule { window } => schedule(&mut after, window),
        Act::Finish { outcome, .. } => end(&mut after, *outcome),
        Act::Cancel => end(&mut after, TicketStatus::Cancelled),
        Act::Pass { to, .. } => pass(&mut after, to, world),
        Act::Pause { .. } => after.course.paused = true,
        Act::Resume => after.course.paused = false,
        Act::Late { promise, percent } => late(&mut after, *promise, *percent, world),
        Act::Withdraw => after = after.withdrawn(),
        Act::Open | Act::Repeat { .. } => {}
    }
    Outcome::Moved(Box::new(step(after, by.clone(), act, world.now)))
}

/// What time makes of a ticket by now.
pub fn lapse(ticket: &Ticket, organisation: &Organisation, now: Timestamp) -> Option<Act> {
    if !ticket.status.is_open() {
        return None;
    }
    if ticket.course.offer_until.is_some_and(|until| until <= now) {
        return Some(Act::Expire);
    }
    let calendar = promise::calendar(organisation, &ticket.unit.id);
    let (at, promise, percent) = promise::next_mark(&ticket.course, &calendar)?;
    (at <= now).then_some(Act::Late { promise, percent })
}

/// When time next makes something of a ticket.
pub fn due(ticket: &Ticket, organisation: &Organisation) -> Option<Timestamp> {
    if !ticket.status.is_open() {
        return None;
    }
    let calendar = promise::calendar(organisation, &ticket.unit.id);
    let mark = promise::next_mark(&ticket.course, &calendar).map(|(at, ..)| at);
    [ticket.course.offer_until, mark].into_iter().flatten().min()
}

fn step(mut ticket: Ticket, by: Actor, act: Act, now: Timestamp) -> Step {
    ticket.course.changes += 1;
    let (number, status, unit) = (ticket.course.changes, ticket.status, ticket.unit.id.clone());
    Step { change: Change { number, at: now, by, act, status, unit }, ticket }
}

/// Why an act is not done, if it is not.
fn refusal(ticket: &Ticket, by: &Actor, act: &Act, world: &World<'_>) -> Option<Refusal> {
    use TicketStatus::{Accepted, Contacted, New, Offered, Scheduled};

    let status = ticket.status;
    let is_taken = matches!(status, Accepted | Contacted | Scheduled);
    let fits = match act {
        Act::Accept | Act::Expire => matches!(status, New | Offered),
        Act::Reject { .. } | Act::Pass { .. } | Act::Cancel | Act::Close | Act::Repeat { .. } | Act::Late { .. } => {
            status.is_open()
        }
        Act::Schedule { .. } => is_taken || *by == Actor::Customer && status.is_open(),
        Act::Contact => is_taken,
        Act::Finish { outcome, .. } => is_taken && outcome.is_outcome(),
        Act::Pause { .. } => is_taken && !ticket.course.paused,
        Act::Resume => is_taken && ticket.course.paused,
        Act::Withdraw => status != TicketStatus::Withdrawn,
        Act::Open => false,
    };
    let reason = match act {
        Act::Reject { reason } | Act::Pass { reason, .. } | Act::Pause { reason } => Some(reason),
        _ => None,
    };
    match act {
        _ if !may(ticket, by, act, world.organisation) => Some(Refusal::NotYours),
        _ if !fits => Some(Refusal::NotNow(status)),
        _ if reason.is_some_and(|reason| reason.trim().is_empty()) => Some(Refusal::NoReason),
        // The last resort has nobody to give it back to.
        Act::Reject { .. } if ticket.unit.kind == UnitKind::Central => Some(Refusal::NotNow(status)),
        Act::Schedule { window } if !can_be(window, world.now) => Some(Refusal::BadWindow),
        Act::Pass { to, .. } => unfit(ticket, by, to, world),
        _ => None,
    }
}

/// Whether somebody can be visited then.
fn can_be(window: &TimeWindow, now: Timestamp) -> bool {
    let today = now.day();
    let (first, last) = (window.first.unwrap_or(today), window.last.or(window.first).unwrap_or(today));
    window.from < window.to && window.to <= 1440 && first <= last && last >= today && last <= today.plus(FURTHEST)
}

/// Whether somebody may do this: a unit what concerns its own tickets and those of units below it, the customer
/// what concerns theirs.
fn may(ticket: &Ticket, by: &Actor, act: &Act, organisation: &Organisation) -> bool {
    match by {
        Actor::System | Actor::Operator => true,
        Actor::Customer => matches!(act, Act::Cancel | Act::Schedule { .. } | Act::Repeat { .. } | Act::Withdraw),
        Actor::Partner { .. } => *act == Act::Cancel,
        Actor::Unit { unit, .. } => {
            let is_theirs = *unit == ticket.unit.id;
            let is_above = || is_above(organisation, unit, &ticket.unit.id);
            match act {
                Act::Accept | Act::Reject { .. } => is_theirs,
                Act::Pass { .. } | Act::Contact | Act::Schedule { .. } | Act::Finish { .. } => is_theirs || is_above(),
                Act::Pause { .. } | Act::Resume | Act::Cancel => is_theirs || is_above(),
                _ => false,
            }
        }
    }
}

/// Whether a unit is above another: by its parents, or as the central one.
fn is_above(organisation: &Organisation, unit: &UnitId, other: &UnitId) -> bool {
    *unit == organisation.central().unit.id || organisation.is_below(other, unit)
}

/// Why a ticket cannot be passed to a unit. One that had it before gets it again only from above: among equals a
/// ticket never goes in circles.
fn unfit(ticket: &Ticket, by: &Actor, to: &UnitId, world: &World<'_>) -> Option<Refusal> {
    let day = world.now.day();
    let Some(member) = world.organisation.unit(to).filter(|member| member.valid.holds(day)) else {
        return Some(Refusal::NoUnit(to.clone()));
    };
    let is_dispatcher = match by {
        Actor::Unit { unit, .. } => is_above(world.organisation, unit, to),
        _ => true,
    };
    let had_it = *to == ticket.unit.id || !is_dispatcher && ticket.course.tried.contains(to);
    match () {
        () if member.unit.kind == UnitKind::LocalAuthority || !member.can(ticket.request.kind) => {
            Some(Refusal::Unable(to.clone()))
        }
        () if had_it => Some(Refusal::HadItAlready(to.clone())),
        () if member.capacity.is_some_and(|most| world.loads.given(to, day) >= most) => Some(Refusal::Full(to.clone())),
        () => None,
    }
}

/// The next unit is found, none that had it already.
fn leave(ticket: &mut Ticket, world: &World<'_>) {
    tried(ticket);
    route(ticket, world);
}

fn tried(ticket: &mut Ticket) {
    let left = ticket.unit.id.clone();
    if !ticket.course.tried.contains(&left) {
        ticket.course.tried.push(left);
    }
}

/// Decides who gets the ticket, and gives it.
fn route(ticket: &mut Ticket, world: &World<'_>) {
    let Ticket { request, course, .. } = &*ticket;
    let asked = Asked { request, day: world.now.day(), home: course.home.as_ref(), tried: &course.tried };
    let is_enough = course.tried.len() >= MOST_TRIED;
    let decision = if is_enough { None } else { Some(world.organisation.decide(&asked, world.loads)) };
    let Decision { unit, through, why } = decision.unwrap_or_else(|| world.organisation.last_resort());
    ticket.unit = unit;
    ticket.why = why;
    ticket.course.through = through;
    given(ticket, world);
}

/// The ticket's unit was given it: it is asked whether it takes it, unless it is the last resort.
fn given(ticket: &mut Ticket, world: &World<'_>) {
    let is_last = ticket.unit.kind == UnitKind::Central;
    let calendar = promise::calendar(world.organisation, &ticket.unit.id);
    ticket.status = if is_last { TicketStatus::New } else { TicketStatus::Offered };
    ticket.course.offer_until = (!is_last).then(|| calendar.after(world.now, world.policy.offer));
    ticket.course.given_on = Some(world.now.day());
    ticket.course.paused = false;
}

fn pass(ticket: &mut Ticket, to: &UnitId, world: &World<'_>) {
    let Some(member) = world.organisation.unit(to) else { return };
    tried(ticket);
    ticket.course.tried.retain(|unit| unit != to);
    ticket.why = vec![crate::domain::ticket::Why { rule: format!("passed -> {to}"), level: "unit".to_owned() }];
    ticket.unit = member.unit.clone();
    given(ticket, world);
}

fn schedule(ticket: &mut Ticket, window: &TimeWindow) {
    ticket.course.appointment = Some(window.clone());
    ticket.course.paused = false;
    // What the customer wishes before a unit has taken it is no agreement yet.
    if !matches!(ticket.status, TicketStatus::New | TicketStatus::Offered) {
        ticket.status = TicketStatus::Scheduled;
        kept_promise(ticket, Promise::FirstContact);
    }
    // Until the customer is at home nobody is late.
    let Some(first) = window.first else { return };
    let from = Timestamp::of(first, window.from.min(1439));
    for clock in &mut ticket.course.clocks {
        clock.since = clock.since.max(from);
    }
}

fn kept_promise(ticket: &mut Ticket, promise: Promise) {
    ticket.course.clocks.retain(|clock| clock.promise != promise);
}

fn end(ticket: &mut Ticket, status: TicketStatus) {
    ticket.status = status;
    ticket.course.offer_until = None;
    ticket.course.clocks.clear();
    ticket.course.paused = false;
}

/// At the last mark the unit above is told: the province's own, then the region, then the central one.
fn late(ticket: &mut Ticket, promise: Promise, percent: u8, world: &World<'_>) {
    for clock in ticket.course.clocks.iter_mut().filter(|clock| clock.promise == promise) {
        clock.told = clock.told.max(percent);
    }
    if percent < 100 {
        return;
    }
    let from = ticket.course.escalated.as_ref().unwrap_or(&ticket.unit.id);
    let above = [UnitKind::Province, UnitKind::Region].iter().find_map(|kind| world.organisation.above(from, *kind));
    let above = above.unwrap_or_else(|| world.organisation.central());
    ticket.course.escalated = Some(above.unit.id.clone());
}

/// The act with no more of its words than are kept.
fn kept(act: Act) -> Act {
    let short = |text: String| text.trim().chars().take(LONGEST_REASON).collect::<String>();
    match act {
        Act::Reject { reason } => Act::Reject { reason: short(reason) },
        Act::Pass { to, reason } => Act::Pass { to, reason: short(reason) },
        Act::Pause { reason } => Act::Pause { reason: short(reason) },
        Act::Finish { outcome, note } => Act::Finish { outcome, note: short(note) },
        act => act,
    }
}

#[cfg(test)]
mod tests;
