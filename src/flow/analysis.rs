//! What can be said of a compiled flow without running it: where its steps lead, what is sure at each of
//! them, and where it asks, says or sends something too early.
//!
//! Plain functions on a [`Flow`]; they know nothing of files and positions. [`super::compile`] tells their
//! findings to authors, a plan for live conversations reads [`surely_filled`].

use super::{Flow, SlotIx};

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

#[cfg(test)]
mod tests;
