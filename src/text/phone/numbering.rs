//! The Vietnamese numbering plan, as in force since the eleven-digit mobile numbers ended (2018-2019).
//!
//! The prefix only guesses the network: numbers can be ported since 2018.

use super::PhoneKind;

/// A number that the plan has room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subscriber {
    /// After the trunk zero.
    pub(super) digits: String,
    pub(super) kind: PhoneKind,
    /// Whom the mobile prefix was given to.
    pub(super) network: Option<&'static str>,
}

/// First two significant digits of mobile numbers, by operator.
const MOBILE: [(&str, &[&str]); 7] = [
    ("mobifone", &["90", "93", "89", "70", "76", "77", "78", "79"]),
    ("vinaphone", &["91", "94", "88", "81", "82", "83", "84", "85"]),
    ("viettel", &["96", "97", "98", "86", "32", "33", "34", "35", "36", "37", "38", "39"]),
    ("vietnamobile", &["92", "56", "58", "52"]),
    ("gmobile", &["99", "59"]),
    ("itel", &["87"]),
    ("wintel", &["55"]),
];

/// Old three-digit prefixes and the two digits that took their place; the last seven digits stayed.
const CONVERTED: [(&str, &str); 21] = [
    ("120", "70"),
    ("121", "79"),
    ("122", "77"),
    ("126", "76"),
    ("128", "78"),
    ("123", "83"),
    ("124", "84"),
    ("125", "85"),
    ("127", "81"),
    ("129", "82"),
    ("162", "32"),
    ("163", "33"),
    ("164", "34"),
    ("165", "35"),
    ("166", "36"),
    ("167", "37"),
    ("168", "38"),
    ("169", "39"),
    ("186", "56"),
    ("188", "58"),
    ("199", "59"),
];

/// The subscriber behind the digits after the trunk zero or the country code, old mobile numbers converted.
pub(super) fn subscriber(digits: &str) -> Option<Subscriber> {
    let mobile = |digits: String| {
        let (network, _) = MOBILE.iter().find(|(_, prefixes)| prefixes.contains(&&digits[..2]))?;
        Some(Subscriber { digits, kind: PhoneKind::Mobile, network: Some(network) })
    };
    match digits.len() {
        9 => mobile(digits.to_owned()),
        10 if is_area(digits) => {
            Some(Subscriber { digits: digits.to_owned(), kind: PhoneKind::Landline, network: None })
        }
        10 => {
            let (_, new) = CONVERTED.iter().find(|(old, _)| digits.starts_with(old))?;
            mobile(format!("{new}{}", &digits[3..]))
        }
        _ => None,
    }
}

/// Whether the number starts with a fixed line's area code: 24 and 28, else three digits.
fn is_area(digits: &str) -> bool {
    let third = digits.as_bytes()[2];
    let thirds: &[u8] = match &digits[..2] {
        "20" => b"3456789",
        "21" => b"01345689",
        "22" => b"0125679",
        "23" => b"23456789",
        "24" | "28" => b"2345678",
        "25" => b"124569",
        "26" => b"01239",
        "27" => b"01234567",
        "29" => b"0134679",
        _ => b"",
    };
    thirds.contains(&third)
}

/// Whether the digits are a number that anybody can call and nobody subscribes to.
pub(super) fn is_hotline(digits: &str) -> bool {
    let service = (8..=10).contains(&digits.len()) && (digits.starts_with("1800") || digits.starts_with("1900"));
    service || matches!(digits, "9090" | "18001090")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unassigned_prefixes_are_refused_and_odd_lengths_too() {
        assert!(subscriber("951234567").is_none());
        assert!(subscriber("301234567").is_none());
        assert!(subscriber("90123456").is_none());
        assert!(subscriber("1301234567").is_none());
        assert!(subscriber("").is_none());
    }

    #[test]
    fn every_conversion_leads_to_a_prefix_in_use() {
        for (old, new) in CONVERTED {
            let converted = subscriber(&format!("{old}1234567")).expect("conversions end in the plan");
            assert_eq!(converted.digits, format!("{new}1234567"));
        }
    }

    #[test]
    fn hotlines_are_known() {
        assert!(["9090", "18001090", "19001234", "1900123456"].into_iter().all(is_hotline));
        assert!(!is_hotline("0901234567") && !is_hotline("1900"));
    }
}
