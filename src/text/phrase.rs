//! Whether a message is, or holds, a phrase that an author wrote: keywords and interrupts.
//!
//! What such a phrase triggers is the engine's business.

use std::ops::Range;

use super::word::{self, Word, words};

/// A phrase or a message, read into words once, since a message is held against many phrases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    text: String,
    words: Vec<Word>,
    /// The words without the politeness at both ends.
    core: Range<usize>,
}

impl Phrase {
    /// Reads the words of a text.
    pub fn new(text: &str) -> Self {
        let words = words(text);
        let core = word::core(&words);
        Self { text: text.trim().to_owned(), words, core }
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it has two words or more.
    pub fn is_long(&self) -> bool {
        self.words.len() > 1
    }

    /// Whether the whole message is this phrase, up to accents left out, politeness and punctuation. A phrase
    /// of punctuation only, such as `?`, is compared as it stands.
    pub fn is(&self, message: &Self) -> bool {
        if self.words.is_empty() {
            return message.words.is_empty() && !self.text.is_empty() && message.text == self.text;
        }
        same(&message.words, &self.words) || same(&message.words[message.core.clone()], &self.words[self.core.clone()])
    }

    /// Whether this phrase stands in the message as whole words in this order.
    pub fn is_in(&self, message: &Self) -> bool {
        !self.words.is_empty() && message.words.windows(self.words.len()).any(|window| same(window, &self.words))
    }
}

fn same(typed: &[Word], named: &[Word]) -> bool {
    typed.len() == named.len() && typed.iter().zip(named).all(|(typed, named)| typed.agrees(named))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(message: &str, phrase: &str) -> bool {
        Phrase::new(phrase).is(&Phrase::new(message))
    }

    fn contains(message: &str, phrase: &str) -> bool {
        Phrase::new(phrase).is_in(&Phrase::new(message))
    }

    #[test]
    fn accents_politeness_and_punctuation_do_not_matter() {
        assert!(is("Gap nhan vien a", "gặp nhân viên"));
        assert!(is("cho em gặp nhân viên với ạ!!!", "gặp nhân viên"));
        assert!(is("HUỶ", "hủy"));
        assert!(is(" ? ", "?"));
        assert!(!is("gặp nhân viên ở đâu", "gặp nhân viên"));
        assert!(!is("", "dừng"));
        assert!(!is("!!!", ""));
    }

    #[test]
    fn right_and_stop_are_told_apart_by_their_accents() {
        assert!(!is("đúng", "dừng"));
        assert!(is("dừng ạ", "dừng"));
        assert!(is("dung", "dừng") && is("dung", "đúng"));
    }

    #[test]
    fn a_phrase_is_found_inside_as_whole_words() {
        assert!(contains("đổi có mất tiền không vậy", "mất tiền không"));
        assert!(contains("doi co mat tien khong", "mất tiền không"));
        assert!(!contains("thành phố", "thành ph"));
        assert!(!contains("gì đó", ""));
    }
}
