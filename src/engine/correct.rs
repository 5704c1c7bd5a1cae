//! Going back over answers given: corrections, one step back, several answers in one message.
//!
//! Nothing is patched in the middle: the flow is rewound to the question concerned and walked again, with
//! every other answer at hand. What depended on the old answer is thereby asked or confirmed anew, and what
//! did not is passed over in silence.

use std::collections::BTreeSet;

use crate::domain::session::Waiting;
use crate::domain::slot::{SlotType, Value};
use crate::flow::analysis::mentions;
use crate::flow::{Ask, Call, Flow, SlotIx, StepIx, Verb};
use crate::text::word;

use super::address;
use super::fill::{self, Fill};
use super::run::{Run, after};
use super::{Turn, What};

/// Longest piece of a message that can name an option by the way, in words beyond the option's own.
const BESIDE: usize = 2;

impl Run<'_> {
    /// The earlier answers that `said` can be a new value of, each with that value. `at` is the question
    /// that waits; its own slot is not an earlier answer. `opened` when the contact began with "à nhầm" or
    /// the like, so that a bare number can be meant.
    pub(super) fn corrections_in(&self, at: StepIx, said: &str, opened: bool) -> Vec<(String, Value)> {
        let own = match &self.flow.step(at).verb {
            Verb::Ask(ask) => Some(ask.slot),
            _ => None,
        };
        let asked: BTreeSet<SlotIx> = self.progress.trail.iter().filter_map(|id| asked_by(self.flow, id)).collect();
        asked
            .into_iter()
            .filter(|slot| Some(*slot) != own)
            .filter_map(|slot| {
                let slot = self.flow.slot(slot);
                let now = self.progress.slots.get(&slot.name)?;
                let value = match (slot.kind, now) {
                    (SlotType::Address, Value::Address(before)) => {
                        Value::Address(address::again(self, slot, said, before, opened)?)
                    }
                    (kind, _) if opened && (can_be_told(kind) || kind == SlotType::Number) => {
                        match fill::fill(self, slot, said) {
                            Fill::Filled(value) => value,
                            _ => return None,
                        }
                    }
                    (kind, _) if can_be_told(kind) => fill::by_the_way(self, slot, said)?,
                    _ => return None,
                };
                (value != *now).then(|| (slot.name.clone(), value))
            })
            .collect()
    }

    /// Where in the trail the slot was asked for, the last time.
    pub(super) fn asked_at(&self, slot: SlotIx) -> Option<usize> {
        self.progress.trail.iter().rposition(|id| asked_by(self.flow, id) == Some(slot))
    }

    /// Puts a new value in the place of an earlier answer and goes on from there, as far as that changes
    /// anything; otherwise the question at `at` is put again.
    pub(super) fn correct(mut self, at: StepIx, name: &str, value: &Value, back: Waiting) -> Turn {
        let flow = self.flow;
        let Some(slot) = flow.slots.iter().position(|slot| slot.name == name).map(SlotIx) else {
            return self.repeat(at, back);
        };
        let Some(place) = self.asked_at(slot) else { return self.repeat(at, back) };
        self.note(at, What::Corrected { slot: name.to_owned(), value: value.clone() });
        let before = self.progress.slots.insert(name.to_owned(), value.clone());
        let asked = flow.find(&self.progress.trail[place]).unwrap_or(at);
        let Verb::Ask(ask) = &flow.step(asked).verb else { return self.repeat(at, back) };
        // A call under way has the old value; its answer is not waited for any more.
        let under_way = matches!(&flow.step(at).verb, Verb::Call(call) if sends(call, slot));
        if under_way || before.is_some_and(|before| self.depends(place, slot, ask, (&before, value))) {
            self.rewind(place);
            self.forget_calls(slot);
            self.progress.ahead.remove(name);
            self.progress.slots.insert(name.to_owned(), value.clone());
            return self.leave_question(asked, after(flow.step(asked), ask, value));
        }
        self.forget_calls(slot);
        self.put(at, back)
    }

    /// Says that an earlier answer is another now.
    pub(super) fn say_corrected(&mut self, name: &str, value: &Value) {
        if let Some(slot) = self.flow.slot_named(name) {
            let shown = self.shown(slot, value, false);
            let text = self.words().corrected(slot.label.on(self.language), &shown);
            self.push("", text, Vec::new());
        }
    }

    /// Whether anything that was done since the question at `place` of the trail rests on the slot's value.
    fn depends(&self, place: usize, slot: SlotIx, ask: &Ask, (before, now): (&Value, &Value)) -> bool {
        let flow = self.flow;
        let name = &flow.slot(slot).name;
        let step = |id: &String| flow.find(id).map(|ix| flow.step(ix));
        let edge = |value| step(&self.progress.trail[place]).and_then(|step| after(step, ask, value));
        edge(before) != edge(now)
            || self.progress.trail[place + 1..].iter().filter_map(step).any(|step| match &step.verb {
                Verb::Branch(arms) => arms.iter().any(|(condition, _)| mentions(condition, name)),
                Verb::Confirm(confirm) => confirm.slots.contains(&slot),
                Verb::Call(call) => sends(call, slot),
                _ => false,
            })
    }

    /// Asks anew for a slot that a summary shows, and comes back to the summary by the way that leads there.
    pub(super) fn fix(mut self, at: StepIx, name: &str) -> Turn {
        let flow = self.flow;
        let slot = flow.slots.iter().position(|slot| slot.name == name).map(SlotIx);
        match slot.and_then(|slot| self.asked_at(slot)) {
            Some(place) => self.ask_at(place),
            // It was not asked for on the way here, so there is nowhere to go back to.
            None => {
                self.forget_tries();
                self.put(at, Waiting::Confirm)
            }
        }
    }

    /// Takes the last answer back and asks again.
    pub(super) fn back(mut self, at: StepIx, waiting: Waiting) -> Turn {
        let flow = self.flow;
        self.note(at, What::WentBack);
        if let (Verb::Ask(ask), Waiting::Part { .. } | Waiting::Unsure { .. }) = (&flow.step(at).verb, &waiting) {
            self.forget_tries();
            return self.ask(at, ask);
        }
        let asks = |id: &String| flow.find(id).is_some_and(|ix| matches!(flow.step(ix).verb, Verb::Ask(_)));
        match self.progress.trail.iter().rposition(asks) {
            Some(place) => self.ask_at(place),
            None => {
                let text = self.words().first_question.to_owned();
                self.push("", text, Vec::new());
                self.repeat(at, waiting)
            }
        }
    }

    /// Goes back to the question at `place` of the trail and puts it again.
    fn ask_at(mut self, place: usize) -> Turn {
        let flow = self.flow;
        let asked = flow.find(&self.progress.trail[place]);
        self.rewind(place);
        self.forget_tries();
        match asked.map(|ix| (ix, &flow.step(ix).verb)) {
            Some((ix, Verb::Ask(ask))) => {
                self.forget_calls(ask.slot);
                self.progress.ahead.remove(&flow.slot(ask.slot).name);
                self.ask(ix, ask)
            }
            _ => self.go(flow.start),
        }
    }

    /// Services that were sent the slot's old value are called again when their steps come.
    fn forget_calls(&mut self, slot: SlotIx) {
        let flow = self.flow;
        self.progress.spoken.retain(|id| match flow.find(id).map(|ix| &flow.step(ix).verb) {
            Some(Verb::Call(call)) => !sends(call, slot),
            _ => true,
        });
    }

    /// Goes back to `place` of the trail. Answers given behind it are kept until their questions come again,
    /// and what was said or called is not said or called again.
    fn rewind(&mut self, place: usize) {
        let flow = self.flow;
        for id in self.progress.trail.split_off(place) {
            match flow.find(&id).map(|ix| &flow.step(ix).verb) {
                Some(Verb::Ask(ask)) => {
                    let name = &flow.slot(ask.slot).name;
                    if let Some(value) = self.progress.slots.remove(name) {
                        self.progress.ahead.insert(name.clone(), value);
                    }
                }
                Some(Verb::Say { .. } | Verb::Call(_)) if !self.progress.spoken.contains(&id) => {
                    self.progress.spoken.push(id);
                }
                _ => {}
            }
        }
    }

    /// Keeps what the message says beside the answer to the question at `at`, for questions that are still
    /// to come.
    pub(super) fn look_ahead(&mut self, at: StepIx, ask: &Ask) {
        let flow = self.flow;
        let pieces: Vec<String> = pieces(&self.said);
        if pieces.len() < 2 && self.said.split_whitespace().nth(2).is_none() {
            return;
        }
        let own = flow.slot(ask.slot).kind;
        let mut tried: Vec<SlotIx> = Vec::new();
        for step in &flow.steps[at.0 + 1..] {
            let Verb::Ask(later) = &step.verb else { continue };
            let slot = flow.slot(later.slot);
            let named = ask.also.contains(&later.slot);
            let wanted = (named || by_the_way(slot.kind)) && slot.kind != own && !tried.contains(&later.slot);
            let known = self.progress.slots.contains_key(&slot.name) || self.progress.ahead.contains_key(&slot.name);
            // Whatever was not asked for is shown before it counts.
            let confirmed = || {
                flow.steps.iter().any(|step| matches!(&step.verb, Verb::Confirm(c) if c.slots.contains(&later.slot)))
            };
            if !wanted || known || (slot.private && !self.may_keep()) || !confirmed() {
                continue;
            }
            tried.push(later.slot);
            if let Some(value) = self.beside(&pieces, later.slot) {
                self.note(at, What::Ahead { slot: slot.name.clone(), value: value.clone() });
                self.progress.ahead.insert(slot.name.clone(), value);
            }
        }
    }

    /// What the message says of a slot that it was not asked for.
    fn beside(&self, pieces: &[String], slot: SlotIx) -> Option<Value> {
        let slot = self.flow.slot(slot);
        let read = |said: &str| fill::by_the_way(self, slot, said);
        match slot.kind {
            SlotType::Phone | SlotType::Address | SlotType::Email => read(&self.said),
            // An option's word may be part of a street's name: it must stand nearly alone.
            SlotType::Choice => {
                let longest = slot.options.iter().map(|(_, label)| word::words(label).len()).max().unwrap_or(0);
                let short = |piece: &&String| word::words(piece).len() <= longest + BESIDE;
                let mut found = pieces.iter().filter(short).filter_map(|piece| read(piece));
                found.next().filter(|_| found.next().is_none())
            }
            _ => {
                let mut found = pieces.iter().filter_map(|piece| read(piece));
                found.next().filter(|_| found.next().is_none())
            }
        }
    }

    /// Whether the contact has agreed to having private things kept, or nothing here asks whether they do.
    fn may_keep(&self) -> bool {
        let mut consents = self.flow.slots.iter().filter(|slot| slot.kind == SlotType::Consent).peekable();
        consents.peek().is_none()
            || consents.any(|slot| self.progress.slots.get(&slot.name) == Some(&Value::YesNo(true)))
    }
}

/// Whether the service is sent the slot.
fn sends(call: &Call, slot: SlotIx) -> bool {
    call.send.iter().any(|(_, sent)| *sent == slot)
}

/// The slot that the step of this id asks for.
fn asked_by(flow: &Flow, id: &str) -> Option<SlotIx> {
    match &flow.step(flow.find(id)?).verb {
        Verb::Ask(ask) => Some(ask.slot),
        _ => None,
    }
}

/// Types whose values are told apart from anything else that people say.
fn can_be_told(kind: SlotType) -> bool {
    match kind {
        SlotType::Choice | SlotType::Date | SlotType::TimeWindow | SlotType::Phone | SlotType::Email => true,
        SlotType::Address => true,
        SlotType::YesNo | SlotType::Consent | SlotType::Text | SlotType::Name | SlotType::Number => false,
        SlotType::Location | SlotType::File => false,
    }
}

/// Types that an answer to another question may fill without being told to.
fn by_the_way(kind: SlotType) -> bool {
    matches!(kind, SlotType::Phone | SlotType::Choice | SlotType::TimeWindow | SlotType::Address)
}

/// The pieces of a message, as its punctuation divides it.
fn pieces(said: &str) -> Vec<String> {
    let pieces = said.split([',', ';', '\n']).flat_map(|piece| piece.split(". ")).map(str::trim);
    pieces.filter(|piece| !piece.is_empty()).map(str::to_owned).collect()
}
