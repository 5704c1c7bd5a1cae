//! What becomes of tickets, act by act.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::domain::address::Address;
use crate::domain::contact::Profile;
use crate::domain::id::TicketId;
use crate::domain::slot::Slots;
use crate::domain::ticket::{Course, TicketKind, TicketRequest};
use crate::domain::time::Day;
use crate::domain::unit::Unit;
use crate::routing::calendar::Week;
use crate::routing::organisation::{Abilities, Assignment, Member, Span, Territory};

/// Tickets given, by unit.
#[derive(Default)]
struct Given(RefCell<HashMap<String, u32>>);

impl Loads for Given {
    fn given(&self, unit: &UnitId, _: Day) -> u32 {
        self.0.borrow().get(unit.as_str()).copied().unwrap_or(0)
    }
}

fn member(id: &str, kind: UnitKind, parent: &str) -> Member {
    Member {
        unit: Unit { id: UnitId::new(id), kind, name: id.to_owned(), phone: None },
        parent: Some(parent).filter(|parent| !parent.is_empty()).map(UnitId::new),
        abilities: Abilities::usual(kind),
        capacity: None,
        weight: 1,
        hours: Week::new("mon-fri 08:00-17:00").unwrap(),
        seat: None,
        valid: Span::default(),
    }
}

/// A province with two shops and a team in one ward, its region, and 9090.
fn organisation() -> Organisation {
    let units = vec![
        member("9090", UnitKind::Central, ""),
        member("kv2", UnitKind::Region, "9090"),
        member("hcm", UnitKind::Province, "kv2"),
        member("sg", UnitKind::Shop, "hcm"),
        member("bt", UnitKind::Shop, "hcm"),
        member("pun", UnitKind::RapidTeam, "hcm"),
        member("ubnd", UnitKind::LocalAuthority, ""),
    ];
    let works = |unit: &str, place: Territory| Assignment {
        unit: UnitId::new(unit),
        place,
        priority: 0,
        valid: Span::default(),
        responsible: None,
    };
    let ward = || Territory::Ward("26740".to_owned());
    let work = vec![
        works("sg", ward()),
        works("bt", ward()),
        works("pun", ward()),
        works("hcm", Territory::Province("79".to_owned())),
    ];
    Organisation::new(units, work).unwrap()
}

/// Thursday, 09:00.
fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2026-11-26T09:00:00+07:00").unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(&format!("2026-11-{text}:00+07:00")).unwrap()
}

fn draft(organisation: &Organisation) -> Ticket {
    let place = Address { ward: Some("26740".into()), province: Some("79".into()), ..Address::default() };
    Ticket {
        id: TicketId::new("t_1"),
        status: TicketStatus::New,
        source: "web".to_owned(),
        conversation: None,
        request: TicketRequest {
            kind: TicketKind::SimSwap,
            contact: Profile::default(),
            subscriber: None,
            place: Some(place),
            quarantine: false,
            slots: Slots::new(),
            transcript: Vec::new(),
        },
        unit: organisation.central().unit.clone(),
        why: Vec::new(),
        created_at: now(),
        course: Course::default(),
    }
}

/// A ticket in its world, and its history.
struct Case {
    organisation: Organisation,
    ticket: Ticket,
    history: Vec<Change>,
    now: Timestamp,
}

impl Case {
    fn new() -> Self {
        let organisation = organisation();
        let ticket = draft(&organisation);
        let mut case = Self { organisation, ticket, history: Vec::new(), now: now() };
        let opened = open(case.ticket.clone(), &case.world(&Given::default()));
        case.take(opened);
        case
    }

    fn world<'a>(&'a self, loads: &'a Given) -> World<'a> {
        static POLICY: std::sync::LazyLock<Policy> = std::sync::LazyLock::new(Policy::default);
        World { organisation: &self.organisation, loads, policy: &POLICY, now: self.now }
    }

    fn take(&mut self, step: Step) {
        self.ticket = step.ticket;
        self.history.push(step.change);
    }

    fn tries(&mut self, by: &Actor, wanted: Act) -> Option<Refusal> {
        match act(&self.ticket, by, wanted, &self.world(&Given::default())) {
            Outcome::Moved(step) => {
                self.take(*step);
                None
            }
            Outcome::Refused(refusal) => Some(refusal),
        }
    }

    fn does(&mut self, by: &Actor, act: Act) -> &mut Self {
        assert_eq!(self.tries(by, act), None);
        self
    }

    /// Lets time pass, and happen what happens by itself.
    fn until(&mut self, now: Timestamp) -> &mut Self {
        while let Some(due) = due(&self.ticket, &self.organisation).filter(|due| *due <= now) {
            self.now = due;
            let act = lapse(&self.ticket, &self.organisation, due).expect("what is due happens");
            self.does(&Actor::System, act);
        }
        self.now = now;
        self
    }

    fn stands(&self) -> (TicketStatus, &str) {
        (self.ticket.status, self.ticket.unit.id.as_str())
    }
}

fn unit(id: &str) -> Actor {
    Actor::Unit { unit: UnitId::new(id), staff: None }
}

fn reject() -> Act {
    Act::Reject { reason: "hết người".to_owned() }
}

fn pass(to: &str) -> Act {
    Act::Pass { to: UnitId::new(to), reason: "gần khách hơn".to_owned() }
}

fn finish(outcome: TicketStatus) -> Act {
    Act::Finish { outcome, note: String::new() }
}

#[test]
fn a_ticket_is_offered_taken_and_done() {
    let mut case = Case::new();
    assert_eq!(case.stands(), (TicketStatus::Offered, "sg"));
    assert_eq!(case.ticket.course.offer_until, Some(at("26T09:30")));
    let sg = unit("sg");
    case.does(&sg, Act::Accept).does(&sg, Act::Contact);
    assert_eq!(case.stands(), (TicketStatus::Contacted, "sg"));
    let window = TimeWindow { first: Day::of(2026, 11, 27), last: None, from: 8 * 60, to: 10 * 60 };
    case.does(&sg, Act::Schedule { window: window.clone() });
    assert_eq!((case.ticket.status, &case.ticket.course.appointment), (TicketStatus::Scheduled, &Some(window)));
    case.does(&sg, finish(TicketStatus::Done));
    assert_eq!((case.ticket.status, due(&case.ticket, &case.organisation)), (TicketStatus::Done, None));
    let acts: Vec<&str> = case.history.iter().map(|change| change.act.name()).collect();
    assert_eq!(acts, ["open", "accept", "contact", "schedule", "finish"]);
    assert_eq!(case.history.iter().map(|change| change.number).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    for act in [Act::Accept, Act::Cancel, Act::Contact, finish(TicketStatus::Refused), pass("bt"), Act::Resume] {
        assert_eq!(case.tries(&Actor::Operator, act), Some(Refusal::NotNow(TicketStatus::Done)));
    }
}

#[test]
fn who_rejects_or_does_not_answer_has_had_it_and_the_last_resort_keeps_it() {
    let mut case = Case::new();
    case.does(&unit("sg"), reject());
    assert_eq!(case.stands(), (TicketStatus::Offered, "bt"));
    case.until(at("26T09:45"));
    assert_eq!(case.stands(), (TicketStatus::Offered, "pun"), "the offer expired after half an hour");
    case.does(&unit("pun"), reject()).does(&unit("hcm"), reject());
    assert_eq!(case.stands(), (TicketStatus::Offered, "kv2"));
    case.does(&unit("kv2"), reject());
    assert_eq!((case.stands(), case.ticket.course.offer_until), ((TicketStatus::New, "9090"), None));
    assert_eq!(case.tries(&unit("9090"), reject()), Some(Refusal::NotNow(TicketStatus::New)));
    case.does(&unit("9090"), Act::Accept);
    assert_eq!(case.ticket.course.tried.len(), 5);
}

#[test]
fn what_was_taken_can_be_given_back() {
    let mut case = Case::new();
    case.does(&unit("sg"), Act::Accept).does(&unit("sg"), reject());
    assert_eq!(case.stands(), (TicketStatus::Offered, "bt"));
}

#[test]
fn only_the_unit_that_has_it_and_those_above_do_something_about_it() {
    let mut case = Case::new();
    for (by, act) in [
        (unit("bt"), Act::Accept),
        (unit("hcm"), Act::Accept),
        (unit("bt"), pass("pun")),
        (unit("sg"), Act::Expire),
        (unit("sg"), Act::Late { promise: Promise::Visit, percent: 100 }),
        (Actor::Customer, Act::Accept),
        (Actor::Partner { name: "app".to_owned() }, Act::Contact),
        (Actor::Partner { name: "app".to_owned() }, Act::Repeat { source: "x".repeat(1 << 20) }),
    ] {
        assert_eq!(case.tries(&by, act), Some(Refusal::NotYours), "{by:?}");
    }
    // Two of the unit at once: the second one comes late.
    case.does(&unit("sg"), Act::Accept);
    assert_eq!(case.tries(&unit("sg"), Act::Accept), Some(Refusal::NotNow(TicketStatus::Accepted)));
    case.does(&unit("hcm"), pass("pun"));
    assert_eq!(case.stands(), (TicketStatus::Offered, "pun"));
    case.does(&Actor::Customer, Act::Cancel);
    assert_eq!(case.ticket.status, TicketStatus::Cancelled);
}

#[test]
fn a_ticket_is_passed_with_a_reason_to_who_can_serve_it_and_never_in_circles() {
    let mut case = Case::new();
    let sg = unit("sg");
    let nameless = Act::Pass { to: UnitId::new("pun"), reason: "  ".to_owned() };
    assert_eq!(case.tries(&sg, nameless), Some(Refusal::NoReason));
    assert_eq!(case.tries(&sg, pass("nobody")), Some(Refusal::NoUnit(UnitId::new("nobody"))));
    assert_eq!(case.tries(&sg, pass("ubnd")), Some(Refusal::Unable(UnitId::new("ubnd"))));
    assert_eq!(case.tries(&sg, pass("sg")), Some(Refusal::HadItAlready(UnitId::new("sg"))));
    case.does(&sg, pass("pun"));
    assert_eq!(case.ticket.why[0].rule, "passed -> pun");
    assert_eq!(case.tries(&unit("pun"), pass("sg")), Some(Refusal::HadItAlready(UnitId::new("sg"))));
    let loads = Given::default();
    loads.0.borrow_mut().insert("bt".to_owned(), 7);
    let mut full = organisation();
    full = {
        let mut units = full.units().to_vec();
        units[4].capacity = Some(7);
        Organisation::new(units, Vec::new()).unwrap()
    };
    let world = World { organisation: &full, ..case.world(&loads) };
    let refused = act(&case.ticket, &unit("hcm"), pass("bt"), &world);
    assert_eq!(refused, Outcome::Refused(Refusal::Full(UnitId::new("bt"))));
    // From above it may be given once more.
    case.does(&unit("hcm"), pass("sg"));
    assert_eq!(case.stands(), (TicketStatus::Offered, "sg"));
    assert_eq!(case.ticket.course.tried, [UnitId::new("pun")]);
}

#[test]
fn promises_are_reckoned_in_working_time_and_told_of_before_they_break() {
    let mut case = Case::new();
    case.does(&unit("sg"), Act::Accept).until(at("26T12:00"));
    let late = |case: &Case| {
        let told = case.history.iter().filter_map(|change| match change.act {
            Act::Late { promise, percent } => Some((promise, percent, change.at)),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    let first = Promise::FirstContact;
    assert_eq!(late(&case), [(first, 50, at("26T10:00")), (first, 80, at("26T10:36")), (first, 100, at("26T11:00"))]);
    assert_eq!(case.ticket.course.escalated, Some(UnitId::new("hcm")));
    assert_eq!(case.stands(), (TicketStatus::Accepted, "sg"), "it stays where it is");
    // Sixteen hours of a nine-hour day: the visit is due on Friday at 16:00; the weekend does not count.
    let visit =
        |case: &Case| promise::due(&case.organisation, &case.ticket.unit.id, &case.ticket.course, Promise::Visit);
    assert_eq!(visit(&case), Some(at("27T16:00")));
    case.until(at("30T08:00"));
    assert_eq!(late(&case).last(), Some(&(Promise::Visit, 100, at("27T16:00"))));
    assert_eq!(case.ticket.course.escalated, Some(UnitId::new("kv2")), "one higher");
}

#[test]
fn clocks_stand_still_while_the_customer_is_waited_for() {
    let mut case = Case::new();
    case.does(&unit("sg"), Act::Accept).until(at("26T10:30"));
    case.does(&unit("sg"), Act::Pause { reason: "khách hẹn gọi lại".to_owned() }).until(at("27T09:00"));
    assert_eq!(due(&case.ticket, &case.organisation), None);
    case.does(&unit("sg"), Act::Resume);
    assert_eq!(due(&case.ticket, &case.organisation), Some(at("27T09:06")), "80 % of two hours, less 90 minutes");
    assert_eq!(case.tries(&unit("sg"), Act::Resume), Some(Refusal::NotNow(TicketStatus::Accepted)));
}

#[test]
fn until_the_customer_is_at_home_no_visit_is_late() {
    let mut case = Case::new();
    let window = TimeWindow { first: Day::of(2026, 11, 30), last: None, from: 14 * 60, to: 16 * 60 };
    case.does(&unit("sg"), Act::Accept).does(&unit("sg"), Act::Schedule { window });
    assert_eq!(due(&case.ticket, &case.organisation).map(|due| due > at("30T14:00")), Some(true));
    case.until(at("30T13:59"));
    assert_eq!(case.history.last().unwrap().act.name(), "schedule");
}

#[test]
fn nobody_is_visited_at_a_time_that_cannot_be() {
    let mut case = Case::new();
    case.does(&unit("sg"), Act::Accept);
    let day = |days: i32| Some(now().day().plus(days));
    for (first, last, from, to) in [
        (day(-1), None, 480, 600),
        (day(400), None, 480, 600),
        (day(2), day(1), 480, 600),
        (day(1), None, 600, 600),
        (None, None, 480, 2000),
    ] {
        let window = TimeWindow { first, last, from, to };
        assert_eq!(case.tries(&unit("sg"), Act::Schedule { window }), Some(Refusal::BadWindow));
    }
}

#[test]
fn what_is_taken_back_keeps_its_course_and_nothing_personal() {
    let mut case = Case::new();
    case.does(&unit("sg"), reject()).does(&Actor::Customer, Act::Withdraw);
    assert_eq!(case.ticket.status, TicketStatus::Withdrawn);
    assert_eq!((case.ticket.course.tried.len(), case.ticket.request.place.as_ref().unwrap().text.as_str()), (1, ""));
    assert_eq!(case.tries(&Actor::Customer, Act::Withdraw), Some(Refusal::NotNow(TicketStatus::Withdrawn)));
}

fn any_act() -> impl Strategy<Value = Act> {
    let to = prop::sample::select(vec!["sg", "bt", "pun", "hcm", "kv2", "9090", "ubnd", "x"]);
    let outcome = prop::sample::select(TicketStatus::ALL.to_vec()).prop_map(|(_, status)| status);
    let first = prop::option::of(0..10_i32).prop_map(|days| days.map(|days| now().day().plus(days)));
    prop_oneof![
        3 => Just(Act::Accept),
        4 => Just(reject()),
        1 => Just(Act::Expire),
        1 => Just(Act::Close),
        2 => Just(Act::Contact),
        2 => first.prop_map(|first| Act::Schedule { window: TimeWindow { first, last: None, from: 480, to: 600 } }),
        1 => outcome.prop_map(finish),
        1 => Just(Act::Cancel),
        4 => to.prop_map(pass),
        1 => Just(Act::Pause { reason: "chờ".to_owned() }),
        1 => Just(Act::Resume),
        1 => Just(Act::Repeat { source: "sms".to_owned() }),
    ]
}

fn any_actor() -> impl Strategy<Value = Actor> {
    prop_oneof![
        3 => Just(Actor::System),
        1 => Just(Actor::Customer),
        6 => prop::sample::select(vec!["sg", "bt", "pun", "hcm", "kv2", "9090"]).prop_map(unit),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_a_ticket_is_with_somebody_and_comes_to_an_end(
        acts in prop::collection::vec((any_actor(), any_act(), 0..600_u64), 0..40),
    ) {
        let mut case = Case::new();
        for (by, wanted, minutes) in acts {
            let before = case.ticket.clone();
            case.until(case.now.plus(Duration::from_secs(minutes * 60)));
            let had = case.ticket.course.tried.clone();
            let is_pass = matches!(wanted, Act::Pass { .. });
            let refused = case.tries(&by, wanted).is_some();
            let after = &case.ticket;
            prop_assert!(case.organisation.unit(&after.unit.id).is_some());
            prop_assert!(!after.course.tried.contains(&after.unit.id) || after.unit.id.as_str() == "9090");
            prop_assert!(is_pass || refused || !had.contains(&after.unit.id) || after.unit.id.as_str() == "9090");
            if !before.status.is_open() {
                prop_assert_eq!(&before, after, "the end is the end");
            }
            if after.status == TicketStatus::Offered {
                prop_assert!(after.course.offer_until.is_some());
            }
            let numbers: Vec<u64> = case.history.iter().map(|change| change.number).collect();
            prop_assert_eq!(numbers, (1..=case.history.len() as u64).collect::<Vec<_>>());
        }
        // With nobody doing anything more it comes to whoever keeps it, and all that is late is told.
        if case.ticket.status.is_open() && !case.ticket.course.paused {
            case.until(case.now.plus(Duration::from_secs(90 * 86_400)));
            prop_assert_eq!(due(&case.ticket, &case.organisation), None);
            prop_assert!(case.ticket.course.clocks.iter().all(|clock| clock.told == 100));
        }
    }
}
