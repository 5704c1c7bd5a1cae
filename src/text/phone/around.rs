//! What the words around digits announce: a phone number, an identity card, an account, a price.

use super::letters::{Letters, pieces};

/// Which kind of number the words around announce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Announced {
    Phone,
    IdentityCard,
    /// A bank account, an order, a code.
    Account,
}

/// What the words of a text announce of digits behind it; the last of them decide. Cards and accounts are not
/// meant any more behind a comma or a full stop: `tài khoản em có rồi, số em 0901234567`.
pub(super) fn announced(text: &str) -> Option<Announced> {
    let mut before = Letters::default();
    let mut last = None;
    let mut end = 0;
    let still = |last: Option<Announced>, between: &str| {
        last.filter(|last| *last == Announced::Phone || !between.contains([',', '.', ';', '\n']))
    };
    for piece in pieces(text) {
        let word = Letters::of(&text[piece.clone()]);
        last = by_words(before.bytes(), word.bytes()).or(still(last, &text[end..piece.start]));
        (before, end) = (word, piece.end);
    }
    still(last, &text[end..])
}

fn by_words(before: &[u8], word: &[u8]) -> Option<Announced> {
    match (before, word) {
        (_, b"sdt" | b"dt" | b"phone" | b"zalo" | b"goi" | b"alo" | b"lh" | b"tel" | b"call") => Some(Announced::Phone),
        (b"dien", b"thoai") | (b"di", b"dong") | (b"lien", b"he") => Some(Announced::Phone),
        (_, b"cccd" | b"cmnd" | b"cmtnd" | b"cmt") => Some(Announced::IdentityCard),
        (b"can", b"cuoc") | (b"chung", b"minh") => Some(Announced::IdentityCard),
        (_, b"stk" | b"tk" | b"mst" | b"otp") => Some(Announced::Account),
        (b"tai", b"khoan") | (b"ma", b"don" | b"the") | (b"don", b"hang") | (b"van", b"don") => {
            Some(Announced::Account)
        }
        _ => None,
    }
}

/// Whether the text begins with a unit, so that the digits before it were an amount: `990.000.000đ`.
pub(super) fn is_unit(text: &str) -> bool {
    let text = text.trim_start();
    let word = pieces(text).next().filter(|piece| piece.start == 0);
    let unit = |word: &str| {
        matches!(
            Letters::of(word).bytes(),
            b"d" | b"dong" | b"vnd" | b"k" | b"tr" | b"trieu" | b"ty" | b"nghin" | b"ngan" | b"usd" | b"vat"
        )
    };
    text.starts_with(['$', '₫', '%']) || word.is_some_and(|piece| unit(&text[piece]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_before_a_number_tell_what_it_is() {
        for (text, expected) in [
            ("sđt em là", Some(Announced::Phone)),
            ("Điện thoại:", Some(Announced::Phone)),
            ("số căn cước", Some(Announced::IdentityCard)),
            ("cmnd của em gửi rồi, còn zalo", Some(Announced::Phone)),
            ("chuyển vào tài khoản", Some(Announced::Account)),
            ("stk: ", Some(Announced::Account)),
            ("tài khoản em có rồi, số em", None),
            ("sđt em đây, ", Some(Announced::Phone)),
            ("đường đồng khởi", None),
            ("", None),
        ] {
            assert_eq!(announced(text), expected, "{text}");
        }
    }

    #[test]
    fn amounts_are_told_by_their_unit() {
        assert!([" đồng", "đ", " VNĐ nha", "k", " tr", "$"].into_iter().all(is_unit));
        assert!(!["", " Đồng Khởi là đường", ", đồng ý", " nha"].into_iter().all(is_unit));
        assert!(!is_unit(", đồng ý") && !is_unit(" nha"));
    }
}
