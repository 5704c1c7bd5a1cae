//! A ticket as the API, the webhooks and the console show it.

use serde_json::{Map, Value, json};

use crate::domain::slot;
use crate::domain::ticket::{Change, Course, Ticket, TicketRequest};

/// The ticket as JSON. Without `personal`, no name, number, street or typed text is in it.
pub fn view(ticket: &Ticket, personal: bool) -> Value {
    let request = &ticket.request;
    let mut view = json!({
        "id": ticket.id,
        "kind": request.kind,
        "status": ticket.status,
        "source": ticket.source,
        "conversation": ticket.conversation,
        "place": place(request, personal),
        "slots": slots(&request.slots, personal),
        "quarantine": request.quarantine,
        "unit": {"id": ticket.unit.id, "kind": ticket.unit.kind, "name": ticket.unit.name},
        "why": ticket.why,
        "created_at": ticket.created_at.to_rfc3339(),
    });
    course(&ticket.course, &mut view);
    if personal && let Value::Object(view) = &mut view {
        let phone = request.contact.phone.as_ref().map(|phone| phone.e164());
        view.insert("contact".to_owned(), json!({"name": request.contact.name, "phone": phone}));
        view.insert("subscriber".to_owned(), json!(request.subscriber.as_ref().map(|phone| phone.e164())));
        if !request.transcript.is_empty() {
            view.insert("transcript".to_owned(), json!(request.transcript));
        }
    }
    view
}

/// What there is to say of a ticket's course.
fn course(course: &Course, view: &mut Value) {
    let mut say = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            view[name] = value;
        }
    };
    say("through", course.through.as_ref().map(|unit| json!({"id": unit.id, "name": unit.name})));
    say("offer_until", course.offer_until.map(|until| json!(until.to_rfc3339())));
    say("appointment", course.appointment.as_ref().map(|window| json!(window.plain())));
    say("escalated", course.escalated.as_ref().map(|unit| json!(unit)));
    say("paused", course.paused.then_some(json!(true)));
    say("tried", (!course.tried.is_empty()).then(|| json!(course.tried)));
    say("links", (!course.links.is_empty()).then(|| json!(course.links)));
}

/// A line of a ticket's history as JSON. Without `personal`, nothing that somebody wrote is in it.
pub fn change(change: &Change, personal: bool) -> Value {
    let shown = if personal { change.clone() } else { change.clone().blanked() };
    let mut view = json!(shown);
    view["at"] = json!(change.at.to_rfc3339());
    view
}

/// What is asked for, as JSON, with everything personal in it: for the author who tries a flow.
pub fn request(request: &TicketRequest) -> Value {
    json!({
        "subscriber": request.subscriber.as_ref().map(|phone| phone.e164()),
        "phone": request.contact.phone.as_ref().map(|phone| phone.e164()),
        "place": place(request, true),
        "quarantine": request.quarantine,
        "slots": slots(&request.slots, true),
    })
}

fn place(request: &TicketRequest, personal: bool) -> Value {
    let Some(address) = &request.place else { return Value::Null };
    let mut place = json!({"province": address.province, "ward": address.ward});
    if personal && let Value::Object(place) = &mut place {
        place.insert("street".to_owned(), json!(address.street));
        place.insert("text".to_owned(), json!(address.text));
        place.insert("label".to_owned(), json!(address.label));
    }
    place
}

/// Slots by name; a yes/no as `yes` or `no`, a choice as its key. Free text is personal.
fn slots(slots: &slot::Slots, personal: bool) -> Map<String, Value> {
    slots
        .iter()
        .filter(|(_, value)| personal || !value.is_personal())
        .map(|(name, value)| (name.clone(), Value::String(value.plain())))
        .collect()
}
