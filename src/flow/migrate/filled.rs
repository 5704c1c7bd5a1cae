//! What is sure of a session that stands at a step, whichever way it came there.

use std::collections::BTreeSet;

use crate::flow::analysis::{surely_filled, way::Graph};
use crate::flow::{Flow, SlotIx, StepIx, Verb};

use super::asked;

/// What is sure at each step of a flow, and where it leads.
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
        let Graph { steps, interrupts, .. } = Graph::of(flow);
        let ways: Vec<Vec<StepIx>> = steps
            .into_iter()
            .map(|step| {
                let interrupts = interrupts.iter().copied().filter(|_| step.interruptible);
                step.out.iter().map(|way| way.to).chain(interrupts).collect()
            })
            .collect();
        let sure = surely_filled(flow).iter().map(|slots| slots.iter().collect()).collect();
        let acts = flow.steps.iter().enumerate();
        let acts = acts.filter(|(_, step)| matches!(step.verb, Verb::HandOff { .. } | Verb::Call(_)));
        let next: Vec<StepIx> = acts.flat_map(|(ix, _)| ways[ix].clone()).collect();
        let after_act = reached(&ways, next);
        Self { asks: flow.steps.iter().map(asked).collect(), sure, after_act, ways }
    }

    pub(super) fn at(&self, step: StepIx) -> &BTreeSet<SlotIx> {
        &self.sure[step.0]
    }

    pub(super) fn is_after_act(&self, step: StepIx) -> bool {
        self.after_act[step.0]
    }

    /// The slots that may be asked for by whoever goes on from this step.
    pub(super) fn asked_from(&self, step: StepIx) -> BTreeSet<SlotIx> {
        let reached = reached(&self.ways, vec![step]);
        self.asks.iter().zip(reached).filter_map(|(slot, reached)| slot.filter(|_| reached)).collect()
    }
}

/// Which steps can be come to from these, themselves among them.
fn reached(ways: &[Vec<StepIx>], mut open: Vec<StepIx>) -> Vec<bool> {
    let mut seen = vec![false; ways.len()];
    while let Some(at) = open.pop() {
        if !std::mem::replace(&mut seen[at.0], true) {
            open.extend(&ways[at.0]);
        }
    }
    seen
}
