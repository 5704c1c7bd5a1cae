//! Which hits belong together, and how good each combination is.
//!
//! A reading is a ward, a district and a province, each optional, that lie in one another and do not share
//! words. Scores are sums of the weights below; they were set by measuring, compare with each other, and mean
//! nothing outside this module and [`super::resolve`].

use super::Scheme;
use super::gazetteer::{Gazetteer, Level};
use super::hit::{Accents, Before, Hit, Hits, TypeWord};

/// One combination of hits.
#[derive(Clone, Debug)]
pub(super) struct Reading<'a> {
    pub(super) ward: Option<&'a Hit>,
    pub(super) district: Option<&'a Hit>,
    pub(super) province: Option<&'a Hit>,
    pub(super) score: f32,
}

impl<'a> Reading<'a> {
    /// The hits it uses, fine to coarse.
    pub(super) fn used(&self) -> impl Iterator<Item = &'a Hit> {
        [self.ward, self.district, self.province].into_iter().flatten()
    }

    /// Its finest hit.
    pub(super) fn finest(&self) -> &'a Hit {
        self.used().next().expect("a reading has a hit")
    }
}

const WARD: f32 = 1.5;
const DISTRICT: f32 = 3.0;
const DISTRICT_ALONE: f32 = 1.2;
const PROVINCE: f32 = 2.5;
const PROVINCE_RENAMED: f32 = 1.9;
const PROVINCE_ALONE: f32 = 0.5;
const OLD_DISTRICT_OF_NEW_WARD: f32 = 1.2;
const IN_FORCE: f32 = 0.5;
const OLD_WARD_WITHOUT_DISTRICT: f32 = -0.4;
const WITHOUT_SUCCESSOR: f32 = -1.5;
const HINT: f32 = 2.0;
const AGAINST_HINT: f32 = -0.5;
const SAME_TYPE: f32 = 1.4;
const SIMILAR_TYPE: f32 = 0.6;
const WRONG_TYPE: f32 = -2.5;
const SLIP: f32 = -1.3;
const RIGHT_ACCENTS: f32 = 0.4;
const LACKING_ACCENTS: f32 = -0.4;
const WRONG_ACCENTS: f32 = -1.2;
const ALIAS: f32 = -0.3;
const AFTER_STREET_WORD: f32 = -1.8;
const AFTER_NUMBER: f32 = -1.2;
const TOUCHING: f32 = 0.6;
const GAP: f32 = -0.15;
const CUT_FROM_A_NAME: [f32; 2] = [-2.5, -0.8];
const OUT_OF_ORDER: f32 = -2.0;
const RUNS_ON: f32 = -0.5;
const COVERED_TOKEN: f32 = 0.4;
const TAIL_TOKEN: f32 = -0.2;
const UNEXPLAINED: f32 = -2.5;

/// Most districts or provinces tried with one ward.
const MOST_PARENTS: usize = 5;

/// Every combination worth comparing, unsorted.
pub(super) fn readings<'a>(gazetteer: &Gazetteer, hits: &'a Hits, hint: Option<&str>) -> Vec<Reading<'a>> {
    let level = |level: Level| hits.all.iter().filter(move |hit| gazetteer.unit(hit.unit).level == level);
    let scoring = Scoring {
        gazetteer,
        hits,
        hint,
        districts: level(Level::District).collect(),
        provinces: level(Level::Province).collect(),
    };
    let wards = level(Level::Ward).map(|ward| scoring.best_with_ward(ward));
    let districts = scoring.districts.iter().map(|district| scoring.best_with_district(None, Some(district)));
    let provinces = scoring.provinces.iter().map(|province| scoring.scored(None, None, Some(province)));
    wards.chain(districts).chain(provinces).collect()
}

struct Scoring<'a, 'b> {
    gazetteer: &'b Gazetteer,
    hits: &'a Hits,
    hint: Option<&'b str>,
    districts: Vec<&'a Hit>,
    provinces: Vec<&'a Hit>,
}

impl<'a> Scoring<'a, '_> {
    fn best_with_ward(&self, ward: &'a Hit) -> Reading<'a> {
        let unit = self.gazetteer.unit(ward.unit);
        let holds = |district: &&&Hit| {
            !district.overlaps(ward)
                && match unit.scheme {
                    Scheme::Old => unit.parents.contains(&district.unit),
                    Scheme::New => self.gazetteer.became(self.gazetteer.unit(district.unit), unit.code),
                }
        };
        let districts = self.districts.iter().filter(holds).take(MOST_PARENTS).map(|district| Some(*district));
        best(districts.chain([None]).map(|district| self.best_with_district(Some(ward), district)))
    }

    fn best_with_district(&self, ward: Option<&'a Hit>, district: Option<&'a Hit>) -> Reading<'a> {
        let inner = ward.or(district).expect("called with a ward or a district");
        let now = self.gazetteer.unit(inner.unit).province;
        let holds = |province: &&&Hit| {
            self.gazetteer.unit(province.unit).province == now
                && ![ward, district].into_iter().flatten().any(|hit| hit.overlaps(province))
        };
        let provinces = self.provinces.iter().filter(holds).take(MOST_PARENTS).map(|province| Some(*province));
        best(provinces.chain([None]).map(|province| self.scored(ward, district, province)))
    }

    fn scored(&self, ward: Option<&'a Hit>, district: Option<&'a Hit>, province: Option<&'a Hit>) -> Reading<'a> {
        let mut reading = Reading { ward, district, province, score: 0.0 };
        let units = self.unit_scores(&reading);
        let hits: f32 = reading.used().map(quality).sum();
        reading.score =
            units + hits + self.hint_score(&reading) + layout(&reading, self.hits.length) + self.unexplained(&reading);
        reading
    }

    fn unit_scores(&self, reading: &Reading<'_>) -> f32 {
        let unit = |hit: &Hit| self.gazetteer.unit(hit.unit);
        let ward = reading.ward.map(unit);
        let is_new = ward.is_some_and(|ward| ward.scheme == Scheme::New);
        let mut score = 0.0;
        score += match (ward, reading.district) {
            (Some(_), Some(_)) => WARD + if is_new { OLD_DISTRICT_OF_NEW_WARD } else { DISTRICT },
            (Some(_), None) if is_new => WARD + IN_FORCE,
            (Some(_), None) => WARD + OLD_WARD_WITHOUT_DISTRICT,
            (None, Some(_)) => DISTRICT_ALONE,
            (None, None) => PROVINCE_ALONE,
        };
        if ward.is_some_and(|ward| self.gazetteer.now(ward).is_empty()) {
            score += WITHOUT_SUCCESSOR;
        }
        let Some(province) = reading.province.map(unit) else { return score };
        if let (None, Some(hit)) = (ward.or(reading.district.map(unit)), reading.province) {
            score += cut_from_a_name(hit);
        }
        let inner = ward.or(reading.district.map(unit));
        let as_then = inner.is_none_or(|inner| self.lies_in(inner, province));
        score + if as_then { PROVINCE } else { PROVINCE_RENAMED }
    }

    /// Whether the province is the one of the unit's own period.
    fn lies_in(&self, inner: &super::gazetteer::Unit, province: &super::gazetteer::Unit) -> bool {
        let mut parent = inner.parents.first().map(|ix| self.gazetteer.unit(*ix));
        if let Some(district) = parent.filter(|parent| parent.level == Level::District) {
            parent = district.parents.first().map(|ix| self.gazetteer.unit(*ix));
        }
        parent.is_some_and(|parent| parent.code == province.code && parent.scheme == province.scheme)
    }

    fn hint_score(&self, reading: &Reading<'_>) -> f32 {
        match self.hint {
            Some(hint) if self.gazetteer.unit(reading.finest().unit).province == hint => HINT,
            Some(_) => AGAINST_HINT,
            None => 0.0,
        }
    }

    fn unexplained(&self, reading: &Reading<'_>) -> f32 {
        let explained = |start: usize| reading.used().any(|hit| (hit.from..hit.end).contains(&start));
        self.hits.claims.iter().filter(|claim| !explained(claim.start)).map(|_| UNEXPLAINED).sum()
    }
}

fn best<'a>(readings: impl Iterator<Item = Reading<'a>>) -> Reading<'a> {
    readings.reduce(|best, next| if next.score > best.score { next } else { best }).expect("None is always tried")
}

/// How well the words of a hit name its unit.
fn quality(hit: &Hit) -> f32 {
    let type_word = match hit.type_word {
        TypeWord::Same => SAME_TYPE,
        TypeWord::Similar => SIMILAR_TYPE,
        TypeWord::Wrong => WRONG_TYPE,
        TypeWord::Absent => 0.0,
    };
    let before = match (hit.type_word, hit.before) {
        (TypeWord::Same | TypeWord::Similar, _) | (_, Before::Other) => 0.0,
        (_, Before::Street) => AFTER_STREET_WORD,
        (_, Before::Number) => AFTER_NUMBER,
    };
    let accents = match hit.accents {
        Accents::Unknown => 0.0,
        Accents::Same => RIGHT_ACCENTS,
        Accents::Lacking => LACKING_ACCENTS,
        Accents::Wrong => WRONG_ACCENTS,
    };
    type_word + before + accents + f32::from(hit.slips) * SLIP + if hit.alias { ALIAS } else { 0.0 }
}

/// A province alone, behind words it may belong to: "nguyen hue" is hardly in Huế.
fn cut_from_a_name(province: &Hit) -> f32 {
    let bare = province.type_word == TypeWord::Absent && province.runs_in;
    let words = province.end - province.start;
    if bare { CUT_FROM_A_NAME.get(words - 1).copied().unwrap_or(0.0) } else { 0.0 }
}

/// How well the hits stand: fine before coarse, touching, up to the end.
fn layout(reading: &Reading<'_>, length: usize) -> f32 {
    let used: Vec<&Hit> = reading.used().collect();
    let mut score = 0.0;
    for pair in used.windows(2) {
        score += match pair[1].from.checked_sub(pair[0].end) {
            Some(0) => TOUCHING,
            Some(gap) => count(gap.min(6)) * GAP,
            None => OUT_OF_ORDER,
        };
    }
    let runs_on = |hit: &&&Hit| hit.runs_on && !used.iter().any(|next| next.from == hit.end);
    score += count(used.iter().filter(runs_on).count()) * RUNS_ON;
    let end = used.iter().map(|hit| hit.end).max().unwrap_or(0);
    let covered: usize = used.iter().map(|hit| hit.end - hit.start).sum();
    score + count(covered) * COVERED_TOKEN + count(length.saturating_sub(end).min(5)) * TAIL_TOKEN
}

/// A small count as a factor.
fn count(tokens: usize) -> f32 {
    f32::from(u8::try_from(tokens).unwrap_or(u8::MAX))
}
