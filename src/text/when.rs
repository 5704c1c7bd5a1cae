//! What a message says about days and hours, before anybody asks for a day or for a window of time.
//!
//! Careful: digits that are neither make the whole message unreadable, and a word such as `trừ` or `nếu` makes what
//! it holds unsure. Days are matched in `day` and `week`, hours in `hour`, other words in `lexicon`;
//! [`super::date`] and [`super::time_window`] judge the result.

use self::day::Days;
use self::hour::{Hours, Span};
use self::lexicon::Mark;
use super::lexeme::{Kind, Lexeme, lexemes};
use super::word::is_polite;
use crate::domain::time::Day;

mod day;
mod hour;
mod lexicon;
mod week;

/// Which of the two a doubtful text such as `8-10` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    /// The eighth of October.
    Days,
    /// From eight to ten.
    Hours,
}

/// The days and hours of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct When {
    /// The first and the last day.
    pub(super) days: Option<(Day, Day)>,
    /// The time of the day.
    pub(super) hours: Option<Time>,
}

/// A time of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time {
    /// From and to, in minutes of the day.
    Between(u16, u16),
    /// So many minutes from now.
    Later(u16),
}

/// What was made of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// One time.
    One(When),
    /// It speaks of time, but of more than one, or of none that is known: these, at most three.
    Unsure(Vec<When>),
    /// It does not speak of time.
    None,
}

/// Candidates that are worth asking about.
const MOST_CANDIDATES: usize = 3;

/// Reads the days and hours of a message.
pub(super) fn read(text: &str, today: Day, sense: Sense) -> Reading {
    let all = lexicon::in_full(lexemes(text));
    let mut found = Found::new(today);
    let mut at = 0;
    while let Some(first) = all.get(at) {
        let rest = &all[at..];
        let mark = lexicon::at(rest);
        at += match (found.take_phrase(rest, mark, sense), &first.kind, mark) {
            (Some(length), ..) => length,
            (None, Kind::Digits(_), _) | (None, _, Some((_, Mark::Elsewhere))) => return Reading::None,
            (None, Kind::Mark(_), _) => 1,
            (None, Kind::Word(_), Some((length, Mark::Not))) if asks(&all[..at], &all[at + length..]) => length,
            (None, Kind::Word(_), Some((length, mark))) => {
                found.take(mark, length);
                length
            }
            (None, Kind::Word(word), None) => {
                found.other |= !is_polite(word);
                found.apart = true;
                1
            }
        };
    }
    found.judged()
}

/// "8h được không em", "8h được không vậy" ask for eight, and deny nothing.
fn asks(before: &[Lexeme], after: &[Lexeme]) -> bool {
    let closes = |lexeme: &Lexeme| {
        let polite = lexeme.word().is_none_or(is_polite) && lexeme.digits().is_none();
        polite || lexeme.is_any(&["vậy", "z", "v", "thế", "hả", "nhỉ", "ta", "ha", "đó", "đấy", "rứa", "hè"])
    };
    before.last().is_some_and(|last| last.is_any(&["được", "đc", "dc", "ok", "tiện"])) && after.iter().all(closes)
}

/// What was found so far.
struct Found {
    today: Day,
    /// What `hoặc` keeps apart.
    alternatives: Vec<Alternative>,
    /// Something that is no other word: digits, or two words.
    sure: bool,
    /// A word that has nothing to do with time.
    other: bool,
    /// Denied, put into doubt, or made another time.
    turned: bool,
    /// Some time, nobody knows when.
    vague: bool,
    /// At once.
    now: bool,
    /// A word stands between here and the last day.
    apart: bool,
}

/// Days and hours that may belong together.
#[derive(Default)]
struct Alternative {
    days: Vec<(Day, Day)>,
    hours: Vec<Hours>,
}

impl Found {
    fn new(today: Day) -> Self {
        Self {
            today,
            alternatives: vec![Alternative::default()],
            sure: false,
            other: false,
            turned: false,
            vague: false,
            now: false,
            apart: false,
        }
    }

    fn last(&mut self) -> &mut Alternative {
        self.alternatives.last_mut().expect("there is one from the start")
    }

    /// Takes what is more than a word of the lexicon, and says how many pieces that is.
    fn take_phrase(&mut self, rest: &[Lexeme], mark: Option<(usize, Mark)>, sense: Sense) -> Option<usize> {
        let opening = lexicon::opens(rest);
        // "sáng đến chiều", "mai đến thứ 6".
        let goes_on = |wanted: bool, length: usize| wanted && hour::connection(&rest[length..], false).is_some();
        let hours = opening.hours || mark.is_some_and(|(length, mark)| goes_on(matches!(mark, Mark::Part(_)), length));
        let days = opening.days || mark.is_some_and(|(length, mark)| goes_on(matches!(mark, Mark::Day(_)), length));
        let vague = if opening.vague { self.take_vague(rest) } else { None };
        vague.or_else(|| match sense {
            Sense::Days if days => self.take_days(rest).or_else(|| self.take_hours_if(hours, rest)),
            Sense::Days => self.take_hours_if(hours, rest),
            Sense::Hours => self.take_hours_if(hours, rest).or_else(|| if days { self.take_days(rest) } else { None }),
        })
    }

    fn take_hours_if(&mut self, may: bool, rest: &[Lexeme]) -> Option<usize> {
        if may { self.take_hours(rest) } else { None }
    }

    fn take_days(&mut self, rest: &[Lexeme]) -> Option<usize> {
        let Days { length, first, last, sure } = day::at(rest, self.today)?;
        self.add_days(first, last, sure);
        Some(length)
    }

    fn add_days(&mut self, first: Day, last: Day, sure: bool) {
        self.sure |= sure;
        let apart = std::mem::take(&mut self.apart);
        self.last().add_days(first, last, !apart);
    }

    fn take_hours(&mut self, rest: &[Lexeme]) -> Option<usize> {
        let (length, hours) = hour::at(rest)?;
        self.sure = true;
        self.last().add_hours(hours);
        Some(length)
    }

    /// `vài hôm nữa`, `2-3 tiếng nữa`, `khi nào chị rảnh`.
    fn take_vague(&mut self, rest: &[Lexeme]) -> Option<usize> {
        if let [any, which, rest @ ..] = rest
            && any.is_any(&["khi", "lúc", "hôm", "bữa"])
            && which.is("nào")
        {
            let who = rest.iter().take_while(|who| who.word().is_some_and(is_polite)).count();
            let free = rest.get(who)?.is_any(&["rảnh", "tiện"]);
            self.vague |= free;
            return free.then_some(2 + who + 1);
        }
        let amount = match rest {
            [few, ..] if few.is_any(&["vài", "mấy", "ít", "dăm"]) => 1,
            [_, mark, _, ..] if mark.is_mark(&['-', ',']) && hour::count(rest).is_some() => 3,
            _ => return None,
        };
        let unit = rest.get(amount)?.is_any(&["ngày", "hôm", "bữa", "tuần", "tháng", "tiếng", "giờ", "h", "phút", "p"]);
        let ahead = rest.get(amount + 1)?.is_any(&["nữa", "sau", "tới"]);
        (unit && ahead).then(|| {
            self.vague = true;
            amount + 2
        })
    }

    fn take(&mut self, mark: Mark, length: usize) {
        if let Mark::Day(ahead) = mark {
            let day = self.today.plus(ahead);
            return self.add_days(day, day, length > 1);
        }
        self.apart |= mark != Mark::And;
        match mark {
            Mark::Part(part) => {
                self.sure |= length > 1;
                self.last().add_hours(Hours::Part(part));
            }
            Mark::Hours(from, to) => {
                self.sure = true;
                self.last().add_hours(Hours::Span(Span::Fixed(from, to)));
            }
            Mark::Now => (self.now, self.sure) = (true, true),
            Mark::Vague => self.vague = true,
            Mark::Or if !self.last().is_empty() => self.alternatives.push(Alternative::default()),
            Mark::Not | Mark::Turn => self.turned = true,
            Mark::Day(_) | Mark::Or | Mark::And | Mark::Elsewhere | Mark::Around => {}
        }
    }

    /// One time, where one was named; a lone weak word among other words is no time: `em tên Mai`.
    fn judged(mut self) -> Reading {
        self.alternatives.retain(|alternative| !alternative.is_empty());
        if self.alternatives.is_empty() && self.now {
            self.alternatives.push(Alternative { hours: vec![Hours::Later(0)], ..Alternative::default() });
        }
        let both =
            self.alternatives.iter().any(|alternative| !alternative.days.is_empty() && !alternative.hours.is_empty());
        let weak = !self.sure && !both && self.other;
        let whens: Option<Vec<Vec<When>>> = self.alternatives.iter().map(Alternative::whens).collect();
        match whens.map(|whens| shared(whens.concat())) {
            None => Reading::None,
            Some(whens) if !self.vague && (whens.is_empty() || weak) => Reading::None,
            Some(_) if self.turned || self.vague => Reading::Unsure(Vec::new()),
            Some(whens) => match whens.as_slice() {
                [one] => Reading::One(*one),
                several => Reading::Unsure(several.iter().take(MOST_CANDIDATES).copied().collect()),
            },
        }
    }
}

impl Alternative {
    fn is_empty(&self) -> bool {
        self.days.is_empty() && self.hours.is_empty()
    }

    /// "t7, cn" is both of them; "thứ 3 ngày 24/11" names one day twice.
    fn add_days(&mut self, first: Day, last: Day, adjacent: bool) {
        if let Some((_, before)) = self.days.last_mut()
            && adjacent
            && let Some(next) = [first, first.plus(7)].into_iter().find(|day| *day == before.plus(1))
        {
            *before = if next == first { last } else { last.plus(7) };
        } else if !self.days.contains(&(first, last)) {
            self.days.push((first, last));
        }
    }

    fn add_hours(&mut self, hours: Hours) {
        if !self.hours.contains(&hours) {
            self.hours.push(hours);
        }
    }

    /// Every time that these days and hours can be; `None` where the hours are none.
    fn whens(&self) -> Option<Vec<When>> {
        let hours = or_any(self.times()?);
        let days = or_any(self.days.clone());
        Some(days.iter().flat_map(|days| hours.iter().map(|hours| When { days: *days, hours: *hours })).collect())
    }

    /// The times of the day; a part and a clock time are one.
    fn times(&self) -> Option<Vec<Time>> {
        let between = |(from, to)| Time::Between(from, to);
        // "ngày nào cũng được, 8h" is at eight.
        let whole = Hours::Span(Span::Fixed(0, 1440));
        let narrow: Vec<Hours> = self.hours.iter().copied().filter(|hours| *hours != whole).collect();
        match if narrow.is_empty() { self.hours.as_slice() } else { narrow.as_slice() } {
            [Hours::Part(part), Hours::Span(span)] | [Hours::Span(span), Hours::Part(part)]
                if !span.is_named() || span.minutes(Some(*part)).is_some() =>
            {
                Some(vec![between(span.minutes(Some(*part))?)])
            }
            several => several
                .iter()
                .map(|hours| match hours {
                    Hours::Part(part) => Some(Time::Between(part.from, part.to)),
                    Hours::Span(span) => span.minutes(None).map(between),
                    Hours::Later(minutes) => Some(Time::Later(*minutes)),
                })
                .collect(),
        }
    }
}

fn or_any<T>(named: Vec<T>) -> Vec<Option<T>> {
    if named.is_empty() { vec![None] } else { named.into_iter().map(Some).collect() }
}

/// "sáng hoặc chiều mai": the day of the last one, said with its hours, is that of all, and so are hours; "mai sáng
/// hoặc chiều": so is the day of the first one.
fn shared(mut whens: Vec<When>) -> Vec<When> {
    let (first, last) = (whens.first().copied(), whens.last().copied());
    if let Some(When { days: Some(days), hours: Some(hours) }) = last {
        for when in &mut whens {
            when.days.get_or_insert(days);
            when.hours.get_or_insert(hours);
        }
    } else if let Some(When { days: Some(days), hours: Some(_) }) = first {
        whens.iter_mut().for_each(|when| _ = when.days.get_or_insert(days));
    }
    whens
}
