//! What a customer hears about their ticket, and what they can want of it, in the conversation it came from.

use serde_json::{Value, json};

use thoai::domain::ticket::{Act, TicketStatus};
use thoai::store::Tickets;

use crate::house::{House, Plan};
use crate::person::to_a_ticket;

/// Does something in the name of the unit that has the ticket.
async fn unit_does(house: &House, ticket: &str, act: Value) {
    let headers = [("authorization", "Bearer token-of-sai_gon-1"), ("content-type", "application/json")];
    let done = house.post(&format!("/api/v1/tickets/{ticket}/acts"), &headers, act.to_string()).await;
    assert_eq!(done.status, 200, "{}", done.json());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_hears_who_will_call_and_when_they_are_visited() {
    let house = House::new().await;
    let mut customer = house.on_messenger("7000000000000001");
    to_a_ticket(&mut customer, "0901234567").await;
    house.idle().await;
    let id = house.ticket_of(&customer.id()).await.id.to_string();
    customer.says("đến đâu rồi em").await.hears("đã chuyển tới Đội Sài Gòn, đơn vị sẽ gọi cho anh/chị trước").await;
    unit_does(&house, &id, json!({"act": "accept"})).await;
    customer.hears("Đội Sài Gòn đã nhận yêu cầu đổi SIM 4G và sẽ gọi").await;
    let day = thoai::runtime::clock::now().day().plus(1);
    let window = json!({"first": day.to_iso(), "from": 480, "to": 600});
    unit_does(&house, &id, json!({"act": "schedule", "window": window})).await;
    customer.hears(&format!("hẹn gặp anh/chị lúc 8:00-10:00, {}", day.shown())).await;
    unit_does(&house, &id, json!({"act": "finish", "outcome": "done"})).await;
    customer.hears("đổi SIM 4G của anh/chị đã xong").await;
    customer.says("đơn của em").await.hears("đã xong").await;
    house.replays(&customer.id()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_reschedules_and_calls_off_in_the_same_conversation() {
    let house = House::new().await;
    let mut customer = house.on_zalo("7001");
    to_a_ticket(&mut customer, "0901234567").await;
    house.idle().await;
    customer.says("hẹn lại").await.hears("muốn hẹn lúc nào").await;
    let tomorrow = thoai::runtime::clock::now().day().plus(1);
    customer.says("hẹn lại 9h-11h sáng mai nhé").await.hears("đã ghi hẹn 9:00-11:00").await;
    house.idle().await;
    let ticket = house.ticket_of(&customer.id()).await;
    assert_eq!(ticket.course.appointment.as_ref().unwrap().first, Some(tomorrow));
    assert_eq!(ticket.status, TicketStatus::Offered, "a wish is no agreement yet");
    customer.says("hủy yêu cầu").await.hears("muốn hủy yêu cầu").await;
    customer.says("ok hủy đi em").await.hears("đã hủy yêu cầu đổi SIM 4G").await;
    house.idle().await;
    assert_eq!(house.ticket_of(&customer.id()).await.status, TicketStatus::Cancelled);
    customer.says("hủy yêu cầu").await.hears("muốn hủy").await;
    customer.says("có").await.hears("chưa thấy yêu cầu nào").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_writes_somebody_elses_number_learns_and_changes_nothing() {
    let house = House::new().await;
    let mut customer = house.on_messenger("7000000000000001");
    let mut stranger = house.on_messenger("7000000000000002");
    to_a_ticket(&mut customer, "0901234567").await;
    to_a_ticket(&mut stranger, "0901234567").await;
    house.idle().await;
    let ticket = house.ticket_of(&customer.id()).await;
    assert_eq!(house.ticket_of(&stranger.id()).await.id, ticket.id, "the same wish is the same ticket");
    let heard = stranger.says("đến đâu rồi").await.hears("đã được ghi nhận").await;
    assert!(!heard.text.contains("Sài Gòn"), "{}", heard.text);
    stranger.says("hẹn lại 9h sáng mai").await.hears("chưa thấy yêu cầu nào").await;
    stranger.says("hủy yêu cầu").await.hears("muốn hủy").await;
    stranger.says("có").await.hears("chưa thấy yêu cầu nào").await;
    stranger.says("xóa dữ liệu").await.hears("muốn xóa chứ").await;
    stranger.taps("Có").await.hears("đã được xóa").await;
    house.idle().await;
    let after = house.ticket_of(&customer.id()).await;
    assert_eq!((after.status, after.request), (TicketStatus::Offered, ticket.request));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_ends_while_no_server_runs_goes_to_the_next_unit_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let plan = || Plan { folder: Some(folder.path().to_owned()), offer: Some("2s"), ..Plan::default() };
    let house = House::build(plan()).await;
    let mut customer = house.on_zalo("7001");
    to_a_ticket(&mut customer, "0901234567").await;
    house.idle().await;
    let ticket = house.ticket_of(&customer.id()).await;
    assert_eq!(ticket.unit.id.as_str(), "sai_gon");
    drop(customer);
    house.stop().await;
    drop(house);
    let house = House::build(plan()).await;
    let mut writes = house.store.watch();
    let mut moved = house.store.ticket(&ticket.id).await.unwrap().unwrap();
    while moved.status != TicketStatus::New {
        writes.changed().await.unwrap();
        moved = house.store.ticket(&ticket.id).await.unwrap().unwrap();
    }
    // Nobody of the province looked either: the last resort keeps it.
    let history = house.store.history(&ticket.id).await.unwrap();
    let units: Vec<&str> = history.iter().map(|change| change.unit.as_str()).collect();
    assert_eq!(units, ["sai_gon", "hcm", "tong_dai"]);
    assert!(history[1..].iter().all(|change| change.act == Act::Expire));
}
