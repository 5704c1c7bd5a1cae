//! A conversation on a clock of its own: what a customer does goes in, what the engine does with it comes
//! out. Services answer at once, with what the author wrote; nothing leaves the process.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::domain::address::Address;
use crate::domain::contact::Profile;
use crate::domain::id::ChannelName;
use crate::domain::limits::{Limits, LimitsTable, TextUnit};
use crate::domain::message::{Called, Choice, Event, PromptOutcome};
use crate::domain::session::Session;
use crate::domain::slot::{Slots, Value};
use crate::domain::time::Timestamp;
use crate::engine::{self, CallRequest, Effect, Input, Trace, Turn, What, World};
use crate::flow::Flows;
use crate::place::Gazetteer;
use crate::text;

/// Most turns that one act can lead to: reminders and services answering services.
const MOST_TURNS: usize = 200;
/// Most choices that are remembered for a late tap.
const MOST_CHOICES: usize = 500;
/// Where a signed link would lead.
const LINK: &str = "https://thoai.example/c/thu";

/// What every conversation is played on.
#[derive(Clone, Copy)]
pub struct Stage<'a> {
    /// The flows.
    pub flows: &'a Flows,
    /// The places.
    pub places: &'a Gazetteer,
    /// The channels and what each can carry.
    pub limits: &'a LimitsTable,
    /// The queues; the first one is called where a flow names none.
    pub queues: &'a [String],
}

/// How a conversation begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// What is known of the contact.
    pub contact: Profile,
    /// When it begins.
    pub now: Timestamp,
    /// On which channel.
    pub channel: ChannelName,
    /// What each service answers.
    pub services: BTreeMap<String, Called>,
    /// The queues with nobody on duty.
    pub closed: Vec<String>,
}

/// Something that happens to a conversation from outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// The contact writes.
    Says(String),
    /// The contact taps what was offered under this title.
    Taps(String),
    /// The contact sends a picture, a place.
    Sends(Event),
    /// The contact opens the conversation, perhaps through a link.
    Opens(Option<String>),
    /// The contact answers a campaign's prompt.
    Answers {
        /// The campaign.
        campaign: String,
        /// As received.
        answer: String,
    },
    /// We speak first: the flow of this name begins, as when staff call a contact.
    Begins(String),
    /// Nobody says anything for so long.
    Waits(Duration),
    /// The person who has the conversation gives it back.
    GivesBack,
}

/// One turn as it was played.
#[derive(Clone, Debug)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// Where the flow stood before.
    pub before: Option<Session>,
    /// What the engine asked for.
    pub effects: Vec<Effect>,
    /// How it came about.
    pub trace: Vec<Trace>,
}

/// A conversation under way.
#[derive(Clone)]
pub struct Play<'a> {
    stage: Stage<'a>,
    setting: Setting,
    session: Option<Session>,
    /// A person has the conversation.
    parted: bool,
    offered: VecDeque<Choice>,
    known: Slots,
}

impl<'a> Play<'a> {
    /// A conversation nobody has spoken in yet.
    pub fn new(stage: Stage<'a>, setting: Setting) -> Self {
        Self { stage, setting, session: None, parted: false, offered: VecDeque::new(), known: Slots::new() }
    }

    /// Where the flow stands; `None` between flows.
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// How it stands now: what is known of the contact, what time it is.
    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    /// What it is played on.
    pub fn stage(&self) -> Stage<'a> {
        self.stage
    }

    /// The values collected, those of a flow that has just ended too.
    pub fn known(&self) -> &Slots {
        &self.known
    }

    /// Whether a person has the conversation.
    pub fn is_with_person(&self) -> bool {
        self.parted
    }

    /// What was offered under this title, the latest first.
    pub fn offer(&self, title: &str) -> Option<&Choice> {
        let wanted = text::fold(title);
        self.offered.iter().rev().find(|choice| text::fold(&choice.title) == wanted)
    }

    /// Lets it happen; a tap on what was never offered is a tap on something that is over.
    pub fn act(&mut self, act: &Act) -> Vec<Moment> {
        match act {
            Act::Says(said) => self.hear(&Event::Text { text: text::nfc(said) }),
            Act::Taps(title) => {
                let Choice { payload, title } = self
                    .offer(title)
                    .cloned()
                    .unwrap_or_else(|| Choice { payload: String::new(), title: title.clone() });
                self.hear(&Event::Choice { payload, title })
            }
            Act::Sends(event) => self.hear(event),
            Act::Opens(reference) => self.hear(&Event::Open { reference: reference.clone() }),
            Act::Answers { campaign, answer } => {
                let outcome = PromptOutcome::Answered { raw: answer.clone() };
                self.hear(&Event::Prompt { campaign: campaign.clone(), outcome, session_open: true })
            }
            Act::Begins(flow) => self.begin(flow),
            Act::Waits(span) => self.wait(*span),
            Act::GivesBack => self.give_back(),
        }
    }

    /// Whatever was under way is over; a flow that is not there begins nothing.
    fn begin(&mut self, flow: &str) -> Vec<Moment> {
        let Some(start) = self.stage.flows.flows.get(flow).map(|flow| flow.start) else { return Vec::new() };
        self.parted = false;
        let event = Event::Open { reference: None };
        let turn = self.with_input(&event, |world, _, input, now| engine::begin(world, flow, start, input, now));
        self.play_on(turn)
    }

    /// Lets time pass; what falls due meanwhile happens at its moment, in order.
    fn wait(&mut self, span: Duration) -> Vec<Moment> {
        let end = self.setting.now.plus(span);
        let mut moments = Vec::new();
        while let Some(due) = self.session.as_ref().and_then(|session| session.due)
            && due.at <= end
            && moments.len() < MOST_TURNS
        {
            self.setting.now = self.setting.now.max(due.at);
            moments.extend(self.hear(&Event::Due));
        }
        self.setting.now = end;
        moments
    }

    fn give_back(&mut self) -> Vec<Moment> {
        self.parted = false;
        let event = Event::Control { bot: true };
        let turn = self.with_input(&event, engine::give_back);
        self.play_on(turn)
    }

    fn hear(&mut self, event: &Event) -> Vec<Moment> {
        if self.parted && !engine::asks_to_restart(event) {
            return Vec::new();
        }
        if self.parted {
            (self.parted, self.session) = (false, None);
        }
        let turn = self.with_input(event, engine::turn);
        self.play_on(turn)
    }

    /// Takes the turn over, and the turns that services lead to by answering.
    fn play_on(&mut self, turn: Turn) -> Vec<Moment> {
        let mut moments = Vec::new();
        let mut next = Some(turn);
        while let Some(turn) = next.take() {
            let call = turn.effects.iter().find_map(|effect| match effect {
                Effect::Call(call) => Some(self.answer(call)),
                _ => None,
            });
            moments.push(self.take(turn));
            if let Some(event) = call
                && moments.len() < MOST_TURNS
            {
                next = Some(self.with_input(&event, engine::turn));
            }
        }
        moments
    }

    fn take(&mut self, turn: Turn) -> Moment {
        let Turn { session, effects, trace } = turn;
        let before = std::mem::replace(&mut self.session, session);
        self.learn(&trace);
        for effect in &effects {
            match effect {
                Effect::Say { choices, .. } => self.offered.extend(choices.iter().cloned()),
                Effect::Speak(language) => self.setting.contact.language = *language,
                Effect::Person { .. } => self.parted = true,
                Effect::Erase => {
                    self.setting.contact = Profile::default();
                    self.session = None;
                    self.known.clear();
                }
                _ => {}
            }
        }
        while self.offered.len() > MOST_CHOICES {
            self.offered.pop_front();
        }
        Moment { at: self.setting.now, before, effects, trace }
    }

    fn learn(&mut self, trace: &[Trace]) {
        if let Some(session) = &self.session {
            self.known.clone_from(&session.progress.slots);
            return;
        }
        let values = trace.iter().filter_map(|trace| match &trace.what {
            What::Filled { slot, value } | What::Ahead { slot, value } => Some((slot.clone(), value.clone())),
            _ => None,
        });
        self.known.extend(values.collect::<Vec<(String, Value)>>());
    }

    /// What the author says that the service answers; a service nobody wrote an answer for fails.
    fn answer(&self, call: &CallRequest) -> Event {
        let outcome = match self.setting.services.get(&call.service) {
            Some(Called::Answered { fields }) => {
                let mut fields = fields.clone();
                fields.retain(|field, _| call.fields.contains(field));
                Called::Answered { fields }
            }
            Some(failed) => failed.clone(),
            None => Called::Failed { code: "no answer was written".to_owned() },
        };
        Event::Called { call: call.call.clone(), outcome }
    }

    fn with_input(
        &self,
        event: &Event,
        step: impl FnOnce(World<'_>, Option<&Session>, Input<'_>, Timestamp) -> Turn,
    ) -> Turn {
        let Stage { flows, places, limits, queues } = self.stage;
        let Setting { contact, now, channel, closed, .. } = &self.setting;
        let limits = limits.get(channel).unwrap_or(&ANY);
        let link = (!limits.pushes && contact.phone_verified).then_some(LINK);
        let queue = queues.first().map_or("", String::as_str);
        let world = World { flows, places, queue, closed, apart: &anywhere_apart };
        step(world, self.session.as_ref(), Input { event, channel, limits, contact, link, campaign: None }, *now)
    }
}

/// No organisation is at hand: a divided ward is asked about wherever it lies.
pub fn anywhere_apart(_: &Address, _: &Address) -> bool {
    true
}

/// Of a channel nobody told the limits of: it carries everything.
static ANY: Limits = Limits {
    text: 2_000,
    unit: TextUnit::Char,
    choices: 13,
    choice_title: 20,
    window: None,
    accents: true,
    pushes: true,
};
