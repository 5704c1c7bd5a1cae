//! The form in which two texts are the same to somebody who types without accents.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Without accents, đ as d; everything else as it was.
pub(super) fn unaccented(text: &str) -> String {
    let bare = text.nfd().filter(|c| !is_combining_mark(*c));
    bare.map(|c| match c {
        'đ' => 'd',
        'Đ' => 'D',
        other => other,
    })
    .collect()
}

/// Without accents, in lower case, with single spaces.
pub(super) fn plain(text: &str) -> String {
    unaccented(&text.to_lowercase()).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a plain text is an ordinary way to say yes or no.
pub(super) fn is_yes_or_no(plain: &str) -> bool {
    const WORDS: [&str; 30] = [
        "co",
        "khong",
        "dung",
        "sai",
        "ok",
        "oke",
        "okay",
        "da",
        "vang",
        "u",
        "uh",
        "um",
        "duoc",
        "dc",
        "dong y",
        "tu choi",
        "phai",
        "khong phai",
        "yes",
        "no",
        "y",
        "n",
        "k",
        "ko",
        "hok",
        "dung roi",
        "chua",
        "roi",
        "uhm",
        "thoi",
    ];
    WORDS.contains(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_spaces_do_not_count() {
        assert_eq!(plain("  Đổi   SIM\n4G "), "doi sim 4g");
        assert_eq!(plain("dừng"), plain("DU\u{300}NG"));
        assert!(is_yes_or_no(&plain("Đúng")));
    }
}
