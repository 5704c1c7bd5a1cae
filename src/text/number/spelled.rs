//! Numbers below a thousand in words: `mười lăm`, `hai mươi mốt`, `một trăm linh năm`.
//!
//! Scales from a thousand up are [`super`]'s business. `không` is "no" and never a number here.

use crate::text::lexeme::{Lexeme, starts};

/// Units, and the forms they take behind `mươi`.
const UNITS: [(&str, i64); 10] = [
    ("một", 1),
    ("hai", 2),
    ("ba", 3),
    ("bốn", 4),
    ("năm", 5),
    ("sáu", 6),
    ("bảy", 7),
    ("bẩy", 7),
    ("tám", 8),
    ("chín", 9),
];
const BEHIND: [(&str, i64); 4] = [("mốt", 1), ("tư", 4), ("lăm", 5), ("nhăm", 5)];

/// A number in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::text) struct Spelled {
    /// How many words it takes.
    pub(in crate::text) length: usize,
    /// The number.
    pub(in crate::text) value: i64,
    /// One of the nine units alone.
    pub(in crate::text) is_unit: bool,
}

impl Spelled {
    /// Reads the number some pieces begin with.
    pub(in crate::text) fn at(all: &[Lexeme]) -> Option<Self> {
        let unit = unit(all, &UNITS);
        if let Some(hundreds) = unit
            && all.get(1).is_some_and(|next| next.is("trăm"))
        {
            let (more, rest) = below_hundred_behind(&all[2..]);
            return Some(Self { length: 2 + more, value: hundreds * 100 + rest, is_unit: false });
        }
        if let Some((length, value)) = tens(all) {
            return Some(Self { length, value, is_unit: false });
        }
        unit.map(|value| Self { length: 1, value, is_unit: true })
    }
}

/// The words between two terms that only say that a place is empty: `linh`, `lẻ`, `không trăm linh`.
pub(super) fn gap(all: &[Lexeme]) -> usize {
    let hundreds = if starts(all, "không trăm") { 2 } else { 0 };
    let tens = usize::from(all.get(hundreds).is_some_and(|next| next.is_any(&["linh", "lẻ"])));
    hundreds + tens
}

fn unit(all: &[Lexeme], table: &[(&str, i64)]) -> Option<i64> {
    let first = all.first()?;
    table.iter().find(|(word, _)| first.is(word)).map(|(_, value)| *value)
}

fn any_unit(all: &[Lexeme]) -> Option<i64> {
    unit(all, &UNITS).or_else(|| unit(all, &BEHIND))
}

fn is_ten(lexeme: Option<&Lexeme>) -> bool {
    lexeme.is_some_and(|lexeme| lexeme.is_any(&["mười", "mươi"]))
}

/// `mười`, `mười lăm`, `hai mươi`, `hai mươi mốt`.
fn tens(all: &[Lexeme]) -> Option<(usize, i64)> {
    let (length, tens) = match unit(all, &UNITS) {
        None if is_ten(all.first()) => (1, 10),
        Some(unit) if is_ten(all.get(1)) => (2, unit * 10),
        _ => return None,
    };
    match any_unit(&all[length..]) {
        Some(unit) if !starts_a_scale(&all[length + 1..]) => Some((length + 1, tens + unit)),
        _ => Some((length, tens)),
    }
}

/// `hai mươi | năm mươi`, `mười | hai trăm`: the unit belongs to what follows.
fn starts_a_scale(all: &[Lexeme]) -> bool {
    is_ten(all.first()) || all.first().is_some_and(|next| next.is("trăm"))
}

fn below_hundred_behind(all: &[Lexeme]) -> (usize, i64) {
    if let Some(found) = tens(all) {
        return found;
    }
    if all.first().is_some_and(|next| next.is_any(&["linh", "lẻ"]))
        && let Some(unit) = any_unit(&all[1..])
    {
        return (2, unit);
    }
    (0, 0)
}
