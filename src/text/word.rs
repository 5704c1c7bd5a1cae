//! Words of a message, and the three ways in which two of them can be the same word.
//!
//! Knows spelling only: what a word means is the business of [`super::yes_no`] and its neighbours.

use std::ops::Range;
use std::sync::LazyLock;

use unicode_normalization::char::decompose_canonical;

use super::{fold, head, unaccent_keep_case};

/// Characters of a message that are read; answers are shorter, and work must be bounded.
pub const LONGEST_MESSAGE: usize = 500;

/// One word of a message: letters and digits, no punctuation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// NFC, lower case, accents kept.
    pub folded: String,
    /// Without accents.
    pub plain: String,
}

impl Word {
    /// Whether this typed word can be the word `named`, as [`agrees`] has it; quicker, since both know how they
    /// are written without accents.
    pub fn agrees(&self, named: &Self) -> bool {
        self.plain == named.plain && (named.folded.is_ascii() || accents_within(&self.folded, &named.folded))
    }

    /// The same where the named word is known to be spelled with all its accents: `chờ` cannot be `cho`.
    pub(super) fn can_be(&self, named: &Self) -> bool {
        self.plain == named.plain && accents_within(&self.folded, &named.folded)
    }
}

/// The words of the first [`LONGEST_MESSAGE`] characters.
pub fn words(text: &str) -> Vec<Word> {
    words_of_folded(&fold(head(text, LONGEST_MESSAGE)))
}

/// The words of a text that is folded already.
pub(super) fn words_of_folded(text: &str) -> Vec<Word> {
    text.split(|char: char| !char.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| Word { folded: word.to_owned(), plain: unaccent_keep_case(word) })
        .collect()
}

/// Whether `typed` can be the word `named`, both folded. What `typed` lacks in accents is forgiven, what it
/// has must be right, as far as `named` carries accents at all: `dung` and `đúng` can be `đúng`, `dừng` cannot.
pub fn agrees(typed: &str, named: &str) -> bool {
    if typed == named || (typed.is_ascii() && named.is_ascii()) {
        return typed == named;
    }
    // Most words differ in their first letter already, which costs nothing to see.
    if first_letter(typed) != first_letter(named) || unaccent_keep_case(typed) != unaccent_keep_case(named) {
        return false;
    }
    named.is_ascii() || accents_within(typed, named)
}

/// The first letter without its accents.
fn first_letter(word: &str) -> Option<char> {
    Letter::of(word.chars().next()?).base
}

/// Whether the accents of `typed` are among those of `named`, which are one word without any. It does not matter
/// on which letter a tone is written: `hoà` and `hòa` are one word.
fn accents_within(typed: &str, named: &str) -> bool {
    if typed.is_ascii() {
        return true;
    }
    let tone = |word: &str| word.chars().filter_map(|char| Letter::of(char).tone).next_back();
    let letters = |word| str::chars(word).map(Letter::of).filter(|letter| letter.base.is_some());
    let forgiven =
        |(typed, named): (Letter, Letter)| typed.base == named.base && (typed.hat.is_none() || typed.hat == named.hat);
    tone(typed).is_none_or(|typed| tone(named) == Some(typed)) && letters(typed).zip(letters(named)).all(forgiven)
}

/// A letter taken apart.
pub(super) struct Letter {
    /// Without accents; a mark that stands alone has none.
    pub(super) base: Option<char>,
    /// What makes `ă`, `ơ` or `đ` of it.
    pub(super) hat: Option<char>,
    /// One of the five tones.
    pub(super) tone: Option<char>,
}

impl Letter {
    /// Takes a letter apart.
    pub(super) fn of(char: char) -> Self {
        let mut letter = Self { base: None, hat: None, tone: None };
        match char {
            'đ' => (letter.base, letter.hat) = (Some('d'), Some(char)),
            _ if char.is_ascii() => letter.base = Some(char),
            _ => decompose_canonical(char, |part| match part {
                '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}' => letter.tone = Some(part),
                _ if letter.base.is_none() => letter.base = Some(part),
                _ => letter.hat = Some(part),
            }),
        }
        letter
    }
}

/// Whether two unaccented words of four letters or more differ by one slip: a letter missing, added, wrong,
/// or two swapped.
pub fn one_slip(typed: &str, meant: &str) -> bool {
    let short = |word: &str| word.chars().count() < 4;
    if short(typed) || short(meant) || typed.len().abs_diff(meant.len()) > 1 {
        return false;
    }
    strsim::osa_distance(typed, meant) == 1
}

/// Words that make a message polite, or address somebody, and change nothing else.
const POLITE: [&str; 51] = [
    "ạ", "a", "à", "dạ", "da", "vâng", "vang", "em", "e", "anh", "chị", "chi", "c", "bạn", "ban", "mình", "minh",
    "tôi", "toi", "ad", "admin", "shop", "ơi", "oi", "nhé", "nhe", "nha", "nhen", "nghe", "nè", "ne", "đi", "luôn",
    "luon", "cho", "với", "voi", "giúp", "giup", "xin", "vui", "lòng", "nhá", "ah", "nghen", "hen", "hén", "hỉ", "hí",
    "nờ", "nì",
];

/// Whether the word is only politeness.
pub fn is_polite(word: &Word) -> bool {
    POLITE.contains(&word.folded.as_str())
}

/// The words between the politeness at both ends; all of them when nothing else is there.
pub fn without_politeness(words: &[Word]) -> &[Word] {
    &words[core(words)]
}

/// Where [`without_politeness`] begins and ends.
pub fn core(words: &[Word]) -> Range<usize> {
    let Some(first) = words.iter().position(|word| !is_polite(word)) else { return 0..words.len() };
    let last = words.iter().rposition(|word| !is_polite(word)).unwrap_or(first);
    first..last + 1
}

/// How a Vietnamese syllable begins.
const ONSETS: [&str; 27] = [
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "d", "g", "h", "k", "l", "m", "n",
    "p", "r", "s", "t", "v", "x", "",
];
/// How it goes on.
const RHYMES: [&str; 91] = [
    "a", "ac", "ach", "ai", "am", "an", "ang", "anh", "ao", "ap", "at", "au", "ay", "e", "ec", "em", "en", "eng", "eo",
    "ep", "et", "eu", "ech", "enh", "i", "ia", "ich", "im", "in", "inh", "ip", "it", "iu", "iec", "iem", "ien", "ieng",
    "iep", "iet", "ieu", "o", "oa", "oac", "oai", "oan", "oang", "oanh", "oat", "oc", "oe", "oet", "oi", "om", "on",
    "ong", "op", "ot", "u", "ua", "uc", "ue", "ui", "um", "un", "ung", "uoc", "uoi", "uom", "uon", "uong", "uop",
    "uot", "uou", "up", "ut", "uu", "uy", "uyen", "uyet", "uynh", "y", "yen", "yeu", "uan", "uat", "uo", "uya", "uyt",
    "yem", "yet", "uech",
];

/// Every syllable, packed and sorted.
static SYLLABLES: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let all = ONSETS
        .iter()
        .flat_map(|onset| RHYMES.iter().filter_map(move |rhyme| packed(format!("{onset}{rhyme}").as_bytes())));
    let mut all: Vec<u64> = all.collect();
    all.sort_unstable();
    all
});

/// Up to eight letters in one number.
fn packed(word: &[u8]) -> Option<u64> {
    (1..=8).contains(&word.len()).then(|| word.iter().fold(0, |packed, byte| packed << 8 | u64::from(*byte)))
}

/// Whether an unaccented word has the shape of a Vietnamese syllable. A typing slip seldom has; a word that
/// has one is taken as typed on purpose.
pub fn is_syllable(plain: impl AsRef<[u8]>) -> bool {
    packed(plain.as_ref()).is_some_and(|packed| SYLLABLES.binary_search(&packed).is_ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_agree_as_their_letters_do(typed in "[aáàâăđdoòh]{1,4}", named in "[aáàâăđdoòh]{1,4}") {
            let (one, other) = (&words(&typed)[0], &words(&named)[0]);
            prop_assert_eq!(one.agrees(other), agrees(&one.folded, &other.folded));
        }
    }

    #[test]
    fn typed_accents_must_agree_and_missing_ones_are_forgiven() {
        for (typed, named, expected) in [
            ("đúng", "dừng", false),
            ("dung", "dừng", true),
            ("dung", "đúng", true),
            ("đung", "đúng", true),
            ("đung", "dừng", false),
            ("huỷ", "hủy", true),
            ("hùy", "hủy", false),
            ("được", "duoc", true),
            ("hoa", "hoá", true),
            ("hoà", "hòa", true),
        ] {
            assert_eq!(agrees(typed, named), expected, "{typed} as {named}");
        }
    }

    #[test]
    fn slips_are_forgiven_in_long_words_only() {
        assert!(one_slip("khogn", "khong"));
        assert!(one_slip("saang", "sang"));
        assert!(!one_slip("co", "ko"));
        assert!(!one_slip("sang", "sang"));
    }

    #[test]
    fn politeness_comes_off_the_ends_only() {
        let all = words("Dạ cho em gặp nhân viên với ạ!");
        let kept: Vec<_> = without_politeness(&all).iter().map(|word| word.plain.as_str()).collect();
        assert_eq!(kept, ["gap", "nhan", "vien"]);
        assert_eq!(without_politeness(&words("dạ vâng")).len(), 2);
    }

    #[test]
    fn real_syllables_are_told_from_slips() {
        assert!(["phong", "nguyen", "khong", "duoc"].into_iter().all(is_syllable));
        assert!(["khogn", "khng", "dng", "vagn"].into_iter().all(|word| !is_syllable(word)));
    }
}
