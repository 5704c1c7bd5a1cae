//! Moves the conversations whose time has come: a reminder, the end of a silence or of a pause.
//!
//! What is due stands in the store, written by the very commit that made it so; a crash therefore repeats a
//! moment and loses none. Here it is only looked for and handed to `turn`, which decides.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::domain::id::ConversationId;
use crate::domain::message::{Event, Inbound};
use crate::domain::time::Timestamp;
use crate::store::{Consumed, StoreError};

use super::{Runtime, clock};

/// How often the store is asked for what has become due.
const LOOK: Duration = Duration::from_secs(1);
/// Conversations moved at one time.
const AT_ONCE: usize = 256;
/// How long one that cannot be moved is left alone, so that it does not stand in the way of the others.
const REST: Duration = Duration::from_secs(60);

/// The conversations that could not be moved, and until when they rest.
type Resting = HashMap<ConversationId, Timestamp>;

impl Runtime {
    /// Moves conversations as they become due, until the server stops.
    pub(super) async fn keep_time(self: Arc<Self>) {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut resting = Resting::new();
        loop {
            tokio::select! {
                () = self.closing.cancelled() => return,
                _ = look.tick() => {}
            }
            if let Err(error) = self.move_all_due(&mut resting).await {
                tracing::warn!(%error, "conversations that are due cannot be looked for now");
            }
        }
    }

    async fn move_all_due(self: &Arc<Self>, resting: &mut Resting) -> Result<(), StoreError> {
        loop {
            let now = clock::now();
            resting.retain(|_, until| *until > now);
            let due = self.store.due(now, AT_ONCE + resting.len()).await?;
            let is_all = due.len() < AT_ONCE + resting.len();
            let mut moving = JoinSet::new();
            for (id, at) in due.into_iter().filter(|(id, _)| !resting.contains_key(id)) {
                let runtime = Arc::clone(self);
                moving.spawn(async move {
                    let (mover, moved) = (Arc::clone(&runtime), id.clone());
                    // In a task of its own: a panic is an error of this one.
                    (id, runtime.finish_anyway(async move { mover.move_due(&moved, at).await }).await)
                });
            }
            while let Some(moved) = moving.join_next().await {
                let Ok((id, Err(error))) = moved else { continue };
                self.metrics.failed_turns.inc();
                tracing::warn!(conversation = %id, %error, "a conversation that is due cannot be moved now");
                resting.insert(id, clock::now().plus(REST));
            }
            if is_all || self.closing.is_cancelled() {
                return Ok(());
            }
        }
    }

    /// Moves one conversation that was due at `at`, unless something else has moved it meanwhile.
    async fn move_due(self: &Arc<Self>, id: &ConversationId, at: Timestamp) -> Result<(), StoreError> {
        // Whoever has written already is not reminded.
        self.drain(id).await;
        if self.mailboxes.is_waiting(id) {
            return Err(StoreError::Unavailable("what came in is not answered yet".to_owned()));
        }
        let entered = self.mailboxes.enter(id).await;
        let Some(conversation) = self.store.load(id).await? else { return Ok(()) };
        let due = conversation.session.as_ref().and_then(|session| session.due);
        if due.is_some_and(|due| due.at == at) {
            let event = Event::Due;
            let inbound = Inbound { key: conversation.key, id: format!("due/{}", at.millis()), alias: None, at, event };
            self.turn(id, &inbound, Consumed::Nothing).await?;
        }
        drop(entered);
        Ok(())
    }
}
