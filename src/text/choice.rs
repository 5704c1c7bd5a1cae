//! Which of a few listed options a message picks.
//!
//! Knows the options' keys and labels, nothing of the question they answer. Picks by place (`cái đầu`, `2 hoặc 3`)
//! are in `place`; what a message takes out (`trừ buổi tối`) in `mention`.

use std::ops::Range;

use self::mention::Mentions;
use super::lexeme::{Kind, Lexeme};
use super::number::spelled::Spelled;
use super::word::{self, LONGEST_MESSAGE, Word, is_polite, words};
use super::yes_no::{self, YesNo};
use super::{head, plain};

mod mention;
mod place;

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

impl ChoiceReading {
    /// The option picked, if it is one.
    pub fn one(self) -> Option<usize> {
        match self {
            Self::One(index) => Some(index),
            Self::Several(_) | Self::None => None,
        }
    }

    fn of(picked: Vec<usize>) -> Self {
        match picked.as_slice() {
            [] => Self::None,
            [one] => Self::One(*one),
            _ => Self::Several(picked),
        }
    }
}

/// Words of labels that are too common in any sentence to pick an option by themselves.
const EMPTY_WORDS: [&str; 8] = ["cua", "va", "hoac", "la", "co", "khong", "o", "the"];

/// Reads a pick: the option's number counted from 1 or its place, its key, its label, or any word of its label
/// that no other option has; accents may be missing, and words of four letters or more may hold one slip. Where
/// options are only ruled out, those that are left are several.
pub fn read(text: &str, options: &[(String, String)]) -> ChoiceReading {
    if let Some(index) = named(text, options) {
        return ChoiceReading::One(index);
    }
    let labels = labels(options);
    let by_place = place::read(text, options.len());
    if !by_place.is_empty() {
        // "3" may be the third one, or the one of three months.
        let also = mentioned(text, &labels, 1, true).map(|mentions| mentions.picked()).unwrap_or_default();
        return ChoiceReading::of((0..options.len()).filter(|at| by_place.contains(at) || also.contains(at)).collect());
    }
    match mentioned(text, &labels, 3, place::is_all(text)) {
        Some(mentions) => mentions.reading(options.len()),
        None if place::any(text, options.len()) => ChoiceReading::of((0..options.len()).collect()),
        None => ChoiceReading::None,
    }
}

/// Only what is picked by its place among so many: what is listed is not read.
pub fn by_place(text: &str, count: usize) -> ChoiceReading {
    ChoiceReading::of(place::read(text, count))
}

/// Only what is named in words, without slips: for a message that was no answer to a question about these options.
pub fn read_strictly(text: &str, options: &[(String, String)]) -> ChoiceReading {
    if plain(text).parse::<u64>().is_ok() {
        return ChoiceReading::None;
    }
    match named(text, options) {
        Some(index) => ChoiceReading::One(index),
        None => mentioned(text, &labels(options), 2, false)
            .map_or(ChoiceReading::None, |mentions| ChoiceReading::of(mentions.picked())),
    }
}

fn labels(options: &[(String, String)]) -> Vec<Vec<Word>> {
    options.iter().map(|(_, label)| words(label)).collect()
}

/// The one option whose key or label the whole message is, but for politeness.
fn named(text: &str, options: &[(String, String)]) -> Option<usize> {
    let all = words(text);
    let kept = word::without_politeness(&all);
    if kept.iter().all(is_surely_polite) {
        return None;
    }
    let typed: String = kept.iter().map(|word| word.plain.as_str()).collect();
    let joined = |text: &str| plain(text).replace(|char: char| !char.is_alphanumeric(), "");
    let refused = |text: &str| match (kept, words(text).as_slice()) {
        ([typed], [named]) => refuses_instead(typed, named),
        _ => false,
    };
    let is = |text: &str| joined(text) == typed && !refused(text);
    let same = |(key, label): &(String, String)| is(key) || is(label);
    let mut matches = (0..options.len()).filter(|index| same(&options[*index]));
    match (matches.next(), matches.next()) {
        (Some(index), None) => Some(index),
        _ => None,
    }
}

/// The words of a clause, and which of them are read.
type Clause<'a> = (&'a [Word], Range<usize>);

/// The options that the message mentions, by the first `strictness` of: the very word, the word without accents,
/// the word with a slip. A number in words is one in digits before the next word of the label, or where it `counts`.
fn mentioned(text: &str, labels: &[Vec<Word>], strictness: usize, counts: bool) -> Option<Mentions> {
    let exact = |typed: &Word, named: &Word| typed.folded == named.folded;
    let agrees = |typed: &Word, named: &Word| typed.agrees(named) && !is_surely_polite(typed);
    let slip =
        |typed: &Word, named: &Word| !word::is_syllable(&typed.plain) && word::one_slip(&typed.plain, &named.plain);
    let rules = [&exact as &dyn Fn(&Word, &Word) -> bool, &agrees, &slip];
    let parts = head(text, LONGEST_MESSAGE).split([',', ';', '!', '?', '\n']);
    let clauses: Vec<Vec<Word>> = parts.map(|part| in_digits(words(part), labels, counts)).collect();
    let kept: Vec<Clause<'_>> = clauses.iter().map(|clause| (clause.as_slice(), word::core(clause))).collect();
    let whole: Vec<Clause<'_>> = clauses.iter().map(|clause| (clause.as_slice(), 0..clause.len())).collect();
    // Politeness counts only when nothing else picks: "toi" is both "I" and "evening".
    [kept, whole]
        .iter()
        .flat_map(|clauses| rules.iter().take(strictness).map(move |same| (clauses, *same)))
        .find(|(clauses, same)| {
            let holds =
                |(words, read): &Clause<'_>| read.clone().any(|at| option_at(words, at, labels, same).is_some());
            clauses.iter().any(holds)
        })
        .map(|(clauses, same)| Mentions::of(clauses, labels, same))
}

/// The words with numbers in words as the labels have them in digits: "ba tháng" is "3 tháng"; "ba" alone may be a
/// father, unless the message `counts`, and "thứ ba" is the third.
fn in_digits(typed: Vec<Word>, labels: &[Vec<Word>], counts: bool) -> Vec<Word> {
    if !labels.iter().flatten().any(|word| word.plain.bytes().all(|byte| byte.is_ascii_digit())) {
        return typed;
    }
    let lexeme = |word: &Word| Lexeme { kind: Kind::Word(word.clone()), glued: false };
    let lexemes: Vec<Lexeme> = typed.iter().map(lexeme).collect();
    let listed = |digits: &str, next: Option<&Word>| {
        let goes_on = |label: &[Word]| label.get(1).zip(next).is_some_and(|(named, typed)| typed.agrees(named));
        let named = |label: &Vec<Word>| {
            (0..label.len()).any(|at| label[at].plain == digits && (counts || goes_on(&label[at..])))
        };
        labels.iter().any(named)
    };
    let mut all = Vec::new();
    let mut at = 0;
    while at < typed.len() {
        let nth = at > 0 && lexemes[at - 1].is("thứ");
        let number = Spelled::at(&lexemes[at..]).map(|spelled| (spelled.length, spelled.value.to_string()));
        match number.filter(|(length, digits)| !nth && listed(digits, typed.get(at + length))) {
            Some((length, digits)) => {
                all.push(Word { folded: digits.clone(), plain: digits });
                at += length;
            }
            None => {
                all.push(typed[at].clone());
                at += 1;
            }
        }
    }
    all
}

/// Whether the word is politeness and, as it is typed, nothing else: "tôi" is no evening, "toi" may be one.
fn is_surely_polite(word: &Word) -> bool {
    is_polite(word) && !word.folded.is_ascii()
}

/// Whether a word typed without accents refuses and the named one does not: `sai` alone is no "Sài Gòn".
fn refuses_instead(typed: &Word, named: &Word) -> bool {
    let refuses = |word: &Word| yes_no::read(&word.folded) == YesNo::No;
    typed.plain == named.plain && typed.folded != named.folded && refuses(typed) && !refuses(named)
}

/// The option that is mentioned at a word, and by how many words: its whole label, or a word of it that no other
/// option has. A word that refuses by itself needs its accents, or the next word of the label beside it.
fn option_at(
    all: &[Word],
    at: usize,
    labels: &[Vec<Word>],
    same: &dyn Fn(&Word, &Word) -> bool,
) -> Option<(usize, usize)> {
    let words = &all[at..];
    let whole = |label: &&(usize, &Vec<Word>)| {
        let (_, label) = label;
        label.len() > 1 && words.len() >= label.len() && words.iter().zip(label.iter()).all(|(a, b)| same(a, b))
    };
    let listed: Vec<(usize, &Vec<Word>)> = labels.iter().enumerate().collect();
    if let Some((index, label)) = listed.iter().filter(whole).max_by_key(|(_, label)| label.len()) {
        return Some((*index, label.len()));
    }
    let own = |index: usize, named: &Word| {
        let elsewhere = labels.iter().enumerate().any(|(other, label)| other != index && label.contains(named));
        !elsewhere && !EMPTY_WORDS.contains(&named.plain.as_str())
    };
    let first = words.first()?;
    let agree = |typed: Option<&Word>, named: Option<&Word>| typed.zip(named).is_some_and(|(a, b)| a.agrees(b));
    let beside = |label: &[Word], place: usize| {
        let before = at > 0 && place > 0 && agree(all.get(at - 1), label.get(place - 1));
        before || agree(all.get(at + 1), label.get(place + 1))
    };
    let is_word = |index: usize, label: &[Word], place: usize| {
        let named = &label[place];
        same(first, named) && own(index, named) && (!refuses_instead(first, named) || beside(label, place))
    };
    let found = listed.iter().find(|(index, label)| (0..label.len()).any(|place| is_word(*index, label, place)));
    found.map(|(index, _)| (*index, 1))
}

#[cfg(test)]
mod tests;
