//! The words of days and hours, and those around them.
//!
//! A table only. Numbers, and the words that need one, are read in [`super::hour`] and [`super::day`].

use std::sync::LazyLock;

use super::hour::Half::{Afternoon, Evening, Morning, Night, Noon};
use super::hour::Part;
use crate::text::lexeme::{Kind, Lexeme};
use crate::text::vocabulary::Vocabulary;
use crate::text::word::Word;
use crate::text::yes_no::is_not;

/// What a word or a phrase says of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A part of the day.
    Part(Part),
    /// Hours, in minutes of the day.
    Hours(u16, u16),
    /// A day, so many from today.
    Day(i32),
    /// At once.
    Now,
    /// Some time, nobody knows when.
    Vague,
    /// Names another time than the one before.
    Or,
    /// Joins what is said before and after.
    And,
    /// Denies a time: `trừ thứ 7`.
    Not,
    /// Makes a plain time another: `sau ngày 5`, `đầu tháng`.
    Turn,
    /// Speaks of a time that is over, or that no calendar here knows.
    Elsewhere,
    /// Said around a time, and changes nothing.
    Around,
}

use Mark::{And, Around, Day, Elsewhere, Hours, Not, Now, Or, Turn, Vague};

const fn part(half: super::hour::Half, from: u16, to: u16) -> Mark {
    Mark::Part(Part { half, from: from * 60, to: to * 60 })
}

/// The hours as shops and couriers understand them; of phrases that fit, the longest is taken, then the one typed
/// with its very accents, then the first.
const PHRASES: &[(Mark, &str)] = &[
    (part(Morning, 6, 12), "sáng, buổi sáng, sáng sáng, ban sáng"),
    (part(Morning, 6, 8), "sáng sớm, sáng tinh mơ, sớm tinh mơ"),
    (part(Morning, 7, 9), "đầu giờ sáng, đầu buổi sáng, đầu giờ buổi sáng"),
    (part(Morning, 10, 12), "cuối giờ sáng, cuối buổi sáng, gần trưa, cuối sáng"),
    (part(Noon, 11, 14), "trưa, buổi trưa, trưa trưa, ban trưa"),
    (part(Afternoon, 12, 18), "chiều, buổi chiều, chiều chiều, ban chiều"),
    (part(Afternoon, 13, 15), "đầu giờ chiều, đầu chiều, đầu buổi chiều, xế trưa"),
    (part(Afternoon, 15, 18), "xế chiều"),
    (part(Afternoon, 16, 18), "cuối giờ chiều, cuối chiều, cuối buổi chiều, cuối ngày, chiều muộn"),
    (part(Afternoon, 17, 20), "chiều tối"),
    (part(Afternoon, 17, 19), "tan tầm, giờ tan tầm, giờ tan ca, giờ tan sở, giờ tan làm, lúc tan tầm"),
    (part(Evening, 18, 22), "tối, buổi tối, tối tối, ban tối"),
    (part(Evening, 18, 20), "chập tối, sẩm tối, xẩm tối, nhá nhem, chạng vạng, đầu giờ tối, đầu tối, đầu buổi tối"),
    (part(Evening, 20, 22), "tối muộn, tối khuya, cuối buổi tối"),
    (part(Night, 22, 24), "đêm, khuya, đêm khuya, ban đêm, buổi đêm"),
    (Hours(11 * 60 + 30, 12 * 60 + 30), "giữa trưa"),
    (Hours(11 * 60 + 30, 13 * 60 + 30), "nghỉ trưa, giờ nghỉ trưa, giờ cơm trưa, giờ ăn trưa"),
    (Hours(6 * 60, 18 * 60), "ban ngày"),
    (Hours(8 * 60, 17 * 60), "giờ hành chính, giờ hc, hành chính, giờ làm việc, giờ làm, giờ công sở"),
    (Hours(17 * 60, 22 * 60), "sau giờ hành chính, sau giờ hc, sau giờ làm việc, sau giờ làm, hết giờ làm"),
    (Hours(17 * 60, 22 * 60), "hết giờ làm việc"),
    (Hours(0, 1440), "lúc nào cũng, khi nào cũng, giờ nào cũng, mấy giờ cũng, hôm nào cũng, ngày nào cũng"),
    (Hours(0, 1440), "bữa nào cũng, bất kỳ lúc nào, bất kì lúc nào, bất cứ lúc nào, bất kỳ giờ nào"),
    (Hours(0, 1440), "bất kì giờ nào, bất cứ giờ nào, bất kỳ khi nào, bất kì khi nào, bất cứ khi nào"),
    (Hours(0, 1440), "buổi nào cũng, cả ngày, nguyên ngày, suốt ngày, càng sớm càng tốt, sớm nhất có thể"),
    (Hours(0, 1440), "sớm nhất"),
    (Day(-1), "hôm qua"),
    (Day(-2), "hôm kia"),
    (Day(0), "hôm nay, bữa nay, hôm ni, bữa ni, ngày ni, nay, ni, today"),
    (Day(1), "ngày mai, mai, ngày mơi, tmr, tomorrow"),
    (Day(2), "ngày mốt, bữa mốt, mốt, ngày kia"),
    (Now, "bây giờ, ngay bây giờ, ngay lúc này, giao ngay, giao liền, qua ngay, qua liền, tới ngay, tới liền"),
    (Now, "ghé liền"),
    (Vague, "mai mốt, nay mai, mai kia, lát, lát nữa, chút nữa, tí nữa, tý nữa, xíu nữa, chốc nữa, tuần nữa"),
    (Vague, "tháng nữa, tháng này, tháng sau, tháng tới, đầu tháng, giữa tháng, cuối tháng, đầu tháng sau"),
    (Vague, "cuối tháng này, giữa tháng sau, cuối tháng sau, đầu năm, cuối năm, năm sau, sang năm, lúc khác"),
    (Vague, "khi khác, hôm khác, bữa khác, khi nào rảnh, lúc nào rảnh, hôm nào rảnh, bữa nào rảnh, dịp khác"),
    (Vague, "để sau, sau này, từ từ, sớm, tùy, sao cũng, thế nào cũng, chưa biết, không biết, chưa rõ, không rõ"),
    (Vague, "chưa chắc, không chắc, để xem"),
    (Or, "hoặc, hoặc là, hay, hay là, không thì"),
    (And, "và, với"),
    (Not, "không, chưa, đừng, trừ, ngoài, bận, kẹt, nếu, khỏi, tránh, né, miễn, bỏ"),
    (Turn, "tuần, tháng, năm, đầu, giữa, cuối, trước, sau, từ, thứ, đến"),
    (Elsewhere, "hồi sáng, hồi trưa, hồi chiều, hồi tối, hồi nãy, lúc nãy, hồi hôm, ban nãy, tết, ra giêng"),
    (Elsewhere, "trước lễ, sau lễ, dịp lễ, nghỉ lễ, trước rằm, sau rằm, mấy giờ, bao giờ"),
    (Around, "vào, lúc, tầm, khoảng, ngày, hôm, buổi, được, đc, dc, ok, rảnh, ở, nhà, có, thể, giao, nhận, qua"),
    (Around, "gọi, lại, hẹn, là, thì, mới, về, ghé, lấy, làm, xong, rồi, trong, giờ, gặp, hàng, hơn, cỡ, chừng"),
    (Around, "độ, gì, đó, nào, cũng, đều, cả, nguyên, suốt, các, mỗi, mọi, hằng, nội, tôi, không sao, đang, tiện"),
    (Around, "ngay, liền, miễn phí, miễn là, miễn sao, miền bắc, miền trung, miền nam"),
];

static VOCABULARY: LazyLock<Vocabulary<Mark>> = LazyLock::new(|| Vocabulary::of(PHRASES));

/// The longest phrase at the start of some pieces, and how many pieces that takes.
pub(super) fn at(all: &[Lexeme]) -> Option<(usize, Mark)> {
    let found = VOCABULARY.longest(|at| all.get(at)?.word());
    found.filter(|(length, mark)| match mark {
        // "bay gio" is "now" as much as seven o'clock, "qua ngay 25" no "at once".
        Mark::Now => !all[0].is_exactly("bay") && !is_digits(all.get(*length)),
        // "toi 10h" is "until ten" as much as the evening.
        Mark::Part(_) => !(all[0].is_exactly("toi") && is_digits(all.get(1))),
        // "né buổi trưa" and "bỏ thứ 7" deny; "mai né" is "mai nhé", and goods are left with "bỏ".
        Mark::Not if all[0].is_exactly("né") || all[0].is_exactly("bỏ") => speaks_of_time(&all[1..]),
        // "ne" is "nè" as well, and "bo" a father.
        Mark::Not => !all[0].is_exactly("ne") && !all[0].is_exactly("bo"),
        _ => true,
    })
}

fn speaks_of_time(all: &[Lexeme]) -> bool {
    let Some(first) = all.first().filter(|first| !matches!(first.kind, Kind::Mark(_))) else { return false };
    let mark = VOCABULARY.longest(|at| all.get(at)?.word()).map(|(_, mark)| mark);
    let opens = opens(all).days || opens(all).hours || first.is_any(&["buổi", "giờ"]);
    opens || matches!(mark, Some(Mark::Part(_) | Hours(..) | Day(_)))
}

/// The pieces, each word that denies as `không`: `ko`, `hông`, `chả`.
pub(super) fn in_full(mut all: Vec<Lexeme>) -> Vec<Lexeme> {
    for at in 0..all.len() {
        let amount = all[at].glued && at > 0 && is_digits(all.get(at - 1));
        // "hỏng" is broken and "hăm ba" twenty-three, but "hỏng được" and "hăm có" deny.
        let other = all[at].is_exactly("hỏng") || all[at].is_exactly("hăm");
        let denied = |next: &Lexeme| next.is_any(&["được", "đc", "dc", "có", "rảnh", "giao", "nhận", "phải", "tiện"]);
        let denies = all[at].word().is_some_and(is_not) && !amount && (!other || all.get(at + 1).is_some_and(denied));
        if denies {
            all[at].kind = Kind::Word(Word { folded: "không".to_owned(), plain: "khong".to_owned() });
        }
    }
    all
}

fn is_digits(lexeme: Option<&Lexeme>) -> bool {
    lexeme.is_some_and(|lexeme| lexeme.digits().is_some())
}

/// What a word can open that takes more than a look into a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Opening {
    pub(super) hours: bool,
    pub(super) days: bool,
    pub(super) vague: bool,
}

const fn opening(hours: bool, days: bool, vague: bool) -> Opening {
    Opening { hours, days, vague }
}

const OPENINGS: &[(Opening, &str)] = &[
    (opening(true, true, false), "từ, giữa, một, hai, ba, bốn, tư, năm, sáu, bảy, bẩy, tám, chín, mười"),
    (opening(true, false, false), "nửa, sau, trước, quá, trễ, muộn, chậm, không"),
    (opening(false, true, false), "ngày, mùng, mồng, thứ, t, cn, chủ, đầu, cuối, các, trong, tuần"),
    (opening(false, true, true), "hôm"),
    (opening(false, false, true), "vài, mấy, ít, dăm, khi, lúc, bữa"),
];

static OPENERS: LazyLock<Vocabulary<Opening>> = LazyLock::new(|| Vocabulary::of(OPENINGS));

/// What some pieces can open: digits anything, a word what the table says.
pub(super) fn opens(all: &[Lexeme]) -> Opening {
    match all.first().and_then(Lexeme::word) {
        Some(_) => {
            OPENERS.longest(|at| all.get(at)?.word()).map_or(opening(false, false, false), |(_, opening)| opening)
        }
        None => opening(true, true, true),
    }
}
