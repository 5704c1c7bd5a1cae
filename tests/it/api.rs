//! The API for partner systems, called rightly and wrongly.

use futures_util::future::join_all;
use serde_json::{Value, json};

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
