//! Zalo's events: one a payload, named by `event_name`. Sources: `webhooks/zalo/README.md`.

use serde_json::Value;

use crate::channel::wire::{coordinates, fingerprint, id, label, link, moment, object, words};
use crate::channel::{Reading, RejectError};
use crate::domain::contact::ContactKey;
use crate::domain::id::{AccountId, ChannelName, ContactId};
use crate::domain::message::{Event, Inbound};
use crate::domain::time::Timestamp;

/// What happened, or the name under which it is counted as ignored.
type Found = Result<Event, String>;

/// One payload's reader.
pub(super) struct Reader<'a> {
    pub(super) name: &'a ChannelName,
    pub(super) oa: &'a AccountId,
    pub(super) now: Timestamp,
}

/// Where an event names its contact.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Contact {
    /// The contact acted: `sender.id`, with our account in `recipient.id`.
    Sender,
    /// We acted: the other way round.
    Recipient,
    /// Sources disagree: whichever of the two is not our account.
    Other,
    /// News about the contact: `follower.id` or `user_id`, with our account in `oa_id`.
    Flat,
}

impl Reader<'_> {
    /// The one event.
    pub(super) fn read(&self, body: &[u8]) -> Result<Reading, RejectError> {
        let event = object(body).ok_or(RejectError::Malformed)?;
        let found = self.event(&event);
        Ok(found.map_or_else(|ignored| Reading::Ignored { ignored }, Reading::Inbound))
    }

    fn event(&self, event: &Value) -> Result<Inbound, String> {
        let name = event["event_name"].as_str().unwrap_or_default();
        let (kind, side) = kind(name).ok_or_else(|| label(if name.is_empty() { "event_name" } else { name }))?;
        let contact = self.contact(event, side).ok_or_else(|| format!("{name}.contact"))?;
        let happened = happened(name, kind, event)?;
        let id = format!("{kind}:{}", unique(kind, event));
        let key = ContactKey { channel: self.name.clone(), account: self.oa.clone(), contact };
        Ok(Inbound { key, id, alias: None, at: moment(event, "/timestamp", self.now), event: happened })
    }

    /// The contact, when the event is between them and our account.
    fn contact(&self, event: &Value, side: Contact) -> Option<ContactId> {
        let (sender, recipient) = (id(event, "/sender/id"), id(event, "/recipient/id"));
        let (contact, account) = match side {
            Contact::Sender => (sender, recipient),
            Contact::Recipient => (recipient, sender),
            Contact::Other if sender.as_deref() == Some(self.oa.as_str()) => (recipient, sender),
            Contact::Other => (sender, recipient),
            // A request for erasure names no account; the app has this one only.
            Contact::Flat => {
                let contact = id(event, "/follower/id").or_else(|| id(event, "/user_id")).or(sender);
                (contact, id(event, "/oa_id").or(recipient).or_else(|| Some(self.oa.as_str().to_owned())))
            }
        };
        let contact = contact.filter(|contact| contact != self.oa.as_str())?;
        (account? == self.oa.as_str()).then(|| ContactId::new(contact))
    }
}

/// The start of the event's id, and where its contact is; `None` for what is not between one contact and us:
/// groups, anonymous visitors (who cannot be answered without their conversation's id), calls, quotas.
fn kind(name: &str) -> Option<(&'static str, Contact)> {
    Some(match name {
        "user_send_text"
        | "user_send_image"
        | "user_send_gif"
        | "user_send_link"
        | "user_send_audio"
        | "user_send_video"
        | "user_send_sticker"
        | "user_send_location"
        | "user_send_business_card"
        | "user_send_file" => ("m", Contact::Sender),
        "oa_send_text" | "oa_send_image" | "oa_send_gif" | "oa_send_list" | "oa_send_file" | "oa_send_sticker" => {
            ("echo", Contact::Recipient)
        }
        "user_submit_info" => ("info", Contact::Sender),
        "user_reacted_message" => ("reaction", Contact::Sender),
        "user_seen_message" => ("read", Contact::Other),
        "user_received_message" => ("delivered", Contact::Other),
        "follow" => ("follow", Contact::Flat),
        "unfollow" => ("unfollow", Contact::Flat),
        "user_click_chatnow" => ("chatnow", Contact::Flat),
        "user_withdraw" => ("withdraw", Contact::Flat),
        _ => return None,
    })
}

fn happened(name: &str, kind: &str, event: &Value) -> Found {
    Ok(match kind {
        "m" => said(name, &event["message"])?,
        "echo" => echo(event)?,
        "info" => details(&event["info"]),
        // A paid template's receipt: a notification, not the chat.
        "delivered" if !event["message"]["tracking_id"].is_null() => return Err(format!("{name}.tracking_id")),
        "read" | "delivered" | "reaction" => Event::Receipt { status: kind.to_owned() },
        "unfollow" => Event::Left,
        "withdraw" => Event::Withdraw,
        _ => Event::Open { reference: None },
    })
}

/// What makes the event unique within its kind: the message's id where there is one; of a follow the time,
/// which every retry repeats; else the content.
fn unique(kind: &str, event: &Value) -> String {
    let message = || id(event, "/message/msg_id").or_else(|| id(event, "/message/message_id"));
    let unique = match kind {
        "m" | "echo" | "delivered" => message(),
        "follow" | "unfollow" | "chatnow" | "withdraw" => id(event, "/timestamp"),
        _ => None,
    };
    unique.unwrap_or_else(|| fingerprint(event))
}

/// One message is one event, so that it is answered once: a place, else words (a tapped button comes as
/// words too), else what came along.
fn said(name: &str, message: &Value) -> Found {
    let kind = name.trim_start_matches("user_send_");
    let payload = message.pointer("/attachments/0/payload").unwrap_or(&Value::Null);
    let place = || place(payload).or_else(|| place(message));
    let media = |kind: &str| Event::Media { media: kind.to_owned(), url: link(payload, "/url") };
    match (kind, words(message, "/text")) {
        ("location", _) => {
            let place = place().map(|(latitude, longitude)| Event::Location { latitude, longitude });
            Ok(place.unwrap_or(Event::Media { media: "other".to_owned(), url: None }))
        }
        // A card with a number is as good as the number typed.
        ("business_card", _) => {
            let phone = card_phone(payload).map(|text| Event::Text { text });
            Ok(phone.unwrap_or(Event::Media { media: "other".to_owned(), url: None }))
        }
        ("sticker", _) => Ok(media(kind)),
        (_, Some(text)) => Ok(Event::Text { text }),
        ("text", None) => Err(name.to_owned()),
        ("gif", None) => Ok(media("image")),
        (kind, None) => Ok(media(kind)),
    }
}

/// The official shape has strings under `coordinates`; others have been seen.
fn place(value: &Value) -> Option<(f64, f64)> {
    let places = [value.get("coordinates"), value.get("location"), Some(value)];
    places.into_iter().flatten().find_map(|place| {
        coordinates(place.get("latitude"), place.get("longitude"))
            .or_else(|| coordinates(place.get("lat"), place.get("long")))
    })
}

/// The description of a card is JSON within a string.
fn card_phone(payload: &Value) -> Option<String> {
    let card = object(payload["description"].as_str()?.as_bytes())?;
    id(&card, "/phone")
}

/// What our account said: a person of ours, when the event names one, else we.
fn echo(event: &Value) -> Found {
    if !event["sender"]["admin_id"].is_null() {
        // No words when it was a picture.
        return Ok(Event::StaffSaid { text: words(event, "/message/text").unwrap_or_default() });
    }
    let of = id(event, "/message/msg_id").or_else(|| id(event, "/message/message_id"));
    of.map(|of| Event::Echo { of, tag: None }).ok_or_else(|| "echo".to_owned())
}

/// The details form, as of 2026 and as before: only the older one has a district.
fn details(info: &Value) -> Event {
    let newer = ["/full_address/user_address", "/full_address/user_ward", "/full_address/user_city"];
    let older = ["/address", "/ward", "/district", "/city"];
    let line = |parts: &[&str]| {
        let parts: Vec<String> = parts.iter().filter_map(|part| words(info, part)).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    };
    Event::Details {
        name: words(info, "/name"),
        phone: id(info, "/phone"),
        address: line(&newer).or_else(|| line(&older)),
    }
}
