//! Revisions of the flows. The texts are kept by what they say, so that a revision is a short list; they are
//! written first, for all of them may be more than one write holds, and what a crash leaves of them is
//! found again when the revision is published once more.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::super::{By, InForce, NewRevision, Published, Revision, Revisions, StoreError, codec, key};
use super::conversations::read_conversation;
use super::{Kv, KvStore, PAGE, Write};
use crate::domain::conversation::Conversation;
use crate::domain::id::ConversationId;

/// How much text goes into one write, in bytes, beside one file that is larger.
const TEXT: usize = 4 << 20;

/// A revision as it is stored.
#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(flatten)]
    published: Published,
    /// Path and the digest of the text, by path.
    files: Vec<(String, String)>,
}

/// What is in force, as it is stored.
#[derive(Clone, Serialize, Deserialize)]
struct Pointer {
    number: u32,
    by: By,
    hash: String,
    /// The last number that was given to a revision.
    last: u32,
}

#[async_trait]
impl<K: Kv> Revisions for KvStore<K> {
    async fn publish(&self, revision: &NewRevision) -> Result<u32, StoreError> {
        let files = self.keep_texts(&revision.files).await?;
        let NewRevision { hash, by, at, note, .. } = revision;
        self.act(|| {
            let (mut write, before) = self.checked_pointer()?;
            let mut pointer = match before {
                Some(pointer) if pointer.hash == *hash && (pointer.by == *by || *by == By::Folder) => {
                    return Ok((write, pointer.number));
                }
                Some(pointer) => pointer,
                None => Pointer { number: 0, by: *by, hash: String::new(), last: 0 },
            };
            pointer.by = *by;
            if pointer.hash != *hash {
                pointer.last = pointer.last.checked_add(1).ok_or(StoreError::Conflict)?;
                (pointer.number, pointer.hash) = (pointer.last, hash.clone());
                let (number, hash, note) = (pointer.number, hash.clone(), note.clone());
                let published = Published { number, hash, by: *by, at: *at, note };
                write.add(key::revision(number), &Row { published, files: files.clone() });
            }
            write.put(key::in_force(), &pointer);
            Ok((write, pointer.number))
        })
        .await
    }

    async fn in_force(&self) -> Result<Option<InForce>, StoreError> {
        let pointer: Option<Pointer> = self.read(&key::in_force())?;
        Ok(pointer.map(|Pointer { number, by, hash, .. }| InForce { number, hash, by }))
    }

    async fn put_in_force(&self, number: u32) -> Result<bool, StoreError> {
        self.act(|| {
            let (mut write, before) = self.checked_pointer()?;
            let (Some(pointer), Some(row)) = (before, self.row(number)?) else { return Ok((write, false)) };
            let hash = row.published.hash;
            write.put(key::in_force(), &Pointer { number, by: By::Command, hash, ..pointer });
            Ok((write, true))
        })
        .await
    }

    async fn revision(&self, number: u32) -> Result<Option<Revision>, StoreError> {
        let Some(Row { published, files }) = self.row(number)? else { return Ok(None) };
        let read = |(path, digest): (String, String)| {
            let key = key::flow_file_named(&digest);
            let record = self.kv.get(&key)?.ok_or_else(|| codec::corrupt(&key))?;
            let text = codec::open(&key, &record)?.to_vec();
            Ok((path, String::from_utf8(text).map_err(|_| codec::corrupt(&key))?))
        };
        let files = files.into_iter().map(read).collect::<Result<_, StoreError>>()?;
        Ok(Some(Revision { published, files }))
    }

    async fn revisions(&self, limit: usize) -> Result<Vec<Published>, StoreError> {
        let pointer: Option<Pointer> = self.read(&key::in_force())?;
        let last = pointer.map_or(0, |pointer| pointer.last);
        let mut found = Vec::new();
        for number in (1..=last).rev().take(limit.min(PAGE)) {
            found.extend(self.row(number)?.map(|row| row.published));
        }
        Ok(found)
    }

    async fn sessions(&self, after: Option<&ConversationId>, limit: usize) -> Result<Vec<Conversation>, StoreError> {
        let mut found = Vec::new();
        let mut range = key::conversations_after(after);
        // One look a conversation, over its entries.
        while found.len() < limit.min(PAGE)
            && let Some((row, record)) = self.kv.scan(range.clone(), 1)?.into_iter().next()
        {
            let (id, next) = key::waiting_for(&row).ok_or_else(|| codec::corrupt(&row))?;
            range.start = next;
            if row == key::conversation(&id) {
                found.extend(read_conversation(&row, &record)?.filter(|conversation| conversation.session.is_some()));
            }
        }
        Ok(found)
    }
}

impl<K: Kv> KvStore<K> {
    /// What is in force; the write will be refused when that is no longer so.
    fn checked_pointer(&self) -> Result<(Write, Option<Pointer>), StoreError> {
        let (mut write, key) = (Write::default(), key::in_force());
        let record = self.kv.get(&key)?;
        let pointer = record.as_ref().map(|record| codec::decode(&key, record)).transpose()?;
        write.check(key, record);
        Ok((write, pointer))
    }

    fn row(&self, number: u32) -> Result<Option<Row>, StoreError> {
        if number == 0 { Ok(None) } else { self.read(&key::revision(number)) }
    }

    /// Stores the texts that are not there yet. Returns path and digest of each file, by path.
    async fn keep_texts(&self, files: &[(String, String)]) -> Result<Vec<(String, String)>, StoreError> {
        let mut kept = Vec::with_capacity(files.len());
        let mut write = Write::default();
        for (path, text) in files {
            let (key, digest) = key::flow_file(text);
            kept.push((path.clone(), digest));
            if self.kv.get(&key)?.is_none() {
                write.put_bytes(key, text.as_bytes());
            }
            if write.size() > TEXT {
                self.write(std::mem::take(&mut write)).await?;
            }
        }
        self.write(write).await?;
        kept.sort();
        Ok(kept)
    }
}
