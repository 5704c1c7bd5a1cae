//! A flow as a picture: what an author looks at to see where their words lead.
//!
//! Plain data, drawn by [`mermaid`] and [`svg`]; [`difference`] lays two pictures over each other. Knows no
//! file and no store: live counts arrive as numbers. Where steps lead is read in `step`, and tests hold it
//! against [`super::analysis::way`], which judges the same ways.

use std::collections::BTreeMap;

use super::Flow;

pub mod difference;
mod entry;
mod layout;
pub mod mermaid;
mod step;
pub mod svg;

/// Most characters of a node's words that are drawn.
const SHOWN_WORDS: usize = 110;

/// A flow as boxes and arrows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// What it is called.
    pub title: String,
    /// The steps in the file's order, then the ways into them. No id twice.
    pub nodes: Vec<Node>,
    /// The ways between them; both ends are among the nodes.
    pub edges: Vec<Edge>,
}

/// A box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The step's id; what is no step starts with `@`, which no step can.
    pub id: String,
    /// What it does.
    pub kind: Kind,
    /// What stands in it, in short: the id of a step, then what it does.
    pub label: String,
    /// Everything that is said there, a text a line.
    pub words: String,
    /// How many contacts are there; `None` where nobody counted.
    pub live: Option<usize>,
    /// Against an earlier picture.
    pub change: Change,
}

/// What a box stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A way into the flow.
    Entry,
    /// What contacts may say at any time.
    Aside,
    /// `say`
    Say,
    /// `ask`
    Ask,
    /// `confirm`
    Confirm,
    /// `branch`
    Branch,
    /// `call`
    Call,
    /// `handoff`
    HandOff,
    /// `person`
    Person,
    /// `run`
    Run,
    /// `wait`
    Wait,
    /// `end`
    End,
}

impl Kind {
    /// Every kind and the name it is drawn by.
    pub const ALL: [(&'static str, Self); 12] = [
        ("entry", Self::Entry),
        ("aside", Self::Aside),
        ("say", Self::Say),
        ("ask", Self::Ask),
        ("confirm", Self::Confirm),
        ("branch", Self::Branch),
        ("call", Self::Call),
        ("handoff", Self::HandOff),
        ("person", Self::Person),
        ("run", Self::Run),
        ("wait", Self::Wait),
        ("finish", Self::End),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// An arrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The node it leaves.
    pub from: String,
    /// The node it comes to.
    pub to: String,
    /// What it takes to go there; empty for what simply comes next.
    pub label: String,
    /// How it is drawn.
    pub style: Style,
    /// Against an earlier picture.
    pub change: Change,
}

/// How an arrow is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Style {
    /// As the flow means it to go.
    Plain,
    /// What goes wrong: not understood, no answer of a service, nobody on duty.
    Trouble,
    /// The contact's silence.
    Silence,
}

/// What became of a node or an edge since an earlier picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Nothing.
    #[default]
    Same,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is there, but says something else.
    Reworded,
}

impl Change {
    /// Every change and the name it is drawn by.
    pub const ALL: [(&'static str, Self); 4] =
        [("same", Self::Same), ("added", Self::Added), ("removed", Self::Removed), ("reworded", Self::Reworded)];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, change)| *change == self).map_or("", |(name, _)| name)
    }
}

impl Picture {
    /// The picture of a flow.
    #[must_use]
    pub fn of(flow: &Flow) -> Self {
        let mut picture = Self { title: flow.title.clone(), ..Self::default() };
        step::draw_all(&mut picture, flow);
        entry::draw(&mut picture, flow);
        picture
    }

    /// The picture with the number of contacts at each step; a step that is not named has none.
    #[must_use]
    pub fn with_counts(mut self, counts: &BTreeMap<String, usize>) -> Self {
        for node in self.nodes.iter_mut().filter(|node| !node.id.starts_with('@')) {
            node.live = Some(counts.get(&node.id).copied().unwrap_or_default());
        }
        self
    }

    /// Puts an arrow in; with one between the same ends already, its label joins that one's.
    fn connect(&mut self, from: &str, to: &str, label: &str, style: Style) {
        // The arrows of one node are put in together, so the ones to look at are the last.
        let own = self.edges.iter_mut().rev().take_while(|edge| edge.from == from);
        match own.into_iter().find(|edge| edge.to == to && edge.style == style) {
            // What simply comes next needs no other reason.
            Some(edge) if edge.label.is_empty() || label.is_empty() => edge.label.clear(),
            Some(edge) => edge.label = format!("{}, {label}", edge.label),
            None => self.edges.push(Edge {
                from: from.to_owned(),
                to: to.to_owned(),
                label: label.to_owned(),
                style,
                change: Change::Same,
            }),
        }
    }

    fn add(&mut self, id: &str, kind: Kind, label: String, words: String) {
        self.nodes.push(Node { id: id.to_owned(), kind, label, words, live: None, change: Change::Same });
    }
}

impl Node {
    /// The lines drawn in it: its label, the beginning of what it says, who is there.
    fn lines(&self) -> Vec<String> {
        let first = self.words.lines().next().unwrap_or_default();
        let mut lines: Vec<String> = self.label.lines().map(str::to_owned).collect();
        if !first.is_empty() {
            lines.push(format!("“{}”", shortened(first, SHOWN_WORDS)));
        }
        // Only who is there is worth a line.
        lines.extend(self.live.filter(|count| *count > 0).map(|count| format!("{count} khách")));
        lines
    }
}

/// The text, or as many of its first words as fit and an ellipsis.
fn shortened(text: &str, most: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let beginning = &text[..end];
    let words = beginning.rsplit_once(char::is_whitespace).map_or(beginning, |(words, _)| words);
    format!("{}…", words.trim_end())
}
