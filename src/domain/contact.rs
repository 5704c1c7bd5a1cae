//! The customer, as one account of one channel knows them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::{AccountId, ChannelName, ContactId, ConversationId};
use super::phone::Phone;

/// Where a contact is reached: the three names that make a conversation unique.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ContactKey {
    /// The channel.
    pub channel: ChannelName,
    /// Our account on it.
    pub account: AccountId,
    /// The contact, as that account sees them. On some channels a phone number: never logged.
    pub contact: ContactId,
}

impl ContactKey {
    /// The conversation with this contact.
    pub fn conversation(&self) -> ConversationId {
        ConversationId::of(&self.channel, &self.account, &self.contact)
    }
}

impl fmt::Debug for ContactKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}/{}", self.channel, self.account, self.conversation())
    }
}

/// What is known of a contact, whoever said it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The name the channel or the contact gave.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// The number the contact is reached at.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone: Option<Phone>,
    /// The network vouches for `phone` (LiveInfo, SMS, a signed link); a typed number is not verified.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub phone_verified: bool,
    /// The language the contact asked to be spoken to in.
    #[serde(skip_serializing_if = "Language::is_vietnamese", default)]
    pub language: Language,
}

/// A language texts can be written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Tiếng Việt, which every text has.
    #[default]
    Vi,
    /// English.
    En,
}

impl Language {
    /// Whether it is the language every text has.
    pub fn is_vietnamese(&self) -> bool {
        *self == Self::Vi
    }
}
