//! A store in a folder of one machine, on the sled database.
//!
//! One thread writes. It takes what waits (up to 64 writes), decides each in turn, applies all in one batch,
//! flushes, syncs the file itself and only then acknowledges: sled's own flush ends in `sync_file_range`,
//! which promises nothing after a power cut, and one sync a message would be too slow. When a sync fails
//! nobody knows what the disk holds, so nothing more is taken until the folder is opened again.
//! Must never know what a record means; `kv` does.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ::sled::{Batch, Db, Error, IVec, Mode};
use tokio::sync::{mpsc, oneshot};

use super::StoreError;
use super::codec::corrupt;
use super::key::Key;
use super::kv::{Kv, KvStore, Op, Write, Written};

mod folder;
mod piece;

use piece::Overlay;

/// A store in a folder.
pub type SledStore = KvStore<SledKv>;

/// The key of the folder's format, and the format this program writes.
const FORMAT_KEY: &[u8] = b"!format";
const FORMAT: u32 = 2;

/// Most writes in one batch: more make the wait longer and the batch hardly cheaper.
const BATCH: usize = 64;

/// Most writes that wait in line; who comes then waits to be let in.
const LINE: usize = 1_024;

/// What sled may keep in memory of its pages, in bytes.
const CACHE: u64 = 64 << 20;

/// How often a large value is read again when it was replaced in the middle of reading.
const READS: usize = 100;

/// How often sled's own lock is tried, and the pause between: its threads may hold the file for a moment
/// after the store was closed in this same process. Against other processes there is our lock.
const TRIES: usize = 100;
const PAUSE: Duration = Duration::from_millis(20);

/// What is said of a folder whose records cannot be had any more.
const RUINED: &str = "held a thoai store, but its database is damaged or gone: restore the folder from a backup";

/// The tree under a [`SledStore`], and the way to its writer.
pub struct SledKv {
    tree: Db,
    line: Option<mpsc::Sender<Request>>,
    writer: Option<JoinHandle<()>>,
    /// Given up last, when sled has closed its files.
    _lock: File,
}

impl SledStore {
    /// Opens the store in this folder, which is made if it is missing.
    ///
    /// # Errors
    /// `Unavailable` when another process has it open, when its format is not ours, or when the disk refuses.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let unusable = |error: io::Error| unavailable(format!("{}: {error}", folder.display()));
        let lock = folder::take(folder).map_err(unusable)?.ok_or_else(|| in_use(folder))?;
        folder::mend(folder).map_err(unusable)?;
        let tree = open_tree(folder).map_err(|error| refusal(folder, &error))?;
        folder::sync_names(folder).map_err(unusable)?;
        let file = File::open(folder.join("db")).map_err(unusable)?;
        let (line, requests) = mpsc::channel(LINE);
        let writer = Writer { tree: tree.clone(), file, requests };
        writer.check_format(folder)?;
        folder::mark(folder).map_err(unusable)?;
        let writer = thread::Builder::new().name("store writer".into()).spawn(|| writer.run()).map_err(unusable)?;
        Ok(Self::over(SledKv { tree, line: Some(line), writer: Some(writer), _lock: lock }))
    }
}

impl Kv for SledKv {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let mut head = get(&self.tree, key)?;
        for _ in 0..READS {
            let Some(found) = head else { return Ok(None) };
            let value = piece::join(key, &found, |piece| Ok(get(&self.tree, piece)?.map(|piece| piece.to_vec())))?;
            if value.is_some() {
                return Ok(value);
            }
            head = get(&self.tree, key)?;
            if head.as_ref() == Some(&found) {
                return Err(corrupt(key)); // not replaced: the pieces are lost
            }
        }
        Err(unavailable("a value changes faster than it can be read"))
    }

    fn scan(&self, range: Range<Key>, limit: usize) -> Result<Vec<(Key, Vec<u8>)>, StoreError> {
        let mut rows = Vec::new();
        for row in self.tree.range(range).take(limit) {
            let (key, _) = row.map_err(|error| failed(&error, None))?;
            if let Some(value) = self.get(&key)? {
                rows.push((key.to_vec(), value));
            }
        }
        Ok(rows)
    }

    async fn write(&self, write: Write) -> Result<Written, StoreError> {
        let (done, answer) = oneshot::channel();
        let line = self.line.as_ref().expect("the line is closed on drop only");
        line.send(Request { write, done }).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Drop for SledKv {
    /// Waits for the writer: the folder can be opened again at once.
    fn drop(&mut self) {
        drop(self.line.take());
        if let Some(writer) = self.writer.take() {
            let _ = writer.join(); // a panic there was reported there
        }
    }
}

/// A write in line, and whom to tell.
struct Request {
    write: Write,
    done: oneshot::Sender<Result<Written, StoreError>>,
}

/// The one thread that writes.
struct Writer {
    tree: Db,
    /// Our own handle of sled's file: syncing it is what makes a write durable.
    file: File,
    requests: mpsc::Receiver<Request>,
}

impl Writer {
    fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        while self.requests.blocking_recv_many(&mut batch, BATCH) > 0 {
            if let Err(reason) = self.commit(&mut batch) {
                tracing::error!(reason, "the store takes no more writes until it is opened again");
                return refuse(self.requests);
            }
        }
    }

    /// Decides, applies, syncs, acknowledges. Refusals are told last too: they may rest on a neighbour in
    /// the batch.
    fn commit(&self, batch: &mut Vec<Request>) -> Result<(), String> {
        let mut overlay = Overlay::new();
        let mut outcomes = Vec::with_capacity(batch.len());
        for request in batch.iter_mut() {
            outcomes.push(self.decide(&mut overlay, std::mem::take(&mut request.write)));
        }
        let synced = self.apply(overlay).map_err(|error| error.to_string());
        for (request, outcome) in batch.drain(..).zip(outcomes) {
            let answer = if synced.is_ok() { outcome } else { Err(stopped()) };
            let _ = request.done.send(answer); // whoever asked may have gone
        }
        synced
    }

    fn decide(&self, overlay: &mut Overlay, write: Write) -> Result<Written, StoreError> {
        for (key, value) in &write.checks {
            let holds = match (self.head(overlay, key)?, value) {
                (Some(head), Some(value)) => piece::stands_for(&head, value),
                (None, None) => true,
                _ => false,
            };
            if !holds {
                return Ok(Written::Refused);
            }
        }
        // All is read before anything is entered, so that a reading error leaves nothing half entered.
        let old = |op: &Op| match op {
            Op::Add(..) => Ok(None),
            Op::Put(key, _) | Op::Delete(key) => self.head(overlay, key),
        };
        let old = write.ops.iter().map(old).collect::<Result<Vec<_>, _>>()?;
        for (op, old) in write.ops.into_iter().zip(old) {
            match op {
                Op::Add(key, value) | Op::Put(key, value) => piece::enter(overlay, key, old.as_deref(), Some(value)),
                Op::Delete(key) => piece::enter(overlay, key, old.as_deref(), None),
            }
        }
        Ok(Written::Done)
    }

    /// What stands under a key once the batch so far is applied.
    fn head(&self, overlay: &Overlay, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        overlay.get(key).map_or_else(|| get(&self.tree, key), |head| Ok(head.clone()))
    }

    fn apply(&self, overlay: Overlay) -> Result<(), Error> {
        if overlay.is_empty() {
            return Ok(()); // everything before is synced already
        }
        let mut batch = Batch::default();
        for (key, value) in overlay {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        self.tree.apply_batch(batch)?;
        self.tree.flush()?;
        Ok(self.file.sync_data()?)
    }

    /// Refuses a folder written by another program or another version, and one whose database is gone: sled
    /// takes a file it cannot read for an empty one. Marks an empty one as ours.
    fn check_format(&self, folder: &Path) -> Result<(), StoreError> {
        let is_marked = folder::is_marked(folder);
        let folder = folder.display();
        let Some(stored) = get(&self.tree, FORMAT_KEY)? else {
            if !self.tree.is_empty() {
                return Err(unavailable(format!("{folder} holds a database that is not a thoai store")));
            }
            if is_marked {
                return Err(unavailable(format!("{folder} {RUINED}")));
            }
            let overlay = Overlay::from([(FORMAT_KEY.to_vec(), Some(FORMAT.to_string().as_bytes().into()))]);
            return self.apply(overlay).map_err(|error| failed(&error, None));
        };
        match std::str::from_utf8(&stored).ok().and_then(|text| text.parse::<u32>().ok()) {
            Some(FORMAT) => Ok(()),
            Some(newer) if newer > FORMAT => Err(unavailable(format!(
                "{folder} was written by a newer version of thoai (format {newer}, this one knows {FORMAT})"
            ))),
            _ => Err(unavailable(format!("{folder} has a format this version of thoai does not know"))),
        }
    }
}

/// Takes no more. Whoever is in line, or was let in just now, is told `stopped`: a line that is only dropped leaves
/// behind what is put into it at that moment, and its sender waits for ever.
fn refuse(mut requests: mpsc::Receiver<Request>) {
    requests.close();
    while let Some(request) = requests.blocking_recv() {
        let _ = request.done.send(Err(stopped())); // whoever asked may have gone
    }
}

fn open_tree(folder: &Path) -> Result<Db, Error> {
    let config = ::sled::Config::new().path(folder).cache_capacity(CACHE).mode(Mode::HighThroughput);
    // sled has no kind of error for a lock that is taken, only these words.
    let is_locked = |error: &Error| matches!(error, Error::Io(io) if io.to_string().contains("could not acquire lock"));
    for _ in 1..TRIES {
        match config.open() {
            Err(error) if is_locked(&error) => thread::sleep(PAUSE),
            other => return other,
        }
    }
    config.open()
}

fn get(tree: &Db, key: &[u8]) -> Result<Option<IVec>, StoreError> {
    tree.get(key).map_err(|error| failed(&error, Some(key)))
}

fn in_use(folder: &Path) -> StoreError {
    unavailable(format!("the folder is in use by another thoai process: {}", folder.display()))
}

fn refusal(folder: &Path, error: &Error) -> StoreError {
    match error {
        Error::Corruption { .. } => unavailable(format!("{} {RUINED}", folder.display())),
        error => unavailable(format!("{}: {error}", folder.display())),
    }
}

fn failed(error: &Error, key: Option<&[u8]>) -> StoreError {
    match (error, key) {
        (Error::Corruption { .. }, Some(key)) => corrupt(key),
        _ => unavailable(error.to_string()),
    }
}

fn stopped() -> StoreError {
    unavailable("a write failed, and nothing is taken until the store is opened again")
}

fn unavailable(reason: impl Into<String>) -> StoreError {
    StoreError::Unavailable(reason.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_was_let_in_while_the_line_closed_is_refused_like_the_others() {
        let (line, requests) = mpsc::channel(4);
        let let_in = line.reserve().await.unwrap();
        let refusing = thread::spawn(|| refuse(requests));
        line.closed().await;
        let (done, answer) = oneshot::channel();
        let_in.send(Request { write: Write::default(), done });
        let answer = tokio::time::timeout(Duration::from_secs(10), answer).await.expect("nobody waits for ever");
        assert!(matches!(answer, Ok(Err(StoreError::Unavailable(_)))));
        refusing.join().unwrap();
    }
}
