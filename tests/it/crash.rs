//! The real binary, ended at every moment that matters and started again: what comes of it is what comes of
//! a run that nothing has disturbed.
//!
//! `server` is the process, `platform` a stand-in for Meta, `customer` somebody who changes the SIM and what
//! is left of it in the store. `crash_at.c` ends the process exactly before or after its n-th sync.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop where it is")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tempfile::TempDir;
use thoai::domain::conversation::Line;
use thoai::store::sled::SledStore;
use thoai::store::{Conversations, Vault};

use self::customer::{CUSTOMER, Lives, Remains, SCRIPT, post_until_taken};
use self::platform::{Mood, Platform, echo, open, payload, post};
use self::server::{Fault, House};

mod customer;
mod platform;
mod server;

/// Servers at a time in the test of all syncs.
const AT_ONCE: usize = 3;
/// Most syncs tried one by one; of more, as many are taken at even distances.
const MOST: usize = 40;

/// `crash_at.c`, compiled once.
fn shim() -> &'static Path {
    static SHIM: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, library) = SHIM.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let library = super::power_cut::shim("crash_at.c", folder.path());
        (folder, library)
    });
    library
}

/// A stand-in, and a data folder that a server has been on and left in peace: the next sync is a message's.
fn used_house() -> (Platform, House) {
    let platform = Platform::new();
    let house = House::new(&platform.url);
    assert_eq!(house.start().stop(), Some(0));
    (platform, house)
}

/// A whole conversation.
struct Run {
    /// Exit codes of the servers that ended by themselves.
    crashes: Vec<Option<i32>>,
    /// The syncs of the first server.
    syncs: usize,
    remains: Remains,
}

/// The whole conversation, with a first server under this fault.
fn run(fault: Fault) -> Run {
    let platform = Platform::new();
    let house = House::new(&platform.url);
    let mut lives = Lives::begin(&house, &platform, shim(), fault);
    lives.converse();
    let (crashes, remains) = lives.end();
    Run { crashes, syncs: house.syncs(), remains }
}

fn uninterrupted() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    // There is no sync number 0.
    RUN.get_or_init(|| run(Fault { sync: 0, when: "after" }))
}

/// The texts of the transcript, the contact's with `>` before them.
fn lines(remains: &Remains) -> Vec<String> {
    let text = |line: &Line| match line {
        Line::Contact { event, .. } => format!("> {}", serde_json::to_value(event).unwrap()["text"].as_str().unwrap()),
        Line::Bot { text, .. } => text.clone(),
    };
    remains.transcript.iter().map(|(_, line)| text(line)).collect()
}

// ---- every sync ----

#[test]
fn a_customer_changes_the_sim_and_there_is_one_ticket() {
    let Run { crashes, remains, .. } = uninterrupted();
    assert!(crashes.is_empty());
    let heard: Vec<_> = lines(remains).into_iter().filter(|line| line.starts_with("> ")).collect();
    assert_eq!(heard, SCRIPT.map(|(text, _)| format!("> {text}")));
    let said: Vec<_> = lines(remains).into_iter().filter(|line| !line.starts_with("> ")).collect();
    assert_eq!(remains.sent.iter().map(|sent| sent.text.clone()).collect::<Vec<_>>(), said);
    let [ticket] = remains.timeless_tickets().try_into().expect("one ticket");
    assert_eq!(ticket["kind"], "sim_swap");
    assert_eq!(ticket["subscriber"], "+84901234567");
    assert_eq!(ticket["place"]["ward"], "26740");
    assert!(!remains.is_waiting);
}

#[test]
fn a_crash_at_any_sync_leaves_what_an_undisturbed_run_leaves() {
    let Run { syncs, remains: undisturbed, .. } = uninterrupted();
    let number = (*syncs).min(MOST);
    let faults: Vec<_> = (0..number)
        .flat_map(|ix| ["before", "after"].map(|when| Fault { sync: ix * syncs / number + 1, when }))
        .collect();
    let (next, crashed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Run { crashes, remains, .. } = run(*fault);
                    assert_eq!(remains.differs_from(undisturbed), None, "{fault:?}");
                    assert!(crashes.iter().all(|code| *code == Some(137)) && crashes.len() <= 1, "{crashes:?}");
                    crashed.fetch_add(crashes.len(), Ordering::Relaxed);
                }
            });
        }
    });
    // Two writes may share a sync, so that a run has one sync less or two and its last fault never comes.
    println!("{syncs} syncs, {} faults, {crashed:?} crashes", faults.len());
    assert!(crashed.load(Ordering::Relaxed) + 6 >= faults.len(), "{crashed:?} of {}", faults.len());
}
