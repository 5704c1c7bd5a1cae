//! Answers of a kind: what could be meant is asked back, nothing is filled, and nobody is asked for ever.

use super::*;

#[test]
fn a_hedge_is_no_answer_and_is_asked_back_as_one() {
    for hedge in ["để sau", "ok nhưng mai em mới rảnh", "để chị hỏi chồng đã", "không phải không muốn", "tùy em", "hmm"]
    {
        let mut customer = Customer::shipped();
        customer.says("đổi sim").says(hedge);
        assert_eq!((customer.at(), customer.slot("muon_doi")), ("moi", None), "{hedge}");
        assert!(customer.heard().contains("\"Có\" hay \"Không\""), "{hedge}: {}", customer.heard());
        assert_eq!(customer.choices().len(), 2, "{hedge}");
        assert_eq!(customer.says("có").at(), "moi_xong");
    }
}

#[test]
fn no_consent_is_taken_from_an_answer_with_a_doubt_or_a_question() {
    for doubt in
        ["ok nhưng đừng gọi nhé", "đồng ý, mà lưu làm gì vậy?", "chắc được", "👍🤔", "nếu không mất tiền thì được"]
    {
        let mut customer = Customer::shipped();
        customer.says("đổi sim").says("có").says(doubt);
        assert_eq!(customer.at(), "moi_xong", "{doubt}");
        assert!(!customer.effects.iter().any(|effect| matches!(effect, Effect::Consent(_))), "{doubt}");
    }
}

#[test]
fn whoever_stays_unclear_is_given_up_as_whoever_is_not_understood() {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").says("để sau").says("để xem");
    assert_eq!(customer.at(), "moi");
    customer.says("từ từ");
    assert!(customer.effects.contains(&Effect::Person { queue: "cskh".to_owned() }), "{:?}", customer.effects);
}

#[test]
fn what_is_no_answer_at_all_gets_the_words_of_the_flow() {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").says("asdfgh");
    assert!(!customer.heard().contains(" hay ") && customer.heard().contains("chưa hiểu"), "{}", customer.heard());
}

#[test]
fn an_interrupt_inside_a_hedge_is_heard_first() {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").says("để xem, mà có mất tiền không");
    assert!(customer.heard().contains("miễn phí"), "{}", customer.heard());
    assert_eq!(customer.session.as_ref().unwrap().tries, 0);
}

#[test]
fn a_known_value_and_a_summary_are_asked_back_by_their_own_buttons() {
    let mut customer = Customer::shipped();
    customer.profile.phone = Some(Phone::from_significant("901234567"));
    customer.says("đổi sim").taps("Có").taps("Có").says("chắc vậy");
    assert!(customer.heard().contains("\"Đúng\" hay \"Không phải\""), "{}", customer.heard());
    customer.says("đúng rồi").says(ADDRESS).taps("Buổi sáng").says("ko").says("để coi");
    assert_eq!(customer.at(), "xac_nhan");
    assert!(customer.heard().contains("\"Đúng\" hay \"Sửa lại\""), "{}", customer.heard());
    assert!(customer.says("đúng").handed_off().is_some());
}

#[test]
fn of_several_options_and_windows_it_is_asked_which() {
    let mut customer = Customer::flow(
        "flow: thu\nentry: {default: true}\nslots:\n  buoi: {type: choice, options: {sang: Buổi sáng, chieu: Buổi chiều, toi: Buổi tối}}\n  gio: {type: time_window}\nsteps:\n  hoi_buoi: {ask: buoi, say: \"Buổi nào ạ?\"}\n  hoi_gio: {ask: gio, say: \"Giờ nào ạ?\"}\n  xong: {end: xong}\n",
    );
    customer.meets(&Event::Open { reference: None });
    customer.says("sáng hoặc chiều");
    assert!(customer.heard().contains("\"Buổi sáng\" hay \"Buổi chiều\""), "{}", customer.heard());
    assert_eq!(customer.says("trừ buổi sáng").slot("buoi"), None);
    assert!(customer.heard().contains("\"Buổi chiều\" hay \"Buổi tối\""), "{}", customer.heard());
    customer.says("chiều").says("mai hoặc mốt");
    assert_eq!((customer.at(), customer.slot("gio")), ("hoi_gio", None));
    assert!(customer.heard().contains("\"23/11/2026\" hay \"24/11/2026\""), "{}", customer.heard());
    customer.says("mai mốt");
    assert!(!customer.heard().contains(" hay "), "nothing is named: {}", customer.heard());
    assert_eq!(customer.says("mốt").session, None);
}

#[test]
fn a_number_that_is_a_place_and_part_of_another_option_is_asked_about() {
    let mut customer = Customer::flow(
        "flow: thu\nentry: {default: true}\nslots:\n  goi: {type: choice, options: {m1: 1 tháng, m3: 3 tháng, m6: 6 tháng}}\nsteps:\n  hoi: {ask: goi, say: \"Gói nào ạ?\"}\n  xong: {end: xong}\n",
    );
    customer.meets(&Event::Open { reference: None });
    customer.says("3");
    assert!(customer.heard().contains("\"3 tháng\" hay \"6 tháng\""), "{}", customer.heard());
    assert_eq!(customer.says("1").session, None, "the first one, and the one of one month");
}
