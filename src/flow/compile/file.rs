//! Reads one flow file as a whole, together with the shared interrupts it uses.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::source::{Node, Span};
use super::super::template::is_name;
use super::super::{Corrections, Entry, Flow, Slot, SlotIx, StepIx};
use super::entry::{self, Claimed};
use super::graph::{self, Places};
use super::interrupt::{self, Answers};
use super::problem::{Problem, Thing};
use super::report::Report;
use super::scope::Scope;
use super::slot::Question;
use super::{Names, house, migrate, run, silence, slot, step};

/// Most steps in one flow.
pub(in crate::flow) const MOST_STEPS: usize = 10_000;
pub(in crate::flow) const MOST_USED: usize = 20;
pub(in crate::flow) const KEYS: [&str; 13] = [
    "flow",
    "title",
    "owner",
    "notes",
    "start",
    "entry",
    "use",
    "interrupts",
    "corrections",
    "silence",
    "slots",
    "steps",
    "migrate",
];
pub(in crate::flow) const CORRECTIONS: [(&str, Corrections); 3] =
    [("off", Corrections::Off), ("apply", Corrections::Apply), ("ask_first", Corrections::AskFirst)];
/// The keys of a shared file.
pub(in crate::flow) const SHARED_KEYS: [&str; 4] = ["interrupts", "title", "owner", "notes"];
/// Names of steps that an interrupt's `then` takes for something else.
pub(in crate::flow) const RESERVED: [&str; 3] = ["resume", "back", "restart"];

/// What all flows have in common.
pub(super) struct Surroundings<'a> {
    /// What they may name that stands outside them.
    pub(super) names: Names<'a>,
    /// The trees of all files; `None` for one that could not be read.
    pub(super) roots: &'a [Option<Node>],
    /// The shared files by name, as places in `roots`.
    pub(super) shared: BTreeMap<&'a str, usize>,
    /// The slots that other flows start a flow's with, by the flow's name.
    pub(super) given: HashMap<&'a str, HashSet<&'a str>>,
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
    /// What it names of other flows.
    pub(super) runs: Vec<run::Use>,
}

/// Reads the flow file at `ix`, called `name`.
pub(super) fn read(ix: usize, name: &str, reports: &mut [Report<'_>], around: &Surroundings<'_>) -> Draft {
    let beginning = Span::at(1, 1, 0);
    let mut draft = Draft { flow: None, claims: Vec::new(), place: beginning, used: Vec::new(), runs: Vec::new() };
    let Some(root) = &around.roots[ix] else { return draft };
    let report = &mut reports[ix];
    let entries = report.map(root, usize::MAX);
    if root.map().is_none() {
        return draft;
    }
    report.keys(entries, "flow", &KEYS);
    draft.place = read_name(report, root, name);
    let title = root.get("title").and_then(|node| report.words(node)).unwrap_or(name).to_owned();
    for key in ["owner", "notes"] {
        root.get(key).map(|node| report.words(node));
    }
    draft.used = read_used(report, root, around);
    let (slots, slots_whole) = match root.get("slots") {
        Some(node) => slot::read_all(report, node, around.names.limits),
        None => (Vec::new(), true),
    };
    let Some(steps) = root.get("steps") else {
        report.error(beginning, &Problem::MissingKey("steps"));
        return draft;
    };
    // With a slot left out or no steps at all, everything else would only repeat that.
    if slots_whole && check_step_names(report, steps) {
        let names = around.given.get(name);
        let is_given = |slot: &Slot| names.is_some_and(|names| names.contains(slot.name.as_str()));
        let given = slots.iter().enumerate().filter(|(_, slot)| is_given(slot)).map(|(ix, _)| SlotIx(ix)).collect();
        read_body(ix, Body { root, steps, slots, given }, reports, around, &mut draft);
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
        if !is_name(&key.text) || RESERVED.contains(&key.text.as_str()) {
            report.error(key.span, &Problem::BadName(key.text.clone()));
        }
    }
    !entries.is_empty()
}

/// Slots that hold something sooner or later: asked by a step, filled beside another or by what a step calls
/// or runs, or begun with something of the contact.
fn filled(steps: &Node, slots: &[Slot], slot_ix: &HashMap<&str, SlotIx>) -> HashSet<SlotIx> {
    let steps = || steps.map().unwrap_or_default().iter().map(|(_, step)| step);
    let asked = steps().filter_map(|step| step.get("ask")?.scalar());
    let beside = steps().filter_map(|step| step.get("also")).flat_map(Node::items).filter_map(Node::scalar);
    let saved = steps().filter_map(|step| step.get("save")?.map()).flatten().map(|(key, _)| key.text.as_str());
    let begun = slots.iter().filter(|slot| slot.prefill.is_some()).map(|slot| slot.name.as_str());
    asked.chain(beside).chain(saved).chain(begun).filter_map(|name| slot_ix.get(name.trim()).copied()).collect()
}

fn scope<'a>(around: &Surroundings<'a>, slots: &'a [Slot], given: &[SlotIx], steps: &'a Node) -> Scope<'a> {
    let slot_ix: HashMap<&str, SlotIx> =
        slots.iter().enumerate().map(|(ix, slot)| (slot.name.as_str(), SlotIx(ix))).collect();
    let names = steps.map().unwrap_or_default().iter().enumerate();
    Scope {
        channels: around.names.limits,
        queues: around.names.queues,
        services: around.names.services,
        questions: Vec::new(),
        silence: house::silence(),
        slots,
        filled: filled(steps, slots, &slot_ix).union(&given.iter().copied().collect()).copied().collect(),
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
    /// Those that other flows start this one's with.
    given: Vec<SlotIx>,
}

/// Everything that names steps and slots.
fn read_body(ix: usize, body: Body<'_>, reports: &mut [Report<'_>], around: &Surroundings<'_>, draft: &mut Draft) {
    let Body { root, steps, slots, given } = body;
    let mut scope = scope(around, &slots, &given, steps);
    let entries = steps.map().unwrap_or_default();
    let summary = entries.iter().any(|(_, step)| step.get("confirm").is_some());
    let answers = Answers::of(&scope, summary);
    let report = &mut reports[ix];

    let (mut flow, mut whole) = read_head(report, &mut scope, root);
    (flow.entry, draft.claims) = match root.get("entry") {
        Some(node) => entry::read(report, &scope, node),
        None => (Entry::default(), Vec::new()),
    };
    let last = entries.len() - 1;
    let read = entries.iter().enumerate().filter_map(|(ix, (key, node))| {
        let below = (ix < last).then_some(StepIx(ix + 1));
        step::read(report, &scope, (key, node), below)
    });
    let mut read: Vec<step::Read> = read.collect();
    whole &= read.len() == entries.len();
    draft.runs = read.iter_mut().filter_map(|read| read.run.take()).collect();

    let files = std::iter::once(&ix).chain(&draft.used);
    let mut texts = Vec::new();
    for file in files {
        if let Some(node) = around.roots[*file].as_ref().and_then(|root| root.get("interrupts")) {
            let theirs = interrupt::read_all(&mut reports[*file], &scope, node, &answers);
            whole &= theirs.iter().all(Option::is_some);
            interrupt::join(&mut flow, theirs.into_iter().flatten().collect());
        }
        texts.push((*file, reports[*file].take_texts()));
    }
    drop(scope);
    let english = check_languages(reports, &texts);
    flow.english = english;
    interrupt::join(&mut flow, house::interrupts(english));
    let places = Places::of(root, &read);
    flow.steps = read.into_iter().map(|read| read.step).collect();
    (flow.slots, flow.given) = (slots, given);
    flow.index();
    if whole {
        graph::check(&mut reports[ix], &flow, &places, around.names.limits);
        draft.flow = Some(flow);
    }
}

/// What stands above the steps and holds for all of them, and whether every step it names is there.
fn read_head(report: &mut Report<'_>, scope: &mut Scope<'_>, root: &Node) -> (Flow, bool) {
    let start = root.get("start").map(|node| scope.step(report, node));
    let silence = root.get("silence").map(|node| silence::read(report, scope, node));
    let whole = start != Some(None) && !matches!(silence, Some(None));
    scope.silence = silence.flatten().unwrap_or_else(house::silence);
    let slots = root.get("slots").and_then(Node::map).unwrap_or_default();
    scope.questions = slots.iter().map(|(_, node)| Question::read(report, scope, node)).collect();
    let corrections = root.get("corrections").and_then(|node| report.one_of(node, &CORRECTIONS));
    let migrate = root.get("migrate").map(|node| migrate::read(report, scope, node));
    let flow = Flow {
        name: String::new(),
        title: String::new(),
        entry: Entry::default(),
        interrupts: Vec::new(),
        slots: Vec::new(),
        given: Vec::new(),
        steps: Vec::new(),
        start: start.flatten().unwrap_or(StepIx(0)),
        corrections: corrections.unwrap_or_default(),
        silence: scope.silence.clone(),
        migrate: migrate.unwrap_or_default(),
        english: false,
        ids: HashMap::new(),
        names: HashMap::new(),
    };
    (flow, whole)
}

/// Whether the flow's own file has a text in English; then all its texts should, those it shares too.
fn check_languages(reports: &mut [Report<'_>], texts: &[(usize, Vec<(Span, bool)>)]) -> bool {
    let english = texts.first().is_some_and(|(_, own)| own.iter().any(|(_, english)| *english));
    for (file, texts) in texts.iter().filter(|_| english) {
        for (span, _) in texts.iter().filter(|(_, english)| !english) {
            reports[*file].warn(*span, &Problem::MissingTranslation);
        }
    }
    english
}

/// Checks the shape of a shared file; what its interrupts name is checked with each flow that uses it.
pub(super) fn read_shared(ix: usize, used: bool, reports: &mut [Report<'_>], around: &Surroundings<'_>) {
    let Some(root) = &around.roots[ix] else { return };
    let report = &mut reports[ix];
    let entries = report.map(root, usize::MAX);
    if root.map().is_none() {
        return;
    }
    report.keys(entries, "chung", &SHARED_KEYS);
    let Some(node) = root.get("interrupts") else {
        return report.error(Span::at(1, 1, 0), &Problem::MissingKey("interrupts"));
    };
    if !used {
        let open = Scope {
            channels: around.names.limits,
            queues: around.names.queues,
            services: around.names.services,
            questions: Vec::new(),
            silence: house::silence(),
            slots: &[],
            slot_ix: HashMap::new(),
            step_ix: HashMap::new(),
            filled: HashSet::new(),
            closed: false,
        };
        interrupt::read_all(report, &open, node, &Answers::default());
    }
}
