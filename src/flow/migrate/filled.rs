//! What is sure of a session that stands at a step, whichever way it came there.

use std::collections::BTreeSet;

use crate::flow::{Flow, SlotIx, StepIx, Then, Verb};

use super::{asked, waits};

/// What is sure at each step of a flow.
#[derive(Debug)]
pub(super) struct Filled {
    /// The ways out of each step.
    ways: Vec<Vec<StepIx>>,
    /// What each step asks for.
    asks: Vec<Option<SlotIx>>,
    /// The slots that are filled.
    sure: Vec<BTreeSet<SlotIx>>,
    /// Whether a ticket may have been made or a service called before.
    after_act: Vec<bool>,
}

impl Filled {
    pub(super) fn of(flow: &Flow) -> Self {
        let ways = (0..flow.steps.len()).map(|at| ways(flow, at).into_iter().map(|(to, _)| to).collect()).collect();
        let asks = flow.steps.iter().map(asked).collect();
        Self { ways, asks, sure: surely_filled(flow), after_act: after_act(flow) }
    }

    /// The slots that may be asked for by whoever goes on from this step.
    pub(super) fn asked_from(&self, step: StepIx) -> BTreeSet<SlotIx> {
        let mut seen = vec![false; self.ways.len()];
        let mut open = vec![step];
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut seen[at.0], true) {
                open.extend(&self.ways[at.0]);
            }
        }
        self.asks.iter().zip(seen).filter_map(|(slot, seen)| slot.filter(|_| seen)).collect()
    }

    pub(super) fn at(&self, step: StepIx) -> &BTreeSet<SlotIx> {
        &self.sure[step.0]
    }

    pub(super) fn is_after_act(&self, step: StepIx) -> bool {
        self.after_act[step.0]
    }
}

/// A way from a step to another, and what is filled on it.
type Way = (StepIx, Vec<SlotIx>);

fn ways(flow: &Flow, at: usize) -> Vec<Way> {
    let step = &flow.steps[at];
    let mut ways: Vec<Way> = Vec::new();
    let mut plain = |to: &mut dyn Iterator<Item = StepIx>| ways.extend(to.map(|to| (to, Vec::new())));
    match &step.verb {
        Verb::Branch(branches) => plain(&mut branches.iter().map(|(_, to)| *to).chain(step.next)),
        Verb::Ask(ask) => {
            plain(&mut ask.give_up.into_iter().chain(ask.silence.iter().filter_map(|silence| silence.then)));
            let fills = if ask.optional { Vec::new() } else { vec![ask.slot] };
            let answered = ask.if_yes.iter().chain(&ask.if_no).chain(ask.choose.values()).copied().chain(step.next);
            ways.extend(answered.map(|to| (to, fills.clone())));
        }
        Verb::Confirm(confirm) => plain(&mut confirm.if_yes.into_iter().chain(confirm.give_up).chain(step.next)),
        Verb::Person { if_unavailable, .. } => plain(&mut if_unavailable.iter().copied().chain(step.next)),
        Verb::Call(call) => {
            plain(&mut std::iter::once(call.failed));
            let fills: Vec<SlotIx> = call.save.iter().map(|(slot, _)| *slot).collect();
            ways.extend(call.ok.or(step.next).map(|to| (to, fills)));
        }
        Verb::Say { .. } | Verb::HandOff { .. } | Verb::Run { .. } | Verb::Wait(_) => {
            plain(&mut step.next.into_iter());
        }
        Verb::End { .. } => {}
    }
    if waits(step) {
        let leave = flow.interrupts.iter().filter_map(|interrupt| match interrupt.then {
            Then::Go(to) => Some(to),
            _ => None,
        });
        ways.extend(leave.chain(flow.silence.then).map(|to| (to, Vec::new())));
    }
    ways
}

/// The slots surely filled where each step is come to: of every way there, what is filled on all of them.
fn surely_filled(flow: &Flow) -> Vec<BTreeSet<SlotIx>> {
    let everything: BTreeSet<SlotIx> = (0..flow.slots.len()).map(SlotIx).collect();
    let mut sure: Vec<Option<BTreeSet<SlotIx>>> = vec![None; flow.steps.len()];
    let doors = flow.entry.prompts.values().flat_map(|prompt| [prompt.if_yes, prompt.if_no]).chain([flow.start]);
    let mut changed: Vec<usize> = Vec::new();
    for door in doors {
        sure[door.0] = Some(BTreeSet::new());
        changed.push(door.0);
    }
    while let Some(at) = changed.pop() {
        let before = sure[at].clone().expect("only steps that were come to are looked at");
        for (to, fills) in ways(flow, at) {
            let mut there = before.clone();
            there.extend(fills);
            let meet = match &sure[to.0] {
                Some(known) => known.intersection(&there).copied().collect(),
                None => there,
            };
            if sure[to.0].as_ref() != Some(&meet) {
                sure[to.0] = Some(meet);
                changed.push(to.0);
            }
        }
    }
    sure.into_iter().map(|sure| sure.unwrap_or_else(|| everything.clone())).collect()
}

/// Whether each step can be come to after a hand-off or a call.
fn after_act(flow: &Flow) -> Vec<bool> {
    let acts = |at: &usize| matches!(flow.steps[*at].verb, Verb::HandOff { .. } | Verb::Call(_));
    let mut after = vec![false; flow.steps.len()];
    let mut changed: Vec<usize> = (0..flow.steps.len()).filter(acts).collect();
    while let Some(at) = changed.pop() {
        for (to, _) in ways(flow, at) {
            if !std::mem::replace(&mut after[to.0], true) {
                changed.push(to.0);
            }
        }
    }
    after
}
