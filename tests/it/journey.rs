//! What customers live through, from the first word to the ticket at the right unit: on Messenger, Zalo,
//! LiveInfo and the web, with every request we make compared byte for byte. `UPDATE_EXPECT=1` rewrites
//! `tests/it/expected/`.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its world has to fail")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use thoai::domain::ticket::Ticket;
use thoai::domain::time::Timestamp;
use thoai::domain::unit::UnitKind;
use thoai::runtime::clock;

use crate::house::{House, PAGE, Plan, STANDARD, liveinfo_answer, messenger_event};
use crate::stand_in::Recorded;
use crate::visitor::Visitor;

/// Names in headers and bodies what is different at every run.
fn steady(text: &str, outside: &str) -> String {
    let text = text.replace(outside.trim_start_matches("http://"), "OUTSIDE");
    let mut steady = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(char) = rest.chars().next() {
        // 2026-11-22T09:00:00+07:00
        let moment = rest.get(..25).filter(|text| {
            let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            shape.replace('-', "+") == "0000+00+00T00:00:00+00:00"
        });
        if moment.is_some() {
            steady.push_str("MOMENT");
            rest = &rest[25..];
        } else {
            steady.push(char);
            rest = &rest[char.len_utf8()..];
        }
    }
    steady
}

/// A request as it is written down: everything but what differs at every run.
fn written(request: &Recorded, outside: &str) -> Value {
    const VARYING: [&str; 3] = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let value = |name: &str| match name {
        _ if VARYING.contains(&name) => "*".to_owned(),
        _ => steady(request.header(name), outside),
    };
    let headers: BTreeMap<&str, String> =
        request.headers.keys().map(|name| (name.as_str(), value(name.as_str()))).collect();
    let body = steady(request.text(), outside);
    json!({"method": request.method.as_str(), "path": request.path, "headers": headers, "body": body})
}

/// Compares all requests below this path with what is written in `expected/NAME.json`.
fn compare(house: &House, path: &str, name: &str) {
    let requests = house.outside.requests(path);
    let found: Vec<Value> = requests.iter().map(|request| written(request, &house.outside.url)).collect();
    let found = serde_json::to_string_pretty(&found).unwrap() + "\n";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/it/expected/{name}.json"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == expected, "{} differs; UPDATE_EXPECT=1 rewrites it. Found:\n{found}", file.display());
}

/// The ticket as partners are told of it: once to those who may know persons, once to those who may not.
async fn told(house: &House, ticket: &Ticket) {
    let partner = standardwebhooks::Webhook::new(STANDARD).unwrap();
    for path in ["/partner", "/crm"] {
        let of_it = |request: &&Recorded| request.json()["data"]["id"] == ticket.id.as_str();
        let request = house
            .outside
            .wait_for(&format!("the news of {} to {path}", ticket.id), |all| {
                all.iter().filter(|request| request.path == path).find(of_it).cloned()
            })
            .await;
        partner.verify(&request.body, &request.headers).unwrap();
        let mut other = request.body.to_vec();
        other[20] ^= 1;
        assert!(partner.verify(&other, &request.headers).is_err());
        let phone = ticket.request.contact.phone.as_ref().unwrap();
        let street = ticket.request.place.as_ref().and_then(|place| place.street.clone()).unwrap();
        for personal in [phone.e164(), &phone.e164()[3..], &street] {
            assert_eq!(request.text().contains(personal), path == "/crm", "{personal} in {}", request.text());
        }
    }
    let shown = house.api_get(&format!("/api/v1/tickets/{}", ticket.id)).await.json();
    assert_eq!(shown["unit"]["id"], ticket.unit.id.as_str());
    assert_eq!(shown["subscriber"], ticket.request.subscriber.as_ref().unwrap().e164());
    let is_last = ticket.unit.kind == UnitKind::Central;
    assert_eq!(shown["status"], if is_last { "new" } else { "offered" });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_on_messenger_comes_to_the_unit_of_their_ward() {
    let house = House::new().await;
    let mut customer = house.on_messenger("7000000000000001");
    customer.says("cho mình đổi sim").await.hears("đổi SIM 4G miễn phí, giao tận nơi").await;
    customer.hears("Anh/chị có muốn đổi sang SIM 4G").await;
    customer.taps("Có").await.hears("MobiFone xin phép lưu").await;
    customer.taps("Có").await.hears("đổi SIM cho số nào").await;
    customer.says("0901 234 567 nhé").await.hears("địa chỉ nhận SIM").await;
    customer.says("12 Nguyễn Huệ, phường Sài Gòn, tp hcm").await.hears("vào buổi nào").await;
    customer.taps("Buổi sáng").await.hears("cách ly").await;
    customer.taps("Không").await.hears("thông tin đã đúng chưa").await;
    customer.taps("Đúng").await.hears("sẽ gọi số").await;
    let ticket = house.ticket_of(&customer.id()).await;
    assert_eq!(ticket.unit.id.as_str(), "sai_gon");
    told(&house, &ticket).await;
    house.idle().await;
    compare(&house, "/graph/", "messenger");
    compare(&house, "/partner", "partner");
    compare(&house, "/crm", "partner_personal");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_on_zalo_comes_to_the_unit_of_their_province() {
    let house = House::new().await;
    let mut customer = house.on_zalo("7001002003004005006");
    customer.says("đổi sim 4g").await.hears("giao tận nơi").await;
    customer.hears("Anh/chị có muốn đổi").await;
    customer.taps("Có").await.hears("xin phép lưu").await;
    customer.says("đồng ý").await.hears("cho số nào").await;
    customer.says("0912345678").await.hears("địa chỉ nhận SIM").await;
    customer.says("5 Hàng Bài, phường Hoàn Kiếm, Hà Nội").await.hears("buổi nào").await;
    customer.taps("Buổi tối").await.hears("cách ly").await;
    customer.says("không").await.hears("đã đúng chưa").await;
    customer.says("đúng rồi").await.hears("sẽ gọi số").await;
    let ticket = house.ticket_of(&customer.id()).await;
    assert_eq!(ticket.unit.id.as_str(), "hn");
    told(&house, &ticket).await;
    house.idle().await;
    compare(&house, "/oauth/", "zalo_token");
    compare(&house, "/zalo/", "zalo");
}

/// The token of the link in a text of ours.
fn token_in(text: &str) -> String {
    let rest = text.split_once("https://thoai.example/c/").unwrap_or_else(|| panic!("no link in {text}")).1;
    rest.chars().take_while(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_')).collect()
}

/// Answers a prompt by YES on a phone that shows no session, and returns the link's token.
pub(crate) async fn link_for(house: &House, msisdn: &str) -> String {
    let answered = house.liveinfo_posts(&liveinfo_answer(&format!("s-{msisdn}"), 0, msisdn, "YES", "stk")).await;
    token_in(answered.json()["text"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_on_the_phone_opens_the_chatbox_with_the_number_known() {
    let house = House::new().await;
    house.runtime.prompt("sim4g", "0901234567").await.unwrap();
    house.outside.wait_for_requests("/gateway/", 1).await;
    compare(&house, "/gateway/", "prompt");
    let token = link_for(&house, "84901234567").await;
    let page = house.get(&format!("/c/{token}"), &[]).await;
    assert_eq!(page.headers["location"], format!("/chat?ref={token}"));
    let mut visitor = Visitor::open(&house, Some(&token), None).await;
    visitor.hears("xin phép lưu").await;
    visitor.taps("Có").await;
    visitor.hears("Đổi SIM cho số 0901 234 567").await;
    visitor.says("đúng").await;
    visitor.hears("địa chỉ nhận SIM").await;
    visitor.says("12 Nguyễn Huệ, phường Sài Gòn, tp hcm").await;
    visitor.hears("buổi nào").await;
    visitor.taps("Buổi chiều").await;
    visitor.hears("cách ly").await;
    visitor.taps("Không").await;
    visitor.hears("đã đúng chưa").await;
    visitor.taps("Đúng").await;
    visitor.hears("sẽ gọi số").await;
    let ticket = house.ticket_of(&visitor.id(&house)).await;
    assert_eq!((ticket.unit.id.as_str(), ticket.source.as_str()), ("sai_gon", "web"));
    assert!(ticket.request.contact.phone_verified, "the network vouched for the number");
    told(&house, &ticket).await;

    let mut second = Visitor::open(&house, Some(&token), None).await;
    second.hears("MobiFone xin chào").await;
    let stranger = house.conversation(&second.id(&house)).await;
    assert_eq!(stranger.profile.phone, None, "the link is bound to the first browser");
    // The first one comes back by the same link and still has its number.
    let again = Visitor::open(&house, Some(&token), Some(&visitor.session)).await;
    let first = house.conversation(&again.id(&house)).await;
    assert_eq!(first.profile.phone.unwrap().e164(), "+84901234567");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_session_on_the_phone_goes_to_its_end() {
    let house = House::new().await;
    let said = ["YES", "co", "dung", "20 Bach Dang, phuong Hai Chau, Da Nang", "1", "khong", "co"];
    let mut answers = Vec::new();
    for (hop, raw) in (0..).zip(said) {
        let answered = house.liveinfo_posts(&liveinfo_answer("s-ussd", hop, "84901234567", raw, "ussd")).await;
        let answer = answered.json();
        let text = answer["text"].as_str().unwrap();
        assert!(text.is_ascii() && text.len() <= 160, "{text}");
        assert_eq!(answer["action"], if hop == 6 { "end" } else { "continue" }, "hop {hop}: {text}");
        answers.push(answer);
    }
    let last = answers[6]["text"].as_str().unwrap();
    assert!(last.contains("Nhan vien se goi so"), "{last}");
    let phone = thoai::text::phone::read("0901234567").phone.unwrap();
    let key = house.runtime.channel("liveinfo").unwrap().contact_of(&phone).unwrap();
    let ticket = house.ticket_of(&key.conversation()).await;
    assert_eq!(ticket.unit.id.as_str(), "tong_dai", "no unit works in Da Nang: the central one does");
    assert_eq!(ticket.source, "liveinfo");
    told(&house, &ticket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_event_of_a_phone_gets_the_very_same_answer() {
    let house = House::new().await;
    let event = liveinfo_answer("s-1", 0, "84901234567", "YES", "ussd");
    let first = house.liveinfo_posts(&event).await;
    assert!(first.json()["text"].as_str().unwrap().contains("/c/"), "the link would differ if it were made anew");
    assert_eq!(house.liveinfo_posts(&event).await.body, first.body);
    let mut renamed = event.clone();
    renamed["event_id"] = "another".into();
    assert_eq!(house.liveinfo_posts(&renamed).await.body, first.body);
    let together = (0..8).map(|_| house.liveinfo_posts(&event));
    for answered in futures_util::future::join_all(together).await {
        assert_eq!(answered.body, first.body);
    }
    let next = house.liveinfo_posts(&liveinfo_answer("s-1", 1, "84901234567", "co", "ussd")).await;
    assert_ne!(next.body, first.body);
    assert_eq!(house.liveinfo_posts(&event).await.body, first.body, "also when the session has gone on");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_no_is_not_prompted_again_and_silence_is_neither() {
    let house = House::new().await;
    let mut silence = liveinfo_answer("s-1", 0, "84901234567", "", "stk");
    silence["kind"] = "timeout".into();
    assert_eq!(house.liveinfo_posts(&silence).await.status, 200);
    house.runtime.prompt("sim4g", "0901234567").await.expect("silence is no answer");
    let answered = house.liveinfo_posts(&liveinfo_answer("s-2", 0, "84901234567", "NO", "stk")).await;
    assert_eq!(answered.json()["action"], "end");
    let refused = house.runtime.prompt("sim4g", "+84 901 234 567").await.unwrap_err().to_string();
    assert!(refused.contains("answered NO") && !refused.contains("901234567"), "{refused}");
    assert_eq!(house.outside.requests("/gateway/").len(), 1);
    house.runtime.prompt("sim4g", "0901234568").await.expect("somebody else may be prompted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_expired_or_not_ours_opens_the_chat_without_a_number() {
    let plan = Plan { link_valid: Some("0s"), ..Plan::default() };
    let house = House::build(plan).await;
    let good = link_for(&house, "84901234567").await;
    let mut forged = good.clone().into_bytes();
    forged[6] = if forged[6] == b'A' { b'B' } else { b'A' };
    // Signed by us, but long over.
    let over = house.runtime.seal().link(Timestamp::from_millis(1_000_000_000_000), [7; 8]);
    // Signed by us and good, but never handed out.
    let unknown = house.runtime.seal().link(clock::now().plus(Duration::from_secs(1000)), [7; 8]);
    for token in [good, String::from_utf8(forged).unwrap(), over, unknown, "x".repeat(190)] {
        let mut visitor = Visitor::open(&house, Some(&token), None).await;
        visitor.hears("MobiFone xin chào").await;
        assert_eq!(house.conversation(&visitor.id(&house)).await.profile.phone, None, "{token}");
    }
    for bad in ["/c/", "/c/a%20b", "/c/%22%3E%3Cscript%3E"] {
        assert_eq!(house.get(bad, &[]).await.status, 404, "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_into_messenger_brings_the_number_along() {
    let house = House::new().await;
    let token = link_for(&house, "84901234567").await;
    let mut customer = house.on_messenger("7000000000000002");
    let opened = json!({"referral": {"ref": token, "source": "SHORTLINK", "type": "OPEN_THREAD"}});
    let event = messenger_event(PAGE, &customer.name, &opened);
    assert_eq!(house.messenger_posts(&event).await.status, 200);
    customer.hears("xin phép lưu").await;
    customer.taps("Có").await.hears("Đổi SIM cho số 0901 234 567").await;
    let profile = house.conversation(&customer.id()).await.profile;
    assert!(profile.phone_verified);

    let mut thief = house.on_messenger("7000000000000003");
    assert_eq!(house.messenger_posts(&messenger_event(PAGE, &thief.name, &opened)).await.status, 200);
    thief.hears("MobiFone xin chào").await;
    assert_eq!(house.conversation(&thief.id()).await.profile.phone, None);
}
