//! From a text to an address in the units in force: the best readings compared, and how sure the best is.

use std::ops::Range;

use super::gazetteer::Gazetteer;
use super::hit::Runs;
use super::scene::Scene;
use super::score::{Destination, Hinted, Scoring};
use super::typed::Typed;
use super::units::{Level, UnitIx};
use super::{Candidate, Hint, PlaceReading, Scheme, street};
use crate::domain::address::{Address, AddressPart};
use crate::text::word::LONGEST_MESSAGE;
use crate::text::{Decision, head, nfc, phone};

/// A reading that scores less is no more than a guess.
const SURE: f32 = 3.0;
/// By how much the best reading must beat the next one to be taken without asking.
const MARGIN: f32 = 0.7;
/// Most candidates shown.
const MOST_CANDIDATES: usize = 3;

impl Gazetteer {
    /// Reads the first 500 characters of a text as an address; `hint` decides between what it leaves open.
    pub fn resolve(&self, text: &str, hint: &Hint) -> PlaceReading {
        let readable = nfc(head(text, LONGEST_MESSAGE));
        let typed = Typed::read(&readable, &phone::read(&readable).spans);
        let destinations = self.destinations(&typed, Hinted::of(hint, &self.units));
        Resolved { gazetteer: self, said: text, readable: &readable, typed: &typed, hint }.compare(&destinations)
    }

    /// The places a text can mean, best first: by names as they stand and, as far as those leave something
    /// unexplained, by names with slips.
    fn destinations(&self, typed: &Typed, hint: Hinted) -> Vec<Destination> {
        let scene = Scene::new(typed);
        let mut runs = Runs::exact(&scene, &self.names);
        let mut was_near = false;
        loop {
            let scoring = Scoring::new(&self.units, &self.names, &scene, hint, &runs.all);
            let destinations = scoring.destinations();
            let open = open(&scene, &scoring, destinations.first());
            if was_near || !open.contains(&true) {
                return destinations;
            }
            runs.add_near(&open);
            was_near = true;
        }
    }
}

/// Pieces before the first unit in which a finer one may be hidden by a slip.
const BEFORE: usize = 5;

/// Which pieces the best reading leaves unexplained although it should not: those behind its first name, those
/// behind type words, and those before its first name when that may be a district rather than a ward.
fn open(scene: &Scene<'_>, scoring: &Scoring<'_>, best: Option<&Destination>) -> Vec<bool> {
    let Some(Destination { reading, .. }) = best else {
        return vec![true; scene.length];
    };
    let first = reading.used().map(|hit| hit.from).min().unwrap_or(0);
    let is_whole = reading.ward.is_some_and(|ward| ward.is_announced || reading.district.is_some());
    let from = if is_whole { first } else { first.saturating_sub(BEFORE) };
    let claimed = |at: usize| scoring.claims.iter().any(|claim| claim.start == at);
    let tells = |at: usize| scene.telling(at, at + 1) > 0;
    // A name with wrong accents may be another one with a slip.
    let doubtful =
        |at: usize| reading.ward.is_some_and(|ward| ward.is_misaccented && (ward.start..ward.end).contains(&at));
    let is_open = |at: usize| doubtful(at) || !reading.covers(at) && (claimed(at) || at >= from && tells(at));
    (0..scene.length).map(is_open).collect()
}

struct Resolved<'a> {
    gazetteer: &'a Gazetteer,
    said: &'a str,
    readable: &'a str,
    typed: &'a Typed,
    hint: &'a Hint,
}

impl Resolved<'_> {
    fn compare(&self, destinations: &[Destination]) -> PlaceReading {
        let Some(best) = destinations.first() else { return self.nothing() };
        let next = destinations.get(1).map_or(0.0, |next| next.reading.score);
        let margin = best.reading.score - next;
        let decision = match best.reading.score {
            score if score >= SURE && margin >= MARGIN => Decision::Answer,
            _ if best.ward.is_none() && self.province_is_sure(destinations) => Decision::Answer,
            _ => Decision::Ask,
        };
        let mut candidates: Vec<Candidate> = Vec::new();
        for (at, destination) in destinations.iter().enumerate().take(MOST_CANDIDATES) {
            let behind = if at == 0 { margin } else { destination.reading.score - best.reading.score };
            let sure = confidence(destination.reading.score, behind);
            candidates.extend(self.with_split(destination, sure));
        }
        candidates.truncate(MOST_CANDIDATES);
        let address = match decision {
            Decision::Answer => self.address(best, best.ward),
            Decision::Ask | Decision::None => self.in_common(destinations),
        };
        PlaceReading {
            decision,
            scheme: Some(self.scheme(best)),
            confidence: confidence(best.reading.score, margin),
            missing: missing(&address),
            address,
            candidates,
        }
    }

    fn nothing(&self) -> PlaceReading {
        let is_street = street::looks_like_one(self.typed);
        let street = is_street.then(|| self.street(&[])).flatten();
        let address = Address { text: self.said.to_owned(), street, ..Address::default() };
        let missing = missing(&address);
        PlaceReading {
            decision: Decision::None,
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
        let near = |it: &&Destination| best.reading.score - it.reading.score < MARGIN;
        let agreed = destinations.iter().filter(near).all(|it| it.province == best.province && it.ward.is_none());
        let hinted = self.hint.province.as_deref() == Some(self.code(best.province));
        agreed && (best.reading.province.is_some() || hinted)
    }

    /// The address with what the near readings agree on.
    fn in_common(&self, destinations: &[Destination]) -> Address {
        let best = &destinations[0];
        let near = |it: &&Destination| best.reading.score - it.reading.score < MARGIN;
        let same = destinations.iter().filter(near).all(|it| it.province == best.province);
        let blank = self.blank(best);
        let sure = same && (best.reading.province.is_some() || best.reading.score >= SURE);
        if sure { self.named(blank, best.province, None) } else { blank }
    }

    fn address(&self, destination: &Destination, ward: Option<UnitIx>) -> Address {
        let mut address = self.blank(destination);
        if let Some(old) = destination
            .reading
            .ward
            .map(|hit| self.gazetteer.units.unit(hit.unit))
            .filter(|it| it.scheme == Scheme::Old)
        {
            address.old_ward = Some(old.full_name.to_string());
            address.split = old.now.len() > 1;
        }
        self.named(address, destination.province, ward)
    }

    /// The words, and the street of a reading.
    fn blank(&self, destination: &Destination) -> Address {
        let mut units: Vec<Range<usize>> = destination.reading.used().map(|hit| hit.from..hit.end).collect();
        units.sort_by_key(|unit| unit.start);
        Address { text: self.said.to_owned(), street: self.street(&units), ..Address::default() }
    }

    fn street(&self, units: &[Range<usize>]) -> Option<String> {
        street::street(self.readable, self.typed, units, self.typed.pieces.len())
    }

    fn code(&self, unit: UnitIx) -> &str {
        &self.gazetteer.units.unit(unit).code
    }

    fn named(&self, mut address: Address, province: UnitIx, ward: Option<UnitIx>) -> Address {
        let province = self.gazetteer.units.unit(province);
        let ward = ward.map(|ward| self.gazetteer.units.unit(ward));
        address.label = match ward {
            Some(ward) => format!("{}, {}", ward.full_name, province.full_name),
            None => province.full_name.to_string(),
        };
        address.province = Some(province.code.to_string());
        address.province_name = Some(province.full_name.to_string());
        address.ward = ward.map(|ward| ward.code.to_string());
        address
    }

    /// The candidate of a destination, and those of the other communes a split ward went to.
    fn with_split(&self, destination: &Destination, confidence: f32) -> Vec<Candidate> {
        let parts = destination.reading.ward.map_or(&[][..], |hit| &self.gazetteer.units.unit(hit.unit).now);
        let default = Candidate { address: self.address(destination, destination.ward), confidence };
        let others = parts
            .iter()
            .skip(1)
            .map(|part| Candidate { address: self.address(destination, Some(*part)), confidence: confidence / 4.0 });
        std::iter::once(default).chain(others).collect()
    }

    fn scheme(&self, destination: &Destination) -> Scheme {
        let unit = |hit: &super::hit::Hit| self.gazetteer.units.unit(hit.unit);
        let old =
            destination.reading.used().map(unit).any(|it| it.scheme == Scheme::Old && it.level != Level::Province);
        let abolished = destination.reading.used().map(unit).all(|it| it.scheme == Scheme::Old);
        if old || abolished { Scheme::Old } else { Scheme::New }
    }
}

fn missing(address: &Address) -> Vec<AddressPart> {
    let parts = [AddressPart::Province, AddressPart::Ward, AddressPart::Street];
    parts.into_iter().filter(|part| !address.has(*part)).collect()
}

/// From a score and its distance to the next one; 0.5 at the margin where we begin to ask.
fn confidence(score: f32, margin: f32) -> f32 {
    let logistic = |x: f32| 1.0 / (1.0 + (-x).exp());
    let sure = logistic(1.2 * (margin - MARGIN)).min(logistic(1.2 * (score - SURE)));
    (sure * 100.0).round() / 100.0
}
