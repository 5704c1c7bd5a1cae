//! A window of time in free text: `sáng mai`, `sau 5h chiều`, `8h-10h thứ 6`, `giờ hành chính`.
//!
//! Which words name which hours is the business of `when`; what counts as what, with every phrasing that is known,
//! stands in `tests/phrases/time_window.tsv`.

use std::time::Duration;

use super::when::{self, Sense, Time, When};
use crate::domain::time::{Day, TimeWindow, Timestamp};

/// What a message says about a window of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeReading {
    /// This window.
    One(TimeWindow),
    /// Time is spoken of, but it could be any of these, or none that is known where there are none: ask which.
    Unsure(Vec<TimeWindow>),
    /// No window that is still to come.
    None,
}

impl TimeReading {
    /// The window, where it is one.
    pub fn one(self) -> Option<TimeWindow> {
        match self {
            Self::One(window) => Some(window),
            Self::Unsure(_) | Self::None => None,
        }
    }
}

/// Reads the hours, the days, or both; days without hours are whole, hours without days are of any day. Days that
/// are over are no window.
pub fn read(text: &str, now: Timestamp) -> TimeReading {
    let ahead = |window: &TimeWindow| window.last.is_none_or(|last| last >= now.day());
    match when::read(text, now.day(), Sense::Hours) {
        when::Reading::One(when) => window(when, now).filter(ahead).map_or(TimeReading::None, TimeReading::One),
        when::Reading::Unsure(whens) => {
            TimeReading::Unsure(whens.into_iter().filter_map(|when| window(when, now)).filter(ahead).collect())
        }
        when::Reading::None => TimeReading::None,
    }
}

fn window(When { days, hours }: When, now: Timestamp) -> Option<TimeWindow> {
    let (from, to) = match hours {
        Some(Time::Between(from, to)) => (from, to),
        Some(Time::Later(minutes)) => return Some(in_minutes(minutes, now)).filter(|window| on(window, days)),
        None => (0, 1440),
    };
    Some(TimeWindow { first: days.map(|(first, _)| first), last: days.map(|(_, last)| last), from, to })
}

fn in_minutes(minutes: u16, now: Timestamp) -> TimeWindow {
    let at = now.plus(Duration::from_secs(60 * u64::from(minutes)));
    let (day, from) = (Some(at.day()), at.minute());
    TimeWindow { first: day, last: day, from, to: (from + 60).min(1440) }
}

/// Whether the window lies on the days that were named beside it.
fn on(window: &TimeWindow, days: Option<(Day, Day)>) -> bool {
    days.is_none_or(|(first, last)| window.first.is_some_and(|day| (first..=last).contains(&day)))
}

#[cfg(test)]
mod tests;
