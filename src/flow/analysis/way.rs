//! Where each step can lead, what it takes to go there, and what is known on arrival.
//!
//! The one place that knows what a verb does to slots and consent; [`super::shape`] judges the ways
//! themselves, [`super::fact`] what is carried along them.

use std::collections::{BTreeSet, HashMap};

use super::super::{Ask, Call, Condition, Flow, SlotIx, Step, StepIx, Then, Verb};
use super::fact::{Facts, Numbers};
use crate::domain::slot::SlotType;

/// A flow's steps and the ways between them.
#[derive(Clone, Debug)]
pub struct Graph {
    /// The ways out of each step.
    pub steps: Vec<Ways>,
    /// Where a conversation begins: the start, and where prompts lead.
    pub doors: Vec<StepIx>,
    /// Where conversations of an earlier revision come in.
    pub migrated: Vec<StepIx>,
    /// Where interrupts lead from whatever question waits.
    pub interrupts: Vec<StepIx>,
    /// What may be filled from the beginning.
    pub prefilled: Facts,
    /// How the facts are numbered.
    pub numbers: Numbers,
}

/// The ways out of a step.
#[derive(Clone, Debug, Default)]
pub struct Ways {
    /// All of them.
    pub out: Vec<Way>,
    /// Whether one of them is the fall to the next step.
    pub falls: bool,
    /// Whether the conversation can end here or come to a person.
    pub ends: bool,
    /// Whether interrupts can come while it waits.
    pub interruptible: bool,
}

/// A way from a step to another.
#[derive(Clone, Debug)]
pub struct Way {
    /// The other.
    pub to: StepIx,
    /// What it takes.
    pub on: On,
    /// What is known on arrival besides what was known before.
    pub adds: Facts,
    /// What is no longer known.
    pub takes: Facts,
}

/// What it takes to go a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// Nothing of the contact: the step is passed, or its slot was known.
    Passing,
    /// Something the contact, a person or another flow does.
    Answer,
    /// The contact's silence.
    Silence,
}

impl Graph {
    /// The ways of a flow.
    pub fn of(flow: &Flow) -> Self {
        let reader = Reader::of(flow);
        let numbers = reader.numbers;
        let prompts = flow.entry.prompts.values().flat_map(|prompt| [prompt.if_yes, prompt.if_no]);
        let goes = flow.interrupts.iter().filter_map(|interrupt| match interrupt.then {
            Then::Go(step) => Some(step),
            _ => None,
        });
        let prefilled = flow.slots.iter().enumerate().filter(|(_, slot)| slot.prefill.is_some());
        Self {
            steps: flow.steps.iter().map(|step| reader.ways(step)).collect(),
            doors: std::iter::once(flow.start).chain(prompts).collect(),
            migrated: migrated(flow),
            interrupts: goes.collect::<BTreeSet<_>>().into_iter().collect(),
            prefilled: prefilled
                .map(|(ix, _)| SlotIx(ix))
                .chain(flow.given.iter().copied())
                .map(|ix| numbers.filled(ix))
                .collect(),
            numbers,
        }
    }
}

fn migrated(flow: &Flow) -> Vec<StepIx> {
    let targets: BTreeSet<&str> = flow.migrate.removed.values().map(String::as_str).collect();
    let steps = flow.steps.iter().enumerate();
    steps.filter(|(_, step)| targets.contains(step.id.as_str())).map(|(ix, _)| StepIx(ix)).collect()
}

/// A flow, its slots by name.
pub(super) struct Reader<'a> {
    pub(super) flow: &'a Flow,
    pub(super) names: HashMap<&'a str, SlotIx>,
    pub(super) numbers: Numbers,
}

impl<'a> Reader<'a> {
    pub(super) fn of(flow: &'a Flow) -> Self {
        let names = flow.slots.iter().enumerate().map(|(ix, slot)| (slot.name.as_str(), SlotIx(ix))).collect();
        Self { flow, names, numbers: Numbers { slots: flow.slots.len() } }
    }

    fn ways(&self, step: &Step) -> Ways {
        let mut ways = Ways::default();
        match &step.verb {
            Verb::Say { .. } | Verb::HandOff { .. } => ways.fall(step, On::Passing, Facts::default()),
            Verb::Branch(branches) => self.branch(&mut ways, step, branches),
            Verb::Ask(ask) => self.ask(&mut ways, step, ask),
            Verb::Confirm(confirm) => {
                let shown: Facts = confirm.slots.iter().map(|slot| self.numbers.shown(*slot)).collect();
                ways.go(confirm.if_yes, step, On::Answer, &shown);
                ways.give_up(confirm.give_up);
            }
            // A person gives the conversation back when they have answered.
            Verb::Person { if_unavailable, .. } => {
                ways.extend(*if_unavailable, On::Passing, &Facts::default());
                ways.extend(step.next, On::Answer, &Facts::default());
                ways.ends = true;
            }
            Verb::End { .. } => ways.ends = true,
            Verb::Call(call) => self.call(&mut ways, step, call),
            // What the other flow asks is its own business: it is taken to ask something.
            Verb::Run { save, .. } => {
                ways.fall(step, On::Answer, save.iter().map(|(slot, _)| self.numbers.filled(*slot)).collect());
                ways.forget(&save.iter().map(|(slot, _)| self.numbers.shown(*slot)).collect());
            }
            Verb::Wait(_) => ways.fall(step, On::Passing, Facts::default()),
        }
        self.wait(&mut ways, step);
        ways
    }

    /// What can happen while a step waits, whatever it waits for.
    fn wait(&self, ways: &mut Ways, step: &Step) {
        let (interruptible, silence) = match &step.verb {
            Verb::Ask(ask) => (ask.interruptible, ask.silence.as_ref()),
            Verb::Confirm(_) | Verb::Person { .. } | Verb::Wait(_) | Verb::Call(_) => (true, None),
            Verb::Say { .. } | Verb::Branch(_) | Verb::HandOff { .. } | Verb::Run { .. } | Verb::End { .. } => return,
        };
        ways.interruptible = interruptible;
        ways.extend(silence.unwrap_or(&self.flow.silence).then, On::Silence, &Facts::default());
    }

    fn branch(&self, ways: &mut Ways, step: &Step, branches: &[(Condition, StepIx)]) {
        let mut known = Facts::default();
        for (condition, to) in branches {
            let mut here = known.clone();
            here.unite(&self.learned(condition, true));
            ways.extend(Some(*to), On::Passing, &here);
            known.unite(&self.learned(condition, false));
        }
        ways.fall(step, On::Passing, known);
    }

    fn ask(&self, ways: &mut Ways, step: &Step, ask: &Ask) {
        let slot = self.flow.slot(ask.slot);
        let on = if ask.when_known.is_some() { On::Answer } else { On::Passing };
        let filled = Facts::from_iter([self.numbers.filled(ask.slot)]);
        match slot.kind {
            SlotType::YesNo | SlotType::Consent => {
                let mut agreed = filled.clone();
                if slot.kind == SlotType::Consent {
                    agreed.add(self.numbers.given(ask.slot));
                    agreed.add(self.numbers.consented());
                }
                ways.go(ask.if_yes, step, on, &agreed);
                ways.go(ask.if_no, step, on, &filled);
                if slot.kind == SlotType::Consent
                    && let Some(refused) = ways.out.last_mut()
                {
                    refused.takes.unite(&self.refused(ask.slot));
                }
            }
            SlotType::Choice => {
                for to in ask.choose.values().collect::<BTreeSet<_>>() {
                    ways.extend(Some(*to), on, &filled);
                }
                if slot.options.iter().any(|(key, _)| !ask.choose.contains_key(key)) {
                    ways.fall(step, on, filled);
                }
            }
            _ => ways.fall(step, on, filled),
        }
        let anew = ask.also.iter().chain([&ask.slot]);
        ways.forget(&anew.map(|slot| self.numbers.shown(*slot)).collect());
        match ask.give_up {
            Some(_) => ways.give_up(ask.give_up),
            None if ask.optional => {}
            None => ways.ends = true,
        }
        // Left open, it is passed without a value.
        if ask.optional {
            ways.fall(step, On::Answer, Facts::default());
        }
    }

    /// What a refused consent takes away. Another consent of the same flow may still stand.
    fn refused(&self, slot: SlotIx) -> Facts {
        let others = self.flow.slots.iter().enumerate();
        let mut others = others.filter(|(ix, other)| *ix != slot.0 && other.kind == SlotType::Consent);
        let mut taken = Facts::from_iter([self.numbers.given(slot)]);
        if others.next().is_none() {
            taken.add(self.numbers.consented());
        }
        taken
    }

    fn call(&self, ways: &mut Ways, step: &Step, call: &Call) {
        let saved: Facts = call.save.iter().map(|(slot, _)| self.numbers.filled(*slot)).collect();
        ways.go(call.ok, step, On::Passing, &saved);
        ways.forget(&call.save.iter().map(|(slot, _)| self.numbers.shown(*slot)).collect());
        ways.extend(Some(call.failed), On::Passing, &Facts::default());
    }

    /// What a condition tells once it has held, or has not.
    pub(super) fn learned(&self, condition: &Condition, holds: bool) -> Facts {
        match condition {
            Condition::Is(name, _) | Condition::Compare(name, ..) | Condition::Known(name) if holds => {
                let Some(slot) = self.names.get(name.as_str()) else { return Facts::default() };
                let mut facts = Facts::from_iter([self.numbers.filled(*slot)]);
                let agreed = matches!(condition, Condition::Is(_, value) if value == "yes");
                if agreed && self.flow.slot(*slot).kind == SlotType::Consent {
                    facts.add(self.numbers.given(*slot));
                    facts.add(self.numbers.consented());
                }
                facts
            }
            Condition::Is(..) | Condition::Compare(..) | Condition::Known(_) | Condition::Channel(_) => {
                Facts::default()
            }
            Condition::Not(inner) => self.learned(inner, !holds),
            Condition::And(left, right) => self.of_two(left, right, holds, holds),
            Condition::Or(left, right) => self.of_two(left, right, holds, !holds),
        }
    }

    /// What two conditions tell, where `both` of them are known to have come out so, or only one of them.
    fn of_two(&self, left: &Condition, right: &Condition, holds: bool, both: bool) -> Facts {
        let (mut facts, right) = (self.learned(left, holds), self.learned(right, holds));
        if both {
            facts.unite(&right)
        } else {
            facts.keep(&right)
        }
        facts
    }
}

impl Ways {
    fn extend(&mut self, to: Option<StepIx>, on: On, adds: &Facts) {
        self.out.extend(to.map(|to| Way { to, on, adds: adds.clone(), takes: Facts::default() }));
    }

    fn fall(&mut self, step: &Step, on: On, adds: Facts) {
        self.falls = true;
        self.out.extend(step.next.map(|to| Way { to, on, adds, takes: Facts::default() }));
    }

    /// To a step of its own, else to the next.
    fn go(&mut self, to: Option<StepIx>, step: &Step, on: On, adds: &Facts) {
        match to {
            Some(_) => self.extend(to, on, adds),
            None => self.fall(step, on, adds.clone()),
        }
    }

    /// Without a step for it, giving up calls a person.
    fn give_up(&mut self, to: Option<StepIx>) {
        self.extend(to, On::Answer, &Facts::default());
        self.ends |= to.is_none();
    }

    /// On every way so far, these facts are no longer known.
    fn forget(&mut self, facts: &Facts) {
        for way in &mut self.out {
            way.takes.unite(facts);
        }
    }
}
