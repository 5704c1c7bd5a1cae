//! An address as it was typed: one row of letters, cut into pieces where words start and end.
//!
//! Knows writing only, no units: where commas keep words apart, where hands forgot a space (`PhốĐông`, `q1`,
//! `phuongbennghe`), what in a text is a number.

use std::ops::Range;

use super::letter::{Agreement, Letter, Letters, agreement, letter};
use super::slip::between;
use crate::text::is_invisible;
use crate::text::word::is_syllable;

/// Most pieces read; the last ones, since the larger units come last.
const MOST_PIECES: usize = 96;
/// Letters written together from here on may be several words.
const SHORTEST_GLUED: usize = 4;
/// Longest run of letters that is taken apart.
const LONGEST_GLUED: usize = 40;

/// Type words of one word that are long enough for a slip.
pub(super) const TYPE_WORDS: [&[u8]; 4] = [b"phuong", b"huyen", b"quan", b"tinh"];

/// Letters or digits written together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its letters in the row.
    pub(super) letters: Range<usize>,
    /// Where it stands in the text, in bytes.
    pub(super) span: Range<usize>,
    /// Number of the part between commas that it is in.
    pub(super) part: usize,
    pub(super) is_number: bool,
    /// It bears an accent.
    pub(super) is_accented: bool,
    /// A slash follows at once, as in `F7/16`.
    pub(super) is_slashed: bool,
}

/// A text as letters and pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) letters: Letters,
    pub(super) pieces: Vec<Piece>,
    /// It bears accents somewhere: their absence elsewhere means something.
    pub(super) is_accented: bool,
}

impl Typed {
    /// Cuts an NFC text; what lies in `blank`, in order, is read as commas.
    pub(super) fn read(text: &str, blank: &[Range<usize>]) -> Self {
        let mut cutter = Cutter::default();
        cutter.typed.letters.reserve(text.len());
        cutter.typed.pieces.reserve(text.len() / 3);
        let mut blank = blank.iter().peekable();
        for (at, char) in text.char_indices() {
            while blank.next_if(|span| span.end <= at).is_some() {}
            let char = if blank.peek().is_some_and(|span| span.contains(&at)) { ',' } else { char };
            cutter.take(text, at, char);
        }
        cutter.close(text.len());
        let mut typed = cutter.typed;
        typed.pieces.drain(..typed.pieces.len().saturating_sub(MOST_PIECES));
        typed
    }

    /// The bare letters of a piece.
    pub(super) fn bare(&self, at: usize) -> &[u8] {
        &self.letters.bare[self.pieces[at].letters.clone()]
    }

    /// The bare letters of some pieces.
    pub(super) fn bare_of(&self, start: usize, end: usize) -> &[u8] {
        &self.letters.bare[self.pieces[start].letters.start..self.pieces[end - 1].letters.end]
    }

    /// Whether some pieces are a name, whose letters bear no spaces; they may lack accents but bear no others.
    pub(super) fn spells(&self, pieces: Range<usize>, named: &Letters) -> bool {
        let range = self.pieces[pieces.start].letters.start..self.pieces[pieces.end - 1].letters.end;
        self.letters.bare[range.clone()] == named.bare
            && agreement(&self.letters.accents[range], &named.accents) != Agreement::Wrong
    }

    /// Whether two pieces stand between the same commas.
    pub(super) fn same_part(&self, one: usize, other: usize) -> bool {
        self.pieces[one].part == self.pieces[other].part
    }
}

/// The row of letters so far, and the piece being read.
#[derive(Default)]
struct Cutter {
    typed: Typed,
    part: usize,
    /// Where the open piece starts, in bytes and in letters.
    open: Option<(usize, usize)>,
    before: Letter,
    /// The capital letters that the open piece starts with, as far as it has no others.
    capitals: usize,
    /// Where each letter of the open piece starts, in bytes.
    bytes: Vec<usize>,
}

impl Cutter {
    fn take(&mut self, text: &str, at: usize, char: char) {
        if is_invisible(char) {
            return;
        }
        let letter = letter(char);
        if letter.bare == 0 {
            self.close(at);
            if let Some(last) = self.typed.pieces.last_mut().filter(|last| last.span.end == at) {
                last.is_slashed = char == '/';
            }
            self.part += usize::from(matches!(char, ',' | ';' | '\n' | '|' | '(' | ')'));
            return;
        }
        if self.open.is_some() && self.is_cut(letter, &text[at..]) {
            self.close(at);
        }
        self.open.get_or_insert((at, self.typed.letters.bare.len()));
        self.capitals += usize::from(letter.capital && self.bytes.len() == self.capitals);
        self.bytes.push(at);
        self.typed.letters.push(letter);
        self.before = letter;
    }

    /// Whether a new piece starts at a letter although no space stands before it.
    fn is_cut(&self, letter: Letter, rest: &str) -> bool {
        let digits_meet_letters = self.before.bare.is_ascii_digit() != letter.bare.is_ascii_digit();
        let new_word = !self.before.capital && letter.capital && !letter.bare.is_ascii_digit();
        digits_meet_letters || new_word || self.is_after_type_word(letter, rest)
    }

    /// `X` in `XPhước`, `TP` in `TPVinh`: a type word in capitals before a capitalised name.
    fn is_after_type_word(&self, letter: Letter, rest: &str) -> bool {
        let Some((_, from)) = self.open else { return false };
        let open = &self.typed.letters.bare[from..];
        let short = matches!(open, b"x" | b"p" | b"f" | b"q" | b"h" | b"t" | b"tp" | b"tx" | b"tt");
        let next_is_small = || rest.chars().nth(1).is_some_and(char::is_lowercase);
        short && self.capitals == open.len() && letter.capital && next_is_small() && !spells_type_word(open, rest)
    }

    fn close(&mut self, end: usize) {
        let Some((start, from)) = self.open.take() else { return };
        let is_number = self.typed.letters.bare[from].is_ascii_digit();
        let ends = if is_number { Vec::new() } else { syllables(&self.typed.letters.bare[from..]) };
        match ends.as_slice() {
            [] | [_] => self.push(from, start..end),
            _ => self.push_apart(from, end, &ends),
        }
        self.capitals = 0;
        self.bytes.clear();
    }

    /// Makes the letters from `from` on a piece.
    fn push(&mut self, from: usize, span: Range<usize>) {
        let letters = &mut self.typed.letters;
        let is_number = letters.bare[from].is_ascii_digit();
        let is_accented = letters.accents[from..].iter().any(|accent| *accent != 0);
        letters.settle(from);
        let letters = from..letters.bare.len();
        self.typed.is_accented |= is_accented;
        self.typed.pieces.push(Piece { letters, span, part: self.part, is_number, is_accented, is_slashed: false });
    }

    /// One piece for each syllable that ends at one of `ends`, counted in letters.
    fn push_apart(&mut self, from: usize, end: usize, ends: &[usize]) {
        let letters = &mut self.typed.letters;
        let tail = Letters { bare: letters.bare.split_off(from), accents: letters.accents.split_off(from) };
        let mut start = 0;
        for stop in ends {
            let letters = &mut self.typed.letters;
            let from = letters.bare.len();
            letters.bare.extend(&tail.bare[start..*stop]);
            letters.accents.extend(&tail.accents[start..*stop]);
            let span = self.bytes[start]..self.bytes.get(*stop).copied().unwrap_or(end);
            self.push(from, span);
            start = *stop;
        }
    }
}

/// Where the words end that letters written together are made of; nothing when they are one word, or none that
/// can be told.
fn syllables(letters: &[u8]) -> Vec<usize> {
    let glued = (SHORTEST_GLUED..=LONGEST_GLUED).contains(&letters.len());
    let one_word = |text: &&str| is_syllable(text) || TYPE_WORDS.iter().any(|word| between(letters, word) == Some(1));
    let Some(text) = std::str::from_utf8(letters).ok().filter(|text| glued && !one_word(text)) else {
        return Vec::new();
    };
    // For each end: the fewest words up to there, and where the last of them starts. Of equals the earlier start
    // wins, which leaves consonants to the word they open.
    let mut best: Vec<Option<(usize, usize)>> = vec![None; letters.len() + 1];
    best[0] = Some((0, 0));
    for end in 1..=letters.len() {
        for start in end.saturating_sub(7)..end {
            let Some((words, _)) = best[start] else { continue };
            let word = &text[start..end];
            let words = words + 1;
            let fits = start == 0 && is_short_type_word(word) || word.len() > 1 && is_syllable(word);
            if fits && best[end].is_none_or(|(fewest, _)| words < fewest) {
                best[end] = Some((words, start));
            }
        }
    }
    let mut ends = Vec::new();
    let mut end = letters.len();
    while end > 0 {
        let Some((_, start)) = best[end] else { return Vec::new() };
        ends.push(end);
        end = start;
    }
    ends.reverse();
    ends
}

/// Whether letters and the word they go on with are a type word whose shift key was held too long: `PHường`.
fn spells_type_word(open: &[u8], rest: &str) -> bool {
    let rest = rest.chars().map(|char| letter(char).bare).take_while(|bare| *bare != 0).take(6);
    let word: Vec<u8> = open.iter().copied().chain(rest).collect();
    matches!(word.as_slice(), b"thanh" | b"thi" | b"xa" | b"pho") || TYPE_WORDS.contains(&word.as_slice())
}

fn is_short_type_word(word: &str) -> bool {
    matches!(word, "p" | "f" | "q" | "h" | "x" | "tp" | "tx" | "tt")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::nfc;

    fn pieces(text: &str) -> String {
        let typed = Typed::read(text, &[]);
        let shown = |at| String::from_utf8_lossy(typed.bare(at)).into_owned();
        (0..typed.pieces.len()).map(shown).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_are_cut_where_hands_forgot_the_space() {
        for (text, expected) in [
            ("12A/5 T.PhốĐông Hà", "12 a 5 t pho dong ha"),
            ("f7 q10", "f 7 q 10"),
            ("XPhước Vĩnh, TPVinh", "x phuoc vinh tp vinh"),
            ("PHƯỜNG BẮC HỒNG, TPHCM", "phuong bac hong tphcm"),
            ("phuongbennghe quan01", "phuong ben nghe quan 1"),
            ("hbình chánh", "h binh chanh"),
            ("HÀ NỘI", "ha noi"),
            ("PHường 7", "phuong 7"),
            ("hanoi", "ha noi"),
        ] {
            assert_eq!(pieces(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_blanked_is_a_comma() {
        let phone = 4..14;
        let typed = Typed::read("1 a 0901234567 b", std::slice::from_ref(&phone));
        assert_eq!(typed.pieces.len(), 3);
        assert!(!typed.same_part(1, 2));
    }

    proptest! {
        #[test]
        fn pieces_lie_on_characters_in_order_and_are_few(text in "\\PC{0,80}|([a-zđêáàPQT,0 ]|Thành|hà){0,80}") {
            let text = nfc(&text);
            let typed = Typed::read(&text, &[]);
            prop_assert!(typed.pieces.len() <= MOST_PIECES);
            prop_assert_eq!(typed.letters.bare.len(), typed.letters.accents.len());
            let mut end = 0;
            for piece in &typed.pieces {
                prop_assert!(text.get(piece.span.clone()).is_some_and(|written| !written.is_empty()));
                prop_assert!(piece.span.start >= end && !piece.letters.is_empty());
                end = piece.span.end;
            }
        }
    }
}
