//! The shape of a flow: every turn ends, every step can be reached, every conversation can end.
//!
//! Looks at ways only, not at what is known on them ([`super::fact`]).

use super::super::{Flow, StepIx, Verb};
use super::way::{Graph, On, Ways};

/// A way round without an answer of the contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// The steps, in order; the last leads back to the first.
    pub steps: Vec<StepIx>,
    /// Whether it has a question, which is skipped the second time because its answer is known.
    pub asks: bool,
}

/// Steps after which nothing follows although they do not end.
pub fn falling_off(flow: &Flow, graph: &Graph) -> Vec<StepIx> {
    let steps = flow.steps.iter().zip(&graph.steps).enumerate();
    steps.filter(|(_, (step, ways))| ways.falls && step.next.is_none()).map(|(ix, _)| StepIx(ix)).collect()
}

/// Ways round without an answer, one for each way that closes one: a depth-first walk with its own stack,
/// for a flow may have thousands of steps in a row.
pub fn cycles(flow: &Flow, graph: &Graph) -> Vec<Cycle> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Never,
        OnPath,
        Done,
    }
    let passing = |ways: &Ways| -> Vec<usize> {
        ways.out.iter().filter(|way| way.on == On::Passing).map(|way| way.to.0).collect()
    };
    let passing: Vec<Vec<usize>> = graph.steps.iter().map(passing).collect();
    let mut seen = vec![Seen::Never; graph.steps.len()];
    let mut found = Vec::new();
    for start in 0..graph.steps.len() {
        if seen[start] != Seen::Never {
            continue;
        }
        seen[start] = Seen::OnPath;
        let mut path = vec![(start, 0)];
        while let Some((at, tried)) = path.last_mut() {
            let at = *at;
            let Some(&to) = passing[at].get(*tried) else {
                seen[at] = Seen::Done;
                path.pop();
                continue;
            };
            *tried += 1;
            match seen[to] {
                Seen::Never => {
                    seen[to] = Seen::OnPath;
                    path.push((to, 0));
                }
                Seen::OnPath if found.len() < MOST_CYCLES => {
                    let from = path.iter().position(|(ix, _)| *ix == to).unwrap_or(0);
                    found.push(cycle(flow, path[from..].iter().map(|(ix, _)| StepIx(*ix)).collect()));
                }
                Seen::OnPath | Seen::Done => {}
            }
        }
    }
    found
}

/// Most cycles told of one flow: each is as long as its way, and an author mends the first ones first.
const MOST_CYCLES: usize = 100;

fn cycle(flow: &Flow, steps: Vec<StepIx>) -> Cycle {
    let asks = steps.iter().any(|step| matches!(flow.step(*step).verb, Verb::Ask(_)));
    Cycle { steps, asks }
}

/// Steps that no conversation can come to. What only such a step leads to is not among them: mending the
/// first mends it too.
pub fn unreachable(graph: &Graph) -> Vec<StepIx> {
    let mut reached = Reached { graph, steps: vec![false; graph.steps.len()], interrupted: false };
    reached.spread(graph.doors.iter().chain(&graph.migrated).copied().collect());
    let mut found = Vec::new();
    for ix in 0..graph.steps.len() {
        if !reached.steps[ix] {
            found.push(StepIx(ix));
            reached.spread(vec![StepIx(ix)]);
        }
    }
    found
}

struct Reached<'a> {
    graph: &'a Graph,
    steps: Vec<bool>,
    /// Whether a step that interrupts can leave was reached, and with it all they lead to.
    interrupted: bool,
}

impl Reached<'_> {
    fn spread(&mut self, from: Vec<StepIx>) {
        let mut waiting = from;
        while let Some(step) = waiting.pop() {
            if std::mem::replace(&mut self.steps[step.0], true) {
                continue;
            }
            let ways = &self.graph.steps[step.0];
            waiting.extend(ways.out.iter().map(|way| way.to));
            if ways.interruptible && !std::mem::replace(&mut self.interrupted, true) {
                waiting.extend(&self.graph.interrupts);
            }
        }
    }
}

/// Steps from which neither an end nor a person can be reached. Silence does not count: a conversation that
/// can only be given up has no end of its own.
pub fn dead_ends(graph: &Graph) -> Vec<StepIx> {
    let mut back: Vec<Vec<usize>> = vec![Vec::new(); graph.steps.len()];
    for (ix, ways) in graph.steps.iter().enumerate() {
        for way in ways.out.iter().filter(|way| way.on != On::Silence) {
            back[way.to.0].push(ix);
        }
    }
    let mut good: Vec<bool> = graph.steps.iter().map(|ways| ways.ends).collect();
    let mut waiting: Vec<usize> = (0..good.len()).filter(|ix| good[*ix]).collect();
    while let Some(step) = waiting.pop() {
        for from in &back[step] {
            if !std::mem::replace(&mut good[*from], true) {
                waiting.push(*from);
            }
        }
    }
    (0..good.len()).filter(|ix| !good[*ix]).map(StepIx).collect()
}
