//! One turn at a time in each conversation. The lock is for order; the version in the store is for truth.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use tokio::sync::{Mutex, MutexGuard};

use crate::domain::id::ConversationId;

/// How many conversations can be in a turn at once. Two that share a lock only wait for each other.
const LOCKS: usize = 4096;

/// The locks of all conversations. Their number is fixed, so memory does not grow with customers.
pub(super) struct Mailboxes {
    locks: Box<[Mutex<()>]>,
    hash: BuildHasherDefault<DefaultHasher>,
}

impl Mailboxes {
    pub(super) fn new() -> Self {
        Self { locks: (0..LOCKS).map(|_| Mutex::new(())).collect(), hash: BuildHasherDefault::default() }
    }

    /// The conversation, if no turn is under way in it.
    pub(super) fn try_enter(&self, id: &ConversationId) -> Option<MutexGuard<'_, ()>> {
        self.of(id).try_lock().ok()
    }

    /// The conversation, in the order of asking.
    pub(super) async fn enter(&self, id: &ConversationId) -> MutexGuard<'_, ()> {
        self.of(id).lock().await
    }

    fn of(&self, id: &ConversationId) -> &Mutex<()> {
        let ix = usize::try_from(self.hash.hash_one(id) % LOCKS as u64).expect("below the number of locks");
        &self.locks[ix]
    }
}
