//! How long texts are on a channel: over what it carries at once, or costing several short messages.
//!
//! Values are not known here and counted as nothing, but for the link, whose length is.

use super::super::template::{Piece, Source};
use super::super::{Ask, Flow, Step, Template, Verb, Wording};
use crate::domain::limits::{Limits, TextUnit};
use crate::text::unaccent_keep_case;

/// How many characters `{link}` becomes, counted amply.
pub const LINK: usize = 70;
/// Most messages one text is split into.
pub const MOST_MESSAGES: usize = 10;

/// A template's words, with as many placeholders for the link as it is long.
fn words(template: &Template) -> String {
    let pieces = template.pieces.iter().map(|piece| match piece {
        Piece::Words(words) => words.clone(),
        Piece::Value { first_of, .. } if first_of.first() == Some(&Source::Link) => "-".repeat(LINK),
        Piece::Value { .. } => String::new(),
    });
    pieces.collect()
}

/// The length of a text on a channel, in its unit.
pub fn length(template: &Template, limits: &Limits) -> usize {
    let words = words(template);
    let words = if limits.accents { words } else { unaccent_keep_case(&words) };
    match limits.unit {
        TextUnit::Char => words.chars().count(),
        TextUnit::Utf16 => words.encode_utf16().count(),
    }
}

/// The most a channel carries of one text: one message where it answers the contact's own event, several
/// where it can write by itself.
pub fn most(limits: &Limits) -> usize {
    if limits.pushes { limits.text.saturating_mul(MOST_MESSAGES) } else { limits.text }
}

/// What a text costs as short messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segments {
    /// How many messages it is cut into.
    pub count: usize,
    /// Whether a letter outside the handsets' own alphabet makes each of them less than half as long.
    pub accents: bool,
}

/// The letters every handset has (GSM 03.38), besides ASCII letters and digits.
const GSM: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// The ones that take the place of two.
const GSM_TWICE: &str = "^{}\\[~]|€";

/// How many short messages a text takes.
pub fn segments(template: &Template, unaccented: bool) -> Segments {
    let words = words(template);
    let words = if unaccented { unaccent_keep_case(&words) } else { words };
    let letters = words.chars().map(|letter| match letter {
        _ if letter.is_ascii_alphanumeric() || GSM.contains(letter) => Some(1),
        _ if GSM_TWICE.contains(letter) => Some(2),
        _ => None,
    });
    let (length, alone, joined, accents) = match letters.sum::<Option<usize>>() {
        Some(length) => (length, 160, 153, false),
        None => (words.encode_utf16().count(), 70, 67, true),
    };
    let count = if length <= alone { 1 } else { length.div_ceil(joined) };
    Segments { count, accents }
}

/// Every wording of a step.
pub fn of_step(step: &Step) -> Vec<&Wording> {
    match &step.verb {
        Verb::Say { say, .. } => vec![say],
        Verb::Ask(ask) => of_ask(ask),
        Verb::Confirm(confirm) => {
            std::iter::once(&confirm.say).chain(&confirm.ask_which).chain(&confirm.retry).collect()
        }
        Verb::HandOff { say, .. } | Verb::Person { say, .. } | Verb::End { say, .. } => say.iter().collect(),
        Verb::Call(call) => call.say.iter().collect(),
        Verb::Branch(_) | Verb::Run { .. } | Verb::Wait(_) => Vec::new(),
    }
}

fn of_ask(ask: &Ask) -> Vec<&Wording> {
    let first = std::iter::once(&ask.say).chain(&ask.when_known).chain(&ask.retry);
    let reminder = ask.silence.iter().map(|silence| &silence.remind);
    first.chain(ask.missing.values()).chain(&ask.unsure).chain(reminder).collect()
}

/// Every wording of a flow that stands outside its steps and prompts.
pub fn of_interrupts(flow: &Flow) -> impl Iterator<Item = (usize, &Wording)> {
    let interrupts = flow.interrupts.iter().enumerate();
    interrupts.flat_map(|(ix, interrupt)| interrupt.say.iter().chain(&interrupt.confirm).map(move |text| (ix, text)))
}
