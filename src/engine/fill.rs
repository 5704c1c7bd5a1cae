//! From words to a slot's value.

use crate::domain::address::{Address, AddressPart};
use crate::domain::phone::Phone;
use crate::domain::slot::{Media, SlotType, Value};
use crate::domain::time::{Day, TimeWindow};
use crate::flow::{Pattern, Slot};
use crate::text::time_window::TimeReading;
use crate::text::{self, Decision, choice::ChoiceReading, phone::PhoneProblem, yes_no::YesNo};

use super::address;
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
        SlotType::Address => return address::read(run, slot, said),
        // Sent, not typed.
        SlotType::Location | SlotType::File => None,
    };
    value.map_or(Fill::Refused, Fill::Filled)
}

/// What was sent, as the value of `slot`: a place on the map stands for an address near it. `so_far` is what is
/// known of the address already.
pub(super) fn sent(run: &Run<'_>, slot: &Slot, value: &Value, so_far: Option<&Address>) -> Fill {
    match (slot.kind, value) {
        (SlotType::Address, Value::Location(point)) => address::near(run, *point, so_far),
        _ => Fill::Filled(value.clone()),
    }
}

/// Reads `said` as a value of `slot` although it was asked about something else: what could be chance is not
/// taken for meant.
pub(super) fn by_the_way(run: &Run<'_>, slot: &Slot, said: &str) -> Option<Value> {
    if slot.kind == SlotType::Choice {
        return choice(run, slot, said, text::choice::read_strictly).map(Value::Choice);
    }
    match fill(run, slot, said) {
        Fill::Filled(value) => Some(value),
        Fill::Lacks(..) | Fill::Unsure(_) | Fill::Which(_) | Fill::Unfit(_) | Fill::Refused => None,
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
    let own = slot.options_on(run.language);
    picked(own).or_else(|| if std::ptr::eq(own, slot.options.as_slice()) { None } else { picked(&slot.options) })
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

/// The words on one line, as far as they are kept; `None` when there are none.
pub(super) fn kept(said: &str) -> Option<String> {
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let kept: String = words.chars().take(TEXT_KEPT).collect();
    kept.chars().any(char::is_alphanumeric).then_some(kept)
}
