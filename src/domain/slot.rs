//! Values a flow has collected.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::phone::Phone;

/// The type of a slot, as flows name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotType {
    /// `yesno`
    #[serde(rename = "yesno")]
    YesNo,
    /// `consent`: a yes/no whose answer is kept as proof.
    Consent,
    /// `choice`: one of the listed options.
    Choice,
    /// `text`: any words.
    Text,
    /// `name`: a person's name.
    Name,
    /// `phone`
    Phone,
    /// `address`
    Address,
}

impl SlotType {
    /// Every type and its name in flows.
    pub const ALL: [(&'static str, Self); 7] = [
        ("yesno", Self::YesNo),
        ("consent", Self::Consent),
        ("choice", Self::Choice),
        ("text", Self::Text),
        ("name", Self::Name),
        ("phone", Self::Phone),
        ("address", Self::Address),
    ];
}

/// A value of one of the slot types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum Value {
    /// Of `yesno` and `consent`.
    YesNo(bool),
    /// The key of the option.
    Choice(String),
    /// Of `text` and `name`.
    Text(String),
    /// Of `phone`.
    Phone(Phone),
    /// Of `address`.
    Address(Address),
}

/// The slots filled so far, by name.
pub type Slots = BTreeMap<String, Value>;
