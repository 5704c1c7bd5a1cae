//! An address as tokens: where words start and end, and where commas keep them apart.
//!
//! Knows writing only, no units.

use std::ops::Range;

use crate::text::{fold, plain};

/// Most tokens read; the last ones, since the larger units come last.
const MOST_TOKENS: usize = 64;

/// Letters or digits written together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Where it stands, in bytes.
    pub(super) span: Range<usize>,
    /// NFC, lower case.
    pub(super) folded: String,
    /// Without accents.
    pub(super) plain: String,
    /// Number of the part between commas that it is in.
    pub(super) part: usize,
    pub(super) is_number: bool,
}

/// The tokens of an NFC text, at most 64.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut part = 0;
    let mut start: Option<usize> = None;
    let mut before: Option<char> = None;
    for (at, char) in text.char_indices().chain([(text.len(), ' ')]) {
        if let Some(from) = start
            && (!is_inner(char) || splits(&text[from..at], before, char, &text[at..]))
        {
            tokens.extend(token(text, from..at, part));
            start = None;
        }
        if is_inner(char) && start.is_none() {
            start = Some(at);
        }
        part += usize::from(matches!(char, ',' | ';' | '\n' | '|'));
        before = Some(char);
    }
    tokens.split_off(tokens.len().saturating_sub(MOST_TOKENS))
}

fn is_inner(char: char) -> bool {
    char.is_alphanumeric()
}

fn token(text: &str, span: Range<usize>, part: usize) -> Option<Token> {
    let folded = fold(&text[span.clone()]);
    let plain: String = plain(&folded).chars().filter(char::is_ascii_alphanumeric).collect();
    let is_number = plain.starts_with(|char: char| char.is_ascii_digit());
    (!plain.is_empty()).then_some(Token { span, folded, plain, part, is_number })
}

/// Whether a new token starts at `char` though no space stands before it: `PhốĐông`, `q1`, `XPhước`.
fn splits(token: &str, before: Option<char>, char: char, rest: &str) -> bool {
    let Some(before) = before else { return false };
    let digits_meet_letters = before.is_ascii_digit() != char.is_ascii_digit();
    let new_word = before.is_lowercase() && char.is_uppercase();
    digits_meet_letters || new_word || is_glued_type_word(token, char, rest)
}

/// `X` in `XPhước`, `TP` in `TPVinh`: a type word in capitals before a capitalised name.
fn is_glued_type_word(token: &str, char: char, rest: &str) -> bool {
    let short = matches!(token, "X" | "P" | "F" | "Q" | "H" | "T" | "TP" | "TX" | "TT" | "Tp" | "Tt" | "Tx");
    short && char.is_uppercase() && rest.chars().nth(1).is_some_and(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_split_where_hands_forgot_the_space() {
        let plains = |text: &str| tokens(text).into_iter().map(|token| token.plain).collect::<Vec<_>>().join(" ");
        assert_eq!(plains("12A/5 T.PhốĐông Hà"), "12 a 5 t pho dong ha");
        assert_eq!(plains("f7 q10"), "f 7 q 10");
        assert_eq!(plains("XPhước Vĩnh, TPVinh"), "x phuoc vinh tp vinh");
        assert_eq!(plains("PHƯỜNG BẮC HỒNG, TPHCM"), "phuong bac hong tphcm");
    }

    proptest! {
        #[test]
        fn spans_lie_on_characters_and_are_few(text in any::<String>()) {
            let tokens = tokens(&text);
            prop_assert!(tokens.len() <= MOST_TOKENS);
            prop_assert!(tokens.iter().all(|token| text.get(token.span.clone()).is_some()));
        }
    }
}
