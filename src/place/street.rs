//! What is left of an address when its units are taken out: house number, street, hamlet.
//!
//! Kept as typed: tidied, never corrected and never given accents that were not there.

use std::ops::Range;
use std::sync::LazyLock;

use super::letter::Letters;
use super::typed::Typed;
use crate::text::{collapse_spaces, head};

/// Longest street kept, in characters.
const LONGEST: usize = 200;

/// What people write before an address; several may follow one another.
const OPENINGS: [&str; 47] = [
    "địa chỉ",
    "đ/c",
    "đc",
    "dc",
    "đchi",
    "nhận sim",
    "nhận hàng",
    "nhận ở",
    "nhận tại",
    "nhận",
    "của em",
    "của anh",
    "của chị",
    "của tôi",
    "của mình",
    "nhà em",
    "nhà tôi",
    "nhà mình",
    "nhà anh",
    "nhà chị",
    "em ở",
    "tôi ở",
    "mình ở",
    "anh ở",
    "chị ở",
    "con ở",
    "cháu ở",
    "giao",
    "ship",
    "gửi",
    "chuyển",
    "mang",
    "giúp",
    "giùm",
    "dùm",
    "cho em",
    "cho anh",
    "cho chị",
    "cho tôi",
    "cho mình",
    "sim",
    "về",
    "đến",
    "tới",
    "tại",
    "là",
    "ở",
];
/// Politeness around an address.
const POLITE: [&str; 10] = ["dạ", "vâng", "ạ", "nhé", "nha", "nhe", "em", "anh ơi", "chị ơi", "em ơi"];

/// Phrases as letters, word by word.
struct Phrases(Vec<Vec<Letters>>);

impl Phrases {
    fn new(phrases: &[&str]) -> Self {
        let words = |phrase: &&str| phrase.split([' ', '/']).map(Letters::of_name).collect::<Vec<_>>();
        let mut all: Vec<Vec<Letters>> = phrases.iter().map(words).collect();
        all.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
        Self(all)
    }

    /// How many pieces a phrase takes up that begins at `from` and ends by `end`.
    fn at(&self, typed: &Typed, from: usize, end: usize) -> Option<usize> {
        let initial = if from < end { typed.bare(from).first()? } else { return None };
        let fits = |phrase: &&Vec<Letters>| {
            phrase[0].bare.first() == Some(initial)
                && from + phrase.len() <= end
                && phrase.iter().enumerate().all(|(at, word)| typed.spells(from + at..from + at + 1, word))
        };
        self.0.iter().find(fits).map(Vec::len)
    }
}

static OPENING: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(&[OPENINGS.as_slice(), &POLITE].concat()));
static CLOSING: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(&POLITE));

/// The street in a text, given the pieces that name units, in order; `None` when nothing of substance is left.
/// What stands before the units is the street; what stands behind only when nothing does.
pub(super) fn street(text: &str, typed: &Typed, units: &[Range<usize>], end: usize) -> Option<String> {
    let first = units.first().map_or(end, |unit| unit.start);
    if let Some(street) = tidied(text, typed, 0..first) {
        return Some(street);
    }
    let behind = units.iter().map(|unit| unit.end).zip(units.iter().skip(1).map(|unit| unit.start).chain([end]));
    behind.filter(|(from, end)| from < end).find_map(|(from, end)| tidied(text, typed, from..end))
}

/// Whether a text without any unit could be a street: it holds a number and a word.
pub(super) fn looks_like_one(typed: &Typed) -> bool {
    typed.pieces.iter().any(|piece| piece.is_number) && typed.pieces.iter().any(|piece| !piece.is_number)
}

/// Some pieces as typed, without openings, politeness and stray punctuation, on one line.
fn tidied(text: &str, typed: &Typed, pieces: Range<usize>) -> Option<String> {
    let Range { start: mut from, mut end } = pieces;
    while let Some(length) = OPENING.at(typed, from, end) {
        from += length;
    }
    while let Some(length) =
        (1..=2).find(|length| end - from > *length && CLOSING.at(typed, end - length, end) == Some(*length))
    {
        end -= length;
    }
    let span = typed.pieces.get(from)?.span.start..typed.pieces.get(end.checked_sub(1)?)?.span.end;
    let street = collapse_spaces(head(text.get(span)?, LONGEST));
    let country = (from..end).all(|at| matches!(typed.bare(at), b"viet" | b"nam" | b"vn"));
    (from < end && !country).then_some(street)
}
