//! Picks by place in the list: `số 2`, `cái đầu`, `2 hoặc 3`, `cả hai`; and picks of whatever there is.
//!
//! Only where the whole message is such a pick; in English too. `thứ 2` by itself is Monday.

use crate::text::lexeme::{Kind, Lexeme, lexemes, starts};
use crate::text::number::spelled::Spelled;
use crate::text::word::is_polite;

/// What an option is called when it is counted.
const COUNTED: [&str; 14] =
    ["lựa chọn", "phương án", "số", "cái", "mục", "câu", "ý", "gói", "nút", "dòng", "ô", "loại", "ở", "buổi"];

/// Words around a pick.
const AROUND: [&str; 21] = [
    "chọn", "lấy", "dùng", "hoặc", "hay", "và", "với", "thì", "là", "cũng", "được", "đều", "ok", "muốn", "đó", "the",
    "one", "option", "number", "take", "use",
];

/// Phrases for whichever there is.
const ANY: [&str; 18] = [
    "cái nào cũng",
    "buổi nào cũng",
    "loại nào cũng",
    "mục nào cũng",
    "gói nào cũng",
    "lúc nào cũng",
    "khi nào cũng",
    "giờ nào cũng",
    "hôm nào cũng",
    "nào cũng",
    "sao cũng",
    "gì cũng",
    "thế nào cũng",
    "tùy",
    "em chọn",
    "bạn chọn",
    "chọn giúp",
    "tất cả",
];

/// The indexes that the message picks of so many options, in order; none unless it says nothing else.
pub(super) fn read(text: &str, options: usize) -> Vec<usize> {
    let all = lexemes(text);
    let mut picked = Vec::new();
    let mut at = 0;
    while let Some(first) = all.get(at) {
        match (place_at(&all[at..], options), &first.kind) {
            (Some((length, index)), _) => {
                picked.push(index);
                at += length;
            }
            (None, Kind::Word(word)) if is_polite(word) || first.is_any(&AROUND) => at += 1,
            (None, Kind::Mark(_)) => at += 1,
            (None, Kind::Word(_) | Kind::Digits(_)) => return Vec::new(),
        }
    }
    picked.sort_unstable();
    picked.dedup();
    picked
}

/// Whether the message says nothing but a pick by place or number, however long the list would have to be.
pub(super) fn is_all(text: &str) -> bool {
    !read(text, usize::MAX).is_empty()
}

/// Whether the message leaves it open which of so many options: `cái nào cũng được`, `cả hai`.
pub(super) fn any(text: &str, options: usize) -> bool {
    let all = lexemes(text);
    let says = |phrase: &str| (0..all.len()).any(|at| starts(&all[at..], phrase));
    let counted = |at: usize| all[at].is("cả") && number(&all[at + 1..]).is_some_and(|(_, count)| count == options);
    ANY.iter().any(|phrase| says(phrase)) || (0..all.len()).any(counted)
}

/// The place named at the start of some pieces, as an index, and how many pieces that takes.
fn place_at(all: &[Lexeme], options: usize) -> Option<(usize, usize)> {
    let counted = |at: usize| COUNTED.iter().find(|counted| starts(&all[at..], counted));
    let mut counter = 0;
    while let Some(counted) = counted(counter) {
        counter += counted.split(' ').count();
    }
    let rest = &all[counter..];
    let (length, index) = end_at(rest, counter > 0, options).or_else(|| {
        let nth = usize::from(starts(rest, "thứ"));
        let (length, number) = match rest.get(nth) {
            Some(first) if nth == 1 && first.is("nhất") => (1, 1),
            Some(first) if first.is("second") => (1, 2),
            Some(first) if first.is("third") => (1, 3),
            _ => number(&rest[nth..])?,
        };
        // "thứ 2" is a day of the week, and there is no first one.
        let weekday = nth == 1 && counter == 0 && number > 1;
        (!weekday).then_some((nth + length, number.checked_sub(1)?))
    })?;
    (index < options).then_some((counter + length, index))
}

/// The first, the last or the middle one.
fn end_at(all: &[Lexeme], counted: bool, options: usize) -> Option<(usize, usize)> {
    let last = options.checked_sub(1)?;
    let is = |named: &str| starts(all, named);
    match () {
        () if is("đầu tiên") => Some((2, 0)),
        () if is("cuối cùng") => Some((2, last)),
        () if is("first") => Some((1, 0)),
        () if is("last") => Some((1, last)),
        () if !counted => None,
        () if is("đầu") => Some((1, 0)),
        () if is("cuối") => Some((1, last)),
        () if is("giữa") && options % 2 == 1 => Some((1, options / 2)),
        () if options != 2 => None,
        () if is("trên") || is("trước") => Some((1, 0)),
        () if is("dưới") || is("sau") => Some((1, 1)),
        () => None,
    }
}

/// A small number in digits, or in one word.
fn number(all: &[Lexeme]) -> Option<(usize, usize)> {
    let number = all
        .first()?
        .small()
        .or_else(|| Spelled::at(&all[..1]).and_then(|spelled| u16::try_from(spelled.value).ok()))?;
    Some((1, number.into()))
}
