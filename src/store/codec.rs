//! How a record is written: a format byte, a checksum over key and contents, then the contents (JSON for
//! everything that has a type).
//!
//! The key is part of the checksum, so a record that lies under another's key is damaged too. Must never
//! know what the records mean; `kv` does.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;

/// The form described above; 2 since a conversation's counters tell when its session is due. Once there is a
/// release, a reader of a later form must go on reading this one.
const FORMAT: u8 = 2;

/// The format byte and the checksum.
const HEADER: usize = 5;

/// A record of these contents, to be stored under `key`.
pub(super) fn seal(key: &[u8], contents: &[u8]) -> Vec<u8> {
    let mut record = Vec::with_capacity(HEADER + contents.len());
    record.extend_from_slice(&[0; HEADER]);
    record.extend_from_slice(contents);
    stamp(key, record)
}

/// The contents of a record found under `key`.
pub(super) fn open<'a>(key: &[u8], record: &'a [u8]) -> Result<&'a [u8], StoreError> {
    let (header, contents) = record.split_at_checked(HEADER).ok_or_else(|| corrupt(key))?;
    if header[0] == FORMAT && header[1..] == checksum(key, contents) { Ok(contents) } else { Err(corrupt(key)) }
}

/// A record of this value, to be stored under `key`.
pub(super) fn encode<T: Serialize>(key: &[u8], value: &T) -> Vec<u8> {
    let mut record = vec![0; HEADER];
    serde_json::to_writer(&mut record, value).expect("the stored types have string keys and memory does not fail");
    stamp(key, record)
}

/// The value of a record found under `key`.
pub(super) fn decode<T: DeserializeOwned>(key: &[u8], record: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(open(key, record)?).map_err(|_| corrupt(key))
}

/// What is reported of a record that does not hold what was written.
pub(super) fn corrupt(key: &[u8]) -> StoreError {
    StoreError::Corrupt { key: key.escape_ascii().to_string() }
}

/// Fills in the header of a record whose contents are in place.
fn stamp(key: &[u8], mut record: Vec<u8>) -> Vec<u8> {
    let checksum = checksum(key, &record[HEADER..]);
    record[0] = FORMAT;
    record[1..HEADER].copy_from_slice(&checksum);
    record
}

fn checksum(key: &[u8], contents: &[u8]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(&[FORMAT]);
    hasher.update(contents);
    hasher.finalize().to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn contents_come_back_and_any_flipped_bit_is_noticed(
            key in prop::collection::vec(any::<u8>(), 0..40),
            contents in prop::collection::vec(any::<u8>(), 0..200),
            bit in any::<prop::sample::Index>(),
        ) {
            let mut record = seal(&key, &contents);
            prop_assert_eq!(open(&key, &record).unwrap(), &contents[..]);
            let bit = bit.index(record.len() * 8);
            record[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(open(&key, &record).is_err());
        }

        #[test]
        fn no_bytes_make_reading_panic(key in prop::collection::vec(any::<u8>(), 0..9), record in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert!(decode::<String>(&key, &record).is_err());
        }
    }

    #[test]
    fn a_record_under_another_key_is_damaged() {
        let record = encode(b"ta", &"x");
        assert_eq!(decode::<String>(b"ta", &record).unwrap(), "x");
        assert!(matches!(decode::<String>(b"tb", &record), Err(StoreError::Corrupt { key }) if key == "tb"));
    }
}
