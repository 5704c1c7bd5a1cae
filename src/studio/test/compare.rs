//! Whether what came is what is demanded.

use std::collections::BTreeMap;

use super::Came;
use super::shown;
use crate::domain::address::Address;
use crate::domain::session::Waiting;
use crate::domain::slot::{SlotType, Value};
use crate::domain::ticket::TicketRequest;
use crate::engine::{CallRequest, Effect};
use crate::flow::{HandOffSlots, SlotIx, Verb};
use crate::studio::said::{Said, Speaker};
use crate::studio::script::{Held, Spoken, Text};
use crate::text;

impl Came<'_> {
    /// Whether exactly these spoke, in this order. The house's own sentences and interrupts without words
    /// may be listed, and may be left out.
    pub(super) fn is_spoken(&self, wanted: &[Spoken]) -> bool {
        let mut wanted = wanted.iter().peekable();
        for said in self.said {
            match wanted.next_if(|spoken| self.fits(spoken, said)) {
                Some(_) => {}
                None if said.must_be_listed() => return false,
                None => {}
            }
        }
        wanted.next().is_none()
    }

    fn fits(&self, wanted: &Spoken, said: &Said) -> bool {
        let by = match (&wanted.interrupt, wanted.reminder, &wanted.at) {
            (Some(name), ..) => said.by == Speaker::Interrupt(name.clone()),
            (None, Some(n), _) => said.by == Speaker::Reminder(n),
            (None, None, Some(step)) => said.by == Speaker::Step(step.clone()),
            (None, None, None) => true,
        };
        by && wanted.at.as_ref().is_none_or(|step| *step == said.step)
            && wanted.asks_for.is_none_or(|part| self.asks_for() == Some(part))
            && wanted.text.as_ref().is_none_or(|text| says(said, text))
            && wanted.buttons.as_ref().is_none_or(|titles| *titles == shown::titles(said))
            && wanted.slots.iter().all(|(name, held)| self.value(name).is_some_and(|value| holds(value, held)))
    }

    /// The part of an address that the waiting question is about.
    pub(super) fn asks_for(&self) -> Option<crate::domain::address::AddressPart> {
        match &self.play.session()?.waiting {
            Waiting::Part { part, .. } => Some(*part),
            _ => None,
        }
    }

    /// What a slot holds, the address that is being completed among them.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        if let Some(session) = self.play.session()
            && let Waiting::Part { so_far, .. } = &session.waiting
            && let Some(flow) = self.play.stage().flows.flows.get(&session.flow)
            && let Some(step) = flow.find(&session.step)
            && let Verb::Ask(ask) = &flow.step(step).verb
            && flow.slot(ask.slot).name == name
        {
            return Some(Value::Address(so_far.clone()));
        }
        self.play.known().get(name).cloned()
    }

    fn effects(&self) -> impl Iterator<Item = &Effect> {
        self.moments.iter().flat_map(|moment| &moment.effects)
    }

    pub(super) fn persons(&self) -> Vec<String> {
        let queue = |effect: &Effect| match effect {
            Effect::Person { queue } => Some(queue.clone()),
            _ => None,
        };
        self.effects().filter_map(queue).collect()
    }

    pub(super) fn outcomes(&self) -> Vec<String> {
        let outcome = |effect: &Effect| match effect {
            Effect::Ended { outcome, .. } => Some(outcome.clone()),
            _ => None,
        };
        self.effects().filter_map(outcome).collect()
    }

    /// `None` where such a ticket was made, else what was.
    pub(super) fn handed_off(&self, kind: &str, has: &[String]) -> Option<String> {
        let made: Vec<(&str, Vec<String>)> = self
            .effects()
            .filter_map(|effect| match effect {
                Effect::HandOff(request) => Some((request.kind.name(), self.slots_of(request))),
                _ => None,
            })
            .collect();
        let is_it = |(made, slots): &(&str, Vec<String>)| *made == kind && has.iter().all(|slot| slots.contains(slot));
        if made.iter().any(is_it) {
            return None;
        }
        let shown = made.iter().map(|(kind, slots)| format!("handoff: {{kind: {kind}, has: {}}}", shown::list(slots)));
        let shown: Vec<String> = shown.collect();
        Some(if shown.is_empty() { "handoff: []".to_owned() } else { shown.join(", ") })
    }

    /// The slots that a ticket holds: those its step sends and that hold something.
    fn slots_of(&self, request: &TicketRequest) -> Vec<String> {
        let flows = &self.play.stage().flows.flows;
        let passed = self.moments.iter().flat_map(|moment| &moment.trace);
        let mut slots = Vec::new();
        for trace in passed {
            let Some(flow) = flows.get(&trace.flow) else { continue };
            let Some(step) = flow.find(&trace.step) else { continue };
            let Verb::HandOff { kind, send, .. } = &flow.step(step).verb else { continue };
            if *kind == request.kind {
                let names = filled(send, request).into_iter().map(|ix| flow.slot(ix).name.clone());
                slots.extend(names);
            }
        }
        slots.dedup();
        slots
    }

    /// `None` where the service was called so, else what was.
    pub(super) fn called(&self, service: &str, send: &BTreeMap<String, String>) -> Option<String> {
        let calls: Vec<&CallRequest> = self
            .effects()
            .filter_map(|effect| match effect {
                Effect::Call(call) => Some(call.as_ref()),
                _ => None,
            })
            .collect();
        let is_it = |call: &&CallRequest| {
            call.service == service && send.iter().all(|(field, value)| sent(call, field).as_ref() == Some(value))
        };
        if calls.iter().any(is_it) {
            return None;
        }
        let shown = calls.iter().map(|call| {
            let fields = call.send.keys().filter_map(|field| Some((field.clone(), sent(call, field)?))).collect();
            format!("call: {{service: {}, send: {}}}", call.service, shown::map(&fields))
        });
        let shown: Vec<String> = shown.collect();
        Some(if shown.is_empty() { "call: []".to_owned() } else { shown.join(", ") })
    }
}

fn sent(call: &CallRequest, field: &str) -> Option<String> {
    match call.send.get(field)? {
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// The slots of a hand-off that its ticket holds.
fn filled(send: &HandOffSlots, request: &TicketRequest) -> Vec<SlotIx> {
    let parts = [
        (send.subscriber, request.subscriber.is_some()),
        (send.phone, request.contact.phone.is_some()),
        (send.name, request.contact.name.is_some()),
        (send.place, request.place.is_some()),
        // A ticket says yes or no to it, whatever was asked.
        (send.quarantine, true),
    ];
    let parts = parts.into_iter().filter(|(_, is_filled)| *is_filled).filter_map(|(slot, _)| slot);
    let mut slots: Vec<SlotIx> = parts.chain(send.slots.iter().copied()).collect();
    slots.dedup();
    slots
}

fn says(said: &Said, wanted: &Text) -> bool {
    match wanted {
        Text::Exact(text) => said.texts.contains(text) || said.text() == *text,
        Text::Matching(pattern) => pattern.is_match(&said.text()),
    }
}

fn holds(value: Value, wanted: &Held) -> bool {
    match (value, wanted) {
        (Value::Address(address), Held::Parts(parts)) => {
            parts.iter().all(|(part, wanted)| shown::part(&address, *part) == Some(wanted.as_str()))
        }
        (_, Held::Parts(_)) => false,
        (Value::Phone(phone), Held::Value(wanted)) => text::phone::read(wanted).phone.as_ref() == Some(&phone),
        (Value::Address(address), Held::Value(wanted)) => is_address(&address, wanted),
        (Value::Date(day), Held::Value(wanted)) if day.shown() == *wanted => true,
        (Value::TimeWindow(window), Held::Value(wanted)) if window.shown() == *wanted => true,
        (value, Held::Value(wanted)) => value.plain() == *wanted || is_yes_or_no(&value, wanted),
    }
}

fn is_address(address: &Address, wanted: &str) -> bool {
    address.one_line() == wanted || address.label == wanted
}

/// A yes/no may be written as people say it.
fn is_yes_or_no(value: &Value, wanted: &str) -> bool {
    value.fits(SlotType::YesNo)
        && match text::yes_no::read(wanted) {
            text::yes_no::YesNo::Yes => *value == Value::YesNo(true),
            text::yes_no::YesNo::No => *value == Value::YesNo(false),
            text::yes_no::YesNo::Ask | text::yes_no::YesNo::None => false,
        }
}
