//! What units are called: every name of every unit by its letters, with its accents.
//!
//! Knows no geography; one key may stand for dozens of units.

use std::ops::Range;

use super::Scheme;
use super::letter::Letters;
use super::slip::{SHORTEST, Slips, between};
use super::trie::{KeyIx, Trie};
use super::units::{Kind, Level, UnitIx, Units};

/// What sort of name it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    /// The unit's own.
    Own,
    /// One it bore before, or goes by.
    Other,
    /// `hcm`, known to everybody, but so short that it counts only where a unit is expected.
    Short,
    /// `tgiang`, Tiền Giang: as good as a slip.
    Clipped,
    /// `tth`, Thừa Thiên Huế: as good as a slip, and as short.
    Initials,
}

/// A name of a unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    pub(super) unit: UnitIx,
    pub(super) level: Level,
    /// The type word that goes with this name: a former one may have had another.
    pub(super) kind: Kind,
    pub(super) sort: Sort,
    pub(super) scheme: Scheme,
    /// The province in force that the unit lies in.
    pub(super) province: UnitIx,
    pub(super) is_historic: bool,
    /// Something in force took its place, or it is in force.
    pub(super) is_mapped: bool,
    /// Where its accents begin in the row of all; `None` where only its letters are known.
    pub(super) accents: Option<u32>,
}

/// A row of letters and what bears it as a name, provinces first, wards last.
#[derive(Clone, Debug)]
struct Key {
    letters: Range<usize>,
    is_number: bool,
    names: Range<usize>,
    /// Where the names of districts and those of wards begin.
    from: [usize; 2],
}

/// Every name.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) trie: Trie,
    pub(super) slips: Slips,
    keys: Vec<Key>,
    names: Vec<Name>,
    letters: Vec<u8>,
    accents: Vec<u8>,
}

/// What some provinces and cities are called besides: level, code, name.
const NICKNAMES: [(Level, &str, &str); 15] = [
    (Level::Province, "01", "hn"),
    (Level::Province, "79", "hcm"),
    (Level::Province, "79", "Sài Gòn"),
    (Level::Province, "79", "sg"),
    (Level::Province, "79", "tpsg"),
    (Level::Province, "79", "hcmc"),
    (Level::Province, "79", "tphcm"),
    (Level::Province, "79", "hochiminhcity"),
    (Level::Province, "01", "tphn"),
    (Level::Province, "46", "Huế"),
    (Level::Province, "46", "tthue"),
    (Level::Province, "46", "tthhue"),
    (Level::District, "643", "Buôn Mê Thuột"),
    (Level::District, "643", "Ban Mê Thuột"),
    (Level::District, "643", "bmt"),
];

impl Names {
    /// Of all units of both periods.
    pub(super) fn new(units: &Units) -> Self {
        let mut gathering = Gathering::default();
        for ix in units.indexes() {
            let unit = units.unit(ix);
            let name = Gathered { unit: ix, level: unit.level, kind: unit.kind, sort: Sort::Own };
            gathering.add(unit.name(), name);
            match unit.level {
                Level::Province => gathering.add_short(unit.name(), name),
                Level::District => gathering.add_clipped(unit.name(), name),
                Level::Ward => {}
            }
            for (level, code, nickname) in NICKNAMES {
                if (level, code, Scheme::Old) == (unit.level, &*unit.code, unit.scheme) {
                    let sort = if nickname.len() < 4 { Sort::Short } else { Sort::Other };
                    gathering.add(nickname, Gathered { sort, ..name });
                }
            }
        }
        for other in units.other_names() {
            let unit = units.unit(other.unit);
            let (kind, text) = Kind::split(&other.text).unwrap_or((unit.kind, &other.text));
            let name = Gathered { unit: other.unit, level: unit.level, kind, sort: Sort::Other };
            if other.is_former || !text.is_ascii() { gathering.add(text, name) } else { gathering.add_bare(text, name) }
        }
        gathering.sorted(units)
    }

    /// Its names of one level.
    pub(super) fn of_level(&self, key: KeyIx, level: Level) -> &[Name] {
        let Key { names, from: [districts, wards], .. } = &self.keys[key as usize];
        match level {
            Level::Province => &self.names[names.start..*districts],
            Level::District => &self.names[*districts..*wards],
            Level::Ward => &self.names[*wards..names.end],
        }
    }

    /// The units of which a name, or its beginning, is spelt so, or so but for a slip; and how many slips.
    pub(super) fn called(&self, letters: &[u8]) -> Vec<(UnitIx, u8)> {
        let begins = |key: &[u8]| !letters.is_empty() && key.starts_with(letters);
        let slips = |key: &Key| match &self.letters[key.letters.clone()] {
            exact if exact == letters => Some(0),
            longer if letters.len() >= SHORTEST && begins(longer) => Some(1),
            other => between(letters, other).filter(|_| letters.len() >= SHORTEST).map(|slips| slips + 1),
        };
        let named = |key: &Key| slips(key).map(|slips| (key.names.clone(), slips));
        let all = self.keys.iter().filter_map(named);
        all.flat_map(|(names, slips)| self.names[names].iter().map(move |name| (name.unit, slips))).collect()
    }

    /// The letters of a key.
    pub(super) fn letters(&self, key: KeyIx) -> &[u8] {
        &self.letters[self.keys[key as usize].letters.clone()]
    }

    /// How many they are.
    pub(super) fn length(&self, key: KeyIx) -> usize {
        self.keys[key as usize].letters.len()
    }

    /// Whether a key is a number: `Phường 5`.
    pub(super) fn is_number(&self, key: KeyIx) -> bool {
        self.keys[key as usize].is_number
    }

    /// The accents of a name, one for each letter of its key, where they are known.
    pub(super) fn accents(&self, key: KeyIx, name: &Name) -> Option<&[u8]> {
        let from = name.accents? as usize;
        self.accents.get(from..from + self.length(key))
    }
}

/// A name before it has its place.
#[derive(Clone, Copy)]
struct Gathered {
    unit: UnitIx,
    level: Level,
    kind: Kind,
    sort: Sort,
}

#[derive(Default)]
struct Gathering {
    all: Vec<(Letters, Gathered)>,
}

impl Gathering {
    fn add(&mut self, text: &str, name: Gathered) {
        let letters = Letters::of_name(text);
        if let Some(other) = with_other_numeral(text) {
            self.all.push((Letters::of_name(&other), Gathered { sort: Sort::Other, ..name }));
        }
        self.all.push((letters, name));
    }

    /// `hn` and `tgiang`, as people shorten Hà Nội and Tiền Giang.
    fn add_short(&mut self, text: &str, name: Gathered) {
        let initials: String = words(text).filter_map(|word| word.chars().next()).collect();
        if initials.chars().count() > 1 {
            self.add_bare(&initials, Gathered { sort: Sort::Initials, ..name });
        }
        self.add_clipped(text, name);
    }

    /// `tgiang`: first letters, and the last word whole.
    fn add_clipped(&mut self, text: &str, name: Gathered) {
        let words: Vec<&str> = words(text).collect();
        let Some((last, first)) = words.split_last().filter(|(_, first)| !first.is_empty()) else { return };
        let clipped: String = first.iter().filter_map(|word| word.chars().next()).collect();
        self.add_bare(&format!("{clipped}{last}"), Gathered { sort: Sort::Clipped, ..name });
    }

    /// A name whose accents nobody types.
    fn add_bare(&mut self, text: &str, name: Gathered) {
        let bare = Letters::of_name(text).bare;
        self.all.push((Letters { accents: Vec::new(), bare }, name));
    }

    fn sorted(mut self, units: &Units) -> Names {
        self.all.retain(|(letters, _)| !letters.bare.is_empty());
        self.all.sort_by(|(one, a), (other, b)| {
            (&one.bare, a.level, &one.accents, a.unit, a.sort).cmp(&(
                &other.bare,
                b.level,
                &other.accents,
                b.unit,
                b.sort,
            ))
        });
        // A unit needs each name once.
        self.all.dedup_by(|(one, a), (other, b)| one == other && a.unit == b.unit);
        let same = |(one, _): &(Letters, _), (other, _): &(Letters, _)| one.bare == other.bare;
        let keys: Vec<&[u8]> = self.all.chunk_by(same).map(|same| same[0].0.bare.as_slice()).collect();
        let mut names = Names {
            trie: Trie::new(keys.iter().copied()),
            slips: Slips::new((0..).zip(keys)),
            keys: Vec::new(),
            names: Vec::new(),
            letters: Vec::new(),
            accents: Vec::new(),
        };
        for same in self.all.chunk_by(same) {
            let from = names.names.len();
            let length = same[0].0.bare.len();
            for (letters, Gathered { unit, level, kind, sort }) in same {
                let accents = (letters.accents.len() == length).then(|| names.add_accents(&letters.accents));
                let (level, kind, sort, of) = (*level, *kind, *sort, units.unit(*unit));
                let (scheme, province, is_historic) = (of.scheme, of.province, of.is_historic);
                let is_mapped = !of.now.is_empty();
                names.names.push(Name {
                    unit: *unit,
                    level,
                    kind,
                    sort,
                    scheme,
                    province,
                    is_historic,
                    is_mapped,
                    accents,
                });
            }
            let is_number = same[0].0.bare.iter().all(u8::is_ascii_digit);
            let letters = names.letters.len()..names.letters.len() + length;
            names.letters.extend(&same[0].0.bare);
            let begin = |level| from + same.partition_point(|(_, name)| name.level < level);
            let levels = [begin(Level::District), begin(Level::Ward)];
            names.keys.push(Key { letters, is_number, names: from..names.names.len(), from: levels });
        }
        names
    }
}

impl Names {
    /// Names of one key and the same accents follow one another and share them.
    fn add_accents(&mut self, accents: &[u8]) -> u32 {
        if !self.accents.ends_with(accents) {
            self.accents.extend(accents);
        }
        u32::try_from(self.accents.len() - accents.len()).expect("some hundred thousand letters")
    }
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// `Tam Xuân 1` for `Tam Xuân I`.
fn with_other_numeral(name: &str) -> Option<String> {
    const NUMERALS: [(&str, &str); 7] =
        [("I", "1"), ("II", "2"), ("III", "3"), ("IV", "4"), ("V", "5"), ("VI", "6"), ("VII", "7")];
    let (rest, last) = name.rsplit_once(' ').unwrap_or(("", name));
    let other = NUMERALS.iter().find(|(roman, _)| *roman == last).map(|(_, arabic)| *arabic);
    other.map(|other| format!("{rest} {other}"))
}
