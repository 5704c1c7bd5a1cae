//! Scripted conversations, as they stand in `X.test.yaml` beside the flow: what the customer does, and what
//! must come of it.
//!
//! Plain data. [`read`] makes it from a file, or tells everything that is wrong there; who runs it is
//! [`super::test`]. Every name in it is one that the flows have.

use std::collections::BTreeMap;

use regex::Regex;

use super::play::{Act, Setting};
use crate::domain::address::AddressPart;
use crate::flow::source::Span;

mod problem;
mod read;
mod reader;

pub use read::{Names, read};

/// Most conversations in one file.
pub const MOST_CASES: usize = 1_000;
/// Most lines in one conversation.
pub const MOST_LINES: usize = 1_000;

/// One file of scripted conversations.
#[derive(Clone, Debug)]
pub struct Script {
    /// The file, as it was named.
    pub path: String,
    /// The flow it is about.
    pub flow: String,
    /// The conversations, in the file's order.
    pub cases: Vec<Case>,
}

/// One scripted conversation.
#[derive(Clone, Debug)]
pub struct Case {
    /// `name:`
    pub name: String,
    /// Where it stands.
    pub line: usize,
    /// How it begins.
    pub setting: Setting,
    /// What happens, and what must come of each.
    pub beats: Vec<Beat>,
}

/// One thing that happens, and what must come of it.
#[derive(Clone, Debug)]
pub struct Beat {
    /// Its line.
    pub line: usize,
    /// What happens.
    pub act: Act,
    /// What must come of it; what is not written is not checked.
    pub wanted: Vec<Wanted>,
}

/// Something that must come of what happened.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Its line.
    pub line: usize,
    /// Where its value begins.
    pub span: Span,
    /// What it is.
    pub what: What,
}

/// What can be demanded.
#[derive(Clone, Debug)]
pub enum What {
    /// `bot:`, exactly these speak, in this order.
    Bot(Vec<Spoken>),
    /// `handoff:`, a ticket of this kind that holds these slots.
    HandOff {
        /// The kind's name.
        kind: String,
        /// Slots that are in it.
        has: Vec<String>,
    },
    /// `person:`, the conversation goes to this queue.
    Person(String),
    /// `end:`, a flow ends with this outcome.
    End(String),
    /// `call:`, a service is called and sent these fields.
    Call {
        /// The service.
        service: String,
        /// Fields and their values, as text.
        send: BTreeMap<String, String>,
    },
}

/// One entry of `bot:`. What is `None` or empty is not checked.
#[derive(Clone, Debug, Default)]
pub struct Spoken {
    /// The step that speaks, `flow/step`.
    pub at: Option<String>,
    /// The interrupt that speaks.
    pub interrupt: Option<String>,
    /// The reminder that speaks, counted from 1.
    pub reminder: Option<u8>,
    /// The part of an address that is asked for.
    pub asks_for: Option<AddressPart>,
    /// What is said.
    pub text: Option<Text>,
    /// The titles that can be tapped.
    pub buttons: Option<Vec<String>>,
    /// Slots and what they hold.
    pub slots: Vec<(String, Held)>,
}

/// What must be said.
#[derive(Clone, Debug)]
pub enum Text {
    /// Exactly this.
    Exact(String),
    /// Something that this pattern finds.
    Matching(Regex),
}

/// What a slot must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// A value, as people or conditions write it.
    Value(String),
    /// Parts of an address.
    Parts(Vec<(AddressPart, String)>),
}

/// The parts of an address and their names in flows.
pub(super) const PARTS: [(&str, AddressPart); 3] =
    [("province", AddressPart::Province), ("ward", AddressPart::Ward), ("street", AddressPart::Street)];
