//! Vietnamese letters taken apart: the bare letter, and what stands on it.
//!
//! Names and texts are compared as rows of bare letters without spaces, so that `Ba Vì`, `bavi` and `BA-VI` are
//! one; the accents stand in a row beside them and are compared apart. Knows writing only, no units.

use std::sync::LazyLock;

use unicode_normalization::char::decompose_canonical;

use crate::text::word::is_syllable;

/// Bits of an accent that are the shape of its letter: `â`, `ă`, `ơ`, `đ`. The rest is the tone.
const SHAPE: u8 = 0b0000_0111;

/// A letter or digit of a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Letter {
    /// `a` to `z`, `0` to `9`, or `?` for letters of other scripts; 0 for what is none.
    pub(super) bare: u8,
    /// Shape in the lower three bits, tone in the next three; 0 for a bare letter.
    pub(super) accent: u8,
    /// It was written as a capital.
    pub(super) capital: bool,
}

/// The first code point after Vietnamese letters.
const END: usize = 0x1f00;

/// Every letter that a Vietnamese keyboard writes, by code point.
static LETTERS: LazyLock<Vec<Letter>> =
    LazyLock::new(|| (0..END).map(|code| u32::try_from(code).map_or_else(|_| Letter::default(), made)).collect());

/// Takes a composed character apart.
pub(super) fn letter(char: char) -> Letter {
    match LETTERS.get(char as usize) {
        Some(letter) => *letter,
        None => foreign(char),
    }
}

fn foreign(char: char) -> Letter {
    // Full-width digits come from Asian keyboards.
    match char {
        '０'..='９' => Letter { bare: (char as u32 - '０' as u32) as u8 + b'0', ..Letter::default() },
        _ => Letter { bare: if char.is_alphanumeric() { b'?' } else { 0 }, ..Letter::default() },
    }
}

fn made(code: u32) -> Letter {
    let Some(char) = char::from_u32(code) else { return Letter::default() };
    let mut letter = Letter { capital: char.is_uppercase(), ..Letter::default() };
    let mut is_ours = true;
    decompose_canonical(char, |part| match part {
        'đ' | 'Đ' => (letter.bare, letter.accent) = (b'd', 1),
        _ if part.is_ascii_alphanumeric() => letter.bare = part.to_ascii_lowercase() as u8,
        _ => match mark(part) {
            Some(bits) => letter.accent |= bits,
            None => is_ours = false,
        },
    });
    if is_ours { letter } else { foreign(char) }
}

/// Bits of a combining mark: circumflex, breve, horn; grave, acute, hook, tilde, dot below.
fn mark(part: char) -> Option<u8> {
    Some(match part {
        '\u{302}' => 1,
        '\u{306}' => 2,
        '\u{31b}' => 3,
        '\u{300}' => 1 << 3,
        '\u{301}' => 2 << 3,
        '\u{309}' => 3 << 3,
        '\u{303}' => 4 << 3,
        '\u{323}' => 5 << 3,
        _ => return None,
    })
}

/// A word, or several written together, as letters: what names and texts are both made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Letters {
    /// Bare letters and digits.
    pub(super) bare: Vec<u8>,
    /// The accent of each; every letter of a syllable carries its tone, so that `hoà` and `hòa` are one.
    pub(super) accents: Vec<u8>,
}

impl Letters {
    /// The letters of a name, syllable by syllable.
    pub(super) fn of_name(name: &str) -> Self {
        let mut letters = Self::default();
        for syllable in name.split(|char: char| !char.is_alphanumeric()).filter(|syllable| !syllable.is_empty()) {
            let from = letters.bare.len();
            for letter in syllable.chars().map(letter) {
                letters.push(letter);
            }
            letters.settle(from);
        }
        letters
    }

    /// Makes room for so many letters more.
    pub(super) fn reserve(&mut self, letters: usize) {
        self.bare.reserve(letters);
        self.accents.reserve(letters);
    }

    /// Adds a letter to the syllable being read.
    pub(super) fn push(&mut self, letter: Letter) {
        self.bare.push(letter.bare);
        self.accents.push(letter.accent);
    }

    /// Closes the syllable that began at `from`: its tone goes to all its letters, spellings that sound alike
    /// become one (`Quý` and `Quí`, `Đắk` and `Đắc`), and a number loses its leading zeros.
    pub(super) fn settle(&mut self, from: usize) {
        let tone = self.accents[from..].iter().rev().map(|accent| accent & !SHAPE).find(|tone| *tone != 0).unwrap_or(0);
        for accent in &mut self.accents[from..] {
            *accent = *accent & SHAPE | tone;
        }
        if self.bare[from].is_ascii_digit() {
            let zeros = self.bare[from..].iter().take_while(|digit| **digit == b'0').count();
            let zeros = zeros.min(self.bare.len() - from - 1);
            self.bare.drain(from..from + zeros);
            self.accents.drain(from..from + zeros);
            return;
        }
        let is_syllable = |letters: &[u8]| std::str::from_utf8(letters).is_ok_and(is_syllable);
        match self.bare[from..] {
            // What is no syllable is misspelt, and may have been another one.
            [.., b'a' | b'e' | b'o', b'y'] => {}
            [.., before, b'u', b'y'] if before != b'q' => {}
            [.., _, b'y'] if is_syllable(&self.bare[from..]) => self.end_with(b'i'),
            [.., _, b'k'] => self.end_with(b'c'),
            _ => {}
        }
    }

    fn end_with(&mut self, letter: u8) {
        self.bare.pop();
        self.bare.push(letter);
    }
}

/// How accents that were typed agree with those of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Agreement {
    /// All are there.
    Same,
    /// Some are missing, none is wrong.
    Lacking,
    /// One is another.
    Wrong,
}

/// Compares the accents of the same bare letters.
pub(super) fn agreement(typed: &[u8], named: &[u8]) -> Agreement {
    let mut agreement = Agreement::Same;
    for (typed, named) in typed.iter().zip(named) {
        if typed == named {
            continue;
        }
        let within = |bits: u8| typed & bits == 0 || typed & bits == named & bits;
        match within(SHAPE) && within(!SHAPE) {
            true => agreement = agreement.max(Agreement::Lacking),
            false => return Agreement::Wrong,
        }
    }
    agreement
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(name: &str) -> String {
        String::from_utf8(Letters::of_name(name).bare).unwrap()
    }

    #[test]
    fn names_become_letters_without_spaces_accents_and_leading_zeros() {
        assert_eq!(bare("Cư M'gar"), "cumgar");
        assert_eq!(bare("Bà Rịa - Vũng Tàu"), "bariavungtau");
        assert_eq!(bare("Phường 05"), "phuong5");
        assert_eq!(bare("00"), "0");
        assert_eq!(bare("東京 1"), "??1");
    }

    #[test]
    fn spellings_that_sound_alike_are_one() {
        for (one, other) in [("Quý", "Quí"), ("Mỹ Lộc", "Mĩ Lộc"), ("Đắk Lắk", "Đắc Lắc"), ("Hòa", "Hoà")]
        {
            assert_eq!(bare(one), bare(other));
        }
        for (one, other) in [("Thủy", "Thủi"), ("Tây", "Tai"), ("Huy", "Hui")] {
            assert_ne!(bare(one), bare(other));
        }
        assert_eq!(Letters::of_name("Hòa").accents, Letters::of_name("Hoà").accents);
    }

    #[test]
    fn accents_typed_must_agree_and_those_left_out_are_told() {
        let compare =
            |typed: &str, named: &str| agreement(&Letters::of_name(typed).accents, &Letters::of_name(named).accents);
        assert_eq!(compare("Cẩm Giàng", "Cẩm Giàng"), Agreement::Same);
        assert_eq!(compare("cam giang", "Cẩm Giàng"), Agreement::Lacking);
        assert_eq!(compare("câm giang", "Cẩm Giàng"), Agreement::Lacking);
        assert_eq!(compare("Cẩm Giáng", "Cẩm Giàng"), Agreement::Wrong);
        assert_eq!(compare("Cấm", "Cam"), Agreement::Wrong);
        assert_eq!(compare("Da", "Đa"), Agreement::Lacking);
    }
}
