//! Lists what a file has in it that can be gone through, with lines: the file is read again, since a
//! compiled flow keeps no places.

use std::collections::HashSet;

use super::{Hits, Item, ItemKind, PromptSide, Way};
use crate::domain::slot::SlotType;
use crate::flow::compile::File;
use crate::flow::source::{self, Key, Kind, Node};
use crate::flow::{Ask, Flow, Flows, Step, Verb};

/// Everything in the files that is counted.
pub(super) fn items(files: &[File], flows: &Flows, hits: &Hits) -> Vec<Item> {
    let files = files.iter().filter(|file| !file.path.ends_with(".test.yaml"));
    let read: Vec<(&File, Node)> = files.filter_map(|file| Some((file, source::parse(&file.text).root?))).collect();
    let mut items = Vec::new();
    for (file, root) in &read {
        match flow_of(root, flows) {
            Some(flow) => Listing { file, flow, hits, items: &mut items }.flow(root),
            None => items.extend(shared((file, root), &read, flows, hits)),
        }
    }
    items
}

/// The interrupts of a shared file: each once, for all the flows that have it from there.
fn shared((file, root): (&File, &Node), files: &[(&File, Node)], flows: &Flows, hits: &Hits) -> Vec<Item> {
    let mut items = Vec::new();
    let stem = file.path.rsplit(['/', '\\']).next().and_then(|name| name.split('.').next()).unwrap_or_default();
    for (key, node) in entries(root.get("interrupts")) {
        let users = files.iter().filter(|(_, root)| uses(root, stem) && words_itself(root, &key.text).is_none());
        let users: Vec<&str> = users.filter_map(|(_, root)| Some(flow_of(root, flows)?.name.as_str())).collect();
        if users.is_empty() {
            continue;
        }
        let sum = |way: &Way| users.iter().map(|flow| hits.of(flow, &key.text, way.clone())).sum();
        let mut add = |line: usize, name: String, hits: usize| {
            let (file, flow) = (file.path.clone(), String::new());
            items.push(Item { kind: ItemKind::Interrupt, file, line, flow, name, hits });
        };
        add(key.span.line, key.text.clone(), sum(&Way::Interrupt));
        if let Some((confirm, _)) = node.entry("confirm") {
            add(confirm.span.line, format!("{}: confirm", key.text), sum(&Way::Agreed));
        }
    }
    items
}

fn flow_of<'a>(root: &Node, flows: &'a Flows) -> Option<&'a Flow> {
    flows.flows.get(root.get("flow")?.scalar()?.trim())
}

fn uses(root: &Node, shared: &str) -> bool {
    match root.get("use").map(|node| &node.kind) {
        Some(Kind::Seq(items)) => items.iter().any(|item| item.scalar().map(str::trim) == Some(shared)),
        Some(Kind::Scalar(name)) => name.trim() == shared,
        _ => false,
    }
}

fn words_itself<'a>(root: &'a Node, interrupt: &str) -> Option<&'a Node> {
    root.get("interrupts")?.get(interrupt)
}

fn entries(node: Option<&Node>) -> &[(Key, Node)] {
    node.and_then(Node::map).unwrap_or_default()
}

struct Listing<'a> {
    file: &'a File,
    flow: &'a Flow,
    hits: &'a Hits,
    items: &'a mut Vec<Item>,
}

impl Listing<'_> {
    fn flow(&mut self, root: &Node) {
        for (key, prompt) in entries(root.get("entry").and_then(|entry| entry.get("prompts"))) {
            for (side, name) in [(PromptSide::Yes, "if_yes"), (PromptSide::No, "if_no")] {
                let line = prompt.entry(name).map_or(key.span.line, |(key, _)| key.span.line);
                let hits = self.hits.of("", &key.text, Way::Prompt(side));
                self.add_counted(ItemKind::Branch, line, format!("{}: {name}", key.text), hits);
            }
        }
        for (key, node) in entries(root.get("interrupts")) {
            self.add(ItemKind::Interrupt, key.span.line, (&key.text, ""), Way::Interrupt);
            if let Some((confirm, _)) = node.entry("confirm") {
                self.add(ItemKind::Interrupt, confirm.span.line, (&key.text, "confirm"), Way::Agreed);
            }
        }
        let steps = entries(root.get("steps"));
        let slots = root.get("slots");
        for (key, node) in steps {
            if let Some(ix) = self.flow.find(&key.text) {
                self.step(key, node, self.flow.step(ix), slots);
            }
        }
        let own: HashSet<&str> =
            steps.iter().filter(|(_, step)| step.get("silence").is_some()).map(|(key, _)| key.text.as_str()).collect();
        if let Some(silence) = root.get("silence") {
            self.silence(silence, "", &|hits, flow, way| hits.anywhere(flow, &own, way));
        }
    }

    fn step(&mut self, key: &Key, node: &Node, step: &Step, slots: Option<&Node>) {
        let line = key.span.line;
        self.add(ItemKind::Step, line, (&step.id, ""), Way::Step);
        match &step.verb {
            Verb::Branch(arms) => self.arms(line, node, step, arms.len()),
            Verb::Say { when: Some(_), .. } => {
                let line = line_of(node, "if", line);
                self.add(ItemKind::Branch, line, (&step.id, "if"), Way::Said(true));
                self.add(ItemKind::Branch, line, (&step.id, "if not"), Way::Said(false));
            }
            Verb::Ask(ask) => {
                let slot = self.flow.slot(ask.slot);
                self.answers(line, node, step, ask);
                self.tries(node, step, slots.and_then(|slots| slots.get(&slot.name)));
            }
            Verb::Confirm(_) => self.tries(node, step, None),
            Verb::Call(_) => {
                let (ok, failed) = (line_of(node, "ok", line), line_of(node, "failed", line));
                self.add(ItemKind::Branch, ok, (&step.id, "ok"), Way::Called(true));
                self.add(ItemKind::Branch, failed, (&step.id, "failed"), Way::Called(false));
            }
            Verb::Person { if_unavailable: Some(_), .. } => {
                let line = line_of(node, "if_unavailable", line);
                self.add(ItemKind::Branch, line, (&step.id, "if_unavailable"), Way::Unavailable);
            }
            _ => {}
        }
        if let Some(silence) = node.get("silence") {
            let id = step.id.clone();
            self.silence(silence, &step.id, &|hits, flow, way| hits.of(flow, &id, way.clone()));
        }
    }

    fn arms(&mut self, line: usize, node: &Node, step: &Step, arms: usize) {
        let listed = match node.get("branch").map(|node| &node.kind) {
            Some(Kind::Seq(items)) => items.as_slice(),
            _ => &[],
        };
        for ix in 0..arms {
            let line = listed.get(ix).map_or(line, |item| item.span.line);
            self.add(ItemKind::Branch, line, (&step.id, &format!("{}", ix + 1)), Way::Arm(Some(ix)));
        }
        if step.next.is_some() {
            self.add(ItemKind::Branch, line_of(node, "branch", line), (&step.id, "else"), Way::Arm(None));
        }
    }

    /// The ways of a question that parts the ways: each that is written, and the one for all the rest.
    fn answers(&mut self, line: usize, node: &Node, step: &Step, ask: &Ask) {
        let slot = self.flow.slot(ask.slot);
        match slot.kind {
            SlotType::YesNo | SlotType::Consent if ask.if_yes.is_some() || ask.if_no.is_some() => {
                for (key, answer) in [("if_yes", "yes"), ("if_no", "no")] {
                    let line = line_of(node, key, line);
                    self.add(ItemKind::Branch, line, (&step.id, key), Way::Answered(answer.to_owned()));
                }
            }
            SlotType::Choice if !ask.choose.is_empty() => {
                for (option, _) in &slot.options {
                    let listed = node.get("choose").and_then(|choose| choose.entry(option));
                    let line = listed.map_or_else(|| line_of(node, "choose", line), |(key, _)| key.span.line);
                    self.add(ItemKind::Branch, line, (&step.id, option), Way::Answered(option.clone()));
                }
            }
            _ => {}
        }
    }

    /// Further tries and giving up, where the author wrote them: at the step or at its slot.
    fn tries(&mut self, node: &Node, step: &Step, slot: Option<&Node>) {
        let written = |key: &str| node.entry(key).or_else(|| slot?.entry(key));
        if let Some((key, retry)) = written("retry") {
            let lines: Vec<usize> = match &retry.kind {
                Kind::Seq(items) => items.iter().map(|item| item.span.line).collect(),
                _ => vec![key.span.line],
            };
            for (line, n) in lines.into_iter().zip(1..) {
                self.add(ItemKind::Retry, line, (&step.id, &format!("retry {n}")), Way::Retry(n));
            }
        }
        if let Some((key, _)) = written("give_up") {
            self.add(ItemKind::GiveUp, key.span.line, (&step.id, "give_up"), Way::GaveUp);
        }
    }

    fn silence(&mut self, node: &Node, step: &str, count: &dyn Fn(&Hits, &str, &Way) -> usize) {
        let (hits, flow) = (self.hits, self.flow.name.clone());
        let named = |what: String| if step.is_empty() { what } else { format!("{step}: {what}") };
        if let Some((key, after)) = node.entry("remind_after") {
            let lines: Vec<usize> = match &after.kind {
                Kind::Seq(items) => items.iter().map(|item| item.span.line).collect(),
                _ => vec![key.span.line],
            };
            for (line, n) in lines.into_iter().zip(1..) {
                let hits = count(hits, &flow, &Way::Reminder(n));
                self.add_counted(ItemKind::Reminder, line, named(format!("reminder {n}")), hits);
            }
        }
        if let Some((key, _)) = node.entry("then").or_else(|| node.entry("expire_after")) {
            let hits = count(hits, &flow, &Way::Expired);
            self.add_counted(ItemKind::Expiry, key.span.line, named("expire".to_owned()), hits);
        }
    }

    fn add(&mut self, kind: ItemKind, line: usize, (step, what): (&str, &str), way: Way) {
        let hits = self.hits.of(&self.flow.name, step, way);
        let name = if what.is_empty() { step.to_owned() } else { format!("{step}: {what}") };
        self.add_counted(kind, line, name, hits);
    }

    fn add_counted(&mut self, kind: ItemKind, line: usize, name: String, hits: usize) {
        let (file, flow) = (self.file.path.clone(), self.flow.name.clone());
        self.items.push(Item { kind, file, line, flow, name, hits });
    }
}

fn line_of(node: &Node, key: &str, otherwise: usize) -> usize {
    node.entry(key).map_or(otherwise, |(key, _)| key.span.line)
}
