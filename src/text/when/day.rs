//! Days as people name them: by number, by weekday, by how far off they are.
//!
//! Always the nearest one from today on, unless the year or the week is named.

use super::hour::{self, connection};
use super::lexicon::{self, Mark};
use super::week;
use crate::domain::time::Day;
use crate::text::lexeme::{Lexeme, starts};
use crate::text::number::spelled::Spelled;

/// A day, or the days of a weekend, at the start of some pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Days {
    /// How many pieces name it.
    pub(super) length: usize,
    /// The first day.
    pub(super) first: Day,
    /// The last one.
    pub(super) last: Day,
    /// It is no other word, as `mai` and `mốt` are.
    pub(super) sure: bool,
}

/// What may follow a weekday, and in which week it then is, counted from this one; `None` is the next such day.
const WEEKS: [(&str, Option<i32>); 9] = [
    ("tuần này", Some(0)),
    ("tuần sau", Some(1)),
    ("tuần tới", Some(1)),
    ("tuần kế", Some(1)),
    ("sau", Some(1)),
    ("tuần", None),
    ("này", None),
    ("tới", None),
    ("", None),
];

/// The days named at the start of some pieces.
pub(super) fn at(all: &[Lexeme], today: Day) -> Option<Days> {
    span(all, today).or_else(|| single(all, today)).or_else(|| week::at(all, today))
}

fn single(all: &[Lexeme], today: Day) -> Option<Days> {
    written(all, today)
        .or_else(|| in_words(all, today))
        .or_else(|| weekday(all, today))
        .or_else(|| ahead(all, today))
        .or_else(|| relative(all, today))
}

/// `t2 đến t6`, `t2-6`, `23/11 - 25/11`, `23-25/11`, `mai tới thứ 6`.
fn span(all: &[Lexeme], today: Day) -> Option<Days> {
    let opening = usize::from(all.first()?.is("từ"));
    let all = &all[opening..];
    let (length, first) = match single(all, today) {
        Some(first) => (first.length, Some(first.first)),
        // The fifth of what month, the last day tells.
        None => (1 + usize::from(all.first()?.is("ngày")), None),
    };
    let next = length + connection(all.get(length..)?, false).filter(|_| !all[length].is_mark(&[',']))?;
    let (rest, of_week) = (&all[next..], weekday(all, today).is_some());
    let last = single(rest, today).or_else(|| {
        let number = rest.first()?.small().filter(|number| of_week && (2..=7).contains(number))?;
        let hour = rest.get(1).is_some_and(|unit| unit.is_any(&["h", "g", "giờ"]) || unit.is_mark(&[':', '-']));
        (!hour).then(|| one(1, next_weekday(number - 2, today), true))
    })?;
    let first = match first {
        Some(first) => first,
        None => {
            let (year, month, _) = last.first.ymd();
            Day::of(year, month, all[length - 1].small()?.into()).filter(|first| *first >= today)?
        }
    };
    // "t4 đến t2" ends in the week after.
    let week = of_week && last.first < first;
    let last = Days { last: last.last.plus(if week { 7 } else { 0 }), ..last };
    (first < last.last).then_some(Days { length: opening + next + last.length, first, last: last.last, sure: true })
}

/// `3 ngày nữa`, `2 tuần nữa`.
fn ahead(all: &[Lexeme], today: Day) -> Option<Days> {
    let (length, number) = hour::count(all)?;
    let unit = all.get(length)?;
    let days = match () {
        () if unit.is_any(&["ngày", "hôm", "bữa"]) => 1,
        () if unit.is("tuần") => 7,
        () => return None,
    };
    let end = length + 1;
    all.get(end).filter(|next| next.is("nữa"))?;
    Some(one(end + 1, today.plus(i32::from(number?) * days), true))
}

fn one(length: usize, day: Day, sure: bool) -> Days {
    Days { length, first: day, last: day, sure }
}

/// `23/11`, `23-11-2026`, `23.11.26`.
fn written(all: &[Lexeme], today: Day) -> Option<Days> {
    let [day, mark, month, rest @ ..] = all else { return None };
    let (day, number) = (day.small()?, month.small()?);
    let close = mark.glued && month.glued;
    if !mark.is_mark(&['/', '-', '.']) || !(close || mark.is_mark(&['/'])) {
        return None;
    }
    let year = match rest {
        [mark, year, ..] if mark.is_mark(&['/', '-', '.']) && year.digits().is_some() && (year.glued || mark.glued) => {
            Some(year_of(year, today)?)
        }
        [next, ..] if next.glued && next.is_any(&["h", "g", "giờ"]) => return None,
        [next, ..] if !mark.is_mark(&['/']) && next.is_any(&["h", "g", "giờ"]) => return None,
        _ => None,
    };
    let length = if year.is_some() { 5 } else { 3 };
    let digits = all.get(length + 1).is_some_and(|next| next.digits().is_some());
    let to_another = || written(&all[length + 1..], today).is_some();
    let more = digits
        && all
            .get(length)
            .is_some_and(|next| next.glued && (next.is_mark(&['/']) || next.is_mark(&['-']) && !to_another()));
    if more { None } else { Some(one(length, calendar(day, number, year, today)?, true)) }
}

/// `ngày 23 tháng 11 năm 2026`, `mồng hai tháng một`, `23 tháng 11`, `mùng 5`.
fn in_words(all: &[Lexeme], today: Day) -> Option<Days> {
    let opening = usize::from(all.first()?.is_any(&["ngày", "mùng", "mồng", "hôm"]));
    let (length, day) = small(&all[opening..])?;
    let mut length = opening + length;
    // "tháng sau" is next month, not June.
    let is_month = starts(&all[length..], "tháng") && !all.get(length + 1).is_some_and(|next| next.is_exactly("sau"));
    let month = if is_month { small(&all[length + 1..]) } else { None };
    let Some((more, month)) = month else {
        let named = opening == 1 && !all[0].is("hôm");
        // "ngày 5 tháng sau" and "ngày 5-7" are more than a fifth.
        let open = all.get(length).is_some_and(|next| next.is_any(&["tháng"]) || next.is_mark(&['/', '-', '.']))
            && all.get(length + 1).is_some();
        // "ngay 8h" is right at eight, "ngay mot" more often the day after tomorrow than the first.
        let hour = all.get(length).is_some_and(|next| next.is_any(&["h", "g", "giờ"]));
        let after_tomorrow = all[opening].is_exactly("mot");
        return if named && !open && !hour && !after_tomorrow {
            Some(one(length, day_of_month(day, today)?, true))
        } else {
            None
        };
    };
    length += 1 + more;
    let year = match &all[length..] {
        [word, year, ..] if word.is("năm") => Some((2, year_of(year, today)?)),
        [mark, year, ..] if mark.is_mark(&['/', '-']) => Some((2, year_of(year, today)?)),
        _ => None,
    };
    length += year.map_or(0, |(pieces, _)| pieces);
    Some(one(length, calendar(day, month, year.map(|(_, year)| year), today)?, true))
}

/// A number of one or two digits, or in words.
fn small(all: &[Lexeme]) -> Option<(usize, u16)> {
    if let Some(number) = all.first()?.small() {
        return Some((1, number));
    }
    let spelled = Spelled::at(all)?;
    // "tháng mười năm 2026" is the year, not fifteen.
    let year = spelled.length > 1 && all[spelled.length - 1].is("năm");
    let year = year && all.get(spelled.length).is_some_and(|next| next.digits().is_some());
    match year {
        true if spelled.length == 2 && spelled.value == 15 => Some((1, 10)),
        _ => Some((spelled.length, u16::try_from(spelled.value).ok()?)),
    }
}

/// The year of two or four digits; two are of the last eighty or the next twenty years.
fn year_of(lexeme: &Lexeme, today: Day) -> Option<i32> {
    let digits = lexeme.digits()?;
    let year: i32 = digits.parse().ok()?;
    match digits.len() {
        4 => Some(year),
        2 if 2000 + year > today.ymd().0 + 20 => Some(1900 + year),
        2 => Some(2000 + year),
        _ => None,
    }
}

/// The day of that date; without a year the nearest one from today on.
fn calendar(day: u16, month: u16, year: Option<i32>, today: Day) -> Option<Day> {
    let of = |year| Day::of(year, month.into(), day.into());
    match year {
        Some(year) => of(year),
        // The 29th of February comes every four years, once in a while every eight.
        None => (0..=8).filter_map(|ahead| of(today.ymd().0 + ahead)).find(|day| *day >= today),
    }
}

/// The nearest such day of a month; short months are passed over.
fn day_of_month(day: u16, today: Day) -> Option<Day> {
    let (year, month, _) = today.ymd();
    let months = (0..=3).map(|ahead| month - 1 + ahead);
    months
        .filter_map(|month| Day::of(year + i32::from(month >= 12), month % 12 + 1, day.into()))
        .find(|day| *day >= today)
}

/// `thứ 3`, `t7`, `thứ hai tuần sau`, `chủ nhật`, `cn`.
fn weekday(all: &[Lexeme], today: Day) -> Option<Days> {
    let (length, weekday, sure) = weekday_name(all)?;
    let (week, day) = week(&all[length..], i32::from(weekday), today)?;
    Some(one(length + week, day, sure))
}

/// The weekday that is named, 0 for Monday to 6, how many pieces that takes, and whether it is no other word.
pub(super) fn weekday_name(all: &[Lexeme]) -> Option<(usize, u16, bool)> {
    let first = all.first()?;
    if starts(all, "chủ nhật") {
        return Some((2, 6, true));
    }
    if first.is("cn") {
        return Some((1, 6, false));
    }
    let number = if first.is("t") && all.get(1)?.glued {
        all[1].small()?
    } else if first.is("thứ") {
        let next = all.get(1)?;
        let spelled = || if next.is("tư") { Some(4) } else { Spelled::at(&all[1..2]).map(|spelled| spelled.value) };
        next.small().or_else(|| spelled().and_then(|value| u16::try_from(value).ok()))?
    } else {
        return None;
    };
    (2..=7).contains(&number).then(|| (2, number - 2, true))
}

/// The nearest such weekday from today on.
fn next_weekday(weekday: u16, today: Day) -> Day {
    let now = i32::try_from(today.weekday()).unwrap_or(0);
    today.plus((i32::from(weekday) - now).rem_euclid(7))
}

/// The weekday in the week that the next pieces name, and how many pieces that takes.
fn week(all: &[Lexeme], weekday: i32, today: Day) -> Option<(usize, Day)> {
    let now = i32::try_from(today.weekday()).ok()?;
    let (words, week) = WEEKS.iter().find(|(words, _)| words.is_empty() || starts(all, words))?;
    // "thứ 2 sau 5h" is an hour; "tuần" alone, or "tuần trước", no week that is known.
    let hour = *words == "sau" && all.get(1).is_some_and(|next| next.digits().is_some());
    // "thứ 2 tới thứ 6" goes on.
    let until = *words == "tới" && weekday_name(&all[1..]).is_some();
    let (length, week) = match *words {
        "tuần" => return None,
        "" => (0, None),
        _ if hour || until => (0, None),
        words => (words.split(' ').count(), *week),
    };
    let ahead = match week {
        Some(week) => weekday - now + 7 * week,
        None => (weekday - now).rem_euclid(7),
    };
    Some((length, today.plus(ahead)))
}

fn relative(all: &[Lexeme], today: Day) -> Option<Days> {
    let (length, Mark::Day(ahead)) = lexicon::at(all)? else { return None };
    Some(one(length, today.plus(ahead), length > 1))
}
