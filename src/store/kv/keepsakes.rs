//! Links and the vault: small records that are read, compared and replaced.

use async_trait::async_trait;

use super::super::{Link, Links, StoreError, Vault, codec, key};
use super::{Kv, KvStore, Write, Written};
use crate::domain::id::ConversationId;

#[async_trait]
impl<K: Kv> Links for KvStore<K> {
    async fn claim(&self, link: &str, by: &ConversationId) -> Result<Option<Link>, StoreError> {
        let key = key::link(link);
        self.act(|| {
            let mut write = Write::default();
            let Some(record) = self.kv.get(&key)? else { return Ok((write, None)) };
            let mut link: Link = codec::decode(&key, &record)?;
            match &link.claimed_by {
                Some(holder) if holder == by => return Ok((write, Some(link))),
                Some(_) => return Ok((write, None)),
                None => link.claimed_by = Some(by.clone()),
            }
            write.check(key.clone(), Some(record));
            write.put(key.clone(), &link);
            Ok((write, Some(link)))
        })
        .await
    }

    async fn link(&self, link: &str) -> Result<Option<Link>, StoreError> {
        self.read(&key::link(link))
    }
}

#[async_trait]
impl<K: Kv> Vault for KvStore<K> {
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let key = key::vault(name);
        let record = self.kv.get(&key)?;
        record.map(|record| codec::open(&key, &record).map(<[u8]>::to_vec)).transpose()
    }

    async fn replace(&self, name: &str, expected: Option<&[u8]>, value: &[u8]) -> Result<(), StoreError> {
        let key = key::vault(name);
        let mut write = Write::default();
        write.check(key.clone(), expected.map(|expected| codec::seal(&key, expected)));
        write.put_bytes(key, value);
        match self.write(write).await? {
            Written::Done => Ok(()),
            Written::Refused => Err(StoreError::Conflict),
        }
    }
}
