//! How long an author waits for `thoai check`, by hand: `cargo bench --bench check`.
//!
//! The shipped flows together, each of the broken files of `tests/it/broken`, and a flow of 500 steps.

#![expect(clippy::disallowed_methods, reason = "measuring is what it is for")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use thoai::flow::check::{Checked, Found, check, compiled};
use thoai::flow::compile::Names;
use thoai::flow::diagnostic::Severity;
use thoai::place::Gazetteer;
use thoai::runtime::registry;
use thoai::studio::Stage;
use thoai::studio::explore::{Explored, explore};

use variant::variants;

#[path = "../tests/it/broken/variant.rs"]
mod variant;

const ROUNDS: u32 = 50;

fn found(path: &str, text: &str) -> Found {
    Found { path: path.to_owned(), content: Ok(text.as_bytes().to_vec()) }
}

fn timed(files: Vec<Found>) -> (Duration, Checked) {
    let limits = registry::limits();
    let names = Names { limits: &limits, queues: &["cskh".to_owned()], services: &[] };
    let started = Instant::now();
    let checked = check(files, names);
    (started.elapsed(), checked)
}

fn milliseconds(took: Duration, what: &str) {
    println!("{:>9.2} ms   {what}", took.as_secs_f64() * 1e3);
}

/// Questions, branches and summaries, one after the other.
fn long(steps: usize) -> String {
    let mut text = String::from("flow: dai\nslots:\n");
    for ix in 0..steps.div_ceil(3) {
        writeln!(text, "  o{ix}: {{type: choice, options: {{a: Một, b: Hai}}}}").expect("writing to a string");
    }
    text.push_str("steps:\n");
    for ix in 0..steps - 1 {
        let slot = ix / 3;
        match ix % 3 {
            0 => writeln!(text, "  b{ix}: {{ask: o{slot}, say: \"Câu hỏi số {ix} ạ?\", give_up: xong}}"),
            1 => writeln!(text, "  b{ix}: {{branch: [{{when: o{slot} is a, go: xong}}]}}"),
            _ => writeln!(text, "  b{ix}: {{say: \"Em đã ghi {{o{slot} or 'rồi'}} ạ.\"}}"),
        }
        .expect("writing to a string");
    }
    text + "  xong: {end: done}\n"
}

fn main() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let names = ["doi-sim-4g", "thue-bao-moi", "tu-van", "mac-dinh", "chung/chung", "goi-ra-4g"];
    let shipped = names.map(|name| {
        let path = format!("flows/{name}.yaml");
        let text = std::fs::read_to_string(root.join(&path)).expect("a shipped flow");
        found(&path, &text)
    });
    let together: Duration = (0..ROUNDS).map(|_| timed(shipped.to_vec()).0).sum();
    milliseconds(together / ROUNDS, "all shipped flows together");

    let good = shipped[0].content.clone().expect("it was read");
    let good = String::from_utf8(good).expect("it is UTF-8");
    let mut all: Vec<(Duration, String)> = Vec::new();
    for variant in variants(&good) {
        let (took, checked) = timed(vec![found("flows/doi-sim-4g.yaml", &variant.text), shipped[4].clone()]);
        if checked.count(Severity::Error) > 0 {
            all.push((took, variant.name));
        }
    }
    all.sort();
    let (slowest, name) = all.last().expect("some are broken");
    milliseconds(all[all.len() / 2].0, &format!("a broken file, the middle one of {}", all.len()));
    milliseconds(*slowest, &format!("the slowest of them: {name}"));

    let (took, checked) = timed(vec![found("flows/dai.yaml", &long(500))]);
    milliseconds(took, &format!("a flow of 500 steps, {} errors", checked.count(Severity::Error)));
    walked(vec![found("flows/dai.yaml", &long(500))], "the flow of 500 steps");
    walked(shipped.to_vec(), "the shipped flows");
}

/// Walks every state of the flows.
fn walked(files: Vec<Found>, what: &str) {
    let (limits, queues, places) = (registry::limits(), ["cskh".to_owned()], Gazetteer::official());
    let names = Names { limits: &limits, queues: &queues, services: &[] };
    let flows = compiled(files, names).expect("they are good");
    let stage = Stage { flows: &flows, places: &places, limits: &limits, queues: &queues };
    let started = Instant::now();
    let walks: Vec<Explored> = flows.flows.values().map(|flow| explore(stage, flow)).collect();
    let took = started.elapsed();
    let (states, turns) = walks.iter().fold((0, 0), |(s, t), walk| (s + walk.states, t + walk.turns));
    let rate = states as f64 / took.as_secs_f64();
    milliseconds(took, &format!("explore of {what}: {states} states, {turns} turns, {rate:.0} states/s"));
    assert!(walks.iter().all(|walk| walk.complete && walk.findings.is_empty()));
}
