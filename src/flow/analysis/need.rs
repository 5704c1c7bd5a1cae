//! What each step needs of the slots and whether it is there: a value before it is said or sent, consent
//! before anything private, a summary before a ticket.
//!
//! Finds; [`super::super::compile`] knows where it stands in the file and how to say it.

use super::super::template::{Part, Piece, Source};
use super::super::{Flow, HandOffSlots, SlotIx, Step, StepIx, Template, Verb, Wording, Words};
use super::fact::{self, Facts, Known};
use super::way::{Graph, Reader};

/// Something that is needed and not there.
#[derive(Clone, Debug)]
pub struct Finding<'a> {
    /// Where.
    pub site: Site,
    /// The slot concerned.
    pub slot: SlotIx,
    /// Where at that site.
    pub used: Used<'a>,
    /// What is wrong.
    pub lack: Lack,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// A step.
    Step(StepIx),
    /// An interrupt, by its place in [`Flow::interrupts`].
    Interrupt(usize),
    /// The flow's own reminder.
    Silence,
}

/// How a slot is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used<'a> {
    /// In a text.
    Text(&'a Template),
    /// Named under this key of the step.
    Key(&'static str),
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// On some way here nothing has filled it.
    MaybeUnfilled,
    /// On no way here anything has filled it.
    Unfilled,
    /// It is private and asked or kept before consent.
    Asked,
    /// It is private and sent before consent.
    Sent,
    /// It is handed off and on some way no summary showed it.
    Unconfirmed,
}

/// Everything that is needed too early, in the order of the steps.
pub fn findings<'a>(flow: &'a Flow, graph: &Graph) -> Vec<Finding<'a>> {
    let reader = Reader::of(flow);
    let (sure, possible) = (fact::sure(graph), fact::possible(graph));
    let mut check = Check { filled: ever_filled(graph), reader, site: Site::Silence, found: Vec::new() };
    for (ix, step) in flow.steps.iter().enumerate() {
        if let (Some(sure), Some(possible)) = (&sure.steps[ix], &possible.steps[ix]) {
            check.site = Site::Step(StepIx(ix));
            check.step(step, sure, possible);
        }
    }
    check.anywhere(&sure);
    check.found
}

/// The slots that anything fills: others are told as never filled, not step by step.
fn ever_filled(graph: &Graph) -> Facts {
    let mut filled = graph.prefilled.clone();
    graph.steps.iter().flat_map(|ways| &ways.out).for_each(|way| filled.unite(&way.adds));
    filled
}

struct Check<'a> {
    reader: Reader<'a>,
    /// What is being looked at.
    site: Site,
    filled: Facts,
    found: Vec<Finding<'a>>,
}

impl<'a> Check<'a> {
    fn step(&mut self, step: &'a Step, sure: &Facts, possible: &Facts) {
        match &step.verb {
            Verb::Say { say, buttons, when, image } => {
                let mut sure = sure.clone();
                when.iter().for_each(|when| sure.unite(&self.reader.learned(when, true)));
                self.wording(say, &sure);
                let titles = buttons.iter().flat_map(Words::templates);
                titles.chain(image).for_each(|template| self.text(template, &sure));
            }
            Verb::Ask(ask) => {
                self.wording(&ask.say, sure);
                let mut here = sure.clone();
                here.add(self.reader.numbers.filled(ask.slot));
                let own = ask.when_known.iter().chain(&ask.retry).chain(ask.missing.values()).chain(&ask.unsure);
                own.for_each(|wording| self.wording(wording, &here));
                ask.silence.iter().for_each(|silence| self.wording(&silence.remind, sure));
                self.private(ask.slot, "ask", sure, Lack::Asked);
            }
            Verb::Confirm(confirm) => {
                let texts = std::iter::once(&confirm.say).chain(&confirm.ask_which).chain(&confirm.retry);
                texts.for_each(|wording| self.wording(wording, sure));
                confirm.slots.iter().for_each(|slot| self.sometimes(*slot, "confirm", possible));
            }
            Verb::HandOff { send, say, .. } => {
                say.iter().for_each(|wording| self.wording(wording, sure));
                self.hand_off(send, sure, possible);
            }
            Verb::Person { say, .. } | Verb::End { say, .. } => {
                say.iter().for_each(|wording| self.wording(wording, sure));
            }
            Verb::Call(call) => {
                call.say.iter().for_each(|wording| self.wording(wording, sure));
                for (_, slot) in &call.send {
                    self.always(*slot, "send", sure);
                    self.private(*slot, "send", sure, Lack::Sent);
                }
                call.save.iter().for_each(|(slot, _)| self.private(*slot, "save", sure, Lack::Asked));
            }
            Verb::Run { with, save, .. } => {
                with.iter().for_each(|(_, slot)| self.always(*slot, "with", sure));
                save.iter().for_each(|(slot, _)| self.private(*slot, "save", sure, Lack::Asked));
            }
            Verb::Branch(_) | Verb::Wait(_) => {}
        }
    }

    /// What can be said while any question waits.
    fn anywhere(&mut self, sure: &Known) {
        let Some(waiting) = &sure.waiting else { return };
        let flow = self.reader.flow;
        self.site = Site::Silence;
        self.wording(&flow.silence.remind, waiting);
        for (ix, interrupt) in flow.interrupts.iter().enumerate() {
            let texts = interrupt.say.iter().chain(&interrupt.confirm);
            self.site = Site::Interrupt(ix);
            texts.for_each(|wording| self.wording(wording, waiting));
        }
    }

    fn hand_off(&mut self, send: &HandOffSlots, sure: &Facts, possible: &Facts) {
        for slot in send.subscriber.iter().chain(&send.place) {
            self.always(*slot, "send", sure);
        }
        let named = [send.phone, send.name, send.quarantine];
        let others = named.into_iter().flatten().chain(send.slots.iter().copied());
        others.for_each(|slot| self.sometimes(slot, "send", possible));
        for slot in handed_off(send) {
            self.private(slot, "send", sure, Lack::Sent);
            // What the contact never gave cannot be wrong.
            let maybe = possible.has(self.reader.numbers.filled(slot));
            if maybe && !sure.has(self.reader.numbers.shown(slot)) {
                self.find(slot, Used::Key("send"), Lack::Unconfirmed);
            }
        }
    }

    fn find(&mut self, slot: SlotIx, used: Used<'a>, lack: Lack) {
        self.found.push(Finding { site: self.site, slot, used, lack });
    }

    fn always(&mut self, slot: SlotIx, key: &'static str, sure: &Facts) {
        let filled = self.reader.numbers.filled(slot);
        if self.filled.has(filled) && !sure.has(filled) {
            self.find(slot, Used::Key(key), Lack::MaybeUnfilled);
        }
    }

    /// A summary and a ticket leave out what is not there; it must be there sometimes.
    fn sometimes(&mut self, slot: SlotIx, key: &'static str, possible: &Facts) {
        let filled = self.reader.numbers.filled(slot);
        if self.filled.has(filled) && !possible.has(filled) {
            self.find(slot, Used::Key(key), Lack::Unfilled);
        }
    }

    fn private(&mut self, slot: SlotIx, key: &'static str, sure: &Facts, lack: Lack) {
        if self.reader.flow.slot(slot).private && !sure.has(self.reader.numbers.consented()) {
            self.find(slot, Used::Key(key), lack);
        }
    }

    fn wording(&mut self, wording: &'a Wording, sure: &Facts) {
        wording.templates().for_each(|template| self.text(template, sure));
    }

    fn text(&mut self, template: &'a Template, sure: &Facts) {
        for piece in &template.pieces {
            let Piece::Value { first_of, .. } = piece else { continue };
            let mut slots = Vec::new();
            let always = first_of.iter().any(|source| match source {
                Source::Words(_) | Source::ContactName | Source::ContactPhone => true,
                // A guess stands only where there is one.
                Source::Input | Source::LastQuestion | Source::Link | Source::Part(_, Part::Guess) => true,
                Source::Slot(name) | Source::Part(name, _) => {
                    let slot = self.reader.names.get(name.as_str()).copied();
                    slots.extend(slot);
                    slot.is_none_or(|slot| sure.has(self.reader.numbers.filled(slot)))
                }
            });
            let Some(slot) = slots.first().filter(|_| !always) else { continue };
            if self.filled.has(self.reader.numbers.filled(*slot)) {
                self.find(*slot, Used::Text(template), Lack::MaybeUnfilled);
            }
        }
    }
}

/// The slots of a ticket, each once.
fn handed_off(send: &HandOffSlots) -> Vec<SlotIx> {
    let named = [send.subscriber, send.phone, send.name, send.place, send.quarantine];
    let mut slots: Vec<SlotIx> = named.into_iter().flatten().chain(send.slots.iter().copied()).collect();
    slots.sort();
    slots.dedup();
    slots
}
