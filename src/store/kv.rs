//! The business acts of a store, written once over an ordered map of bytes.
//!
//! Each act reads, plans one write with the conditions its reading rests on, and plans anew when somebody
//! was faster. Must never know which map it is: [`super::memory`] and [`super::sled`] are two. The acts
//! themselves are in `conversations`, `tickets`, `targets`, `revisions` and `keepsakes`.
//!
//! A read may run ahead of the disk by one sync. That is harmless for what is only planned with, for the
//! plan's write is behind it in line; an answer that lets the caller acknowledge something goes through
//! a write as well, if an empty one.

mod conversations;
mod keepsakes;
mod revisions;
mod targets;
mod tickets;

use std::future::Future;
use std::ops::Range;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use super::codec;
use super::key::Key;

/// An ordered map of bytes with one kind of atomic write.
pub trait Kv: Send + Sync + 'static {
    /// The value under `key`.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// At most `limit` keys of the range and their values, in order.
    fn scan(&self, range: Range<Key>, limit: usize) -> Result<Vec<(Key, Vec<u8>)>, StoreError>;

    /// Does all of it or nothing. `Ok` is given when this write, and every write before it, will survive
    /// a power cut.
    fn write(&self, write: Write) -> impl Future<Output = Result<Written, StoreError>> + Send;
}

/// One atomic write.
#[derive(Debug, Default)]
pub struct Write {
    /// What must hold, else nothing is done: the value under a key, `None` for no value.
    pub(super) checks: Vec<(Key, Option<Vec<u8>>)>,
    /// What to change, in order.
    pub(super) ops: Vec<Op>,
}

/// One change of a [`Write`].
#[derive(Debug)]
pub(super) enum Op {
    /// A value under a key that has none: a map need not look for what it replaces.
    Add(Key, Vec<u8>),
    /// A value in the place of whatever is there.
    Put(Key, Vec<u8>),
    /// No value any more.
    Delete(Key),
}

impl Write {
    pub(super) fn check(&mut self, key: Key, value: Option<Vec<u8>>) {
        self.checks.push((key, value));
    }

    pub(super) fn add<T: Serialize>(&mut self, key: Key, value: &T) {
        let record = codec::encode(&key, value);
        self.ops.push(Op::Add(key, record));
    }

    pub(super) fn put<T: Serialize>(&mut self, key: Key, value: &T) {
        let record = codec::encode(&key, value);
        self.ops.push(Op::Put(key, record));
    }

    pub(super) fn put_bytes(&mut self, key: Key, contents: &[u8]) {
        let record = codec::seal(&key, contents);
        self.ops.push(Op::Put(key, record));
    }

    /// Adds what another write checks and does.
    pub(super) fn join(&mut self, other: Self) {
        self.checks.extend(other.checks);
        self.ops.extend(other.ops);
    }

    pub(super) fn delete(&mut self, key: Key) {
        self.ops.push(Op::Delete(key));
    }

    fn size(&self) -> usize {
        let size = |op: &Op| match op {
            Op::Add(key, value) | Op::Put(key, value) => key.len() + value.len(),
            Op::Delete(key) => key.len(),
        };
        self.ops.iter().map(size).sum()
    }
}

/// What became of a [`Write`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Done.
    Done,
    /// A check did not hold; nothing was done.
    Refused,
}

/// Rows read at once where all rows of a range are wanted, and the most that one call hands out.
const PAGE: usize = 1_000;

/// Largest write, in bytes: some hundred times what the largest turn leaves behind.
const LARGEST: usize = 32 << 20;

/// How often a plan is made anew. Each failure is somebody else's success, so this is never reached but
/// by a fault; it keeps such a fault from spinning.
const PLANS: usize = 1_000;

/// A [`super::Store`] over an ordered map.
pub struct KvStore<K> {
    kv: K,
}

impl<K: Kv> KvStore<K> {
    pub(super) fn over(kv: K) -> Self {
        Self { kv }
    }

    /// Plans and writes until nobody was in between.
    async fn act<T>(&self, plan: impl Fn() -> Result<(Write, T), StoreError> + Send + Sync) -> Result<T, StoreError>
    where
        T: Send,
    {
        for _ in 0..PLANS {
            let (write, answer) = plan()?;
            if self.write(write).await? == Written::Done {
                return Ok(answer);
            }
        }
        Err(StoreError::Conflict)
    }

    async fn write(&self, write: Write) -> Result<Written, StoreError> {
        let size = write.size();
        if size > LARGEST {
            return Err(StoreError::Unavailable(format!("{size} bytes are too many for one write")));
        }
        self.kv.write(write).await
    }

    /// Waits until everything read so far is safe.
    async fn settled(&self) -> Result<(), StoreError> {
        self.write(Write::default()).await.map(|_| ())
    }

    fn read<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, StoreError> {
        self.kv.get(key)?.map(|record| codec::decode(key, &record)).transpose()
    }

    /// Every key of the range with its record, page by page, so that a long range is not one long hold.
    fn each(
        &self,
        mut range: Range<Key>,
        mut take: impl FnMut(Key, Vec<u8>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        loop {
            let rows = self.kv.scan(range.clone(), PAGE)?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            range.start = [last, &[0][..]].concat(); // the first key after `last`
            for (key, record) in rows {
                take(key, record)?;
            }
        }
    }
}
