//! Brings the outbox to the world: in order within a conversation, many conversations at a time. What
//! fails waits with growing, jittered pauses; an account that may not send pauses as a whole and alone.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::channel::{Channel, SendError, render};
use crate::domain::contact::ContactKey;
use crate::domain::conversation::Conversation;
use crate::domain::id::ConversationId;
use crate::domain::message::Outbound;
use crate::domain::time::Timestamp;
use crate::store::{Effect, Fate, OutboxRow, StoreError};

use super::metrics::Metrics;
use super::{Runtime, clock};

/// Rows looked at in one go.
const AT_ONCE: usize = 16;
/// Tries before a message is given up: with the pauses below, about an hour.
const MOST_TRIES: u32 = 10;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// How long an account rests when the platform names no time, and when a person must mend it.
const ACCOUNT_PAUSE: Duration = Duration::from_secs(60);
const ACCOUNT_HALT: Duration = Duration::from_secs(10 * 60);

/// What to do with a row that was tried.
pub(super) enum Step {
    /// It is over: next row.
    Over,
    /// The contact cannot be reached: messages are dropped, hand-offs go on.
    Unreachable,
    /// It failed: again at that time.
    Again(Timestamp),
    /// The account rests until then; the row was not tried.
    Rest(Timestamp),
}

impl Runtime {
    /// Serves the conversations that have something due, until the server stops.
    pub(super) async fn deliver_all(self: Arc<Self>) {
        loop {
            let permit = tokio::select! {
                () = self.closing.cancelled() => return,
                permit = Arc::clone(&self.permits).acquire_owned() => permit,
            };
            let id = tokio::select! {
                () = self.closing.cancelled() => return,
                id = self.schedule.next() => id,
            };
            if !self.begin(&id) {
                continue;
            }
            let runtime = Arc::clone(&self);
            self.spawn(async move {
                runtime.drain(&id).await;
                if let Err(error) = runtime.deliver(&id).await {
                    tracing::warn!(conversation = %id, %error, "the outbox cannot be served now");
                    runtime.schedule.add(&id, clock::now().plus(Duration::from_secs(2)));
                }
                runtime.finish(&id);
                drop(permit);
            });
        }
    }

    /// Marks the conversation as being served. False when it is already; then it is looked at once more.
    fn begin(&self, id: &ConversationId) -> bool {
        let mut delivering = self.delivering.lock().unwrap_or_else(PoisonError::into_inner);
        match delivering.get_mut(id) {
            Some(again) => {
                *again = true;
                false
            }
            None => {
                delivering.insert(id.clone(), false);
                true
            }
        }
    }

    fn finish(&self, id: &ConversationId) {
        let mut delivering = self.delivering.lock().unwrap_or_else(PoisonError::into_inner);
        if delivering.remove(id) == Some(true) {
            self.schedule.add(id, clock::now());
        }
    }

    /// Sends what is due in one conversation, oldest first, and stops at the first row that must wait.
    async fn deliver(&self, id: &ConversationId) -> Result<(), StoreError> {
        let mut unreachable = None;
        loop {
            let rows = self.store.outbox(id, AT_ONCE).await?;
            if rows.is_empty() {
                return Ok(());
            }
            // Read after the rows: an older one would not know that the contact has just written again.
            let Some(conversation) = self.store.load(id).await? else { return Ok(()) };
            let seen = conversation.last_seen;
            for row in rows {
                if self.closing.is_cancelled() {
                    return Ok(());
                }
                if row.not_before > clock::now() {
                    self.schedule.add(id, row.not_before);
                    return Ok(());
                }
                let step = match &row.effect {
                    Effect::Send { .. } if unreachable == Some(seen) => Step::Over,
                    Effect::Send { message } => self.send(&conversation, &row, message).await,
                    Effect::HandOff { ticket } => self.hand_over(ticket).await?,
                    Effect::Withdraw { ticket } => self.withdraw(ticket).await?,
                };
                match step {
                    Step::Over => self.store.settle(id, row.number, Fate::Over).await?,
                    Step::Unreachable => {
                        unreachable = Some(seen);
                        self.store.settle(id, row.number, Fate::Over).await?;
                    }
                    Step::Again(at) => {
                        self.store.settle(id, row.number, Fate::Later { not_before: at }).await?;
                        self.schedule.add(id, at);
                        return Ok(());
                    }
                    Step::Rest(until) => {
                        self.schedule.add(id, until);
                        return Ok(());
                    }
                }
            }
        }
    }

    async fn send(&self, conversation: &Conversation, row: &OutboxRow, message: &Outbound) -> Step {
        let key = &conversation.key;
        let Some(channel) = self.channels.get(&key.channel) else {
            // Switched off: the message waits for the channel to come back.
            return Step::Rest(clock::now().plus(ACCOUNT_HALT));
        };
        if let Some(until) = self.paused_until(key) {
            return Step::Rest(until);
        }
        let name = key.channel.as_str();
        if channel.limits().window.is_some_and(|window| clock::now().since(conversation.last_seen) > window) {
            Metrics::count(&self.metrics.outbound, name, "window_closed");
            return Step::Over;
        }
        let mut sent = self.try_send(channel.as_ref(), key, message).await;
        if matches!(sent, Err(SendError::Plain { .. })) && !message.choices.is_empty() {
            sent = Ok(());
            for plain in render::plain(message, &channel.limits()) {
                if sent.is_ok() {
                    sent = self.try_send(channel.as_ref(), key, &plain).await;
                }
            }
        }
        match sent {
            Ok(()) => {
                Metrics::count(&self.metrics.outbound, name, "sent");
                Step::Over
            }
            Err(error) => self.failed(conversation, row, &error),
        }
    }

    /// One try, with one renewal of the token where the platform asks for it.
    async fn try_send(&self, channel: &dyn Channel, key: &ContactKey, message: &Outbound) -> Result<(), SendError> {
        let mut renewed = false;
        loop {
            let token = self.token(channel, key).await?;
            let request = channel.request(key, message, &token);
            let request =
                request.ok_or_else(|| SendError::Halt { code: "no request can be made of the settings".to_owned() })?;
            let answer = match self.http.send(request).await {
                Ok(response) => channel.receipt(&response),
                Err(code) => Err(SendError::Retry { after: None, code: code.to_owned() }),
            };
            match answer {
                Ok(_) => return Ok(()),
                Err(SendError::Renew { .. }) if !renewed => {
                    self.renew(channel, &key.account, &token).await?;
                    renewed = true;
                }
                Err(SendError::Renew { code }) => return Err(SendError::Halt { code }),
                Err(error) => return Err(error),
            }
        }
    }

    /// What follows from a failure, by its kind.
    fn failed(&self, conversation: &Conversation, row: &OutboxRow, error: &SendError) -> Step {
        let key = &conversation.key;
        let (name, id) = (key.channel.as_str(), key.conversation());
        let count = |what| Metrics::count(&self.metrics.outbound, name, what);
        match error {
            SendError::Retry { after, code } => {
                if row.attempts + 1 >= MOST_TRIES {
                    count("given_up");
                    tracing::error!(conversation = %id, code, "a message was given up after {MOST_TRIES} tries");
                    return Step::Over;
                }
                count("retry");
                let doubled = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(row.attempts)).min(LONGEST_PAUSE);
                Step::Again(clock::now().plus(after.unwrap_or_else(|| clock::jittered(doubled))))
            }
            SendError::Pause { after, code } => {
                count("pause");
                tracing::warn!(channel = name, account = %key.account, code, "the account pauses");
                Step::Rest(self.pause(key, after.unwrap_or(ACCOUNT_PAUSE)))
            }
            SendError::Halt { code } | SendError::Renew { code } => {
                count("halt");
                tracing::error!(channel = name, account = %key.account, code, "the account cannot send: check its token and settings on the platform; messages are kept");
                Step::Rest(self.pause(key, ACCOUNT_HALT))
            }
            SendError::Plain { code } | SendError::Refused { code } => {
                count("refused");
                tracing::warn!(conversation = %id, code, "the platform refused a message");
                Step::Over
            }
            SendError::Unreachable { code } => {
                count("unreachable");
                tracing::info!(conversation = %id, code, "the contact cannot be reached");
                Step::Unreachable
            }
        }
    }

    fn pause(&self, key: &ContactKey, span: Duration) -> Timestamp {
        let until = clock::now().plus(span);
        let mut paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        paused.insert((key.channel.clone(), key.account.clone()), until);
        until
    }

    fn paused_until(&self, key: &ContactKey) -> Option<Timestamp> {
        let mut paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        let account = (key.channel.clone(), key.account.clone());
        let until = *paused.get(&account)?;
        if until > clock::now() {
            return Some(until);
        }
        paused.remove(&account);
        None
    }

    /// The platform repeated a message to us, so it was delivered: it leaves the outbox if it still stands
    /// at its head, after a crash between sending and settling.
    pub(super) async fn settle_echoed(&self, id: &ConversationId, tag: &str) -> Result<(), StoreError> {
        for row in self.store.outbox(id, AT_ONCE).await? {
            match &row.effect {
                Effect::Send { message } if message.tag == tag => {
                    return self.store.settle(id, row.number, Fate::Over).await;
                }
                // Rows are settled in order; behind a hand-off nothing can have been sent.
                Effect::HandOff { .. } | Effect::Withdraw { .. } => return Ok(()),
                Effect::Send { .. } => {}
            }
        }
        Ok(())
    }
}
