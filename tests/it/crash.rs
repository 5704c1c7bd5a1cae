//! The real binary, ended at every moment that matters and started again: what comes of it is what comes of
//! a run that nothing has disturbed.
//!
//! `server` is the process, `platform` a stand-in for Meta, `customer` somebody who changes the SIM and what
//! is left of it in the store. `crash_at.c` ends the process exactly before or after its n-th sync.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop where it is")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock};

use tempfile::TempDir;
use thoai::domain::conversation::Line;
use thoai::domain::message::Event;
use thoai::store::sled::SledStore;
use thoai::store::{Conversations, Vault};

use super::calling;

use self::customer::{CUSTOMER, Lives, Remains, SCRIPT};
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
    static MODEL: OnceLock<House> = OnceLock::new();
    // Made once and copied, for a start takes its time.
    let model = MODEL.get_or_init(|| {
        let house = House::new("http://127.0.0.1:9");
        assert_eq!(house.start().stop(), Some(0));
        house
    });
    let platform = Platform::new();
    let house = House::new(&platform.url);
    copy(&model.data(), &house.data());
    (platform, house)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let (path, to) = file.map(|file| (file.path(), to.join(file.file_name()))).unwrap();
        match path.metadata().unwrap().file_type() {
            kind if kind.is_dir() => copy(&path, &to),
            kind if kind.is_file() => drop(fs::copy(&path, &to).unwrap()),
            _ => {} // the control socket
        }
    }
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
    remains.transcript.iter().map(|(_, line)| text_of(line)).collect()
}

fn text_of(line: &Line) -> String {
    match line {
        Line::Contact { event: Event::Text { text }, .. } => format!("> {text}"),
        Line::Contact { event, .. } => panic!("nobody posts {event:?}"),
        Line::Bot { text, .. } => text.clone(),
    }
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

// ---- the five rows of the table of crashes ----

/// The transcript of a conversation that has only been opened with "đổi sim".
fn opened(remains: &Remains) -> bool {
    // The first turn is the first message and two answers.
    lines(remains) == lines(&uninterrupted().remains)[..3]
}

fn opening() -> String {
    payload(&[(CUSTOMER, "m_0", SCRIPT[0].0)])
}

/// The server has sent both messages of the first turn.
fn both(record: &platform::Record) -> bool {
    record.sent.iter().any(|sent| sent.text.contains(SCRIPT[0].1))
}

#[test]
fn a_crash_between_reading_and_accepting_leaves_nothing_and_the_retry_is_answered() {
    let (platform, house) = used_house();
    let mut server = house.start();
    let payload = opening();
    let mut cut = open(&server.address, &payload).unwrap();
    cut.write_all(&payload.as_bytes()[..payload.len() / 2]).unwrap();
    // Another request that is answered shows that the server is at work while the half one lies there.
    assert_eq!(post(&server.address, r#"{"object":"page","entry":[]}"#).unwrap(), 200);
    server.kill();
    assert!(Remains::read(&house, &platform, CUSTOMER).conversation.is_none());
    let mut server = house.start();
    assert_eq!(post(&server.address, &payload).unwrap(), 200);
    platform.expect("the answer", both);
    assert_eq!(server.stop(), Some(0));
    assert!(opened(&Remains::read(&house, &platform, CUSTOMER)));
}

#[test]
fn a_connection_cut_in_the_middle_of_a_payload_leaves_nothing() {
    let (platform, house) = used_house();
    let mut server = house.start();
    let payload = opening();
    let mut cut = open(&server.address, &payload).unwrap();
    cut.write_all(&payload.as_bytes()[..payload.len() - 1]).unwrap();
    drop(cut);
    assert_eq!(server.stop(), Some(0));
    let remains = Remains::read(&house, &platform, CUSTOMER);
    assert!(remains.conversation.is_none() && !remains.is_waiting);
}

#[test]
fn a_crash_between_accepting_and_the_200_lets_the_retry_find_a_duplicate() {
    let (platform, house) = used_house();
    let mut server = house.start_with(shim(), Fault { sync: 1, when: "after" }).unwrap();
    post(&server.address, &opening()).expect_err("it ends before it answers");
    assert_eq!(server.ended(), Some(137));
    assert!(opened(&Remains::read(&house, &platform, CUSTOMER)), "taken and answered in one commit");
    let mut server = house.start();
    for _ in 0..2 {
        assert_eq!(post(&server.address, &opening()).unwrap(), 200);
    }
    platform.expect("the answer", both);
    assert_eq!(server.stop(), Some(0));
    let remains = Remains::read(&house, &platform, CUSTOMER);
    assert!(opened(&remains) && !remains.is_waiting);
    assert_eq!(remains.sent.len(), 2);
}

#[test]
fn a_crash_between_accepting_and_the_turn_has_the_inbox_run_at_start() {
    // The first sync accepts the three, the second one is the first turn's.
    for (fault, waiting) in [(Fault { sync: 1, when: "after" }, Some(3)), (Fault { sync: 2, when: "after" }, Some(2))] {
        let (platform, house) = used_house();
        let mut server = house.start_with(shim(), fault).unwrap();
        let texts = SCRIPT.map(|(text, _)| text);
        // Whether the 200 got out does not matter: nobody posts this again.
        let _ = post(
            &server.address,
            &payload(&[(CUSTOMER, "m_0", texts[0]), (CUSTOMER, "m_1", texts[1]), (CUSTOMER, "m_2", texts[2])]),
        );
        assert_eq!(server.ended(), Some(137));
        assert_eq!(Some(Remains::read(&house, &platform, CUSTOMER).inbox), waiting, "{fault:?}");
        let mut server = house.start();
        platform.expect("the answers", |record| record.sent.iter().any(|sent| sent.text.contains(SCRIPT[2].1)));
        assert_eq!(server.stop(), Some(0));
        let remains = Remains::read(&house, &platform, CUSTOMER);
        assert_eq!(lines(&remains), lines(&uninterrupted().remains)[..7], "{fault:?}");
        assert_eq!(remains.without_repeats(), uninterrupted().remains.without_repeats()[..4]);
        assert!(!remains.is_waiting);
    }
}

#[test]
fn a_crash_between_commit_and_delivery_has_the_outbox_served_at_start() {
    let (platform, house) = used_house();
    platform.set(Mood::Down);
    let mut server = house.start();
    assert_eq!(post(&server.address, &opening()).unwrap(), 200);
    platform.expect("a try", |record| record.refused > 0);
    server.kill();
    assert!(Remains::read(&house, &platform, CUSTOMER).is_waiting);
    platform.set(Mood::Up);
    let mut server = house.start();
    platform.expect("the answer", both);
    assert_eq!(server.stop(), Some(0));
    let remains = Remains::read(&house, &platform, CUSTOMER);
    assert!(opened(&remains) && !remains.is_waiting);
    assert_eq!(remains.sent.len(), 2, "nothing is repeated");
}

/// A server killed when the platform has its first message and has not answered yet.
fn killed_in_the_middle_of_sending() -> (Platform, House) {
    let (platform, house) = used_house();
    platform.set(Mood::Slow);
    let mut server = house.start();
    assert_eq!(post(&server.address, &opening()).unwrap(), 200);
    platform.expect("the first message", |record| record.sent.len() == 1);
    server.kill();
    platform.next_life();
    (platform, house)
}

#[test]
fn a_crash_between_sending_and_settling_repeats_one_message_at_most() {
    let (platform, house) = killed_in_the_middle_of_sending();
    platform.set(Mood::Up);
    let mut server = house.start();
    platform.expect("the answer", both);
    assert_eq!(server.stop(), Some(0));
    let remains = Remains::read(&house, &platform, CUSTOMER);
    assert!(opened(&remains) && !remains.is_waiting);
    assert_eq!(remains.sent.len(), 3);
    assert_eq!(remains.without_repeats(), uninterrupted().remains.without_repeats()[..2]);
}

#[test]
fn an_echo_after_such_a_crash_spares_the_repeat() {
    let (platform, house) = killed_in_the_middle_of_sending();
    // So busy that the echo is there before the next try.
    platform.set(Mood::Busy);
    let mut server = house.start();
    platform.expect("a try", |record| record.refused > 0);
    let sent = platform.record().sent[0].clone();
    assert_eq!(post(&server.address, &echo(&sent)).unwrap(), 200);
    platform.set(Mood::Up);
    platform.expect("the rest", both);
    assert_eq!(server.stop(), Some(0));
    let remains = Remains::read(&house, &platform, CUSTOMER);
    assert!(opened(&remains) && !remains.is_waiting);
    assert_eq!(remains.sent.len(), 2, "the echoed message is not sent again");
    assert_eq!(remains.without_repeats(), uninterrupted().remains.without_repeats()[..2]);
}

// ---- a service is called ----

/// Lets the server answer somebody, by when it has begun whatever waited for it at its start, and ends it
/// unless it has ended by itself. Returns the exit code.
fn live(mut server: server::Server, platform: &Platform, mid: &str) -> Option<i32> {
    let before = platform.record().sent.len();
    // Refused when the server ends first.
    let _ = post(&server.address, &payload(&[("7000000000000009", mid, "alo")]));
    platform.wait("an answer", |record| record.sent.len() > before, || server.is_dead());
    if server.is_dead() { server.ended() } else { server.stop() }
}

#[test]
fn a_crash_around_a_call_makes_it_again_under_the_same_key_and_counts_one_answer() {
    let mut crashed = 0;
    for fault in (1..=3).flat_map(|sync| ["before", "after"].map(|when| Fault { sync, when })) {
        let (platform, house) = used_house();
        let key = calling::messenger(CUSTOMER);
        let id = key.conversation();
        platform.block_on(calling::waits(&house.data(), key, vec![calling::call("kiem_tra", "mot")]));
        let code = match house.start_with(shim(), fault) {
            Ok(server) => live(server, &platform, "m_first"),
            Err(ended) => ended.code,
        };
        crashed += usize::from(code == Some(137));
        let is_over = (0..10).any(|life| {
            assert_eq!(live(house.start(), &platform, &format!("m_{life}")), Some(0), "{fault:?}");
            let store = SledStore::open(&house.data()).unwrap();
            platform.block_on(store.unfinished()).unwrap().is_empty()
        });
        assert!(is_over, "{fault:?}");
        let store = SledStore::open(&house.data()).unwrap();
        let conversation = platform.block_on(store.load(&id)).unwrap().unwrap();
        assert_eq!(conversation.version, 2, "one answer, one turn: {fault:?}");
        let calls = &platform.record().calls;
        assert!(!calls.is_empty() && calls.iter().all(|key| *key == calls[0]), "{fault:?} {calls:?}");
    }
    assert!(crashed >= 4, "it crashed {crashed} times");
}

// ---- being told to stop ----

#[test]
fn a_stop_with_messages_waiting_is_clean_and_the_next_start_sends_them() {
    let (platform, house) = used_house();
    platform.set(Mood::Down);
    let mut server = house.start();
    assert_eq!(post(&server.address, &opening()).unwrap(), 200);
    platform.expect("a try", |record| record.refused > 0);
    assert_eq!(server.stop(), Some(0));
    platform.set(Mood::Up);
    let mut server = house.start();
    platform.expect("the answer", both);
    assert_eq!(server.stop(), Some(0));
    let remains = Remains::read(&house, &platform, CUSTOMER);
    assert!(opened(&remains) && !remains.is_waiting);
    assert_eq!(remains.sent.len(), 2);
}

#[test]
fn a_stop_in_the_middle_of_sending_waits_for_the_answer_so_that_nothing_is_repeated() {
    let (platform, house) = used_house();
    platform.set(Mood::Slow);
    let mut server = house.start();
    assert_eq!(post(&server.address, &opening()).unwrap(), 200);
    platform.expect("the first message", |record| record.sent.len() == 1);
    server.signal("TERM");
    server.says("stopping");
    platform.set(Mood::Up);
    assert_eq!(server.ended(), Some(0));
    assert_eq!(platform.record().sent.len(), 1, "nothing new is begun");
    let mut server = house.start();
    platform.expect("the rest", both);
    assert_eq!(server.stop(), Some(0));
    assert_eq!(Remains::read(&house, &platform, CUSTOMER).sent.len(), 2);
}

#[test]
fn a_server_told_to_stop_or_to_reload_in_its_first_moment_does_as_told() {
    let (_platform, house) = used_house();
    for _ in 0..5 {
        let mut server = house.start();
        server.signal("HUP");
        server.signal("TERM");
        assert_eq!(server.ended(), Some(0));
    }
}

// ---- under load ----

/// Connections at a time, and the conversations of each.
const CONNECTIONS: usize = 8;
const CONVERSATIONS: usize = 25;
/// What each customer writes under load: the first lines of the script.
const WRITTEN: usize = 3;

/// What all connections share while the server under them is killed and started again.
struct Load {
    progress: Mutex<Progress>,
    changed: Condvar,
}

struct Progress {
    /// Where a server listens.
    address: String,
    acknowledged: usize,
}

impl Load {
    fn work(&self, connection: usize) {
        for (line, (text, _)) in SCRIPT.iter().enumerate().take(WRITTEN) {
            for conversation in 0..CONVERSATIONS {
                self.post(&payload(&[(&contact(connection, conversation), &format!("m_{line}"), text)]));
                self.change(|progress| progress.acknowledged += 1);
            }
        }
    }

    /// Posts until some server has acknowledged it.
    fn post(&self, payload: &str) {
        let mut tried = self.wait("", |_| true).address.clone();
        while post(&tried, payload).ok() != Some(200) {
            tried = self.wait("another server", |progress| progress.address != tried).address.clone();
        }
    }

    fn change(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut self.progress.lock().unwrap());
        self.changed.notify_all();
    }

    fn wait(&self, what: &str, is_so: impl Fn(&Progress) -> bool) -> MutexGuard<'_, Progress> {
        let progress = self.progress.lock().unwrap();
        let waited = self.changed.wait_timeout_while(progress, server::PATIENCE, |progress| !is_so(progress)).unwrap();
        assert!(!waited.1.timed_out(), "waited too long for {what}");
        waited.0
    }
}

fn contact(connection: usize, conversation: usize) -> String {
    format!("8{connection:03}{conversation:03}")
}

#[test]
fn killed_under_load_a_server_loses_nothing_it_acknowledged_and_answers_it_once() {
    let (platform, house) = used_house();
    let seed: usize = match std::env::var("CRASH_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => usize::from(u16::from_be_bytes(thoai::runtime::clock::random())),
    };
    let all = CONNECTIONS * CONVERSATIONS * WRITTEN;
    let moment = 1 + seed % (all - 1);
    println!("CRASH_SEED={seed}: killed at acknowledgement {moment} of {all}");
    let mut server = house.start();
    let progress = Mutex::new(Progress { address: server.address.clone(), acknowledged: 0 });
    let load = Load { progress, changed: Condvar::new() };
    std::thread::scope(|scope| {
        for connection in 0..CONNECTIONS {
            let load = &load;
            scope.spawn(move || load.work(connection));
        }
        drop(load.wait("the moment", |progress| progress.acknowledged >= moment));
        server.kill();
        platform.next_life();
        server = house.start();
        load.change(|progress| progress.address.clone_from(&server.address));
    });
    let ends = |record: &platform::Record| {
        let last = record.sent.iter().filter(|sent| sent.text.contains(SCRIPT[WRITTEN - 1].1));
        last.map(|sent| &sent.contact).collect::<BTreeSet<_>>().len()
    };
    platform.expect("the last answer to everybody", |record| ends(record) == CONNECTIONS * CONVERSATIONS);
    assert_eq!(server.stop(), Some(0));
    let undisturbed = &uninterrupted().remains;
    let store = SledStore::open(&house.data()).unwrap();
    for contact in (0..CONNECTIONS).flat_map(|a| (0..CONVERSATIONS).map(move |b| contact(a, b))) {
        let remains = platform.block_on(Remains::look(&store, &platform, &contact));
        // Each message is followed by its own answers: none is lost, none is answered twice.
        assert_eq!(remains.transcript, undisturbed.transcript[..7], "{contact}");
        let sent: Vec<_> = remains.without_repeats().into_iter().map(|(_, text)| text).collect();
        let expected: Vec<_> = undisturbed.without_repeats()[..4].iter().map(|(_, text)| *text).collect();
        assert_eq!(sent, expected, "{contact}");
        assert!(remains.sent.len() <= 5 && !remains.is_waiting, "{contact}");
    }
}

// ---- what a server refuses to start on ----

/// What a process said that could not run.
fn told(ended: &server::Ended) -> &str {
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(!ended.said.contains("panicked"), "{ended:?}");
    &ended.said
}

#[test]
fn a_second_server_on_a_data_folder_is_refused_and_the_first_goes_on() {
    let (platform, house) = used_house();
    let mut server = house.start();
    let second = house.refused();
    assert!(told(&second).contains("in use by another thoai process"), "{second:?}");
    assert_eq!(post(&server.address, &opening()).unwrap(), 200);
    platform.expect("the answer", both);
    assert_eq!(house.run(&["import", "units", "no-such-file"]).status.code(), Some(2));
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_data_folder_that_is_another_programs_is_refused_and_not_touched() {
    let (_platform, house) = used_house();
    fs::remove_dir_all(house.data()).unwrap();
    let other = ::sled::open(house.data()).unwrap();
    other.insert("theirs", "value").unwrap();
    drop(other);
    let ended = house.refused();
    assert!(told(&ended).contains("not a thoai store"), "{ended:?}");
    assert_eq!(::sled::open(house.data()).unwrap().get("theirs").unwrap().unwrap(), "value");
}

#[test]
fn a_damaged_data_folder_is_refused_with_its_name_and_never_taken_for_an_empty_one() {
    fn garble(database: &Path) {
        let sound = fs::read(database).unwrap();
        fs::write(database, sound.iter().map(|byte| byte ^ 0x5a).collect::<Vec<_>>()).unwrap();
    }
    fn empty(database: &Path) {
        fs::write(database, "").unwrap();
    }
    fn remove(database: &Path) {
        fs::remove_file(database).unwrap();
    }
    let (_platform, house) = used_house();
    for harm in [garble, empty, remove] {
        harm(&house.data().join("db"));
        for _ in 0..2 {
            let ended = house.refused();
            assert!(told(&ended).contains(house.data().to_str().unwrap()), "{ended:?}");
            assert!(ended.said.contains("damaged or gone"), "{ended:?}");
        }
    }
}

#[test]
fn a_data_folder_that_is_a_file_is_refused_with_its_name() {
    let house = House::new("http://127.0.0.1:9");
    fs::write(house.data(), "no folder").unwrap();
    let ended = house.refused();
    assert!(told(&ended).contains(house.data().to_str().unwrap()), "{ended:?}");
    assert_eq!(fs::read(house.data()).unwrap(), b"no folder");
}

// ---- flows ----

const GOOD: &str = "flow: mac-dinh\ntitle: Chào\nentry: {default: true}\nsteps:\n  chao: {end: done, say: \"WORDS\"}\n";

fn write_flow(folder: &Path, words: &str) {
    fs::write(folder.join("mac-dinh.yaml"), GOOD.replace("WORDS", words)).unwrap();
}

#[test]
fn flows_with_problems_are_refused_at_the_start_with_the_whole_list() {
    let flows = tempfile::tempdir().unwrap();
    write_flow(flows.path(), "Xin chào {nobody.knows}");
    fs::write(flows.path().join("hai.yaml"), "flow: hai\ntitle: Hai\nsteps:\n  a: {ask: gi, say: \"?\"}\n").unwrap();
    let platform = Platform::new();
    let house = House::new(&platform.url).with("FLOWS__DIR", flows.path());
    let ended = house.refused();
    assert!(told(&ended).contains("mac-dinh.yaml") && ended.said.contains("hai.yaml"), "{ended:?}");
}

#[test]
fn a_reload_takes_good_flows_and_keeps_the_last_good_ones_instead_of_broken_ones() {
    let flows = tempfile::tempdir().unwrap();
    write_flow(flows.path(), "Lời thứ nhất");
    let platform = Platform::new();
    let house = House::new(&platform.url).with("FLOWS__DIR", flows.path());
    let mut server = house.start();
    let says = |server: &server::Server, mid: &str, words: &str| {
        assert_eq!(post(&server.address, &payload(&[(CUSTOMER, mid, "alo")])).unwrap(), 200);
        let before = mid.len();
        platform.expect(words, |record| record.sent.len() == before);
        assert_eq!(platform.record().sent[before - 1].text, words);
    };
    says(&server, "m", "Lời thứ nhất");
    fs::write(flows.path().join("mac-dinh.yaml"), "flow: mac-dinh\nsteps: [").unwrap();
    server.signal("HUP");
    server.says("the flows in force are kept");
    says(&server, "mm", "Lời thứ nhất");
    write_flow(flows.path(), "Lời thứ hai");
    server.signal("HUP");
    server.says("the flows folder was read again");
    says(&server, "mmm", "Lời thứ hai");
    assert_eq!(server.stop(), Some(0));
}

// ---- commands beside the server ----

fn printed(output: &Output) -> String {
    [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy).concat()
}

#[test]
fn a_prompt_is_sent_through_the_running_server_and_without_one() {
    let (platform, house) = used_house();
    let prompt = |campaign, to| house.run(&["prompt", "--campaign", campaign, "--to", to]);
    let both_ways = || {
        let sent = prompt("sim4g", "0901234567");
        assert_eq!(sent.status.code(), Some(0), "{}", printed(&sent));
        assert!(printed(&sent).contains("was taken by the gateway"), "{}", printed(&sent));
        assert!(!printed(&sent).contains("901234567"), "the number is not printed");
        for (campaign, to, why) in
            [("no-such", "0901234567", "no flow has a prompt"), ("sim4g", "02838220000", "not a Vietnamese mobile")]
        {
            let refused = prompt(campaign, to);
            assert_eq!(refused.status.code(), Some(1), "{}", printed(&refused));
            assert!(printed(&refused).contains(why), "{}", printed(&refused));
        }
    };
    let mut server = house.start();
    both_ways();
    // A killed server leaves its socket behind.
    server.kill();
    assert!(house.data().join("control.sock").exists());
    both_ways();
    let prompts = &platform.record().prompts;
    assert_eq!(prompts.len(), 2);
    assert_eq!(prompts[0]["msisdn"], "84901234567");
    assert_eq!(prompts[0]["prompt_id"], prompts[1]["prompt_id"]);
}

const UNITS: &str = "id,kind,name,phone,parent,territory\ntong_dai,central,Tổng đài,9090,,\n\
    hcm,province,Đơn vị NUMBER,,tong_dai,province:79\n";

#[test]
fn units_are_imported_through_the_running_server_and_without_one() {
    let (platform, house) = used_house();
    let table = tempfile::NamedTempFile::new().unwrap();
    let import = |text: &str| {
        fs::write(table.path(), text).unwrap();
        house.run(&["import", "units", table.path().to_str().unwrap()])
    };
    let both_ways = |number: &str| {
        let done = import(&UNITS.replace("NUMBER", number));
        assert_eq!(done.status.code(), Some(0), "{}", printed(&done));
        assert!(printed(&done).contains("2 đơn vị, 1 địa bàn; 168 trên 3321 phường, xã"), "{}", printed(&done));
        let refused = import(&UNITS.replace("province:79", "province:9999"));
        assert_eq!(refused.status.code(), Some(1), "{}", printed(&refused));
        assert!(printed(&refused).contains("units.csv:3: territory"), "{}", printed(&refused));
    };
    both_ways("một");
    let mut lives = Lives::begin(&house, &platform, shim(), Fault { sync: 0, when: "after" });
    both_ways("hai");
    lives.converse();
    let (_, remains) = lives.end();
    assert_eq!(remains.tickets[0].unit.name, "Đơn vị hai", "in force at once");
    let store = SledStore::open(&house.data()).unwrap();
    let kept = platform.block_on(store.get("units.csv")).unwrap().unwrap();
    assert_eq!(String::from_utf8(kept).unwrap(), UNITS.replace("NUMBER", "hai"));
}

#[test]
fn a_list_of_targets_is_imported_again_and_exported_through_the_running_server_and_without_one() {
    let (platform, house) = used_house();
    let list = tempfile::NamedTempFile::new().unwrap();
    let text = "\u{feff}phone;name;ward;province;unit\r\n\
        0901234567;Nguyễn Văn An;26740;;\r\n\
        84 912 345 678;=2+3;;79;\r\n\
        0987654321;Lê Thử;;;mau_01\r\n\
        0987654322;;;;\r\n\
        123;Sai Số;;;\r\n\
        0987654323;Sai Phường;99999;;\r\n\
        0987654322;Hai Lần;;;\r\n";
    fs::write(list.path(), text).unwrap();
    let import = |more: &[&str]| {
        let path = list.path().to_str().unwrap();
        house.run(&[&["import", "targets", path, "--campaign", "sim4g"], more].concat())
    };
    let counts = |done: &Output| {
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        text.lines().map(|line| line.split_whitespace().last().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    let export = |more: &[&str]| {
        let done = house.run(&[&["export", "targets", "--campaign", "sim4g"], more].concat());
        assert_eq!(done.status.code(), Some(0), "{}", printed(&done));
        let mut lines: Vec<String> = String::from_utf8(done.stdout).unwrap().lines().map(str::to_owned).collect();
        lines[1..].sort();
        lines
    };
    assert_eq!(counts(&import(&["--dry-run"])), "7 2 1 2");
    let first = import(&[]);
    assert_eq!(first.status.code(), Some(1), "{}", printed(&first));
    assert_eq!(counts(&first), "7 4 0 0 2 1 2", "{}", printed(&first));
    let problems = String::from_utf8_lossy(&first.stderr).into_owned();
    for problem in ["csv:5: phone: Số 098***4322 có lại ở dòng 8", "csv:6: phone: ", "csv:7: ward: "] {
        assert!(problems.contains(problem), "{problems}");
    }
    assert!(!printed(&first).contains("987654322"), "no number is printed");
    let before = export(&[]);
    assert_eq!(before.len(), 5, "{before:#?}");
    assert!(before[0].starts_with("phone,name,"), "{before:#?}");
    assert!(before[1].starts_with("0901234567,Nguyễn Văn An,,26740,79,,,new,,"), "{before:#?}");
    assert!(before[2].starts_with("0912345678,'=2+3,,,79,,,new,,"), "{before:#?}");
    assert!(before[4].starts_with("0987654322,Hai Lần,"), "{before:#?}");

    let mut server = house.start();
    assert_eq!(counts(&import(&[])), "7 0 0 4 2 1 2");
    assert_eq!(export(&[]), before, "the same again says the same");
    assert_eq!(house.run(&["prompt", "--campaign", "sim4g", "--to", "0987654321"]).status.code(), Some(0));
    assert_eq!(platform.record().prompts.len(), 1);
    let of_unit = export(&["--unit", "mau_01"]);
    assert_eq!(of_unit.len(), 2, "{of_unit:#?}");
    assert!(of_unit[1].starts_with("0987654321,Lê Thử,,,,,mau_01,invited,,"), "{of_unit:#?}");
    server.kill();
    assert_eq!(export(&["--unit", "mau_01"]), of_unit, "it survives");
    // Everybody who was not asked yet is asked once, by day.
    let invite = || house.run(&["prompt", "--campaign", "sim4g", "--targets", "--rate", "1000"]);
    let is_day = (7 * 60..22 * 60).contains(&thoai::runtime::clock::now().minute());
    let (asked, again) = (invite(), invite());
    let words = |done: &std::process::Output| printed(done).split_whitespace().collect::<Vec<_>>().join(" ");
    if is_day {
        assert!(words(&asked).starts_with("đã mời 3 đã mời từ trước 1 không mời 0"), "{}", printed(&asked));
        assert!(words(&again).starts_with("đã mời 0 đã mời từ trước 4 không mời 0"), "{}", printed(&again));
        assert!(words(&again).contains("new 0 invited 4 said_yes 0"), "{}", printed(&again));
        assert_eq!(platform.record().prompts.len(), 4);
    } else {
        assert_eq!((asked.status.code(), platform.record().prompts.len()), (Some(1), 1), "{}", printed(&asked));
    }
    let refused = house.run(&["import", "targets", list.path().to_str().unwrap(), "--campaign", "no-such"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(printed(&refused).contains("no flow has a prompt for the campaign"), "{}", printed(&refused));
    let refused = house.run(&["import", "units", list.path().to_str().unwrap(), "--campaign", "sim4g"]);
    assert_eq!(refused.status.code(), Some(2), "{}", printed(&refused));
    assert_eq!(house.run(&["import", "targets", list.path().to_str().unwrap()]).status.code(), Some(2));
}
