//! How many tickets each unit was given today. One lock over deciding and counting, so that no unit is given more
//! than it may however many tickets come at once. Held in memory; counted anew at start from the store.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::id::UnitId;
use crate::domain::ticket::Ticket;
use crate::domain::time::Day;
use crate::routing::Loads;

/// The ledger.
#[derive(Default)]
pub(super) struct Ledger(Mutex<Page>);

/// What was given on one day.
#[derive(Default)]
pub(super) struct Page {
    day: Option<Day>,
    given: HashMap<UnitId, u32>,
}

impl Loads for Page {
    fn given(&self, unit: &UnitId, day: Day) -> u32 {
        if self.day == Some(day) { self.given.get(unit).copied().unwrap_or(0) } else { 0 }
    }
}

impl Ledger {
    /// Begins with what was given on a day.
    pub(super) fn begin(&self, day: Day, given: Vec<(UnitId, u32)>) {
        *self.page() = Page { day: Some(day), given: given.into_iter().collect() };
    }

    /// Decides with what was given so far, and counts what `after` says of the decision.
    pub(super) fn decide<T>(
        &self,
        day: Day,
        before: Option<&Ticket>,
        decide: impl FnOnce(&dyn Loads) -> T,
        after: impl FnOnce(&T) -> Option<&Ticket>,
    ) -> T {
        let mut page = self.page();
        // A clock that is set back does not lose what was counted.
        if page.day.is_none_or(|known| known < day) {
            *page = Page { day: Some(day), given: HashMap::new() };
        }
        let decided = decide(&*page);
        if let Some(after) = after(&decided) {
            page.move_to(before, Some(after));
        }
        decided
    }

    /// Takes back what was counted for a decision that could not be stored.
    pub(super) fn undo(&self, before: Option<&Ticket>, after: &Ticket) {
        self.page().move_to(Some(after), before);
    }

    fn page(&self) -> std::sync::MutexGuard<'_, Page> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Page {
    /// A ticket that was with one unit is with another.
    fn move_to(&mut self, before: Option<&Ticket>, after: Option<&Ticket>) {
        let day = self.day;
        let of = |ticket: &Ticket| ticket.course.given_on.filter(|on| Some(*on) == day).map(|_| ticket.unit.id.clone());
        let (before, after) = (before.and_then(of), after.and_then(of));
        if before == after {
            return;
        }
        if let Some(count) = before.and_then(|unit| self.given.get_mut(&unit)) {
            *count = count.saturating_sub(1);
        }
        if let Some(unit) = after {
            *self.given.entry(unit).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::Organisation;

    #[test]
    fn a_ticket_counts_where_it_is_on_the_day_on_which_it_was_given() {
        let ledger = Ledger::default();
        let today = Day::of(2026, 11, 26).unwrap();
        let mut ticket = crate::runtime::tests::ticket();
        let units = Organisation::sample();
        ticket.unit = units.units()[5].unit.clone();
        ticket.course.given_on = Some(today);
        let given = |ticket: &Ticket, day| ledger.page().given(&ticket.unit.id, day);
        ledger.decide(today, None, |_| ticket.clone(), |ticket| Some(ticket));
        assert_eq!((given(&ticket, today), given(&ticket, today.plus(1))), (1, 0));
        let mut passed = ticket.clone();
        passed.unit = units.units()[6].unit.clone();
        ledger.decide(today, Some(&ticket), |_| passed.clone(), |ticket| Some(ticket));
        assert_eq!((given(&ticket, today), given(&passed, today)), (0, 1));
        ledger.undo(Some(&ticket), &passed);
        assert_eq!((given(&ticket, today), given(&passed, today)), (1, 0));
        // What was given yesterday is no load of today, also when it goes.
        passed.course.given_on = Some(today.plus(1));
        ledger.decide(today.plus(1), Some(&ticket), |_| passed.clone(), |ticket| Some(ticket));
        assert_eq!((given(&ticket, today.plus(1)), given(&passed, today.plus(1))), (0, 1));
    }
}
