//! What surrounds the names in a text: type words, street words, house numbers, commas, chatter.
//!
//! Looks at words only; which of them name a unit is [`super::hit`]'s business.

use std::ops::Range;
use std::sync::LazyLock;

use super::letter::Letters;
use super::slip::between;
use super::typed::Typed;
use super::units::Kind;
use crate::text::word::is_syllable;

/// What stands before a name that has no type word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// A house number: a street's name is more likely.
    Number,
    /// `đường`, `ngõ`, `thôn`, ...
    Street,
    /// Anything else, or nothing.
    Other,
}

/// A type word and the piece it starts at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Announced {
    pub(super) kind: Kind,
    pub(super) from: usize,
    /// A letter is wrong.
    pub(super) is_slipped: bool,
}

/// A text with everything about it that does not depend on a unit.
pub(super) struct Scene<'a> {
    pub(super) typed: &'a Typed,
    /// For each piece, the type word that ends right before it.
    pub(super) announced: Vec<Option<Announced>>,
    /// The first piece of what is said not to be meant.
    denied: Option<usize>,
    /// For each piece, how many pieces before it say something.
    telling: Vec<u8>,
    /// For each piece, the first piece of its part and the one after its last.
    parts: Vec<(usize, usize)>,
    /// Pieces without the country and the postal code at the end.
    pub(super) length: usize,
    /// The text is cut by commas.
    pub(super) has_parts: bool,
}

impl<'a> Scene<'a> {
    pub(super) fn new(typed: &'a Typed) -> Self {
        let length = without_country(typed);
        let announced = (0..length).map(|start| announced(typed, start)).collect();
        let mut telling = Vec::with_capacity(length + 1);
        telling.push(0);
        for at in 0..length {
            let said = u8::from(!typed.pieces[at].is_number && !is_chatter(typed.bare(at)));
            telling.push(telling[at] + said);
        }
        let mut parts = Vec::with_capacity(length);
        for pieces in typed.pieces[..length].chunk_by(|one, other| one.part == other.part) {
            let from = parts.len();
            parts.resize(from + pieces.len(), (from, from + pieces.len()));
        }
        let has_parts = length > 0 && parts[0].1 < length;
        let says_no = |at: &usize| is_no(typed.bare(at - 2)) && matches!(typed.bare(at - 1), b"phai" | b"o" | b"thuoc");
        let denied = (2..=length).find(says_no);
        Self { typed, announced, denied, telling, parts, length, has_parts }
    }

    /// Pieces in a range that are neither politeness nor talk about the delivery.
    pub(super) fn telling(&self, from: usize, end: usize) -> usize {
        usize::from(self.telling[end.min(self.length)].saturating_sub(self.telling[from.min(self.length)]))
    }

    /// Whether a house number or a street word stands among some pieces.
    pub(super) fn has_a_street(&self, from: usize, end: usize) -> bool {
        (from..end).any(|at| self.typed.pieces[at].is_number || is_street_word(self.typed.bare(at)))
    }

    /// Whether a name that starts at a piece is a street's or the end of a person's whom a street is called after:
    /// "12 Quang Trung", "12 Lê Hồng Phong".
    pub(super) fn is_street(&self, start: usize) -> bool {
        let (from, _) = self.part(start);
        let is_surname = |at: usize| {
            may_be_surname(self.typed.bare(at)) && SURNAMES.iter().any(|surname| self.typed.spells(at..at + 1, surname))
        };
        let opens = |at: usize| at == from || self.is_house(from, at) || is_opening(self.typed.bare(at - 1));
        start > from && (self.is_house(from, start) || is_surname(start - 1) && opens(start - 1))
    }

    /// Whether what ends before `end` is a house number or `đường`, and no number of a street: "đường số 5".
    fn is_house(&self, from: usize, end: usize) -> bool {
        let word = |at: usize| self.typed.bare(at);
        let is_number = |at: usize| self.typed.pieces[at].is_number;
        let is_named = |at: usize| is_named_by_street(word(at));
        let is_of_house = |at: &usize| is_number(*at) || word(*at).len() == 1 || is_lane(word(*at)) || is_named(*at);
        let Some(first) = (from..end).rev().take_while(is_of_house).last() else { return false };
        let opens = first == from || is_opening(word(first - 1));
        let is_numbered = (first..end).any(is_number);
        match (first..end).rev().find(|at| word(*at) != b"so" && !is_number(*at)) {
            _ if !opens => false,
            Some(street) if is_named(street) => street + 1 == end,
            _ => is_numbered,
        }
    }

    /// Whether a name is said not to be meant: "không phải Bến Nghé".
    pub(super) fn is_denied(&self, name: Range<usize>) -> bool {
        self.denied.is_some_and(|denied| name.contains(&denied))
    }

    /// Whether any name is.
    pub(super) fn has_denied(&self) -> bool {
        self.denied.is_some()
    }

    /// The first piece of the part that a piece is in, and the one after its last.
    pub(super) fn part(&self, at: usize) -> (usize, usize) {
        self.parts[at]
    }

    /// What stands right before a piece in its part.
    pub(super) fn before(&self, from: usize) -> Before {
        let Some(at) = from.checked_sub(1).filter(|at| self.typed.same_part(*at, from)) else { return Before::Other };
        let letters = self.typed.bare(at);
        let back = at.checked_sub(1).filter(|back| self.typed.same_part(*back, at));
        let after_number = || back.is_some_and(|back| self.typed.pieces[back].is_number);
        match () {
            // "ấp 2 Tân Thành": the hamlet has the number.
            () if self.typed.pieces[at].is_number && back.is_some_and(|back| is_hamlet(self.typed.bare(back))) => {
                Before::Other
            }
            () if self.typed.pieces[at].is_number => Before::Number,
            // The letter of "12A".
            () if letters.len() == 1 && after_number() => Before::Number,
            () if is_street_word(letters) => Before::Street,
            () => Before::Other,
        }
    }
}

/// Words before the name of a street, a hamlet or a building.
#[rustfmt::skip]
fn is_street_word(word: &[u8]) -> bool {
    matches!(
        word,
        b"duong" | b"d" | b"pho" | b"ngo" | b"ngach" | b"hem" | b"kiet" | b"kdc" | b"ql" | b"tl" | b"thon" | b"ap"
            | b"to" | b"xom" | b"khom" | b"ban" | b"buon" | b"lang" | b"kp" | b"khu" | b"cho" | b"cau" | b"truong"
            | b"toa" | b"nha" | b"cu" | b"bon" | b"tdp" | b"kcn" | b"ktx" | b"benh" | b"vien" | b"tc" | b"tk" | b"doi"
            | b"chung" | b"lo" | b"khoi"
    )
}

/// Words of a house number: "số 5 ngõ 8".
fn is_lane(word: &[u8]) -> bool {
    matches!(word, b"so" | b"nha" | b"ngo" | b"ngach" | b"hem" | b"kiet" | b"can" | b"lo" | b"bis")
}

/// Words before the name or the number of a street.
fn is_named_by_street(word: &[u8]) -> bool {
    matches!(word, b"duong" | b"d" | b"pho" | b"ql" | b"tl")
}

/// Words before an address.
fn is_opening(word: &[u8]) -> bool {
    is_chatter(word) || matches!(word, b"o" | b"tai" | b"la" | b"dc" | b"chi" | b"nha")
}

/// Words that deny what follows.
fn is_no(word: &[u8]) -> bool {
    matches!(word, b"khong" | b"ko" | b"k" | b"hong" | b"hok" | b"khg" | b"chang" | b"dau")
}

/// Whether letters are one of [`SURNAMES`] without its accents: most words are none, and looked at often.
fn may_be_surname(word: &[u8]) -> bool {
    matches!(
        word,
        b"nguyen"
            | b"tran"
            | b"le"
            | b"pham"
            | b"hoang"
            | b"huynh"
            | b"phan"
            | b"vu"
            | b"vo"
            | b"dang"
            | b"bui"
            | b"ngo"
    )
}

/// Family names that are no street by themselves.
static SURNAMES: LazyLock<[Letters; 12]> = LazyLock::new(|| {
    ["nguyễn", "trần", "lê", "phạm", "hoàng", "huỳnh", "phan", "vũ", "võ", "đặng", "bùi", "ngô"].map(Letters::of_name)
});

/// Words before the number of a hamlet or a block.
fn is_hamlet(word: &[u8]) -> bool {
    matches!(
        word,
        b"thon"
            | b"ap"
            | b"to"
            | b"xom"
            | b"khom"
            | b"ban"
            | b"buon"
            | b"lang"
            | b"kp"
            | b"pho"
            | b"khu"
            | b"doi"
            | b"tdp"
            | b"khoi"
            | b"tk"
    )
}

/// Words around an address that belong to no unit and no street.
#[rustfmt::skip]
fn is_chatter(word: &[u8]) -> bool {
    matches!(
        word,
        b"a" | b"nhe" | b"nha" | b"nhen" | b"em" | b"anh" | b"chi" | b"oi" | b"ah" | b"giup" | b"dum" | b"voi" | b"cam"
            | b"on" | b"sdt" | b"dt" | b"so" | b"goi" | b"giao" | b"ship" | b"gui" | b"nhan" | b"hang" | b"sim" | b"sau"
            | b"truoc" | b"luc" | b"gio" | b"h" | b"sang" | b"chieu" | b"toi" | b"trua" | b"mai" | b"nay" | b"hom"
            | b"ngay" | b"cho" | b"minh" | b"con" | b"ve" | b"den" | b"thanks" | b"ok" | b"da" | b"vang"
    )
}

/// Words that are said to somebody and are in no name.
pub(super) fn is_spoken_to_somebody(word: &[u8]) -> bool {
    matches!(word, b"em" | b"oi" | b"tui" | b"nhe" | b"shop")
}

/// Words of yes and no, of which names are made too: "đồng ý", "dạ có".
pub(super) fn is_answer(word: &[u8]) -> bool {
    matches!(word, b"da" | b"co" | b"dong" | b"i" | b"y" | b"khong" | b"duoc" | b"vang" | b"hong" | b"luon")
}

/// What addresses abroad end in.
static ABROAD: LazyLock<[Letters; 36]> = LazyLock::new(|| {
    #[rustfmt::skip]
    let countries = [
        "mỹ", "hoa kỳ", "usa", "america", "california", "canada", "úc", "australia", "pháp", "france", "đức", "germany",
        "anh quốc", "england", "nga", "russia", "nhật", "nhật bản", "japan", "hàn quốc", "korea", "trung quốc", "china",
        "đài loan", "taiwan", "thái lan", "thailand", "lào", "laos", "campuchia", "cambodia", "malaysia", "singapore",
        "indonesia", "philippines", "ấn độ",
    ];
    countries.map(Letters::of_name)
});

/// Whether the last of several parts is another country: `..., Hà Nội, Úc`.
pub(super) fn is_abroad(typed: &Typed) -> bool {
    let last = typed.pieces.last().map_or(0, |last| last.part);
    let from = typed.pieces.partition_point(|piece| piece.part < last);
    from > 0 && ABROAD.iter().any(|country| typed.spells(from..typed.pieces.len(), country))
}

/// The number of pieces before `Việt Nam` and a postal code.
fn without_country(typed: &Typed) -> usize {
    let mut length = typed.pieces.len();
    while let Some(at) = length.checked_sub(1) {
        let last = typed.bare(at);
        let two_words = last == b"nam" && at > 0 && typed.bare(at - 1) == b"viet";
        let postal = typed.pieces[at].is_number && (5..=6).contains(&last.len());
        length -= match () {
            () if two_words => 2,
            () if last == b"vn" || last == b"vietnam" || postal => 1,
            () => return length,
        };
    }
    0
}

/// The type word that ends right before `start`, in the same part of the text.
fn announced(typed: &Typed, start: usize) -> Option<Announced> {
    // "F7/16" and "7/Q3" are houses.
    let is_house = typed.pieces[start].is_slashed
        || (start > 1 && typed.pieces[start].is_number && typed.pieces[start - 2].is_slashed);
    if is_house || !typed.pieces[start].is_number && ends_in_another_word(typed, start) {
        return None;
    }
    let back = |count: usize| start.checked_sub(count).filter(|at| typed.same_part(*at, start));
    let one = back(1)?;
    let two = back(2).and_then(|two| two_words(typed, two, one).map(|(kind, slip)| (two, kind, slip)));
    let word = two.or_else(|| one_word(typed, one).map(|(kind, slip)| (one, kind, slip)));
    word.map(|(from, kind, is_slipped)| Announced { kind, from, is_slipped })
}

/// Whether the word before `start` lacks a tone and is another word then, or part of a hero's name: `Phương Liên`,
/// `Lạc Long Quân`.
fn ends_in_another_word(typed: &Typed, start: usize) -> bool {
    static OTHERS: LazyLock<[Letters; 3]> = LazyLock::new(|| ["phương", "quân", "huyên"].map(Letters::of_name));
    static HERO: LazyLock<Letters> = LazyLock::new(|| Letters::of_name("lạc long quân"));
    let Some(at) = start.checked_sub(1) else { return false };
    let is_typed = |other: &Letters| {
        typed.bare(at) == other.bare && typed.letters.accents[typed.pieces[at].letters.clone()] == other.accents
    };
    OTHERS.iter().any(is_typed) || at > 1 && typed.bare(at) == b"quan" && typed.spells(at - 2..start, &HERO)
}

/// Type words in full, by their letters.
static WORDS: LazyLock<[(Letters, Kind); 5]> = LazyLock::new(|| {
    [
        ("phường", Kind::UrbanWard),
        ("huyện", Kind::RuralDistrict),
        ("quận", Kind::UrbanDistrict),
        ("tỉnh", Kind::Province),
        ("xã", Kind::Commune),
    ]
    .map(|(word, kind)| (Letters::of_name(word), kind))
});
/// Type words of two words.
static PAIRS: LazyLock<[(Letters, Letters, Kind); 4]> = LazyLock::new(|| {
    [
        ("thành", "phố", Kind::City),
        ("thị", "xã", Kind::Town),
        ("thị", "trấn", Kind::Township),
        ("đặc", "khu", Kind::SpecialZone),
    ]
    .map(|(first, second, kind)| (Letters::of_name(first), Letters::of_name(second), kind))
});

/// The kind that two pieces name, and whether with a slip.
fn two_words(typed: &Typed, first: usize, second: usize) -> Option<(Kind, bool)> {
    let (a, b) = (typed.bare(first), typed.bare(second));
    match (a, b) {
        (b"t", b"pho" | b"p") => return Some((Kind::City, false)),
        (b"t", b"x") => return Some((Kind::Town, false)),
        (b"t", b"t") => return Some((Kind::Township, false)),
        _ => {}
    }
    // All pairs of type words begin with one of these letters and end with another.
    if !(matches!(a[0], b't' | b'd' | b'h' | b'k') && (5..=9).contains(&(a.len() + b.len()))) {
        return None;
    }
    let whole = |(one, other, _): &&(Letters, Letters, Kind)| {
        (one.bare.as_slice(), other.bare.as_slice()) == (a, b)
            && typed.spells(first..first + 1, one)
            && typed.spells(second..second + 1, other)
    };
    if let Some((_, _, kind)) = PAIRS.iter().find(whole) {
        return Some((*kind, false));
    }
    if is_word(a) && is_word(b) {
        return None;
    }
    let joined = [a, b].concat();
    let slip =
        |(one, other, _): &&(Letters, Letters, Kind)| slipped(&joined, &[one.bare.as_slice(), &other.bare].concat());
    PAIRS.iter().find(slip).map(|(_, _, kind)| (*kind, true))
}

/// The kind that a piece names, and whether with a slip.
fn one_word(typed: &Typed, at: usize) -> Option<(Kind, bool)> {
    let letters = typed.bare(at);
    let kind = match letters {
        b"p" | b"f" | b"ph" => Kind::UrbanWard,
        b"x" => Kind::Commune,
        b"tt" => Kind::Township,
        b"q" => Kind::UrbanDistrict,
        b"h" => Kind::RuralDistrict,
        b"tx" => Kind::Town,
        b"tp" | b"tph" => Kind::City,
        b"t" => Kind::Province,
        _ if !(2..=8).contains(&letters.len()) => return None,
        _ => {
            let named = |(named, _): &&(Letters, Kind)| named.bare == letters && typed.spells(at..at + 1, named);
            let slip = |(named, _): &&(Letters, Kind)| slipped(letters, &named.bare);
            return match WORDS.iter().find(named) {
                Some((_, kind)) => Some((*kind, false)),
                None if letters.len() < 4 || is_word(letters) => None,
                None => WORDS.iter().find(slip).map(|(_, kind)| (*kind, true)),
            };
        }
    };
    Some((kind, false))
}

pub(super) fn is_word(letters: &[u8]) -> bool {
    is_syllable(letters)
}

/// Whether a type word of four letters or more was typed with a slip.
fn slipped(typed: &[u8], named: &[u8]) -> bool {
    typed.len().min(named.len()) > 3 && typed.len().abs_diff(named.len()) < 2 && between(typed, named) == Some(1)
}
