//! A postal address that has been understood, wholly or in part. Reading one is `place::resolve`.

use serde::{Deserialize, Serialize};

/// A part an address can lack, in the order in which the missing ones are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AddressPart {
    /// Tỉnh, thành phố.
    Province,
    /// Phường, xã, đặc khu.
    Ward,
    /// House number and street, or hamlet.
    Street,
}

/// An address in the units in force today. Codes are the General Statistics Office's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Two-digit code of the province in force, `79`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub province: Option<String>,
    /// Five-digit code of the commune in force, `26740`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ward: Option<String>,
    /// House number and street as typed, tidied but never re-accented.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub street: Option<String>,
    /// The customer's words.
    pub text: String,
    /// Canonical names from ward to province: `Phường Sài Gòn, Thành phố Hồ Chí Minh`. Empty when unknown.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub label: String,
    /// Full name of the province, when known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub province_name: Option<String>,
    /// The ward of before July 2025 that the text named, when it named one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub old_ward: Option<String>,
    /// Its five-digit code; with it, the old district and province are known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub old_ward_code: Option<String>,
    /// The old ward was divided over several communes and `ward` is its default.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub split: bool,
}

impl Address {
    /// Whether the given part is known.
    pub fn has(&self, part: AddressPart) -> bool {
        match part {
            AddressPart::Province => self.province.is_some(),
            AddressPart::Ward => self.ward.is_some(),
            AddressPart::Street => self.street.is_some(),
        }
    }

    /// The whole address on one line, street first.
    pub fn one_line(&self) -> String {
        match (&self.street, self.label.is_empty()) {
            (Some(street), false) => format!("{street}, {}", self.label),
            (Some(street), true) => street.clone(),
            (None, false) => self.label.clone(),
            (None, true) => self.text.clone(),
        }
    }
}
