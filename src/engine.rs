//! Floor 1: one inbound event and where the session stands make a [`Turn`]. A function of its arguments:
//! no clock, no input or output, no failure. What a person types is never an error.
//!
//! Knows `flow` (edges resolved at load), `text` and `place` (understanding); must never know a channel
//! beyond its name and limits, a store or the clock. Read [`turn`] first, then `run` (the verbs), `reading`
//! (what words are taken for), `react` (what follows), `correct` (going back), `enter` (how a conversation
//! comes to a flow).

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::address::Address;
use crate::domain::consent::Consent;
use crate::domain::contact::{Language, Profile};
use crate::domain::conversation::PromptAnswer;
use crate::domain::id::ChannelName;
use crate::domain::limits::Limits;
use crate::domain::message::{Choice, Event};
use crate::domain::session::{Session, Waiting};
use crate::domain::ticket::TicketRequest;
use crate::domain::time::Timestamp;
use crate::flow::{Flows, StepIx};
use crate::place::Gazetteer;
use crate::text::phrase::Phrase;

pub use reading::{Reading, Unfit};
pub use render::shown;
pub use trace::{Trace, What};

use news::TicketWish;
use run::Run;

mod address;
mod correct;
mod enter;
mod fill;
mod handoff;
mod interrupt;
pub mod news;
mod proposed;
mod question;
mod react;
mod reading;
mod render;
mod run;
mod silence;
#[cfg(test)]
mod tests;
pub mod trace;
mod words;

/// What every turn of an installation shares.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// The flows in force.
    pub flows: &'a Flows,
    /// The places in force.
    pub places: &'a Gazetteer,
    /// The queue that is called where a flow names none.
    pub queue: &'a str,
    /// The queues with nobody on duty now.
    pub closed: &'a [String],
    /// Whether different units serve two addresses.
    pub apart: &'a (dyn Fn(&Address, &Address) -> bool + Sync),
}

/// One event, and what is known about who it came from.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// What happened.
    pub event: &'a Event,
    /// On which channel.
    pub channel: &'a ChannelName,
    /// What that channel can carry.
    pub limits: &'a Limits,
    /// What is known of the contact.
    pub contact: &'a Profile,
    /// A signed link to the chatbox, on channels that hand one out.
    pub link: Option<&'a str>,
    /// The campaign whose signed link the contact opened: they have said yes to it already.
    pub campaign: Option<&'a str>,
}

/// What one event leads to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Turn {
    /// Where the flow stands now; `None` when it has ended.
    pub session: Option<Session>,
    /// What is to be done, in order.
    pub effects: Vec<Effect>,
    /// How it came about, in order: for tests, coverage and whoever asks why.
    pub trace: Vec<Trace>,
}

/// Something the engine asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Say this.
    Say {
        /// The step that speaks, `flow/step`.
        step: String,
        /// The words, of any length.
        text: String,
        /// What can be tapped under them.
        choices: Vec<Choice>,
        /// A picture to be shown with them, as an https address.
        image: Option<String>,
    },
    /// Call a service; its answer comes back as [`Event::Called`].
    Call(Box<CallRequest>),
    /// Speak this language from now on.
    Speak(Language),
    /// Make a ticket.
    HandOff(Box<TicketRequest>),
    /// Give the conversation to a person of this queue.
    Person {
        /// The queue.
        queue: String,
    },
    /// Say how the contact's tickets stand, or do something about them.
    Tickets(TicketWish),
    /// Erase what is known of the contact.
    Erase,
    /// Keep this proof.
    Consent(Consent),
    /// Remember what was answered to a campaign's prompt.
    Prompt {
        /// The campaign.
        campaign: String,
        /// The answer.
        answer: PromptAnswer,
    },
    /// Never prompt this contact again.
    OptOut,
    /// The flow ended so.
    Ended {
        /// The flow.
        flow: String,
        /// The funnel's label.
        outcome: String,
    },
}

/// A service to be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRequest {
    /// What the answer is to be known by; unique within the conversation.
    pub call: String,
    /// The service's name in the configuration.
    pub service: String,
    /// What to send, as a flat JSON object of strings, numbers and booleans.
    pub send: BTreeMap<String, serde_json::Value>,
    /// The fields of the answer that are wanted; dots lead into inner objects.
    pub fields: Vec<String>,
    /// How long one try may take.
    pub timeout: Duration,
    /// How many further tries there are.
    pub retries: u8,
}

/// Advances the session by one event. Events that are no words of the contact leave it as it is, but for
/// those it waited for.
pub fn turn(world: World<'_>, session: Option<&Session>, input: Input<'_>, now: Timestamp) -> Turn {
    if let Some(flow) = enter::from_menu(world, input.event) {
        return enter::start(world, flow, input, now);
    }
    match (input.event, session) {
        (Event::Open { reference }, session) => enter::open(world, session, input, now, reference.as_deref()),
        (Event::Prompt { campaign, outcome, session_open }, _) => {
            let prompt = enter::Prompted { campaign, outcome, session_open: *session_open };
            enter::prompted(world, session, input, now, &prompt)
        }
        (Event::Due, Some(session)) => match (session.due, enter::resume(world, session, input, now)) {
            (Some(due), Some((run, at))) if due.at <= now => silence::come(run, at, session, due.what),
            _ => unmoved(Some(session)),
        },
        (Event::Called { call, outcome }, Some(session)) => match enter::resume(world, session, input, now) {
            Some((run, at)) => react::called(run, at, session, call, outcome),
            None => unmoved(Some(session)),
        },
        (event, Some(session)) if speaks(event) => match enter::resume(world, session, input, now) {
            Some((run, at)) => hear(run, at, session),
            None => enter::fresh(world, input, now),
        },
        (event, None) if speaks(event) => enter::fresh(world, input, now),
        (_, session) => unmoved(session),
    }
}

/// What the contact said is read, then followed.
fn hear(mut run: Run<'_>, at: StepIx, session: &Session) -> Turn {
    run.hears();
    let reading = reading::read(&mut run, at, &session.waiting);
    if let Waiting::Prompt { campaign } = &session.waiting {
        return enter::prompted_again(run, at, campaign);
    }
    react::react(run, at, session.waiting.clone(), reading)
}

/// Follows a reading as if the contact had said something that is read so: the same transitions as
/// [`turn`]'s, without words. For whoever wants to know all that can happen.
pub fn follow(world: World<'_>, session: &Session, input: Input<'_>, now: Timestamp, reading: Reading) -> Turn {
    match enter::resume(world, session, input, now) {
        Some((mut run, at)) => {
            run.hears();
            react::react(run, at, session.waiting.clone(), reading)
        }
        None => unmoved(Some(session)),
    }
}

/// Begins the flow called `flow` at a step of it, as a keyword, a link or a prompt would.
pub fn begin(world: World<'_>, flow: &str, at: StepIx, input: Input<'_>, now: Timestamp) -> Turn {
    match world.flows.flows.get(flow) {
        Some(flow) => Run::new(world, flow, input, now).go(at),
        None => unmoved(None),
    }
}

/// The persistent menu that these flows ask for; a tap comes back as a choice, at any time.
pub fn menu(flows: &Flows) -> Vec<Choice> {
    enter::menu(flows)
}

/// Puts the question of the step called `step` before anything is made of what the contact says: for a
/// session that came over from another revision and whose own question is gone. It holds what is sure at
/// that step (`flow::migrate` saw to it); the other answers are kept until their questions come.
pub fn take_up(world: World<'_>, session: &Session, step: &str, input: Input<'_>, now: Timestamp) -> Turn {
    match enter::resume(world, session, input, now) {
        Some((mut run, _)) => {
            run.hears();
            let at = run.flow.find(step).unwrap_or(run.flow.start);
            run.go(at)
        }
        None => enter::fresh(world, input, now),
    }
}

/// A turn in which nothing happened.
fn unmoved(session: Option<&Session>) -> Turn {
    Turn { session: session.cloned(), ..Turn::default() }
}

/// Whether an event is something the contact says, and therefore wants an answer.
pub fn speaks(event: &Event) -> bool {
    matches!(
        event,
        Event::Text { .. }
            | Event::Choice { .. }
            | Event::Open { .. }
            | Event::Media { .. }
            | Event::Location { .. }
            | Event::Details { .. }
            | Event::Prompt { .. }
    )
}

/// Whether these are the words that give a conversation back to the bot.
pub fn asks_to_restart(event: &Event) -> bool {
    let said = match event {
        Event::Text { text } => text,
        Event::Choice { title, .. } => title,
        _ => return false,
    };
    let said = Phrase::new(said);
    words::RESTART.iter().any(|phrase| phrase.is(&said))
}

/// Goes on after a person has given the conversation back. The flow continues where its `person` step
/// points with `return_to`; without one the session has ended already and nothing is said.
pub fn give_back(world: World<'_>, session: Option<&Session>, input: Input<'_>, now: Timestamp) -> Turn {
    let resumed = session.and_then(|session| enter::resume(world, session, input, now));
    match resumed {
        Some((mut run, at)) => {
            run.hears();
            let next = run.flow.step(at).next;
            run.leave_question(at, next)
        }
        None => Turn::default(),
    }
}

/// The sentence a customer reads after the conversation went to a person, with the unit that will answer.
pub fn person_will_call(unit: &str) -> String {
    words::person_will_call(unit)
}
