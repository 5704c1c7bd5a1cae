//! Floor 1: a checked flow, ready to run. Everything that can be wrong in a file is refused by
//! [`compile`], with positions, so that the engine follows edges and cannot fail.
//!
//! Knows `domain` and `text`; must never know a channel (limits arrive as a table), a store or the
//! clock. `flows/README.md` explains the language to its authors; [`compile`] is where it is read,
//! [`diagnostic`] is what an author gets back, `engine` is what runs it.

use std::collections::BTreeMap;

use crate::domain::address::AddressPart;
use crate::domain::id::ChannelName;
use crate::domain::slot::SlotType;
use crate::domain::ticket::TicketKind;
use crate::text::phrase::Phrase;

pub mod compile;
pub mod condition;
pub mod diagnostic;
pub mod source;
pub mod template;

pub use condition::Condition;
pub use diagnostic::Diagnostic;
pub use template::Template;

/// All flows of an installation.
#[derive(Clone, Debug, Default)]
pub struct Flows {
    /// By name.
    pub flows: BTreeMap<String, Flow>,
}

/// One flow.
#[derive(Clone, Debug)]
pub struct Flow {
    /// `flow:`, equal to the file's name without `.yaml`.
    pub name: String,
    /// `title:`
    pub title: String,
    /// How a conversation comes here.
    pub entry: Entry,
    /// Its own interrupts and those of the shared files it uses, its own first.
    pub interrupts: Vec<Interrupt>,
    /// Its slots, in the file's order.
    pub slots: Vec<Slot>,
    /// Its steps, in the file's order.
    pub steps: Vec<Step>,
    /// Where it starts.
    pub start: StepIx,
}

/// A step's place in [`Flow::steps`]. Valid only for the flow it was compiled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepIx(pub usize);

/// A slot's place in [`Flow::slots`]. Valid only for the flow it was compiled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotIx(pub usize);

/// `entry:`
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Phrases that start the flow.
    pub keywords: Vec<Phrase>,
    /// Link references that start it.
    pub refs: Vec<String>,
    /// Prompts by campaign.
    pub prompts: BTreeMap<String, Prompt>,
    /// Whether it answers what no other flow claims.
    pub default: bool,
}

/// One of `entry.prompts`.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What is asked.
    pub say: Wording,
    /// Where YES leads.
    pub if_yes: StepIx,
    /// Where NO leads.
    pub if_no: StepIx,
}

/// One of `interrupts`.
#[derive(Clone, Debug)]
pub struct Interrupt {
    /// Its name.
    pub name: String,
    /// The phrases that call it.
    pub phrases: Vec<Phrase>,
    /// What is said first.
    pub say: Option<Wording>,
    /// A yes/no question to be agreed to before `then`.
    pub confirm: Option<Wording>,
    /// What happens.
    pub then: Then,
}

/// What an interrupt does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// Repeats the question.
    Resume,
    /// Goes to a step.
    Go(StepIx),
    /// Calls a person of this queue.
    Person(String),
    /// Ends the flow with this outcome.
    End(String),
    /// Erases what is known of the contact.
    Erase,
}

/// One of `slots`.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: SlotType,
    /// What summaries and corrections call it; the name when the author gave none.
    pub label: String,
    /// What of the contact it starts with.
    pub prefill: Option<Prefill>,
    /// Whether its values are personal.
    pub private: bool,
    /// Of a `choice`: key and label, in order.
    pub options: Vec<(String, String)>,
    /// Of a `phone`: whether landlines will do. `accept: any`, otherwise mobiles only.
    pub any_phone: bool,
    /// Of an `address`: the parts it cannot do without.
    pub need: Vec<AddressPart>,
}

/// What a slot can start with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefill {
    /// `contact.name`
    Name,
    /// `contact.phone`
    Phone,
}

/// One of `steps`.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its id.
    pub id: String,
    /// What it does.
    pub verb: Verb,
    /// Where it leads when nothing else is said: `go`, `then`, else the step below. `None` where a
    /// conversation cannot go on: after `end`, and after `person` without `return_to`.
    pub next: Option<StepIx>,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Verb {
    /// Says something and goes on.
    Say {
        /// The words.
        say: Wording,
        /// What can be tapped under them, as titles that come back as text.
        buttons: Vec<Template>,
        /// `if:`, said only when it holds.
        when: Option<Condition>,
    },
    /// Asks for a slot.
    Ask(Box<Ask>),
    /// Shows what was collected and asks whether it is right.
    Confirm(Box<Confirm>),
    /// Goes where the first condition that holds points, else on.
    Branch(Vec<(Condition, StepIx)>),
    /// Makes a ticket.
    HandOff {
        /// Of this kind.
        kind: TicketKind,
        /// What goes into it.
        send: HandOffSlots,
        /// Said after.
        say: Option<Wording>,
    },
    /// Gives the conversation to a person.
    Person {
        /// Of this queue; `None` for the first configured one.
        queue: Option<String>,
        /// Said before.
        say: Option<Wording>,
    },
    /// Ends the flow.
    End {
        /// The funnel's label.
        outcome: String,
        /// Said before.
        say: Option<Wording>,
    },
}

/// `ask:`
#[derive(Clone, Debug)]
pub struct Ask {
    /// The slot to fill.
    pub slot: SlotIx,
    /// The question.
    pub say: Wording,
    /// Asked instead when the value is known already.
    pub when_known: Option<Wording>,
    /// What is said at each further try; never empty after compiling.
    pub retry: Vec<Wording>,
    /// Where to go when the last try fails; `None` calls a person of the first queue.
    pub give_up: Option<StepIx>,
    /// The question for each missing part of an address.
    pub missing: BTreeMap<AddressPart, Wording>,
    /// The question when there are guesses.
    pub unsure: Option<Wording>,
    /// Of a yes/no.
    pub if_yes: Option<StepIx>,
    /// Of a yes/no.
    pub if_no: Option<StepIx>,
    /// Of a choice: where each option leads.
    pub choose: BTreeMap<String, StepIx>,
}

/// `confirm:`
#[derive(Clone, Debug)]
pub struct Confirm {
    /// The slots shown, in order.
    pub slots: Vec<SlotIx>,
    /// Said above the summary.
    pub say: Wording,
    /// Asked when something is wrong and it is not clear what.
    pub ask_which: Option<Wording>,
    /// Where agreement leads; else on.
    pub if_yes: Option<StepIx>,
    /// What is said at each further try; never empty after compiling.
    pub retry: Vec<Wording>,
    /// Where to go when the last try fails; `None` calls a person of the first queue.
    pub give_up: Option<StepIx>,
}

/// `send:` of a `handoff`.
#[derive(Clone, Debug, Default)]
pub struct HandOffSlots {
    /// The SIM concerned (a `phone` slot).
    pub subscriber: Option<SlotIx>,
    /// The number to call (a `phone` slot).
    pub phone: Option<SlotIx>,
    /// The contact's name (a `name` or `text` slot).
    pub name: Option<SlotIx>,
    /// Where to serve (an `address` slot).
    pub place: Option<SlotIx>,
    /// Whether in quarantine (a `yesno` slot).
    pub quarantine: Option<SlotIx>,
    /// Whatever else.
    pub slots: Vec<SlotIx>,
}

/// Words, perhaps others on some channels.
#[derive(Clone, Debug)]
pub struct Wording {
    /// Everywhere else.
    pub text: Template,
    /// By channel.
    pub by_channel: BTreeMap<ChannelName, Template>,
}

impl Wording {
    /// The words for this channel.
    pub fn on(&self, channel: &ChannelName) -> &Template {
        self.by_channel.get(channel).unwrap_or(&self.text)
    }
}

impl Flow {
    /// The step at `ix`.
    pub fn step(&self, ix: StepIx) -> &Step {
        &self.steps[ix.0]
    }

    /// The slot at `ix`.
    pub fn slot(&self, ix: SlotIx) -> &Slot {
        &self.slots[ix.0]
    }

    /// The step of this id.
    pub fn find(&self, id: &str) -> Option<StepIx> {
        self.steps.iter().position(|step| step.id == id).map(StepIx)
    }
}
