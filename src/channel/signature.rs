//! The one place where a payload becomes [`Verified`], and where what we send is signed. Comparisons take
//! constant time; an empty secret proves nothing, so everything is refused.
//!
//! Knows each platform's way of signing and nothing else of it. The channels call it from their `verify`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::{Digest, Sha256};
use std::time::Duration;
use subtle::ConstantTimeEq;

use super::{RejectError, Token, wire};
use crate::domain::time::Timestamp;

/// How old a Zalo event may be: its retries come up to two hours later under the first signature.
const ZALO_PAST: Duration = Duration::from_secs(24 * 3600);
/// How far Zalo's clock may run ahead of ours.
const ZALO_AHEAD: Duration = Duration::from_secs(600);
/// How far a Standard Webhooks timestamp may be from our clock, either way.
const STANDARD_TOLERANCE: Duration = Duration::from_secs(300);
/// How many signatures of a Standard Webhooks header are looked at; rotation needs two.
const STANDARD_SIGNATURES: usize = 8;

/// A body whose sender has been proved. Only this module makes one.
#[derive(Clone, Debug)]
pub struct Verified {
    body: Bytes,
}

impl Verified {
    /// The bytes exactly as received.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

/// Messenger: `X-Hub-Signature-256: sha256=` and the HMAC-SHA256 of the body in 64 lower-case hex digits.
/// Capitals are refused: Meta promises none, so whoever sends them is not Meta.
pub(crate) fn verify_messenger(app_secret: &Token, headers: &HeaderMap, body: &Bytes) -> Result<Verified, RejectError> {
    let hex = only(headers, "x-hub-signature-256")
        .and_then(|value| value.strip_prefix(b"sha256="))
        .filter(|hex| !hex.iter().any(u8::is_ascii_uppercase));
    let expected = hmac(app_secret.expose().as_bytes(), &[body]);
    prove(hex.and_then(from_hex), expected, body)
}

/// Zalo: `X-ZEvent-Signature: mac=` and SHA-256(app id, body, the body's `timestamp`, OA secret key), which is
/// no HMAC. The prefix may be missing or in capitals, the digits too; `app_id` in the body must be ours.
pub(crate) fn verify_zalo(
    app_id: &str,
    oa_secret_key: &Token,
    headers: &HeaderMap,
    body: &Bytes,
    now: Timestamp,
) -> Result<Verified, RejectError> {
    let stamp = ZaloStamp::read(body).filter(|stamp| stamp.app_id == app_id).ok_or(RejectError::Unsigned)?;
    if now.since(stamp.at) > ZALO_PAST || stamp.at.since(now) > ZALO_AHEAD {
        return Err(RejectError::Unsigned);
    }
    let hex = only(headers, "x-zevent-signature").map(<[u8]>::trim_ascii).map(without_mac_prefix);
    let expected = zalo_mac(app_id, oa_secret_key.expose(), &stamp.timestamp, body);
    prove(hex.and_then(from_hex), expected, body)
}

/// Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`; one good signature of several will do.
pub(crate) fn verify_standard(
    secret: &[u8],
    headers: &HeaderMap,
    body: &Bytes,
    now: Timestamp,
) -> Result<Verified, RejectError> {
    let text = |name| only(headers, name).and_then(|value| std::str::from_utf8(value).ok());
    let id = text("webhook-id").filter(|id| !id.is_empty()).ok_or(RejectError::Unsigned)?;
    let timestamp = text("webhook-timestamp").ok_or(RejectError::Unsigned)?;
    let at = timestamp.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1000)).map(Timestamp::from_millis);
    let at = at.ok_or(RejectError::Unsigned)?;
    if now.since(at) > STANDARD_TOLERANCE || at.since(now) > STANDARD_TOLERANCE {
        return Err(RejectError::Unsigned);
    }
    let expected = hmac(secret, &[id.as_bytes(), b".", timestamp.as_bytes(), b".", body]);
    text("webhook-signature")
        .into_iter()
        .flat_map(|list| list.split(' ').take(STANDARD_SIGNATURES))
        .filter_map(|signature| BASE64.decode(signature.strip_prefix("v1,")?).ok())
        .find_map(|mac| prove(mac.try_into().ok(), expected, body).ok())
        .ok_or(RejectError::Unsigned)
}

/// The value of `X-Hub-Signature-256` under which Messenger would send this body.
pub fn sign_messenger(app_secret: &Token, body: &[u8]) -> String {
    let mac = hmac(app_secret.expose().as_bytes(), &[body]).unwrap_or_default();
    format!("sha256={}", to_hex(&mac))
}

/// The value of `X-ZEvent-Signature` under which Zalo would send this body; `None` when the body carries no
/// `timestamp` to be signed.
pub fn sign_zalo(app_id: &str, oa_secret_key: &Token, body: &[u8]) -> Option<String> {
    let stamp = ZaloStamp::read(body)?;
    let mac = zalo_mac(app_id, oa_secret_key.expose(), &stamp.timestamp, body)?;
    Some(format!("mac={}", to_hex(&mac)))
}

/// The value of `webhook-signature` for a body sent under this `webhook-id` and this `webhook-timestamp`
/// (seconds, of the attempt). `secret` is the decoded one, see [`standard_secret`].
pub fn sign_standard(secret: &[u8], id: &str, timestamp: i64, body: &[u8]) -> String {
    let mac = hmac(secret, &[id.as_bytes(), b".", timestamp.to_string().as_bytes(), b".", body]).unwrap_or_default();
    format!("v1,{}", BASE64.encode(mac))
}

/// The bytes behind `whsec_` and base64 (the prefix may be missing); `None` when there are none.
pub fn standard_secret(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let bytes = BASE64.decode(text.strip_prefix("whsec_").unwrap_or(text)).ok()?;
    (!bytes.is_empty()).then_some(bytes)
}

/// Two secrets are equal and not empty, found out in constant time.
pub(crate) fn same_secret(ours: &str, theirs: &str) -> bool {
    !ours.is_empty() && bool::from(ours.as_bytes().ct_eq(theirs.as_bytes()))
}

/// What of a Zalo body goes into its signature.
struct ZaloStamp {
    app_id: String,
    /// As printed in the body.
    timestamp: String,
    at: Timestamp,
}

impl ZaloStamp {
    fn read(body: &[u8]) -> Option<Self> {
        /// The two fields; the others are skipped without being kept, for nothing is proved yet.
        #[derive(serde::Deserialize)]
        struct Fields {
            #[serde(default)]
            app_id: serde_json::Value,
            timestamp: serde_json::Value,
        }
        let fields: Fields = serde_json::from_slice(body).ok()?;
        Some(Self {
            app_id: wire::scalar(&fields.app_id).unwrap_or_default(),
            timestamp: wire::scalar(&fields.timestamp)?,
            at: Timestamp::from_millis(wire::millis(&fields.timestamp)?),
        })
    }
}

/// `None` for an empty secret: nobody can sign with it, so nobody can be believed.
fn zalo_mac(app_id: &str, oa_secret_key: &str, timestamp: &str, body: &[u8]) -> Option<[u8; 32]> {
    let mut hash = Sha256::new();
    for part in [app_id.as_bytes(), body, timestamp.as_bytes(), oa_secret_key.as_bytes()] {
        hash.update(part);
    }
    (!oa_secret_key.is_empty()).then(|| hash.finalize().into())
}

/// HMAC-SHA256 over the concatenated parts; `None` for an empty secret, as above.
fn hmac(secret: &[u8], parts: &[&[u8]]) -> Option<[u8; 32]> {
    let mut hash = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).ok()?;
    for part in parts {
        hash.update(part);
    }
    (!secret.is_empty()).then(|| hash.finalize().into_bytes().into())
}

fn prove(given: Option<[u8; 32]>, expected: Option<[u8; 32]>, body: &Bytes) -> Result<Verified, RejectError> {
    match (given, expected) {
        (Some(given), Some(expected)) if bool::from(given.ct_eq(&expected)) => Ok(Verified { body: body.clone() }),
        _ => Err(RejectError::Unsigned),
    }
}

/// The header's value, if it is there exactly once: of two, one is not the platform's.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then_some(first.as_bytes())
}

fn without_mac_prefix(value: &[u8]) -> &[u8] {
    match value.split_at_checked(4) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(b"mac=") => rest.trim_ascii(),
        _ => value,
    }
}

/// Exactly 64 hex digits.
fn from_hex(digits: &[u8]) -> Option<[u8; 32]> {
    let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let digits: &[u8; 64] = digits.try_into().ok()?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

fn to_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;

    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messenger_signs_as_in_the_published_vectors() {
        // Messenger case 7.
        let sign = |body| sign_messenger(&Token::new("sesame"), body);
        assert_eq!(
            sign(b"hello world".as_slice()),
            "sha256=f39034b29165ec6a5104d9aef27266484ab26c8caa7bca8bcb2dd02e8be61b17"
        );
        assert_eq!(
            sign(b"hello world2".as_slice()),
            "sha256=60905fdf409d0b4f721e99f6f25b31567a68a6b45e933d814e17a246be4c5a53"
        );
    }

    #[test]
    fn zalo_signs_a_plain_concatenation() {
        // Zalo vector 4.
        let mac = zalo_mac("X", "Y", "1234567890", b"BODY").unwrap();
        assert_eq!(to_hex(&mac), "2f1ef5aabe67e8396a459ca89562e108ad541f82ba5022c85f645bd6b7220cb9");
        assert_eq!(zalo_mac("X", "", "1234567890", b"BODY"), None);
    }

    #[test]
    fn a_secret_is_read_with_and_without_its_prefix_and_never_empty() {
        assert_eq!(standard_secret("whsec_dGhvYWk="), Some(b"thoai".to_vec()));
        assert_eq!(standard_secret("dGhvYWk="), Some(b"thoai".to_vec()));
        for text in ["", "whsec_", "whsec_#", "whsec_dGhvYWk"] {
            assert_eq!(standard_secret(text), None, "{text}");
        }
    }

    #[test]
    fn hex_is_sixty_four_digits_and_nothing_else() {
        assert_eq!(from_hex("0f".repeat(32).as_bytes()), Some([15; 32]));
        for digits in ["0".repeat(63), "0".repeat(65), "+f".repeat(32), "gg".repeat(32), String::new()] {
            assert_eq!(from_hex(digits.as_bytes()), None, "{digits}");
        }
    }
}
