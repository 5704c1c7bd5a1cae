//! Zalo Official Account: signed events in, consultation messages out, tokens renewed by a single-use pair.
//!
//! Knows Zalo's JSON; must never know what a flow does with it. `webhooks/zalo/README.md` is the contract
//! with its sources, `parse` reads events, `receipt` reads the answers.

use bytes::Bytes;
use http::HeaderMap;
use serde::Serialize;
use std::time::Duration;

use super::signature::verify_zalo;
use super::{Channel, Reading, Receipt, RejectError, Renewed, SendError, Token, Verified, wire};
use crate::domain::contact::ContactKey;
use crate::domain::id::{AccountId, ChannelName};
use crate::domain::limits::{Limits, TextUnit};
use crate::domain::message::{Choice, Outbound};
use crate::domain::time::Timestamp;

mod parse;
mod receipt;

/// What stands under a picture that has no words.
const CAPTION: &str = "Hình ảnh";

/// What the operator tells us about Zalo.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The app's id, part of every signature.
    pub app_id: String,
    /// The app's secret, which renews tokens. Not the secret of the webhooks.
    pub app_secret: Token,
    /// The Official Account; events of others are ignored.
    pub oa_id: AccountId,
    /// The OA secret key of the app's webhook page. Empty: every event is refused.
    pub oa_secret_key: Token,
    /// `https://openapi.zalo.me`
    pub api_url: String,
    /// `https://oauth.zaloapp.com`
    pub oauth_url: String,
    /// The code of the app's domain verification page, [`is_site_code`]; without one no page is shown.
    pub site_code: Option<String>,
}

/// The channel `zalo`.
#[derive(Debug)]
pub struct Zalo {
    name: ChannelName,
    settings: Settings,
}

impl Zalo {
    /// The channel for one app and its Official Account.
    pub fn new(settings: Settings) -> Self {
        Self { name: ChannelName::new("zalo"), settings }
    }
}

impl Channel for Zalo {
    fn name(&self) -> &ChannelName {
        &self.name
    }

    fn limits(&self) -> Limits {
        Limits {
            text: 2_000,
            unit: TextUnit::Char,
            choices: 5,
            choice_title: 100,
            window: Some(Duration::from_secs(7 * 24 * 3600)),
            accents: true,
            pushes: true,
        }
    }

    /// Zalo asks nothing: its console only wants to see that the address answers.
    fn confirm(&self, _query: &str) -> Result<Bytes, RejectError> {
        Ok(Bytes::from_static(b"ok"))
    }

    fn verify(&self, headers: &HeaderMap, body: &Bytes, now: Timestamp) -> Result<Verified, RejectError> {
        verify_zalo(&self.settings.app_id, &self.settings.oa_secret_key, headers, body, now)
    }

    fn parse(&self, payload: &Verified, now: Timestamp) -> Result<Vec<Reading>, RejectError> {
        let reader = parse::Reader { name: &self.name, oa: &self.settings.oa_id, now };
        reader.read(payload.body()).map(|reading| vec![reading])
    }

    fn request(&self, to: &ContactKey, message: &Outbound, token: &Token) -> Option<http::Request<Bytes>> {
        let url = format!("{}/v3.0/oa/message/cs", self.settings.api_url);
        let body = serde_json::to_vec(&Send::new(to, message)).expect("strings alone always serialise");
        wire::post(&url, "application/json", &[("access_token", token.expose())], Bytes::from(body))
    }

    fn probes_unsigned(&self) -> bool {
        true
    }

    /// Zalo's console fetches `zalo_verifier<code>.html`. Nothing of the request is repeated in the page.
    fn site_file(&self, file: &str) -> Option<String> {
        let code = self.settings.site_code.as_deref().filter(|code| is_site_code(code))?;
        let asked = file.strip_prefix("zalo_verifier")?.strip_suffix(".html")?;
        (asked == code).then(|| {
            format!(
                "<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><meta name=\"zalo-platform-site-verification\" content=\"{code}\"><title>Zalo</title></head><body></body></html>\n"
            )
        })
    }

    fn receipt(&self, response: &http::Response<Bytes>) -> Result<Receipt, SendError> {
        receipt::read(response)
    }

    fn renewal(&self, _account: &AccountId, refresh: &Token) -> Option<http::Request<Bytes>> {
        let Settings { app_id, app_secret, oauth_url, .. } = &self.settings;
        let fields = [("refresh_token", refresh.expose()), ("app_id", app_id), ("grant_type", "refresh_token")];
        wire::post(
            &format!("{oauth_url}/v4/oa/access_token"),
            "application/x-www-form-urlencoded",
            &[("secret_key", app_secret.expose())],
            wire::form(&fields),
        )
    }

    fn renewed(&self, response: &http::Response<Bytes>) -> Option<Renewed> {
        receipt::renewed(response)
    }
}

/// Whether this may be a code of Zalo's domain verification: 10 to 64 letters, digits, `_` and `-`.
pub fn is_site_code(code: &str) -> bool {
    (10..=64).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// A sample's body as if the event happened now, for posting it: Zalo signs the time, and old events are
/// refused. `None` when it is no event.
pub fn restamped(sample: &[u8], now: Timestamp) -> Option<Bytes> {
    let mut event = wire::object(sample)?;
    *event.get_mut("timestamp")? = now.millis().to_string().into();
    Some(Bytes::from(event.to_string()))
}

/// The body of a consultation message.
#[derive(Serialize)]
struct Send<'a> {
    recipient: Recipient<'a>,
    message: Message<'a>,
}

#[derive(Serialize)]
struct Recipient<'a> {
    user_id: &'a str,
}

#[derive(Serialize)]
struct Message<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachment: Option<Attachment<'a>>,
}

#[derive(Serialize)]
struct Attachment<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    payload: Payload<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Payload<'a> {
    Buttons { buttons: Vec<Button<'a>> },
    Media { template_type: &'static str, elements: [Element<'a>; 1] },
}

#[derive(Serialize)]
struct Element<'a> {
    media_type: &'static str,
    url: &'a str,
}

#[derive(Serialize)]
struct Button<'a> {
    title: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    payload: &'a str,
}

impl<'a> Send<'a> {
    fn new(to: &'a ContactKey, message: &'a Outbound) -> Self {
        // `hide`, not `show`: the payload comes back as the contact's text, and is not for reading.
        let button =
            |choice: &'a Choice| Button { title: &choice.title, kind: "oa.query.hide", payload: &choice.payload };
        let buttons: Vec<_> = message.choices.iter().map(button).collect();
        let buttons = (!buttons.is_empty()).then_some(Payload::Buttons { buttons });
        let picture = message
            .image
            .as_deref()
            .map(|url| Payload::Media { template_type: "media", elements: [Element { media_type: "image", url }] });
        let attachment = picture.or(buttons).map(|payload| Attachment { kind: "template", payload });
        // A picture is not taken without a caption.
        let text = if message.text.is_empty() { CAPTION } else { &message.text };
        Self { recipient: Recipient { user_id: to.contact.as_str() }, message: Message { text, attachment } }
    }
}
