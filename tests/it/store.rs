//! The promises of a store, put to every store we have; and what only the one on disk can break.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop where it is")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use thoai::domain::address::Address;
use thoai::domain::contact::{ContactKey, Profile};
use thoai::domain::conversation::{Conversation, Entry, Line, Owner};
use thoai::domain::id::{AccountId, ChannelName, ContactId, ConversationId, TicketId, UnitId};
use thoai::domain::message::{Event, Inbound, Outbound};
use thoai::domain::phone::Phone;
use thoai::domain::session::{Due, Move, Session};
use thoai::domain::slot::{Slots, Value};
use thoai::domain::target::{Target, TargetEvent, TargetState};
use thoai::domain::ticket::{self, Actor, Change, Course, Sight, Ticket, TicketKind, TicketRequest, TicketStatus, Why};
use thoai::domain::time::{Day, Timestamp};
use thoai::domain::unit::{Unit, UnitKind};
use thoai::engine::CallRequest;
use thoai::store::memory::MemoryStore;
use thoai::store::sled::SledStore;
use thoai::store::{
    Accepted, By, Changed, Commit, Consumed, Conversations, Created, Effect, Fate, Link, NewRevision, PutTargets,
    Store, StoreError, Vault, WebhookRow,
};

const DAY: Duration = Duration::from_secs(86_400);

/// Runs each case on every store.
macro_rules! every_store {
    ($($case:ident)*) => {
        mod in_memory {
            $(#[tokio::test]
            async fn $case() {
                super::$case(std::sync::Arc::new(super::MemoryStore::new())).await;
            })*
        }

        mod in_sled {
            $(#[tokio::test]
            async fn $case() {
                let folder = tempfile::tempdir().unwrap();
                super::$case(std::sync::Arc::new(super::SledStore::open(folder.path()).unwrap())).await;
            })*
        }
    };
}

every_store! {
    an_event_is_taken_once
    of_five_that_bring_the_same_event_one_is_first
    a_bundle_is_taken_in_order_for_each_conversation
    an_event_is_known_for_three_days_and_then_forgotten
    of_two_writers_one_wins
    a_turn_leaves_everything_behind_at_once
    a_fresh_event_is_consumed_once_and_its_reply_kept
    the_reply_to_an_accepted_event_is_kept_under_its_id
    an_inbox_row_is_consumed_once
    the_transcript_is_read_from_any_entry
    numbers_are_not_used_again_after_settling
    a_failed_effect_waits_and_is_counted
    a_call_is_settled_alone
    a_session_is_found_when_it_is_due_while_the_bot_has_it
    erasing_leaves_what_takes_tickets_back
    unfinished_are_those_with_rows_waiting
    a_ticket_is_made_once
    what_a_customer_asks_for_again_leads_to_the_open_ticket
    of_two_who_change_a_ticket_at_once_one_wins
    who_was_shown_a_ticket_is_kept_in_order
    tickets_are_listed_by_unit_and_status_and_by_the_time_that_moves_them
    a_withdrawn_ticket_holds_nothing_personal
    webhooks_come_in_the_order_in_which_they_are_due
    a_list_of_targets_put_again_says_the_same_and_keeps_what_happened
    the_targets_of_a_unit_are_found_page_by_page
    a_target_follows_its_ticket
    what_happens_while_a_list_is_put_is_not_lost
    a_link_is_claimed_by_one
    the_vault_compares_before_it_replaces
    large_and_strange_values_come_back
    a_revision_is_published_once_and_never_changes
    what_a_command_put_in_force_is_told_from_what_lay_in_the_folder
    conversations_under_way_are_handed_out_page_by_page
}

fn contact(name: &str) -> ContactKey {
    ContactKey { channel: ChannelName::new("web"), account: AccountId::new("shop"), contact: ContactId::new(name) }
}

fn at(days: u32) -> Timestamp {
    Timestamp::from_millis(1_795_000_000_000).plus(DAY * days)
}

fn said(by: &str, id: &str) -> Inbound {
    Inbound {
        key: contact(by),
        id: id.into(),
        alias: None,
        at: at(0),
        event: Event::Text { text: format!("tôi nói {id}") },
    }
}

/// The next turn of this conversation: one entry, nothing else.
fn turn(of: &str, before: Option<Conversation>) -> Commit {
    let mut conversation = before.unwrap_or_else(|| Conversation::new(contact(of)));
    let expected = conversation.version;
    let number = conversation.next_entry;
    conversation.version += 1;
    conversation.next_entry += 1;
    let line =
        Line::Bot {
            step: "doi-sim-4g/chao".into(), text: format!("lượt {number}"), choices: Vec::new(), image: None
        };
    Commit {
        expected,
        conversation,
        entries: vec![Entry { number, at: at(0), line }],
        outbox: Vec::new(),
        consumed: Consumed::Nothing,
        reply: None,
        links: Vec::new(),
        erase: false,
        now: at(0),
    }
}

fn send(text: &str) -> Effect {
    Effect::Send { message: Outbound { text: text.into(), choices: Vec::new(), image: None, tag: text.into() } }
}

fn call(call: &str) -> Effect {
    let send = BTreeMap::from([("so".to_owned(), json!("+84901234567"))]);
    let request = CallRequest {
        call: call.into(),
        service: "crm".into(),
        send,
        fields: vec!["goi.ten".into()],
        timeout: Duration::from_secs(5),
        retries: 1,
    };
    Effect::Call { request: Box::new(request) }
}

fn ticket(id: &str) -> Ticket {
    let phone = Phone::from_significant("901234567");
    let place = Address {
        province: Some("79".into()),
        ward: Some("26740".into()),
        street: Some("12 đường Thử".into()),
        text: "12 đường thử".into(),
        ..Address::default()
    };
    Ticket {
        id: TicketId::new(id),
        status: TicketStatus::New,
        source: "web".into(),
        conversation: Some(contact("an").conversation()),
        request: TicketRequest {
            kind: TicketKind::SimSwap,
            contact: Profile {
                name: Some("Trần Thử".into()),
                phone: Some(phone.clone()),
                phone_verified: true,
                ..Profile::default()
            },
            subscriber: Some(phone),
            place: Some(place),
            quarantine: true,
            slots: Slots::from([("ghi_chu".into(), Value::Text("nhà có chó".into()))]),
            transcript: turn("an", None).entries,
        },
        unit: Unit { id: UnitId::new("u1"), kind: UnitKind::Shop, name: "Cửa hàng thử".into(), phone: None },
        why: vec![Why { rule: "ward 26740 -> u1".into(), level: "ward".into() }],
        created_at: at(0),
        course: Course::default(),
    }
}

fn webhook(id: &str, due: Timestamp) -> WebhookRow {
    WebhookRow { id: id.into(), endpoint: "https://partner.example/in".into(), body: "{}".into(), attempts: 0, due }
}

fn numbers(rows: &[thoai::store::OutboxRow]) -> Vec<u64> {
    rows.iter().map(|row| row.number).collect()
}

async fn an_event_is_taken_once(store: Arc<dyn Store>) {
    let id = contact("an").conversation();
    assert_eq!(store.seen(&id, "m1", at(0)).await.unwrap(), None);
    assert_eq!(store.accept(&[said("an", "m1")], at(0)).await.unwrap(), [Accepted::New]);
    assert_eq!(store.accept(&[said("an", "m1")], at(1)).await.unwrap(), [Accepted::Duplicate]);
    assert_eq!(store.seen(&id, "m1", at(0)).await.unwrap().unwrap().reply, None);
    assert_eq!(store.inbox(&id, 10).await.unwrap().len(), 1);
    // The same id in another conversation is another event.
    assert_eq!(store.accept(&[said("bo", "m1")], at(0)).await.unwrap(), [Accepted::New]);
}

async fn of_five_that_bring_the_same_event_one_is_first(store: Arc<dyn Store>) {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..5 {
        let store = Arc::clone(&store);
        tasks.spawn(async move { store.accept(&[said("an", "m1")], at(0)).await.unwrap()[0] });
    }
    let outcomes = tasks.join_all().await;
    assert_eq!(outcomes.iter().filter(|&&outcome| outcome == Accepted::New).count(), 1);
    assert_eq!(store.inbox(&contact("an").conversation(), 10).await.unwrap().len(), 1);
}

async fn a_bundle_is_taken_in_order_for_each_conversation(store: Arc<dyn Store>) {
    let bundle = [said("an", "1"), said("bo", "2"), said("an", "3"), said("an", "1"), said("an", "4")];
    let outcomes = store.accept(&bundle, at(0)).await.unwrap();
    assert_eq!(outcomes, [Accepted::New, Accepted::New, Accepted::New, Accepted::Duplicate, Accepted::New]);
    let rows = store.inbox(&contact("an").conversation(), 10).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.inbound.id.as_str()).collect::<Vec<_>>(), ["1", "3", "4"]);
    assert_eq!(rows[0].inbound, bundle[0]);
    assert!(rows[0].number < rows[1].number && rows[1].number < rows[2].number);
    assert_eq!(store.inbox(&contact("an").conversation(), 2).await.unwrap(), rows[..2]);
}

async fn an_event_is_known_for_three_days_and_then_forgotten(store: Arc<dyn Store>) {
    store.accept(&[said("an", "m1"), said("an", "m2")], at(0)).await.unwrap();
    store.accept(&[said("an", "m3")], at(1)).await.unwrap();
    assert_eq!(store.accept(&[said("an", "m1")], at(3)).await.unwrap(), [Accepted::Duplicate]);
    assert_eq!(store.forget_events(at(3)).await.unwrap(), 0);
    assert_eq!(store.forget_events(at(4)).await.unwrap(), 2);
    assert_eq!(
        store.accept(&[said("an", "m1"), said("an", "m3")], at(4)).await.unwrap(),
        [Accepted::New, Accepted::Duplicate]
    );
}

async fn of_two_writers_one_wins(store: Arc<dyn Store>) {
    store.commit(turn("an", None)).await.unwrap();
    let read = store.load(&contact("an").conversation()).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (store, commit) = (Arc::clone(&store), turn("an", read.clone()));
        tasks.spawn(async move { store.commit(commit).await });
    }
    let outcomes = tasks.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(()) | Err(StoreError::Conflict))));
    assert!(matches!(store.commit(turn("an", None)).await, Err(StoreError::Conflict)));
    assert_eq!(store.load(&contact("an").conversation()).await.unwrap().unwrap().version, 2);
}

async fn a_turn_leaves_everything_behind_at_once(store: Arc<dyn Store>) {
    let id = contact("an").conversation();
    let link = Link {
        phone: Phone::from_significant("901234567"),
        campaign: "goi-ra-4g".into(),
        expires: at(7),
        claimed_by: None,
    };
    let mut commit = turn("an", None);
    commit.outbox = vec![send("một"), Effect::HandOff { ticket: Box::new(ticket("t_1")) }];
    commit.links = vec![("abc".into(), link.clone())];
    store.commit(commit.clone()).await.unwrap();
    assert_eq!(store.load(&id).await.unwrap().unwrap(), commit.conversation);
    assert_eq!(store.transcript(&id, 0, 10).await.unwrap(), commit.entries);
    assert_eq!(store.link("abc").await.unwrap(), Some(link));
    let rows = store.outbox(&id, 10).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.effect.clone()).collect::<Vec<_>>(), commit.outbox);
    assert!(rows.iter().all(|row| row.attempts == 0 && row.not_before == at(0)));
    assert_eq!(store.outbox(&id, 1).await.unwrap(), rows[..1]);
}

async fn a_fresh_event_is_consumed_once_and_its_reply_kept(store: Arc<dyn Store>) {
    let id = contact("an").conversation();
    let mut commit = turn("an", None);
    commit.consumed = Consumed::Fresh { event: "m1".into(), alias: Some("e1".into()) };
    commit.reply = Some(b"<reply>\xff</reply>".to_vec());
    store.commit(commit.clone()).await.unwrap();
    assert_eq!(store.seen(&id, "e1", at(0)).await.unwrap().unwrap().reply, commit.reply);
    assert_eq!(store.seen(&id, "m1", at(0)).await.unwrap().unwrap().reply, commit.reply);
    assert_eq!(store.accept(&[said("an", "m1")], at(0)).await.unwrap(), [Accepted::Duplicate]);
    let mut again = turn("an", store.load(&id).await.unwrap());
    again.consumed = commit.consumed;
    assert!(matches!(store.commit(again).await, Err(StoreError::Conflict)));
    assert_eq!(store.load(&id).await.unwrap().unwrap().version, 1);
}

async fn the_reply_to_an_accepted_event_is_kept_under_its_id(store: Arc<dyn Store>) {
    let id = contact("an").conversation();
    store.accept(&[said("an", "m1")], at(0)).await.unwrap();
    let mut commit = turn("an", None);
    commit.consumed = Consumed::Accepted { number: store.inbox(&id, 1).await.unwrap()[0].number };
    commit.reply = Some(Vec::new());
    commit.now = at(2);
    store.commit(commit).await.unwrap();
    assert_eq!(store.seen(&id, "m1", at(3)).await.unwrap().unwrap().reply, Some(Vec::new()));
    assert_eq!(store.forget_events(at(4)).await.unwrap(), 1);
}

async fn an_inbox_row_is_consumed_once(store: Arc<dyn Store>) {
    let id = contact("an").conversation();
    store.accept(&[said("an", "m1"), said("an", "m2")], at(0)).await.unwrap();
    let first = store.inbox(&id, 1).await.unwrap()[0].number;
    let mut commit = turn("an", None);
    commit.consumed = Consumed::Accepted { number: first };
    store.commit(commit.clone()).await.unwrap();
    let mut again = turn("an", store.load(&id).await.unwrap());
    again.consumed = commit.consumed;
    assert!(matches!(store.commit(again).await, Err(StoreError::Conflict)));
    assert_eq!(store.inbox(&id, 9).await.unwrap().len(), 1);
    assert_eq!(store.accept(&[said("an", "m1")], at(0)).await.unwrap(), [Accepted::Duplicate]);
}

async fn the_transcript_is_read_from_any_entry(store: Arc<dyn Store>) {
    let id = contact("an").conversation();
    for entries in [1, 3, 2] {
        let mut commit = turn("an", store.load(&id).await.unwrap());
        let first = commit.entries[0].clone();
        commit.entries = (0..entries).map(|more| Entry { number: first.number + more, ..first.clone() }).collect();
        commit.conversation.next_entry = first.number + entries;
        store.commit(commit).await.unwrap();
    }
    for from in 0..8 {
        for limit in 0..8 {
            let read = store.transcript(&id, from, limit).await.unwrap();
            let expected: Vec<u64> = (from..6).take(limit).collect();
            assert_eq!(read.iter().map(|entry| entry.number).collect::<Vec<_>>(), expected, "{from} {limit}");
        }
    }
    assert!(store.transcript(&ConversationId::new("nobody"), 0, 9).await.unwrap().is_empty());
}

async fn numbers_are_not_used_again_after_settling(store: Arc<dyn Store>) {
    let id = contact("an").conversation();
    let mut commit = turn("an", None);
    commit.outbox = vec![send("a"), send("b"), send("c")];
    store.commit(commit).await.unwrap();
    let first = numbers(&store.outbox(&id, 10).await.unwrap());
    store.settle(&id, first[1], Fate::Over).await.unwrap();
    assert_eq!(numbers(&store.outbox(&id, 10).await.unwrap()), first[2..]);
    store.settle(&id, first[2], Fate::Over).await.unwrap();
    let mut commit = turn("an", store.load(&id).await.unwrap());
    commit.outbox = vec![send("d")];
    store.commit(commit).await.unwrap();
    let later = numbers(&store.outbox(&id, 10).await.unwrap());
    assert!(later.len() == 1 && later[0] > first[2]);
    // Old news of a row that is gone touches nothing else.
    store.settle(&id, first[2], Fate::Over).await.unwrap();
    store.settle(&id, first[2], Fate::Later { not_before: at(1) }).await.unwrap();
    assert_eq!(numbers(&store.outbox(&id, 10).await.unwrap()), later);
}

async fn a_failed_effect_waits_and_is_counted(store: Arc<dyn Store>) {
    let id = contact("an").conversation();
    let mut commit = turn("an", None);
    commit.outbox = vec![send("a"), send("b")];
    store.commit(commit).await.unwrap();
    let before = store.outbox(&id, 10).await.unwrap();
    for _ in 0..2 {
        store.settle(&id, before[0].number, Fate::Later { not_before: at(1) }).await.unwrap();
    }
    let after = store.outbox(&id, 10).await.unwrap();
    assert_eq!((after[0].attempts, after[0].not_before), (2, at(1)));
    assert_eq!(after[0].effect, before[0].effect);
    assert_eq!(after[1], before[1]);
}

async fn a_call_is_settled_alone(store: Arc<dyn Store>) {
    let id = contact("an").conversation();
    let mut commit = turn("an", None);
    commit.outbox = vec![send("a"), call("doi-sim-4g/kiem_tra"), send("b")];
    store.commit(commit).await.unwrap();
    let rows = store.outbox(&id, 9).await.unwrap();
    store.settle(&id, rows[2].number, Fate::Over).await.unwrap();
    assert_eq!(store.outbox(&id, 9).await.unwrap(), rows[1..2], "what came after the call did not wait for it");
    assert_eq!(store.unfinished().await.unwrap(), std::slice::from_ref(&id));
    store.settle(&id, rows[1].number, Fate::Over).await.unwrap();
    assert!(store.outbox(&id, 9).await.unwrap().is_empty());
}

/// A session that moves by itself at this moment, if at any.
fn session(at: Option<Timestamp>) -> Session {
    let session = json!({"flow": "doi-sim-4g", "step": "hoi", "waiting": {"for": "answer"}, "question": {"text": "?"}});
    let due = at.map(|at| Due { at, what: Move::Remind });
    Session { due, ..serde_json::from_value(session).unwrap() }
}

/// Commits one more turn, after which the session moves by itself at this moment, if at any.
async fn waits_until(store: &Arc<dyn Store>, of: &str, at: Option<Timestamp>, owner: Owner) {
    let mut commit = turn(of, store.load(&contact(of).conversation()).await.unwrap());
    commit.conversation.session = Some(session(at));
    commit.conversation.owner = owner;
    store.commit(commit).await.unwrap();
}

async fn a_session_is_found_when_it_is_due_while_the_bot_has_it(store: Arc<dyn Store>) {
    let due = async |now, limit| {
        let found = store.due(now, limit).await.unwrap();
        found.into_iter().map(|(id, at)| (id.to_string(), at)).collect::<Vec<_>>()
    };
    let of = |name: &str, at| (contact(name).conversation().to_string(), at);
    waits_until(&store, "an", Some(at(2)), Owner::Bot).await;
    waits_until(&store, "bo", Some(at(1)), Owner::Bot).await;
    waits_until(&store, "co", None, Owner::Bot).await;
    assert_eq!(due(at(0), 9).await, []);
    assert_eq!(due(at(1), 9).await, [of("bo", at(1))]);
    assert_eq!(due(at(9), 9).await, [of("bo", at(1)), of("an", at(2))], "the longest due first");
    assert_eq!(due(at(9), 1).await, [of("bo", at(1))]);
    // What comes in does not move it; a turn does.
    store.accept(&[said("bo", "m1")], at(0)).await.unwrap();
    assert_eq!(due(at(1), 9).await, [of("bo", at(1))]);
    waits_until(&store, "bo", Some(at(4)), Owner::Bot).await;
    assert_eq!(due(at(9), 9).await, [of("an", at(2)), of("bo", at(4))]);
    let staff = Owner::Staff { staff: None, since: at(0) };
    waits_until(&store, "an", Some(at(2)), staff).await;
    assert_eq!(due(at(9), 9).await, [of("bo", at(4))], "a person has the other one");
    waits_until(&store, "an", Some(at(2)), Owner::Bot).await;
    waits_until(&store, "bo", None, Owner::Bot).await;
    assert_eq!(due(at(9), 9).await, [of("an", at(2))]);
    store.commit(turn("an", None)).await.unwrap_err();
    let mut erasing = turn("an", store.load(&contact("an").conversation()).await.unwrap());
    (erasing.erase, erasing.conversation.session) = (true, None);
    store.commit(erasing).await.unwrap();
    assert_eq!(due(at(9), 9).await, []);
}

async fn erasing_leaves_what_takes_tickets_back(store: Arc<dyn Store>) {
    let id = contact("an").conversation();
    let mut commit = turn("an", None);
    commit.outbox = vec![
        send("địa chỉ của bạn"),
        Effect::Withdraw { ticket: TicketId::new("t_0") },
        Effect::HandOff { ticket: Box::new(ticket("t_1")) },
        call("doi-sim-4g/kiem_tra"),
    ];
    commit.consumed = Consumed::Fresh { event: "m1".into(), alias: None };
    commit.reply = Some(b"so cua ban".to_vec());
    store.commit(commit).await.unwrap();
    store.accept(&[said("an", "m2"), said("bo", "m2")], at(0)).await.unwrap();
    store.commit(turn("bo", None)).await.unwrap();

    let mut erasing = turn("an", store.load(&id).await.unwrap());
    erasing.erase = true;
    erasing.outbox = vec![Effect::Withdraw { ticket: TicketId::new("t_1") }, send("đã xoá")];
    store.commit(erasing.clone()).await.unwrap();
    let left: Vec<_> = store.outbox(&id, 9).await.unwrap().into_iter().map(|row| row.effect).collect();
    let withdraw = |id| Effect::Withdraw { ticket: TicketId::new(id) };
    assert_eq!(left, [withdraw("t_0"), withdraw("t_1"), send("đã xoá")]);
    assert_eq!(store.transcript(&id, 0, 9).await.unwrap(), erasing.entries);
    assert_eq!(store.seen(&id, "m1", at(0)).await.unwrap().unwrap().reply, None, "a reply holds personal words");
    assert_eq!(store.inbox(&id, 9).await.unwrap().len(), 1, "what was not consumed still is to be");
    assert_eq!(store.transcript(&contact("bo").conversation(), 0, 9).await.unwrap().len(), 1);
}

async fn unfinished_are_those_with_rows_waiting(store: Arc<dyn Store>) {
    let ids = |names: &[&str]| {
        let mut ids: Vec<_> = names.iter().map(|name| contact(name).conversation()).collect();
        ids.sort();
        ids
    };
    assert!(store.unfinished().await.unwrap().is_empty());
    store.accept(&[said("an", "1"), said("an", "2"), said("bo", "1")], at(0)).await.unwrap();
    let mut commit = turn("an", None);
    commit.outbox = vec![send("a")];
    store.commit(commit).await.unwrap();
    store.commit(turn("em", None)).await.unwrap();
    let mut commit = turn("co", None);
    commit.outbox = vec![send("a"), send("b")];
    store.commit(commit).await.unwrap();
    assert_eq!(store.unfinished().await.unwrap(), ids(&["an", "bo", "co"]));
    store.settle(&contact("co").conversation(), u64::MAX, Fate::Over).await.unwrap();
    let mut commit = turn("bo", None);
    commit.consumed = Consumed::Accepted { number: 0 };
    store.commit(commit).await.unwrap();
    assert_eq!(store.unfinished().await.unwrap(), ids(&["an"]));
}

/// A new ticket as it is stored, with the news of it.
fn made(ticket: &Ticket, webhooks: &[WebhookRow]) -> Changed {
    changed(ticket, 1, ticket::Act::Open, webhooks)
}

/// A ticket after its change of this number.
fn changed(ticket: &Ticket, number: u64, act: ticket::Act, webhooks: &[WebhookRow]) -> Changed {
    let mut ticket = ticket.clone();
    ticket.course.changes = number;
    let (status, unit) = (ticket.status, ticket.unit.id.clone());
    let change = Change { number, at: at(0), by: Actor::System, act, status, unit };
    Changed { ticket, change, due: None, told: None, webhooks: webhooks.to_vec() }
}

async fn withdraw(store: &dyn Store, id: &TicketId, webhooks: &[WebhookRow]) -> Result<(), StoreError> {
    let Some(before) = store.ticket(id).await? else { return Ok(()) };
    let number = before.course.changes + 1;
    store.change(&changed(&before.withdrawn(), number, ticket::Act::Withdraw, webhooks)).await
}

/// A ticket of another customer.
fn ticket_of(id: &str, significant: &str) -> Ticket {
    let mut ticket = ticket(id);
    ticket.request.subscriber = Some(Phone::from_significant(significant));
    ticket.request.contact.phone = None;
    ticket
}

async fn a_ticket_is_made_once(store: Arc<dyn Store>) {
    let first = made(&ticket("t_1"), &[webhook("w1", at(0))]);
    let stored = Box::new(first.ticket.clone());
    assert_eq!(store.ticket(&stored.id).await.unwrap(), None);
    assert_eq!(store.create(&first, "f1").await.unwrap(), Created::New { ticket: stored.clone() });
    let other = made(&Ticket { source: "sms".into(), ..ticket("t_1") }, &[webhook("w2", at(0))]);
    let again = store.create(&other, "f2").await.unwrap();
    assert_eq!(again, Created::Existing { ticket: stored.clone(), fingerprint: "f1".into() });
    assert_eq!(store.ticket(&stored.id).await.unwrap(), Some(*stored));
    assert_eq!(store.history(&first.ticket.id).await.unwrap(), [first.change]);
    assert_eq!(store.due_webhooks(at(0), 9).await.unwrap(), [webhook("w1", at(0))]);
}

async fn what_a_customer_asks_for_again_leads_to_the_open_ticket(store: Arc<dyn Store>) {
    let first = made(&ticket("t_1"), &[]);
    store.create(&first, "f1").await.unwrap();
    let again = Ticket { source: "sms".into(), ..ticket("t_2") };
    let repeated = Created::Repeated { ticket: Box::new(first.ticket.clone()) };
    assert_eq!(store.create(&made(&again, &[webhook("w2", at(0))]), "f2").await.unwrap(), repeated);
    assert_eq!(store.ticket(&TicketId::new("t_2")).await.unwrap(), Some(first.ticket.clone()));
    assert_eq!(store.history(&TicketId::new("t_2")).await.unwrap().len(), 1);
    assert_eq!(store.due_webhooks(at(0), 9).await.unwrap(), [], "nothing new");
    // The hand-off tried again is still a repetition.
    let tried_again = store.create(&made(&again, &[]), "f2").await.unwrap();
    assert_eq!(tried_again, Created::Existing { ticket: Box::new(first.ticket.clone()), fingerprint: "f1".into() });

    // Another kind is a ticket of its own, linked; another customer has nothing to do with it.
    let mut advice = ticket("t_3");
    advice.request.kind = TicketKind::Advice;
    let Created::New { ticket: linked } = store.create(&made(&advice, &[]), "").await.unwrap() else { panic!("new") };
    assert_eq!(linked.course.links, [TicketId::new("t_1")]);
    let other = made(&ticket_of("t_4", "912345678"), &[]);
    assert!(
        matches!(store.create(&other, "").await.unwrap(), Created::New { ticket } if ticket.course.links.is_empty())
    );
    let phone = Phone::from_significant("901234567");
    let ids = |tickets: Vec<Ticket>| tickets.into_iter().map(|it| it.id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(store.open_tickets(&phone).await.unwrap()), ["t_1", "t_3"]);

    // Once it is done, the same wish is a new one.
    let done = Ticket { status: TicketStatus::Done, ..first.ticket };
    store.change(&changed(&done, 2, ticket::Act::Resume, &[])).await.unwrap();
    assert_eq!(ids(store.open_tickets(&phone).await.unwrap()), ["t_3"]);
    assert!(matches!(store.create(&made(&ticket("t_5"), &[]), "").await.unwrap(), Created::New { .. }));
}

async fn who_was_shown_a_ticket_is_kept_in_order(store: Arc<dyn Store>) {
    let sight = |ticket: &str, name: &str, seconds: u32| Sight {
        at: at(seconds),
        by: Actor::Partner { name: name.to_owned() },
        ticket: TicketId::new(ticket),
    };
    let all = [sight("t_1", "b", 2), sight("t_1", "a", 1), sight("t_10", "a", 1), sight("t_1", "c", 1)];
    store.saw(&all).await.unwrap();
    store.saw(&all[..1]).await.unwrap();
    let seen = store.sights(&TicketId::new("t_1")).await.unwrap();
    assert_eq!((seen.len(), &seen[2]), (3, &all[0]), "the same sight once");
    assert_eq!(store.sights(&TicketId::new("t_10")).await.unwrap(), all[2..3]);
}

async fn of_two_who_change_a_ticket_at_once_one_wins(store: Arc<dyn Store>) {
    let first = made(&ticket("t_1"), &[]);
    store.create(&first, "").await.unwrap();
    let accepted = Ticket { status: TicketStatus::Accepted, ..first.ticket.clone() };
    let outcomes: Vec<bool> = futures(2, |_| {
        let (store, change) = (store.clone(), changed(&accepted, 2, ticket::Act::Accept, &[]));
        async move { store.change(&change).await.is_ok() }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|done| **done).count(), 1, "{outcomes:?}");
    assert_eq!(store.history(&first.ticket.id).await.unwrap().len(), 2);
    let unknown = changed(&ticket("t_9"), 2, ticket::Act::Accept, &[]);
    assert!(matches!(store.change(&unknown).await, Err(StoreError::Conflict)));
}

/// So many of these at the same time.
async fn futures<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    count: usize,
    make: impl Fn(usize) -> F,
) -> Vec<T> {
    let mut all = tokio::task::JoinSet::new();
    (0..count).for_each(|ix| drop(all.spawn(make(ix))));
    all.join_all().await
}

async fn tickets_are_listed_by_unit_and_status_and_by_the_time_that_moves_them(store: Arc<dyn Store>) {
    let unit = |id: &str| Unit { id: UnitId::new(id), kind: UnitKind::Shop, name: id.to_uppercase(), phone: None };
    let day = Day::of(2026, 11, 26).unwrap();
    let put = |ix: u8, id: &str| {
        let mut it = ticket_of(&format!("t_{ix}"), &format!("91234567{ix}"));
        (it.unit, it.created_at, it.course.given_on) = (unit(id), at(u32::from(9 - ix)), Some(day));
        Changed { due: Some(at(u32::from(ix))), ..made(&it, &[]) }
    };
    let all: Vec<Changed> = [(1, "u1"), (2, "u1"), (3, "u10"), (4, "u1")].map(|(ix, id)| put(ix, id)).to_vec();
    for one in &all {
        store.create(one, "").await.unwrap();
    }
    let ids = |tickets: Vec<Ticket>| tickets.into_iter().map(|it| it.id.to_string()).collect::<Vec<_>>();
    let u1 = UnitId::new("u1");
    let listed = store.tickets_of(&u1, TicketStatus::New, None, 9).await.unwrap();
    let after = store.tickets_of(&u1, TicketStatus::New, Some(&listed[0]), 1).await.unwrap();
    assert_eq!((ids(listed), ids(after)), (vec!["t_4".into(), "t_2".into(), "t_1".into()], vec!["t_2".to_owned()]));
    assert_eq!(store.holders().await.unwrap(), ["u1", "u10"].map(UnitId::new));
    assert_eq!(store.given(day).await.unwrap(), [(u1.clone(), 3), (UnitId::new("u10"), 1)]);
    let due = |until: u32| {
        let store = store.clone();
        async move { store.tickets_due(at(until), 9).await.unwrap().iter().map(ToString::to_string).collect::<Vec<_>>() }
    };
    assert_eq!(due(3).await, ["t_1", "t_2", "t_3"]);

    // A ticket that moves on leaves every list it stood in.
    let mut moved = all[0].ticket.clone();
    (moved.unit, moved.status) = (unit("u10"), TicketStatus::Accepted);
    store.change(&Changed { due: Some(at(7)), ..changed(&moved, 2, ticket::Act::Accept, &[]) }).await.unwrap();
    assert_eq!(ids(store.tickets_of(&u1, TicketStatus::New, None, 9).await.unwrap()), ["t_4", "t_2"]);
    assert_eq!(ids(store.tickets_of(&moved.unit.id, TicketStatus::Accepted, None, 9).await.unwrap()), ["t_1"]);
    assert_eq!(store.given(day).await.unwrap(), [(u1.clone(), 2), (UnitId::new("u10"), 2)]);
    assert_eq!(due(6).await, ["t_2", "t_3", "t_4"]);
    store.put_due(&moved.id, Some(at(1))).await.unwrap();
    assert_eq!(due(2).await, ["t_1", "t_2"]);
    store.put_due(&moved.id, None).await.unwrap();
    assert_eq!(due(9).await.len(), 3);
    for ix in [1, 3] {
        let ended = Ticket { status: TicketStatus::Cancelled, ..all[ix].ticket.clone() };
        store.change(&changed(&ended, 2, ticket::Act::Cancel, &[])).await.unwrap();
    }
    assert_eq!(store.holders().await.unwrap(), [UnitId::new("u10")], "who has ended ones only holds none");
    store.forget_given(day).await.unwrap();
    assert_eq!(store.given(day).await.unwrap().len(), 2);
    store.forget_given(day.plus(1)).await.unwrap();
    assert_eq!(store.given(day).await.unwrap(), []);
}

async fn a_withdrawn_ticket_holds_nothing_personal(store: Arc<dyn Store>) {
    let first = made(&ticket("t_1"), &[]);
    let id = &first.ticket.id;
    store.create(&first, "f1").await.unwrap();
    let reason = ticket::Act::Pause { reason: "chị Thử hẹn gọi lại".into() };
    let news = WebhookRow { body: r#"{"data":{"id":"t_1"}}"#.into(), ..webhook("w0", at(0)) };
    store.change(&changed(&first.ticket, 2, reason, &[news])).await.unwrap();
    withdraw(store.as_ref(), id, &[webhook("w1", at(0))]).await.unwrap();
    let left = store.ticket(id).await.unwrap().unwrap();
    let place = Address { province: Some("79".into()), ward: Some("26740".into()), ..Address::default() };
    assert_eq!((left.status, left.request.contact.clone()), (TicketStatus::Withdrawn, Profile::default()));
    assert_eq!((left.request.place, left.request.subscriber), (Some(place), None));
    assert_eq!((left.request.slots, left.request.transcript), (Slots::new(), Vec::new()));
    assert_eq!(left.unit, first.ticket.unit);
    let history = store.history(id).await.unwrap();
    assert_eq!(history[1].act, ticket::Act::Pause { reason: String::new() });
    assert_eq!(store.due_webhooks(at(0), 9).await.unwrap(), [webhook("w1", at(0))], "older news of it is gone");
    let phone = Phone::from_significant("901234567");
    assert_eq!(store.open_tickets(&phone).await.unwrap(), []);
}

async fn webhooks_come_in_the_order_in_which_they_are_due(store: Arc<dyn Store>) {
    let rows = [webhook("w1", at(3)), webhook("w2", at(1)), webhook("w3", at(2)), webhook("w4", at(9))];
    store.create(&made(&ticket("t_1"), &rows), "").await.unwrap();
    let due = store.due_webhooks(at(3), 9).await.unwrap();
    assert_eq!(due, [rows[1].clone(), rows[2].clone(), rows[0].clone()]);
    assert_eq!(store.due_webhooks(at(3), 1).await.unwrap(), due[..1]);
    let again = WebhookRow { attempts: 1, due: at(5), ..due[0].clone() };
    store.settle_webhook(&due[0], Some(again.clone())).await.unwrap();
    store.settle_webhook(&due[1], None).await.unwrap();
    store.settle_webhook(&due[1], Some(webhook("w3", at(0)))).await.unwrap(); // second hand: too late
    assert_eq!(store.due_webhooks(at(5), 9).await.unwrap(), [rows[0].clone(), again.clone()]);
    // What is given up is due at no moment, and kept.
    let buried = again.clone().buried(at(6));
    store.settle_webhook(&again, Some(buried.clone())).await.unwrap();
    let end = Timestamp::parse_rfc3339("9999-12-31T00:00:00Z").unwrap();
    assert!(store.due_webhooks(end, 9).await.unwrap().iter().all(|row| row.id != again.id));
    assert_eq!(store.dead_webhooks(9).await.unwrap(), std::slice::from_ref(&buried));
    assert_eq!((buried.buried_at(), again.buried_at()), (Some(at(6)), None));
    store.settle_webhook(&buried, Some(again.clone())).await.unwrap();
    assert_eq!(store.dead_webhooks(9).await.unwrap(), []);
}

fn target(significant: u32, unit: &str) -> Target {
    Target {
        phone: Phone::from_significant(&significant.to_string()),
        name: Some("Trần Thử".into()),
        ward: Some("26740".into()),
        province: Some("79".into()),
        address: None,
        route: None,
        unit: None,
        given_to: UnitId::new(unit),
        state: TargetState::New,
        at: at(0),
    }
}

fn put(new: u64, changed: u64, same: u64) -> PutTargets {
    PutTargets { new, changed, same }
}

async fn a_list_of_targets_put_again_says_the_same_and_keeps_what_happened(store: Arc<dyn Store>) {
    let rows: Vec<Target> = (0..200).map(|number| target(901_000_000 + number, "u1")).collect();
    let phone = &rows[7].phone;
    assert_eq!(store.put_targets("sim4g", &[]).await.unwrap(), put(0, 0, 0));
    assert!(store.target_lists().await.unwrap().is_empty());
    assert_eq!(store.put_targets("sim4g", &rows).await.unwrap(), put(200, 0, 0));
    assert_eq!(store.put_targets("sim4g", &rows).await.unwrap(), put(0, 0, 200));
    assert_eq!(store.target("sim4g", phone).await.unwrap().as_ref(), Some(&rows[7]));
    assert_eq!(store.target("khac", phone).await.unwrap(), None);

    assert_eq!(store.put_targets("tra-sau", &rows[7..8]).await.unwrap(), put(1, 0, 0));
    assert_eq!(store.mark_target(Some("sim4g"), phone, &TargetEvent::Invited, at(1)).await.unwrap(), 1);
    assert_eq!(store.mark_target(Some("sim4g"), phone, &TargetEvent::Invited, at(2)).await.unwrap(), 0);
    let yes = TargetEvent::Answered { yes: true };
    assert_eq!(store.mark_target(None, phone, &yes, at(2)).await.unwrap(), 2);
    let invited_late = store.mark_target(None, phone, &TargetEvent::Invited, at(3)).await.unwrap();
    assert_eq!(
        (invited_late, store.target_lists().await.unwrap()),
        (0, vec!["sim4g".to_owned(), "tra-sau".to_owned()])
    );
    let nobody = Phone::from_significant("999999999");
    assert_eq!(store.mark_target(None, &nobody, &yes, at(2)).await.unwrap(), 0);

    // Later imports keep the state; of a number twice in one the later row counts.
    let said_yes = Target { state: TargetState::SaidYes, at: at(2), ..rows[7].clone() };
    let later: Vec<Target> = rows.iter().map(|row| Target { at: at(5), ..row.clone() }).collect();
    assert_eq!(store.put_targets("sim4g", &later).await.unwrap(), put(0, 0, 200));
    assert_eq!(store.target("sim4g", phone).await.unwrap(), Some(said_yes.clone()));
    let renamed = Target { name: None, ..later[7].clone() };
    assert_eq!(store.put_targets("sim4g", &[later[7].clone(), renamed]).await.unwrap(), put(0, 1, 0));
    let expected = Target { name: None, at: at(5), ..said_yes };
    assert_eq!(store.target("sim4g", phone).await.unwrap(), Some(expected.clone()));
    let both: Vec<_> = store.targets_with(phone).await.unwrap();
    assert_eq!(both.iter().map(|(list, _)| list.as_str()).collect::<Vec<_>>(), ["sim4g", "tra-sau"]);
    assert_eq!(both[0].1, expected);
    assert_eq!(store.count_targets("sim4g").await.unwrap(), [199, 0, 1, 0, 0, 0, 0]);
}

/// Every row of a list, or of a unit in it, read by pages of this size, by number.
async fn all_targets(store: &dyn Store, unit: Option<&str>, page: usize) -> Vec<Target> {
    let unit = unit.map(UnitId::new);
    let mut all: Vec<Target> = Vec::new();
    loop {
        let rows = store.targets_of("sim4g", unit.as_ref(), all.last(), page).await.unwrap();
        assert!(rows.len() <= page);
        if rows.is_empty() {
            all.sort_by(|one, other| one.phone.cmp(&other.phone));
            return all;
        }
        all.extend(rows);
    }
}

async fn the_targets_of_a_unit_are_found_page_by_page(store: Arc<dyn Store>) {
    let mut rows: Vec<Target> =
        (0..300).map(|number| target(901_000_000 + number, ["u1", "u2", "u2"][number as usize % 3])).collect();
    for rows in rows.chunks(77) {
        store.put_targets("sim4g", rows).await.unwrap();
    }
    store.put_targets("khac", &[target(911_111_111, "u1")]).await.unwrap();
    // One moves to a unit that had none, one to a unit that had some.
    (rows[0].given_to, rows[1].given_to) = (UnitId::new("u3"), UnitId::new("u1"));
    assert_eq!(store.put_targets("sim4g", &rows[..3]).await.unwrap(), put(0, 2, 1));
    for page in [1, 7, 1_000] {
        assert_eq!(all_targets(store.as_ref(), None, page).await, rows);
        for unit in ["u1", "u2", "u3", "u4"] {
            let expected: Vec<Target> = rows.iter().filter(|row| row.given_to.as_str() == unit).cloned().collect();
            assert_eq!(all_targets(store.as_ref(), Some(unit), page).await, expected, "{unit} {page}");
        }
    }
}

async fn a_target_follows_its_ticket(store: Arc<dyn Store>) {
    let asked = made(&ticket("t_1"), &[]);
    let state = async || store.target("sim4g", &Phone::from_significant("901234567")).await.unwrap().unwrap().state;
    store.put_targets("sim4g", &[target(901_234_567, "u1"), target(901_234_568, "u1")]).await.unwrap();
    let mut care = ticket("t_0");
    (care.request.kind, care.request.subscriber) = (TicketKind::Care, None);
    store.create(&made(&care, &[]), "").await.unwrap();
    assert_eq!(state().await, TargetState::New, "a person who is wanted is not what a campaign offers");
    store.create(&asked, "").await.unwrap();
    let open = TargetState::Ticket(TicketId::new("t_1"));
    assert_eq!(state().await, open);
    // Asked for again, and put again: still the first ticket.
    store.create(&made(&ticket("t_2"), &[]), "").await.unwrap();
    assert_eq!(store.put_targets("sim4g", &[target(901_234_567, "u1")]).await.unwrap(), put(0, 0, 1));
    assert_eq!(state().await, open);
    // Who comes into a list later has the ticket already.
    store.put_targets("khac", &[target(901_234_567, "u1")]).await.unwrap();
    assert_eq!(store.count_targets("khac").await.unwrap(), [0, 0, 0, 0, 1, 0, 0]);
    let ended = |status| Ticket { status, ..asked.ticket.clone() };
    let act = || ticket::Act::Cancel;
    store.change(&changed(&ended(TicketStatus::Cancelled), 2, act(), &[])).await.unwrap();
    assert_eq!(state().await, TargetState::Ended);
    store.create(&made(&ticket("t_3"), &[]), "").await.unwrap();
    let done = Ticket { id: TicketId::new("t_3"), ..ended(TicketStatus::Done) };
    store.change(&changed(&done, 2, act(), &[])).await.unwrap();
    assert_eq!(state().await, TargetState::Done);
    assert_eq!(store.count_targets("sim4g").await.unwrap(), [1, 0, 0, 0, 0, 1, 0]);
}

async fn what_happens_while_a_list_is_put_is_not_lost(store: Arc<dyn Store>) {
    let rows: Vec<Target> = (0..120).map(|number| target(901_000_000 + number, "u1")).collect();
    store.put_targets("sim4g", &rows).await.unwrap();
    let renamed: Vec<Target> = rows.iter().map(|row| Target { name: None, ..row.clone() }).collect();
    let putting = futures(4, |quarter| {
        let (store, rows) = (store.clone(), renamed.chunks(30).nth(quarter).unwrap().to_vec());
        async move { store.put_targets("sim4g", &rows).await.unwrap() }
    });
    let marking = futures(120, |number| {
        let (store, phone) = (store.clone(), rows[number].phone.clone());
        async move { store.mark_target(None, &phone, &TargetEvent::Invited, at(1)).await.unwrap() }
    });
    let (put_all, marked) = tokio::join!(putting, marking);
    assert_eq!(put_all.iter().map(|put| put.changed).sum::<u64>(), 120);
    assert_eq!(marked.iter().sum::<usize>(), 120);
    let all = all_targets(store.as_ref(), None, 1_000).await;
    assert!(all.iter().all(|row| row.name.is_none() && row.state == TargetState::Invited));
}

async fn a_link_is_claimed_by_one(store: Arc<dyn Store>) {
    let phone = Phone::from_significant("901234567");
    let link = Link { phone, campaign: "goi-ra-4g".into(), expires: at(7), claimed_by: None };
    let mut commit = turn("em", None);
    commit.links = vec![("secret".into(), link.clone())];
    store.commit(commit).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for name in ["an", "bo", "co"] {
        let store = Arc::clone(&store);
        tasks.spawn(async move { store.claim("secret", &contact(name).conversation()).await.unwrap() });
    }
    let got: Vec<Link> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(got.len(), 1);
    let holder = got[0].claimed_by.clone().unwrap();
    assert_eq!(got[0], Link { claimed_by: Some(holder.clone()), ..link });
    assert_eq!(store.claim("secret", &holder).await.unwrap().as_ref(), Some(&got[0]));
    assert_eq!(store.link("secret").await.unwrap().as_ref(), Some(&got[0]));
    assert_eq!(store.claim("unknown", &holder).await.unwrap(), None);
}

async fn the_vault_compares_before_it_replaces(store: Arc<dyn Store>) {
    assert_eq!(store.get("token/zalo/1").await.unwrap(), None);
    assert!(matches!(store.replace("token/zalo/1", Some(b"x"), b"a").await, Err(StoreError::Conflict)));
    store.replace("token/zalo/1", None, b"a").await.unwrap();
    assert!(matches!(store.replace("token/zalo/1", None, b"b").await, Err(StoreError::Conflict)));
    store.replace("token/zalo/1", Some(b"a"), b"").await.unwrap();
    assert_eq!(store.get("token/zalo/1").await.unwrap(), Some(Vec::new()));
}

async fn large_and_strange_values_come_back(store: Arc<dyn Store>) {
    let table = vec![0xa5; 3_000_000];
    store.replace("units", None, &table).await.unwrap();
    store.replace("units", Some(&table), &table[1..]).await.unwrap();
    assert_eq!(store.get("units").await.unwrap().unwrap(), table[1..]);
    let strange = "mid.\0/\u{1F600}".repeat(700);
    assert_eq!(store.accept(&[said("an", &strange)], at(0)).await.unwrap(), [Accepted::New]);
    assert_eq!(store.accept(&[said("an", &strange)], at(0)).await.unwrap(), [Accepted::Duplicate]);
    assert_eq!(store.inbox(&contact("an").conversation(), 1).await.unwrap()[0].inbound.id, strange);
    let too_much = vec![0; 40 << 20];
    assert!(matches!(store.replace("units", Some(&table[1..]), &too_much).await, Err(StoreError::Unavailable(_))));
}

fn revision(hash: &str, by: By, files: &[(&str, &str)]) -> NewRevision {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    NewRevision { hash: hash.into(), files, by, at: at(0), note: format!("ghi chú {hash}") }
}

async fn a_revision_is_published_once_and_never_changes(store: Arc<dyn Store>) {
    assert_eq!(store.in_force().await.unwrap(), None);
    assert_eq!(store.revisions(9).await.unwrap(), []);
    let long = "x".repeat(7 << 20);
    let paths: Vec<String> = (0..6).map(|n| format!("f{n}.yaml")).collect();
    let texts: Vec<String> = (0..6).map(|n| format!("{n}{long}")).collect();
    // More than one write may hold, and the order of the paths is the store's.
    let many: Vec<(&str, &str)> =
        paths.iter().rev().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    assert_eq!(store.publish(&revision("a", By::Folder, &many)).await.unwrap(), 1);
    assert_eq!(store.publish(&revision("a", By::Folder, &many)).await.unwrap(), 1, "it is in force already");
    assert_eq!(store.publish(&revision("b", By::Folder, &[("x.yaml", "flow: x")])).await.unwrap(), 2);
    assert_eq!(store.publish(&revision("a", By::Folder, &many)).await.unwrap(), 3, "a number is never used again");
    let first = store.revision(1).await.unwrap().unwrap();
    assert_eq!((first.published.hash.as_str(), first.published.note.as_str()), ("a", "ghi chú a"));
    let mut sorted: Vec<_> = many.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    sorted.sort();
    assert!(first.files == sorted, "all files came back, sorted by path");
    let numbers: Vec<u32> = store.revisions(2).await.unwrap().iter().map(|revision| revision.number).collect();
    assert_eq!(numbers, [3, 2]);
    assert!(store.revision(0).await.unwrap().is_none() && store.revision(4).await.unwrap().is_none());
}

async fn what_a_command_put_in_force_is_told_from_what_lay_in_the_folder(store: Arc<dyn Store>) {
    let one = |by| revision("a", by, &[("a.yaml", "flow: a")]);
    let in_force = async || store.in_force().await.unwrap().map(|current| (current.number, current.by));
    store.publish(&one(By::Folder)).await.unwrap();
    assert_eq!(in_force().await, Some((1, By::Folder)));
    assert_eq!(store.publish(&one(By::Command)).await.unwrap(), 1);
    assert_eq!(in_force().await, Some((1, By::Command)), "somebody wanted just this");
    assert_eq!(store.publish(&one(By::Folder)).await.unwrap(), 1);
    assert_eq!(in_force().await, Some((1, By::Command)));
    store.publish(&revision("b", By::Folder, &[])).await.unwrap();
    assert!(store.put_in_force(1).await.unwrap());
    assert!(!store.put_in_force(3).await.unwrap() && !store.put_in_force(0).await.unwrap());
    assert_eq!(in_force().await, Some((1, By::Command)));
    assert_eq!(store.publish(&revision("c", By::Command, &[])).await.unwrap(), 3, "going back frees no number");
}

async fn conversations_under_way_are_handed_out_page_by_page(store: Arc<dyn Store>) {
    let session: thoai::domain::session::Session = serde_json::from_value(serde_json::json!({
        "flow": "a", "step": "hoi", "waiting": {"for": "answer"}, "question": {"text": "?"}
    }))
    .unwrap();
    let mut wanted = Vec::new();
    for name in ["an", "binh", "chi", "dung", "em"] {
        let mut turn = turn(name, None);
        turn.conversation.session = (name != "chi").then(|| session.clone());
        wanted.extend((name != "chi").then(|| contact(name).conversation()));
        store.commit(turn).await.unwrap();
    }
    store.accept(&[said("giang", "m1")], at(0)).await.unwrap();
    wanted.sort();
    let mut found = Vec::new();
    loop {
        let page = store.sessions(found.last(), 3).await.unwrap();
        if page.is_empty() {
            break;
        }
        found.extend(page.iter().map(|conversation| conversation.key.conversation()));
    }
    assert_eq!(found, wanted);
}

// ---- what only the store on disk can break ----

#[tokio::test]
async fn a_folder_opened_again_holds_everything() {
    let folder = tempfile::tempdir().unwrap();
    let id = contact("an").conversation();
    let mut version = 0;
    for round in 1..=3 {
        let store = SledStore::open(folder.path()).unwrap();
        let before = store.load(&id).await.unwrap();
        assert_eq!(before.as_ref().map_or(0, |conversation| conversation.version), version);
        for number in 0..20 {
            let mut commit = turn("an", store.load(&id).await.unwrap());
            commit.outbox = vec![send(&"dài ".repeat(700))];
            commit.consumed = Consumed::Fresh { event: format!("{round} {number}"), alias: None };
            store.commit(commit).await.unwrap();
            version += 1;
        }
    }
    let store = SledStore::open(folder.path()).unwrap();
    assert_eq!(store.transcript(&id, 0, 100).await.unwrap().len(), 60);
    assert_eq!(store.outbox(&id, 100).await.unwrap().len(), 60);
    assert!(store.seen(&id, "1 0", at(0)).await.unwrap().is_some());
    assert_eq!(store.unfinished().await.unwrap(), [id]);
}

#[tokio::test]
async fn no_page_leaves_the_log_however_large_the_values() {
    let folder = tempfile::tempdir().unwrap();
    let store = SledStore::open(folder.path()).unwrap();
    for size in [4_000, 20_000, 200_000] {
        for number in 0..40 {
            let name = format!("{size} {number}");
            store.replace(&name, None, &vec![b'x'; size]).await.unwrap();
            store.replace(&name, Some(&vec![b'x'; size]), &vec![b'y'; size]).await.unwrap();
        }
    }
    drop(store);
    assert_eq!(std::fs::read_dir(folder.path().join("blobs")).unwrap().count(), 0);
    let store = SledStore::open(folder.path()).unwrap();
    assert_eq!(store.get("200000 39").await.unwrap().unwrap(), vec![b'y'; 200_000]);
}

#[tokio::test]
async fn a_flipped_byte_is_reported_with_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let id = contact("an").conversation();
    let store = SledStore::open(folder.path()).unwrap();
    store.commit(turn("an", None)).await.unwrap();
    drop(store);
    let raw = sled::open(folder.path()).unwrap();
    let key = format!("c{id}\0c");
    let mut record = raw.get(&key).unwrap().unwrap().to_vec();
    let middle = record.len() / 2;
    record[middle] ^= 1;
    raw.insert(&key, record).unwrap();
    drop(raw);
    let store = SledStore::open(folder.path()).unwrap();
    match store.load(&id).await {
        Err(StoreError::Corrupt { key }) => assert_eq!(key, format!("c{id}\\x00c")),
        other => panic!("{other:?}"),
    }
    assert_eq!(store.transcript(&id, 0, 9).await.unwrap().len(), 1, "the other records are not touched");
}

#[tokio::test]
async fn a_folder_is_opened_by_one_and_in_a_format_we_know() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new").join("store");
    let refusal = |path: &Path| SledStore::open(path).err().expect("refused").to_string();
    let store = SledStore::open(&path).unwrap();
    assert!(refusal(&path).contains("in use by another thoai process"), "{}", refusal(&path));
    drop(store);
    drop(SledStore::open(&path).unwrap());
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o700);
    for (format, words) in [("3", "newer version"), ("1", "does not know"), ("\u{ff}", "does not know")] {
        let raw = sled::open(&path).unwrap();
        raw.insert("!format", format).unwrap();
        drop(raw);
        assert!(refusal(&path).contains(words), "{}", refusal(&path));
    }
    let foreign = folder.path().join("foreign");
    sled::open(&foreign).unwrap().insert("a", "b").unwrap();
    assert!(refusal(&foreign).contains("not a thoai store"));
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    assert!(matches!(SledStore::open(&file), Err(StoreError::Unavailable(_))));
}

// ---- both stores do the same, whatever is asked of them ----

#[derive(Clone, Debug)]
enum Act {
    Accept { events: Vec<(u8, u8)>, day: u32 },
    Commit { of: u8, stale: bool, consumed: u8, event: u8, effects: Vec<u8>, erase: bool, reply: bool, day: u32 },
    Settle { of: u8, number: u64, over: bool },
    Forget { day: u32 },
    Claim { link: u8, by: u8 },
    Replace { name: u8, expected: Option<u8>, size: usize },
    Create { ticket: u8, due: u32 },
    Withdraw { ticket: u8, due: u32 },
    SettleWebhook { day: u32, again: Option<u32> },
    Put { targets: Vec<(u8, u8)>, list: u8, day: u32 },
    Mark { target: u8, list: Option<u8>, event: u8, day: u32 },
    Reopen,
}

fn act() -> impl Strategy<Value = Act> {
    let day = 0_u32..8;
    prop_oneof![
        4 => (prop::collection::vec((0_u8..3, 0_u8..5), 0..4), day.clone())
            .prop_map(|(events, day)| Act::Accept { events, day }),
        6 => ((0_u8..3, prop::bool::weighted(0.1), 0_u8..4, 0_u8..5), (prop::collection::vec(0_u8..5, 0..4),
            prop::bool::weighted(0.15), any::<bool>(), day.clone()))
            .prop_map(|((of, stale, consumed, event), (effects, erase, reply, day))| Act::Commit {
                of, stale, consumed, event, effects, erase, reply, day,
            }),
        3 => (0_u8..3, 0_u64..12, any::<bool>()).prop_map(|(of, number, over)| Act::Settle { of, number, over }),
        1 => day.clone().prop_map(|day| Act::Forget { day }),
        1 => (0_u8..3, 0_u8..3).prop_map(|(link, by)| Act::Claim { link, by }),
        1 => (0_u8..2, prop::option::of(0_u8..3), 0_usize..9_000)
            .prop_map(|(name, expected, size)| Act::Replace { name, expected, size }),
        1 => (0_u8..3, day.clone()).prop_map(|(ticket, due)| Act::Create { ticket, due }),
        1 => (0_u8..3, day.clone()).prop_map(|(ticket, due)| Act::Withdraw { ticket, due }),
        1 => (day.clone(), prop::option::of(day)).prop_map(|(day, again)| Act::SettleWebhook { day, again }),
        2 => (prop::collection::vec((0_u8..4, 0_u8..3), 0..5), 0_u8..2, 0_u32..8)
            .prop_map(|(targets, list, day)| Act::Put { targets, list, day }),
        1 => (0_u8..4, prop::option::of(0_u8..2), 0_u8..3, 0_u32..8)
            .prop_map(|(target, list, event, day)| Act::Mark { target, list, event, day }),
        1 => Just(Act::Reopen),
    ]
}

const NAMES: [&str; 3] = ["an", "bo", "co"];

/// Does the act and tells what came of it.
async fn perform(store: &dyn Store, act: &Act) -> String {
    match act {
        Act::Accept { events, day } => {
            let events: Vec<_> = events.iter().map(|(by, id)| said(NAMES[usize::from(*by)], &id.to_string())).collect();
            format!("{:?}", store.accept(&events, at(*day)).await)
        }
        Act::Commit { of, .. } => {
            let before = store.load(&contact(NAMES[usize::from(*of)]).conversation()).await.unwrap();
            format!("{:?}", store.commit(planned(act, before)).await)
        }
        Act::Settle { of, number, over } => {
            let fate = if *over { Fate::Over } else { Fate::Later { not_before: at(1) } };
            format!("{:?}", store.settle(&contact(NAMES[usize::from(*of)]).conversation(), *number, fate).await)
        }
        Act::Forget { day } => format!("{:?}", store.forget_events(at(*day)).await),
        Act::Claim { link, by } => {
            let by = contact(NAMES[usize::from(*by)]).conversation();
            format!("{:?}", store.claim(&link.to_string(), &by).await)
        }
        Act::Replace { name, expected, size } => {
            let expected = expected.map(|byte| vec![byte; 1 + usize::from(byte) * 4_000]);
            let value = vec![u8::try_from(size / 4_000).unwrap(); 1 + size / 4_000 * 4_000];
            format!("{:?}", store.replace(&name.to_string(), expected.as_deref(), &value).await)
        }
        Act::Create { ticket: id, due } => {
            let webhook = webhook(&format!("made {id}"), at(*due));
            let ticket = ticket_of(&id.to_string(), &format!("90123456{id}"));
            format!("{:?}", store.create(&made(&ticket, &[webhook]), "f").await)
        }
        Act::Withdraw { ticket, due } => {
            let webhook = webhook(&format!("withdrawn {ticket}"), at(*due));
            format!("{:?}", withdraw(store, &TicketId::new(ticket.to_string()), &[webhook]).await)
        }
        Act::SettleWebhook { day, again } => {
            let due = store.due_webhooks(at(*day), 1).await.unwrap();
            let Some(tried) = due.first() else { return String::new() };
            let again = again.map(|day| WebhookRow { attempts: tried.attempts + 1, due: at(day), ..tried.clone() });
            format!("{:?}", store.settle_webhook(tried, again).await)
        }
        Act::Put { targets, list, day } => {
            let row = |(phone, unit): &(u8, u8)| Target {
                at: at(*day),
                ..target(901_234_560 + u32::from(*phone), NAMES[usize::from(*unit)])
            };
            let rows: Vec<Target> = targets.iter().map(row).collect();
            format!("{:?}", store.put_targets(&list.to_string(), &rows).await)
        }
        Act::Mark { target: number, list, event, day } => {
            let event = match event {
                0 => TargetEvent::Invited,
                yes => TargetEvent::Answered { yes: *yes == 1 },
            };
            let (list, phone) =
                (list.map(|list| list.to_string()), target(901_234_560 + u32::from(*number), "an").phone);
            format!("{:?}", store.mark_target(list.as_deref(), &phone, &event, at(*day)).await)
        }
        Act::Reopen => String::new(),
    }
}

fn planned(act: &Act, before: Option<Conversation>) -> Commit {
    let Act::Commit { of, stale, consumed, event, effects, erase, reply, day } = act else { unreachable!() };
    let mut commit = turn(NAMES[usize::from(*of)], before);
    if *stale {
        commit.expected += 1;
        commit.conversation.version += 1;
    }
    commit.consumed = match consumed {
        0 => Consumed::Nothing,
        1 => Consumed::Fresh { event: event.to_string(), alias: None },
        _ => Consumed::Accepted { number: u64::from(*event) },
    };
    commit.outbox = effects
        .iter()
        .map(|effect| match effect {
            0 => Effect::Withdraw { ticket: TicketId::new("0") },
            1 => Effect::HandOff { ticket: Box::new(ticket("0")) },
            2 => call("doi-sim-4g/kiem_tra"),
            _ => send("xin chào"),
        })
        .collect();
    let phone = Phone::from_significant("901234567");
    commit.links = vec![(event.to_string(), Link { phone, campaign: "x".into(), expires: at(9), claimed_by: None })];
    commit.conversation.session = (*event < 3).then(|| session(Some(at(u32::from(*event)))));
    commit.erase = *erase;
    commit.reply = reply.then(|| vec![*event; 3]);
    commit.now = at(*day);
    commit
}

/// Everything a caller can see.
async fn visible(store: &dyn Store) -> String {
    use std::fmt::Write;

    let (unfinished, webhooks) = (store.unfinished().await, store.due_webhooks(at(99), 99).await);
    let due = store.due(at(99), 99).await.unwrap();
    let mut seen = format!("{unfinished:?} {webhooks:?} {due:?}");
    let mut waiting = Vec::new();
    for id in NAMES.iter().map(|name| contact(name).conversation()) {
        let session = store.load(&id).await.unwrap().and_then(|conversation| conversation.session);
        waiting.extend(session.and_then(|session| session.due).map(|due| (due.at, id)));
    }
    waiting.sort();
    assert_eq!(due.into_iter().map(|(id, at)| (at, id)).collect::<Vec<_>>(), waiting, "the index agrees with them");
    for (name, number) in NAMES.iter().zip(0..) {
        let id = contact(name).conversation();
        let text = number.to_string();
        write!(
            seen,
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            store.load(&id).await,
            store.inbox(&id, 99).await,
            store.outbox(&id, 99).await,
            store.transcript(&id, 0, 99).await,
            store.get(&text).await,
            store.link(&text).await,
            (store.ticket(&TicketId::new(&text)).await, store.history(&TicketId::new(&text)).await),
        )
        .unwrap();
        let unit = UnitId::new(name);
        let of_unit = store.targets_of("0", Some(&unit), None, 99).await.unwrap();
        assert!(of_unit.iter().all(|row| row.given_to == unit));
        write!(seen, "{of_unit:?} {:?}", store.targets_of(&text, None, None, 99).await).unwrap();
        for event in 0..5 {
            write!(seen, "{:?}", store.seen(&id, &event.to_string(), at(3)).await).unwrap();
        }
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_store_on_disk_does_what_the_one_in_memory_does(acts in prop::collection::vec(act(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let memory = MemoryStore::new();
            let mut disk = SledStore::open(folder.path()).unwrap();
            for act in &acts {
                if matches!(act, Act::Reopen) {
                    drop(disk);
                    disk = SledStore::open(folder.path()).unwrap();
                }
                prop_assert_eq!(perform(&memory, act).await, perform(&disk, act).await, "{:?}", act);
            }
            prop_assert_eq!(visible(&memory).await, visible(&disk).await);
            Ok(())
        })?;
    }
}
