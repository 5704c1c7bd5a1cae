//! Which hits belong together, and how good each combination is.
//!
//! A reading is a ward, a district and a province, each optional, that lie in one another and do not share
//! words. Of all readings that lead to one place the best is kept.

use super::hit::{Hit, Judge, Run, hits_of};
use super::names::{Name, Names, Sort};
use super::scene::Scene;
use super::trie::KeyIx;
use super::units::{Kind, Level, UnitIx, Units};
use super::weight::WEIGHTS;
use super::{Hint, Scheme};

/// One combination of hits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) ward: Option<Hit>,
    pub(super) district: Option<Hit>,
    pub(super) province: Option<Hit>,
    pub(super) score: f32,
}

impl Reading {
    /// The hits it uses, fine to coarse.
    pub(super) fn used(&self) -> impl Iterator<Item = &Hit> {
        [&self.ward, &self.district, &self.province].into_iter().flatten()
    }

    /// Its finest hit.
    pub(super) fn finest(&self) -> &Hit {
        self.used().next().expect("a reading has a hit")
    }

    /// Its hit, where there is just one, of a ward or a district.
    pub(super) fn only(&self) -> Option<&Hit> {
        match (&self.ward, &self.district, &self.province) {
            (Some(only), None, None) | (None, Some(only), None) => Some(only),
            _ => None,
        }
    }

    /// Whether its ward may be just what a street is called, or its district where no type word speaks for the ward.
    pub(super) fn is_street(&self) -> bool {
        let is_told = self.ward.is_some_and(|ward| ward.is_announced);
        self.ward.is_some_and(|ward| ward.is_street) || !is_told && self.district.is_some_and(|it| it.is_street)
    }

    /// Whether it accounts for a piece.
    pub(super) fn covers(&self, at: usize) -> bool {
        self.used().any(|hit| (hit.from..hit.end).contains(&at))
    }

    /// Whether one of its names accounts for a claim.
    pub(super) fn explains(&self, claim: &Claim) -> bool {
        self.used().any(|hit| hit.from <= claim.start && claim.end <= hit.end)
    }
}

/// A place in force that readings lead to, with the best of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Destination {
    pub(super) province: UnitIx,
    pub(super) ward: Option<UnitIx>,
    pub(super) reading: Reading,
}

/// Most places kept while reading.
const MOST_DESTINATIONS: usize = 16;
/// So many there seldom are; their row is still small for the allocator.
const USUAL_DESTINATIONS: usize = 6;
/// Most districts or provinces tried with one ward.
const MOST_PARENTS: usize = 5;
/// Most districts, and most provinces, of a text.
const MOST_DISTRICTS: usize = 48;
const MOST_PROVINCES: usize = 12;

/// Words that surely name a unit, whichever: a reading should account for them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    /// First piece of the name.
    pub(super) start: usize,
    /// After the last piece.
    pub(super) end: usize,
    /// What it costs not to.
    points: f32,
    /// The key of the name, where one is known, and the kind of its type word, where it has one.
    pub(super) name: Option<(KeyIx, Option<Kind>)>,
}

/// Everything that is weighed.
pub(super) struct Scoring<'a> {
    pub(super) units: &'a Units,
    pub(super) names: &'a Names,
    pub(super) scene: &'a Scene<'a>,
    hint: Hinted,
    runs: &'a [Run],
    districts: Vec<Hit>,
    pub(super) provinces: Vec<Hit>,
    pub(super) claims: Vec<Claim>,
}

/// A hint by index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hinted {
    province: Option<UnitIx>,
    district: Option<UnitIx>,
    ward: Option<UnitIx>,
}

impl Hinted {
    pub(super) fn of(hint: &Hint, units: &Units) -> Self {
        let known = |code: &Option<String>| code.as_deref().and_then(|code| units.ix_in_force(code));
        let district = hint.district.as_deref().and_then(|code| units.ix_of_district(code));
        Self { province: known(&hint.province), district, ward: known(&hint.ward) }
    }
}

impl<'a> Scoring<'a> {
    pub(super) fn new(units: &'a Units, names: &'a Names, scene: &'a Scene<'a>, hint: Hinted, runs: &'a [Run]) -> Self {
        let coarse = |level, most| {
            let mut hits = hits_of(scene, names, runs, level);
            if hits.len() > most {
                hits.sort_by(|one, other| other.quality.total_cmp(&one.quality));
                hits.truncate(most);
            }
            hits
        };
        let mut scoring = Self {
            units,
            names,
            scene,
            hint,
            runs,
            districts: coarse(Level::District, MOST_DISTRICTS),
            provinces: coarse(Level::Province, MOST_PROVINCES),
            claims: Vec::new(),
        };
        scoring.claims = scoring.claims();
        scoring
    }

    /// The places that readings lead to, best first.
    pub(super) fn destinations(&self) -> Vec<Destination> {
        let mut best = Best::default();
        for province in self.provinces.iter().filter(|hit| !hit.is_dependent) {
            best.offer(self.destination(self.scored(None, None, Some(*province))));
        }
        for district in &self.districts {
            let reading = self.best_with_district(None, *district);
            if reading.province.is_some() || !district.is_dependent {
                best.offer(self.destination(reading));
            }
        }
        let mut in_provinces: Vec<UnitIx> = self.districts.iter().map(|hit| hit.province).collect();
        in_provinces.sort_unstable();
        in_provinces.dedup();
        for run in self.runs {
            let names = self.names.of_level(run.key, Level::Ward);
            if names.is_empty() {
                continue;
            }
            let judge = Judge::new(self.scene, self.names, *run);
            // Where a ward stands in the text is the same for all that are called so.
            let mut places = [None, None];
            for (ward, name) in judge.hits(names) {
                let place = places[usize::from(ward.is_announced)].get_or_insert_with(|| self.place(ward));
                self.offer_ward(ward, name, place, &mut best);
                if in_provinces.contains(&name.province) {
                    self.offer_with_districts(ward, &mut best);
                }
            }
        }
        best.sorted()
    }

    /// What a ward's place in the text is worth alone; with a province it is found out when it is asked for.
    fn place(&self, ward: Hit) -> Place {
        let alone = Reading { ward: Some(ward), district: None, province: None, score: 0.0 };
        Place { alone: self.place_points(&alone), with: [None; MOST_PROVINCES] }
    }

    /// Offers a ward without a district: alone, or with the best province.
    fn offer_ward(&self, ward: Hit, name: &Name, place: &mut Place, best: &mut Best) {
        let unlike_a_ward = match () {
            () if ward.is_like_street || ward.is_provinces_name => WEIGHTS.like_a_street,
            () if ward.is_like_talk => WEIGHTS.like_talk,
            () => 0.0,
        };
        let own = ward.quality + unlike_a_ward + self.ward_points(name) + self.hint_points(name.province);
        let mut score = if ward.is_dependent { f32::NEG_INFINITY } else { own + place.alone };
        let mut province = None;
        for (hit, points) in self.provinces.iter().zip(&mut place.with) {
            if hit.province != name.province || hit.overlaps(&ward) {
                continue;
            }
            let points = *points.get_or_insert_with(|| {
                let reading = Reading { ward: Some(ward), district: None, province: Some(*hit), score: 0.0 };
                hit.quality + self.place_points(&reading)
            });
            let with_it = own + points + self.province_points(ward.unit, hit.unit);
            if with_it > score {
                (score, province) = (with_it, Some(*hit));
            }
        }
        if score > best.least {
            best.offer(self.destination(Reading { ward: Some(ward), district: None, province, score }));
        }
    }

    fn offer_with_districts(&self, ward: Hit, best: &mut Best) {
        let unit = self.units.unit(ward.unit);
        let holds = |district: &&Hit| unit.districts.contains(&district.unit) && !district.overlaps(&ward);
        // "Quảng Ninh, Quảng Ninh" is the province twice, not the commune in the district of that name.
        let letters = |hit: &Hit| self.scene.typed.bare_of(hit.start, hit.end);
        let is_twice = |district: &&Hit| ward.is_provinces_name && letters(district) == letters(&ward);
        for district in self.districts.iter().filter(holds).filter(|it| !is_twice(it)).take(MOST_PARENTS) {
            best.offer(self.destination(self.best_with_district(Some(ward), *district)));
        }
    }

    fn destination(&self, mut reading: Reading) -> Destination {
        let unit = self.units.unit(reading.finest().unit);
        let ward = if unit.level == Level::Ward { unit.now.first().copied() } else { None };
        if self.hint.ward.is_some_and(|hint| unit.now.contains(&hint)) {
            reading.score += WEIGHTS.hint_ward;
        }
        if self.hint.district.is_some_and(|hint| unit.districts.contains(&hint)) {
            reading.score += WEIGHTS.hint_district;
        }
        Destination { province: unit.province, ward, reading }
    }

    /// The best reading of a district, alone or with a ward of it, with a province or none.
    fn best_with_district(&self, ward: Option<Hit>, district: Hit) -> Reading {
        let apart = |province: &Hit| !district.overlaps(province) && ward.is_none_or(|ward| !ward.overlaps(province));
        let holds = |province: &&Hit| province.province == district.province && apart(province);
        let mut best = self.scored(ward, Some(district), None);
        for province in self.provinces.iter().filter(holds).take(MOST_PARENTS) {
            let reading = self.scored(ward, Some(district), Some(*province));
            if reading.score > best.score {
                best = reading;
            }
        }
        best
    }

    fn scored(&self, ward: Option<Hit>, district: Option<Hit>, province: Option<Hit>) -> Reading {
        let mut reading = Reading { ward, district, province, score: 0.0 };
        let finest = self.units.unit(reading.finest().unit);
        let level = match (ward, district) {
            (Some(_), Some(_)) if finest.scheme == Scheme::New => WEIGHTS.ward + WEIGHTS.old_district_of_new_ward,
            (Some(_), _) => WEIGHTS.ward + WEIGHTS.district,
            (None, Some(district)) if district.is_street && province.is_some() => WEIGHTS.like_a_street,
            (None, Some(_)) => WEIGHTS.district_alone,
            (None, None) => WEIGHTS.province_alone,
        };
        let lost =
            if finest.level == Level::Ward { lost_points(finest.is_historic, !finest.now.is_empty()) } else { 0.0 };
        let in_province = match province {
            None => 0.0,
            Some(province) if ward.or(district).is_none() => WEIGHTS.province + self.cut_from_a_name(&province),
            Some(province) => self.province_points(reading.finest().unit, province.unit),
        };
        let quality: f32 = reading.used().map(|hit| hit.quality).sum();
        reading.score =
            quality + level + lost + in_province + self.hint_points(finest.province) + self.place_points(&reading);
        reading
    }

    /// Points of a ward without a district.
    fn ward_points(&self, name: &Name) -> f32 {
        let scheme = match name.scheme {
            // Whoever was asked for the commune of a province names one in force.
            Scheme::New if self.hint.province == Some(name.province) => WEIGHTS.in_force_as_asked,
            Scheme::New => WEIGHTS.in_force,
            Scheme::Old => WEIGHTS.old_ward_without_district,
        };
        WEIGHTS.ward + scheme + lost_points(name.is_historic, name.is_mapped)
    }

    /// Points of a province that a ward or district is said to lie in.
    fn province_points(&self, inner: UnitIx, province: UnitIx) -> f32 {
        let (inner_unit, province_unit) = (self.units.unit(inner), self.units.unit(province));
        let is_abolished = || !self.units.unit(province_unit.province).full_name.ends_with(province_unit.name());
        match self.lay_in(inner) {
            Some(own) if own == province => WEIGHTS.province,
            _ if inner_unit.scheme == Scheme::New && province_unit.scheme == Scheme::Old && is_abolished() => {
                WEIGHTS.province_abolished
            }
            _ => WEIGHTS.province_renamed,
        }
    }

    /// The province of a ward's or district's own period.
    fn lay_in(&self, unit: UnitIx) -> Option<UnitIx> {
        let parent = self.units.unit(unit).parent?;
        if self.units.unit(parent).level == Level::Province { Some(parent) } else { self.units.unit(parent).parent }
    }

    fn hint_points(&self, province: UnitIx) -> f32 {
        match self.hint.province {
            Some(hint) if hint == province => WEIGHTS.hint,
            Some(_) => WEIGHTS.against_hint,
            None => 0.0,
        }
    }

    /// Points of where the hits stand and of what they leave unexplained, whatever the units.
    fn place_points(&self, reading: &Reading) -> f32 {
        self.layout_points(reading) + self.claim_points(reading)
    }

    /// A province alone, behind words it may belong to: "nguyen hue" is hardly in Huế.
    fn cut_from_a_name(&self, province: &Hit) -> f32 {
        let runs_in = province.from.checked_sub(1).is_some_and(|before| {
            self.scene.typed.same_part(before, province.from) && !self.scene.typed.pieces[before].is_number
        });
        match province.end - province.start {
            1 if runs_in && !province.is_announced => WEIGHTS.one_word_of_a_name,
            2 if runs_in && !province.is_announced => WEIGHTS.two_words_of_a_name,
            _ => 0.0,
        }
    }

    /// How well the hits stand: fine before coarse, touching, up to the end.
    fn layout_points(&self, reading: &Reading) -> f32 {
        let mut points = 0.0;
        let mut before: Option<&Hit> = None;
        let (mut covered, mut end) = (0, 0);
        for hit in reading.used() {
            if let Some(before) = before {
                points += match hit.from.checked_sub(before.end) {
                    Some(0) => WEIGHTS.touching,
                    Some(_) => count(self.scene.telling(before.end, hit.from).min(6)) * WEIGHTS.gap,
                    None => WEIGHTS.out_of_order,
                };
            }
            if self.runs_on(hit, reading) {
                points += WEIGHTS.runs_on;
            }
            if hit.is_misannounced && !reading.covers(hit.start - 1) {
                points += WEIGHTS.wrong_type;
            }
            covered += hit.end - hit.start;
            end = end.max(hit.end);
            before = Some(hit);
        }
        if reading.only().is_some_and(|only| !only.is_announced && self.is_talk(only)) {
            points += WEIGHTS.talk;
        }
        let tail = self.scene.telling(end, self.scene.length).min(5);
        points + count(covered) * WEIGHTS.covered + count(tail) * WEIGHTS.tail
    }

    /// Whether words stand around a name that are no street.
    fn is_talk(&self, only: &Hit) -> bool {
        let before = self.scene.telling(0, only.from) > 0 && !self.scene.has_a_street(0, only.from);
        before || self.scene.telling(only.end, self.scene.length) > 0
    }

    fn runs_on(&self, hit: &Hit, reading: &Reading) -> bool {
        let typed = self.scene.typed;
        hit.end < self.scene.length
            && typed.same_part(hit.start, hit.end)
            && !typed.pieces[hit.end].is_number
            && !reading.used().any(|next| next.from == hit.end)
    }

    fn claim_points(&self, reading: &Reading) -> f32 {
        self.claims.iter().filter(|claim| !reading.explains(claim)).map(|claim| claim.points).sum()
    }

    /// Names behind a type word of their level, other words behind one, and a province at the end.
    fn claims(&self) -> Vec<Claim> {
        let mut claims: Vec<Claim> = Vec::new();
        let mut claim = |claim: Claim| match claims.iter_mut().find(|known| known.start == claim.start) {
            Some(known) => known.points = known.points.min(claim.points),
            None => claims.push(claim),
        };
        let is_named = |key, level| !self.names.of_level(key, level).is_empty();
        for run in self.runs.iter().filter(|run| run.slips == 0) {
            let levels = [Level::Province, Level::District, Level::Ward];
            let announced = self.scene.announced[run.start]
                .is_some_and(|word| levels.iter().any(|level| word.kind.is_of(*level) && is_named(run.key, *level)));
            let provinces = || self.names.of_level(run.key, Level::Province);
            let last = run.end == self.scene.length && provinces().iter().any(|name| name.sort < Sort::Short);
            if announced || last {
                let end = if last { run.end } else { run.start + 1 };
                let kind = self.scene.announced[run.start].map(|word| word.kind).filter(|_| announced);
                claim(Claim { start: run.start, end, points: WEIGHTS.unexplained, name: Some((run.key, kind)) });
            }
        }
        for start in 0..self.scene.length {
            if self.is_type_word_in_full(start) {
                claim(Claim { start, end: start + 1, points: WEIGHTS.unexplained_type_word, name: None });
            }
        }
        claims
    }

    /// Whether a type word of two letters or more stands before a word or, of those with numbers, a number.
    fn is_type_word_in_full(&self, start: usize) -> bool {
        let Some(word) = self.scene.announced[start] else { return false };
        let letters: usize = (word.from..start).map(|at| self.scene.typed.bare(at).len()).sum();
        let numbered = matches!(word.kind, Kind::UrbanWard | Kind::UrbanDistrict);
        letters > 1 && (numbered || !self.scene.typed.pieces[start].is_number)
    }
}

/// What a ward's place in the text is worth: alone, and with each province of the text, as far as that is known.
struct Place {
    alone: f32,
    with: [Option<f32>; MOST_PROVINCES],
}

/// Points of a ward that is no more.
fn lost_points(is_historic: bool, is_mapped: bool) -> f32 {
    let historic = if is_historic { WEIGHTS.historic } else { 0.0 };
    if is_mapped { historic } else { historic + WEIGHTS.without_successor }
}

/// The best reading to each place.
struct Best {
    all: Vec<Destination>,
    /// What a new place must be worth to be kept.
    least: f32,
}

impl Default for Best {
    fn default() -> Self {
        Self { all: Vec::with_capacity(USUAL_DESTINATIONS), least: WEIGHTS.least }
    }
}

impl Best {
    fn offer(&mut self, offered: Destination) {
        let score = offered.reading.score;
        if score <= self.least {
            return;
        }
        self.least = self.least.max(score - WEIGHTS.shown);
        let same = |known: &&mut Destination| (known.ward, known.province) == (offered.ward, offered.province);
        if let Some(known) = self.all.iter_mut().find(same) {
            if offered.reading.score > known.reading.score {
                *known = offered;
            }
        } else if self.all.len() < MOST_DESTINATIONS {
            self.all.push(offered);
        } else if let Some(worst) = self.worst().filter(|worst| self.all[*worst].reading.score < offered.reading.score)
        {
            self.all[worst] = offered;
        }
        if self.all.len() == MOST_DESTINATIONS {
            let worst = self.worst().map_or(self.least, |worst| self.all[worst].reading.score);
            self.least = self.least.max(worst);
        }
    }

    fn worst(&self) -> Option<usize> {
        let score = |at: &usize| self.all[*at].reading.score;
        (0..self.all.len()).min_by(|one, other| score(one).total_cmp(&score(other)))
    }

    fn sorted(mut self) -> Vec<Destination> {
        self.all.retain(|known| known.reading.score >= self.least);
        self.all.sort_by(|a, b| b.reading.score.total_cmp(&a.reading.score));
        self.all
    }
}

/// A small count as a factor.
fn count(pieces: usize) -> f32 {
    f32::from(u8::try_from(pieces).unwrap_or(u8::MAX))
}
