//! Tickets and webhooks.

use std::borrow::Cow;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::super::{Changed, Created, StoreError, Tickets, WebhookRow, codec, key};
use super::{Kv, KvStore, PAGE, Write};
use crate::domain::id::{TicketId, UnitId};
use crate::domain::phone::Phone;
use crate::domain::target::TargetEvent;
use crate::domain::ticket::{Change, Sight, Ticket, TicketStatus};
use crate::domain::time::{Day, Timestamp};

/// How many statuses of [`TicketStatus::ALL`] are open; they are the first ones.
const OPEN: u8 = 5;

/// A ticket as it is stored.
#[derive(Serialize, Deserialize)]
struct Filed<'a> {
    ticket: Cow<'a, Ticket>,
    fingerprint: Cow<'a, str>,
    #[serde(default)]
    due: Option<Timestamp>,
}

#[async_trait]
impl<K: Kv> Tickets for KvStore<K> {
    async fn create(&self, made: &Changed, fingerprint: &str) -> Result<Created, StoreError> {
        let id = &made.ticket.id;
        self.act(|| {
            let mut write = Write::default();
            if let Some((_, filed)) = self.filed(id)? {
                let (ticket, fingerprint) = (Box::new(filed.ticket.into_owned()), filed.fingerprint.into_owned());
                return Ok((write, Created::Existing { ticket, fingerprint }));
            }
            write.check(key::ticket(id), None);
            write.check(key::repeated(id), None);
            let mut ticket = made.ticket.clone();
            for other in self.plan_customers(&mut write, &ticket)? {
                if other.repeats(&ticket) {
                    let mut write = Write::default();
                    write.check(key::repeated(id), None);
                    write.add(key::repeated(id), &other.id);
                    let opened = TargetEvent::Opened { ticket: other.id.clone() };
                    self.plan_target(&mut write, &other, &opened, made.change.at)?;
                    return Ok((write, Created::Repeated { ticket: Box::new(other) }));
                }
                ticket.course.links.push(other.id);
            }
            let stored = Box::new(ticket.clone());
            let filed = Filed { ticket: Cow::Owned(ticket), fingerprint: Cow::Borrowed(fingerprint), due: made.due };
            plan_lists(&mut write, None, Some(&filed));
            let opened = TargetEvent::Opened { ticket: id.clone() };
            self.plan_target(&mut write, &made.ticket, &opened, made.change.at)?;
            write.add(key::history(id, made.change.number), &made.change);
            write.add(key::ticket(id), &filed);
            enqueue(&mut write, &made.webhooks);
            Ok((write, Created::New { ticket: stored }))
        })
        .await
    }

    async fn change(&self, changed: &Changed) -> Result<(), StoreError> {
        let Changed { ticket, change, due, told, webhooks } = changed;
        let key = key::ticket(&ticket.id);
        self.act(|| {
            let mut write = Write::default();
            let record = self.kv.get(&key)?.ok_or(StoreError::Conflict)?;
            let before: Filed = codec::decode(&key, &record)?;
            if before.ticket.course.changes + 1 != change.number {
                return Err(StoreError::Conflict);
            }
            let fingerprint = before.fingerprint.clone();
            let after = Filed { ticket: Cow::Borrowed(ticket), fingerprint, due: *due };
            plan_lists(&mut write, Some(&before), Some(&after));
            if before.ticket.status.is_open() && !ticket.status.is_open() {
                self.plan_goodbye(&mut write, &before.ticket)?;
                let (ticket, done) = (ticket.id.clone(), ticket.status == TicketStatus::Done);
                let closed = TargetEvent::Closed { ticket, done };
                self.plan_target(&mut write, &before.ticket, &closed, change.at)?;
            }
            if ticket.status == TicketStatus::Withdrawn {
                self.plan_silence(&mut write, &ticket.id)?;
            }
            write.check(key.clone(), Some(record));
            write.put(key.clone(), &after);
            write.put(key::history(&ticket.id, change.number), change);
            enqueue(&mut write, webhooks);
            if let Some(told) = told {
                write.join(self.plan_accept(std::slice::from_ref(told), change.at)?.0);
            }
            Ok((write, ()))
        })
        .await
    }

    async fn ticket(&self, id: &TicketId) -> Result<Option<Ticket>, StoreError> {
        Ok(self.filed(id)?.map(|(_, filed)| filed.ticket.into_owned()))
    }

    async fn history(&self, id: &TicketId) -> Result<Vec<Change>, StoreError> {
        let mut history = Vec::new();
        let Some((_, filed)) = self.filed(id)? else { return Ok(history) };
        self.each(key::history_of(&filed.ticket.id), |key, record| {
            history.push(codec::decode(&key, &record)?);
            Ok(())
        })?;
        Ok(history)
    }

    async fn saw(&self, sights: &[Sight]) -> Result<(), StoreError> {
        let mut write = Write::default();
        for sight in sights {
            write.put(key::sight(sight), sight);
        }
        self.write(write).await.map(drop)
    }

    async fn sights(&self, id: &TicketId) -> Result<Vec<Sight>, StoreError> {
        let rows = self.kv.scan(key::sights_of(id), PAGE)?;
        rows.iter().map(|(key, record)| codec::decode(key, record)).collect()
    }

    async fn open_tickets(&self, phone: &Phone) -> Result<Vec<Ticket>, StoreError> {
        self.customers(&key::customer(phone))
    }

    async fn tickets_of(
        &self,
        unit: &UnitId,
        status: TicketStatus,
        after: Option<&Ticket>,
        limit: usize,
    ) -> Result<Vec<Ticket>, StoreError> {
        let mut range = key::tickets_of(unit, number(status));
        if let Some(after) = after {
            range.start = key::ticket_of(unit, number(status), after.created_at, &after.id);
            range.start.push(0); // the first key behind it
        }
        let ids = self.kv.scan(range, limit.min(PAGE))?;
        let ids = ids.iter().map(|(key, record)| codec::decode::<TicketId>(key, record));
        let tickets = ids.map(|id| self.read::<Filed>(&key::ticket(&id?)));
        tickets.filter_map(Result::transpose).map(|filed| Ok(filed?.ticket.into_owned())).collect()
    }

    async fn tickets_due(&self, now: Timestamp, limit: usize) -> Result<Vec<TicketId>, StoreError> {
        let rows = self.kv.scan(key::tickets_due(now), limit.min(PAGE))?;
        rows.iter().map(|(key, record)| codec::decode(key, record)).collect()
    }

    async fn put_due(&self, id: &TicketId, due: Option<Timestamp>) -> Result<(), StoreError> {
        let key = key::ticket(id);
        self.act(|| {
            let mut write = Write::default();
            let Some(record) = self.kv.get(&key)? else { return Ok((write, ())) };
            let before: Filed = codec::decode(&key, &record)?;
            let after = Filed { ticket: before.ticket.clone(), fingerprint: before.fingerprint.clone(), due };
            plan_lists(&mut write, Some(&before), Some(&after));
            write.check(key.clone(), Some(record));
            write.put(key.clone(), &after);
            Ok((write, ()))
        })
        .await
    }

    async fn holders(&self) -> Result<Vec<UnitId>, StoreError> {
        let mut holders: Vec<UnitId> = Vec::new();
        let mut range = key::all_tickets_of_units();
        // From each unit's first ticket to the next unit: a unit's other tickets are not read.
        while let Some((key, record)) = self.kv.scan(range.clone(), 1)?.pop() {
            let id: TicketId = codec::decode(&key, &record)?;
            let Some(filed) = self.read::<Filed>(&key::ticket(&id))? else {
                range.start = [&key, &[0][..]].concat();
                continue;
            };
            let unit = &filed.ticket.unit.id;
            let open = key::tickets_of(unit, 0).start..key::tickets_of(unit, OPEN).start;
            if !self.kv.scan(open, 1)?.is_empty() {
                holders.push(unit.clone());
            }
            range.start = key::tickets_of(unit, u8::MAX - 1).end.max([&key, &[0][..]].concat());
        }
        Ok(holders)
    }

    async fn given(&self, day: Day) -> Result<Vec<(UnitId, u32)>, StoreError> {
        let mut given: Vec<(UnitId, u32)> = Vec::new();
        self.each(key::given_on(day), |key, record| {
            let unit: UnitId = codec::decode(&key, &record)?;
            match given.last_mut().filter(|(last, _)| *last == unit) {
                Some((_, count)) => *count += 1,
                None => given.push((unit, 1)),
            }
            Ok(())
        })?;
        Ok(given)
    }

    async fn forget_given(&self, before: Day) -> Result<(), StoreError> {
        loop {
            let rows = self.kv.scan(key::given_before(before), PAGE)?;
            let mut write = Write::default();
            let is_last = rows.len() < PAGE;
            rows.into_iter().for_each(|(key, _)| write.delete(key));
            self.write(write).await?;
            if is_last {
                return Ok(());
            }
        }
    }

    async fn due_webhooks(&self, now: Timestamp, limit: usize) -> Result<Vec<WebhookRow>, StoreError> {
        let rows = self.kv.scan(key::webhooks_due(now), limit.min(PAGE))?;
        rows.iter().map(|(key, record)| codec::decode(key, record)).collect()
    }

    async fn dead_webhooks(&self, limit: usize) -> Result<Vec<WebhookRow>, StoreError> {
        let rows = self.kv.scan(key::webhooks_dead(), limit.min(PAGE))?;
        rows.iter().map(|(key, record)| codec::decode(key, record)).collect()
    }

    async fn settle_webhook(&self, tried: &WebhookRow, next: Option<WebhookRow>) -> Result<(), StoreError> {
        let key = key::webhook(tried);
        self.act(|| {
            let mut write = Write::default();
            // Gone already: another worker was told first what became of it.
            let Some(record) = self.kv.get(&key)? else { return Ok((write, ())) };
            write.check(key.clone(), Some(record));
            write.delete(key.clone());
            enqueue(&mut write, next.as_slice());
            Ok((write, ()))
        })
        .await
    }
}

impl<K: Kv> KvStore<K> {
    /// A ticket, or the one that it was a repetition of, and the id it has.
    fn filed(&self, id: &TicketId) -> Result<Option<(TicketId, Filed<'static>)>, StoreError> {
        if let Some(filed) = self.read(&key::ticket(id))? {
            return Ok(Some((id.clone(), filed)));
        }
        let Some(first) = self.read::<TicketId>(&key::repeated(id))? else { return Ok(None) };
        Ok(self.read(&key::ticket(&first))?.map(|filed| (first, filed)))
    }

    /// The open tickets listed under a customer's key.
    pub(super) fn customers(&self, key: &[u8]) -> Result<Vec<Ticket>, StoreError> {
        let ids: Vec<TicketId> = self.read(key)?.unwrap_or_default();
        let tickets = ids.iter().map(|id| self.read::<Filed>(&key::ticket(id)));
        tickets.filter_map(Result::transpose).map(|filed| Ok(filed?.ticket.into_owned())).collect()
    }

    /// Plans a new ticket's place among those of its customer. Returns the others, each once.
    fn plan_customers(&self, write: &mut Write, ticket: &Ticket) -> Result<Vec<Ticket>, StoreError> {
        let mut others: Vec<Ticket> = Vec::new();
        for phone in ticket.phones() {
            let key = key::customer(phone);
            let record = self.kv.get(&key)?;
            for other in self.customers(&key)? {
                if !others.iter().any(|known| known.id == other.id) {
                    others.push(other);
                }
            }
            let mut ids: Vec<TicketId> = self.read(&key)?.unwrap_or_default();
            ids.push(ticket.id.clone());
            write.check(key.clone(), record);
            write.put(key, &ids);
        }
        Ok(others)
    }

    /// Plans that an ended ticket is no more among those of its customer.
    fn plan_goodbye(&self, write: &mut Write, ticket: &Ticket) -> Result<(), StoreError> {
        for phone in ticket.phones() {
            let key = key::customer(phone);
            let record = self.kv.get(&key)?;
            let mut ids: Vec<TicketId> = self.read(&key)?.unwrap_or_default();
            ids.retain(|id| *id != ticket.id);
            write.check(key.clone(), record);
            if ids.is_empty() { write.delete(key) } else { write.put(key, &ids) }
        }
        Ok(())
    }

    /// Plans the removal of what may hold something personal of a ticket beside itself: words in its history, and
    /// the news of it that nobody has taken yet.
    fn plan_silence(&self, write: &mut Write, id: &TicketId) -> Result<(), StoreError> {
        self.each(key::history_of(id), |key, record| {
            let change: Change = codec::decode(&key, &record)?;
            write.put(key, &change.blanked());
            Ok(())
        })?;
        // Words of a customer cannot look like this: their quotes are escaped.
        let named = format!(r#""id":"{id}""#);
        let all = key::webhooks_due(Timestamp::from_millis(i64::MAX));
        self.each(all, |key, record| {
            if codec::decode::<WebhookRow>(&key, &record)?.body.contains(&named) {
                write.delete(key);
            }
            Ok(())
        })
    }
}

/// Plans the lists that a ticket stands in: those it leaves and those it joins.
fn plan_lists(write: &mut Write, before: Option<&Filed<'_>>, after: Option<&Filed<'_>>) {
    let in_unit = |filed: &Filed<'_>| {
        let Ticket { id, unit, status, created_at, .. } = &*filed.ticket;
        key::ticket_of(&unit.id, number(*status), *created_at, id)
    };
    let in_time = |filed: &Filed<'_>| filed.due.map(|due| key::ticket_due(due, &filed.ticket.id));
    let in_day = |filed: &Filed<'_>| {
        let Ticket { id, unit, course, .. } = &*filed.ticket;
        course.given_on.map(|day| key::given(day, &unit.id, id))
    };
    let keys = |filed: &Filed<'_>| [Some(in_unit(filed)), in_time(filed), in_day(filed)];
    let (old, new) = (before.map(keys).unwrap_or_default(), after.map(keys).unwrap_or_default());
    for (place, (old, new)) in old.into_iter().zip(new).enumerate() {
        if old == new {
            continue;
        }
        old.into_iter().for_each(|key| write.delete(key));
        let Some((key, filed)) = new.zip(after) else { continue };
        match place {
            2 => write.put(key, &filed.ticket.unit.id),
            _ => write.put(key, &filed.ticket.id),
        }
    }
}

/// A status as it stands in keys.
fn number(status: TicketStatus) -> u8 {
    let place = TicketStatus::ALL.iter().position(|(_, known)| *known == status);
    place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)
}

fn enqueue(write: &mut Write, webhooks: &[WebhookRow]) {
    for row in webhooks {
        write.put(key::webhook(row), row);
    }
}
