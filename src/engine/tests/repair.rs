//! Going back: corrections, several answers in a message, one step back, silence.

use super::*;
use crate::domain::session::Move;

fn choice(key: &str) -> Value {
    Value::Choice(key.to_owned())
}

/// Up to the question whether somebody is in quarantine.
fn almost_done() -> Customer {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").taps("Có").taps("Có").says("0901234567").says(ADDRESS).taps("Buổi sáng");
    assert_eq!(customer.at(), "hoi_cach_ly");
    customer
}

#[test]
fn an_earlier_answer_is_corrected_after_asking_and_the_question_comes_back() {
    let mut customer = almost_done();
    customer.says("à nhầm, số em là 0912345678");
    assert!(customer.heard().contains("0912 345 678"), "{}", customer.heard());
    assert_eq!(customer.slot("so_dt"), Some(&Value::Phone(Phone::from_significant("901234567"))), "not yet");
    customer.says("đúng rồi em");
    assert_eq!(customer.slot("so_dt"), Some(&Value::Phone(Phone::from_significant("912345678"))));
    assert_eq!((customer.at(), customer.spoke().last()), ("hoi_cach_ly", Some(&"hoi_cach_ly")));
    assert_eq!(customer.session.as_ref().unwrap().tries, 0);
}

#[test]
fn a_correction_that_is_not_meant_changes_nothing() {
    let mut customer = almost_done();
    let before = customer.session.clone().unwrap();
    customer.says("à nhầm, buổi chiều").says("không");
    let after = customer.session.clone().unwrap();
    assert_eq!((after.progress, after.question), (before.progress, before.question));
}

#[test]
fn an_answer_to_the_question_behind_a_proposed_correction_is_taken() {
    let mut customer = almost_done();
    customer.says("à nhầm, buổi chiều");
    assert!(matches!(customer.session.as_ref().unwrap().waiting, Waiting::Correct { .. }));
    customer.says("gặp nhân viên");
    assert!(customer.effects.contains(&Effect::Person { queue: "cskh".to_owned() }), "{:?}", customer.effects);
}

#[test]
fn no_and_a_value_at_a_yes_or_no_question_is_a_correction_and_a_bare_no_an_answer() {
    let mut customer = almost_done();
    customer.says("không, buổi chiều");
    assert!(matches!(customer.session.as_ref().unwrap().waiting, Waiting::Correct { .. }), "{:?}", customer.session);
    customer.says("có");
    assert_eq!(customer.slot("gio_nhan"), Some(&choice("chieu")));
    customer.says("không");
    assert_eq!((customer.at(), customer.slot("cach_ly")), ("xac_nhan", Some(&Value::YesNo(false))));
}

#[test]
fn a_summary_takes_a_correction_in_the_same_message_and_is_shown_anew() {
    let mut customer = almost_done();
    customer.says("k");
    assert_eq!(customer.at(), "xac_nhan");
    customer.says("không, buổi chiều cơ");
    assert_eq!((customer.at(), customer.slot("gio_nhan")), ("xac_nhan", Some(&choice("chieu"))));
    assert!(customer.heard().contains("Buổi chiều"), "{}", customer.heard());
    customer.says("sai số điện thoại rồi em");
    assert_eq!(customer.at(), "hoi_so");
    customer.says("0912345678");
    assert_eq!(customer.at(), "xac_nhan", "what was answered behind it is not asked again");
    assert!(customer.says("đúng").handed_off().is_some());
}

#[test]
fn words_that_only_resemble_an_earlier_answer_correct_nothing() {
    for said in ["hàng xóm thì sao", "2", "không biết nữa em ơi"] {
        let mut customer = almost_done();
        customer.says(said);
        let session = customer.session.as_ref().unwrap();
        assert!(!matches!(session.waiting, Waiting::Correct { .. }), "{said}: {session:?}");
    }
}

const TWO_TIMES: &str = "flow: thu\nentry: {default: true}\nslots:\n  sang: {type: choice, label: Giờ nhận, options: {s: Buổi sáng, c: Buổi chiều}}\n  lap: {type: choice, label: Giờ lắp, options: {s: Buổi sáng, c: Buổi chiều}}\n  ten: {type: name, label: Tên}\nsteps:\n  a: {ask: sang, say: \"Nhận lúc nào ạ?\"}\n  b: {ask: lap, say: \"Lắp lúc nào ạ?\"}\n  c: {ask: ten, say: \"Tên ạ?\"}\n  d: {end: xong, say: \"Vâng {sang} {lap} {ten}\"}\n";

#[test]
fn a_value_that_several_answers_can_take_is_asked_about_by_label() {
    let mut customer = Customer::flow(TWO_TIMES);
    customer.says("chào").says("sáng").says("sáng").says("à nhầm, buổi chiều");
    let titles: Vec<String> = customer.choices().into_iter().map(|choice| choice.title).collect();
    assert_eq!(titles, ["Giờ nhận", "Giờ lắp", "Không sửa"]);
    customer.taps("Giờ lắp");
    assert_eq!((customer.slot("sang"), customer.slot("lap")), (Some(&choice("s")), Some(&choice("c"))));
    assert_eq!(customer.at(), "c");
}

#[test]
fn corrections_can_be_applied_at_once_or_left_to_the_summary() {
    let mut customer = Customer::flow(&TWO_TIMES.replace("slots:", "corrections: apply\nslots:"));
    customer.says("chào").says("sáng").says("à nhầm, buổi chiều");
    // Asked for `lap`, which can take it as well: what is asked for comes first.
    assert_eq!((customer.at(), customer.slot("lap")), ("c", Some(&choice("c"))));
    let phones = "flow: thu\nentry: {default: true}\ncorrections: apply\nslots:\n  so: {type: phone, label: Số}\n  vui: {type: yesno, label: Vui}\nsteps:\n  a: {ask: so, say: \"Số ạ?\"}\n  b: {ask: vui, say: \"Vui không ạ?\"}\n  c: {end: xong}\n";
    let mut customer = Customer::flow(phones);
    customer.says("chào").says("0901234567").says("à nhầm 0912345678");
    assert_eq!(customer.slot("so"), Some(&Value::Phone(Phone::from_significant("912345678"))));
    assert!(customer.heard().contains("đã sửa") && customer.heard().ends_with("Vui không ạ?"), "{}", customer.heard());
    let mut off = Customer::flow(&phones.replace("apply", "off"));
    off.says("chào").says("0901234567").says("à nhầm 0912345678");
    assert_eq!(off.slot("so"), Some(&Value::Phone(Phone::from_significant("901234567"))));
    assert_eq!(off.session.as_ref().unwrap().tries, 1);
}

const BRANCHING: &str = "flow: thu\nentry: {default: true}\nslots:\n  loai: {type: choice, label: Loại, options: {nha: Tại nhà, quay: Tại quầy}}\n  gio: {type: choice, label: Giờ, options: {som: Sớm tinh mơ, muon: Muộn lắm}}\n  quay: {type: text, label: Quầy nào}\n  vui: {type: yesno, label: Vui}\nsteps:\n  a: {ask: loai, say: \"Loại nào ạ?\"}\n  noi: {say: \"Vâng ạ.\"}\n  re: {branch: [{when: loai is quay, go: q}]}\n  g: {ask: gio, say: \"Giờ nào ạ?\", go: v}\n  q: {ask: quay, say: \"Quầy nào ạ?\"}\n  v: {ask: vui, say: \"Vui không ạ?\"}\n  x: {confirm: [loai, vui], say: \"Đúng chưa ạ:\"}\n  d: {end: xong}\n";

#[test]
fn a_corrected_answer_takes_its_branch_and_what_was_answered_elsewhere_is_not_asked_again() {
    let mut customer = Customer::flow(BRANCHING);
    customer.says("chào").says("tại nhà").says("sớm").says("có");
    assert_eq!(customer.at(), "x");
    customer.says("không, tại quầy");
    assert_eq!((customer.at(), customer.heard().as_str()), ("q", "Quầy nào ạ?"), "the greeting is not said twice");
    assert_eq!(customer.slot("gio"), None, "it belongs to a branch that is not taken any more");
    customer.says("Quầy 3");
    assert_eq!((customer.at(), customer.slot("vui")), ("x", Some(&Value::YesNo(true))));
    customer.says("không, tại nhà");
    assert_eq!((customer.at(), customer.slot("gio")), ("x", Some(&choice("som"))), "and back: it is at hand");
}

#[test]
fn one_message_may_answer_later_questions_too() {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").taps("Có").taps("Có");
    customer.says("0901234567, 12 Nguyễn Huệ phường Bến Nghé quận 1 HCM, buổi chiều");
    assert_eq!(customer.at(), "hoi_cach_ly", "{:?}", customer.session);
    assert_eq!(customer.slot("gio_nhan"), Some(&choice("chieu")));
    assert!(matches!(customer.slot("dia_chi"), Some(Value::Address(address)) if address.ward.is_some()));
    customer.says("không");
    assert!(customer.heard().contains("Buổi chiều"), "what was not asked for is shown: {}", customer.heard());
}

#[test]
fn nothing_private_is_kept_from_a_message_before_consent() {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").says("có em, số 0901234567 nhé");
    assert_eq!(customer.at(), "moi_xong");
    assert!(customer.session.as_ref().unwrap().progress.ahead.is_empty());
    customer.says("có, số 0901234567 nhé");
    assert_eq!(customer.at(), "hoi_dia_chi", "said with the consent itself it is kept");
}

#[test]
fn one_step_back_asks_the_last_question_again_and_keeps_the_rest() {
    let mut customer = almost_done();
    customer.says("quay lại");
    assert_eq!((customer.at(), customer.slot("gio_nhan")), ("hoi_gio", None));
    customer.says("quay lại");
    assert_eq!((customer.at(), customer.slot("dia_chi")), ("hoi_dia_chi", None));
    customer.says(ADDRESS);
    assert_eq!(customer.at(), "hoi_gio");
    assert!(customer.slot("so_dt").is_some());
}

#[test]
fn back_at_the_first_question_says_so() {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").says("quay lại");
    assert_eq!(customer.at(), "moi");
    assert!(customer.heard().contains(words::Words::on(Language::Vi).first_question));
}

#[test]
fn the_question_is_repeated_on_demand_and_costs_no_try() {
    let mut customer = almost_done();
    let question = customer.heard();
    customer.says("nhắc lại giúp em");
    assert_eq!((customer.heard(), customer.session.as_ref().unwrap().tries), (question, 0));
}

#[test]
fn silence_is_met_with_reminders_and_an_end() {
    let mut customer = almost_done();
    let question = customer.heard();
    let due = |customer: &Customer| customer.session.as_ref().unwrap().due.unwrap();
    assert_eq!(due(&customer).at.to_rfc3339(), "2026-11-22T09:15:00+07:00");
    customer.waits();
    assert!(customer.heard().contains(&question), "{}", customer.heard());
    assert_eq!((customer.at(), due(&customer).what), ("hoi_cach_ly", Move::Remind));
    // Twenty hours after the last word is five in the morning: the reminder waits for eight.
    assert_eq!(due(&customer).at.to_rfc3339(), "2026-11-23T08:00:00+07:00");
    customer.waits();
    assert_eq!(
        (due(&customer).what, due(&customer).at.to_rfc3339().as_str()),
        (Move::Expire, "2026-11-25T09:00:00+07:00")
    );
    let mut answering = Customer { session: customer.session.clone(), now: customer.now, ..almost_done() };
    answering.says("không");
    assert_eq!((answering.at(), answering.session.as_ref().unwrap().reminded), ("xac_nhan", 0));
    customer.waits();
    assert_eq!(customer.session, None);
    assert!(customer.effects.contains(&Effect::Ended { flow: "doi-sim-4g".to_owned(), outcome: "expired".to_owned() }));
}

#[test]
fn what_is_not_due_changes_nothing() {
    let mut customer = almost_done();
    let before = customer.session.clone();
    customer.meets(&Event::Due);
    assert_eq!((customer.session.clone(), customer.effects.clone()), (before, Vec::new()));
}

#[test]
fn nobody_is_reminded_where_the_channel_would_not_let_us_write() {
    let mut customer = almost_done();
    customer.limits.window = Some(std::time::Duration::from_secs(12 * 3600));
    customer.says("hả").waits();
    let due = customer.session.as_ref().unwrap().due.unwrap();
    assert_eq!(due.what, Move::Expire, "the second reminder would come after the window");
    let mut customer = almost_done();
    customer.limits.pushes = false;
    customer.says("hả");
    assert_eq!(customer.session.as_ref().unwrap().due.unwrap().what, Move::Expire);
}

/// A flow that waits, with a question before and one after.
fn pausing(wait: &str, more: &str) -> Customer {
    let mut customer = Customer::flow(&format!(
        "flow: thu\nentry: {{default: true}}\ncorrections: ask_first\n{more}slots:\n  so: {{type: phone, label: Số}}\n  \
         vui: {{type: yesno}}\nsteps:\n  a: {{ask: so, say: \"Số ạ?\"}}\n  b: {{wait: {wait}}}\n  \
         c: {{ask: vui, say: \"Vui không ạ?\"}}\n  het: {{end: xong, say: \"Hết ạ.\"}}\n"
    ));
    customer.says("chào").says("0901234567");
    customer
}

#[test]
fn silence_is_counted_from_the_end_of_a_pause() {
    let mut customer = pausing("96h", "silence: {expire_after: 24h}\n");
    customer.waits();
    assert_eq!(customer.spoke(), ["c"]);
    let due = customer.session.as_ref().unwrap().due.unwrap();
    assert_eq!(due.at, customer.now.plus(std::time::Duration::from_secs(24 * 3600)));
}

#[test]
fn whoever_says_nothing_where_silence_leads_is_not_asked_for_ever() {
    let mut customer = Customer::flow(
        "flow: thu\nentry: {default: true}\nsilence: {expire_after: 24h, then: a}\nslots: {vui: {type: yesno}}\n\
         steps:\n  a: {ask: vui, say: \"Vui không ạ?\"}\n  het: {end: xong}\n",
    );
    customer.says("chào").waits();
    assert_eq!(customer.spoke(), ["a"]);
    assert!(customer.session.as_ref().unwrap().due.unwrap().at > customer.now);
    customer.waits();
    assert_eq!((customer.session.as_ref(), customer.spoke().len()), (None, 0));
}

#[test]
fn a_pause_outlasts_a_correction_said_during_it() {
    let mut customer = pausing("96h", "");
    customer.says("à nhầm, 0912345678");
    assert!(customer.heard().starts_with("Sửa"), "{}", customer.heard());
    assert!(customer.session.as_ref().unwrap().due.unwrap().at > customer.now);
    customer.says("không");
    assert_eq!((customer.at(), customer.spoke()), ("c", vec!["c"]), "whoever writes is here");
}

#[test]
fn a_late_tap_on_the_question_answers_no_question_over_it() {
    let mut customer =
        pausing("10m", "interrupts: {thoi: {match: [bỏ dở nhé], confirm: \"Dừng ạ?\", then: {end: dung}}}\n");
    customer.waits();
    let yes = customer.choices().remove(0);
    customer.says("bỏ dở nhé").meets(&Event::Choice { payload: yes.payload, title: yes.title });
    assert_eq!(customer.at(), "c", "it is told that this is over, and asked again");
    assert!(customer.heard().ends_with("Dừng ạ?"), "{}", customer.heard());
    customer.says("bỏ dở nhé");
    assert_eq!(customer.session, None, "whoever says it again means it");
}

#[test]
fn what_was_not_said_the_first_time_is_said_after_a_correction() {
    let mut customer = Customer::flow(
        "flow: thu\nentry: {default: true}\ncorrections: apply\nslots:\n  \
         loai: {type: choice, label: Loại, options: {a: Nhanh, b: Thường}}\n  so: {type: phone, label: Số}\nsteps:\n  \
         q: {ask: loai, say: \"Loại nào ạ?\"}\n  r: {branch: [{when: loai is a, go: s}]}\n  \
         s: {say: \"Nhanh thêm phí ạ.\", if: loai is a}\n  t: {ask: so, say: \"Số ạ?\"}\n  het: {end: xong}\n",
    );
    customer.says("chào").says("thường");
    assert_eq!(customer.spoke(), ["t"]);
    customer.says("à nhầm, nhanh");
    assert!(customer.heard().contains("Nhanh thêm phí"), "{}", customer.heard());
}

#[test]
fn a_correction_is_heard_while_a_part_of_an_address_is_asked_for() {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").says("ok").says("có").says("0901234567").says("phường sài gòn, tp hcm");
    assert_eq!(customer.at(), "hoi_dia_chi");
    customer.says("à nhầm, 0912345678");
    assert!(matches!(customer.session.as_ref().unwrap().waiting, Waiting::Correct { .. }), "{}", customer.heard());
}
