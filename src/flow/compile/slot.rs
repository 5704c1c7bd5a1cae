//! Reads `slots:`.

use super::super::source::{Key, Node, Span};
use super::super::template::is_name;
use super::super::{Label, Prefill, Slot};
use super::problem::{Problem, Thing};
use super::report::Report;
use super::scope::type_name;
use crate::domain::address::AddressPart;
use crate::domain::slot::SlotType;
use crate::text::plain;

const MOST_SLOTS: usize = 200;
const MOST_OPTIONS: usize = 50;
const KEYS: [&str; 7] = ["type", "label", "prefill", "private", "options", "accept", "need"];
const KEYS_NOT_YET: [&str; 6] = ["pattern", "min", "max", "say", "retry", "give_up"];
const TYPES_NOT_YET: [&str; 6] = ["number", "date", "time_window", "email", "location", "file"];
/// Names with a meaning of their own in templates or conditions.
const RESERVED: [&str; 9] = ["contact", "input", "last_question", "link", "channel", "is", "and", "or", "not"];

/// The parts of an address, as flows name them.
pub(super) const PARTS: [(&str, AddressPart); 3] =
    [("province", AddressPart::Province), ("ward", AddressPart::Ward), ("street", AddressPart::Street)];

/// All slots; one that is wrong is there all the same, so that its name is known, unless its type is not.
/// `false` when a slot was left out, so that its name must not be called unknown.
pub(super) fn read_all(report: &mut Report<'_>, node: &Node) -> (Vec<Slot>, bool) {
    let entries = report.map(node, MOST_SLOTS);
    let slots: Vec<Slot> = entries.iter().filter_map(|(key, node)| read(report, key, node)).collect();
    let whole = slots.len() == entries.len();
    (slots, whole)
}

fn read(report: &mut Report<'_>, key: &Key, node: &Node) -> Option<Slot> {
    if !is_name(&key.text) || RESERVED.contains(&key.text.as_str()) {
        report.error(key.span, &Problem::BadName(key.text.clone()));
    }
    let entries = report.map(node, usize::MAX);
    node.map()?;
    report.keys(entries, "slots", &KEYS, &KEYS_NOT_YET);
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
        range: (i64::MIN, i64::MAX),
        pattern: None,
        any_phone: false,
        need: PARTS.map(|(_, part)| part).to_vec(),
    };
    for (key, node) in entries {
        read_key(report, &mut slot, key, node);
    }
    if slot.kind == SlotType::Choice && node.get("options").is_none() {
        report.error(key.span, &Problem::MissingKey("options"));
    }
    Some(slot)
}

fn read_type(report: &mut Report<'_>, node: &Node) -> Option<SlotType> {
    let name = report.words(node)?;
    if TYPES_NOT_YET.contains(&name) {
        report.error(node.span, &Problem::NotYet(name.to_owned()));
        return None;
    }
    let found = SlotType::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    if found.is_none() {
        let known = SlotType::ALL.iter().map(|(known, _)| *known);
        report.unknown(node.span, &Problem::Unknown(Thing::SlotType, name.to_owned()), name, known);
    }
    found
}

fn read_key(report: &mut Report<'_>, slot: &mut Slot, key: &Key, node: &Node) {
    match key.text.as_str() {
        "label" => slot.label = Label::new(report.words(node).unwrap_or(&slot.name)),
        "private" => slot.private = report.flag(node),
        "options" if fits(report, slot, key, SlotType::Choice) => slot.options = read_options(report, node),
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

fn read_options(report: &mut Report<'_>, node: &Node) -> Vec<(String, String)> {
    let mut options: Vec<(String, String)> = Vec::new();
    let entries = report.map(node, MOST_OPTIONS);
    if entries.is_empty() && node.map().is_some() {
        report.error(node.span, &Problem::EmptyList);
    }
    for (key, node) in entries {
        if !is_name(&key.text) || matches!(key.text.as_str(), "known" | "missing" | "is" | "and" | "or" | "not") {
            report.error(key.span, &Problem::BadName(key.text.clone()));
        }
        let Some(label) = report.words(node) else { continue };
        check_distinct(report, &options, &key.text, label, node.span);
        options.push((key.text.clone(), label.to_owned()));
    }
    options
}

/// Reports an option that a contact cannot tell from an earlier one when typing without accents.
fn check_distinct(report: &mut Report<'_>, options: &[(String, String)], key: &str, label: &str, span: Span) {
    let mine = [plain(key), plain(label)];
    let same = options.iter().find(|(key, label)| [plain(key), plain(label)].iter().any(|text| mine.contains(text)));
    if let Some((_, other)) = same {
        report.error(span, &Problem::SameOption(other.clone()));
    }
}
