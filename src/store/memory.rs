//! A store that forgets: for tests, for trying a flow at the terminal.
//!
//! Everything is in one map under one lock; nothing is written anywhere. See `kv` for the acts.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::StoreError;
use super::key::Key;
use super::kv::{Kv, KvStore, Op, Write, Written};

/// A store in memory.
pub type MemoryStore = KvStore<MemoryKv>;

/// The map under a [`MemoryStore`].
#[derive(Default)]
pub struct MemoryKv {
    map: Mutex<BTreeMap<Key, Vec<u8>>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::over(MemoryKv::default())
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryKv {
    fn map(&self) -> MutexGuard<'_, BTreeMap<Key, Vec<u8>>> {
        // Nothing below can stop half way through a write, so the map is whole even after a panic.
        self.map.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kv for MemoryKv {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.map().get(key).cloned())
    }

    fn scan(&self, range: Range<Key>, limit: usize) -> Result<Vec<(Key, Vec<u8>)>, StoreError> {
        if range.is_empty() {
            return Ok(Vec::new()); // the map would panic
        }
        let map = self.map();
        Ok(map.range(range).take(limit).map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    async fn write(&self, write: Write) -> Result<Written, StoreError> {
        let mut map = self.map();
        if write.checks.iter().any(|(key, value)| map.get(key) != value.as_ref()) {
            return Ok(Written::Refused);
        }
        for op in write.ops {
            match op {
                Op::Add(key, value) | Op::Put(key, value) => map.insert(key, value),
                Op::Delete(key) => map.remove(&key),
            };
        }
        Ok(Written::Done)
    }
}
