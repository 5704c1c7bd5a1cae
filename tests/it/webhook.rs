//! The doors for platforms: many at once, twice the same, wrongly signed, too large, at the wrong moment.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its world has to fail")]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use bytes::Bytes;
use futures_util::future::join_all;
use serde_json::{Value, json};

use thoai::channel::Token;
use thoai::channel::signature::sign_messenger;
use thoai::domain::slot;
use thoai::store::{Conversations, Vault};

use crate::house::{
    APP_SECRET, House, PAGE, Plan, client, liveinfo_answer, messenger_event, messenger_text, post, zalo_event,
};
use crate::stand_in::PATIENCE;

const CONTACTS: usize = 200;
const CONNECTIONS: usize = 8;

fn psid(contact: usize) -> String {
    format!("8{contact:015}")
}

fn number(contact: usize) -> String {
    format!("0901{contact:06}")
}

/// One contact's words in the order in which they are written.
fn words(contact: usize) -> [String; 4] {
    ["đổi sim".to_owned(), "có".to_owned(), "đồng ý".to_owned(), number(contact)]
}

/// What they must read, in this order, and nothing else.
const ANSWERS: [&str; 5] = ["giao tận nơi", "có muốn đổi", "xin phép lưu", "cho số nào", "địa chỉ nhận SIM"];

/// A payload of Meta's with one message each of several contacts.
fn batch(round: usize, contacts: &[usize]) -> Bytes {
    let mut payload = json!({"object": "page", "entry": []});
    for contact in contacts {
        let one = messenger_text(PAGE, &psid(*contact), &format!("m-{contact}-{round}"), &words(*contact)[round]);
        payload["entry"].as_array_mut().unwrap().push(one["entry"][0].clone());
    }
    Bytes::from(payload.to_string())
}

async fn send(house: &House, connection: &reqwest::Client, body: Bytes) {
    let signature = sign_messenger(&Token::new(APP_SECRET), &body);
    let url = format!("{}/webhooks/messenger", house.url);
    let answered = post(connection, &url, &[("x-hub-signature-256", &signature)], body).await;
    assert_eq!(answered.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_conversations_at_once_are_answered_in_order_once_and_unmixed() {
    let house = House::new().await;
    let connections: Vec<_> = (0..CONNECTIONS).map(|_| client()).collect();
    let all: Vec<usize> = (0..CONTACTS).collect();
    for round in 0..4 {
        // Singly, in pairs, in fours: each connection has its own mix, and every third payload comes twice.
        let lanes = (0..CONNECTIONS).map(|lane| {
            let (house, connection) = (&house, &connections[lane]);
            let again = &connections[(lane + 1) % CONNECTIONS];
            let mine: Vec<usize> =
                all.iter().copied().filter(|contact| (contact + round) % CONNECTIONS == lane).collect();
            async move {
                let size = [1, 2, 4][(lane + round) % 3];
                for (ix, contacts) in mine.chunks(size).enumerate() {
                    let body = batch(round, contacts);
                    if ix % 3 == 0 {
                        tokio::join!(send(house, connection, body.clone()), send(house, again, body));
                    } else {
                        send(house, connection, body).await;
                    }
                }
            }
        });
        join_all(lanes).await;
    }
    house.idle().await;
    let mut read: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for request in house.outside.requests("/graph/") {
        let body = request.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        read.entry(text(&body["recipient"]["id"])).or_default().push(text(&body["message"]["text"]));
    }
    assert_eq!(read.len(), CONTACTS);
    for contact in all {
        let texts = &read[&psid(contact)];
        let right = texts.len() == ANSWERS.len() && texts.iter().zip(ANSWERS).all(|(text, words)| text.contains(words));
        assert!(right, "contact {contact} read {texts:#?}");
        let session = house.conversation(&house.on_messenger(&psid(contact)).id()).await.session.unwrap();
        let slot::Value::Phone(phone) = &session.progress.slots["so_dt"] else { panic!("{session:?}") };
        assert_eq!(phone.e164(), format!("+84{}", &number(contact)[1..]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_event_is_answered_once_and_ends_no_flow_twice() {
    let house = House::new().await;
    let hello = messenger_text(PAGE, "7000000000000001", "m_hello", "xin chào");
    for _ in 0..3 {
        assert_eq!(house.messenger_posts(&hello).await.status, 200);
    }
    house.idle().await;
    assert_eq!(house.outside.requests("/graph/").len(), 1);
    let counted = house.get("/metrics", &[]).await;
    let counted = String::from_utf8_lossy(&counted.body);
    assert!(counted.contains(r#"thoai_flow_ended_total{channel="mac-dinh",what="menu"} 1"#), "{counted}");
    assert!(counted.contains(r#"thoai_inbound_total{channel="messenger",what="duplicate"} 2"#), "{counted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unsigned_requests_are_refused_and_leave_nothing() {
    let house = House::new().await;
    let body = messenger_text(PAGE, "7000000000000001", "m-1", "đổi sim").to_string();
    let good = sign_messenger(&Token::new(APP_SECRET), body.as_bytes());
    let other = sign_messenger(&Token::new("another"), body.as_bytes());
    let changed = sign_messenger(&Token::new(APP_SECRET), b"{}");
    for signature in ["", "sha256=", &good[7..], &good.to_uppercase(), &other, &changed, &good[..70]] {
        let answered = house.post("/webhooks/messenger", &[("x-hub-signature-256", signature)], body.clone()).await;
        assert_eq!(answered.status, 401, "{signature}");
    }
    let twice = [("x-hub-signature-256", good.as_str()), ("x-hub-signature-256", other.as_str())];
    assert_eq!(house.post("/webhooks/messenger", &twice, body.clone()).await.status, 401);
    assert_eq!(house.post("/webhooks/messenger", &[], body).await.status, 401);
    let event = liveinfo_answer("s-1", 0, "84901234567", "YES", "stk").to_string();
    assert_eq!(house.post("/webhooks/liveinfo", &[], event).await.status, 401);
    assert_eq!(house.store.load(&house.on_messenger("7000000000000001").id()).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn zalo_may_probe_unsigned_until_its_first_signed_event() {
    let house = House::new().await;
    let event = zalo_event("user_send_text", "7001", &json!({"message": {"text": "đổi sim", "msg_id": "1"}}));
    for headers in [vec![], vec![("x-zevent-signature", "mac=00")]] {
        assert_eq!(house.post("/webhooks/zalo", &headers, event.to_string()).await.status, 200);
    }
    assert_eq!(house.store.load(&house.on_zalo("7001").id()).await.unwrap(), None, "nothing was stored");
    let mut customer = house.on_zalo("7001");
    customer.says("đổi sim").await.hears("giao tận nơi").await;
    assert_eq!(house.post("/webhooks/zalo", &[], event.to_string()).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_payload_that_cannot_be_read_is_kept_aside_and_acknowledged() {
    let house = House::new().await;
    let deep = format!("{{\"object\":\"page\",\"entry\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let bodies: [&[u8]; 6] = [b"{", b"", b"\xff\xfe\x00", deep.as_bytes(), b"[]", &[b' '; 1 << 20]];
    for body in bodies {
        send(&house, &house.http, Bytes::copy_from_slice(body)).await;
    }
    let mut kept = 0;
    for number in 0..100 {
        kept += usize::from(house.store.get(&format!("quarantine/messenger/{number}")).await.unwrap().is_some());
    }
    assert!((1..=6).contains(&kept), "{kept} kept");
    assert!(house.runtime.metrics.text().contains("malformed"));
}

/// Writes bytes to the server and reads the status line of its answer, whatever becomes of the rest.
async fn raw(house: &House, head: &str, rest: Vec<u8>) -> String {
    let (address, head) = (house.url.trim_start_matches("http://").to_owned(), head.to_owned());
    let asked = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        // The server may answer and hang up before it has read everything.
        let _ = stream.write_all(&rest);
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    });
    asked.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_a_mebibyte_is_refused_announced_or_not() {
    let house = House::new().await;
    let announced = "POST /webhooks/messenger HTTP/1.1\r\nhost: x\r\ncontent-length: 1048577\r\n\r\n";
    assert_eq!(raw(&house, announced, Vec::new()).await, "HTTP/1.1 413");
    let chunked = "POST /webhooks/messenger HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = [b"100000\r\n".to_vec(), vec![b' '; 1 << 20], b"\r\n1\r\n \r\n".to_vec()].concat();
    assert_eq!(raw(&house, chunked, chunk).await, "HTTP/1.1 413");
    let api = "POST /api/v1/tickets HTTP/1.1\r\nhost: x\r\nauthorization: Bearer mymobifone-token-0001\r\ncontent-length: 1048577\r\n\r\n";
    assert_eq!(raw(&house, api, Vec::new()).await, "HTTP/1.1 413");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_doors_and_wrong_questions() {
    let house = House::new().await;
    for unknown in ["/webhooks/sms", "/webhooks/web", "/webhooks/", "/webhooks/messenger/x"] {
        assert_eq!(house.post(unknown, &[], "{}").await.status, 404, "{unknown}");
    }
    for method in [reqwest::Method::PUT, reqwest::Method::DELETE, reqwest::Method::PATCH] {
        let answered = house.http.request(method, format!("{}/webhooks/messenger", house.url)).send().await.unwrap();
        assert_eq!(answered.status(), 405);
    }
    let ask = |query: &str| format!("/webhooks/messenger?{query}");
    let good = "hub.mode=subscribe&hub.verify_token=thoai-verify&hub.challenge=1158201444";
    let answered = house.get(&ask(good), &[]).await;
    assert_eq!((answered.status.as_u16(), answered.body.as_ref()), (200, b"1158201444".as_slice()));
    assert!(answered.headers["content-type"].to_str().unwrap().starts_with("text/plain"));
    let bad = [
        "",
        "hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1",
        "hub.mode=unsubscribe&hub.verify_token=thoai-verify&hub.challenge=1",
        "hub.mode=subscribe&hub.verify_token=thoai-verify",
        "hub.mode=subscribe&hub.verify_token=thoai-verify&hub.challenge=%3Cscript%3E",
        "hub.mode=subscribe&hub.verify_token=thoai-verify&hub.verify_token=wrong&hub.challenge=1",
        "hub.verify_token=thoai-verify&hub.challenge=1",
    ];
    for query in bad {
        assert_eq!(house.get(&ask(query), &[]).await.status, 403, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_stored_is_not_acknowledged() {
    let house = House::new().await;
    let mut customer = house.on_messenger("7000000000000001");
    let event = messenger_text(PAGE, &customer.name, "m-1", "đổi sim");
    let several = batch(0, &[1, 2]);
    let signature = sign_messenger(&Token::new(APP_SECRET), &several);
    let phone = liveinfo_answer("s-1", 0, "84901234567", "YES", "stk");
    house.store.fail(true);
    assert_eq!(house.messenger_posts(&event).await.status, 503);
    let headers = [("x-hub-signature-256", signature.as_str())];
    assert_eq!(house.post("/webhooks/messenger", &headers, several.clone()).await.status, 503);
    assert_eq!(house.liveinfo_posts(&phone).await.status, 503);
    house.store.fail(false);
    assert_eq!(house.store.load(&customer.id()).await.unwrap(), None);
    // The platforms try again.
    assert_eq!(house.messenger_posts(&event).await.status, 200);
    assert_eq!(house.messenger_posts(&event).await.status, 200);
    customer.hears("giao tận nơi").await;
    customer.hears("có muốn đổi").await;
    assert_eq!(house.post("/webhooks/messenger", &headers, several).await.status, 200);
    assert!(house.liveinfo_posts(&phone).await.json()["text"].as_str().unwrap().contains("/c/"));
    house.idle().await;
    assert_eq!(customer.all().len(), 2);
    assert_eq!(house.outside.requests("/graph/").len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_finishes_what_is_under_way_and_the_next_start_sends_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let outside = crate::stand_in::StandIn::start().await;
    let plan = Plan { folder: Some(folder.path().to_owned()), outside: Some(outside.clone()), ..Plan::default() };
    let mut house = House::build(plan.clone()).await;
    house.leaves = true;
    let event = messenger_text(PAGE, "7000000000000001", "m-1", "đổi sim");
    let mut held = house.store.hold();
    let under_way = house.messenger_posts(&event);
    let meanwhile = async {
        tokio::time::timeout(PATIENCE, held.changed()).await.unwrap().unwrap();
        house.tell_to_stop();
        house.runtime.stopping().await;
        let another = messenger_event(PAGE, "7000000000000002", &json!({"message": {"mid": "m-2", "text": "đổi sim"}}));
        let body = another.to_string();
        let signature = sign_messenger(&Token::new(APP_SECRET), body.as_bytes());
        let request = client().post(format!("{}/webhooks/messenger", house.url));
        let refused = request.header("x-hub-signature-256", signature).body(body).send().await;
        assert!(refused.map_or(true, |answered| answered.status() == 503), "new requests are refused");
        house.store.release();
    };
    let (answered, ()) = tokio::join!(under_way, meanwhile);
    assert_eq!(answered.status, 200, "what was under way is finished");
    house.stop().await;
    assert_eq!(outside.requests("/graph/").len(), 0);
    assert_eq!(house.store.outbox(&house.on_messenger("7000000000000001").id(), 9).await.unwrap().len(), 2);
    drop(house);

    let house = House::build(plan).await;
    let mut customer = house.on_messenger("7000000000000001");
    customer.hears("giao tận nơi").await;
    customer.hears("có muốn đổi").await;
    assert_eq!(house.messenger_posts(&event).await.status, 200);
    house.idle().await;
    assert_eq!(customer.all().len(), 2, "a repeat is known also after the restart");
    assert_eq!(house.store.load(&house.on_messenger("7000000000000002").id()).await.unwrap(), None);
}
