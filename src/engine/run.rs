//! The verbs: from a step onwards until the flow waits for the contact or ends.

use crate::domain::consent::{Consent, ConsentDecision};
use crate::domain::contact::Profile;
use crate::domain::message::Choice;
use crate::domain::session::{Progress, Question, Session, Waiting};
use crate::domain::slot::{SlotType, Slots, Value};
use crate::domain::ticket::{TicketKind, TicketRequest};
use crate::domain::time::Timestamp;
use crate::flow::{Ask, Confirm, Flow, HandOffSlots, Prefill, SlotIx, Step, StepIx, Then, Verb, Wording};
use crate::text::phrase::Phrase;

use super::{Effect, Input, Turn, World, words};

/// Steps a turn may take before it counts as stuck. A checked flow has no cycle without a question, so
/// only a very long chain of `say` comes near.
const BUDGET: usize = 200;

/// A turn under way.
pub(super) struct Run<'a> {
    pub(super) world: World<'a>,
    pub(super) flow: &'a Flow,
    pub(super) input: Input<'a>,
    pub(super) now: Timestamp,
    /// What the contact just said, for `{input}` and for proofs of consent.
    pub(super) said: String,
    pub(super) slots: Slots,
    pub(super) fixing: Option<String>,
    pub(super) question: Question,
    /// The value under discussion, not yet agreed to: slot name and value.
    pub(super) draft: Option<(String, Value)>,
    /// How many answers the current question has refused.
    pub(super) tries: u8,
    pub(super) effects: Vec<Effect>,
    budget: usize,
}

impl<'a> Run<'a> {
    pub(super) fn new(world: World<'a>, flow: &'a Flow, input: Input<'a>, now: Timestamp) -> Self {
        Self {
            world,
            flow,
            input,
            now,
            said: String::new(),
            slots: Slots::new(),
            fixing: None,
            question: Question::default(),
            draft: None,
            tries: 0,
            effects: Vec::new(),
            budget: BUDGET,
        }
    }

    /// What the contact said, to be held against phrases.
    pub(super) fn phrase(&self) -> Phrase {
        Phrase::new(&self.said)
    }

    /// Follows the steps from `at` until one waits or the flow ends.
    pub(super) fn go(mut self, mut at: StepIx) -> Turn {
        self.tries = 0;
        while self.budget > 0 {
            self.budget -= 1;
            let flow = self.flow;
            let step = flow.step(at);
            let next = match &step.verb {
                Verb::Say { say, buttons, when, .. } => {
                    if when.as_ref().is_none_or(|condition| self.holds(condition)) {
                        let choices = buttons.iter().map(|button| self.text_button(button)).collect();
                        self.say(&step.id, say, choices);
                    }
                    step.next
                }
                Verb::Branch(arms) => {
                    arms.iter().find(|(condition, _)| self.holds(condition)).map(|(_, to)| *to).or(step.next)
                }
                Verb::Ask(ask) => match self.known(ask) {
                    Known::Settled(value) => self.after(step, ask, &value),
                    Known::Proposed(value) => return self.propose(step, ask, value),
                    Known::Nothing => return self.ask(step, ask),
                },
                Verb::Confirm(confirm) => return self.summarise(step, confirm),
                Verb::HandOff { kind, send, say } => {
                    let request = self.request(*kind, send);
                    self.effects.push(Effect::HandOff(Box::new(request)));
                    if let Some(say) = say {
                        self.say(&step.id, say, Vec::new());
                    }
                    step.next
                }
                Verb::Person { queue, say, .. } => {
                    if let Some(say) = say {
                        self.say(&step.id, say, Vec::new());
                    }
                    let parked = step.next.is_some().then(|| step.id.clone());
                    return self.person(queue.clone(), parked);
                }
                Verb::Call(_) | Verb::Run { .. } | Verb::Wait(_) => step.next,
                Verb::End { outcome, say } => {
                    if let Some(say) = say {
                        self.say(&step.id, say, Vec::new());
                    }
                    return self.end(Some(outcome.clone()));
                }
            };
            match next {
                Some(next) => at = next,
                None => return self.end(None),
            }
        }
        self.person(None, None)
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
        let next = self.after(self.flow.step(at), ask, &value);
        self.slots.insert(slot.name.clone(), value);
        self.draft = None;
        match next {
            Some(next) => self.go(next),
            None => self.end(None),
        }
    }

    /// Where an answered question leads: its own branch, else back to the summary that wanted it put
    /// right, else on.
    fn after(&mut self, step: &Step, ask: &Ask, value: &Value) -> Option<StepIx> {
        let branch = match value {
            Value::YesNo(true) => ask.if_yes,
            Value::YesNo(false) => ask.if_no,
            Value::Choice(key) => ask.choose.get(key).copied(),
            _ => None,
        };
        let fixing = self.fixing.take().and_then(|id| self.flow.find(&id));
        branch.or(fixing).or(step.next)
    }

    fn known(&self, ask: &Ask) -> Known {
        let slot = self.flow.slot(ask.slot);
        if let Some(value) = self.slots.get(&slot.name) {
            return Known::Settled(value.clone());
        }
        let value = match slot.prefill {
            // What has to be put right is asked for, not proposed again.
            _ if self.fixing.is_some() => None,
            Some(Prefill::Phone) => self.input.contact.phone.clone().map(Value::Phone),
            Some(Prefill::Name) => self.input.contact.name.clone().map(Value::Text),
            None => None,
        };
        match value {
            Some(value) if ask.when_known.is_some() || slot.private => Known::Proposed(value),
            Some(value) => Known::Settled(value),
            None => Known::Nothing,
        }
    }

    /// Puts the step's question.
    pub(super) fn ask(mut self, step: &Step, ask: &Ask) -> Turn {
        self.draft = None;
        let choices = self.choices_of(step, ask.slot);
        self.wait(step, Waiting::Answer, &ask.say, choices)
    }

    /// Puts the question whether a value known already is right.
    fn propose(mut self, step: &Step, ask: &Ask, value: Value) -> Turn {
        let Some(wording) = &ask.when_known else { return self.ask(step, ask) };
        self.draft = Some((self.flow.slot(ask.slot).name.clone(), value.clone()));
        let choices = yes_no(step, words::RIGHT, words::NOT_THAT);
        self.wait(step, Waiting::Known { value }, wording, choices)
    }

    /// Shows what was collected and asks whether it is right.
    pub(super) fn summarise(mut self, step: &Step, confirm: &Confirm) -> Turn {
        let mut text = self.render(&confirm.say);
        for ix in &confirm.slots {
            let slot = self.flow.slot(*ix);
            if let Some(value) = self.slots.get(&slot.name) {
                text.push_str(&format!("\n- {}: {}", slot.label.vi, self.shown(slot, value, false)));
            }
        }
        let choices = yes_no(step, words::RIGHT, words::CHANGE);
        self.fixing = None;
        self.draft = None;
        self.wait_for(step, Waiting::Confirm, text, choices)
    }

    /// Says the wording and waits for the contact at `step`.
    pub(super) fn wait(self, step: &Step, waiting: Waiting, wording: &Wording, choices: Vec<Choice>) -> Turn {
        let text = self.render(wording);
        self.wait_for(step, waiting, text, choices)
    }

    /// Says `text` as the question and waits for the contact at `step`.
    pub(super) fn wait_for(mut self, step: &Step, waiting: Waiting, text: String, choices: Vec<Choice>) -> Turn {
        self.question = Question { text: text.clone(), choices: choices.clone() };
        self.push(&step.id, text, choices);
        self.stay(step, waiting)
    }

    /// Waits at `step` without saying anything more.
    pub(super) fn stay(self, step: &Step, waiting: Waiting) -> Turn {
        let session = Session {
            flow: self.flow.name.clone(),
            step: step.id.clone(),
            waiting,
            tries: self.tries,
            revision: 0,
            callers: Vec::new(),
            due: None,
            heard: self.now,
            reminded: 0,
            progress: Progress { slots: self.slots, ..Progress::default() },
            question: self.question,
        };
        Turn { session: Some(session), effects: self.effects, ..Turn::default() }
    }

    /// Calls a person; `parked` is the step the flow goes on from when the conversation is given back.
    pub(super) fn person(mut self, queue: Option<String>, parked: Option<String>) -> Turn {
        let queue = queue.unwrap_or_else(|| self.world.queue.to_owned());
        self.effects.push(Effect::Person { queue });
        match parked.and_then(|id| self.flow.find(&id)) {
            Some(at) => {
                let step = self.flow.step(at);
                self.stay(step, Waiting::Person)
            }
            None => self.end(Some("person".to_owned())),
        }
    }

    /// Ends the flow; `None` for a flow that simply ran out.
    pub(super) fn end(mut self, outcome: Option<String>) -> Turn {
        let outcome = outcome.unwrap_or_else(|| "done".to_owned());
        self.effects.push(Effect::Ended { flow: self.flow.name.clone(), outcome });
        Turn { effects: self.effects, ..Turn::default() }
    }

    /// Does what an interrupt ends in.
    pub(super) fn then(mut self, then: &Then, at: StepIx, waiting: Waiting) -> Turn {
        match then {
            Then::Resume => self.repeat(at, waiting),
            Then::Go(to) => self.go(*to),
            Then::Person(queue) => self.person(Some(queue.clone()), None),
            Then::End(outcome) => self.end(Some(outcome.clone())),
            Then::Back | Then::Restart | Then::Speak(_) => self.repeat(at, waiting),
            Then::Erase => {
                self.effects.push(Effect::Erase);
                self.push("", words::ERASED.to_owned(), Vec::new());
                self.end(Some("erased".to_owned()))
            }
        }
    }

    /// Puts the waiting question again, as it was put before.
    pub(super) fn repeat(mut self, at: StepIx, waiting: Waiting) -> Turn {
        if self.question.text.is_empty() {
            return self.go(at);
        }
        let step = self.flow.step(at);
        self.push(&step.id, self.question.text.clone(), self.question.choices.clone());
        self.stay(step, waiting)
    }

    fn request(&self, kind: TicketKind, send: &HandOffSlots) -> TicketRequest {
        let value = |ix: Option<SlotIx>| ix.and_then(|ix| self.slots.get(&self.flow.slot(ix).name));
        let phone = |ix| match value(ix) {
            Some(Value::Phone(phone)) => Some(phone.clone()),
            _ => None,
        };
        let subscriber = phone(send.subscriber);
        let name = match value(send.name) {
            Some(Value::Text(name)) => Some(name.clone()),
            _ => self.input.contact.name.clone(),
        };
        let known = self.input.contact.phone.clone();
        let contact_phone = phone(send.phone).or_else(|| known.clone()).or_else(|| subscriber.clone());
        let phone_verified = self.input.contact.phone_verified && contact_phone == known;
        TicketRequest {
            kind,
            contact: Profile { name, phone: contact_phone, phone_verified, ..self.input.contact.clone() },
            subscriber,
            place: match value(send.place) {
                Some(Value::Address(address)) => Some(address.clone()),
                _ => None,
            },
            quarantine: matches!(value(send.quarantine), Some(Value::YesNo(true))),
            slots: self.handed_off(send),
            transcript: Vec::new(),
        }
    }

    fn handed_off(&self, send: &HandOffSlots) -> Slots {
        send.slots
            .iter()
            .map(|ix| &self.flow.slot(*ix).name)
            .filter_map(|name| self.slots.get(name).map(|value| (name.clone(), value.clone())))
            .collect()
    }
}

/// What is known of a slot before it is asked for.
enum Known {
    /// The contact has said it, or it is public: nothing to ask.
    Settled(Value),
    /// It stands in the contact's profile: ask whether it is right.
    Proposed(Value),
    /// Nothing.
    Nothing,
}

/// The two choices of a yes/no question at `step`.
pub(super) fn yes_no(step: &Step, yes: &str, no: &str) -> Vec<Choice> {
    vec![choice(step, "yes", yes), choice(step, "no", no)]
}

/// A choice whose payload says which question it answers, so that a late tap is known as such.
pub(super) fn choice(step: &Step, value: &str, title: &str) -> Choice {
    Choice { payload: format!("{}={value}", step.id), title: title.to_owned() }
}
