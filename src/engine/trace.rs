//! How a turn came about: what a test of a flow covers, and what answers "why did it say that?".

use crate::domain::slot::Value;

/// One thing that happened in a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The flow.
    pub flow: String,
    /// The step.
    pub step: String,
    /// What happened there.
    pub what: What,
}

/// What can happen at a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The step was come to.
    Came,
    /// What was said was read as this slot's value.
    Filled {
        /// The slot.
        slot: String,
        /// The value.
        value: Value,
    },
    /// What was said was a yes or a no, to something else than the slot.
    Agreed(bool),
    /// A `branch` took this way, counted from 0; `None` where none held and it fell through.
    Branched(Option<usize>),
    /// An address lacks a part, and it was asked for.
    Lacked,
    /// There were guesses, and they were offered.
    Guessed,
    /// Meant as an answer and none that can be taken: told why, as the n-th try, counted from 1.
    Explained(u8),
    /// Not understood for the n-th time, counted from 1.
    Retried(u8),
    /// Not understood once too often.
    GaveUp,
    /// Left open by the contact.
    Skipped,
    /// An interrupt was said.
    Interrupted(String),
    /// An earlier answer was corrected, or a correction offered.
    Corrected {
        /// The slot.
        slot: String,
        /// Its new value.
        value: Value,
    },
    /// The contact went back to this step.
    WentBack,
    /// A value given ahead of its question was taken up, or kept until it comes.
    Ahead {
        /// The slot.
        slot: String,
        /// The value.
        value: Value,
    },
    /// The n-th reminder was sent, counted from 1.
    Reminded(u8),
    /// The contact was given up for silence.
    Expired,
    /// A service answered (`true`) or failed.
    Called(bool),
    /// A tap on something that is over, a picture nobody can read.
    NotReadable,
    /// The turn passed more steps than a turn may: no checked flow does.
    Stuck,
}
