//! Floor 2: what the platforms say, translated. Bytes in, bytes out: a channel opens no socket, reads no
//! clock and keeps no state, so every recorded payload in `webhooks/` is a test.
//!
//! Only `channel::<x>` knows platform x's JSON. A payload is parsed only after [`Channel::verify`] has
//! proved who sent it: [`Verified`] cannot be made elsewhere. See `runtime` for when these are called.

use bytes::Bytes;
use http::HeaderMap;
use std::time::Duration;

use crate::domain::contact::ContactKey;
use crate::domain::id::{AccountId, ChannelName, ContactId};
use crate::domain::limits::Limits;
use crate::domain::message::{Choice, Inbound, Outbound};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

pub mod liveinfo;
pub mod messenger;
pub mod render;
pub mod signature;
pub mod split;
pub mod web;
mod wire;
pub mod zalo;

pub use signature::Verified;

/// A platform we receive from and send to.
pub trait Channel: Send + Sync {
    /// The channel's name in flows, routes and configuration.
    fn name(&self) -> &ChannelName;

    /// What one message can carry.
    fn limits(&self) -> Limits;

    /// How replies leave.
    fn delivery(&self) -> Delivery {
        Delivery::Request
    }

    /// Answers the platform's question whether this address is ours (GET). `query` is the raw query string.
    ///
    /// # Errors
    /// `Unsigned` when the question does not carry our secret.
    fn confirm(&self, query: &str) -> Result<Bytes, RejectError>;

    /// Proves that the platform sent `body`, over the bytes exactly as received.
    ///
    /// # Errors
    /// `Unsigned` when it did not, or when that cannot be known.
    fn verify(&self, headers: &HeaderMap, body: &Bytes, now: Timestamp) -> Result<Verified, RejectError>;

    /// Reads a payload into what happened, in the payload's order.
    ///
    /// # Errors
    /// `Malformed` when the payload is not what the platform promises at all; single surprising events
    /// are `Reading::Ignored` instead.
    fn parse(&self, payload: &Verified, now: Timestamp) -> Result<Vec<Reading>, RejectError>;

    /// The request that sends one message. The token travels in a header, never in the address. `None`
    /// where replies do not leave by a request, or where settings or token cannot be put into one.
    fn request(&self, _to: &ContactKey, _message: &Outbound, _token: &Token) -> Option<http::Request<Bytes>> {
        None
    }

    /// What the platform answered to [`Channel::request`], judged by the body first, the status second.
    ///
    /// # Errors
    /// What to do about a message that was not taken.
    fn receipt(&self, response: &http::Response<Bytes>) -> Result<Receipt, SendError>;

    /// The contact this channel reaches by a phone number, on channels that can prompt.
    fn contact_of(&self, _phone: &Phone) -> Option<ContactKey> {
        None
    }

    /// The request that puts a campaign's question on a phone, on channels that can prompt.
    fn prompt(&self, _prompt: &PromptOut, _now: Timestamp) -> Option<http::Request<Bytes>> {
        None
    }

    /// The answer to the event itself, on channels that deliver by [`Delivery::Reply`]; `goes_on` when
    /// the contact is expected to answer it.
    fn reply(&self, _text: &str, _goes_on: bool) -> Bytes {
        Bytes::new()
    }

    /// Whether unsigned requests get a 200 until the first signed one has come: some platforms register an
    /// address only if it answers 200 to a probe that carries no usable signature. Nothing is stored.
    fn probes_unsigned(&self) -> bool {
        false
    }

    /// The page a platform fetches at `/{file}` to see that the domain is ours.
    fn site_file(&self, _file: &str) -> Option<String> {
        None
    }

    /// The number behind a contact's id, on channels whose network vouches for it.
    fn vouches_for(&self, _contact: &ContactId) -> Option<Phone> {
        None
    }

    /// Whether a menu stands beside every conversation of an account, and is ours to set.
    fn has_menu(&self) -> bool {
        false
    }

    /// The request that sets this menu, or takes an empty one away, on channels that have one.
    fn menu(&self, _account: &AccountId, _menu: &[Choice], _token: &Token) -> Option<http::Request<Bytes>> {
        None
    }

    /// The request that trades a refresh token for a new pair; `None` where tokens do not expire.
    fn renewal(&self, _account: &AccountId, _refresh: &Token) -> Option<http::Request<Bytes>> {
        None
    }

    /// Reads the answer to [`Channel::renewal`]; `None` when it holds no complete pair.
    fn renewed(&self, _response: &http::Response<Bytes>) -> Option<Renewed> {
        None
    }
}

/// How a channel's replies leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// By an HTTP request to the platform, through the outbox.
    Request,
    /// In the answer to the event itself, stored under the event's id.
    Reply,
    /// Over a connection the contact holds open; the transcript is the outbox.
    Push,
}

/// A question to be put on somebody's phone.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PromptOut {
    /// Its id: the gateway puts the same id on a phone once.
    pub prompt_id: String,
    /// The campaign, as a flow's `entry.prompts` names it.
    pub campaign_id: String,
    /// The number, `84` first.
    pub msisdn: String,
    /// The words, within the channel's limits.
    pub text: String,
    /// After this moment it is not to be shown any more.
    pub valid_until: Timestamp,
}

/// One event of a payload.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Reading {
    /// Understood.
    Inbound(Inbound),
    /// Knowingly not acted upon.
    Ignored {
        /// The kind, as the platform names it; counted, never answered. Holds no personal data.
        ignored: String,
    },
}

/// Why a payload is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RejectError {
    /// Nothing proves that the platform sent it: answer 401 (or 403), store nothing.
    #[error("the request is not signed with our secret")]
    Unsigned,
    /// The platform sent it but it cannot be read: quarantine and answer 200, for a retry changes nothing.
    #[error("the payload is not readable")]
    Malformed,
}

/// A message the platform took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The platform's id of it, if it gave one.
    pub id: Option<String>,
}

/// Why a message was not taken, named by what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Try this message again, not before `after` where given.
    #[error("try again later ({code})")]
    Retry {
        /// How long the platform asked us to wait.
        after: Option<Duration>,
        /// The platform's code.
        code: String,
    },
    /// Stop all sends of this account for a while, then try again.
    #[error("the account must pause ({code})")]
    Pause {
        /// How long the platform asked us to wait.
        after: Option<Duration>,
        /// The platform's code.
        code: String,
    },
    /// The account cannot send until a person has mended its settings: keep the messages, raise an alarm.
    #[error("the account needs attention ({code})")]
    Halt {
        /// The platform's code.
        code: String,
    },
    /// Renew the token, then send once more.
    #[error("the token has expired ({code})")]
    Renew {
        /// The platform's code.
        code: String,
    },
    /// Send the same words without buttons; of a message that has none, the same as `Refused`.
    #[error("buttons are not accepted ({code})")]
    Plain {
        /// The platform's code.
        code: String,
    },
    /// This message will never be taken; the next one may be.
    #[error("the message was refused ({code})")]
    Refused {
        /// The platform's code.
        code: String,
    },
    /// This contact cannot be reached until they write again: drop what is waiting for them.
    #[error("the contact cannot be reached ({code})")]
    Unreachable {
        /// The platform's code.
        code: String,
    },
}

/// A secret that lets us speak for an account. Never printed.
#[derive(Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Token(String);

impl Token {
    /// Wraps the secret's text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for a request header.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("***")
    }
}

/// A new pair of tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewed {
    /// For sending.
    pub access: Token,
    /// For the next renewal; the old one is spent.
    pub refresh: Token,
    /// How long `access` lasts.
    pub valid: Duration,
}
