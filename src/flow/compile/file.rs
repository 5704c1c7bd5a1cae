//! Reads one flow file as a whole, together with the shared interrupts it uses.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::source::{Node, Span};
use super::super::template::is_name;
use super::super::{Corrections, Entry, Flow, Migrate, Slot, SlotIx, StepIx};
use super::entry::{self, Claimed};
use super::graph::{self, Places};
use super::house;
use super::interrupt::{self, Answers};
use super::problem::{Problem, Thing};
use super::report::Report;
use super::scope::Scope;
use super::{slot, step};
use crate::domain::limits::LimitsTable;

/// Most steps in one flow.
const MOST_STEPS: usize = 10_000;
const MOST_USED: usize = 20;
const KEYS: [&str; 9] = ["flow", "title", "owner", "notes", "start", "entry", "use", "interrupts", "slots"];
const KEYS_NOT_YET: [&str; 3] = ["corrections", "silence", "migrate"];

/// What all flows have in common.
pub(super) struct Surroundings<'a> {
    pub(super) limits: &'a LimitsTable,
    pub(super) queues: &'a [String],
    /// The trees of all files; `None` for one that could not be read.
    pub(super) roots: &'a [Option<Node>],
    /// The shared files by name, as places in `roots`.
    pub(super) shared: BTreeMap<&'a str, usize>,
}

/// What came of a flow file.
pub(super) struct Draft {
    /// `None` after an error.
    pub(super) flow: Option<Flow>,
    pub(super) claims: Vec<Claimed>,
    /// Where its name stands.
    pub(super) place: Span,
    /// The shared files it uses.
    pub(super) used: Vec<usize>,
}

/// Reads the flow file at `ix`, called `name`.
pub(super) fn read(ix: usize, name: &str, reports: &mut [Report<'_>], around: &Surroundings<'_>) -> Draft {
    let beginning = Span::at(1, 1, 0);
    let mut draft = Draft { flow: None, claims: Vec::new(), place: beginning, used: Vec::new() };
    let Some(root) = &around.roots[ix] else { return draft };
    let report = &mut reports[ix];
    let entries = report.map(root, usize::MAX);
    if root.map().is_none() {
        return draft;
    }
    report.keys(entries, "flow", &[&KEYS[..], &["steps"]].concat(), &KEYS_NOT_YET);
    draft.place = read_name(report, root, name);
    let title = root.get("title").and_then(|node| report.words(node)).unwrap_or(name).to_owned();
    for key in ["owner", "notes"] {
        root.get(key).map(|node| report.words(node));
    }
    draft.used = read_used(report, root, around);
    let (slots, slots_whole) = match root.get("slots") {
        Some(node) => slot::read_all(report, node),
        None => (Vec::new(), true),
    };
    let Some(steps) = root.get("steps") else {
        report.error(beginning, &Problem::MissingKey("steps"));
        return draft;
    };
    // With a slot left out or no steps at all, everything else would only repeat that.
    if slots_whole && check_step_names(report, steps) {
        read_body(ix, Body { root, steps, slots }, reports, around, &mut draft);
    }
    if let Some(flow) = &mut draft.flow {
        name.clone_into(&mut flow.name);
        flow.title = title;
    }
    draft
}

fn read_name(report: &mut Report<'_>, root: &Node, name: &str) -> Span {
    let Some(node) = root.get("flow") else {
        report.error(Span::at(1, 1, 0), &Problem::MissingKey("flow"));
        return Span::at(1, 1, 0);
    };
    if report.words(node).is_some_and(|found| found != name) {
        report.error(node.span, &Problem::FlowName { file: name.to_owned() });
    }
    node.span
}

fn read_used(report: &mut Report<'_>, root: &Node, around: &Surroundings<'_>) -> Vec<usize> {
    let Some(node) = root.get("use") else { return Vec::new() };
    let mut used = Vec::new();
    for (node, name) in report.word_list(node, MOST_USED) {
        match around.shared.get(name) {
            Some(ix) => used.push(*ix),
            None => {
                let problem = Problem::Unknown(Thing::SharedFile, name.to_owned());
                report.unknown(node.span, &problem, name, around.shared.keys().copied());
            }
        }
    }
    used
}

fn check_step_names(report: &mut Report<'_>, steps: &Node) -> bool {
    let entries = report.map(steps, MOST_STEPS);
    if entries.is_empty() && steps.map().is_some() {
        report.error(steps.span, &Problem::EmptyList);
    }
    for (key, _) in entries {
        if !is_name(&key.text) || key.text == "resume" {
            report.error(key.span, &Problem::BadName(key.text.clone()));
        }
    }
    !entries.is_empty()
}

/// Slots that hold something sooner or later: asked by a step, or begun with something of the contact.
fn filled(steps: &Node, slots: &[Slot], slot_ix: &HashMap<&str, SlotIx>) -> HashSet<SlotIx> {
    let asked = steps.map().unwrap_or_default().iter().filter_map(|(_, step)| step.get("ask")?.scalar());
    let begun = slots.iter().filter(|slot| slot.prefill.is_some()).map(|slot| slot.name.as_str());
    asked.chain(begun).filter_map(|name| slot_ix.get(name.trim()).copied()).collect()
}

fn scope<'a>(around: &Surroundings<'a>, slots: &'a [Slot], steps: &'a Node) -> Scope<'a> {
    let slot_ix: HashMap<&str, SlotIx> =
        slots.iter().enumerate().map(|(ix, slot)| (slot.name.as_str(), SlotIx(ix))).collect();
    let names = steps.map().unwrap_or_default().iter().enumerate();
    Scope {
        channels: around.limits,
        queues: around.queues,
        slots,
        filled: filled(steps, slots, &slot_ix),
        slot_ix,
        step_ix: names.map(|(ix, (key, _))| (key.text.as_str(), StepIx(ix))).collect(),
        closed: true,
    }
}

/// What of a file names steps and slots, and the slots read from it.
struct Body<'a> {
    root: &'a Node,
    steps: &'a Node,
    slots: Vec<Slot>,
}

/// Everything that names steps and slots.
fn read_body(ix: usize, body: Body<'_>, reports: &mut [Report<'_>], around: &Surroundings<'_>, draft: &mut Draft) {
    let Body { root, steps, slots } = body;
    let scope = scope(around, &slots, steps);
    let entries = steps.map().unwrap_or_default();
    let summary = entries.iter().any(|(_, step)| step.get("confirm").is_some());
    let answers = Answers::of(&scope, summary);
    let report = &mut reports[ix];

    let start = root.get("start").map(|node| scope.step(report, node));
    let (entry, claims) = match root.get("entry") {
        Some(node) => entry::read(report, &scope, node),
        None => (Entry::default(), Vec::new()),
    };
    draft.claims = claims;
    let last = entries.len() - 1;
    let read: Vec<step::Read> = entries
        .iter()
        .enumerate()
        .filter_map(|(ix, (key, node))| {
            let below = (ix < last).then_some(StepIx(ix + 1));
            step::read(report, &scope, (key, node), below)
        })
        .collect();

    let mut flow = Flow {
        name: String::new(),
        title: String::new(),
        entry,
        interrupts: Vec::new(),
        slots: Vec::new(),
        steps: Vec::new(),
        start: start.flatten().unwrap_or(StepIx(0)),
        corrections: Corrections::default(),
        silence: house::silence(),
        migrate: Migrate::default(),
        english: false,
        ids: HashMap::new(),
    };
    let mut whole = read.len() == entries.len() && start != Some(None);
    if let Some(node) = root.get("interrupts") {
        let own = interrupt::read_all(report, &scope, node, &answers);
        whole &= own.iter().all(Option::is_some);
        flow.interrupts = own.into_iter().flatten().collect();
    }
    for shared in &draft.used {
        if let Some(node) = around.roots[*shared].as_ref().and_then(|root| root.get("interrupts")) {
            let theirs = interrupt::read_all(&mut reports[*shared], &scope, node, &answers);
            whole &= theirs.iter().all(Option::is_some);
            interrupt::join(&mut flow, theirs.into_iter().flatten().collect());
        }
    }
    drop(scope);
    let places = Places::of(root, &read);
    flow.steps = read.into_iter().map(|read| read.step).collect();
    flow.slots = slots;
    flow.index();
    if whole {
        graph::check(&mut reports[ix], &flow, &places, around.limits);
        draft.flow = Some(flow);
    }
}

/// Checks the shape of a shared file; what its interrupts name is checked with each flow that uses it.
pub(super) fn read_shared(ix: usize, used: bool, reports: &mut [Report<'_>], around: &Surroundings<'_>) {
    let Some(root) = &around.roots[ix] else { return };
    let report = &mut reports[ix];
    let entries = report.map(root, usize::MAX);
    if root.map().is_none() {
        return;
    }
    report.keys(entries, "chung", &["interrupts", "title", "owner", "notes"], &[]);
    let Some(node) = root.get("interrupts") else {
        return report.error(Span::at(1, 1, 0), &Problem::MissingKey("interrupts"));
    };
    if !used {
        let open = Scope {
            channels: around.limits,
            queues: around.queues,
            slots: &[],
            slot_ix: HashMap::new(),
            step_ix: HashMap::new(),
            filled: HashSet::new(),
            closed: false,
        };
        interrupt::read_all(report, &open, node, &Answers::default());
    }
}
