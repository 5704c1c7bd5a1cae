//! Reads `slots:`.

use super::super::source::{Key, Node, Span};
use super::super::template::is_name;
use super::super::{Label, Pattern, Prefill, Slot, StepIx, Wording};
use super::problem::{Problem, Thing};
use super::report::Report;
use super::scope::{Place, Scope, channel_names, type_name};
use super::step;
use crate::domain::address::AddressPart;
use crate::domain::contact::Language;
use crate::domain::limits::LimitsTable;
use crate::domain::slot::SlotType;
use crate::text::plain;

pub(in crate::flow) const MOST_SLOTS: usize = 200;
pub(in crate::flow) const MOST_OPTIONS: usize = 50;
pub(in crate::flow) const KEYS: [&str; 13] = [
    "type", "label", "prefill", "private", "options", "accept", "need", "pattern", "min", "max", "say", "retry",
    "give_up",
];
const ANY_NUMBER: (i64, i64) = (i64::MIN, i64::MAX);
/// Names with a meaning of their own in templates or conditions.
const RESERVED: [&str; 9] = ["contact", "input", "last_question", "link", "channel", "is", "and", "or", "not"];

/// The parts of an address, as flows name them.
pub(in crate::flow) const PARTS: [(&str, AddressPart); 3] =
    [("province", AddressPart::Province), ("ward", AddressPart::Ward), ("street", AddressPart::Street)];

/// All slots; one that is wrong is there all the same, so that its name is known, unless its type is not.
/// `false` when a slot was left out, so that its name must not be called unknown.
pub(super) fn read_all(report: &mut Report<'_>, node: &Node, channels: &LimitsTable) -> (Vec<Slot>, bool) {
    let known: Vec<&str> = KEYS.into_iter().chain(channel_names(channels)).collect();
    let entries = report.map(node, MOST_SLOTS);
    let slots: Vec<Slot> = entries.iter().filter_map(|(key, node)| read(report, key, node, &known)).collect();
    let whole = slots.len() == entries.len();
    (slots, whole)
}

fn read(report: &mut Report<'_>, key: &Key, node: &Node, known: &[&str]) -> Option<Slot> {
    if !is_name(&key.text) || RESERVED.contains(&key.text.as_str()) {
        report.error(key.span, &Problem::BadName(key.text.clone()));
    }
    let entries = report.map(node, usize::MAX);
    node.map()?;
    report.keys(entries, "slots", known);
    let Some(kind) = node.get("type") else {
        report.error(key.span, &Problem::MissingKey("type"));
        return None;
    };
    let mut slot = Slot {
        name: key.text.clone(),
        kind: read_type(report, kind)?,
        label: Label::new(&key.text),
        prefill: None,
        private: false,
        options: Vec::new(),
        options_en: Vec::new(),
        range: ANY_NUMBER,
        pattern: None,
        any_phone: false,
        need: PARTS.map(|(_, part)| part).to_vec(),
    };
    for (key, node) in entries {
        read_key(report, &mut slot, key, node);
    }
    if slot.range.0 > slot.range.1 {
        report.error(node.get("max").unwrap_or(node).span, &Problem::MinOverMax);
    }
    if slot.kind == SlotType::Choice && node.get("options").is_none() {
        report.error(key.span, &Problem::MissingKey("options"));
    }
    Some(slot)
}

fn read_type(report: &mut Report<'_>, node: &Node) -> Option<SlotType> {
    let name = report.words(node)?;
    let found = SlotType::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    if found.is_none() {
        let known = SlotType::ALL.iter().map(|(known, _)| *known);
        report.unknown(node.span, &Problem::Unknown(Thing::SlotType, name.to_owned()), name, known);
    }
    found
}

fn read_key(report: &mut Report<'_>, slot: &mut Slot, key: &Key, node: &Node) {
    match key.text.as_str() {
        "label" => slot.label = report.label(node).unwrap_or_else(|| Label::new(&slot.name)),
        "private" => slot.private = report.flag(node),
        "options" if fits(report, slot, key, SlotType::Choice) => read_options(report, slot, node),
        "min" if fits(report, slot, key, SlotType::Number) => {
            slot.range.0 = report.number(node, ANY_NUMBER).unwrap_or(i64::MIN);
        }
        "max" if fits(report, slot, key, SlotType::Number) => {
            slot.range.1 = report.number(node, ANY_NUMBER).unwrap_or(i64::MAX);
        }
        "pattern" if fits(report, slot, key, SlotType::Text) => slot.pattern = report.one_of(node, &Pattern::ALL),
        "accept" if fits(report, slot, key, SlotType::Phone) => {
            slot.any_phone = report.one_of(node, &[("mobile", false), ("any", true)]).unwrap_or(false);
        }
        "need" if fits(report, slot, key, SlotType::Address) => {
            let parts: Vec<_> = report.list(node, PARTS.len()).iter().collect();
            slot.need = parts.into_iter().filter_map(|part| report.one_of(part, &PARTS)).collect();
            slot.need.sort_unstable();
            slot.need.dedup();
        }
        "prefill" => slot.prefill = read_prefill(report, slot, node),
        _ => {}
    }
}

fn fits(report: &mut Report<'_>, slot: &Slot, key: &Key, wanted: SlotType) -> bool {
    if slot.kind != wanted {
        let problem = Problem::KeyOfOtherType { key: key.text.clone(), wanted: type_name(wanted) };
        report.error(key.span, &problem);
    }
    slot.kind == wanted
}

fn read_prefill(report: &mut Report<'_>, slot: &Slot, node: &Node) -> Option<Prefill> {
    let allowed = [("contact.name", Prefill::Name), ("contact.phone", Prefill::Phone)];
    let prefill = report.one_of(node, &allowed)?;
    let (fits, wanted) = match prefill {
        Prefill::Name => (matches!(slot.kind, SlotType::Name | SlotType::Text), "name"),
        Prefill::Phone => (slot.kind == SlotType::Phone, "phone"),
    };
    if !fits {
        report.error(node.span, &Problem::WrongSlotType { slot: slot.name.clone(), wanted });
    }
    fits.then_some(prefill)
}

/// The options, in both languages as soon as one of them is.
fn read_options(report: &mut Report<'_>, slot: &mut Slot, node: &Node) {
    let mut options: Vec<(String, Label)> = Vec::new();
    let entries = report.map(node, MOST_OPTIONS);
    if entries.is_empty() && node.map().is_some() {
        report.error(node.span, &Problem::EmptyList);
    }
    for (key, node) in entries {
        if !is_name(&key.text) || matches!(key.text.as_str(), "known" | "missing" | "is" | "and" | "or" | "not") {
            report.error(key.span, &Problem::BadName(key.text.clone()));
        }
        let Some(label) = report.label(node) else { continue };
        let option = (key.text.clone(), label);
        check_distinct(report, &options, &option, node.span);
        options.push(option);
    }
    let on = |language: Language| {
        options.iter().map(|(key, label)| (key.clone(), label.on(language).to_owned())).collect::<Vec<_>>()
    };
    slot.options = on(Language::Vi);
    if options.iter().any(|(_, label)| label.en.is_some()) {
        slot.options_en = on(Language::En);
    }
}

/// Reports an option that a contact cannot tell from an earlier one when typing without accents.
fn check_distinct(report: &mut Report<'_>, options: &[(String, Label)], option: &(String, Label), span: Span) {
    let texts = |(key, label): &(String, Label)| -> Vec<String> {
        [Some(key), Some(&label.vi), label.en.as_ref()].into_iter().flatten().map(|text| plain(text)).collect()
    };
    let mine = texts(option);
    if let Some((_, other)) = options.iter().find(|other| texts(other).iter().any(|text| mine.contains(text))) {
        report.error(span, &Problem::SameOption(other.vi.clone()));
    }
}

/// What a slot says of every question for it, where a step says nothing else.
pub(super) struct Question {
    pub(super) say: Option<Wording>,
    pub(super) retry: Vec<Wording>,
    /// `None` when it names no step that there is.
    pub(super) give_up: Option<Option<StepIx>>,
}

impl Question {
    /// Reads what the slot at `node` says of its question.
    pub(super) fn read(report: &mut Report<'_>, scope: &Scope<'_>, node: &Node) -> Self {
        let entries = node.map().unwrap_or_default();
        step::check_worded(report, scope, node, entries);
        Self {
            say: scope.wording(report, entries, Place::Flow),
            retry: step::retry(report, scope, node),
            give_up: step::way(report, scope, node, "give_up"),
        }
    }
}
