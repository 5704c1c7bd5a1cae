//! The web chatbox: its page, and the socket a browser holds open.
//!
//! The browser proves who it is by a sealed token in its first frame, not by a cookie, so a page of
//! another site can open a socket but never somebody's conversation.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;
use tokio::time::MissedTickBehavior;

use crate::channel::Delivery;
use crate::channel::web::WebChat;
use crate::domain::contact::ContactKey;
use crate::domain::conversation::{Entry, Line};
use crate::domain::id::ConversationId;
use crate::domain::message::{Event, Inbound};
use crate::domain::time::Timestamp;
use crate::engine;
use crate::runtime::{Runtime, clock};
use crate::store::StoreError;
use crate::text;

use super::App;
use super::listen::Seat;

/// What a sealed session token is good for.
const PURPOSE: &str = "web";
/// Largest frame taken from a browser, in bytes, and longest text, in characters.
const LARGEST_FRAME: usize = 16 * 1024;
const LONGEST_TEXT: usize = 1000;
/// Longest id a browser may give a message, and longest reference, in bytes.
const LONGEST_ID: usize = 64;
const LONGEST_REFERENCE: usize = 200;
/// How long a browser may take to say who it is.
const HELLO: Duration = Duration::from_secs(10);
/// How often a browser is asked whether it is still there, and how long it may be silent: a laptop that was
/// closed, or a phone that lost its network, says no goodbye.
const ASK: Duration = Duration::from_secs(30);
const SILENT: Duration = Duration::from_secs(75);
/// How long a browser may take to take what it is shown.
const TAKE: Duration = Duration::from_secs(10);
/// Messages taken within a window before the browser is asked to slow down.
const BURST: usize = 20;
const WINDOW: Duration = Duration::from_secs(10);
/// History shown to a browser that has seen nothing, in transcript entries; also the size of one read.
const HISTORY: u64 = 200;

/// `GET /chat`
pub(super) async fn page(State(app): State<Arc<App>>) -> Response {
    let frames = app
        .web
        .iter()
        .flat_map(|web| &web.allowed_sites)
        .fold("'self'".to_owned(), |all, site| format!("{all} {site}"));
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: https:; base-uri 'none'; form-action 'none'; frame-ancestors {frames}"
    );
    let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, policy)], include_str!("chat/page.html"))
        .into_response()
}

/// `GET /chat/chat.css`
pub(super) async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("chat/chat.css"))
}

/// `GET /chat/chat.js`
pub(super) async fn script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("chat/chat.js"))
}

/// `GET /chat/transcript.js`
pub(super) async fn transcript() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("chat/transcript.js"))
}

/// `GET /chat/widget.js`, for any page.
pub(super) async fn widget() -> Response {
    let mut response = asset("text/javascript; charset=utf-8", include_str!("chat/widget.js"));
    let anyone = HeaderValue::from_static("cross-origin");
    response.headers_mut().insert(HeaderName::from_static("cross-origin-resource-policy"), anyone);
    response
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let kind = HeaderValue::from_static(kind);
    let kept = HeaderValue::from_static("public, max-age=300");
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)], text).into_response()
}

/// `GET /c/{token}`: a signed link opens the chatbox; the browser hands the token in with its first frame.
pub(super) async fn link(Path(token): Path<String>) -> Response {
    let plain = token.len() <= LONGEST_ID
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if plain {
        Redirect::to(&format!("/chat?ref={token}")).into_response()
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

/// `GET /chat/ws`
pub(super) async fn socket(
    State(app): State<Arc<App>>,
    seat: Option<Extension<Seat>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade.max_message_size(LARGEST_FRAME).max_frame_size(LARGEST_FRAME).on_upgrade(|socket| async move {
        let _seat = seat;
        let runtime = Arc::clone(&app.runtime);
        tokio::select! {
            () = runtime.stopping() => {}
            () = serve(app, socket) => {}
        }
    })
}

/// What a browser says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Frame {
    Hello { session: Option<String>, r#ref: Option<String>, after: Option<i64>, id: Option<String> },
    Text { id: String, text: String },
    Choice { id: String, payload: String, title: String },
}

/// One browser's connection.
struct Visit {
    runtime: Arc<Runtime>,
    socket: WebSocket,
    key: ContactKey,
    id: ConversationId,
    /// The number of the next entry to show.
    next: u64,
    /// When the latest messages came, for the limit on their number.
    recent: VecDeque<Timestamp>,
}

/// The connection is over.
struct Gone;

async fn serve(app: Arc<App>, mut socket: WebSocket) {
    let Ok(Some(Ok(Message::Text(first)))) = tokio::time::timeout(HELLO, socket.recv()).await else { return };
    let Ok(Frame::Hello { session, r#ref, after, id: opening }) = serde_json::from_str(&first) else {
        let _ = socket.send(error("bad_frame", None)).await;
        return;
    };
    let runtime = Arc::clone(&app.runtime);
    let known =
        session.and_then(|token| runtime.seal().open(PURPOSE, &token)).and_then(|name| String::from_utf8(name).ok());
    let is_new = known.is_none();
    let name = known.unwrap_or_else(|| clock::random::<16>().iter().map(|byte| format!("{byte:02x}")).collect());
    let key = WebChat::new().contact(&name);
    let id = key.conversation();
    let token = runtime.seal().seal(PURPOSE, name.as_bytes());
    let next = after.and_then(|seen| u64::try_from(seen.saturating_add(1)).ok()).unwrap_or(0);
    let mut visit = Visit { runtime, socket, key, id, next, recent: VecDeque::new() };
    // Whatever ends the connection, the browser comes back by itself and goes on where it was.
    let _ = visit.run(&token, r#ref, opening, is_new).await;
}

impl Visit {
    async fn run(
        &mut self,
        token: &str,
        reference: Option<String>,
        opening: Option<String>,
        is_new: bool,
    ) -> Result<(), Gone> {
        let mut moved = self.runtime.watchers.watch(&self.id);
        let menu = engine::menu(&self.runtime.flows());
        self.tell(json!({"type": "welcome", "session": token, "menu": menu})).await?;
        let reference = reference.filter(|reference| !reference.is_empty() && reference.len() <= LONGEST_REFERENCE);
        let silent = self.runtime.store().load(&self.id).await.is_ok_and(|found| found.is_none());
        if reference.is_some() || is_new || silent {
            // A browser that lost the welcome says the same hello again: it opened the page once.
            let opening = opening.filter(|id| id.len() <= LONGEST_ID);
            let opening = opening.unwrap_or_else(|| format!("{:x}", u64::from_be_bytes(clock::random())));
            self.take(&format!("open:{opening}"), Event::Open { reference }).await?;
        }
        self.skip_old_history().await?;
        self.show().await?;
        let mut ask = tokio::time::interval(ASK);
        ask.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = clock::now();
        loop {
            tokio::select! {
                changed = moved.changed() => {
                    changed.map_err(|_| Gone)?;
                    self.show().await?;
                }
                frame = self.socket.recv() => {
                    heard = clock::now();
                    match frame {
                        Some(Ok(Message::Text(text))) => self.hear(&text).await?,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                        Some(Ok(Message::Binary(_))) => self.complain("bad_frame", None).await?,
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(()),
                    }
                }
                _ = ask.tick() => {
                    if clock::now().since(heard) > SILENT {
                        return Ok(());
                    }
                    self.send(Message::Ping(Bytes::new())).await?;
                }
            }
        }
    }

    /// Takes one frame of the browser.
    async fn hear(&mut self, frame: &str) -> Result<(), Gone> {
        let (id, event, length) = match serde_json::from_str(frame) {
            Ok(Frame::Text { id, text }) => {
                let length = text.chars().count();
                (id, Event::Text { text: text::nfc(&text) }, length)
            }
            Ok(Frame::Choice { id, payload, title }) => {
                let length = payload.chars().count().max(title.chars().count());
                (id, Event::Choice { payload, title }, length)
            }
            Ok(Frame::Hello { .. }) | Err(_) => return self.complain("bad_frame", None).await,
        };
        if id.is_empty() || id.len() > LONGEST_ID {
            return self.complain("bad_frame", None).await;
        }
        if length > LONGEST_TEXT {
            return self.complain("too_long", Some(&id)).await;
        }
        if self.is_hasty() {
            return self.complain("busy", Some(&id)).await;
        }
        if self.take(&id, event).await? {
            self.tell(json!({"type": "ack", "id": id})).await?;
        }
        Ok(())
    }

    /// Has the event taken down. False, and the browser told, when nothing can be stored.
    async fn take(&mut self, id: &str, event: Event) -> Result<bool, Gone> {
        let inbound = Inbound { key: self.key.clone(), id: id.to_owned(), alias: None, at: clock::now(), event };
        match self.runtime.take(Delivery::Push, vec![inbound]).await {
            Ok(_) => Ok(true),
            Err(error) => {
                tracing::warn!(conversation = %self.id, %error, "a browser's message could not be stored");
                self.complain("unavailable", Some(id)).await.map(|()| false)
            }
        }
    }

    fn is_hasty(&mut self) -> bool {
        let now = clock::now();
        while self.recent.front().is_some_and(|first| now.since(*first) > WINDOW) {
            self.recent.pop_front();
        }
        if self.recent.len() >= BURST {
            return true;
        }
        self.recent.push_back(now);
        false
    }

    /// A browser that has seen nothing is shown the latest part of a long conversation.
    async fn skip_old_history(&mut self) -> Result<(), Gone> {
        let found = self.runtime.store().load(&self.id).await.map_err(|_| Gone)?;
        if let Some(conversation) = found {
            self.next = self.next.max(conversation.next_entry.saturating_sub(HISTORY));
        }
        Ok(())
    }

    /// Shows what has been said since.
    async fn show(&mut self) -> Result<(), Gone> {
        loop {
            let read: Result<Vec<Entry>, StoreError> =
                self.runtime.store().transcript(&self.id, self.next, HISTORY as usize).await;
            let entries = read.map_err(|_| Gone)?;
            let Some(last) = entries.last() else { return Ok(()) };
            self.next = last.number + 1;
            for entry in &entries {
                if let Some(frame) = shown(entry) {
                    self.tell(frame).await?;
                }
            }
        }
    }

    async fn complain(&mut self, code: &'static str, id: Option<&str>) -> Result<(), Gone> {
        self.send(error(code, id)).await
    }

    async fn tell(&mut self, frame: serde_json::Value) -> Result<(), Gone> {
        self.send(Message::text(frame.to_string())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Gone> {
        match tokio::time::timeout(TAKE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }
}

/// An entry as the browser is shown it; nothing for what a person has nothing to read of.
fn shown(entry: &Entry) -> Option<serde_json::Value> {
    let at = entry.at.to_rfc3339();
    match &entry.line {
        Line::Bot { text, choices, image, .. } => Some(
            json!({"type": "entry", "number": entry.number, "from": "bot", "text": text, "choices": choices, "image": image, "at": at}),
        ),
        Line::Contact { id, event: Event::Text { text: said } | Event::Choice { title: said, .. }, .. } => Some(
            json!({"type": "entry", "number": entry.number, "from": "contact", "id": id, "text": said, "choices": [], "at": at}),
        ),
        Line::Contact { .. } => None,
    }
}

/// What went wrong, with which message where that is known.
fn error(code: &'static str, id: Option<&str>) -> Message {
    let text = match code {
        "too_long" => "Tin nhắn dài quá ạ, anh/chị chia nhỏ giúp em nhé.",
        "busy" => "Anh/chị nhắn hơi nhanh, đợi em vài giây nhé.",
        "unavailable" => "Hệ thống đang bận, tin nhắn sẽ được gửi lại sau ít phút ạ.",
        _ => "Có lỗi kết nối, anh/chị tải lại trang giúp em ạ.",
    };
    Message::text(json!({"type": "error", "code": code, "id": id, "text": text}).to_string())
}
