//! Numbers of which digits were hidden: `090***4567`, `0901 xxx 567`, `09012345..`.

use std::ops::Range;

use super::digits::digit;

/// Fewest digits and hidden ones together.
const FEWEST: usize = 7;
/// Fewest digits that are shown.
const FEWEST_SHOWN: usize = 3;
/// Digits from which on a stretch need not begin like a phone number.
const TELLING: usize = 5;
/// A number that lacks nothing is not masked by the points behind it.
const MOST_SHOWN: usize = 9;
/// Most marks in a row between digits.
const MOST_MARKS: usize = 3;

/// Where the first number stands that was masked, in bytes.
pub(super) fn span(text: &str) -> Option<Range<usize>> {
    // Few texts have both, and the others are dismissed quickly. What hides and is not ASCII begins so.
    let hides = |byte: u8| matches!(byte, b'*' | b'x' | b'X' | b'#' | b'.' | 0xe2 | 0xef);
    if !text.bytes().any(hides) || text.bytes().filter(u8::is_ascii_digit).count() < FEWEST_SHOWN {
        return None;
    }
    let mut stretch = Stretch::default();
    for (at, char) in text.char_indices().chain([(text.len(), '\n')]) {
        if !stretch.takes(at, char) {
            if stretch.is_masked() {
                return Some(stretch.start..stretch.end);
            }
            stretch = Stretch::default();
        }
    }
    None
}

/// Digits, what hides some, and the marks between them.
#[derive(Default)]
struct Stretch {
    start: usize,
    end: usize,
    /// The first two digits.
    first: [u8; 2],
    digits: usize,
    hidden: usize,
    /// The longest row of what hides.
    row: usize,
    /// The row and the marks that the stretch ends in.
    in_row: usize,
    marks: usize,
    points: usize,
}

impl Stretch {
    /// Takes the next character up; `false` when it belongs to no number.
    fn takes(&mut self, at: usize, char: char) -> bool {
        self.points = if char == '.' { self.points + 1 } else { 0 };
        let hides = match char {
            '*' | 'x' | 'X' | '#' | '•' | '●' | '＊' => 1,
            '…' => 2,
            // One point stands between groups; the second tells that the first hid a digit too.
            '.' if self.points == 2 => 2,
            '.' if self.points > 2 => 1,
            _ => 0,
        };
        if let Some(digit) = digit(char) {
            if let Some(first) = self.first.get_mut(self.digits) {
                *first = digit;
            }
            self.digits += 1;
            self.in_row = 0;
        } else if hides > 0 {
            self.hidden += hides;
            self.in_row += hides;
            self.row = self.row.max(self.in_row);
        } else {
            self.in_row = 0;
            self.marks += 1;
            return self.marks <= MOST_MARKS && matches!(char, ' ' | '.' | '-' | '(' | ')' | '_' | '\u{a0}');
        }
        if self.digits + self.hidden == hides.max(1) {
            self.start = at;
        }
        self.end = at + char.len_utf8();
        self.marks = 0;
        true
    }

    fn is_masked(&self) -> bool {
        let like_a_phone = self.first[0] == b'0' || self.first == *b"84";
        let shown = if like_a_phone { FEWEST_SHOWN..=MOST_SHOWN } else { TELLING..=MOST_SHOWN };
        self.row > 1 && shown.contains(&self.digits) && self.digits + self.hidden >= FEWEST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_digits_are_seen_however_they_are_hidden() {
        for masked in [
            "090***4567",
            "090xxx4567",
            "090 xxx 4567",
            "090-***-4567",
            "09012345..",
            "0901234…",
            "0901234xxx",
            "84901***567",
            "12345**89",
            "(090) ••• 4567",
        ] {
            let text = format!("số em là {masked} nhé, 12 Lê Lợi");
            let span = span(&text).unwrap_or_else(|| panic!("{masked}"));
            assert_eq!(&text[span], masked.trim_start_matches('('), "{text}");
        }
    }

    #[test]
    fn other_stars_crosses_and_points_hide_nothing() {
        for text in ["12xx Lê Lợi", "123... Lê Lợi", "3x4", "20x30x40", "0951234567...", "P. 12, Q. 1...", "xxx", ""]
        {
            assert_eq!(span(text), None, "{text}");
        }
    }
}
