//! Conversations: inbox, turn, transcript, outbox.
//!
//! Everything that takes an event or ends a turn rewrites the conversation's [`Thread`] and checks that it
//! is as it was read: that one comparison keeps versions, numbers and dedupe rows in step.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::super::key::{self, Key};
use super::super::{
    Accepted, Commit, Consumed, Conversations, Effect, Fate, InboxRow, Link, OutboxRow, Seen, StoreError, codec,
};
use super::{Kv, KvStore, Op, PAGE, Write};
use crate::domain::conversation::{Conversation, Entry, Line, Owner};
use crate::domain::id::ConversationId;
use crate::domain::message::{Event, Inbound};
use crate::domain::time::Timestamp;

/// Events of one call to `accept`: platforms bundle at most 1,000.
const MOST_ACCEPTED: usize = 4_096;

/// For how many days after the one on which it was taken an event is known again.
const DAYS_KNOWN: u32 = 3;

/// The end of time, in milliseconds: written where no moment is.
const NEVER: i64 = i64::MAX;

/// A conversation as it is stored: what is counted in it, 8 bytes each, and its JSON. One record, because
/// every turn writes both; apart, because `accept` need not understand the JSON.
#[derive(Default)]
struct Thread {
    /// The version of the last commit.
    version: u64,
    /// The number of the next inbox row.
    inbox: u64,
    /// The number of the next outbox row.
    outbox: u64,
    /// Under which moment the session stands among those that move by themselves.
    due: Option<Timestamp>,
    /// Empty before the first turn.
    conversation: Vec<u8>,
}

impl Thread {
    fn read(key: &[u8], record: &[u8]) -> Result<Self, StoreError> {
        let mut rest = codec::open(key, record)?;
        let mut count = || {
            let (count, tail) = rest.split_first_chunk().ok_or_else(|| codec::corrupt(key))?;
            rest = tail;
            Ok(u64::from_be_bytes(*count))
        };
        let (version, inbox, outbox, due) = (count()?, count()?, count()?, count()?);
        let due = Some(due.cast_signed()).filter(|due| *due != NEVER).map(Timestamp::from_millis);
        Ok(Self { version, inbox, outbox, due, conversation: rest.to_vec() })
    }

    fn contents(&self) -> Vec<u8> {
        let due = self.due.map_or(NEVER, Timestamp::millis).cast_unsigned();
        let counts = [self.version, self.inbox, self.outbox, due].map(u64::to_be_bytes);
        [counts.as_flattened(), &self.conversation].concat()
    }
}

/// An inbox row as it is stored.
#[derive(Serialize, Deserialize)]
struct Taken<'a> {
    /// The day under which its dedupe row lies.
    day: u32,
    inbound: Cow<'a, Inbound>,
}

#[async_trait]
impl<K: Kv> Conversations for KvStore<K> {
    async fn accept(&self, inbounds: &[Inbound], now: Timestamp) -> Result<Vec<Accepted>, StoreError> {
        if inbounds.len() > MOST_ACCEPTED {
            return Err(StoreError::Unavailable(format!("{} events are too many at once", inbounds.len())));
        }
        self.act(|| self.plan_accept(inbounds, now)).await
    }

    async fn seen(&self, id: &ConversationId, event: &str, now: Timestamp) -> Result<Option<Seen>, StoreError> {
        let seen = self.find_seen(id, event, now)?;
        if seen.is_some() {
            self.settled().await?; // the caller will acknowledge the event
        }
        Ok(seen)
    }

    async fn load(&self, id: &ConversationId) -> Result<Option<Conversation>, StoreError> {
        let key = key::conversation(id);
        let Some(record) = self.kv.get(&key)? else { return Ok(None) };
        read_conversation(&key, &record)
    }

    async fn inbox(&self, id: &ConversationId, limit: usize) -> Result<Vec<InboxRow>, StoreError> {
        let rows = self.kv.scan(key::inbox_of(id), limit.min(PAGE))?;
        rows.iter()
            .map(|(key, record)| {
                let taken: Taken = codec::decode(key, record)?;
                let number = key.last_chunk().ok_or_else(|| codec::corrupt(key))?;
                Ok(InboxRow { number: u64::from_be_bytes(*number), inbound: taken.inbound.into_owned() })
            })
            .collect()
    }

    async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        self.act(|| self.plan_commit(&commit).map(|write| (write, ()))).await
    }

    async fn transcript(&self, id: &ConversationId, from: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let limit = limit.min(PAGE);
        let mut found = Vec::new();
        for (key, record) in self.kv.scan(key::entries_from(id, from), limit)? {
            let turn: Vec<Entry> = codec::decode(&key, &record)?;
            found.extend(turn.into_iter().filter(|entry| entry.number >= from));
        }
        found.truncate(limit);
        Ok(found)
    }

    async fn outbox(&self, id: &ConversationId, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
        let rows = self.kv.scan(key::outbox_of(id), limit.min(PAGE))?;
        rows.iter().map(|(key, record)| codec::decode(key, record)).collect()
    }

    async fn settle(&self, id: &ConversationId, number: u64, fate: Fate) -> Result<(), StoreError> {
        self.act(|| {
            let mut write = Write::default();
            match fate {
                Fate::Over => self.each(key::outbox_through(id, number), |key, record| {
                    let row: OutboxRow = codec::decode(&key, &record)?;
                    if row.number == number || !matches!(row.effect, Effect::Call { .. }) {
                        write.delete(key);
                    }
                    Ok(())
                })?,
                Fate::Later { not_before } => self.plan_later(&mut write, key::outbox(id, number), not_before)?,
            }
            Ok((write, ()))
        })
        .await
    }

    async fn unfinished(&self) -> Result<Vec<ConversationId>, StoreError> {
        let mut found = BTreeSet::new();
        for mut range in key::waiting() {
            // One look a conversation, however many rows it has.
            while let Some((row, _)) = self.kv.scan(range.clone(), 1)?.into_iter().next() {
                let (id, next) = key::waiting_for(&row).ok_or_else(|| codec::corrupt(&row))?;
                found.insert(id);
                range.start = next;
            }
        }
        Ok(found.into_iter().collect())
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<(ConversationId, Timestamp)>, StoreError> {
        let rows = self.kv.scan(key::sessions_due(now), limit.min(PAGE))?;
        rows.iter().map(|(key, record)| codec::decode(key, record)).collect()
    }

    async fn forget_events(&self, now: Timestamp) -> Result<usize, StoreError> {
        let mut forgotten = 0;
        loop {
            let rows = self.kv.scan(key::seen_before(key::day(now).saturating_sub(DAYS_KNOWN)), PAGE)?;
            if rows.is_empty() {
                return Ok(forgotten);
            }
            forgotten += rows.len();
            let ops = rows.into_iter().map(|(key, _)| Op::Delete(key)).collect();
            self.write(Write { checks: Vec::new(), ops }).await?;
        }
    }
}

impl<K: Kv> KvStore<K> {
    pub(super) fn plan_accept(
        &self,
        inbounds: &[Inbound],
        now: Timestamp,
    ) -> Result<(Write, Vec<Accepted>), StoreError> {
        let mut write = Write::default();
        let mut threads: BTreeMap<ConversationId, Thread> = BTreeMap::new();
        let mut new: BTreeSet<(ConversationId, &str)> = BTreeSet::new();
        let mut outcomes = Vec::with_capacity(inbounds.len());
        for inbound in inbounds {
            let id = inbound.key.conversation();
            // The thread comes before the dedupe row: read after it, it could be of the very write that has just
            // put it there, and the check of it would hold.
            let thread = match threads.get_mut(&id) {
                Some(thread) => thread,
                None => threads.entry(id.clone()).or_insert(self.checked_thread(&mut write, &id)?),
            };
            let names = names(&inbound.id, inbound.alias.as_ref());
            let mut known = false;
            for name in names.clone() {
                known |= new.contains(&(id.clone(), name)) || self.find_seen(&id, name, now)?.is_some();
            }
            if known {
                outcomes.push(Accepted::Duplicate);
                continue;
            }
            let day = key::day(now);
            write.add(key::inbox(&id, thread.inbox), &Taken { day, inbound: Cow::Borrowed(inbound) });
            thread.inbox += 1;
            for name in names {
                add_seen(&mut write, key::seen(day, &id, name), None);
                new.insert((id.clone(), name));
            }
            outcomes.push(Accepted::New);
        }
        let changed: BTreeSet<_> = new.iter().map(|(id, _)| id).collect();
        for (id, thread) in threads.iter().filter(|(id, _)| changed.contains(id)) {
            write.put_bytes(key::conversation(id), &thread.contents());
        }
        Ok((write, outcomes))
    }

    fn plan_commit(&self, commit: &Commit) -> Result<Write, StoreError> {
        let mut write = Write::default();
        let conversation = &commit.conversation;
        let id = conversation.key.conversation();
        let mut thread = self.checked_thread(&mut write, &id)?;
        if thread.version != commit.expected || commit.expected.checked_add(1) != Some(conversation.version) {
            return Err(StoreError::Conflict);
        }
        if commit.erase {
            self.plan_erase(&mut write, &id, commit.now)?;
        }
        self.plan_consume(&mut write, &id, commit)?;
        for effect in &commit.outbox {
            let row = OutboxRow { number: thread.outbox, attempts: 0, not_before: commit.now, effect: effect.clone() };
            write.add(key::outbox(&id, row.number), &row);
            thread.outbox += 1;
        }
        if let Some(last) = commit.entries.last() {
            write.add(key::entries(&id, last.number), &commit.entries);
        }
        for (link, meaning) in &commit.links {
            write.put(key::link(link), meaning);
        }
        let due = moves_at(conversation);
        if due != thread.due {
            if let Some(before) = thread.due {
                write.delete(key::session(before, &id));
            }
            if let Some(at) = due {
                write.add(key::session(at, &id), &(&id, at));
            }
            thread.due = due;
        }
        thread.version = conversation.version;
        thread.conversation = serde_json::to_vec(conversation).expect("a conversation's maps have string keys");
        write.put_bytes(key::conversation(&id), &thread.contents());
        Ok(write)
    }

    fn plan_consume(&self, write: &mut Write, id: &ConversationId, commit: &Commit) -> Result<(), StoreError> {
        let reply = commit.reply.as_deref();
        match &commit.consumed {
            Consumed::Fresh { event, alias } => {
                for event in names(event, alias.as_ref()) {
                    if self.find_seen(id, event, commit.now)?.is_some() {
                        return Err(StoreError::Conflict);
                    }
                    add_seen(write, key::seen(key::day(commit.now), id, event), reply);
                }
            }
            Consumed::Accepted { number } => {
                let row = key::inbox(id, *number);
                let taken: Taken = self.read(&row)?.ok_or(StoreError::Conflict)?;
                if reply.is_some() {
                    let key = key::seen(taken.day, id, &taken.inbound.id);
                    write.ops.push(Op::Put(key.clone(), seen(&key, reply)));
                }
                write.delete(row);
            }
            Consumed::Nothing => {}
        }
        Ok(())
    }

    /// Plans the removal of the transcript, of the links opened in it, of the outbox but for withdrawals,
    /// and of the replies that were kept for repeated events. The events themselves stay known, or a repeat would be answered.
    fn plan_erase(&self, write: &mut Write, id: &ConversationId, now: Timestamp) -> Result<(), StoreError> {
        self.each(key::entries_from(id, 0), |key, record| {
            for entry in codec::decode::<Vec<Entry>>(&key, &record)? {
                self.plan_forget_link(write, id, &entry.line)?;
            }
            write.delete(key);
            Ok(())
        })?;
        self.each(key::outbox_of(id), |key, record| {
            let row: OutboxRow = codec::decode(&key, &record)?;
            match row.effect {
                Effect::Withdraw { .. } => {}
                Effect::Send { .. } | Effect::HandOff { .. } | Effect::Act { .. } | Effect::Call { .. } => {
                    write.delete(key);
                }
            }
            Ok(())
        })?;
        for day in known_days(now) {
            self.each(key::seen_of(day, id), |key, record| {
                if read_seen(&key, &record)?.reply.is_some() {
                    write.ops.push(Op::Put(key.clone(), seen(&key, None)));
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Plans the removal of the link that was opened there, if this conversation has it: it names a number.
    fn plan_forget_link(&self, write: &mut Write, id: &ConversationId, line: &Line) -> Result<(), StoreError> {
        let Line::Contact { event: Event::Open { reference: Some(token) }, .. } = line else { return Ok(()) };
        let key = key::link(token);
        let link: Option<Link> = self.read(&key)?;
        if link.is_some_and(|link| link.claimed_by.as_ref() == Some(id)) {
            write.delete(key);
        }
        Ok(())
    }

    /// Plans one more try of the row under `key`. A row that is gone has been settled otherwise.
    fn plan_later(&self, write: &mut Write, key: Key, not_before: Timestamp) -> Result<(), StoreError> {
        if let Some(record) = self.kv.get(&key)? {
            let mut row: OutboxRow = codec::decode(&key, &record)?;
            row.attempts = row.attempts.saturating_add(1);
            row.not_before = not_before;
            write.check(key.clone(), Some(record));
            write.put(key, &row);
        }
        Ok(())
    }

    /// The conversation; the write will be refused when it is no longer the same.
    fn checked_thread(&self, write: &mut Write, id: &ConversationId) -> Result<Thread, StoreError> {
        let key = key::conversation(id);
        let record = self.kv.get(&key)?;
        let thread = record.as_ref().map(|record| Thread::read(&key, record)).transpose()?.unwrap_or_default();
        write.check(key, record);
        Ok(thread)
    }

    fn find_seen(&self, id: &ConversationId, event: &str, now: Timestamp) -> Result<Option<Seen>, StoreError> {
        for day in known_days(now) {
            let key = key::seen(day, id, event);
            if let Some(record) = self.kv.get(&key)? {
                return read_seen(&key, &record).map(Some);
            }
        }
        Ok(None)
    }
}

/// The conversation in a record; `None` where events were accepted and no turn has run yet.
pub(super) fn read_conversation(key: &[u8], record: &[u8]) -> Result<Option<Conversation>, StoreError> {
    let thread = Thread::read(key, record)?;
    if thread.conversation.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(&thread.conversation).map(Some).map_err(|_| codec::corrupt(key))
}

/// When the session moves by itself: not while a person has the conversation.
fn moves_at(conversation: &Conversation) -> Option<Timestamp> {
    let session = conversation.session.as_ref().filter(|_| conversation.owner == Owner::Bot)?;
    session.due.map(|due| due.at).filter(|at| at.millis() != NEVER)
}

/// Today and the days before whose events are still known, today first.
fn known_days(now: Timestamp) -> impl Iterator<Item = u32> {
    let today = key::day(now);
    (today.saturating_sub(DAYS_KNOWN)..=today).rev()
}

/// A dedupe row is its reply behind a byte 1, or nothing.
/// The one or two names an event is known by.
fn names<'a>(id: &'a String, alias: Option<&'a String>) -> impl Iterator<Item = &'a String> + Clone {
    std::iter::once(id).chain(alias.filter(|alias| *alias != id))
}

fn add_seen(write: &mut Write, key: Key, reply: Option<&[u8]>) {
    let contents = seen(&key, reply);
    write.ops.push(Op::Add(key, contents));
}

fn seen(key: &[u8], reply: Option<&[u8]>) -> Vec<u8> {
    codec::seal(key, &reply.map_or(Vec::new(), |reply| [&[1], reply].concat()))
}

fn read_seen(key: &[u8], record: &[u8]) -> Result<Seen, StoreError> {
    let contents = codec::open(key, record)?;
    Ok(Seen { reply: contents.split_first().map(|(_, reply)| reply.to_vec()) })
}

#[cfg(test)]
mod tests {
    use std::ops::Range;
    use std::pin::pin;
    use std::sync::Mutex;
    use std::task::{Context, Poll, Waker};

    use super::super::super::memory::{MemoryKv, MemoryStore};
    use super::super::Written;
    use super::*;
    use crate::domain::contact::ContactKey;
    use crate::domain::id::{AccountId, ChannelName, ContactId};
    use crate::domain::message::Event;

    /// A map in which somebody else's write is done right after the first look at a dedupe row.
    struct Racing {
        map: MemoryKv,
        rival: Mutex<Option<Write>>,
    }

    impl Kv for Racing {
        fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
            let value = self.map.get(key);
            if key.first() == Some(&b'd')
                && let Some(write) = self.rival.lock().unwrap().take()
            {
                let done = pin!(self.map.write(write)).poll(&mut Context::from_waker(Waker::noop()));
                assert!(matches!(done, Poll::Ready(Ok(Written::Done))));
            }
            value
        }

        fn scan(&self, range: Range<Key>, limit: usize) -> Result<Vec<(Key, Vec<u8>)>, StoreError> {
            self.map.scan(range, limit)
        }

        async fn write(&self, write: Write) -> Result<Written, StoreError> {
            self.map.write(write).await
        }
    }

    #[test]
    fn an_event_taken_by_somebody_else_between_two_looks_is_a_duplicate() {
        let contact = ContactId::new("an");
        let key = ContactKey { channel: ChannelName::new("web"), account: AccountId::new("1"), contact };
        let event = Event::Text { text: "có".to_owned() };
        let id = "m1".to_owned();
        let inbounds = [Inbound { key: key.clone(), id, alias: None, at: Timestamp::default(), event }];
        let (write, _) = MemoryStore::new().plan_accept(&inbounds, Timestamp::default()).unwrap();
        let store = KvStore::over(Racing { map: MemoryKv::default(), rival: Mutex::new(Some(write)) });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            assert_eq!(store.accept(&inbounds, Timestamp::default()).await.unwrap(), [Accepted::Duplicate]);
            assert_eq!(store.inbox(&key.conversation(), 10).await.unwrap().len(), 1);
        });
    }
}
