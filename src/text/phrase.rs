//! Whether a message is, or holds, a phrase that an author wrote: keywords and interrupts.
//!
//! What such a phrase triggers is the engine's business.

use super::word::{self, Word, words};

/// Whether the whole message is the phrase, up to accents left out, politeness and punctuation. A phrase of
/// punctuation only, such as `?`, is compared as it stands.
pub fn is(text: &str, phrase: &str) -> bool {
    let (typed, named) = (words(text), words(phrase));
    if named.is_empty() {
        return typed.is_empty() && !phrase.trim().is_empty() && text.trim() == phrase.trim();
    }
    same(&typed, &named) || same(word::without_politeness(&typed), word::without_politeness(&named))
}

/// Whether the phrase stands in the message as whole words in this order.
pub fn contains(text: &str, phrase: &str) -> bool {
    let (typed, named) = (words(text), words(phrase));
    !named.is_empty() && typed.windows(named.len()).any(|window| same(window, &named))
}

fn same(typed: &[Word], named: &[Word]) -> bool {
    typed.len() == named.len()
        && typed.iter().zip(named).all(|(typed, named)| word::agrees(&typed.folded, &named.folded))
}

#[cfg(test)]
mod tests {
    use super::*;

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
