//! Reads `steps:`: one verb a step, every edge resolved.

use std::collections::BTreeMap;

use super::super::source::{Key, Node, Span};
use super::super::{Ask, Condition, Confirm, HandOffSlots, SlotIx, Step, StepIx, Verb, Wording};
use super::house;
use super::problem::{Problem, Thing};
use super::report::Report;
use super::scope::{Place, Scope};
use super::slot::PARTS;
use crate::domain::slot::SlotType;
use crate::domain::ticket::TicketKind;

const MOST_TRIES: usize = 20;
const MOST_BUTTONS: usize = 20;
const MOST_SLOTS: usize = 200;
const MOST_WAYS: usize = 200;
const VERBS: [&str; 6] = ["ask", "confirm", "branch", "handoff", "person", "end"];
const VERBS_NOT_YET: [&str; 3] = ["call", "run", "wait"];
const KEYS_NOT_YET: [&str; 9] =
    ["image", "also", "optional", "remind", "interruptible", "if_unavailable", "silence", "corrections", "pattern"];

/// Every other key that some verb has.
const KEYS: &[&str] = &[
    "go",
    "then",
    "if",
    "buttons",
    "when_known",
    "retry",
    "give_up",
    "missing",
    "unsure",
    "if_yes",
    "if_no",
    "choose",
    "ask_which",
    "send",
    "return_to",
];

/// The entries of a step, and where its key stands.
struct Body<'n> {
    key: &'n Key,
    node: &'n Node,
    entries: &'n [(Key, Node)],
}

/// A step that was read, with the places that checks of the whole flow point at.
pub(super) struct Read {
    pub(super) step: Step,
    /// The step's id.
    pub(super) key: Span,
    /// The value of `go` or `then`.
    pub(super) go: Option<Span>,
}

/// Reads the step at `ix`; `below` is the one it falls through to. `None` after a problem that leaves an
/// edge unknown, so that the flow's ways cannot be judged.
pub(super) fn read(
    report: &mut Report<'_>,
    scope: &Scope<'_>,
    (key, node): (&Key, &Node),
    below: Option<StepIx>,
) -> Option<Read> {
    let entries = report.map(node, usize::MAX);
    node.map()?;
    let body = Body { key, node, entries };
    let (verb_key, verb_node) = find_verb(report, &body)?;
    let whole = check_keys(report, scope, &body, verb_key);
    let go = read_go(report, scope, &body);
    let verb = match verb_key {
        "say" => say(report, scope, &body),
        "ask" => ask(report, scope, &body, verb_node),
        "confirm" => confirm(report, scope, &body, verb_node),
        "branch" => branch(report, scope, verb_node),
        "handoff" => hand_off(report, scope, &body, verb_node),
        "person" => person(report, scope, &body, verb_node),
        _ => report.words(verb_node).map(|outcome| {
            let say = scope.wording(report, entries, Place::Flow);
            Verb::End { outcome: outcome.to_owned(), say }
        }),
    };
    let (verb, go) = (verb?, go?);
    let next = match verb {
        Verb::End { .. } => None,
        Verb::Person { .. } => go.as_ref().map(|(step, _)| *step),
        _ => go.as_ref().map(|(step, _)| *step).or(below),
    };
    let step = Step { id: key.text.clone(), verb, next };
    whole.then_some(Read { step, key: key.span, go: go.map(|(_, span)| span) })
}

/// The one verb of a step.
fn find_verb<'n>(report: &mut Report<'_>, body: &Body<'n>) -> Option<(&'n str, &'n Node)> {
    let is_verb = |key: &Key| VERBS.contains(&key.text.as_str()) || VERBS_NOT_YET.contains(&key.text.as_str());
    let mut verbs = body.entries.iter().filter(|(key, _)| is_verb(key));
    let Some((key, node)) = verbs.next() else {
        if let Some((key, node)) = body.node.entry("say") {
            return Some((&key.text, node));
        }
        // A misspelt verb is better told as such than as a missing one.
        let known = [&VERBS[..], &["say"], KEYS].concat();
        if report.keys(body.entries, "steps", &known, &KEYS_NOT_YET) {
            report.error(body.key.span, &Problem::NoVerb);
        }
        return None;
    };
    if let Some((second, _)) = verbs.next() {
        report.error(second.span, &Problem::TwoVerbs(key.text.clone(), second.text.clone()));
        return None;
    }
    if VERBS_NOT_YET.contains(&key.text.as_str()) {
        report.error(key.span, &Problem::NotYet(key.text.clone()));
        return None;
    }
    Some((&key.text, node))
}

fn check_keys(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>, verb: &str) -> bool {
    let own: &[&str] = match verb {
        "say" => &["go", "then", "if", "buttons"],
        "ask" => &["go", "then", "when_known", "retry", "give_up", "missing", "unsure", "if_yes", "if_no", "choose"],
        "confirm" => &["go", "then", "ask_which", "if_yes", "retry", "give_up"],
        "branch" => &["go", "then"],
        "handoff" => &["go", "then", "send"],
        "person" => &["return_to"],
        _ => &[],
    };
    let mut known = vec![verb];
    known.extend(own);
    if verb != "branch" {
        known.push("say");
        known.extend(scope.channel_names());
    }
    let whole = report.keys(body.entries, verb, &known, &KEYS_NOT_YET);
    let worded = body.entries.iter().find(|(key, _)| scope.is_channel(&key.text));
    if let Some((key, _)) = worded
        && verb != "branch"
        && body.node.get("say").is_none()
    {
        report.error(key.span, &Problem::MissingKey("say"));
    }
    whole
}

/// Where `go`, `then` or `return_to` lead: `None` when that is wrong, `Some(None)` when there is none.
fn read_go(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>) -> Option<Option<(StepIx, Span)>> {
    let mut ways = body.entries.iter().filter(|(key, _)| matches!(key.text.as_str(), "go" | "then" | "return_to"));
    let Some((_, node)) = ways.next() else { return Some(None) };
    if let Some((second, _)) = ways.next() {
        report.error(second.span, &Problem::TwoWays);
    }
    scope.step(report, node).map(|step| Some((step, node.span)))
}

/// A step named under `key`: `None` when it is wrong, `Some(None)` when there is none.
fn way(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>, key: &str) -> Option<Option<StepIx>> {
    match body.node.get(key) {
        Some(node) => scope.step(report, node).map(Some),
        None => Some(None),
    }
}

fn required_say(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>) -> Option<Wording> {
    let say = scope.wording(report, body.entries, Place::Flow);
    if body.node.get("say").is_none() {
        report.error(body.key.span, &Problem::MissingKey("say"));
    }
    say
}

fn say(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>) -> Option<Verb> {
    let say = required_say(report, scope, body);
    let when = body.node.get("if").map(|node| scope.condition(report, node));
    let mut buttons = Vec::new();
    if let Some(list) = body.node.get("buttons") {
        for item in report.list(list, MOST_BUTTONS) {
            buttons.extend(scope.text(report, item, Place::Flow));
        }
    }
    let when = match when {
        Some(None) => return None,
        Some(condition) => condition,
        None => None,
    };
    Some(Verb::Say { say: say?, buttons, when, image: None })
}

fn retry(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>) -> Vec<Wording> {
    let Some(list) = body.node.get("retry") else { return Vec::new() };
    let items = report.list(list, MOST_TRIES);
    items.iter().filter_map(|item| scope.plain_wording(report, item, Place::Flow)).collect()
}

fn ask(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>, slot: &Node) -> Option<Verb> {
    let ix = scope.slot(report, slot);
    let say = required_say(report, scope, body);
    let when_known = body.node.get("when_known").and_then(|node| scope.plain_wording(report, node, Place::Flow));
    let texts = retry(report, scope, body);
    let give_up = way(report, scope, body, "give_up");
    let if_yes = way(report, scope, body, "if_yes");
    let if_no = way(report, scope, body, "if_no");
    let ix = ix?;
    let slot = &scope.slots[ix.0];
    check_types(report, scope, body, ix);
    let (missing, unsure) = address_questions(report, scope, body, ix);
    let choose = read_choose(report, scope, body, ix);
    Some(Verb::Ask(Box::new(Ask {
        slot: ix,
        say: say?,
        when_known: when_known.or_else(|| slot.private.then(|| house::when_known(slot))),
        retry: if texts.is_empty() { house::retry(slot.kind) } else { texts },
        give_up: give_up?,
        missing,
        unsure,
        if_yes: if_yes?,
        if_no: if_no?,
        choose: choose?,
        interruptible: true,
        also: Vec::new(),
        optional: false,
        silence: None,
    })))
}

/// Reports keys that go with another type than the slot's.
fn check_types(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>, ix: SlotIx) {
    for (key, _) in body.entries {
        let wanted: &[SlotType] = match key.text.as_str() {
            "if_yes" | "if_no" => &[SlotType::YesNo, SlotType::Consent],
            "choose" => &[SlotType::Choice],
            "missing" | "unsure" => &[SlotType::Address],
            _ => continue,
        };
        scope.must_be(report, key.span, ix, wanted);
    }
}

type AddressQuestions = (BTreeMap<crate::domain::address::AddressPart, Wording>, Option<Wording>);

/// `missing` and `unsure`, completed by the house's own questions; empty for other slots than addresses.
fn address_questions(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>, ix: SlotIx) -> AddressQuestions {
    let slot = &scope.slots[ix.0];
    let mut missing = BTreeMap::new();
    if slot.kind != SlotType::Address {
        return (missing, None);
    }
    if let Some(node) = body.node.get("missing") {
        let entries = report.map(node, PARTS.len() + 1);
        report.keys(entries, "missing", &PARTS.map(|(name, _)| name), &[]);
        for (name, part) in PARTS {
            let wording = node.get(name).and_then(|node| scope.plain_wording(report, node, Place::Flow));
            missing.extend(wording.map(|wording| (part, wording)));
        }
    }
    for (_, part) in PARTS {
        missing.entry(part).or_insert_with(|| house::missing(slot, part));
    }
    let unsure = body.node.get("unsure").and_then(|node| scope.plain_wording(report, node, Place::Unsure(ix)));
    (missing, Some(unsure.unwrap_or_else(|| house::unsure(slot))))
}

fn read_choose(
    report: &mut Report<'_>,
    scope: &Scope<'_>,
    body: &Body<'_>,
    ix: SlotIx,
) -> Option<BTreeMap<String, StepIx>> {
    let mut choose = BTreeMap::new();
    let slot = &scope.slots[ix.0];
    let Some(node) = body.node.get("choose") else { return Some(choose) };
    let entries = report.map(node, MOST_WAYS);
    for (key, target) in entries {
        if slot.kind == SlotType::Choice {
            scope.check_option(report, key.span, slot, &key.text);
        }
        let step = scope.step(report, target);
        choose.extend(step.map(|step| (key.text.clone(), step)));
    }
    (choose.len() == entries.len()).then_some(choose)
}

fn confirm(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>, list: &Node) -> Option<Verb> {
    let slots = report.list(list, MOST_SLOTS).iter().filter_map(|item| scope.filled_slot(report, item)).collect();
    let say = scope.wording(report, body.entries, Place::Flow);
    let ask_which = body.node.get("ask_which").and_then(|node| scope.plain_wording(report, node, Place::Flow));
    let texts = retry(report, scope, body);
    let if_yes = way(report, scope, body, "if_yes");
    let give_up = way(report, scope, body, "give_up");
    Some(Verb::Confirm(Box::new(Confirm {
        slots,
        say: say.unwrap_or_else(house::confirm),
        ask_which: Some(ask_which.unwrap_or_else(house::ask_which)),
        if_yes: if_yes?,
        retry: if texts.is_empty() { house::confirm_retry() } else { texts },
        give_up: give_up?,
    })))
}

fn branch(report: &mut Report<'_>, scope: &Scope<'_>, list: &Node) -> Option<Verb> {
    let items = report.list(list, MOST_WAYS);
    let ways: Vec<_> = items.iter().filter_map(|item| branch_way(report, scope, item)).collect();
    (ways.len() == items.len()).then_some(Verb::Branch(ways))
}

fn branch_way(report: &mut Report<'_>, scope: &Scope<'_>, item: &Node) -> Option<(Condition, StepIx)> {
    let entries = report.map(item, usize::MAX);
    item.map()?;
    report.keys(entries, "branch", &["when", "go"], &[]);
    let when = match item.get("when") {
        Some(node) => scope.condition(report, node),
        None => {
            report.error(item.span, &Problem::MissingKey("when"));
            None
        }
    };
    let Some(go) = item.get("go") else {
        report.error(item.span, &Problem::MissingKey("go"));
        return None;
    };
    let go = scope.step(report, go);
    Some((when?, go?))
}

fn hand_off(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>, node: &Node) -> Option<Verb> {
    let name = report.words(node)?;
    let kind = TicketKind::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    if kind.is_none() {
        let problem = Problem::Unknown(Thing::TicketKind, name.to_owned());
        report.unknown(node.span, &problem, name, TicketKind::ALL.iter().map(|(known, _)| *known));
    }
    let say = scope.wording(report, body.entries, Place::Flow);
    let send = match body.node.get("send") {
        Some(node) if node.map().is_some() => send_map(report, scope, node),
        Some(node) => send_list(report, scope, node, kind),
        None => HandOffSlots::default(),
    };
    Some(Verb::HandOff { kind: kind?, send, say })
}

fn send_map(report: &mut Report<'_>, scope: &Scope<'_>, node: &Node) -> HandOffSlots {
    const NAMED: [&str; 6] = ["subscriber", "phone", "name", "place", "quarantine", "slots"];
    let mut send = HandOffSlots::default();
    let entries = report.map(node, usize::MAX);
    report.keys(entries, "send", &NAMED, &[]);
    for (key, node) in entries {
        let mut slot = |wanted: &[SlotType]| {
            let ix = scope.filled_slot(report, node)?;
            scope.must_be(report, node.span, ix, wanted).then_some(ix)
        };
        match key.text.as_str() {
            "subscriber" => send.subscriber = slot(&[SlotType::Phone]),
            "phone" => send.phone = slot(&[SlotType::Phone]),
            "name" => send.name = slot(&[SlotType::Name, SlotType::Text]),
            "place" => send.place = slot(&[SlotType::Address]),
            "quarantine" => send.quarantine = slot(&[SlotType::YesNo]),
            "slots" => {
                let items = report.list(node, MOST_SLOTS);
                send.slots = items.iter().filter_map(|item| scope.filled_slot(report, item)).collect();
            }
            _ => {}
        }
    }
    send
}

/// A list: its phone and its address find their places by their types.
fn send_list(report: &mut Report<'_>, scope: &Scope<'_>, node: &Node, kind: Option<TicketKind>) -> HandOffSlots {
    let mut send = HandOffSlots::default();
    for item in report.list(node, MOST_SLOTS) {
        let Some(ix) = scope.filled_slot(report, item) else { continue };
        let (place, name) = match scope.slots[ix.0].kind {
            SlotType::Phone if kind == Some(TicketKind::Advice) => (&mut send.phone, "phone"),
            SlotType::Phone => (&mut send.subscriber, "phone"),
            SlotType::Address => (&mut send.place, "address"),
            _ => {
                send.slots.push(ix);
                continue;
            }
        };
        if place.replace(ix).is_some() {
            report.error(item.span, &Problem::TwoOfAType(name));
        }
    }
    send
}

fn person(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>, node: &Node) -> Option<Verb> {
    let queue = if node.is_null() { None } else { Some(scope.queue(report, node)?) };
    let say = scope.wording(report, body.entries, Place::Flow);
    Some(Verb::Person { queue, say, if_unavailable: None })
}
