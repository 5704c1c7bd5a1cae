//! The organisation in force until an operator imports their own: marked "(mẫu)", sample, in every name.
//!
//! One unit for each of the 34 provinces in force, a few shops and rapid-response teams in three
//! cities, the hotline 9090 as the central unit. Invented but for the hotline: real tables are imported.

use super::Organisation;
use super::import::{self, KnownPlaces, Tables};

/// The sample's table, as [`import::read`] takes it and as an operator may start from.
pub const UNITS_CSV: &str = include_str!("sample/units.csv");

/// The sample.
pub(super) fn organisation() -> Organisation {
    import::read(&Tables::of_units(UNITS_CSV), &AnyPlace).expect("the shipped table is read by a test")
}

/// Knows every code of the right length: the sample is ours, so its codes need no gazetteer here.
struct AnyPlace;

impl KnownPlaces for AnyPlace {
    fn province(&self, code: &str) -> Option<String> {
        (code.len() == 2).then(|| code.to_owned())
    }

    fn ward(&self, code: &str) -> Option<(String, String)> {
        (code.len() == 5).then(|| (code.to_owned(), String::new()))
    }

    fn communes(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::address::Address;
    use crate::domain::ticket::TicketKind;
    use crate::domain::time::Day;
    use crate::domain::unit::UnitKind;
    use crate::routing::Idle;
    use crate::routing::Territory;

    #[test]
    fn the_sample_has_a_unit_for_each_of_the_34_provinces_and_says_that_it_is_a_sample() {
        let organisation = Organisation::sample();
        let is_province = |place: &&Territory| matches!(place, Territory::Province(_));
        assert_eq!(organisation.territories().filter(is_province).count(), 34);
        assert_eq!(organisation.units().iter().filter(|one| one.unit.kind == UnitKind::Province).count(), 34);
        assert!(organisation.units().iter().all(|one| one.unit.name.ends_with("(mẫu)")));
        assert_eq!(organisation.central().unit.name, "Tổng đài 9090 (mẫu)");
    }

    #[test]
    fn the_sample_routes_to_a_shop_a_team_a_province_and_the_hotline() {
        let organisation = Organisation::sample();
        let unit = |province: &str, ward: &str| {
            let place = Address { province: Some(province.into()), ward: Some(ward.into()), ..Address::default() };
            let day = Day::parse_iso("2026-11-26").unwrap();
            organisation.dry_run(TicketKind::SimSwap, place, day, &Idle).decision.unit.id.as_str().to_owned()
        };
        assert_eq!(unit("79", "26740"), "mau_79_ch_sai_gon");
        assert_eq!(unit("48", "20263"), "mau_48_pun_son_tra");
        assert_eq!(unit("96", "32002"), "mau_96");
        assert_eq!(unit("99", "99999"), "mau_9090");
    }
}
