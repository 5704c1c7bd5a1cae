//! Reads `interrupts:`, a flow's own and those of the shared files.

use std::collections::HashSet;

use super::super::source::{Key, Node};
use super::super::template::is_name;
use super::super::{AboutTicket, Flow, Interrupt, Then};
use super::problem::{Problem, Shape};
use super::report::Report;
use super::scope::{Place, Scope};
use crate::domain::contact::Language;
use crate::domain::slot::SlotType;
use crate::text::phrase::Phrase;
use crate::text::plain;
use crate::text::yes_no::{self, YesNo};

pub(in crate::flow) const MOST_INTERRUPTS: usize = 200;
pub(in crate::flow) const MOST_PHRASES: usize = 100;
/// The keys of an interrupt beside those of its channels.
pub(in crate::flow) const KEYS: [&str; 4] = ["match", "say", "confirm", "then"];

/// What `then` can be, beside a step and the words of its own.
pub(in crate::flow) const ACTS: [&str; 5] = ["person", "end", "ticket", "erase", "speak"];

/// What can be done about tickets, by name.
pub(in crate::flow) const ABOUT_TICKETS: [(&str, AboutTicket); 3] =
    [("status", AboutTicket::Status), ("cancel", AboutTicket::Cancel), ("reschedule", AboutTicket::Reschedule)];

/// Reads one map of interrupts. `answers` is what a contact of this flow can answer, in plain form.
pub(super) fn read_all(
    report: &mut Report<'_>,
    scope: &Scope<'_>,
    node: &Node,
    answers: &Answers,
) -> Vec<Option<Interrupt>> {
    let entries = report.map(node, MOST_INTERRUPTS);
    entries.iter().map(|(key, node)| read(report, scope, (key, node), answers)).collect()
}

/// What contacts answer to a flow's questions.
#[derive(Default)]
pub(super) struct Answers {
    yes_or_no: bool,
    options: HashSet<String>,
}

impl Answers {
    /// The answers to the questions of the slots that are asked; a flow with a summary asks yes or no too.
    pub(super) fn of(scope: &Scope<'_>, summary: bool) -> Self {
        let asked = scope.filled.iter().map(|ix| &scope.slots[ix.0]);
        let mut answers = Self { yes_or_no: summary, options: HashSet::new() };
        for slot in asked {
            answers.yes_or_no |= slot.private || matches!(slot.kind, SlotType::YesNo | SlotType::Consent);
            answers.options.extend(
                slot.options.iter().chain(&slot.options_en).flat_map(|(key, label)| [plain(key), plain(label)]),
            );
        }
        answers
    }

    fn contain(&self, phrase: &str) -> bool {
        (self.yes_or_no && matches!(yes_no::read(phrase), YesNo::Yes | YesNo::No)) || self.options.contains(phrase)
    }
}

fn read(
    report: &mut Report<'_>,
    scope: &Scope<'_>,
    (key, node): (&Key, &Node),
    answers: &Answers,
) -> Option<Interrupt> {
    if !is_name(&key.text) {
        report.error(key.span, &Problem::BadName(key.text.clone()));
    }
    let entries = report.map(node, usize::MAX);
    node.map()?;
    let mut known = KEYS.to_vec();
    known.extend(scope.channel_names());
    report.keys(entries, "interrupts", &known);
    let phrases = match node.get("match") {
        Some(list) => read_phrases(report, list, answers),
        None => {
            report.error(key.span, &Problem::MissingKey("match"));
            Vec::new()
        }
    };
    let say = scope.wording(report, entries, Place::Flow);
    let confirm = node.get("confirm").and_then(|node| scope.plain_wording(report, node, Place::Flow));
    let then = match node.get("then") {
        Some(then) => read_then(report, scope, then)?,
        None => {
            if node.get("say").is_none() {
                report.error(key.span, &Problem::NothingHappens);
            }
            Then::Resume
        }
    };
    Some(Interrupt { name: key.text.clone(), phrases, say, confirm, then })
}

fn read_phrases(report: &mut Report<'_>, list: &Node, answers: &Answers) -> Vec<Phrase> {
    let mut phrases = Vec::new();
    for (node, phrase) in report.word_list(list, MOST_PHRASES) {
        if answers.contain(&plain(phrase)) {
            report.warn(node.span, &Problem::PhraseIsAnswer(phrase.to_owned()));
        }
        phrases.push(Phrase::new(phrase));
    }
    phrases
}

fn read_then(report: &mut Report<'_>, scope: &Scope<'_>, node: &Node) -> Option<Then> {
    match node.scalar().map(str::trim) {
        Some("resume") => return Some(Then::Resume),
        Some("back") => return Some(Then::Back),
        Some("restart") => return Some(Then::Restart),
        Some(_) => return scope.step(report, node).map(Then::Go),
        None => {}
    }
    let [(key, value)] = node.map().unwrap_or_default() else {
        report.error(node.span, &Problem::WrongShape(Shape::Then));
        return None;
    };
    match key.text.as_str() {
        "person" => scope.queue(report, value).map(Then::Person),
        "end" => report.words(value).map(|outcome| Then::End(outcome.to_owned())),
        "ticket" => report.one_of(value, &ABOUT_TICKETS).map(Then::Ticket),
        "erase" => report.one_of(value, &[("contact", ())]).map(|()| Then::Erase),
        "speak" => report.one_of(value, &[("vi", Language::Vi), ("en", Language::En)]).map(Then::Speak),
        _ => {
            report.keys(node.map().unwrap_or_default(), "then", &ACTS);
            None
        }
    }
}

/// Adds the interrupts of a shared file or of the house behind those a flow has; a name it has already stays its own.
pub(super) fn join(flow: &mut Flow, shared: Vec<Interrupt>) {
    for interrupt in shared {
        if flow.interrupts.iter().all(|own| own.name != interrupt.name) {
            flow.interrupts.push(interrupt);
        }
    }
}
