//! Pure engine turns on one core: `cargo bench --bench engine`.
//!
//! No store, no network. One turn of each kind, the way through the shipped flow, and the walk over all its
//! states, which is the same engine without words.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

use thoai::domain::contact::Profile;
use thoai::domain::id::ChannelName;
use thoai::domain::limits::LimitsTable;
use thoai::domain::message::Event;
use thoai::domain::session::Session;
use thoai::domain::time::Timestamp;
use thoai::engine::{self, Input, Turn, World};
use thoai::flow::Flows;
use thoai::flow::compile::{File, Names, compile};
use thoai::place::Gazetteer;
use thoai::runtime::registry;
use thoai::studio::Stage;
use thoai::studio::explore::explore;

/// The way through the flow, up to its summary.
const WAY: [&str; 7] =
    ["đổi sim", "có", "có", "0901234567", "12 Nguyễn Huệ, phường Bến Nghé, quận 1, TP HCM", "buổi sáng", "không"];
/// A turn of each kind: its name, how far on the way it comes, and what is said.
const KINDS: [(&str, usize, &str); 8] = [
    ("keyword", 0, "đổi sim"),
    ("yesno", 1, "có"),
    ("phone", 3, "0901234567"),
    ("address", 4, "12 Nguyễn Huệ, phường Bến Nghé, quận 1, TP HCM"),
    ("choice", 5, "buổi sáng"),
    ("confirm", 7, "đúng rồi"),
    ("interrupt", 3, "có mất tiền không em"),
    ("retry", 1, "hôm nay trời đẹp"),
];

/// What a turn needs beside the words.
struct Setting {
    flows: Flows,
    places: Gazetteer,
    limits: LimitsTable,
    channel: ChannelName,
    contact: Profile,
}

impl Setting {
    fn shipped() -> Self {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let names = ["doi-sim-4g", "thue-bao-moi", "goi-ra-4g", "tu-van", "mac-dinh", "chung/chung"];
        let files = names.map(|name| {
            let path = format!("flows/{name}.yaml");
            let text = std::fs::read_to_string(root.join(&path)).expect("a shipped flow");
            File { path, text }
        });
        let limits: LimitsTable = registry::limits();
        let compiled = compile(&files, Names { limits: &limits, queues: &["cskh".to_owned()], services: &[] });
        Self {
            flows: compiled.expect("the shipped flows compile").flows,
            places: Gazetteer::official(),
            limits,
            channel: ChannelName::new("web"),
            contact: Profile::default(),
        }
    }

    fn turn(&self, session: Option<&Session>, event: &Event) -> Turn {
        let world = World { flows: &self.flows, places: &self.places, queue: "cskh", closed: &[], apart: &|_, _| true };
        let input = Input {
            event,
            channel: &self.channel,
            limits: &self.limits[&self.channel],
            contact: &self.contact,
            link: None,
            campaign: None,
        };
        engine::turn(world, session, input, Timestamp::default())
    }
}

fn said(text: &str) -> Event {
    Event::Text { text: text.to_owned() }
}

fn turns(criterion: &mut Criterion) {
    let setting = Setting::shipped();
    let mut sessions = vec![None];
    for text in WAY {
        let before: Option<&Session> = sessions.last().and_then(Option::as_ref);
        let after = setting.turn(before, &said(text)).session;
        sessions.push(after);
    }
    let mut group = criterion.benchmark_group("turn");
    group.throughput(Throughput::Elements(1)).measurement_time(Duration::from_secs(2));
    for (name, at, text) in KINDS {
        let (session, event) = (sessions[at].as_ref(), said(text));
        assert_eq!(session.is_some(), at > 0, "{name}: the way goes so far");
        group.bench_function(name, |bencher| bencher.iter(|| setting.turn(black_box(session), black_box(&event))));
    }
    group.finish();

    let events = WAY.map(said);
    let mut group = criterion.benchmark_group("way");
    group.throughput(Throughput::Elements(WAY.len() as u64));
    group.bench_function("doi-sim-4g", |bencher| {
        bencher.iter(|| events.iter().fold(None, |session, event| setting.turn(session.as_ref(), event).session));
    });
    group.finish();
}

fn walk(criterion: &mut Criterion) {
    let setting = Setting::shipped();
    let queues = ["cskh".to_owned()];
    let stage = Stage { flows: &setting.flows, places: &setting.places, limits: &setting.limits, queues: &queues };
    let flow = &setting.flows.flows["doi-sim-4g"];
    let mut group = criterion.benchmark_group("state walk");
    group.throughput(Throughput::Elements(explore(stage, flow).states as u64)).sample_size(10);
    group.bench_function("doi-sim-4g", |bencher| bencher.iter(|| explore(stage, flow)));
    group.finish();
}

criterion_group!(benches, turns, walk);
criterion_main!(benches);
