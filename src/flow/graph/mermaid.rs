//! A picture as Mermaid, which Markdown pages show as a drawing.

use std::collections::HashMap;
use std::fmt::Write;

use super::{Change, Kind, Picture, Style};

/// Most characters of an arrow's label.
const SHOWN_LABEL: usize = 80;

/// The picture as a `flowchart`. Its ids are numbers, so that no word of an author is read as Mermaid.
pub fn render(picture: &Picture) -> String {
    let ids: HashMap<&str, usize> = picture.nodes.iter().enumerate().map(|(ix, node)| (node.id.as_str(), ix)).collect();
    let mut text = String::from("flowchart TD\n");
    for (ix, node) in picture.nodes.iter().enumerate() {
        let (open, close) = shape(node.kind);
        let lines = node.lines().iter().map(|line| escaped(line)).collect::<Vec<_>>().join("<br/>");
        let class = if node.change == Change::Same { node.kind.name() } else { node.change.name() };
        add(&mut text, format_args!("  n{ix}{open}\"{lines}\"{close}:::{class}"));
    }
    let edges = picture.edges.iter().filter_map(|edge| Some((edge, *ids.get(&*edge.from)?, *ids.get(&*edge.to)?)));
    for (edge, from, to) in edges.clone() {
        let arrow = if edge.style == Style::Plain && edge.change != Change::Removed { "-->" } else { "-.->" };
        let label = super::shortened(&edge.label, SHOWN_LABEL);
        let label = if label.is_empty() { label } else { format!("|\"{}\"|", escaped(&label)) };
        add(&mut text, format_args!("  n{from} {arrow}{label} n{to}"));
    }
    for (ix, (edge, ..)) in edges.enumerate() {
        if let Some((_, stroke)) = CHANGES.iter().find(|(change, _)| *change == edge.change) {
            add(&mut text, format_args!("  linkStyle {ix} stroke:{stroke},stroke-width:2px"));
        }
    }
    classes(&mut text, picture);
    text
}

/// How a change is coloured.
const CHANGES: [(Change, &str); 3] =
    [(Change::Added, "#1a7f37"), (Change::Removed, "#cf222e"), (Change::Reworded, "#bf8700")];

/// The classes that the picture uses.
fn classes(text: &mut String, picture: &Picture) {
    for (name, kind) in Kind::ALL {
        if picture.nodes.iter().any(|node| node.kind == kind && node.change == Change::Same) {
            add(text, format_args!("  classDef {name} stroke:{},stroke-width:1.5px", super::svg::colour(kind)));
        }
    }
    for (change, stroke) in CHANGES {
        if picture.nodes.iter().any(|node| node.change == change) {
            let dashes = if change == Change::Removed { ",stroke-dasharray:6 4" } else { "" };
            let name = change.name();
            add(text, format_args!("  classDef {name} stroke:{stroke},stroke-width:3px{dashes}"));
        }
    }
}

fn add(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("writing to a string");
}

fn shape(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Entry | Kind::End => ("([", "])"),
        Kind::Aside => (">", "]"),
        Kind::Say | Kind::HandOff => ("[", "]"),
        Kind::Ask | Kind::Confirm => ("[/", "/]"),
        Kind::Branch => ("{", "}"),
        Kind::Call | Kind::Run => ("[[", "]]"),
        Kind::Person => ("(", ")"),
        Kind::Wait => ("{{", "}}"),
    }
}

/// The text with everything that is Mermaid, HTML or Markdown in it written by its number.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '<' | '>' | '&' | '#' | ';' | '`' | '\\' | '|' => {
                write!(escaped, "#{};", u32::from(c)).expect("writing to a string");
            }
            _ if c.is_control() => escaped.push(' '),
            _ => escaped.push(c),
        }
    }
    escaped
}
