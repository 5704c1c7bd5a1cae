//! The API for partner systems, called rightly and wrongly.

use futures_util::future::join_all;
use serde_json::{Value, json};

use thoai::routing::import::{self, KnownPlaces, Tables};

use crate::house::{API_TOKEN, Answered, House};
use crate::stand_in::Answer;

fn wish() -> Value {
    json!({
        "kind": "sim_swap", "contact": {"name": "Nguyễn Văn A", "phone": "0901 234 567"}, "subscriber": "0912345678",
        "address": "12 Nguyễn Huệ, phường Sài Gòn, tp hcm", "slots": {"gio_nhan": "sang"},
    })
}

fn with(mut wish: Value, field: &str, value: &str) -> Value {
    wish[field] = json!(value);
    wish
}

async fn create(house: &House, body: impl ToString, key: Option<&str>) -> Answered {
    let caller = format!("Bearer {API_TOKEN}");
    let mut headers = vec![("authorization", caller.as_str()), ("content-type", "application/json")];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    house.post("/api/v1/tickets", &headers, body.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partners_ticket_goes_to_the_unit_of_its_address() {
    let house = House::new().await;
    let created = create(&house, wish(), None).await;
    assert_eq!(created.status, 201);
    let ticket = created.json();
    assert_eq!(ticket["unit"]["id"], "sai_gon");
    assert_eq!(ticket["source"], "mymobifone");
    assert_eq!(ticket["contact"], json!({"name": "Nguyễn Văn A", "phone": "+84901234567"}));
    let shown = house.api_get(&format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap())).await;
    assert_eq!((shown.status.as_u16(), shown.json()), (200, ticket.clone()));
    let news = house.outside.wait_for_requests("/partner", 1).await;
    assert_eq!(news[0].json()["data"]["id"], ticket["id"]);
    assert!(!news[0].text().contains("Nguyễn") && !news[0].text().contains("901234567"));
    let second = create(&house, wish(), None).await;
    assert_eq!(
        (second.status.as_u16(), &second.json()["id"]),
        (200, &ticket["id"]),
        "the same wish is the same ticket"
    );
    let advice = create(&house, with(wish(), "kind", "advice"), None).await;
    assert_eq!((advice.status.as_u16(), &advice.json()["links"]), (201, &json!([ticket["id"]])));
}

/// Waits for the first pause of the ladder, some seconds, since that is what is promised.
#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_fails_is_told_again_under_the_same_id_and_one_that_is_gone_never() {
    let house = House::new().await;
    house.outside.script("/partner", "", 1, Answer::new(503, ""));
    house.outside.script("/crm", "", 1, Answer::new(410, ""));
    create(&house, wish(), Some("k-1")).await;
    let news = house.outside.wait_for_requests("/partner", 2).await;
    assert_eq!(news[0].header("webhook-id"), news[1].header("webhook-id"));
    assert_eq!(news[0].body, news[1].body);
    create(&house, wish(), Some("k-2")).await;
    house.idle().await;
    assert_eq!((house.outside.requests("/partner").len(), house.outside.requests("/crm").len()), (3, 1));
    // What the one that is gone was not told is kept, and sent when an operator says so.
    let dead = house.runtime.dead_webhooks(false).await.unwrap();
    let listed: Vec<(&str, &str)> = dead.iter().map(|dead| (dead.host.as_str(), dead.event.as_str())).collect();
    assert_eq!(listed, [("127.0.0.1", "ticket.created"), ("127.0.0.1", "ticket.repeat")]);
    assert_eq!(house.runtime.dead_webhooks(true).await.unwrap(), dead);
    let again = house.outside.wait_for_requests("/crm", 3).await;
    assert!(again[1..].iter().any(|news| news.header("webhook-id") == again[0].header("webhook-id")));
    house.idle().await;
    assert_eq!(house.runtime.dead_webhooks(false).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_makes_one_ticket_and_no_other_one() {
    let house = House::new().await;
    let answers = join_all((0..8).map(|_| create(&house, wish(), Some("k-1")))).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    let known = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((created, known), (1, 7));
    assert!(answers.iter().all(|answer| answer.json()["id"] == answers[0].json()["id"]));
    let mut other = wish();
    other["quarantine"] = true.into();
    let refused = create(&house, other, Some("k-1")).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["error"]["code"]), (409, &json!("idempotency_mismatch")));
    house.idle().await;
    assert_eq!(house.outside.requests("/partner").len(), 1, "partners are told once");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_shows_no_token_of_ours_gets_nothing() {
    let house = House::new().await;
    for shown in ["", "Bearer ", "Bearer mymobifone-token-0002", "Basic bXltb2JpZm9uZQ==", API_TOKEN] {
        let headers = [("authorization", shown)];
        assert_eq!(house.post("/api/v1/tickets", &headers, wish().to_string()).await.status, 401, "{shown}");
        assert_eq!(house.get("/api/v1/tickets/t_1", &headers).await.status, 401, "{shown}");
        assert_eq!(house.post("/api/v1/conversations/c_1/give-back", &headers, "").await.status, 401, "{shown}");
    }
    assert_eq!(house.post("/api/v1/tickets", &[], wish().to_string()).await.status, 401);
    assert_eq!(house.outside.requests("/partner").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_wish_lacks_or_has_too_much_is_named() {
    let house = House::new().await;
    let with = |field: &str, value: Value| {
        let mut wish = wish();
        wish[field] = value;
        wish.to_string()
    };
    let refused = [
        (with("subscriber", json!("12345")), "bad_phone"),
        (with("contact", json!({"phone": "không nhớ"})), "bad_phone"),
        (json!({"kind": "care"}).to_string(), "no_phone"),
        (with("surprise", json!(1)), "unreadable"),
        (with("contact", json!({"mail": "a@b.vn"})), "unreadable"),
        (with("kind", json!("pizza")), "unreadable"),
        (with("address", json!("x".repeat(1001))), "too_long"),
        ("{".repeat(10_000), "unreadable"),
        (String::new(), "unreadable"),
        ("[]".to_owned(), "unreadable"),
    ];
    for (body, code) in refused {
        let answered = create(&house, &body, None).await;
        assert_eq!((answered.status.as_u16(), &answered.json()["error"]["code"]), (422, &json!(code)), "{body:.80}");
    }
    let long = "k".repeat(201);
    for key in ["", long.as_str()] {
        assert_eq!(create(&house, wish(), Some(key)).await.json()["error"]["code"], "bad_idempotency_key");
    }
    assert_eq!(house.api_get("/api/v1/tickets/t_0").await.status, 404);
    let put = house.http.put(format!("{}/api/v1/tickets", house.url)).send().await.unwrap();
    assert_eq!(put.status(), 405);
    assert_eq!(house.api_get("/api/v1/nothing").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_cannot_be_stored_is_not_confirmed() {
    let house = House::new().await;
    house.store.fail(true);
    let refused = create(&house, wish(), Some("k-1")).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["error"]["code"]), (503, &json!("unavailable")));
    assert!(!String::from_utf8_lossy(&refused.body).contains("space"), "no internals");
    house.store.fail(false);
    assert_eq!(create(&house, wish(), Some("k-1")).await.status, 201);
}

/// Asks in the name of a unit, with a body or without.
async fn as_unit(house: &House, token: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let caller = format!("Bearer {token}");
    let headers = [("authorization", caller.as_str()), ("content-type", "application/json")];
    let answered = match body {
        Some(body) => house.post(path, &headers, body.to_string()).await,
        None => house.get(path, &headers).await,
    };
    (answered.status.as_u16(), answered.json())
}

const TEAM: &str = "token-of-sai_gon-1";
const PROVINCE: &str = "token-of-hcm-000001";
const OTHERS: &str = "token-of-hn-0000001";

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_sees_its_tickets_and_serves_them() {
    let house = House::new().await;
    let ticket = create(&house, wish(), None).await.json();
    let id = ticket["id"].as_str().unwrap();
    let (acts, list) = (format!("/api/v1/tickets/{id}/acts"), "/api/v1/units/sai_gon/tickets?status=");
    let listed = |answer: (u16, Value)| {
        let ids = answer.1["tickets"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect::<Vec<_>>();
        (answer.0, ids)
    };
    for token in [TEAM, PROVINCE] {
        let offered = as_unit(&house, token, &format!("{list}offered"), None).await;
        assert_eq!(listed(offered), (200, vec![json!(id)]), "its own, and those of units below");
    }
    let done = as_unit(&house, TEAM, &acts, Some(json!({"act": "accept", "staff": "Lan"}))).await;
    assert_eq!((done.0, &done.1["status"]), (200, &json!("accepted")));
    assert_eq!(listed(as_unit(&house, TEAM, &format!("{list}offered"), None).await), (200, Vec::new()));
    let window = json!({"from": 480, "to": 600});
    let done = as_unit(&house, TEAM, &acts, Some(json!({"act": "schedule", "window": window}))).await;
    assert_eq!((done.0, &done.1["appointment"]), (200, &json!("08:00-10:00")));
    let done = as_unit(&house, TEAM, &acts, Some(json!({"act": "finish", "outcome": "done"}))).await;
    assert_eq!((done.0, &done.1["status"]), (200, &json!("done")));
    let history = as_unit(&house, PROVINCE, &format!("/api/v1/tickets/{id}/history"), None).await.1;
    let acts: Vec<_> = history["history"].as_array().unwrap().iter().map(|it| it["act"].as_str().unwrap()).collect();
    assert_eq!(acts, ["open", "accept", "schedule", "finish"]);
    assert_eq!(history["history"][1]["by"], json!({"unit": {"unit": "sai_gon", "staff": "Lan"}}));
    // Who was shown it is written down.
    let seen = history["seen"].as_array().unwrap().iter().map(|it| it["by"]["unit"]["unit"].to_string());
    let seen: std::collections::BTreeSet<String> = seen.collect();
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["\"hcm\"", "\"sai_gon\""]);
    // Every change is news, each under its own id.
    let news = house.outside.wait_for_requests("/partner", 4).await;
    let kinds: std::collections::BTreeSet<_> = news.iter().map(|it| it.json()["type"].to_string()).collect();
    assert_eq!(kinds.len(), 4, "{kinds:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_does_nothing_about_what_is_anothers_and_hears_why() {
    let house = House::new().await;
    let ticket = create(&house, wish(), None).await.json();
    let acts = format!("/api/v1/tickets/{}/acts", ticket["id"].as_str().unwrap());
    let code = |(status, body): (u16, Value)| (status, body["error"]["code"].as_str().unwrap_or_default().to_owned());
    for path in ["/api/v1/units/sai_gon/tickets?status=offered", &acts.replace("/acts", "/history")] {
        assert_eq!(code(as_unit(&house, OTHERS, path, None).await), (403, "not_yours".to_owned()), "{path}");
    }
    for (token, act, expected) in [
        (OTHERS, json!({"act": "accept"}), (403, "not_yours")),
        (PROVINCE, json!({"act": "accept"}), (403, "not_yours")),
        (API_TOKEN, json!({"act": "accept"}), (403, "not_yours")),
        (TEAM, json!({"act": "withdraw"}), (403, "not_yours")),
        (TEAM, json!({"act": "contact"}), (409, "not_now")),
        (TEAM, json!({"act": "reject", "reason": " "}), (409, "no_reason")),
        (TEAM, json!({"act": "pass", "to": "nobody", "reason": "xa"}), (409, "no_unit")),
        (TEAM, json!({"act": "fly"}), (422, "unreadable")),
        (TEAM, json!({"act": "accept", "staff": "x".repeat(2000)}), (422, "too_long")),
    ] {
        let answer = code(as_unit(&house, token, &acts, Some(act.clone())).await);
        assert_eq!(answer, (expected.0, expected.1.to_owned()), "{act}");
    }
    // Rejected, it goes to the province; called off by the partner, it is over.
    let done = as_unit(&house, TEAM, &acts, Some(json!({"act": "reject", "reason": "hết người"}))).await;
    assert_eq!((done.0, &done.1["unit"]["id"], &done.1["tried"]), (200, &json!("hcm"), &json!(["sai_gon"])));
    assert_eq!(code(as_unit(&house, TEAM, &acts, Some(json!({"act": "accept"}))).await).0, 403);
    let done = as_unit(&house, API_TOKEN, &acts, Some(json!({"act": "cancel"}))).await;
    assert_eq!((done.0, &done.1["status"]), (200, &json!("cancelled")));
    assert_eq!(
        code(as_unit(&house, PROVINCE, &acts, Some(json!({"act": "accept"}))).await),
        (409, "not_now".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_where_a_ticket_would_go_makes_none() {
    let house = House::new().await;
    let address = json!({"address": "12 Nguyễn Huệ, p. Bến Nghé, q1"});
    let (status, answer) = as_unit(&house, TEAM, "/api/v1/where", Some(address)).await;
    assert_eq!((status, &answer["unit"]["id"]), (200, &json!("sai_gon")));
    assert_eq!(answer["why"][0]["rule"], "ward 26740 -> sai_gon");
    let listed = as_unit(&house, TEAM, "/api/v1/units/sai_gon/tickets?status=offered", None).await.1;
    assert_eq!(listed, json!({"tickets": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tickets_of_a_unit_that_closes_go_to_the_next() {
    let house = House::new().await;
    let ticket = create(&house, wish(), None).await.json();
    let without = crate::house::UNITS.replace("sai_gon,rapid_team,Đội Sài Gòn,,hcm,ward:26740\n", "");
    house.runtime.import("units", &without, "an", true).await.unwrap();
    let shown = || async { house.api_get(&format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap())).await.json() };
    assert_eq!(shown().await["unit"]["id"], "sai_gon", "a dry run changes nothing");
    let told = house.runtime.import("units", &without, "an", false).await.unwrap();
    assert!(told.starts_with("3 đơn vị, 2 địa bàn"), "{told}");
    let imports = house.runtime.imports().await.unwrap();
    let who: Vec<_> = imports.iter().map(|import| (import.table.as_str(), import.by.as_str())).collect();
    assert_eq!(who, [("units", "an")], "a dry run is no import");
    assert_eq!((&shown().await["unit"]["id"], &shown().await["status"]), (&json!("hcm"), &json!("offered")));
}

/// Places that know no old district.
struct WithoutDistricts;

impl KnownPlaces for WithoutDistricts {
    fn province(&self, code: &str) -> Option<String> {
        Some(code.to_owned())
    }

    fn ward(&self, code: &str) -> Option<(String, String)> {
        Some((code.to_owned(), String::new()))
    }

    fn communes(&self, _: &str) -> Vec<String> {
        vec![String::new()]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_places_are_the_organisations_too() {
    let house = House::new().await;
    let units = crate::house::UNITS.replace("ward:26740", "district:760");
    house.runtime.import("units", &units, "an", false).await.unwrap();
    let address = json!({"address": "12 Nguyễn Huệ, phường Sài Gòn, tp hcm"});
    let unit = || async { as_unit(&house, TEAM, "/api/v1/where", Some(address.clone())).await.1["unit"]["id"].clone() };
    assert_eq!(unit().await, "sai_gon", "the commune lies in the old district");
    house.runtime.replace_organisation(import::read(&Tables::of_units(&units), &WithoutDistricts).unwrap());
    assert_eq!(unit().await, "hcm");
    let official = include_str!("../../src/place/data/units.txt");
    assert_eq!(house.runtime.adopt_places(official).await.unwrap(), [""; 0]);
    assert_eq!(unit().await, "sai_gon");
}
