//! Hours as people say them: parts of the day, clock times, spans.
//!
//! An hour from one to six without a part of the day is in the afternoon, for nobody delivers before dawn.

use super::lexicon::{self, Mark};
use crate::text::lexeme::{Lexeme, starts};
use crate::text::number::spelled::Spelled;

/// Hours at the start of some pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hours {
    /// Only a part of the day.
    Part(Part),
    /// A clock time or a span.
    Span(Span),
    /// So many minutes from now.
    Later(u16),
}

/// A part of the day, in minutes of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// What the hour of a clock is taken for beside it.
    pub(super) half: Half,
    pub(super) from: u16,
    pub(super) to: u16,
}

/// What a spoken hour belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    Morning,
    Noon,
    Afternoon,
    Evening,
    Night,
}

impl Half {
    /// The hour of the day that it makes of a spoken one: `5` in the afternoon is 17.
    fn hour(self, spoken: u16) -> Option<u16> {
        match (self, spoken) {
            (Self::Morning, 1..=11)
            | (Self::Noon, 10..=14)
            | (Self::Afternoon, 12..=19)
            | (Self::Evening, 17..=24)
            | (Self::Night, 20..=24) => Some(spoken),
            (Self::Noon, 1..=2) | (Self::Afternoon, 1..=7) | (Self::Evening, 5..=12) | (Self::Night, 8..=12) => {
                Some(spoken + 12)
            }
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
            (Some(part), spoken) => part.half.hour(spoken)?,
            (None, spoken @ 1..=6) => spoken + 12,
            (None, spoken) => spoken,
        };
        Some(hour * 60 + self.minute).filter(|minutes| *minutes <= 1440)
    }
}

/// Where a day begins and ends for who says only "before ten" or "after five".
const EARLY: u16 = 6 * 60;
const LATE: u16 = 22 * 60;

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
    /// Whether it is hours that have a name.
    pub(super) fn is_named(&self) -> bool {
        matches!(self, Self::Fixed(..))
    }

    /// From and to, in minutes of the day; `None` when it ends before it begins.
    pub(super) fn minutes(&self, part: Option<Part>) -> Option<(u16, u16)> {
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
            Self::Fixed(from, to) => part.map_or((from, to), |part| (from.max(part.from), to.min(part.to))),
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

/// The hours named at the start of some pieces, and how many pieces that takes.
pub(super) fn at(all: &[Lexeme]) -> Option<(usize, Hours)> {
    later(all).or_else(|| {
        let span = between_at(all).or_else(|| parts_at(all)).or_else(|| open_at(all));
        let span = span.or_else(|| clock(all).map(|(length, clock)| (length, Span::At(clock))));
        span.map(|(length, span)| (length, Hours::Span(span)))
    })
}

/// `nửa tiếng nữa`, `2h nữa`, `1 tiếng rưỡi nữa`: minutes from now.
fn later(all: &[Lexeme]) -> Option<(usize, Hours)> {
    let (length, number) = count(all)?;
    let unit = all.get(length)?;
    let per_unit = match () {
        () if unit.is_any(&["tiếng", "giờ", "h", "g"]) => 60,
        () if unit.is_any(&["phút", "p", "ph"]) => 1,
        () => return None,
    };
    let (more, extra) = match &all[length + 1..] {
        [half, ..] if half.is("rưỡi") => (1, per_unit / 2),
        [minutes, unit, ..] if minutes.small().is_some() && unit.is_any(&["phút", "p", "ph"]) => (2, minutes.small()?),
        [minutes, ..] if minutes.small().is_some() => (1, minutes.small()?),
        _ => (0, 0),
    };
    let end = length + 1 + more;
    let minutes = number.map_or(per_unit / 2, |number| number * per_unit + extra);
    all.get(end).filter(|next| next.is("nữa")).map(|_| (end + 1, Hours::Later(minutes)))
}

/// A number in digits or words; `None` for `nửa`.
pub(super) fn count(all: &[Lexeme]) -> Option<(usize, Option<u16>)> {
    let first = all.first()?;
    if first.is("nửa") {
        return Some((1, None));
    }
    let spelled =
        || Spelled::at(all).and_then(|spelled| Some((spelled.length, Some(u16::try_from(spelled.value).ok()?))));
    first.small().map(|number| (1, Some(number))).or_else(spelled)
}

/// `8h-10h`, `từ 8 đến 10 giờ`, `8-10`, `giữa 8h và 10h`, `3, 4h`.
fn between_at(all: &[Lexeme]) -> Option<(usize, Span)> {
    let opening = usize::from(all.first()?.is_any(&["từ", "giữa"]));
    let (length, first) = clock(&all[opening..]).or_else(|| bare(&all[opening..]))?;
    let connector = opening + length;
    let next = connector + connection(&all[connector..], opening == 1)?;
    let (more, last) = clock(&all[next..]).or_else(|| bare(&all[next..]))?;
    let listed = all[connector].is_mark(&[',']);
    // Two bare numbers are hours only where they make a span and count nothing else: "2-3 hôm".
    let counts = all.get(next + more).is_some_and(|next| next.is_any(&COUNTED));
    let both_bare = length == 1 && more == 1;
    let span = Span::Between(first, last);
    let sure = !both_bare || (span.minutes(None).is_some() && !counts && !listed);
    (sure && (!listed || first.hour + 1 == last.hour)).then_some((next + more, span))
}

/// What two numbers may count, if it is not hours.
const COUNTED: [&str; 10] = ["hôm", "ngày", "bữa", "tiếng", "phút", "tuần", "tháng", "người", "cái", "sim"];

/// How many pieces join two times here: `đến`, `-`, `->`; `và` only behind `giữa`; a comma where hours are listed.
pub(super) fn connection(all: &[Lexeme], opened: bool) -> Option<usize> {
    let marks = all.iter().take_while(|next| next.is_mark(&['-', '–', '—', '~', '>', '=', '→'])).count();
    match all.first()? {
        _ if marks > 0 => Some(marks),
        next if next.is_any(&["đến", "tới"]) || (opened && next.is("và")) || next.is_mark(&[',']) => Some(1),
        _ => None,
    }
}

/// `từ sáng đến chiều`, `từ chiều trở đi`.
fn parts_at(all: &[Lexeme]) -> Option<(usize, Span)> {
    let opening = usize::from(all.first()?.is("từ"));
    let (length, first) = part(&all[opening..])?;
    let end = opening + length;
    if opening == 1 && starts(&all[end..], "trở đi") {
        return Some((end + 2, Span::Fixed(first.from, LATE)));
    }
    let next = all.get(end).filter(|next| next.is_any(&["đến", "tới"]) || next.is_mark(&['-']))?;
    // "sang toi" without accents names two parts.
    let (more, last) = part(&all[end + 1..]).filter(|_| !next.is_exactly("toi"))?;
    (first.from < last.to).then_some((end + 1 + more, Span::Fixed(first.from, last.to)))
}

/// An hour without its unit.
fn bare(all: &[Lexeme]) -> Option<(usize, Clock)> {
    let hour = all.first()?.small().filter(|hour| *hour <= 24)?;
    let more = all.get(1).is_some_and(|next| next.glued && next.is_mark(&['/', '.', ':']));
    let (length, part) = part(&all[1..]).map_or((1, None), |(length, part)| (1 + length, Some(part)));
    (!more).then_some((length, Clock { hour, minute: 0, part }))
}

/// `sau 5h chiều`, `từ 8h trở đi`, `trước 10h`, `10h trở lại`.
fn open_at(all: &[Lexeme]) -> Option<(usize, Span)> {
    const BEFORE: [&str; 5] = ["trước", "trễ nhất", "muộn nhất", "chậm nhất", "không quá"];
    let opens = |phrase: &str| if starts(all, phrase) { phrase.split(' ').count() } else { 0 };
    let before = BEFORE.iter().map(|phrase| opens(phrase)).max().unwrap_or(0);
    let opening = before.max(usize::from(all.first()?.is_any(&["sau", "từ", "quá"])));
    let about =
        all[opening..].iter().take_while(|next| opening > 0 && next.is_any(&["tầm", "khoảng", "lúc", "là"])).count();
    let (length, clock) = clock(&all[opening + about..])?;
    let end = opening + about + length;
    let goes_on =
        |phrases: &[&str]| phrases.iter().find(|phrase| starts(&all[end..], phrase)).map(|p| p.split(' ').count());
    let onwards = goes_on(&["trở đi", "trở lên", "đổ đi", "đổ lên", "trở về sau"]);
    let back = goes_on(&["trở lại", "đổ lại", "trở về trước", "đổ về trước", "trở xuống"]);
    match (onwards, back) {
        (Some(more), _) => Some((end + more, Span::After(clock))),
        (_, Some(more)) => Some((end + more, Span::Before(clock))),
        _ if before > 0 => Some((end, Span::Before(clock))),
        _ if opening > 0 => Some((end, Span::After(clock))),
        _ => None,
    }
}

/// `8h`, `8h30`, `17:30`, `8 giờ rưỡi`, `8 rưỡi`, `9 giờ kém 15`, `năm giờ chiều`.
fn clock(all: &[Lexeme]) -> Option<(usize, Clock)> {
    let (length, hour) = match all.first()?.small() {
        Some(hour) => (1, hour),
        // "bay gio" is "now" as much as seven o'clock, "sau" is "after" as much as six.
        None if ["bay", "bây", "sau"].iter().any(|word| all[0].is_exactly(word)) => return None,
        None => {
            let spelled = Spelled::at(all)?;
            (spelled.length, u16::try_from(spelled.value).ok()?)
        }
    };
    let unit = all.get(length)?;
    let in_digits = all[0].digits().is_some();
    let colon = unit.is_mark(&[':']) && unit.glued && all.get(length + 1)?.digits()?.len() == 2;
    let letter = in_digits && unit.is_any(&["h", "g"]);
    let named = usize::from(colon || letter || unit.is("giờ"));
    let (more, minute, earlier) = minutes(&all[length + named..]);
    // Without its unit an hour is known by "rưỡi" or "kém".
    if hour > 24 || (named == 0 && !(in_digits && more > 0 && all[length].word().is_some())) {
        return None;
    }
    let spoken = hour.checked_sub(u16::from(earlier))?;
    let minute = if earlier { 60_u16.checked_sub(minute)? } else { minute };
    let length = length + named + more;
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

/// `sáng`, `buổi tối`, `đầu giờ chiều`.
fn part(all: &[Lexeme]) -> Option<(usize, Part)> {
    let (length, Mark::Part(part)) = lexicon::at(all)? else { return None };
    Some((length, part))
}
