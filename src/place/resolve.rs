//! From a text to an address in the units in force: the best readings compared, and how sure the best is.

use super::gazetteer::{Gazetteer, Level};
use super::hit::hits;
use super::score::{Reading, readings};
use super::token::{Token, tokens};
use super::{Candidate, Hint, PlaceReading, Scheme, street};
use crate::domain::address::{Address, AddressPart};
use crate::text::word::LONGEST_MESSAGE;
use crate::text::{Decision, head, nfc, phone};

/// A reading that scores less is no more than a guess.
const SURE: f32 = 3.0;
/// A reading that scores less is none at all.
const LEAST: f32 = 1.2;
/// By how much the best reading must beat the next one to be taken without asking.
const MARGIN: f32 = 0.7;
/// Readings this far behind the best are not worth showing.
const SHOWN: f32 = 3.0;
/// Most candidates shown.
const MOST_CANDIDATES: usize = 3;

impl Gazetteer {
    /// Reads the first 500 characters of a text as an address; `hint` decides between what it leaves open.
    pub fn resolve(&self, text: &str, hint: &Hint) -> PlaceReading {
        let readable = without_phones(&nfc(head(text, LONGEST_MESSAGE)));
        let tokens = tokens(&readable);
        let hits = hits(self, &tokens);
        let mut all = readings(self, &hits, hint.province.as_deref());
        all.sort_by(|a, b| b.score.total_cmp(&a.score));
        let resolved = Resolved { gazetteer: self, typed: text, readable: &readable, tokens: &tokens, hint };
        resolved.compare(&self.destinations(&all))
    }

    /// The distinct places the readings lead to, best first, each with its best reading.
    fn destinations<'a, 'b>(&self, readings: &'b [Reading<'a>]) -> Vec<Destination<'a, 'b>> {
        let mut all: Vec<Destination<'_, '_>> = Vec::new();
        for reading in readings.iter().filter(|reading| reading.score >= LEAST) {
            let unit = self.unit(reading.finest().unit);
            let wards = if unit.level == Level::Ward { self.now(unit) } else { &[] };
            let destination = Destination { province: unit.province, ward: wards.first().copied(), reading };
            let known =
                |seen: &Destination<'_, '_>| seen.ward == destination.ward && seen.province == destination.province;
            if !all.iter().any(known) {
                all.push(destination);
            }
            if all.len() > 2 * MOST_CANDIDATES {
                break;
            }
        }
        all
    }
}

/// A place in force that a reading leads to.
struct Destination<'a, 'b> {
    province: &'static str,
    ward: Option<&'static str>,
    reading: &'b Reading<'a>,
}

struct Resolved<'a> {
    gazetteer: &'a Gazetteer,
    typed: &'a str,
    readable: &'a str,
    tokens: &'a [Token],
    hint: &'a Hint,
}

impl Resolved<'_> {
    fn compare(&self, destinations: &[Destination<'_, '_>]) -> PlaceReading {
        let Some(best) = destinations.first() else { return self.nothing() };
        let next = destinations.get(1).map_or(0.0, |next| next.reading.score);
        let margin = best.reading.score - next;
        let decision = match best.reading.score {
            score if score >= SURE && margin >= MARGIN => Decision::Answer,
            _ if best.ward.is_none() && self.province_is_sure(destinations) => Decision::Answer,
            _ => Decision::Ask,
        };
        let shown = destinations.iter().filter(|it| best.reading.score - it.reading.score < SHOWN);
        let mut candidates: Vec<Candidate> = Vec::new();
        for (at, destination) in shown.enumerate() {
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
            scheme: Some(self.scheme(best.reading)),
            confidence: confidence(best.reading.score, margin),
            missing: missing(&address),
            address,
            candidates,
        }
    }

    fn nothing(&self) -> PlaceReading {
        let is_street = street::looks_like_one(self.readable);
        let street = is_street.then(|| street::tidied(self.readable)).flatten();
        let address = Address { text: self.typed.to_owned(), street, ..Address::default() };
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
    fn province_is_sure(&self, destinations: &[Destination<'_, '_>]) -> bool {
        let best = &destinations[0];
        let near = |it: &&Destination<'_, '_>| best.reading.score - it.reading.score < MARGIN;
        let agreed = destinations.iter().filter(near).all(|it| it.province == best.province && it.ward.is_none());
        let said = best.reading.province.is_some() || self.hint.province.as_deref() == Some(best.province);
        agreed && said
    }

    /// The address with what the near readings agree on.
    fn in_common(&self, destinations: &[Destination<'_, '_>]) -> Address {
        let best = &destinations[0];
        let near = |it: &&Destination<'_, '_>| best.reading.score - it.reading.score < MARGIN;
        let same = destinations.iter().filter(near).all(|it| it.province == best.province);
        let street = street::street(self.readable, self.tokens, best.reading.used());
        let blank = Address { text: self.typed.to_owned(), street, ..Address::default() };
        let sure = same && (best.reading.province.is_some() || best.reading.score >= SURE);
        if sure { self.named(blank, best.province, None) } else { blank }
    }

    fn address(&self, destination: &Destination<'_, '_>, ward: Option<&str>) -> Address {
        let reading = destination.reading;
        let street = street::street(self.readable, self.tokens, reading.used());
        let mut address = Address { text: self.typed.to_owned(), street, ..Address::default() };
        if let Some(old) = reading.ward.map(|hit| self.gazetteer.unit(hit.unit)).filter(|it| it.scheme == Scheme::Old) {
            address.old_ward = Some(old.full_name.to_owned());
            address.split = self.gazetteer.now(old).len() > 1;
        }
        self.named(address, destination.province, ward)
    }

    fn named(&self, mut address: Address, province: &str, ward: Option<&str>) -> Address {
        let province_name = self.gazetteer.province_name(province).unwrap_or_default();
        address.label = match ward.and_then(|code| self.gazetteer.ward_name(code)) {
            Some(ward_name) => format!("{ward_name}, {province_name}"),
            None => province_name.to_owned(),
        };
        address.province = Some(province.to_owned());
        address.province_name = Some(province_name.to_owned());
        address.ward = ward.map(str::to_owned);
        address
    }

    /// The candidate of a destination, and those of the other communes a split ward went to.
    fn with_split(&self, destination: &Destination<'_, '_>, confidence: f32) -> Vec<Candidate> {
        let old = destination.reading.ward.map(|hit| self.gazetteer.unit(hit.unit));
        let parts = old.map_or(&[][..], |old| self.gazetteer.now(old));
        let default = Candidate { address: self.address(destination, destination.ward), confidence };
        let others = parts
            .iter()
            .skip(1)
            .map(|code| Candidate { address: self.address(destination, Some(code)), confidence: confidence / 4.0 });
        std::iter::once(default).chain(others).collect()
    }

    fn scheme(&self, reading: &Reading<'_>) -> Scheme {
        let old = reading.used().any(|hit| {
            let unit = self.gazetteer.unit(hit.unit);
            unit.scheme == Scheme::Old && unit.level != Level::Province
        });
        let abolished = reading.used().all(|hit| self.gazetteer.unit(hit.unit).scheme == Scheme::Old);
        if old || abolished { Scheme::Old } else { Scheme::New }
    }
}

/// The text with phone numbers as commas, so that they are neither house numbers nor in the street.
fn without_phones(text: &str) -> String {
    let mut cleared = String::with_capacity(text.len());
    let mut from = 0;
    for span in phone::read(text).spans {
        cleared.push_str(&text[from..span.start]);
        cleared.push(',');
        from = span.end;
    }
    cleared.push_str(&text[from..]);
    cleared
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
