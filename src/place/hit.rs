//! Where a text may name a unit: every run of words that is some unit's name, with what stands before it.
//!
//! Collects without choosing; which hits belong together is [`super::score`]'s business.

use super::gazetteer::{Gazetteer, Kind, Level, Unit, UnitIx};
use super::names::{Name, key};
use super::token::Token;
use crate::text::word::{agrees, is_syllable, one_slip, words};

/// Longest name, in tokens: `Văn Miếu - Quốc Tử Giám`, and one more for a name written apart.
const LONGEST_NAME: usize = 6;
/// Most hits collected from one text.
const MOST_HITS: usize = 6_000;

/// How the type word before a name agrees with the unit's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TypeWord {
    /// It is the unit's.
    Same,
    /// Another of the same level; units are promoted.
    Similar,
    /// Of another level.
    Wrong,
    /// None typed.
    Absent,
}

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

/// How the accents typed agree with the unit's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accents {
    /// None typed, or they cannot be compared.
    Unknown,
    Same,
    /// Some words have theirs, others lack them.
    Lacking,
    Wrong,
}

/// A run of tokens that may name a unit.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    /// First token, the type word included.
    pub(super) from: usize,
    /// First token of the name.
    pub(super) start: usize,
    /// After the last token.
    pub(super) end: usize,
    pub(super) unit: UnitIx,
    pub(super) type_word: TypeWord,
    pub(super) before: Before,
    /// Letters wrong, missing, added or swapped.
    pub(super) slips: u8,
    pub(super) accents: Accents,
    pub(super) alias: bool,
    /// Another word follows in the same part, which may belong to a longer name.
    pub(super) runs_on: bool,
    /// A word stands before it in the same part.
    pub(super) runs_in: bool,
}

impl Hit {
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.from < other.end && other.from < self.end
    }
}

/// A place in the text that surely names a unit, whichever: a reading should account for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) start: usize,
}

/// Everything found in one text.
pub(super) struct Hits {
    pub(super) all: Vec<Hit>,
    pub(super) claims: Vec<Claim>,
    /// Number of tokens without the country and the postal code at the end.
    pub(super) length: usize,
}

/// Collects the hits in the tokens.
pub(super) fn hits(gazetteer: &Gazetteer, tokens: &[Token]) -> Hits {
    let length = without_country(tokens);
    let tokens = &tokens[..length];
    let mut all = Vec::new();
    for start in 0..length {
        let announced = type_word(tokens, start);
        for end in start + 1..=length.min(start + LONGEST_NAME) {
            if tokens[end - 1].part != tokens[start].part || all.len() >= MOST_HITS {
                break;
            }
            collect(gazetteer, tokens, (start, end), announced, &mut all);
        }
    }
    let claims = claims(gazetteer, &all, length);
    Hits { all, claims, length }
}

/// The number of tokens before `Việt Nam` and a postal code.
fn without_country(tokens: &[Token]) -> usize {
    let mut length = tokens.len();
    loop {
        let last = |back: usize| length.checked_sub(back).map(|at| &tokens[at]);
        let Some(end) = last(1) else { return length };
        let country = matches!(end.plain.as_str(), "vn" | "vietnam");
        let two_words = end.plain == "nam" && last(2).is_some_and(|token| token.plain == "viet");
        let postal = end.is_number && (5..=6).contains(&end.plain.len());
        length -= match () {
            () if two_words => 2,
            () if country || postal => 1,
            () => return length,
        };
    }
}

/// A type word and the token it starts at.
#[derive(Clone, Copy)]
struct Announced {
    kind: Kind,
    from: usize,
}

fn collect(
    gazetteer: &Gazetteer,
    tokens: &[Token],
    (start, end): (usize, usize),
    announced: Option<Announced>,
    all: &mut Vec<Hit>,
) {
    let run = &tokens[start..end];
    let joined: String = run.iter().map(|token| token.plain.as_str()).collect();
    let key = if run[0].is_number { key(&joined) } else { joined };
    let numeric = key.bytes().all(|byte| byte.is_ascii_digit());
    if numeric && !announced.is_some_and(|word| matches!(word.kind, Kind::UrbanWard | Kind::UrbanDistrict)) {
        return;
    }
    let at_end = end == tokens.len();
    // Whoever types accents somewhere means their absence elsewhere.
    let text_has_accents = tokens.iter().any(|token| !token.folded.is_ascii());
    let runs_on = tokens.get(end).is_some_and(|next| next.part == run[0].part && !next.is_number);
    let mut push = |name: &Name, slips: u8| {
        let unit = gazetteer.unit(name.unit);
        let type_word = announced.map_or(TypeWord::Absent, |word| compare(word.kind, unit));
        let of_a_province = matches!(type_word, TypeWord::Same | TypeWord::Similar);
        let too_short =
            (name.short && !of_a_province && !at_end) || (key.len() < 3 && !name.short && announced.is_none());
        if too_short || (name.short && slips > 0) {
            return;
        }
        // A type word of another level belongs to something else, or is part of the name.
        let from = announced.filter(|_| of_a_province).map_or(start, |word| word.from);
        let accents = accents(run, name.text, text_has_accents);
        let slips = slips + u8::from(name.initials);
        let before = before(tokens, from);
        let runs_in = from > 0 && tokens[from - 1].part == run[0].part && !tokens[from - 1].is_number;
        all.push(Hit {
            from,
            start,
            end,
            unit: name.unit,
            type_word,
            before,
            slips,
            accents,
            alias: name.alias,
            runs_on,
            runs_in,
        });
    };
    let exact = gazetteer.names.exact(&key);
    exact.iter().for_each(|name| push(name, 0));
    if exact.is_empty() && !numeric {
        for (names, slips) in gazetteer.names.near(&key) {
            names.iter().for_each(|name| push(name, slips));
        }
    }
}

fn compare(typed: Kind, unit: &Unit) -> TypeWord {
    let levels: &[Level] = match typed {
        Kind::Province => &[Level::Province],
        Kind::City => &[Level::Province, Level::District],
        Kind::UrbanDistrict | Kind::RuralDistrict | Kind::Town => &[Level::District],
        Kind::UrbanWard | Kind::Commune | Kind::Township | Kind::SpecialZone => &[Level::Ward],
    };
    match () {
        () if typed == unit.kind => TypeWord::Same,
        () if levels.contains(&unit.level) => TypeWord::Similar,
        () => TypeWord::Wrong,
    }
}

/// Compares the accents typed with those of the name, word by word.
fn accents(run: &[Token], name: &str, text_has_accents: bool) -> Accents {
    let named = words(name);
    if named.len() != run.len() || !text_has_accents {
        return Accents::Unknown;
    }
    let agrees = |typed: &str, named: &str| agrees(typed, named) && (!named.is_ascii() || typed.is_ascii());
    let all = |agree: &dyn Fn(&str, &str) -> bool| {
        run.iter().zip(&named).all(|(typed, named)| agree(&typed.folded, &named.folded))
    };
    match () {
        () if !all(&agrees) => Accents::Wrong,
        () if all(&|typed, named| agrees(named, typed) && typed.is_ascii() == named.is_ascii()) => Accents::Same,
        () => Accents::Lacking,
    }
}

/// The type word that ends right before `start`, in the same part of the text.
fn type_word(tokens: &[Token], start: usize) -> Option<Announced> {
    let part = tokens[start].part;
    let back = |count: usize| start.checked_sub(count).map(|at| &tokens[at]).filter(|token| token.part == part);
    let one = back(1)?;
    if let Some(two) = back(2)
        && let Some(kind) = two_words(two, one)
    {
        return Some(Announced { kind, from: start - 2 });
    }
    one_word(one).map(|kind| Announced { kind, from: start - 1 })
}

fn two_words(first: &Token, second: &Token) -> Option<Kind> {
    const PAIRS: [(&str, &str, Kind); 8] = [
        ("thành", "phố", Kind::City),
        ("thị", "xã", Kind::Town),
        ("thị", "trấn", Kind::Township),
        ("đặc", "khu", Kind::SpecialZone),
        ("t", "phố", Kind::City),
        ("t", "p", Kind::City),
        ("t", "x", Kind::Town),
        ("t", "t", Kind::Township),
    ];
    let exact = PAIRS.iter().find(|(a, b, _)| agrees(&first.folded, a) && agrees(&second.folded, b));
    let slipped = || {
        let typed = format!("{}{}", first.plain, second.plain);
        let on_purpose = is_syllable(&first.plain) && is_syllable(&second.plain);
        PAIRS[..4].iter().find(|(a, b, _)| !on_purpose && one_slip(&typed, &key(&format!("{a}{b}"))))
    };
    exact.or_else(slipped).map(|(_, _, kind)| *kind)
}

fn one_word(token: &Token) -> Option<Kind> {
    const WORDS: [(&str, Kind); 5] = [
        ("phường", Kind::UrbanWard),
        ("huyện", Kind::RuralDistrict),
        ("quận", Kind::UrbanDistrict),
        ("tỉnh", Kind::Province),
        ("xã", Kind::Commune),
    ];
    let short = match token.plain.as_str() {
        "p" | "f" | "ph" => Kind::UrbanWard,
        "x" => Kind::Commune,
        "tt" => Kind::Township,
        "q" => Kind::UrbanDistrict,
        "h" => Kind::RuralDistrict,
        "tx" => Kind::Town,
        "tp" | "tph" => Kind::City,
        "t" => Kind::Province,
        _ => {
            let slips = |named: &str| !is_syllable(&token.plain) && one_slip(&token.plain, &key(named));
            return WORDS.iter().find(|(named, _)| agrees(&token.folded, named) || slips(named)).map(|(_, kind)| *kind);
        }
    };
    Some(short)
}

/// Words before the name of a street, a hamlet or a building.
const STREET_WORDS: [&str; 34] = [
    "duong", "d", "pho", "ngo", "ngach", "hem", "kiet", "kdc", "ql", "tl", "thon", "ap", "to", "xom", "khom", "ban",
    "buon", "lang", "kp", "khu", "cho", "cau", "truong", "toa", "nha", "cu", "bon", "tdp", "kcn", "ktx", "benh",
    "vien", "tk", "doi",
];

fn before(tokens: &[Token], from: usize) -> Before {
    let Some(token) = from.checked_sub(1).map(|at| &tokens[at]) else { return Before::Other };
    if token.part != tokens[from].part {
        return Before::Other;
    }
    match () {
        () if token.is_number => Before::Number,
        // The letter of "12A".
        () if token.plain.len() == 1 && from > 1 && tokens[from - 2].is_number => Before::Number,
        () if STREET_WORDS.contains(&token.plain.as_str()) => Before::Street,
        () => Before::Other,
    }
}

/// Names behind a type word of their level, and a province at the end.
fn claims(gazetteer: &Gazetteer, all: &[Hit], length: usize) -> Vec<Claim> {
    let mut starts: Vec<usize> = all
        .iter()
        .filter(|hit| {
            let announced = matches!(hit.type_word, TypeWord::Same | TypeWord::Similar) && hit.slips == 0;
            let last = hit.end == length && hit.slips == 0 && gazetteer.unit(hit.unit).level == Level::Province;
            announced || last
        })
        .map(|hit| hit.start)
        .collect();
    starts.sort_unstable();
    starts.dedup();
    starts.into_iter().map(|start| Claim { start }).collect()
}
