//! What the whole of the runtime promises, over a store in memory and a channel that cannot send.

use std::sync::atomic::{AtomicBool, Ordering};

use ::http::HeaderMap;
use bytes::Bytes;

use super::*;
use crate::channel::{Delivery, Reading, Receipt, RejectError, SendError, Verified};
use crate::config::Config;
use crate::domain::contact::{ContactKey, Profile};
use crate::domain::conversation::{Conversation, Line, Owner};
use crate::domain::id::{ContactId, TicketId};
use crate::domain::limits::{Limits, TextUnit};
use crate::domain::message::{Event, Inbound, Outbound};
use crate::domain::ticket::{Course, Ticket, TicketKind, TicketRequest, TicketStatus};
use crate::flow::compile::{File, Names, compile};
use crate::flow::{Pause, Verb};
use crate::store::memory::MemoryStore;
use crate::store::{Commit, Consumed, Effect};

/// A channel whose account lacks its settings; `replies` makes it one that answers in the answer.
struct Mute {
    name: ChannelName,
    replies: bool,
}

impl Channel for Mute {
    fn name(&self) -> &ChannelName {
        &self.name
    }

    fn limits(&self) -> Limits {
        Limits {
            text: 100,
            unit: TextUnit::Char,
            choices: 0,
            choice_title: 0,
            window: None,
            accents: true,
            pushes: true,
        }
    }

    fn delivery(&self) -> Delivery {
        if self.replies { Delivery::Reply } else { Delivery::Request }
    }

    fn confirm(&self, _query: &str) -> Result<Bytes, RejectError> {
        Err(RejectError::Unsigned)
    }

    fn verify(&self, _: &HeaderMap, _: &Bytes, _: Timestamp) -> Result<Verified, RejectError> {
        Err(RejectError::Unsigned)
    }

    fn parse(&self, _: &Verified, _: Timestamp) -> Result<Vec<Reading>, RejectError> {
        Err(RejectError::Malformed)
    }

    fn receipt(&self, _: &::http::Response<Bytes>) -> Result<Receipt, SendError> {
        Ok(Receipt::default())
    }

    fn reply(&self, text: &str, _goes_on: bool) -> Bytes {
        Bytes::from(format!("{text} {:?}", clock::random::<8>()))
    }
}

fn key() -> ContactKey {
    let (channel, account) = (ChannelName::new("mute"), AccountId::new("1"));
    ContactKey { channel, account, contact: ContactId::new("2") }
}

fn said(id: &str, alias: Option<&str>) -> Inbound {
    let event = Event::Text { text: "chào em".to_owned() };
    Inbound { key: key(), id: id.to_owned(), alias: alias.map(str::to_owned), at: clock::now(), event }
}

async fn started(store: Arc<dyn Store>, replies: bool) -> Arc<Runtime> {
    Runtime::start(parts(store, replies)).await.unwrap()
}

fn parts(store: Arc<dyn Store>, replies: bool) -> Parts {
    let name = ChannelName::new("mute");
    let channel: Arc<dyn Channel> = Arc::new(Mute { name: name.clone(), replies });
    let settings = Settings {
        public_url: "http://localhost".to_owned(),
        queue: "cskh".to_owned(),
        queues: vec!["cskh".to_owned()],
        service_names: Vec::new(),
        link_valid: Duration::from_secs(60),
        tokens: HashMap::new(),
        endpoints: Vec::new(),
        services: BTreeMap::new(),
        hours: BTreeMap::new(),
        policy: Policy::default(),
    };
    Parts {
        store,
        channels: Channels::from([(name, channel)]),
        flows: Flows::default(),
        places: Arc::new(Gazetteer::official()),
        organisation: Organisation::sample(),
        seal: Seal::new("secret"),
        settings,
    }
}

/// A commit after which a session of this flow, on this channel, was to go on a minute ago.
fn paused(channel: &str, flow: &str) -> Commit {
    let session = serde_json::json!({"flow": flow, "step": "cho", "waiting": {"for": "pause"},
        "question": {"text": ""}, "due": {"at": clock::now().millis() - 60_000, "what": "resume"}});
    let key = ContactKey { channel: ChannelName::new(channel), ..key() };
    let mut commit = first_turn(Vec::new());
    commit.conversation =
        Conversation { version: 1, session: serde_json::from_value(session).unwrap(), ..Conversation::new(key) };
    commit
}

/// A flow that pauses, then speaks.
fn pausing() -> Flows {
    let text = "flow: thu\ntitle: Thử\nentry: {default: true}\nsteps:\n  cho: {say: \"-\"}\n  xong: {end: done, say: \"Xong rồi ạ\"}\n";
    let file = File { path: "flows/thu.yaml".to_owned(), text: text.to_owned() };
    let names = Names { limits: &registry::limits(), queues: &["cskh".to_owned()], services: &[] };
    let mut flows = compile(&[file], names).unwrap().flows;
    flows.flows.get_mut("thu").unwrap().steps[0].verb = Verb::Wait(Pause::Until(0));
    flows
}

pub(super) fn ticket() -> Ticket {
    let request = TicketRequest {
        kind: TicketKind::Care,
        contact: Profile::default(),
        subscriber: None,
        place: None,
        quarantine: false,
        slots: Default::default(),
        transcript: Vec::new(),
    };
    Ticket {
        id: TicketId::of("test", 1, 0),
        status: TicketStatus::New,
        source: "mute".to_owned(),
        conversation: Some(key().conversation()),
        request,
        unit: Organisation::sample().central().unit.clone(),
        why: Vec::new(),
        created_at: clock::now(),
        course: Course::default(),
    }
}

fn first_turn(outbox: Vec<Effect>) -> Commit {
    Commit {
        expected: 0,
        conversation: Conversation { version: 1, ..Conversation::new(key()) },
        entries: Vec::new(),
        outbox,
        consumed: Consumed::Nothing,
        reply: None,
        links: Vec::new(),
        erase: false,
        now: clock::now(),
    }
}

/// Waits for what other tasks bring about.
async fn eventually<F: Future<Output = bool>>(mut it_is: impl FnMut() -> F) {
    let waiting = async {
        while !it_is().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("it comes about");
}

#[tokio::test]
async fn a_ticket_does_not_wait_for_an_account_that_cannot_send() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let message = Outbound { text: "Dạ".to_owned(), choices: Vec::new(), image: None, tag: "1".to_owned() };
    let ticket = ticket();
    let outbox = vec![Effect::Send { message }, Effect::HandOff { ticket: Box::new(ticket.clone()) }];
    store.commit(first_turn(outbox)).await.unwrap();
    let runtime = started(Arc::clone(&store), false).await;
    eventually(|| async { store.ticket(&ticket.id).await.unwrap().is_some() }).await;
    assert_eq!(store.outbox(&key().conversation(), 9).await.unwrap().len(), 2, "both rows wait for their turn");
    runtime.stop().await;
}

#[tokio::test]
async fn a_runtime_at_rest_delivers_nothing() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let ticket = ticket();
    store.commit(first_turn(vec![Effect::HandOff { ticket: Box::new(ticket.clone()) }])).await.unwrap();
    let runtime = Runtime::at_rest(parts(Arc::clone(&store), false));
    runtime.import("units", "", "an", false).await.unwrap_err();
    runtime.stop().await;
    assert_eq!(store.ticket(&ticket.id).await.unwrap(), None);
}

#[tokio::test]
async fn what_was_begun_is_finished_although_nobody_waits_for_it() {
    let runtime = started(Arc::new(MemoryStore::new()), false).await;
    let done = Arc::new(AtomicBool::new(false));
    let mark = Arc::clone(&done);
    let work = runtime.finish_anyway(async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        mark.store(true, Ordering::SeqCst);
        Ok(())
    });
    assert!(tokio::time::timeout(Duration::from_millis(1), work).await.is_err(), "the caller goes away");
    runtime.stop().await;
    assert!(done.load(Ordering::SeqCst), "the stop waited for it");
}

#[tokio::test]
async fn a_repeat_under_either_id_gets_the_reply_of_the_first() {
    let runtime = started(Arc::new(MemoryStore::new()), true).await;
    let first = runtime.take(Delivery::Reply, vec![said("h:s1:0", Some("e:1"))]).await.unwrap().unwrap();
    for repeat in [said("h:s1:0", Some("e:9")), said("h:s1:7", Some("e:1"))] {
        assert_eq!(runtime.take(Delivery::Reply, vec![repeat]).await.unwrap().unwrap(), first);
    }
    let another = runtime.take(Delivery::Reply, vec![said("h:s1:1", Some("e:2"))]).await.unwrap().unwrap();
    assert_ne!(another, first);
}

#[tokio::test]
async fn an_erasure_gives_a_conversation_that_waits_for_a_person_back_to_the_bot() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let mut commit = first_turn(Vec::new());
    commit.conversation.owner = Owner::Queue { queue: "cskh".to_owned(), since: clock::now() };
    store.commit(commit).await.unwrap();
    let runtime = started(Arc::clone(&store), false).await;
    let withdrawn = Inbound { event: Event::Withdraw, ..said("w1", None) };
    runtime.take(Delivery::Request, vec![withdrawn]).await.unwrap();
    let conversation = store.load(&key().conversation()).await.unwrap().unwrap();
    assert_eq!(conversation.owner, Owner::Bot);
    assert_eq!(conversation.consents.len(), 1, "the proof of the withdrawal stays");
}

#[tokio::test]
async fn time_goes_on_for_a_channel_that_is_switched_off_and_its_messages_wait() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let commit = paused("messenger", "thu");
    let id = commit.conversation.key.conversation();
    store.commit(commit).await.unwrap();
    let runtime = Runtime::start(Parts { flows: pausing(), ..parts(Arc::clone(&store), false) }).await.unwrap();
    eventually(|| async { store.due(clock::now(), 9).await.unwrap().is_empty() }).await;
    runtime.stop().await;
    let [row] = store.outbox(&id, 9).await.unwrap().try_into().expect("one message");
    assert!(matches!(row.effect, Effect::Send { message } if message.text == "Xong rồi ạ"));
    let lines = store.transcript(&id, 0, 9).await.unwrap();
    assert!(matches!(&lines[0].line, Line::Contact { event: Event::Due, .. }), "{lines:?}");
    assert_eq!(store.load(&id).await.unwrap().unwrap().last_seen, Timestamp::default(), "nobody was seen");
}

#[tokio::test]
async fn a_moment_that_nothing_comes_of_is_not_asked_for_again_and_leaves_no_line() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let commit = paused("mute", "no-such-flow");
    let id = commit.conversation.key.conversation();
    store.commit(commit).await.unwrap();
    let runtime = started(Arc::clone(&store), false).await;
    eventually(|| async { store.due(clock::now(), 9).await.unwrap().is_empty() }).await;
    runtime.stop().await;
    assert!(store.load(&id).await.unwrap().unwrap().session.is_some(), "what was answered is kept");
    assert_eq!(store.transcript(&id, 0, 9).await.unwrap(), []);
}

#[tokio::test]
async fn a_turn_writes_down_what_it_was_given() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let minute = clock::now().minute();
    let time = |minute: u16| format!("{:02}:{:02}", minute % 1440 / 60, minute % 60);
    let later = format!("routing: {{hours: {{cskh: \"{}-{}\"}}}}", time(minute + 60), time(minute + 120));
    let hours = Config::read(Some(("thoai.yaml", &later)), &[]).unwrap().hours;
    let mut parts = Parts { flows: Flows { revision: 7, ..pausing() }, ..parts(Arc::clone(&store), false) };
    parts.settings.hours = hours;
    let runtime = Runtime::start(parts).await.unwrap();
    let details = |id: &str| {
        let event = Event::Details { name: Some("Trần Thử".to_owned()), phone: None, address: None };
        Inbound { event, ..said(id, None) }
    };
    for id in ["d1", "d2"] {
        runtime.take(Delivery::Request, vec![details(id)]).await.unwrap();
    }
    runtime.stop().await;
    let lines = store.transcript(&key().conversation(), 0, 9).await.unwrap();
    let given = lines.iter().filter_map(|entry| match &entry.line {
        Line::Contact { given, .. } => Some(given.clone()),
        Line::Bot { .. } => None,
    });
    let [first, second] = given.collect::<Vec<_>>().try_into().expect("two events");
    assert_eq!((first.revision, first.closed), (7, vec!["cskh".to_owned()]));
    assert_eq!(first.profile.unwrap().name.as_deref(), Some("Trần Thử"));
    assert_eq!(second.profile, None, "it has not changed since");
}
