//! Tells those who hold a connection open that their conversation has moved.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use crate::domain::id::ConversationId;

/// Who is looking at which conversation.
#[derive(Default)]
pub struct Watchers {
    open: Mutex<HashMap<ConversationId, watch::Sender<u64>>>,
}

impl Watchers {
    /// Sees the number of the next transcript entry change from now on.
    pub fn watch(&self, id: &ConversationId) -> watch::Receiver<u64> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever has left is swept out by whoever comes.
        if open.len() % 64 == 63 {
            open.retain(|_, sender| sender.receiver_count() > 0);
        }
        open.entry(id.clone()).or_insert_with(|| watch::channel(0).0).subscribe()
    }

    /// The conversation has entries up to, not including, `next`.
    pub(super) fn moved(&self, id: &ConversationId, next: u64) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = open.get(id) {
            if sender.receiver_count() == 0 {
                open.remove(id);
            } else {
                sender.send_replace(next);
            }
        }
    }

    /// How many conversations are being looked at.
    pub fn count(&self) -> usize {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.values().filter(|sender| sender.receiver_count() > 0).count()
    }
}
