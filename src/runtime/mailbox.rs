//! One turn at a time in each conversation. The lock is for order; the version in the store is for truth.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::PoisonError;

use tokio::sync::{Mutex, MutexGuard};

use crate::domain::id::ConversationId;

/// How many conversations can be in a turn at once. Two that share a lock only wait for each other.
const LOCKS: usize = 4096;

/// The locks of all conversations. Their number is fixed, so memory does not grow with customers.
pub(super) struct Mailboxes {
    locks: Box<[Mutex<()>]>,
    hash: BuildHasherDefault<DefaultHasher>,
    /// The conversations with events in their inbox, so that the others need not look.
    waiting: std::sync::Mutex<HashSet<ConversationId>>,
}

impl Mailboxes {
    pub(super) fn new() -> Self {
        let locks = (0..LOCKS).map(|_| Mutex::new(())).collect();
        Self { locks, hash: BuildHasherDefault::default(), waiting: std::sync::Mutex::default() }
    }

    /// The conversation, if no turn is under way in it.
    pub(super) fn try_enter(&self, id: &ConversationId) -> Option<MutexGuard<'_, ()>> {
        self.of(id).try_lock().ok()
    }

    /// The conversation, in the order of asking.
    pub(super) async fn enter(&self, id: &ConversationId) -> MutexGuard<'_, ()> {
        self.of(id).lock().await
    }

    /// Events of this conversation wait in its inbox: who comes next goes behind them.
    pub(super) fn add_waiting(&self, id: &ConversationId) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone());
    }

    /// Whether events of this conversation wait in its inbox.
    pub(super) fn is_waiting(&self, id: &ConversationId) -> bool {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }

    /// The same, and from now on they count as being looked after. Said before the inbox is read, so that
    /// what comes while it is being read counts anew.
    pub(super) fn take_waiting(&self, id: &ConversationId) -> bool {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(id)
    }

    fn of(&self, id: &ConversationId) -> &Mutex<()> {
        let ix = usize::try_from(self.hash.hash_one(id) % LOCKS as u64).expect("below the number of locks");
        &self.locks[ix]
    }
}
