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
    /// Three-digit code of the district of before July 2025 that the text named, when it named one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub old_district: Option<String>,
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

    /// Code of the finest unit that is known.
    pub fn place(&self) -> Option<&str> {
        self.ward.as_deref().or(self.province.as_deref())
    }

    /// Name of the commune alone, `Phường Sài Gòn`; empty when unknown.
    pub fn ward_name(&self) -> &str {
        let name = self.ward.as_ref().and_then(|_| self.label.split_once(", "));
        name.map_or("", |(ward, _)| ward)
    }

    /// Name of the ward that the text named, where the commune is called otherwise today.
    pub fn former_name(&self) -> Option<&str> {
        let ward = self.ward_name();
        self.old_ward.as_deref().filter(|old| !ward.is_empty() && *old != ward)
    }

    /// The whole address on one line as people read it, with the name that they know the commune by:
    /// `12 Nguyễn Huệ, Phường Sài Gòn (Phường Bến Nghé cũ), Thành phố Hồ Chí Minh`.
    pub fn shown(&self) -> String {
        let ward = self.ward_name();
        match self.former_name() {
            Some(old) => self.behind_street(&format!("{ward} ({old} cũ){}", &self.label[ward.len()..])),
            None => self.one_line(),
        }
    }

    /// The whole address on one line, street first.
    pub fn one_line(&self) -> String {
        self.behind_street(&self.label)
    }

    fn behind_street(&self, label: &str) -> String {
        match (&self.street, label.is_empty()) {
            (Some(street), false) => format!("{street}, {label}"),
            (Some(street), true) => street.clone(),
            (None, false) => label.to_owned(),
            (None, true) => self.text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_the_name_they_know_beside_the_one_in_force() {
        let address = Address {
            ward: Some("26740".to_owned()),
            street: Some("12 Nguyễn Huệ".to_owned()),
            label: "Phường Sài Gòn, Thành phố Hồ Chí Minh".to_owned(),
            old_ward: Some("Phường Bến Nghé".to_owned()),
            ..Address::default()
        };
        assert_eq!(address.shown(), "12 Nguyễn Huệ, Phường Sài Gòn (Phường Bến Nghé cũ), Thành phố Hồ Chí Minh");
        assert_eq!(address.one_line(), "12 Nguyễn Huệ, Phường Sài Gòn, Thành phố Hồ Chí Minh");
        // A ward that kept its name, and a province alone.
        let kept = Address { old_ward: Some("Phường Sài Gòn".to_owned()), ..address.clone() };
        assert_eq!(kept.shown(), kept.one_line());
        let province = Address { ward: None, label: "Thành phố Hồ Chí Minh".to_owned(), ..address };
        assert_eq!(province.shown(), "12 Nguyễn Huệ, Thành phố Hồ Chí Minh");
    }
}
