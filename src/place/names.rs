//! Names of units as keys, found exactly or with slips.
//!
//! A key is the unaccented name without spaces, so that `Ba Vì`, `bavi` and `BA-VI` are one. Knows no
//! geography; a key may stand for dozens of units.

use super::gazetteer::UnitIx;
use crate::text::plain;

/// A name of a unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    pub(super) unit: UnitIx,
    /// Not the unit's present name.
    pub(super) alias: bool,
    /// So short that it only counts where a province is expected.
    pub(super) short: bool,
    /// First letters only: as good as a slip.
    pub(super) initials: bool,
    /// As written officially; empty where only the key is known.
    pub(super) text: &'static str,
}

/// Names shorter than this must be typed exactly.
const SHORTEST_WITH_A_SLIP: usize = 5;
/// Names from here on may hold two.
const SHORTEST_WITH_TWO: usize = 9;

/// Sorted keys with their names, and an index of the keys with one letter left out.
pub(super) struct Names {
    keys: Vec<(String, Vec<Name>)>,
    shortened: Vec<(u64, u32)>,
}

/// Letters and digits of the unaccented text; a number without its leading zeros.
pub(super) fn key(text: &str) -> String {
    let key: String = plain(text).chars().filter(char::is_ascii_alphanumeric).collect();
    match key.trim_start_matches('0') {
        number if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => number.to_owned(),
        _ => key,
    }
}

impl Names {
    pub(super) fn new(mut names: Vec<(String, Name)>) -> Self {
        names.retain(|(key, _)| !key.is_empty());
        names.sort_by(|a, b| (&a.0, a.1.unit).cmp(&(&b.0, b.1.unit)));
        let mut keys: Vec<(String, Vec<Name>)> = Vec::new();
        for (key, name) in names {
            match keys.last_mut() {
                Some((last, names)) if *last == key => names.push(name),
                _ => keys.push((key, vec![name])),
            }
        }
        let mut shortened = Vec::new();
        for (ix, (key, _)) in keys.iter().enumerate() {
            if key.len() >= SHORTEST_WITH_A_SLIP && !key.starts_with(|char: char| char.is_ascii_digit()) {
                let ix = u32::try_from(ix).expect("there are some ten thousand names");
                shortened.extend(without_each_letter(key).map(|hash| (hash, ix)));
                shortened.push((hash(key.bytes()), ix));
            }
        }
        shortened.sort_unstable();
        shortened.dedup();
        Self { keys, shortened }
    }

    /// The names with exactly this key.
    pub(super) fn exact(&self, key: &str) -> &[Name] {
        match self.keys.binary_search_by(|(known, _)| known.as_str().cmp(key)) {
            Ok(ix) => &self.keys[ix].1,
            Err(_) => &[],
        }
    }

    /// The names within one slip of this key, two when it is long, with the number of slips.
    pub(super) fn near(&self, key: &str) -> Vec<(&[Name], u8)> {
        if !(SHORTEST_WITH_A_SLIP - 1..=30).contains(&key.len()) {
            return Vec::new();
        }
        let mut found: Vec<u32> = Vec::new();
        for hash in without_each_letter(key).chain([hash(key.bytes())]) {
            let from = self.shortened.partition_point(|(known, _)| *known < hash);
            found.extend(self.shortened[from..].iter().take_while(|(known, _)| *known == hash).map(|(_, ix)| *ix));
        }
        found.sort_unstable();
        found.dedup();
        let slips = |ix: u32| {
            let (known, names) = &self.keys[ix as usize];
            let slips = u8::try_from(strsim::osa_distance(known, key)).unwrap_or(u8::MAX);
            let allowed = if known.len().min(key.len()) >= SHORTEST_WITH_TWO { 2 } else { 1 };
            (1..=allowed).contains(&slips).then_some((names.as_slice(), slips))
        };
        found.into_iter().filter_map(slips).collect()
    }
}

fn without_each_letter(key: &str) -> impl Iterator<Item = u64> + '_ {
    (0..key.len())
        .map(|left_out| hash(key.bytes().enumerate().filter(move |(at, _)| *at != left_out).map(|(_, byte)| byte)))
}

/// FNV-1a, 64 bits: short keys, no dependency, the same on every machine.
fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(keys: &[&str]) -> Names {
        let name = |unit| Name { unit, alias: false, short: false, initials: false, text: "" };
        Names::new(keys.iter().enumerate().map(|(unit, text)| (key(text), name(unit))).collect())
    }

    #[test]
    fn keys_forget_spaces_accents_and_leading_zeros() {
        assert_eq!(key("Cư M'gar"), "cumgar");
        assert_eq!(key("Bà Rịa - Vũng Tàu"), "bariavungtau");
        assert_eq!(key("05"), "5");
    }

    #[test]
    fn one_slip_is_found_in_five_letters_and_two_in_nine() {
        let names = names(&["Bắc Giang", "Tân An", "Nguyễn Huệ"]);
        assert_eq!(names.exact("bacgiang").len(), 1);
        for typed in ["bacigang", "bacgian", "bbacgiang", "bacgizng"] {
            assert_eq!(names.near(typed).len(), 1, "{typed}");
        }
        assert_eq!(names.near("tanab").len(), 1);
        assert_eq!(names.near("tamab").len(), 0);
    }
}
