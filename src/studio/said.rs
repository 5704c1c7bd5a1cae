//! What was said in a turn, and by what: a step, an interrupt, a reminder, or the house. Knows how the
//! engine puts a turn together; a test compares it, a talk shows it.

use super::play::Moment;
use crate::domain::message::Choice;
use crate::engine::{Effect, Trace, What};
use crate::flow::{Flows, Interrupt};

/// What speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// A step, as `flow/step`.
    Step(String),
    /// An interrupt with its own words; the question it repeats is the step's.
    Interrupt(String),
    /// The n-th reminder.
    Reminder(u8),
    /// The house, where no author wrote the words.
    House,
}

/// What one of them said without anything between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What spoke.
    pub by: Speaker,
    /// The step it was said at, `flow/step`; empty for the house.
    pub step: String,
    /// The messages; none of an interrupt that only repeats the question.
    pub texts: Vec<String>,
    /// What could be tapped.
    pub choices: Vec<Choice>,
}

impl Said {
    /// Whether a test that lists who spoke must list it.
    pub fn must_be_listed(&self) -> bool {
        self.by != Speaker::House && !self.texts.is_empty()
    }

    /// Everything it said, a message a line.
    pub fn text(&self) -> String {
        self.texts.join("\n")
    }
}

/// What was said in these turns, in order.
pub fn in_order(flows: &Flows, moments: &[Moment]) -> Vec<Said> {
    moments.iter().flat_map(|moment| of_turn(flows, moment)).collect()
}

fn of_turn(flows: &Flows, moment: &Moment) -> Vec<Said> {
    let interrupt = moment.trace.iter().find_map(|trace| Some((interrupt_of(flows, trace)?, &trace.step)));
    let reminder = moment.trace.iter().find_map(|trace| match trace.what {
        What::Reminded(n) => Some(n),
        _ => None,
    });
    let mut own_words = interrupt.map_or(0, |(interrupt, _)| own_words(interrupt));
    let mut said: Vec<Said> = Vec::new();
    if let Some((interrupt, step)) = interrupt.filter(|_| own_words == 0) {
        let by = Speaker::Interrupt(interrupt.name.clone());
        said.push(Said { by, step: step.clone(), texts: Vec::new(), choices: Vec::new() });
    }
    for effect in &moment.effects {
        let Effect::Say { step, text, choices, .. } = effect else { continue };
        let by = match (interrupt, reminder) {
            (Some((interrupt, _)), _) if own_words > 0 => {
                own_words -= 1;
                Speaker::Interrupt(interrupt.name.clone())
            }
            (_, Some(n)) => Speaker::Reminder(n),
            _ if step.is_empty() => Speaker::House,
            _ => Speaker::Step(step.clone()),
        };
        match said.last_mut() {
            Some(last) if last.by == by && last.step == *step => {
                last.texts.push(text.clone());
                if !choices.is_empty() {
                    last.choices.clone_from(choices);
                }
            }
            _ => said.push(Said { by, step: step.clone(), texts: vec![text.clone()], choices: choices.clone() }),
        }
    }
    said
}

/// How many messages of an interrupted turn are the interrupt's: what it says and the confirmation it asks.
fn own_words(interrupt: &Interrupt) -> usize {
    usize::from(interrupt.say.is_some()) + usize::from(interrupt.confirm.is_some())
}

fn interrupt_of<'a>(flows: &'a Flows, trace: &Trace) -> Option<&'a Interrupt> {
    let What::Interrupted(name) = &trace.what else { return None };
    flows.flows.get(&trace.flow)?.interrupts.iter().find(|interrupt| interrupt.name == *name)
}
