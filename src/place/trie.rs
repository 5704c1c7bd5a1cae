//! Keys by their letters: one walk along the letters of a text finds every key that begins where the walk does.
//!
//! Knows letters only; what a key names is the business of [`super::names`].

/// A place in the list of keys.
pub(super) type KeyIx = u32;

/// The place of a digit or letter in the order of bytes, below 36.
fn number(letter: u8) -> Option<u32> {
    match letter {
        b'0'..=b'9' => Some(u32::from(letter - b'0')),
        b'a'..=b'z' => Some(u32::from(letter - b'a') + 10),
        _ => None,
    }
}

/// A letter of one key or more.
#[derive(Clone, Copy, Debug)]
struct Node {
    /// A bit for each letter that follows.
    follows: u64,
    /// Where the nodes of those letters begin; they lie side by side.
    first: u32,
    /// The key that ends here.
    key: Option<KeyIx>,
}

impl Node {
    fn child(&self, number: u32) -> Option<u32> {
        let bit = 1 << number;
        (self.follows & bit != 0).then(|| self.first + (self.follows & (bit - 1)).count_ones())
    }
}

/// A set of keys.
#[derive(Clone, Debug)]
pub(super) struct Trie {
    nodes: Vec<Node>,
}

/// Keys with their numbers.
type Numbered<'k> = (KeyIx, &'k [u8]);

impl Trie {
    /// Of keys that are sorted and distinct; those with other bytes than digits and small letters are left out.
    pub(super) fn new<'k>(sorted: impl Iterator<Item = &'k [u8]>) -> Self {
        let sound = |(_, key): &Numbered<'k>| key.iter().all(|byte| number(*byte).is_some());
        let keys: Vec<Numbered<'k>> = (0..).zip(sorted).filter(sound).collect();
        let mut trie = Self { nodes: vec![Node { follows: 0, first: 0, key: None }] };
        // Breadth first, so that the nodes behind one node lie side by side.
        let mut open = vec![(0, 0, keys.as_slice())];
        while !open.is_empty() {
            let spread = open.into_iter().flat_map(|(node, depth, keys)| trie.spread(node, depth, keys));
            open = spread.collect();
        }
        trie
    }

    /// Makes the nodes behind `node`, which the first `depth` letters of all `keys` lead to.
    fn spread<'a, 'k>(
        &mut self,
        node: usize,
        depth: usize,
        keys: &'a [Numbered<'k>],
    ) -> Vec<(usize, usize, &'a [Numbered<'k>])> {
        let ends = keys.iter().take_while(|(_, key)| key.len() == depth).count();
        self.nodes[node].key = keys[..ends].first().map(|(ix, _)| *ix);
        self.nodes[node].first = u32::try_from(self.nodes.len()).expect("some hundred thousand nodes");
        let mut next = Vec::new();
        for group in keys[ends..].chunk_by(|(_, one), (_, other)| one[depth] == other[depth]) {
            let number = number(group[0].1[depth]).expect("others were left out");
            self.nodes[node].follows |= 1 << number;
            next.push((self.nodes.len(), depth + 1, group));
            self.nodes.push(Node { follows: 0, first: 0, key: None });
        }
        next
    }

    /// Meets every key that the letters begin with and how many letters it has, the shorter first.
    pub(super) fn walk(&self, letters: &[u8], mut meet: impl FnMut(KeyIx, usize)) {
        let mut node = &self.nodes[0];
        for (at, letter) in letters.iter().enumerate() {
            let Some(child) = number(*letter).and_then(|number| node.child(number)) else { return };
            node = &self.nodes[child as usize];
            if let Some(key) = node.key {
                meet(key, at + 1);
            }
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
        fn a_walk_meets_every_key_that_the_letters_begin_with(
            keys in prop::collection::btree_set("[ab1?]{1,5}", 0..30),
            letters in "[ab1]{0,7}",
        ) {
            let trie = Trie::new(keys.iter().map(String::as_bytes));
            let all: Vec<&String> = keys.iter().collect();
            let mut met = BTreeSet::new();
            trie.walk(letters.as_bytes(), |key, length| {
                assert_eq!(all[key as usize].len(), length);
                met.insert(all[key as usize].clone());
            });
            let expected: BTreeSet<String> = keys.iter().filter(|key| letters.starts_with(key.as_str())).cloned().collect();
            prop_assert_eq!(met, expected);
        }
    }
}
