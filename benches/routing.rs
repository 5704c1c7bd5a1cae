//! How fast tickets are routed, on one core: `cargo bench --bench routing`.
//!
//! A country of 2,000 units in all communes, read from its tables; then decisions for a ticket of every commune, on a
//! day on which nobody and on which everybody has something to do. Each is also shown as a multiple of what it takes to
//! write the same number of reasons, which any machine must do.

#![expect(clippy::disallowed_methods, reason = "measuring is what it is for")]

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use thoai::domain::address::Address;
use thoai::domain::contact::Profile;
use thoai::domain::id::UnitId;
use thoai::domain::ticket::{TicketKind, TicketRequest};
use thoai::domain::time::Day;
use thoai::place::Gazetteer;
use thoai::routing::import::{self, Tables};
use thoai::routing::{Asked, Idle, Loads};

const UNITS: usize = 2_000;
const MEASURED: Duration = Duration::from_secs(2);

/// Everybody was given something.
struct Busy;

impl Loads for Busy {
    fn given(&self, unit: &UnitId, _: Day) -> u32 {
        u32::from(unit.as_str().bytes().fold(0, u8::wrapping_add) % 12)
    }
}

fn main() {
    let places = Gazetteer::official();
    let table = table(&places);
    let begun = Instant::now();
    let organisation = import::read(&Tables::of_units(&table), &places).expect("the table is good");
    let read = begun.elapsed();
    println!("{} units read and checked in {read:.0?}", organisation.units().len());
    let day = Day::of(2026, 11, 26).expect("a day");
    let requests: Vec<TicketRequest> = places.wards().map(|(ward, _, province)| request(ward, province)).collect();
    let writing = rate(requests.len(), || {
        for request in &requests {
            let place = request.place.as_ref().expect("each has one");
            black_box(format!("ward {} -> {}", place.ward.as_deref().unwrap_or_default(), "p79_12"));
        }
    });
    let loads: [(&str, &dyn Loads); 2] = [("idle", &Idle), ("busy", &Busy)];
    for (name, loads) in loads {
        let decisions = rate(requests.len(), || {
            for request in &requests {
                let asked = Asked { request, day, home: None, tried: &[] };
                black_box(organisation.decide(&asked, loads));
            }
        });
        println!("{name:5} {decisions:>10.0} decisions/s, {:.1} reasons each", writing / decisions);
    }
}

/// How many of so many things are done in a second.
fn rate(things: usize, mut work: impl FnMut()) -> f64 {
    work();
    let begun = Instant::now();
    let mut times = 0;
    while begun.elapsed() < MEASURED {
        work();
        times += 1;
    }
    (times * things) as f64 / begun.elapsed().as_secs_f64()
}

fn request(ward: &str, province: &str) -> TicketRequest {
    let place = Address { ward: Some(ward.to_owned()), province: Some(province.to_owned()), ..Address::default() };
    TicketRequest {
        kind: TicketKind::SimSwap,
        contact: Profile::default(),
        subscriber: None,
        place: Some(place),
        quarantine: false,
        slots: Default::default(),
        transcript: Vec::new(),
    }
}

/// Units in turn in the communes, one for each province, and the central one.
fn table(places: &Gazetteer) -> String {
    let mut table = "id,kind,name,phone,parent,territory,capacity,weight\ntd,central,Tổng đài,9090,,,,\n".to_owned();
    for (code, name, _) in places.provinces() {
        writeln!(table, "p{code},province,MobiFone {name},,td,province:{code},,").expect("memory is there");
    }
    let wards: Vec<(&str, &str, &str)> = places.wards().collect();
    for number in 0..UNITS {
        let near = |step: usize| wards[(number * 5 / 3 + step) % wards.len()];
        let (first, second, third) = (near(0), near(1), near(2));
        let territory = format!("ward:{};ward:{};ward:{}", first.0, second.0, third.0);
        writeln!(table, "u{number},shop,Cửa hàng {number},,p{},{territory},10,{}", first.2, 1 + number % 3)
            .expect("memory is there");
    }
    table
}
