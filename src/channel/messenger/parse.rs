//! Messenger's events, read one by one. A payload holds entries of several pages, each with several events;
//! the kind of an event is the name of the field it has. Sources: `webhooks/messenger/README.md`.

use serde_json::Value;

use super::{GET_STARTED, Settings, USER_REF};
use crate::channel::wire::{coordinates, fingerprint, flag, id, label, link, moment, number, object, words};
use crate::channel::{Reading, RejectError};
use crate::domain::contact::ContactKey;
use crate::domain::id::{AccountId, ChannelName, ContactId};
use crate::domain::message::{Event, Inbound};
use crate::domain::time::Timestamp;

/// Most events of one payload: Meta batches up to a thousand.
const EVENTS: usize = 1_000;
/// Most attachments looked at in one message.
const ATTACHMENTS: usize = 30;
/// The three sizes of the thumbs-up beside the text box.
const THUMBS_UP: [&str; 3] = ["369239263222822", "369239343222814", "369239383222810"];
/// The fields that name an event's kind and are understood.
const KINDS: [&str; 11] = [
    "message",
    "message_edit",
    "postback",
    "referral",
    "optin",
    "delivery",
    "read",
    "reaction",
    "pass_thread_control",
    "take_thread_control",
    "policy_enforcement",
];

/// What happened with the ids that make it unique; or the name under which it is counted as ignored.
type Found = Result<Vec<(String, Event)>, String>;

/// One payload's reader.
pub(super) struct Reader<'a> {
    pub(super) name: &'a ChannelName,
    pub(super) settings: &'a Settings,
    pub(super) now: Timestamp,
}

impl Reader<'_> {
    /// Every event of every entry, in the payload's order.
    pub(super) fn read(&self, body: &[u8]) -> Result<Vec<Reading>, RejectError> {
        let payload = object(body).ok_or(RejectError::Malformed)?;
        if payload["object"] != "page" {
            let object = payload["object"].as_str().unwrap_or("none");
            return Ok(vec![ignored(format!("object.{}", label(object)))]);
        }
        let mut readings = Vec::new();
        for entry in list(&payload, "entry") {
            let page = id(entry, "/id").map(AccountId::new).filter(|page| self.settings.pages.contains(page));
            for (field, standby) in [("messaging", false), ("standby", true)] {
                for event in list(entry, field) {
                    match &page {
                        Some(page) => readings.extend(self.event(page, event, standby)),
                        None => readings.push(ignored("account".to_owned())),
                    }
                }
            }
            // Comments on posts, and the Test button of Meta's page with its invented contact.
            let fields = list(entry, "changes").iter().map(|change| change["field"].as_str().unwrap_or_default());
            readings.extend(fields.map(|field| ignored(format!("changes.{}", label(field)))));
            if readings.len() > EVENTS {
                return Err(RejectError::Malformed);
            }
        }
        Ok(readings)
    }

    fn event(&self, page: &AccountId, event: &Value, standby: bool) -> Vec<Reading> {
        let Some(kind) = KINDS.into_iter().find(|kind| event[*kind].is_object()) else {
            return vec![ignored(unknown(event))];
        };
        let content = &event[kind];
        let echo = kind == "message" && flag(content, "/is_echo");
        let Some(contact) = contact(event, content, if echo { "recipient" } else { "sender" }) else {
            return vec![ignored(format!("{kind}.contact"))];
        };
        if contact.as_str() == page.as_str() {
            return vec![ignored(format!("{kind}.own"))];
        }
        let mut found = match self.kind(kind, event) {
            Ok(found) => found,
            Err(name) => return vec![ignored(name)],
        };
        if standby && !echo && matches!(kind, "message" | "postback" | "referral" | "optin") {
            // What comes on standby shows that somebody else has the thread: say so first, so that it is
            // recorded and not answered.
            let first = found.first().map_or(String::new(), |(id, _)| format!("standby:{id}"));
            found.insert(0, (first, Event::Control { bot: false }));
        }
        let at = match kind {
            "delivery" if event["timestamp"].is_null() => moment(content, "/watermark", self.now),
            _ => moment(event, "/timestamp", self.now),
        };
        let key = ContactKey { channel: self.name.clone(), account: page.clone(), contact };
        found
            .into_iter()
            .map(|(id, event)| Reading::Inbound(Inbound { key: key.clone(), id, alias: None, at, event }))
            .collect()
    }

    fn kind(&self, kind: &str, event: &Value) -> Found {
        let content = &event[kind];
        let print = || fingerprint(event);
        match kind {
            "message" if flag(content, "/is_deleted") => match id(content, "/mid") {
                Some(mid) => one(format!("unsend:{mid}"), Event::Unsend { of: mid }),
                None => Err("message.is_deleted".to_owned()),
            },
            "message" if flag(content, "/is_echo") => self.echo(content, print),
            "message" => message(content, print),
            "message_edit" => edit(content),
            "postback" => postback(content, print),
            "referral" => one(format!("referral:{}", print()), open(content, "/ref")),
            "optin" => match content["type"].as_str() {
                Some(topic) => Err(format!("optin.{}", label(topic))),
                None => one(format!("optin:{}", print()), open(content, "/ref")),
            },
            "delivery" => status("delivered", &id(content, "/watermark").unwrap_or_else(print)),
            "read" => status("read", &id(content, "/watermark").unwrap_or_else(print)),
            "reaction" => status("reaction", &print()),
            "pass_thread_control" => {
                one(format!("control:{}", print()), Event::Control { bot: self.is_given(content) })
            }
            "take_thread_control" => one(format!("control:{}", print()), Event::Control { bot: self.is_ours(content) }),
            // Meta blocks or warns the page: nothing of a contact, but worth counting by what it does.
            _ => Err(format!("{kind}.{}", label(content["action"].as_str().unwrap_or_default()))),
        }
    }

    /// What the page said: we, as the app id or our metadata shows, or a person in the page's inbox.
    fn echo(&self, content: &Value, print: impl Fn() -> String) -> Found {
        let (mid, tag) = (id(content, "/mid").unwrap_or_else(print), words(content, "/metadata"));
        let own = match (&self.settings.app_id, id(content, "/app_id")) {
            (Some(ours), Some(theirs)) => *ours == theirs,
            _ => tag.is_some(),
        };
        let event = if own {
            Event::Echo { of: mid.clone(), tag }
        } else {
            // No words when it was a picture.
            Event::StaffSaid { text: words(content, "/text").unwrap_or_default() }
        };
        one(format!("echo:{mid}"), event)
    }

    /// A pass comes to the app it is for. One to nobody leaves the thread free for us to answer.
    fn is_given(&self, content: &Value) -> bool {
        match (id(content, "/new_owner_app_id"), &self.settings.app_id) {
            (Some(owner), Some(ours)) => owner == *ours,
            _ => true,
        }
    }

    fn is_ours(&self, content: &Value) -> bool {
        id(content, "/new_owner_app_id").is_some_and(|owner| self.settings.app_id.as_ref() == Some(&owner))
    }
}

fn message(content: &Value, print: impl Fn() -> String) -> Found {
    let mid = id(content, "/mid").unwrap_or_else(print);
    let clicked = words(content, "/referral/ref").map(|reference| Event::Open { reference: Some(reference) });
    let found: Vec<_> =
        [clicked.map(|event| (format!("open:{mid}"), event)), said(content).map(|event| (format!("m:{mid}"), event))]
            .into_iter()
            .flatten()
            .collect();
    if found.is_empty() { Err("message".to_owned()) } else { Ok(found) }
}

/// One message is one event, so that it is answered once: what was tapped, else words, else what came along.
fn said(content: &Value) -> Option<Event> {
    let text = words(content, "/text");
    if let Some(payload) = words(content, "/quick_reply/payload") {
        return Some(Event::Choice { title: text.unwrap_or_default(), payload });
    }
    text.map(|text| Event::Text { text }).or_else(|| attached(content))
}

fn attached(content: &Value) -> Option<Event> {
    let attachments = || list(content, "attachments").iter().take(ATTACHMENTS);
    // In 2026 a sticker comes as an image with an id, as a sticker, or as both at once.
    let sticker = |attachment: &Value| id(attachment, "/payload/sticker_id");
    if attachments().filter_map(sticker).any(|id| THUMBS_UP.contains(&id.as_str())) {
        return Some(Event::Text { text: "👍".to_owned() });
    }
    let first = attachments().next()?;
    let place = first.pointer("/payload/coordinates").and_then(|at| coordinates(at.get("lat"), at.get("long")));
    let media = match first["type"].as_str().unwrap_or_default() {
        "location" if place.is_some() => {
            return place.map(|(latitude, longitude)| Event::Location { latitude, longitude });
        }
        _ if sticker(first).is_some() => "sticker",
        kind @ ("image" | "audio" | "video" | "file" | "sticker") => kind,
        "fallback" | "share" | "post" | "ig_post" | "reel" | "ig_reel" => "link",
        _ => "other",
    };
    Some(Event::Media { media: media.to_owned(), url: link(first, "/payload/url") })
}

fn edit(content: &Value) -> Found {
    match (id(content, "/mid"), words(content, "/text")) {
        (Some(mid), Some(text)) => {
            let count = content.get("num_edit").and_then(number).unwrap_or_default();
            one(format!("edit:{mid}:{count}"), Event::Edit { of: mid, text })
        }
        _ => Err("message_edit".to_owned()),
    }
}

fn postback(content: &Value, print: impl Fn() -> String) -> Found {
    let mid = id(content, "/mid").unwrap_or_else(print);
    let (title, payload) = (words(content, "/title"), words(content, "/payload"));
    let opened = open(content, "/referral/ref");
    let mut found = Vec::new();
    if payload.as_deref() == Some(GET_STARTED) {
        return one(format!("postback:{mid}"), opened);
    }
    if !content["referral"]["ref"].is_null() {
        found.push((format!("open:{mid}"), opened));
    }
    // On standby the payload is left out: then the title is what was said.
    let Some(payload) = payload.or_else(|| title.clone()) else { return Err("postback".to_owned()) };
    found.push((format!("postback:{mid}"), Event::Choice { title: title.unwrap_or_default(), payload }));
    Ok(found)
}

fn open(content: &Value, pointer: &str) -> Event {
    Event::Open { reference: words(content, pointer) }
}

fn status(status: &str, id: &str) -> Found {
    one(format!("{status}:{id}"), Event::Receipt { status: status.to_owned() })
}

fn one(id: String, event: Event) -> Found {
    Ok(vec![(id, event)])
}

fn contact(event: &Value, content: &Value, side: &str) -> Option<ContactId> {
    let psid = id(&event[side], "/id");
    let plugin = || id(&event[side], "/user_ref").or_else(|| id(content, "/user_ref"));
    psid.or_else(|| plugin().map(|reference| format!("{USER_REF}{reference}"))).map(ContactId::new)
}

/// The name of an event's kind that we do not know.
fn unknown(event: &Value) -> String {
    let envelope = ["sender", "recipient", "timestamp"];
    let name = event.as_object().and_then(|fields| fields.keys().find(|key| !envelope.contains(&key.as_str())));
    label(name.map_or("event", String::as_str))
}

fn ignored(name: String) -> Reading {
    Reading::Ignored { ignored: name }
}

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
