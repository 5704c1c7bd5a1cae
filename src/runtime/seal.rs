//! Short tokens that we hand out and know again: signed links and web sessions. A token is its payload
//! followed by a piece of an HMAC-SHA256, in letters, digits, `-` and `_` only, so that it fits any address.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::domain::time::Timestamp;

/// Bytes of the HMAC that travel: forging one takes 2^79 tries on average, each of them a request to us.
const MAC: usize = 10;
/// Longest token worth decoding, in characters.
const LONGEST: usize = 100;

/// Signs and recognises tokens.
#[derive(Clone)]
pub struct Seal {
    secret: Vec<u8>,
}

impl Seal {
    /// With this secret; tokens of another secret are not recognised.
    pub fn new(secret: impl Into<Vec<u8>>) -> Self {
        Self { secret: secret.into() }
    }

    /// The token for `payload`, good for `purpose` only.
    pub fn seal(&self, purpose: &str, payload: &[u8]) -> String {
        let mut bytes = payload.to_vec();
        bytes.extend_from_slice(&self.mac(purpose, payload));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The payload of a token made for this purpose.
    pub fn open(&self, purpose: &str, token: &str) -> Option<Vec<u8>> {
        if token.len() > LONGEST {
            return None;
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let mac = bytes.split_off(bytes.len().checked_sub(MAC)?);
        bool::from(self.mac(purpose, &bytes).ct_eq(mac.as_slice())).then_some(bytes)
    }

    /// A signed link that expires: four bytes of moment, eight of chance.
    pub fn link(&self, expires: Timestamp, chance: [u8; 8]) -> String {
        let seconds = u32::try_from(expires.seconds()).unwrap_or(u32::MAX);
        let mut payload = seconds.to_be_bytes().to_vec();
        payload.extend_from_slice(&chance);
        self.seal("link", &payload)
    }

    /// Whether this is a link of ours that is still good.
    pub fn is_link(&self, token: &str, now: Timestamp) -> bool {
        self.open("link", token)
            .and_then(|payload| payload.get(..4)?.try_into().ok())
            .is_some_and(|seconds| i64::from(u32::from_be_bytes(seconds)) > now.seconds())
    }

    fn mac(&self, purpose: &str, payload: &[u8]) -> [u8; MAC] {
        let mut hash = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.secret).expect("any length of key will do");
        hash.update(&(purpose.len() as u64).to_be_bytes());
        hash.update(purpose.as_bytes());
        hash.update(payload);
        let mut mac = [0; MAC];
        mac.copy_from_slice(&hash.finalize().into_bytes()[..MAC]);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_for_its_purpose_only_and_not_when_changed() {
        let seal = Seal::new("secret");
        let token = seal.seal("web", b"payload");
        assert_eq!(seal.open("web", &token).as_deref(), Some(b"payload".as_slice()));
        assert_eq!(seal.open("link", &token), None);
        assert_eq!(Seal::new("other").open("web", &token), None);
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(changed == token || seal.open("web", &changed).is_none(), "position {at}");
        }
        assert_eq!(seal.open("web", ""), None);
        assert_eq!(seal.open("web", &"A".repeat(10_000)), None);
    }

    #[test]
    fn a_link_is_good_until_it_expires_and_fits_any_address() {
        let seal = Seal::new("secret");
        let expires = Timestamp::from_millis(1_795_330_000_000);
        let token = seal.link(expires, [7; 8]);
        assert!(token.len() <= 30 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert!(seal.is_link(&token, Timestamp::from_millis(1_795_329_999_000)));
        assert!(!seal.is_link(&token, expires));
    }
}
