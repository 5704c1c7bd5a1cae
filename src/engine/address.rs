//! The conversation of an address: what is read of it, what it still lacks, what it may be.

use crate::domain::address::{Address, AddressPart};
use crate::domain::slot::{Point, Value};
use crate::flow::Slot;
use crate::place::{Candidate, Hint, PlaceReading};
use crate::text::yes_no::{self, YesNo};
use crate::text::{self, Decision, phone};

use super::fill::{Fill, kept};
use super::run::Run;

/// So many places of one name in several provinces are too many to choose from.
const TOO_MANY: usize = 3;
/// In more words than these a street may stand beside a yes or no: "không có số nhà, gần chợ Bà Chiểu".
const LONGEST_ANSWER: usize = 5;
/// What a phone number is called.
const PHONE_WORDS: [&str; 7] = ["sdt", "dt", "dd", "so", "dien", "thoai", "tel"];

/// Reads `said` as an address.
pub(super) fn read(run: &Run<'_>, slot: &Slot, said: &str) -> Fill {
    read_in(run, slot, said, Hint::default())
}

/// Reads `said` as an address that probably is where the hint says.
fn read_in(run: &Run<'_>, slot: &Slot, said: &str, hint: Hint) -> Fill {
    let is_province_open = hint.province.is_none() && slot.need.contains(&AddressPart::Province);
    let reading = run.world.places.resolve(said, &Hint { rejected: run.rejected.clone(), ..hint });
    let lacks_province = is_province_open && reading.address.province.is_none();
    match reading.decision {
        Decision::Answer => settled(run, slot, reading),
        Decision::Ask if lacks_province && are_scattered(&reading.candidates) => {
            Fill::Lacks(AddressPart::Province, reading.address)
        }
        Decision::Ask if !reading.candidates.is_empty() => Fill::Unsure(addresses(reading.candidates)),
        // A street alone is a beginning.
        _ if lacks_province && reading.address.street.is_some() => Fill::Lacks(AddressPart::Province, reading.address),
        Decision::Ask | Decision::None => Fill::Refused,
    }
}

/// Whether the candidates are as many as there can be, in more than one province: the province narrows them down.
fn are_scattered(candidates: &[Candidate]) -> bool {
    let province = |candidate: &Candidate| candidate.address.province.clone();
    candidates.len() >= TOO_MANY && candidates.windows(2).any(|pair| province(&pair[0]) != province(&pair[1]))
}

/// A clear reading, which is a question all the same when the ward was divided among communes that different
/// units serve, or when the commune it became was rejected.
fn settled(run: &Run<'_>, slot: &Slot, reading: PlaceReading) -> Fill {
    let address = reading.address;
    if !address.split {
        return complete(slot, address);
    }
    let is_rejected = run.rejected.iter().any(|code| Some(code) == address.ward.as_ref());
    let parts = addresses(reading.candidates).into_iter().filter(|part| part.old_ward_code == address.old_ward_code);
    let parts: Vec<Address> = parts.map(|part| Address { split: false, ..part }).collect();
    let are_apart = parts.windows(2).any(|pair| (run.world.apart)(&pair[0], &pair[1]));
    if is_rejected || are_apart { Fill::Unsure(parts) } else { complete(slot, address) }
}

fn addresses(candidates: Vec<Candidate>) -> Vec<Address> {
    candidates.into_iter().map(|candidate| candidate.address).collect()
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
pub(super) fn part(run: &Run<'_>, slot: &Slot, said: &str, part: AddressPart, so_far: &Address) -> Fill {
    match part {
        AddressPart::Province => province(run, slot, said, so_far),
        AddressPart::Ward => match read_in(run, slot, said, Hint::of(so_far)) {
            Fill::Filled(Value::Address(found)) | Fill::Lacks(_, found) if found.ward.is_some() => {
                complete(slot, joined(so_far, found, said))
            }
            Fill::Unsure(guesses) => Fill::Unsure(guesses.into_iter().map(|it| joined(so_far, it, said)).collect()),
            _ => Fill::Refused,
        },
        AddressPart::Street => match street_in(said) {
            Some(street) => {
                let reading = run.world.places.resolve(said, &Hint::of(so_far));
                // The whole address again is as good an answer as the street alone.
                let is_whole = reading.decision == Decision::Answer && reading.address.ward == so_far.ward;
                let street = reading.address.street.filter(|_| is_whole).unwrap_or(street);
                let text = format!("{said}, {}", so_far.text);
                complete(slot, Address { street: Some(street), text, ..so_far.clone() })
            }
            None => Fill::Refused,
        },
    }
}

/// The street that was said, without a phone number; `None` for what can be none: a short yes or no, "em không nhớ".
fn street_in(said: &str) -> Option<String> {
    let mut rest = said.to_owned();
    for span in phone::read(said).spans.into_iter().rev() {
        rest.replace_range(span, "");
    }
    let mut words: Vec<&str> = rest.split_whitespace().collect();
    let is_of_phone = |word: &str| PHONE_WORDS.contains(&text::plain(word).as_str());
    while words.last().is_some_and(|last| is_of_phone(last) || !last.contains(char::is_alphanumeric)) {
        words.pop();
    }
    let street = kept(words.join(" ").trim_end_matches([',', ';', ':', '.']))?;
    let has_digits = street.contains(char::is_numeric);
    let is_answer = words.len() <= LONGEST_ANSWER && yes_no::read(&street) != YesNo::None;
    (has_digits || !is_answer).then_some(street)
}

/// Reads the answer to the question for the province: with the words given before, "12 Lê Lợi" + "Huế". Where
/// those do not lie in it they were wrong, and what was said now counts.
fn province(run: &Run<'_>, slot: &Slot, said: &str, so_far: &Address) -> Fill {
    let together = read(run, slot, &format!("{}, {said}", so_far.text));
    match together {
        Fill::Filled(_) | Fill::Lacks(AddressPart::Ward | AddressPart::Street, _) => together,
        _ => match read(run, slot, said) {
            Fill::Filled(Value::Address(found)) | Fill::Lacks(_, found) if found.province.is_some() => {
                complete(slot, joined(so_far, found, said))
            }
            _ if matches!(together, Fill::Unsure(_)) => together,
            _ => Fill::Refused,
        },
    }
}

/// The commune just found, with the street given before.
fn joined(so_far: &Address, found: Address, said: &str) -> Address {
    let street = so_far.street.clone().or(found.street.clone());
    Address { street, text: format!("{}, {said}", so_far.text), ..found }
}

/// Reads what is said in the place of the addresses proposed: in their province, where they have one in common, and
/// with the street given before, unless it says one.
pub(super) fn instead(run: &Run<'_>, slot: &Slot, said: &str, guesses: &[Address]) -> Fill {
    let first = guesses.first();
    let province = first.and_then(|first| first.province.clone());
    let province = province.filter(|_| guesses.windows(2).all(|two| two[0].province == two[1].province));
    let street = first.and_then(|first| first.street.clone());
    let with_street = |found: Address| Address { street: found.street.clone().or_else(|| street.clone()), ..found };
    match read_in(run, slot, said, Hint { province, ..Hint::default() }) {
        Fill::Filled(Value::Address(found)) | Fill::Lacks(_, found) => complete(slot, with_street(found)),
        Fill::Unsure(others) => Fill::Unsure(others.into_iter().map(with_street).collect()),
        other => other,
    }
}

/// The communes nearest to a place on the map, to be asked about; with the street that is known already.
pub(super) fn near(run: &Run<'_>, point: Point, so_far: Option<&Address>) -> Fill {
    let (latitude, longitude) = point.degrees();
    let nearest = addresses(run.world.places.nearest(latitude, longitude));
    let is_open = |address: &Address| !run.rejected.iter().any(|code| Some(code) == address.ward.as_ref());
    let street = so_far.and_then(|so_far| so_far.street.clone());
    let placed = |address| Address { street: street.clone(), text: point.shown(), ..address };
    Fill::Unsure(nearest.into_iter().filter(is_open).map(placed).collect())
}

/// Reads an address that corrects an earlier one: what it does not say stays as it was. `opened` when the contact
/// began with "à nhầm" or the like, so that a bare name can be meant.
pub(super) fn again(run: &Run<'_>, slot: &Slot, said: &str, before: &Address, opened: bool) -> Option<Address> {
    let hint = if opened { Hint { ward: None, ..Hint::of(before) } } else { Hint::default() };
    let (Fill::Filled(Value::Address(found)) | Fill::Lacks(AddressPart::Street, found)) =
        read_in(run, slot, said, hint)
    else {
        return None;
    };
    let street = found.street.clone().or_else(|| before.street.clone());
    match complete(slot, Address { street, ..found }) {
        Fill::Filled(Value::Address(address)) => Some(address),
        _ => None,
    }
}
