//! A phone number that has been understood. Reading one from free text is `text::phone`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A Vietnamese subscriber number. Serialised as E.164, `+84901234567`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// From the significant digits after the trunk prefix (9 for mobiles, 10 for landlines), no
    /// leading zero. The caller (`text::phone`) has checked them against the numbering plan.
    pub fn from_significant(digits: &str) -> Self {
        debug_assert!(digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0'));
        Self(format!("+84{digits}"))
    }

    /// `+84901234567`
    pub fn e164(&self) -> &str {
        &self.0
    }

    /// The digits after the country code: `901234567`.
    fn significant(&self) -> &str {
        self.0.strip_prefix("+84").unwrap_or(&self.0)
    }

    /// Whether it is a fixed line, which can be called and has no SIM: area codes begin with 2, and no mobile
    /// prefix does.
    pub fn is_landline(&self) -> bool {
        self.significant().starts_with('2')
    }

    /// Grouped the way people read it: `0901 234 567`; landlines `024 3825 1234`.
    pub fn national(&self) -> String {
        let digits = self.significant();
        let (area, rest) = match digits.len() {
            9 if !digits.starts_with('2') => digits.split_at(3),
            _ if digits.starts_with("24") || digits.starts_with("28") => digits.split_at(2),
            len if len > 3 => digits.split_at(3),
            _ => return format!("0{digits}"),
        };
        let (middle, end) = rest.split_at(rest.len() / 2);
        format!("0{area} {middle} {end}")
    }

    /// What may be shown in public or written to a log: `090***4567`.
    pub fn masked(&self) -> String {
        let digits = self.significant();
        match (digits.get(..2), digits.get(digits.len().saturating_sub(4)..)) {
            (Some(head), Some(tail)) => format!("0{head}***{tail}"),
            _ => "***".to_owned(),
        }
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_grouped_masked_and_never_printed_in_clear_by_debug() {
        let phone = Phone::from_significant("901234567");
        assert_eq!(phone.e164(), "+84901234567");
        assert_eq!(phone.national(), "0901 234 567");
        assert_eq!(phone.masked(), "090***4567");
        assert_eq!(format!("{phone:?}"), "090***4567");
        assert!(!phone.is_landline());
        let landline = Phone::from_significant("2438251234");
        assert_eq!((landline.national().as_str(), landline.is_landline()), ("024 3825 1234", true));
    }
}
