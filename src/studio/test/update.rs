//! Rewrites the demands of a file that were not met, in place: everything else stays byte for byte.

use super::Outcome;
use crate::flow::source::{self, Kind, Node, Span};

/// The text with every demand that can be rewritten saying what came. `outcomes` are those of this text.
pub fn update(text: &str, outcomes: &[Outcome]) -> String {
    let Some(root) = source::parse(text).root else { return text.to_owned() };
    let (mark, body) = match text.strip_prefix('\u{feff}') {
        Some(body) => ("\u{feff}", body),
        None => ("", text),
    };
    let chars: Vec<char> = body.chars().collect();
    let mut edits: Vec<(usize, usize, &str)> = outcomes
        .iter()
        .flat_map(|outcome| &outcome.failures)
        .filter_map(|failure| {
            let (span, instead) = failure.rewrite.as_ref()?;
            Some((span.start, end_of(find(&root, *span)?, &chars), instead.as_str()))
        })
        .collect();
    edits.sort_unstable();
    let mut updated = String::from(mark);
    let mut at = 0;
    for (start, end, instead) in edits {
        updated.extend(&chars[at..start]);
        updated.push_str(instead);
        at = end;
    }
    updated.extend(&chars[at..]);
    updated
}

/// The value that begins there, the outermost where several do.
fn find(node: &Node, span: Span) -> Option<&Node> {
    if node.span == span {
        return Some(node);
    }
    match &node.kind {
        Kind::Map(entries) => entries.iter().find_map(|(_, value)| find(value, span)),
        Kind::Seq(items) => items.iter().find_map(|item| find(item, span)),
        Kind::Scalar(_) | Kind::Null => None,
    }
}

/// The offset after a value's last character; of what stands in brackets, after the closing one.
fn end_of(node: &Node, chars: &[char]) -> usize {
    let last = match &node.kind {
        Kind::Scalar(_) | Kind::Null => return node.span.end.min(chars.len()),
        Kind::Map(entries) => entries.last().map(|(key, value)| end_of(value, chars).max(key.span.end)),
        Kind::Seq(items) => items.last().map(|item| end_of(item, chars)),
    };
    let start = node.span.start;
    let after = last.unwrap_or(start + 1);
    let closing = match chars.get(start) {
        Some('[') => ']',
        Some('{') => '}',
        _ => return after,
    };
    // Behind the last value stand only blanks, a comma and comments.
    let mut at = after;
    while at < chars.len() && chars[at] != closing {
        if chars[at] == '#' {
            at += chars[at..].iter().take_while(|c| **c != '\n').count();
        } else {
            at += 1;
        }
    }
    (at + 1).min(chars.len())
}
