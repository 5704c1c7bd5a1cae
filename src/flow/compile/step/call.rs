//! Reads `call:`, `run:` and `wait:`, the steps that wait for something else than the contact.

use std::time::Duration;

use super::super::super::source::{Key, Node};
use super::super::super::template::is_name;
use super::super::super::{Call, Pause, SlotIx, Verb};
use super::super::problem::Problem;
use super::super::report::Report;
use super::super::run::{Pair, Use};
use super::super::scope::{Place, Scope};
use super::{Body, MOST_SLOTS, way};
use crate::domain::slot::SlotType;

const TIMEOUT: Duration = Duration::from_secs(5);
const MOST_TIMEOUT: Duration = Duration::from_secs(30);
const RETRIES: i64 = 2;
pub(in crate::flow) const MOST_RETRIES: i64 = 5;
/// Deepest that `save` looks into an answer.
const MOST_DOTS: usize = 8;

pub(super) fn call(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>, service: &Node) -> Option<Verb> {
    let service = scope.service(report, service);
    let say = scope.wording(report, body.entries, Place::Flow);
    let send = entries(report, body, "send").iter().filter_map(|(field, slot)| {
        check_field(report, field.span, &field.text, 0);
        Some((field.text.clone(), scope.filled_slot(report, slot)?))
    });
    let send = send.collect();
    let save = entries(report, body, "save");
    let save = save.iter().filter_map(|pair| kept(report, scope, pair)).collect();
    let timeout = body.node.get("timeout").and_then(|node| {
        let timeout = report.duration(node)?;
        if timeout > MOST_TIMEOUT {
            report.error(node.span, &Problem::TimeoutTooLong(MOST_TIMEOUT.as_secs()));
        }
        Some(timeout)
    });
    let retries = body.node.get("retries").and_then(|node| report.number(node, (0, MOST_RETRIES))).unwrap_or(RETRIES);
    let ok = way(report, scope, body.node, "ok");
    let failed = way(report, scope, body.node, "failed");
    if failed == Some(None) {
        report.error(body.key.span, &Problem::MissingKey("failed"));
    }
    Some(Verb::Call(Box::new(Call {
        service: service?,
        send,
        save,
        timeout: timeout.unwrap_or(TIMEOUT),
        retries: u8::try_from(retries).unwrap_or_default(),
        ok: ok?,
        failed: failed??,
        say,
    })))
}

/// A map of this step that may be left out.
fn entries<'n>(report: &mut Report<'_>, body: &Body<'n>, key: &str) -> &'n [(Key, Node)] {
    body.node.get(key).map_or(&[], |node| report.map(node, MOST_SLOTS))
}

fn check_field(report: &mut Report<'_>, span: super::Span, field: &str, most_dots: usize) {
    if field.split('.').count() > most_dots + 1 || !field.split('.').all(is_name) {
        report.error(span, &Problem::BadName(field.to_owned()));
    }
}

/// The slot that keeps a field of an answer. A consent is the contact's own word, not a service's.
fn kept(report: &mut Report<'_>, scope: &Scope<'_>, (slot, field): &(Key, Node)) -> Option<(SlotIx, String)> {
    let ix = scope.slot_named(report, slot.span, &slot.text);
    if let Some(slot_kept) = ix.map(|ix| &scope.slots[ix.0])
        && slot_kept.kind == SlotType::Consent
    {
        report.error(slot.span, &Problem::ConsentElsewhere(slot_kept.name.clone()));
    }
    let name = report.words(field)?;
    check_field(report, field.span, name, MOST_DOTS);
    Some((ix?, name.to_owned()))
}

/// The step, and what it names of the other flow, to be checked once every flow is read.
pub(super) fn run(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>, flow: &Node) -> Option<(Verb, Use)> {
    let name = report.words(flow)?.to_owned();
    let mut names = Use { flow: name.clone(), place: flow.span, with: Vec::new(), save: Vec::new() };
    for (theirs, mine) in entries(report, body, "with") {
        let Some(ix) = scope.filled_slot(report, mine) else { continue };
        names.with.push(Pair { theirs: theirs.text.clone(), place: theirs.span, mine: ix });
    }
    for (mine, theirs) in entries(report, body, "save") {
        let ix = scope.slot_named(report, mine.span, &mine.text);
        let Some(name) = report.words(theirs) else { continue };
        names.save.extend(ix.map(|mine| Pair { theirs: name.to_owned(), place: theirs.span, mine }));
    }
    let with = names.with.iter().map(|pair| (pair.theirs.clone(), pair.mine)).collect();
    let save = names.save.iter().map(|pair| (pair.mine, pair.theirs.clone())).collect();
    Some((Verb::Run { flow: name, with, save }, names))
}

/// `wait: 15m`, `wait: {for: 15m}`, `wait: {until: "08:00"}`, or `for` and `until` beside an empty `wait:`.
pub(super) fn wait(report: &mut Report<'_>, body: &Body<'_>, value: &Node) -> Option<Verb> {
    if let Some(entries) = value.map() {
        report.keys(entries, "wait", &["for", "until"]);
    }
    let inside = |key| value.get(key).or_else(|| body.node.get(key));
    let bare = (!value.is_null() && value.map().is_none()).then_some(value);
    let ways = [("wait", bare), ("for", inside("for")), ("until", inside("until"))];
    let mut given = ways.into_iter().filter_map(|(key, node)| Some((key, node?)));
    let Some((key, node)) = given.next() else {
        report.error(body.key.span, &Problem::MissingKey("for"));
        return None;
    };
    if let Some((second, node)) = given.next() {
        report.error(node.span, &Problem::NotTogether(key, second));
    }
    let pause = match key {
        "until" => report.clock(node).map(Pause::Until),
        _ => report.duration(node).map(Pause::For),
    };
    pause.map(Verb::Wait)
}
