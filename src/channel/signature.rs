//! The one place where a payload becomes [`Verified`]. Comparisons take constant time.

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

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

/// HMAC-SHA256 over the concatenated parts equals `mac`.
pub(crate) fn hmac_sha256(secret: &[u8], parts: &[&[u8]], mac: &[u8], body: &Bytes) -> Option<Verified> {
    let mut hash = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).ok()?;
    for part in parts {
        hash.update(part);
    }
    hash.verify_slice(mac).ok()?;
    Some(Verified { body: body.clone() })
}
