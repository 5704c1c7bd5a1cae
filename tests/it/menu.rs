//! The persistent menu on the pages: there from the start, and as the flows in force have it.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its world has to fail")]

use http::Method;
use serde_json::{Value, json};

use crate::house::{House, OTHER_PAGE, PAGE, Plan};
use crate::stand_in::{Answer, Recorded, StandIn};

fn titles(request: &Recorded) -> Value {
    let actions = request.json()["persistent_menu"][0]["call_to_actions"].take();
    actions.as_array().unwrap().iter().map(|action| action["title"].clone()).collect()
}

async fn publish(house: &House, text: &str) {
    let files = vec![("a.yaml".to_owned(), text.to_owned())];
    assert!(house.runtime.publish(files, "", true).await.unwrap().number.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_has_the_menu_of_the_flows_in_force() {
    let house = House::new().await;
    let first = house.outside.wait_for_requests("/menu/", 2).await;
    for page in [PAGE, OTHER_PAGE] {
        let path = format!("/menu/graph/v25.0/{page}/messenger_profile");
        assert!(first.iter().any(|request| request.path == path), "{path}");
    }
    assert_eq!(titles(&first[0]), json!(["Đổi SIM 4G miễn phí", "Đăng ký thuê bao mới", "Tư vấn gói cước"]));
    assert!(first[0].header("authorization").starts_with("Bearer page-"));

    publish(&house, "flow: a\nentry: {menu: Tư vấn gói cước}\nsteps:\n  x: {end: done}\n").await;
    let second = house.outside.wait_for_requests("/menu/", 4).await;
    assert_eq!(titles(&second[2]), json!(["Tư vấn gói cước"]), "what is in force, and nothing else");
    // Other flows with the same menu say nothing new; those without one take it away.
    publish(&house, "flow: a\nentry: {menu: Tư vấn gói cước}\nsteps:\n  y: {end: done}\n").await;
    publish(&house, "flow: a\nsteps:\n  y: {end: done}\n").await;
    let third = house.outside.wait_for_requests("/menu/", 6).await;
    assert_eq!((&third[5].method, third[5].json()), (&Method::DELETE, json!({"fields": ["persistent_menu"]})));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_menu_that_is_refused_holds_up_nothing() {
    let outside = StandIn::start().await;
    outside.script("/menu/", "", 2, Answer::graph_error(400, 100, 0));
    let house = House::build(Plan { outside: Some(outside.clone()), ..Plan::default() }).await;
    outside.wait_for_requests("/menu/", 2).await;
    let mut customer = house.on_messenger("7000000000000001");
    customer.says("đổi sim").await.hears("giao tận nơi").await;
    assert_eq!(outside.requests("/menu/").len(), 2, "told once, not tried for ever");
    customer.hears("có muốn đổi").await;
}
