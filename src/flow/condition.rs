//! `slot is value`, `slot is known`, `slot is missing`, `channel is web`, joined by `and`, `or`, `not`.

use crate::domain::id::ChannelName;

/// A question about what is known. Total: it always has an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The slot's value is this: an option's key, `yes`, `no`, or the text itself.
    Is(String, String),
    /// The slot is filled.
    Known(String),
    /// The conversation is on this channel.
    Channel(ChannelName),
    /// Both hold.
    And(Box<Condition>, Box<Condition>),
    /// One holds.
    Or(Box<Condition>, Box<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
}

impl Condition {
    /// The answer; `slot` gives a slot's value as written in conditions, `None` when it is missing.
    pub fn holds(&self, channel: &ChannelName, slot: &dyn Fn(&str) -> Option<String>) -> bool {
        match self {
            Self::Is(name, value) => slot(name).as_deref() == Some(value),
            Self::Known(name) => slot(name).is_some(),
            Self::Channel(name) => name == channel,
            Self::And(left, right) => left.holds(channel, slot) && right.holds(channel, slot),
            Self::Or(left, right) => left.holds(channel, slot) || right.holds(channel, slot),
            Self::Not(inner) => !inner.holds(channel, slot),
        }
    }
}
