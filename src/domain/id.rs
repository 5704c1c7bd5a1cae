//! Identifiers: each kind its own type, so that one cannot be passed for another.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps the text of an identifier, as it came.
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(Arc::from(text.as_ref()))
            }

            /// The identifier's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
    };
}

id!(
    /// A channel's name as flows and configuration write it: `web`, `liveinfo`, ...
    ChannelName
);
id!(
    /// Our page, official account or short code on a channel.
    AccountId
);
id!(
    /// A customer as one account of one channel names them (opaque, case-sensitive).
    ContactId
);
id!(
    /// A conversation, `c_` and 24 hex digits; see [`ConversationId::of`].
    ConversationId
);
id!(
    /// A ticket, `t_` and 24 hex digits; see [`TicketId::of`].
    TicketId
);
id!(
    /// A unit of the organisation, chosen by whoever writes the unit table.
    UnitId
);
id!(
    /// A member of staff.
    StaffId
);

impl ConversationId {
    /// The conversation of one contact on one account: always the same id for the same three names,
    /// and no way back from the id to the names without guessing them.
    pub fn of(channel: &ChannelName, account: &AccountId, contact: &ContactId) -> Self {
        Self(digest("c_", &[channel.as_str(), account.as_str(), contact.as_str()]))
    }
}

impl TicketId {
    /// The ticket made by one step of one turn: running that turn again gives the same id.
    pub fn of(source: &str, turn: u64, ordinal: usize) -> Self {
        Self(digest("t_", &[source, &turn.to_string(), &ordinal.to_string()]))
    }
}

/// `prefix` and 24 hex digits of the SHA-256 of the parts, each preceded by its length.
fn digest(prefix: &str, parts: &[&str]) -> Arc<str> {
    use fmt::Write;

    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut text = String::from(prefix);
    for byte in &hash.finalize()[..12] {
        write!(text, "{byte:02x}").expect("writing to a string");
    }
    Arc::from(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let id = |a, b, c| ConversationId::of(&ChannelName::new(a), &AccountId::new(b), &ContactId::new(c));
        assert_ne!(id("web", "12", "3"), id("web", "1", "23"));
        assert_eq!(id("web", "1", "2"), id("web", "1", "2"));
        assert_eq!(id("web", "1", "2").as_str().len(), 26);
    }
}
