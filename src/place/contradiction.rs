//! Whether a text names things that do not lie in one another.

use super::score::{Claim, Destination, Reading, Scoring};
use super::trie::KeyIx;
use super::units::{Kind, Level};
use super::weight::WEIGHTS;

impl Scoring<'_> {
    /// Whether the text names something that cannot be where a reading leads: another district or province
    /// than its own; or another ward of the same unit, nearer to it than the one that was taken.
    pub(super) fn is_contradicted(&self, best: &Destination, others: &[Destination]) -> bool {
        let claims = self.claims.iter().filter(|claim| !best.reading.explains(claim));
        let elsewhere = claims.filter_map(|claim| claim.name).any(|(key, kind)| !self.fits(key, kind, best));
        let is_near = |other: &&Destination| best.reading.score - other.reading.score < WEIGHTS.shown_between;
        elsewhere || others.iter().filter(is_near).any(|other| self.competes(&other.reading, &best.reading))
    }

    /// The first piece of what names places, type words included.
    pub(super) fn first_named(&self, destinations: &[Destination]) -> usize {
        let used = destinations.iter().flat_map(|it| it.reading.used()).map(|hit| hit.from);
        let from = |claim: &Claim| self.scene.announced[claim.start].map_or(claim.start, |word| word.from);
        used.chain(self.claims.iter().map(from)).min().unwrap_or(0)
    }

    /// Whether some district or province of that name is the destination's, or nothing coarse is called so.
    fn fits(&self, key: KeyIx, kind: Option<Kind>, best: &Destination) -> bool {
        let finest = self.units.unit(best.reading.finest().unit);
        let named = |level| match kind {
            Some(kind) if !kind.is_of(level) => &[],
            _ => self.names.of_level(key, level),
        };
        let (provinces, districts) = (named(Level::Province), named(Level::District));
        (provinces.is_empty() && districts.is_empty())
            || provinces.iter().any(|name| name.province == best.province)
            || districts.iter().any(|name| {
                finest.districts.contains(&name.unit) || finest.districts.is_empty() && name.province == best.province
            })
    }

    /// Whether another reading's ward of the same unit is as good a reason to go elsewhere: it stands between the
    /// best one's and the unit, or bears a type word, which the best one's does not.
    fn competes(&self, other: &Reading, best: &Reading) -> bool {
        let coarse = |reading: &Reading| reading.district.or(reading.province);
        let (Some(ward), Some(rival)) = (best.ward, other.ward) else { return false };
        let (Some(unit), Some(same)) = (coarse(best), coarse(other)) else { return false };
        let is_between = ward.end <= rival.from && rival.end <= unit.from;
        let is_announced = rival.is_announced && !ward.is_announced && !rival.overlaps(&ward);
        unit.start == same.start && (is_between || is_announced)
    }
}
