//! Tickets and webhooks.

use std::borrow::Cow;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::super::{Created, StoreError, Tickets, WebhookRow, codec, key};
use super::{Kv, KvStore, PAGE, Write};
use crate::domain::contact::Profile;
use crate::domain::id::TicketId;
use crate::domain::ticket::{Ticket, TicketRequest, TicketStatus};
use crate::domain::time::Timestamp;

/// A ticket as it is stored.
#[derive(Serialize, Deserialize)]
struct Filed<'a> {
    ticket: Cow<'a, Ticket>,
    fingerprint: Cow<'a, str>,
}

#[async_trait]
impl<K: Kv> Tickets for KvStore<K> {
    async fn create(&self, ticket: &Ticket, fingerprint: &str, webhooks: &[WebhookRow]) -> Result<Created, StoreError> {
        let key = key::ticket(&ticket.id);
        self.act(|| {
            let mut write = Write::default();
            if let Some(filed) = self.read::<Filed>(&key)? {
                let (ticket, fingerprint) = (Box::new(filed.ticket.into_owned()), filed.fingerprint.into_owned());
                return Ok((write, Created::Existing { ticket, fingerprint }));
            }
            write.check(key.clone(), None);
            write.add(key.clone(), &Filed { ticket: Cow::Borrowed(ticket), fingerprint: Cow::Borrowed(fingerprint) });
            enqueue(&mut write, webhooks);
            Ok((write, Created::New))
        })
        .await
    }

    async fn ticket(&self, id: &TicketId) -> Result<Option<Ticket>, StoreError> {
        Ok(self.read::<Filed>(&key::ticket(id))?.map(|filed| filed.ticket.into_owned()))
    }

    async fn withdraw(&self, id: &TicketId, webhooks: &[WebhookRow]) -> Result<(), StoreError> {
        let key = key::ticket(id);
        self.act(|| {
            let mut write = Write::default();
            let Some(record) = self.kv.get(&key)? else { return Ok((write, ())) };
            let mut filed: Filed = codec::decode(&key, &record)?;
            if filed.ticket.status != TicketStatus::Withdrawn {
                let ticket = filed.ticket.to_mut();
                ticket.status = TicketStatus::Withdrawn;
                blank(&mut ticket.request);
                write.check(key.clone(), Some(record));
                write.put(key.clone(), &filed);
                self.plan_silence(&mut write, id)?;
                enqueue(&mut write, webhooks);
            }
            Ok((write, ()))
        })
        .await
    }

    async fn due_webhooks(&self, now: Timestamp, limit: usize) -> Result<Vec<WebhookRow>, StoreError> {
        let rows = self.kv.scan(key::webhooks_due(now), limit.min(PAGE))?;
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
    /// Plans the removal of the news of this ticket that nobody has taken yet: it may hold what is personal.
    fn plan_silence(&self, write: &mut Write, id: &TicketId) -> Result<(), StoreError> {
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

fn enqueue(write: &mut Write, webhooks: &[WebhookRow]) {
    for row in webhooks {
        write.put(key::webhook(row), row);
    }
}

/// Removes what is personal; what was wanted and from which ward remains for the statistics.
fn blank(request: &mut TicketRequest) {
    request.contact = Profile::default();
    request.subscriber = None;
    request.quarantine = false; // says something of a person's health
    request.slots.clear();
    request.transcript.clear();
    if let Some(place) = &mut request.place {
        place.street = None;
        place.text.clear();
    }
}
