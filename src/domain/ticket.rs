//! A finished conversation's work item.

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::contact::Profile;
use super::conversation::Entry;
use super::id::{ConversationId, TicketId};
use super::phone::Phone;
use super::slot::Slots;
use super::time::Timestamp;
use super::unit::Unit;

/// What the customer wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketKind {
    /// Change the SIM to 4G.
    SimSwap,
    /// A new subscription.
    NewSubscription,
    /// Advice on products and packages.
    Advice,
    /// A person is needed in the conversation.
    Care,
}

impl TicketKind {
    /// Every kind and its name in flows and in the API.
    pub const ALL: [(&'static str, Self); 4] = [
        ("sim_swap", Self::SimSwap),
        ("new_subscription", Self::NewSubscription),
        ("advice", Self::Advice),
        ("care", Self::Care),
    ];

    /// Its name in flows and in the API.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    /// Made, nobody has taken it yet.
    New,
    /// The customer took everything back; what was personal is gone.
    Withdrawn,
}

/// What a conversation, or a partner through the API, asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TicketRequest {
    /// What is wanted.
    pub kind: TicketKind,
    /// Who asks.
    pub contact: Profile,
    /// The SIM concerned.
    pub subscriber: Option<Phone>,
    /// Where to serve the customer.
    pub place: Option<Address>,
    /// The customer is in quarantine.
    pub quarantine: bool,
    /// Whatever else was collected.
    pub slots: Slots,
    /// The conversation so far, for a person who takes over; empty otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub transcript: Vec<Entry>,
}

/// One reason of a routing decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// In words: `ward 26740 -> u_hcm_sg`.
    pub rule: String,
    /// `ward`, `province`, `central`.
    pub level: String,
}

/// A work item at its unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// Where it stands.
    pub status: TicketStatus,
    /// The channel, or the name of the API token, it came from.
    pub source: String,
    /// The conversation it came from; `None` for tickets made through the API.
    pub conversation: Option<ConversationId>,
    /// What is asked for.
    #[serde(flatten)]
    pub request: TicketRequest,
    /// Who serves it.
    pub unit: Unit,
    /// Why that unit.
    pub why: Vec<Why>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Ticket {
    /// The ticket with everything personal taken out of it and marked withdrawn. The units in it stay, so
    /// that reports still add up.
    #[must_use]
    pub fn withdrawn(mut self) -> Self {
        let place = self.request.place.take().map(|place| Address {
            province: place.province,
            ward: place.ward,
            province_name: place.province_name,
            ..Address::default()
        });
        self.status = TicketStatus::Withdrawn;
        self.request = TicketRequest {
            kind: self.request.kind,
            contact: Profile::default(),
            subscriber: None,
            place,
            quarantine: false,
            slots: Slots::new(),
            transcript: Vec::new(),
        };
        self
    }
}
