//! The decision: the most specific unit that works where the customer is, else the central one.
//!
//! Total and deterministic: every request gets a unit and the reasons, misses included; the last reason
//! is the one that decided. Knows the index of [`Organisation`], never how it was filled.

use serde::{Deserialize, Serialize};

use super::{Claim, Organisation};
use crate::domain::address::Address;
use crate::domain::contact::Profile;
use crate::domain::slot::Slots;
use crate::domain::ticket::{TicketKind, TicketRequest, Why};
use crate::domain::unit::Unit;

/// Where a ticket goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The unit that serves it.
    pub unit: Unit,
    /// Why, in the order in which it was thought; the last one decided.
    pub why: Vec<Why>,
}

/// A dry run, as `thoai ticket where` prints it: `{"place": {...}, "unit": {...}, "why": [...]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Where {
    /// The address as it was understood.
    pub place: Address,
    /// The unit that would serve it, and why.
    #[serde(flatten)]
    pub decision: Decision,
}

impl Organisation {
    /// The unit for this request: of the ward, else of the province, else the central one. Of several in
    /// one territory the first of the table, and the reasons say so.
    pub fn decide(&self, request: &TicketRequest) -> Decision {
        let place = request.place.as_ref();
        let ward = place.and_then(|place| place.ward.as_deref());
        let province = place.and_then(|place| place.province.as_deref());
        let mut why = Vec::with_capacity(3);
        for (level, code, claims) in [("ward", ward, &self.wards), ("province", province, &self.provinces)] {
            let claim = code.and_then(|code| claims.get(code)).copied().unwrap_or_default();
            if request.quarantine {
                self.name_authority(level, code, claim, &mut why);
            }
            if let Some(ix) = self.choose(level, code, claim, &mut why) {
                return Decision { unit: self.units[ix].unit.clone(), why };
            }
        }
        let unit = self.central().clone();
        why.push(reason("central", format!("central -> {}", unit.id)));
        Decision { unit, why }
    }

    /// Where a ticket of this kind at this place would go.
    pub fn dry_run(&self, kind: TicketKind, place: Address) -> Where {
        let request = TicketRequest {
            kind,
            contact: Profile::default(),
            subscriber: None,
            place: Some(place.clone()),
            quarantine: false,
            slots: Slots::new(),
            transcript: Vec::new(),
        };
        Where { decision: self.decide(&request), place }
    }

    /// Whether different units serve two places.
    pub fn serves_apart(&self, one: &Address, other: &Address) -> bool {
        let unit = |place: &Address| self.dry_run(TicketKind::SimSwap, place.clone()).decision.unit.id;
        unit(one) != unit(other)
    }

    /// The unit that serves at this level, if one does; says why or why not.
    fn choose(&self, level: &str, code: Option<&str>, claim: Claim, why: &mut Vec<Why>) -> Option<usize> {
        let Some(code) = code else {
            why.push(reason(level, format!("{level} not known")));
            return None;
        };
        let code = shown(code);
        let Some(ix) = claim.first else {
            why.push(reason(level, format!("{level} {code}: no unit")));
            return None;
        };
        if claim.count > 1 {
            why.push(reason(level, format!("{level} {code}: first of {} units in the table", claim.count)));
        }
        why.push(reason(level, format!("{level} {code} -> {}", self.units[ix].unit.id)));
        Some(ix)
    }

    /// Notes who reaches a customer in quarantine for the unit that serves them.
    fn name_authority(&self, level: &str, code: Option<&str>, claim: Claim, why: &mut Vec<Why>) {
        if let (Some(code), Some(ix)) = (code, claim.authority) {
            why.push(reason(level, format!("quarantine, {level} {}: through {}", shown(code), self.units[ix].unit.id)));
        }
    }
}

/// One reason.
fn reason(level: &str, rule: String) -> Why {
    Why { rule, level: level.to_owned() }
}

/// A code as reasons show it. Partners send codes unchecked, and reasons are logged: what is not a code
/// might be a person's words.
fn shown(code: &str) -> &str {
    if code.len() <= 5 && code.bytes().all(|byte| byte.is_ascii_digit()) { code } else { "(not a code)" }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::id::UnitId;
    use crate::domain::unit::UnitKind;
    use crate::routing::{Member, Territory};

    fn member(id: &str, kind: UnitKind, territory: &[Territory]) -> Member {
        let unit = Unit { id: UnitId::new(id), kind, name: id.to_uppercase(), phone: None };
        Member { unit, parent: None, territory: territory.to_vec() }
    }

    fn ward(code: &str) -> Territory {
        Territory::Ward(code.to_owned())
    }

    fn province(code: &str) -> Territory {
        Territory::Province(code.to_owned())
    }

    fn organisation() -> Organisation {
        Organisation::new(vec![
            member("u_9090", UnitKind::Central, &[]),
            member("u_79", UnitKind::Province, &[province("79")]),
            member("u_ubnd", UnitKind::LocalAuthority, &[ward("26740")]),
            member("u_sg", UnitKind::Shop, &[ward("26740"), ward("26743")]),
            member("u_pun", UnitKind::RapidTeam, &[ward("26743")]),
        ])
        .unwrap()
    }

    fn at(province: Option<&str>, ward: Option<&str>) -> Address {
        Address { province: province.map(str::to_owned), ward: ward.map(str::to_owned), ..Address::default() }
    }

    fn rules(decision: &Decision) -> Vec<(&str, &str)> {
        decision.why.iter().map(|why| (why.level.as_str(), why.rule.as_str())).collect()
    }

    fn place_of(place: Address) -> Decision {
        organisation().dry_run(TicketKind::SimSwap, place).decision
    }

    #[test]
    fn a_ward_with_a_unit_goes_there() {
        let decision = place_of(at(Some("79"), Some("26740")));
        assert_eq!(decision.unit.id.as_str(), "u_sg");
        assert_eq!(rules(&decision), [("ward", "ward 26740 -> u_sg")]);
    }

    #[test]
    fn a_ward_without_a_unit_goes_to_its_province_and_the_miss_is_recorded() {
        let decision = place_of(at(Some("79"), Some("26824")));
        assert_eq!(rules(&decision), [("ward", "ward 26824: no unit"), ("province", "province 79 -> u_79")]);
    }

    #[test]
    fn half_an_address_still_finds_its_unit() {
        assert_eq!(place_of(at(None, Some("26740"))).unit.id.as_str(), "u_sg");
        let decision = place_of(at(Some("79"), None));
        assert_eq!(rules(&decision), [("ward", "ward not known"), ("province", "province 79 -> u_79")]);
    }

    #[test]
    fn what_nobody_serves_goes_to_the_central_unit() {
        let decision = place_of(at(Some("01"), None));
        assert_eq!(decision.unit.kind, UnitKind::Central);
        let rules = rules(&decision);
        assert_eq!(rules[1..], [("province", "province 01: no unit"), ("central", "central -> u_9090")]);
    }

    #[test]
    fn of_two_units_in_a_ward_the_first_of_the_table_is_taken_and_it_is_said() {
        let decision = place_of(at(Some("79"), Some("26743")));
        assert_eq!(
            rules(&decision),
            [("ward", "ward 26743: first of 2 units in the table"), ("ward", "ward 26743 -> u_sg")]
        );
    }

    #[test]
    fn a_local_authority_is_named_in_quarantine_but_never_gets_the_ticket() {
        let mut request = TicketRequest {
            kind: TicketKind::SimSwap,
            contact: Profile::default(),
            subscriber: None,
            place: Some(at(Some("79"), Some("26740"))),
            quarantine: true,
            slots: Slots::new(),
            transcript: Vec::new(),
        };
        let decision = organisation().decide(&request);
        assert_eq!(
            rules(&decision),
            [("ward", "quarantine, ward 26740: through u_ubnd"), ("ward", "ward 26740 -> u_sg")]
        );
        request.quarantine = false;
        assert_eq!(rules(&organisation().decide(&request)), [("ward", "ward 26740 -> u_sg")]);
        request.place = None;
        assert_eq!(organisation().decide(&request).unit.id.as_str(), "u_9090");
    }

    #[test]
    fn words_sent_in_place_of_a_code_are_not_repeated() {
        let decision = place_of(at(None, Some("nhà bà Lan, 0901234567")));
        assert_eq!(decision.why[0].rule, "ward (not a code): no unit");
    }

    #[test]
    fn a_dry_run_is_printed_as_place_unit_and_why() {
        let json = serde_json::to_value(organisation().dry_run(TicketKind::Advice, at(Some("79"), None))).unwrap();
        assert_eq!(json["place"]["province"], "79");
        assert_eq!(json["unit"]["kind"], "province");
        assert_eq!(json["why"][1]["rule"], "province 79 -> u_79");
        assert_eq!(json.as_object().unwrap().len(), 3);
    }

    /// The decision by reading the table from the top, without an index.
    fn naive<'a>(members: &'a [Member], place: &Address) -> &'a Unit {
        let works_in = |wanted: Territory| {
            members.iter().find(|one| one.unit.kind != UnitKind::LocalAuthority && one.territory.contains(&wanted))
        };
        let ward = place.ward.clone().and_then(|code| works_in(Territory::Ward(code)));
        let province = || place.province.clone().and_then(|code| works_in(Territory::Province(code)));
        let central = || members.iter().find(|one| one.unit.kind == UnitKind::Central);
        &ward.or_else(province).or_else(central).unwrap().unit
    }

    fn any_member() -> impl Strategy<Value = (UnitKind, Vec<Territory>)> {
        let kind = prop::sample::select(vec![
            UnitKind::Central,
            UnitKind::Company,
            UnitKind::Province,
            UnitKind::Shop,
            UnitKind::RapidTeam,
            UnitKind::LocalAuthority,
        ]);
        let territory = prop_oneof![
            (0..8u32).prop_map(|code| Territory::Ward(format!("{code:05}"))),
            (0..4u32).prop_map(|code| Territory::Province(format!("{code:02}"))),
        ];
        (kind, prop::collection::vec(territory, 0..4))
    }

    proptest! {
        #[test]
        fn the_index_decides_as_a_scan_of_the_table_does(
            table in prop::collection::vec(any_member(), 0..20),
            ward in prop::option::of(0..10u32),
            province in prop::option::of(0..5u32),
        ) {
            let mut members: Vec<Member> = table
                .iter()
                .enumerate()
                .map(|(ix, (kind, territory))| member(&format!("u{ix}"), *kind, territory))
                .collect();
            members.push(member("last", UnitKind::Central, &[]));
            let place = Address {
                ward: ward.map(|code| format!("{code:05}")),
                province: province.map(|code| format!("{code:02}")),
                ..Address::default()
            };
            let organisation = Organisation::new(members.clone()).unwrap();
            let decision = organisation.dry_run(TicketKind::SimSwap, place.clone()).decision;
            prop_assert_eq!(&decision.unit, naive(&members, &place));
            let last = &decision.why.last().unwrap().rule;
            let suffix = format!("-> {}", decision.unit.id);
            prop_assert!(last.ends_with(&suffix));
        }
    }
}
