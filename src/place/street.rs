//! What is left of an address when its units are taken out: house number, street, hamlet.
//!
//! Kept as typed: tidied, never corrected and never given accents that were not there.

use std::ops::Range;

use super::hit::Hit;
use super::token::Token;
use crate::text::{collapse_spaces, plain};

/// Longest street kept, in characters.
const LONGEST: usize = 200;

/// Openings that are no part of an address, unaccented, longest first.
const OPENINGS: [&str; 26] = [
    "dia chi nhan sim la",
    "dia chi nhan sim",
    "dia chi cua em la",
    "dia chi cua em",
    "dia chi la",
    "dia chi nha",
    "nha em o",
    "nha toi o",
    "nha minh o",
    "giao den",
    "giao toi",
    "giao ve",
    "dia chi",
    "em o",
    "minh o",
    "toi o",
    "anh o",
    "chi o",
    "d/c",
    "dc:",
    "nha o",
    "dc",
    "da",
    "o",
    "gui ve",
    "ship",
];

/// The street in an NFC text, given the units found in it; `None` when nothing of substance is left.
pub(super) fn street<'a>(text: &str, tokens: &[Token], used: impl Iterator<Item = &'a Hit>) -> Option<String> {
    let mut taken: Vec<Range<usize>> =
        used.map(|hit| tokens[hit.from].span.start..tokens[hit.end - 1].span.end).collect();
    taken.sort_by_key(|span| span.start);
    let mut pieces = Vec::new();
    let mut from = 0;
    for span in &taken {
        pieces.extend(text.get(from..span.start));
        from = span.end.max(from);
    }
    // What stands before the units is the street; what stands behind only when nothing does.
    let first = pieces.first().copied().unwrap_or(text);
    let rest = || pieces.iter().skip(1).copied().chain(text.get(from..)).find_map(tidied);
    tidied(first).or_else(|| if taken.is_empty() { None } else { rest() })
}

/// Whether a text without any unit could be a street: it holds a number.
pub(super) fn looks_like_one(text: &str) -> bool {
    text.chars().any(|char| char.is_ascii_digit()) && text.chars().any(char::is_alphabetic)
}

/// Without openings, politeness and stray punctuation, on one line.
pub(super) fn tidied(piece: &str) -> Option<String> {
    let mut rest = trimmed(piece);
    while let Some(length) = opening(rest) {
        rest = trimmed(&rest[length..]);
    }
    for polite in ["ạ", "nhé", "nha", "nhe"] {
        rest = rest.strip_suffix(polite).filter(|rest| rest.ends_with(char::is_whitespace)).map_or(rest, trimmed);
    }
    let street: String = collapse_spaces(rest).chars().take(LONGEST).collect();
    let country = matches!(plain(&street).as_str(), "viet nam" | "vn" | "vietnam" | "a" | "da" | "");
    (!country && street.chars().any(char::is_alphanumeric)).then_some(street)
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|char: char| char.is_whitespace() || ",.;:-–|\"'()".contains(char))
}

/// Bytes of the opening that the text starts with, as whole words.
fn opening(text: &str) -> Option<usize> {
    OPENINGS.iter().find_map(|opening| {
        let end = text.char_indices().nth(opening.chars().count()).map(|(end, _)| end)?;
        let whole = opening.ends_with(':') || !text[end..].starts_with(char::is_alphanumeric);
        (whole && plain(&text[..end]) == *opening).then_some(end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openings_and_stray_punctuation_come_off() {
        assert_eq!(tidied("Địa chỉ: 12  Nguyễn Huệ, ").as_deref(), Some("12 Nguyễn Huệ"));
        assert_eq!(tidied("dạ em ở số 5 ngõ 3 -").as_deref(), Some("số 5 ngõ 3"));
        assert_eq!(tidied(" , Việt Nam."), None);
        assert_eq!(tidied("Ông Ích Khiêm").as_deref(), Some("Ông Ích Khiêm"));
    }
}
