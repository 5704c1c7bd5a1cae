//! Power cuts: what was acknowledged is there again, whatever the disk had not written yet.
//!
//! A child process works on a store while `power_cut.c` keeps a journal of its writes and syncs. For many
//! points of the journal the disk is rebuilt as a cut at that point could leave it, opened, and compared
//! with what the child had been told by then. Leaving our own syncs out of the same journal must lose
//! something, or the test could not fail. See `power_cut.c` for what the journal cannot see.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop where it is")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::{Arc, OnceLock};

use tempfile::TempDir;
use thoai::domain::contact::ContactKey;
use thoai::domain::conversation::{Conversation, Entry, Line};
use thoai::domain::id::{AccountId, ChannelName, ContactId};
use thoai::domain::message::Outbound;
use thoai::domain::time::Timestamp;
use thoai::store::sled::SledStore;
use thoai::store::{Commit, Consumed, Conversations, Effect, StoreError, Vault};

/// Conversations that are worked on at the same time.
const TASKS: usize = 4;

/// Turns of each in one life of the child.
const TURNS: u64 = 40;

/// Cuts tried at even distances.
const CUTS: usize = 100;

// ---- the child ----

/// Does turns and writes a line to `acks` for each that was acknowledged: `<task> <version>`, and
/// `table <n>` for a large value. Ends without closing the store, as a killed process does.
#[test]
#[ignore = "the other tests here run it in a process of its own"]
fn the_process_that_is_cut_off() {
    let folder = PathBuf::from(std::env::var_os("CUT_DIR").expect("started by the tests below"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let failed = runtime.block_on(async {
        let store = Arc::new(SledStore::open(&folder.join("store")).expect("the store opens"));
        let acks = fs::OpenOptions::new().create(true).append(true).open(folder.join("acks")).unwrap();
        let acks = Arc::new(acks);
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..TASKS {
            tasks.spawn(work(task, Arc::clone(&store), Arc::clone(&acks)));
        }
        let failed = tasks.join_all().await.into_iter().any(|outcome| outcome.is_err());
        if failed {
            let more = store.replace("late", None, b"x").await;
            assert!(matches!(more, Err(StoreError::Unavailable(_))), "{more:?}");
        }
        failed
    });
    std::process::exit(if failed { 3 } else { 0 });
}

async fn work(task: usize, store: Arc<SledStore>, acks: Arc<fs::File>) -> Result<(), StoreError> {
    for _ in 0..TURNS {
        let commit = turn(task, store.load(&contact(task).conversation()).await?);
        let version = commit.conversation.version;
        store.commit(commit).await?;
        (&*acks).write_all(format!("{task} {version}\n").as_bytes()).unwrap();
        if task == 0 && version.is_multiple_of(8) {
            let before = store.get("table").await?;
            store.replace("table", before.as_deref(), &table(version)).await?;
            (&*acks).write_all(format!("table {version}\n").as_bytes()).unwrap();
        }
    }
    Ok(())
}

fn contact(task: usize) -> ContactKey {
    let contact = ContactId::new(task.to_string());
    ContactKey { channel: ChannelName::new("web"), account: AccountId::new("1"), contact }
}

/// A large value, the same number all through.
fn table(number: u64) -> Vec<u8> {
    number.to_be_bytes().repeat(3_000)
}

/// A turn that leaves one entry, one outbox row and one known event a version.
fn turn(task: usize, before: Option<Conversation>) -> Commit {
    let mut conversation = before.unwrap_or_else(|| Conversation::new(contact(task)));
    let expected = conversation.version;
    conversation.version += 1;
    conversation.next_entry += 1;
    let text = format!("lượt {expected} ").repeat(200);
    let line = Line::Bot { step: "a/b".into(), text: text.clone(), choices: Vec::new(), image: None };
    Commit {
        expected,
        conversation,
        entries: vec![Entry { number: expected, at: Timestamp::default(), line }],
        outbox: vec![Effect::Send {
            message: Outbound { text, choices: Vec::new(), image: None, tag: expected.to_string() },
        }],
        consumed: Consumed::Fresh { event: expected.to_string(), alias: None },
        reply: None,
        links: Vec::new(),
        erase: false,
        now: Timestamp::default(),
    }
}

// ---- running it ----

/// Compiles a shim that lies beside this file.
pub(super) fn shim(name: &str, into: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it").join(name);
    let library = into.join(name).with_extension("so");
    let status = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source).status();
    assert!(status.expect("a C compiler is installed").success(), "{name} compiles");
    library
}

/// Runs the child under a shim, its files in `folder/disk`.
fn run_child(folder: &Path, library: &Path, env: &[(&str, &str)]) -> ExitStatus {
    let disk = folder.join("disk");
    fs::create_dir_all(&disk).unwrap();
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "power_cut::the_process_that_is_cut_off", "--ignored", "--test-threads=1"])
        .env("LD_PRELOAD", library)
        .env("CUT_DIR", disk.canonicalize().unwrap())
        .env("CUT_LOG", folder.join("journal"))
        .envs(env.iter().copied())
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap()
}

/// The journal of two lives of the child: the second begins with the recovery from the first one's end.
fn two_lives() -> &'static [Record] {
    static JOURNAL: OnceLock<Vec<Record>> = OnceLock::new();
    JOURNAL.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let library = shim("power_cut.c", folder.path());
        for _ in 0..2 {
            assert!(run_child(folder.path(), &library, &[]).success());
        }
        read_journal(&folder.path().join("journal"))
    })
}

// ---- the journal, and the disk it describes ----

/// One line of the journal; the kinds are explained in `power_cut.c`.
struct Record {
    kind: u8,
    at: u64,
    name: String,
    bytes: Vec<u8>,
}

fn read_journal(path: &Path) -> Vec<Record> {
    let journal = fs::read(path).unwrap();
    let mut rest = &journal[..];
    let mut records = Vec::new();
    while let Some((head, tail)) = rest.split_at_checked(17) {
        let size = |from: usize| u32::from_le_bytes(head[from..from + 4].try_into().unwrap()) as usize;
        let (name, tail) = tail.split_at(size(9));
        let (bytes, tail) = tail.split_at(size(13));
        records.push(Record {
            kind: head[0],
            at: u64::from_le_bytes(head[1..9].try_into().unwrap()),
            name: String::from_utf8(name.to_vec()).unwrap(),
            bytes: bytes.to_vec(),
        });
        rest = tail;
    }
    records
}

/// A change of a file's contents that is not on the disk yet.
enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

impl Change {
    fn make(&self, contents: &mut Vec<u8>) {
        match self {
            Self::Write(at, bytes) => {
                contents.resize(contents.len().max(at + bytes.len()), 0);
                contents[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            Self::Length(length) => contents.resize(*length, 0),
        }
    }
}

#[derive(Default)]
struct Contents {
    synced: Vec<u8>,
    pending: Vec<Change>,
}

/// What is on the disk and what is only in memory. Files are numbers; names are kept apart, because a name
/// is on the disk only when its folder was synced.
#[derive(Default)]
struct Disk {
    files: Vec<Contents>,
    names: BTreeMap<String, usize>,
    synced_names: BTreeMap<String, usize>,
    /// Of each task and of the table, the last number acknowledged.
    acked: BTreeMap<String, u64>,
}

/// What a cut makes of that which was not synced.
#[derive(Clone, Copy, Debug)]
enum Loss {
    /// All of it is gone.
    All,
    /// Names are there, contents are gone.
    Contents,
    /// Names are there, and of the contents whatever sectors chance has picked.
    Sectors,
}

impl Disk {
    fn apply(&mut self, record: &Record) {
        let name = &record.name;
        let at = usize::try_from(record.at).unwrap();
        match record.kind {
            b'C' => {
                self.file(name);
            }
            b'W' if name == "acks" => self.acknowledge(&record.bytes),
            b'W' => self.file(name).pending.push(Change::Write(at, record.bytes.clone())),
            b'T' => self.file(name).pending.push(Change::Length(at)),
            b'F' | b'S' => {
                let file = self.file(name);
                for change in std::mem::take(&mut file.pending) {
                    change.make(&mut file.synced);
                }
            }
            b'D' => {
                self.synced_names.retain(|path, _| parent(path) != name);
                let there = self.names.iter().filter(|(path, _)| parent(path) == name);
                self.synced_names.extend(there.map(|(path, &file)| (path.clone(), file)));
            }
            b'R' => {
                let file = self.names.remove(name).unwrap();
                self.names.insert(String::from_utf8(record.bytes.clone()).unwrap(), file);
            }
            b'U' => {
                self.names.remove(name);
            }
            kind => panic!("the journal holds no {kind}"),
        }
    }

    fn file(&mut self, name: &str) -> &mut Contents {
        let number = *self.names.entry(name.to_owned()).or_insert_with(|| {
            self.files.push(Contents::default());
            self.files.len() - 1
        });
        &mut self.files[number]
    }

    fn acknowledge(&mut self, line: &[u8]) {
        let (whose, number) = std::str::from_utf8(line).unwrap().trim().split_once(' ').unwrap();
        self.acked.insert(whose.to_owned(), number.parse().unwrap());
    }

    /// Writes out what the cut leaves.
    fn leave(&self, loss: Loss, seed: u64, into: &Path) {
        let names = if matches!(loss, Loss::All) { &self.synced_names } else { &self.names };
        let mut dice = seed;
        for (name, &file) in names {
            let mut contents = self.files[file].synced.clone();
            if matches!(loss, Loss::Sectors) {
                for change in &self.files[file].pending {
                    keep_some(change, &mut contents, &mut dice);
                }
            }
            let path = into.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, contents).unwrap();
        }
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// Makes the change on half of the sectors it touches.
fn keep_some(change: &Change, contents: &mut Vec<u8>, dice: &mut u64) {
    const SECTOR: usize = 512;

    let mut heads = || {
        *dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *dice >> 63 == 1
    };
    let Change::Write(at, bytes) = change else {
        if heads() {
            change.make(contents);
        }
        return;
    };
    let mut done = 0;
    while done < bytes.len() {
        let end = bytes.len().min(done + SECTOR - (at + done) % SECTOR);
        if heads() {
            Change::Write(at + done, bytes[done..end].to_vec()).make(contents);
        }
        done = end;
    }
}

// ---- comparing ----

/// Opens what a cut left and compares it with what was acknowledged; tells what is wrong.
fn verdict(disk: &Disk, loss: Loss, seed: u64) -> Result<(), String> {
    let image: TempDir = tempfile::tempdir().unwrap();
    disk.leave(loss, seed, image.path());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(holds(image.path(), &disk.acked))
}

/// Whether the store under `folder` opens, holds what was acknowledged, and no half of a turn.
async fn holds(folder: &Path, acked: &BTreeMap<String, u64>) -> Result<(), String> {
    let store = SledStore::open(&folder.join("store")).map_err(|error| error.to_string())?;
    for task in 0..TASKS {
        let id = contact(task).conversation();
        let conversation = store.load(&id).await.map_err(|error| error.to_string())?;
        let version = conversation.map_or(0, |conversation| conversation.version);
        let acked = acked.get(&task.to_string()).copied().unwrap_or(0);
        let entries = store.transcript(&id, 0, 1_000).await.map_err(|error| error.to_string())?.len();
        let effects = store.outbox(&id, 1_000).await.map_err(|error| error.to_string())?.len();
        let last = version.saturating_sub(1).to_string();
        let seen = store.seen(&id, &last, Timestamp::default()).await.map_err(|error| error.to_string())?;
        if version < acked {
            return Err(format!("task {task}: {acked} acknowledged, {version} found"));
        }
        let whole = entries as u64 == version && effects as u64 == version && seen.is_some() == (version > 0);
        if !whole {
            return Err(format!("task {task}: version {version}, {entries} entries, {effects} effects"));
        }
    }
    let found = store.get("table").await.map_err(|error| error.to_string())?;
    let number = found.as_ref().map_or(0, |table| u64::from_be_bytes(table[..8].try_into().unwrap()));
    let whole = found.is_none_or(|found| found == table(number));
    if whole && number >= acked.get("table").copied().unwrap_or(0) {
        Ok(())
    } else {
        Err(format!("the table is of {number}, whole: {whole}"))
    }
}

/// Cuts where files are made, renamed or removed, which is where each life begins, and at even distances.
fn cuts(journal: &[Record]) -> impl Fn(usize) -> bool {
    let step = (journal.len() / CUTS).max(1);
    move |number| {
        number < 20 || number.is_multiple_of(step) || matches!(journal[number].kind, b'C' | b'R' | b'U' | b'D')
    }
}

#[test]
fn what_was_acknowledged_survives_a_power_cut_at_any_point() {
    let journal = two_lives();
    let is_cut = cuts(journal);
    let mut disk = Disk::default();
    for (number, record) in journal.iter().enumerate() {
        disk.apply(record);
        if is_cut(number) {
            let rare = !matches!(record.kind, b'W' | b'S');
            for (turn, loss) in [Loss::All, Loss::Contents, Loss::Sectors].into_iter().enumerate() {
                if !rare && number % 3 != turn {
                    continue;
                }
                if let Err(wrong) = verdict(&disk, loss, number as u64) {
                    panic!("cut after record {number} of {}, {loss:?}: {wrong}", journal.len());
                }
            }
        }
    }
    assert_eq!(disk.acked["3"], 2 * TURNS, "both lives ran to their end");
}

#[test]
fn without_our_own_syncs_the_same_cuts_lose_what_was_acknowledged() {
    let journal = two_lives();
    let is_cut = cuts(journal);
    let mut disk = Disk::default();
    let lost = journal.iter().enumerate().any(|(number, record)| {
        if record.kind != b'S' {
            disk.apply(record);
        }
        is_cut(number) && !disk.acked.is_empty() && verdict(&disk, Loss::Contents, 0).is_err()
    });
    assert!(lost, "sled's own syncs would have been enough, or the journal shows too little");
}

#[test]
fn without_its_last_sync_an_acknowledged_turn_is_lost() {
    let journal = two_lives();
    // The first acknowledgement there is rests on the last sync before it.
    let ack = journal.iter().position(|record| record.kind == b'W' && record.name == "acks").unwrap();
    let sync = journal[..ack].iter().rposition(|record| record.kind == b'S').unwrap();
    let image = |without: Option<usize>| {
        let mut disk = Disk::default();
        for (number, record) in journal[..=ack].iter().enumerate() {
            if Some(number) != without {
                disk.apply(record);
            }
        }
        verdict(&disk, Loss::All, 0)
    };
    assert_eq!(image(None), Ok(()));
    assert!(image(Some(sync)).is_err());
}

#[test]
fn after_a_failed_sync_nothing_is_taken_and_nothing_acknowledged_is_lost() {
    for at in ["4", "40"] {
        let folder = tempfile::tempdir().unwrap();
        let library = shim("power_cut.c", folder.path());
        let status = run_child(folder.path(), &library, &[("CUT_FAIL_SYNC", at)]);
        assert_eq!(status.code(), Some(3), "the child was refused, and refused again");
        let mut disk = Disk::default();
        for record in read_journal(&folder.path().join("journal")) {
            disk.apply(&record);
        }
        assert!(!disk.acked.is_empty());
        assert_eq!(verdict(&disk, Loss::All, 0), Ok(()));
    }
}

#[test]
fn a_process_ended_at_a_sync_has_lost_nothing_it_acknowledged() {
    for (at, when) in [("1", "before"), ("2", "after"), ("17", "before"), ("50", "after")] {
        let folder = tempfile::tempdir().unwrap();
        let library = shim("crash_at.c", folder.path());
        let status = run_child(folder.path(), &library, &[("CRASH_AT_SYNC", at), ("CRASH_WHEN", when)]);
        assert_eq!(status.code(), Some(137));
        let mut disk = Disk::default();
        let acks = fs::read_to_string(folder.path().join("disk/acks")).unwrap_or_default();
        acks.lines().for_each(|line| disk.acknowledge(line.as_bytes()));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert_eq!(runtime.block_on(holds(&folder.path().join("disk"), &disk.acked)), Ok(()), "{at} {when}");
    }
}
