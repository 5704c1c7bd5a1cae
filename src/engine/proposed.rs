//! Answers to something that was proposed: a value known before, addresses, numbers.

use crate::domain::address::{Address, AddressPart};
use crate::domain::phone::Phone;
use crate::domain::session::Guesses;
use crate::domain::slot::Value;
use crate::flow::{Ask, StepIx};
use crate::text::{choice, opening, yes_no::YesNo};

use super::address;
use super::fill::{self, Fill};
use super::interrupt;
use super::reading::{Heard, Reading, of_fill, or_interrupt, pick, yes_or_no};
use super::run::Run;

/// A value known before was proposed.
pub(super) fn known(run: &Run<'_>, ask: &Ask, value: &Value, heard: &Heard) -> Reading {
    let slot = run.flow.slot(ask.slot);
    let another = match heard {
        Heard::Words(said) => {
            let rest = opening::correction(said).filter(|rest| !rest.is_empty());
            // "không, 0912 345 678": what stands behind the no is the value, unless it is the one proposed.
            match rest.map(|rest| fill::fill(run, slot, rest)) {
                Some(Fill::Filled(again)) if again == *value => return Reading::No,
                Some(filled @ Fill::Filled(_)) => return of_fill(filled),
                _ => fill::fill(run, slot, said),
            }
        }
        Heard::Sent(value) => fill::sent(run, slot, value, None),
        _ => Fill::Refused,
    };
    match (yes_or_no(heard), another) {
        (YesNo::No, Fill::Filled(again)) if again == *value => Reading::No,
        // A number is a number whatever stands around it.
        (_, filled @ (Fill::Filled(Value::Phone(_)) | Fill::Which(_))) => of_fill(filled),
        (YesNo::No, unfit @ Fill::Unfit(_)) => of_fill(unfit),
        (YesNo::Yes, _) => Reading::Yes,
        (YesNo::No, _) => Reading::No,
        (YesNo::Ask | YesNo::None, another) => match interrupt::whole(run.flow, &run.phrase()) {
            Some(interrupt) if ask.interruptible => Reading::Interrupt(interrupt.name.clone()),
            _ => of_fill(another),
        },
    }
}

/// An address was proposed, or several.
pub(super) fn guessed(run: &Run<'_>, at: StepIx, ask: &Ask, guesses: &[Address], heard: &Heard) -> Reading {
    let slot = run.flow.slot(ask.slot);
    let said = match heard {
        Heard::Sent(value) => return of_fill(fill::sent(run, slot, value, guesses.first())),
        Heard::Words(said) => said,
        _ => match (tapped_guess(heard, guesses.len()), yes_or_no(heard)) {
            (Some(ix), _) => return Reading::Picked(ix),
            (None, YesNo::Yes) => return Reading::Yes,
            (None, _) => return Reading::No,
        },
    };
    let labels = Guesses::Addresses(guesses.to_vec()).labels();
    let pick_guess = |said: &str| pick(said, labels.iter().map(|label| (label.clone(), label.clone())));
    let denied = opening::denied(said);
    if let Some(ix) = denied.and_then(pick_guess).filter(|_| guesses.len() > 1) {
        return of_fill(Fill::Unsure(without(guesses, ix)));
    }
    // "không phải, phường Bến Nghé quận 1": what stands behind the no is the address.
    let rest = opening::instead(said);
    let another = address::instead(run, slot, rest.unwrap_or(said), guesses);
    let is_place = match &another {
        Fill::Filled(_) | Fill::Lacks(AddressPart::Ward | AddressPart::Street, _) => true,
        Fill::Unsure(others) => (rest.is_some() || denied.is_some()) && !others.is_empty(),
        _ => false,
    };
    if is_place {
        return of_fill(another);
    }
    match (yes_or_no(heard), pick_guess(said).filter(|_| guesses.len() > 1)) {
        (_, Some(ix)) => Reading::Picked(ix),
        (YesNo::Yes, None) if guesses.len() == 1 => Reading::Yes,
        (YesNo::No, None) => Reading::No,
        _ => or_interrupt(run, at, || of_fill(another)),
    }
}

fn without<T: Clone>(all: &[T], ix: usize) -> Vec<T> {
    all.iter().enumerate().filter(|(at, _)| *at != ix).map(|(_, one)| one.clone()).collect()
}

/// The guess that was tapped, of so many.
fn tapped_guess(heard: &Heard, count: usize) -> Option<usize> {
    let Heard::Tapped(value) = heard else { return None };
    value.strip_prefix('g').and_then(|n| n.parse().ok()).filter(|ix| *ix < count)
}

/// A number was proposed, or several.
pub(super) fn which_phone(run: &Run<'_>, at: StepIx, ask: &Ask, phones: &[Phone], heard: &Heard) -> Reading {
    let picked = match heard {
        Heard::Words(said) if phones.len() > 1 => {
            let rest = opening::instead(said);
            let picked = pick_phone(rest.unwrap_or(said), phones);
            // "không lấy số 0912": one of the others.
            if let Some(ix) = picked.filter(|_| rest.is_none() && yes_or_no(heard) == YesNo::No) {
                return of_fill(Fill::Which(without(phones, ix)));
            }
            picked
        }
        _ => tapped_guess(heard, phones.len()),
    };
    if let Some(ix) = picked {
        return Reading::Picked(ix);
    }
    match (yes_or_no(heard), fill::fill(run, run.flow.slot(ask.slot), &run.said), phones) {
        // Who repeats a doubtful number means it.
        (_, Fill::Which(again), [_]) if again == phones => Reading::Yes,
        // A number is a number whatever stands around it.
        (_, filled @ (Fill::Filled(_) | Fill::Which(_) | Fill::Unfit(_)), _) => of_fill(filled),
        (YesNo::Yes, _, [_]) => Reading::Yes,
        (YesNo::No, ..) => Reading::No,
        (_, filled, _) => or_interrupt(run, at, || of_fill(filled)),
    }
}

/// The one of several numbers that is named by its place, or by how it begins or ends: "số đuôi 678".
fn pick_phone(said: &str, phones: &[Phone]) -> Option<usize> {
    let digits: String = said.chars().filter(char::is_ascii_digit).collect();
    let named = |ix: &usize| {
        let phone = phones[*ix].national().replace(' ', "");
        digits.len() > 2 && (phone.starts_with(&digits) || phone.ends_with(&digits))
    };
    let mut all_named = (0..phones.len()).filter(named);
    match (all_named.next(), all_named.next()) {
        (Some(ix), None) => Some(ix),
        _ => choice::by_place(said, phones.len()).one(),
    }
}
