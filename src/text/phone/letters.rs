//! Short words as bare letters, compared without taking any memory: every address is looked through for them.

use std::ops::Range;

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

use crate::text::is_invisible;

/// The longest word that means anything beside a number, in letters: `zalo`, `thoại`, `khoản`.
const LONGEST: usize = 6;
/// The same with an accent of its own behind every letter.
const MOST_BYTES: usize = 3 * LONGEST;

/// A word of at most six letters in lower case and without accents.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Letters {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Letters {
    /// Of a word; empty when it is longer or holds anything else than Latin letters and digits.
    pub(super) fn of(word: &str) -> Self {
        let mut letters = Self::default();
        let mut fits = word.len() <= MOST_BYTES;
        if !fits {
            return letters;
        }
        let mut push = |part: char| match part {
            'đ' | 'Đ' => fits &= letters.push(b'd'),
            part if part.is_ascii_alphanumeric() => fits &= letters.push(part.to_ascii_lowercase() as u8),
            part => fits &= is_silent(part),
        };
        for char in word.chars() {
            match char {
                ascii if ascii.is_ascii() => push(ascii),
                other => decompose_canonical(other, &mut push),
            }
        }
        if fits { letters } else { Self::default() }
    }

    fn push(&mut self, byte: u8) -> bool {
        let free = self.bytes.get_mut(self.length);
        let fits = free.is_some();
        if let Some(free) = free {
            *free = byte;
            self.length += 1;
        }
        fits
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Whether a character belongs to what stands before it: an accent of its own, the frame of a keycap, what
/// shows nothing.
pub(super) fn is_silent(char: char) -> bool {
    !char.is_ascii() && (is_combining_mark(char) || is_invisible(char))
}

/// Where the stretches of letters and digits stand, in bytes.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut chars = text.char_indices();
    std::iter::from_fn(move || {
        let (start, _) = chars.by_ref().find(|(_, char)| is_inside(*char))?;
        let mut ahead = chars.clone();
        let end = ahead.find(|(_, char)| !is_inside(*char)).map_or(text.len(), |(end, _)| end);
        chars = ahead;
        Some(start..end)
    })
}

fn is_inside(char: char) -> bool {
    match char {
        ascii if ascii.is_ascii() => ascii.is_ascii_alphanumeric(),
        // Vietnamese, seen at a glance.
        '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{1e00}'..='\u{1eff}' => true,
        other => other.is_alphanumeric() || is_silent(other),
    }
}
