//! From a proved payload to events that are ours: taken down durably before they are acknowledged.
//!
//! A single event of a quiet conversation is taken and answered in one commit. Several at once, or one
//! of a conversation that is in a turn or behind with its inbox, are only accepted first, so that the
//! platform's deadline never depends on how long thinking takes.
//!
//! What was begun is finished even if the platform hangs up meanwhile: a turn that is committed but not
//! announced would leave its messages in the outbox until something else moves the conversation.

use std::sync::Arc;

use bytes::Bytes;

use crate::channel::{Channel, Delivery, Reading, RejectError, Verified};
use crate::domain::id::ConversationId;
use crate::domain::message::{Event, Inbound};
use crate::store::{Accepted, Consumed, Seen, StoreError};

use super::metrics::Metrics;
use super::{Runtime, clock};

/// Unreadable payloads kept for a person to look at, a new one in the place of an older, and cut to this
/// many bytes.
const QUARANTINED: u64 = 100;
const QUARANTINE_BYTES: usize = 64 * 1024;
/// Accepted events looked at in one go.
const AT_ONCE: usize = 32;

impl Runtime {
    /// Takes everything in the payload. When it returns `Ok`, the platform may be told so; the bytes are
    /// the answer, on channels that reply in it.
    ///
    /// # Errors
    /// When nothing could be stored: the platform must not be told that it was.
    pub async fn receive(
        self: &Arc<Self>,
        channel: &dyn Channel,
        payload: &Verified,
    ) -> Result<Option<Bytes>, StoreError> {
        let name = channel.name().as_str();
        let readings = match channel.parse(payload, clock::now()) {
            Ok(readings) => readings,
            Err(RejectError::Malformed | RejectError::Unsigned) => {
                Metrics::count(&self.metrics.inbound, name, "malformed");
                self.quarantine(name, payload.body()).await?;
                return Ok(None);
            }
        };
        let mut inbounds = Vec::new();
        for reading in readings {
            match reading {
                Reading::Inbound(inbound) => inbounds.push(inbound),
                Reading::Ignored { ignored } => {
                    Metrics::count(&self.metrics.inbound, name, "ignored");
                    tracing::debug!(channel = name, kind = ignored, "event ignored");
                }
            }
        }
        self.take(channel.delivery(), inbounds).await
    }

    /// Takes events that were read already, to the end even if the caller is dropped.
    ///
    /// # Errors
    /// When nothing could be stored.
    pub async fn take(
        self: &Arc<Self>,
        delivery: Delivery,
        inbounds: Vec<Inbound>,
    ) -> Result<Option<Bytes>, StoreError> {
        let runtime = Arc::clone(self);
        self.finish_anyway(async move { runtime.take_all(delivery, inbounds).await }).await
    }

    async fn take_all(
        self: &Arc<Self>,
        delivery: Delivery,
        mut inbounds: Vec<Inbound>,
    ) -> Result<Option<Bytes>, StoreError> {
        let mut statuses = Vec::new();
        inbounds.retain(|inbound| {
            let status = matches!(inbound.event, Event::Receipt { .. } | Event::Echo { .. });
            if status {
                statuses.push(inbound.clone());
            }
            !status
        });
        for status in &statuses {
            self.reconcile(status).await?;
        }
        match (delivery, inbounds.as_slice()) {
            (_, []) => Ok(None),
            (Delivery::Reply, several) => {
                let mut reply = None;
                for inbound in several {
                    reply = self.answer(inbound).await?;
                }
                Ok(reply)
            }
            (_, [one]) => self.take_one(one).await.map(|()| None),
            (_, several) => self.accept(several).await.map(|()| None),
        }
    }

    /// Takes one event and answers it in the same commit, if its conversation is quiet.
    async fn take_one(self: &Arc<Self>, inbound: &Inbound) -> Result<(), StoreError> {
        let id = inbound.key.conversation();
        let Some(turn) = self.mailboxes.try_enter(&id) else {
            return self.accept(std::slice::from_ref(inbound)).await;
        };
        // What came before goes first, in its own time; and should it fail, this event is ours all the same.
        if self.mailboxes.is_waiting(&id) {
            drop(turn);
            return self.accept(std::slice::from_ref(inbound)).await;
        }
        // That it is a duplicate is seen by the commit, which refuses it.
        let turned = self.turn(&id, inbound, fresh(inbound)).await?;
        self.count(inbound, if turned.is_new { "new" } else { "duplicate" });
        drop(turn);
        Ok(())
    }

    /// Takes one event and returns what is said to it, or what was said when it came before.
    async fn answer(self: &Arc<Self>, inbound: &Inbound) -> Result<Option<Bytes>, StoreError> {
        let id = inbound.key.conversation();
        let turn = self.mailboxes.enter(&id).await;
        let turned = self.turn(&id, inbound, fresh(inbound)).await?;
        self.count(inbound, if turned.is_new { "new" } else { "duplicate" });
        drop(turn);
        Ok(turned.reply)
    }

    /// Takes events into their inboxes and has them answered in their own time.
    pub(super) async fn accept(self: &Arc<Self>, inbounds: &[Inbound]) -> Result<(), StoreError> {
        let accepted = self.store.accept(inbounds, clock::now()).await?;
        let mut ids: Vec<ConversationId> = Vec::new();
        for (inbound, accepted) in inbounds.iter().zip(accepted) {
            let id = inbound.key.conversation();
            match accepted {
                Accepted::New => self.count(inbound, "new"),
                Accepted::Duplicate => self.count(inbound, "duplicate"),
            }
            if accepted == Accepted::New && !ids.contains(&id) {
                ids.push(id);
            }
        }
        for id in ids {
            self.mailboxes.add_waiting(&id);
            let runtime = Arc::clone(self);
            self.spawn(async move { runtime.drain(&id).await });
        }
        Ok(())
    }

    /// Answers what waits in the conversation's inbox. What fails stays there and is tried again.
    pub(super) async fn drain(self: &Arc<Self>, id: &ConversationId) {
        if !self.mailboxes.is_waiting(id) {
            return;
        }
        let turn = self.mailboxes.enter(id).await;
        if self.mailboxes.take_waiting(id)
            && let Err(error) = self.drain_entered(id).await
        {
            self.mailboxes.add_waiting(id);
            self.metrics.failed_turns.inc();
            tracing::warn!(conversation = %id, %error, "a turn failed and will be tried again");
            self.schedule.add(id, clock::now().plus(std::time::Duration::from_secs(2)));
        }
        drop(turn);
    }

    /// Whether the event was taken before, under either of its ids.
    pub(super) async fn seen(&self, id: &ConversationId, inbound: &Inbound) -> Result<Option<Seen>, StoreError> {
        for event in [Some(&inbound.id), inbound.alias.as_ref()].into_iter().flatten() {
            if let Some(seen) = self.store.seen(id, event, clock::now()).await? {
                return Ok(Some(seen));
            }
        }
        Ok(None)
    }

    async fn drain_entered(self: &Arc<Self>, id: &ConversationId) -> Result<(), StoreError> {
        loop {
            let rows = self.store.inbox(id, AT_ONCE).await?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in rows {
                self.turn(id, &row.inbound, Consumed::Accepted { number: row.number }).await?;
            }
        }
    }

    /// A platform's word about a message of ours: what it repeats need not be sent again.
    async fn reconcile(&self, status: &Inbound) -> Result<(), StoreError> {
        let Event::Echo { tag: Some(tag), .. } = &status.event else { return Ok(()) };
        self.settle_echoed(&status.key.conversation(), tag).await
    }

    async fn quarantine(&self, channel: &str, body: &Bytes) -> Result<(), StoreError> {
        let number = clock::now().millis().unsigned_abs() % QUARANTINED;
        let name = format!("quarantine/{channel}/{number}");
        tracing::warn!(channel, bytes = body.len(), kept_as = name, "a signed payload could not be read");
        let before = self.store.get(&name).await?;
        let kept = &body[..body.len().min(QUARANTINE_BYTES)];
        match self.store.replace(&name, before.as_deref(), kept).await {
            // Two unreadable payloads in the same millisecond: one of them is kept, which will do.
            Err(StoreError::Conflict) => Ok(()),
            other => other,
        }
    }

    fn count(&self, inbound: &Inbound, what: &str) {
        Metrics::count(&self.metrics.inbound, inbound.key.channel.as_str(), what);
    }
}

/// What a turn uses up that answers an event which never was in the inbox.
fn fresh(inbound: &Inbound) -> Consumed {
    Consumed::Fresh { event: inbound.id.clone(), alias: inbound.alias.clone() }
}
