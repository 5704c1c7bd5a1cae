//! From words to a slot's value.

use crate::domain::address::{Address, AddressPart};
use crate::domain::phone::Phone;
use crate::domain::slot::{Media, SlotType, Value};
use crate::domain::time::{Day, TimeWindow};
use crate::flow::{Pattern, Slot};
use crate::place::{Gazetteer, Hint};
use crate::text::time_window::TimeReading;
use crate::text::{self, Decision, choice::ChoiceReading, phone::PhoneProblem, yes_no::YesNo};

use super::reading::Unfit;
use super::run::Run;

/// Most numbers of which one is asked for.
const MOST_GUESSES: usize = 3;
/// Longest text a `text` slot or a street keeps, in characters.
const TEXT_KEPT: usize = 300;

/// What became of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fill {
    /// The slot's value.
    Filled(Value),
    /// An address that lacks a part.
    Lacks(AddressPart, Address),
    /// An address that could be one of these, best first.
    Unsure(Vec<Address>),
    /// The number is one of these, or may be the only one; at most three.
    Which(Vec<Phone>),
    /// Meant as an answer, and none that the slot takes.
    Unfit(Unfit),
    /// Not an answer.
    Refused,
}

/// Reads `said` as the value of `slot`.
pub(super) fn fill(run: &Run<'_>, slot: &Slot, said: &str) -> Fill {
    let value = match slot.kind {
        SlotType::YesNo | SlotType::Consent => match text::yes_no::read(said) {
            YesNo::Yes => Some(Value::YesNo(true)),
            YesNo::No => Some(Value::YesNo(false)),
            YesNo::Ask | YesNo::None => None,
        },
        SlotType::Choice => choice(run, slot, said, text::choice::read).map(Value::Choice),
        SlotType::Text => kept(said).filter(|text| matches(slot.pattern, text)).map(Value::Text),
        SlotType::Number => {
            let (least, most) = slot.range;
            text::number::read(said).filter(|number| (least..=most).contains(number)).map(Value::Number)
        }
        SlotType::Date => text::date::read(said, run.now.day()).map(Value::Date),
        SlotType::TimeWindow => text::time_window::read(said, run.now).one().map(Value::TimeWindow),
        SlotType::Name => text::name::read(said).map(Value::Text),
        SlotType::Email => text::email::read(said).map(Value::Email),
        SlotType::Phone => return phone(slot, said),
        SlotType::Address => return address(slot, said, None, run.world.places),
        // Sent, not typed.
        SlotType::Location | SlotType::File => None,
    };
    value.map_or(Fill::Refused, Fill::Filled)
}

/// Reads `said` as a value of `slot` although it was asked about something else: what could be chance is not
/// taken for meant.
pub(super) fn by_the_way(run: &Run<'_>, slot: &Slot, said: &str) -> Option<Value> {
    match (slot.kind, fill(run, slot, said)) {
        (SlotType::Choice, _) => choice(run, slot, said, text::choice::read_strictly).map(Value::Choice),
        (_, Fill::Filled(value)) => Some(value),
        (_, Fill::Lacks(..) | Fill::Unsure(_) | Fill::Which(_) | Fill::Unfit(_) | Fill::Refused) => None,
    }
}

/// Reads `said` as a phone number.
fn phone(slot: &Slot, said: &str) -> Fill {
    let reading = text::phone::read(said);
    let fits = |phone: &&Phone| slot.any_phone || !phone.is_landline();
    let fitting: Vec<Phone> = reading.candidates.iter().filter(fits).take(MOST_GUESSES).cloned().collect();
    let why = match (fitting.as_slice(), reading.candidates.first(), reading.problem) {
        ([only], ..) if reading.decision == Decision::Answer => return Fill::Filled(Value::Phone(only.clone())),
        ([_, ..], ..) => return Fill::Which(fitting),
        ([], Some(landline), _) => Unfit::Landline(landline.clone()),
        ([], None, Some(PhoneProblem::Hotline)) => Unfit::Hotline,
        ([], None, Some(PhoneProblem::Masked)) => Unfit::Masked,
        ([], None, Some(PhoneProblem::IdNumber)) => Unfit::IdNumber,
        ([], None, Some(PhoneProblem::Foreign)) => Unfit::Foreign,
        ([], None, Some(PhoneProblem::UnknownPrefix)) => Unfit::UnknownPrefix,
        // Of a wrong number of digits the author's own words speak.
        ([], None, Some(PhoneProblem::TooShort | PhoneProblem::TooLong) | None) => return Fill::Refused,
    };
    Fill::Unfit(why)
}

/// The key of the option that was picked, by its label in the contact's language or in Vietnamese.
fn choice(
    run: &Run<'_>,
    slot: &Slot,
    said: &str,
    read: impl Fn(&str, &[(String, String)]) -> ChoiceReading,
) -> Option<String> {
    let picked = |options: &[(String, String)]| match read(said, options) {
        ChoiceReading::One(ix) => options.get(ix).map(|(key, _)| key.clone()),
        ChoiceReading::Several(_) | ChoiceReading::None => None,
    };
    picked(slot.options_on(run.language)).or_else(|| picked(&slot.options))
}

/// What an answer that fills nothing can be meant as, by label.
pub(super) fn meanings(run: &Run<'_>, slot: &Slot, said: &str) -> Vec<String> {
    match slot.kind {
        SlotType::YesNo | SlotType::Consent => either(said, run.words().yes, run.words().no),
        SlotType::Choice => match text::choice::read(said, slot.options_on(run.language)) {
            ChoiceReading::Several(picked) => {
                picked.iter().map(|ix| slot.options_on(run.language)[*ix].1.clone()).collect()
            }
            ChoiceReading::One(_) | ChoiceReading::None => Vec::new(),
        },
        SlotType::TimeWindow => match text::time_window::read(said, run.now) {
            TimeReading::Unsure(windows) => windows.iter().map(TimeWindow::shown).collect(),
            TimeReading::One(_) | TimeReading::None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Both labels of a yes and a no, where something of an answer was said but not which.
pub(super) fn either(said: &str, yes: &str, no: &str) -> Vec<String> {
    match text::yes_no::read(said) {
        YesNo::Ask => vec![yes.to_owned(), no.to_owned()],
        YesNo::Yes | YesNo::No | YesNo::None => Vec::new(),
    }
}

/// Whether a text has the form its slot demands.
fn matches(pattern: Option<Pattern>, text: &str) -> bool {
    match pattern {
        None => true,
        Some(Pattern::Digits) => text.chars().all(|c| c.is_ascii_digit()),
        Some(Pattern::Code) => text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '/')),
        Some(Pattern::Words) => text.split_whitespace().count() > 1,
    }
}

/// Reads a field of a service's answer as the value of `slot`.
pub(super) fn field(run: &Run<'_>, slot: &Slot, text: &str) -> Option<Value> {
    let value = match slot.kind {
        SlotType::YesNo | SlotType::Consent => match text {
            "true" | "yes" | "1" => Value::YesNo(true),
            "false" | "no" | "0" => Value::YesNo(false),
            _ => return None,
        },
        SlotType::Choice if slot.options.iter().any(|(key, _)| key == text) => Value::Choice(text.to_owned()),
        SlotType::Date => Value::Date(Day::parse_iso(text)?),
        SlotType::Name => Value::Text(kept(text)?),
        SlotType::File => Value::File(Media { kind: "link".to_owned(), url: Some(text.to_owned()) }),
        _ => match fill(run, slot, text) {
            Fill::Filled(value) => value,
            Fill::Lacks(..) | Fill::Unsure(_) | Fill::Which(_) | Fill::Unfit(_) | Fill::Refused => return None,
        },
    };
    Some(value)
}

/// Reads an address that corrects an earlier one: what it does not say stays as it was.
pub(super) fn address_again(slot: &Slot, said: &str, before: &Address, places: &Gazetteer) -> Option<Address> {
    let (Fill::Filled(Value::Address(found)) | Fill::Lacks(AddressPart::Street, found)) =
        address(slot, said, before.province.as_deref(), places)
    else {
        return None;
    };
    let street = found.street.clone().or_else(|| before.street.clone());
    match complete(slot, Address { street, ..found }) {
        Fill::Filled(Value::Address(address)) => Some(address),
        _ => None,
    }
}

/// Reads `said` as an address, in the given province where it is known.
fn address(slot: &Slot, said: &str, province: Option<&str>, places: &Gazetteer) -> Fill {
    let reading = places.resolve(said, &Hint { province: province.map(str::to_owned), ..Hint::default() });
    match reading.decision {
        Decision::Answer => complete(slot, reading.address),
        // Too many places of that name to choose from: the province narrows them down first.
        Decision::Ask if reading.address.province.is_none() && slot.need.contains(&AddressPart::Province) => {
            Fill::Lacks(AddressPart::Province, reading.address)
        }
        Decision::Ask if !reading.candidates.is_empty() => {
            Fill::Unsure(reading.candidates.into_iter().take(3).map(|candidate| candidate.address).collect())
        }
        // A street alone is a beginning.
        _ if reading.address.street.is_some() && slot.need.contains(&AddressPart::Province) => {
            Fill::Lacks(AddressPart::Province, reading.address)
        }
        Decision::Ask | Decision::None => Fill::Refused,
    }
}

/// The address, or what it still lacks.
pub(super) fn complete(slot: &Slot, address: Address) -> Fill {
    let order = [AddressPart::Province, AddressPart::Ward, AddressPart::Street];
    match order.into_iter().find(|part| slot.need.contains(part) && !address.has(*part)) {
        Some(part) => Fill::Lacks(part, address),
        None => Fill::Filled(Value::Address(address)),
    }
}

/// Reads the answer to the question for one missing part.
pub(super) fn part(slot: &Slot, said: &str, part: AddressPart, so_far: &Address, places: &Gazetteer) -> Fill {
    match part {
        // The words given before are read again with the new ones: "12 Lê Lợi" + "Huế".
        AddressPart::Province => match address(slot, &format!("{}, {said}", so_far.text), None, places) {
            Fill::Lacks(AddressPart::Province, _) => Fill::Refused,
            other => other,
        },
        AddressPart::Ward => match address(slot, said, so_far.province.as_deref(), places) {
            Fill::Filled(Value::Address(found)) | Fill::Lacks(_, found) if found.ward.is_some() => {
                complete(slot, joined(so_far, found, said))
            }
            Fill::Unsure(guesses) => Fill::Unsure(guesses.into_iter().map(|g| joined(so_far, g, said)).collect()),
            _ => Fill::Refused,
        },
        AddressPart::Street => match kept(said) {
            Some(street) => {
                let reading = places.resolve(said, &Hint { province: so_far.province.clone(), ..Hint::default() });
                // The whole address again is as good an answer as the street alone.
                let again = reading.decision == Decision::Answer && reading.address.ward == so_far.ward;
                let street = reading.address.street.filter(|_| again).unwrap_or(street);
                let text = format!("{said}, {}", so_far.text);
                complete(slot, Address { street: Some(street), text, ..so_far.clone() })
            }
            None => Fill::Refused,
        },
    }
}

/// The commune just found, with the street given before.
fn joined(so_far: &Address, found: Address, said: &str) -> Address {
    let street = so_far.street.clone().or(found.street.clone());
    Address { street, text: format!("{}, {said}", so_far.text), ..found }
}

fn kept(said: &str) -> Option<String> {
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let kept: String = words.chars().take(TEXT_KEPT).collect();
    kept.chars().any(char::is_alphanumeric).then_some(kept)
}
