//! Reads `silence:` of a flow or of one question, and `remind:` of a question.

use super::super::Silence;
use super::super::source::{Node, Span};
use super::problem::Problem;
use super::report::Report;
use super::scope::{Place, Scope};

pub(in crate::flow) const MOST_REMINDERS: usize = 5;
pub(in crate::flow) const KEYS: [&str; 4] = ["remind_after", "remind", "expire_after", "then"];

/// What of `node` differs from `scope.silence`, and the rest from there. `None` when it leads to a step
/// that there is not.
pub(super) fn read(report: &mut Report<'_>, scope: &Scope<'_>, node: &Node) -> Option<Silence> {
    let mut silence = scope.silence.clone();
    let entries = report.map(node, usize::MAX);
    node.map()?;
    report.keys(entries, "silence", &KEYS);
    for (key, node) in entries {
        match key.text.as_str() {
            "remind_after" => {
                let items = report.list(node, MOST_REMINDERS);
                silence.remind_after = items.iter().filter_map(|item| report.duration(item)).collect();
            }
            "remind" => silence.remind = scope.plain_wording(report, node, Place::Flow).unwrap_or(silence.remind),
            "expire_after" => silence.expire_after = report.duration(node).unwrap_or(silence.expire_after),
            "then" => silence.then = Some(scope.step(report, node)?),
            _ => {}
        }
    }
    check_order(report, &silence, node);
    Some(silence)
}

/// Each time comes after the one before.
fn check_order(report: &mut Report<'_>, silence: &Silence, node: &Node) {
    let grows = silence.remind_after.windows(2).all(|pair| pair[0] < pair[1]);
    if !grows || silence.remind_after.last().is_some_and(|last| *last >= silence.expire_after) {
        let place: Option<Span> = ["remind_after", "expire_after"].iter().find_map(|key| Some(node.get(key)?.span));
        report.error(place.unwrap_or(node.span), &Problem::SilenceOrder);
    }
}

/// What a question does about silence; `Some(None)` where it says nothing of it.
pub(super) fn of_question(report: &mut Report<'_>, scope: &Scope<'_>, node: &Node) -> Option<Option<Silence>> {
    let mut own = match node.get("silence") {
        Some(silence) => Some(read(report, scope, silence)?),
        None => None,
    };
    let Some(remind) = node.get("remind") else { return Some(own) };
    if node.get("silence").is_some_and(|silence| silence.get("remind").is_some()) {
        report.error(remind.span, &Problem::NotTogether("remind", "silence.remind"));
    }
    if let Some(wording) = scope.plain_wording(report, remind, Place::Flow) {
        own.get_or_insert_with(|| scope.silence.clone()).remind = wording;
    }
    Some(own)
}
