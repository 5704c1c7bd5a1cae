//! Numbers that are no answer, that may be one, or of which there are several.

use super::*;

/// At the question for the SIM to be changed.
fn asked_for_a_sim() -> Customer {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").taps("Có").taps("Có");
    assert_eq!(customer.at(), "hoi_so");
    customer
}

/// At a question that takes landlines, too.
fn asked_for_a_contact() -> Customer {
    let mut customer = Customer::shipped();
    customer.says("tư vấn").taps("Gói gọi và nhắn tin").taps("Có");
    assert_eq!(customer.at(), "hoi_so");
    customer
}

fn titles(customer: &Customer) -> Vec<String> {
    customer.choices().into_iter().map(|choice| choice.title).collect()
}

fn number(significant: &str) -> Value {
    Value::Phone(Phone::from_significant(significant))
}

const TWO: &str = "0901234567 hoặc 0912345678";

#[test]
fn whoever_gives_what_cannot_be_the_number_is_told_why_and_asked_openly() {
    for (said, vi, en) in [
        ("024 3825 1234", "024 3825 1234 là số cố định", "024 3825 1234 is a landline"),
        ("9090", "số tổng đài", "service number"),
        ("gọi 1800 1090 ấy", "số tổng đài", "service number"),
        ("090***4567", "bị che", "hidden"),
        ("079201001234", "số giấy tờ", "ID card"),
        ("+1 415 555 2671", "nước ngoài", "another country"),
        ("0951234567", "đầu số này", "begin like this"),
    ] {
        let mut customer = asked_for_a_sim();
        let question = customer.session.as_ref().unwrap().question.clone();
        customer.says(said);
        assert!(customer.heard().contains(vi), "{said}: {}", customer.heard());
        assert!(customer.heard().chars().count() <= 160, "it fits the smallest screen: {}", customer.heard());
        assert_eq!(customer.spoke(), ["hoi_so"]);
        let session = customer.session.clone().unwrap();
        assert_eq!((&session.waiting, session.tries, &session.question), (&Waiting::Answer, 1, &question), "{said}");
        assert!(customer.trace.iter().any(|trace| trace.what == What::Explained(1)), "{:?}", customer.trace);
        customer.profile.language = Language::En;
        assert!(customer.says(said).heard().contains(en), "{said}: {}", customer.heard());
        customer.says("0901234567");
        assert_eq!(customer.at(), "hoi_dia_chi");
    }
}

#[test]
fn a_wrong_number_of_digits_is_left_to_the_authors_own_words() {
    for said in ["09012345", "09012345678"] {
        let mut customer = asked_for_a_sim();
        assert!(customer.says(said).heard().contains("10 chữ số"), "{said}: {}", customer.heard());
    }
}

#[test]
fn telling_why_counts_as_a_try() {
    let mut customer = asked_for_a_sim();
    customer.says("9090").says("024 3825 1234");
    assert_eq!((customer.at(), customer.session.as_ref().unwrap().tries), ("hoi_so", 2));
    customer.says("9090");
    assert!(customer.effects.contains(&Effect::Person { queue: "cskh".to_owned() }), "{:?}", customer.effects);
}

#[test]
fn who_asks_for_a_person_beside_a_hotline_gets_one() {
    let mut customer = asked_for_a_sim();
    customer.says("gọi 9090 không được, cho gặp nhân viên đi");
    assert!(customer.effects.contains(&Effect::Person { queue: "cskh".to_owned() }), "{:?}", customer.effects);
}

#[test]
fn two_numbers_are_offered_and_taken_by_tap_place_or_digits() {
    for said in [TWO, "0912345678 hoặc 0901234567"] {
        let mut customer = asked_for_a_sim();
        customer.says(said);
        assert_eq!(customer.heard(), "Anh/chị muốn dùng số nào ạ?");
        let numbers: Vec<String> = titles(&customer).into_iter().map(|title| title.replace(' ', "")).collect();
        assert_eq!(numbers[..2].join(" hoặc "), said);
        customer.taps("0912 345 678");
        assert_eq!((customer.at(), customer.slot("so_dt")), ("hoi_dia_chi", Some(&number("912345678"))));
    }
    for said in ["2", "số 2", "số thứ hai nhé", "số sau", "0912345678", "số đuôi 678", "lấy số 0912"] {
        let mut customer = asked_for_a_sim();
        customer.says(TWO).says(said);
        assert_eq!((customer.at(), customer.slot("so_dt")), ("hoi_dia_chi", Some(&number("912345678"))), "{said}");
    }
    for said in ["123 Nguyễn Huệ", "số 5", "345"] {
        let mut customer = asked_for_a_sim();
        customer.says(TWO).says(said);
        assert_eq!((customer.at(), customer.slot("so_dt")), ("hoi_so", None), "{said} names neither");
    }
    for said in ["không lấy số 0912", "ko phải số đuôi 678"] {
        let mut customer = asked_for_a_sim();
        customer.says(TWO).says(said);
        assert_eq!(customer.slot("so_dt"), None, "{said}");
        assert!(customer.heard().contains("0901 234 567"), "{said}: {}", customer.heard());
    }
    let mut customer = asked_for_a_sim();
    customer.says(TWO).says("không, lấy số 0912");
    assert_eq!(customer.slot("so_dt"), Some(&number("912345678")));
    let mut customer = asked_for_a_sim();
    customer.says("0901234567, 0912345678, 0933345678, 0944445678");
    assert_eq!(titles(&customer), ["0901 234 567", "0912 345 678", "0933 345 678", "Số khác"]);
    let mut customer = asked_for_a_sim();
    customer.says(TWO).says("0933 345 678");
    assert_eq!(customer.slot("so_dt"), Some(&number("933345678")), "a third one is as good as those offered");
}

#[test]
fn who_wants_neither_number_is_asked_openly_and_who_says_neither_is_asked_which_again() {
    let mut customer = asked_for_a_sim();
    let question = customer.session.as_ref().unwrap().question.clone();
    customer.says(TWO).says("số nào cũng được");
    assert_eq!(customer.heard(), "Anh/chị muốn dùng số nào ạ?");
    assert_eq!(titles(&customer), ["0901 234 567", "0912 345 678", "Số khác"]);
    customer.taps("Số khác");
    assert!(customer.heard().contains("số điện thoại đúng") && customer.choices().is_empty(), "{}", customer.heard());
    let session = customer.session.clone().unwrap();
    assert_eq!((session.waiting, session.question, session.tries), (Waiting::Answer, question, 2));
    customer.says("0933345678");
    assert_eq!(customer.at(), "hoi_dia_chi");
}

#[test]
fn nine_digits_are_asked_about() {
    for said in ["đúng rồi", "901234567", "0901234567"] {
        let mut customer = asked_for_a_sim();
        customer.says("901234567");
        assert_eq!((customer.heard().as_str(), customer.at()), ("Có phải 0901 234 567 không ạ?", "hoi_so"));
        assert_eq!(titles(&customer), ["Đúng", "Không phải"]);
        customer.says(said);
        assert_eq!((customer.at(), customer.slot("so_dt")), ("hoi_dia_chi", Some(&number("901234567"))), "{said}");
    }
    let mut customer = asked_for_a_sim();
    customer.says("901234567").says("không, 0912345678");
    assert_eq!(customer.slot("so_dt"), Some(&number("912345678")));
    let mut customer = asked_for_a_sim();
    customer.says("901234567").says("không phải");
    assert!(customer.heard().contains("số điện thoại đúng"), "{}", customer.heard());
    let mut customer = asked_for_a_sim();
    customer.says("901234567").says("9090");
    assert!(customer.heard().contains("tổng đài") && customer.choices().is_empty(), "{}", customer.heard());
}

#[test]
fn a_doubtful_number_that_is_never_agreed_to_ends_at_a_person() {
    let mut customer = asked_for_a_sim();
    for _ in 0..3 {
        customer.says("901234567").says("không");
    }
    assert!(customer.effects.contains(&Effect::Person { queue: "cskh".to_owned() }), "{:?}", customer.effects);
}

#[test]
fn a_landline_is_a_contact_and_no_sim() {
    let mut customer = asked_for_a_contact();
    customer.says("024 3825 1234");
    assert_eq!(customer.slot("so_goi"), Some(&number("2438251234")));
    let mut customer = asked_for_a_sim();
    customer.says("024 3825 1234 hoặc 0901234567");
    assert_eq!(customer.heard(), "Có phải 0901 234 567 không ạ?");
    let mut customer = asked_for_a_contact();
    customer.says("08 3825 1234");
    assert_eq!(titles(&customer), ["0838 251 234", "028 3825 1234", "Số khác"]);
    customer.says("số sau");
    assert_eq!(customer.slot("so_goi"), Some(&number("2838251234")));
}

#[test]
fn a_number_proposed_gives_way_to_whatever_is_said_instead() {
    let proposed = || {
        let mut customer = Customer::shipped();
        customer.profile.phone = Some(Phone::from_significant("909999999"));
        customer.says("đổi sim").taps("Có").taps("Có");
        assert!(customer.heard().contains("0909 999 999"), "{}", customer.heard());
        customer
    };
    for said in [TWO, "không, 0901234567 hoặc 0912345678"] {
        let mut customer = proposed();
        customer.says(said);
        assert_eq!(titles(&customer), ["0901 234 567", "0912 345 678", "Số khác"], "{said}");
    }
    for said in ["024 3825 1234", "không, số 024 3825 1234"] {
        let mut customer = proposed();
        customer.says(said);
        assert!(customer.heard().contains("số cố định") && customer.choices().is_empty(), "{}", customer.heard());
    }
    for said in ["không phải số 0909999999", "sai rồi, 0909999999 hết xài rồi", "không, số 0909 999 999 mất rồi"]
    {
        let mut customer = proposed();
        customer.says(said);
        assert_eq!((customer.at(), customer.slot("so_dt")), ("hoi_so", None), "{said}");
    }
    let mut customer = proposed();
    customer.says("đúng rồi, 9090 cũng nói vậy");
    assert_eq!(customer.slot("so_dt"), Some(&number("909999999")));
}

#[test]
fn an_interrupt_over_two_numbers_leads_back_to_them() {
    let mut customer = asked_for_a_sim();
    customer.says(TWO).says("mất tiền không em?");
    assert!(customer.heard().ends_with("Anh/chị muốn dùng số nào ạ?"), "{}", customer.heard());
    customer.says("quay lại");
    assert_eq!((customer.at(), &customer.session.as_ref().unwrap().waiting), ("hoi_so", &Waiting::Answer));
    customer.says(TWO).profile.language = Language::En;
    customer.says("english");
    customer.says("1");
    assert_eq!(customer.slot("so_dt"), Some(&number("901234567")));
}
