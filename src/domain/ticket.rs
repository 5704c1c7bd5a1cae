//! A finished conversation's work item.

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::contact::Profile;
use super::conversation::Entry;
use super::id::{ConversationId, TicketId, UnitId};
use super::phone::Phone;
use super::slot::Slots;
use super::time::{Day, TimeWindow, Timestamp};
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
    /// With the unit that serves what nobody else does; nobody has taken it yet.
    New,
    /// Offered to a unit, which has not answered yet.
    Offered,
    /// Taken by its unit.
    Accepted,
    /// The customer was spoken to.
    Contacted,
    /// A visit is agreed upon.
    Scheduled,
    /// The customer has what they wanted.
    Done,
    /// The customer does not want it any more, as the unit says.
    Refused,
    /// The customer cannot be reached.
    Unreachable,
    /// Nobody of that name lives there.
    WrongAddress,
    /// The customer cannot have it.
    NotEligible,
    /// The SIM is a 4G one.
    #[serde(rename = "already_4g")]
    Already4g,
    /// The customer called it off.
    Cancelled,
    /// The customer took everything back; what was personal is gone.
    Withdrawn,
}

impl TicketStatus {
    /// Every status and its name in the API.
    pub const ALL: [(&'static str, Self); 13] = [
        ("new", Self::New),
        ("offered", Self::Offered),
        ("accepted", Self::Accepted),
        ("contacted", Self::Contacted),
        ("scheduled", Self::Scheduled),
        ("done", Self::Done),
        ("refused", Self::Refused),
        ("unreachable", Self::Unreachable),
        ("wrong_address", Self::WrongAddress),
        ("not_eligible", Self::NotEligible),
        ("already_4g", Self::Already4g),
        ("cancelled", Self::Cancelled),
        ("withdrawn", Self::Withdrawn),
    ];

    /// Its name in the API.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, status)| *status == self).map_or("", |(name, _)| name)
    }

    /// Whether somebody still has to do something about it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Offered | Self::Accepted | Self::Contacted | Self::Scheduled)
    }

    /// Whether a unit that served it can end it so.
    pub fn is_outcome(self) -> bool {
        matches!(
            self,
            Self::Done | Self::Refused | Self::Unreachable | Self::WrongAddress | Self::NotEligible | Self::Already4g
        )
    }
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
    /// `ward`, `district`, `province`, `home`, `region`, `central`, `quarantine`.
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
    /// Where it stands otherwise.
    #[serde(default)]
    pub course: Course,
}

/// What has become of a ticket so far, beside its status and its unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// How many changes there were: the number of the last one.
    pub changes: u64,
    /// The local authority through which a customer in quarantine is reached.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub through: Option<Unit>,
    /// The unit that the customer belongs to by the campaign's list.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub home: Option<UnitId>,
    /// The day on which the unit was given it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub given_on: Option<Day>,
    /// Until when the unit can accept it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub offer_until: Option<Timestamp>,
    /// The units that had it before, in order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub tried: Vec<UnitId>,
    /// The unit above that was told that something is late.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub escalated: Option<UnitId>,
    /// When the customer is visited.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub appointment: Option<TimeWindow>,
    /// What was promised and is not kept yet.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub clocks: Vec<Clock>,
    /// The clocks stand still: the customer is waited for.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub paused: bool,
    /// Other open tickets of the same customer.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub links: Vec<TicketId>,
}

/// What is promised to a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Promise {
    /// To be called.
    FirstContact,
    /// To be visited.
    Visit,
}

/// A promise and the working time that is left to keep it. Milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// What was promised.
    pub promise: Promise,
    /// Within how much working time.
    pub limit: u64,
    /// How much of it was used up at `since`.
    pub spent: u64,
    /// Since when it runs.
    pub since: Timestamp,
    /// Of how many hundredths it was told that they are used up: 0, 50, 80 or 100.
    pub told: u8,
}

/// Who changes a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// Time, or a new organisation.
    System,
    /// The customer.
    Customer,
    /// A unit; the person is named by whoever spoke for it.
    Unit {
        /// Which.
        unit: UnitId,
        /// Who of it, if known.
        staff: Option<String>,
    },
    /// A partner system, by the name of its token.
    Partner {
        /// Its name.
        name: String,
    },
    /// Whoever runs the server.
    Operator,
}

/// What can happen to a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// It was made.
    Open,
    /// The same was asked for again, from this source: nothing new is made of it.
    Repeat {
        /// The channel, or the name of the API token.
        source: String,
    },
    /// Its unit takes it.
    Accept,
    /// Its unit does not take it, or gives it back.
    Reject {
        /// Why not.
        reason: String,
    },
    /// Its unit did not answer in time.
    Expire,
    /// Its unit can serve nobody any more.
    Close,
    /// The customer was spoken to.
    Contact,
    /// A visit is agreed upon.
    Schedule {
        /// When.
        window: TimeWindow,
    },
    /// It ends.
    Finish {
        /// How: a status for which [`TicketStatus::is_outcome`] holds.
        outcome: TicketStatus,
        /// What is to be known about it.
        #[serde(default)]
        note: String,
    },
    /// The customer calls it off.
    Cancel,
    /// It goes to another unit.
    Pass {
        /// Which.
        to: UnitId,
        /// Why.
        reason: String,
    },
    /// The customer is waited for: the clocks stand still.
    Pause {
        /// What for.
        reason: String,
    },
    /// They run again.
    Resume,
    /// So many hundredths of the time for a promise are used up; at 100 it is broken.
    Late {
        /// Which promise.
        promise: Promise,
        /// 50, 80 or 100.
        percent: u8,
    },
    /// Everything personal was taken out.
    Withdraw,
}

impl Act {
    /// Its name in the API and in webhooks.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Repeat { .. } => "repeat",
            Self::Accept => "accept",
            Self::Reject { .. } => "reject",
            Self::Expire => "expire",
            Self::Close => "close",
            Self::Contact => "contact",
            Self::Schedule { .. } => "schedule",
            Self::Finish { .. } => "finish",
            Self::Cancel => "cancel",
            Self::Pass { .. } => "pass",
            Self::Pause { .. } => "pause",
            Self::Resume => "resume",
            Self::Late { .. } => "late",
            Self::Withdraw => "withdraw",
        }
    }
}

/// That somebody was shown a ticket with what is personal in it. It is never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Actor,
    /// Which.
    pub ticket: TicketId,
}

/// One line of a ticket's history. It is never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// From 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: Actor,
    /// What was done.
    #[serde(flatten)]
    pub act: Act,
    /// Where the ticket stood then.
    pub status: TicketStatus,
    /// The unit that had it then.
    pub unit: UnitId,
}

impl Change {
    /// The line without what somebody wrote.
    #[must_use]
    pub fn blanked(mut self) -> Self {
        match &mut self.act {
            Act::Reject { reason: text } | Act::Pass { reason: text, .. } | Act::Pause { reason: text } => text.clear(),
            Act::Finish { note, .. } => note.clear(),
            _ => {}
        }
        self
    }
}

impl Ticket {
    /// The numbers by which its customer is known.
    pub fn phones(&self) -> impl Iterator<Item = &Phone> {
        let (subscriber, contact) = (&self.request.subscriber, &self.request.contact.phone);
        subscriber.iter().chain(contact.iter().filter(move |phone| Some(*phone) != subscriber.as_ref()))
    }

    /// Whether two tickets ask for the same for the same SIM or, where none is concerned, of the same customer.
    pub fn repeats(&self, other: &Self) -> bool {
        let who = |ticket: &Self| ticket.request.subscriber.clone().or_else(|| ticket.request.contact.phone.clone());
        self.request.kind == other.request.kind && who(self).is_some() && who(self) == who(other)
    }

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
        let Course { changes, through, given_on, tried, escalated, .. } = self.course;
        self.course = Course { changes, through, given_on, tried, escalated, ..Course::default() };
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
