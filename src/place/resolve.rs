//! From a text to an address in the units in force: the best readings compared, and how sure the best is.

use std::ops::Range;

use super::gazetteer::Gazetteer;
use super::hit::{Hit, Run, Runs};
use super::scene::{Scene, is_abroad};
use super::score::{Destination, Hinted, Scoring};
use super::trie::KeyIx;
use super::typed::Typed;
use super::units::{Level, UnitIx};
use super::weight::WEIGHTS;
use super::{Candidate, Doubt, Hint, PlaceReading, Scheme, street};
use crate::domain::address::{Address, AddressPart};
use crate::text::word::LONGEST_MESSAGE;
use crate::text::{Decision, head, nfc, phone};

/// Most candidates shown.
const MOST_CANDIDATES: usize = 3;

impl Gazetteer {
    /// Reads the first 500 characters of a text as an address; `hint` decides between what it leaves open.
    pub fn resolve(&self, text: &str, hint: &Hint) -> PlaceReading {
        let readable = nfc(head(text, LONGEST_MESSAGE));
        let typed = Typed::read(&readable, &phone::read(&readable).spans);
        let scene = Scene::new(&typed);
        let (destinations, contradicted) = self.destinations(&scene, Hinted::of(hint, &self.units));
        let resolved = Resolved { gazetteer: self, said: text, readable: &readable, scene: &scene, hint, contradicted };
        resolved.compare(&destinations)
    }

    /// The places a text can mean, best first: by names as they stand and, as far as those leave something
    /// unexplained, by names with slips. If the best is contradicted, also the first piece of what names places.
    fn destinations(&self, scene: &Scene<'_>, hint: Hinted) -> (Vec<Destination>, Option<usize>) {
        let mut runs = Runs::exact(scene, &self.names);
        let mut was_near = false;
        loop {
            let scoring = Scoring::new(&self.units, &self.names, scene, hint, &runs.all);
            let destinations = scoring.destinations();
            let near = match was_near {
                true => Vec::new(),
                false => runs.near(&open(scene, &scoring, &runs.all, destinations.first())),
            };
            if near.is_empty() {
                let is_contradicted = destinations
                    .split_first()
                    .is_some_and(|(best, others)| is_abroad(scene.typed) || scoring.is_contradicted(best, others));
                let contradicted = is_contradicted.then(|| scoring.first_named(&destinations));
                return (destinations, contradicted);
            }
            runs.all.extend(near);
            was_near = true;
        }
    }
}

/// Pieces before the first unit in which a finer one may be hidden by a slip.
const BEFORE: usize = 5;

/// Which pieces the best reading leaves unexplained although it should not: those behind its first name, those
/// behind type words, and those before its first name when that may be a district rather than a ward.
fn open(scene: &Scene<'_>, scoring: &Scoring<'_>, runs: &[Run], best: Option<&Destination>) -> Vec<bool> {
    let Some(best) = best else { return vec![true; scene.length] };
    let reading = &best.reading;
    let said_again = said_again(scene, scoring, runs, best);
    let first = reading.used().map(|hit| hit.from).min().unwrap_or(0);
    let surely_announced =
        |ward: &Hit| ward.is_announced && !scene.announced[ward.start].is_some_and(|it| it.is_slipped);
    let is_whole = reading.ward.is_some_and(|ward| surely_announced(&ward) || reading.district.is_some());
    let from = if is_whole { first } else { first.saturating_sub(BEFORE) };
    let claimed = |at: usize| scoring.claims.iter().any(|claim| claim.start == at && !reading.explains(claim));
    let tells = |at: usize| scene.telling(at, at + 1) > 0;
    // A name with wrong accents may be another one with a slip.
    let doubtful =
        |at: usize| reading.ward.is_some_and(|ward| ward.is_misaccented && (ward.start..ward.end).contains(&at));
    let is_loose = |at: usize| !reading.covers(at) && at >= from && tells(at) && !said_again[at];
    (0..scene.length).map(|at| doubtful(at) || claimed(at) && !said_again[at] || is_loose(at)).collect()
}

/// Which pieces say again what the best reading has: `Hà Nội, Hà Nội`, `Bến Nghé, p. Bến Nghé`, `tp HCM, Sài Gòn`.
fn said_again(scene: &Scene<'_>, scoring: &Scoring<'_>, runs: &[Run], best: &Destination) -> Vec<bool> {
    let is_used = |run: &&Run| best.reading.used().any(|hit| (hit.start, hit.end) == (run.start, run.end));
    let keys: Vec<KeyIx> = runs.iter().filter(is_used).map(|run| run.key).collect();
    let mut again = vec![false; scene.length];
    for run in runs.iter().filter(|run| keys.contains(&run.key)) {
        again[run.start..run.end].fill(true);
    }
    for hit in scoring.provinces.iter().filter(|hit| scoring.units.unit(hit.unit).province == best.province) {
        again[hit.from..hit.end].fill(true);
    }
    again
}

struct Resolved<'a> {
    gazetteer: &'a Gazetteer,
    said: &'a str,
    readable: &'a str,
    scene: &'a Scene<'a>,
    hint: &'a Hint,
    /// Where the names begin, if the best destination is contradicted.
    contradicted: Option<usize>,
}

impl Resolved<'_> {
    fn compare(&self, destinations: &[Destination]) -> PlaceReading {
        let Some(best) = destinations.first() else { return self.nothing() };
        let next = destinations[1..].iter().find(|it| !is_lost_namesake(it, best));
        let margin = best.reading.score - next.map_or(0.0, |next| next.reading.score);
        let doubt = self.doubt(destinations);
        let most = if doubt.is_none() { 1.0 } else { 0.5 };
        let blank = self.blank(best);
        let address = match doubt {
            None => self.address(blank.clone(), best, best.ward, true),
            Some(Doubt::Contradiction) => self.contradictory(&blank),
            Some(_) => self.in_common(&blank, destinations),
        };
        let build = |offer: Offer<'_>| Candidate {
            address: {
                let is_best = std::ptr::eq(offer.destination, best);
                let blank = if is_best { blank.clone() } else { self.blank(offer.destination) };
                self.address(blank, offer.destination, offer.ward, offer.is_named)
            },
            confidence: offer.confidence.min(most),
        };
        let candidates = self.offers(destinations, margin).into_iter().map(build).collect();
        PlaceReading {
            decision: if doubt.is_none() { Decision::Answer } else { Decision::Ask },
            doubt,
            scheme: Some(self.scheme(best)),
            confidence: confidence(best.reading.score, margin).min(most),
            missing: missing(&address),
            address,
            candidates,
        }
    }

    /// Why the best destination cannot be taken without asking; `None` when it can.
    fn doubt(&self, destinations: &[Destination]) -> Option<Doubt> {
        let (best, others) = (&destinations[0], &destinations[1..]);
        let is_near = |it: &&Destination, margin| best.reading.score - it.reading.score < margin;
        if self.contradicted.is_some() || self.is_elsewhere(best) {
            return Some(Doubt::Contradiction);
        }
        if others.iter().any(|it| self.is_namesake(it, best) && is_near(&it, self.margin_of_namesake(it, best))) {
            return Some(Doubt::OldOrNew);
        }
        match others.iter().find(|it| !is_lost_namesake(it, best)).filter(|next| is_near(next, WEIGHTS.margin)) {
            None if self.scene.has_denied() || best.reading.is_street() => Some(Doubt::Guess),
            None if best.reading.score >= WEIGHTS.sure && !self.is_bare(best) && !is_coarse_guess(best) => None,
            _ if best.ward.is_none() && self.province_is_sure(destinations) => None,
            Some(next) if next.ward.is_some() => Some(Doubt::Several),
            _ => Some(Doubt::Guess),
        }
    }

    /// Whether a place lies in another province than the hint says, and its province was not named.
    fn is_elsewhere(&self, best: &Destination) -> bool {
        let hinted = self.hint.province.as_deref();
        best.reading.province.is_none() && hinted.is_some_and(|hinted| hinted != self.code(best.province))
    }

    /// Whether nothing but a name speaks for a commune: no type word, no other unit and no hint, or a hint and
    /// a name that is misspelt or a street.
    fn is_bare(&self, best: &Destination) -> bool {
        let is_hinted = self.hint.province.as_deref() == Some(self.code(best.province));
        best.reading.only().is_some_and(|only| !only.is_announced && (only.is_doubtful || !is_hinted))
    }

    /// Whether one is a commune in force and the other an old ward of that name in the same province, and no
    /// district tells which is meant.
    fn is_namesake(&self, one: &Destination, other: &Destination) -> bool {
        let (Some(ward), Some(namesake)) = (one.reading.ward, other.reading.ward) else { return false };
        let unit = |hit: &Hit| self.gazetteer.units.unit(hit.unit);
        one.province == other.province
            && (ward.start, ward.end) == (namesake.start, namesake.end)
            && unit(&ward).scheme != unit(&namesake).scheme
            && !unit(&ward).is_historic
            && !unit(&namesake).is_historic
            && one.reading.district.is_none()
            && other.reading.district.is_none()
    }

    /// By how much the best must beat its namesake: less where a type word tells them apart or the name is known.
    fn margin_of_namesake(&self, one: &Destination, best: &Destination) -> f32 {
        let kind = |it: &Destination| it.reading.ward.map(|hit| self.gazetteer.units.unit(hit.unit).kind);
        let is_told = best.reading.ward.is_some_and(|ward| ward.is_announced) && kind(one) != kind(best);
        let is_known = self.hint.province.is_some() && self.bears_its_districts_name(best);
        if is_told || is_known { WEIGHTS.margin_old_or_new } else { WEIGHTS.margin_same_name }
    }

    /// Whether a commune in force is called like the old district it lies in: it is the one that people mean who
    /// were asked for their commune, since its namesake was a small one elsewhere.
    fn bears_its_districts_name(&self, best: &Destination) -> bool {
        let units = &self.gazetteer.units;
        let Some(commune) = best.reading.ward.map(|hit| units.unit(hit.unit)) else { return false };
        commune.scheme == Scheme::New && commune.districts.iter().any(|it| units.unit(*it).name() == commune.name())
    }

    /// At most three places to choose from, best first; where a district is named, its communes come last, for
    /// those who find none of the others right.
    fn offers<'d>(&self, destinations: &'d [Destination], margin: f32) -> Vec<Offer<'d>> {
        let mut offers = Offers { resolved: self, all: Vec::with_capacity(MOST_CANDIDATES) };
        let best = &destinations[0];
        for (at, destination) in destinations.iter().enumerate() {
            let behind = if at == 0 { margin } else { destination.reading.score - best.reading.score };
            let sure = confidence(destination.reading.score, behind);
            let parts = destination.reading.ward.map_or(&[][..], |ward| &self.gazetteer.units.unit(ward.unit).now);
            offers.add(destination, parts, sure, true);
        }
        if let Some(district) = best.reading.district {
            let sure = if best.ward.is_none() { confidence(best.reading.score, margin) } else { 0.0 };
            offers.add(best, &self.gazetteer.units.unit(district.unit).now, sure, false);
        }
        if offers.all.is_empty() {
            offers.add_one(best, None, confidence(best.reading.score, margin), true);
        }
        offers.all
    }

    fn nothing(&self) -> PlaceReading {
        let is_street = street::looks_like_one(self.scene.typed);
        let street = is_street.then(|| self.street(&[])).flatten();
        let address = Address { text: self.said.to_owned(), street, ..Address::default() };
        let missing = missing(&address);
        PlaceReading {
            decision: Decision::None,
            doubt: Some(Doubt::NoPlace),
            address,
            scheme: None,
            confidence: 0.0,
            missing,
            candidates: Vec::new(),
        }
    }

    /// Whether every reading that is near the best lies in its province, and that was said or hinted.
    fn province_is_sure(&self, destinations: &[Destination]) -> bool {
        let best = &destinations[0];
        let near = |it: &&Destination| best.reading.score - it.reading.score < WEIGHTS.margin;
        let agreed = destinations.iter().filter(near).all(|it| it.province == best.province && it.ward.is_none());
        let hinted = self.hint.province.as_deref() == Some(self.code(best.province));
        let is_named = best.reading.province.is_some_and(|hit| !hit.is_doubtful) && best.reading.score >= WEIGHTS.sure;
        agreed && (is_named || hinted)
    }

    /// Nothing is sure but the street before the names that do not fit.
    fn contradictory(&self, blank: &Address) -> Address {
        let Some(first) = self.contradicted else { return blank.clone() };
        let names = first..self.scene.typed.pieces.len();
        Address { text: self.said.to_owned(), street: self.street(&[names]), ..Address::default() }
    }

    /// The address with what the near readings agree on.
    fn in_common(&self, blank: &Address, destinations: &[Destination]) -> Address {
        let best = &destinations[0];
        let near = |it: &&Destination| best.reading.score - it.reading.score < WEIGHTS.margin;
        let same = destinations.iter().filter(near).all(|it| it.province == best.province);
        let sure = same && best.reading.score >= WEIGHTS.sure && !is_coarse_guess(best);
        if sure { self.named(blank.clone(), best.province, None) } else { blank.clone() }
    }

    /// The address of a destination, given what it is without its units; `is_named` where the ward is what its
    /// name stands for.
    fn address(
        &self,
        mut address: Address,
        destination: &Destination,
        ward: Option<UnitIx>,
        is_named: bool,
    ) -> Address {
        let named = destination.reading.ward.filter(|_| is_named).map(|hit| self.gazetteer.units.unit(hit.unit));
        if let Some(old) = named.filter(|it| it.scheme == Scheme::Old) {
            address.old_ward = Some(old.full_name.to_string());
            address.old_ward_code = Some(old.code.to_string());
            address.split = old.now.len() > 1;
        }
        self.named(address, destination.province, ward)
    }

    /// The words, and the street of a reading.
    fn blank(&self, destination: &Destination) -> Address {
        let units = destination.reading.used().filter(|hit| !hit.is_street).map(|hit| hit.from..hit.end);
        let mut units: Vec<Range<usize>> = units.collect();
        units.sort_by_key(|unit| unit.start);
        let old_district = destination.reading.district.map(|hit| self.code(hit.unit).to_owned());
        Address { text: self.said.to_owned(), street: self.street(&units), old_district, ..Address::default() }
    }

    fn street(&self, units: &[Range<usize>]) -> Option<String> {
        if self.scene.has_denied() {
            return None;
        }
        street::street(self.readable, self.scene.typed, units, self.scene.typed.pieces.len())
    }

    fn code(&self, unit: UnitIx) -> &str {
        &self.gazetteer.units.unit(unit).code
    }

    fn named(&self, mut address: Address, province: UnitIx, ward: Option<UnitIx>) -> Address {
        let province = self.gazetteer.units.unit(province);
        let ward = ward.map(|ward| self.gazetteer.units.unit(ward));
        address.label = match ward {
            Some(ward) => [&*ward.full_name, ", ", &*province.full_name].concat(),
            None => province.full_name.to_string(),
        };
        address.province = Some(province.code.to_string());
        address.province_name = Some(province.full_name.to_string());
        address.ward = ward.map(|ward| ward.code.to_string());
        address
    }

    fn scheme(&self, destination: &Destination) -> Scheme {
        let unit = |hit: &Hit| self.gazetteer.units.unit(hit.unit);
        let old =
            destination.reading.used().map(unit).any(|it| it.scheme == Scheme::Old && it.level != Level::Province);
        let abolished = destination.reading.used().map(unit).all(|it| it.scheme == Scheme::Old);
        if old || abolished { Scheme::Old } else { Scheme::New }
    }
}

/// A place to choose from.
#[derive(Clone, Copy)]
struct Offer<'d> {
    destination: &'d Destination,
    ward: Option<UnitIx>,
    confidence: f32,
    /// It is what the destination's ward became, not another commune of its district.
    is_named: bool,
}

/// Places to choose from, each once, and none that was rejected.
struct Offers<'a, 'd> {
    resolved: &'a Resolved<'a>,
    all: Vec<Offer<'d>>,
}

impl<'d> Offers<'_, 'd> {
    /// Offers communes of which the first is as sure as this, the others less.
    fn add(&mut self, destination: &'d Destination, wards: &[UnitIx], sure: f32, is_named: bool) {
        for (at, ward) in wards.iter().enumerate() {
            self.add_one(destination, Some(*ward), if at == 0 { sure } else { sure / 4.0 }, is_named);
        }
    }

    fn add_one(&mut self, destination: &'d Destination, ward: Option<UnitIx>, confidence: f32, is_named: bool) {
        let is_known = || self.all.iter().any(|it| ward.is_some() && it.ward == ward);
        let code = || self.resolved.code(ward.unwrap_or(destination.province));
        let is_rejected = || self.resolved.hint.rejected.iter().any(|rejected| rejected == code());
        if self.all.len() < MOST_CANDIDATES && !is_known() && !is_rejected() {
            self.all.push(Offer { destination, ward, confidence, is_named });
        }
    }
}

/// Whether a province or district is all that was found, and it is misspelt or may be a street.
fn is_coarse_guess(best: &Destination) -> bool {
    best.reading.ward.is_none() && best.reading.finest().is_doubtful
}

/// Whether one is a ward of the other's name and place in the text that nobody knows what became of: most likely
/// the same one, under an earlier code.
fn is_lost_namesake(one: &Destination, other: &Destination) -> bool {
    let span = |it: &Destination| it.reading.ward.map(|ward| (ward.start, ward.end));
    one.ward.is_none() && one.reading.ward.is_some() && span(one) == span(other)
}

fn missing(address: &Address) -> Vec<AddressPart> {
    let parts = [AddressPart::Province, AddressPart::Ward, AddressPart::Street];
    parts.into_iter().filter(|part| !address.has(*part)).collect()
}

/// From a score and its distance to the next one; 0.5 at the margin where we begin to ask.
fn confidence(score: f32, margin: f32) -> f32 {
    let logistic = |x: f32| 1.0 / (1.0 + (-x).exp());
    let sure = logistic(1.2 * (margin - WEIGHTS.margin)).min(logistic(1.2 * (score - WEIGHTS.sure)));
    (sure * 100.0).round() / 100.0
}
