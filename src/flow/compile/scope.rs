//! What can be named inside one flow, and the reading of everything that names it: steps, slots, wordings
//! and conditions.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::condition::{Condition, Mention, Subject};
use super::super::source::{Key, Node, Span};
use super::super::template::{Part, Source, Template, Use};
use super::super::{Silence, Slot, SlotIx, StepIx, Wording, Words};
use super::problem::{Problem, Thing};
use super::report::Report;
use super::slot::Question;
use crate::domain::id::ChannelName;
use crate::domain::limits::LimitsTable;
use crate::domain::slot::SlotType;

/// A channel that flows may word for although it is not among the limits.
pub(super) const SMS: &str = "sms";

/// The names of one flow.
pub(super) struct Scope<'a> {
    pub(super) channels: &'a LimitsTable,
    pub(super) queues: &'a [String],
    pub(super) services: &'a [String],
    pub(super) slots: &'a [Slot],
    /// What the slots say of their own questions, in the same order.
    pub(super) questions: Vec<Question>,
    /// The flow's silence.
    pub(super) silence: Silence,
    pub(super) slot_ix: HashMap<&'a str, SlotIx>,
    pub(super) step_ix: HashMap<&'a str, StepIx>,
    /// Slots that some step asks for or that start with something of the contact.
    pub(super) filled: HashSet<SlotIx>,
    /// `false` for a shared file that no flow uses: its steps and slots cannot be known.
    pub(super) closed: bool,
}

/// Where a wording stands, which decides what it may use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a step or an interrupt.
    Flow,
    /// In the `unsure` of the step that asks this slot.
    Unsure(SlotIx),
    /// In a prompt, before anything is asked.
    Prompt,
}

impl Scope<'_> {
    pub(super) fn is_channel(&self, name: &str) -> bool {
        name == SMS || self.channels.contains_key(&ChannelName::new(name))
    }

    pub(super) fn channel_names(&self) -> impl Iterator<Item = &str> {
        channel_names(self.channels)
    }

    /// The service a value names.
    pub(super) fn service(&self, report: &mut Report<'_>, node: &Node) -> Option<String> {
        let name = report.words(node)?;
        if !self.services.iter().any(|service| service == name) {
            let problem = Problem::Unknown(Thing::Service, name.to_owned());
            report.unknown(node.span, &problem, name, self.services.iter().map(String::as_str));
        }
        Some(name.to_owned())
    }

    /// The step a value names.
    pub(super) fn step(&self, report: &mut Report<'_>, node: &Node) -> Option<StepIx> {
        let name = report.words(node)?;
        let found = self.step_ix.get(name).copied();
        if found.is_none() && self.closed {
            let problem = Problem::Unknown(Thing::Step, name.to_owned());
            report.unknown(node.span, &problem, name, self.step_ix.keys().copied());
        }
        found
    }

    /// The slot a value names.
    pub(super) fn slot(&self, report: &mut Report<'_>, node: &Node) -> Option<SlotIx> {
        let name = report.words(node)?;
        self.slot_named(report, node.span, name)
    }

    /// The slot a value names, which something must have filled.
    pub(super) fn filled_slot(&self, report: &mut Report<'_>, node: &Node) -> Option<SlotIx> {
        let ix = self.slot(report, node)?;
        self.must_be_filled(report, node.span, ix);
        Some(ix)
    }

    /// The slot of this name, which stands at `span`.
    pub(super) fn slot_named(&self, report: &mut Report<'_>, span: Span, name: &str) -> Option<SlotIx> {
        let found = self.slot_ix.get(name).copied();
        if found.is_none() && self.closed {
            let problem = Problem::Unknown(Thing::Slot, name.to_owned());
            report.unknown(span, &problem, name, self.slot_ix.keys().copied());
        }
        found
    }

    fn must_be_filled(&self, report: &mut Report<'_>, span: Span, ix: SlotIx) {
        if !self.filled.contains(&ix) {
            report.error(span, &Problem::NeverFilled(self.slots[ix.0].name.clone()));
        }
    }

    /// The queue a value names.
    pub(super) fn queue(&self, report: &mut Report<'_>, node: &Node) -> Option<String> {
        let name = report.words(node)?;
        if !self.queues.iter().any(|queue| queue == name) {
            let problem = Problem::Unknown(Thing::Queue, name.to_owned());
            report.unknown(node.span, &problem, name, self.queues.iter().map(String::as_str));
        }
        Some(name.to_owned())
    }

    /// The wording under `say`, with those for single channels beside it.
    pub(super) fn wording(&self, report: &mut Report<'_>, entries: &[(Key, Node)], place: Place) -> Option<Wording> {
        let mut text = None;
        let mut by_channel = BTreeMap::new();
        for (key, node) in entries {
            if key.text == "say" {
                text = self.text(report, node, place);
            } else if self.is_channel(&key.text)
                && let Some(words) = self.text(report, node, place)
            {
                by_channel.insert(ChannelName::new(&key.text), words);
            }
        }
        text.map(|text| Wording { text, by_channel })
    }

    /// A wording that is the same on every channel.
    pub(super) fn plain_wording(&self, report: &mut Report<'_>, node: &Node, place: Place) -> Option<Wording> {
        let text = self.text(report, node, place)?;
        Some(Wording { text, by_channel: BTreeMap::new() })
    }

    /// One text in the languages it is written in.
    pub(super) fn text(&self, report: &mut Report<'_>, node: &Node, place: Place) -> Option<Words> {
        let (vi, en) = report.languages(node)?;
        let vi = self.template(report, vi, place);
        let en = en.and_then(|en| self.template(report, en, place));
        Some(Words { vi: vi?, en })
    }

    /// Words with braces, all their values checked.
    pub(super) fn template(&self, report: &mut Report<'_>, node: &Node, place: Place) -> Option<Template> {
        match Template::parse_with_uses(report.words(node)?) {
            Ok((template, uses)) => {
                for used in &uses {
                    let span = report.within(node, used.offset, used.length);
                    self.check_use(report, span, used, place);
                }
                Some(template)
            }
            Err((offset, problem)) => {
                report.error(report.within(node, offset, 1), &Problem::Template(problem));
                None
            }
        }
    }

    fn check_use(&self, report: &mut Report<'_>, span: Span, used: &Use, place: Place) {
        let kind = match &used.source {
            Source::ContactPhone => Some(SlotType::Phone),
            Source::Words(_) => return,
            Source::ContactName | Source::Input | Source::LastQuestion | Source::Link => None,
            Source::Slot(name) | Source::Part(name, _) => {
                let Some(ix) = self.slot_named(report, span, name) else { return };
                if place == Place::Prompt {
                    return report.error(span, &Problem::InPrompt(name.clone()));
                }
                self.must_be_filled(report, span, ix);
                if matches!(used.source, Source::Part(_, Part::Guess)) && place != Place::Unsure(ix) {
                    report.error(span, &Problem::GuessElsewhere);
                }
                if matches!(used.source, Source::Part(..)) {
                    self.must_be(report, span, ix, &[SlotType::Address]);
                }
                Some(self.slots[ix.0].kind)
            }
        };
        if used.mask && kind != Some(SlotType::Phone) {
            let slot = if let Source::Slot(name) | Source::Part(name, _) = &used.source { name } else { "mask" };
            report.error(span, &Problem::WrongSlotType { slot: slot.to_owned(), wanted: "phone" });
        }
    }

    /// Reports a slot that is of none of these types.
    pub(super) fn must_be(&self, report: &mut Report<'_>, span: Span, ix: SlotIx, wanted: &[SlotType]) -> bool {
        let slot = &self.slots[ix.0];
        let fits = wanted.contains(&slot.kind);
        if !fits {
            let wanted = wanted.first().map_or("", |kind| type_name(*kind));
            report.error(span, &Problem::WrongSlotType { slot: slot.name.clone(), wanted });
        }
        fits
    }

    /// A condition, everything it names checked.
    pub(super) fn condition(&self, report: &mut Report<'_>, node: &Node) -> Option<Condition> {
        match Condition::parse_with_mentions(report.words(node)?) {
            Ok((condition, mentions)) => {
                for mention in &mentions {
                    self.check_mention(report, node, mention);
                }
                Some(condition)
            }
            Err((offset, problem)) => {
                report.error(report.within(node, offset, 1), &Problem::Condition(problem));
                None
            }
        }
    }

    fn check_mention(&self, report: &mut Report<'_>, node: &Node, mention: &Mention) {
        let place = |offset: usize, text: &str| report.within(node, offset, text.chars().count());
        let value = mention.value.as_ref().map(|(offset, value)| (place(*offset, value), value.as_str()));
        match (&mention.subject, value) {
            (Subject::Channel, Some((span, name))) if !self.is_channel(name) => {
                let problem = Problem::Unknown(Thing::Channel, name.to_owned());
                report.unknown(span, &problem, name, self.channel_names());
            }
            (Subject::Channel, _) => {}
            (Subject::Slot(name), value) => {
                let span = place(mention.offset, name);
                let Some(ix) = self.slot_named(report, span, name) else { return };
                self.must_be_filled(report, span, ix);
                match value {
                    Some(_) if mention.ordered => {
                        self.must_be(report, span, ix, &[SlotType::Number]);
                    }
                    Some((span, value)) => self.check_value(report, span, ix, value),
                    None => {}
                }
            }
        }
    }

    fn check_value(&self, report: &mut Report<'_>, span: Span, ix: SlotIx, value: &str) {
        let slot = &self.slots[ix.0];
        match slot.kind {
            SlotType::YesNo | SlotType::Consent if !matches!(value, "yes" | "no") => {
                report.error(span, &Problem::NotOneOf(value.to_owned(), "yes, no".to_owned()));
            }
            SlotType::Choice => self.check_option(report, span, slot, value),
            SlotType::Phone
            | SlotType::Address
            | SlotType::Date
            | SlotType::TimeWindow
            | SlotType::Email
            | SlotType::Location
            | SlotType::File => {
                report.error(span, &Problem::NotOneOf(value.to_owned(), "known, missing".to_owned()));
            }
            // Compared as it is written: 05 would never be 5.
            SlotType::Number if value.parse().map(|number: i64| number.to_string()).as_deref() != Ok(value) => {
                report.error(span, &Problem::BadNumber { least: i64::MIN, most: i64::MAX });
            }
            SlotType::Number | SlotType::YesNo | SlotType::Consent | SlotType::Text | SlotType::Name => {}
        }
    }

    /// Reports a value that is no option of this choice.
    pub(super) fn check_option(&self, report: &mut Report<'_>, span: Span, slot: &Slot, value: &str) {
        if slot.options.iter().all(|(key, _)| key != value) {
            let problem = Problem::Unknown(Thing::Option, value.to_owned());
            report.unknown(span, &problem, value, slot.options.iter().map(|(key, _)| key.as_str()));
        }
    }
}

/// The channels that flows can word for.
pub(in crate::flow) fn channel_names(channels: &LimitsTable) -> impl Iterator<Item = &str> {
    channels.keys().map(ChannelName::as_str).chain([SMS])
}

/// A slot type's name in flows.
pub(super) fn type_name(kind: SlotType) -> &'static str {
    SlotType::ALL.iter().find(|(_, other)| *other == kind).map_or("", |(name, _)| name)
}
