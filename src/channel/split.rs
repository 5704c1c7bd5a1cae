//! Cutting a long text into pieces that fit one message. Knows no channel, only a length and its unit.
//!
//! Cuts where a reader would: between paragraphs, lines, sentences, words, in this order; between letters
//! only when a single word is longer than a message, and within a letter (a base character and its marks,
//! an emoji and its parts) only when that one letter is.

use unicode_segmentation::UnicodeSegmentation;

use crate::domain::limits::TextUnit;

/// The length of `text` as the channel counts it.
pub fn length(text: &str, unit: TextUnit) -> usize {
    match unit {
        TextUnit::Char => text.chars().count(),
        TextUnit::Utf16 => text.chars().map(char::len_utf16).sum(),
    }
}

/// Cuts `text` into pieces of at most `limit` each, in order. Only blanks around a cut are lost, so no piece
/// is blank and a blank text has none. A limit below one character is one character.
pub fn split(text: &str, limit: usize, unit: TextUnit) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = trim_start(text);
    while !rest.is_empty() {
        let end = match window(rest, limit, unit) {
            all if all == rest.len() => all,
            most => best_cut(rest, most),
        };
        let (piece, after) = rest.split_at(end);
        // A mark on a blank may be too long for one message: the blank alone is none.
        pieces.extend(Some(trim_end(piece)).filter(|piece| !piece.is_empty()));
        rest = trim_start(after);
    }
    pieces
}

/// How many bytes of `text` fit: whole letters, unless not even the first one does.
fn window(text: &str, limit: usize, unit: TextUnit) -> usize {
    let fitting = |parts: &mut dyn Iterator<Item = &str>| {
        let (mut bytes, mut used) = (0, 0);
        for part in parts {
            used += length(part, unit);
            if used > limit {
                break;
            }
            bytes += part.len();
        }
        bytes
    };
    let whole = fitting(&mut text.graphemes(true));
    if whole > 0 {
        return whole;
    }
    let chars = fitting(&mut text.split_inclusive(|_| true));
    chars.max(text.chars().next().map_or(0, char::len_utf8))
}

/// Where to cut within the first `most` bytes, which do not hold the whole text.
fn best_cut(text: &str, most: usize) -> usize {
    let (mut paragraph, mut line, mut sentence, mut word) = (0, 0, 0, 0);
    let mut before = "";
    // One letter beyond the window is looked at: when it is blank, the window ends with a whole word.
    for (at, letter) in text.grapheme_indices(true).take_while(|(at, _)| *at <= most) {
        if is_blank(letter) {
            word = at;
            if letter.contains('\n') {
                line = at;
                paragraph = if before.contains('\n') { at } else { paragraph };
            } else if ends_sentence(before) {
                sentence = at;
            }
        }
        before = letter;
    }
    // A good place near the start would leave a stub and more messages than needed.
    let far = |place: &usize| *place > most / 3;
    let good = [paragraph, line, sentence].into_iter().find(far);
    good.unwrap_or(if word > 0 { word } else { most })
}

fn ends_sentence(letter: &str) -> bool {
    matches!(letter, "." | "!" | "?" | "…" | ";" | ":")
}

fn is_blank(letter: &str) -> bool {
    letter.chars().all(char::is_whitespace)
}

/// Like `str::trim_start`, but a blank that carries a mark is a letter.
fn trim_start(text: &str) -> &str {
    let start = text.grapheme_indices(true).find(|(_, letter)| !is_blank(letter));
    start.map_or("", |(at, _)| &text[at..])
}

fn trim_end(text: &str) -> &str {
    let last = text.grapheme_indices(true).rfind(|(_, letter)| !is_blank(letter));
    last.map_or("", |(at, letter)| &text[..at + letter.len()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cuts_are_where_a_reader_would_make_them() {
        let cut = |text, limit| split(text, limit, TextUnit::Char);
        assert_eq!(cut("Chào anh chị.\n\nAnh chị cần gì?", 20), ["Chào anh chị.", "Anh chị cần gì?"]);
        assert_eq!(cut("Chào anh. Cần gì ạ? Dạ", 20), ["Chào anh. Cần gì ạ?", "Dạ"]);
        assert_eq!(cut("một hai ba bốn", 7), ["một hai", "ba bốn"]);
        assert_eq!(cut("a bcdefghij", 4), ["a", "bcde", "fghi", "j"]);
        assert_eq!(cut(" \n ", 4), [""; 0]);
        assert_eq!(cut("", 4), [""; 0]);
    }

    #[test]
    fn five_thousand_vietnamese_letters_without_blanks_are_cut_by_letter() {
        // Messenger case S1.
        let text = "ế".repeat(5_000);
        let pieces = split(&text, 1_900, TextUnit::Utf16);
        assert_eq!(
            pieces.iter().map(|piece| length(piece, TextUnit::Utf16)).collect::<Vec<_>>(),
            [1_900, 1_900, 1_200]
        );
    }

    #[test]
    fn a_family_is_never_parted_unless_it_is_too_large_for_any_message() {
        let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
        let text = family.repeat(1_999);
        for piece in split(&text, 1_900, TextUnit::Utf16) {
            assert_eq!(piece.len() % family.len(), 0);
        }
        assert_eq!(split("đ. \u{111b3} ", 2, TextUnit::Utf16), ["đ.", "\u{111b3}"]);
        let monster = format!("a{}", "\u{301}".repeat(100));
        let pieces = split(&monster, 30, TextUnit::Char);
        assert_eq!(pieces.concat(), monster);
        assert!(pieces.iter().all(|piece| length(piece, TextUnit::Char) <= 30));
    }

    /// Whatever people type here: Vietnamese, emoji in parts, loose marks, blanks of all kinds, anything.
    fn text() -> impl Strategy<Value = String> {
        let word = prop_oneof![
            4 => "[a-zăâđêôơưếựỡ]{1,9}",
            1 => Just("👨\u{200d}👩\u{200d}👧".to_owned()),
            1 => Just("🇻🇳👍🏽".to_owned()),
            1 => Just("e\u{302}\u{301}".to_owned()),
            1 => Just(" \u{301}".to_owned()),
            1 => Just("a\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}".to_owned()),
            1 => "\\PC{0,3}",
        ];
        let gap = prop_oneof![Just(" "), Just(""), Just(". "), Just("\n"), Just("\n\n"), Just("\r\n"), Just("\u{a0}")];
        prop::collection::vec((word, gap), 0..60)
            .prop_map(|parts| parts.into_iter().map(|(word, gap)| word + gap).collect())
    }

    fn without_blanks(text: &str) -> String {
        text.chars().filter(|char| !char.is_whitespace()).collect()
    }

    proptest! {
        #[test]
        fn pieces_rejoin_and_respect_the_limit(text in text(), limit in 2_usize..50, wide in any::<bool>()) {
            let unit = if wide { TextUnit::Utf16 } else { TextUnit::Char };
            let pieces = split(&text, limit, unit);
            for piece in &pieces {
                prop_assert!(length(piece, unit) <= limit, "{piece:?}");
                prop_assert!(!piece.trim().is_empty() || piece.graphemes(true).any(|letter| !is_blank(letter)));
            }
            prop_assert_eq!(without_blanks(&pieces.concat()), without_blanks(&text));
        }

        #[test]
        fn cuts_fall_between_letters(text in text(), limit in 2_usize..50) {
            let bounds: std::collections::BTreeSet<usize> =
                text.grapheme_indices(true).map(|(at, _)| at).chain([text.len()]).collect();
            let longest = text.graphemes(true).map(|letter| length(letter, TextUnit::Char)).max().unwrap_or(0);
            for piece in split(&text, limit.max(longest), TextUnit::Char) {
                let start = piece.as_ptr() as usize - text.as_ptr() as usize;
                prop_assert!(bounds.contains(&start) && bounds.contains(&(start + piece.len())), "{piece:?}");
            }
        }
    }
}
