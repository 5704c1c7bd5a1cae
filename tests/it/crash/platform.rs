//! A stand-in for Meta: it takes what the bot sends as the Graph API does, or is down, or keeps the bot
//! waiting; and it posts what customers write, signed.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use thoai::channel::Token;
use thoai::channel::signature::sign_messenger;
use thoai::runtime::clock;
use tokio::sync::watch;

use super::server::{APP_SECRET, PAGE, PATIENCE};

/// How the stand-in treats what the bot sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// Takes it.
    Up,
    /// 503.
    Down,
    /// 429: not for two seconds.
    Busy,
    /// Takes it and gives no answer until the mood changes.
    Slow,
}

/// A message of the bot that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) contact: String,
    /// Our tag, which the platform repeats in its echo.
    pub(super) tag: String,
    pub(super) text: String,
    /// How many servers had ended when it came.
    pub(super) life: usize,
}

#[derive(Default)]
pub(super) struct Record {
    pub(super) sent: Vec<Sent>,
    /// Messages turned away.
    pub(super) refused: usize,
    /// What came on other routes than Messenger's.
    pub(super) prompts: Vec<Value>,
    /// The keys under which a service was called.
    pub(super) calls: Vec<String>,
    life: usize,
}

pub(super) struct Platform {
    shared: Arc<Shared>,
    /// Its base address.
    pub(super) url: String,
    runtime: tokio::runtime::Runtime,
}

struct Shared {
    record: Mutex<Record>,
    changed: Condvar,
    mood: watch::Sender<Mood>,
}

impl Shared {
    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Platform {
    pub(super) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime can be made");
        let shared =
            Arc::new(Shared { record: Mutex::default(), changed: Condvar::new(), mood: watch::Sender::new(Mood::Up) });
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let router = axum::Router::new().fallback(take).with_state(Arc::clone(&shared));
        runtime.spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { shared, url, runtime }
    }

    /// Runs something asynchronous, for want of a better place.
    pub(super) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    pub(super) fn set(&self, mood: Mood) {
        self.shared.mood.send_replace(mood);
    }

    /// A server has ended: what comes from now on is another one's.
    pub(super) fn next_life(&self) {
        self.shared.record().life += 1;
    }

    pub(super) fn record(&self) -> MutexGuard<'_, Record> {
        self.shared.record()
    }

    /// Waits until `done`, or until `broken` says that there is no hope. Returns whether it is done.
    pub(super) fn wait(&self, what: &str, done: impl Fn(&Record) -> bool, broken: impl Fn() -> bool) -> bool {
        let start = clock::now();
        let mut record = self.shared.record();
        while !done(&record) {
            if broken() {
                return false;
            }
            let texts = || record.sent.iter().map(|sent| sent.text.as_str()).collect::<Vec<_>>().join("\n");
            assert!(clock::now().since(start) < PATIENCE, "waited too long for {what}; sent so far:\n{}", texts());
            // Woken by each request; the pause is for looking whether the server still lives.
            let woken = self.shared.changed.wait_timeout(record, Duration::from_millis(25));
            record = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Waits until `done`, come what may.
    pub(super) fn expect(&self, what: &str, done: impl Fn(&Record) -> bool) {
        self.wait(what, done, || false);
    }
}

async fn take(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let key = request.headers().get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    let bytes: Bytes = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let text = |pointer| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    if path == "/prompts" {
        shared.record().prompts.push(body);
        shared.changed.notify_all();
        return (StatusCode::ACCEPTED, r#"{"id":"g-1"}"#).into_response();
    }
    if path.starts_with("/services/") {
        shared.record().calls.push(key.unwrap_or_default());
        shared.changed.notify_all();
        return r#"{"goi": {"ten": "MAX"}}"#.into_response();
    }
    if path == format!("/v25.0/{PAGE}/messenger_profile") {
        return r#"{"result": "success"}"#.into_response();
    }
    assert_eq!(path, format!("/v25.0/{PAGE}/messages"));
    let mut mood = shared.mood.subscribe();
    let now = *mood.borrow_and_update();
    if let Mood::Down | Mood::Busy = now {
        shared.record().refused += 1;
        shared.changed.notify_all();
        return match now {
            Mood::Busy => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "2")]).into_response(),
            _ => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        };
    }
    let (contact, tag) = (text("/recipient/id"), text("/message/metadata"));
    let id = {
        let mut record = shared.record();
        let life = record.life;
        record.sent.push(Sent { contact: contact.clone(), tag, text: text("/message/text"), life });
        record.sent.len()
    };
    shared.changed.notify_all();
    if now == Mood::Slow {
        // The sender lives in `shared`, so waiting cannot fail.
        let _ = mood.wait_for(|mood| *mood != Mood::Slow).await;
    }
    json!({"recipient_id": contact, "message_id": format!("m_{id}")}).to_string().into_response()
}

/// The payload of messages that came together: contact, id, text.
pub(super) fn payload(messages: &[(&str, &str, &str)]) -> String {
    let now = clock::now().millis();
    let events = messages.iter().map(|(contact, mid, text)| {
        json!({
            "sender": {"id": contact}, "recipient": {"id": PAGE}, "timestamp": now,
            "message": {"mid": mid, "text": text},
        })
    });
    wrapped(&events.collect::<Vec<_>>())
}

/// The payload by which the platform repeats a message of ours.
pub(super) fn echo(sent: &Sent) -> String {
    wrapped(&[json!({
        "sender": {"id": PAGE}, "recipient": {"id": sent.contact}, "timestamp": clock::now().millis(),
        "message": {"is_echo": true, "app_id": 1, "metadata": sent.tag, "mid": "m_echo", "text": sent.text},
    })])
}

fn wrapped(events: &[Value]) -> String {
    json!({"object": "page", "entry": [{"id": PAGE, "time": 0, "messaging": events}]}).to_string()
}

/// Posts a payload to the webhook. Returns the status, or an error when there was no answer.
pub(super) fn post(address: &str, payload: &str) -> io::Result<u16> {
    let mut stream = open(address, payload)?;
    stream.write_all(payload.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))
}

/// Sends the head of a webhook request; the payload is still to be written.
pub(super) fn open(address: &str, payload: &str) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let (length, signature) = (payload.len(), sign_messenger(&Token::new(APP_SECRET), payload.as_bytes()));
    write!(
        stream,
        "POST /webhooks/messenger HTTP/1.1\r\nhost: bot.example\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\nx-hub-signature-256: {signature}\r\n\r\n"
    )?;
    Ok(stream)
}
