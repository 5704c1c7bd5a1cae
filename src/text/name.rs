//! A person's name, tidied. Cannot tell a name from other words; only refuses what surely is none.

use super::word::{Word, words};

/// Longest name kept, in characters.
const LONGEST: usize = 60;

/// Openings people put before their name, unaccented, longest first.
const OPENINGS: [&[&str]; 12] = [
    &["ten", "day", "du", "la"],
    &["ho", "va", "ten", "la"],
    &["ten", "cua", "em", "la"],
    &["ten", "cua", "toi", "la"],
    &["ho", "va", "ten"],
    &["ho", "ten", "la"],
    &["ten", "em", "la"],
    &["ten", "toi", "la"],
    &["ten", "minh", "la"],
    &["ho", "ten"],
    &["ten", "la"],
    &["ten"],
];

/// A plausible name, each word capitalised; `None` for digits, nothing, or more than 60 characters.
pub fn read(text: &str) -> Option<String> {
    if text.chars().count() > 2 * LONGEST || text.chars().any(char::is_numeric) {
        return None;
    }
    let all = words(text);
    let name = without_ending(without_opening(&all));
    let tidy = name.iter().map(|word| capitalised(&word.folded)).collect::<Vec<_>>().join(" ");
    let plausible = !tidy.is_empty() && tidy.chars().count() <= LONGEST && tidy.chars().all(is_of_a_name);
    (plausible && name.len() <= 8).then_some(tidy)
}

fn is_of_a_name(char: char) -> bool {
    char.is_alphabetic() || char == ' '
}

/// Strips `dạ`, `em`, `tên là` and the like, as often as they follow each other.
fn without_opening(mut name: &[Word]) -> &[Word] {
    const WORDS: [&str; 15] =
        ["dạ", "da", "vâng", "em", "tôi", "toi", "mình", "tui", "anh", "chị", "chi", "là", "la", "e", "ạ"];
    loop {
        let opening = OPENINGS.iter().find(|opening| {
            name.len() > opening.len() && name.iter().zip(**opening).all(|(word, opening)| word.plain == *opening)
        });
        match (opening, name) {
            (Some(opening), _) => name = &name[opening.len()..],
            (None, [first, rest @ ..]) if !rest.is_empty() && WORDS.contains(&first.folded.as_str()) => name = rest,
            _ => return name,
        }
    }
}

fn without_ending(name: &[Word]) -> &[Word] {
    const WORDS: [&str; 10] = ["ạ", "a", "nhé", "nhe", "nha", "á", "nghe", "ah", "đó", "nhen"];
    let end = name.iter().rposition(|word| !WORDS.contains(&word.folded.as_str())).map_or(0, |last| last + 1);
    &name[..end]
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn openings_and_politeness_come_off() {
        for (text, expected) in [
            ("em tên là nguyễn văn an ạ", Some("Nguyễn Văn An")),
            ("Dạ em là LÊ THỊ HOA", Some("Lê Thị Hoa")),
            ("họ và tên: trần b", Some("Trần B")),
            ("ten toi la Pham Anh", Some("Pham Anh")),
            ("Anh", Some("Anh")),
            ("An nhé", Some("An")),
            ("0901234567", None),
            ("nguyễn 2", None),
            ("   ", None),
            ("ạ", None),
        ] {
            assert_eq!(read(text).as_deref(), expected, "{text}");
        }
        assert_eq!(read(&"an ".repeat(40)), None);
    }

    proptest! {
        #[test]
        fn a_name_read_is_short_and_has_letters_only(text in any::<String>()) {
            if let Some(name) = read(&text) {
                prop_assert!(name.chars().count() <= LONGEST && !name.is_empty());
            }
        }
    }
}
