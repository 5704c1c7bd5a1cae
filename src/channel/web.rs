//! The web chatbox. There is no platform: the browser holds a connection open and is shown the transcript,
//! so nothing is signed, nothing is sent and the words need no fitting.

use bytes::Bytes;
use http::HeaderMap;

use crate::domain::contact::ContactKey;
use crate::domain::id::{AccountId, ChannelName, ContactId};
use crate::domain::limits::{Limits, TextUnit};
use crate::domain::time::Timestamp;

use super::{Channel, Delivery, Reading, Receipt, RejectError, SendError, Verified};

/// The channel behind `/chat`.
pub struct WebChat {
    name: ChannelName,
}

impl WebChat {
    /// The channel's name in flows and configuration.
    pub const NAME: &'static str = "web";

    /// The one web chatbox.
    pub fn new() -> Self {
        Self { name: ChannelName::new(Self::NAME) }
    }

    /// The contact behind a browser's session.
    pub fn contact(&self, session: &str) -> ContactKey {
        let (account, contact) = (AccountId::new(Self::NAME), ContactId::new(session));
        ContactKey { channel: self.name.clone(), account, contact }
    }
}

impl Default for WebChat {
    fn default() -> Self {
        Self::new()
    }
}

impl Channel for WebChat {
    fn name(&self) -> &ChannelName {
        &self.name
    }

    fn limits(&self) -> Limits {
        Limits {
            text: 8000,
            unit: TextUnit::Char,
            choices: 13,
            choice_title: 80,
            window: None,
            accents: true,
            pushes: true,
        }
    }

    fn delivery(&self) -> Delivery {
        Delivery::Push
    }

    fn confirm(&self, _query: &str) -> Result<Bytes, RejectError> {
        Err(RejectError::Unsigned)
    }

    fn verify(&self, _headers: &HeaderMap, _body: &Bytes, _now: Timestamp) -> Result<Verified, RejectError> {
        Err(RejectError::Unsigned)
    }

    fn parse(&self, _payload: &Verified, _now: Timestamp) -> Result<Vec<Reading>, RejectError> {
        Err(RejectError::Malformed)
    }

    fn receipt(&self, _response: &http::Response<Bytes>) -> Result<Receipt, SendError> {
        Err(SendError::Refused { code: "the chatbox is pushed to".to_owned() })
    }
}
