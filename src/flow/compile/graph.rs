//! Tells what [`super::super::analysis`] finds in a whole, resolved flow as problems with their places; a
//! flow with an unknown edge is not judged.

use super::super::analysis::length::{self, Segments};
use super::super::analysis::need::{self, Finding, Lack, Site, Used};
use super::super::analysis::shape;
use super::super::analysis::way::Graph;
use super::super::source::{Kind, Node, Span};
use super::super::{Flow, Step, StepIx, Template, Verb, Wording};
use super::problem::Problem;
use super::report::Report;
use super::scope::SMS;
use super::step::Read;
use crate::domain::limits::{Limits, LimitsTable};

/// Most findings of one kind that are looked up in the file; its report tells no more either.
const MOST_FINDINGS: usize = 300;

/// Where everything stands in the file.
pub(super) struct Places<'a> {
    root: &'a Node,
    key: Vec<Span>,
    go: Vec<Option<Span>>,
}

impl<'a> Places<'a> {
    pub(super) fn of(root: &'a Node, steps: &[Read]) -> Self {
        Self { root, key: steps.iter().map(|read| read.key).collect(), go: steps.iter().map(|read| read.go).collect() }
    }

    fn step(&self, StepIx(ix): StepIx) -> Option<&'a Node> {
        self.root.get("steps")?.map()?.get(ix).map(|(_, node)| node)
    }

    /// The part of the file a finding is about, and where to point when nothing in it fits.
    fn site(&self, flow: &Flow, site: Site) -> (Option<&'a Node>, Span) {
        match site {
            Site::Step(step) => (self.step(step), self.key[step.0]),
            // A shared one stands in another file: the `use` that brings it here is what to look at.
            Site::Interrupt(ix) => {
                let own = self.root.get("interrupts").and_then(|node| node.get(&flow.interrupts[ix].name));
                let node = own.or_else(|| self.root.get("use"));
                (node, node.map_or(Span::at(1, 1, 0), |node| node.span))
            }
            Site::Silence => {
                let node = self.root.get("silence");
                (node, node.map_or(Span::at(1, 1, 0), |node| node.span))
            }
        }
    }
}

/// Checks a whole flow.
pub(super) fn check(report: &mut Report<'_>, flow: &Flow, places: &Places<'_>, limits: &LimitsTable) {
    let graph = Graph::of(flow);
    let falling = shape::falling_off(flow, &graph);
    for step in &falling {
        report.error(places.key[step.0], &Problem::FallsOff);
    }
    if falling.is_empty() {
        check_shape(report, flow, &graph, places);
        for finding in need::findings(flow, &graph).iter().take(MOST_FINDINGS) {
            tell(report, flow, places, finding);
        }
    }
    check_texts(report, flow, places, limits);
    check_reminders(report, flow, places, limits);
}

fn check_shape(report: &mut Report<'_>, flow: &Flow, graph: &Graph, places: &Places<'_>) {
    for cycle in shape::cycles(flow, graph) {
        let path = shown(flow, &cycle.steps);
        let problem = if cycle.asks { Problem::CycleOfKnown(path) } else { Problem::Cycle(path) };
        let closing = cycle.steps.last().map_or(0, |step| step.0);
        report.error(places.go[closing].unwrap_or(places.key[closing]), &problem);
    }
    for step in shape::unreachable(graph) {
        report.error(places.key[step.0], &Problem::Unreachable(flow.step(step).id.clone()));
    }
    for step in shape::dead_ends(graph) {
        report.error(places.key[step.0], &Problem::DeadEnd(flow.step(step).id.clone()));
    }
}

fn shown(flow: &Flow, round: &[StepIx]) -> String {
    const SHOWN: usize = 6;
    let mut names: Vec<&str> = round.iter().take(SHOWN).map(|step| flow.step(*step).id.as_str()).collect();
    if round.len() > SHOWN {
        names.push("...");
    }
    names.extend(names.first().copied());
    names.join(" → ")
}

fn tell(report: &mut Report<'_>, flow: &Flow, places: &Places<'_>, finding: &Finding<'_>) {
    let name = flow.slot(finding.slot).name.clone();
    let (node, otherwise) = places.site(flow, finding.site);
    let span = node.and_then(|node| match finding.used {
        Used::Text(template) => within(report, find_text(node, template)?, &name),
        Used::Key(key) => named(node.get(key)?, &name),
    });
    let span = span.unwrap_or(otherwise);
    match finding.lack {
        Lack::MaybeUnfilled => report.error(span, &Problem::MaybeUnfilled(name)),
        Lack::Unfilled => report.error(span, &Problem::NotYetFilled(name)),
        Lack::Asked => report.error(span, &Problem::PrivateBeforeConsent(name)),
        Lack::Sent => report.error(span, &Problem::PrivateSent(name)),
        Lack::Unconfirmed => report.warn(span, &Problem::UnconfirmedHandOff(name)),
    }
}

/// Where a slot is named, as a value or, under `save`, as a key.
fn named(node: &Node, slot: &str) -> Option<Span> {
    let value = find(node, &|text| text == slot).map(|node| node.span);
    let key = || node.entry(slot).map(|(key, _)| key.span);
    value.or_else(key)
}

/// The first scalar below a node whose words are wanted.
fn find<'n>(node: &'n Node, wanted: &dyn Fn(&str) -> bool) -> Option<&'n Node> {
    match &node.kind {
        Kind::Scalar(text) => wanted(text.trim()).then_some(node),
        Kind::Seq(items) => items.iter().find_map(|item| find(item, wanted)),
        Kind::Map(entries) => entries.iter().find_map(|(_, value)| find(value, wanted)),
        Kind::Null => None,
    }
}

fn find_text<'n>(node: &'n Node, template: &Template) -> Option<&'n Node> {
    find(node, &|text| Template::parse(text).is_ok_and(|read| read == *template))
}

/// Where a text names a slot.
fn within(report: &Report<'_>, node: &Node, slot: &str) -> Option<Span> {
    use super::super::template::Source;
    let (_, uses) = Template::parse_with_uses(node.scalar()?.trim()).ok()?;
    let names = |source: &Source| matches!(source, Source::Slot(name) | Source::Part(name, _) if name == slot);
    let used = uses.iter().find(|used| names(&used.source))?;
    Some(report.within(node, used.offset, used.length))
}

// ---- Texts -----------------------------------------------------------------------------------------

fn check_texts(report: &mut Report<'_>, flow: &Flow, places: &Places<'_>, limits: &LimitsTable) {
    let mut check = Texts { report, flow, places, limits };
    for (ix, step) in flow.steps.iter().enumerate() {
        length::of_step(step).into_iter().for_each(|wording| check.wording(Site::Step(StepIx(ix)), wording));
    }
    length::of_interrupts(flow).for_each(|(ix, wording)| check.wording(Site::Interrupt(ix), wording));
    check.wording(Site::Silence, &flow.silence.remind);
}

struct Texts<'r, 'a> {
    report: &'r mut Report<'a>,
    flow: &'r Flow,
    places: &'r Places<'r>,
    limits: &'r LimitsTable,
}

impl Texts<'_, '_> {
    fn wording(&mut self, site: Site, wording: &Wording) {
        for (channel, limits) in self.limits {
            let own = wording.by_channel.get(channel);
            // What is not worded for a channel without room is cut there; only what is can be too long.
            if own.is_none() && !limits.pushes {
                continue;
            }
            for template in own.unwrap_or(&wording.text).templates() {
                self.length(site, template, channel.as_str(), limits);
            }
        }
        let sms = wording.by_channel.iter().find(|(channel, _)| channel.as_str() == SMS);
        if let Some((channel, words)) = sms {
            let unaccented = self.limits.get(channel).is_some_and(|limits| !limits.accents);
            for template in words.templates() {
                let Segments { count, accents } = length::segments(template, unaccented);
                if count > 1 {
                    let span = self.place(site, template);
                    self.report.warn(span, &Problem::SmsSegments { count, accents });
                }
            }
        }
    }

    fn length(&mut self, site: Site, template: &Template, channel: &str, limits: &Limits) {
        let (length, most) = (length::length(template, limits), length::most(limits));
        if length > most {
            let span = self.place(site, template);
            self.report.error(span, &Problem::TextTooLong { length, most, channel: channel.to_owned() });
        }
    }

    fn place(&self, site: Site, template: &Template) -> Span {
        let (node, otherwise) = self.places.site(self.flow, site);
        node.and_then(|node| find_text(node, template)).map_or(otherwise, |node| node.span)
    }
}

// ---- Reminders -------------------------------------------------------------------------------------

/// Warns of reminders that come when a channel no longer lets us write.
fn check_reminders(report: &mut Report<'_>, flow: &Flow, places: &Places<'_>, limits: &LimitsTable) {
    let windows = limits.iter().filter(|(_, limits)| limits.pushes);
    let windows = windows.filter_map(|(channel, limits)| Some((limits.window?, channel)));
    let Some((window, channel)) = windows.min() else { return };
    let own = flow.steps.iter().enumerate().filter_map(|(ix, Step { verb, .. })| match verb {
        Verb::Ask(ask) => Some((places.step(StepIx(ix)), places.key[ix], ask.silence.as_ref()?)),
        _ => None,
    });
    let whole = (Some(places.root), Span::at(1, 1, 0), &flow.silence);
    for (node, otherwise, silence) in std::iter::once(whole).chain(own) {
        let late = silence.remind_after.iter().position(|after| *after >= window);
        let Some(late) = late else { continue };
        let list = node.and_then(|node| node.get("silence")?.get("remind_after"));
        let item = list.and_then(|list| match &list.kind {
            Kind::Seq(items) => items.get(late),
            _ => Some(list),
        });
        let problem = Problem::ReminderOutsideWindow { hours: window.as_secs() / 3600, channel: channel.to_string() };
        report.warn(item.map_or(otherwise, |item| item.span), &problem);
    }
}
