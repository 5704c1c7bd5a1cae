//! Our reading against libphonenumber's, both ways, but for the differences listed here.

use std::sync::LazyLock;

use rlibphonenumber::{PhoneNumber, PhoneNumberFormat, PhoneNumberType};

use super::*;

/// What exists for one of us only, by the first digits after the trunk zero, and why.
const ONLY_THEIRS: [(&str, &str); 7] = [
    ("30", "in reserve: Viettel's numbers begin at 032"),
    ("31", "in reserve: Viettel's numbers begin at 032"),
    ("51", "never given out"),
    ("95", "S-Fone's, which was switched off in 2012"),
    ("121", "nine digits that begin with 1: no mobile number has done so since 2018"),
    ("140", "nine digits that begin with 1"),
    ("160", "nine digits that begin with 1"),
];
const ONLY_OURS: [(&str, &str); 1] = [("992", "Gmobile was given all of 099, libphonenumber leaves 0992 out")];

fn is_listed(differences: &[(&str, &str)], significant: &str) -> bool {
    differences.iter().any(|(prefix, _)| significant.starts_with(prefix))
}

fn parsed(significant: &str) -> Option<PhoneNumber> {
    format!("+84{significant}").parse().ok()
}

/// What the oracle takes a number for.
fn theirs(significant: &str) -> Option<PhoneKind> {
    let number = parsed(significant)?;
    match number.get_type() {
        _ if number.get_national_significant_number() != significant => None,
        PhoneNumberType::Mobile => Some(PhoneKind::Mobile),
        PhoneNumberType::FixedLine => Some(PhoneKind::Landline),
        _ => None,
    }
}

/// What we take it for, unless we make another one of it, as of old ones.
fn ours(significant: &str) -> Option<PhoneKind> {
    let phone = read(&format!("0{significant}")).phone?;
    (phone.e164() == format!("+84{significant}")).then(|| PhoneKind::of(&phone))
}

/// As many digits as follow a prefix of three.
fn rest_of(prefix: &str) -> usize {
    if prefix.starts_with('2') { 7 } else { 6 }
}

/// The prefixes of three digits under which the oracle has numbers, and we should.
static PREFIXES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let all = (100..1000).map(|prefix| prefix.to_string());
    let exists = |prefix: &String| theirs(&format!("{prefix}{}", &"3456789"[..rest_of(prefix)])).is_some();
    all.filter(|prefix| exists(prefix) && !is_listed(&ONLY_THEIRS, prefix)).collect()
});

fn existing() -> impl Strategy<Value = String> {
    (any::<prop::sample::Index>(), "[0-9]{7}").prop_map(|(index, rest)| {
        let prefix = index.get(PREFIXES.as_slice());
        format!("{prefix}{}", &rest[..rest_of(prefix)])
    })
}

/// The number in every form that people and programs commonly give it.
fn forms(significant: &str) -> Vec<String> {
    let number = parsed(significant).expect("the oracle has it");
    let formats = [
        PhoneNumberFormat::E164,
        PhoneNumberFormat::International,
        PhoneNumberFormat::National,
        PhoneNumberFormat::RFC3966,
    ];
    let mut forms: Vec<String> = formats.into_iter().map(|format| number.format_as(format).into_owned()).collect();
    let area = if significant.starts_with("24") || significant.starts_with("28") { 2 } else { 3 };
    let area = if significant.starts_with('2') { area } else { 2 };
    let (area, rest) = significant.split_at(area);
    let (middle, end) = rest.split_at(rest.len() / 2);
    forms.extend([
        format!("0{significant}"),
        format!("0{area} {rest}"),
        format!("(0{area}) {middle} {end}"),
        format!("0{area}.{middle}.{end}"),
        format!("0{area}-{middle}-{end}"),
        format!("+84 (0) {area} {rest}"),
        format!("+84 0{significant}"),
        format!("0084{significant}"),
        format!("84{significant}"),
        format!("84 {area} {middle} {end}"),
        format!("sdt0{significant}nha"),
        format!("số em là 0{area}{middle} {end}, nhà số 12"),
        format!("0{significant}").replace('0', "o"),
        format!("0{significant}").chars().filter_map(|digit| char::from_u32(u32::from(digit) + 0xfee0)).collect(),
        format!("0{significant}").chars().map(|digit| format!("{digit} ")).collect(),
    ]);
    forms
}

/// Both tables are made of prefixes of at most four digits, so this is all that can be different.
#[test]
fn the_same_numbers_exist_for_both_but_for_the_listed_differences() {
    for significant in (1000..10_000).flat_map(|prefix| ["34567", "345678"].map(|rest| format!("{prefix}{rest}"))) {
        match (ours(&significant), theirs(&significant)) {
            (Some(_), None) => assert!(is_listed(&ONLY_OURS, &significant), "0{significant} exists for us only"),
            (None, Some(_)) => assert!(is_listed(&ONLY_THEIRS, &significant), "0{significant} exists for them only"),
            (ours, theirs) => assert_eq!(ours, theirs, "0{significant}"),
        }
    }
}

#[test]
fn every_listed_difference_is_one() {
    for (differences, by_us) in [(ONLY_THEIRS.as_slice(), false), (&ONLY_OURS, true)] {
        for (prefix, why) in differences {
            let significant = format!("{prefix}{}", &"1234567"[..9 - prefix.len()]);
            assert_eq!((ours(&significant).is_some(), theirs(&significant).is_some()), (by_us, !by_us), "{why}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_exists_for_the_oracle_is_read_in_every_common_form(significant in existing()) {
        for form in forms(&significant) {
            let reading = read(&form);
            prop_assert_eq!(reading.decision, Decision::Answer, "{}", form);
            let e164 = reading.phone.as_ref().map(|phone| phone.e164().to_owned());
            prop_assert_eq!(e164, Some(format!("+84{significant}")), "{}", form);
            prop_assert_eq!(Some(reading.kind), theirs(&significant), "{}", form);
        }
    }
}

proptest! {
    #[test]
    fn whatever_is_called_a_number_exists_for_the_oracle(
        text in prop_oneof![
            "[0-9]{8,13}",
            "0[0-9]{9,10}",
            "(0|84|[+]84|0084|)[ .(-]{0,2}[2-9][0-9]{1,3}[ .,/)-]{0,2}[0-9]{2,4}[ .,/-]{0,2}[0-9]{2,4}",
            "[0-9oOlI +()./,*xX-]{0,60}",
            "((không|một|hai|ba|bốn|năm|sáu|bảy|tám|chín|0|9|0[1-9]|Lê Lợi|linh|,) ){0,24}",
        ],
    ) {
        for phone in read(&text).candidates {
            let significant = phone.e164().trim_start_matches("+84").to_owned();
            let listed = is_listed(&ONLY_OURS, &significant);
            prop_assert!(listed || theirs(&significant) == Some(PhoneKind::of(&phone)), "{} in {}", significant, text);
        }
    }
}
