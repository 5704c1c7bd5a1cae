//! Reads `handoff:`.

use super::super::super::source::Node;
use super::super::super::{HandOffSlots, Verb};
use super::super::problem::{Problem, Thing};
use super::super::report::Report;
use super::super::scope::{Place, Scope};
use super::{Body, MOST_SLOTS};
use crate::domain::slot::SlotType;
use crate::domain::ticket::TicketKind;

/// The keys of `send`.
pub(in crate::flow) const SEND_KEYS: [&str; 6] = ["subscriber", "phone", "name", "place", "quarantine", "slots"];

pub(super) fn hand_off(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>, node: &Node) -> Option<Verb> {
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
    let mut send = HandOffSlots::default();
    let entries = report.map(node, usize::MAX);
    report.keys(entries, "send", &SEND_KEYS);
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
