//! The Vietnamese numbering plan, as in force since the eleven-digit mobile numbers ended (2018-2019) and the
//! area codes of fixed lines changed (2017).
//!
//! This table decides, not a library: libphonenumber takes ranges that were never given out (030, 031, 051,
//! 095) and lacks one that was (0992). The prefix only guesses the network: numbers can be ported since 2018.

use crate::domain::phone::Phone;

/// A number that the plan has room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subscriber {
    pub(super) phone: Phone,
    /// Whom the mobile prefix was given to.
    pub(super) network: Option<&'static str>,
}

/// How mobile numbers begin after the trunk zero, by operator; three digits where only a part of a range was
/// given out.
const MOBILE: [(&str, &[&str]); 7] = [
    ("mobifone", &["90", "93", "896", "897", "898", "899", "70", "76", "77", "78", "79"]),
    ("vinaphone", &["91", "94", "88", "81", "82", "83", "84", "85"]),
    ("viettel", &["96", "97", "98", "86", "32", "33", "34", "35", "36", "37", "38", "39"]),
    ("vietnamobile", &["92", "56", "58", "522", "523", "528"]),
    ("gmobile", &["99", "59"]),
    ("itel", &["87"]),
    ("wintel", &["559"]),
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
    match digits.len() {
        9 => mobile(digits),
        10 if is_area(digits) => landline(digits),
        10 => {
            let (_, new) = CONVERTED.iter().find(|(old, _)| digits.starts_with(old))?;
            mobile(&format!("{new}{}", &digits[3..]))
        }
        _ => None,
    }
}

/// The fixed line behind nine digits that begin with Hà Nội's or Hồ Chí Minh City's area code of before 17
/// June 2017: 4 became 24, 8 became 28. Whatever begins with 8 may be a mobile number of today as well.
pub(super) fn with_old_area(digits: &str) -> Option<Subscriber> {
    match digits.as_bytes() {
        [b'4' | b'8', _, ..] if digits.len() == 9 => {
            let renewed = format!("2{digits}");
            if is_area(&renewed) { landline(&renewed) } else { None }
        }
        _ => None,
    }
}

fn mobile(digits: &str) -> Option<Subscriber> {
    let given = |(_, prefixes): &&(&str, &[&str])| prefixes.iter().any(|prefix| digits.starts_with(prefix));
    let (network, _) = MOBILE.iter().find(given)?;
    Some(Subscriber { phone: Phone::from_significant(digits), network: Some(network) })
}

fn landline(digits: &str) -> Option<Subscriber> {
    Some(Subscriber { phone: Phone::from_significant(digits), network: None })
}

/// Whether the number starts with a fixed line's area code: 24 and 28, else three digits. The third digit
/// behind 24 and 28 is the subscriber's first.
fn is_area(digits: &str) -> bool {
    let Some((area, [third, ..])) = digits.as_bytes().split_at_checked(2) else { return false };
    let thirds: &[u8] = match area {
        b"20" => b"3456789",
        b"21" => b"012345689",
        b"22" => b"01256789",
        b"23" | b"28" => b"23456789",
        b"24" => b"2345678",
        b"25" => b"12456789",
        b"26" => b"01239",
        b"27" => b"01234567",
        b"29" => b"01234679",
        _ => b"",
    };
    thirds.contains(third)
}

/// Whether the digits are a number that anybody can call and nobody subscribes to.
pub(super) fn is_hotline(digits: &str) -> bool {
    let service = (8..=10).contains(&digits.len()) && (digits.starts_with("1800") || digits.starts_with("1900"));
    service || digits == "9090"
}

/// Whether twelve digits can be a citizen's number: the province of birth (001 to 096), century and sex (0 to
/// 3 for whoever is born before 2100), the year.
pub(super) fn is_citizen(digits: &str) -> bool {
    let province = digits.get(..3).and_then(|province| province.parse().ok());
    digits.len() == 12 && matches!(province, Some(1..=96)) && matches!(digits.as_bytes()[3], b'0'..=b'3')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unassigned_prefixes_are_refused_and_odd_lengths_too() {
        for digits in ["951234567", "301234567", "895123456", "521123456", "551234567", "90123456", "1301234567", ""] {
            assert!(subscriber(digits).is_none(), "{digits}");
        }
    }

    #[test]
    fn parts_of_a_range_that_were_given_out_are_taken() {
        for (digits, network) in [("896123456", "mobifone"), ("528123456", "vietnamobile"), ("559123456", "wintel")] {
            assert_eq!(subscriber(digits).unwrap().network, Some(network), "{digits}");
        }
    }

    #[test]
    fn every_conversion_leads_to_a_prefix_in_use() {
        for (old, new) in CONVERTED {
            let converted = subscriber(&format!("{old}1234567")).expect("conversions end in the plan");
            assert_eq!(converted.phone.e164(), format!("+84{new}1234567"));
        }
    }

    #[test]
    fn every_province_has_an_area_code() {
        // The plan of 2017: 61 codes of three digits, and those of the two largest cities.
        let codes = (200..300).filter(|code| is_area(&format!("{code}1234567")) && !matches!(code / 10, 24 | 28));
        assert_eq!(codes.count(), 61);
        for code in ["212", "228", "257", "258", "292"] {
            assert!(subscriber(&format!("{code}3825123")).unwrap().phone.is_landline(), "{code}");
        }
    }

    #[test]
    fn the_two_old_area_codes_lead_to_the_new_ones() {
        assert_eq!(with_old_area("438251234").unwrap().phone.e164(), "+842438251234");
        assert_eq!(with_old_area("838251234").unwrap().phone.e164(), "+842838251234");
        assert!(with_old_area("418251234").is_none() && with_old_area("738251234").is_none());
    }

    #[test]
    fn hotlines_are_known() {
        assert!(["9090", "18001090", "19001234", "1900123456"].into_iter().all(is_hotline));
        assert!(!is_hotline("0901234567") && !is_hotline("1900"));
    }

    #[test]
    fn citizens_numbers_are_told_from_other_twelve_digits() {
        assert!(is_citizen("079201001234") && is_citizen("001098012345"));
        assert!(!is_citizen("000201001234") && !is_citizen("097201001234"), "no such province");
        assert!(!is_citizen("084901234567"), "no such century");
    }
}
