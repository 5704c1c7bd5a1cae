//! Keys that are one slip of the hand away: a letter too many, one missing, another one, two that changed places.
//!
//! Two rows of letters that differ by a slip are the same once a letter is left out of each, or of one. So the
//! index holds every key without each of its letters, as a number; a text is asked for without each of its. The
//! numbers are made so that leaving a letter out costs a multiplication, not a copy.

use super::trie::KeyIx;

/// Shorter keys must be typed exactly.
pub(super) const SHORTEST: usize = 3;
/// Keys from here on are told from others by enough letters to be meant wherever they stand.
pub(super) const SHORTEST_ALONE: usize = 5;
/// Keys from here on may hold two slips.
const SHORTEST_WITH_TWO: usize = 9;
/// Longest row looked up.
pub(super) const LONGEST: usize = 31;

/// Base of the numbers: any odd number far from a power of two.
const BASE: u64 = 0x0100_0000_01b3;

/// Powers of the base.
const POWERS: [u64; LONGEST + 2] = {
    let mut powers = [1; LONGEST + 2];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = BASE.wrapping_mul(powers[at - 1]);
        at += 1;
    }
    powers
};

/// Letters with the numbers of all their beginnings, from which the number of any stretch follows.
pub(super) struct Numbered<'a> {
    letters: &'a [u8],
    /// Of the first so many letters.
    beginnings: Vec<u64>,
}

impl<'a> Numbered<'a> {
    pub(super) fn new(letters: &'a [u8]) -> Self {
        let mut beginnings = Vec::with_capacity(letters.len() + 1);
        beginnings.push(0_u64);
        for letter in letters {
            let last = beginnings[beginnings.len() - 1];
            beginnings.push(last.wrapping_mul(BASE).wrapping_add(u64::from(*letter)));
        }
        Self { letters, beginnings }
    }

    /// The number of the letters between two places, at most [`LONGEST`] apart.
    fn number(&self, from: usize, end: usize) -> u64 {
        self.beginnings[end].wrapping_sub(self.beginnings[from].wrapping_mul(POWERS[end - from]))
    }

    /// The numbers of the letters between two places, whole and without each one.
    fn shortened(&self, from: usize, end: usize) -> impl Iterator<Item = u64> {
        let without = move |at: usize| {
            let before = self.number(from, at).wrapping_mul(POWERS[end - at - 1]);
            mixed(before.wrapping_add(self.number(at + 1, end)))
        };
        // Of letters that repeat, it does not matter which is left out.
        let repeats = move |at: &usize| *at == from || self.letters[*at] != self.letters[*at - 1];
        std::iter::once(mixed(self.number(from, end))).chain((from..end).filter(repeats).map(without))
    }
}

/// Spreads a number over all its bits.
fn mixed(number: u64) -> u64 {
    let number = (number ^ number >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    number ^ number >> 29
}

/// Bits of the filter, as a power of two.
const FILTER: u32 = 20;
/// Buckets of the table, as a power of two.
const BUCKETS: u32 = 16;

/// The index.
#[derive(Clone, Debug)]
pub(super) struct Slips {
    /// A bit for each number in the table; most questions end here.
    filter: Vec<u64>,
    /// Where each bucket begins.
    buckets: Vec<u32>,
    /// Numbers and keys, by bucket.
    table: Vec<(u64, KeyIx)>,
}

fn bucket(number: u64) -> usize {
    (number >> (64 - BUCKETS)) as usize
}

fn bit(number: u64) -> (usize, u64) {
    let at = (number >> (64 - FILTER)) as usize;
    (at / 64, 1 << (at % 64))
}

impl Slips {
    /// Of keys with their numbers; short ones, long ones and plain numbers have no slips.
    pub(super) fn new<'k>(keys: impl Iterator<Item = (KeyIx, &'k [u8])>) -> Self {
        let mut table = Vec::new();
        let may_slip =
            |(_, key): &(KeyIx, &[u8])| (SHORTEST..=LONGEST).contains(&key.len()) && !key[0].is_ascii_digit();
        for (ix, key) in keys.filter(may_slip) {
            table.extend(Numbered::new(key).shortened(0, key.len()).map(|number| (number, ix)));
        }
        table.sort_unstable();
        table.dedup();
        let mut filter = vec![0; 1 << FILTER >> 6];
        for (number, _) in &table {
            let (word, bit) = bit(*number);
            filter[word] |= bit;
        }
        let starts = (0..=1 << BUCKETS).map(|at| table.partition_point(|(number, _)| bucket(*number) < at));
        let buckets = starts.map(|start| u32::try_from(start).expect("some hundred thousand entries")).collect();
        Self { filter, buckets, table }
    }

    /// Gives every key that may be a slip away from the letters between two places, some twice, some that are
    /// not: the caller compares.
    pub(super) fn near(&self, typed: &Numbered<'_>, from: usize, end: usize, mut found: impl FnMut(KeyIx)) {
        for number in typed.shortened(from, end) {
            let (word, bit) = bit(number);
            if self.filter[word] & bit == 0 {
                continue;
            }
            let bucket = bucket(number);
            let entries = &self.table[self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize];
            entries.iter().filter(|(known, _)| *known == number).for_each(|(_, key)| found(*key));
        }
    }
}

/// How many slips lie between what was typed and a key: 1, or 2 where both are long; `None` when more, or none.
pub(super) fn between(typed: &[u8], key: &[u8]) -> Option<u8> {
    let front = typed.iter().zip(key).take_while(|(typed, key)| typed == key).count();
    let (typed_rest, key_rest) = (&typed[front..], &key[front..]);
    let back = typed_rest.iter().rev().zip(key_rest.iter().rev()).take_while(|(typed, key)| typed == key).count();
    match (&typed_rest[..typed_rest.len() - back], &key_rest[..key_rest.len() - back]) {
        ([], []) => None,
        ([] | [_], [_]) | ([_], []) => Some(1),
        ([a, b], [c, d]) if (a, b) == (d, c) => Some(1),
        (typed_rest, key_rest) => {
            let text = |letters| std::str::from_utf8(letters).unwrap_or_default();
            let long = typed.len().min(key.len()) >= SHORTEST_WITH_TWO;
            (long && strsim::osa_distance(text(typed_rest), text(key_rest)) == 2).then_some(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_one_slip_away_is_found(
            keys in prop::collection::btree_set("[a-c]{5,8}", 1..40),
            before in "[ab]{0,3}",
            typed in "[a-c]{4,9}",
        ) {
            let all: Vec<&[u8]> = keys.iter().map(|key| key.as_bytes()).collect();
            let slips = Slips::new((0..).zip(all.iter().copied()));
            let text = format!("{before}{typed}");
            let mut found = BTreeSet::new();
            slips.near(&Numbered::new(text.as_bytes()), before.len(), text.len(), |key| { found.insert(key); });
            for (ix, key) in (0..).zip(&keys) {
                let distance = strsim::osa_distance(&typed, key);
                prop_assert!(distance != 1 || found.contains(&ix), "{} {}", typed, key);
                prop_assert_eq!(between(typed.as_bytes(), key.as_bytes()) == Some(1), distance == 1, "{} {}", typed, key);
            }
        }
    }

    #[test]
    fn long_names_may_hold_two_slips() {
        assert_eq!(between(b"hochimin", b"hochiminh"), Some(1));
        assert_eq!(between(b"hochoninh", b"hochiminh"), Some(2));
        assert_eq!(between(b"tanan", b"tamam"), None);
        assert_eq!(between(b"tanan", b"tanan"), None);
    }
}
