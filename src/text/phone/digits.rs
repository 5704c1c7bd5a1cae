//! Groups of digits in a text, as fingers, scanners and speech produce them.
//!
//! Knows nothing of numbering: which groups make a phone number is [`super`]'s business.

use std::ops::Range;

use crate::text::plain;

/// Most groups that may make one number: every digit apart, and some.
pub(super) const MOST_GROUPS: usize = 14;

/// Digits written together.
#[derive(Clone, Debug)]
pub(super) struct Atom {
    /// ASCII digits.
    pub(super) digits: String,
    /// Where they stand, in bytes; a plus sign before them belongs to them.
    pub(super) span: Range<usize>,
    /// A plus sign stood before them.
    pub(super) plus: bool,
}

/// A stretch of letters and digits.
struct Piece<'a> {
    text: &'a str,
    span: Range<usize>,
}

/// The groups, in chains whose links have nothing but spaces, dots, hyphens and brackets between them.
pub(super) fn chains(text: &str) -> Vec<Vec<Atom>> {
    let mut chains: Vec<Vec<Atom>> = Vec::new();
    let mut end = 0;
    for atom in atoms(text) {
        let follows = !atom.plus && joins(&text[end..atom.span.start]);
        end = atom.span.end;
        match chains.last_mut() {
            Some(chain) if follows => chain.push(atom),
            _ => chains.push(vec![atom]),
        }
    }
    chains
}

fn joins(between: &str) -> bool {
    let weak =
        |char: char| char.is_whitespace() && char != '\n' || matches!(char, '.' | '-' | '–' | '(' | ')' | '·' | '_');
    between.chars().count() <= 4 && between.chars().all(weak)
}

fn atoms(text: &str) -> Vec<Atom> {
    let pieces = pieces(text);
    let spelled = spelled(&pieces);
    let mut atoms = Vec::new();
    for (piece, spelled) in pieces.iter().zip(spelled) {
        if let Some(digit) = spelled {
            atoms.push(Atom { digits: digit.to_string(), span: piece.span.clone(), plus: false });
        } else {
            atoms.extend(digits_of(piece).into_iter().map(|mut atom| {
                let before = text[..atom.span.start].trim_end();
                if before.ends_with(['+', '＋']) && atom.span.start == piece.span.start {
                    atom.plus = true;
                    atom.span.start = before.len() - before.chars().next_back().map_or(0, char::len_utf8);
                }
                atom
            }));
        }
    }
    atoms
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut start = None;
    for (at, char) in text.char_indices().chain([(text.len(), ' ')]) {
        // A combining mark belongs to the letter before it.
        let inside = char.is_alphanumeric() || unicode_normalization::char::is_combining_mark(char);
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                pieces.push(Piece { text: &text[from..at], span: from..at });
                start = None;
            }
            _ => {}
        }
    }
    pieces
}

/// The digits of a piece: all of it when letters in it only stand for digits, else runs long enough to be a
/// number typed against a word (`sdt0901234567nha`). A house number such as `12a` is none.
fn digits_of(piece: &Piece<'_>) -> Vec<Atom> {
    let all: Option<String> = piece.text.chars().map(digit_or_alike).collect();
    if let Some(digits) = all
        && piece.text.chars().any(|char| digit(char).is_some())
    {
        return vec![Atom { digits, span: piece.span.clone(), plus: false }];
    }
    let mut runs = Vec::new();
    let mut run: Option<Atom> = None;
    for (at, char) in
        piece.text.char_indices().map(|(at, char)| (piece.span.start + at, char)).chain([(piece.span.end, ' ')])
    {
        match (digit(char), &mut run) {
            (Some(digit), Some(run)) => {
                run.digits.push(digit);
                run.span.end = at + char.len_utf8();
            }
            (Some(digit), None) => {
                run = Some(Atom { digits: digit.to_string(), span: at..at + char.len_utf8(), plus: false });
            }
            (None, Some(_)) => runs.extend(run.take().filter(|run| run.digits.len() >= 9)),
            (None, None) => {}
        }
    }
    runs
}

/// The ASCII digit of a digit, full-width ones too.
fn digit(char: char) -> Option<char> {
    match char {
        '0'..='9' => Some(char),
        '０'..='９' => char::from_digit(u32::from(char) - u32::from('０'), 10),
        _ => None,
    }
}

fn digit_or_alike(char: char) -> Option<char> {
    match char {
        'o' | 'O' => Some('0'),
        'l' | 'I' => Some('1'),
        other => digit(other),
    }
}

/// The digits of pieces that spell digits in words, where at least eight do so in a row: `năm` is also a
/// year and `ba` a father.
fn spelled(pieces: &[Piece<'_>]) -> Vec<Option<char>> {
    let words: Vec<Option<char>> = pieces.iter().map(|piece| spelled_digit(piece.text)).collect();
    let mut kept = vec![None; words.len()];
    let mut start = 0;
    while start < words.len() {
        let length = words[start..].iter().take_while(|word| word.is_some()).count();
        if length >= 8 {
            kept[start..start + length].copy_from_slice(&words[start..start + length]);
        }
        start += length.max(1);
    }
    kept
}

fn spelled_digit(word: &str) -> Option<char> {
    if word.len() > 16 {
        return None;
    }
    Some(match plain(word).as_str() {
        "khong" | "ko" | "0" => '0',
        "mot" | "1" => '1',
        "hai" | "2" => '2',
        "ba" | "3" => '3',
        "bon" | "tu" | "4" => '4',
        "nam" | "lam" | "5" => '5',
        "sau" | "6" => '6',
        "bay" | "7" => '7',
        "tam" | "8" => '8',
        "chin" | "9" => '9',
        _ => return None,
    })
}

/// Whether digits were hidden: two or more stars or crosses beside a digit.
pub(super) fn is_masked(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let hides = |char: char| matches!(char, '*' | 'x' | 'X' | '#' | '•');
    chars.windows(3).any(|window| {
        let digit = |at: usize| digit(window[at]).is_some();
        (digit(0) && hides(window[1]) && hides(window[2])) || (hides(window[0]) && hides(window[1]) && digit(2))
    })
}
