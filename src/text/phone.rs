//! Phone numbers in free text: any punctuation, old and new numbering, digits in words, several in a line.
//!
//! Must never glue a house number to a phone number. What numbers exist is `numbering`'s business, how
//! digits are typed `digits`'s.

use std::ops::Range;

use self::digits::Atom;
use self::numbering::Subscriber;
use super::word::LONGEST_MESSAGE;
use super::{Decision, head, plain};
use crate::domain::phone::Phone;

mod digits;
mod numbering;

/// Mobile or fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneKind {
    /// Holds a SIM.
    Mobile,
    /// A fixed line: can be called, cannot change its SIM.
    Landline,
}

impl PhoneKind {
    /// `mobile`, `landline`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::Landline => "landline",
        }
    }
}

/// Why digits that were typed are no subscriber's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneProblem {
    /// Digits are missing.
    TooShort,
    /// Too many digits.
    TooLong,
    /// The length is right, but no operator has such numbers.
    UnknownPrefix,
    /// A service number: 9090, 1800..., 1900....
    Hotline,
    /// Digits were hidden with stars or crosses.
    Masked,
    /// Looks like an identity card's number.
    IdNumber,
}

impl PhoneProblem {
    /// Its name on the command line, `too_short`.
    pub fn name(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::UnknownPrefix => "unknown_prefix",
            Self::Hotline => "hotline",
            Self::Masked => "masked",
            Self::IdNumber => "id_number",
        }
    }
}

/// What a text says about phone numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneReading {
    /// `Answer` for one sure number, `Ask` for several or a doubtful one.
    pub decision: Decision,
    /// The number, when the decision is `Answer`.
    pub phone: Option<Phone>,
    /// The kind of `phone`, else of the first candidate; mobile when there is none.
    pub kind: PhoneKind,
    /// Every distinct number of the text in order, the doubtful ones too.
    pub candidates: Vec<Phone>,
    /// The operator that was given the prefix; numbers may since have been ported.
    pub network_guess: Option<&'static str>,
    /// Why there is no candidate, when digits were typed.
    pub problem: Option<PhoneProblem>,
    /// Where the numbers stand in the text, in bytes, so that the rest can be read as something else.
    pub spans: Vec<Range<usize>>,
}

/// Most numbers taken from one text.
const MOST_NUMBERS: usize = 8;

/// Reads the phone numbers in the first 500 characters of a text.
pub fn read(text: &str) -> PhoneReading {
    let text = head(text, LONGEST_MESSAGE);
    let context = Context::of(text);
    let chains = digits::chains(text);
    let mut found = Vec::new();
    for chain in &chains {
        numbers_in(chain, context, &mut found);
    }
    found.truncate(MOST_NUMBERS);
    reading(text, &chains, context, found)
}

/// Which kind of number the words around announce.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Phone,
    IdentityCard,
    Unclear,
}

impl Context {
    fn of(text: &str) -> Self {
        let plain = plain(text);
        let mut words = plain.split(|char: char| !char.is_alphabetic());
        let has = |word: &str| plain.contains(word);
        if has("can cuoc") || has("chung minh") || words.clone().any(|word| matches!(word, "cccd" | "cmnd" | "cmt")) {
            return Self::IdentityCard;
        }
        let announces = |word: &str| matches!(word, "sdt" | "dt" | "phone" | "zalo" | "goi" | "alo" | "lh" | "tel");
        if has("dien thoai") || has("di dong") || has("lien he") || words.any(announces) {
            return Self::Phone;
        }
        Self::Unclear
    }
}

struct Found {
    subscriber: Subscriber,
    sure: bool,
    span: Range<usize>,
}

/// Takes numbers from a chain of digit groups, left to right, the longest at each place.
fn numbers_in(chain: &[Atom], context: Context, found: &mut Vec<Found>) {
    let mut start = 0;
    while start < chain.len() {
        let most = chain.len().min(start + digits::MOST_GROUPS);
        let taken = (start + 1..=most).rev().find_map(|end| number(&chain[start..end], context).map(|it| (end, it)));
        start = match taken {
            Some((end, (subscriber, sure))) => {
                found.push(Found { subscriber, sure, span: chain[start].span.start..chain[end - 1].span.end });
                end
            }
            None => start + 1,
        };
    }
}

/// The number that exactly these groups make up, and whether it is sure.
fn number(groups: &[Atom], context: Context) -> Option<(Subscriber, bool)> {
    let digits: String = groups.iter().map(|group| group.digits.as_str()).collect();
    let first = groups.first()?;
    let spaced_out = groups.iter().all(|group| group.digits.len() == 1);
    let country = first.plus || digits.starts_with("0084");
    // A lone digit beside longer groups is a house number; the trunk zero in brackets is not.
    let lone = |(at, group): (usize, &Atom)| group.digits.len() == 1 && !(at > 0 && country && group.digits == "0");
    if !spaced_out && groups.iter().enumerate().any(lone) {
        return None;
    }
    let international = digits.strip_prefix("00").unwrap_or(&digits);
    if let Some(rest) = international.strip_prefix("84").filter(|_| country || !digits.starts_with('0')) {
        // "84 0901234567" without a plus is house number 84 before a number.
        let house = !country && first.digits == "84" && rest.starts_with('0');
        let rest = rest.strip_prefix('0').unwrap_or(rest);
        return if house { None } else { numbering::subscriber(rest).map(|it| (it, true)) };
    }
    if let Some(rest) = digits.strip_prefix('0') {
        return numbering::subscriber(rest).map(|it| (it, true));
    }
    // Without the zero: a mobile's nine digits, which could also be an old identity card's.
    let closed = groups.len() == 1 || (groups.len() <= 3 && groups.iter().all(|group| group.digits.len() <= 4));
    let subscriber = numbering::subscriber(&digits).filter(|it| closed && it.kind == PhoneKind::Mobile)?;
    match context {
        _ if digits.len() != 9 => None,
        Context::Phone => Some((subscriber, true)),
        Context::Unclear => Some((subscriber, false)),
        Context::IdentityCard => None,
    }
}

fn reading(text: &str, chains: &[Vec<Atom>], context: Context, found: Vec<Found>) -> PhoneReading {
    let mut distinct: Vec<&Found> = Vec::new();
    for one in &found {
        if !distinct.iter().any(|seen| seen.subscriber == one.subscriber) {
            distinct.push(one);
        }
    }
    let decision = match distinct.as_slice() {
        [] => Decision::None,
        [one] if one.sure => Decision::Answer,
        _ => Decision::Ask,
    };
    let candidates: Vec<Phone> = distinct.iter().map(|one| Phone::from_significant(&one.subscriber.digits)).collect();
    let first = distinct.first().map(|one| &one.subscriber);
    PhoneReading {
        decision,
        phone: candidates.first().filter(|_| decision == Decision::Answer).cloned(),
        kind: first.map_or(PhoneKind::Mobile, |first| first.kind),
        network_guess: first.and_then(|first| first.network),
        problem: if first.is_none() { problem(text, chains, context) } else { None },
        candidates,
        spans: found.into_iter().map(|one| one.span).collect(),
    }
}

/// Why the digits typed are no number; `None` when they are too few to be meant as one.
fn problem(text: &str, chains: &[Vec<Atom>], context: Context) -> Option<PhoneProblem> {
    if digits::is_masked(text) {
        return Some(PhoneProblem::Masked);
    }
    if chains.iter().flatten().any(|group| numbering::is_hotline(&group.digits))
        || chains.iter().any(|chain| numbering::is_hotline(&joined(chain)))
    {
        return Some(PhoneProblem::Hotline);
    }
    let digits = chains.iter().map(|chain| joined(chain)).max_by_key(String::len)?;
    let only_digits = !text.chars().any(char::is_alphabetic);
    let national = digits.strip_prefix("0084").or(digits.strip_prefix("84")).unwrap_or(&digits);
    let national = national.trim_start_matches('0');
    match digits.len() {
        0..4 => None,
        4..7 if !only_digits => None,
        9 | 12 if context == Context::IdentityCard => Some(PhoneProblem::IdNumber),
        9 if matches!(digits.as_bytes()[0], b'1'..=b'3') => Some(PhoneProblem::IdNumber),
        12 if digits.starts_with('0') && !digits.starts_with("00") => Some(PhoneProblem::IdNumber),
        _ => Some(match national.len() {
            0..9 => PhoneProblem::TooShort,
            9 => PhoneProblem::UnknownPrefix,
            10 if matches!(national.as_bytes()[0], b'1' | b'2') => PhoneProblem::UnknownPrefix,
            _ => PhoneProblem::TooLong,
        }),
    }
}

fn joined(chain: &[Atom]) -> String {
    chain.iter().map(|group| group.digits.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLAIN: &str = "+84901234567";

    #[test]
    fn every_way_of_typing_a_number_is_read() {
        for text in [
            "0901234567",
            "090.123.4567",
            "090-123-4567",
            "0901 234 567",
            "(090) 1234567",
            "+84 90 123 4567",
            "+84(0)901234567",
            "+84 (0) 901234567",
            "0084901234567",
            "0084 90 123 4567",
            "84901234567",
            "840901234567",
            "sdt 901234567",
            "o9o1234567",
            "O9O1234567",
            "090l234567",
            "０９０１２３４５６７",
            "sđt: 0901234567 gấp em",
            "sdt0901234567nha",
            "0 9 0 1 2 3 4 5 6 7",
            "không chín không một hai ba bốn năm sáu bảy",
            "khong chin khong mot hai ba tu nam sau bay",
            "số 12 ngõ 34 nguyễn huệ 0901234567",
            "0901234567, 12 nguyễn huệ",
            "84 0901234567",
            "0901234567 0901 234 567",
        ] {
            let reading = read(text);
            assert_eq!(reading.decision, Decision::Answer, "{text}");
            assert_eq!(reading.phone.expect("an answer holds its number").e164(), PLAIN, "{text}");
            assert_eq!(reading.network_guess, Some("mobifone"));
        }
    }

    #[test]
    fn old_eleven_digit_numbers_become_their_present_ones() {
        for (old, new) in
            [("01201234567", "+84701234567"), ("0169 123 4567", "+84391234567"), ("01991234567", "+84591234567")]
        {
            assert_eq!(read(old).phone.expect("old numbers are read").e164(), new);
        }
    }

    #[test]
    fn two_numbers_are_asked_about() {
        for text in ["gọi số 0901234567 hoặc 0912 345 678", "0901234567/0912345678", "0901234567 - 0912345678"] {
            let reading = read(text);
            assert_eq!(reading.decision, Decision::Ask, "{text}");
            let e164: Vec<_> = reading.candidates.iter().map(Phone::e164).collect();
            assert_eq!(e164, [PLAIN, "+84912345678"]);
        }
    }

    #[test]
    fn a_house_number_is_left_for_the_address() {
        let text = "12 0901234567 nguyễn huệ";
        let reading = read(text);
        assert_eq!(&text[reading.spans[0].clone()], "0901234567");
        assert_eq!(
            read("0901 234 567 8 nguyễn huệ").phone.map(|phone| phone.e164().to_owned()).as_deref(),
            Some(PLAIN)
        );
        let text = "nhà 84 0901234567";
        assert_eq!(&text[read(text).spans[0].clone()], "0901234567");
    }

    #[test]
    fn what_is_no_number_says_why() {
        for (text, expected) in [
            ("090123456", Some(PhoneProblem::TooShort)),
            ("09012345678", Some(PhoneProblem::TooLong)),
            ("0951234567", Some(PhoneProblem::UnknownPrefix)),
            ("9090", Some(PhoneProblem::Hotline)),
            ("18001090", Some(PhoneProblem::Hotline)),
            ("1900 1234", Some(PhoneProblem::Hotline)),
            ("090***4567", Some(PhoneProblem::Masked)),
            ("090xxx4567", Some(PhoneProblem::Masked)),
            ("079201001234", Some(PhoneProblem::IdNumber)),
            ("cmnd 321456789", Some(PhoneProblem::IdNumber)),
            ("123456789", Some(PhoneProblem::IdNumber)),
            ("12 nguyễn huệ", None),
            ("mai nhé", None),
            ("", None),
        ] {
            let reading = read(text);
            assert_eq!((reading.decision, reading.problem), (Decision::None, expected), "{text}");
        }
    }

    #[test]
    fn nine_digits_without_the_zero_are_doubtful_unless_announced() {
        assert_eq!(read("901234567").decision, Decision::Ask);
        assert_eq!(read("901234567").candidates[0].e164(), PLAIN);
        assert_eq!(read("90 123 4567").decision, Decision::Ask);
        assert_eq!(read("zalo 901234567").decision, Decision::Answer);
    }

    #[test]
    fn a_landline_is_told_from_a_mobile() {
        let reading = read("024 3825 1234");
        assert_eq!((reading.kind, reading.network_guess), (PhoneKind::Landline, None));
        assert_eq!(reading.phone.expect("landlines are numbers").national(), "024 3825 1234");
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_spans_lie_on_characters(text in any::<String>()) {
            for span in read(&text).spans {
                prop_assert!(text.get(span).is_some());
            }
        }

        #[test]
        fn digits_and_punctuation_never_panic(text in "[0-9oOlI +()./*xX-]{0,60}") {
            read(&text);
        }

        #[test]
        fn a_number_survives_any_punctuation(
            prefix in prop::sample::select(vec!["90", "93", "70", "32", "81", "56", "99", "87"]),
            rest in "[0-9]{7}",
            lead in prop::sample::select(vec!["0", "+84", "+84 ", "0084", "84", "+84(0)"]),
            cuts in prop::sample::subsequence(vec![2usize, 4, 6], 0..=3),
            between in prop::sample::select(vec![" ", ".", "-", " . ", "\u{a0}"]),
        ) {
            let significant = format!("{prefix}{rest}");
            let mut typed = lead.to_owned();
            let mut last = 0;
            for cut in cuts.into_iter().chain([9]) {
                typed.push_str(if last == 0 { "" } else { between });
                typed.push_str(&significant[last..cut]);
                last = cut;
            }
            let reading = read(&typed);
            prop_assert_eq!(reading.decision, Decision::Answer, "{}", typed);
            let phone = reading.phone.expect("an answer holds its number");
            prop_assert_eq!(phone.e164(), format!("+84{significant}"));
        }
    }
}
