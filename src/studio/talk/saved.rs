//! A talk as an entry of a test file.

use std::fmt::Write;

use super::Beat;
use crate::domain::message::Event;
use crate::engine::Effect;
use crate::flow::Flows;
use crate::studio::play::{Act, Setting};
use crate::studio::said;
use crate::studio::test::shown;

/// The conversation as an entry of `tests:`, with what the bot said as what is expected.
pub(super) fn case(name: &str, flow: &str, setting: &Setting, beats: &[Beat<'_>], flows: &Flows) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "  - name: {}", shown::scalar(name));
    let _ = writeln!(text, "    channel: {}", setting.channel);
    let _ = writeln!(text, "    world: {}", world(setting));
    let _ = writeln!(text, "    chat:");
    for beat in beats {
        let _ = writeln!(text, "      - {}", act(&beat.act));
        let said = said::in_order(flows, &beat.moments);
        let entries = said.iter().filter(|said| said.must_be_listed());
        let entries: Vec<String> = entries.map(|said| shown::in_braces(&shown::speaker(said, flow))).collect();
        match entries.as_slice() {
            [] => {}
            [one] => drop(writeln!(text, "      - bot: {one}")),
            several => drop(writeln!(text, "      - bot: [{}]", several.join(", "))),
        }
        for effect in beat.moments.iter().flat_map(|moment| &moment.effects) {
            match effect {
                Effect::HandOff(request) => drop(writeln!(text, "      - handoff: {}", request.kind.name())),
                Effect::Person { queue } => drop(writeln!(text, "      - person: {}", shown::scalar(queue))),
                Effect::Ended { outcome, .. } => drop(writeln!(text, "      - end: {}", shown::scalar(outcome))),
                _ => {}
            }
        }
    }
    text
}

/// The test file with one more conversation in it; a new one where there is none.
pub fn appended(before: Option<&str>, flow: &str, case: &str) -> String {
    match before {
        Some(text) => format!("{}\n\n{case}", text.trim_end()),
        None => format!("flow: {flow}\ntests:\n{case}"),
    }
}

fn world(setting: &Setting) -> String {
    let contact = &setting.contact;
    let mut known = Vec::new();
    known.extend(contact.name.as_ref().map(|name| format!("name: {}", shown::scalar(name))));
    known.extend(contact.phone.as_ref().map(|phone| format!("phone: \"{}\"", phone.national())));
    if contact.phone_verified {
        known.push("verified: true".to_owned());
    }
    format!("{{contact: {{{}}}, now: {}}}", known.join(", "), setting.now.to_rfc3339())
}

fn act(act: &Act) -> String {
    match act {
        Act::Says(said) => format!("user: {}", quoted(said)),
        Act::Taps(title) => format!("user: {{tap: {}}}", quoted(title)),
        Act::Sends(Event::Location { latitude, longitude }) => format!("user: {{location: [{latitude}, {longitude}]}}"),
        Act::Sends(_) => "user: {photo: true}".to_owned(),
        Act::Opens(Some(reference)) => format!("user: {{open: {}}}", quoted(reference)),
        Act::Opens(None) => "user: {open: }".to_owned(),
        Act::Answers { campaign, answer } => {
            format!("user: {{prompt: {}, answer: {}}}", quoted(campaign), quoted(answer))
        }
        Act::Begins(_) => "begin: true".to_owned(),
        Act::Waits(span) => format!("wait: {}", length(span.as_secs())),
        Act::GivesBack => "give_back: true".to_owned(),
    }
}

/// A length of time in the largest unit that says it whole.
fn length(seconds: u64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "m")];
    let unit = units.iter().find(|(unit, _)| seconds >= *unit && seconds.is_multiple_of(*unit));
    unit.map_or_else(|| format!("{seconds}s"), |(unit, name)| format!("{}{name}", seconds / unit))
}

/// Words in double quotes, as authors write what is said.
fn quoted(words: &str) -> String {
    serde_json::Value::String(words.to_owned()).to_string()
}
