//! From words to a slot's value.

use crate::domain::address::{Address, AddressPart};
use crate::domain::slot::{SlotType, Value};
use crate::flow::Slot;
use crate::place::{Gazetteer, Hint};
use crate::text::{self, Decision, choice::ChoiceReading, phone::PhoneKind, yes_no::YesNo};

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
    /// Not an answer.
    Refused,
}

/// Reads `said` as the value of `slot`.
pub(super) fn fill(slot: &Slot, said: &str, places: &Gazetteer) -> Fill {
    let value = match slot.kind {
        SlotType::YesNo | SlotType::Consent => match text::yes_no::read(said) {
            YesNo::Yes => Some(Value::YesNo(true)),
            YesNo::No => Some(Value::YesNo(false)),
            YesNo::Ask | YesNo::None => None,
        },
        SlotType::Choice => match text::choice::read(said, &slot.options) {
            ChoiceReading::One(ix) => slot.options.get(ix).map(|(key, _)| Value::Choice(key.clone())),
            ChoiceReading::Several(_) | ChoiceReading::None => None,
        },
        SlotType::Text => kept(said).map(Value::Text),
        SlotType::Name => text::name::read(said).map(Value::Text),
        SlotType::Phone => {
            let reading = text::phone::read(said);
            let fits = slot.any_phone || reading.kind == PhoneKind::Mobile;
            reading.phone.filter(|_| fits && reading.decision == Decision::Answer).map(Value::Phone)
        }
        SlotType::Number
        | SlotType::Date
        | SlotType::TimeWindow
        | SlotType::Email
        | SlotType::Location
        | SlotType::File => None,
        SlotType::Address => return address(slot, said, None, places),
    };
    value.map_or(Fill::Refused, Fill::Filled)
}

/// Reads `said` as an address, in the given province where it is known.
fn address(slot: &Slot, said: &str, province: Option<&str>, places: &Gazetteer) -> Fill {
    let reading = places.resolve(said, &Hint { province: province.map(str::to_owned) });
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
                let reading = places.resolve(said, &Hint { province: so_far.province.clone() });
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
