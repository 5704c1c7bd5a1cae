//! Words as chat, thumbs and half-working keyboards spell them, in full: `hổng`, `đc`, `cóoooo`, `ddoongf`.
//!
//! Knows spelling only. Whether a word is one that a reader wants is for that reader to say.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::unaccent_keep_case;
use super::word::{Letter, Word};

/// Words and how else they are written; here accents must be as listed.
const SPELLINGS: &[(&str, &str)] = &[
    ("không", "k ko kh kg khg hk hok hog hong hông hổng hỏng hem hêm hơm hăm khum khom khong kô kông khôn hôn hôg hôk"),
    ("đéo", "đ đell dell đel del đek dek đêk đếk đíu đách"),
    ("được", "dc đc đk dk đx đượt"),
    ("có", "cõ cóa coá kó"),
    ("đúng", "đugs"),
    ("rồi", "r òi oy rùi ròi dồi rầu dzồi zồi"),
    ("gì", "j g jì ji"),
    ("vậy", "z v dzậy dậy zậy zị dị"),
    ("vâng", "zâng vg dzâng"),
    ("dạ", "zạ dzạ"),
    ("luôn", "lun"),
    ("muốn", "mún mũn"),
    ("thôi", "thui thoai thoy hoy thây"),
    ("chưa", "chx chưk"),
    ("biết", "bik bít bit bt bjt bíc"),
    ("sao", "s seo"),
    ("em", "e iem"),
    ("mình", "m mk mik"),
    ("tôi", "t tui"),
    ("bạn", "b"),
    ("chồng", "ck"),
    ("vợ", "vk"),
    ("với", "vs"),
    ("giờ", "h"),
    ("ý", "í"),
    ("ok", "okk okok oce okey okc"),
    ("okê", "okê okie oki okay oke okla okela uki ukie ukê okiu"),
    ("uhm", "ukm uk uhk um"),
    ("nha", "nka nhoa nhia nà"),
];

static IN_FULL: LazyLock<HashMap<&str, Word>> = LazyLock::new(|| {
    let word = |full: &str| Word { folded: full.to_owned(), plain: unaccent_keep_case(full) };
    SPELLINGS.iter().flat_map(|(full, listed)| listed.split(' ').map(move |typed| (typed, word(full)))).collect()
});

/// The word in full where its spelling is a usual one of chats.
pub(super) fn usual(word: &Word) -> Option<&'static Word> {
    IN_FULL.get(word.folded.as_str())
}

/// What a word that nobody knows may have been meant as, likeliest first.
pub(super) fn meant(word: &Word) -> impl Iterator<Item = Word> {
    let folded = &word.folded;
    let calm = calmed(folded);
    let typed = [telex(folded), Some(calm.clone()).filter(|calm| calm != folded), telex(&calm), with_n(&calm)];
    typed.into_iter().flatten().map(|folded| {
        let plain = unaccent_keep_case(&folded);
        let word = Word { folded, plain };
        usual(&word).cloned().unwrap_or(word)
    })
}

/// Letters held down once only, the one with most accents: `cóoooo` is `có`. Laughter (`kkk`) stays.
fn calmed(folded: &str) -> String {
    let accents = |letter: &Letter| usize::from(letter.hat.is_some()) + usize::from(letter.tone.is_some());
    let mut calm: Vec<char> = Vec::new();
    for char in folded.chars() {
        match calm.last_mut() {
            Some(last) if Letter::of(*last).base == Letter::of(char).base => {
                if accents(&Letter::of(char)) > accents(&Letter::of(*last)) {
                    *last = char;
                }
            }
            _ => calm.push(char),
        }
    }
    let laughs = calm.len() == 1 && !is_vowel(calm[0]);
    if laughs { folded.to_owned() } else { calm.into_iter().collect() }
}

/// The syllable whose keys of the Telex method were typed: `ddoongf` is `đồng`, `cos` and `cso` are `có`.
fn telex(folded: &str) -> Option<String> {
    let mut letters = folded.to_owned();
    let tone = take_tone(&mut letters);
    for (keys, letter) in [("dd", "đ"), ("aa", "â"), ("ee", "ê"), ("oo", "ô")] {
        letters = letters.replacen(keys, letter, 1);
    }
    letters = hooked(&letters);
    let syllable: String = match tone {
        // A tone stands on a vowel; which one of several does not matter, since words are compared without it.
        Some(tone) => {
            let at = letters.char_indices().find(|(_, char)| is_vowel(*char)).map(|(at, char)| at + char.len_utf8())?;
            [&letters[..at], tone, &letters[at..]].concat().nfc().collect()
        }
        None => letters,
    };
    (syllable != folded).then_some(syllable)
}

fn is_vowel(char: char) -> bool {
    matches!(Letter::of(char).base, Some('a' | 'e' | 'i' | 'o' | 'u' | 'y'))
}

/// Takes the last key of a tone out of the letters behind the first one, where no syllable has such a letter.
fn take_tone(letters: &mut String) -> Option<&'static str> {
    let keys = [('s', "\u{301}"), ('f', "\u{300}"), ('r', "\u{309}"), ('x', "\u{303}"), ('j', "\u{323}")];
    let at = letters.rfind(|char| keys.iter().any(|(key, _)| *key == char)).filter(|at| *at > 0)?;
    let key = letters.remove(at);
    keys.iter().find(|(known, _)| *known == key).map(|(_, tone)| *tone)
}

/// `w` hooks the vowels: `uow` is `ươ`, `uaw` is `ưa`.
fn hooked(letters: &str) -> String {
    if !letters.contains('w') {
        return letters.to_owned();
    }
    let letters = letters.replace('w', "");
    let pairs = [("uo", "ươ"), ("ua", "ưa"), ("u", "ư"), ("o", "ơ"), ("a", "ă")];
    pairs
        .iter()
        .find(|(vowels, _)| letters.contains(vowels))
        .map_or(letters.clone(), |(from, to)| letters.replace(from, to))
}

/// `đúg` for `đúng`: chat leaves the `n` of a final `ng` away.
fn with_n(folded: &str) -> Option<String> {
    let stem = folded.strip_suffix('g').filter(|stem| stem.chars().next_back().is_some_and(is_vowel))?;
    Some(format!("{stem}ng"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(folded: &str) -> Word {
        Word { folded: folded.to_owned(), plain: unaccent_keep_case(folded) }
    }

    #[test]
    fn keys_repeats_and_lost_letters_lead_to_the_word_that_was_meant() {
        for (typed, full) in [
            ("ddoongf", "đồng"),
            ("cos", "có"),
            ("cso", "có"),
            ("dduwowcj", "được"),
            ("chuwa", "chưa"),
            ("chuaw", "chưa"),
            ("uwf", "ừ"),
            ("cosss", "có"),
            ("cóoooo", "có"),
            ("khônggg", "không"),
            ("đôồng", "đồng"),
            ("kooo", "không"),
            ("đúg", "đúng"),
        ] {
            let found = meant(&word(typed)).any(|meant| meant.can_be(&word(full)));
            assert!(found, "{typed}: {:?}", meant(&word(typed)).map(|word| word.folded).collect::<Vec<_>>());
        }
    }

    #[test]
    fn laughter_is_no_held_down_word() {
        assert!(meant(&word("kkk")).all(|meant| meant.plain != "khong" && meant.plain != "k"));
    }
}
