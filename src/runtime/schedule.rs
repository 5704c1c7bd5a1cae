//! Which conversations have something to do, and when. Held in memory; rebuilt at start from the store.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use crate::domain::id::ConversationId;
use crate::domain::time::Timestamp;

use super::clock;

/// A queue of conversations by due time, each at most once: the earliest time wins.
#[derive(Default)]
pub(super) struct Schedule {
    inner: Mutex<Inner>,
    changed: Notify,
}

#[derive(Default)]
struct Inner {
    by_time: BTreeSet<(Timestamp, ConversationId)>,
    by_id: HashMap<ConversationId, Timestamp>,
}

impl Schedule {
    /// Puts the conversation on the list for `due`, unless it stands there earlier.
    pub(super) fn add(&self, id: &ConversationId, due: Timestamp) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.by_id.get(id).is_some_and(|earlier| *earlier <= due) {
            return;
        }
        if let Some(later) = inner.by_id.insert(id.clone(), due) {
            inner.by_time.remove(&(later, id.clone()));
        }
        inner.by_time.insert((due, id.clone()));
        drop(inner);
        self.changed.notify_one();
    }

    /// Waits for the next conversation that is due, and takes it off the list.
    pub(super) async fn next(&self) -> ConversationId {
        loop {
            let changed = self.changed.notified();
            match self.take(clock::now()) {
                Ok(id) => return id,
                Err(Some(due)) => tokio::select! {
                    () = changed => {}
                    () = clock::sleep_until(due) => {}
                },
                Err(None) => changed.await,
            }
        }
    }

    fn take(&self, now: Timestamp) -> Result<ConversationId, Option<Timestamp>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        match inner.by_time.first() {
            Some((due, _)) if *due > now => Err(Some(*due)),
            Some(_) => {
                let (_, id) = inner.by_time.pop_first().expect("there is a first");
                inner.by_id.remove(&id);
                Ok(id)
            }
            None => Err(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_time_wins_and_each_conversation_is_taken_once() {
        let schedule = Schedule::default();
        let at = Timestamp::from_millis;
        let (a, b) = (ConversationId::new("c_a"), ConversationId::new("c_b"));
        schedule.add(&a, at(50));
        schedule.add(&b, at(20));
        schedule.add(&a, at(10));
        schedule.add(&a, at(99));
        assert_eq!(schedule.take(at(5)), Err(Some(at(10))));
        assert_eq!(schedule.take(at(100)), Ok(a));
        assert_eq!(schedule.take(at(100)), Ok(b));
        assert_eq!(schedule.take(at(100)), Err(None));
    }
}
