//! Services that flows call, in the house: each waits in the outbox of a conversation when the house is
//! built, as after a turn that asked for it.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its world has to fail")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use thoai::domain::contact::ContactKey;
use thoai::domain::conversation::Conversation;
use thoai::domain::id::{AccountId, ChannelName, ContactId, ConversationId};
use thoai::domain::message::Outbound;
use thoai::engine::CallRequest;
use thoai::runtime::clock;
use thoai::store::sled::SledStore;
use thoai::store::{Commit, Consumed, Conversations, Effect};

use crate::house::{House, PAGE, Plan, SERVICE_TOKEN, ZALO_OA, zalo_event};
use crate::stand_in::{Answer, PATIENCE, Recorded, StandIn};

const SERVICE: &str = "/services/kiem-tra";

pub(crate) fn messenger(psid: &str) -> ContactKey {
    let (channel, account) = (ChannelName::new("messenger"), AccountId::new(PAGE));
    ContactKey { channel, account, contact: ContactId::new(psid) }
}

/// A call of this service that sends the word, so that stand-ins can tell it.
pub(crate) fn call(service: &str, word: &str) -> Effect {
    let request = CallRequest {
        call: format!("doi-sim-4g/kiem_tra/{word}"),
        service: service.to_owned(),
        send: BTreeMap::from([("so_dt".to_owned(), json!("+84901234567")), ("tu".to_owned(), json!(word))]),
        fields: vec!["goi.ten".to_owned()],
        timeout: PATIENCE,
        retries: 1,
    };
    Effect::Call { request: Box::new(request) }
}

fn say(text: &str) -> Effect {
    Effect::Send { message: Outbound { text: text.to_owned(), choices: Vec::new(), image: None, tag: text.to_owned() } }
}

/// What a turn left in the outbox of this contact, in a store that the house is built on later.
pub(crate) async fn waits(folder: &Path, key: ContactKey, outbox: Vec<Effect>) {
    let conversation = Conversation { version: 1, last_seen: clock::now(), ..Conversation::new(key) };
    let (entries, links, now) = (Vec::new(), Vec::new(), clock::now());
    let commit = Commit {
        expected: 0,
        conversation,
        entries,
        outbox,
        consumed: Consumed::Nothing,
        reply: None,
        links,
        erase: false,
        now,
    };
    SledStore::open(folder).unwrap().commit(commit).await.unwrap();
}

async fn on(folder: &TempDir, outside: &StandIn) -> House {
    let (folder, outside) = (Some(folder.path().to_owned()), Some(outside.clone()));
    House::build(Plan { folder, outside, ..Plan::default() }).await
}

/// Whether the service's answer has been taken down.
async fn is_answered(house: &House, id: &ConversationId, word: &str) -> bool {
    let event = format!("call/doi-sim-4g/kiem_tra/{word}");
    house.store.seen(id, &event, clock::now()).await.unwrap().is_some()
}

fn counted(house: &House, service: &str, outcome: &str) -> bool {
    let line = format!(r#"thoai_calls_total{{service="{service}",outcome="{outcome}"}} 1"#);
    house.runtime.metrics.text().contains(&line)
}

fn keys(requests: &[Recorded]) -> Vec<String> {
    requests.iter().map(|request| request.header("idempotency-key").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_away_is_tried_again_under_the_same_key() {
    let (folder, outside) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    outside.script(SERVICE, "mot", 1, Answer::new(503, "<html>"));
    outside.script(SERVICE, "mot", 1, Answer::new(200, r#"{"goi": {"ten": "MAX"}}"#));
    let key = messenger("7000000000000001");
    waits(folder.path(), key.clone(), vec![call("kiem_tra", "mot")]).await;
    let house = on(&folder, &outside).await;
    house.idle().await;
    assert!(is_answered(&house, &key.conversation(), "mot").await && counted(&house, "kiem_tra", "answered"));
    let requests = outside.requests("/services/");
    let keys = keys(&requests);
    assert_eq!((keys.len(), &keys[0], keys[0].len()), (2, &keys[1], 43));
    assert_eq!(requests[0].path, "/services/kiem-tra?v=1");
    assert_eq!(requests[0].header("authorization"), format!("Bearer {SERVICE_TOKEN}"));
    assert_eq!(requests[0].header("content-type"), "application/json");
    assert_eq!(requests[0].json(), json!({"so_dt": "+84901234567", "tu": "mot"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_answers_nonsense_or_no_is_not_asked_twice() {
    let large = format!(r#"{{"goi": "{}"}}"#, "x".repeat(64 * 1024));
    for (word, answer) in [
        ("rac", Answer::new(200, "<html>")),
        ("cut", Answer::new(200, r#"{"goi": "#)),
        ("khong", Answer::new(422, r#"{"goi": 1}"#)),
        ("di", Answer::new(302, "").with("location", "http://127.0.0.1:9/")),
        ("to", Answer::new(200, &large)),
    ] {
        let (folder, outside) = (tempfile::tempdir().unwrap(), StandIn::start().await);
        outside.script(SERVICE, word, 9, answer);
        let key = messenger("7000000000000001");
        waits(folder.path(), key.clone(), vec![call("kiem_tra", word)]).await;
        let house = on(&folder, &outside).await;
        house.idle().await;
        assert_eq!(outside.requests("/services/").len(), 1, "{word}");
        assert!(is_answered(&house, &key.conversation(), word).await && counted(&house, "kiem_tra", "failed"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_stays_away_or_was_taken_out_of_the_configuration_has_failed() {
    let (folder, outside) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    outside.script(SERVICE, "", 9, Answer::new(503, ""));
    let key = messenger("7000000000000001");
    waits(folder.path(), key.clone(), vec![call("kiem_tra", "mot"), call("xua", "hai")]).await;
    let house = on(&folder, &outside).await;
    house.idle().await;
    assert_eq!(outside.requests("/services/").len(), 2, "one retry is asked for");
    assert!(is_answered(&house, &key.conversation(), "mot").await);
    assert!(is_answered(&house, &key.conversation(), "hai").await);
    assert!(counted(&house, "kiem_tra", "failed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_a_service_that_is_stuck() {
    let (folder, outside) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    outside.script(SERVICE, "", 99, Answer::new(200, "{}").held());
    outside.script("/services/khac", "", 1, Answer::new(200, "{}"));
    let key = |n: usize| messenger(&format!("70000000000001{n:02}"));
    // More than may be on their way to it at one time.
    for n in 0..20 {
        waits(folder.path(), key(n), vec![call("kiem_tra", "treo"), say("sau cuộc gọi")]).await;
    }
    waits(folder.path(), key(20), vec![call("kiem_tra", "treo"), call("khac", "nhanh")]).await;
    let house = on(&folder, &outside).await;
    for n in 0..20 {
        house.on_messenger(key(n).contact.as_str()).hears("sau cuộc gọi").await;
    }
    assert_eq!(outside.wait_for_requests(SERVICE, 16).await.len(), 16, "and not one more");
    outside.wait_for_requests("/services/khac", 1).await;
    // The conversation that waits is answered, and so is everybody else.
    for n in [0, 30] {
        let psid = key(n).contact.to_string();
        let mut customer = house.on_messenger(&psid);
        customer.says("đổi sim").await;
        let what = format!("an answer to {psid}");
        let is_answer = |request: &Recorded| request.text().contains(&psid) && request.text().contains("giao tận nơi");
        outside.wait_for(&what, |all| all.iter().any(is_answer).then_some(())).await;
    }
    assert!(!is_answered(&house, &key(0).conversation(), "treo").await);
    outside.release();
    house.idle().await;
    let keys = keys(&outside.requests(SERVICE));
    assert_eq!(keys.len(), 21, "each of them once");
    assert_eq!(keys.iter().collect::<std::collections::BTreeSet<_>>().len(), 21, "each under its own key");
    assert!(is_answered(&house, &key(0).conversation(), "treo").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_a_service_and_the_next_start_calls_it_under_the_same_key() {
    let (folder, outside) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    outside.script(SERVICE, "", 1, Answer::new(200, "{}").held());
    let key = messenger("7000000000000001");
    waits(folder.path(), key.clone(), vec![call("kiem_tra", "mot")]).await;
    let mut house = on(&folder, &outside).await;
    house.leaves = true;
    outside.wait_for_requests(SERVICE, 1).await;
    tokio::time::timeout(Duration::from_secs(5), house.stop()).await.expect("it stops at once");
    assert_eq!(house.store.outbox(&key.conversation(), 9).await.unwrap().len(), 1);
    drop(house);
    outside.script(SERVICE, "", 1, Answer::new(200, "{}"));
    let house = on(&folder, &outside).await;
    house.idle().await;
    let keys = keys(&outside.requests(SERVICE));
    assert_eq!((keys.len(), &keys[0]), (2, &keys[1]));
    assert!(is_answered(&house, &key.conversation(), "mot").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_after_an_erasure_is_not_kept() {
    let (folder, outside) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    outside.script(SERVICE, "", 1, Answer::new(200, r#"{"goi": {"ten": "An"}}"#).held());
    let (channel, account) = (ChannelName::new("zalo"), AccountId::new(ZALO_OA));
    let key = ContactKey { channel, account, contact: ContactId::new("7001") };
    waits(folder.path(), key.clone(), vec![call("kiem_tra", "mot")]).await;
    let house = on(&folder, &outside).await;
    outside.wait_for_requests(SERVICE, 1).await;
    let withdrawn = zalo_event("user_withdraw", "7001", &json!({"user_id": "7001", "oa_id": ZALO_OA}));
    assert_eq!(house.zalo_posts(&withdrawn).await.status, 200);
    assert!(house.store.outbox(&key.conversation(), 9).await.unwrap().is_empty());
    outside.release();
    let answered = async {
        while !counted(&house, "kiem_tra", "answered") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, answered).await.expect("the service answers");
    house.stop().await;
    assert!(!is_answered(&house, &key.conversation(), "mot").await);
    let left = house.store.transcript(&key.conversation(), 0, 9).await.unwrap();
    assert_eq!(left.len(), 1, "the withdrawal alone: {left:?}");
}
