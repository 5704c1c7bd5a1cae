//! What becomes of the sessions of one revision when another one is in force: each moves, moves and is
//! asked again, or stays in its own revision until it ends.
//!
//! A function of the two revisions and of what a session holds; knows no store and no engine. The rule is
//! one: a session may stand at a step of the new revision if it holds every slot that is surely filled
//! there. [`Passage::points`] applies it to every place where somebody could wait, for the author who
//! plans an edit; [`Passage::take`] applies it to one session, for the turn that finds it in an old
//! revision.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::session::{Caller, Progress, Question, Session, Waiting};
use crate::domain::slot::{Slots, Value};

use super::{Call, Flow, Flows, Slot, SlotIx, Step, StepIx, Then, Verb};

mod filled;
mod slot;
#[cfg(test)]
mod tests;

use filled::Filled;

/// The way from one revision to another.
#[derive(Debug)]
pub struct Passage {
    old: Arc<Flows>,
    new: Arc<Flows>,
    /// What is known of the flows that both have, by name.
    filled: BTreeMap<String, (Filled, Filled)>,
}

/// A place where a session can wait, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The flow.
    pub flow: String,
    /// The step.
    pub step: String,
    /// Its fate.
    pub fate: Fate,
}

/// What becomes of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// It waits on, at this step, and the next answer is heard as if nothing had happened.
    Moves {
        /// The step.
        to: String,
    },
    /// It goes to this step, whose question is put anew; what is said meanwhile is not taken for an answer.
    AsksAgain {
        /// The step.
        to: String,
        /// The slots that it lacks, or whose question is another one now.
        slots: Vec<String>,
    },
    /// It stays in the old revision.
    Stays {
        /// Why.
        reason: Reason,
    },
}

/// Why a session cannot move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The flow is gone.
    NoFlow,
    /// The step is gone, and `migrate` does not say where it went.
    NoStep,
    /// The step is there and waits for nothing any more.
    DoesNotWait,
    /// These slots would be needed, and no question can be put for them.
    Lacks(Vec<String>),
    /// It lacks slots, and asking for them would make a ticket or a call twice.
    Repeats,
    /// A person, a service or another flow is at work, and would come back to something else.
    UnderWay,
    /// A flow that waits for this one to return cannot move.
    Caller {
        /// The flow.
        flow: String,
        /// Its step.
        step: String,
    },
}

/// A session after the passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Migrated {
    /// In the new revision, waiting as before.
    Moved(Session),
    /// In the new revision, at a step whose question is to be put anew before anything is heard.
    Again(Session),
    /// In the old revision still, unchanged.
    Pinned(Session, Reason),
}

impl Passage {
    /// The way from `old` to `new`.
    pub fn between(old: Arc<Flows>, new: Arc<Flows>) -> Self {
        let both = old.flows.iter().filter_map(|(name, flow)| {
            let other = new.flows.get(name)?;
            Some((name.clone(), (Filled::of(flow), Filled::of(other))))
        });
        let filled = both.collect();
        Self { old, new, filled }
    }

    /// The revision it leads from.
    pub fn from(&self) -> &Arc<Flows> {
        &self.old
    }

    /// The revision it leads to.
    pub fn to(&self) -> &Arc<Flows> {
        &self.new
    }

    /// Every place of the old revision where a session can wait, and the fate of one that holds no more
    /// than is sure there.
    pub fn points(&self) -> Vec<Point> {
        let mut points = Vec::new();
        for flow in self.old.flows.values() {
            for (ix, step) in flow.steps.iter().enumerate().filter(|(_, step)| waits(step)) {
                let fate = match self.pair(&flow.name) {
                    Ok(pair) => pair.fate(StepIx(ix), &pair.sure(StepIx(ix))),
                    Err(reason) => Fate::Stays { reason },
                };
                points.push(Point { flow: flow.name.clone(), step: step.id.clone(), fate });
            }
        }
        points
    }

    /// Takes a session of the old revision over to the new one, if it can go.
    pub fn take(&self, session: Session) -> Migrated {
        match self.carry(&session) {
            Ok((moved, true)) => Migrated::Moved(moved),
            Ok((moved, false)) => Migrated::Again(moved),
            Err(reason) => Migrated::Pinned(session, reason),
        }
    }

    /// The session in the new revision, and whether its question still stands.
    fn carry(&self, session: &Session) -> Result<(Session, bool), Reason> {
        let pair = self.pair(&session.flow)?;
        let callers = session.callers.iter().map(|caller| self.carry_caller(caller)).collect::<Result<_, _>>()?;
        let progress = pair.progress(&session.progress);
        let moved = Session { revision: self.new.revision, callers, progress, ..session.clone() };
        if let Waiting::Prompt { campaign } = &session.waiting {
            // It has asked nothing yet but the prompt, which leads where the new revision says.
            let prompt = pair.new.entry.prompts.get(campaign).ok_or(Reason::NoStep)?;
            return Ok((Session { step: pair.new.step(prompt.if_yes).id.clone(), ..moved }, true));
        }
        let at = pair.old.find(&session.step).ok_or(Reason::NoStep)?;
        match pair.fate(at, &pair.held(&session.progress.slots)) {
            Fate::Moves { to } => match pair.waiting(&to, &session.waiting) {
                Some(waiting) => Ok((Session { step: to, waiting, ..moved }, true)),
                None => Ok((pair.again(moved, to), false)),
            },
            Fate::AsksAgain { to, .. } => Ok((pair.again(moved, to), false)),
            Fate::Stays { reason } => Err(reason),
        }
    }

    fn carry_caller(&self, caller: &Caller) -> Result<Caller, Reason> {
        let stuck = || Reason::Caller { flow: caller.flow.clone(), step: caller.step.clone() };
        let pair = self.pair(&caller.flow).map_err(|_| stuck())?;
        let at = pair.old.find(&caller.step).ok_or_else(stuck)?;
        match pair.fate(at, &pair.held(&caller.progress.slots)) {
            Fate::Moves { to } => {
                Ok(Caller { flow: caller.flow.clone(), step: to, progress: pair.progress(&caller.progress) })
            }
            Fate::AsksAgain { .. } | Fate::Stays { .. } => Err(stuck()),
        }
    }

    fn pair(&self, name: &str) -> Result<Pair<'_>, Reason> {
        let found = |flows: &'_ Arc<Flows>| flows.flows.contains_key(name);
        if !found(&self.old) || !found(&self.new) {
            return Err(Reason::NoFlow);
        }
        let (before, after) = &self.filled[name];
        Ok(Pair { old: &self.old.flows[name], new: &self.new.flows[name], before, after })
    }
}

/// Whether a session can wait at this step.
pub fn waits(step: &Step) -> bool {
    match &step.verb {
        Verb::Ask(_) | Verb::Confirm(_) | Verb::Call(_) | Verb::Run { .. } | Verb::Wait(_) => true,
        Verb::Person { .. } => step.next.is_some(),
        Verb::Say { .. } | Verb::Branch(_) | Verb::HandOff { .. } | Verb::End { .. } => false,
    }
}

/// How a step of the old revision and its image in the new one go together.
enum Likeness {
    /// What is said next may be heard at the image as at the step itself.
    Alike,
    /// The image's question is another one.
    Asks,
    /// Nothing can be asked until what is under way has come back.
    Parted,
}

/// One flow in two revisions.
struct Pair<'a> {
    old: &'a Flow,
    new: &'a Flow,
    before: &'a Filled,
    after: &'a Filled,
}

impl Pair<'_> {
    /// What becomes of a session that waits at `at` and holds these slots of the new flow.
    fn fate(&self, at: StepIx, held: &BTreeSet<SlotIx>) -> Fate {
        let stays = |reason| Fate::Stays { reason };
        let (old, migrate) = (self.old.step(at), &self.new.migrate);
        let same = self.new.find(&old.id).or_else(|| self.new.find(migrate.rename.get(&old.id)?));
        let Some(to) = same.or_else(|| self.new.find(migrate.removed.get(&old.id)?)) else {
            return stays(Reason::NoStep);
        };
        let image = self.new.step(to);
        // Where the author sends those who waited at a removed step, they need not wait.
        if same.is_some() && !waits(image) {
            return stays(Reason::DoesNotWait);
        }
        let likeness = self.likeness(old, image);
        if let Likeness::Parted = likeness {
            return stays(Reason::UnderWay);
        }
        let missing: Vec<SlotIx> = self.after.at(to).difference(held).copied().collect();
        match (likeness, missing.is_empty()) {
            (Likeness::Alike, true) => Fate::Moves { to: image.id.clone() },
            (_, true) => Fate::AsksAgain { to: image.id.clone(), slots: self.names(asked(image).as_slice()) },
            (_, false) => self.ask_for(at, &missing, held),
        }
    }

    /// Asks for what is missing: goes to the first question of it that may be put now. From there on the
    /// flow's own ways lead to the rest.
    fn ask_for(&self, at: StepIx, missing: &[SlotIx], held: &BTreeSet<SlotIx>) -> Fate {
        let stays = |reason| Fate::Stays { reason };
        if matches!(self.old.step(at).verb, Verb::Person { .. } | Verb::Call(_) | Verb::Run { .. }) {
            return stays(Reason::UnderWay);
        }
        if self.before.is_after_act(at) {
            return stays(Reason::Repeats);
        }
        let fills = |step: &Step| matches!(&step.verb, Verb::Ask(ask) if missing.contains(&ask.slot) && !ask.optional);
        let mut steps = self.new.steps.iter().enumerate();
        match steps.find(|(ix, step)| fills(step) && self.after.at(StepIx(*ix)).is_subset(held)) {
            Some((_, step)) => Fate::AsksAgain { to: step.id.clone(), slots: self.names(missing) },
            None => stays(Reason::Lacks(self.names(missing))),
        }
    }

    /// The session at a step whose question nobody has put yet. What is asked from there on and was said
    /// already is kept until its question comes.
    fn again(&self, session: Session, to: String) -> Session {
        let at = self.new.find(&to).expect("it is a step of the new flow");
        let mut progress = session.progress;
        if to != session.step {
            let asked = self.after.asked_from(at);
            let keeps = |name: &str| {
                let slot = self.image_of(name);
                slot.is_some_and(|slot| self.after.at(at).contains(&slot) || !asked.contains(&slot))
            };
            let (kept, ahead): (Slots, Slots) = progress.slots.into_iter().partition(|(name, _)| keeps(name));
            progress.slots = kept;
            progress.ahead.extend(ahead);
        }
        (progress.trail, progress.spoken) = (Vec::new(), Vec::new());
        let (waiting, question) = (Waiting::Answer, Question::default());
        Session { step: to, waiting, tries: 0, rejected: Vec::new(), progress, question, reminded: 0, ..session }
    }

    fn names(&self, slots: &[SlotIx]) -> Vec<String> {
        slots.iter().map(|ix| self.new.slot(*ix).name.clone()).collect()
    }

    fn likeness(&self, old: &Step, new: &Step) -> Likeness {
        let alike = match (&old.verb, &new.verb) {
            (Verb::Person { .. }, Verb::Person { .. }) => return under_way(waits(new)),
            (Verb::Call(a), Verb::Call(b)) => return under_way(answers(a, b)),
            (Verb::Run { flow: a, .. }, Verb::Run { flow: b, .. }) => return under_way(a == b),
            (Verb::Person { .. } | Verb::Call(_) | Verb::Run { .. }, _) => return Likeness::Parted,
            (Verb::Ask(a), Verb::Ask(b)) => {
                let keys =
                    |options: &[(String, String)]| options.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
                let (before, after) = (self.old.slot(a.slot), self.new.slot(b.slot));
                // An answer may be an option's number, so the options must be the same in the same order.
                self.image(a.slot) == Some(b.slot)
                    && before.kind == after.kind
                    && keys(&before.options) == keys(&after.options)
            }
            (Verb::Confirm(a), Verb::Confirm(b)) => {
                a.slots.iter().map(|slot| self.image(*slot)).eq(b.slots.iter().map(|slot| Some(*slot)))
            }
            (Verb::Wait(_), Verb::Wait(_)) => true,
            _ => false,
        };
        if alike { Likeness::Alike } else { Likeness::Asks }
    }

    /// The slot of the new flow that an old one has become.
    fn image(&self, old: SlotIx) -> Option<SlotIx> {
        self.image_of(&self.old.slot(old).name)
    }

    fn image_of(&self, name: &str) -> Option<SlotIx> {
        let find = |name: &str| self.new.slots.iter().position(|slot| slot.name == name).map(SlotIx);
        find(name).or_else(|| find(self.new.migrate.slots.get(name)?))
    }

    /// The slots of the new flow that are surely filled with a value of theirs by whoever comes to `at`.
    fn sure(&self, at: StepIx) -> BTreeSet<SlotIx> {
        let carried = |old: &SlotIx| {
            let new = self.image(*old)?;
            slot::carries(self.old.slot(*old), self.new.slot(new)).then_some(new)
        };
        self.before.at(at).iter().filter_map(carried).collect()
    }

    /// The slots of the new flow that these values fill.
    fn held(&self, slots: &Slots) -> BTreeSet<SlotIx> {
        let names = self.slots(slots);
        names.keys().filter_map(|name| self.image_of(name)).collect()
    }

    /// The values that have a slot in the new flow which takes them, under its name.
    fn slots(&self, slots: &Slots) -> Slots {
        let carried = |(name, value): (&String, &Value)| {
            let (_, new) = self.value(name, value)?;
            Some((new.name.clone(), value.clone()))
        };
        // What still has its name comes last, and so goes before what was renamed to it.
        let (kept, renamed): (Vec<_>, Vec<_>) =
            slots.iter().partition(|(name, _)| self.new.slots.iter().any(|slot| slot.name == **name));
        renamed.into_iter().chain(kept).filter_map(carried).collect()
    }

    /// The slots, old and new, if the new one takes the value.
    fn value(&self, name: &str, value: &Value) -> Option<(&Slot, &Slot)> {
        let old = self.old.slots.iter().find(|slot| slot.name == name)?;
        let new = self.new.slot(self.image_of(name)?);
        slot::takes(old, new, value).then_some((old, new))
    }

    fn progress(&self, progress: &Progress) -> Progress {
        Progress {
            slots: self.slots(&progress.slots),
            ahead: self.slots(&progress.ahead),
            trail: progress.trail.iter().filter_map(|step| self.back_to(step)).collect(),
            spoken: progress.spoken.iter().filter_map(|step| Some(self.step(step)?.1.id.clone())).collect(),
        }
    }

    /// Where "back" leads who passed this step: to its image, if nothing more is needed there.
    fn back_to(&self, step: &str) -> Option<String> {
        let at = self.old.find(step)?;
        let (to, image) = self.step(step)?;
        self.after.at(to).is_subset(&self.sure(at)).then(|| image.id.clone())
    }

    /// The step of the new flow that has this name, or has it no longer.
    fn step(&self, old: &str) -> Option<(StepIx, &Step)> {
        let to = self.new.find(old).or_else(|| self.new.find(self.new.migrate.rename.get(old)?))?;
        Some((to, self.new.step(to)))
    }

    /// What a session waits for at its new step; `None` when that cannot be had any more.
    fn waiting(&self, to: &str, waiting: &Waiting) -> Option<Waiting> {
        let slot = self.new.find(to).and_then(|to| asked(self.new.step(to))).map(|ix| self.new.slot(ix));
        let stands = match waiting {
            Waiting::Known { value } => slot.is_some_and(|slot| slot::fits(slot, value)),
            Waiting::Part { part, .. } => slot.is_some_and(|slot| slot.need.contains(part)),
            Waiting::Interrupt { name, back, question } => {
                if !self.interrupts_alike(name) {
                    return None;
                }
                let back = Box::new(self.waiting(to, back)?);
                return Some(Waiting::Interrupt { name: name.clone(), back, question: question.clone() });
            }
            Waiting::Correct { values, back, question } => {
                let carried =
                    values.iter().map(|(name, value)| Some((self.value(name, value)?.1.name.clone(), value.clone())));
                let values = carried.collect::<Option<Vec<_>>>()?;
                let back = Box::new(self.waiting(to, back)?);
                return Some(Waiting::Correct { values, back, question: question.clone() });
            }
            Waiting::Answer
            | Waiting::Unsure { .. }
            | Waiting::Confirm
            | Waiting::Which
            | Waiting::Prompt { .. }
            | Waiting::Person
            | Waiting::Call { .. }
            | Waiting::Pause => true,
        };
        stands.then(|| waiting.clone())
    }

    /// Whether agreeing to this interrupt does the same in both.
    fn interrupts_alike(&self, name: &str) -> bool {
        let then = |flow: &Flow| {
            let found = flow.interrupts.iter().find(|interrupt| interrupt.name == name && interrupt.confirm.is_some());
            found.map(|interrupt| interrupt.then.clone())
        };
        match (then(self.old), then(self.new)) {
            (Some(Then::Go(a)), Some(Then::Go(b))) => self.step(&self.old.step(a).id).is_some_and(|(to, _)| to == b),
            (Some(a), Some(b)) => a == b,
            _ => false,
        }
    }
}

fn under_way(alike: bool) -> Likeness {
    if alike { Likeness::Alike } else { Likeness::Parted }
}

/// Whether the answer to one call has everything the other one wants.
fn answers(asked: &Call, wanted: &Call) -> bool {
    let has = |field: &String| asked.save.iter().any(|(_, known)| known == field);
    asked.service == wanted.service && wanted.save.iter().all(|(_, field)| has(field))
}

/// The slot a step asks for.
fn asked(step: &Step) -> Option<SlotIx> {
    match &step.verb {
        Verb::Ask(ask) => Some(ask.slot),
        _ => None,
    }
}
