//! Brings the outbox to the world: in order within a conversation, many conversations at a time. What
//! fails waits with growing, jittered pauses; an account that may not send pauses as a whole and alone.
//! Tickets do not wait for messages, no channel waits for another, and nothing waits for a call (`call`).

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::channel::{Channel, SendError, render};
use crate::domain::contact::ContactKey;
use crate::domain::conversation::Conversation;
use crate::domain::id::ConversationId;
use crate::domain::message::Outbound;
use crate::domain::ticket::Actor;
use crate::domain::time::Timestamp;
use crate::store::{Effect, Fate, OutboxRow, StoreError};

use super::metrics::Metrics;
use super::{Runtime, clock};

/// Rows looked at in one go.
const AT_ONCE: usize = 16;
/// Tries before a message is given up: with the pauses below, after two to four hours.
const MOST_TRIES: u32 = 24;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// How long an account rests when the platform names no time, and when a person must mend it.
const ACCOUNT_PAUSE: Duration = Duration::from_secs(60);
const ACCOUNT_HALT: Duration = Duration::from_secs(10 * 60);

/// What to do with a row that was tried.
enum Step {
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
                let served = Served { runtime: &runtime, id: &id };
                runtime.drain(&id).await;
                if let Err(error) = runtime.deliver(&id).await {
                    tracing::warn!(conversation = %id, %error, "the outbox cannot be served now");
                    runtime.schedule.add(&id, clock::now().plus(Duration::from_secs(2)));
                }
                drop(served);
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

    /// Sends what is due in one conversation, oldest first, and stops at the first row that must wait. Calls
    /// that are not under way are begun.
    async fn deliver(self: &Arc<Self>, id: &ConversationId) -> Result<(), StoreError> {
        let mut unreachable = None;
        loop {
            // Read anew for every row: the contact may have had everything erased a moment ago.
            let rows = self.store.outbox(id, AT_ONCE).await?;
            if rows.is_empty() || self.is_closing() {
                return Ok(());
            }
            // Read after the rows: an older one would not know that the contact has just written again.
            let Some(conversation) = self.store.load(id).await? else { return Ok(()) };
            let mut in_order = Vec::with_capacity(rows.len());
            for row in &rows {
                match &row.effect {
                    Effect::Call { request } => self.begin_call(&conversation.key, row.number, request),
                    Effect::Send { .. } | Effect::HandOff { .. } | Effect::Withdraw { .. } | Effect::Act { .. } => {
                        in_order.push(row);
                    }
                }
            }
            let Some((row, behind)) = in_order.split_first() else { return Ok(()) };
            let step = match &row.effect {
                _ if row.not_before > clock::now() => Step::Rest(row.not_before),
                Effect::Send { .. } if unreachable == Some(conversation.last_seen) => Step::Over,
                Effect::Send { message } => self.send(&conversation, row, message).await,
                Effect::HandOff { .. } | Effect::Withdraw { .. } | Effect::Act { .. } | Effect::Call { .. } => {
                    self.pass_on(&row.effect).await?
                }
            };
            let wait = match step {
                Step::Over => {
                    self.store.settle(id, row.number, Fate::Over).await?;
                    continue;
                }
                Step::Unreachable => {
                    unreachable = Some(conversation.last_seen);
                    self.store.settle(id, row.number, Fate::Over).await?;
                    continue;
                }
                Step::Again(at) => {
                    self.store.settle(id, row.number, Fate::Later { not_before: at }).await?;
                    at
                }
                Step::Rest(until) => until,
            };
            // An account that cannot send may need a person for days; the customer's ticket must not wait
            // that long. It is settled in its turn, when passing it on once more changes nothing.
            for row in behind {
                self.pass_on(&row.effect).await?;
            }
            self.schedule.add(id, wait);
            return Ok(());
        }
    }

    /// Carries out what is not for the contact; the same again changes nothing.
    async fn pass_on(&self, effect: &Effect) -> Result<Step, StoreError> {
        match effect {
            Effect::HandOff { ticket } => self.hand_over(ticket).await?,
            Effect::Withdraw { ticket } => self.withdraw(ticket).await?,
            Effect::Act { ticket, act } => self.act(ticket, &Actor::Customer, act).await.map(drop)?,
            Effect::Send { .. } | Effect::Call { .. } => {}
        }
        Ok(Step::Over)
    }

    async fn send(&self, conversation: &Conversation, row: &OutboxRow, message: &Outbound) -> Step {
        let key = &conversation.key;
        let Some(channel) = self.channels.get(&key.channel) else {
            // Switched off: the message waits for the channel to come back.
            return Step::Rest(clock::now().plus(ACCOUNT_HALT));
        };
        // Its own lane, so that a platform that does not answer holds up no other.
        let lane = self.lanes.get(&key.channel).map(Semaphore::acquire);
        let _lane = match lane {
            Some(lane) => lane.await.ok(),
            None => None,
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
            let token = self.token(channel, &key.account).await?;
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
                Step::Again(clock::now().plus(after.unwrap_or_else(|| clock::jittered(pause_after(row.attempts)))))
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
                Effect::HandOff { .. } | Effect::Withdraw { .. } | Effect::Act { .. } => return Ok(()),
                Effect::Send { .. } | Effect::Call { .. } => {}
            }
        }
        Ok(())
    }
}

/// The pause after a row has failed once more than `attempts` times, before jitter.
fn pause_after(attempts: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(attempts)).min(LONGEST_PAUSE)
}

/// A conversation that is being served; when this goes, even by a panic, it can be served again.
struct Served<'a> {
    runtime: &'a Runtime,
    id: &'a ConversationId,
}

impl Drop for Served<'_> {
    fn drop(&mut self) {
        self.runtime.finish(self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_may_be_away_for_two_hours_before_a_message_is_given_up() {
        let all: Duration = (0..MOST_TRIES - 1).map(pause_after).sum();
        assert!(all / 2 > Duration::from_secs(100 * 60) && all < Duration::from_secs(4 * 3600), "{all:?}");
        assert_eq!(pause_after(u32::MAX), LONGEST_PAUSE);
    }
}
