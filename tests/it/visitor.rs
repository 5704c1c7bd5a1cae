//! Someone with the chatbox open: a real WebSocket to the server.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its world has to fail")]

use std::collections::VecDeque;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use thoai::channel::web::WebChat;
use thoai::domain::id::ConversationId;

use crate::house::{Heard, House};
use crate::stand_in::PATIENCE;

/// A browser.
pub(crate) struct Visitor {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// What the server knows this browser by next time.
    pub(crate) session: String,
    heard: VecDeque<Value>,
    last: Option<Heard>,
    count: u64,
}

impl Visitor {
    /// Opens the chatbox, perhaps through a link, perhaps as somebody who was here before.
    pub(crate) async fn open(house: &House, reference: Option<&str>, session: Option<&str>) -> Self {
        let (socket, _) = connect_async(format!("{}/chat/ws", house.url.replace("http", "ws"))).await.unwrap();
        let heard = VecDeque::new();
        let mut visitor = Self { socket, session: String::new(), heard, last: None, count: 0 };
        let hello = json!({"type": "hello", "session": session, "ref": reference, "id": house.unique().to_string()});
        visitor.send(&hello).await;
        let welcome = visitor.frame().await;
        assert_eq!(welcome["type"], "welcome", "{welcome}");
        welcome["session"].as_str().unwrap().clone_into(&mut visitor.session);
        visitor
    }

    /// The conversation behind the browser's session, as the seal names it.
    pub(crate) fn id(&self, house: &House) -> ConversationId {
        let name = house.runtime.seal().open("web", &self.session).unwrap();
        WebChat::new().contact(std::str::from_utf8(&name).unwrap()).conversation()
    }

    pub(crate) async fn says(&mut self, text: &str) {
        self.count += 1;
        let id = format!("b{}", self.count);
        self.send(&json!({"type": "text", "id": id, "text": text})).await;
        self.is_acknowledged(&id).await;
    }

    pub(crate) async fn taps(&mut self, title: &str) {
        let last = self.last.clone().expect("something was heard");
        let found = last.choices.iter().find(|choice| choice.0 == title);
        let (title, payload) = found.unwrap_or_else(|| panic!("there is no \"{title}\" in {last:?}")).clone();
        self.count += 1;
        let id = format!("b{}", self.count);
        self.send(&json!({"type": "choice", "id": id, "title": title, "payload": payload})).await;
        self.is_acknowledged(&id).await;
    }

    /// Reads the bot's next message, which must contain these words.
    pub(crate) async fn hears(&mut self, words: &str) -> Heard {
        let entry = loop {
            let frame = match self.heard.pop_front() {
                Some(frame) => frame,
                None => self.frame().await,
            };
            assert_ne!(frame["type"], "error", "{frame}");
            if frame["from"] == "bot" {
                break frame;
            }
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let choices = entry["choices"].as_array().into_iter().flatten();
        let choices = choices.map(|choice| (text(&choice["title"]), text(&choice["payload"]))).collect();
        let heard = Heard { text: text(&entry["text"]), choices, image: entry["image"].as_str().map(str::to_owned) };
        assert!(heard.text.contains(words), "expected \"{words}\", heard {heard:?}");
        self.last = Some(heard.clone());
        heard
    }

    async fn is_acknowledged(&mut self, id: &str) {
        loop {
            let frame = self.frame().await;
            if frame["type"] == "ack" && frame["id"] == id {
                return;
            }
            self.heard.push_back(frame);
        }
    }

    async fn send(&mut self, frame: &Value) {
        self.socket.send(Message::text(frame.to_string())).await.unwrap();
    }

    async fn frame(&mut self) -> Value {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.socket.next());
            let message = next.await.expect("the server says something").unwrap().unwrap();
            // The server also sees whether we are still there; the library answers that.
            if let Message::Text(text) = message {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }
}
