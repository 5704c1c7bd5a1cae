//! What a conversation does without a word of the contact: the end of a pause, the answer of a service.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its world has to fail")]

use std::time::Duration;

use serde_json::json;
use thoai::cli::check::{Found, compiled};
use thoai::domain::conversation::{Line, Owner};
use thoai::domain::message::Event;
use thoai::flow::Flows;
use thoai::flow::compile::Names;
use thoai::runtime::{clock, registry};
use thoai::store::Conversations;

use crate::house::{House, PAGE, Plan, messenger_event};
use crate::stand_in::{Answer, StandIn};

const SERVICE: &str = "/services/kiem-tra";

/// A flow that pauses, asks, calls a service and says what it was told.
fn flows(pause: &str) -> Flows {
    let text = format!(
        r#"
flow: thu
title: Thử
entry: {{default: true}}
slots:
  goi: {{type: text, label: Gói}}
steps:
  chao: {{say: "Anh/chị chờ em một chút ạ."}}
  cho: {{wait: {pause}}}
  hoi: {{ask: goi, say: "Anh/chị dùng gói nào ạ?", give_up: hong}}
  tra: {{call: kiem_tra, send: {{ma_goi: goi}}, save: {{goi: goi.ten}}, timeout: 30s, retries: 1, failed: hong}}
  xong: {{end: done, say: "Gói của anh/chị là {{goi}} ạ."}}
  hong: {{end: failed, say: "Em chưa tra được ạ."}}
"#
    );
    let file = Found { path: "flows/thu.yaml".to_owned(), content: Ok(text.into_bytes()) };
    let (queues, services) = (["cskh".to_owned()], ["kiem_tra".to_owned()]);
    let names = Names { limits: &registry::limits(), queues: &queues, services: &services };
    compiled(vec![file], names).unwrap()
}

async fn house(outside: &StandIn) -> House {
    let flows = Some(flows("1s"));
    House::build(Plan { outside: Some(outside.clone()), flows, ..Plan::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_ends_and_a_service_is_heard_without_a_word_of_the_contact() {
    let outside = StandIn::start().await;
    outside.script(SERVICE, "", 1, Answer::new(200, r#"{"goi": {"ten": "MAX90"}}"#).held());
    let house = house(&outside).await;
    let mut customer = house.on_messenger("7000000000000001");
    customer.says("alo").await.hears("chờ em").await;
    let spoke = house.conversation(&customer.id()).await.last_seen;
    customer.hears("gói nào").await;
    assert_eq!(house.conversation(&customer.id()).await.last_seen, spoke, "they have not spoken since");
    customer.says("max").await;
    assert_eq!(outside.wait_for_requests(SERVICE, 1).await[0].json(), json!({"ma_goi": "max"}));
    // Meanwhile somebody else goes on.
    house.on_messenger("7000000000000002").says("alo").await.hears("chờ em").await;
    outside.release();
    customer.hears("Gói của anh/chị là MAX90 ạ").await;
    let transcript = house.store.transcript(&customer.id(), 0, 99).await.unwrap();
    let lines = transcript.iter().map(|entry| match &entry.line {
        Line::Contact { event: Event::Text { text }, .. } => format!("> {text}"),
        Line::Contact { event: Event::Due, .. } => "due".to_owned(),
        Line::Contact { event: Event::Called { .. }, .. } => "called".to_owned(),
        Line::Contact { event, .. } => panic!("{event:?}"),
        Line::Bot { step, .. } => step.clone(),
    });
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines, ["> alo", "thu/chao", "due", "thu/hoi", "> max", "called", "thu/xong"]);
    house.replays(&customer.id()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_fails_leads_where_the_flow_says() {
    let outside = StandIn::start().await;
    outside.script(SERVICE, "", 2, Answer::new(503, ""));
    let house = house(&outside).await;
    let mut customer = house.on_messenger("7000000000000001");
    customer.says("alo").await.hears("chờ em").await;
    customer.hears("gói nào").await;
    customer.says("max").await.hears("chưa tra được").await;
    let keys: Vec<_> =
        outside.requests(SERVICE).iter().map(|request| request.header("idempotency-key").to_owned()).collect();
    assert_eq!((keys.len(), &keys[0]), (2, &keys[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_ends_while_no_server_runs_ends_at_the_next_start() {
    let (folder, outside) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let plan = || Plan {
        folder: Some(folder.path().to_owned()),
        outside: Some(outside.clone()),
        flows: Some(flows("2s")),
        ..Plan::default()
    };
    let house = House::build(plan()).await;
    let mut customer = house.on_messenger("7000000000000001");
    customer.says("alo").await.hears("chờ em").await;
    let id = customer.id();
    drop(customer);
    drop(house);
    let house = House::build(plan()).await;
    let mut customer = house.on_messenger("7000000000000001");
    customer.hears("chờ em").await;
    customer.hears("gói nào").await;
    let session = house.conversation(&id).await.session.unwrap();
    assert_eq!(session.step, "hoi");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_a_person_has_does_nothing_by_itself() {
    let outside = StandIn::start().await;
    let flows = Some(flows("10m"));
    let house = House::build(Plan { outside: Some(outside), flows, ..Plan::default() }).await;
    let mut customer = house.on_messenger("7000000000000001");
    customer.says("alo").await.hears("chờ em").await;
    let far = clock::now().plus(Duration::from_secs(3600));
    assert_eq!(house.store.due(far, 9).await.unwrap().len(), 1);
    let said = json!({"sender": {"id": PAGE}, "recipient": {"id": customer.name},
        "message": {"is_echo": true, "app_id": 7, "mid": "m_staff", "text": "Chào anh"}});
    assert_eq!(house.messenger_posts(&messenger_event(PAGE, &customer.name, &said)).await.status, 200);
    assert!(matches!(house.conversation(&customer.id()).await.owner, Owner::Staff { .. }));
    assert_eq!(house.store.due(far, 9).await.unwrap(), []);
}
