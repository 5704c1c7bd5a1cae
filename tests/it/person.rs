//! Who answers: the bot, a person, nobody any more. Echoes, muting and giving back, the hand-over to a
//! person, and erasure with what must and must not be left behind.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its world has to fail")]

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use thoai::domain::consent::ConsentDecision;
use thoai::domain::conversation::Owner;
use thoai::domain::id::ConversationId;
use thoai::domain::ticket::{Ticket, TicketStatus};
use thoai::runtime::clock;
use thoai::store::{Conversations, Effect, Tickets};

use crate::house::{API_TOKEN, APP_ID, Contact, House, PAGE, Plan, zalo_event};
use crate::stand_in::Answer;
use crate::visitor::Visitor;

/// What Meta repeats of what our page said.
fn echo(psid: &str, message: &Value) -> Value {
    let now = clock::now().millis();
    let event = json!({"sender": {"id": PAGE}, "recipient": {"id": psid}, "timestamp": now, "message": message});
    json!({"object": "page", "entry": [{"id": PAGE, "time": now, "messaging": [event]}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_of_our_own_settles_what_was_not_known_to_be_sent() {
    let mut house = House::new().await;
    house.leaves = true;
    house.outside.script("/graph/", "", 1, Answer::graph_error(400, 190, 0));
    let mut customer = house.on_messenger("7000000000000001");
    customer.says("đổi sim").await;
    house.outside.wait_for_requests("/graph/", 1).await;
    let waiting = house.store.outbox(&customer.id(), 9).await.unwrap();
    let Effect::Send { message } = &waiting[0].effect else { panic!("{waiting:?}") };
    let told = json!({"is_echo": true, "app_id": APP_ID, "metadata": message.tag, "mid": "m_e1", "text": message.text});
    assert_eq!(house.messenger_posts(&echo(&customer.name, &told)).await.status, 200);
    let left = house.store.outbox(&customer.id(), 9).await.unwrap();
    assert_eq!(left[..], waiting[1..]);
    assert_eq!(house.conversation(&customer.id()).await.owner, Owner::Bot);
}

/// A person of ours answers the customer from the page's inbox.
async fn staff_answers(house: &House, customer: &Contact<'_>) {
    let said = json!({"is_echo": true, "mid": format!("m_s{}", house.unique()), "text": "Em là Lan, em giúp anh nhé"});
    assert_eq!(house.messenger_posts(&echo(&customer.name, &said)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_is_silent_while_a_person_answers_and_comes_back_when_asked() {
    let house = House::new().await;
    let mut customer = house.on_messenger("7000000000000001");
    customer.says("đổi sim").await.hears("giao tận nơi").await;
    customer.hears("có muốn đổi").await;
    staff_answers(&house, &customer).await;
    customer.says("có").await.says("alo").await;
    house.idle().await;
    assert_eq!(customer.all().len(), 2, "the bot is silent");
    let written = house.store.transcript(&customer.id(), 0, 99).await.unwrap();
    assert!(serde_json::to_string(&written).unwrap().contains("alo"), "but everything is written down");
    customer.says("bắt đầu lại").await.hears("MobiFone xin chào").await;

    staff_answers(&house, &customer).await;
    let path = format!("/api/v1/conversations/{}/give-back", customer.id());
    assert_eq!(house.post(&path, &[], "").await.status, 401);
    let caller = format!("Bearer {API_TOKEN}");
    assert_eq!(house.post(&path, &[("authorization", &caller)], "").await.status, 204);
    assert_eq!(house.post(&path, &[("authorization", &caller)], "").await.status, 404, "the bot has it already");
    customer.says("đổi sim").await.hears("giao tận nơi").await;
    customer.hears("có muốn đổi").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_a_person_is_told_who_will_call_and_that_unit_can_read_it_all() {
    let house = House::new().await;
    let mut customer = house.on_zalo("7001");
    customer.says("đổi sim").await.hears("giao tận nơi").await;
    customer.hears("có muốn đổi").await;
    customer.says("có").await.hears("xin phép lưu").await;
    customer.says("có").await.hears("cho số nào").await;
    customer.says("0912345678").await.hears("địa chỉ nhận SIM").await;
    customer.says("5 Hàng Bài, phường Hoàn Kiếm, Hà Nội").await.hears("buổi nào").await;
    customer.says("cho gặp nhân viên").await.hears("em chuyển anh/chị").await;
    customer.hears("MobiFone Hà Nội đã nhận yêu cầu").await;
    let ticket = house.ticket_of(&customer.id()).await;
    assert_eq!((ticket.request.kind.name(), ticket.unit.id.as_str()), ("care", "hn"));
    assert_eq!(ticket.request.contact.phone.as_ref().unwrap().e164(), "+84912345678");
    let shown = house.api_get(&format!("/api/v1/tickets/{}", ticket.id)).await.json();
    let transcript = shown["transcript"].to_string();
    for line in ["đổi sim", "xin phép lưu", "0912345678", "cho gặp nhân viên"] {
        assert!(transcript.contains(line), "{line} in {transcript}");
    }
}

/// Takes the customer to a ticket, with this number.
pub(crate) async fn to_a_ticket(customer: &mut Contact<'_>, phone: &str) {
    customer.says("đổi sim").await.hears("giao tận nơi").await;
    customer.hears("có muốn đổi").await;
    customer.says("có").await.hears("xin phép lưu").await;
    customer.says("có").await.hears("cho số nào").await;
    customer.says(phone).await.hears("địa chỉ nhận SIM").await;
    customer.says("12 Nguyễn Huệ, phường Sài Gòn, tp hcm").await.hears("buổi nào").await;
    customer.says("sáng").await.hears("cách ly").await;
    customer.says("không").await.hears("đã đúng chưa").await;
    customer.says("đúng").await.hears("sẽ gọi số").await;
}

/// After an erasure: nothing personal is left of the conversation and its tickets, the proofs are.
async fn is_erased(house: &House, id: &ConversationId, ticket: &thoai::domain::id::TicketId) {
    let conversation = house.conversation(id).await;
    assert_eq!(conversation.profile, Default::default());
    assert_eq!((conversation.session, conversation.tickets), (None, Vec::new()));
    let decisions: Vec<_> = conversation.consents.iter().map(|consent| consent.decision).collect();
    assert_eq!(decisions, [ConsentDecision::Granted, ConsentDecision::Withdrawn], "the proofs are kept");
    let ticket = house.store.ticket(ticket).await.unwrap().unwrap();
    assert_eq!(ticket.status, TicketStatus::Withdrawn);
    assert_eq!(ticket.request.contact, Default::default());
    assert!(ticket.request.subscriber.is_none() && ticket.request.slots.is_empty());
    assert_eq!(ticket.request.place.as_ref().unwrap().street, None);
    assert_eq!(ticket.unit.id.as_str(), "sai_gon", "reports still add up");
}

/// Reads every live record of a store's folder, whatever it is, and looks for the words.
fn records_with(folder: &Path, words: &str) -> Vec<String> {
    let tree = sled::open(folder).unwrap();
    let rows = tree.iter().map(|row| row.unwrap());
    let texts = rows.map(|(key, value)| [key, value].map(|b| String::from_utf8_lossy(&b).into_owned()).join(" "));
    texts.filter(|text| text.contains(words)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_leaves_no_number_in_any_record() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::on(folder.path()).await;
    // A partner who may know persons is away, so that news with the number in it waits for them.
    house.outside.script("/crm", "ticket.created", 9, Answer::new(503, ""));
    let mut typing = house.on_messenger("7000000000000001");
    let mut asking = house.on_zalo("7001");
    to_a_ticket(&mut typing, "0901234567").await;
    to_a_ticket(&mut asking, "0912345678").await;
    let tickets = [house.ticket_of(&typing.id()).await.id, house.ticket_of(&asking.id()).await.id];
    house.outside.wait_for_requests("/crm", 2).await;

    typing.says("xóa dữ liệu của tôi").await.hears("muốn xóa chứ").await;
    typing.taps("Có").await.hears("đã được xóa").await;
    let event = zalo_event("user_withdraw", &asking.name, &json!({"user_id": asking.name}));
    assert_eq!(house.zalo_posts(&event).await.status, 200);
    house.idle().await;
    is_erased(&house, &typing.id(), &tickets[0]).await;
    is_erased(&house, &asking.id(), &tickets[1]).await;
    for path in ["/partner", "/crm"] {
        let news = house.outside.requests(path);
        let withdrawn: Vec<_> = news.iter().filter(|news| news.json()["type"] == "ticket.withdrawn").collect();
        assert_eq!(withdrawn.len(), 2, "{path}");
        assert!(withdrawn.iter().all(|news| !news.text().contains("12345") && !news.text().contains("Huệ")));
    }
    house.stop().await;
    drop((typing, asking));
    drop(house);
    for words in ["901234567", "901 234 567", "912345678", "912 345 678", "Nguyễn Huệ"] {
        assert_eq!(records_with(folder.path(), words), [""; 0], "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_cancels_what_is_on_its_way() {
    let house = House::new().await;
    house.outside.script("/graph/", "", 1, Answer::graph_error(400, 190, 0));
    let mut customer = house.on_messenger("7000000000000001");
    customer.says("đổi sim").await;
    house.outside.wait_for_requests("/graph/", 1).await;
    customer.says("gặp nhân viên").await;
    let kinds =
        |rows: &[thoai::store::OutboxRow]| rows.iter().filter(|r| matches!(r.effect, Effect::HandOff { .. })).count();
    assert_eq!(kinds(&house.store.outbox(&customer.id(), 9).await.unwrap()), 1);
    let ticket = house.conversation(&customer.id()).await.tickets[0].clone();
    // The conversation is a person's now; the words that erase are the platform's own event there.
    let event = json!({"object": "page", "entry": []});
    assert_eq!(house.messenger_posts(&event).await.status, 200);
    let withdraw = thoai::domain::message::Inbound {
        key: house.conversation(&customer.id()).await.key,
        alias: None,
        id: "withdraw".to_owned(),
        at: clock::now(),
        event: thoai::domain::message::Event::Withdraw,
    };
    house.runtime.take(thoai::channel::Delivery::Request, vec![withdraw]).await.unwrap();
    house.idle().await;
    assert_eq!(house.outside.requests("/graph/").len(), 1);
    // A ticket does not wait behind messages that cannot leave; it may have been handed over meanwhile.
    let stripped = |ticket: Ticket| ticket.status == TicketStatus::Withdrawn && ticket == ticket.clone().withdrawn();
    assert!(house.store.ticket(&ticket).await.unwrap().is_none_or(stripped));
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_also_forgets_the_number_behind_the_link_that_was_opened() {
    let house = House::build(Plan::default()).await;
    let token = crate::journey::link_for(&house, "84901234567").await;
    let mut visitor = Visitor::open(&house, Some(&token), None).await;
    visitor.hears("xin phép lưu").await;
    visitor.says("có").await;
    visitor.hears("Đổi SIM cho số 0901 234 567").await;
    visitor.says("xóa dữ liệu").await;
    visitor.hears("muốn xóa chứ").await;
    visitor.says("có").await;
    visitor.hears("đã được xóa").await;
    let link = thoai::store::Links::link(&*house.store, &token).await.unwrap();
    assert!(link.is_none(), "{link:?}");
    let again = Visitor::open(&house, Some(&token), Some(&visitor.session)).await;
    assert_eq!(house.conversation(&again.id(&house)).await.profile.phone, None);
    let far = clock::now().plus(Duration::from_secs(100 * 24 * 3600));
    assert!(house.store.due_webhooks(far, 9).await.unwrap().is_empty());
}
