//! Large values, cut into pieces.
//!
//! sled moves a page of some 131,000 bytes out of its log into a file of its own, which it never syncs: such
//! a page would not survive a power cut. A page holds up to some twenty neighbours, so no value may be
//! larger than a few thousand bytes. This module only computes keys and bytes.

use std::collections::HashMap;

use ::sled::IVec;
use sha2::{Digest, Sha256};

use super::super::StoreError;
use super::super::codec::corrupt;
use super::super::key::Key;

/// Largest piece: twenty of them with their keys stay well below sled's limit.
const PIECE: usize = 4_096;

/// More pieces than the largest write can have: a head that asks for more is damaged.
const MOST: u32 = 1 << 14;

/// Begins the keys of pieces, behind all other keys.
const PIECES: u8 = b'~';

/// First byte of a value that stands in its place as it is.
const WHOLE: u8 = 0;

/// First byte of a value that stands for pieces; then their count and a digest of the whole, which is part
/// of the pieces' keys: a reader never mixes pieces of two values.
const CUT: u8 = 1;

/// What stands under the value's own key. Equal values have equal heads.
fn head(value: &[u8]) -> Vec<u8> {
    if value.len() <= PIECE {
        return [&[WHOLE], value].concat();
    }
    let count = u32::try_from(value.len().div_ceil(PIECE)).unwrap_or(u32::MAX);
    [&[CUT], &count.to_be_bytes()[..], &Sha256::digest(value)[..16]].concat()
}

/// Whether this head stands for this value.
pub(super) fn stands_for(found: &[u8], value: &[u8]) -> bool {
    match found.split_first() {
        Some((&WHOLE, whole)) => whole == value,
        _ => found == head(value),
    }
}

/// The pieces a value is cut into, with their keys; none for a small value.
fn pieces<'a>(key: &[u8], value: &'a [u8]) -> impl Iterator<Item = (Key, &'a [u8])> {
    keys(key, &head(value)).into_iter().zip(value.chunks(PIECE))
}

/// The keys of the pieces that a head stands for; none for a small value or a damaged head.
fn keys(key: &[u8], head: &[u8]) -> Vec<Key> {
    let Some((&CUT, rest)) = head.split_first() else { return Vec::new() };
    let Some((count, digest)) = rest.split_first_chunk() else { return Vec::new() };
    let count = u32::from_be_bytes(*count);
    if count > MOST {
        return Vec::new();
    }
    (0..count).map(|number| [&[PIECES], key, digest, &number.to_be_bytes()].concat()).collect()
}

/// The value that a head stands for; `None` when pieces are missing, because it has just been replaced or
/// because the store is damaged.
pub(super) fn join(
    key: &[u8],
    head: &[u8],
    piece: impl Fn(&[u8]) -> Result<Option<Vec<u8>>, StoreError>,
) -> Result<Option<Vec<u8>>, StoreError> {
    match head.split_first() {
        Some((&WHOLE, value)) => Ok(Some(value.to_vec())),
        Some((&CUT, _)) => {
            let keys = keys(key, head);
            if keys.is_empty() {
                return Err(corrupt(key));
            }
            let mut value = Vec::new();
            for key in keys {
                let Some(piece) = piece(&key)? else { return Ok(None) };
                value.extend_from_slice(&piece);
            }
            Ok(Some(value))
        }
        _ => Err(corrupt(key)),
    }
}

/// Changes to the tree that are decided but not applied yet.
pub(super) type Overlay = HashMap<Key, Option<IVec>>;

/// Enters a new value (`None` to delete) under `key`, where `old` is the head there now.
pub(super) fn enter(overlay: &mut Overlay, key: Key, old: Option<&[u8]>, value: Option<Vec<u8>>) {
    for stale in old.map(|head| keys(&key, head)).unwrap_or_default() {
        overlay.insert(stale, None);
    }
    let Some(value) = value else {
        overlay.insert(key, None);
        return;
    };
    for (key, piece) in pieces(&key, &value) {
        overlay.insert(key, Some(piece.into()));
    }
    overlay.insert(key, Some(head(&value).into()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_value_of_any_size_comes_back_and_its_predecessor_leaves_nothing(
            old in 0_usize..20_000, new in 0_usize..20_000, byte in any::<u8>(),
        ) {
            let mut tree = Overlay::new();
            enter(&mut tree, b"v1".to_vec(), None, Some(vec![byte; old]));
            let stored = tree[&b"v1"[..]].clone();
            enter(&mut tree, b"v1".to_vec(), stored.as_deref(), Some(vec![7; new]));
            prop_assert!(tree.values().flatten().all(|value| value.len() <= PIECE + 1));
            let head = tree[&b"v1"[..]].clone().unwrap();
            let joined = join(b"v1", &head, |key| Ok(tree.get(key).cloned().flatten().map(|piece| piece.to_vec()))).unwrap();
            prop_assert_eq!(joined, Some(vec![7; new]));
            enter(&mut tree, b"v1".to_vec(), Some(&head), None);
            prop_assert!(tree.values().all(Option::is_none));
        }

        #[test]
        fn no_head_makes_reading_panic(head in prop::collection::vec(any::<u8>(), 0..30)) {
            if let Ok(Some(value)) = join(b"v1", &head, |_| Ok(None)) {
                prop_assert_eq!(value, &head[1..]);
            }
        }
    }
}
