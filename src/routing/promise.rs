//! Promises to customers, reckoned in the working time of the unit that has the ticket.

use std::time::Duration;

use super::calendar::{Calendar, Week};
use super::organisation::Organisation;
use crate::domain::id::UnitId;
use crate::domain::ticket::{Clock, Course, Promise};
use crate::domain::time::Timestamp;

/// Of how many hundredths it is told that they are used up; at the last the promise is broken.
pub const MARKS: [u8; 3] = [50, 80, 100];

/// How much working time there is for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// For a unit to accept what it is offered.
    pub offer: Duration,
    /// For the customer to be called.
    pub first_contact: Duration,
    /// For the customer to be visited.
    pub visit: Duration,
}

/// Half an hour, two hours, two working days.
impl Default for Policy {
    fn default() -> Self {
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        Self { offer: hours(1) / 2, first_contact: hours(2), visit: hours(16) }
    }
}

impl Policy {
    /// The clocks of a ticket made at this moment.
    pub(super) fn clocks(&self, now: Timestamp) -> Vec<Clock> {
        let clock = |promise, limit: Duration| Clock {
            promise,
            limit: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
            spent: 0,
            since: now,
            told: 0,
        };
        vec![clock(Promise::FirstContact, self.first_contact), clock(Promise::Visit, self.visit)]
    }
}

/// When a unit works.
pub(super) fn calendar<'a>(organisation: &'a Organisation, unit: &UnitId) -> Calendar<'a> {
    static USUAL: std::sync::LazyLock<Week> = std::sync::LazyLock::new(Week::usual);
    let week = organisation.unit(unit).map_or(&*USUAL, |member| &member.hours);
    Calendar { week, holidays: organisation.holidays() }
}

/// Writes down how much of each clock is used up now: before its pace changes.
pub(super) fn settle(course: &mut Course, calendar: &Calendar<'_>, now: Timestamp) {
    for clock in &mut course.clocks {
        // One that begins later has not begun.
        if clock.since < now {
            if !course.paused {
                clock.spent = clock.spent.saturating_add(millis(calendar.between(clock.since, now)));
            }
            clock.since = now;
        }
    }
}

/// The next mark of a ticket's clocks, and when it is reached; none while they stand still.
pub(super) fn next_mark(course: &Course, calendar: &Calendar<'_>) -> Option<(Timestamp, Promise, u8)> {
    if course.paused {
        return None;
    }
    let of_clock = |clock: &Clock| {
        let mark = MARKS.into_iter().find(|mark| *mark > clock.told)?;
        let left = (clock.limit / 100 * u64::from(mark)).saturating_sub(clock.spent);
        Some((calendar.after(clock.since, Duration::from_millis(left)), clock.promise, mark))
    };
    course.clocks.iter().filter_map(of_clock).min_by_key(|(at, ..)| *at)
}

/// By when a promise is to be kept; none if it is kept, or if the clocks stand still.
pub fn due(organisation: &Organisation, unit: &UnitId, course: &Course, promise: Promise) -> Option<Timestamp> {
    let clock = course.clocks.iter().find(|clock| clock.promise == promise).filter(|_| !course.paused)?;
    let left = Duration::from_millis(clock.limit.saturating_sub(clock.spent));
    Some(calendar(organisation, unit).after(clock.since, left))
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
