//! What customers live through, from the first word to the ticket at the right unit: on Messenger, Zalo,
//! LiveInfo and the web, with every request we make compared byte for byte. `UPDATE_EXPECT=1` rewrites
//! `tests/it/expected/`.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its world has to fail")]

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use thoai::domain::ticket::Ticket;

use crate::house::{House, STANDARD, liveinfo_answer};
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
    let headers: BTreeMap<&str, String> = request.headers.keys().map(|name| (name.as_str(), value(name.as_str()))).collect();
    let body = steady(request.text(), outside);
    let headers: BTreeMap<_, _> =
        headers.into_iter().map(|(name, value)| (name, if name == "content-length" { "*".to_owned() } else { value })).collect();
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
    assert_eq!(shown["status"], "new");
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
