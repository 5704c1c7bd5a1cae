//! The communes nearest to a point on the map.

use super::gazetteer::Gazetteer;
use super::units::{Centre, Unit};
use super::{Candidate, Scheme};
use crate::domain::address::Address;

/// Farther from every commune than this, in kilometres beyond its middle's surroundings, is not in Viet Nam.
const FARTHEST: f64 = 25.0;
/// Kilometres to a degree of latitude.
const DEGREE: f64 = 111.2;
/// Square kilometres of a commune whose area nobody knows.
const USUAL_AREA: f64 = 40.0;
/// Most communes named.
const MOST: usize = 3;

impl Gazetteer {
    /// The communes in force nearest to a point, at most three, the nearest first; none for a point abroad or at
    /// sea. Only their middles and sizes are known, not their borders: of the old wards' middles, 82 % lie in the
    /// first and 96 % in one of the three.
    pub fn nearest(&self, latitude: f64, longitude: f64) -> Vec<Candidate> {
        let communes = self.units.all().iter().filter(|unit| unit.scheme == Scheme::New);
        let mut near: Vec<(f64, &Unit)> = communes
            .filter_map(|unit| Some((beyond(unit.centre?, latitude, longitude), unit)))
            .filter(|(distance, _)| *distance < FARTHEST)
            .collect();
        near.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        near.truncate(MOST);
        near.into_iter()
            .map(|(distance, unit)| Candidate { address: self.commune(unit), confidence: sure(distance) })
            .collect()
    }

    fn commune(&self, unit: &Unit) -> Address {
        let province = self.units.province(unit);
        Address {
            province: Some(province.code.to_string()),
            ward: Some(unit.code.to_string()),
            label: self.units.label(unit),
            province_name: Some(province.full_name.to_string()),
            ..Address::default()
        }
    }
}

/// Kilometres from a point to the circle around a commune's middle that is as large as the commune; negative
/// inside.
fn beyond(centre: Centre, latitude: f64, longitude: f64) -> f64 {
    let north = (latitude - centre.latitude) * DEGREE;
    let east = (longitude - centre.longitude) * DEGREE * centre.latitude.to_radians().cos();
    north.hypot(east) - (centre.area.unwrap_or(USUAL_AREA) / std::f64::consts::PI).sqrt()
}

/// Half at the border of the circle, less outside.
fn sure(distance: f64) -> f32 {
    let sure = 1.0 / (1.0 + (distance / 2.0).exp());
    (sure * 100.0).round() as f32 / 100.0
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static PLACES: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::official);

    fn labels(latitude: f64, longitude: f64) -> Vec<String> {
        PLACES.nearest(latitude, longitude).into_iter().map(|it| it.address.label).collect()
    }

    #[test]
    fn a_point_is_in_or_near_its_commune() {
        // Bến Thành market, Hoàn Kiếm lake.
        assert!(labels(10.7725, 106.6980).contains(&"Phường Bến Thành, Thành phố Hồ Chí Minh".to_owned()));
        assert_eq!(labels(21.0287, 105.8524)[0], "Phường Hoàn Kiếm, Thành phố Hà Nội");
        assert_eq!(labels(21.0287, 105.8524).len(), 3);
    }

    #[test]
    fn a_point_abroad_or_at_sea_is_near_nothing() {
        for (latitude, longitude) in [(48.85, 2.35), (13.75, 100.5), (0.0, 0.0), (12.0, 111.5), (f64::NAN, 106.0)] {
            assert_eq!(labels(latitude, longitude), Vec::<String>::new(), "{latitude} {longitude}");
        }
    }
}
