//! What can be said of a compiled flow without running it: where its steps lead, what is sure at each of
//! them, and where it asks, says or sends something too early.
//!
//! Plain functions on a [`Flow`]; they know nothing of files and positions. [`super::compile`] tells their
//! findings to authors, a plan for live conversations reads [`surely_filled`].

use super::{Condition, Flow, SlotIx, Verb};

pub mod fact;
pub mod length;
pub mod need;
pub mod shape;
pub mod way;

/// Some of a flow's slots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotSet(fact::Facts);

impl SlotSet {
    /// Whether this slot is among them.
    pub fn contains(&self, slot: SlotIx) -> bool {
        self.0.has(slot.0)
    }

    /// All of them, in the flow's order.
    pub fn iter(&self) -> impl Iterator<Item = SlotIx> {
        self.0.iter().map(SlotIx)
    }
}

/// The slots that are surely filled when each step begins, on whatever way it was reached; none for a step
/// that cannot be reached.
pub fn surely_filled(flow: &Flow) -> Vec<SlotSet> {
    let sure = fact::sure(&way::Graph::of(flow));
    let slots = flow.slots.len();
    sure.steps
        .into_iter()
        .map(|facts| SlotSet(facts.map_or_else(Default::default, |facts| facts.below(slots))))
        .collect()
}

/// Every condition of a flow, in the steps' order.
pub fn conditions(flow: &Flow) -> impl Iterator<Item = &Condition> {
    flow.steps.iter().flat_map(|step| match &step.verb {
        Verb::Say { when, .. } => when.iter().collect::<Vec<_>>(),
        Verb::Branch(arms) => arms.iter().map(|(condition, _)| condition).collect(),
        _ => Vec::new(),
    })
}

/// The parts of a condition that ask one thing each.
pub fn leaves(condition: &Condition) -> Vec<&Condition> {
    match condition {
        Condition::And(left, right) | Condition::Or(left, right) => [leaves(left), leaves(right)].concat(),
        Condition::Not(inner) => leaves(inner),
        leaf => vec![leaf],
    }
}

/// Whether a condition's answer rests on the slot.
pub fn mentions(condition: &Condition, slot: &str) -> bool {
    let about = |leaf: &&Condition| match leaf {
        Condition::Is(name, _) | Condition::Known(name) | Condition::Compare(name, ..) => name == slot,
        _ => false,
    };
    leaves(condition).iter().any(about)
}

#[cfg(test)]
mod tests;
