//! Where a text may name a unit: every run of words that spells a name, and how well it does.
//!
//! Collects without choosing; which hits belong together is [`super::score`]'s business.

use super::letter::{Agreement, agreement};
use super::names::{Name, Names, Sort};
use super::scene::{Announced, Before, Scene, is_answer, is_spoken_to_somebody, is_word};
use super::slip::{LONGEST, Numbered, SHORTEST, SHORTEST_ALONE, between};
use super::trie::KeyIx;
use super::units::{Kind, Level, UnitIx};
use super::weight::WEIGHTS;

/// Names without a type word that stand alone must be so long to hold a slip.
const SHORTEST_BARE: usize = 8;
/// Most words of a name with a slip, counting those that a slip cut in two.
const MOST_WORDS: usize = 6;
/// Most runs collected from one text.
const MOST_RUNS: usize = 400;

/// A run of pieces that spells a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// First piece of the name.
    pub(super) start: usize,
    /// After the last piece.
    pub(super) end: usize,
    pub(super) key: KeyIx,
    /// Letters wrong, missing, added or swapped.
    pub(super) slips: u8,
}

/// A run of pieces that may name a unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    /// First piece, the type word included.
    pub(super) from: usize,
    /// First piece of the name.
    pub(super) start: usize,
    /// After the last piece.
    pub(super) end: usize,
    pub(super) unit: UnitIx,
    /// The province in force that it lies in.
    pub(super) province: UnitIx,
    /// The type word before it is one of its level.
    pub(super) is_announced: bool,
    /// A type word of another level stands before it; unless that belongs to another name, it does not fit.
    pub(super) is_misannounced: bool,
    /// Its accents are not those of the name, or nobody knows the name's.
    pub(super) is_misaccented: bool,
    /// It is so short, so badly spelt or so much like other words that it is meant only with another unit.
    pub(super) is_dependent: bool,
    /// It has no type word, and is the name of a province.
    pub(super) is_provinces_name: bool,
    /// It has no type word, and a house number or a street word before it.
    pub(super) is_like_street: bool,
    /// It is what a street is called, most likely.
    pub(super) is_street: bool,
    /// It has no type word and may be any words: one or two short ones in a sentence, or with a slip or wrong accents.
    pub(super) is_like_talk: bool,
    /// It has no type word, and is like a street or holds a slip.
    pub(super) is_doubtful: bool,
    /// How well the words name the unit, in points.
    pub(super) quality: f32,
}

impl Hit {
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.from < other.end && other.from < self.end
    }
}

/// Collects the runs that spell names.
pub(super) struct Runs<'a> {
    scene: &'a Scene<'a>,
    names: &'a Names,
    pub(super) all: Vec<Run>,
}

impl<'a> Runs<'a> {
    /// Those without a slip.
    pub(super) fn exact(scene: &'a Scene<'a>, names: &'a Names) -> Self {
        // After which letters a piece ends, as the number of the piece after it; 0 elsewhere.
        let mut ends = vec![0; scene.typed.letters.bare.len() + 1];
        for (at, piece) in scene.typed.pieces.iter().enumerate() {
            ends[piece.letters.end] = at + 1;
        }
        let mut runs = Self { scene, names, all: Vec::with_capacity(32) };
        for start in 0..scene.length {
            let from = scene.typed.pieces[start].letters.start;
            let numbered =
                scene.announced[start].is_some_and(|word| matches!(word.kind, Kind::UrbanWard | Kind::UrbanDistrict));
            names.trie.walk(runs.ahead(start), |key, length| {
                let end = ends[from + length];
                if end > 0 && (numbered || !names.is_number(key)) && runs.all.len() < MOST_RUNS {
                    runs.all.push(Run { start, end, key, slips: 0 });
                }
            });
        }
        runs
    }

    /// Those with slips, as far as they hold a piece that is `open`.
    pub(super) fn near(&self, open: &[bool]) -> Vec<Run> {
        let mut near = Vec::new();
        if !open.contains(&true) {
            return near;
        }
        let typed = self.scene.typed;
        let numbered = Numbered::new(&typed.letters.bare);
        for start in 0..self.scene.length {
            let from = typed.pieces[start].letters.start;
            let most = self.ahead(start).len().min(LONGEST);
            // A name reaches behind the beginning of an open piece.
            let next = open[start..].iter().position(|is_open| *is_open);
            let Some(first) = next.map(|next| start + next).filter(|_| !typed.pieces[start].is_number) else {
                continue;
            };
            for end in first + 1..=self.scene.length.min(start + MOST_WORDS) {
                let until = typed.pieces[end - 1].letters.end;
                if until - from > most {
                    break;
                }
                if until - from >= SHORTEST - 1 {
                    self.names.slips.near(&numbered, from, until, |key| {
                        let slips = between(&typed.letters.bare[from..until], self.names.letters(key));
                        let known = |run: &Run| (run.start, run.end, run.key) == (start, end, key);
                        let has_room = self.all.len() + near.len() < MOST_RUNS;
                        if let Some(slips) = slips.filter(|_| has_room && !near.iter().any(known)) {
                            near.push(Run { start, end, key, slips });
                        }
                    });
                }
            }
        }
        near
    }

    /// The letters from a piece to the end of its part.
    fn ahead(&self, start: usize) -> &'a [u8] {
        let pieces = &self.scene.typed.pieces[..self.scene.length];
        let part = pieces[start].part;
        let last = pieces[start..].iter().take_while(|piece| piece.part == part).last();
        let from = pieces[start].letters.start;
        let end = last.map_or(from, |piece| piece.letters.end);
        &self.scene.typed.letters.bare[from..end.min(from + LONGEST)]
    }
}

/// Turns runs into hits: what they have in common, looked at once.
#[derive(Clone, Copy)]
pub(super) struct Judge<'a> {
    scene: &'a Scene<'a>,
    names: &'a Names,
    run: Run,
    announced: Option<Announced>,
    /// Points that depend on what stands before: with and without a type word.
    before: f32,
    /// Points whatever the unit.
    common: f32,
    may_be_short: bool,
    is_among_others: bool,
    is_talk: bool,
    /// It holds a slip and stands behind a street in its part.
    is_behind_a_street: bool,
    /// It is what a street is called, unless a type word stands before it.
    is_street: bool,
    /// It holds a slip although all of it are words.
    is_spelt_right: bool,
    /// It holds a slip and a word that is said to somebody: "em ở" is not Ea Ô.
    is_spoken: bool,
    fills: [bool; 2],
}

impl<'a> Judge<'a> {
    pub(super) fn new(scene: &'a Scene<'a>, names: &'a Names, run: Run) -> Self {
        let announced = scene.announced[run.start];
        let (from, end) = scene.part(run.start);
        let before = match scene.before(run.start) {
            Before::Street => WEIGHTS.after_street_word,
            Before::Number => WEIGHTS.after_number,
            Before::Other => 0.0,
        };
        let length = scene.typed.pieces[run.end - 1].letters.end - scene.typed.pieces[run.start].letters.start;
        let long = length.saturating_sub(SHORTEST_ALONE).min(8) as f32;
        let slips = f32::from(run.slips) * (WEIGHTS.slip + long * WEIGHTS.slip_length);
        let named_from = announced.map_or(run.start, |word| word.from);
        Self {
            scene,
            names,
            run,
            announced,
            before,
            common: slips,
            is_among_others: run.end - run.start == 1 && scene.telling(0, scene.length) > 1,
            is_talk: (run.start..run.end).all(|at| is_answer(scene.typed.bare(at))),
            is_spoken: run.slips > 0 && (run.start..run.end).any(|at| is_spoken_to_somebody(scene.typed.bare(at))),
            is_spelt_right: run.slips > 0 && (run.start..run.end).all(|at| is_word(scene.typed.bare(at))),
            is_street: announced.is_none() && scene.is_street(run.start),
            is_behind_a_street: run.slips > 0 && scene.has_a_street(from, run.start),
            may_be_short: run.end == scene.length || (run.start == from && run.end == end && scene.has_parts),
            fills: [run.start == from, named_from == from].map(|starts| starts && run.end == end && scene.has_parts),
        }
    }

    /// The hits of names of the run's key, as far as they are long enough to mean the unit there.
    pub(super) fn hits(&self, names: &'a [Name]) -> impl Iterator<Item = (Hit, &'a Name)> {
        // Names with the same accents follow one another.
        let mut accents = None;
        names.iter().filter_map(move |name| {
            let agreement = match accents {
                Some((known, agreement)) if known == name.accents => agreement,
                _ => self.accents(name),
            };
            accents = Some((name.accents, agreement));
            self.hit(name, agreement).map(|hit| (hit, name))
        })
    }

    fn hit(&self, name: &Name, agreement: Option<Agreement>) -> Option<Hit> {
        let is_announced = self.announced.is_some_and(|word| word.kind.is_of(name.level));
        let is_misannounced = self.announced.is_some() && !is_announced;
        let known_short = matches!(name.sort, Sort::Short | Sort::Initials);
        let is_short = known_short || self.names.length(self.run.key) < 3;
        let is_expected = is_announced || self.may_be_short && known_short;
        let is_denied = self.scene.is_denied(self.announced.map_or(self.run.start, |word| word.from)..self.run.end);
        if is_denied || is_short && !is_expected || self.run.slips > 0 && name.sort >= Sort::Short {
            return None;
        }
        // "tân" is a word, and not Thạch An cut short.
        let is_one_word = self.run.end == self.run.start + 1 && is_word(self.scene.typed.bare(self.run.start));
        if name.sort == Sort::Clipped && is_one_word {
            return None;
        }
        let fills_part = self.fills[usize::from(is_announced)];
        // A type word of another level belongs to something else, or is part of the name.
        let from = self.announced.filter(|_| is_announced).map_or(self.run.start, |word| word.from);
        let is_misaccented = match agreement {
            Some(agreement) => agreement == Agreement::Wrong,
            None => self.scene.typed.is_accented,
        };
        let is_slipped = |shortest| self.run.slips > 0 && self.names.length(self.run.key) < shortest;
        let is_coarse = name.level != Level::Ward;
        // "dạ vâng" is not Đà Nẵng.
        if is_coarse && (is_slipped(SHORTEST_ALONE) || self.run.slips > 0 && is_misaccented && !is_announced) {
            return None;
        }
        let is_slipped = is_slipped(if is_announced { SHORTEST_ALONE } else { SHORTEST_BARE });
        let is_word_or_answer = !is_announced && name.level == Level::Ward && (self.is_among_others || self.is_talk);
        let is_dependent = !is_coarse && is_slipped || is_word_or_answer || name.sort >= Sort::Clipped;
        let is_word_of_a_sentence = is_slipped && self.is_behind_a_street
            || self.is_spelt_right
            || is_word_or_answer && !fills_part
            || is_misaccented;
        let is_provinces_name =
            !is_announced && !is_coarse && !self.names.of_level(self.run.key, Level::Province).is_empty();
        let is_like_talk = !is_announced && !is_coarse && is_word_of_a_sentence;
        let is_street = !is_announced && self.is_street;
        let is_like_street = !is_announced && (self.before < 0.0 || self.is_spoken || self.is_street);
        let is_doubtful = is_like_street || !is_announced && self.run.slips > 0;
        let Run { start, end, .. } = self.run;
        Some(Hit {
            from,
            start,
            end,
            unit: name.unit,
            province: name.province,
            is_announced,
            is_misannounced,
            is_misaccented,
            is_dependent,
            is_provinces_name,
            is_like_street,
            is_street,
            is_like_talk,
            is_doubtful,
            quality: self.quality(name, agreement, is_announced, fills_part),
        })
    }

    fn quality(&self, name: &Name, agreement: Option<Agreement>, is_announced: bool, fills_part: bool) -> f32 {
        let type_word = match self.announced {
            Some(word) if word.kind == name.kind => WEIGHTS.same_type,
            Some(_) if is_announced => WEIGHTS.similar_type,
            Some(_) | None => 0.0,
        };
        let sort = match name.sort {
            Sort::Own => 0.0,
            Sort::Other | Sort::Short => WEIGHTS.other_name,
            Sort::Clipped => WEIGHTS.clipped,
            Sort::Initials => WEIGHTS.initials,
        };
        let accents = match agreement {
            None => 0.0,
            Some(Agreement::Same) => WEIGHTS.right_accents,
            Some(Agreement::Lacking) => WEIGHTS.lacking_accents,
            Some(Agreement::Wrong) => WEIGHTS.wrong_accents,
        };
        let before = if is_announced { 0.0 } else { self.before };
        let fills = if fills_part { WEIGHTS.fills_part } else { 0.0 };
        type_word + sort + accents + before + fills + self.common
    }

    /// How the accents typed agree with those of a name; `None` where they cannot be compared.
    fn accents(&self, name: &Name) -> Option<Agreement> {
        let typed = self.scene.typed;
        if !typed.is_accented {
            return None;
        }
        let range = typed.pieces[self.run.start].letters.start..typed.pieces[self.run.end - 1].letters.end;
        let (bare, accents) = (&typed.letters.bare[range.clone()], &typed.letters.accents[range]);
        let (named_bare, named) = (self.names.letters(self.run.key), self.names.accents(self.run.key, name)?);
        if self.run.slips == 0 {
            return Some(agreement(accents, named));
        }
        // Up to the slip from the front, and from behind.
        let front = bare.iter().zip(named_bare).take_while(|(typed, named)| typed == named).count();
        let back = bare.iter().rev().zip(named_bare.iter().rev()).take_while(|(typed, named)| typed == named).count();
        let back = back.min(bare.len().min(named_bare.len()) - front);
        let before = agreement(&accents[..front], &named[..front]);
        Some(before.max(agreement(&accents[accents.len() - back..], &named[named.len() - back..])))
    }
}

/// The hits of one level above wards; those with a type word without it too, since that may be the end of a finer
/// unit's name: `Bến Quan Vĩnh Linh`.
pub(super) fn hits_of(scene: &Scene<'_>, names: &Names, runs: &[Run], level: Level) -> Vec<Hit> {
    let mut hits = Vec::new();
    for run in runs {
        let named = names.of_level(run.key, level);
        if !named.is_empty() {
            let judge = Judge::new(scene, names, *run);
            let is_misannounced = judge.announced.is_some();
            let fits = |hit: &Hit| hit.is_announced || !is_misannounced;
            hits.extend(judge.hits(named).map(|(hit, _)| hit).filter(fits));
            if is_misannounced {
                let bare = Judge { announced: None, ..judge };
                hits.extend(bare.hits(named).map(|(hit, _)| Hit { is_misannounced, ..hit }));
            }
        }
    }
    hits
}
