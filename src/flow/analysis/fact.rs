//! Facts that hold at a step: which slots are filled, which consents given, which values were shown for
//! confirmation. A set of numbers, carried along the ways until nothing changes any more.
//!
//! Knows nothing of what a verb does; [`super::way`] says what each way adds and takes.

use std::collections::VecDeque;

use super::super::{SlotIx, StepIx};
use super::way::Graph;

/// A set of facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts(Vec<u64>);

const WORD: usize = u64::BITS as usize;

impl Facts {
    /// Whether the fact is among them.
    pub fn has(&self, fact: usize) -> bool {
        self.0.get(fact / WORD).is_some_and(|word| word & (1 << (fact % WORD)) != 0)
    }

    /// Adds a fact.
    pub fn add(&mut self, fact: usize) {
        if self.0.len() <= fact / WORD {
            self.0.resize(fact / WORD + 1, 0);
        }
        self.0[fact / WORD] |= 1 << (fact % WORD);
    }

    /// Adds all of `other`.
    pub fn unite(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    /// Keeps what `other` has too.
    pub fn keep(&mut self, other: &Self) {
        self.0.truncate(other.0.len());
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= other);
    }

    /// Takes all of `other` away.
    pub fn remove(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= !other);
    }

    /// The facts with smaller numbers than `end`.
    #[must_use]
    pub fn below(&self, end: usize) -> Self {
        self.iter().take_while(|fact| *fact < end).collect()
    }

    /// Every fact, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        let words = self.0.iter().enumerate();
        words.flat_map(|(ix, word)| (0..WORD).filter(move |bit| word & (1 << bit) != 0).map(move |bit| ix * WORD + bit))
    }
}

impl FromIterator<usize> for Facts {
    fn from_iter<I: IntoIterator<Item = usize>>(facts: I) -> Self {
        let mut all = Self::default();
        facts.into_iter().for_each(|fact| all.add(fact));
        all
    }
}

/// The numbers of the facts about a flow with so many slots.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    /// How many slots the flow has.
    pub slots: usize,
}

impl Numbers {
    /// The slot holds a value.
    pub fn filled(self, slot: SlotIx) -> usize {
        slot.0
    }

    /// The consent was given.
    pub fn given(self, slot: SlotIx) -> usize {
        self.slots + slot.0
    }

    /// A summary showed the value and the contact agreed.
    pub fn shown(self, slot: SlotIx) -> usize {
        2 * self.slots + slot.0
    }

    /// Some consent was given.
    pub fn consented(self) -> usize {
        3 * self.slots
    }
}

/// What holds at each step when it begins, and where an interrupt may come in.
#[derive(Clone, Debug)]
pub struct Known {
    /// By step; `None` for a step that cannot be reached.
    pub steps: Vec<Option<Facts>>,
    /// While any question waits; `None` when none ever does.
    pub waiting: Option<Facts>,
}

/// What holds on every way to a step.
pub fn sure(graph: &Graph) -> Known {
    Walk::new(graph, Join::Every).run(&Facts::default())
}

/// What holds on some way to a step.
pub fn possible(graph: &Graph) -> Known {
    Walk::new(graph, Join::Any).run(&graph.prefilled)
}

/// Which facts hold where ways meet.
#[derive(Clone, Copy)]
enum Join {
    /// Those of every way.
    Every,
    /// Those of any way.
    Any,
}

/// Facts on their way through a flow. A step is looked at again only when what holds there has changed, and
/// that only ever changes in one direction, so that the work is bounded by ways times facts.
struct Walk<'a> {
    graph: &'a Graph,
    join: Join,
    /// By step, and behind the last step what holds while any question waits.
    known: Vec<Option<Facts>>,
    queued: Vec<bool>,
    queue: VecDeque<usize>,
}

impl<'a> Walk<'a> {
    fn new(graph: &'a Graph, join: Join) -> Self {
        let count = graph.steps.len() + 1;
        Self { graph, join, known: vec![None; count], queued: vec![false; count], queue: VecDeque::new() }
    }

    fn run(mut self, start: &Facts) -> Known {
        for door in &self.graph.doors {
            self.arrive(door.0, start);
        }
        self.settle();
        // Whoever moves here from an earlier revision brings what the other ways bring: the plan sees to it.
        for StepIx(step) in &self.graph.migrated {
            if self.known[*step].is_none() {
                self.arrive(*step, start);
                self.settle();
            }
        }
        let waiting = self.known.pop().flatten();
        Known { steps: self.known, waiting }
    }

    fn settle(&mut self) {
        while let Some(at) = self.queue.pop_front() {
            self.queued[at] = false;
            let Some(facts) = self.known[at].clone() else { continue };
            let hub = self.graph.steps.len();
            if at == hub {
                for to in &self.graph.interrupts {
                    self.arrive(to.0, &facts);
                }
                continue;
            }
            let ways = &self.graph.steps[at];
            if ways.interruptible {
                self.arrive(hub, &facts);
            }
            for way in &ways.out {
                let mut facts = facts.clone();
                facts.remove(&way.takes);
                facts.unite(&way.adds);
                self.arrive(way.to.0, &facts);
            }
        }
    }

    fn arrive(&mut self, at: usize, facts: &Facts) {
        let joined = match &self.known[at] {
            None => facts.clone(),
            Some(before) => {
                let mut joined = before.clone();
                match self.join {
                    Join::Every => joined.keep(facts),
                    Join::Any => joined.unite(facts),
                }
                if joined.iter().eq(before.iter()) {
                    return;
                }
                joined
            }
        };
        self.known[at] = Some(joined);
        if !std::mem::replace(&mut self.queued[at], true) {
            self.queue.push_back(at);
        }
    }
}
