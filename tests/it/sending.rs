//! What becomes of messages the platforms do not take at once. Waits that a platform asks for are zero
//! seconds here, so no test waits for the clock.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its world has to fail")]

use futures_util::future::join_all;
use serde_json::json;

use thoai::runtime::{clock, registry};
use thoai::store::{Conversations, Vault};

use thoai::cli::check::{Found, compiled};
use thoai::flow::compile::Names;
use thoai::flow::{Flows, Template, Verb};

use crate::house::{House, OTHER_PAGE, PAGE, Plan, ZALO_OA, messenger_text};
use crate::stand_in::{Answer, StandIn};
use crate::visitor::Visitor;

const GRAPH_A: &str = "/graph/v25.0/1234567890/";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_token_is_bad_pauses_alone_and_sends_after_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let outside = StandIn::start().await;
    outside.script(GRAPH_A, "", 1, Answer::graph_error(400, 190, 463));
    let plan = Plan { folder: Some(folder.path().to_owned()), outside: Some(outside.clone()), ..Plan::default() };
    let mut house = House::build(plan.clone()).await;
    house.leaves = true;
    let (mut paused, mut free) =
        (house.on_page(PAGE, "7000000000000001"), house.on_page(OTHER_PAGE, "7000000000000002"));
    paused.says("đổi sim").await;
    outside.wait_for_requests(GRAPH_A, 1).await;
    // A conversation is served by one at a time, so this is looked at after the refusal.
    paused.says("có").await;
    free.says("đổi sim").await.hears("giao tận nơi").await;
    free.hears("có muốn đổi").await;
    free.taps("Có").await.hears("xin phép lưu").await;
    let waiting = house.store.outbox(&paused.id(), 9).await.unwrap();
    assert_eq!(waiting.iter().map(|row| row.attempts).collect::<Vec<_>>(), [0, 0, 0], "kept, and no try wasted");
    house.stop().await;
    assert_eq!(outside.requests(GRAPH_A).len(), 1, "a page that pauses sends nothing");
    drop(house);

    let house = House::build(plan).await;
    let mut paused = house.on_messenger("7000000000000001");
    for words in ["giao tận nơi", "giao tận nơi", "có muốn đổi", "xin phép lưu"] {
        paused.hears(words).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_for_a_while_is_sent_again_in_order() {
    let house = House::new().await;
    let answers = [
        Answer::new(429, "").with("retry-after", "0"),
        Answer::graph_error(400, 613, 0).with("retry-after", "0"),
        Answer::new(502, "<html>Bad gateway</html>").with("retry-after", "0"),
        Answer::graph_error(500, 2, 0).with("retry-after", "0"),
    ];
    for (answer, psid) in
        answers.into_iter().zip(["7000000000000001", "7000000000000002", "7000000000000003", "7000000000000004"])
    {
        house.outside.script(GRAPH_A, psid, 2, answer.clone());
        let mut customer = house.on_messenger(psid);
        customer.says("đổi sim").await;
        for words in ["giao tận nơi", "giao tận nơi", "giao tận nơi", "có muốn đổi"] {
            customer.hears(words).await;
        }
        house.idle().await;
        assert_eq!(customer.all().len(), 4, "{answer:?}");
    }
    house.outside.script("/zalo/", "", 1, Answer::new(502, "<html>").with("retry-after", "0"));
    let mut customer = house.on_zalo("7001");
    customer.says("đổi sim").await;
    for words in ["giao tận nơi", "giao tận nơi", "có muốn đổi"] {
        customer.hears(words).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_contact_still_gets_their_ticket() {
    let house = House::new().await;
    house.outside.script(GRAPH_A, "em chuyển anh/chị", 1, Answer::graph_error(400, 551, 0));
    let mut customer = house.on_messenger("7000000000000001");
    customer.says("gặp nhân viên").await.hears("em chuyển anh/chị").await;
    let ticket = house.ticket_of(&customer.id()).await;
    assert_eq!(ticket.request.kind.name(), "care");
    house.idle().await;
    assert_eq!(customer.all().len(), 1, "what waited for them behind it is dropped");
    // When they write again, they are answered again.
    customer.says("bắt đầu lại").await.hears("MobiFone xin chào").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_after_the_window_has_closed() {
    let house = House::new().await;
    let mut customer = house.on_messenger("7000000000000001");
    let mut late = messenger_text(PAGE, &customer.name, "m-late", "đổi sim");
    late["entry"][0]["messaging"][0]["timestamp"] = json!(clock::now().millis() - 25 * 3600 * 1000);
    assert_eq!(house.messenger_posts(&late).await.status, 200);
    house.idle().await;
    assert_eq!(house.outside.requests("/graph/").len(), 0);
    assert!(house.runtime.metrics.text().contains("window_closed"));
    customer.says("có").await.hears("xin phép lưu").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn buttons_that_zalo_refuses_become_a_numbered_list_once() {
    let house = House::new().await;
    house.outside.script("/zalo/", "attachment", 1, Answer::zalo_error(-224));
    let mut customer = house.on_zalo("7001");
    customer.says("đổi sim").await.hears("giao tận nơi").await;
    assert_eq!(customer.hears("có muốn đổi").await.choices.len(), 2);
    let plain = customer.hears("có muốn đổi").await;
    assert!(plain.choices.is_empty() && plain.text.contains("1. Có") && plain.text.contains("2. Không"), "{plain:?}");
    customer.says("1").await.hears("xin phép lưu").await;
    house.idle().await;
    assert_eq!(customer.all().len(), 4);

    house.outside.script("/zalo/", "", 9, Answer::zalo_error(-224));
    let mut other = house.on_zalo("7002");
    other.says("gặp nhân viên").await;
    house.ticket_of(&other.id()).await;
    house.idle().await;
    assert_eq!(other.all().len(), 2, "what has no buttons is refused, not repeated");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_is_renewed_exactly_once_however_many_need_it() {
    let folder = tempfile::tempdir().unwrap();
    let outside = StandIn::start().await;
    let plan = Plan { folder: Some(folder.path().to_owned()), outside: Some(outside.clone()), ..Plan::default() };
    let house = House::build(plan.clone()).await;
    let mut customers: Vec<_> = (0..10).map(|n| house.on_zalo(&format!("700{n}"))).collect();
    // Ten at once, and no access token yet.
    join_all(customers.iter_mut().map(|customer| customer.says("đổi sim"))).await;
    for customer in &mut customers {
        customer.hears("giao tận nơi").await;
        customer.hears("có muốn đổi").await;
    }
    assert_eq!(outside.requests("/oauth/").len(), 1);
    house.idle().await;

    outside.expire_zalo_token();
    let before = customers.iter().map(|customer| customer.all().len()).collect::<Vec<_>>();
    join_all(customers.iter_mut().map(|customer| customer.says("có"))).await;
    house.idle().await;
    assert_eq!(outside.requests("/oauth/").len(), 2, "exactly one renewal");
    for (customer, before) in customers.iter().zip(before) {
        let since = &customer.all()[before..];
        assert!((1..=2).contains(&since.len()) && since.iter().all(|heard| heard.text.contains("xin phép lưu")));
    }
    let kept = house.store.get(&format!("token/zalo/{ZALO_OA}")).await.unwrap().unwrap();
    let kept = String::from_utf8(kept).unwrap();
    assert!(kept.contains("AT-2") && kept.contains("RT-2"), "the new pair is durable");
    drop(customers);
    drop(house);

    let house = House::build(plan).await;
    let mut customer = house.on_zalo("7011");
    customer.says("đổi sim").await.hears("giao tận nơi").await;
    assert_eq!(outside.requests("/oauth/").len(), 2, "the pair outlives the process");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_renewal_stops_the_account_and_keeps_the_messages() {
    let mut house = House::new().await;
    house.leaves = true;
    house.outside.revoke_zalo();
    let mut customer = house.on_zalo("7001");
    customer.says("đổi sim").await;
    house.outside.wait_for_requests("/oauth/", 1).await;
    customer.says("có").await;
    house.stop().await;
    assert_eq!(house.outside.requests("/oauth/").len(), 1, "nobody hammers the token server");
    assert_eq!(house.outside.requests("/zalo/").len(), 0);
    assert_eq!(house.store.outbox(&customer.id(), 9).await.unwrap().len(), 3);
    assert!(house.runtime.metrics.text().contains("halt"));
}

const PICTURE: &str = "https://thoai.example/sim-4g.jpg";

/// A flow that says something with a picture, and asks whether it pleases.
fn with_picture() -> Flows {
    let text = format!(
        "flow: thu\ntitle: Thử\nentry: {{default: true}}\nslots: {{thich: {{type: yesno}}}}\nsteps:\n  \
         chao: {{say: \"Đây là SIM 4G ạ.\", image: {PICTURE}}}\n  \
         hoi: {{ask: thich, say: \"Anh/chị thích không ạ?\", give_up: het}}\n  het: {{end: done}}\n"
    );
    let file = Found { path: "flows/thu.yaml".to_owned(), content: Ok(text.into_bytes()) };
    let queues = ["cskh".to_owned()];
    let names = Names { limits: &registry::limits(), queues: &queues, services: &[] };
    compiled(vec![file], names).unwrap()
}

/// The same, as if its author could have written any address.
fn with_address(url: &str) -> Flows {
    let mut flows = with_picture();
    match &mut flows.flows.get_mut("thu").unwrap().steps[0].verb {
        Verb::Say { image, .. } => *image = Some(Template::parse(url).unwrap()),
        other => panic!("{other:?}"),
    }
    flows
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_goes_before_the_words_and_is_https_or_left_out() {
    for (flows, shown) in [
        (with_picture(), true),
        (with_address("http://thoai.example/sim-4g.jpg"), false),
        (with_address("https://"), false),
    ] {
        let house = House::build(Plan { flows: Some(flows), ..Plan::default() }).await;
        let mut visitor = Visitor::open(&house, None, None).await;
        assert_eq!(visitor.hears("Đây là SIM 4G").await.image.as_deref(), shown.then_some(PICTURE));
        for mut customer in [house.on_messenger("7000000000000001"), house.on_zalo("7001")] {
            customer.says("alo").await;
            if shown {
                assert_eq!(customer.hears("").await.image.as_deref(), Some(PICTURE));
            }
            assert_eq!(customer.hears("Đây là SIM 4G").await.image, None);
            customer.hears("thích không").await;
        }
    }
}
