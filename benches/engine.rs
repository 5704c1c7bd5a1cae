//! Pure engine turns on one core, by hand: `cargo bench --bench engine`.
//!
//! No store, no network: the shipped flow, five turns a conversation, each timed apart.

#![expect(clippy::disallowed_methods, reason = "measuring is what it is for")]

use std::time::{Duration, Instant};

use thoai::domain::contact::Profile;
use thoai::domain::id::ChannelName;
use thoai::domain::message::Event;
use thoai::domain::time::Timestamp;
use thoai::engine::{self, Input, World};
use thoai::flow::compile::{File, Names, compile};
use thoai::place::Gazetteer;
use thoai::runtime::registry;

const ROUNDS: u32 = 2_000;
const WORDS: [&str; 5] = ["đổi sim", "có", "có", "0901234567", "12 Nguyễn Huệ, phường Bến Nghé, quận 1, TP HCM"];

fn main() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let names = ["doi-sim-4g", "thue-bao-moi", "tu-van", "mac-dinh", "chung/chung"];
    let files = names.map(|name| {
        let path = format!("flows/{name}.yaml");
        let text = std::fs::read_to_string(root.join(&path)).expect("a shipped flow");
        File { path, text }
    });
    let flows = compile(&files, Names { limits: &registry::limits(), queues: &["cskh".to_owned()], services: &[] })
        .expect("the shipped flows compile")
        .flows;
    let places = Gazetteer::official();
    let world = World { flows: &flows, places: &places, queue: "cskh", closed: &[] };
    let (channel, contact) = (ChannelName::new("web"), Profile::default());
    let mut took = [Duration::ZERO; WORDS.len()];
    for _ in 0..ROUNDS {
        let mut session = None;
        for (text, took) in WORDS.iter().zip(&mut took) {
            let event = Event::Text { text: (*text).to_owned() };
            let input = Input {
                event: &event,
                channel: &channel,
                limits: &registry::limits()[&channel],
                contact: &contact,
                link: None,
                campaign: None,
            };
            let started = Instant::now();
            let turn = engine::turn(world, session.as_ref(), input, Timestamp::default());
            *took += started.elapsed();
            session = turn.session;
        }
    }
    for (text, took) in WORDS.iter().zip(took) {
        println!("{:>8.1} µs   {text}", took.as_secs_f64() * 1e6 / f64::from(ROUNDS));
    }
    let all: Duration = took.iter().sum();
    println!("{:>8.0} turns/s on one core", f64::from(ROUNDS) * WORDS.len() as f64 / all.as_secs_f64());
}
