//! Vietnamese as people type it: with and without accents, in chat spelling, from any keyboard.
//!
//! Each child reads one kind of answer and says how sure it is; none of them fails, and none knows flows,
//! places or channels. Start with [`word`] for how typed words are compared, then [`yes_no`] and [`phone`].

use unicode_normalization::char::{decompose_canonical, is_combining_mark};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

pub mod choice;
pub mod date;
pub mod email;
mod lexeme;
pub mod name;
pub mod number;
pub mod opening;
pub mod phone;
pub mod phrase;
#[cfg(test)]
mod phrasing;
mod spelling;
pub mod time_window;
mod vocabulary;
mod when;
pub mod word;
pub mod yes_no;

/// How sure a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// One reading; take it.
    Answer,
    /// More than one reading, or a doubtful one: ask back.
    Ask,
    /// No reading.
    None,
}

impl Decision {
    /// `answer`, `ask`, `none`: as the command line prints it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Ask => "ask",
            Self::None => "none",
        }
    }
}

/// The composed form (NFC), in which all text is stored and sent.
pub fn nfc(text: &str) -> String {
    // Nearly all text is composed already, and that is seen much faster than it is done; that all of it is Latin
    // letters and their like, fastest of all.
    let is_latin = |char| char < '\u{300}' || ('\u{1e00}'..='\u{1eff}').contains(&char);
    if text.chars().all(is_latin) || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return text.to_owned();
    }
    text.nfc().collect()
}

/// NFC, lower case, runs of whitespace as one space, none at the ends, invisible characters dropped.
pub fn fold(text: &str) -> String {
    let composed = nfc(text);
    let lower: String = composed.chars().filter(|char| !is_invisible(*char)).flat_map(char::to_lowercase).collect();
    collapse_spaces(&nfc(&lower))
}

/// [`fold`] without accents: `Đường  Hạ Long` is `duong ha long`.
pub fn plain(text: &str) -> String {
    unaccent_keep_case(&fold(text))
}

/// The text without accents, for channels that cannot show them: `Đồng ý` is `Dong y`.
pub fn unaccent_keep_case(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    // Marks go, so that their order, which is the costly part of taking letters apart, does not matter.
    let mut bare = String::with_capacity(text.len());
    let mut keep = |part| match part {
        'đ' => bare.push('d'),
        'Đ' => bare.push('D'),
        mark if is_combining_mark(mark) => {}
        other => bare.push(other),
    };
    text.chars().for_each(|char| decompose_canonical(char, &mut keep));
    if bare.is_ascii() { bare } else { nfc(&bare) }
}

/// Runs of whitespace as one space, none at the ends.
pub(crate) fn collapse_spaces(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(word);
    }
    collapsed
}

/// The first `limit` characters.
pub(crate) fn head(text: &str, limit: usize) -> &str {
    // No text has more characters than bytes.
    if text.len() <= limit {
        return text;
    }
    text.char_indices().nth(limit).map_or(text, |(end, _)| &text[..end])
}

/// Characters that show nothing and that copying from a web page, or a number from the contacts of a phone,
/// brings along: soft hyphens, joiners, the marks of writing directions.
pub(crate) fn is_invisible(char: char) -> bool {
    let direction = matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    direction
        || matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
        || (char.is_control() && !char.is_whitespace())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn composed_and_decomposed_input_fold_alike() {
        assert_eq!(fold("Đ\u{1ed3}ng  \u{dd} "), "đồng ý");
        assert_eq!(fold("Đo\u{302}\u{300}ng Y\u{301}"), "đồng ý");
    }

    #[test]
    fn accents_come_off_and_case_stays_when_asked() {
        assert_eq!(plain("  Đường\tHạ  Long"), "duong ha long");
        assert_eq!(unaccent_keep_case("Đổi SIM miễn phí"), "Doi SIM mien phi");
    }

    #[test]
    fn invisible_characters_do_not_separate_letters() {
        assert_eq!(fold("kh\u{200b}ông"), "không");
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn the_quick_ways_lead_where_the_long_ones_do(text in "\\PC{0,12}|[aeđĐÁế\u{301}\u{323}\u{200b} \t]{0,12}|[\u{0}-\u{2ff}\u{1e00}-\u{1eff}]{1,40}") {
            prop_assert_eq!(nfc(&text), text.nfc().collect::<String>());
            let lower: String = text.nfc().filter(|c| !is_invisible(*c)).flat_map(char::to_lowercase).nfc().collect();
            prop_assert_eq!(fold(&text), lower.split_whitespace().collect::<Vec<_>>().join(" "));
            let bare = text.nfd().filter(|c| !is_combining_mark(*c)).nfc().collect::<String>();
            prop_assert_eq!(unaccent_keep_case(&text), bare.replace('đ', "d").replace('Đ', "D"));
        }

        #[test]
        fn plain_text_is_already_plain(text in "[a-zA-ZđĐàáảãạăâêôơưÀÁẢẠ ]{0,40}") {
            let once = plain(&text);
            prop_assert_eq!(plain(&once), once.clone());
            prop_assert!(once.is_ascii());
        }
    }
}
