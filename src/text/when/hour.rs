//! Hours as people say them: parts of the day, clock times, spans.
//!
//! An hour from one to six without a part of the day is in the afternoon, for nobody delivers before dawn.

use crate::text::lexeme::{Lexeme, starts};
use crate::text::number::spelled::Spelled;

/// Hours at the start of some pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hours {
    /// Only a part of the day.
    Part(Part),
    /// A clock time or a span.
    Span(Span),
}

/// A part of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Morning,
    Noon,
    Afternoon,
    Evening,
}

impl Part {
    const ALL: [(&'static str, Self); 4] =
        [("sáng", Self::Morning), ("trưa", Self::Noon), ("chiều", Self::Afternoon), ("tối", Self::Evening)];

    /// Its hours, as shops and couriers understand them.
    pub(super) fn hours(self) -> (u16, u16) {
        match self {
            Self::Morning => (6 * 60, 12 * 60),
            Self::Noon => (11 * 60, 14 * 60),
            Self::Afternoon => (12 * 60, 18 * 60),
            Self::Evening => (18 * 60, 22 * 60),
        }
    }

    /// The hour of the day that this part makes of a spoken one: `5` in the afternoon is 17.
    fn hour(self, spoken: u16) -> Option<u16> {
        match (self, spoken) {
            (Self::Morning, 1..=11) | (Self::Noon, 10..=14) | (Self::Afternoon, 12..=19) | (Self::Evening, 17..=24) => {
                Some(spoken)
            }
            (Self::Noon, 1..=2) | (Self::Afternoon, 1..=7) | (Self::Evening, 5..=12) => Some(spoken + 12),
            _ => None,
        }
    }
}

/// A time of the clock as it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    hour: u16,
    minute: u16,
    part: Option<Part>,
}

impl Clock {
    /// Minutes since midnight; `part` is one named elsewhere in the message.
    fn minutes(self, part: Option<Part>) -> Option<u16> {
        let hour = match (self.part.or(part), self.hour) {
            (Some(part), spoken) => part.hour(spoken)?,
            (None, spoken @ 1..=6) => spoken + 12,
            (None, spoken) => spoken,
        };
        Some(hour * 60 + self.minute).filter(|minutes| *minutes <= 1440)
    }
}

/// Hours that hold at least one time of the clock, or none at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    At(Clock),
    After(Clock),
    Before(Clock),
    Between(Clock, Clock),
    /// Hours that have a name.
    Fixed(u16, u16),
}

impl Span {
    /// From and to, in minutes of the day; `None` when it ends before it begins.
    pub(super) fn minutes(&self, part: Option<Part>) -> Option<(u16, u16)> {
        const EARLY: u16 = 6 * 60;
        const LATE: u16 = 22 * 60;
        let (from, to) = match *self {
            Self::At(clock) => (clock.minutes(part)?, (clock.minutes(part)? + 60).min(1440)),
            Self::After(clock) => {
                let from = clock.minutes(part)?;
                (from, if from < LATE { LATE } else { 1440 })
            }
            Self::Before(clock) => {
                let to = clock.minutes(part)?;
                (if to > EARLY { EARLY } else { 0 }, to)
            }
            Self::Between(first, last) => between(first, last, part)?,
            // "giờ hành chính buổi sáng" is the part of both.
            Self::Fixed(from, to) => part.map_or((from, to), |part| (from.max(part.hours().0), to.min(part.hours().1))),
        };
        (from < to).then_some((from, to))
    }
}

/// `8h tới 10h sáng`: what is said of the one holds for the other where that makes a span.
fn between(first: Clock, last: Clock, part: Option<Part>) -> Option<(u16, u16)> {
    let candidates =
        [(part.or(last.part), part.or(first.part)), (part, None), (None, part.or(first.part)), (None, None)];
    candidates.into_iter().find_map(|(of_first, of_last)| {
        let (from, to) = (first.minutes(of_first)?, last.minutes(of_last)?);
        (from < to).then_some((from, to))
    })
}

/// Hours that have a name.
const NAMED: [(&str, u16, u16); 16] = [
    ("giờ hành chính", 8 * 60, 17 * 60),
    ("giờ hc", 8 * 60, 17 * 60),
    ("hành chính", 8 * 60, 17 * 60),
    ("lúc nào cũng", 0, 1440),
    ("khi nào cũng", 0, 1440),
    ("giờ nào cũng", 0, 1440),
    ("mấy giờ cũng", 0, 1440),
    ("bất kỳ lúc nào", 0, 1440),
    ("bất kì lúc nào", 0, 1440),
    ("bất cứ lúc nào", 0, 1440),
    ("bất kỳ giờ nào", 0, 1440),
    ("bất cứ giờ nào", 0, 1440),
    ("bất kỳ khi nào", 0, 1440),
    ("bất cứ khi nào", 0, 1440),
    ("cả ngày", 0, 1440),
    ("nguyên ngày", 0, 1440),
];

/// The hours named at the start of some pieces, and how many pieces that takes.
pub(super) fn at(all: &[Lexeme]) -> Option<(usize, Hours)> {
    if let Some((words, from, to)) = NAMED.iter().find(|(words, ..)| starts(all, words)) {
        return Some((words.split(' ').count(), Hours::Span(Span::Fixed(*from, *to))));
    }
    let span = between_at(all)
        .or_else(|| open_at(all))
        .or_else(|| clock(all).map(|(length, clock)| (length, Span::At(clock))));
    if let Some((length, span)) = span {
        return Some((length, Hours::Span(span)));
    }
    part(all).map(|(length, part)| (length, Hours::Part(part)))
}

/// `8h-10h`, `từ 8 đến 10 giờ`, `8-10`.
fn between_at(all: &[Lexeme]) -> Option<(usize, Span)> {
    let opening = usize::from(all.first()?.is("từ"));
    let (length, first) = clock(&all[opening..]).or_else(|| bare(&all[opening..]))?;
    let connector = opening + length;
    let connects = |next: &Lexeme| next.is_any(&["đến", "tới"]) || next.is_mark(&['-', '–', '—', '~']);
    all.get(connector).filter(|next| connects(next))?;
    let (more, last) = clock(&all[connector + 1..]).or_else(|| bare(&all[connector + 1..]))?;
    let span = Span::Between(first, last);
    // Two bare numbers that make no span are a date, perhaps.
    span.minutes(None).or_else(|| (length > 1).then_some((0, 0)))?;
    Some((connector + 1 + more, span))
}

/// An hour without its unit.
fn bare(all: &[Lexeme]) -> Option<(usize, Clock)> {
    let hour = all.first()?.small().filter(|hour| *hour <= 24)?;
    let more = all.get(1).is_some_and(|next| next.glued && next.is_mark(&['/', '.', ':']));
    let (length, part) = part(&all[1..]).map_or((1, None), |(length, part)| (1 + length, Some(part)));
    (!more).then_some((length, Clock { hour, minute: 0, part }))
}

/// `sau 5h chiều`, `từ 8h trở đi`, `trước 10h`.
fn open_at(all: &[Lexeme]) -> Option<(usize, Span)> {
    let first = all.first()?;
    let (length, clock) = clock(&all[1..])?;
    if first.is("trước") {
        return Some((1 + length, Span::Before(clock)));
    }
    let onwards = if starts(&all[1 + length..], "trở đi") { 2 } else { 0 };
    first.is_any(&["sau", "từ"]).then_some((1 + length + onwards, Span::After(clock)))
}

/// `8h`, `8h30`, `17:30`, `8 giờ rưỡi`, `9 giờ kém 15`, `năm giờ chiều`.
fn clock(all: &[Lexeme]) -> Option<(usize, Clock)> {
    let (length, hour) = match all.first()?.small() {
        Some(hour) => (1, hour),
        // "bay gio" is "now" as much as seven o'clock.
        None if all[0].is("bay") => return None,
        None => {
            let spelled = Spelled::at(all)?;
            (spelled.length, u16::try_from(spelled.value).ok()?)
        }
    };
    let unit = all.get(length)?;
    let in_digits = all[0].digits().is_some();
    let colon = unit.is_mark(&[':']) && unit.glued && all.get(length + 1)?.digits()?.len() == 2;
    let letter = in_digits && unit.is_any(&["h", "g"]);
    if !(colon || letter || unit.is("giờ")) || hour > 24 {
        return None;
    }
    let (more, minute, earlier) = minutes(&all[length + 1..]);
    let spoken = hour.checked_sub(u16::from(earlier))?;
    let minute = if earlier { 60_u16.checked_sub(minute)? } else { minute };
    let length = length + 1 + more;
    let (of_day, part) = part(&all[length..]).map_or((0, None), |(length, part)| (length, Some(part)));
    (minute < 60).then_some((length + of_day, Clock { hour: spoken, minute, part }))
}

/// The minutes behind the hour, and whether they are to be taken off it.
fn minutes(all: &[Lexeme]) -> (usize, u16, bool) {
    let unit = |at: usize| usize::from(all.get(at).is_some_and(|next| next.is_any(&["phút", "p", "ph"])));
    match all {
        [half, ..] if half.is("rưỡi") => (1, 30, false),
        [less, minute, ..] if less.is("kém") && minute.small().is_some() => {
            (2 + unit(2), minute.small().unwrap_or(0), true)
        }
        [minute, ..] if minute.small().is_some() && (minute.glued || unit(1) == 1) => {
            (1 + unit(1), minute.small().unwrap_or(0), false)
        }
        _ => (0, 0, false),
    }
}

/// `sáng`, `buổi tối`. Unaccented, `toi` is also "I" and "until": it counts behind an hour or before a day.
fn part(all: &[Lexeme]) -> Option<(usize, Part)> {
    let named = usize::from(all.first()?.is("buổi"));
    let word = all.get(named)?;
    if word.is_exactly("tôi") {
        return None;
    }
    let part = Part::ALL.iter().find(|(name, _)| word.is(name)).map(|(_, part)| *part)?;
    let until = word.is("toi") && all.get(named + 1).is_some_and(|next| next.digits().is_some());
    (!until).then_some((named + 1, part))
}
