//! Webhook to acknowledged, by hand: `cargo bench --bench webhook`.
//!
//! Starts the real server and, beside it, a bare axum server that only checks the signature, and drives both
//! with the same requests over 64 connections. Prints turns/s, p50, p99, their ratio, memory and start time.
//! Absolute figures vary between machines; the ratio is what to compare.

#![expect(clippy::disallowed_methods, reason = "measuring is what it is for")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use thoai::channel::{Token, signature};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const SECRET: &str = "bench";
const TOKEN: &str = "token-of-the-bench";
const CONNECTIONS: u64 = 64;
const CONVERSATIONS: u64 = 10_000;
/// What each customer says, in order: five turns of the shipped flow.
const WORDS: [&str; 5] = ["đổi sim", "có", "có", "0901234567", "12 Nguyễn Huệ, phường Bến Nghé, quận 1, TP HCM"];

fn main() {
    if std::env::args().any(|argument| argument == "--bare") {
        return bare();
    }
    if std::env::args().any(|argument| argument == "--sink") {
        return sink();
    }
    let runtime = tokio::runtime::Runtime::new().expect("tokio starts");
    let bare = Server::start(Command::new(std::env::current_exe().expect("this program")).arg("--bare"));
    let ceiling = runtime.block_on(drive(&bare.address, "ceiling", &says));
    println!("bare axum, signature only     {ceiling}");
    drop(bare);

    let sink = Server::start(Command::new(std::env::current_exe().expect("this program")).arg("--sink"));
    for (title, delivers) in [("thoai, replies in the outbox ", false), ("thoai, replies delivered     ", true)] {
        let folder = tempfile::tempdir().expect("a folder");
        let started = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_thoai"));
        command
            .env("THOAI__SERVER__LISTEN", "127.0.0.1:0")
            .env("THOAI__STORE__URL", format!("sled:{}", folder.path().join("data").display()))
            .env("THOAI__CHANNELS__MESSENGER__VERIFY_TOKEN", "v")
            .env("THOAI__CHANNELS__MESSENGER__APP_SECRET", SECRET)
            .env("THOAI__CHANNELS__MESSENGER__GRAPH_URL", format!("http://{}", sink.address))
            .env("THOAI_LOG", "error");
        // A revoked token pauses the page at the first message, so that the others stay in the outbox.
        command
            .env("THOAI__CHANNELS__MESSENGER__PAGES__0__ID", "12")
            .env("THOAI__CHANNELS__MESSENGER__PAGES__0__TOKEN", if delivers { "good" } else { "revoked" });
        let server = Server::start(&mut command);
        let start = started.elapsed();
        let before = server.memory();
        let figures = runtime.block_on(drive(&server.address, if delivers { "delivered" } else { "outbox" }, &says));
        let ratio = ceiling.per_second() / figures.per_second();
        println!("{title} {figures}   1/{ratio:.1} of bare");
        println!(
            "    start {:.2} s, memory {} MiB at start, {} MiB after {CONVERSATIONS} conversations of {} turns",
            start.as_secs_f64(),
            before >> 10,
            server.memory() >> 10,
            WORDS.len()
        );
    }
    tickets(&runtime, &ceiling);
}

/// Tickets through the API: resolved, given to a unit and durable before the answer.
fn tickets(runtime: &tokio::runtime::Runtime, ceiling: &Figures) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_thoai"));
    command
        .env("THOAI__SERVER__LISTEN", "127.0.0.1:0")
        .env("THOAI__STORE__URL", format!("sled:{}", folder.path().join("data").display()))
        .env("THOAI__API__TOKENS__0__NAME", "bench")
        .env("THOAI__API__TOKENS__0__TOKEN", TOKEN)
        .env("THOAI_LOG", "error");
    let server = Server::start(&mut command);
    let figures = runtime.block_on(drive(&server.address, "tickets", &asks));
    println!("thoai, tickets through the API {figures}   1/{:.1} of bare", ceiling.per_second() / figures.per_second());
}

/// The requests of one customer, in a run of this name.
type Customer = dyn Fn(u64, &str) -> Vec<Vec<u8>> + Sync;

/// A conversation on Messenger.
fn says(contact: u64, run: &str) -> Vec<Vec<u8>> {
    let turns = WORDS.iter().enumerate();
    turns.map(|(turn, text)| request(contact, &format!("{run}-{contact}-{turn}"), text)).collect()
}

/// A ticket through the API.
fn asks(contact: u64, _: &str) -> Vec<Vec<u8>> {
    let body = format!(
        r#"{{"kind":"sim_swap","subscriber":"09{:08}","address":"{contact} Nguyễn Huệ, p. Bến Nghé, q1, hcm"}}"#,
        contact + 1_000_000
    );
    let length = body.len();
    let head = format!("POST /api/v1/tickets HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {TOKEN}\r\n");
    let rest = format!("content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}");
    vec![[head, rest].concat().into_bytes()]
}

/// A server in a process of its own.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("it says where it listens");
        let address = line.trim().rsplit("//").next().expect("an address").to_owned();
        Self { child, address }
    }

    /// Resident memory in KiB.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a run came to.
struct Figures {
    turns: usize,
    took: Duration,
    /// Sorted.
    waits: Vec<Duration>,
}

impl Figures {
    fn per_second(&self) -> f64 {
        self.turns as f64 / self.took.as_secs_f64()
    }

    fn percentile(&self, percent: usize) -> f64 {
        self.waits[(self.waits.len() - 1) * percent / 100].as_secs_f64() * 1000.0
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (p50, p99) = (self.percentile(50), self.percentile(99));
        write!(out, "{:>8.0} turns/s   p50 {p50:>6.2} ms   p99 {p99:>6.2} ms", self.per_second())
    }
}

/// Every customer's requests, each connection serving its share of the contacts one after another.
async fn drive(address: &str, run: &str, customer: &'static Customer) -> Figures {
    let next = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let mut connections = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (next, address, run) = (Arc::clone(&next), address.to_owned(), run.to_owned());
        connections.spawn(async move {
            let mut socket = TcpStream::connect(&address).await.expect("the server takes connections");
            socket.set_nodelay(true).expect("a socket option");
            let (mut waits, mut answer) = (Vec::new(), vec![0; 4096]);
            loop {
                let contact = next.fetch_add(1, Ordering::Relaxed);
                if contact >= CONVERSATIONS {
                    return waits;
                }
                for request in customer(contact, &run) {
                    let sent = Instant::now();
                    socket.write_all(&request).await.expect("the server reads");
                    let read = socket.read(&mut answer).await.expect("the server answers");
                    assert!(answer[..read].starts_with(b"HTTP/1.1 20"), "{}", String::from_utf8_lossy(&answer[..read]));
                    waits.push(sent.elapsed());
                }
            }
        });
    }
    let mut waits: Vec<Duration> = connections.join_all().await.concat();
    let took = started.elapsed();
    waits.sort();
    Figures { turns: waits.len(), took, waits }
}

fn request(contact: u64, mid: &str, text: &str) -> Vec<u8> {
    let now = thoai::runtime::clock::now().millis();
    let body = format!(
        r#"{{"object":"page","entry":[{{"id":"12","time":{now},"messaging":[{{"sender":{{"id":"70000{contact}"}},"recipient":{{"id":"12"}},"timestamp":{now},"message":{{"mid":"m_{mid}","text":"{text}"}}}}]}}]}}"#
    );
    let signature = signature::sign_messenger(&Token::new(SECRET), body.as_bytes());
    let length = body.len();
    format!("POST /webhooks/messenger HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\nx-hub-signature-256: {signature}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

/// The least a webhook can do: read the body, check its signature, answer.
fn bare() {
    serve(axum::Router::new().route(
        "/webhooks/messenger",
        post(|headers: HeaderMap, body: Bytes| async move {
            let mut mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(SECRET.as_bytes()).expect("any key");
            mac.update(&body);
            let shown = headers.get("x-hub-signature-256").map(|value| value.as_bytes()).unwrap_or_default();
            let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            if shown.ends_with(hex.as_bytes()) { StatusCode::OK } else { StatusCode::UNAUTHORIZED }
        }),
    ));
}

/// A platform that takes every message sent with a good token.
fn sink() {
    serve(axum::Router::new().fallback(|headers: HeaderMap| async move {
        match headers.get("authorization").map(|value| value.as_bytes()) {
            Some(b"Bearer good") => (StatusCode::OK, r#"{"recipient_id":"1","message_id":"m_1"}"#),
            _ => (StatusCode::BAD_REQUEST, r#"{"error":{"code":190,"message":"revoked"}}"#),
        }
    }));
}

fn serve(router: axum::Router) {
    tokio::runtime::Runtime::new().expect("tokio starts").block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        println!("listening on http://{}", listener.local_addr().expect("an address"));
        axum::serve(listener, router).await.expect("it serves until killed");
    });
}
