//! Which of a few listed options a message picks.
//!
//! Knows the options' keys and labels, nothing of the question they answer.

use super::plain;
use super::word::{self, Word, words};

/// What a message picked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChoiceReading {
    /// The option at this index.
    One(usize),
    /// Options at these indexes, in order: ask which.
    Several(Vec<usize>),
    /// None of them.
    None,
}

/// Words of labels that are too common in any sentence to pick an option by themselves.
const EMPTY_WORDS: [&str; 8] = ["cua", "va", "hoac", "la", "co", "khong", "o", "the"];

/// Reads a pick: the option's number counted from 1, its key, its label, or any word of its label that no
/// other option has; accents may be missing, and words of four letters or more may hold one slip.
pub fn read(text: &str, options: &[(String, String)]) -> ChoiceReading {
    read_by(text, options, 3)
}

/// The same without slips and numbers: for a message that was no answer to a question about these options.
pub fn read_strictly(text: &str, options: &[(String, String)]) -> ChoiceReading {
    match plain(text).parse::<u64>() {
        Ok(_) => ChoiceReading::None,
        Err(_) => read_by(text, options, 2),
    }
}

/// Reads with the first `strictness` of: the very word, the word without accents, the word with a slip.
fn read_by(text: &str, options: &[(String, String)], strictness: usize) -> ChoiceReading {
    let all = words(text);
    let kept = word::without_politeness(&all);
    if kept.is_empty() {
        return ChoiceReading::None;
    }
    if let Some(index) = whole(kept, options) {
        return ChoiceReading::One(index);
    }
    let exact = |typed: &Word, named: &Word| typed.folded == named.folded;
    let agrees = |typed: &Word, named: &Word| typed.agrees(named);
    let slip = |typed: &Word, named: &Word| word::one_slip(&typed.plain, &named.plain);
    let rules = [&exact as &dyn Fn(&Word, &Word) -> bool, &agrees, &slip];
    // Politeness counts only when nothing else picks: "toi" is both "I" and "evening".
    let picked = [kept, &all]
        .into_iter()
        .flat_map(|words| rules.iter().take(strictness).map(|same| by_words(words, options, same)))
        .find(|picked| !picked.is_empty())
        .unwrap_or_default();
    match picked.as_slice() {
        [] => ChoiceReading::None,
        [one] => ChoiceReading::One(*one),
        _ => ChoiceReading::Several(picked),
    }
}

/// The option that the whole message names: its number, key or label.
fn whole(kept: &[Word], options: &[(String, String)]) -> Option<usize> {
    let typed = kept.iter().map(|word| word.plain.as_str()).collect::<Vec<_>>().join(" ");
    let number = typed.strip_prefix("so ").unwrap_or(&typed);
    if let Ok(number) = number.parse::<usize>()
        && (1..=options.len()).contains(&number)
        && !options.iter().any(|(key, _)| *key == typed)
    {
        return Some(number - 1);
    }
    let joined = |text: &str| plain(text).replace(|char: char| !char.is_alphanumeric(), "");
    let typed = joined(&typed);
    let same = |(key, label): &(String, String)| joined(key) == typed || joined(label) == typed;
    let mut matches = (0..options.len()).filter(|index| same(&options[*index]));
    match (matches.next(), matches.next()) {
        (Some(index), None) => Some(index),
        _ => None,
    }
}

/// The options of which the message holds a word that no other option has, or the whole label.
fn by_words(kept: &[Word], options: &[(String, String)], same: impl Fn(&Word, &Word) -> bool) -> Vec<usize> {
    let labels: Vec<Vec<Word>> = options.iter().map(|(_, label)| words(label)).collect();
    let own = |index: usize, named: &Word| {
        let elsewhere =
            labels.iter().enumerate().any(|(other, label)| other != index && label.iter().any(|word| word == named));
        !elsewhere && !EMPTY_WORDS.contains(&named.plain.as_str())
    };
    let picks = |index: usize| {
        let label = &labels[index];
        label.iter().any(|named| own(index, named) && kept.iter().any(|typed| same(typed, named)))
            || (label.len() > 1
                && kept.windows(label.len()).any(|window| window.iter().zip(label).all(|(a, b)| same(a, b))))
    };
    (0..options.len()).filter(|index| picks(*index)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::ChoiceReading::{None, One, Several};
    use super::*;

    fn times() -> Vec<(String, String)> {
        [("sang", "Buổi sáng"), ("chieu", "Buổi chiều"), ("toi", "Buổi tối")]
            .map(|(key, label)| (key.to_owned(), label.to_owned()))
            .to_vec()
    }

    #[test]
    fn number_key_label_and_a_telling_word_all_pick() {
        for (text, expected) in [
            ("1", One(0)),
            ("số 2 nhé", One(1)),
            ("chieu", One(1)),
            ("Buổi chiều ạ", One(1)),
            ("dạ buoi toi", One(2)),
            ("sáng mai em nhé", One(0)),
            ("chieeu", One(1)),
            ("sasng", One(0)),
            ("buổi", None),
            ("4", None),
            ("0", None),
            ("sáng hoặc chiều", Several(vec![0, 1])),
            ("", None),
        ] {
            assert_eq!(read(text, &times()), expected, "{text}");
        }
    }

    #[test]
    fn accents_decide_between_labels_that_differ_only_by_them() {
        let options = [("a", "Cẩm Giang"), ("b", "Cẩm Giàng")].map(|(key, label)| (key.to_owned(), label.to_owned()));
        assert_eq!(read("cẩm giàng", &options), One(1));
        assert_eq!(read("cẩm giang", &options), One(0));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in any::<String>()) {
            read(&text, &times());
        }
    }
}
