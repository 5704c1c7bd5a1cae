//! A store whose changes can be waited for, that can be told to fail, and that can be held in the middle
//! of a turn's commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use tokio::sync::{Semaphore, watch};

use thoai::domain::conversation::{Conversation, Entry};
use thoai::domain::id::{ConversationId, TicketId, UnitId};
use thoai::domain::message::Inbound;
use thoai::domain::phone::Phone;
use thoai::domain::target::{Target, TargetEvent, TargetState};
use thoai::domain::ticket::{Change, Sight, Ticket, TicketStatus};
use thoai::domain::time::{Day, Timestamp};
use thoai::store::{
    Accepted, Changed, Commit, Conversations, Created, Fate, InForce, InboxRow, Link, Links, NewRevision, OutboxRow,
    Published, PutTargets, Revision, Revisions, Seen, Store, StoreError, Targets, Tickets, Vault, WebhookRow,
};

/// A store around another one.
pub(crate) struct Watched {
    inner: Arc<dyn Store>,
    writes: watch::Sender<u64>,
    failing: AtomicBool,
    holding: AtomicBool,
    held: watch::Sender<u64>,
    release: Semaphore,
}

impl Watched {
    pub(crate) fn new(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            writes: watch::channel(0).0,
            failing: AtomicBool::new(false),
            holding: AtomicBool::new(false),
            held: watch::channel(0).0,
            release: Semaphore::new(0),
        }
    }

    /// Sees every write from now on.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.writes.subscribe()
    }

    /// Whether writing fails from now on, as on a full disk.
    pub(crate) fn fail(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }

    /// From now on a turn's commit waits for `release`.
    pub(crate) fn hold(&self) -> watch::Receiver<u64> {
        self.holding.store(true, Ordering::SeqCst);
        self.held.subscribe()
    }

    /// Lets the commits go on that wait, and all later ones.
    pub(crate) fn release(&self) {
        self.holding.store(false, Ordering::SeqCst);
        self.release.add_permits(1_000);
    }

    async fn write<T>(&self, work: impl Future<Output = Result<T, StoreError>> + Send) -> Result<T, StoreError> {
        if self.failing.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("no space left on the device".to_owned()));
        }
        let done = work.await;
        self.writes.send_modify(|count| *count += 1);
        done
    }
}

#[async_trait]
impl Conversations for Watched {
    async fn accept(&self, inbounds: &[Inbound], now: Timestamp) -> Result<Vec<Accepted>, StoreError> {
        self.write(self.inner.accept(inbounds, now)).await
    }

    async fn seen(&self, id: &ConversationId, event: &str, now: Timestamp) -> Result<Option<Seen>, StoreError> {
        self.inner.seen(id, event, now).await
    }

    async fn load(&self, id: &ConversationId) -> Result<Option<Conversation>, StoreError> {
        self.inner.load(id).await
    }

    async fn inbox(&self, id: &ConversationId, limit: usize) -> Result<Vec<InboxRow>, StoreError> {
        self.inner.inbox(id, limit).await
    }

    async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        if self.holding.load(Ordering::SeqCst) {
            self.held.send_modify(|count| *count += 1);
            self.release.acquire().await.map_err(|error| StoreError::Unavailable(error.to_string()))?.forget();
        }
        self.write(self.inner.commit(commit)).await
    }

    async fn transcript(&self, id: &ConversationId, from: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.inner.transcript(id, from, limit).await
    }

    async fn outbox(&self, id: &ConversationId, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
        self.inner.outbox(id, limit).await
    }

    async fn settle(&self, id: &ConversationId, number: u64, fate: Fate) -> Result<(), StoreError> {
        self.write(self.inner.settle(id, number, fate)).await
    }

    async fn unfinished(&self) -> Result<Vec<ConversationId>, StoreError> {
        self.inner.unfinished().await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<(ConversationId, Timestamp)>, StoreError> {
        self.inner.due(now, limit).await
    }

    async fn forget_events(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.write(self.inner.forget_events(now)).await
    }
}

#[async_trait]
impl Tickets for Watched {
    async fn create(&self, made: &Changed, fingerprint: &str) -> Result<Created, StoreError> {
        self.write(self.inner.create(made, fingerprint)).await
    }

    async fn change(&self, changed: &Changed) -> Result<(), StoreError> {
        self.write(self.inner.change(changed)).await
    }

    async fn history(&self, id: &TicketId) -> Result<Vec<Change>, StoreError> {
        self.inner.history(id).await
    }

    async fn saw(&self, sights: &[Sight]) -> Result<(), StoreError> {
        self.write(self.inner.saw(sights)).await
    }

    async fn sights(&self, id: &TicketId) -> Result<Vec<Sight>, StoreError> {
        self.inner.sights(id).await
    }

    async fn open_tickets(&self, phone: &Phone) -> Result<Vec<Ticket>, StoreError> {
        self.inner.open_tickets(phone).await
    }

    async fn tickets_of(
        &self,
        unit: &UnitId,
        status: TicketStatus,
        after: Option<&Ticket>,
        limit: usize,
    ) -> Result<Vec<Ticket>, StoreError> {
        self.inner.tickets_of(unit, status, after, limit).await
    }

    async fn tickets_due(&self, now: Timestamp, limit: usize) -> Result<Vec<TicketId>, StoreError> {
        self.inner.tickets_due(now, limit).await
    }

    async fn put_due(&self, id: &TicketId, due: Option<Timestamp>) -> Result<(), StoreError> {
        self.write(self.inner.put_due(id, due)).await
    }

    async fn holders(&self) -> Result<Vec<UnitId>, StoreError> {
        self.inner.holders().await
    }

    async fn given(&self, day: Day) -> Result<Vec<(UnitId, u32)>, StoreError> {
        self.inner.given(day).await
    }

    async fn forget_given(&self, before: Day) -> Result<(), StoreError> {
        self.write(self.inner.forget_given(before)).await
    }

    async fn ticket(&self, id: &TicketId) -> Result<Option<Ticket>, StoreError> {
        self.inner.ticket(id).await
    }

    async fn due_webhooks(&self, now: Timestamp, limit: usize) -> Result<Vec<WebhookRow>, StoreError> {
        self.inner.due_webhooks(now, limit).await
    }

    async fn dead_webhooks(&self, limit: usize) -> Result<Vec<WebhookRow>, StoreError> {
        self.inner.dead_webhooks(limit).await
    }

    async fn settle_webhook(&self, tried: &WebhookRow, next: Option<WebhookRow>) -> Result<(), StoreError> {
        self.write(self.inner.settle_webhook(tried, next)).await
    }
}

#[async_trait]
impl Targets for Watched {
    async fn put_targets(&self, list: &str, rows: &[Target]) -> Result<PutTargets, StoreError> {
        self.write(self.inner.put_targets(list, rows)).await
    }

    async fn target(&self, list: &str, phone: &Phone) -> Result<Option<Target>, StoreError> {
        self.inner.target(list, phone).await
    }

    async fn targets_with(&self, phone: &Phone) -> Result<Vec<(String, Target)>, StoreError> {
        self.inner.targets_with(phone).await
    }

    async fn targets_of(
        &self,
        list: &str,
        unit: Option<&UnitId>,
        after: Option<&Target>,
        limit: usize,
    ) -> Result<Vec<Target>, StoreError> {
        self.inner.targets_of(list, unit, after, limit).await
    }

    async fn target_lists(&self) -> Result<Vec<String>, StoreError> {
        self.inner.target_lists().await
    }

    async fn count_targets(&self, list: &str) -> Result<[u64; TargetState::NAMES.len()], StoreError> {
        self.inner.count_targets(list).await
    }

    async fn mark_target(
        &self,
        list: Option<&str>,
        phone: &Phone,
        event: &TargetEvent,
        at: Timestamp,
    ) -> Result<usize, StoreError> {
        self.write(self.inner.mark_target(list, phone, event, at)).await
    }
}

#[async_trait]
impl Links for Watched {
    async fn claim(&self, link: &str, by: &ConversationId) -> Result<Option<Link>, StoreError> {
        self.write(self.inner.claim(link, by)).await
    }

    async fn link(&self, link: &str) -> Result<Option<Link>, StoreError> {
        self.inner.link(link).await
    }
}

#[async_trait]
impl Vault for Watched {
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(name).await
    }

    async fn replace(&self, name: &str, expected: Option<&[u8]>, value: &[u8]) -> Result<(), StoreError> {
        self.write(self.inner.replace(name, expected, value)).await
    }
}

#[async_trait]
impl Revisions for Watched {
    async fn publish(&self, revision: &NewRevision) -> Result<u32, StoreError> {
        self.write(self.inner.publish(revision)).await
    }

    async fn in_force(&self) -> Result<Option<InForce>, StoreError> {
        self.inner.in_force().await
    }

    async fn put_in_force(&self, number: u32) -> Result<bool, StoreError> {
        self.write(self.inner.put_in_force(number)).await
    }

    async fn revision(&self, number: u32) -> Result<Option<Revision>, StoreError> {
        self.inner.revision(number).await
    }

    async fn revisions(&self, limit: usize) -> Result<Vec<Published>, StoreError> {
        self.inner.revisions(limit).await
    }

    async fn sessions(&self, after: Option<&ConversationId>, limit: usize) -> Result<Vec<Conversation>, StoreError> {
        self.inner.sessions(after, limit).await
    }
}
