//! What a chain of digit groups holds: phone numbers, foreign ones, citizens' numbers, days; left to right,
//! and at each place as much as fits exactly. What is left over, a house number mostly, belongs to nobody here.

use std::ops::Range;

use super::PhoneProblem;
use super::around::{Announced, announced, is_unit};
use super::digits::{Digits, Group};
use super::numbering::{self, Subscriber};

/// Fewest digits of a number: a mobile's without the zero.
const FEWEST: usize = 9;
/// Most digits a Vietnamese number is typed with: access code, country code, a trunk zero too many.
const LONGEST: usize = 15;
/// From so many national digits on a first group looks like a number of its own, from which digits were left
/// out at most: what follows behind a space is a house number rather than its rest.
const NEARLY_WHOLE: usize = 8;

/// Something that was recognised.
pub(super) struct Found {
    pub(super) what: What,
    /// Where it stands, in bytes.
    pub(super) span: Range<usize>,
}

/// What digits turned out to be.
pub(super) enum What {
    /// A subscriber's number, which may also be another one's; not sure where one has to ask.
    Number { subscriber: Subscriber, other: Option<Subscriber>, sure: bool },
    /// A number of another kind, by what is wrong with it.
    Refused(PhoneProblem),
}

/// A text's chain of groups and what the words before it announce.
pub(super) struct Chain<'a> {
    pub(super) text: &'a str,
    pub(super) groups: &'a [Group],
    pub(super) before: Option<Announced>,
}

impl Chain<'_> {
    /// Adds what the chain holds.
    pub(super) fn read(&self, found: &mut Vec<Found>) {
        let before = found.len();
        // Whether the last thing found is of several groups, and whether groups behind it are left over.
        let (mut several, mut left_over) = (false, false);
        let mut at = 0;
        while at < self.groups.len() {
            let day = self.day_at(at);
            let longest = if day > 0 { None } else { self.longest_at(at) };
            left_over = day == 0 && longest.is_none();
            at = match longest {
                Some((end, what)) => {
                    found.push(Found { what, span: self.span(at, end) });
                    several = end > at + 1;
                    end
                }
                None => at + day.max(1),
            };
        }
        // What is left over may be the number of the house in the street that follows.
        if !left_over || self.is_followed() {
            return;
        }
        match found[before..].last_mut() {
            None => found.extend(self.oddly_grouped()),
            Some(Found { what: What::Number { sure, .. }, .. }) => *sure &= !several,
            Some(_) => {}
        }
    }

    /// The longest thing that begins with this group, and the group behind it.
    fn longest_at(&self, at: usize) -> Option<(usize, What)> {
        if let Some(end) = self.foreign_at(at) {
            return Some((end, What::Refused(PhoneProblem::Foreign)));
        }
        if let Some(end) = self.citizen_at(at) {
            return Some((end, What::Refused(PhoneProblem::IdNumber)));
        }
        let mut length = 0;
        let fitting = self.groups[at..].iter().take_while(|group| {
            length += group.digits.len();
            length <= LONGEST
        });
        let most = at + fitting.count();
        let (end, number) = (at + 1..=most).rev().find_map(|end| Some((end, self.number(at, end)?)))?;
        // "Lê Lợi 07 09 01 23 45 67": with no street behind it, what is left over is the house before it.
        let all = self.groups.len();
        let fits = |later| self.number(later, all).is_some() && (self.is_even(later, all) || !self.is_even(at, end));
        let later = end < all && !self.is_followed() && (at + 1..end).any(fits);
        (!later).then_some((end, number))
    }

    /// The number that exactly these groups make up.
    fn number(&self, at: usize, end: usize) -> Option<What> {
        let groups = &self.groups[at..end];
        let digits = Digits::of(groups);
        if digits.len() < FEWEST || (groups.len() > 1 && self.is_fraction(at)) {
            return None;
        }
        let national = national(groups[0].plus, digits.as_str());
        if !hangs_together(groups, digits.len() - national.len()) {
            return None;
        }
        let trusted = at > 0 || !matches!(self.before, Some(Announced::IdentityCard | Announced::Account));
        let sure = |subscriber| What::Number { subscriber, other: None, sure: trusted };
        let whole = at == 0 && end == self.groups.len();
        match national {
            National::Dialled(rest) => {
                let old = numbering::with_old_area(rest);
                match (numbering::subscriber(rest), old) {
                    (Some(mobile), Some(other)) if is_area_apart(groups) => {
                        Some(What::Number { subscriber: mobile, other: Some(other), sure: false })
                    }
                    (Some(subscriber), _) => Some(sure(subscriber)),
                    (None, Some(old)) if is_area_apart(groups) => Some(sure(old)),
                    (None, Some(old)) if whole && rest.starts_with('4') => {
                        Some(What::Number { subscriber: old, other: None, sure: false })
                    }
                    (None, _) => None,
                }
            }
            National::Bare(rest) => self.without_zero(rest, whole || groups.len() == 1, self.groups[end - 1].end),
        }
    }

    /// A mobile's nine digits, which could also be an old identity card's, an account's or a price.
    fn without_zero(&self, digits: &str, alone: bool, end: usize) -> Option<What> {
        if digits.len() != 9 || !alone || is_unit(&self.text[end..]) {
            return None;
        }
        let subscriber = numbering::subscriber(digits)?;
        match self.before.or_else(|| announced(self.text)) {
            Some(Announced::Phone) => Some(What::Number { subscriber, other: None, sure: true }),
            None => Some(What::Number { subscriber, other: None, sure: false }),
            Some(Announced::IdentityCard | Announced::Account) => None,
        }
    }

    /// A chain that is one number as a whole, though nobody would group it so: worth asking.
    fn oddly_grouped(&self) -> Option<Found> {
        let dated = (0..self.groups.len()).any(|at| self.day_at(at) > 0);
        let subscriber = dialled(self.groups).filter(|_| !dated)?;
        let span = self.span(0, self.groups.len());
        Some(Found { what: What::Number { subscriber, other: None, sure: false }, span })
    }

    /// Whether a word stands behind the chain, which its last digits can belong to, or the rest of a house
    /// number.
    fn is_followed(&self) -> bool {
        let end = self.groups.last().map_or(0, |last| last.end);
        self.text[end..].trim_start().starts_with(|next: char| next.is_alphanumeric() || next == '/')
    }

    /// Whether the same marks stand between all of these groups.
    fn is_even(&self, at: usize, end: usize) -> bool {
        let mut marks = self.groups[at..end].windows(2).map(|pair| &self.text[pair[0].end..pair[1].start]);
        let first = marks.next();
        marks.all(|mark| Some(mark) == first)
    }

    /// Where a number of another country ends that begins here: behind a plus, or behind 00.
    fn foreign_at(&self, at: usize) -> Option<usize> {
        let first = &self.groups[at];
        let digits = Digits::of(&self.groups[at..self.groups.len().min(at + 2)]);
        let digits = digits.as_str();
        let ours = digits.starts_with("84") || digits.starts_with("0084");
        let access = digits.starts_with("00") && self.before != Some(Announced::Account);
        if ours || !(access || first.plus) || (first.plus && digits.starts_with('0')) {
            return None;
        }
        // E.164: at most fifteen digits; ten at least are told from a slip of the finger.
        let (least, most) = if access { (12, 17) } else { (8, 15) };
        let mut length = 0;
        let taken = self.groups[at..].iter().enumerate().take_while(|(ix, group)| {
            length += group.digits.len();
            length <= most && (*ix == 0 || !is_number(std::slice::from_ref(group)))
        });
        let end = at + taken.count();
        (Digits::of(&self.groups[at..end]).len() >= least).then_some(end)
    }

    /// Where a citizen's twelve digits end that begin here, in groups of one length: a phone number and a
    /// house number can be twelve digits too.
    fn citizen_at(&self, at: usize) -> Option<usize> {
        let most = self.groups.len().min(at + 4);
        let end = (at + 1..=most).find(|end| Digits::of(&self.groups[at..*end]).len() >= 12)?;
        let groups = &self.groups[at..end];
        let announced = at == 0 && self.before == Some(Announced::IdentityCard);
        let even = groups.iter().all(|group| group.digits.len() == groups[0].digits.len());
        let next = self.groups.get(end);
        let closed = at == 0 && next.is_none_or(|next| is_number(std::slice::from_ref(next)));
        let citizen = (closed || groups.len() == 1) && numbering::is_citizen(Digits::of(groups).as_str());
        (citizen && (announced || even)).then_some(end)
    }

    /// How many groups a day takes that begins here, `22-11-2026`; none where there is none.
    fn day_at(&self, at: usize) -> usize {
        let [day, month, year, rest @ ..] = &self.groups[at..] else { return 0 };
        let number = |group: &Group| group.digits.as_str().parse::<u16>().unwrap_or(u16::MAX);
        let between = |one: &Group, next: &Group| &self.text[one.end..next.start];
        let mark = between(day, month);
        let is_day = matches!(mark, "-" | ".")
            && between(month, year) == mark
            && !rest.first().is_some_and(|next| next.joined && between(year, next) == mark)
            && (1..=31).contains(&number(day))
            && (1..=12).contains(&number(month))
            && year.digits.len() == 4
            && (1900..2100).contains(&number(year));
        if is_day { 3 } else { 0 }
    }

    /// Whether the group stands behind a point or a comma, as a fraction does: `21.0285,105.8542`. What stands
    /// behind a single digit is listed: `1.0901 234 567`.
    fn is_fraction(&self, at: usize) -> bool {
        let listed = at > 0 && self.groups[at - 1].is_single();
        self.groups[at].joined && !listed && self.text[..self.groups[at].start].ends_with(['.', ','])
    }

    fn span(&self, at: usize, end: usize) -> Range<usize> {
        self.groups[at].start..self.groups[end - 1].end
    }
}

/// What is left of a number without the codes before it.
enum National<'a> {
    /// A country code or the trunk zero stood before it.
    Dialled(&'a str),
    /// Nothing did.
    Bare(&'a str),
}

impl National<'_> {
    fn len(&self) -> usize {
        let (Self::Dialled(rest) | Self::Bare(rest)) = self;
        rest.len()
    }
}

fn national(plus: bool, digits: &str) -> National<'_> {
    let abroad = digits.strip_prefix("00").unwrap_or(digits).strip_prefix("84");
    let country = plus || digits.starts_with("0084");
    match abroad {
        Some(rest) if country => National::Dialled(rest.strip_prefix('0').unwrap_or(rest)),
        // "84901234567" and "840901234567"; nine digits that begin so are VinaPhone's 084.
        Some(rest) if digits.len() > 9 => National::Dialled(rest.strip_prefix('0').unwrap_or(rest)),
        _ => digits.strip_prefix('0').map_or(National::Bare(digits), National::Dialled),
    }
}

/// Whether groups look like the parts of one number: a lone digit beside longer groups is a house number,
/// unless it is a code or one of several read out; and a number that is whole but for a digit or two is not
/// continued behind a space. `codes` is how many digits stand before the national ones.
fn hangs_together(groups: &[Group], codes: usize) -> bool {
    let (Some(first), [_, _, ..]) = (groups.first(), groups) else { return true };
    let digits = first.digits.as_str();
    let code = matches!(digits, "84" | "0084");
    // "84 0901234567" without a plus is house number 84 before a number.
    if digits == "84" && !first.plus && groups[1].digits.as_str().starts_with('0') {
        return false;
    }
    if first.digits.len() >= NEARLY_WHOLE + codes.saturating_sub(1) {
        return false;
    }
    let mut at = 0;
    groups.chunk_by(|one, next| one.is_single() && next.is_single()).all(|run| {
        let place = at;
        at += run.len();
        let digit = run[0].digits.as_str();
        let trunk = place == 0 && digit == "0";
        let behind_code = place == 1 && code && matches!(digit, "0" | "4" | "8");
        !run[0].is_single() || run.len() >= 3 || (run.len() == 1 && (trunk || behind_code))
    })
}

/// Whether an area code of two digits stands apart as it did before 2017: "08 3825 1234", "(04) 38251234". A
/// mobile number that begins alike is written in pairs or threes.
fn is_area_apart(groups: &[Group]) -> bool {
    let mut rest = groups.iter().skip_while(|group| matches!(group.digits.as_str(), "84" | "0084" | "0"));
    match (rest.next(), rest.next()) {
        (Some(area), Some(next)) => {
            matches!(area.digits.as_str(), "04" | "08" | "4" | "8") && matches!(next.digits.len(), 4 | 8)
        }
        _ => false,
    }
}

/// The subscriber that all of these digits together lead to, whatever they are grouped like.
fn dialled(groups: &[Group]) -> Option<Subscriber> {
    let digits = Digits::of(groups);
    match national(groups.first()?.plus, digits.as_str()) {
        National::Dialled(rest) if digits.len() <= LONGEST => numbering::subscriber(rest),
        _ => None,
    }
}

/// Whether all of these digits together are a number.
pub(super) fn is_number(groups: &[Group]) -> bool {
    dialled(groups).is_some()
}
