//! What a message says about days and hours, before anybody asks for a day or for a window of time.
//!
//! Careful: a word such as `trừ` or `hoặc`, or digits that are neither, make the whole message unreadable.
//! Days are matched in `day`, hours in `hour`; [`super::date`] and [`super::time_window`] judge the result.

use self::day::Days;
use self::hour::{Hours, Span};
use super::lexeme::{Kind, Lexeme, lexemes};
use super::word::is_polite;
use crate::domain::time::Day;

mod day;
mod hour;

/// Which of the two a doubtful text such as `8-10` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    /// The eighth of October.
    Days,
    /// From eight to ten.
    Hours,
}

/// The days and hours of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct When {
    /// The first and the last day.
    pub(super) days: Option<(Day, Day)>,
    /// From and to, in minutes of the day.
    pub(super) hours: Option<(u16, u16)>,
}

/// Words that make a plain time another: `trừ thứ 7`, `sau ngày 5`, `đầu tháng`, `mai không được`.
const TURNING: [&str; 22] = [
    "tuần", "tháng", "năm", "đầu", "giữa", "cuối", "trước", "sau", "từ", "hoặc", "hay", "không", "ko", "k", "hok",
    "chưa", "đừng", "trừ", "ngoài", "thứ", "nếu", "đến",
];

/// Words said around a time that change nothing.
const AROUND: [&str; 35] = [
    "vào", "lúc", "tầm", "khoảng", "ngày", "hôm", "buổi", "được", "đc", "dc", "ok", "rảnh", "ở", "nhà", "có", "thể",
    "giao", "nhận", "qua", "gọi", "lại", "hẹn", "là", "thì", "mới", "về", "ghé", "lấy", "làm", "xong", "rồi", "trong",
    "giờ", "gặp", "hàng",
];

/// What was found so far.
#[derive(Default)]
struct Found {
    days: Vec<(Day, Day)>,
    hours: Vec<Hours>,
    /// Something that is no other word: digits, or two words.
    sure: bool,
    /// A word that has nothing to do with time.
    other: bool,
}

/// Reads the days and hours of a message that names at most one of each.
pub(super) fn read(text: &str, today: Day, sense: Sense) -> Option<When> {
    let all = lexemes(text);
    let mut found = Found::default();
    let mut at = 0;
    while let Some(first) = all.get(at) {
        let rest = &all[at..];
        let matched = match sense {
            Sense::Days => found.take_days(rest, today).or_else(|| found.take_hours(rest)),
            Sense::Hours => found.take_hours(rest).or_else(|| found.take_days(rest, today)),
        };
        at += match (matched, &first.kind) {
            (Some(length), _) => length,
            (None, Kind::Digits(_)) => return None,
            (None, Kind::Mark(_)) => 1,
            (None, Kind::Word(_)) if first.is_any(&TURNING) => return None,
            (None, Kind::Word(word)) => {
                found.other |= !is_polite(word) && !first.is_any(&AROUND);
                1
            }
        };
    }
    found.judged()
}

impl Found {
    fn take_days(&mut self, rest: &[Lexeme], today: Day) -> Option<usize> {
        let Days { length, first, last, sure } = day::at(rest, today)?;
        // "thứ 3 ngày 24/11" names one day twice.
        if !self.days.contains(&(first, last)) {
            self.days.push((first, last));
        }
        self.sure |= sure;
        Some(length)
    }

    fn take_hours(&mut self, rest: &[Lexeme]) -> Option<usize> {
        let (length, hours) = hour::at(rest)?;
        self.sure |= !matches!(hours, Hours::Part(_));
        self.hours.push(hours);
        Some(length)
    }

    /// One of each at most; a lone weak word among other words is no time: `em tên Mai`.
    fn judged(self) -> Option<When> {
        let days = match self.days.as_slice() {
            [] => None,
            [days] => Some(*days),
            _ => return None,
        };
        let hours = match self.hours.as_slice() {
            [] => None,
            [Hours::Part(part)] => Some(part.hours()),
            [Hours::Span(span)] => Some(span.minutes(None)?),
            [Hours::Part(part), Hours::Span(span)] | [Hours::Span(span), Hours::Part(part)] => {
                Some(Span::minutes(span, Some(*part))?)
            }
            _ => return None,
        };
        let weak = !self.sure && (days.is_none() || hours.is_none());
        ((days.is_some() || hours.is_some()) && !(weak && self.other)).then_some(When { days, hours })
    }
}
