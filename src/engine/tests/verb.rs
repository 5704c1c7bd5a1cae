//! The verbs that reach outside a question: services, other flows, pauses, people who are not there.

use super::*;
use crate::domain::message::Called;

const CALLING: &str = "flow: thu\nentry: {default: true}\nslots:\n  so: {type: phone, label: Số}\n  ten: {type: name, label: Tên}\n  diem: {type: number, label: Điểm}\nsteps:\n  a: {ask: so, say: \"Số ạ?\"}\n  b: {call: crm, send: {msisdn: so}, save: {ten: customer.name, diem: points}, say: \"Em kiểm tra ạ.\", failed: f}\n  c: {end: xong, say: \"Chào {ten}, {diem} điểm.\"}\n  f: {end: hong, say: \"Chưa kiểm tra được ạ.\"}\n";

fn calling() -> (Customer, CallRequest) {
    let mut customer = Customer::flow(CALLING);
    customer.says("chào").says("0901234567");
    let request = call(&customer);
    (customer, request.unwrap())
}

fn answer(call: &str, fields: &[(&str, &str)]) -> Event {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Event::Called { call: call.to_owned(), outcome: Called::Answered { fields } }
}

#[test]
fn a_service_is_called_with_what_is_known_and_its_answer_fills_slots() {
    let (mut customer, request) = calling();
    assert_eq!((request.service.as_str(), request.retries), ("crm", 2));
    assert_eq!(request.send["msisdn"], "+84901234567");
    assert_eq!(request.fields, ["customer.name", "points"]);
    assert_eq!(customer.heard(), "Em kiểm tra ạ.");
    customer.meets(&answer(&request.call, &[("customer.name", "Nguyễn Văn An"), ("points", "1200")]));
    assert_eq!(customer.heard(), "Chào Nguyễn Văn An, 1.200 điểm.");
}

#[test]
fn whoever_writes_while_a_service_is_called_is_asked_to_wait() {
    let (mut customer, request) = calling();
    customer.says("alo");
    assert_eq!(customer.at(), "b");
    assert!(!customer.heard().is_empty());
    customer.meets(&answer(&request.call, &[("customer.name", "An"), ("points", "3")]));
    assert_eq!(customer.session, None);
}

#[test]
fn a_failed_call_an_answer_that_lacks_a_field_and_one_that_cannot_be_read_go_where_failure_leads() {
    let failed = Called::Failed { code: "timeout".to_owned() };
    for event in [
        |call: &str| answer(call, &[("customer.name", "An")]),
        |call: &str| answer(call, &[("customer.name", "An"), ("points", "nhiều")]),
    ] {
        let (mut customer, request) = calling();
        assert!(customer.meets(&event(&request.call)).heard().contains("Chưa kiểm tra được"));
    }
    let (mut customer, request) = calling();
    customer.meets(&Event::Called { call: request.call, outcome: failed });
    assert!(customer.heard().contains("Chưa kiểm tra được"));
}

#[test]
fn an_answer_nobody_waits_for_changes_nothing() {
    let (mut customer, _) = calling();
    let before = customer.session.clone();
    customer.meets(&answer("thu/b@1", &[("customer.name", "An"), ("points", "3")]));
    assert_eq!((customer.session.clone(), customer.effects.clone()), (before, Vec::new()));
}

#[test]
fn where_nobody_could_be_told_the_answer_a_call_fails_at_once() {
    let mut customer = Customer::flow(CALLING);
    customer.limits.pushes = false;
    customer.says("chào").says("0901234567");
    assert!(customer.heard().contains("Chưa kiểm tra được"));
    assert!(!customer.effects.iter().any(|effect| matches!(effect, Effect::Call(_))));
}

#[test]
fn a_corrected_answer_is_sent_to_the_service_again_and_another_one_is_not() {
    let text = CALLING
        .replace("  diem:", "  gio: {type: choice, label: Giờ, options: {s: Buổi sáng, c: Buổi chiều}}\n  diem:")
        .replace("  b: {call", "  g: {ask: gio, say: \"Giờ ạ?\"}\n  b: {call")
        .replace("  c: {end", "  x: {confirm: [so, gio], say: \"Đúng chưa ạ:\"}\n  c: {end");
    let mut customer = Customer::flow(&text);
    customer.says("chào").says("0901234567").says("sáng");
    let first = call(&customer).unwrap();
    customer.meets(&answer(&first.call, &[("customer.name", "An"), ("points", "3")]));
    customer.says("không, buổi chiều");
    assert_eq!((customer.at(), call(&customer)), ("x", None), "the service was not sent the hour");
    customer.now = customer.now.plus(Duration::from_secs(60));
    customer.says("sai số điện thoại").says("0912345678");
    let second = call(&customer).unwrap();
    assert_eq!(second.send["msisdn"], "+84912345678");
    assert_ne!(second.call, first.call);
    customer.meets(&answer(&second.call, &[("customer.name", "Bình"), ("points", "4")]));
    assert_eq!(customer.at(), "x");
    assert_eq!(customer.slot("gio"), Some(&Value::Choice("c".to_owned())));
    customer.says("đúng");
    assert_eq!(customer.heard(), "Chào Bình, 4 điểm.");
}

#[test]
fn a_correction_while_a_service_is_called_calls_it_anew_and_the_old_answer_counts_no_more() {
    let (mut customer, first) = calling();
    customer.now = customer.now.plus(Duration::from_secs(1));
    customer.says("à nhầm, 0912345678").says("đúng");
    let second = call(&customer).expect("it is called with the right number");
    assert_eq!(second.send["msisdn"], "+84912345678");
    customer.meets(&answer(&first.call, &[("customer.name", "An"), ("points", "3")]));
    assert_eq!((customer.at(), customer.slot("ten")), ("b", None));
    customer.meets(&answer(&second.call, &[("customer.name", "Bình"), ("points", "4")]));
    assert_eq!(customer.heard(), "Chào Bình, 4 điểm.");
}

/// The service is called on one way only; the other way and back must not forget that its number has changed.
#[test]
fn a_service_passed_over_for_a_while_is_called_again_if_what_it_was_sent_has_changed() {
    let text = CALLING
        .replace("  diem:", "  loai: {type: choice, label: Loại, options: {tra: Tra cứu, thoi: Khỏi cần}}\n  diem:")
        .replace("  b: {call", "  l: {ask: loai, say: \"Loại ạ?\", choose: {thoi: x}}\n  b: {call")
        .replace(
            "  c: {end: xong, say: \"Chào {ten}, {diem} điểm.\"}",
            "  x: {confirm: [so, loai], say: \"Đúng chưa ạ:\"}\n  c: {end: xong, say: \"Chào {ten or 'anh/chị'}.\"}",
        );
    let mut customer = Customer::flow(&text);
    customer.says("chào").says("0901234567").says("tra cứu");
    let first = call(&customer).unwrap();
    customer.meets(&answer(&first.call, &[("customer.name", "An"), ("points", "3")]));
    customer.says("không, khỏi cần");
    assert_eq!((customer.at(), call(&customer)), ("x", None));
    customer.says("không, 0912345678");
    assert_eq!((customer.at(), call(&customer)), ("x", None), "nothing depends on it on this way");
    customer.now = customer.now.plus(Duration::from_secs(60));
    customer.says("không, tra cứu");
    assert_eq!(call(&customer).map(|call| call.send["msisdn"].clone()), Some("+84912345678".into()));
}

fn call(customer: &Customer) -> Option<CallRequest> {
    customer.effects.iter().find_map(|effect| match effect {
        Effect::Call(request) => Some((**request).clone()),
        _ => None,
    })
}

const OUTER: &str = "flow: thu\nentry: {default: true}\nslots:\n  so: {type: phone, label: Số}\n  ok: {type: yesno, label: Ưng}\nsteps:\n  a: {ask: so, say: \"Số ạ?\"}\n  b: {run: phu, with: {so_goi: so}, save: {ok: hai_long}}\n  c: {end: xong, say: \"Cảm ơn {ok}.\"}\n";
const INNER: &str = "flow: phu\nslots:\n  so_goi: {type: phone, label: Số gọi}\n  hai_long: {type: yesno, label: Hài lòng}\nsteps:\n  m: {say: \"Số {so_goi or 'mới'}.\"}\n  n: {ask: hai_long, say: \"Hài lòng không ạ?\"}\n  o: {end: het}\n";

#[test]
fn a_flow_runs_another_one_and_goes_on_with_what_it_saved() {
    let mut customer = Customer::of(&[("flows/thu.yaml", OUTER), ("flows/phu.yaml", INNER)]);
    customer.says("chào").says("0901234567");
    assert_eq!(customer.heard(), "Số 0901 234 567.\nHài lòng không ạ?");
    assert_eq!(customer.session.as_ref().unwrap().flow, "phu");
    let stored = serde_json::to_string(&customer.session).unwrap();
    assert_eq!(serde_json::from_str::<Option<Session>>(&stored).unwrap(), customer.session);
    customer.says("có");
    assert_eq!((customer.heard().as_str(), &customer.session), ("Cảm ơn Có.", &None));
    let ended: Vec<&str> = customer
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Ended { flow, .. } => Some(flow.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(ended, ["phu", "thu"]);
}

#[test]
fn a_pause_ends_by_itself_or_when_the_contact_writes() {
    let text = "flow: thu\nentry: {default: true}\nslots:\n  ok: {type: yesno, label: Được}\nsteps:\n  a: {say: \"Mai em nhắn ạ.\"}\n  b: {wait: {for: 15m}}\n  c: {ask: ok, say: \"Được chưa ạ?\"}\n  d: {end: xong}\n";
    let mut customer = Customer::flow(text);
    customer.says("chào");
    assert_eq!((customer.at(), customer.heard().as_str()), ("b", "Mai em nhắn ạ."));
    customer.waits();
    assert_eq!(
        (customer.heard().as_str(), customer.now.to_rfc3339().as_str()),
        ("Được chưa ạ?", "2026-11-22T09:15:00+07:00")
    );
    let mut early = Customer::flow(text);
    early.says("chào").says("alo");
    assert_eq!(early.heard(), "Được chưa ạ?");
    let mut without_push = Customer::flow(text);
    without_push.limits.pushes = false;
    assert!(without_push.says("chào").heard().ends_with("Được chưa ạ?"));
}

#[test]
fn a_question_may_be_left_open() {
    let text = "flow: thu\nentry: {default: true}\nslots:\n  mail: {type: email, label: Email}\n  ok: {type: yesno, label: Được}\nsteps:\n  a: {ask: mail, optional: true, say: \"Email ạ?\", retry: [\"Chưa đúng ạ.\"]}\n  b: {ask: ok, say: \"Được chưa ạ?\"}\n  c: {end: xong}\n";
    let mut customer = Customer::flow(text);
    customer.says("chào").says("bỏ qua");
    assert_eq!((customer.at(), customer.slot("mail")), ("b", None));
    let mut stubborn = Customer::flow(text);
    stubborn.says("chào").says("hả").says("hả");
    assert_eq!(stubborn.at(), "b", "giving up an optional question goes on");
    let mut given = Customer::flow(text);
    given.says("chào").says("gửi An@Example.vn nhé");
    assert_eq!(given.slot("mail"), Some(&Value::Email("an@example.vn".to_owned())));
}

#[test]
fn an_address_can_be_left_open_halfway() {
    let text = "flow: thu\nentry: {default: true}\nslots:\n  noi: {type: address, label: Nơi, need: [street, ward, province]}\n  ok: {type: yesno, label: Được}\nsteps:\n  a: {ask: noi, optional: true, say: \"Ở đâu ạ?\"}\n  b: {ask: ok, say: \"Được chưa ạ?\"}\n  c: {end: xong}\n";
    let mut customer = Customer::flow(text);
    customer.says("chào").says("12 lê lợi");
    assert!(matches!(customer.session.as_ref().unwrap().waiting, Waiting::Part { .. }), "{:?}", customer.session);
    customer.says("bỏ qua");
    assert_eq!((customer.at(), customer.slot("noi")), ("b", None));
}

#[test]
fn a_person_who_is_not_there_is_replaced_by_another_step() {
    let text = "flow: thu\nentry: {default: true}\nsteps:\n  a: {person: cskh, say: \"Đợi ạ\", if_unavailable: b}\n  b: {end: hen, say: \"Sáng mai em gọi ạ.\"}\n";
    let mut customer = Customer::flow(text);
    assert_eq!(customer.says("chào").heard(), "Đợi ạ");
    customer.closed = vec!["cskh".to_owned()];
    assert_eq!(customer.says("chào").heard(), "Sáng mai em gọi ạ.");
}

#[test]
fn a_flow_in_two_languages_changes_over_on_demand() {
    let text = "flow: thu\nentry: {default: true}\nslots:\n  ok: {type: yesno, label: {vi: Đồng ý, en: Agreement}}\nsteps:\n  a: {ask: ok, say: {vi: \"Được không ạ?\", en: \"Is that fine?\"}}\n  b: {say: {vi: \"Cảm ơn {ok}.\", en: \"Thank you: {ok}.\"}, buttons: [{vi: Đổi SIM, en: Change SIM}, VIP]}\n  c: {end: xong}\n";
    let mut customer = Customer::flow(text);
    assert_eq!(customer.says("chào").heard(), "Được không ạ?");
    assert_eq!(customer.says("English").heard(), "Is that fine?");
    assert_eq!(customer.choices()[0].title, "Yes");
    assert_eq!(customer.says("yes").heard(), "Thank you: Yes.");
    assert_eq!(customer.choices().iter().map(|choice| &*choice.title).collect::<Vec<_>>(), ["Change SIM", "VIP"]);
}

#[test]
fn files_places_and_numbers_are_taken_where_they_are_asked_for() {
    let text = "flow: thu\nentry: {default: true}\nslots:\n  anh: {type: file, label: Ảnh}\n  cho: {type: location, label: Chỗ}\n  tuoi: {type: number, label: Tuổi, min: 18, max: 99}\n  ngay: {type: date, label: Ngày}\n  luc: {type: time_window, label: Lúc}\nsteps:\n  a: {ask: anh, say: \"Ảnh ạ?\"}\n  b: {ask: cho, say: \"Chỗ ạ?\"}\n  c: {ask: tuoi, say: \"Tuổi ạ?\"}\n  d: {ask: ngay, say: \"Ngày ạ?\"}\n  e: {ask: luc, say: \"Lúc nào ạ?\"}\n  re: {branch: [{when: tuoi < 30, go: tre}]}\n  f: {end: gia}\n  tre: {end: tre, say: \"{ngay}; {luc}; {cho}\"}\n";
    let mut customer = Customer::flow(text);
    customer.says("chào").meets(&Event::Media { media: "image".to_owned(), url: None });
    assert_eq!(customer.at(), "b");
    customer.meets(&Event::Location { latitude: 10.7769, longitude: 106.7009 }).says("17");
    assert_eq!((customer.at(), customer.session.as_ref().unwrap().tries), ("c", 1));
    customer.says("em 22").says("mai").says("8h-10h");
    assert_eq!(customer.heard(), "23/11/2026; 8:00-10:00; 10.776900, 106.700900");
}
