//! Floor 2: what must not be lost. Each method is one atomic business act; when it returns `Ok`, the act
//! survives a power cut.
//!
//! The traits know nothing of channels' formats, of flows or of HTTP. A turn's [`Commit`] touches keys of
//! one conversation only, so that it fits one batch of an embedded store and one partition of a
//! distributed one.
//!
//! [`memory`] and [`sled`] are two shelves under one implementation of the acts, `kv`; the keys are in
//! `key`, the records' form in `codec`.

mod codec;
mod key;
mod kv;
pub mod memory;
pub mod sled;
mod target;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::domain::conversation::{Conversation, Entry};
use crate::domain::id::{AccountId, ChannelName, ConversationId, TicketId, UnitId};
use crate::domain::message::{Inbound, Outbound};
use crate::domain::phone::Phone;
use crate::domain::ticket::{Act, Change, Sight, Ticket, TicketStatus};
use crate::domain::time::{Day, Timestamp};
use crate::engine::CallRequest;

pub use target::{PutTargets, Targets, target_part};

/// Everything durable, behind one handle.
pub trait Store: Conversations + Tickets + Targets + Links + Vault + Revisions {}
impl<T: Conversations + Tickets + Targets + Links + Vault + Revisions> Store for T {}

/// Conversations, their transcripts, what came in and what must go out.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// Takes inbound events into the inboxes of their conversations, in order, all or none. An event
    /// whose (conversation, id) was taken before, by this or by [`Conversations::commit`], is a duplicate.
    async fn accept(&self, inbounds: &[Inbound], now: Timestamp) -> Result<Vec<Accepted>, StoreError>;

    /// Whether this event was taken before, and the reply stored with it.
    async fn seen(&self, id: &ConversationId, event: &str, now: Timestamp) -> Result<Option<Seen>, StoreError>;

    /// The conversation as of its last commit.
    async fn load(&self, id: &ConversationId) -> Result<Option<Conversation>, StoreError>;

    /// Accepted events that no turn has consumed yet, oldest first. This and the other lists hand out at
    /// most 1,000 rows a call, whatever the `limit`.
    async fn inbox(&self, id: &ConversationId, limit: usize) -> Result<Vec<InboxRow>, StoreError>;

    /// Everything a turn leaves behind, at once. `Conflict` when the stored version is not
    /// `commit.expected`, or when the event consumed was consumed already.
    async fn commit(&self, commit: Commit) -> Result<(), StoreError>;

    /// Transcript entries with numbers from `from` on, oldest first.
    async fn transcript(&self, id: &ConversationId, from: u64, limit: usize) -> Result<Vec<Entry>, StoreError>;

    /// What must still leave, oldest first.
    async fn outbox(&self, id: &ConversationId, limit: usize) -> Result<Vec<OutboxRow>, StoreError>;

    /// Writes down what became of the outbox rows up to and including `number`. Calls before it stay: they
    /// are on their own way, and each is settled by its own number.
    async fn settle(&self, id: &ConversationId, number: u64, fate: Fate) -> Result<(), StoreError>;

    /// The conversations with rows in their inbox or outbox, for the start after a crash.
    async fn unfinished(&self) -> Result<Vec<ConversationId>, StoreError>;

    /// The conversations whose session moves by itself at `now` or before while the bot has them, and when
    /// it was to move; the longest due first.
    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<(ConversationId, Timestamp)>, StoreError>;

    /// Forgets the ids of events taken more than three days before `now`. Returns how many.
    async fn forget_events(&self, now: Timestamp) -> Result<usize, StoreError>;
}

/// Tickets, their histories, and the news of them that partner systems are owed.
#[async_trait]
pub trait Tickets: Send + Sync {
    /// Stores a new ticket, unless its customer has an open one of the same kind: then that one is what it leads to
    /// from now on. The same id again changes nothing: the ticket it leads to is returned, with the `fingerprint` of
    /// the request that made it.
    async fn create(&self, made: &Changed, fingerprint: &str) -> Result<Created, StoreError>;

    /// Stores what an act made of a ticket. `Conflict` when somebody else changed it since it was read.
    async fn change(&self, changed: &Changed) -> Result<(), StoreError>;

    /// The ticket, or the one that it was a repetition of.
    async fn ticket(&self, id: &TicketId) -> Result<Option<Ticket>, StoreError>;

    /// A ticket's history, oldest first.
    async fn history(&self, id: &TicketId) -> Result<Vec<Change>, StoreError>;

    /// Writes down who was shown which tickets.
    async fn saw(&self, sights: &[Sight]) -> Result<(), StoreError>;

    /// Who was shown a ticket, oldest first, at most the first 1,000.
    async fn sights(&self, id: &TicketId) -> Result<Vec<Sight>, StoreError>;

    /// The open tickets of the customer with this number.
    async fn open_tickets(&self, phone: &Phone) -> Result<Vec<Ticket>, StoreError>;

    /// A unit's tickets of this status, in the order in which they were made, from the one after `after`.
    async fn tickets_of(
        &self,
        unit: &UnitId,
        status: TicketStatus,
        after: Option<&Ticket>,
        limit: usize,
    ) -> Result<Vec<Ticket>, StoreError>;

    /// The tickets of which time makes something at `now` or before, the longest due first.
    async fn tickets_due(&self, now: Timestamp, limit: usize) -> Result<Vec<TicketId>, StoreError>;

    /// Writes down when time makes something of a ticket, where that changed by itself.
    async fn put_due(&self, id: &TicketId, due: Option<Timestamp>) -> Result<(), StoreError>;

    /// The units that have open tickets.
    async fn holders(&self) -> Result<Vec<UnitId>, StoreError>;

    /// How many tickets each unit was given on a day and has not lost again.
    async fn given(&self, day: Day) -> Result<Vec<(UnitId, u32)>, StoreError>;

    /// Forgets what was given before a day.
    async fn forget_given(&self, before: Day) -> Result<(), StoreError>;

    /// Webhooks due at `now`, the longest waiting first.
    async fn due_webhooks(&self, now: Timestamp, limit: usize) -> Result<Vec<WebhookRow>, StoreError>;

    /// Webhooks that were given up, the longest ago first. They stand behind every moment at which one can be due.
    async fn dead_webhooks(&self, limit: usize) -> Result<Vec<WebhookRow>, StoreError>;

    /// Writes down what became of one try: `None` when it is over, else the
    /// row as it waits for the next try. A row that is gone already changes nothing.
    async fn settle_webhook(&self, tried: &WebhookRow, next: Option<WebhookRow>) -> Result<(), StoreError>;
}

/// Signed links from a campaign to a conversation.
#[async_trait]
pub trait Links: Send + Sync {
    /// Binds the link to this conversation, if it is bound to none or to this one already. `None` when it
    /// is unknown or another's, so that whoever gets a link may trust what it says.
    async fn claim(&self, link: &str, by: &ConversationId) -> Result<Option<Link>, StoreError>;

    /// The link.
    async fn link(&self, link: &str) -> Result<Option<Link>, StoreError>;
}

/// The few things an installation keeps for itself: platform tokens, its own secrets, the unit table.
#[async_trait]
pub trait Vault: Send + Sync {
    /// The value under `name`.
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Puts `value` under `name` if what is there now is `expected`; `Conflict` otherwise.
    async fn replace(&self, name: &str, expected: Option<&[u8]>, value: &[u8]) -> Result<(), StoreError>;
}

/// The revisions of the flows, and who lives in them. A revision never changes once it is published.
#[async_trait]
pub trait Revisions: Send + Sync {
    /// Stores a revision and puts it in force. Returns its number, from 1; that of the revision in force
    /// when it holds the same, and then nothing is stored but that a command wanted it, if one did.
    async fn publish(&self, revision: &NewRevision) -> Result<u32, StoreError>;

    /// Which revision is in force.
    async fn in_force(&self) -> Result<Option<InForce>, StoreError>;

    /// Puts a revision in force that was published before, by a command. False when there is none.
    async fn put_in_force(&self, number: u32) -> Result<bool, StoreError>;

    /// The revision and its files, sorted by path.
    async fn revision(&self, number: u32) -> Result<Option<Revision>, StoreError>;

    /// The last revisions, the newest first.
    async fn revisions(&self, limit: usize) -> Result<Vec<Published>, StoreError>;

    /// Conversations in which a flow is under way, in the order of their ids, from the one after `after`.
    async fn sessions(&self, after: Option<&ConversationId>, limit: usize) -> Result<Vec<Conversation>, StoreError>;
}

/// Whether an event was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It is in the inbox now.
    New,
    /// It was taken before.
    Duplicate,
}

/// What is known of an event taken before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What was replied in the answer to it, on channels that reply so.
    pub reply: Option<Vec<u8>>,
}

/// An accepted event.
#[derive(Clone, Debug, PartialEq)]
pub struct InboxRow {
    /// Its place in the inbox.
    pub number: u64,
    /// The event.
    pub inbound: Inbound,
}

/// Everything a turn leaves behind.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The version that was read; 0 when there was none. `conversation.version` is one more.
    pub expected: u64,
    /// The conversation after the turn.
    pub conversation: Conversation,
    /// New transcript entries, numbered on from the stored ones.
    pub entries: Vec<Entry>,
    /// New outbox rows, in order.
    pub outbox: Vec<Effect>,
    /// What the turn used up.
    pub consumed: Consumed,
    /// The reply to be stored under the consumed event's id.
    pub reply: Option<Vec<u8>>,
    /// Links handed out in this turn.
    pub links: Vec<(String, Link)>,
    /// Delete the transcript, the links opened in it, the stored replies and the outbox of before this
    /// turn, but for rows that withdraw tickets.
    pub erase: bool,
    /// When the turn happened.
    pub now: Timestamp,
}

/// What a turn used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consumed {
    /// An event that was never in the inbox: taken and answered in one commit.
    Fresh {
        /// The event's id.
        event: String,
        /// Its second id, if it has one: known from now on as well as the first, with the same reply.
        alias: Option<String>,
    },
    /// A row of the inbox.
    Accepted {
        /// Its number.
        number: u64,
    },
    /// Nothing: staff or a timer moved the conversation.
    Nothing,
}

/// Something that must leave the house.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// A message to the contact.
    Send {
        /// The message.
        message: Outbound,
    },
    /// A ticket for the routing core, decided already.
    HandOff {
        /// The ticket.
        ticket: Box<Ticket>,
    },
    /// The customer wants something done about a ticket.
    Act {
        /// The ticket.
        ticket: TicketId,
        /// What.
        act: Act,
    },
    /// The customer took everything back: tell the ticket's unit.
    Withdraw {
        /// The ticket.
        ticket: TicketId,
    },
    /// A service to be called. Nothing behind it waits for it.
    Call {
        /// What the engine asked for.
        request: Box<CallRequest>,
    },
}

/// A waiting effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutboxRow {
    /// Its place in the outbox of its conversation.
    pub number: u64,
    /// How often it was tried.
    pub attempts: u32,
    /// Not to be tried before.
    pub not_before: Timestamp,
    /// What to do.
    pub effect: Effect,
}

/// What became of an outbox row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is done with: delivered, or will never be.
    Over,
    /// It failed and waits; `attempts` is one more.
    Later {
        /// Not before.
        not_before: Timestamp,
    },
}

/// A ticket after an act, and what goes with it.
#[derive(Clone, Debug)]
pub struct Changed {
    /// The ticket.
    pub ticket: Ticket,
    /// The line of its history.
    pub change: Change,
    /// When time makes something of it.
    pub due: Option<Timestamp>,
    /// What the customer's conversation is to hear of it.
    pub told: Option<Inbound>,
    /// The news of it. If the act takes everything personal out, older news that still waits goes, too.
    pub webhooks: Vec<WebhookRow>,
}

/// Whether a ticket was new.
#[derive(Clone, Debug, PartialEq)]
pub enum Created {
    /// It is stored now, linked with the customer's other open tickets.
    New {
        /// As stored.
        ticket: Box<Ticket>,
    },
    /// The customer has one of the same kind, to which this one leads from now on.
    Repeated {
        /// As stored.
        ticket: Box<Ticket>,
    },
    /// It was there.
    Existing {
        /// As stored.
        ticket: Box<Ticket>,
        /// Of the request that made it.
        fingerprint: String,
    },
}

/// A webhook owed to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookRow {
    /// The same at every try: what the receiver dedupes on.
    pub id: String,
    /// The endpoint's address in the configuration.
    pub endpoint: String,
    /// The body, byte for byte.
    pub body: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Not to be tried before.
    pub due: Timestamp,
}

/// Where the moments begin at which nothing is due any more, in milliseconds.
const DEAD: i64 = 1 << 60;

impl WebhookRow {
    /// The row when it was given up at this moment.
    #[must_use]
    pub fn buried(self, now: Timestamp) -> Self {
        Self { due: Timestamp::from_millis(DEAD.saturating_add(now.millis())), ..self }
    }

    /// When it was given up, if it was.
    pub fn buried_at(&self) -> Option<Timestamp> {
        self.due.millis().checked_sub(DEAD).filter(|millis| *millis >= 0).map(Timestamp::from_millis)
    }
}

/// What a signed link stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The number it was sent to; the network vouches for it.
    pub phone: Phone,
    /// The campaign, as a flow's `entry.prompts` names it.
    pub campaign: String,
    /// Good until.
    pub expires: Timestamp,
    /// The conversation that has it.
    pub claimed_by: Option<ConversationId>,
}

/// A revision to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRevision {
    /// What tells it from others: a digest of its files.
    pub hash: String,
    /// Path in the flows folder and text of each file.
    pub files: Vec<(String, String)>,
    /// Who publishes it.
    pub by: By,
    /// When.
    pub at: Timestamp,
    /// What its author says of it.
    pub note: String,
}

/// How a revision came to be in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// It was what lay in the flows folder: another content of the folder goes before it.
    Folder,
    /// Somebody published it or went back to it: it stays until somebody does so again.
    Command,
}

/// A revision without its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// From 1.
    pub number: u32,
    /// A digest of its files.
    pub hash: String,
    /// Who published it.
    pub by: By,
    /// When.
    pub at: Timestamp,
    /// What its author says of it.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub note: String,
}

/// A revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// What is known of it.
    pub published: Published,
    /// Path in the flows folder and text of each file.
    pub files: Vec<(String, String)>,
}

/// Which revision is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Its number.
    pub number: u32,
    /// A digest of its files.
    pub hash: String,
    /// Who put it in force.
    pub by: By,
}

/// What went wrong, named by what to do next.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody was faster: read again and redo.
    #[error("somebody else changed it meanwhile")]
    Conflict,
    /// Nothing can be stored now: refuse politely, do not acknowledge.
    #[error("the store cannot be used: {0}")]
    Unavailable(String),
    /// A record does not hold what was written: a person must look, a backup may help.
    #[error("the record {key} is damaged")]
    Corrupt {
        /// The record's key, printable.
        key: String,
    },
}

/// The name under which an account's tokens are kept in the [`Vault`].
pub fn token_name(channel: &ChannelName, account: &AccountId) -> String {
    format!("token/{channel}/{account}")
}
