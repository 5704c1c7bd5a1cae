//! Demands as an author writes them, for reports and for rewriting a file.

use std::collections::BTreeMap;

use super::Came;
use crate::domain::address::{Address, AddressPart};
use crate::domain::slot::Value;
use crate::studio::said::{Said, Speaker};
use crate::studio::script::{Held, PARTS, Spoken, Text};

impl Came<'_> {
    /// What spoke, with those keys that the demand mentions at the same place.
    pub(super) fn show(&self, like: &[Spoken]) -> String {
        let nothing = Spoken::default();
        let listed: Vec<&Said> = self.said.iter().filter(|said| said.must_be_listed()).collect();
        let entries = listed.iter().enumerate().map(|(ix, said)| self.entry(said, like.get(ix).unwrap_or(&nothing)));
        let entries: Vec<String> = entries.collect();
        match entries.as_slice() {
            [one] => one.clone(),
            _ => format!("[{}]", entries.join(", ")),
        }
    }

    fn entry(&self, said: &Said, like: &Spoken) -> String {
        let mut keys = speaker(said, self.flow);
        if like.asks_for.is_some()
            && let Some(part) = self.asks_for()
        {
            keys.push(("asks_for", part_name(part).to_owned()));
        }
        match &like.text {
            // A pattern that still holds says more than the words of the day.
            Some(Text::Matching(pattern)) if pattern.is_match(&said.text()) => {
                keys.push(("text", scalar(&format!("/{}/", pattern.as_str()))));
            }
            Some(_) => keys.push(("text", scalar(&said.text()))),
            None => {}
        }
        if like.buttons.is_some() {
            keys.push(("buttons", list(&titles(said))));
        }
        let slots = like.slots.iter().filter_map(|(name, held)| Some((name, self.value(name)?, held)));
        let slots: Vec<String> = slots.map(|(name, value, held)| format!("{name}: {}", slot(&value, held))).collect();
        if !slots.is_empty() {
            keys.push(("slots", format!("{{{}}}", slots.join(", "))));
        }
        in_braces(&keys)
    }
}

/// Entries of `bot:` as they are written, steps of `flow` without it.
pub fn bot(spoken: &[Spoken], flow: &str) -> String {
    let entries = spoken.iter().map(|spoken| demand(spoken, flow)).collect::<Vec<_>>();
    match entries.as_slice() {
        [one] => one.clone(),
        _ => format!("[{}]", entries.join(", ")),
    }
}

fn demand(spoken: &Spoken, flow: &str) -> String {
    let mut keys = Vec::new();
    keys.extend(spoken.interrupt.as_ref().map(|name| ("interrupt", name.clone())));
    keys.extend(spoken.reminder.map(|n| ("reminder", n.to_string())));
    keys.extend(spoken.at.as_ref().map(|step| ("at", short(step, flow).to_owned())));
    keys.extend(spoken.asks_for.map(|part| ("asks_for", part_name(part).to_owned())));
    keys.extend(spoken.text.as_ref().map(|text| match text {
        Text::Exact(text) => ("text", scalar(text)),
        Text::Matching(pattern) => ("text", format!("/{}/", pattern.as_str())),
    }));
    keys.extend(spoken.buttons.as_ref().map(|titles| ("buttons", list(titles))));
    let slots: Vec<String> = spoken.slots.iter().map(|(name, value)| format!("{name}: {}", held(value))).collect();
    if !slots.is_empty() {
        keys.push(("slots", format!("{{{}}}", slots.join(", "))));
    }
    in_braces(&keys)
}

/// What spoke, as the keys of an entry.
pub fn speaker(said: &Said, flow: &str) -> Vec<(&'static str, String)> {
    match &said.by {
        Speaker::Step(step) => vec![("at", short(step, flow).to_owned())],
        Speaker::Interrupt(name) => vec![("interrupt", name.clone())],
        Speaker::Reminder(n) => vec![("reminder", n.to_string())],
        Speaker::House => vec![("text", scalar(&said.text()))],
    }
}

/// An entry; a step alone is its name.
pub fn in_braces(keys: &[(&str, String)]) -> String {
    match keys {
        [("at", step)] => step.clone(),
        _ => {
            format!("{{{}}}", keys.iter().map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join(", "))
        }
    }
}

/// A step's name within its own flow, `flow/step` elsewhere.
fn short<'a>(step: &'a str, flow: &str) -> &'a str {
    step.strip_prefix(flow).and_then(|rest| rest.strip_prefix('/')).unwrap_or(step)
}

/// The titles of what could be tapped.
pub(super) fn titles(said: &Said) -> Vec<String> {
    said.choices.iter().map(|choice| choice.title.clone()).collect()
}

fn part_name(part: AddressPart) -> &'static str {
    PARTS.iter().find(|(_, known)| *known == part).map_or("", |(name, _)| name)
}

/// A part of an address as a test names it.
pub(super) fn part(address: &Address, part: AddressPart) -> Option<&str> {
    match part {
        AddressPart::Province => address.province_name.as_deref(),
        // The label is the ward's name and then the province's.
        AddressPart::Ward => address.ward.as_ref().and(address.label.split(", ").next()),
        AddressPart::Street => address.street.as_deref(),
    }
}

fn slot(value: &Value, like: &Held) -> String {
    match (value, like) {
        (Value::Address(address), Held::Parts(parts)) => {
            let parts = parts.iter().filter_map(|(name, _)| Some((*name, part(address, *name)?.to_owned())));
            held(&Held::Parts(parts.collect()))
        }
        (Value::Phone(phone), _) => scalar(&phone.national()),
        (Value::Date(day), _) => scalar(&day.shown()),
        (Value::TimeWindow(window), _) => scalar(&window.shown()),
        (value, _) => scalar(&value.plain()),
    }
}

fn held(held: &Held) -> String {
    match held {
        Held::Value(value) => scalar(value),
        Held::Parts(parts) => {
            let parts = parts.iter().map(|(part, value)| format!("{}: {}", part_name(*part), scalar(value)));
            format!("{{{}}}", parts.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Words as YAML takes them anywhere: bare where nothing in them has a meaning, else in double quotes.
pub fn scalar(words: &str) -> String {
    let harmless = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.' | '/');
    let starts_well = words.starts_with(char::is_alphanumeric) && !words.ends_with(' ');
    if starts_well && words.chars().all(harmless) {
        return words.to_owned();
    }
    serde_json::Value::String(words.to_owned()).to_string()
}

/// A list on one line.
pub fn list(items: &[String]) -> String {
    format!("[{}]", items.iter().map(|item| scalar(item)).collect::<Vec<_>>().join(", "))
}

/// A map on one line.
pub(super) fn map(entries: &BTreeMap<String, String>) -> String {
    let entries = entries.iter().map(|(key, value)| format!("{key}: {}", scalar(value)));
    format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
}
