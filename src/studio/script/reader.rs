//! Names and shapes: single values of a script, each held against what the flows have.

use std::collections::BTreeSet;

use super::problem::{Problem, Thing};
use crate::domain::id::ChannelName;
use crate::flow::diagnostic::{Diagnostic, nearest};
use crate::flow::source::{Key, Kind, Node, Span};
use crate::flow::{Flow, Flows, Verb};
use crate::studio::play::Stage;

/// The channel of a conversation whose author names none.
pub(super) const CHANNEL: &str = "web";

/// A script being read.
pub(super) struct Reader<'a> {
    pub(super) path: &'a str,
    pub(super) names: Stage<'a>,
    pub(super) flow: Option<&'a Flow>,
    pub(super) problems: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    // ---- Names --------------------------------------------------------------------------------------

    /// The step as `flow/step`; of the script's own flow where no flow is named.
    pub(super) fn step(&mut self, node: &Node, named: &str) -> Option<String> {
        let named = named.trim();
        let (flow, step) = match named.split_once('/') {
            Some((flow, step)) => (self.names.flows.flows.get(flow), step),
            None => (self.flow, named),
        };
        let found = flow.filter(|flow| flow.find(step).is_some()).map(|flow| format!("{}/{step}", flow.name));
        if found.is_none() {
            let known = flow.map(|flow| flow.steps.iter().map(|step| step.id.as_str()).collect());
            self.unknown(node.span, Thing::Step, step, known.unwrap_or_default());
        }
        found
    }

    pub(super) fn interrupt(&mut self, node: &Node, name: &str) -> Option<String> {
        let flows: &'a Flows = self.names.flows;
        let all = flows.flows.values().flat_map(|flow| flow.interrupts.iter().map(|one| one.name.as_str()));
        self.known(node.span, Thing::Interrupt, name, all.collect::<BTreeSet<&str>>().into_iter().collect());
        Some(name.to_owned())
    }

    pub(super) fn slot(&mut self, span: Span, name: &str) {
        let flows: &'a Flows = self.names.flows;
        let all = flows.flows.values().flat_map(|flow| flow.slots.iter().map(|slot| slot.name.as_str()));
        self.known(span, Thing::Slot, name, all.collect::<BTreeSet<&str>>().into_iter().collect());
    }

    pub(super) fn service(&mut self, span: Span, name: &str) {
        let steps = self.names.flows.flows.values().flat_map(|flow| &flow.steps);
        let called = steps.filter_map(|step| match &step.verb {
            Verb::Call(call) => Some(call.service.as_str()),
            _ => None,
        });
        let called: Vec<&str> = called.collect();
        self.known(span, Thing::Service, name, called);
    }

    pub(super) fn channel(&mut self, node: &Node) -> ChannelName {
        let name = self.words(node).unwrap_or(CHANNEL);
        self.known(node.span, Thing::Channel, name, self.names.limits.keys().map(ChannelName::as_str).collect());
        ChannelName::new(name)
    }

    pub(super) fn known(&mut self, span: Span, thing: Thing, name: &str, known: Vec<&str>) {
        if !known.contains(&name) {
            self.unknown(span, thing, name, known);
        }
    }

    // ---- Shapes -------------------------------------------------------------------------------------

    pub(super) fn tell(&mut self, span: Span, problem: &Problem) {
        self.problems.push(Diagnostic::error(self.path, span, problem.words()));
    }

    pub(super) fn unknown(&mut self, span: Span, thing: Thing, name: &str, known: Vec<&str>) {
        let words = Problem::Unknown(thing, name.to_owned()).words();
        let suggestion = nearest(name, known);
        self.problems.push(Diagnostic { suggestion, ..Diagnostic::error(self.path, span, words) });
    }

    pub(super) fn unknown_key(&mut self, key: &Key, name: &str, known: Vec<&str>) {
        let words = Problem::UnknownKey(name.to_owned()).words();
        let suggestion = nearest(name, known);
        self.problems.push(Diagnostic { suggestion, ..Diagnostic::error(self.path, key.span, words) });
    }

    /// Reports a value that is no map, and the keys of one that are none of `known`.
    pub(super) fn keys(&mut self, node: &Node, known: &[&str]) {
        let Some(entries) = node.map() else {
            return self.tell(node.span, &Problem::Shape("các mục \"tên: giá trị\"", "a map"));
        };
        for (key, _) in entries {
            if !known.contains(&key.text.as_str()) {
                self.unknown_key(key, &key.text, known.to_vec());
            }
        }
    }

    /// The first entry of a map that says one thing; further ones belong to it or are reported.
    pub(super) fn single<'n>(&mut self, node: &'n Node) -> Option<(&'n Key, &'n Node)> {
        match node.map() {
            Some([(key, value)]) => Some((key, value)),
            Some([(key, value), (more, _)]) if key.text == "prompt" && more.text == "answer" => Some((key, value)),
            Some([_, (extra, _), ..]) => {
                self.unknown_key(extra, &extra.text, Vec::new());
                None
            }
            _ => {
                self.tell(node.span, &Problem::Shape("một mục \"tên: giá trị\"", "one key with its value"));
                None
            }
        }
    }

    pub(super) fn required<'n>(&mut self, node: &'n Node, key: &'static str) -> &'n str {
        match node.get(key) {
            Some(node) => self.words(node).unwrap_or_default(),
            None => {
                self.tell(node.span, &Problem::Missing(key));
                ""
            }
        }
    }

    pub(super) fn words<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        let words = node.scalar().map(str::trim).filter(|words| !words.is_empty());
        if words.is_none() {
            self.tell(node.span, &Problem::Shape("một dòng chữ", "a line of words"));
        }
        words
    }

    pub(super) fn one_of<T: Copy>(&mut self, node: &Node, allowed: &[(&str, T)]) -> Option<T> {
        let words = self.words(node)?;
        let found = allowed.iter().find(|(name, _)| *name == words).map(|(_, value)| *value);
        if found.is_none() {
            let listed = allowed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            self.tell(node.span, &Problem::OneOf(words.to_owned(), listed));
        }
        found
    }

    pub(super) fn list<'n>(&mut self, node: &'n Node, most: usize) -> &'n [Node] {
        let Kind::Seq(items) = &node.kind else {
            self.tell(node.span, &Problem::Shape("một danh sách", "a list"));
            return &[];
        };
        if let Some(extra) = items.get(most) {
            self.tell(extra.span, &Problem::TooMany);
        }
        &items[..items.len().min(most)]
    }
}
