//! Wordings with their values in: what a person reads.

use crate::domain::address::Address;
use crate::domain::contact::Language;
use crate::domain::message::Choice;
use crate::domain::slot::Value;
use crate::flow::template::{Part, Source};
use crate::flow::{Condition, Slot, Template, Wording, Words};

use super::Effect;
use super::run::Run;
use super::words::Words as HouseWords;

/// How much of the contact's own words `{input}` repeats, in characters.
const INPUT_SHOWN: usize = 60;

impl Run<'_> {
    /// Says a step's wording.
    pub(super) fn say(&mut self, step: &str, wording: &Wording, choices: Vec<Choice>) {
        let text = self.render(wording);
        self.push(step, text, choices);
    }

    /// Says `text`; nothing when it is blank.
    pub(super) fn push(&mut self, step: &str, text: String, choices: Vec<Choice>) {
        self.push_with(step, text, choices, None);
    }

    /// Says `text` under a picture.
    pub(super) fn push_with(&mut self, step: &str, text: String, choices: Vec<Choice>, image: Option<String>) {
        if !text.trim().is_empty() {
            let step = if step.is_empty() { String::new() } else { format!("{}/{step}", self.flow.name) };
            self.effects.push(Effect::Say { step, text, choices, image });
        }
    }

    /// The wording for this channel, with its values.
    pub(super) fn render(&self, wording: &Wording) -> String {
        self.render_template(wording.on(self.input.channel, self.language))
    }

    pub(super) fn render_template(&self, template: &Template) -> String {
        template.render(&|source, mask| self.value_of(source, mask))
    }

    /// A button that stands under a `say`: a tap is as good as typing its words.
    pub(super) fn text_button(&self, title: &Words) -> Choice {
        let title = self.render_template(title.on(self.language));
        Choice { payload: title.clone(), title }
    }

    /// Whether a condition of the flow holds now.
    pub(super) fn holds(&self, condition: &Condition) -> bool {
        condition.holds(self.input.channel, &|name| self.progress.slots.get(name).map(Value::plain))
    }

    /// A slot's value as a person reads it.
    pub(super) fn shown(&self, slot: &Slot, value: &Value, mask: bool) -> String {
        match value {
            Value::Phone(phone) if mask => phone.masked(),
            _ => shown(slot, value, self.language),
        }
    }

    fn value_of(&self, source: &Source, mask: bool) -> Option<String> {
        match source {
            Source::Words(words) => Some(words.clone()),
            Source::Slot(name) => {
                let slot = self.flow.slot_named(name)?;
                Some(self.shown(slot, self.current(name)?, mask))
            }
            Source::Part(name, part) => match self.current(name)? {
                Value::Address(address) => part_of(address, *part),
                _ => None,
            },
            Source::ContactName => self.input.contact.name.clone(),
            Source::ContactPhone => {
                let phone = self.input.contact.phone.as_ref()?;
                Some(if mask { phone.masked() } else { phone.national() })
            }
            Source::Input => Some(shortened(&self.said)),
            Source::LastQuestion => Some(self.question.text.clone()),
            Source::Link => self.input.link.map(str::to_owned),
        }
    }

    /// The value under discussion before the one agreed to.
    fn current(&self, name: &str) -> Option<&Value> {
        match &self.draft {
            Some((slot, value)) if slot == name => Some(value),
            _ => self.progress.slots.get(name),
        }
    }
}

/// A slot's value as a person reads it in this language.
pub fn shown(slot: &Slot, value: &Value, language: Language) -> String {
    let words = HouseWords::on(language);
    match value {
        Value::YesNo(true) => words.yes.to_owned(),
        Value::YesNo(false) => words.no.to_owned(),
        Value::Choice(key) => {
            let label = slot.options_on(language).iter().find(|(known, _)| known == key);
            label.map_or(key, |(_, label)| label).clone()
        }
        Value::Phone(phone) => phone.national(),
        Value::Number(number) => grouped(*number),
        Value::Date(day) => day.shown(),
        // A window without a day and of all hours would be no words at all.
        Value::TimeWindow(window) => {
            Some(window.shown()).filter(|w| !w.is_empty()).unwrap_or(words.any_time.to_owned())
        }
        Value::Address(address) => address.shown(),
        Value::Text(_) | Value::Email(_) | Value::Location(_) | Value::File(_) => value.plain(),
    }
}

/// A number in groups of three, as it is written in Vietnamese: `1.000.000`.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", groups.join("."))
}

fn part_of(address: &Address, part: Part) -> Option<String> {
    match part {
        Part::Province => address.province_name.clone(),
        Part::Ward => address.ward.as_ref().map(|_| address.label.clone()),
        Part::Street => address.street.clone(),
        Part::Guess => Some(address.shown()),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(INPUT_SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
