//! Floor 1: a checked flow, ready to run. Everything that can be wrong in a file is refused by
//! [`compile`], with positions, so that the engine follows edges and cannot fail.
//!
//! Knows `domain` and `text`; must never know a channel (limits arrive as a table), a store or the
//! clock. `flows/README.md` explains the language to its authors; [`compile`] is where it is read,
//! [`diagnostic`] is what an author gets back, `engine` is what runs it.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use crate::domain::address::AddressPart;
use crate::domain::contact::Language;
use crate::domain::slot::SlotType;
use crate::domain::ticket::TicketKind;
use crate::text::phrase::Phrase;

pub mod analysis;
pub mod check;
pub mod compile;
pub mod condition;
pub mod diagnostic;
pub mod graph;
pub mod migrate;
#[cfg(test)]
pub(crate) mod sample;
pub mod schema;
pub mod source;
pub mod template;
pub mod time;
pub mod wording;

pub use condition::Condition;
pub use diagnostic::Diagnostic;
pub use template::Template;
pub use wording::{Label, Wording, Words};

/// All flows of an installation.
#[derive(Clone, Debug, Default)]
pub struct Flows {
    /// By name.
    pub flows: BTreeMap<String, Flow>,
    /// Their revision's number; 0 where they were not published.
    pub revision: u32,
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
    /// The slots that other flows, which run this one, start it with.
    pub given: Vec<SlotIx>,
    /// Its steps, in the file's order.
    pub steps: Vec<Step>,
    /// Where it starts.
    pub start: StepIx,
    /// What is done with an answer to an earlier question.
    pub corrections: Corrections,
    /// What is done when the contact says nothing.
    pub silence: Silence,
    /// How conversations come over from earlier revisions.
    pub migrate: Migrate,
    /// Whether any of its texts is written in English too, so that the contact may ask for that.
    pub english: bool,
    /// Where each step is, by its id.
    ids: HashMap<String, StepIx>,
    /// Where each slot is, by its name.
    names: HashMap<String, SlotIx>,
}

/// `corrections:`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Corrections {
    /// Only a `confirm` corrects.
    Off,
    /// The new value is taken, and said.
    Apply,
    /// The contact is asked first.
    #[default]
    AskFirst,
}

/// `silence:`
#[derive(Clone, Debug)]
pub struct Silence {
    /// How long after the contact's last word each reminder is sent, growing.
    pub remind_after: Vec<Duration>,
    /// What it says.
    pub remind: Wording,
    /// How long after the contact's last word the conversation is given up.
    pub expire_after: Duration,
    /// Where it goes then; `None` ends the flow as `expired`.
    pub then: Option<StepIx>,
}

/// `migrate:`, from names of an earlier revision to names of this one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrate {
    /// Steps that are called otherwise now.
    pub rename: BTreeMap<String, String>,
    /// Steps that are gone, and where the contacts waiting there go.
    pub removed: BTreeMap<String, String>,
    /// Slots that are called otherwise now.
    pub slots: BTreeMap<String, String>,
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
    /// What it is called in the channels' persistent menu; `None` where it is not in it.
    pub menu: Option<String>,
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
    /// Says how the contact's tickets stand, or does something about them.
    Ticket(AboutTicket),
    /// Takes the last answer back and asks again.
    Back,
    /// Starts the flow again.
    Restart,
    /// Speaks this language from now on.
    Speak(Language),
}

/// What a contact can want of their tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AboutTicket {
    /// To know how they stand.
    Status,
    /// To call them off.
    Cancel,
    /// To be visited at another time.
    Reschedule,
}

/// One of `slots`.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: SlotType,
    /// What summaries and corrections call it; the name when the author gave none.
    pub label: Label,
    /// What of the contact it starts with.
    pub prefill: Option<Prefill>,
    /// Whether its values are personal.
    pub private: bool,
    /// Of a `choice`: key and label, in order.
    pub options: Vec<(String, String)>,
    /// The same in English; empty where the author wrote none.
    pub options_en: Vec<(String, String)>,
    /// Of a `number`: the least and the greatest that will do.
    pub range: (i64, i64),
    /// Of a `text`: the form it must have.
    pub pattern: Option<Pattern>,
    /// Of a `phone`: whether landlines will do. `accept: any`, otherwise mobiles only.
    pub any_phone: bool,
    /// Of an `address`: the parts it cannot do without.
    pub need: Vec<AddressPart>,
}

/// A form that a `text` slot can demand. A named list, no expressions of the author's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Digits only: a customer code.
    Digits,
    /// Letters and digits without a space: an order code.
    Code,
    /// Two words or more.
    Words,
}

impl Pattern {
    /// Every pattern and its name in flows.
    pub const ALL: [(&'static str, Self); 3] = [("digits", Self::Digits), ("code", Self::Code), ("words", Self::Words)];
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
        buttons: Vec<Words>,
        /// `if:`, said only when it holds.
        when: Option<Condition>,
        /// A picture shown with it, as an https address.
        image: Option<Template>,
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
        /// Where to go instead when nobody of the queue is on duty.
        if_unavailable: Option<StepIx>,
    },
    /// Calls a service and waits for its answer.
    Call(Box<Call>),
    /// Runs another flow and goes on when it ends.
    Run {
        /// Its name; one of [`Flows::flows`].
        flow: String,
        /// What its slots start with: its slot's name, this flow's slot.
        with: Vec<(String, SlotIx)>,
        /// What is taken over when it ends: this flow's slot, its slot's name.
        save: Vec<(SlotIx, String)>,
    },
    /// Waits without a question.
    Wait(Pause),
    /// Ends the flow.
    End {
        /// The funnel's label.
        outcome: String,
        /// Said before.
        say: Option<Wording>,
    },
}

/// `call:`
#[derive(Clone, Debug)]
pub struct Call {
    /// The service's name in the configuration.
    pub service: String,
    /// What is sent: the field's name and the slot.
    pub send: Vec<(String, SlotIx)>,
    /// What is kept of the answer: the slot and the field's name; dots lead into inner objects.
    pub save: Vec<(SlotIx, String)>,
    /// How long one try may take.
    pub timeout: Duration,
    /// How many further tries there are.
    pub retries: u8,
    /// Where an answer leads; else on.
    pub ok: Option<StepIx>,
    /// Where to go when there is none.
    pub failed: StepIx,
    /// Said before.
    pub say: Option<Wording>,
}

/// `wait:`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// `for:` this long.
    For(Duration),
    /// `until:` this minute of the day, 0 to 1439, whenever it comes next.
    Until(u16),
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
    /// Whether interrupts and corrections are heard here; without, everything is for the slot.
    pub interruptible: bool,
    /// Slots that the same answer may fill too, beside the later ones that always may.
    pub also: Vec<SlotIx>,
    /// Whether the contact may leave it open.
    pub optional: bool,
    /// What is done here when the contact says nothing, where that differs from the flow's.
    pub silence: Option<Silence>,
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

impl HandOffSlots {
    /// All of them.
    pub fn all(&self) -> Vec<SlotIx> {
        let named = [self.subscriber, self.phone, self.name, self.place, self.quarantine];
        named.into_iter().flatten().chain(self.slots.iter().copied()).collect()
    }
}

impl Slot {
    /// The options in this language, else in Vietnamese.
    pub fn options_on(&self, language: Language) -> &[(String, String)] {
        if language == Language::En && !self.options_en.is_empty() { &self.options_en } else { &self.options }
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

    /// Remembers where each step and slot is; after the last one was put in.
    fn index(&mut self) {
        self.names = self.slots.iter().enumerate().map(|(ix, slot)| (slot.name.clone(), SlotIx(ix))).collect();
        self.ids = self.steps.iter().enumerate().map(|(ix, step)| (step.id.clone(), StepIx(ix))).collect();
    }

    /// The slot of this name.
    pub fn slot_named(&self, name: &str) -> Option<&Slot> {
        self.names.get(name).map(|ix| self.slot(*ix))
    }

    /// The step of this id.
    pub fn find(&self, id: &str) -> Option<StepIx> {
        self.ids.get(id).copied()
    }
}
