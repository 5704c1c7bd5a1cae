//! Phone numbers in free text: any punctuation, old and new numbering, digits in words, several in a line.
//!
//! Must never glue a house number to a phone number. How digits are typed is `digits`'s business, what groups
//! of them make up `chain`'s, what numbers exist `numbering`'s, what the words around say `around`'s.

use std::ops::Range;

use self::around::{Announced, announced};
use self::chain::{Chain, Found, What};
use self::digits::{Digits, Group};
use self::numbering::Subscriber;
use super::word::LONGEST_MESSAGE;
use super::{Decision, head};
use crate::domain::phone::Phone;

mod around;
mod chain;
mod digits;
mod letters;
mod masked;
mod numbering;
#[cfg(test)]
mod tests;

/// Mobile or fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneKind {
    /// Holds a SIM.
    Mobile,
    /// A fixed line: can be called, cannot change its SIM.
    Landline,
}

impl PhoneKind {
    /// Of a number.
    pub fn of(phone: &Phone) -> Self {
        if phone.is_landline() { Self::Landline } else { Self::Mobile }
    }

    /// `mobile`, `landline`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::Landline => "landline",
        }
    }
}

/// Why digits that were typed are no subscriber's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneProblem {
    /// Digits are missing; perhaps only the area code of a fixed line.
    TooShort,
    /// Too many digits.
    TooLong,
    /// The length is right, but no operator has such numbers.
    UnknownPrefix,
    /// A service number: 9090, 1800..., 1900....
    Hotline,
    /// Digits were hidden with stars, crosses or dots.
    Masked,
    /// Looks like an identity card's number.
    IdNumber,
    /// A number of another country.
    Foreign,
}

impl PhoneProblem {
    /// Its name on the command line, `too_short`.
    pub fn name(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::UnknownPrefix => "unknown_prefix",
            Self::Hotline => "hotline",
            Self::Masked => "masked",
            Self::IdNumber => "id_number",
            Self::Foreign => "foreign",
        }
    }
}

/// What a text says about phone numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneReading {
    /// `Answer` for one sure number, `Ask` for several or a doubtful one.
    pub decision: Decision,
    /// The number, when the decision is `Answer`.
    pub phone: Option<Phone>,
    /// The kind of `phone`, else of the first candidate; mobile when there is none.
    pub kind: PhoneKind,
    /// Every distinct number of the text in order, the doubtful ones too.
    pub candidates: Vec<Phone>,
    /// The operator that was given the prefix; numbers may since have been ported.
    pub network_guess: Option<&'static str>,
    /// Why there is no candidate, when digits were typed.
    pub problem: Option<PhoneProblem>,
    /// Where numbers stand in the text, in bytes and in order, so that the rest can be read as something else:
    /// the candidates, and foreign, masked and citizens' numbers. Never a house number.
    pub spans: Vec<Range<usize>>,
}

/// Most numbers taken from one text.
const MOST_NUMBERS: usize = 8;
/// The fewest digits in a row that make a number of any kind: a service number's.
const FEWEST_DIGITS: usize = 8;

/// Reads the phone numbers in the first 500 characters of a text.
pub fn read(text: &str) -> PhoneReading {
    let text = head(text, LONGEST_MESSAGE);
    let seen = Seen::of(text);
    let groups = if seen.longest < FEWEST_DIGITS { Vec::new() } else { digits::groups(text) };
    let mut found = found(text, &groups);
    if found.is_empty() {
        let masked = masked::span(text);
        found.extend(masked.map(|span| Found { what: What::Refused(PhoneProblem::Masked), span }));
    }
    let is_number = |one: &Found| matches!(one.what, What::Number { .. });
    let refused = found.iter().find_map(|one| match one.what {
        What::Refused(problem) => Some(problem),
        What::Number { .. } => None,
    });
    let problem = match found.iter().any(is_number) {
        true => None,
        false => refused.or_else(|| by_length(text, &groups, &seen)),
    };
    reading(found, problem)
}

/// What a look over a text shows, which takes no memory: most texts hold no number, and every address is
/// looked over.
struct Seen {
    /// How many digits the longest chain has, words that may be digits among them.
    longest: usize,
    /// A group is a service number.
    hotline: bool,
}

impl Seen {
    fn of(text: &str) -> Self {
        let mut seen = Self { longest: 0, hotline: false };
        let mut chain = 0;
        digits::visit(text, |group| {
            chain = if group.joined { chain } else { 0 } + group.digits.len();
            seen.longest = seen.longest.max(chain);
            seen.hotline |= numbering::is_hotline(group.digits.as_str());
        });
        seen
    }
}

/// What the chains of groups hold, in order.
fn found(text: &str, groups: &[Group]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut end = 0;
    for groups in chains(groups) {
        let before = announced(&text[end..groups[0].start]);
        end = groups.last().map_or(end, |last| last.end);
        Chain { text, groups, before }.read(&mut found);
    }
    found.truncate(MOST_NUMBERS);
    found
}

fn chains(groups: &[Group]) -> impl Iterator<Item = &[Group]> {
    groups.chunk_by(|_, next| next.joined)
}

fn reading(found: Vec<Found>, problem: Option<PhoneProblem>) -> PhoneReading {
    let mut distinct: Vec<(&Subscriber, bool)> = Vec::new();
    for one in &found {
        let What::Number { subscriber, other, sure } = &one.what else { continue };
        for subscriber in std::iter::once(subscriber).chain(other) {
            match distinct.iter_mut().find(|(known, _)| *known == subscriber) {
                Some((_, known)) => *known |= sure,
                None => distinct.push((subscriber, *sure)),
            }
        }
    }
    let decision = match distinct.as_slice() {
        [] => Decision::None,
        [(_, true)] => Decision::Answer,
        _ => Decision::Ask,
    };
    let candidates: Vec<Phone> = distinct.iter().map(|(one, _)| one.phone.clone()).collect();
    let network_guess = distinct.first().and_then(|(first, _)| first.network);
    PhoneReading {
        decision,
        phone: candidates.first().filter(|_| decision == Decision::Answer).cloned(),
        kind: candidates.first().map_or(PhoneKind::Mobile, PhoneKind::of),
        network_guess,
        candidates,
        problem,
        spans: found.into_iter().map(|one| one.span).collect(),
    }
}

/// Why digits in which nothing was recognised are no number; `None` when they are too few to be meant as one.
fn by_length(text: &str, groups: &[Group], seen: &Seen) -> Option<PhoneProblem> {
    let length = |groups: &[Group]| Digits::of(groups).len();
    let amount = |chain: &&[Group]| chain.last().is_some_and(|last| around::is_unit(&text[last.end..]));
    let longest = chains(groups).filter(|chain| !amount(chain)).max_by_key(|chain| length(chain));
    if seen.hotline || chains(groups).any(|chain| numbering::is_hotline(Digits::of(chain).as_str())) {
        return Some(PhoneProblem::Hotline);
    }
    if seen.longest < FEWEST_DIGITS {
        let alone = !text.contains(char::is_alphabetic);
        return (seen.longest > 6 || (seen.longest > 3 && alone)).then_some(PhoneProblem::TooShort);
    }
    let longest = longest?;
    // Groups that would be a number if they belonged together: the longest of them is one too short.
    let digits = if chain::is_number(longest) {
        longest.iter().map(|group| group.digits).max_by_key(Digits::len)?
    } else {
        Digits::of(longest)
    };
    let (count, digits) = (digits.len(), digits.as_str());
    let card = announced(text) == Some(Announced::IdentityCard);
    let dialled = digits.starts_with(['0', '8']);
    let national = digits.strip_prefix("0084").or(digits.strip_prefix("84")).unwrap_or(digits);
    let significant = national.trim_start_matches('0');
    match (count, digits.as_bytes()) {
        (9 | 12, _) if card => Some(PhoneProblem::IdNumber),
        (9, [b'1'..=b'3', ..]) => Some(PhoneProblem::IdNumber),
        _ => Some(match (count - digits.len() + significant.len(), significant.as_bytes()) {
            // No mobile number begins with 2, and a fixed line's has ten digits.
            (0..9, _) | (9, [b'2', ..]) => PhoneProblem::TooShort,
            (9, _) => PhoneProblem::UnknownPrefix,
            (10, [b'1' | b'2', ..]) if dialled => PhoneProblem::UnknownPrefix,
            _ => PhoneProblem::TooLong,
        }),
    }
}
