//! Putting questions: the words, what can be tapped, and the session that waits for the answer.

use crate::domain::address::{Address, AddressPart};
use crate::domain::message::Choice;
use crate::domain::session::{Guesses, Question, Waiting};
use crate::domain::slot::{SlotType, Value};
use crate::flow::{Ask, Confirm, Slot, SlotIx, Step, StepIx, Verb, Wording};

use super::run::Run;
use super::{Turn, What};

/// The values of [`agree`].
pub(super) const AGREE: &str = "agree";
pub(super) const DECLINE: &str = "decline";

impl<'a> Run<'a> {
    /// Puts the step's question.
    pub(super) fn ask(mut self, at: StepIx, ask: &Ask) -> Turn {
        self.draft = None;
        let choices = self.choices_of(self.flow.step(at), ask.slot);
        self.wait(at, Waiting::Answer, &ask.say, choices)
    }

    /// Puts the question whether a value known already is right.
    pub(super) fn propose(mut self, at: StepIx, ask: &Ask, value: Value) -> Turn {
        let Some(wording) = &ask.when_known else { return self.ask(at, ask) };
        self.draft = Some((self.flow.slot(ask.slot).name.clone(), value.clone()));
        let choices = yes_no(self.flow.step(at), self.words().right, self.words().not_that);
        self.wait(at, Waiting::Known { value }, wording, choices)
    }

    /// Asks for a part that the address lacks.
    pub(super) fn ask_part(mut self, at: StepIx, ask: &Ask, part: AddressPart, so_far: Address) -> Turn {
        self.note(at, What::Lacked);
        self.draft = Some((self.flow.slot(ask.slot).name.clone(), Value::Address(so_far.clone())));
        let wording = ask.missing.get(&part).unwrap_or(&ask.say);
        self.wait(at, Waiting::Part { part, so_far }, wording, Vec::new())
    }

    /// Offers guesses, best first; there is at least one.
    pub(super) fn ask_guess(mut self, at: StepIx, ask: &Ask, guesses: Guesses) -> Turn {
        self.note(at, What::Guessed);
        self.draft = guesses.value(0).map(|best| (self.flow.slot(ask.slot).name.clone(), best));
        let (step, words) = (self.flow.step(at), self.words());
        let (question, none_of_these) = match &guesses {
            Guesses::Addresses(one) if one.len() == 1 => {
                (self.render(ask.unsure.as_ref().unwrap_or(&ask.say)), words.not_that)
            }
            Guesses::Addresses(_) => (words.which_address.to_owned(), words.not_that),
            Guesses::Phones(phones) => (words.which_number(phones), words.another_number),
        };
        let choices = match guesses.labels().as_slice() {
            [_] => yes_no(step, words.right, words.not_that),
            several => {
                let listed = several.iter().enumerate().map(|(n, label)| choice(step, &format!("g{n}"), label));
                listed.chain([choice(step, "no", none_of_these)]).collect()
            }
        };
        self.wait_for(at, Waiting::Unsure { guesses }, question, choices)
    }

    /// Shows what was collected and asks whether it is right.
    pub(super) fn summarise(mut self, at: StepIx, confirm: &Confirm) -> Turn {
        let mut text = self.render(&confirm.say);
        for ix in &confirm.slots {
            let slot = self.flow.slot(*ix);
            if let Some(value) = self.progress.slots.get(&slot.name) {
                let shown = self.shown(slot, value, false);
                text.push_str(&format!("\n- {}: {shown}", slot.label.on(self.language)));
            }
        }
        self.draft = None;
        let choices = yes_no(self.flow.step(at), self.words().right, self.words().change);
        self.wait_for(at, Waiting::Confirm, text, choices)
    }

    /// Asks which of the summary's slots is wrong.
    pub(super) fn ask_which(mut self, at: StepIx, confirm: &Confirm) -> Turn {
        self.forget_tries();
        let step = self.flow.step(at);
        let slots = self.fixable_slots(confirm);
        let choices = slots.iter().map(|slot| choice(step, &slot.name, slot.label.on(self.language))).collect();
        let question = confirm.ask_which.as_ref().map(|wording| self.render(wording));
        let question = question.unwrap_or_else(|| self.words().ask_which.to_owned());
        self.wait_for(at, Waiting::Which, question, choices)
    }

    /// The slots of a summary that can be put right: those it shows and whose questions can be gone back to.
    pub(super) fn fixable_slots(&self, confirm: &Confirm) -> Vec<&'a Slot> {
        let flow = self.flow;
        let held = |ix: &&SlotIx| self.progress.slots.contains_key(&flow.slot(**ix).name);
        let asked = confirm.slots.iter().filter(held).filter(|ix| self.asked_at(**ix).is_some());
        asked.map(|ix| flow.slot(*ix)).collect()
    }

    /// Asks whether an earlier answer is to be corrected, or which of several.
    pub(super) fn ask_correction(mut self, at: StepIx, values: Vec<(String, Value)>, back: Waiting) -> Turn {
        let step = self.flow.step(at);
        let words = self.words();
        let labelled = |(name, value): &(String, Value)| {
            let slot = self.flow.slot_named(name)?;
            Some((slot.label.on(self.language).to_owned(), self.shown(slot, value, false)))
        };
        let (text, choices) = match values.as_slice() {
            [one] => {
                let (label, value) = labelled(one).unwrap_or_default();
                (words.correct(&label, &value), agree(step, words.yes, words.no))
            }
            several => {
                let titles = several.iter().filter_map(labelled);
                let listed = titles.enumerate().map(|(n, (label, _))| choice(step, &format!("c{n}"), &label));
                let choices = listed.chain([choice(step, "no", words.none_of_these)]).collect();
                (words.ask_which.to_owned(), choices)
            }
        };
        for (slot, value) in &values {
            self.note(at, What::Corrected { slot: slot.clone(), value: value.clone() });
        }
        let question = std::mem::take(&mut self.question);
        self.wait_for(at, Waiting::Correct { values, back: Box::new(back), question }, text, choices)
    }

    /// Says the wording and waits for the contact at `at`.
    pub(super) fn wait(self, at: StepIx, waiting: Waiting, wording: &Wording, choices: Vec<Choice>) -> Turn {
        let text = self.render(wording);
        self.wait_for(at, waiting, text, choices)
    }

    /// Says `text` as the question and waits for the contact at `at`.
    pub(super) fn wait_for(mut self, at: StepIx, waiting: Waiting, text: String, choices: Vec<Choice>) -> Turn {
        self.question = Question { text: text.clone(), choices: choices.clone() };
        let step = &self.flow.step(at).id;
        self.push(step, text, choices);
        self.stay(at, waiting)
    }

    /// Puts the waiting question again, as it was put before.
    pub(super) fn repeat(mut self, at: StepIx, waiting: Waiting) -> Turn {
        match waiting {
            // Nothing was asked, so there is nothing to repeat.
            Waiting::Call { .. } => {
                let (step, text) = (&self.flow.step(at).id, self.words().one_moment.to_owned());
                self.push(step, text, Vec::new());
                self.stay(at, waiting)
            }
            Waiting::Pause if self.effects.is_empty() => {
                let next = self.flow.step(at).next;
                self.leave_question(at, next)
            }
            Waiting::Pause | Waiting::Person => self.stay(at, waiting),
            _ if self.question.text.is_empty() => self.go(at),
            _ => {
                let Question { text, choices } = self.question.clone();
                let step = &self.flow.step(at).id;
                self.push(step, text, choices);
                self.stay(at, waiting)
            }
        }
    }

    /// Puts the waiting question anew, in the words and the language of now.
    pub(super) fn put(self, at: StepIx, waiting: Waiting) -> Turn {
        let flow = self.flow;
        match (waiting, &flow.step(at).verb) {
            (Waiting::Answer, Verb::Ask(ask)) => self.ask(at, ask),
            (Waiting::Known { value }, Verb::Ask(ask)) => self.propose(at, ask, value),
            (Waiting::Part { part, so_far }, Verb::Ask(ask)) => self.ask_part(at, ask, part, so_far),
            (Waiting::Unsure { guesses }, Verb::Ask(ask)) => self.ask_guess(at, ask, guesses),
            (Waiting::Confirm, Verb::Confirm(confirm)) => self.summarise(at, confirm),
            (Waiting::Which, Verb::Confirm(confirm)) => self.ask_which(at, confirm),
            (Waiting::Interrupt { back, .. } | Waiting::Correct { back, .. }, _) => self.put(at, *back),
            (waiting, _) => self.repeat(at, waiting),
        }
    }

    /// What can be tapped to answer for this slot.
    pub(super) fn choices_of(&self, step: &Step, slot: SlotIx) -> Vec<Choice> {
        let slot = self.flow.slot(slot);
        match slot.kind {
            SlotType::YesNo | SlotType::Consent => yes_no(step, self.words().yes, self.words().no),
            SlotType::Choice => {
                slot.options_on(self.language).iter().map(|(key, label)| choice(step, key, label)).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The two choices of a yes/no question at `step`.
pub(super) fn yes_no(step: &Step, yes: &str, no: &str) -> Vec<Choice> {
    vec![choice(step, "yes", yes), choice(step, "no", no)]
}

/// The same of a question over the step's own, which a late tap on the step's own must not answer.
pub(super) fn agree(step: &Step, yes: &str, no: &str) -> Vec<Choice> {
    vec![choice(step, AGREE, yes), choice(step, DECLINE, no)]
}

/// A choice whose payload says which question it answers, so that a late tap is known as such.
fn choice(step: &Step, value: &str, title: &str) -> Choice {
    Choice { payload: format!("{}={value}", step.id), title: title.to_owned() }
}
