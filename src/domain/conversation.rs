//! The thread with one contact: who owns it, what is known, where the flow stands.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::consent::Consent;
use super::contact::{ContactKey, Profile};
use super::id::{StaffId, TicketId};
use super::message::{Choice, Event};
use super::session::Session;
use super::time::Timestamp;

/// Who answers the contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "owner", rename_all = "snake_case")]
pub enum Owner {
    /// The flows.
    Bot,
    /// Nobody yet: waiting for a person of this queue.
    Queue {
        /// The queue's name, as in the configuration's `routing.queues`.
        queue: String,
        /// Since when.
        since: Timestamp,
    },
    /// A person. `None` when they answered from the platform's own inbox and we do not know who.
    Staff {
        /// Who, where known.
        staff: Option<StaffId>,
        /// Since when.
        since: Timestamp,
    },
}

/// The thread with one contact. Written whole at every turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Whose it is.
    pub key: ContactKey,
    /// Counts the commits; the store refuses a commit on another version than the one that was read.
    pub version: u64,
    /// Who answers.
    pub owner: Owner,
    /// What is known of the contact.
    #[serde(default)]
    pub profile: Profile,
    /// Where the flow stands; `None` between flows.
    pub session: Option<Session>,
    /// The proofs of consent, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub consents: Vec<Consent>,
    /// The tickets made from it, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub tickets: Vec<TicketId>,
    /// When the contact last did something that lets us write to them.
    pub last_seen: Timestamp,
    /// The contact asked not to be prompted again.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub opted_out: bool,
    /// What the contact answered to each campaign's prompt.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub prompts: BTreeMap<String, PromptAnswer>,
    /// Number of the next transcript entry.
    #[serde(default)]
    pub next_entry: u64,
}

/// What a contact answered to a prompt. Silence leaves no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PromptAnswer {
    /// Wants to go on.
    Yes,
    /// Does not; is not asked again in this campaign.
    No,
}

impl Conversation {
    /// A conversation nobody has spoken in yet. `version` 0 means: not in the store.
    pub fn new(key: ContactKey) -> Self {
        Self {
            key,
            version: 0,
            owner: Owner::Bot,
            profile: Profile::default(),
            session: None,
            consents: Vec::new(),
            tickets: Vec::new(),
            last_seen: Timestamp::default(),
            opted_out: false,
            prompts: BTreeMap::new(),
            next_entry: 0,
        }
    }
}

/// One line of the transcript, in order of `number`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Position in the conversation, from 0.
    pub number: u64,
    /// When it was taken down, by our clock.
    pub at: Timestamp,
    /// Who said what.
    #[serde(flatten)]
    pub line: Line,
}

/// What a transcript line holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Line {
    /// The contact, or the platform about the contact.
    Contact {
        /// The event's id, as in [`super::message::Inbound::id`].
        id: String,
        /// What happened.
        event: Event,
        /// What else the turn was given, so that it can be run again.
        #[serde(skip_serializing_if = "Given::is_nothing", default)]
        given: Given,
    },
    /// The bot.
    Bot {
        /// The step that spoke, `flow/step`; empty for the house's own sentences.
        step: String,
        /// What it said.
        text: String,
        /// What could be tapped.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        choices: Vec<Choice>,
        /// The picture that was shown.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        image: Option<String>,
    },
}

/// What a turn was given beside the event: with it and the revision's flows, the turn can be run again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The revision of the flows in force.
    #[serde(default)]
    pub revision: u32,
    /// What was known of the contact, where that had changed since the turn before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub profile: Option<Profile>,
    /// The signed link the bot could hand out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub link: Option<String>,
    /// The campaign whose link was opened.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub campaign: Option<String>,
    /// Queues with nobody on duty.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub closed: Vec<String>,
    /// The event was so old that nobody waited for an answer any more.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub stale: bool,
}

impl Given {
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}
