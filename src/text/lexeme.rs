//! A message cut into numbers, words and marks, so that `8h30`, `2tr` and `t7` come apart.
//!
//! Knows nothing of what they mean. [`super::number`] and [`super::when`] put them together again.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::word::{self, LONGEST_MESSAGE, Word};
use super::{fold, unaccent_keep_case};

/// One piece of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lexeme {
    /// What it is.
    pub(super) kind: Kind,
    /// No space stands between it and the one before.
    pub(super) glued: bool,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// ASCII digits; full-width ones were turned into them.
    Digits(String),
    /// Letters.
    Word(Word),
    /// Any other character.
    Mark(char),
}

impl Lexeme {
    /// The digits, if it is some.
    pub(super) fn digits(&self) -> Option<&str> {
        match &self.kind {
            Kind::Digits(digits) => Some(digits),
            Kind::Word(_) | Kind::Mark(_) => None,
        }
    }

    /// The word, if it is one.
    pub(super) fn word(&self) -> Option<&Word> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            Kind::Digits(_) | Kind::Mark(_) => None,
        }
    }

    /// The number of one or two digits, if it is one.
    pub(super) fn small(&self) -> Option<u16> {
        self.digits().filter(|digits| digits.len() <= 2)?.parse().ok()
    }

    /// Whether it is this word, folded; what it lacks in accents is forgiven, accents too many are not.
    pub(super) fn is(&self, named: &str) -> bool {
        match &self.kind {
            Kind::Word(typed) if named.is_ascii() => typed.folded == named,
            Kind::Word(typed) => word::agrees(&typed.folded, named),
            Kind::Digits(_) | Kind::Mark(_) => false,
        }
    }

    /// Whether it is this very word, with its accents.
    pub(super) fn is_exactly(&self, named: &str) -> bool {
        matches!(&self.kind, Kind::Word(word) if word.folded == named)
    }

    /// Whether it is one of these words.
    pub(super) fn is_any(&self, named: &[&str]) -> bool {
        named.iter().any(|named| self.is(named))
    }

    /// Whether it is one of these marks.
    pub(super) fn is_mark(&self, marks: &[char]) -> bool {
        matches!(self.kind, Kind::Mark(mark) if marks.contains(&mark))
    }
}

/// Whether a message goes on with these words.
pub(super) fn starts(lexemes: &[Lexeme], phrase: &str) -> bool {
    let mut rest = lexemes.iter();
    phrase.split(' ').all(|named| rest.next().is_some_and(|lexeme| lexeme.is(named)))
}

/// Cuts the first [`LONGEST_MESSAGE`] characters of a message.
pub(super) fn lexemes(text: &str) -> Vec<Lexeme> {
    // Composed before it is cut, so that a decomposed text is not cut earlier.
    let text = fold(&text.nfc().take(LONGEST_MESSAGE).collect::<String>());
    let mut lexemes: Vec<Lexeme> = Vec::new();
    let mut glued = false;
    for char in text.chars() {
        if char.is_whitespace() {
            glued = false;
            continue;
        }
        match (lexemes.last_mut().map(|last| &mut last.kind), Class::of(char)) {
            (Some(Kind::Digits(digits)), Class::Digit(digit)) if glued => digits.push(digit),
            (Some(Kind::Word(word)), Class::Letter) if glued => word.folded.push(char),
            (_, class) => lexemes.push(Lexeme { kind: class.opening(char), glued }),
        }
        glued = true;
    }
    for lexeme in &mut lexemes {
        if let Kind::Word(word) = &mut lexeme.kind {
            word.plain = unaccent_keep_case(&word.folded);
        }
    }
    lexemes
}

/// What a character is part of.
enum Class {
    Digit(char),
    Letter,
    Mark,
}

impl Class {
    fn of(char: char) -> Self {
        match char {
            '0'..='9' => Self::Digit(char),
            '０'..='９' => Self::Digit(char::from_digit(u32::from(char) - u32::from('０'), 10).unwrap_or('0')),
            // A mark that has no composed letter belongs to the letter before it.
            _ if char.is_alphabetic() || is_combining_mark(char) => Self::Letter,
            _ => Self::Mark,
        }
    }

    fn opening(&self, char: char) -> Kind {
        match self {
            Self::Digit(digit) => Kind::Digits(digit.to_string()),
            Self::Letter => Kind::Word(Word { folded: char.to_string(), plain: String::new() }),
            Self::Mark => Kind::Mark(char),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_letters_and_marks_come_apart() {
        let all = lexemes("8H30-10 giờ");
        let shown: Vec<String> = all
            .iter()
            .map(|lexeme| match &lexeme.kind {
                Kind::Digits(digits) => digits.clone(),
                Kind::Word(word) => word.plain.clone(),
                Kind::Mark(mark) => mark.to_string(),
            })
            .collect();
        assert_eq!(shown, ["8", "h", "30", "-", "10", "gio"]);
        assert_eq!(all.iter().map(|lexeme| lexeme.glued).collect::<Vec<_>>(), [false, true, true, true, true, false]);
    }

    #[test]
    fn words_without_accents_are_forgiven_and_wrong_accents_are_not() {
        assert!(starts(&lexemes("thu hai tuan sau"), "thứ hai tuần sau"));
        assert!(!starts(&lexemes("này"), "nay"));
    }
}
