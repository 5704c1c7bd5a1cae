//! Which interrupt a message calls.

use crate::flow::{Flow, Interrupt};
use crate::text::phrase::Phrase;

/// The interrupt one of whose phrases is the whole message, politeness taken off.
pub(super) fn whole<'a>(flow: &'a Flow, said: &Phrase) -> Option<&'a Interrupt> {
    find(flow, |phrase| phrase.is(said))
}

/// The interrupt one of whose phrases of two or more words stands inside the message.
pub(super) fn inside<'a>(flow: &'a Flow, said: &Phrase) -> Option<&'a Interrupt> {
    find(flow, |phrase| phrase.is_long() && phrase.is_in(said))
}

fn find(flow: &Flow, calls: impl Fn(&Phrase) -> bool) -> Option<&Interrupt> {
    flow.interrupts.iter().find(|interrupt| interrupt.phrases.iter().any(&calls))
}
