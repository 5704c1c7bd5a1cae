//! Who gets a request, and the reasons that are given.

use proptest::prelude::*;

use super::*;
use crate::routing::calendar::Week;
use crate::routing::organisation::{Abilities, Assignment, Span, Zone};

fn member(id: &str, kind: UnitKind) -> Member {
    let unit = Unit { id: UnitId::new(id), kind, name: id.to_uppercase(), phone: None };
    let abilities = Abilities::usual(kind);
    Member {
        unit,
        parent: None,
        abilities,
        capacity: None,
        weight: 1,
        hours: Week::usual(),
        seat: None,
        valid: Span::default(),
    }
}

fn works(id: &str, place: Territory) -> Assignment {
    Assignment { unit: UnitId::new(id), place, priority: 0, valid: Span::default(), responsible: None }
}

fn day(text: &str) -> Day {
    Day::parse_iso(text).unwrap()
}

fn today() -> Day {
    day("2026-11-26")
}

fn ward(code: &str) -> Territory {
    Territory::Ward(code.to_owned())
}

fn province(code: &str) -> Territory {
    Territory::Province(code.to_owned())
}

fn units() -> Vec<Member> {
    [
        ("u_9090", UnitKind::Central),
        ("u_79", UnitKind::Province),
        ("u_ubnd", UnitKind::LocalAuthority),
        ("u_sg", UnitKind::Shop),
        ("u_pun", UnitKind::RapidTeam),
    ]
    .map(|(id, kind)| member(id, kind))
    .to_vec()
}

fn assignments() -> Vec<Assignment> {
    vec![
        works("u_79", province("79")),
        works("u_ubnd", ward("26740")),
        works("u_sg", ward("26740")),
        works("u_sg", ward("26743")),
        works("u_pun", ward("26743")),
    ]
}

fn organisation() -> Organisation {
    Organisation::new(units(), assignments()).unwrap()
}

fn at(province: Option<&str>, ward: Option<&str>) -> Address {
    Address { province: province.map(str::to_owned), ward: ward.map(str::to_owned), ..Address::default() }
}

fn rules(decision: &Decision) -> Vec<(&str, &str)> {
    decision.why.iter().map(|why| (why.level.as_str(), why.rule.as_str())).collect()
}

fn place_of(place: Address) -> Decision {
    organisation().dry_run(TicketKind::SimSwap, place, today(), &Idle).decision
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

fn request(place: Option<Address>) -> TicketRequest {
    TicketRequest {
        kind: TicketKind::SimSwap,
        contact: Profile::default(),
        subscriber: None,
        place,
        quarantine: false,
        slots: Slots::new(),
        transcript: Vec::new(),
    }
}

fn asked(request: &TicketRequest) -> Asked<'_> {
    Asked { request, day: today(), home: None, tried: &[] }
}

/// What units were given, by their ids.
struct Given(Vec<(&'static str, u32)>);

impl Loads for Given {
    fn given(&self, unit: &UnitId, _: Day) -> u32 {
        self.0.iter().find(|(id, _)| *id == unit.as_str()).map_or(0, |(_, given)| *given)
    }
}

fn unit(organisation: &Organisation, asked: &Asked<'_>, loads: &dyn Loads) -> String {
    organisation.decide(asked, loads).unit.id.to_string()
}

#[test]
fn of_two_units_in_a_ward_the_one_with_the_least_to_do_by_its_weight_is_taken_and_it_is_said() {
    let request = request(Some(at(Some("79"), Some("26743"))));
    let idle = organisation().decide(&asked(&request), &Idle);
    let both = "ward 26743: u_sg (priority 0, given 0, weight 1) before u_pun (priority 0, given 0, weight 1)";
    assert_eq!(rules(&idle), [("ward", both), ("ward", "ward 26743 -> u_sg")]);
    assert_eq!(unit(&organisation(), &asked(&request), &Given(vec![("u_sg", 1)])), "u_pun");
    // Twice the weight, twice the tickets; the table decides between equals.
    let mut members = units();
    members[4].weight = 2;
    let organisation = Organisation::new(members, assignments()).unwrap();
    let mut given = Given(vec![("u_sg", 0), ("u_pun", 0)]);
    let mut taken = Vec::new();
    for _ in 0..6 {
        let next = unit(&organisation, &asked(&request), &given);
        given.0.iter_mut().find(|(id, _)| *id == next).unwrap().1 += 1;
        taken.push(next);
    }
    assert_eq!(taken, ["u_pun", "u_sg", "u_pun", "u_pun", "u_sg", "u_pun"]);
}

#[test]
fn priority_comes_before_load_and_what_is_not_valid_does_not_count() {
    let request = request(Some(at(Some("79"), Some("26743"))));
    let mut given = assignments();
    given[4].priority = 1;
    given[4].valid = Span { from: Some(day("2026-11-26")), to: Some(day("2026-11-30")) };
    let organisation = Organisation::new(units(), given).unwrap();
    let on = |text: &str| {
        let asked = Asked { day: day(text), ..asked(&request) };
        unit(&organisation, &asked, &Given(vec![("u_pun", 9)]))
    };
    assert_eq!(["2026-11-25", "2026-11-26", "2026-11-30", "2026-12-01"].map(on), ["u_sg", "u_pun", "u_pun", "u_sg"]);
    let mut members = units();
    members[3].valid.to = Some(day("2026-11-25"));
    let closed = Organisation::new(members, assignments()).unwrap();
    assert_eq!(unit(&closed, &asked(&request), &Idle), "u_pun");
}

#[test]
fn who_had_it_is_full_or_cannot_do_it_is_passed_over_and_it_is_said() {
    let mut members = units();
    members[3].capacity = Some(2);
    members[4].abilities.swaps_sim = false;
    let organisation = Organisation::new(members, assignments()).unwrap();
    let request = request(Some(at(Some("79"), Some("26743"))));
    let decision = organisation.decide(&asked(&request), &Given(vec![("u_sg", 2)]));
    assert_eq!(
        rules(&decision),
        [
            ("ward", "ward 26743: u_sg is full (2 of 2)"),
            ("ward", "ward 26743: u_pun cannot serve sim_swap"),
            ("province", "province 79 -> u_79"),
        ]
    );
    let advice = TicketRequest { kind: TicketKind::Advice, ..request.clone() };
    assert_eq!(unit(&organisation, &asked(&advice), &Given(vec![("u_sg", 2)])), "u_pun");
    let tried = ["u_sg", "u_79"].map(UnitId::new);
    assert_eq!(unit(&organisation, &Asked { tried: &tried, ..asked(&request) }, &Idle), "u_9090");
}

#[test]
fn an_old_district_lies_between_ward_and_province() {
    let mut more = assignments();
    more.push(works("u_pun", Territory::District("760".to_owned())));
    let communes = |district: &str| if district == "760" { vec!["26734".to_owned()] } else { Vec::new() };
    let organisation = Organisation::new(units(), more).unwrap().with(Default::default(), Vec::new(), &communes);
    let of = |place: Address| rules_of(&organisation, place);
    assert_eq!(of(at(Some("79"), Some("26734"))), ["ward 26734: no unit", "district 760 -> u_pun"]);
    // The district that was said counts before those on whose land the commune lies.
    let said = Address { old_district: Some("764".to_owned()), ..at(Some("79"), Some("26734")) };
    assert_eq!(of(said), ["ward 26734: no unit", "district 764: no unit", "province 79 -> u_79"]);
    let alone = Address { old_district: Some("760".to_owned()), ..at(Some("79"), None) };
    assert_eq!(of(alone), ["ward not known", "district 760 -> u_pun"]);
}

fn rules_of(organisation: &Organisation, place: Address) -> Vec<String> {
    let decision = organisation.dry_run(TicketKind::SimSwap, place, today(), &Idle).decision;
    decision.why.into_iter().map(|why| why.rule).collect()
}

#[test]
fn a_province_has_its_teams_then_its_own_unit_then_its_region_then_the_central_one() {
    let mut members = units();
    members.push(member("u_kv2", UnitKind::Region));
    members[1].parent = Some(UnitId::new("u_kv2"));
    let mut more = assignments();
    more.push(works("u_pun", province("79")));
    let organisation = Organisation::new(members, more).unwrap();
    let request = request(Some(at(Some("79"), Some("26740"))));
    let mut tried: Vec<UnitId> = Vec::new();
    for expected in ["u_sg", "u_pun", "u_79", "u_kv2", "u_9090", "u_9090"] {
        let next = unit(&organisation, &Asked { tried: &tried, ..asked(&request) }, &Idle);
        assert_eq!(next, expected);
        tried.push(UnitId::new(next));
    }
}

#[test]
fn who_gives_no_address_goes_home() {
    let nowhere = request(None);
    let home = UnitId::new("u_sg");
    let decision = organisation().decide(&Asked { home: Some(&home), ..asked(&nowhere) }, &Idle);
    assert_eq!(rules(&decision).last().unwrap(), &("home", "home -> u_sg"));
    let somewhere = request(Some(at(Some("79"), None)));
    let asked_there = Asked { home: Some(&home), ..asked(&somewhere) };
    assert_eq!(unit(&organisation(), &asked_there, &Idle), "u_79", "an address counts more");
    let gone = UnitId::new("u_gone");
    assert_eq!(unit(&organisation(), &Asked { home: Some(&gone), ..asked(&nowhere) }, &Idle), "u_9090");
}

#[test]
fn a_customer_in_quarantine_is_reached_through_the_local_authority() {
    let mut request = request(Some(at(Some("79"), Some("26740"))));
    request.quarantine = true;
    let decision = organisation().decide(&asked(&request), &Idle);
    assert_eq!(decision.through.as_ref().map(|unit| unit.id.as_str()), Some("u_ubnd"));
    assert_eq!(
        rules(&decision),
        [
            ("quarantine", "the customer is in quarantine"),
            ("quarantine", "ward 26740: through u_ubnd"),
            ("ward", "ward 26740 -> u_sg")
        ]
    );
    request.quarantine = false;
    let free = organisation().decide(&asked(&request), &Idle);
    assert_eq!((rules(&free), free.through.clone()), (vec![("ward", "ward 26740 -> u_sg")], None));
    request.place = None;
    assert_eq!(organisation().decide(&asked(&request), &Idle).unit.id.as_str(), "u_9090");
}

#[test]
fn zones_are_dated_and_keep_their_staff_in() {
    let mut members = units();
    members[3].seat = Some(ward("26740"));
    let zone =
        Zone { place: ward("26740"), valid: Span { from: Some(day("2026-11-20")), to: Some(day("2026-12-04")) } };
    let with = |members: Vec<Member>, place: Territory| {
        let zone = Zone { place, ..zone.clone() };
        let communes = |_: &str| vec!["26740".to_owned()];
        Organisation::new(members, assignments()).unwrap().with(Default::default(), vec![zone], &communes)
    };
    let request = request(Some(at(Some("79"), Some("26743"))));
    let on = |organisation: &Organisation, text: &str| {
        unit(organisation, &Asked { day: day(text), ..asked(&request) }, &Idle)
    };
    for place in [ward("26740"), Territory::District("760".to_owned())] {
        let organisation = with(members.clone(), place);
        assert_eq!(
            ["2026-11-19", "2026-11-20", "2026-12-05"].map(|day| on(&organisation, day)),
            ["u_sg", "u_pun", "u_sg"]
        );
    }
    // Who may go in is not kept in, and comes first there, whatever the priority.
    members[3].abilities.enters_quarantine = true;
    let organisation = with(members, ward("26740"));
    assert_eq!(on(&organisation, "2026-11-20"), "u_sg");
    let inside = super::tests::request(Some(at(Some("79"), Some("26740"))));
    let decision = organisation.decide(&asked(&inside), &Idle);
    assert_eq!((decision.unit.id.as_str(), decision.through), ("u_sg", None));
    assert_eq!(decision.why[0].rule, "ward:26740 is in quarantine");
}

#[test]
fn words_sent_in_place_of_a_code_are_not_repeated() {
    let decision = place_of(at(None, Some("nhà bà Lan, 0901234567")));
    assert_eq!(decision.why[0].rule, "ward (not a code): no unit");
}

#[test]
fn a_dry_run_is_printed_as_place_unit_and_why() {
    let json =
        serde_json::to_value(organisation().dry_run(TicketKind::Advice, at(Some("79"), None), today(), &Idle)).unwrap();
    assert_eq!(json["place"]["province"], "79");
    assert_eq!(json["unit"]["kind"], "province");
    assert_eq!(json["why"][1]["rule"], "province 79 -> u_79");
    assert_eq!(json.as_object().unwrap().len(), 3);
}

/// The decision by reading the tables from the top for every level, without an index.
fn naive(members: &[Member], all: &[Assignment], asked: &Asked<'_>, loads: &dyn Loads) -> UnitId {
    let place = asked.request.place.clone().unwrap_or_default();
    let find = |id: &UnitId| members.iter().position(|member| member.unit.id == *id).unwrap();
    let levels = [place.ward.map(Territory::Ward), place.province.map(Territory::Province)];
    for level in levels.into_iter().flatten() {
        let here = all.iter().filter(|one| one.place == level && one.valid.holds(asked.day));
        let mut fit: Vec<(bool, i32, f64, usize)> = here
            .map(|one| (one, find(&one.unit)))
            .filter(|(_, ix)| {
                let member = &members[*ix];
                member.unit.kind != UnitKind::LocalAuthority
                    && member.valid.holds(asked.day)
                    && member.capacity.is_none_or(|most| loads.given(&member.unit.id, asked.day) < most)
                    && !asked.tried.contains(&member.unit.id)
            })
            .map(|(one, ix)| {
                let member = &members[ix];
                let share = f64::from(loads.given(&member.unit.id, asked.day) + 1) / f64::from(member.weight);
                (member.unit.kind == UnitKind::Province, -one.priority, share, ix)
            })
            .collect();
        fit.sort_by(|one, other| one.partial_cmp(other).unwrap());
        if let Some((.., ix)) = fit.first() {
            return members[*ix].unit.id.clone();
        }
    }
    members.iter().find(|one| one.unit.kind == UnitKind::Central).unwrap().unit.id.clone()
}

fn any_member() -> impl Strategy<Value = Member> {
    let kind = prop::sample::select(vec![
        UnitKind::Central,
        UnitKind::Company,
        UnitKind::Province,
        UnitKind::Shop,
        UnitKind::RapidTeam,
        UnitKind::LocalAuthority,
    ]);
    (kind, prop::option::of(0..4_u32), 1..4_u32, prop::bool::ANY).prop_map(|(kind, capacity, weight, is_closed)| {
        let valid = Span { from: None, to: is_closed.then(|| today().plus(-1)) };
        Member { capacity, weight, valid, ..member("", kind) }
    })
}

fn any_place() -> impl Strategy<Value = Territory> {
    prop_oneof![
        (0..8u32).prop_map(|code| Territory::Ward(format!("{code:05}"))),
        (0..4u32).prop_map(|code| Territory::Province(format!("{code:02}"))),
    ]
}

proptest! {
    #[test]
    fn the_index_decides_as_a_scan_of_the_tables_does(
        table in prop::collection::vec(any_member(), 1..16),
        work in prop::collection::vec((any_place(), any::<prop::sample::Index>(), -1..2_i32, -1..2_i32), 0..40),
        loads in prop::collection::vec(0..4_u32, 17),
        tried in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        ward in prop::option::of(0..10u32),
        province in prop::option::of(0..5u32),
    ) {
        let mut members = table;
        members.push(member("", UnitKind::Central));
        for (ix, member) in members.iter_mut().enumerate() {
            member.unit.id = UnitId::new(format!("u{ix}"));
        }
        let mut all = Vec::new();
        for (place, whose, priority, starts) in work {
            let unit = members[whose.index(members.len())].unit.id.clone();
            let valid = Span { from: Some(today().plus(starts)), to: None };
            // A unit works in a territory once.
            if !all.iter().any(|one: &Assignment| one.unit == unit && one.place == place) {
                all.push(Assignment { unit, place, priority, valid, responsible: None });
            }
        }
        struct Numbered(Vec<u32>);
        impl Loads for Numbered {
            fn given(&self, unit: &UnitId, _: Day) -> u32 {
                self.0[unit.as_str()[1..].parse::<usize>().unwrap()]
            }
        }
        let loads = Numbered(loads);
        let tried: Vec<UnitId> = tried.iter().map(|ix| members[ix.index(members.len())].unit.id.clone()).collect();
        let place = Address {
            ward: ward.map(|code| format!("{code:05}")),
            province: province.map(|code| format!("{code:02}")),
            ..Address::default()
        };
        let request = request(Some(place));
        let asked = Asked { tried: &tried, ..asked(&request) };
        let organisation = Organisation::new(members.clone(), all.clone()).unwrap();
        let decision = organisation.decide(&asked, &loads);
        prop_assert_eq!(&decision.unit.id, &naive(&members, &all, &asked, &loads));
        let last = &decision.why.last().unwrap().rule;
        let suffix = format!("-> {}", decision.unit.id);
        prop_assert!(last.ends_with(&suffix));
    }
}
