//! Reads `ask:` and `confirm:`, the steps that wait for what the contact says.

use std::collections::BTreeMap;

use super::super::super::source::Node;
use super::super::super::{Ask, Confirm, SlotIx, StepIx, Verb, Wording};
use super::super::problem::Problem;
use super::super::report::Report;
use super::super::scope::{Place, Scope};
use super::super::slot::PARTS;
use super::super::{house, silence};
use super::{Body, MOST_SLOTS, MOST_WAYS, retry, way};
use crate::domain::address::AddressPart;
use crate::domain::slot::SlotType;

pub(super) fn ask(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>, slot: &Node) -> Option<Verb> {
    let ix = scope.slot(report, slot);
    let question = ix.map(|ix| &scope.questions[ix.0]);
    let say = scope.wording(report, body.entries, Place::Flow);
    let say = say.or_else(|| question.and_then(|question| question.say.clone()));
    let when_known = body.node.get("when_known").and_then(|node| scope.plain_wording(report, node, Place::Flow));
    let texts = retry(report, scope, body.node);
    let give_up = way(report, scope, body.node, "give_up");
    let if_yes = way(report, scope, body.node, "if_yes");
    let if_no = way(report, scope, body.node, "if_no");
    let silence = silence::of_question(report, scope, body.node);
    let mut flag = |key, otherwise| body.node.get(key).map_or(otherwise, |node| report.flag(node));
    let (interruptible, optional) = (flag("interruptible", true), flag("optional", false));
    let (ix, question) = (ix?, question?);
    if say.is_none() && body.node.get("say").is_none() {
        report.error(body.key.span, &Problem::MissingKey("say"));
    }
    let slot = &scope.slots[ix.0];
    check_types(report, scope, body, ix);
    let also = also(report, scope, body, ix);
    let (missing, unsure) = address_questions(report, scope, body, ix);
    let choose = read_choose(report, scope, body, ix);
    let texts = if texts.is_empty() { question.retry.clone() } else { texts };
    Some(Verb::Ask(Box::new(Ask {
        slot: ix,
        say: say?,
        when_known: when_known.or_else(|| slot.private.then(|| house::when_known(slot))),
        retry: if texts.is_empty() { house::retry(slot.kind) } else { texts },
        give_up: give_up?.or(question.give_up?),
        missing,
        unsure,
        if_yes: if_yes?,
        if_no: if_no?,
        choose: choose?,
        interruptible,
        also,
        optional,
        silence: silence?,
    })))
}

/// The slots that the same answer may fill. Free words would swallow the rest of any answer, and an
/// agreement needs a question of its own.
fn also(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>, asked: SlotIx) -> Vec<SlotIx> {
    const BESIDE: [SlotType; 7] = [
        SlotType::Phone,
        SlotType::Choice,
        SlotType::TimeWindow,
        SlotType::Address,
        SlotType::Date,
        SlotType::Number,
        SlotType::Email,
    ];
    let Some(list) = body.node.get("also") else { return Vec::new() };
    let mut also = Vec::new();
    for item in report.list(list, MOST_SLOTS) {
        let Some(ix) = scope.slot(report, item) else { continue };
        let fits = BESIDE.contains(&scope.slots[ix.0].kind);
        if !fits {
            let slot = scope.slots[ix.0].name.clone();
            let wanted = "phone, choice, time_window, address, date, number, email";
            report.error(item.span, &Problem::WrongSlotType { slot, wanted });
        } else if ix != asked && !also.contains(&ix) {
            also.push(ix);
        }
    }
    also
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

type AddressQuestions = (BTreeMap<AddressPart, Wording>, Option<Wording>);

/// `missing` and `unsure`, completed by the house's own questions; empty for other slots than addresses.
fn address_questions(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>, ix: SlotIx) -> AddressQuestions {
    let slot = &scope.slots[ix.0];
    let mut missing = BTreeMap::new();
    if slot.kind != SlotType::Address {
        return (missing, None);
    }
    if let Some(node) = body.node.get("missing") {
        let entries = report.map(node, PARTS.len() + 1);
        report.keys(entries, "missing", &PARTS.map(|(name, _)| name));
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

pub(super) fn confirm(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>, list: &Node) -> Option<Verb> {
    let slots = report.list(list, MOST_SLOTS).iter().filter_map(|item| scope.filled_slot(report, item)).collect();
    let say = scope.wording(report, body.entries, Place::Flow);
    let ask_which = body.node.get("ask_which").and_then(|node| scope.plain_wording(report, node, Place::Flow));
    let texts = retry(report, scope, body.node);
    let if_yes = way(report, scope, body.node, "if_yes");
    let give_up = way(report, scope, body.node, "give_up");
    Some(Verb::Confirm(Box::new(Confirm {
        slots,
        say: say.unwrap_or_else(house::confirm),
        ask_which: Some(ask_which.unwrap_or_else(house::ask_which)),
        if_yes: if_yes?,
        retry: if texts.is_empty() { house::confirm_retry() } else { texts },
        give_up: give_up?,
    })))
}
