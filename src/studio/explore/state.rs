//! When two sessions are the same state: they wait at the same step for the same thing, and agree on every
//! value that a step still to come can ask about.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::domain::id::ChannelName;
use crate::domain::session::{Progress, Session, Waiting};
use crate::domain::slot::{SlotType, Value};
use crate::flow::analysis::way::Graph;
use crate::flow::analysis::{conditions, leaves, mentions};
use crate::flow::{Condition, Flow, Flows, SlotIx, Verb};

/// Most answers whose corrections are told apart in one state.
const MOST_CORRECTED: usize = 3;

/// What makes a state.
pub type Key = String;

/// What of a session its flows can still ask about.
pub struct Matters {
    by_flow: BTreeMap<String, OfFlow>,
}

/// The same of one flow.
struct OfFlow {
    /// For each step, the slots that it or a step still to come asks for or about.
    asked: Vec<BTreeSet<SlotIx>>,
    /// For each step, the slots that it or a step still to come shows in a summary, if they hold anything.
    shown: Vec<BTreeSet<SlotIx>>,
    /// The slots whose answer a way depends on.
    to_ways: Vec<SlotIx>,
    /// For each slot, the numbers it is compared with.
    numbers: Vec<Vec<i64>>,
}

impl Matters {
    /// Of all flows.
    pub fn of(flows: &Flows) -> Self {
        Self { by_flow: flows.flows.iter().map(|(name, flow)| (name.clone(), OfFlow::of(flow))).collect() }
    }

    /// The slots whose answer a way of the flow depends on: by a condition, or by the question's own ways.
    pub fn to_ways(&self, flow: &Flow) -> &[SlotIx] {
        self.by_flow.get(&flow.name).map_or(&[], |of| &of.to_ways)
    }

    /// The answers whose corrections are told apart: the last few of those on which a way depends.
    pub fn told_apart(&self, flow: &Flow, progress: &Progress) -> Vec<SlotIx> {
        let held = |ix: &SlotIx| progress.slots.contains_key(&flow.slot(*ix).name);
        self.to_ways(flow).iter().copied().filter(held).rev().take(MOST_CORRECTED).collect()
    }

    /// The numbers that conditions of the flow compare the slot with.
    pub fn numbers(&self, flow: &Flow, slot: SlotIx) -> &[i64] {
        self.by_flow.get(&flow.name).map_or(&[], |of| &of.numbers[slot.0])
    }

    /// The state a session is in.
    pub fn key(&self, flows: &Flows, session: &Session) -> Key {
        let waiting = self.waiting(flows.flows.get(&session.flow), &session.progress, &session.waiting);
        // A correction leads back to where it was said, or elsewhere: the tries there are told apart already.
        let tries = if matches!(session.waiting, Waiting::Correct { .. }) { 0 } else { session.tries };
        let mut key = format!("{}/{}:{waiting} {tries}", session.flow, session.step);
        self.add_values(&mut key, flows, (&session.flow, &session.step), &session.progress);
        for caller in &session.callers {
            let _ = write!(key, " < {}/{}", caller.flow, caller.step);
            self.add_values(&mut key, flows, (&caller.flow, &caller.step), &caller.progress);
        }
        if agreed(flows, session) {
            key.push_str(" agreed");
        }
        key
    }

    fn waiting(&self, flow: Option<&Flow>, progress: &Progress, waiting: &Waiting) -> String {
        match waiting {
            Waiting::Answer => "answer".to_owned(),
            Waiting::Known { .. } => "known".to_owned(),
            Waiting::Part { part, .. } => format!("{part:?}"),
            Waiting::Unsure { guesses } => format!("unsure{}", guesses.count()),
            Waiting::Confirm => "confirm".to_owned(),
            Waiting::Which => "which".to_owned(),
            Waiting::Prompt { campaign } => format!("prompt {campaign}"),
            Waiting::Person => "person".to_owned(),
            Waiting::Call { .. } => "call".to_owned(),
            Waiting::Pause => "pause".to_owned(),
            Waiting::Interrupt { name, back, .. } => {
                format!("interrupt {name} over {}", self.waiting(flow, progress, back))
            }
            Waiting::Correct { values, back, .. } => {
                let apart = flow.map_or_else(Vec::new, |flow| {
                    let apart = self.told_apart(flow, progress).into_iter();
                    apart.map(|ix| flow.slot(ix).name.as_str()).collect()
                });
                let names = values.iter().map(|(name, _)| name.as_str()).filter(|name| apart.contains(name));
                let names: Vec<&str> = names.collect();
                format!("correct {} over {}", names.join(","), self.waiting(flow, progress, back))
            }
        }
    }

    fn add_values(&self, key: &mut Key, flows: &Flows, (flow, step): (&str, &str), progress: &Progress) {
        let (Some(flow), Some(of)) = (flows.flows.get(flow), self.by_flow.get(flow)) else { return };
        let Some(at) = flow.find(step) else { return };
        let only_shown = of.shown[at.0].difference(&of.asked[at.0]);
        let held = only_shown.map(|ix| &flow.slot(*ix).name).filter(|name| progress.slots.contains_key(*name));
        held.for_each(|name| _ = write!(key, " {name}"));
        for ix in &of.asked[at.0] {
            let name = &flow.slot(*ix).name;
            match progress.slots.get(name) {
                None => {}
                Some(value @ (Value::YesNo(_) | Value::Choice(_))) => {
                    let _ = write!(key, " {name}={}", value.plain());
                }
                // Which number it is matters only to what it is compared with.
                Some(Value::Number(number)) => {
                    let _ = write!(key, " {name}");
                    for compared in &of.numbers[ix.0] {
                        let _ = write!(key, "{:?}{compared}", number.cmp(compared));
                    }
                }
                Some(_) => {
                    let _ = write!(key, " {name}");
                }
            }
        }
    }
}

impl OfFlow {
    fn of(flow: &Flow) -> Self {
        let slots = || (0..flow.slots.len()).map(SlotIx);
        let branching = flow.steps.iter().filter_map(|step| match &step.verb {
            Verb::Ask(ask) if ask.if_yes.is_some() || ask.if_no.is_some() || !ask.choose.is_empty() => Some(ask.slot),
            _ => None,
        });
        let asked_about = |ix: &SlotIx| conditions(flow).any(|condition| mentions(condition, &flow.slot(*ix).name));
        let to_ways: BTreeSet<SlotIx> = branching.chain(slots().filter(asked_about)).collect();
        let compared = |ix: SlotIx| {
            let leaves = conditions(flow).flat_map(leaves);
            leaves.filter_map(|leaf| number(leaf, &flow.slot(ix).name)).collect()
        };
        Self {
            asked: still(flow, asked_at),
            shown: still(flow, |_, verb| match verb {
                Verb::Confirm(confirm) => confirm.slots.iter().copied().collect(),
                _ => BTreeSet::new(),
            }),
            to_ways: to_ways.into_iter().collect(),
            numbers: slots().map(compared).collect(),
        }
    }
}

/// The number that a part of a condition holds the slot against.
fn number(leaf: &Condition, slot: &str) -> Option<i64> {
    match leaf {
        Condition::Is(name, value) if name == slot => value.parse().ok(),
        Condition::Compare(name, _, number) if name == slot => Some(*number),
        _ => None,
    }
}

/// Whether a consent was given in the session, in its flow or in one that runs it.
pub fn agreed(flows: &Flows, session: &Session) -> bool {
    let within = |flow: &str, progress: &Progress| {
        let slots = flows.flows.get(flow).into_iter().flat_map(|flow| &flow.slots);
        let mut consents = slots.filter(|slot| slot.kind == SlotType::Consent);
        consents.any(|slot| progress.slots.get(&slot.name) == Some(&Value::YesNo(true)))
    };
    within(&session.flow, &session.progress)
        || session.callers.iter().any(|caller| within(&caller.flow, &caller.progress))
}

/// The channels that conditions of the flow ask about.
pub fn channels_named(flow: &Flow) -> Vec<&ChannelName> {
    let leaves = conditions(flow).flat_map(leaves);
    leaves
        .filter_map(|leaf| match leaf {
            Condition::Channel(name) => Some(name),
            _ => None,
        })
        .collect()
}

/// For each step, the slots of it and of every step it can lead to.
fn still(flow: &Flow, at: impl Fn(&Flow, &Verb) -> BTreeSet<SlotIx>) -> Vec<BTreeSet<SlotIx>> {
    let graph = Graph::of(flow);
    let mut asked: Vec<BTreeSet<SlotIx>> = flow.steps.iter().map(|step| at(flow, &step.verb)).collect();
    let mut back: Vec<Vec<usize>> = vec![Vec::new(); flow.steps.len()];
    for (ix, ways) in graph.steps.iter().enumerate() {
        let interrupted = graph.interrupts.iter().filter(|_| ways.interruptible);
        for to in ways.out.iter().map(|way| way.to).chain(interrupted.copied()) {
            back[to.0].push(ix);
        }
    }
    let mut waiting: Vec<usize> = (0..flow.steps.len()).collect();
    while let Some(ix) = waiting.pop() {
        let below = asked[ix].clone();
        for from in &back[ix] {
            let before = asked[*from].len();
            asked[*from].extend(below.iter().copied());
            if asked[*from].len() > before {
                waiting.push(*from);
            }
        }
    }
    asked
}

/// The slots that a step asks for or about.
fn asked_at(flow: &Flow, verb: &Verb) -> BTreeSet<SlotIx> {
    let about = |condition: &Condition| {
        let slots = (0..flow.slots.len()).map(SlotIx);
        slots.filter(|ix| mentions(condition, &flow.slot(*ix).name)).collect::<Vec<_>>()
    };
    match verb {
        Verb::Ask(ask) => [ask.slot].into(),
        Verb::Say { when: Some(when), .. } => about(when).into_iter().collect(),
        Verb::Branch(arms) => arms.iter().flat_map(|(condition, _)| about(condition)).collect(),
        _ => BTreeSet::new(),
    }
}
