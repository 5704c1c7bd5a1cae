//! A picture as SVG, laid out by `layout`. Light or dark as the viewer's page is.

use std::fmt::Write;

use super::layout::{self, Layout, Route, Size};
use super::{Change, Edge, Kind, Node, Picture, Style, shortened};

/// Most nodes that are drawn; beyond that nobody finds anything in one drawing.
pub const MOST_NODES: usize = 2000;
/// Most characters of a line in a box.
const LINE: usize = 36;
/// Most characters of an arrow's label; the whole of it is shown on pointing at it.
const SHOWN_LABEL: usize = 30;
/// The width of a character, on average, and the height of a line.
const CHARACTER: f64 = 6.6;
const LINE_HEIGHT: f64 = 16.0;
const PADDING: f64 = 10.0;
const NARROWEST: f64 = 190.0;
/// How much wider the bold first line is.
const BOLD: f64 = 1.15;

/// More nodes than can be drawn: so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyNodes(pub usize);

/// The picture as an SVG document.
///
/// # Errors
/// With more than [`MOST_NODES`] nodes; Mermaid has no such bound.
pub fn render(picture: &Picture) -> Result<String, TooManyNodes> {
    if picture.nodes.len() > MOST_NODES {
        return Err(TooManyNodes(picture.nodes.len()));
    }
    let labels: Vec<f64> = picture.edges.iter().map(|edge| label_width(&edge.label)).collect();
    let texts: Vec<Vec<String>> = picture.nodes.iter().map(wrapped).collect();
    let sizes: Vec<Size> = sizes(picture, &texts, &labels);
    let Layout { size, nodes, edges } = layout::lay_out(picture, &sizes, &labels);
    let mut svg = head(picture, size);
    // The boxes last, so that nothing is drawn over their words.
    for (edge, route) in picture.edges.iter().zip(&edges) {
        draw_edge(&mut svg, edge, route);
    }
    for (((node, text), corner), size) in picture.nodes.iter().zip(&texts).zip(nodes).zip(&sizes) {
        draw_node(&mut svg, node, text, (corner, *size));
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn wrapped(node: &Node) -> Vec<String> {
    node.lines().iter().flat_map(|line| wrap(line)).collect()
}

/// A text in lines of at most [`LINE`] characters; a longer word is cut.
fn wrap(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut length = 0;
    for word in text.split_whitespace() {
        let word: Vec<char> = word.chars().collect();
        for part in word.chunks(LINE) {
            if length > 0 && length + 1 + part.len() > LINE {
                lines.push(String::new());
                length = 0;
            }
            let line = lines.last_mut().expect("there is a line from the beginning");
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            line.extend(part);
            length += part.len();
        }
    }
    lines
}

fn width(text: &str) -> f64 {
    u32::try_from(text.chars().count()).map_or(f64::MAX, f64::from) * CHARACTER
}

fn label_width(label: &str) -> f64 {
    width(&shortened(label, SHOWN_LABEL)).max(CHARACTER) + 10.0
}

/// Wide enough for its text and for the labels of the arrows that leave it.
fn sizes(picture: &Picture, texts: &[Vec<String>], labels: &[f64]) -> Vec<Size> {
    let mut leaving: std::collections::HashMap<&str, f64> = std::collections::HashMap::new();
    for (edge, label) in picture.edges.iter().zip(labels) {
        *leaving.entry(&edge.from).or_default() += label;
    }
    let size = |(node, lines): (&Node, &Vec<String>)| {
        let bold = lines.first().map_or(0.0, |line| width(line) * BOLD);
        let text = lines.iter().map(|line| width(line)).fold(bold, f64::max) + 2.0 * PADDING;
        let arrows = leaving.get(node.id.as_str()).copied().unwrap_or_default();
        let height = lines.iter().map(|_| LINE_HEIGHT).sum::<f64>() + 2.0 * PADDING;
        Size { width: text.max(arrows).max(NARROWEST), height }
    };
    picture.nodes.iter().zip(texts).map(size).collect()
}

const STYLE: &str = "svg{color:#1f2328;background:#fff;font:12px system-ui,'DejaVu Sans',sans-serif}\
@media(prefers-color-scheme:dark){svg{color:#e6edf3;background:#0d1117}}\
text{fill:currentColor}text.id{font-weight:600}path.arrow{fill:none;stroke:#7d8590;stroke-width:1.3}\
path.trouble{stroke:#c4692b;stroke-dasharray:6 4}path.silence{stroke-dasharray:2 4}\
rect{fill-opacity:.12;stroke-width:1.5}\
path.added,rect.added{stroke:#1a7f37;stroke-width:2.5}path.removed,rect.removed{stroke:#cf222e;stroke-width:2.5;stroke-dasharray:6 4}\
path.reworded,rect.reworded{stroke:#bf8700;stroke-width:2.5}";

fn head(picture: &Picture, size: Size) -> String {
    let Size { width, height } = size;
    let mut svg = String::new();
    add(
        &mut svg,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">"
        ),
    );
    add(&mut svg, format_args!("<title>{}</title>", escaped(&picture.title)));
    add(&mut svg, format_args!("<style>{STYLE}</style>"));
    add(
        &mut svg,
        format_args!(
            "<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" \
             markerHeight=\"7\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">\
             <path d=\"M0 0L8 4L0 8z\" fill=\"#7d8590\"/></marker></defs>"
        ),
    );
    svg
}

fn draw_edge(svg: &mut String, edge: &Edge, route: &Route) {
    let mut path = String::new();
    for (ix, (x, y)) in route.corners.iter().enumerate() {
        let letter = if ix == 0 { 'M' } else { 'L' };
        write!(path, "{letter}{x:.1} {y:.1}").expect("writing to a string");
    }
    let style = match edge.style {
        Style::Plain => "",
        Style::Trouble => " trouble",
        Style::Silence => " silence",
    };
    let label = escaped(&edge.label);
    let title =
        format!("{} → {}{}{label}", escaped(&edge.from), escaped(&edge.to), if label.is_empty() { "" } else { ": " });
    add(
        svg,
        format_args!(
            "<g><title>{title}</title><path class=\"arrow{style}{}\" d=\"{path}\"{}/>",
            class(edge.change),
            if route.joins { "" } else { " marker-end=\"url(#head)\"" }
        ),
    );
    if !label.is_empty() {
        let ((x, y), shown) = (route.label, escaped(&shortened(&edge.label, SHOWN_LABEL)));
        add(svg, format_args!("<text x=\"{x:.1}\" y=\"{y:.1}\">{shown}</text>"));
    }
    svg.push_str("</g>\n");
}

fn draw_node(svg: &mut String, node: &Node, lines: &[String], ((x, y), size): ((f64, f64), Size)) {
    let Size { width, height } = size;
    let title = escaped(if node.words.is_empty() { &node.label } else { &node.words });
    let (colour, round) = (colour(node.kind), round(node.kind));
    add(svg, format_args!("<g class=\"node {}\"><title>{title}</title>", node.kind.name()));
    let class = class(node.change);
    add(
        svg,
        format_args!(
            "<rect class=\"box{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" \
             rx=\"{round}\" fill=\"{colour}\" stroke=\"{colour}\"/>"
        ),
    );
    let middle = x + width / 2.0;
    let mut line_y = y + PADDING + LINE_HEIGHT * 0.75;
    for (ix, line) in lines.iter().enumerate() {
        let class = if ix == 0 { " class=\"id\"" } else { "" };
        add(
            svg,
            format_args!(
                "<text{class} x=\"{middle:.1}\" y=\"{line_y:.1}\" text-anchor=\"middle\">{}</text>",
                escaped(line)
            ),
        );
        line_y += LINE_HEIGHT;
    }
    svg.push_str("</g>\n");
}

fn class(change: Change) -> String {
    if change == Change::Same { String::new() } else { format!(" {}", change.name()) }
}

fn add(svg: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(svg, "{line}").expect("writing to a string");
}

/// The colour of a kind of box, to be seen on white and on black.
pub(super) fn colour(kind: Kind) -> &'static str {
    match kind {
        Kind::Entry => "#0969da",
        Kind::Aside => "#6e7781",
        Kind::Say | Kind::Wait => "#57606a",
        Kind::Ask => "#1f6feb",
        Kind::Confirm => "#8250df",
        Kind::Branch => "#bf8700",
        Kind::Call | Kind::Run => "#0e8a8a",
        Kind::HandOff => "#1a7f37",
        Kind::Person => "#bc4c00",
        Kind::End => "#953800",
    }
}

fn round(kind: Kind) -> u8 {
    match kind {
        Kind::Entry | Kind::End => 16,
        Kind::Person => 10,
        _ => 3,
    }
}

/// The text with what is XML in it written otherwise, and without what XML cannot hold.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push(c),
            '\u{fffe}' | '\u{ffff}' => {}
            _ if c.is_control() => escaped.push(' '),
            _ => escaped.push(c),
        }
    }
    escaped
}
