//! Phrases and what they mean, found by their first word, so that a message is not held against all of them.
//!
//! Knows no phrase itself. How two words can be the same is the business of [`super::word`].

use std::collections::HashMap;

use super::unaccent_keep_case;
use super::word::{self, Word};

/// Phrases, each with its meaning.
pub(super) struct Vocabulary<T> {
    /// By their first word without accents; of equals the one that was listed first comes first.
    phrases: HashMap<String, Vec<(Vec<Word>, T)>>,
    /// Every word of every phrase, by its form without accents.
    words: HashMap<String, Vec<Word>>,
    /// The words without accents of four letters or more, by what a slip can leave of them.
    slips: HashMap<String, Vec<String>>,
}

/// How well a phrase fits: the longer the better, then with the very accents typed.
type Fit = (usize, bool);

impl<T: Copy> Vocabulary<T> {
    /// Reads phrases that are listed like this: `có lẽ, có thể`.
    pub(super) fn of(table: &[(T, &str)]) -> Self {
        let mut all = Self { phrases: HashMap::new(), words: HashMap::new(), slips: HashMap::new() };
        for (meaning, listed) in table {
            for phrase in listed.split(", ") {
                all.add(phrase, *meaning);
            }
        }
        all
    }

    fn add(&mut self, phrase: &str, meaning: T) {
        let named = |word: &str| Word { folded: word.to_owned(), plain: unaccent_keep_case(word) };
        let words: Vec<Word> = phrase.split(' ').map(named).collect();
        for word in &words {
            let known = self.words.entry(word.plain.clone()).or_default();
            if known.is_empty() {
                for left in left_by_a_slip(&word.plain) {
                    self.slips.entry(left).or_default().push(word.plain.clone());
                }
            }
            if !known.contains(word) {
                known.push(word.clone());
            }
        }
        self.phrases.entry(words[0].plain.clone()).or_default().push((words, meaning));
    }

    /// The longest phrase that the words begin with: how many they are, and what it means. `word` gives the n-th
    /// word, counted from 0, and nothing where the message ends or holds no word.
    pub(super) fn longest<'a>(&self, word: impl Fn(usize) -> Option<&'a Word>) -> Option<(usize, T)> {
        let mut best: Option<(Fit, T)> = None;
        for (phrase, meaning) in self.phrases.get(&word(0)?.plain)? {
            if let Some(fit) = fit(&word, phrase)
                && best.is_none_or(|(best, _)| fit > best)
            {
                best = Some((fit, *meaning));
            }
        }
        best.map(|((length, _), meaning)| (length, meaning))
    }

    /// Whether a word can be one of some phrase.
    pub(super) fn knows(&self, word: &Word) -> bool {
        self.words.get(&word.plain).is_some_and(|known| known.iter().any(|named| word.can_be(named)))
    }

    /// The one known word of which this one is a slip, with the accents that were typed. What is a Vietnamese
    /// syllable should not be asked about: `phòng` is no slip of `không`.
    pub(super) fn slipped(&self, word: &Word) -> Option<Word> {
        let left = left_by_a_slip(&word.plain);
        let meant = left.iter().filter_map(|left| self.slips.get(left)).flatten();
        let mut near: Vec<&String> = meant.filter(|plain| word::one_slip(&word.plain, plain)).collect();
        near.sort_unstable();
        near.dedup();
        // Two letters swapped are likelier than a wrong one: `khogn` is `không`, not `khoan`.
        let letters = |word: &str| {
            let mut all: Vec<char> = word.chars().collect();
            all.sort_unstable();
            all
        };
        if near.len() > 1 {
            near.retain(|plain| letters(plain) == letters(&word.plain));
        }
        let accents = |text: &str| text.chars().filter(|char| !char.is_ascii()).collect::<Vec<_>>();
        let typed = accents(&word.folded);
        let [plain] = near.as_slice() else { return None };
        match typed.is_empty() {
            true => Some(Word { folded: (*plain).clone(), plain: (*plain).clone() }),
            false => self.words[*plain].iter().find(|named| typed.iter().all(|a| named.folded.contains(*a))).cloned(),
        }
    }
}

fn fit<'a>(word: impl Fn(usize) -> Option<&'a Word>, phrase: &[Word]) -> Option<Fit> {
    let mut exact = true;
    // From the end, since all phrases that are tried begin alike.
    for (at, named) in phrase.iter().enumerate().rev() {
        let typed = word(at).filter(|typed| typed.can_be(named))?;
        exact &= typed.folded == named.folded;
    }
    Some((phrase.len(), exact))
}

/// A word of four letters or more and all that is left of it without one letter: two words that are one slip
/// apart have one of these in common.
fn left_by_a_slip(plain: &str) -> Vec<String> {
    if plain.chars().count() < 4 {
        return Vec::new();
    }
    let without = |(at, char): (usize, char)| [&plain[..at], &plain[at + char.len_utf8()..]].concat();
    [plain.to_owned()].into_iter().chain(plain.char_indices().map(without)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::word::words;

    fn found(text: &str) -> Option<(usize, u8)> {
        let words = words(text);
        Vocabulary::of(&[(1, "đúng, không, có lẽ"), (2, "dừng lại, đừng, có")]).longest(|at| words.get(at))
    }

    #[test]
    fn the_longest_phrase_wins_then_the_accents_then_the_order() {
        assert_eq!(found("có lẽ thế"), Some((2, 1)));
        assert_eq!(found("co"), Some((1, 2)));
        assert_eq!(found("dung"), Some((1, 1)));
        assert_eq!(found("đừng"), Some((1, 2)));
        assert_eq!(found("dung lai"), Some((2, 2)));
        assert_eq!(found("cò"), None);
        assert_eq!(found(""), None);
    }

    #[test]
    fn a_slip_is_mended_where_one_word_alone_can_be_meant() {
        let all = Vocabulary::of(&[(1, "không, khoan, đồng")]);
        let mended = |typed: &str| all.slipped(&words(typed)[0]).map(|word| word.folded);
        assert_eq!(mended("khogn").as_deref(), Some("khong"));
        assert_eq!(mended("khôgn").as_deref(), Some("không"));
        assert_eq!(mended("khon"), None);
        assert_eq!(mended("dòmg"), None);
        assert_eq!(mended("abc"), None);
    }
}
