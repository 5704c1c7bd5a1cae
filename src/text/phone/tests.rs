//! What customers type, and what is read in it.

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;

mod oracle;

const PLAIN: &str = "+84901234567";

/// The numbers of a text as people write them, and whether they are asked about.
fn numbers(text: &str) -> (Decision, Vec<String>) {
    let reading = read(text);
    (reading.decision, reading.candidates.iter().map(Phone::national).collect())
}

/// What stands in the spans.
fn blanked(text: &str) -> Vec<&str> {
    read(text).spans.into_iter().map(|span| &text[span]).collect()
}

fn is_plain(text: &str) {
    let reading = read(text);
    assert_eq!(reading.decision, Decision::Answer, "{text:?}: {reading:?}");
    assert_eq!(reading.phone.as_ref().map(Phone::e164), Some(PLAIN), "{text:?}");
    assert_eq!((reading.network_guess, reading.problem), (Some("mobifone"), None), "{text:?}");
}

fn answers(text: &str, national: &str) {
    assert_eq!(numbers(text), (Decision::Answer, vec![national.to_owned()]), "{text:?}");
}

fn asks(text: &str, national: &[&str]) {
    assert_eq!(numbers(text), (Decision::Ask, national.iter().map(|&one| one.to_owned()).collect()), "{text:?}");
}

#[test]
fn every_way_of_typing_a_number_is_read() {
    for text in [
        "0901234567",
        "090.123.4567",
        "090-123-4567",
        "090 – 123 – 4567",
        "0901\u{2011}234\u{2011}567",
        "0901 234 567",
        "0901\u{a0}234\u{a0}567",
        "09 01 23 45 67",
        "09.01.23.45.67",
        "0 9 0 1 2 3 4 5 6 7",
        "0 901 234 567",
        "090/123/4567",
        "0901,234,567",
        "(090) 1234567",
        "(090)123-4567",
        "0901_234_567",
    ] {
        is_plain(text);
    }
}

#[test]
fn country_codes_are_read_with_and_without_plus_and_zero() {
    for text in [
        "+84 90 123 4567",
        "+84901234567",
        "＋84901234567",
        "+ 84 901 234 567",
        "(+84) 901234567",
        "+(84) 901234567",
        "+84(0)901234567",
        "+84 (0) 901 234 567",
        "+84 0901234567",
        "+840901234567",
        "+0901234567",
        "tel:+84-901-234-567",
        "0084901234567",
        "0084 90 123 4567",
        "00 84 901 234 567",
        "84901234567",
        "84 901 234 567",
        "84-90-123-4567",
        "(84) 901234567",
        "840901234567",
    ] {
        is_plain(text);
    }
    // VinaPhone's 084 is no country code.
    answers("0841234567", "0841 234 567");
    answers("+84841234567", "0841 234 567");
    answers("84 84 123 4567", "0841 234 567");
    asks("841234567", &["0841 234 567"]);
}

#[test]
fn any_keyboard_writes_digits() {
    for text in [
        "０９０１２３４５６７",
        "Ｓđｔ：（０９０）１２３－４５６７",
        "𝟎𝟗𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕",
        "0️⃣9️⃣0️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣",
        "o9o1234567",
        "O9O1234567",
        "O9O I234567",
        "090l234567",
        "o9ol 234 567",
        // As a number is copied from the contacts of a phone.
        "\u{202a}0901 234 567\u{202c}",
        "\u{202a}+84 90 123 45 67\u{202c}",
        "09\u{200b}01\u{ad}234567",
        "\u{feff}0901234567",
    ] {
        is_plain(text);
    }
}

#[test]
fn digits_are_spelled_in_words() {
    for text in [
        "không chín không một hai ba bốn năm sáu bảy",
        "khong chin khong mot hai ba tu nam sau bay",
        "Không Chín Không Một Hai Ba Bốn Lăm Sáu Bẩy",
        "ko chin ko mot hai ba bon nham sau bay",
        "không chín không, một hai ba, bốn năm sáu bảy",
        "không chín không - một hai ba - bốn năm sáu bảy",
        "số em là không chín không một hai ba bốn năm sáu bảy nhé",
        "không chín linh một hai ba bốn năm sáu bảy",
        "không chín lẻ một hai ba bốn năm sáu bảy",
        "chị Linh không chín không một hai ba bốn năm sáu bảy",
        "không chín không một hai ba bốn năm sáu bảy Linh",
        "o chin 0 1 2 3 4 5 6 7",
        "0 chín 0 1 hai 3 4 năm 6 7",
        "09 không một hai ba 4567",
        "zero nine zero one two three four five six seven",
    ] {
        is_plain(text);
        is_plain(&text.nfd().collect::<String>());
        is_plain(&text.to_uppercase());
    }
}

#[test]
fn words_that_are_also_digits_stay_words() {
    for text in [
        "bà Năm Tư 0901234567",
        "nhà số năm 0901234567",
        "0901234567 em Hai Ba",
        "0901234567 hai sim",
        "không 0901234567",
        "ở 12 Lê Lợi 0901234567",
        "o 12 le loi 0901234567",
        "lo1 0901234567",
    ] {
        is_plain(text);
        assert_eq!(blanked(text), ["0901234567"], "{text}");
    }
    is_plain("0901 234 567 Tư");
    is_plain("0901 234 567, em Hai Linh");
    for text in ["chị Ba Tư ở nhà số năm", "hai ba hôm nữa", "năm sáu bảy tám", "Linh Ba Hai", "090123456 ba em"]
    {
        assert_eq!(numbers(text), (Decision::None, vec![]), "{text}");
    }
}

#[test]
fn numbers_are_found_against_words_and_in_sentences() {
    for text in [
        "sđt: 0901234567 gấp em",
        "sdt 901234567",
        "sdt 90 12 34 567",
        "901234567 là sđt của em",
        "sdt0901234567nha",
        "sdt0901 234 567nhé",
        "SĐT0901.234.567ạ",
        "o9o1234567nha",
        "0901234567ok",
        "0901234567!",
        "\"0901234567\"",
        "https://zalo.me/0901234567",
        "☎️0901234567",
        "📞: 0901 234 567 (Zalo)",
        "tài khoản em có rồi, số em 0901234567",
        "1.0901 234 567",
        "0901234567 máy lẻ 12",
        "Nguyễn Văn An\n0901234567\n12 Lê Lợi",
    ] {
        is_plain(text);
    }
    for text in ["an0901234567@gmail.com", "0901234567@gmail.com"] {
        assert_eq!(numbers(text), (Decision::None, vec![]), "the name of a mailbox: {text}");
    }
}

#[test]
fn old_eleven_digit_numbers_become_their_present_ones() {
    for (old, new) in [
        ("01201234567", "0701 234 567"),
        ("0169 123 4567", "0391 234 567"),
        ("+84 199 123 4567", "0591 234 567"),
        ("(0126) 1234567", "0761 234 567"),
    ] {
        answers(old, new);
    }
}

#[test]
fn old_area_codes_of_the_two_cities_become_their_present_ones() {
    for text in ["04 38251234", "(04) 3825 1234", "04.38251234", "+84 4 3825 1234"] {
        answers(text, "024 3825 1234");
    }
    // Without the gap it could be a slip of the finger.
    asks("0438251234", &["024 3825 1234"]);
    // 08 was the city and is the beginning of mobile numbers: who writes it apart can mean either.
    for text in ["08 38251234", "08 3825 1234", "(08) 38251234", "08.38251234", "+84 8 3825 1234"] {
        asks(text, &["0838 251 234", "028 3825 1234"]);
    }
    for text in ["0838251234", "08 38 25 12 34", "083 825 1234", "0838 251 234"] {
        answers(text, "0838 251 234");
    }
}

#[test]
fn a_landline_is_told_from_a_mobile() {
    for text in ["024 3825 1234", "02438251234", "(024) 38251234", "+84 24 3825 1234", "024.3825.1234", "024/38251234"]
    {
        answers(text, "024 3825 1234");
        assert_eq!((read(text).kind, read(text).network_guess), (PhoneKind::Landline, None), "{text}");
    }
    answers("0251 3825123", "0251 382 5123");
    answers("02438251234-123", "024 3825 1234");
    assert_eq!(read("0901234567").kind, PhoneKind::Mobile);
}

#[test]
fn several_numbers_are_asked_about_and_the_same_one_twice_is_not() {
    for text in [
        "gọi số 0901234567 hoặc 0912 345 678",
        "0901234567/0912345678",
        "0901234567 - 0912345678",
        "0901234567,0912345678",
        "0901234567;0912345678",
        "0901234567 0912345678",
        "0901 234 567 0912 345 678",
        "+84901234567+84912345678",
        "sdt1: 0901234567, sdt2: 0912345678",
        "1) 0901234567 2) 0912345678",
        "0901234567\n0912345678",
    ] {
        asks(text, &["0901 234 567", "0912 345 678"]);
        assert_eq!(read(text).spans.len(), 2, "{text}");
    }
    for text in ["0901234567 hoặc +84 901 234 567", "901234567 tức là 0901234567", "o9o1234567 0901.234.567"] {
        is_plain(text);
        assert_eq!(read(text).spans.len(), 2, "{text}");
    }
    asks("0901234567, ko được thì 024 3825 1234", &["0901 234 567", "024 3825 1234"]);
    let many: String = (10..40).map(|n| format!("09012345{n}, ")).collect();
    assert_eq!(read(&many).candidates.len(), MOST_NUMBERS);
}

#[test]
fn a_house_number_is_never_inside_a_span() {
    for (text, expected) in [
        ("12 0901234567 nguyễn huệ", "0901234567"),
        ("số 12 ngõ 34 0901234567", "0901234567"),
        ("12/34 0901 234 567", "0901 234 567"),
        ("123/45/6 Lê Lợi 0901 234 567", "0901 234 567"),
        ("5 0901 234 567", "0901 234 567"),
        ("05 0901 234 567", "0901 234 567"),
        ("03 0323 456 789", "0323 456 789"),
        ("nhà 84 0901234567", "0901234567"),
        ("0901234567 số 5", "0901234567"),
        ("0901234567 5 Lê Lợi", "0901234567"),
        ("0901 234 567 8 nguyễn huệ", "0901 234 567"),
        ("0901 234 567 12 Lê Lợi", "0901 234 567"),
        ("0901.234.567.12 Lê Lợi", "0901.234.567"),
        ("0901 234 567 - 12 Lê Lợi", "0901 234 567"),
        ("12 0901 234 567 34 Lê Lợi", "0901 234 567"),
        ("0901234567, 12 nguyễn huệ", "0901234567"),
        ("A12-0901234567", "0901234567"),
        ("căn 1205 0901234567", "0901234567"),
        ("028 3825 1234 12 Lê Lợi", "028 3825 1234"),
        ("Lê Lợi 07 09 01 23 45 67", "09 01 23 45 67"),
        ("090-032-0000 - 100/1 Lê Lợi", "090-032-0000"),
    ] {
        assert_eq!(blanked(text), [expected], "{text}");
        assert_eq!(read(text).decision, Decision::Answer, "{text}");
    }
    // A number from which digits were left out is not filled up with a house number.
    for text in ["09012345 67 Lê Lợi", "0901 234 56 7 Lê Lợi", "0281234567 1 Lê Lợi", "028 123 4567 12 Lê Lợi"]
    {
        let reading = read(text);
        assert_eq!((reading.decision, reading.spans), (Decision::None, vec![]), "{text}");
    }
}

#[test]
fn odd_groups_and_digits_left_over_are_asked_about_where_no_street_follows() {
    for text in ["09012345 67", "090123456 7", "0901 234 56 7", "0901 234 567 8", "0901 234 567 12"] {
        asks(text, &["0901 234 567"]);
    }
    asks("090-032-0000 - 100", &["0900 320 000"]);
    is_plain("0901234567 8");
}

#[test]
fn hours_days_and_prices_are_no_part_of_a_number() {
    for text in [
        "8h30 0901234567",
        "8:30 0901234567",
        "50k 0901234567",
        "50.000đ 0901234567",
        "22/11/2026 0901234567",
        "22-11-2026 0901234567",
        "22.11.2026 - 0901234567",
        "0901234567 8h30 ngày 22/11",
    ] {
        is_plain(text);
        assert_eq!(blanked(text), ["0901234567"], "{text}");
    }
    for text in [
        "09-12-2026 15",
        "09/12/2026 15 giờ",
        "990.000.000 đồng",
        "901234567đ",
        "0901 2345 10h",
        "12 Nguyễn Huệ, quận 1",
        "192.168.1.100",
        "10.93.123.4567",
        "21.0285,105.8542",
    ] {
        assert_eq!(numbers(text), (Decision::None, vec![]), "{text}");
    }
    asks("09 30 11 30 14 00", &["0930 113 014"]);
    answers("09-12-20-26-15", "0912 202 615");
}

#[test]
fn accounts_and_orders_that_look_like_numbers_are_asked_about() {
    asks("stk 0901234567 mb", &["0901 234 567"]);
    asks("mã đơn 0901234567", &["0901 234 567"]);
    is_plain("stk em là 0123456789, sđt 0901234567");
    for text in ["stk 1903 1234 5678 90", "9704 1234 5678 9012", "tk 901234567", "stk 0071001234567", "mã otp 123456"]
    {
        assert_eq!(numbers(text), (Decision::None, vec![]), "{text}");
    }
}

#[test]
fn identity_cards_are_recognised_as_such() {
    for text in ["079201001234", "079 201 001 234", "0792 0100 1234", "cccd 079 2 01 001234", "căn cước: 079201001234"]
    {
        let reading = read(text);
        assert_eq!((reading.decision, reading.problem), (Decision::None, Some(PhoneProblem::IdNumber)), "{text}");
        assert_eq!(reading.spans.len(), 1, "{text}");
    }
    for text in ["cmnd 321456789", "123456789", "chứng minh 012345678"] {
        assert_eq!(read(text).problem, Some(PhoneProblem::IdNumber), "{text}");
    }
    for text in ["cccd 079201001234 sdt 0901234567", "cccd 079 201 001 234 0901234567", "CMND 321456789, sđt 901234567"]
    {
        is_plain(text);
    }
}

#[test]
fn nine_digits_without_the_zero_are_doubtful_unless_announced() {
    asks("901234567", &["0901 234 567"]);
    asks("90 123 4567", &["0901 234 567"]);
    asks("em 901234567 nha", &["0901 234 567"]);
    asks("321456789", &["0321 456 789"]);
    is_plain("zalo 901234567");
    // Three groups of a longer chain are anything.
    assert_eq!(numbers("12 345 901 234 567").0, Decision::None);
}

#[test]
fn numbers_of_other_countries_never_become_vietnamese() {
    for text in [
        "+1 415 555 2671",
        "+14155552671",
        "+86 138 0013 8000",
        "+855 12 345 678",
        "+886 912 345 678",
        "+65 9123 4567",
        "001 415 555 2671",
        "0086 138 0013 8000",
        "số bên Mỹ +1 (415) 555-2671 nha",
    ] {
        let reading = read(text);
        assert_eq!((reading.decision, reading.problem), (Decision::None, Some(PhoneProblem::Foreign)), "{text}");
        assert_eq!(reading.spans.len(), 1, "{text}");
    }
    for text in ["+886 912 345 678, ở nhà 0901234567", "+1 0901234567", "+5 điểm 0901234567"] {
        is_plain(text);
    }
}

#[test]
fn masked_numbers_are_recognised_as_such() {
    for text in ["090***4567", "090xxx4567", "0901 xxx 567", "09012345..", "0901234…", "090-***-4567", "84901***567"]
    {
        let reading = read(text);
        assert_eq!((reading.decision, reading.problem), (Decision::None, Some(PhoneProblem::Masked)), "{text}");
        assert_eq!(blanked(text), [text]);
    }
    is_plain("090***4567 là 0901234567");
    is_plain("0901234567...");
}

#[test]
fn what_is_no_number_says_why() {
    for (text, expected) in [
        ("090123456", Some(PhoneProblem::TooShort)),
        ("123456", Some(PhoneProblem::TooShort)),
        ("38251234", Some(PhoneProblem::TooShort)),
        ("số 3825 1234", Some(PhoneProblem::TooShort)),
        ("028 1234567", Some(PhoneProblem::TooShort)),
        ("0901\n234567", Some(PhoneProblem::TooShort)),
        ("+84 1234", Some(PhoneProblem::TooShort)),
        ("0901 234 56 7 Lê Lợi", Some(PhoneProblem::TooShort)),
        ("09012345678", Some(PhoneProblem::TooLong)),
        ("09012345670912345678", Some(PhoneProblem::TooLong)),
        ("1234567890", Some(PhoneProblem::TooLong)),
        ("0792 0100 1234 5678", Some(PhoneProblem::TooLong)),
        ("stk 0071001234567", Some(PhoneProblem::TooLong)),
        ("0951234567", Some(PhoneProblem::UnknownPrefix)),
        ("0890123456", Some(PhoneProblem::UnknownPrefix)),
        ("0521234567", Some(PhoneProblem::UnknownPrefix)),
        ("0551234567", Some(PhoneProblem::UnknownPrefix)),
        ("02171234567", Some(PhoneProblem::UnknownPrefix)),
        ("+84 95 123 4567", Some(PhoneProblem::UnknownPrefix)),
        ("9090", Some(PhoneProblem::Hotline)),
        ("gọi 9090 á em", Some(PhoneProblem::Hotline)),
        ("18001090", Some(PhoneProblem::Hotline)),
        ("1800 1090", Some(PhoneProblem::Hotline)),
        ("1900 1234", Some(PhoneProblem::Hotline)),
        ("mã otp 123456", None),
        ("12 nguyễn huệ", None),
        ("123/45/67 Lê Lợi", None),
        ("350.000.000 đồng", None),
        ("mai nhé", None),
        ("", None),
    ] {
        let reading = read(text);
        assert_eq!((reading.decision, reading.problem), (Decision::None, expected), "{text}");
    }
}

#[test]
fn only_the_beginning_of_a_long_message_is_read() {
    let far = format!("{}0901234567", "a ".repeat(300));
    assert_eq!(read(&far).decision, Decision::None);
    for unit in ["1", "o", "0 ", "o ", "không ", "0901 ", "09.", "linh 1 ", "0+", "x0", "(", "901234567, ", "0*"] {
        let text = unit.repeat(10_000);
        assert!(read(&text).spans.iter().all(|span| span.end <= 6 * LONGEST_MESSAGE), "{unit}");
    }
}

/// A number as people group it: cut at these places of its ten digits.
fn grouped(digits: &str, cuts: &[usize], between: &str) -> String {
    let ends = cuts.iter().copied().chain([digits.len()]);
    let starts = [0].into_iter().chain(cuts.iter().copied());
    starts.zip(ends).map(|(start, end)| &digits[start..end]).collect::<Vec<_>>().join(between)
}

const GROUPINGS: [&[usize]; 9] = [&[], &[4, 7], &[3, 6], &[3, 7], &[4], &[3], &[5], &[2, 4, 6, 8], &[4, 6, 8]];

proptest! {
    #[test]
    fn any_text_is_read_and_spans_are_apart(text in "\\PC*|[0-9oOlI +()./,*xX-]{0,80}|(không |0|9|[+]84|linh |, |ba ){0,30}") {
        let mut end = 0;
        for span in read(&text).spans {
            prop_assert!(end <= span.start && span.start < span.end, "{}", text);
            prop_assert!(text.get(span.clone()).is_some());
            end = span.end;
        }
    }

    #[test]
    fn how_accents_are_encoded_changes_nothing(text in "((không|một|hai|bốn|năm|bảy|chín|0|9|0901|234567|sđt|, ) ?){0,16}") {
        prop_assert_eq!(numbers(&text), numbers(&text.nfd().collect::<String>()));
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
        let typed = format!("{lead}{}", grouped(&significant, &cuts, between));
        let reading = read(&typed);
        prop_assert_eq!(reading.decision, Decision::Answer, "{}", typed);
        let phone = reading.phone.expect("an answer holds its number");
        prop_assert_eq!(phone.e164(), format!("+84{significant}"));
    }

    /// House number, street, phone number, in any order: the span is the phone number, no more and no less.
    #[test]
    fn an_address_keeps_its_house_number(
        house in "[1-9][0-9]{0,3}|[1-9][0-9]{0,2}/[1-9][0-9]?|[1-9][0-9]?[AB]|0[1-9]",
        street in prop::sample::select(vec!["Lê Lợi", "nguyen hue", "đường 30/4", "Ba Tháng Hai", "tổ 5 ấp 3"]),
        significant in "(90|93|70|32|81|56|99|87)[0-9]{7}",
        cuts in prop::sample::select(GROUPINGS.to_vec()),
        between in prop::sample::select(vec![" ", ".", "-"]),
        apart in prop::sample::select(vec![" ", ", ", " - ", "; ", "\n", " sdt ", ": "]),
        number_first in any::<bool>(),
    ) {
        let number = grouped(&format!("0{significant}"), cuts, between);
        let text = if number_first {
            format!("{number}{apart}{house} {street}")
        } else {
            format!("{street} {house}{apart}{number}")
        };
        prop_assert_eq!(blanked(&text), [number.as_str()], "{}", text);
    }
}
