//! Which interrupt a message calls.

use crate::flow::{Flow, Interrupt};
use crate::text;

/// The interrupt one of whose phrases is the whole message, politeness taken off.
pub(super) fn whole<'a>(flow: &'a Flow, said: &str) -> Option<&'a Interrupt> {
    find(flow, |phrase| text::phrase::is(said, phrase))
}

/// The interrupt one of whose phrases of two or more words stands inside the message.
pub(super) fn inside<'a>(flow: &'a Flow, said: &str) -> Option<&'a Interrupt> {
    find(flow, |phrase| phrase.split_whitespace().nth(1).is_some() && text::phrase::contains(said, phrase))
}

fn find(flow: &Flow, matches: impl Fn(&str) -> bool) -> Option<&Interrupt> {
    flow.interrupts.iter().find(|interrupt| interrupt.phrases.iter().any(|phrase| matches(phrase)))
}
