//! A way through a flow as a scripted conversation, so that what was found can be run and kept as a test.

use std::fmt::Write;

use crate::domain::contact::Profile;
use crate::domain::id::ChannelName;
use crate::domain::message::Called;
use crate::domain::phone::Phone;
use crate::domain::session::Guesses;
use crate::domain::slot::Value;
use crate::engine::Reading;
use crate::flow::{Flow, Verb};

use super::Kind;
use super::said::Said;

/// The test file: the flow, who talks on which channel, and what they say. It expects nothing of the bot,
/// so it runs; what goes wrong shows at its end.
pub fn write(flow: &Flow, (channel, contact): (&ChannelName, &Profile), kind: Kind, way: &[Said]) -> String {
    let mut text = format!("# {}\nflow: {}\nworld:\n  channel: {channel}\n", kind.told(), flow.name);
    text.push_str("  now: 2026-11-22T09:00:00+07:00\n");
    let phone = contact.phone.as_ref().map(|phone| format!("phone: \"{}\"", phone.national().replace(' ', "")));
    let name = contact.name.as_ref().map(|name| format!("name: {name}"));
    let known: Vec<String> = [phone, name].into_iter().flatten().collect();
    if !known.is_empty() {
        let _ = writeln!(text, "  contact: {{{}}}", known.join(", "));
    }
    let failing = way.iter().find_map(|said| match said {
        Said::Called(Called::Failed { .. }) => Some("{failed: true}".to_owned()),
        Said::Called(Called::Answered { fields }) => {
            let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}: {}", quoted(value))).collect();
            Some(format!("{{ok: {{{}}}}}", fields.join(", ")))
        }
        _ => None,
    });
    let services = flow.steps.iter().filter_map(|step| match &step.verb {
        Verb::Call(call) => Some(&call.service),
        _ => None,
    });
    if let Some(answer) = failing {
        let mut named: Vec<&String> = services.collect();
        named.sort();
        named.dedup();
        let answers: Vec<String> = named.iter().map(|name| format!("{name}: {answer}")).collect();
        let _ = writeln!(text, "  services: {{{}}}", answers.join(", "));
    }
    let _ = write!(text, "tests:\n  - name: {}\n    chat:\n", kind.code());
    for said in way {
        if let Some(line) = line(flow, said) {
            let _ = writeln!(text, "      - {line}");
        }
    }
    text
}

/// One entry of the conversation; `None` for what happens by itself.
fn line(flow: &Flow, said: &Said) -> Option<String> {
    match said {
        Said::Door(door) => Some(match (&door.prompt, flow.entry.refs.first(), flow.entry.keywords.first()) {
            (Some((campaign, yes)), _, _) => {
                format!("{{prompt: {campaign}, answer: {}}}", if *yes { "\"YES\"" } else { "\"NO\"" })
            }
            (None, Some(reference), _) => format!("open: {reference}"),
            (None, None, Some(keyword)) => format!("user: {}", quoted(keyword.text())),
            (None, None, None) if flow.entry.default => "open:".to_owned(),
            (None, None, None) => "begin: true".to_owned(),
        }),
        Said::Reading(reading) => Some(of_reading(flow, reading)),
        Said::Silence => Some("wait: 30d".to_owned()),
        Said::GivenBack => Some("give_back: true".to_owned()),
        Said::Called(_) => None,
    }
}

fn of_reading(flow: &Flow, reading: &Reading) -> String {
    let user = |words: &str| format!("user: {}", quoted(words));
    match reading {
        Reading::Value(Value::Location(_)) => "location: [10.7769, 106.7009]".to_owned(),
        Reading::Value(Value::File(_)) => "media: image".to_owned(),
        Reading::Value(value) => user(&words(flow, None, value)),
        Reading::Lacks(_, address) => user(&address.text),
        Reading::Unsure(Guesses::Addresses(_)) => user("xã Tân Thành"),
        // Without its zero a number is doubtful; two of them are asked about.
        Reading::Unsure(Guesses::Phones(phones)) => match phones.as_slice() {
            [only] => user(only.national().trim_start_matches('0')),
            several => user(&several.iter().map(Phone::national).collect::<Vec<_>>().join(" hoặc ")),
        },
        Reading::Unfit(_) => user("9090"),
        Reading::Yes => user("đúng rồi"),
        Reading::No => user("không"),
        Reading::Picked(ix) => user(&(ix + 1).to_string()),
        Reading::Corrects(values) => {
            let (name, value) = &values[0];
            user(&format!("à nhầm, {}", words(flow, Some(name), value)))
        }
        Reading::Interrupt(name) => {
            let interrupt = flow.interrupts.iter().find(|interrupt| interrupt.name == *name);
            let phrase = interrupt.and_then(|interrupt| interrupt.phrases.first());
            user(phrase.map_or("?", |phrase| phrase.text()))
        }
        Reading::Skip => user("bỏ qua"),
        Reading::Behind(reading) => of_reading(flow, reading),
        Reading::Unclear(_) => user("để xem"),
        Reading::Unknown => user("…"),
        Reading::Stale | Reading::Unreadable => "media: sticker".to_owned(),
    }
}

/// A value as a customer would say it.
fn words(flow: &Flow, slot: Option<&str>, value: &Value) -> String {
    match value {
        Value::YesNo(true) => "có".to_owned(),
        Value::YesNo(false) => "không".to_owned(),
        Value::Choice(key) => {
            let slots = flow.slots.iter().filter(|known| slot.is_none_or(|slot| known.name == slot));
            let mut options = slots.flat_map(|slot| &slot.options);
            options.find(|(known, _)| known == key).map_or(key, |(_, label)| label).clone()
        }
        Value::Date(day) => day.shown(),
        Value::TimeWindow(window) => window.shown(),
        Value::Phone(phone) => phone.national(),
        Value::Address(address) => address.text.clone(),
        other => other.plain(),
    }
}

fn quoted(words: &str) -> String {
    format!("\"{}\"", words.replace('\\', "\\\\").replace('"', "\\\""))
}
