//! Facebook Messenger: signed webhooks in, the Send API out.
//!
//! Knows Meta's JSON; must never know what a flow does with it. `webhooks/messenger/README.md` is the
//! contract with its sources, `parse` reads events, `receipt` reads the Send API's answers.

use bytes::Bytes;
use http::HeaderMap;
use serde::Serialize;
use std::time::Duration;

use super::signature::{same_secret, verify_messenger};
use super::{Channel, Reading, Receipt, RejectError, SendError, Token, Verified, wire};
use crate::domain::contact::ContactKey;
use crate::domain::id::{AccountId, ChannelName};
use crate::domain::limits::{Limits, TextUnit};
use crate::domain::message::{Choice, Outbound};
use crate::domain::time::Timestamp;

mod parse;
mod profile;
mod receipt;

/// The payload of the Get Started button, by which we know that a conversation was opened.
const GET_STARTED: &str = "GET_STARTED";
/// The start of the id of a contact who wrote through a plugin and has no page-scoped id yet.
const USER_REF: &str = "user_ref:";

/// What the operator tells us about Messenger.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What Meta repeats to prove that it was told our address by us.
    pub verify_token: Token,
    /// The app's secret, under which webhooks are signed. Empty: every webhook is refused.
    pub app_secret: Token,
    /// The app's id, by which our own messages are known in echoes. Without it, our metadata is.
    pub app_id: Option<String>,
    /// The pages that are ours; events of others are ignored.
    pub pages: Vec<AccountId>,
    /// `https://graph.facebook.com`
    pub graph_url: String,
    /// The Graph API's version, `v25.0`.
    pub version: String,
}

/// The channel `messenger`.
#[derive(Debug)]
pub struct Messenger {
    name: ChannelName,
    settings: Settings,
}

impl Messenger {
    /// The channel for one app and its pages.
    pub fn new(settings: Settings) -> Self {
        Self { name: ChannelName::new("messenger"), settings }
    }
}

impl Channel for Messenger {
    fn name(&self) -> &ChannelName {
        &self.name
    }

    fn limits(&self) -> Limits {
        Limits {
            // Meta says "less than 2000" without saying of what: UTF-16 units, the strictest likely, and spare.
            text: 1_900,
            unit: TextUnit::Utf16,
            choices: 13,
            choice_title: 20,
            window: Some(Duration::from_secs(24 * 3600)),
            accents: true,
            pushes: true,
        }
    }

    /// Meta's question when the webhook is set up. The challenge goes back as it came, if it is the plain
    /// word Meta promises: anything else could be markup.
    fn confirm(&self, query: &str) -> Result<Bytes, RejectError> {
        let pairs = wire::pairs(query);
        let only = |key: &str| {
            let mut values = pairs.iter().filter(|pair| pair.0 == key).map(|pair| pair.1.as_str());
            values.next().filter(|_| values.next().is_none())
        };
        let plain =
            |text: &&str| text.len() <= 256 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let asked = only("hub.mode") == Some("subscribe");
        let known =
            only("hub.verify_token").is_some_and(|token| same_secret(self.settings.verify_token.expose(), token));
        match only("hub.challenge").filter(plain) {
            Some(challenge) if asked && known => Ok(Bytes::copy_from_slice(challenge.as_bytes())),
            _ => Err(RejectError::Unsigned),
        }
    }

    fn verify(&self, headers: &HeaderMap, body: &Bytes, _now: Timestamp) -> Result<Verified, RejectError> {
        verify_messenger(&self.settings.app_secret, headers, body)
    }

    fn parse(&self, payload: &Verified, now: Timestamp) -> Result<Vec<Reading>, RejectError> {
        parse::Reader { name: &self.name, settings: &self.settings, now }.read(payload.body())
    }

    fn request(&self, to: &ContactKey, message: &Outbound, token: &Token) -> Option<http::Request<Bytes>> {
        let Settings { graph_url, version, .. } = &self.settings;
        let url = format!("{graph_url}/{version}/{}/messages", to.account);
        let body = serde_json::to_vec(&Send::new(to, message)).expect("strings alone always serialise");
        let bearer = format!("Bearer {}", token.expose());
        wire::post(&url, "application/json", &[("authorization", &bearer)], Bytes::from(body))
    }

    fn has_menu(&self) -> bool {
        true
    }

    fn menu(&self, account: &AccountId, menu: &[Choice], token: &Token) -> Option<http::Request<Bytes>> {
        let Settings { graph_url, version, .. } = &self.settings;
        let url = format!("{graph_url}/{version}/{account}/messenger_profile");
        let bearer = format!("Bearer {}", token.expose());
        let (method, body) = profile::body(menu);
        let mut request = wire::post(&url, "application/json", &[("authorization", &bearer)], body)?;
        *request.method_mut() = method;
        Some(request)
    }

    fn receipt(&self, response: &http::Response<Bytes>) -> Result<Receipt, SendError> {
        receipt::read(response)
    }
}

/// The Send API's body, fields in the order of Meta's examples.
#[derive(Serialize)]
struct Send<'a> {
    recipient: Recipient<'a>,
    messaging_type: &'static str,
    message: Message<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Recipient<'a> {
    Id(&'a str),
    UserRef(&'a str),
}

#[derive(Serialize)]
struct Message<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachment: Option<Attachment<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    quick_replies: Vec<QuickReply<'a>>,
    /// Comes back in the echo, so that a message whose answer was lost can be told from one that was not sent.
    metadata: &'a str,
}

/// A picture. It cannot stand in one message with words.
#[derive(Serialize)]
struct Attachment<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    payload: Picture<'a>,
}

#[derive(Serialize)]
struct Picture<'a> {
    url: &'a str,
}

#[derive(Serialize)]
struct QuickReply<'a> {
    content_type: &'static str,
    title: &'a str,
    payload: &'a str,
}

impl<'a> Send<'a> {
    fn new(to: &'a ContactKey, message: &'a Outbound) -> Self {
        let contact = to.contact.as_str();
        let quick_replies = message.choices.iter().map(|choice| QuickReply {
            content_type: "text",
            title: &choice.title,
            payload: &choice.payload,
        });
        Self {
            recipient: contact.strip_prefix(USER_REF).map_or(Recipient::Id(contact), Recipient::UserRef),
            // Never a tag: the engine speaks only inside the window, and HUMAN_AGENT is for humans.
            messaging_type: "RESPONSE",
            message: Message {
                text: &message.text,
                attachment: message.image.as_deref().map(|url| Attachment { kind: "image", payload: Picture { url } }),
                quick_replies: quick_replies.collect(),
                metadata: &message.tag,
            },
        }
    }
}
