//! How a message opens: with a correction of what was said before, or by leaving the question open.
//!
//! What is then corrected, and to what, is the engine's business.

use unicode_normalization::char::is_combining_mark;

use super::lexeme::{Kind, Lexeme, lexemes, starts};
use super::word::{LONGEST_MESSAGE, is_polite};
use super::yes_no::is_not;
use super::{head, plain};

/// Phrases that open a correction.
const CORRECTIONS: [&str; 33] = [
    "không phải vậy",
    "không phải thế",
    "không phải là",
    "không phải",
    "không đúng",
    "chưa phải",
    "chưa đúng",
    "em nhầm rồi",
    "nhầm rồi",
    "nhầm",
    "viết nhầm",
    "gõ nhầm",
    "ghi nhầm",
    "nhắn nhầm",
    "sai rồi",
    "ý em là",
    "ý tôi là",
    "ý mình là",
    "ý anh là",
    "ý chị là",
    "sửa lại thành",
    "sửa lại là",
    "sửa lại",
    "sửa thành",
    "sửa",
    "đổi lại thành",
    "đổi lại là",
    "đổi lại",
    "đổi thành",
    "cho em đổi",
    "cho tôi đổi",
    "cho em sửa",
    "à không",
];

/// Words that open a correction only before a mark or at the end: `không có ai` and `sai gon` are answers.
const BARE: [&str; 2] = ["không", "sai"];

/// Messages that leave an optional question open.
const SKIPS: [&str; 14] = [
    "bỏ qua",
    "không có",
    "chưa có",
    "thôi",
    "thôi khỏi",
    "khỏi",
    "skip",
    "để sau",
    "không cần",
    "không cần đâu",
    "không có đâu",
    "thôi không cần",
    "thôi bỏ qua",
    "khỏi cần",
];

/// What follows the correction or negation that a text opens with, trimmed; it may be nothing.
pub fn correction(text: &str) -> Option<&str> {
    let text = head(text, 2 * LONGEST_MESSAGE);
    let words = Words::of(text);
    // Politeness and marks may stand before it: "dạ, em nhầm".
    (0..words.all.len()).take_while(|at| words.polite_until(*at)).find_map(|at| words.correction_at(at)).map(|end| {
        text[end..].trim_start_matches(|char: char| !starts_word(char) && !matches!(char, '+' | '(' | '"')).trim_end()
    })
}

/// What a text says it is not: `không phải Bến Thành`, but nothing in `không phải, Bến Thành`.
pub fn denied(text: &str) -> Option<&str> {
    let text = head(text, 2 * LONGEST_MESSAGE).trim_end();
    let rest = correction(text).filter(|rest| !rest.is_empty())?;
    let opening = plain(&text[..text.len() - rest.len()]);
    ["phai", "phai la"].iter().any(|end| opening.ends_with(end)).then_some(rest)
}

/// What a text puts in the place of what it takes back: `không phải, Bến Thành`.
pub fn instead(text: &str) -> Option<&str> {
    correction(text).filter(|rest| !rest.is_empty() && denied(text).is_none())
}

/// Whether a text leaves an optional question open.
pub fn skip(text: &str) -> bool {
    let words = Words::of(head(text, 2 * LONGEST_MESSAGE));
    let all: Vec<Lexeme> = words.all.into_iter().map(|word| word.lexeme).collect();
    let is_said = |at: usize| {
        let said = SKIPS.iter().filter(|phrase| starts(&all[at..], phrase)).map(|phrase| length(phrase)).max();
        said.is_some_and(|length| all[at + length..].iter().all(polite))
    };
    (0..all.len()).take_while(|at| all[..*at].iter().all(polite)).any(is_said)
}

/// A word of the text, and where it stands in it.
struct Placed {
    lexeme: Lexeme,
    end: usize,
    /// A mark, or the end of the text, comes next.
    closed: bool,
}

/// The words of a text, `không` in its usual spelling.
struct Words {
    all: Vec<Placed>,
}

impl Words {
    fn of(text: &str) -> Self {
        let mut all = Vec::new();
        let mut start = None;
        for (at, char) in text.char_indices().chain([(text.len(), ' ')]) {
            match (start, starts_word(char) || is_combining_mark(char)) {
                (None, true) => start = Some(at),
                (Some(from), false) => {
                    let next = text[at..].trim_start().chars().next();
                    let closed = next.is_none_or(|next| !starts_word(next));
                    all.extend(spelled_out(&text[from..at]).map(|lexeme| Placed { lexeme, end: at, closed }));
                    start = None;
                }
                _ => {}
            }
        }
        Self { all }
    }

    fn polite_until(&self, at: usize) -> bool {
        self.all[..at].iter().all(|word| polite(&word.lexeme))
    }

    /// The byte at which the correction ends that begins with this word.
    fn correction_at(&self, at: usize) -> Option<usize> {
        let rest: Vec<Lexeme> = self.all[at..].iter().map(|word| word.lexeme.clone()).collect();
        // "a không" without the accent is "anh không".
        let oh = |phrase: &&&str| !phrase.starts_with("à ") || rest.first().is_some_and(|first| first.is_exactly("à"));
        let longest = |phrases: &[&str]| {
            phrases.iter().filter(oh).filter(|phrase| starts(&rest, phrase)).map(|phrase| length(phrase)).max()
        };
        if let Some(length) = longest(&CORRECTIONS) {
            return Some(self.polite_close(at + length - 1).unwrap_or(self.all[at + length - 1].end));
        }
        longest(&BARE).and_then(|_| self.polite_close(at))
    }

    /// Where politeness behind this word ends, when a mark or nothing comes then.
    fn polite_close(&self, at: usize) -> Option<usize> {
        let closing = self.all[at..].iter().position(|word| word.closed)? + at;
        let between = &self.all[at + 1..=closing];
        between.iter().all(|word| polite(&word.lexeme)).then_some(self.all[closing].end)
    }
}

fn length(phrase: &str) -> usize {
    phrase.split(' ').count()
}

fn starts_word(char: char) -> bool {
    char.is_alphanumeric()
}

fn polite(lexeme: &Lexeme) -> bool {
    matches!(&lexeme.kind, Kind::Word(word) if is_polite(word))
}

/// The lexeme of one word; of several, such as `8h`, the first stands for all.
fn spelled_out(word: &str) -> Option<Lexeme> {
    let mut first = lexemes(word).into_iter().next()?;
    if let Kind::Word(word) = &mut first.kind
        && is_not(word)
    {
        "không".clone_into(&mut word.folded);
        "khong".clone_into(&mut word.plain);
    }
    Some(first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn a_correction_gives_what_follows_it() {
        for (text, expected) in [
            ("không phải, 0901234567", "0901234567"),
            ("ko phải số đó", "số đó"),
            ("khong phai em oi, chieu mai", "chieu mai"),
            ("không, 0901234567", "0901234567"),
            ("Không ạ. Chiều mai", "Chiều mai"),
            ("không", ""),
            ("dạ không ạ", ""),
            ("à nhầm, +84901234567", "+84901234567"),
            ("em nhầm rồi số là 0901234567", "số là 0901234567"),
            ("Ý em là Hà Nội", "Hà Nội"),
            ("y toi la ha noi", "ha noi"),
            ("sửa lại: 12 Nguyễn Huệ ", "12 Nguyễn Huệ"),
            ("cho em đổi sang buổi chiều", "sang buổi chiều"),
            ("à không buổi chiều", "buổi chiều"),
            ("chưa đúng", ""),
            ("sai rồi em ơi", ""),
            ("sai, Hà Nội", "Hà Nội"),
        ] {
            assert_eq!(correction(text), Some(expected), "{text}");
            let decomposed: String = text.nfd().collect();
            assert_eq!(correction(&decomposed).map(|rest| rest.nfc().collect()), Some(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn an_answer_is_no_correction() {
        for text in
            ["không có ai", "không muốn", "a không có", "sai gon", "0901234567", "đúng", "", "nhà em không, mai"]
        {
            assert_eq!(correction(text), None, "{text}");
        }
    }

    #[test]
    fn an_optional_question_is_left_open() {
        for text in
            ["bỏ qua", "bo qua nhé", "Không có ạ", "ko có", "thôi", "thôi em", "skip", "để sau", "k cần", "dạ thôi ạ"]
        {
            assert!(skip(text), "{text}");
        }
        for text in ["", "không có ai ở nhà", "thôi để mai", "có", "0901234567"] {
            assert!(!skip(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_alike_composed_and_decomposed(text in any::<String>()) {
            let (composed, decomposed) = (text.nfc().collect::<String>(), text.nfd().collect::<String>());
            prop_assert_eq!(skip(&composed), skip(&decomposed));
            prop_assert_eq!(correction(&composed).is_some(), correction(&decomposed).is_some());
        }

        #[test]
        fn every_opening_gives_the_rest_back(
            opening in prop::sample::select(CORRECTIONS.to_vec()),
            mark in prop::sample::select(vec![", ", ": ", ". ", " - "]),
        ) {
            let text = format!("Dạ {opening}{mark}0901234567");
            prop_assert_eq!(correction(&text), Some("0901234567"));
        }
    }
}
