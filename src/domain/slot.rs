//! Values a flow has collected.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::phone::Phone;
use super::time::{Day, TimeWindow};

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
    /// `number`: a whole number.
    Number,
    /// `date`: a day.
    Date,
    /// `time_window`: hours of the day, perhaps of a certain day.
    TimeWindow,
    /// `name`: a person's name.
    Name,
    /// `phone`
    Phone,
    /// `address`
    Address,
    /// `email`
    Email,
    /// `location`: a place on the map.
    Location,
    /// `file`: a picture, a voice message, a document.
    File,
}

impl SlotType {
    /// Every type and its name in flows.
    pub const ALL: [(&'static str, Self); 13] = [
        ("yesno", Self::YesNo),
        ("consent", Self::Consent),
        ("choice", Self::Choice),
        ("text", Self::Text),
        ("number", Self::Number),
        ("date", Self::Date),
        ("time_window", Self::TimeWindow),
        ("name", Self::Name),
        ("phone", Self::Phone),
        ("address", Self::Address),
        ("email", Self::Email),
        ("location", Self::Location),
        ("file", Self::File),
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
    /// Of `number`.
    Number(i64),
    /// Of `date`.
    Date(Day),
    /// Of `time_window`.
    TimeWindow(TimeWindow),
    /// Of `phone`.
    Phone(Phone),
    /// Of `address`.
    Address(Address),
    /// Of `email`, in lower case.
    Email(String),
    /// Of `location`.
    Location(Point),
    /// Of `file`.
    File(Media),
}

impl Value {
    /// Whether a slot of this type can hold it.
    pub fn fits(&self, kind: SlotType) -> bool {
        match self {
            Self::YesNo(_) => matches!(kind, SlotType::YesNo | SlotType::Consent),
            Self::Choice(_) => kind == SlotType::Choice,
            Self::Text(_) => matches!(kind, SlotType::Text | SlotType::Name),
            Self::Number(_) => kind == SlotType::Number,
            Self::Date(_) => kind == SlotType::Date,
            Self::TimeWindow(_) => kind == SlotType::TimeWindow,
            Self::Phone(_) => kind == SlotType::Phone,
            Self::Address(_) => kind == SlotType::Address,
            Self::Email(_) => kind == SlotType::Email,
            Self::Location(_) => kind == SlotType::Location,
            Self::File(_) => kind == SlotType::File,
        }
    }
}

impl Value {
    /// The value as conditions, tickets and services write it: `yes`, an option's key, `+84901234567`,
    /// `2026-11-22`, `08:00-10:00 2026-11-22`.
    pub fn plain(&self) -> String {
        match self {
            Self::YesNo(true) => "yes".to_owned(),
            Self::YesNo(false) => "no".to_owned(),
            Self::Choice(text) | Self::Text(text) | Self::Email(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Date(day) => day.to_iso(),
            Self::TimeWindow(window) => window.plain(),
            Self::Phone(phone) => phone.e164().to_owned(),
            Self::Address(address) => address.one_line(),
            Self::Location(point) => point.shown(),
            Self::File(media) => media.url.clone().unwrap_or_else(|| media.kind.clone()),
        }
    }

    /// Whether it could tell who somebody is: words, numbers to call, places.
    pub fn is_personal(&self) -> bool {
        match self {
            Self::YesNo(_) | Self::Choice(_) | Self::Number(_) | Self::Date(_) | Self::TimeWindow(_) => false,
            Self::Text(_) | Self::Phone(_) | Self::Address(_) | Self::Email(_) | Self::Location(_) | Self::File(_) => {
                true
            }
        }
    }
}

/// A place on the map, in millionths of a degree: a tenth of a metre is near enough, and whole numbers
/// can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// North of the equator, -90,000,000 to 90,000,000.
    pub latitude: i32,
    /// East of Greenwich, -180,000,000 to 180,000,000.
    pub longitude: i32,
}

impl Point {
    /// From degrees; `None` outside the globe.
    pub fn of_degrees(latitude: f64, longitude: f64) -> Option<Self> {
        let on_globe = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
        let millionths = |degrees: f64| (degrees * 1e6).round() as i32;
        on_globe.then(|| Self { latitude: millionths(latitude), longitude: millionths(longitude) })
    }

    /// Latitude and longitude in degrees.
    pub fn degrees(self) -> (f64, f64) {
        (f64::from(self.latitude) / 1e6, f64::from(self.longitude) / 1e6)
    }

    /// As people read it, and as maps take it: `10.776900, 106.700900`.
    pub fn shown(self) -> String {
        let (latitude, longitude) = self.degrees();
        format!("{latitude:.6}, {longitude:.6}")
    }
}

/// Something sent that is no text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// `image`, `audio`, `video`, `file`, `sticker`, `link`, `other`.
    pub kind: String,
    /// Where the platform keeps it, as long as it does; at most 2,048 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
}

/// The slots filled so far, by name.
pub type Slots = BTreeMap<String, Value>;
