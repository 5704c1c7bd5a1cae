//! Checks of a flow's ways: every turn ends, every step can be reached, every conversation can end.
//!
//! Looks at whole, resolved steps only; a flow with an unknown edge is not judged.

use super::super::{Flow, Step, StepIx, Verb};
use super::problem::Problem;
use super::report::Report;
use super::step::Read;
use crate::domain::slot::SlotType;
use crate::flow::Then;
use crate::flow::source::Span;

/// Where the steps stand in the file.
pub(super) struct Places {
    key: Vec<Span>,
    go: Vec<Option<Span>>,
}

impl Places {
    pub(super) fn of(steps: &[Read]) -> Self {
        Self { key: steps.iter().map(|read| read.key).collect(), go: steps.iter().map(|read| read.go).collect() }
    }
}

/// Checks all ways of a flow.
pub(super) fn check(report: &mut Report<'_>, flow: &Flow, places: &Places) {
    if falls_off(report, flow, places) {
        return;
    }
    find_cycles(report, flow, places);
    find_unreachable(report, flow, places);
    find_dead_ends(report, flow, places);
    find_early_private(report, flow, places);
}

/// Where a step can lead. `asked` says whether that takes an answer of the contact.
struct Ways {
    /// Without an answer, when the step is passed or its slot is known.
    passing: Vec<StepIx>,
    /// Only after an answer.
    answered: Vec<StepIx>,
    /// Whether one of the ways is the fall to `next`.
    falls: bool,
    /// Whether the conversation can end here or come to a person.
    ends: bool,
}

fn ways(flow: &Flow, step: &Step) -> Ways {
    let mut ways = Ways { passing: Vec::new(), answered: Vec::new(), falls: false, ends: false };
    let mut answers: Vec<StepIx> = Vec::new();
    let mut waits = false;
    match &step.verb {
        Verb::Say { .. } | Verb::HandOff { .. } => ways.falls = true,
        Verb::Branch(branches) => {
            ways.passing.extend(branches.iter().map(|(_, to)| *to));
            ways.falls = true;
        }
        Verb::Ask(ask) => {
            let slot = flow.slot(ask.slot);
            answers.extend(ask.if_yes.iter().chain(&ask.if_no).chain(ask.choose.values()));
            ways.falls = match slot.kind {
                SlotType::YesNo | SlotType::Consent => ask.if_yes.is_none() || ask.if_no.is_none(),
                SlotType::Choice => slot.options.iter().any(|(key, _)| !ask.choose.contains_key(key)),
                _ => true,
            };
            waits = ask.when_known.is_some();
            ways.answered.extend(ask.give_up);
            ways.ends = ask.give_up.is_none();
        }
        Verb::Confirm(confirm) => {
            answers.extend(confirm.if_yes);
            ways.falls = confirm.if_yes.is_none();
            waits = true;
            ways.answered.extend(confirm.give_up);
            ways.ends = confirm.give_up.is_none();
        }
        // A person gives the conversation back when they have answered.
        Verb::Person { if_unavailable, .. } => {
            ways.passing.extend(*if_unavailable);
            answers.extend(step.next);
            (waits, ways.ends) = (true, true);
        }
        Verb::End { .. } => ways.ends = true,
        Verb::Call(call) => {
            ways.passing.push(call.failed);
            ways.passing.extend(call.ok);
            ways.falls = call.ok.is_none();
        }
        Verb::Run { .. } | Verb::Wait(_) => ways.falls = true,
    }
    if ways.falls {
        answers.extend(step.next);
    }
    if waits {
        ways.answered.extend(answers)
    } else {
        ways.passing.extend(answers)
    }
    ways
}

fn all_ways(flow: &Flow) -> impl Iterator<Item = Ways> {
    flow.steps.iter().map(|step| ways(flow, step))
}

fn falls_off(report: &mut Report<'_>, flow: &Flow, places: &Places) -> bool {
    let mut found = false;
    for (ix, (step, ways)) in flow.steps.iter().zip(all_ways(flow)).enumerate() {
        if ways.falls && step.next.is_none() {
            report.error(places.key[ix], &Problem::FallsOff);
            found = true;
        }
    }
    found
}

/// Ways that lead round without an answer of the contact: a depth-first walk over `passing` alone, with its
/// own stack, for a flow may have thousands of steps in a row.
fn find_cycles(report: &mut Report<'_>, flow: &Flow, places: &Places) {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Never,
        OnPath,
        Done,
    }
    let passing: Vec<Vec<StepIx>> = all_ways(flow).map(|ways| ways.passing).collect();
    let mut seen = vec![Seen::Never; flow.steps.len()];
    for start in 0..flow.steps.len() {
        if seen[start] != Seen::Never {
            continue;
        }
        seen[start] = Seen::OnPath;
        let mut path = vec![(start, 0)];
        while let Some((at, tried)) = path.last_mut() {
            let at = *at;
            let Some(to) = passing[at].get(*tried).map(|to| to.0) else {
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
                Seen::OnPath => {
                    let from = path.iter().position(|(ix, _)| *ix == to).unwrap_or(0);
                    let round: Vec<usize> = path[from..].iter().map(|(ix, _)| *ix).collect();
                    report.error(places.go[at].unwrap_or(places.key[at]), &cycle(flow, &round));
                }
                Seen::Done => {}
            }
        }
    }
}

fn cycle(flow: &Flow, round: &[usize]) -> Problem {
    const SHOWN: usize = 6;
    let mut names: Vec<&str> = round.iter().take(SHOWN).map(|ix| flow.steps[*ix].id.as_str()).collect();
    if round.len() > SHOWN {
        names.push("...");
    }
    names.extend(names.first().copied());
    let path = names.join(" → ");
    let asks = round.iter().any(|ix| matches!(flow.steps[*ix].verb, Verb::Ask(_)));
    if asks { Problem::CycleOfKnown(path) } else { Problem::Cycle(path) }
}

/// Where a conversation can come into the flow.
fn doors(flow: &Flow) -> Vec<StepIx> {
    let mut doors = vec![flow.start];
    doors.extend(flow.silence.then);
    let silence = |step: &Step| if let Verb::Ask(ask) = &step.verb { ask.silence.as_ref()?.then } else { None };
    doors.extend(flow.steps.iter().filter_map(silence));
    for prompt in flow.entry.prompts.values() {
        doors.extend([prompt.if_yes, prompt.if_no]);
    }
    for interrupt in &flow.interrupts {
        if let Then::Go(step) = interrupt.then {
            doors.push(step);
        }
    }
    doors
}

/// Marks everything that can be reached from `from` over `edges`.
fn spread(reached: &mut [bool], from: Vec<StepIx>, edges: &dyn Fn(usize) -> Vec<StepIx>) {
    let mut waiting = from;
    while let Some(step) = waiting.pop() {
        if !std::mem::replace(&mut reached[step.0], true) {
            waiting.extend(edges(step.0));
        }
    }
}

fn all_edges(flow: &Flow) -> Vec<Vec<StepIx>> {
    all_ways(flow).map(|ways| ways.passing.into_iter().chain(ways.answered).collect()).collect()
}

fn find_unreachable(report: &mut Report<'_>, flow: &Flow, places: &Places) {
    let edges = all_edges(flow);
    let mut reached = vec![false; flow.steps.len()];
    spread(&mut reached, doors(flow), &|ix| edges[ix].clone());
    for ix in 0..flow.steps.len() {
        if !reached[ix] {
            report.error(places.key[ix], &Problem::Unreachable(flow.steps[ix].id.clone()));
            // What only this step leads to is not told a second time.
            spread(&mut reached, vec![StepIx(ix)], &|ix| edges[ix].clone());
        }
    }
}

fn find_dead_ends(report: &mut Report<'_>, flow: &Flow, places: &Places) {
    let mut back: Vec<Vec<StepIx>> = vec![Vec::new(); flow.steps.len()];
    let mut ends = Vec::new();
    for (ix, ways) in all_ways(flow).enumerate() {
        if ways.ends {
            ends.push(StepIx(ix));
        }
        for to in ways.passing.into_iter().chain(ways.answered) {
            back[to.0].push(StepIx(ix));
        }
    }
    let mut good = vec![false; flow.steps.len()];
    spread(&mut good, ends, &|ix| back[ix].clone());
    for (ix, step) in flow.steps.iter().enumerate().filter(|(ix, _)| !good[*ix]) {
        report.error(places.key[ix], &Problem::DeadEnd(step.id.clone()));
    }
}

/// Warns of private slots that can be asked before, or in spite of, the answer to a consent question.
fn find_early_private(report: &mut Report<'_>, flow: &Flow, places: &Places) {
    let edges: Vec<Vec<StepIx>> = flow
        .steps
        .iter()
        .zip(all_edges(flow))
        .map(|(step, all)| match &step.verb {
            Verb::Ask(ask) if flow.slot(ask.slot).kind == SlotType::Consent => {
                ask.if_no.or(step.next).into_iter().chain(ask.give_up).collect()
            }
            _ => all,
        })
        .collect();
    let mut reached = vec![false; flow.steps.len()];
    spread(&mut reached, doors(flow), &|ix| edges[ix].clone());
    for (ix, step) in flow.steps.iter().enumerate().filter(|(ix, _)| reached[*ix]) {
        if let Verb::Ask(ask) = &step.verb
            && flow.slot(ask.slot).private
        {
            report.warn(places.key[ix], &Problem::PrivateBeforeConsent(flow.slot(ask.slot).name.clone()));
        }
    }
}
