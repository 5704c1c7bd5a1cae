//! Days of a week together: `cuối tuần`, `các ngày trong tuần`, `đầu tuần sau`.

use super::day::{Days, weekday_name};
use crate::domain::time::Day;
use crate::text::lexeme::{Lexeme, starts};

/// Phrases, and the first and last weekday of each, 0 for Monday.
const SPANS: [(&str, i32, i32); 10] = [
    ("đầu tuần", 0, 1),
    ("giữa tuần", 2, 3),
    ("cuối tuần", 5, 6),
    ("các ngày trong tuần", 0, 4),
    ("ngày trong tuần", 0, 4),
    ("trong tuần", 0, 4),
    ("ngày thường", 0, 4),
    ("ngày làm việc", 0, 4),
    ("ngày đi làm", 0, 4),
    ("tuần", 0, 6),
];

/// The days of a week that are named at the start of some pieces; of this week only those still to come.
pub(super) fn at(all: &[Lexeme], today: Day) -> Option<Days> {
    let (words, first, last) = SPANS.iter().find(|(words, ..)| starts(all, words))?;
    let length = words.split(' ').count();
    let whole = *words == "tuần";
    let now = i32::try_from(today.weekday()).ok()?;
    // The weekend that has begun is not the one that is meant on its Sunday.
    let late = i32::from(*first == 5 && now == 6);
    let (more, week) = match &all[length..] {
        [next, ..] if next.is_any(&["này", "nay"]) => (1, late),
        [next, rest @ ..] if next.is_any(&["sau", "tới", "kế"]) && (whole || !opens_an_hour(rest)) => {
            (1 + usize::from(rest.first().is_some_and(|next| next.is("tiếp"))), 1)
        }
        _ if whole => return None,
        _ => (0, late.max(i32::from(now > *last))),
    };
    let length = length + more;
    let monday = today.plus(7 * week - now);
    // "tuần sau thứ 3" names one day of it.
    let comma = usize::from(all.get(length).is_some_and(|next| next.is_mark(&[','])));
    if let Some((more, weekday, _)) = all.get(length + comma..).and_then(weekday_name).filter(|_| whole) {
        let day = monday.plus(weekday.into());
        return Some(Days { length: length + comma + more, first: day, last: day, sure: true });
    }
    let (first, last) = (monday.plus(*first).max(today), monday.plus(*last));
    (first <= last).then_some(Days { length, first, last, sure: true })
}

/// "cuối tuần sau 5h" is the weekend, after five.
fn opens_an_hour(all: &[Lexeme]) -> bool {
    all.first().is_some_and(|next| next.digits().is_some())
}
