//! A whole number in free text: in digits, in words, or in both (`2 triệu rưỡi`, `500k`).
//!
//! Must never take a phone number, a date or an hour for a number. Words of numbers are in `spelled`.

use self::spelled::Spelled;
use super::lexeme::{Kind, Lexeme, lexemes};
use super::word::is_polite;

pub(super) mod spelled;

/// Longest row of digits that is still a number; more is an account or a card.
const MOST_DIGITS: usize = 12;

/// Words that multiply what stands before them.
const SCALES: [(&[&str], i64); 5] = [
    (&["chục"], 10),
    (&["trăm"], 100),
    (&["nghìn", "ngàn", "ng"], 1_000),
    (&["triệu", "tr"], 1_000_000),
    (&["tỷ", "tỉ"], 1_000_000_000),
];

/// Words around a number that leave no doubt that it is one.
const AROUND: [&str; 19] = [
    "khoảng", "chừng", "tầm", "độ", "hơn", "gần", "cần", "lấy", "có", "là", "số", "muốn", "mua", "nhà", "thôi", "chỉ",
    "đúng", "tổng", "được",
];

/// What people count; a number in one word before them is no other word.
const COUNTED: [&str; 22] = [
    "cái", "chiếc", "người", "sim", "số", "máy", "tháng", "ngày", "tuần", "lần", "gói", "thuê", "bộ", "con", "đồng",
    "giờ", "phút", "thẻ", "cuộc", "tuổi", "bạn", "nhà",
];

/// Reads the number of a text that holds exactly one.
pub fn read(text: &str) -> Option<i64> {
    let all = lexemes(text);
    let mut found: Option<i64> = None;
    let mut at = 0;
    let mut follows = false;
    while at < all.len() {
        if all[at].is_any(&["hoặc", "hay"]) {
            return None;
        }
        let Some(number) = number(&all[at..]) else {
            at += 1;
            follows = false;
            continue;
        };
        let end = at + number.length;
        if number.is_one_word && !is_meant(&all, at, follows) {
            at = end;
            continue;
        }
        let value = number.value.filter(|_| found.is_none() && stands_alone(&all, at, end))?;
        found = Some(signed(&all[..at], value));
        at = end;
        follows = true;
    }
    found
}

/// A number at the start of some pieces.
struct Number {
    length: usize,
    /// `None` where the digits are no whole number.
    value: Option<i64>,
    /// It is a single word, which could also be another: `năm`, `ba`.
    is_one_word: bool,
}

/// Whether a word such as `ba` or `sau` is meant as a number here.
fn is_meant(all: &[Lexeme], at: usize, follows: bool) -> bool {
    let after_digits = at > 0 && all[at - 1].digits().is_some();
    if follows && !after_digits {
        return true;
    }
    let counts = all.get(at + 1).is_some_and(|next| next.is_any(&COUNTED));
    let says_nothing = |lexeme: &Lexeme| match &lexeme.kind {
        Kind::Word(word) => is_polite(word) || lexeme.is_any(&AROUND) || lexeme.is_any(&["âm"]),
        Kind::Mark(_) => true,
        Kind::Digits(_) => false,
    };
    counts || all.iter().enumerate().all(|(other, lexeme)| other == at || says_nothing(lexeme))
}

/// Whether nothing written against the number makes it something else: `q1`, `12a`, `23/11`, `17:30`.
fn stands_alone(all: &[Lexeme], at: usize, end: usize) -> bool {
    let before = at > 0 && all[at].glued && (matches!(all[at - 1].kind, Kind::Word(_)) || all[at - 1].is_mark(&['/']));
    let after = all.get(end).is_some_and(|next| match &next.kind {
        Kind::Word(word) => (next.glued && word.plain.chars().count() == 1) || next.is("rưỡi"),
        Kind::Mark(mark) => {
            let more = all.get(end + 1).is_some_and(|more| more.digits().is_some());
            more && matches!(mark, '/' | ':' | '.' | ',' | '-')
        }
        Kind::Digits(_) => false,
    });
    !before && !after
}

/// Negative after `âm`, or after a minus that follows nothing.
fn signed(before: &[Lexeme], value: i64) -> i64 {
    let negative = match before {
        [.., last] if last.is("âm") => true,
        [before @ .., last] if last.is_mark(&['-', '−', '–']) => {
            !last.glued || before.last().is_none_or(|before| matches!(before.kind, Kind::Mark(_)))
        }
        _ => false,
    };
    if negative { -value } else { value }
}

/// Reads terms of falling scale: `2 triệu 500 nghìn`, `2tr5`, `hai nghìn không trăm linh năm`.
fn number(all: &[Lexeme]) -> Option<Number> {
    let mut total: i64 = 0;
    let mut length = 0;
    let mut smallest: Option<i64> = None;
    let mut value = Some(());
    while let Some(term) = Term::at(&all[length..]) {
        let Some(before) = smallest else {
            if term.after_gap {
                break;
            }
            (total, length, smallest) = (term.value.unwrap_or(0), term.length, Some(term.scale));
            value = term.value.map(|_| ());
            continue;
        };
        let Some(more) = term.after(before) else { break };
        let Some(sum) = total.checked_add(more) else {
            return Some(Number { length, value: None, is_one_word: false });
        };
        (total, length) = (sum, length + term.length);
        // What is written without its scale ends a number.
        smallest = Some(term.scale.min(before)).filter(|_| term.scale > 1).or(Some(1));
    }
    let half = smallest.filter(|scale| *scale >= 100 && all[length..].first().is_some_and(|next| next.is("rưỡi")));
    if let Some(scale) = half {
        (total, length) = (total.checked_add(scale / 2)?, length + 1);
    }
    let is_one_word = length == 1 && all[0].digits().is_none();
    (length > 0).then_some(Number { length, value: value.map(|()| total), is_one_word })
}

/// An amount and what multiplies it.
struct Term {
    length: usize,
    /// The amount times its scale; `None` where that is not whole.
    value: Option<i64>,
    scale: i64,
    /// Digits or a unit written right behind a scale: the 5 of `2tr5`, the `hai` of `một triệu hai`.
    fraction: Option<(i64, u32)>,
    /// It began with `linh`, `lẻ` or `không trăm`, which belong between two terms only.
    after_gap: bool,
}

impl Term {
    fn at(all: &[Lexeme]) -> Option<Self> {
        let gap = spelled::gap(all);
        let rest = &all[gap..];
        let Amount { mut length, amount, decimals, fraction } = match Spelled::at(rest) {
            Some(spelled) => {
                let fraction = (spelled.is_unit && gap == 0).then_some((spelled.value, 1));
                Amount { length: spelled.length, amount: spelled.value, decimals: 0, fraction }
            }
            None => typed(rest)?,
        };
        let mut scale: i64 = 1;
        while let Some(more) = rest.get(length).and_then(|next| multiplier(next, &rest[length - 1])) {
            scale = scale.checked_mul(more)?;
            length += 1;
        }
        let divisor = 10_i64.pow(decimals);
        let product = amount.checked_mul(scale).filter(|product| amount >= 0 && product % divisor == 0);
        let value = product.map(|product| product / divisor);
        Some(Self { length: gap + length, value, scale, fraction: fraction.filter(|_| scale == 1), after_gap: gap > 0 })
    }

    /// What this term adds to a number whose smallest scale so far is `before`; `None` starts a new number.
    fn after(&self, before: i64) -> Option<i64> {
        match self.fraction {
            Some((digits, places)) if before >= 1_000 && !self.after_gap => Some(digits * before / 10_i64.pow(places)),
            Some(_) if !self.after_gap => None,
            // "1 triệu 200" may mean 1.200.000 as well: only the next smaller scale follows without a gap.
            _ => self.value.filter(|value| {
                let next = self.after_gap || before <= self.scale.saturating_mul(1_000);
                next && before > 1 && self.scale < before && *value < before
            }),
        }
    }
}

/// The factor of a scale word; `k` counts only when written against its digits.
fn multiplier(lexeme: &Lexeme, before: &Lexeme) -> Option<i64> {
    if lexeme.is("k") && lexeme.glued && before.digits().is_some() {
        return Some(1_000);
    }
    SCALES.iter().find(|(words, _)| lexeme.is_any(words)).map(|(_, scale)| *scale)
}

/// What a scale multiplies.
struct Amount {
    length: usize,
    /// Without its decimal mark; -1 for digits that are no number.
    amount: i64,
    decimals: u32,
    /// What it is right behind a scale.
    fraction: Option<(i64, u32)>,
}

/// Digits with the dots or commas inside them.
fn typed(all: &[Lexeme]) -> Option<Amount> {
    let first = all.first()?.digits()?;
    let mut joined = first.to_owned();
    let mut length = 1;
    let mut decimals = 0;
    let mut separator = None;
    while let [mark, digits, ..] = &all[length..]
        && let (Kind::Mark(char @ ('.' | ',')), Some(more)) = (&mark.kind, digits.digits())
        && mark.glued
        && digits.glued
        && decimals == 0
    {
        match (more.len(), separator) {
            // Groups of three under one kind of mark, else decimals.
            (3, None) if joined.len() <= 3 && joined != "0" => separator = Some(*char),
            (3, Some(same)) if same == *char => {}
            (places @ 1..=3, None) => decimals = u32::try_from(places).unwrap_or(0),
            _ => return Some(Amount { length: length + 2, amount: -1, decimals: 0, fraction: None }),
        }
        joined.push_str(more);
        length += 2;
    }
    // `02` is how forms write two; anything longer that begins with a zero is a phone or an account.
    let zero_first = first.starts_with('0') && first.len() > 1 && !(joined.len() == 2 && length == 1);
    let fraction = (all[0].glued && length == 1 && first.len() <= 3)
        .then(|| Some((first.parse().ok()?, u32::try_from(first.len()).ok()?)))
        .flatten();
    let amount = if joined.len() > MOST_DIGITS || (zero_first && fraction.is_none()) {
        -1
    } else {
        joined.parse().unwrap_or(-1)
    };
    Some(Amount { length, amount, decimals, fraction })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn digits_with_and_without_a_scale_are_read() {
        for (text, expected) in [
            ("2", 2),
            ("0", 0),
            ("02 sim", 2),
            ("2 cái", 2),
            ("2cái nhé", 2),
            ("khoảng 1.000", 1_000),
            ("1,000,000", 1_000_000),
            ("1,5 triệu", 1_500_000),
            ("2tr", 2_000_000),
            ("2tr5", 2_500_000),
            ("1tr250", 1_250_000),
            ("2 triệu 500 nghìn", 2_500_000),
            ("500k", 500_000),
            ("2 trăm nghìn", 200_000),
            ("1 triệu rưỡi", 1_500_000),
            ("2 tỷ", 2_000_000_000),
            ("-3", -3),
            ("âm 3", -3),
            ("dạ em cần 5 cái ạ", 5),
            ("5 năm", 5),
            ("sau 5 ngày", 5),
            ("３", 3),
        ] {
            assert_eq!(read(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn words_are_read_with_and_without_accents() {
        for (text, expected) in [
            ("hai", 2),
            ("dạ ba ạ", 3),
            ("nam", 5),
            ("mười", 10),
            ("mười lăm", 15),
            ("muoi lam", 15),
            ("hai mươi mốt", 21),
            ("hai muoi tu cai", 24),
            ("một trăm linh năm", 105),
            ("một trăm hai mươi lăm", 125),
            ("mot tram linh nam", 105),
            ("hai nghìn không trăm linh năm", 2_005),
            ("một nghìn hai trăm", 1_200),
            ("một triệu hai", 1_200_000),
            ("hai triệu rưỡi", 2_500_000),
            ("âm hai mươi", -20),
            ("nhà em có ba người", 3),
            ("em cần hai cái", 2),
        ] {
            assert_eq!(read(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_or_not_one_is_left_alone() {
        for text in [
            "",
            "không",
            "0901234567",
            "0901 234 567",
            "1234567890123",
            "23/11",
            "23/11/2026",
            "17:30",
            "8h30",
            "1-2 cái",
            "2 hoặc ba",
            "2 hay 3",
            "1,5",
            "1,2345 triệu",
            "1 triệu 200",
            "một trăm năm",
            "12a",
            "q1",
            "ba mẹ em",
            "để sau",
            "thứ hai",
            "sáu bảy",
            "em tên Linh",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    /// Writes a number below a million in words, as schools teach it.
    fn spelled(number: i64) -> String {
        const UNITS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];
        let unit = |digit: i64| UNITS[usize::try_from(digit).unwrap()].to_owned();
        let behind = |digit: i64| match digit {
            1 => "mốt".to_owned(),
            5 => "lăm".to_owned(),
            other => unit(other),
        };
        match number {
            0..10 => unit(number),
            10 => "mười".to_owned(),
            15 => "mười lăm".to_owned(),
            11..20 => format!("mười {}", unit(number - 10)),
            20..100 if number % 10 == 0 => format!("{} mươi", unit(number / 10)),
            20..100 => format!("{} mươi {}", unit(number / 10), behind(number % 10)),
            100..1_000 if number % 100 == 0 => format!("{} trăm", unit(number / 100)),
            100..1_000 if number % 100 < 10 => format!("{} trăm linh {}", unit(number / 100), unit(number % 100)),
            100..1_000 => format!("{} trăm {}", unit(number / 100), spelled(number % 100)),
            _ if number % 1_000 == 0 => format!("{} nghìn", spelled(number / 1_000)),
            _ if number % 1_000 < 10 => {
                format!("{} nghìn không trăm linh {}", spelled(number / 1_000), unit(number % 1_000))
            }
            _ if number % 1_000 < 100 => {
                format!("{} nghìn không trăm {}", spelled(number / 1_000), spelled(number % 1_000))
            }
            _ => format!("{} nghìn {}", spelled(number / 1_000), spelled(number % 1_000)),
        }
    }

    fn grouped(number: i64, mark: char) -> String {
        let digits = number.to_string();
        let mut grouped = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                grouped.push(mark);
            }
            grouped.push(digit);
        }
        grouped
    }

    proptest! {
        #[test]
        fn any_text_is_read_alike_composed_and_decomposed(text in any::<String>()) {
            prop_assert_eq!(read(&text.nfc().collect::<String>()), read(&text.nfd().collect::<String>()));
        }

        #[test]
        fn any_row_of_known_words_is_read(words in prop::collection::vec(prop::sample::select(vec![
            "2", "05", "500", "k", "tr", "triệu", "mười", "mươi", "năm", "trăm", "linh", "không", "rưỡi", "tỷ", ".", "-", ",5",
        ]), 0..12), glue in prop::sample::select(vec!["", " "])) {
            read(&words.join(glue));
        }

        #[test]
        fn every_number_reads_back_in_digits(number in 0..1_000_000_000_000_i64) {
            for text in [number.to_string(), grouped(number, '.'), grouped(number, ','), format!("dạ {number} ạ")] {
                prop_assert_eq!(read(&text), Some(number), "{}", text);
            }
        }

        #[test]
        fn every_number_reads_back_in_words(number in 1..1_000_000_i64) {
            let text = spelled(number);
            prop_assert_eq!(read(&text), Some(number), "{}", text);
            let plain = crate::text::plain(&text);
            prop_assert_eq!(read(&plain), Some(number), "{}", plain);
            prop_assert_eq!(read(&text.nfd().collect::<String>()), Some(number));
        }
    }
}
