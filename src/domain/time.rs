//! Moments, local days and parts of days. The clock itself is read in `runtime::clock` only.
//!
//! Local is Vietnamese time: UTC+7 the year round, no summer time.

use std::time::Duration;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, SecondsFormat};
use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970-01-01T00:00:00Z. Stored as a number, shown as RFC 3339.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `millis` milliseconds after the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment moved into the future; stays at the far end instead of overflowing.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The time passed since `earlier`, zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The local day.
    pub fn day(self) -> Day {
        Day(i32::try_from((self.0.saturating_add(ZONE)).div_euclid(DAY)).unwrap_or(i32::MAX))
    }

    /// Minutes since local midnight, 0 to 1439.
    pub fn minute(self) -> u16 {
        u16::try_from(self.0.saturating_add(ZONE).rem_euclid(DAY) / 60_000).unwrap_or(0)
    }

    /// The moment of this minute of a local day.
    pub fn of(day: Day, minute: u16) -> Self {
        Self(i64::from(day.0) * DAY + i64::from(minute) * 60_000 - ZONE)
    }

    /// RFC 3339 in Vietnamese time (UTC+7, no summer time), to the second.
    pub fn to_rfc3339(self) -> String {
        let zone = FixedOffset::east_opt(7 * 3600).expect("seven hours are within a day");
        DateTime::from_timestamp_millis(self.0)
            .unwrap_or_default()
            .with_timezone(&zone)
            .to_rfc3339_opts(SecondsFormat::Secs, false)
    }

    /// Reads RFC 3339; `None` for anything else.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|moment| Self(moment.timestamp_millis()))
    }
}

/// Milliseconds of a day, and by how many local time is ahead of UTC.
const DAY: i64 = 86_400_000;
const ZONE: i64 = 7 * 3_600_000;

/// A local day, counted from 1970-01-01. Stored as `2026-11-22`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Day(i32);

impl Day {
    /// The day of this date; `None` when there is no such date.
    pub fn of(year: i32, month: u32, day: u32) -> Option<Self> {
        Self::of_date(NaiveDate::from_ymd_opt(year, month, day)?)
    }

    /// Reads `2026-11-22`.
    pub fn parse_iso(text: &str) -> Option<Self> {
        Self::of_date(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?)
    }

    fn of_date(date: NaiveDate) -> Option<Self> {
        // Within four digits, so that what is written can be read again.
        (1900..=9999).contains(&date.year()).then_some(Self(date.to_epoch_days()))
    }

    fn date(self) -> NaiveDate {
        NaiveDate::from_epoch_days(self.0).unwrap_or_default()
    }

    /// The day `days` later, or earlier where negative.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Year, month from 1, day from 1.
    pub fn ymd(self) -> (i32, u32, u32) {
        let date = self.date();
        (date.year(), date.month(), date.day())
    }

    /// 0 for Monday to 6 for Sunday.
    pub fn weekday(self) -> u32 {
        self.date().weekday().num_days_from_monday()
    }

    /// `2026-11-22`
    pub fn to_iso(self) -> String {
        self.date().format("%Y-%m-%d").to_string()
    }

    /// As people read it: `22/11/2026`.
    pub fn shown(self) -> String {
        self.date().format("%d/%m/%Y").to_string()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_iso()
    }
}

impl TryFrom<String> for Day {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse_iso(&text).ok_or("not a date of the form 2026-11-22")
    }
}

/// A span of hours somebody is at home, on days that are named or on any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeWindow {
    /// The first day; `None` where no day was named.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first: Option<Day>,
    /// The last day, the first one included.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last: Option<Day>,
    /// From this minute of the day, 0 to 1439.
    pub from: u16,
    /// To this minute of the day, after `from`, at most 1440.
    pub to: u16,
}

impl TimeWindow {
    /// As people read it: `8:00-10:00, 23/11/2026`; a whole day shows no hours.
    pub fn shown(&self) -> String {
        let hours = (self.from > 0 || self.to < 1440).then(|| format!("{}-{}", clock(self.from), clock(self.to)));
        let days = self.first.map(|first| match self.last {
            Some(last) if last != first => format!("{} - {}", first.shown(), last.shown()),
            _ => first.shown(),
        });
        [hours, days].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl TimeWindow {
    /// As tickets and services write it: `08:00-10:00`, `08:00-10:00 2026-11-23`, with two days
    /// `00:00-24:00 2026-11-23/2026-11-24`.
    pub fn plain(&self) -> String {
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let days = match (self.first, self.last) {
            (Some(first), Some(last)) if first != last => format!(" {}/{}", first.to_iso(), last.to_iso()),
            (Some(first), _) => format!(" {}", first.to_iso()),
            (None, _) => String::new(),
        };
        format!("{}-{}{days}", clock(self.from), clock(self.to))
    }
}

/// `17:30` of a minute of the day.
pub fn clock(minute: u16) -> String {
    format!("{}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_day_begins_seven_hours_before_the_one_of_greenwich() {
        let moment = Timestamp::parse_rfc3339("2026-11-22T23:30:00+07:00").unwrap();
        assert_eq!((moment.day().to_iso().as_str(), moment.minute()), ("2026-11-22", 23 * 60 + 30));
        assert_eq!(Timestamp::of(moment.day(), moment.minute()), moment);
        let next = Timestamp::parse_rfc3339("2026-11-22T17:00:00Z").unwrap();
        assert_eq!((next.day(), next.minute()), (moment.day().plus(1), 0));
        assert_eq!((moment.day().weekday(), moment.day().shown().as_str()), (6, "22/11/2026"));
    }

    #[test]
    fn a_day_is_stored_as_its_date_and_nothing_else_is_one() {
        let day = Day::of(2028, 2, 29).unwrap();
        assert_eq!(serde_json::to_string(&day).unwrap(), "\"2028-02-29\"");
        assert_eq!(serde_json::from_str::<Day>("\"2028-02-29\"").unwrap(), day);
        assert!(serde_json::from_str::<Day>("\"2027-02-29\"").is_err());
        assert_eq!(Day::of(20_026, 1, 1), None);
    }

    #[test]
    fn a_time_window_is_shown_as_people_say_it() {
        let day = Day::of(2026, 11, 23);
        let window = TimeWindow { first: day, last: day, from: 480, to: 600 };
        assert_eq!(window.shown(), "8:00-10:00, 23/11/2026");
        let weekend = TimeWindow { first: day, last: day.map(|day| day.plus(1)), from: 0, to: 1440 };
        assert_eq!(weekend.shown(), "23/11/2026 - 24/11/2026");
    }

    #[test]
    fn a_moment_is_shown_in_vietnamese_time() {
        let moment = Timestamp::parse_rfc3339("2026-11-22T02:00:00Z").unwrap();
        assert_eq!(moment.to_rfc3339(), "2026-11-22T09:00:00+07:00");
    }

    #[test]
    fn arithmetic_never_overflows() {
        let end = Timestamp::from_millis(i64::MAX);
        assert_eq!(end.plus(Duration::from_secs(1)), end);
        assert_eq!(Timestamp::default().since(end), Duration::ZERO);
    }
}
