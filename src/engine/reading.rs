//! What is made of what the contact said, before anything is done about it: from words, taps and pictures
//! to a [`Reading`]. What follows from one is `react`'s business; answers to something proposed are read in
//! `proposed`.

use crate::domain::address::{Address, AddressPart};
use crate::domain::message::{Choice, Event};
use crate::domain::phone::Phone;
use crate::domain::session::{Guesses, Waiting};
use crate::domain::slot::{Media, Point, SlotType, Value};
use crate::flow::{Ask, Confirm, Corrections, Slot, StepIx, Verb};
use crate::text::{self, opening, yes_no::YesNo};

use super::address;
use super::fill::{self, Fill};
use super::interrupt;
use super::proposed;
use super::question::{AGREE, DECLINE};
use super::run::Run;

/// So many meanings are named in one sentence; more are no help.
const MOST_NAMED: usize = 4;

/// Something the contact can have meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// The value that was asked for.
    Value(Value),
    /// An address that lacks a part.
    Lacks(AddressPart, Address),
    /// An answer that could be one of these.
    Unsure(Guesses),
    /// Meant as an answer, and none that the question takes.
    Unfit(Unfit),
    /// Yes, to something else than a slot.
    Yes,
    /// No, to something else than a slot.
    No,
    /// This one of those that were offered.
    Picked(usize),
    /// An earlier answer is to be another: the slots it can be meant for, with their new values.
    Corrects(Vec<(String, Value)>),
    /// One of the flow's interrupts, by name.
    Interrupt(String),
    /// The question is left open.
    Skip,
    /// An answer to the question that waits behind this one.
    Behind(Box<Reading>),
    /// An answer of a kind, that could be any of these, by their labels.
    Unclear(Vec<String>),
    /// Nothing of all that.
    Unknown,
    /// A tap on something that is over.
    Stale,
    /// A picture, a voice message, where none was asked for.
    Unreadable,
}

/// Why something that was meant as the answer cannot be it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// A fixed line's number where one with a SIM is wanted.
    Landline(Phone),
    /// A number that anybody can call and nobody subscribes to.
    Hotline,
    /// A number of which digits are hidden.
    Masked,
    /// An identity card's number.
    IdNumber,
    /// A number of another country.
    Foreign,
    /// A number of the right length that no network has.
    UnknownPrefix,
}

/// What the contact said, as far as the form goes.
pub(super) enum Heard {
    /// One of the choices under the question: the value behind its `=`.
    Tapped(String),
    /// Words.
    Words(String),
    /// Something sent that is a value by itself.
    Sent(Value),
    /// A choice of a question that is over.
    Stale,
    /// Nothing the bot can read.
    Unreadable,
}

/// Reads what the contact said to a session that waits at `at` like this; notes the words in the run.
pub(super) fn read(run: &mut Run<'_>, at: StepIx, waiting: &Waiting) -> Reading {
    let heard = listen(run, at);
    run.said = match (&heard, run.input.event) {
        (Heard::Words(words), _) => words.clone(),
        (_, Event::Text { text } | Event::Choice { title: text, .. }) => text.clone(),
        _ => String::new(),
    };
    if let Waiting::Unsure { guesses } = waiting
        && rejects(&heard)
    {
        run.rejected.extend(guesses.places());
    }
    match heard {
        Heard::Stale => Reading::Stale,
        Heard::Unreadable => Reading::Unreadable,
        heard => meant(run, at, waiting, &heard),
    }
}

/// Whether it is none of what was proposed.
fn rejects(heard: &Heard) -> bool {
    yes_or_no(heard) == YesNo::No || matches!(heard, Heard::Words(said) if opening::correction(said).is_some())
}

fn meant(run: &Run<'_>, at: StepIx, waiting: &Waiting, heard: &Heard) -> Reading {
    let flow = run.flow;
    let verb = &flow.step(at).verb;
    let reading = match (waiting, verb) {
        (Waiting::Answer | Waiting::Known { .. } | Waiting::Part { .. } | Waiting::Unsure { .. }, Verb::Ask(ask))
            if ask.optional && matches!(heard, Heard::Words(words) if opening::skip(words)) =>
        {
            Reading::Skip
        }
        (Waiting::Answer, Verb::Ask(ask)) => answer(run, at, ask, heard),
        (Waiting::Known { value }, Verb::Ask(ask)) => proposed::known(run, ask, value, heard),
        (Waiting::Part { part, so_far }, Verb::Ask(ask)) => {
            let slot = flow.slot(ask.slot);
            match opened_correction(run, at, slot, &run.said).filter(|_| ask.interruptible) {
                Some(correction) => correction,
                None => or_interrupt(run, at, || of_fill(part_of(run, slot, *part, so_far, heard))),
            }
        }
        (Waiting::Unsure { guesses }, Verb::Ask(ask)) => match guesses {
            Guesses::Addresses(guesses) => proposed::guessed(run, at, ask, guesses, heard),
            Guesses::Phones(phones) => proposed::which_phone(run, at, ask, phones, heard),
        },
        (Waiting::Confirm, Verb::Confirm(confirm)) => confirmed(run, at, confirm, heard),
        (Waiting::Which, Verb::Confirm(confirm)) => which(run, at, confirm, heard),
        (Waiting::Correct { values, back, .. }, _) => corrected(run, at, values, back, heard),
        (Waiting::Interrupt { name, .. }, _) => match undoing(heard) {
            YesNo::Yes => Reading::Yes,
            YesNo::No => Reading::No,
            // Whoever says it again means it.
            YesNo::Ask | YesNo::None => match interrupt::whole(flow, &run.phrase()) {
                Some(again) if again.name == *name => Reading::Yes,
                _ => Reading::No,
            },
        },
        _ => or_interrupt(run, at, || Reading::Unknown),
    };
    let reading = match (reading, verb) {
        (Reading::Unknown, Verb::Ask(ask)) if !ask.interruptible => Reading::Unknown,
        // "gọi 9090 không được, cho gặp nhân viên": what is wanted goes before what is wrong.
        (unfit @ Reading::Unfit(_), Verb::Ask(ask)) if ask.interruptible => {
            let called = interrupt::inside(flow, &run.phrase());
            called.map_or(unfit, |interrupt| Reading::Interrupt(interrupt.name.clone()))
        }
        (Reading::Unknown, _) => refused(run, at),
        (reading, _) => reading,
    };
    match reading {
        Reading::Unknown => unclear(run, at, waiting, heard),
        reading => reading,
    }
}

/// The form of what was said: a tap, words, something sent, or none of these.
fn listen(run: &Run<'_>, at: StepIx) -> Heard {
    let choices = &run.question.choices;
    let wanted = match &run.flow.step(at).verb {
        Verb::Ask(ask) => Some(run.flow.slot(ask.slot).kind),
        _ => None,
    };
    match run.input.event {
        Event::Choice { payload, title } => match tapped(payload, choices) {
            Some(value) => Heard::Tapped(value),
            None if is_payload(run, payload) => Heard::Stale,
            None => Heard::Words(title.clone()),
        },
        Event::Text { text } => match tapped(text.trim(), choices).or_else(|| named(text, choices)) {
            Some(value) => Heard::Tapped(value),
            None if is_payload(run, text.trim()) => Heard::Stale,
            None => Heard::Words(text.clone()),
        },
        Event::Details { name, phone, address } => {
            let given = match wanted {
                Some(SlotType::Phone) => phone.clone(),
                Some(SlotType::Address) => address.clone(),
                Some(SlotType::Name) => name.clone(),
                _ => None,
            };
            given.map_or(Heard::Unreadable, Heard::Words)
        }
        Event::Location { latitude, longitude } if matches!(wanted, Some(SlotType::Location | SlotType::Address)) => {
            Point::of_degrees(*latitude, *longitude).map_or(Heard::Unreadable, |p| Heard::Sent(Value::Location(p)))
        }
        Event::Media { media, url } if wanted == Some(SlotType::File) => {
            Heard::Sent(Value::File(Media { kind: media.clone(), url: url.clone() }))
        }
        _ => Heard::Unreadable,
    }
}

/// The value of the choice with this payload.
fn tapped(payload: &str, choices: &[Choice]) -> Option<String> {
    let choice = choices.iter().find(|choice| choice.payload == payload)?;
    Some(choice.payload.split_once('=').map_or(payload, |(_, value)| value).to_owned())
}

/// The value of the choice with this number or title, for channels that show choices as text.
fn named(said: &str, choices: &[Choice]) -> Option<String> {
    if choices.is_empty() {
        return None;
    }
    let plain = text::plain(said);
    let number = plain.trim_end_matches('.').parse::<usize>().ok();
    let by_number = number.and_then(|n| choices.get(n.checked_sub(1)?)).filter(|numbered| {
        // "3" may be the third one, or the one of three months.
        let says_it = |choice: &&Choice| text::plain(&choice.title).split(' ').any(|word| word == plain);
        !choices.iter().filter(|choice| choice != numbered).any(|choice| says_it(&choice))
    });
    let choice = by_number.or_else(|| choices.iter().find(|choice| text::plain(&choice.title) == plain))?;
    tapped(&choice.payload, choices)
}

/// Whether this is a payload of ours, of some step of this flow.
fn is_payload(run: &Run<'_>, said: &str) -> bool {
    said.split_once('=').is_some_and(|(step, value)| !value.contains(' ') && run.flow.find(step).is_some())
}

pub(super) fn yes_or_no(heard: &Heard) -> YesNo {
    match heard {
        Heard::Tapped(value) if value == "yes" || value == AGREE => YesNo::Yes,
        Heard::Tapped(value) if value == "no" || value == DECLINE => YesNo::No,
        Heard::Words(words) => text::yes_no::read(words),
        Heard::Tapped(_) | Heard::Sent(_) | Heard::Stale | Heard::Unreadable => YesNo::None,
    }
}

/// The same where it was asked whether to stop or to delete: "ok xóa đi" agrees.
fn undoing(heard: &Heard) -> YesNo {
    match heard {
        Heard::Words(words) => text::yes_no::read_undoing(words),
        heard => yes_or_no(heard),
    }
}

/// The question for a slot was answered.
fn answer(run: &Run<'_>, at: StepIx, ask: &Ask, heard: &Heard) -> Reading {
    let slot = run.flow.slot(ask.slot);
    let said = match (heard, slot.kind) {
        (Heard::Sent(value), _) => return of_fill(fill::sent(run, slot, value, None)),
        (Heard::Tapped(value), SlotType::YesNo | SlotType::Consent) => {
            return Reading::Value(Value::YesNo(value == "yes"));
        }
        (Heard::Tapped(value), SlotType::Choice) => return Reading::Value(Value::Choice(value.clone())),
        _ => run.said.as_str(),
    };
    if ask.interruptible
        && let Some(correction) = opened_correction(run, at, slot, said)
    {
        return correction;
    }
    let filled = fill::fill(run, slot, said);
    // A clear answer to a closed question is never taken for an interrupt: "dung" is đúng here.
    let closed = matches!(slot.kind, SlotType::YesNo | SlotType::Consent | SlotType::Choice);
    if closed && matches!(filled, Fill::Filled(_)) || !ask.interruptible {
        return of_fill(filled);
    }
    or_interrupt(run, at, || of_fill(filled))
}

/// "không phải, buổi chiều cơ": an opening that takes something back, and a new value for an earlier slot
/// behind it. The slot that is asked for comes first, unless it would take any words at all.
fn opened_correction(run: &Run<'_>, at: StepIx, slot: &Slot, said: &str) -> Option<Reading> {
    let rest = opening::correction(said).filter(|rest| !rest.is_empty())?;
    if run.flow.corrections == Corrections::Off {
        return None;
    }
    let closed = matches!(slot.kind, SlotType::YesNo | SlotType::Consent | SlotType::Text | SlotType::Name);
    if !closed && let filled @ Fill::Filled(_) = fill::fill(run, slot, rest) {
        return Some(of_fill(filled));
    }
    let values = run.corrections_in(at, rest, true);
    (!values.is_empty()).then_some(Reading::Corrects(values))
}

/// The question for a part of an address was answered.
fn part_of(run: &Run<'_>, slot: &Slot, part: AddressPart, so_far: &Address, heard: &Heard) -> Fill {
    match (heard, part) {
        // A place on the map tells no street.
        (Heard::Sent(_), AddressPart::Street) => Fill::Refused,
        (Heard::Sent(value), _) => fill::sent(run, slot, value, Some(so_far)),
        _ => address::part(run, slot, &run.said, part, so_far),
    }
}

/// The summary was answered.
fn confirmed(run: &Run<'_>, at: StepIx, confirm: &Confirm, heard: &Heard) -> Reading {
    let Heard::Words(said) = heard else {
        return match yes_or_no(heard) {
            YesNo::Yes => Reading::Yes,
            YesNo::No => Reading::No,
            YesNo::Ask | YesNo::None => Reading::Unknown,
        };
    };
    let rest = opening::correction(said).filter(|rest| !rest.is_empty());
    if let Some(rest) = rest {
        let values = run.corrections_in(at, rest, true);
        if !values.is_empty() {
            return Reading::Corrects(values);
        }
    }
    match text::yes_no::read(said) {
        YesNo::Yes => Reading::Yes,
        // "sai giờ nhận": what is wrong is named at once.
        YesNo::No => pick_slot(run, confirm, rest.unwrap_or(said)).map_or(Reading::No, Reading::Picked),
        YesNo::Ask | YesNo::None => or_interrupt(run, at, || {
            let values = run.corrections_in(at, said, rest.is_some());
            match (values.is_empty(), rest) {
                (false, _) => Reading::Corrects(values),
                (true, Some(rest)) => pick_slot(run, confirm, rest).map_or(Reading::No, Reading::Picked),
                (true, None) => Reading::Unknown,
            }
        }),
    }
}

/// The contact was asked what is wrong in the summary.
fn which(run: &Run<'_>, at: StepIx, confirm: &Confirm, heard: &Heard) -> Reading {
    if let Heard::Tapped(name) = heard {
        let named = run.fixable_slots(confirm).iter().position(|slot| slot.name == *name);
        return named.map_or(Reading::Unknown, Reading::Picked);
    }
    let values = run.corrections_in(at, opening::correction(&run.said).unwrap_or(&run.said), true);
    if !values.is_empty() {
        return Reading::Corrects(values);
    }
    match pick_slot(run, confirm, &run.said) {
        Some(ix) => Reading::Picked(ix),
        None => or_interrupt(run, at, || Reading::Unknown),
    }
}

/// A correction was proposed, or several.
fn corrected(run: &Run<'_>, at: StepIx, values: &[(String, Value)], back: &Waiting, heard: &Heard) -> Reading {
    let label = |(name, _): &(String, Value)| {
        let slot = run.flow.slot_named(name);
        let label = slot.map_or_else(String::new, |slot| slot.label.on(run.language).to_owned());
        (name.clone(), label)
    };
    let picked = match heard {
        Heard::Tapped(value) => value.strip_prefix('c').and_then(|n| n.parse::<usize>().ok()),
        Heard::Words(said) if values.len() > 1 => pick(said, values.iter().map(label)),
        _ => None,
    };
    if let Some(ix) = picked.filter(|ix| *ix < values.len()) {
        return Reading::Picked(ix);
    }
    match (yes_or_no(heard), values) {
        (YesNo::Yes, [_]) => Reading::Yes,
        (YesNo::No, _) => Reading::No,
        _ => Reading::Behind(Box::new(meant(run, at, back, heard))),
    }
}

pub(super) fn pick(said: &str, options: impl Iterator<Item = (String, String)>) -> Option<usize> {
    text::choice::read(said, &options.collect::<Vec<_>>()).one()
}

/// The slot of a summary that is named, as its place among those shown.
fn pick_slot(run: &Run<'_>, confirm: &Confirm, said: &str) -> Option<usize> {
    let slots = run.fixable_slots(confirm);
    pick(said, slots.iter().map(|slot| (slot.name.clone(), slot.label.on(run.language).to_owned())))
}

/// The interrupt that the whole message is, unless the step leaves everything to its slot; else `reading`.
pub(super) fn or_interrupt(run: &Run<'_>, at: StepIx, reading: impl FnOnce() -> Reading) -> Reading {
    let heard_here = !matches!(&run.flow.step(at).verb, Verb::Ask(ask) if !ask.interruptible);
    match interrupt::whole(run.flow, &run.phrase()).filter(|_| heard_here) {
        Some(interrupt) => Reading::Interrupt(interrupt.name.clone()),
        None => reading(),
    }
}

/// What was said is no answer: an interrupt somewhere inside, else a correction of an earlier answer.
fn refused(run: &Run<'_>, at: StepIx) -> Reading {
    if let Some(interrupt) = interrupt::inside(run.flow, &run.phrase()) {
        return Reading::Interrupt(interrupt.name.clone());
    }
    if run.flow.corrections == Corrections::Off {
        return Reading::Unknown;
    }
    let rest = opening::correction(&run.said).filter(|rest| !rest.is_empty());
    let values = run.corrections_in(at, rest.unwrap_or(&run.said), rest.is_some());
    if values.is_empty() { Reading::Unknown } else { Reading::Corrects(values) }
}

/// What is left is no answer, or one that could be several: "để sau", "sáng hoặc chiều".
fn unclear(run: &Run<'_>, at: StepIx, waiting: &Waiting, heard: &Heard) -> Reading {
    let Heard::Words(said) = heard else { return Reading::Unknown };
    let words = run.words();
    let labels = match (waiting, &run.flow.step(at).verb) {
        (Waiting::Answer, Verb::Ask(ask)) => fill::meanings(run, run.flow.slot(ask.slot), said),
        (Waiting::Known { .. }, _) => fill::either(said, words.right, words.not_that),
        (Waiting::Unsure { guesses: Guesses::Addresses(guesses) }, _) if guesses.len() == 1 => {
            fill::either(said, words.right, words.not_that)
        }
        (Waiting::Confirm, _) => fill::either(said, words.right, words.change),
        _ => Vec::new(),
    };
    if (2..=MOST_NAMED).contains(&labels.len()) { Reading::Unclear(labels) } else { Reading::Unknown }
}

pub(super) fn of_fill(fill: Fill) -> Reading {
    match fill {
        Fill::Filled(value) => Reading::Value(value),
        Fill::Lacks(part, so_far) => Reading::Lacks(part, so_far),
        Fill::Unsure(guesses) if !guesses.is_empty() => Reading::Unsure(Guesses::Addresses(guesses)),
        Fill::Which(numbers) => Reading::Unsure(Guesses::Phones(numbers)),
        Fill::Unfit(why) => Reading::Unfit(why),
        Fill::Unsure(_) | Fill::Refused => Reading::Unknown,
    }
}
