//! The verbs: from a step onwards until the flow waits or ends.

use crate::domain::consent::{Consent, ConsentDecision};
use crate::domain::contact::Language;
use crate::domain::session::{Caller, Progress, Question, Session, Waiting};
use crate::domain::slot::{SlotType, Value};
use crate::domain::time::Timestamp;
use crate::flow::{Ask, Call, Flow, Pause, Prefill, SlotIx, Step, StepIx, Verb, Wording};
use crate::text::phrase::Phrase;

use super::words::Words;
use super::{CallRequest, Effect, Input, Trace, Turn, What, World, silence};

/// Steps a turn may take before it counts as stuck. A checked flow has no cycle without a question, so
/// only a very long chain of `say` comes near.
const BUDGET: usize = 200;
/// How many steps back a contact can go.
const MOST_TRAIL: usize = 200;

/// A turn under way.
pub(super) struct Run<'a> {
    pub(super) world: World<'a>,
    pub(super) flow: &'a Flow,
    pub(super) input: Input<'a>,
    pub(super) now: Timestamp,
    pub(super) language: Language,
    /// What the contact just said, for `{input}` and for proofs of consent.
    pub(super) said: String,
    pub(super) progress: Progress,
    pub(super) callers: Vec<Caller>,
    pub(super) question: Question,
    /// The value under discussion, not yet agreed to: slot name and value.
    pub(super) draft: Option<(String, Value)>,
    /// How many answers the current question has refused.
    pub(super) tries: u8,
    /// Places that the current question has proposed in vain, by code.
    pub(super) rejected: Vec<String>,
    /// When the contact last spoke, and how many reminders followed.
    pub(super) heard: Timestamp,
    pub(super) reminded: u8,
    /// When the pause under way ends.
    pub(super) wakes: Option<Timestamp>,
    pub(super) effects: Vec<Effect>,
    pub(super) trace: Vec<Trace>,
    budget: usize,
}

impl<'a> Run<'a> {
    pub(super) fn new(world: World<'a>, flow: &'a Flow, input: Input<'a>, now: Timestamp) -> Self {
        Self {
            world,
            flow,
            input,
            now,
            language: input.contact.language,
            said: String::new(),
            progress: Progress::default(),
            callers: Vec::new(),
            question: Question::default(),
            draft: None,
            tries: 0,
            rejected: Vec::new(),
            heard: now,
            reminded: 0,
            wakes: None,
            effects: Vec::new(),
            trace: Vec::new(),
            budget: BUDGET,
        }
    }

    /// What the contact said, to be held against phrases.
    pub(super) fn phrase(&self) -> Phrase {
        Phrase::new(&self.said)
    }

    /// The house's sentences in the contact's language.
    pub(super) fn words(&self) -> &'static Words {
        Words::on(self.language)
    }

    /// The contact has spoken: whatever silence there was is over.
    pub(super) fn hears(&mut self) {
        (self.heard, self.reminded) = (self.now, 0);
    }

    /// The next question has refused nothing and proposed nothing.
    pub(super) fn forget_tries(&mut self) {
        self.tries = 0;
        self.rejected.clear();
    }

    /// Every answer is kept until its question comes again, from wherever the flow goes on.
    pub(super) fn start_over(&mut self) {
        let slots = std::mem::take(&mut self.progress.slots);
        self.progress.ahead.extend(slots);
        self.seal();
    }

    /// Notes what happened at a step.
    pub(super) fn note(&mut self, at: StepIx, what: What) {
        self.trace.push(Trace { flow: self.flow.name.clone(), step: self.flow.step(at).id.clone(), what });
    }

    /// Follows the steps from `at` until one waits or the flow ends.
    pub(super) fn go(mut self, mut at: StepIx) -> Turn {
        self.forget_tries();
        while self.budget > 0 {
            self.budget -= 1;
            self.note(at, What::Came);
            let next = match self.step(at) {
                Stepped::On(next) => next,
                Stepped::Waits(known) => return self.wait_at(at, known.map(|known| *known)),
                Stepped::Over => return self.done(),
            };
            match next.or_else(|| self.leave(None)) {
                Some(next) => at = next,
                None => return self.done(),
            }
        }
        self.note(at, What::Stuck);
        self.person(None, None)
    }

    /// Does what one step says, as far as it waits for nothing.
    fn step(&mut self, at: StepIx) -> Stepped {
        let flow = self.flow;
        let step = flow.step(at);
        let pushes = self.input.limits.pushes;
        let next = match &step.verb {
            Verb::Ask(ask) => match self.known(at, ask) {
                Known::Settled(value) => after(step, ask, &value),
                Known::Proposed(value) => return Stepped::Waits(Some(Box::new(value))),
                Known::Nothing => return Stepped::Waits(None),
            },
            Verb::Person { queue, if_unavailable, .. } => {
                match self.instead_of_person(queue.as_deref(), *if_unavailable) {
                    Some(instead) => Some(instead),
                    None => return Stepped::Waits(None),
                }
            }
            // What it was sent is as it was, and so is its answer.
            Verb::Call(call) if self.was_passed(&step.id) => call.ok.or(step.next),
            // Nobody could be told of the answer where the channel says only what it is asked.
            Verb::Call(call) if !pushes => {
                self.note(at, What::Called(false));
                return Stepped::On(Some(call.failed));
            }
            Verb::Wait(_) if !pushes => step.next,
            Verb::Confirm(_) | Verb::Call(_) | Verb::Wait(_) => return Stepped::Waits(None),
            Verb::Run { flow: inner, with, .. } => return self.enter(at, inner, with),
            Verb::End { outcome, say } => {
                self.say_if_any(&step.id, say.as_ref());
                return self.leave(Some(outcome)).map_or(Stepped::Over, |next| Stepped::On(Some(next)));
            }
            Verb::Say { .. } | Verb::Branch(_) | Verb::HandOff { .. } => self.act(at, step),
        };
        self.passed(step);
        Stepped::On(next)
    }

    /// Waits at a step the way it waits; `known` is what a question proposes.
    fn wait_at(mut self, at: StepIx, known: Option<Value>) -> Turn {
        let flow = self.flow;
        let step = flow.step(at);
        match (&step.verb, known) {
            (Verb::Ask(ask), Some(known)) => self.propose(at, ask, known),
            (Verb::Ask(ask), None) => self.ask(at, ask),
            (Verb::Confirm(confirm), _) => self.summarise(at, confirm),
            (Verb::Call(call), _) => self.call(at, call),
            (Verb::Wait(pause), _) => self.pause(at, *pause),
            (Verb::Person { queue, say, .. }, _) => {
                self.say_if_any(&step.id, say.as_ref());
                self.person(queue.clone(), step.next.is_some().then_some(at))
            }
            _ => self.done(),
        }
    }

    /// Does what a step says that waits for nothing, and tells where it leads.
    fn act(&mut self, at: StepIx, step: &Step) -> Option<StepIx> {
        match &step.verb {
            Verb::Say { say, buttons, when, image } => {
                let again = self.was_passed(&step.id);
                if !again && when.as_ref().is_none_or(|condition| self.holds(condition)) {
                    let choices = buttons.iter().map(|button| self.text_button(button)).collect();
                    let image = image.as_ref().map(|image| self.render_template(image));
                    let text = self.render(say);
                    self.push_with(&step.id, text, choices, image);
                }
            }
            Verb::Branch(arms) => {
                let taken = arms.iter().position(|(condition, _)| self.holds(condition));
                self.note(at, What::Branched(taken));
                return taken.map(|arm| arms[arm].1).or(step.next);
            }
            Verb::HandOff { kind, send, say } => {
                let request = self.request(*kind, send);
                self.effects.push(Effect::HandOff(Box::new(request)));
                self.say_if_any(&step.id, say.as_ref());
                self.seal();
            }
            _ => {}
        }
        step.next
    }

    /// Where to go when nobody of the queue is on duty, if that is so and the step says where.
    fn instead_of_person(&self, queue: Option<&str>, instead: Option<StepIx>) -> Option<StepIx> {
        let wanted = queue.unwrap_or(self.world.queue);
        instead.filter(|_| self.world.closed.iter().any(|closed| closed == wanted))
    }

    /// Whether the step was passed before the contact went back, and need not be done again.
    fn was_passed(&mut self, step: &str) -> bool {
        let before = self.progress.spoken.iter().position(|spoken| spoken == step);
        before.map(|before| self.progress.spoken.remove(before)).is_some()
    }

    /// Remembers that the step was passed. What was not said may have to be, the next time.
    fn passed(&mut self, step: &Step) {
        let remembered = match &step.verb {
            Verb::HandOff { .. } => false,
            Verb::Say { when: Some(condition), .. } => self.holds(condition),
            _ => true,
        };
        if remembered {
            if self.progress.trail.len() >= MOST_TRAIL {
                self.progress.trail.remove(0);
            }
            self.progress.trail.push(step.id.clone());
        }
    }

    /// What was done now cannot be undone: nobody goes back behind it.
    pub(super) fn seal(&mut self) {
        self.progress.trail.clear();
        self.progress.spoken.clear();
    }

    /// Takes the slot's value and goes where it leads.
    pub(super) fn filled(mut self, at: StepIx, ask: &Ask, value: Value) -> Turn {
        let slot = self.flow.slot(ask.slot);
        if let (SlotType::Consent, Value::YesNo(agreed)) = (slot.kind, &value) {
            let consent = Consent {
                decision: if *agreed { ConsentDecision::Granted } else { ConsentDecision::Refused },
                at: self.now,
                asked_by: format!("{}/{}", self.flow.name, self.flow.step(at).id),
                question: self.question.text.clone(),
                answer: self.said.clone(),
            };
            self.effects.push(Effect::Consent(consent));
        }
        self.note(at, What::Filled { slot: slot.name.clone(), value: value.clone() });
        let next = after(self.flow.step(at), ask, &value);
        self.progress.slots.insert(slot.name.clone(), value);
        self.look_ahead(at, ask);
        self.leave_question(at, next)
    }

    /// Goes on from a question that is settled, or was left open.
    pub(super) fn leave_question(mut self, at: StepIx, next: Option<StepIx>) -> Turn {
        self.draft = None;
        self.passed(self.flow.step(at));
        match next.or_else(|| self.leave(None)) {
            Some(next) => self.go(next),
            None => self.done(),
        }
    }

    /// What is known of an ask's slot when its step is come to.
    fn known(&mut self, at: StepIx, ask: &Ask) -> Known {
        let slot = self.flow.slot(ask.slot);
        if let Some(value) = self.progress.ahead.remove(&slot.name).filter(|value| value.fits(slot.kind)) {
            self.note(at, What::Ahead { slot: slot.name.clone(), value: value.clone() });
            self.progress.slots.insert(slot.name.clone(), value.clone());
            return Known::Settled(value);
        }
        let value = self.progress.slots.get(&slot.name).cloned().or_else(|| match slot.prefill? {
            Prefill::Phone => self.input.contact.phone.clone().map(Value::Phone),
            Prefill::Name => self.input.contact.name.clone().map(Value::Text),
        });
        match value {
            Some(value) if ask.when_known.is_some() => Known::Proposed(value),
            Some(value) => {
                self.progress.slots.insert(slot.name.clone(), value.clone());
                Known::Settled(value)
            }
            None => Known::Nothing,
        }
    }

    /// Calls the service and waits for it.
    fn call(mut self, at: StepIx, call: &Call) -> Turn {
        let step = self.flow.step(at);
        let name = format!("{}/{}@{}", self.flow.name, step.id, self.now.millis());
        let value = |ix: &SlotIx| self.progress.slots.get(&self.flow.slot(*ix).name).map(as_json);
        let send = call.send.iter().filter_map(|(field, ix)| Some((field.clone(), value(ix)?))).collect();
        let request = CallRequest {
            call: name.clone(),
            service: call.service.clone(),
            send,
            fields: call.save.iter().map(|(_, field)| field.clone()).collect(),
            timeout: call.timeout,
            retries: call.retries,
        };
        self.effects.push(Effect::Call(Box::new(request)));
        self.say_if_any(&step.id, call.say.as_ref());
        self.question = Question::default();
        self.stay(at, Waiting::Call { call: name })
    }

    /// Steps into another flow; a checked set of flows names only flows it has.
    fn enter(&mut self, at: StepIx, inner: &str, with: &[(String, SlotIx)]) -> Stepped {
        let Some(inner) = self.world.flows.flows.get(inner) else { return Stepped::Over };
        let mut progress = Progress::default();
        for (theirs, ours) in with {
            if let Some(value) = self.progress.slots.get(&self.flow.slot(*ours).name) {
                progress.slots.insert(theirs.clone(), value.clone());
            }
        }
        let outer = std::mem::replace(&mut self.progress, progress);
        let (flow, step) = (self.flow.name.clone(), self.flow.step(at).id.clone());
        self.callers.push(Caller { flow, step, progress: outer });
        self.flow = inner;
        Stepped::On(Some(inner.start))
    }

    /// Ends the flow; the step its caller goes on with, if one runs it that still knows how.
    fn leave(&mut self, outcome: Option<&str>) -> Option<StepIx> {
        let outcome = outcome.unwrap_or("done").to_owned();
        self.effects.push(Effect::Ended { flow: self.flow.name.clone(), outcome });
        let caller = self.callers.pop()?;
        let flow = self.world.flows.flows.get(&caller.flow)?;
        let step = flow.step(flow.find(&caller.step)?);
        let inner = std::mem::replace(&mut self.progress, caller.progress);
        self.flow = flow;
        self.seal();
        if let Verb::Run { save, .. } = &step.verb {
            for (ours, theirs) in save {
                let slot = flow.slot(*ours);
                if let Some(value) = inner.slots.get(theirs).filter(|value| value.fits(slot.kind)) {
                    self.progress.slots.insert(slot.name.clone(), value.clone());
                }
            }
        }
        step.next.or_else(|| self.leave(None))
    }

    fn pause(mut self, at: StepIx, pause: Pause) -> Turn {
        self.question = Question::default();
        self.wakes = Some(silence::end_of(pause, self.now));
        self.stay(at, Waiting::Pause)
    }

    fn say_if_any(&mut self, step: &str, say: Option<&Wording>) {
        if let Some(say) = say {
            self.say(step, say, Vec::new());
        }
    }

    /// Waits at `at` without saying anything more.
    pub(super) fn stay(self, at: StepIx, waiting: Waiting) -> Turn {
        let due = silence::due(&self, at, &waiting);
        let session = Session {
            revision: self.world.flows.revision,
            flow: self.flow.name.clone(),
            step: self.flow.step(at).id.clone(),
            waiting,
            tries: self.tries,
            rejected: self.rejected,
            progress: self.progress,
            callers: self.callers,
            question: self.question,
            due,
            heard: self.heard,
            reminded: self.reminded,
        };
        Turn { session: Some(session), effects: self.effects, trace: self.trace }
    }

    /// Calls a person; `parked` is the step the flow goes on from when the conversation is given back.
    pub(super) fn person(mut self, queue: Option<String>, parked: Option<StepIx>) -> Turn {
        let queue = queue.unwrap_or_else(|| self.world.queue.to_owned());
        self.effects.push(Effect::Person { queue });
        match parked {
            Some(at) => {
                self.question = Question::default();
                self.seal();
                self.stay(at, Waiting::Person)
            }
            None => self.end_all(Some("person")),
        }
    }

    /// Ends the flow and those that run it.
    pub(super) fn end_all(mut self, outcome: Option<&str>) -> Turn {
        let outcome = outcome.unwrap_or("done").to_owned();
        self.effects.push(Effect::Ended { flow: self.flow.name.clone(), outcome });
        self.done()
    }

    /// Leaves without a session, and without having ended a flow.
    pub(super) fn stop(self) -> Turn {
        self.done()
    }

    fn done(self) -> Turn {
        Turn { session: None, effects: self.effects, trace: self.trace }
    }
}

/// Where a settled question leads: its own branch, else on.
pub(super) fn after(step: &Step, ask: &Ask, value: &Value) -> Option<StepIx> {
    let branch = match value {
        Value::YesNo(true) => ask.if_yes,
        Value::YesNo(false) => ask.if_no,
        Value::Choice(key) => ask.choose.get(key).copied(),
        _ => None,
    };
    branch.or(step.next)
}

/// A value as services are sent it.
fn as_json(value: &Value) -> serde_json::Value {
    match value {
        Value::YesNo(yes) => (*yes).into(),
        Value::Number(number) => (*number).into(),
        other => other.plain().into(),
    }
}

/// What came of one step.
enum Stepped {
    /// The flow goes on there, or where its caller goes on.
    On(Option<StepIx>),
    /// It waits; with what a question proposes, where something is known.
    Waits(Option<Box<Value>>),
    /// It is over.
    Over,
}

/// What is known of a slot before it is asked for.
enum Known {
    /// The contact has said it, or it is public: nothing to ask.
    Settled(Value),
    /// It is known from elsewhere: ask whether it is right.
    Proposed(Value),
    /// Nothing.
    Nothing,
}
