//! Floor 3: the way of a message through the house. Here tokio, the network, the clock and chance come
//! together with the pure floors below.
//!
//! `receive` takes what a platform sent, `turn` runs the engine and commits, `deliver` brings what is in
//! the outbox to the platforms and to the routing core, `call` asks services, `timer` moves what is due,
//! `menu` shows the flows' menu on the platforms, `partner` tells partner systems. Must never know
//! HTTP routes or status codes; those are `server`'s.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::channel::Channel;
pub use crate::config::{AccountToken, Endpoint, Hours, ServiceEndpoint};
use crate::domain::address::Address;
use crate::domain::conversation::Conversation;
use crate::domain::id::{AccountId, ChannelName, ConversationId};
use crate::domain::limits::LimitsTable;
use crate::domain::time::Timestamp;
use crate::engine::{Input, Turn, World};
use crate::flow::Flows;
use crate::place::Gazetteer;
use crate::routing::{Organisation, Policy};
use crate::store::{Store, StoreError};

mod call;
pub mod clock;
mod decide;
mod deliver;
pub mod handoff;
mod http;
pub mod import;
mod ledger;
mod mailbox;
mod menu;
pub mod metrics;
mod news;
pub mod open;
pub mod partner;
pub mod prompt;
pub mod push;
mod receive;
pub mod registry;
pub mod replay;
pub mod revision;
mod schedule;
pub mod seal;
pub mod targets;
#[cfg(test)]
mod tests;
pub mod ticket;
mod timer;
mod token;
mod turn;

use decide::{Ground, Moment};
use ledger::Ledger;
use mailbox::Mailboxes;
use metrics::Metrics;
use push::Watchers;
use revision::InForce;
use schedule::Schedule;
use seal::Seal;

/// Conversations served at one time, most of them waiting for their channel's lane.
const SERVED_AT_ONCE: usize = 2048;
/// Messages on their way to one platform at one time.
const SENDING_AT_ONCE: usize = 128;
/// How long a stop waits for what is under way.
const GRACE: Duration = Duration::from_secs(10);

/// Everything a server needs to serve. Made once, shared by all.
pub struct Runtime {
    pub(super) store: Arc<dyn Store>,
    pub(super) channels: Channels,
    pub(super) settings: Settings,
    pub(super) seal: Seal,
    /// Counters for operations.
    pub metrics: Metrics,
    /// Who has a conversation open in a browser.
    pub watchers: Watchers,
    in_force: InForce,
    places: RwLock<Arc<Gazetteer>>,
    organisation: RwLock<Arc<Organisation>>,
    mailboxes: Mailboxes,
    schedule: Schedule,
    delivering: Mutex<HashMap<ConversationId, bool>>,
    calls: call::Calls,
    paused: Mutex<HashMap<(ChannelName, AccountId), Timestamp>>,
    tokens: token::Tokens,
    permits: Arc<Semaphore>,
    lanes: HashMap<ChannelName, Semaphore>,
    partners_changed: Notify,
    ledger: Ledger,
    http: http::Client,
    tasks: TaskTracker,
    closing: CancellationToken,
}

/// The channels of an installation, by name.
pub type Channels = BTreeMap<ChannelName, Arc<dyn Channel>>;

/// What an operator decides and the runtime needs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where customers reach this server, without a slash at the end.
    pub public_url: String,
    /// The queue that is called where a flow names none.
    pub queue: String,
    /// The queues that flows may name.
    pub queues: Vec<String>,
    /// The services that flows may name.
    pub service_names: Vec<String>,
    /// How long a signed link is good.
    pub link_valid: Duration,
    /// Tokens to send with, by channel and account.
    pub tokens: HashMap<(ChannelName, AccountId), AccountToken>,
    /// Partner systems to be told of tickets.
    pub endpoints: Vec<Endpoint>,
    /// Services that flows may call, by name.
    pub services: BTreeMap<String, ServiceEndpoint>,
    /// When somebody of a queue is on duty; of a queue that is not in it, always.
    pub hours: BTreeMap<String, Hours>,
    /// How fast units should be.
    pub policy: Policy,
}

/// What a runtime is made of.
pub struct Parts {
    /// Where everything durable is kept.
    pub store: Arc<dyn Store>,
    /// The channels that are switched on.
    pub channels: Channels,
    /// The flows in force.
    pub flows: Flows,
    /// The places in force.
    pub places: Arc<Gazetteer>,
    /// The organisation in force.
    pub organisation: Organisation,
    /// Signs links and sessions.
    pub seal: Seal,
    /// The operator's decisions.
    pub settings: Settings,
}

impl Runtime {
    /// Puts the parts together, takes up what an earlier process left behind, and starts delivering.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn start(parts: Parts) -> Result<Arc<Self>, StoreError> {
        let runtime = Self::at_rest(parts);
        let now = clock::now();
        for id in runtime.store.unfinished().await? {
            runtime.mailboxes.add_waiting(&id);
            runtime.schedule.add(&id, now);
        }
        runtime.begin_ledger().await?;
        runtime.leave_closed_units().await?;
        runtime.spawn(Self::deliver_all(Arc::clone(&runtime)));
        runtime.spawn(Self::keep_tickets(Arc::clone(&runtime)));
        runtime.spawn(Self::keep_time(Arc::clone(&runtime)));
        runtime.spawn(Self::tell_partners(Arc::clone(&runtime)));
        runtime.spawn(Self::keep_house(Arc::clone(&runtime)));
        runtime.spawn(Self::keep_menus(Arc::clone(&runtime)));
        Ok(runtime)
    }

    /// Puts the parts together for one piece of work: nothing is taken up and nothing delivered, so that a
    /// command does not write to customers by the way.
    pub fn at_rest(parts: Parts) -> Arc<Self> {
        Arc::new(Self {
            tokens: token::Tokens::default(),
            http: http::Client::new(),
            store: parts.store,
            lanes: parts.channels.keys().map(|name| (name.clone(), Semaphore::new(SENDING_AT_ONCE))).collect(),
            channels: parts.channels,
            calls: call::Calls::new(parts.settings.services.keys()),
            settings: parts.settings,
            seal: parts.seal,
            metrics: Metrics::default(),
            watchers: Watchers::default(),
            in_force: InForce::new(parts.flows),
            places: RwLock::new(parts.places),
            organisation: RwLock::new(Arc::new(parts.organisation)),
            mailboxes: Mailboxes::new(),
            schedule: Schedule::default(),
            delivering: Mutex::default(),
            paused: Mutex::default(),
            permits: Arc::new(Semaphore::new(SERVED_AT_ONCE)),
            partners_changed: Notify::new(),
            ledger: Ledger::default(),
            tasks: TaskTracker::new(),
            closing: CancellationToken::new(),
        })
    }

    /// Refuses new work, waits for what is under way, and returns. What is left stands in the store.
    pub async fn stop(&self) {
        self.closing.cancel();
        self.tasks.close();
        if tokio::time::timeout(GRACE, self.tasks.wait()).await.is_err() {
            tracing::warn!("some deliveries did not finish in time; they go on at the next start");
        }
    }

    /// Refuses new work from now on; what is under way goes on.
    pub fn close(&self) {
        self.closing.cancel();
    }

    /// Resolves when the server is about to stop.
    pub async fn stopping(&self) {
        self.closing.cancelled().await;
    }

    /// Whether the server is about to stop.
    pub fn is_closing(&self) -> bool {
        self.closing.is_cancelled()
    }

    /// Whether the channel's platform may still be probing: no signed event has ever come.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn in_setup(&self, channel: &dyn Channel) -> Result<bool, StoreError> {
        Ok(channel.probes_unsigned() && self.store.get(&setup_name(channel)).await?.is_none())
    }

    /// A signed event has come: from now on unsigned ones are refused.
    ///
    /// # Errors
    /// When that cannot be stored.
    pub async fn leave_setup(&self, channel: &dyn Channel) -> Result<(), StoreError> {
        if channel.probes_unsigned() && self.in_setup(channel).await? {
            match self.store.replace(&setup_name(channel), None, b"done").await {
                Err(StoreError::Conflict) => {}
                other => return other,
            }
        }
        Ok(())
    }

    /// Counts a request that nothing proved.
    pub fn count_unsigned(&self, channel: &str) {
        Metrics::count(&self.metrics.inbound, channel, "unsigned");
    }

    /// The channels that are switched on.
    pub fn channels(&self) -> &Channels {
        &self.channels
    }

    /// The flows in force.
    pub fn flows(&self) -> Arc<Flows> {
        self.in_force.flows()
    }

    /// The organisation in force.
    pub fn organisation(&self) -> Arc<Organisation> {
        Arc::clone(&self.organisation.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another organisation in force. The caller has stored it.
    pub fn replace_organisation(&self, organisation: Organisation) {
        *self.organisation.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(organisation);
    }

    /// The places in force.
    pub fn places(&self) -> Arc<Gazetteer> {
        Arc::clone(&self.places.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts other places in force, for whatever is read from now on.
    pub fn replace_places(&self, places: Gazetteer) {
        *self.places.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(places);
    }

    /// The limits of the channels that are switched on.
    pub fn limits(&self) -> LimitsTable {
        self.channels.iter().map(|(name, channel)| (name.clone(), channel.limits())).collect()
    }

    /// The channel of this name, if it is switched on.
    pub fn channel(&self, name: &str) -> Option<&Arc<dyn Channel>> {
        self.channels.get(&ChannelName::new(name))
    }

    /// What is durable.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// What signs links and web sessions.
    pub fn seal(&self) -> &Seal {
        &self.seal
    }

    /// Makes a turn of an event in the world as it is.
    fn decide(&self, conversation: &mut Conversation, ground: &Ground, input: Input<'_>, moment: Moment<'_>) -> Turn {
        let (places, organisation) = (self.places(), self.organisation());
        let apart = |one: &Address, other: &Address| organisation.serves_apart(one, other, moment.now.day());
        let queue = &self.settings.queue;
        let world = World { flows: &ground.flows, places: &places, queue, closed: moment.closed, apart: &apart };
        decide::decide(conversation, world, input, moment, ground.again)
    }

    /// The queues with nobody on duty.
    fn closed(&self, now: Timestamp) -> Vec<String> {
        let closed = self.settings.hours.iter().filter(|(_, hours)| !hours.hold(now));
        closed.map(|(queue, _)| queue.clone()).collect()
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(work);
    }

    /// Does the work in a task of its own: it reaches its end, and a stop waits for it, even if whoever
    /// asked for it has gone. A panic in it is an error for that one only.
    async fn finish_anyway<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.tasks.spawn(work).await.unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())))
    }

    /// Forgets, once an hour, the ids of events so old that no platform repeats them, and renews tokens.
    async fn keep_house(self: Arc<Self>) {
        loop {
            tokio::select! {
                () = self.closing.cancelled() => return,
                () = tokio::time::sleep(Duration::from_secs(3600)) => {}
            }
            if let Err(error) = self.store.forget_events(clock::now()).await {
                tracing::warn!(%error, "old event ids could not be forgotten");
            }
            if let Err(error) = self.store.forget_given(clock::now().day().plus(-2)).await {
                tracing::warn!(%error, "what was given to units on earlier days could not be forgotten");
            }
            if let Err(error) = self.forget_dead_webhooks().await {
                tracing::warn!(%error, "webhooks given up long ago could not be forgotten");
            }
            if let Err(error) = self.leave_closed_units().await {
                tracing::warn!(%error, "the tickets of closed units could not be moved");
            }
            self.renew_idle().await;
        }
    }
}

/// Where it is kept that a channel has left its set-up.
fn setup_name(channel: &dyn Channel) -> String {
    format!("signed/{}", channel.name())
}
