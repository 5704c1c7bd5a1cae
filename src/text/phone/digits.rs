//! Groups of digits in a text, as fingers, scanners and speech produce them.
//!
//! Knows nothing of numbering: which groups make a phone number is [`super::chain`]'s business.

use std::ops::Range;

use super::letters::{Letters, is_silent, pieces};

/// Most digits that are kept of what is written together: fifteen are the longest number of the world, and an
/// access code may stand before them.
const MOST_DIGITS: usize = 20;
/// A run that is long enough to be a number by itself, whatever letters it is typed against.
const SELF_EVIDENT: usize = 9;
/// Single digits in a row among which words are digits, too: `năm` is also a year and `ba` a father.
const SPELLED: usize = 3;

/// ASCII digits of which the first twenty are kept, and how many there were.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Digits {
    kept: [u8; MOST_DIGITS],
    count: usize,
}

impl Digits {
    /// Of several groups, as one.
    pub(super) fn of(groups: &[Group]) -> Self {
        let mut all = Self::default();
        for group in groups {
            group.digits.as_str().bytes().for_each(|digit| all.push(digit));
            all.count += group.digits.count.saturating_sub(MOST_DIGITS);
        }
        all
    }

    fn push(&mut self, digit: u8) {
        if let Some(free) = self.kept.get_mut(self.count) {
            *free = digit;
        }
        self.count += 1;
    }

    /// How many there are, kept or not.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.kept[..self.count.min(MOST_DIGITS)]).unwrap_or_default()
    }
}

/// How digits are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Typed,
    /// One digit as a word.
    Word,
    /// `linh`, `lẻ`: a zero between other digits, else a name and much besides.
    Link,
}

/// Digits written together, or one digit as a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) digits: Digits,
    form: Form,
    /// Where they stand, in bytes; a plus sign before them belongs to them.
    pub(super) start: usize,
    pub(super) end: usize,
    /// A plus sign stands before them.
    pub(super) plus: bool,
    /// Nothing but marks stands between the group before and this one.
    pub(super) joined: bool,
}

impl Group {
    fn new(digits: Digits, form: Form, span: Range<usize>) -> Self {
        Self { digits, form, start: span.start, end: span.end, plus: false, joined: false }
    }

    pub(super) fn is_single(&self) -> bool {
        self.digits.len() == 1
    }
}

/// The groups of a text, without the words that spell nothing there. A chain is a group and those joined to it.
pub(super) fn groups(text: &str) -> Vec<Group> {
    let mut all = Vec::new();
    visit(text, |group| all.push(group));
    if all.iter().all(|group| group.form == Form::Typed) {
        return all;
    }
    let mut meant = Vec::with_capacity(all.len());
    for chain in all.chunk_by(|_, next| next.joined) {
        only_meant(chain, &mut meant);
    }
    meant
}

/// Adds the groups of a chain but for words that are no digits there; where one drops out, the chain parts.
fn only_meant(chain: &[Group], meant: &mut Vec<Group>) {
    let mut parted = false;
    for run in chain.chunk_by(|one, next| one.is_single() && next.is_single()) {
        let counts = |group: &Group| group.form != Form::Link;
        let first = run.iter().position(counts).unwrap_or(run.len());
        let last = run.iter().rposition(counts).map_or(first, |last| last + 1);
        let spelled = last - first >= SPELLED;
        for (at, group) in run.iter().enumerate() {
            let drops = group.form != Form::Typed && !(spelled && (first..last).contains(&at));
            if !drops {
                meant.push(Group { joined: group.joined && !parted, ..*group });
            }
            parted = drops;
        }
    }
}

/// Calls `take` for every group of the text, in order, words that may be digits among them.
pub(super) fn visit(text: &str, mut take: impl FnMut(Group)) {
    let mut before: Option<Group> = None;
    for piece in pieces(text) {
        each_in(text, piece, |mut group| {
            group.plus = plus_before(text, &mut group);
            group.joined = !group.plus && before.is_some_and(|before| joins(text, &before, &group));
            before = Some(group);
            take(group);
        });
    }
}

/// Calls `take` for the groups in a stretch of letters and digits: one for a word that is a digit, all of it
/// when letters only stand for digits, else the runs in it that are meant as numbers.
fn each_in(text: &str, piece: Range<usize>, mut take: impl FnMut(Group)) {
    let word = &text[piece.clone()];
    // Most words are only that. Digits that are not ASCII lie far behind all letters of ours.
    if !word.bytes().any(|byte| byte.is_ascii_digit() || byte >= 0xef) {
        if let Some((digit, form)) = spelled(word) {
            let mut digits = Digits::default();
            digits.push(digit);
            take(Group::new(digits, form, piece));
        }
    } else if text[piece.end..].starts_with('@') {
        // The name of a mailbox.
    } else if let Some(digits) = only_digits(word) {
        take(Group::new(digits, Form::Typed, piece));
    } else {
        for (run, digits) in runs(word).filter(|(run, digits)| is_meant(word, run, digits)) {
            take(Group::new(digits, Form::Typed, piece.start + run.start..piece.start + run.end));
        }
    }
}

/// The digits of a word in which letters only stand for digits: `o9o1234567`.
fn only_digits(word: &str) -> Option<Digits> {
    let mut digits = Digits::default();
    for char in word.chars().filter(|char| !is_silent(*char)) {
        digits.push(digit(char).or(digit_alike(char))?);
    }
    Some(digits)
}

/// The runs of digits in a word that holds letters too. Letters that look like digits count inside a run and
/// at the word's ends: `o9o1234567nha`, but not the last one of `0901234567ok`.
fn runs(word: &str) -> impl Iterator<Item = (Range<usize>, Digits)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let belongs = |char: char| digit(char).is_some() || digit_alike(char).is_some() || is_silent(char);
        let from = rest + word[rest..].find(belongs)?;
        let to = word[from..].find(|char| !belongs(char)).map_or(word.len(), |length| from + length);
        rest = to;
        let mut run = &word[from..to];
        if to < word.len() {
            run = run.trim_end_matches(|char| digit(char).is_none());
        }
        let start = if from > 0 { run.find(|char| digit(char).is_some()).unwrap_or(run.len()) } else { 0 };
        let mut digits = Digits::default();
        run[start..].chars().filter_map(|char| digit(char).or(digit_alike(char))).for_each(|digit| digits.push(digit));
        Some((from + start..from + run.len(), digits))
    })
}

/// Whether a run of digits in a word with letters is meant as part of a number: `sdt0901234567nha`, `sdt0901`,
/// `567nha`, and not the house number `12a` nor `8h30`.
fn is_meant(word: &str, run: &Range<usize>, digits: &Digits) -> bool {
    const BEFORE: [&[u8]; 11] =
        [b"sdt", b"dt", b"so", b"zalo", b"tel", b"phone", b"lh", b"goi", b"call", b"alo", b"dd"];
    const AFTER: [&[u8]; 12] =
        [b"nha", b"nhe", b"nhen", b"em", b"anh", b"chi", b"ak", b"ah", b"ad", b"oi", b"ne", b"la"];
    let announced = || run.start > 0 && BEFORE.contains(&Letters::of(&word[..run.start]).bytes());
    let rest = || &word[run.end..];
    let closed = || run.start == 0 && (rest() == "ạ" || AFTER.contains(&Letters::of(rest()).bytes()));
    digits.len() >= SELF_EVIDENT || (digits.len() > 1 && (announced() || closed()))
}

/// Whether a plus sign stands before the group, which then begins there.
fn plus_before(text: &str, group: &mut Group) -> bool {
    let before = text[..group.start].trim_end_matches(|char| char == '(' || is_silent(char));
    let near = before.ends_with(['+', '＋']);
    let apart = || group.digits.as_str().starts_with("84") && before.trim_end().ends_with(['+', '＋']);
    let plus = near || apart();
    if plus && let Some(at) = before.rfind(['+', '＋']) {
        group.start = at;
    }
    plus
}

/// Whether only marks stand between two groups that can be parts of one number.
fn joins(text: &str, before: &Group, group: &Group) -> bool {
    let between = &text[before.end..group.start];
    match between {
        "" | " " | "." | "-" => true,
        // "090/123/4567", "0901,234,567", and not "12/34" nor "8,5".
        "/" | "," => before.digits.len() > 2 && group.digits.len() > 2,
        // Whoever spells a number out pauses: "không chín không, một hai ba".
        ", " => before.is_single() && group.is_single() && (before.form == Form::Word || group.form == Form::Word),
        _ => between.chars().count() <= 4 && between.chars().all(is_weak),
    }
}

/// Marks that people put between the digits of a number.
fn is_weak(char: char) -> bool {
    match char {
        '\n' | '\r' => false,
        '.' | '-' | '(' | ')' | '·' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}' => true,
        '．' | '－' | '（' | '）' => true,
        other => other.is_whitespace() || is_silent(other),
    }
}

/// The ASCII digit of a digit: full-width ones, and those of mathematical alphabets that keyboards offer as
/// fonts.
pub(super) fn digit(char: char) -> Option<u8> {
    let value = match char {
        '0'..='9' => return Some(char as u8),
        '０'..='９' => u32::from(char) - u32::from('０'),
        '\u{1d7ce}'..='\u{1d7ff}' => (u32::from(char) - 0x1d7ce) % 10,
        _ => return None,
    };
    u8::try_from(value).ok().map(|value| b'0' + value)
}

fn digit_alike(char: char) -> Option<u8> {
    match char {
        'o' | 'O' => Some(b'0'),
        'l' | 'I' => Some(b'1'),
        _ => None,
    }
}

/// The digit that a word stands for, in Vietnamese with or without accents, or in English.
fn spelled(word: &str) -> Option<(u8, Form)> {
    // No other letter begins one, so most words need not be taken apart.
    if !word.bytes().next().is_some_and(|first| b"bcefhklmnostz".contains(&first.to_ascii_lowercase())) {
        return None;
    }
    let digit = match Letters::of(word).bytes() {
        b"khong" | b"ko" | b"hong" | b"o" | b"zero" => b'0',
        b"mot" | b"one" => b'1',
        b"hai" | b"two" => b'2',
        b"ba" | b"three" => b'3',
        b"bon" | b"tu" | b"four" => b'4',
        b"nam" | b"lam" | b"nham" | b"five" => b'5',
        b"sau" | b"six" => b'6',
        b"bay" | b"seven" => b'7',
        b"tam" | b"eight" => b'8',
        b"chin" | b"nine" => b'9',
        b"linh" | b"le" => return Some((b'0', Form::Link)),
        _ => return None,
    };
    Some((digit, Form::Word))
}
