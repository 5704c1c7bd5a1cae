//! What scripted conversations have been through, and what they have not: every step, way, try and
//! interrupt that an author wrote, each with the line where it is written.
//!
//! What the house adds to a flow is not counted, and neither is a shared interrupt that a flow words for
//! itself, in that flow. A shared interrupt counts once, for all flows that use it.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::play::Moment;
use crate::domain::conversation::PromptAnswer;
use crate::domain::session::{Session, Waiting};
use crate::domain::slot::Value;
use crate::engine::{Effect, What};
use crate::flow::compile::File;
use crate::flow::{Flow, Flows, Verb};

mod listed;

/// What was gone through, and how often.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    counts: BTreeMap<Point, usize>,
}

/// One thing that can be gone through: the flow, the step where it has one, and what.
type Point = (String, String, Way);

/// What can be gone through at a step, or in a flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Step,
    Arm(Option<usize>),
    Said(bool),
    Answered(String),
    Unavailable,
    Called(bool),
    Prompt(PromptSide),
    Retry(u8),
    GaveUp,
    Interrupt,
    Agreed,
    Reminder(u8),
    Expired,
}

/// Which way a prompt led; the campaign stands where a step's name does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum PromptSide {
    Yes,
    No,
}

/// The kinds of things that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A step.
    Step,
    /// A way that a branch, an answer or a prompt leads.
    Branch,
    /// A further try.
    Retry,
    /// Giving up.
    GiveUp,
    /// An interrupt.
    Interrupt,
    /// A reminder.
    Reminder,
    /// The end of waiting.
    Expiry,
}

/// One thing that is counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// The file it is written in.
    pub file: String,
    /// Where.
    pub line: usize,
    /// The flow; empty for what flows share.
    pub flow: String,
    /// Its name: `hoi_so`, `moi: if_no`, `hoi_so: retry 1`.
    pub name: String,
    /// How often it was gone through.
    pub hits: usize,
}

/// Everything that is counted.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Coverage {
    /// By file and line.
    pub items: Vec<Item>,
}

impl Coverage {
    /// What of the flows in `files` was gone through. `only` leaves out what belongs to other flows.
    pub fn of(files: &[File], flows: &Flows, hits: &Hits, only: Option<&str>) -> Self {
        let mut items = listed::items(files, flows, hits);
        items.retain(|item| only.is_none_or(|flow| item.flow == flow));
        items.sort_by(|a, b| (&a.file, a.line, a.kind, &a.name).cmp(&(&b.file, b.line, b.kind, &b.name)));
        Self { items }
    }

    /// How many things of a kind there are and how many were gone through; of all kinds without one.
    pub fn counts(&self, kind: Option<ItemKind>) -> (usize, usize) {
        let of_kind = self.items.iter().filter(|item| kind.is_none_or(|kind| item.kind == kind));
        let (all, covered) =
            of_kind.fold((0, 0), |(all, covered), item| (all + 1, covered + usize::from(item.hits > 0)));
        (covered, all)
    }

    /// Whole percents that were gone through, rounded down: 100 means everything.
    pub fn percent(&self) -> usize {
        match self.counts(None) {
            (_, 0) => 100,
            (covered, all) => covered * 100 / all,
        }
    }

    /// What was not been through.
    pub fn uncovered(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.hits == 0)
    }
}

impl Hits {
    fn hit(&mut self, flow: &str, step: &str, way: Way) {
        *self.counts.entry((flow.to_owned(), step.to_owned(), way)).or_default() += 1;
    }

    fn of(&self, flow: &str, step: &str, way: Way) -> usize {
        self.counts.get(&(flow.to_owned(), step.to_owned(), way)).copied().unwrap_or_default()
    }

    /// How often at any step of the flow, but for these.
    fn anywhere(&self, flow: &str, but: &HashSet<&str>, way: &Way) -> usize {
        let here = self
            .counts
            .iter()
            .filter(|((known, step, what), _)| known == flow && what == way && !but.contains(step.as_str()));
        here.map(|(_, count)| count).sum()
    }

    /// Counts what a turn went through.
    pub fn count(&mut self, flows: &Flows, moment: &Moment) {
        let spoke: HashSet<&str> = moment
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Say { step, .. } => Some(step.as_str()),
                _ => None,
            })
            .collect();
        for (ix, trace) in moment.trace.iter().enumerate() {
            let (flow, step) = (trace.flow.as_str(), trace.step.as_str());
            match &trace.what {
                What::Came => {
                    self.hit(flow, step, Way::Step);
                    let next = moment.trace.get(ix + 1).map(|next| next.step.as_str());
                    if let Some(flow) = flows.flows.get(flow) {
                        self.count_step(flow, step, &spoke, next);
                    }
                }
                What::Branched(arm) => self.hit(flow, step, Way::Arm(*arm)),
                What::Filled { value, .. } | What::Ahead { value, .. } => {
                    if let Value::YesNo(_) | Value::Choice(_) = value {
                        self.hit(flow, step, Way::Answered(value.plain()));
                    }
                }
                What::Called(ok) => self.hit(flow, step, Way::Called(*ok)),
                What::Retried(n) => self.hit(flow, step, Way::Retry(*n)),
                What::GaveUp => self.hit(flow, step, Way::GaveUp),
                What::Interrupted(name) => self.hit(flow, name, Way::Interrupt),
                What::Agreed(true) => {
                    if let Some(name) = asked_by(moment.before.as_ref()) {
                        self.hit(flow, name, Way::Agreed);
                    }
                }
                What::Reminded(n) => self.hit(flow, step, Way::Reminder(*n)),
                What::Expired => self.hit(flow, step, Way::Expired),
                _ => {}
            }
        }
        for effect in &moment.effects {
            if let Effect::Prompt { campaign, answer } = effect {
                let side = if *answer == PromptAnswer::Yes { PromptSide::Yes } else { PromptSide::No };
                self.hit("", campaign, Way::Prompt(side));
            }
        }
    }

    /// Ways that leave no trace of their own: a `say` with a condition, a queue with nobody on duty.
    fn count_step(&mut self, flow: &Flow, step: &str, spoke: &HashSet<&str>, next: Option<&str>) {
        let Some(ix) = flow.find(step) else { return };
        match &flow.step(ix).verb {
            Verb::Say { when: Some(_), .. } => {
                let said = spoke.contains(format!("{}/{step}", flow.name).as_str());
                self.hit(&flow.name, step, Way::Said(said));
            }
            Verb::Person { if_unavailable: Some(instead), .. } if next == Some(flow.step(*instead).id.as_str()) => {
                self.hit(&flow.name, step, Way::Unavailable);
            }
            _ => {}
        }
    }
}

/// The interrupt whose confirmation was the question.
fn asked_by(before: Option<&Session>) -> Option<&str> {
    match &before?.waiting {
        Waiting::Interrupt { name, .. } => Some(name),
        _ => None,
    }
}
