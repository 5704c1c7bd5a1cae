//! Working time: the hours of a week, the holidays, and how much of a span of time is worked.
//!
//! A [`Week`] is written as people write it, days in either language, hours of the local day:
//!
//! ```text
//! mon-fri 08:00-12:00,13:30-17:30; sat 08:00-12:00
//! t2-t7 08:00-17:30; cn 08:00-11:00
//! daily 00:00-24:00
//! ```
//!
//! Days left out are not worked. A [`Calendar`] counts with a week and holidays; it knows no clock, and
//! no list of holidays, however long, makes it count for ever.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::time::{Day, Timestamp};

/// Longest text of a week, in bytes. With [`MAX_SPANS`] it holds what any week is written back as.
const MAX_BYTES: usize = 400;
/// Most spans of hours in a day.
const MAX_SPANS: usize = 4;
/// Minutes of a day.
const MIDNIGHT: u16 = 1440;
/// How many days ahead working time is looked for.
const REACH: i32 = 400;
/// Seconds of a day.
const DAY_SECONDS: u64 = 86_400;

/// The days in English and Vietnamese, Monday first.
const DAYS: [(&str, &str); 7] =
    [("mon", "t2"), ("tue", "t3"), ("wed", "t4"), ("thu", "t5"), ("fri", "t6"), ("sat", "t7"), ("sun", "cn")];
/// All seven days.
const DAILY: &str = "daily";

/// The working hours of a week, one at least. Stored as its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Week {
    /// By weekday, Monday first: sorted, with a break after each.
    days: [Vec<Span>; 7],
}

/// Hours in one piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    /// From this minute of the day.
    from: u16,
    /// To this minute, after `from`, at most 1440.
    to: u16,
}

/// Why a text is no week.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{en}")]
pub struct Wrong {
    /// What is wrong and what to do, in Vietnamese.
    pub vi: String,
    /// The same in English.
    pub en: String,
}

impl Wrong {
    fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { vi: vi.into(), en: en.into() }
    }
}

impl Week {
    /// Reads the text of a week.
    ///
    /// # Errors
    /// When a word is not understood, a day comes twice, hours overlap or end before they begin, or no
    /// hour is left: nothing would ever be due.
    pub fn new(text: &str) -> Result<Self, Wrong> {
        if text.len() > MAX_BYTES {
            return Err(Wrong::new(
                format!("Giờ làm việc dài hơn {MAX_BYTES} byte."),
                format!("The working hours are longer than {MAX_BYTES} bytes."),
            ));
        }
        if text.contains(char::is_control) {
            return Err(Wrong::new(
                "Giờ làm việc phải viết trên một dòng, không có ký tự điều khiển.",
                "Working hours are written on one line, without control characters.",
            ));
        }
        let mut days: [Vec<Span>; 7] = Default::default();
        for item in text.split(';').map(str::trim).filter(|item| !item.is_empty()) {
            let (names, hours) = item.split_once(' ').unwrap_or((item, ""));
            let (first, last) = read_days(names)?;
            let spans = read_spans(hours)?;
            for (day, (name, _)) in days.iter_mut().zip(DAYS).take(last + 1).skip(first) {
                if !day.is_empty() {
                    return Err(Wrong::new(
                        format!(
                            "Ngày {name} được ghi hai lần. Ghi mọi giờ của một ngày vào một chỗ, cách nhau bằng dấu phẩy."
                        ),
                        format!(
                            "The day {name} comes twice. Write all hours of a day in one place, separated by commas."
                        ),
                    ));
                }
                day.clone_from(&spans);
            }
        }
        if days.iter().all(Vec::is_empty) {
            return Err(Wrong::new(
                "Không có giờ làm việc nào. Viết như mon-fri 08:00-12:00,13:30-17:30; sat 08:00-12:00",
                "There are no working hours. Write as in mon-fri 08:00-12:00,13:30-17:30; sat 08:00-12:00",
            ));
        }
        Ok(Self { days })
    }

    /// Monday to Saturday, 8:00 to 12:00 and 13:30 to 17:30.
    pub fn usual() -> Self {
        let mut days: [Vec<Span>; 7] = Default::default();
        days[..6].fill(vec![Span { from: 480, to: 720 }, Span { from: 810, to: 1050 }]);
        Self { days }
    }

    /// Day and night.
    pub fn always() -> Self {
        Self { days: std::array::from_fn(|_| vec![Span { from: 0, to: MIDNIGHT }]) }
    }

    /// The hours of this weekday, 0 for Monday.
    fn hours(&self, weekday: u32) -> &[Span] {
        &self.days[weekday as usize % 7]
    }

    /// How many minutes of this weekday are worked.
    fn minutes(&self, weekday: u32) -> u64 {
        self.hours(weekday).iter().map(|span| u64::from(span.to - span.from)).sum()
    }
}

/// The first and the last day of `mon`, `t2-t6` or `daily`.
fn read_days(names: &str) -> Result<(usize, usize), Wrong> {
    if names.eq_ignore_ascii_case(DAILY) {
        return Ok((0, 6));
    }
    let (first, last) = names.split_once('-').unwrap_or((names, names));
    let (first, last) = (read_day(first)?, read_day(last)?);
    if first > last {
        return Err(Wrong::new(
            format!("Khoảng ngày \"{}\" bị ngược: tuần bắt đầu từ thứ hai.", quoted(names)),
            format!("The days \"{}\" are reversed: a week begins on Monday.", quoted(names)),
        ));
    }
    Ok((first, last))
}

fn read_day(name: &str) -> Result<usize, Wrong> {
    let is_named = |(en, vi): &(&str, &str)| name.eq_ignore_ascii_case(en) || name.eq_ignore_ascii_case(vi);
    DAYS.iter().position(is_named).ok_or_else(|| {
        let names = DAYS.map(|(en, _)| en).join(" ");
        Wrong::new(
            format!("Không có ngày \"{}\". Các ngày: {names} {DAILY}, hoặc t2 t3 t4 t5 t6 t7 cn.", quoted(name)),
            format!("There is no day \"{}\". The days: {names} {DAILY}, or t2 t3 t4 t5 t6 t7 cn.", quoted(name)),
        )
    })
}

/// The hours of a day, sorted; those that touch become one.
fn read_spans(hours: &str) -> Result<Vec<Span>, Wrong> {
    let mut read = hours.split(',').map(read_span).collect::<Result<Vec<_>, _>>()?;
    read.sort_unstable();
    let mut spans: Vec<Span> = Vec::new();
    for span in read {
        match spans.last_mut() {
            Some(before) if span.from < before.to => {
                return Err(Wrong::new(
                    format!("Giờ {before} và {span} chồng lên nhau."),
                    format!("The hours {before} and {span} overlap."),
                ));
            }
            Some(before) if span.from == before.to => before.to = span.to,
            _ => spans.push(span),
        }
    }
    if spans.len() > MAX_SPANS {
        return Err(Wrong::new(
            format!("Một ngày có tối đa {MAX_SPANS} khoảng giờ."),
            format!("A day has at most {MAX_SPANS} spans of hours."),
        ));
    }
    Ok(spans)
}

fn read_span(text: &str) -> Result<Span, Wrong> {
    let span = text.split_once('-').and_then(|(from, to)| Some(Span { from: read_clock(from)?, to: read_clock(to)? }));
    match span {
        Some(span) if span.from < span.to => Ok(span),
        Some(span) => Err(Wrong::new(
            format!("Giờ {span} phải kết thúc sau khi bắt đầu; ca qua đêm thì chia ở 24:00."),
            format!("The hours {span} must end after they begin; divide a night at 24:00."),
        )),
        None => Err(Wrong::new(
            format!("Không hiểu giờ \"{}\". Viết 08:00-12:00; ngày nghỉ thì bỏ đi.", quoted(text)),
            format!("The hours \"{}\" are not understood. Write 08:00-12:00; leave out a day off.", quoted(text)),
        )),
    }
}

/// The minute of the day of `08:00`, `8:00` or `24:00`.
fn read_clock(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=2).contains(&hour.len()) || minute.len() != 2 || !is_number(hour) || !is_number(minute) {
        return None;
    }
    let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
    (minute < 60).then_some(hour * 60 + minute).filter(|minute| *minute <= MIDNIGHT)
}

/// The beginning of a text, fit to stand in a message.
fn quoted(text: &str) -> String {
    let mut short: String = text.trim().chars().take(40).collect();
    if short.len() < text.trim().len() {
        short.push('…');
    }
    short
}

/// As a week is written: `08:00-12:00`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

/// In English, days with the same hours together: what [`Week::new`] reads as the same week.
impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut items = Vec::new();
        let mut first = 0;
        for alike in self.days.chunk_by(|one, next| one == next) {
            let last = first + alike.len() - 1;
            let days = match (first, last) {
                (0, 6) => DAILY.to_owned(),
                _ if first == last => DAYS[first].0.to_owned(),
                _ => format!("{}-{}", DAYS[first].0, DAYS[last].0),
            };
            if !alike[0].is_empty() {
                let hours = alike[0].iter().map(Span::to_string).collect::<Vec<_>>().join(",");
                items.push(format!("{days} {hours}"));
            }
            first = last + 1;
        }
        f.write_str(&items.join("; "))
    }
}

impl From<Week> for String {
    fn from(week: Week) -> Self {
        week.to_string()
    }
}

impl TryFrom<String> for Week {
    type Error = Wrong;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

/// A week's hours without those of holidays.
#[derive(Clone, Copy, Debug)]
pub struct Calendar<'a> {
    /// When people work.
    pub week: &'a Week,
    /// The days on which they do not.
    pub holidays: &'a BTreeSet<Day>,
}

impl<'a> Calendar<'a> {
    /// Whether people work at this moment: at 8:00 of 8:00 to 12:00 they do, at 12:00 they do not.
    pub fn is_open(&self, at: Timestamp) -> bool {
        let day = at.day();
        self.hours(day).iter().any(|span| Timestamp::of(day, span.from) <= at && at < Timestamp::of(day, span.to))
    }

    /// The first moment at which `work` of working time, in whole milliseconds, has passed since `start`;
    /// work that fills a day is done when the day closes. Looks 400 days ahead: work that takes longer
    /// is said to be done at the end of these.
    pub fn after(&self, start: Timestamp, work: Duration) -> Timestamp {
        let end = far(start);
        let mut left = Duration::from_millis(u64::try_from(work.as_millis()).unwrap_or(u64::MAX));
        if left.is_zero() {
            return start;
        }
        for (opens, closes) in self.stretches(start) {
            let here = closes.since(opens);
            if left <= here {
                return opens.plus(left).min(end);
            }
            left -= here;
        }
        end
    }

    /// The working time between two moments, zero when `to` is earlier. Costs as much for a century as for
    /// a week, but for its holidays.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Duration {
        if to <= from {
            return Duration::ZERO;
        }
        let (first, last) = (from.day(), to.day());
        let mut worked = self.worked(first, from, to);
        if first < last {
            worked += self.worked(last, from, to) + self.whole_days(first.plus(1), last);
        }
        worked
    }

    /// `at` when people work then, else when they next begin; the moment 400 days later where they do not
    /// begin by then.
    pub fn opens(&self, at: Timestamp) -> Timestamp {
        self.stretches(at).next().map_or(far(at), |(opens, _)| opens.min(far(at)))
    }

    /// The hours of a day.
    fn hours(&self, day: Day) -> &'a [Span] {
        if self.holidays.contains(&day) { &[] } else { self.week.hours(day.weekday()) }
    }

    /// The hours from `at` on, each from its opening or from `at` to its close, over the days looked at.
    fn stretches(&self, at: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> + 'a {
        let calendar = *self;
        let days = (0..=REACH).map(move |ahead| at.day().plus(ahead));
        let hours = days.flat_map(move |day| calendar.hours(day).iter().map(move |span| (day, *span)));
        let stretches =
            hours.map(move |(day, span)| (Timestamp::of(day, span.from).max(at), Timestamp::of(day, span.to)));
        stretches.filter(|(opens, closes)| opens < closes)
    }

    /// The working time of one day that lies between two moments.
    fn worked(&self, day: Day, from: Timestamp, to: Timestamp) -> Duration {
        let within = |span: &Span| Timestamp::of(day, span.to).min(to).since(Timestamp::of(day, span.from).max(from));
        self.hours(day).iter().map(within).sum()
    }

    /// The working time of the days from `first` to before `end`: whole weeks, the days that remain, less
    /// the holidays.
    fn whole_days(&self, first: Day, end: Day) -> Duration {
        let days = Timestamp::of(end, 0).since(Timestamp::of(first, 0)).as_secs() / DAY_SECONDS;
        let weekday = first.weekday();
        let rest = (weekday..).zip(0..days % 7).map(|(day, _)| self.week.minutes(day)).sum::<u64>();
        let weeks = days / 7 * (0..7).map(|day| self.week.minutes(day)).sum::<u64>();
        let off = self.holidays.range(first..end).map(|day| self.week.minutes(day.weekday())).sum();
        Duration::from_secs((weeks + rest).saturating_sub(off) * 60)
    }
}

/// The end of the days looked at.
fn far(start: Timestamp) -> Timestamp {
    start.plus(Duration::from_secs(u64::from(REACH.unsigned_abs()) * DAY_SECONDS))
}

#[cfg(test)]
mod tests;
