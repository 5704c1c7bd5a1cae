//! Checks what `run:` names of other flows, once all are read: that they are there, that their slots fit,
//! and that no flow comes to run itself.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::source::{Node, Span};
use super::super::{Slot, SlotIx};
use super::file::Draft;
use super::problem::{Problem, Thing};
use super::report::Report;
use super::scope::type_name;
use crate::domain::slot::SlotType;

/// What a `run` names of another flow.
pub(super) struct Use {
    pub(super) flow: String,
    /// Where the flow's name stands.
    pub(super) place: Span,
    pub(super) with: Vec<Pair>,
    pub(super) save: Vec<Pair>,
}

/// A slot of the other flow, and the one of this flow it shares its value with.
pub(super) struct Pair {
    pub(super) theirs: String,
    /// Where `theirs` stands.
    pub(super) place: Span,
    pub(super) mine: SlotIx,
}

/// The slots that other flows start a flow's with, by the flow's name: its own file says nothing of them.
pub(super) fn given(roots: &[Option<Node>]) -> HashMap<&str, HashSet<&str>> {
    let mut given: HashMap<&str, HashSet<&str>> = HashMap::new();
    let steps = roots.iter().flatten().filter_map(|root| root.get("steps")?.map()).flatten();
    for (_, step) in steps {
        let (Some(flow), Some(with)) = (step.get("run").and_then(Node::scalar), step.get("with").and_then(Node::map))
        else {
            continue;
        };
        given.entry(flow.trim()).or_default().extend(with.iter().map(|(key, _)| key.text.as_str()));
    }
    given
}

/// Checks every `run` of every flow.
pub(super) fn check<'a>(reports: &mut [Report<'_>], drafts: &[(usize, Draft)], name: &dyn Fn(usize) -> &'a str) {
    let by_name: BTreeMap<&str, &(usize, Draft)> = drafts.iter().map(|draft| (name(draft.0), draft)).collect();
    for (ix, draft) in drafts {
        for used in &draft.runs {
            let Some((_, other)) = by_name.get(used.flow.as_str()) else {
                let problem = Problem::Unknown(Thing::Flow, used.flow.clone());
                reports[*ix].unknown(used.place, &problem, &used.flow, by_name.keys().copied());
                continue;
            };
            // A flow that could not be read says so itself.
            if let (Some(mine), Some(theirs)) = (&draft.flow, &other.flow) {
                check_slots(&mut reports[*ix], used, &mine.slots, &theirs.slots);
            }
        }
    }
    let mut circles = Circles { by_name: &by_name, reports, path: Vec::new(), done: Vec::new() };
    for name in by_name.keys() {
        circles.visit(name);
    }
}

fn check_slots(report: &mut Report<'_>, used: &Use, mine: &[Slot], theirs: &[Slot]) {
    let ways = used.with.iter().map(|pair| (pair, true)).chain(used.save.iter().map(|pair| (pair, false)));
    for (pair, into) in ways {
        let Some(their) = theirs.iter().find(|slot| slot.name == pair.theirs) else {
            let problem = Problem::Unknown(Thing::Slot, pair.theirs.clone());
            report.unknown(pair.place, &problem, &pair.theirs, theirs.iter().map(|slot| slot.name.as_str()));
            continue;
        };
        let my = &mine[pair.mine.0];
        let (from, to) = if into { (my, their) } else { (their, my) };
        check_fit(report, pair.place, from, to, if into { my } else { their });
    }
}

/// Whether every value of `from` is one of `to`; `named` is the slot that the place does not show.
fn check_fit(report: &mut Report<'_>, place: Span, from: &Slot, to: &Slot, named: &Slot) {
    let words = |slot: &Slot| matches!(slot.kind, SlotType::Text | SlotType::Name);
    if from.kind != to.kind && !(words(from) && words(to)) {
        let other = if std::ptr::eq(named, from) { to } else { from };
        let wanted = type_name(other.kind);
        return report.error(place, &Problem::WrongSlotType { slot: named.name.clone(), wanted });
    }
    let lost = from.options.iter().find(|(key, _)| to.options.iter().all(|(other, _)| other != key));
    if let Some((key, _)) = lost {
        report.error(place, &Problem::Unknown(Thing::Option, key.clone()));
    }
}

/// A walk over the flows along their runs.
struct Circles<'w, 'a, 'r> {
    by_name: &'w BTreeMap<&'w str, &'w (usize, Draft)>,
    reports: &'r mut [Report<'a>],
    /// The flows the walk is inside of.
    path: Vec<&'w str>,
    done: Vec<&'w str>,
}

impl<'w> Circles<'w, '_, '_> {
    /// As deep as there are flows, which are counted.
    fn visit(&mut self, name: &'w str) {
        if self.done.contains(&name) {
            return;
        }
        let Some((ix, draft)) = self.by_name.get(name) else { return };
        self.path.push(name);
        for used in &draft.runs {
            match self.path.iter().position(|open| *open == used.flow) {
                Some(first) => {
                    let circle: Vec<&str> = self.path[first..].iter().copied().chain([used.flow.as_str()]).collect();
                    self.reports[*ix].error(used.place, &Problem::RunCycle(circle.join(" → ")));
                }
                None => self.visit(&used.flow),
            }
        }
        self.path.pop();
        self.done.push(name);
    }
}
