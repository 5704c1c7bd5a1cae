//! Walks every state a conversation can be in, through the engine that serves customers: proves that each
//! can reach an end or a person, that no turn goes round without an answer or says too much, and that
//! nothing private is asked or sent before consent. What it finds comes with the way there, as a test.
//!
//! A state is where a session stands and what later steps can still ask about it: values no condition reads
//! any more are all the same. Instead of texts the walk says what texts can be read as (`said`), so it is
//! exhaustive where people are not. Answers given ahead of their questions are not told apart: whoever gave
//! them skips questions that the walk visits anyway.

use std::collections::{HashMap, VecDeque};

use crate::domain::consent::ConsentDecision;
use crate::domain::contact::Profile;
use crate::domain::id::ChannelName;
use crate::domain::message::Event;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::engine::{self, Effect, Input, Turn, What, World};
use crate::flow::{Flow, Verb};

pub mod example;
pub mod said;
pub mod state;
#[cfg(test)]
mod tests;

use super::Stage;
use super::play::anywhere_apart;
use said::Said;
use state::{Key, Matters};

/// Most states that are walked; a larger flow is reported as not proved.
pub const MOST_STATES: usize = 20_000;
/// Most messages one turn may send.
pub const MOST_MESSAGES: usize = 6;
/// Most findings of one kind that are told of one flow.
const MOST_FOUND: usize = 5;

/// What a walk came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explored {
    /// States met.
    pub states: usize,
    /// Turns taken.
    pub turns: usize,
    /// Whether there were no more than [`MOST_STATES`], so that what was not found is not there.
    pub complete: bool,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// Something a customer can come to and should not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub kind: Kind,
    /// The flow.
    pub flow: String,
    /// The step where it shows.
    pub step: String,
    /// A scripted conversation that leads there, as the text of a test file.
    pub example: String,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// From here no end and no person can be reached.
    NoWayOut,
    /// A turn goes round without asking anything.
    Round,
    /// A turn sends more than [`MOST_MESSAGES`].
    TooManyMessages,
    /// Something private is asked before the contact has agreed to its being kept.
    AskedBeforeConsent,
    /// Something private is sent before the contact has agreed.
    SentBeforeConsent,
}

impl Kind {
    /// Stable: for scripts.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoWayOut => "no-way-out",
            Self::Round => "round",
            Self::TooManyMessages => "too-many-messages",
            Self::AskedBeforeConsent => "asked-before-consent",
            Self::SentBeforeConsent => "sent-before-consent",
        }
    }

    /// In words, for the flow's author.
    pub fn told(self) -> &'static str {
        match self {
            Self::NoWayOut => "từ đây không thể tới bước kết thúc hay gặp nhân viên",
            Self::Round => "đi vòng mãi mà không hỏi khách câu nào",
            Self::TooManyMessages => "gửi khách quá nhiều tin trong một lượt",
            Self::AskedBeforeConsent => "hỏi thông tin riêng khi khách chưa đồng ý cho lưu",
            Self::SentBeforeConsent => "chuyển thông tin riêng khi khách chưa đồng ý cho lưu",
        }
    }
}

/// The moment at which every walk begins: nine in the morning, so that nothing waits for the night to pass.
pub const BEGINNING: Timestamp = Timestamp::from_millis(1_795_312_800_000);

/// Walks one flow from each of its doors, on every channel that can make a difference to it.
pub fn explore(stage: Stage<'_>, flow: &Flow) -> Explored {
    let mut explored = Explored { complete: true, ..Explored::default() };
    for channel in channels(stage, flow) {
        for contact in said::contacts(flow) {
            let mut walk = Walk::new(stage, flow, &channel, &contact);
            walk.begin();
            walk.go_on();
            walk.look_back();
            explored.states += walk.states.len();
            explored.turns += walk.turns;
            explored.complete &= walk.states.len() < MOST_STATES;
            for finding in walk.findings {
                let same = |known: &&Finding| known.kind == finding.kind && known.step == finding.step;
                let of_kind = explored.findings.iter().filter(|known| known.kind == finding.kind).count();
                if explored.findings.iter().find(same).is_none() && of_kind < MOST_FOUND {
                    explored.findings.push(finding);
                }
            }
        }
    }
    explored
}

/// The channels a flow's conditions name, and of those that can push and those that cannot one each.
fn channels(stage: Stage<'_>, flow: &Flow) -> Vec<ChannelName> {
    let named = state::channels_named(flow);
    let mut kinds = Vec::new();
    let wanted = stage.limits.iter().filter(|(name, limits)| {
        let kind = limits.pushes;
        let new = !kinds.contains(&kind);
        kinds.push(kind);
        new || named.contains(name)
    });
    wanted.map(|(name, _)| name.clone()).collect()
}

/// A state that was met, and how.
struct Met {
    session: Session,
    /// The state before and what was said there; `None` at a door.
    from: Option<usize>,
    said: Said,
    /// Where it leads.
    to: Vec<usize>,
    /// Whether the conversation can end here or come to a person.
    ends: bool,
}

/// Whether the contact agreed in this very turn.
fn agrees(turn: &Turn) -> bool {
    let granted =
        |effect: &Effect| matches!(effect, Effect::Consent(consent) if consent.decision == ConsentDecision::Granted);
    turn.effects.iter().any(granted)
}

struct Walk<'a> {
    stage: Stage<'a>,
    flow: &'a Flow,
    channel: &'a ChannelName,
    contact: &'a Profile,
    matters: Matters,
    states: Vec<Met>,
    known: HashMap<Key, usize>,
    waiting: VecDeque<usize>,
    turns: usize,
    findings: Vec<Finding>,
}

impl<'a> Walk<'a> {
    fn new(stage: Stage<'a>, flow: &'a Flow, channel: &'a ChannelName, contact: &'a Profile) -> Self {
        Self {
            stage,
            flow,
            channel,
            contact,
            matters: Matters::of(stage.flows),
            states: Vec::new(),
            known: HashMap::new(),
            waiting: VecDeque::new(),
            turns: 0,
            findings: Vec::new(),
        }
    }

    fn world(&self) -> World<'a> {
        let queue = self.stage.queues.first().map_or("", String::as_str);
        World { flows: self.stage.flows, places: self.stage.places, queue, closed: &[], apart: &anywhere_apart }
    }

    fn input<'b>(&'b self, event: &'b Event) -> Input<'b> {
        let limits = &self.stage.limits[self.channel];
        Input { event, channel: self.channel, limits, contact: self.contact, link: None, campaign: None }
    }

    /// Comes in by every door.
    fn begin(&mut self) {
        for door in said::doors(self.flow) {
            let event = Event::Open { reference: None };
            let turn = engine::begin(self.world(), &self.flow.name, door.at, self.input(&event), BEGINNING);
            self.take(turn, None, &Said::Door(door));
        }
    }

    /// Says everything that can be said in every state met, until no new one turns up.
    fn go_on(&mut self) {
        while let Some(ix) = self.waiting.pop_front() {
            let session = self.states[ix].session.clone();
            for said in said::possible(self.stage.flows, &self.matters, &session) {
                let turn = self.turn(&session, &said);
                self.take(turn, Some(ix), &said);
                if self.states.len() >= MOST_STATES {
                    return;
                }
            }
        }
    }

    fn turn(&self, session: &Session, said: &Said) -> Turn {
        let (event, now) = said::event(session, said);
        match said {
            Said::Reading(reading) => engine::follow(self.world(), session, self.input(&event), now, reading.clone()),
            Said::GivenBack => engine::give_back(self.world(), Some(session), self.input(&event), now),
            Said::Silence => engine::turn(self.world(), Some(&said::unheard(session)), self.input(&event), now),
            Said::Door(_) | Said::Called(_) => engine::turn(self.world(), Some(session), self.input(&event), now),
        }
    }

    /// Takes down what a turn led to.
    fn take(&mut self, turn: Turn, from: Option<usize>, said: &Said) {
        self.turns += 1;
        let kinds = self.judge(&turn, from.map(|ix| &self.states[ix].session));
        // Giving a silent contact up is no way out for one who speaks.
        let spoken = *said != Said::Silence;
        let ends = spoken && turn.session.is_none()
            || turn.effects.iter().any(|effect| matches!(effect, Effect::Person { .. }));
        let mut step = turn.trace.last().map_or_else(String::new, |trace| trace.step.clone());
        if let Some(mut session) = turn.session {
            step.clone_from(&session.step);
            // Time does not pass: what is due is said to be, and everything else happens at the same moment.
            (session.heard, session.reminded) = (BEGINNING, 0);
            let key = self.matters.key(self.stage.flows, &session);
            let known = self.known.get(&key).copied();
            let to = known.unwrap_or(self.states.len());
            if known.is_none() {
                self.known.insert(key, to);
                self.states.push(Met { session, from, said: said.clone(), to: Vec::new(), ends: false });
                self.waiting.push_back(to);
            }
            if let Some(from) = from {
                self.states[from].to.push(to);
            }
        }
        if let Some(from) = from {
            self.states[from].ends |= ends;
        }
        for kind in kinds {
            self.find(kind, step.clone(), from, said.clone());
        }
    }

    /// What is wrong with a turn.
    fn judge(&self, turn: &Turn, before: Option<&Session>) -> Vec<Kind> {
        let mut kinds = Vec::new();
        if turn.trace.iter().any(|trace| trace.what == What::Stuck) {
            kinds.push(Kind::Round);
        }
        if turn.effects.iter().filter(|effect| matches!(effect, Effect::Say { .. })).count() > MOST_MESSAGES {
            kinds.push(Kind::TooManyMessages);
        }
        let agreed = before.is_some_and(|before| state::agreed(self.stage.flows, before)) || agrees(turn);
        if !agreed && self.sends_private(turn) {
            kinds.push(Kind::SentBeforeConsent);
        }
        if turn.session.as_ref().is_some_and(|session| self.asks_private(session)) {
            kinds.push(Kind::AskedBeforeConsent);
        }
        kinds
    }

    /// Whether the session waits for something private and nobody has agreed to that.
    fn asks_private(&self, session: &Session) -> bool {
        let Some(flow) = self.stage.flows.flows.get(&session.flow) else { return false };
        let asked = flow.find(&session.step).map(|ix| &flow.step(ix).verb);
        matches!(asked, Some(Verb::Ask(ask)) if flow.slot(ask.slot).private)
            && !state::agreed(self.stage.flows, session)
    }

    /// Whether the turn passed a step that sends something private.
    fn sends_private(&self, turn: &Turn) -> bool {
        turn.trace.iter().filter(|trace| trace.what == What::Came).any(|trace| {
            let flow = self.stage.flows.flows.get(&trace.flow);
            let sent = flow.and_then(|flow| Some((flow, flow.step(flow.find(&trace.step)?))));
            sent.is_some_and(|(flow, step)| {
                let slots = match &step.verb {
                    Verb::HandOff { send, .. } => send.all(),
                    Verb::Call(call) => call.send.iter().map(|(_, slot)| *slot).collect(),
                    _ => Vec::new(),
                };
                slots.into_iter().any(|slot| flow.slot(slot).private)
            })
        })
    }

    /// Reports the states from which no end can be reached.
    fn look_back(&mut self) {
        let mut back: Vec<Vec<usize>> = vec![Vec::new(); self.states.len()];
        for (ix, met) in self.states.iter().enumerate() {
            for to in &met.to {
                back[*to].push(ix);
            }
        }
        let mut good: Vec<bool> = self.states.iter().map(|met| met.ends).collect();
        let mut waiting: Vec<usize> = (0..good.len()).filter(|ix| good[*ix]).collect();
        while let Some(ix) = waiting.pop() {
            for from in &back[ix] {
                if !std::mem::replace(&mut good[*from], true) {
                    waiting.push(*from);
                }
            }
        }
        // Those that were never walked from cannot be judged.
        let bad = (0..good.len()).find(|ix| !good[*ix] && !self.states[*ix].to.is_empty());
        if let Some(ix) = bad {
            let step = self.states[ix].session.step.clone();
            let (from, said) = (self.states[ix].from, self.states[ix].said.clone());
            self.find(Kind::NoWayOut, step, from, said);
        }
    }

    fn find(&mut self, kind: Kind, step: String, from: Option<usize>, said: Said) {
        if self.findings.iter().filter(|known| known.kind == kind).count() >= MOST_FOUND {
            return;
        }
        let mut way = vec![said];
        let mut at = from;
        while let Some(ix) = at {
            way.push(self.states[ix].said.clone());
            at = self.states[ix].from;
        }
        way.reverse();
        let example = example::write(self.flow, (self.channel, self.contact), kind, &way);
        self.findings.push(Finding { kind, flow: self.flow.name.clone(), step, example });
    }
}
