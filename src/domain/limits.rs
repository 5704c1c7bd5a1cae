//! What a channel can carry, as plain data: the only thing flows and rendering know of a channel.

use std::collections::BTreeMap;
use std::time::Duration;

use super::id::ChannelName;

/// How a channel counts the length of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextUnit {
    /// Unicode scalar values after NFC.
    Char,
    /// UTF-16 code units.
    Utf16,
}

/// A channel's limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest text of one message, in `unit`; longer ones are split.
    pub text: usize,
    /// The unit of `text`.
    pub unit: TextUnit,
    /// How many choices can be shown as buttons; 0 means numbered text only.
    pub choices: usize,
    /// Longest title of a choice, in characters; a longer one turns all of them into numbered text.
    pub choice_title: usize,
    /// How long after the contact's last word we may still write; `None` for ever.
    pub window: Option<Duration>,
    /// Whether accents survive; without, texts are sent unaccented.
    pub accents: bool,
    /// Whether we may write without being written to first, as a reminder does. Not where a reply is the
    /// answer to the contact's own event.
    pub pushes: bool,
}

/// The limits of every channel that flows may name.
pub type LimitsTable = BTreeMap<ChannelName, Limits>;
