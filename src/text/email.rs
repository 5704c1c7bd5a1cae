//! An email address in free text.
//!
//! Whether anybody reads mail there cannot be known here; only what could be delivered is accepted.

use super::word::LONGEST_MESSAGE;
use super::{fold, head};

/// Longest address that mail can carry, and longest part before its `@`.
const LONGEST: usize = 254;
const LONGEST_LOCAL: usize = 64;

/// Reads the address of a text that holds exactly one, in lower case.
pub fn read(text: &str) -> Option<String> {
    let folded = fold(head(text, 2 * LONGEST_MESSAGE));
    let mut found: Option<&str> = None;
    for piece in folded.split(|char: char| char.is_whitespace() || "<>()[]{}\"'“”,;:|/\\".contains(char)) {
        if !piece.contains('@') {
            continue;
        }
        let address = piece.trim_matches(['.', '!', '?', '…']);
        if !is_address(address) || found.is_some_and(|other| other != address) {
            return None;
        }
        found = Some(address);
    }
    found.map(str::to_owned)
}

fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let in_local = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&*+-=?^_`~".contains(&byte);
    let top = domain.rsplit('.').next().unwrap_or_default();
    text.len() <= LONGEST
        && (1..=LONGEST_LOCAL).contains(&local.len())
        && local.bytes().all(in_local)
        && local.split('.').all(|part| !part.is_empty())
        && domain.contains('.')
        && domain.split('.').all(label)
        && top.len() >= 2
        && top.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn one_address_is_found_among_words() {
        for (text, expected) in [
            ("an@gmail.com", Some("an@gmail.com")),
            ("email em là An.Nguyen+sim@Mobifone.COM.VN nhé.", Some("an.nguyen+sim@mobifone.com.vn")),
            ("<an@gmail.com>, AN@gmail.com", Some("an@gmail.com")),
            ("mail:an@gmail.com!", Some("an@gmail.com")),
            ("a@b.vn hoặc c@d.vn", None),
            ("an @ gmail.com", None),
            ("an@gmail", None),
            ("an@@gmail.com", None),
            ("an..b@gmail.com", None),
            ("an@-gmail.com", None),
            ("nguyễn@gmail.com", None),
            ("@an", None),
            ("", None),
        ] {
            assert_eq!(read(text).as_deref(), expected, "{text}");
        }
        assert_eq!(read(&format!("{}@gmail.com", "a".repeat(65))), None);
        assert_eq!(read(&format!("a@{}.com", "b.".repeat(130))), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_alike_composed_and_decomposed(text in any::<String>()) {
            prop_assert_eq!(read(&text.nfc().collect::<String>()), read(&text.nfd().collect::<String>()));
        }

        #[test]
        fn every_plain_address_reads_back(address in "[a-z0-9]{1,10}([._-][a-z0-9]{1,5})?@[a-z0-9]{1,10}(\\.[a-z]{2,4}){1,2}") {
            prop_assert_eq!(read(&format!("mail {} ạ", address.to_uppercase())), Some(address));
        }
    }
}
