//! LiveInfo: prompts pushed to the phone, answered by YES or NO, perhaps going on in the same text session.
//! The gateway's own protocol is not public, so this contract is ours; an adapter goes in front.
//!
//! Replies travel in the answer to the event ([`reply_body`]), prompts by a signed request
//! ([`LiveInfo::prompt_request`]). `webhooks/liveinfo/README.md` is the contract.

use bytes::Bytes;
use http::HeaderMap;
use serde::Serialize;
use serde_json::Value;

use super::signature::{sign_standard, standard_secret, verify_standard};
use super::wire::{self, id, label, words};
use super::{Channel, Delivery, PromptOut, Reading, Receipt, RejectError, SendError, Token, Verified};
use crate::domain::contact::ContactKey;
use crate::domain::id::{AccountId, ChannelName, ContactId};
use crate::domain::limits::{Limits, TextUnit};
use crate::domain::message::{Event, Inbound, PromptOutcome};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

/// How long a customer may take to answer within a session, in seconds.
const MAX_WAIT: u32 = 60;

/// What the operator tells us about LiveInfo.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `whsec_` and base64, shared with the gateway, for both directions. Unreadable: every event is refused.
    pub secret: Token,
    /// Where prompts are posted, without `/prompts`.
    pub gateway_url: String,
}

/// The channel `liveinfo`.
pub struct LiveInfo {
    name: ChannelName,
    account: AccountId,
    /// Decoded; empty when it cannot be.
    secret: Vec<u8>,
    gateway_url: String,
}

impl std::fmt::Debug for LiveInfo {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("LiveInfo").field("gateway_url", &self.gateway_url).finish_non_exhaustive()
    }
}

impl LiveInfo {
    /// The channel for one gateway.
    pub fn new(settings: Settings) -> Self {
        Self {
            name: ChannelName::new("liveinfo"),
            account: AccountId::new("liveinfo"),
            secret: standard_secret(settings.secret.expose()).unwrap_or_default(),
            gateway_url: settings.gateway_url,
        }
    }

    /// The request that shows a prompt, signed as the try `id` (the same at every try) made at `now`; its
    /// answer is read by [`Channel::receipt`]. `None` when the settings cannot be put into one, or hold no
    /// secret: an unsigned prompt must not leave.
    pub fn prompt_request(&self, prompt: &PromptOut, id: &str, now: Timestamp) -> Option<http::Request<Bytes>> {
        /// In the order of the contract.
        #[derive(Serialize)]
        struct Body<'a> {
            prompt_id: &'a str,
            campaign_id: &'a str,
            msisdn: &'a str,
            text: &'a str,
            options: [&'static str; 2],
            valid_until: String,
        }
        if self.secret.is_empty() {
            return None;
        }
        let body = Body {
            prompt_id: &prompt.prompt_id,
            campaign_id: &prompt.campaign_id,
            msisdn: &prompt.msisdn,
            text: &prompt.text,
            options: ["YES", "NO"],
            valid_until: prompt.valid_until.to_rfc3339(),
        };
        let body = serde_json::to_vec(&body).expect("strings alone always serialise");
        let signature = sign_standard(&self.secret, id, now.seconds(), &body);
        let seconds = now.seconds().to_string();
        let headers = [("webhook-id", id), ("webhook-timestamp", &seconds), ("webhook-signature", &signature)];
        wire::post(&format!("{}/prompts", self.gateway_url), "application/json", &headers, Bytes::from(body))
    }

    fn event(&self, event: &Value, now: Timestamp) -> Result<Inbound, String> {
        let contact = msisdn(event).ok_or("msisdn")?;
        let hop = event.get("hop").and_then(wire::number).filter(|hop| *hop >= 0.0).unwrap_or_default() as u64;
        let kind = event["kind"].as_str().unwrap_or_default();
        let outcome = match kind {
            "answer" => PromptOutcome::Answered { raw: words(event, "/raw").unwrap_or_default() },
            "timeout" => PromptOutcome::Timeout,
            "abort" | "user_abort" => PromptOutcome::Aborted,
            "delivered" => PromptOutcome::Delivered,
            "failed" => PromptOutcome::Failed,
            other => return Err(format!("kind.{}", label(other))),
        };
        let by_event = id(event, "/event_id").map(|event| format!("e:{event}"));
        let (id, alias) = match by_place(event, hop, kind) {
            Some(place) => (place, by_event),
            None => (by_event.ok_or("session_id")?, None),
        };
        let happened = match outcome {
            PromptOutcome::Answered { raw } if hop > 0 => Event::Text { text: raw },
            outcome => Event::Prompt {
                campaign: wire::id(event, "/campaign_id").ok_or("campaign_id")?,
                session_open: kind == "answer" && event["transport"] == "ussd",
                outcome,
            },
        };
        Ok(Inbound {
            key: ContactKey {
                channel: self.name.clone(),
                account: self.account.clone(),
                contact: ContactId::new(contact),
            },
            id,
            alias,
            at: event["at"].as_str().and_then(Timestamp::parse_rfc3339).map_or(now, |at| at.min(now)),
            event: happened,
        })
    }
}

impl Channel for LiveInfo {
    fn name(&self) -> &ChannelName {
        &self.name
    }

    fn limits(&self) -> Limits {
        Limits {
            text: 160,
            unit: TextUnit::Char,
            choices: 0,
            choice_title: 0,
            window: None,
            accents: false,
            pushes: false,
        }
    }

    fn delivery(&self) -> Delivery {
        Delivery::Reply
    }

    /// The gateway asks nothing.
    fn confirm(&self, _query: &str) -> Result<Bytes, RejectError> {
        Err(RejectError::Unsigned)
    }

    fn verify(&self, headers: &HeaderMap, body: &Bytes, now: Timestamp) -> Result<Verified, RejectError> {
        verify_standard(&self.secret, headers, body, now)
    }

    fn parse(&self, payload: &Verified, now: Timestamp) -> Result<Vec<Reading>, RejectError> {
        let event = wire::object(payload.body()).ok_or(RejectError::Malformed)?;
        let found = self.event(&event, now);
        Ok(vec![found.map_or_else(|ignored| Reading::Ignored { ignored }, Reading::Inbound)])
    }

    /// What the gateway answered to a prompt.
    fn contact_of(&self, phone: &Phone) -> Option<ContactKey> {
        let contact = ContactId::new(phone.e164().trim_start_matches('+'));
        Some(ContactKey { channel: self.name.clone(), account: self.account.clone(), contact })
    }

    fn prompt(&self, prompt: &PromptOut, now: Timestamp) -> Option<http::Request<Bytes>> {
        self.prompt_request(prompt, &format!("msg_{}", prompt.prompt_id), now)
    }

    fn reply(&self, text: &str, goes_on: bool) -> Bytes {
        reply_body(text, goes_on, if goes_on { MAX_WAIT } else { 0 })
    }

    fn vouches_for(&self, contact: &ContactId) -> Option<Phone> {
        // `parse` lets no other contact in.
        contact.as_str().strip_prefix("84").map(Phone::from_significant)
    }

    fn receipt(&self, response: &http::Response<Bytes>) -> Result<Receipt, SendError> {
        if !response.status().is_success() {
            return Err(wire::refusal(response));
        }
        Ok(Receipt { id: wire::object(response.body()).and_then(|body| id(&body, "/id")) })
    }
}

/// The answer to an event: what the phone shows, whether the session stays open, and for how many seconds.
pub fn reply_body(text: &str, session_goes_on: bool, max_wait_s: u32) -> Bytes {
    #[derive(Serialize)]
    struct Reply<'a> {
        text: &'a str,
        action: &'static str,
        max_wait_s: u32,
    }
    let reply = Reply { text, action: if session_goes_on { "continue" } else { "end" }, max_wait_s };
    Bytes::from(serde_json::to_vec(&reply).expect("strings and numbers always serialise"))
}

/// One event of a session is one hop of one kind; before there is a session, one kind of one prompt.
fn by_place(event: &Value, hop: u64, kind: &str) -> Option<String> {
    let session = || id(event, "/session_id").map(|session| format!("h:{session}:{hop}:{kind}"));
    let prompt = || id(event, "/prompt_id").map(|prompt| format!("p:{prompt}:{kind}"));
    session().or_else(prompt)
}

/// `84901234567`, also from `+84…` and `0…`; the numbering plan is not checked: the network vouches for it.
fn msisdn(event: &Value) -> Option<String> {
    let text = id(event, "/msisdn")?;
    let digits = text.strip_prefix('+').unwrap_or(&text);
    let significant = digits.strip_prefix("84").or_else(|| digits.strip_prefix('0'))?;
    let plausible = (9..=10).contains(&significant.len())
        && significant.bytes().all(|byte| byte.is_ascii_digit())
        && !significant.starts_with('0');
    plausible.then(|| format!("84{significant}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for text in ["84901234567", "+84901234567", "0901234567"] {
            assert_eq!(msisdn(&json!({ "msisdn": text })).as_deref(), Some("84901234567"), "{text}");
        }
        for text in ["901234567", "8490123456x", "849012345678901", "", "+", "840901234567", "0084901234567"] {
            assert_eq!(msisdn(&json!({ "msisdn": text })), None, "{text}");
        }
    }

    #[test]
    fn a_prompt_never_leaves_unsigned() {
        let channel = LiveInfo::new(Settings { secret: Token::new(""), gateway_url: "https://g.example".to_owned() });
        let prompt = PromptOut {
            prompt_id: "p".to_owned(),
            campaign_id: "c".to_owned(),
            msisdn: "84901234567".to_owned(),
            text: "?".to_owned(),
            valid_until: Timestamp::default(),
        };
        assert!(channel.prompt_request(&prompt, "id", Timestamp::default()).is_none());
    }

    #[test]
    fn a_reply_says_whether_the_session_goes_on() {
        assert_eq!(reply_body("Chao", true, 60), r#"{"text":"Chao","action":"continue","max_wait_s":60}"#);
        assert_eq!(reply_body("Chao", false, 0), r#"{"text":"Chao","action":"end","max_wait_s":0}"#);
    }
}
