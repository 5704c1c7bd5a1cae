//! A virtual month of the whole country: 100,000 tickets over 34 provinces, every commune and 2,000 units. Whatever
//! units do, every ticket ends or is in somebody's hands, none is given more than it can take, and every decision says
//! why. The same seed makes the same month.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop where it is")]

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::time::Duration;

use sha2::{Digest, Sha256};

use thoai::domain::address::Address;
use thoai::domain::contact::Profile;
use thoai::domain::id::{TicketId, UnitId};
use thoai::domain::ticket::{Act, Actor, Course, Ticket, TicketKind, TicketRequest, TicketStatus};
use thoai::domain::time::{Day, TimeWindow, Timestamp};
use thoai::domain::unit::{Unit, UnitKind};
use thoai::place::Gazetteer;
use thoai::routing::calendar::Week;
use thoai::routing::life::{self, Outcome, World};
use thoai::routing::{Abilities, Assignment, Loads, Member, Organisation, Policy, Span, Territory, Zone};

const TICKETS: u32 = 100_000;
const UNITS: usize = 2_000;
const DAYS: i32 = 30;

/// Chance from a seed, the same everywhere.
struct Chance(u64);

impl Chance {
    /// A number below `most`. SplitMix64.
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }

    fn is(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

fn begins() -> Day {
    Day::of(2026, 12, 1).unwrap()
}

/// A country of units: each province has its own, and shops, teams, routes and agents in some of its communes. Some
/// close or open during the month, some communes are in quarantine for a while.
fn country(chance: &mut Chance, places: &Gazetteer) -> Organisation {
    let mut units = vec![unit("9090", UnitKind::Central, None)];
    let mut work = Vec::new();
    for region in 1..=9 {
        units.push(unit(&format!("kv{region}"), UnitKind::Region, Some("9090")));
    }
    let mut wards: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (code, _, province) in places.wards() {
        wards.entry(province.to_owned()).or_default().push(code.to_owned());
    }
    let mut zones = Vec::new();
    for (ix, (province, wards)) in wards.iter().enumerate() {
        let own = format!("p{province}");
        units.push(unit(&own, UnitKind::Province, Some(&format!("kv{}", ix % 9 + 1))));
        work.push(works(&own, Territory::Province(province.clone())));
        for ward in &wards[..2] {
            let from = begins().plus(i32::try_from(chance.below(20)).unwrap());
            let valid = Span { from: Some(from), to: Some(from.plus(7)) };
            zones.push(Zone { place: Territory::Ward(ward.clone()), valid });
        }
        let share = (UNITS - 44) * wards.len() / 3_321;
        for number in 0..share {
            let kinds = [UnitKind::Shop, UnitKind::RapidTeam, UnitKind::SalesRoute, UnitKind::Agent, UnitKind::Pos];
            let id = format!("{own}_{number}");
            let mut member = unit(&id, *chance.of(&kinds), Some(&own));
            member.capacity = Some(2 + u32::try_from(chance.below(12)).unwrap());
            member.weight = 1 + u32::try_from(chance.below(3)).unwrap();
            member.seat = Some(Territory::Ward(chance.of(wards).clone()));
            if chance.is(3) {
                member.valid.to = Some(begins().plus(i32::try_from(chance.below(25)).unwrap()));
            }
            for _ in 0..1 + chance.below(3) {
                let place = Territory::Ward(chance.of(wards).clone());
                let priority = i32::try_from(chance.below(2)).unwrap();
                work.push(Assignment { priority, ..works(&id, place) });
            }
            units.push(member);
        }
    }
    Organisation::new(units, work).unwrap().with(Default::default(), zones, &|_| Vec::new())
}

fn unit(id: &str, kind: UnitKind, parent: Option<&str>) -> Member {
    Member {
        unit: Unit { id: UnitId::new(id), kind, name: id.to_owned(), phone: None },
        parent: parent.map(UnitId::new),
        abilities: Abilities::usual(kind),
        capacity: None,
        weight: 1,
        hours: Week::usual(),
        seat: None,
        valid: Span::default(),
    }
}

fn works(unit: &str, place: Territory) -> Assignment {
    Assignment { unit: UnitId::new(unit), place, priority: 0, valid: Span::default(), responsible: None }
}

/// What units hold that they were given on each day.
#[derive(Default)]
struct Given(HashMap<(UnitId, Day), u32>);

impl Loads for Given {
    fn given(&self, unit: &UnitId, day: Day) -> u32 {
        self.0.get(&(unit.clone(), day)).copied().unwrap_or(0)
    }
}

impl Given {
    fn moved(&mut self, before: Option<&Ticket>, after: &Ticket) {
        let of = |ticket: &Ticket| ticket.course.given_on.map(|day| (ticket.unit.id.clone(), day));
        if let Some(count) = before.and_then(of).and_then(|key| self.0.get_mut(&key)) {
            *count -= 1;
        }
        if let Some(key) = of(after) {
            *self.0.entry(key).or_default() += 1;
        }
    }
}

/// Something that comes at a moment: a new ticket, somebody's act, or what time does by itself.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Coming {
    New(u32),
    Somebody(u32),
    Time(u32),
}

struct Month {
    organisation: Organisation,
    policy: Policy,
    chance: Chance,
    given: Given,
    wards: Vec<(String, String)>,
    tickets: BTreeMap<u32, Ticket>,
    coming: BinaryHeap<Reverse<(Timestamp, Coming)>>,
    decisions: u64,
    /// A digest of every change, in order.
    record: Sha256,
}

impl Month {
    fn new(seed: u64, tickets: u32) -> Self {
        let places = Gazetteer::official();
        let mut chance = Chance(seed);
        let organisation = country(&mut chance, &places);
        let wards = places.wards().map(|(code, _, province)| (code.to_owned(), province.to_owned())).collect();
        let mut coming = BinaryHeap::new();
        for number in 0..tickets {
            let day = begins().plus(i32::try_from(chance.below(DAYS as u64)).unwrap());
            let minute = u16::try_from(7 * 60 + chance.below(14 * 60)).unwrap();
            coming.push(Reverse((Timestamp::of(day, minute), Coming::New(number))));
        }
        let (given, tickets, policy) = (Given::default(), BTreeMap::new(), Policy::default());
        Self { organisation, policy, chance, given, wards, tickets, coming, decisions: 0, record: Sha256::new() }
    }

    fn run(mut self) -> Self {
        // Some days after the month, so that what came last can end.
        let ends = Timestamp::of(begins().plus(DAYS + 20), 0);
        while let Some(Reverse((now, coming))) = self.coming.pop() {
            if now > ends {
                break;
            }
            match coming {
                Coming::New(number) => self.opens(number, now),
                Coming::Somebody(number) => self.acts(number, now),
                Coming::Time(number) => self.lapses(number, now),
            }
        }
        self
    }

    fn opens(&mut self, number: u32, now: Timestamp) {
        let (ward, province) = self.chance.of(&self.wards).clone();
        let knows = self.chance.below(100);
        let place = Address {
            ward: (knows < 90).then_some(ward),
            province: (knows < 97).then_some(province),
            ..Address::default()
        };
        let kinds = [TicketKind::SimSwap, TicketKind::SimSwap, TicketKind::NewSubscription, TicketKind::Advice];
        let request = TicketRequest {
            kind: *self.chance.of(&kinds),
            contact: Profile::default(),
            subscriber: None,
            place: Some(place),
            quarantine: self.chance.is(2),
            slots: Default::default(),
            transcript: Vec::new(),
        };
        let draft = Ticket {
            id: TicketId::new(format!("t_{number}")),
            status: TicketStatus::New,
            source: "web".to_owned(),
            conversation: None,
            request,
            unit: self.organisation.central().unit.clone(),
            why: Vec::new(),
            created_at: now,
            course: Course::default(),
        };
        let world = World { organisation: &self.organisation, loads: &self.given, policy: &self.policy, now };
        let step = life::open(draft, &world);
        self.takes(number, None, step.ticket, now);
    }

    /// Writes down what became of a ticket, and what will come of it.
    fn takes(&mut self, number: u32, before: Option<&Ticket>, after: Ticket, now: Timestamp) {
        if before.is_none_or(|before| before.unit.id != after.unit.id) {
            self.decisions += 1;
            let last = after.why.last().expect("every decision says why");
            assert!(last.rule.ends_with(&format!("-> {}", after.unit.id)), "{:?} at {}", after.why, after.unit.id);
        }
        self.given.moved(before, &after);
        self.record.update(format!("{} {} {} {};", now.millis(), number, after.unit.id, after.status.name()));
        if after.status.is_open() {
            if let Some(due) = life::due(&after, &self.organisation) {
                self.coming.push(Reverse((due.max(now), Coming::Time(number))));
            }
            let minutes = 5 + self.chance.below(60);
            self.coming.push(Reverse((now.plus(Duration::from_secs(minutes * 60)), Coming::Somebody(number))));
        }
        self.tickets.insert(number, after);
    }

    fn acts(&mut self, number: u32, now: Timestamp) {
        let before = self.tickets[&number].clone();
        if !before.status.is_open() {
            return;
        }
        let by = Actor::Unit { unit: before.unit.id.clone(), staff: None };
        let is_closed = self.organisation.unit(&before.unit.id).is_some_and(|unit| !unit.valid.holds(now.day()));
        let roll = self.chance.below(100);
        let reason = || "hết người".to_owned();
        let (by, act) = match before.status {
            _ if is_closed => (Actor::System, Act::Close),
            _ if roll < 1 => (Actor::Customer, Act::Cancel),
            TicketStatus::New | TicketStatus::Offered if roll < 70 => (by, Act::Accept),
            TicketStatus::New | TicketStatus::Offered if roll < 80 => (by, Act::Reject { reason: reason() }),
            // Nobody looks.
            TicketStatus::New | TicketStatus::Offered => return self.later(number, now),
            TicketStatus::Accepted if roll < 60 => (by, Act::Contact),
            TicketStatus::Accepted if roll < 70 => {
                let to = self.chance.of(self.organisation.units()).unit.id.clone();
                (by, Act::Pass { to, reason: reason() })
            }
            TicketStatus::Accepted => return self.later(number, now),
            TicketStatus::Contacted if roll < 60 => {
                let window = TimeWindow { first: Some(now.day().plus(1)), last: None, from: 480, to: 720 };
                (by, Act::Schedule { window })
            }
            _ => {
                let outcomes: Vec<TicketStatus> =
                    TicketStatus::ALL.iter().map(|(_, status)| *status).filter(|it| it.is_outcome()).collect();
                let outcome = if roll < 90 { TicketStatus::Done } else { *self.chance.of(&outcomes) };
                (by, Act::Finish { outcome, note: String::new() })
            }
        };
        self.does(number, (&by, act), now);
    }

    fn later(&mut self, number: u32, now: Timestamp) {
        self.coming.push(Reverse((now.plus(Duration::from_secs(6 * 3600)), Coming::Somebody(number))));
    }

    fn lapses(&mut self, number: u32, now: Timestamp) {
        let before = self.tickets[&number].clone();
        if let Some(act) = life::lapse(&before, &self.organisation, now) {
            self.does(number, (&Actor::System, act), now);
        }
    }

    fn does(&mut self, number: u32, (by, act): (&Actor, Act), now: Timestamp) {
        let before = &self.tickets[&number].clone();
        let world = World { organisation: &self.organisation, loads: &self.given, policy: &self.policy, now };
        match life::act(before, by, act, &world) {
            Outcome::Moved(step) => self.takes(number, Some(before), step.ticket, now),
            Outcome::Refused(_) => self.later(number, now),
        }
    }
}

#[test]
fn a_month_of_the_whole_country_loses_nothing_and_overloads_nobody() {
    let month = Month::new(862, TICKETS).run();
    assert_eq!(month.tickets.len(), TICKETS as usize);
    let mut by_status: BTreeMap<&str, u32> = BTreeMap::new();
    let mut by_level: BTreeMap<String, u32> = BTreeMap::new();
    for ticket in month.tickets.values() {
        *by_status.entry(ticket.status.name()).or_default() += 1;
        *by_level.entry(ticket.why.last().unwrap().level.clone()).or_default() += 1;
        assert!(month.organisation.unit(&ticket.unit.id).is_some(), "in somebody's hands");
        let mut tried = ticket.course.tried.clone();
        tried.sort();
        tried.dedup();
        assert_eq!(tried.len(), ticket.course.tried.len(), "nobody has had it twice");
    }
    let open: u32 = month.tickets.values().filter(|ticket| ticket.status.is_open()).count().try_into().unwrap();
    assert!(by_status["done"] > TICKETS * 8 / 10 && open < TICKETS / 100, "{by_status:?}");
    for ((unit, day), given) in &month.given.0 {
        let capacity = month.organisation.unit(unit).unwrap().capacity;
        assert!(capacity.is_none_or(|capacity| *given <= capacity), "{unit} was given {given} on {day:?}");
    }
    assert!(month.given.0.values().any(|given| *given > 10), "some had their hands full");
    println!("{} decisions; {by_status:?}; {by_level:?}", month.decisions);
}

#[test]
fn the_same_seed_makes_the_same_month() {
    let record = |seed| Month::new(seed, 3_000).run().record.finalize();
    assert_eq!(record(862), record(862));
    assert_ne!(record(862), record(863));
}
