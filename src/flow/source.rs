//! YAML with positions: a text becomes a tree in which every scalar is its source text (`0912345678` and
//! `no` stay text) and knows where it stands.
//!
//! Knows nothing of flows: the configuration is read by it too. Whoever reads the tree gives the scalars
//! their types. What YAML allows and we refuse is listed in [`problem`].

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, StrInput};
use unicode_normalization::{UnicodeNormalization, is_nfc};

pub mod problem;

pub use problem::SourceProblem;

/// Longest text, in bytes.
pub const MOST_BYTES: usize = 1 << 20;
/// Deepest nesting of maps and lists.
pub const MOST_DEPTH: usize = 32;
/// Most scalars, maps, lists and keys in one text.
pub const MOST_NODES: usize = 200_000;

/// Where something stands in its text. All counts are in characters (code points).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Line from 1.
    pub line: usize,
    /// Column from 1.
    pub column: usize,
    /// The line it ends on.
    pub end_line: usize,
    /// The column after its last character.
    pub end_column: usize,
    /// Offset of its first character from the beginning of the text, a byte order mark not counted.
    pub start: usize,
    /// Offset after its last character.
    pub end: usize,
}

/// One value of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it stands; for an empty value, where its key stands; for a map or list, its first character.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words, in NFC: quoted ones without their quotes, others as they stand in the source.
    Scalar(String),
    /// Keys and values in the source's order; no key twice.
    Map(Vec<(Key, Node)>),
    /// Values in the source's order.
    Seq(Vec<Node>),
    /// Nothing was written.
    Null,
}

/// A key of a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key, in NFC.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// What came of reading a text.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The tree; `None` when the text is not YAML, or is empty, and then `problems` says so. With
    /// problems that do not hide the structure (an anchor, a duplicate key) there is a tree as well.
    pub root: Option<Node>,
    /// What is wrong, in the source's order.
    pub problems: Vec<(Span, SourceProblem)>,
}

impl Node {
    /// The keys and values of a map.
    pub fn map(&self) -> Option<&[(Key, Node)]> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            Kind::Scalar(_) | Kind::Seq(_) | Kind::Null => None,
        }
    }

    /// The words of a scalar.
    pub fn scalar(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(text) => Some(text),
            Kind::Map(_) | Kind::Seq(_) | Kind::Null => None,
        }
    }

    /// The values of a list; of anything else, itself alone.
    pub fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::Seq(items) => items,
            Kind::Map(_) | Kind::Scalar(_) | Kind::Null => std::slice::from_ref(self),
        }
    }

    /// Whether nothing was written.
    pub fn is_null(&self) -> bool {
        self.kind == Kind::Null
    }

    /// The value under a key of a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The key and its value.
    pub fn entry(&self, key: &str) -> Option<(&Key, &Node)> {
        self.map()?.iter().find(|(known, _)| known.text == key).map(|(key, value)| (key, value))
    }
}

impl Span {
    /// The place of one character.
    pub fn at(line: usize, column: usize, start: usize) -> Self {
        Self { line, column, end_line: line, end_column: column + 1, start, end: start + 1 }
    }

    fn between(from: Marker, to: Marker) -> Self {
        Self {
            line: from.line(),
            column: from.col() + 1,
            end_line: to.line(),
            end_column: to.col() + 1,
            start: from.index(),
            end: to.index(),
        }
    }

    fn of_marker(at: Marker) -> Self {
        Self::at(at.line(), at.col() + 1, at.index())
    }
}

/// Reads one YAML document. Bounded in size, depth and number of values, each bound a counted problem.
pub fn parse(text: &str) -> Parsed {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > MOST_BYTES {
        return Parsed::refused(Span::at(1, 1, 0), SourceProblem::TooLong);
    }
    if let Some((span, found)) = control_character(text) {
        return Parsed::refused(span, SourceProblem::Control(found));
    }
    let mut builder = Builder::default();
    for event in Parser::new(StrInput::new(text)) {
        let taken = match event {
            Ok((event, span)) => builder.take(event, Span::between(span.start, span.end)),
            Err(error) => Err((Span::of_marker(*error.marker()), SourceProblem::of_parser(error.info()))),
        };
        if let Err(fatal) = taken {
            builder.problems.push(fatal);
            return Parsed { root: None, problems: builder.problems };
        }
    }
    if builder.root.is_none() && builder.problems.is_empty() {
        return Parsed::refused(Span::at(1, 1, 0), SourceProblem::Empty);
    }
    Parsed { root: builder.root, problems: builder.problems }
}

impl Parsed {
    fn refused(span: Span, problem: SourceProblem) -> Self {
        Self { root: None, problems: vec![(span, problem)] }
    }
}

fn is_control(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}')) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// The first character that no editor shows, and where it stands.
fn control_character(text: &str) -> Option<(Span, char)> {
    let (mut line, mut column, mut after_return) = (1, 1, false);
    for (offset, c) in text.chars().enumerate() {
        if is_control(c) {
            return Some((Span::at(line, column, offset), c));
        }
        match c {
            '\n' if after_return => column = 1,
            '\n' | '\r' => (line, column) = (line + 1, 1),
            _ => column += 1,
        }
        after_return = c == '\r';
    }
    None
}

/// A map or list that is not finished. An explicit stack instead of recursion: the depth is a count, not
/// a risk.
enum Open {
    Map { span: Span, entries: Vec<(Key, Node)>, seen: HashMap<String, usize>, key: Pending },
    Seq { span: Span, items: Vec<Node> },
}

/// What the next value of a map is.
enum Pending {
    /// A key.
    Key,
    /// The value of this key.
    Value(Key),
    /// The value of a key that was refused.
    Dropped,
}

#[derive(Default)]
struct Builder {
    root: Option<Node>,
    open: Vec<Open>,
    nodes: usize,
    documents: usize,
    problems: Vec<(Span, SourceProblem)>,
}

type Fatal = (Span, SourceProblem);

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fatal> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err((span, SourceProblem::SeveralDocuments));
                }
            }
            Event::Alias(_) => {
                self.problems.push((span, SourceProblem::Alias));
                self.count(span)?;
                self.place(Node { span, kind: Kind::Null });
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.count(span)?;
                self.refuse_properties(anchor, tag.is_some(), span);
                let node = self.scalar(&text, style, span);
                self.place(node);
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(span)?;
                self.refuse_properties(anchor, tag.is_some(), span);
                self.open.push(Open::Seq { span: first_character(span), items: Vec::new() });
            }
            Event::MappingStart(anchor, tag) => {
                self.begin(span)?;
                self.refuse_properties(anchor, tag.is_some(), span);
                let (entries, seen) = (Vec::new(), HashMap::new());
                self.open.push(Open::Map { span: first_character(span), entries, seen, key: Pending::Key });
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::Seq { span, items }) => self.place(Node { span, kind: Kind::Seq(items) }),
                Some(Open::Map { span, entries, .. }) => self.place(Node { span, kind: Kind::Map(entries) }),
                None => {}
            },
        }
        Ok(())
    }

    fn begin(&mut self, span: Span) -> Result<(), Fatal> {
        if self.open.len() >= MOST_DEPTH {
            return Err((first_character(span), SourceProblem::TooDeep));
        }
        self.count(span)
    }

    fn count(&mut self, span: Span) -> Result<(), Fatal> {
        self.nodes += 1;
        if self.nodes > MOST_NODES { Err((first_character(span), SourceProblem::TooManyNodes)) } else { Ok(()) }
    }

    fn refuse_properties(&mut self, anchor: usize, tagged: bool, span: Span) {
        if anchor != 0 {
            self.problems.push((span, SourceProblem::Anchor));
        }
        if tagged {
            self.problems.push((span, SourceProblem::Tag));
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: Span) -> Node {
        if style == ScalarStyle::Plain && text.is_empty() {
            return Node { span, kind: Kind::Null };
        }
        // An escape in a quoted text can hide what the raw text may not contain.
        if let Some(hidden) = text.chars().find(|c| is_control(*c)) {
            self.problems.push((span, SourceProblem::Control(hidden)));
        }
        Node { span, kind: Kind::Scalar(nfc(text)) }
    }

    /// Puts a finished value where it belongs: into the open map or list, or at the root.
    fn place(&mut self, node: Node) {
        let Self { open, problems, root, .. } = self;
        match open.last_mut() {
            None => {
                if !node.is_null() {
                    *root = Some(node);
                }
            }
            Some(Open::Seq { items, .. }) => items.push(node),
            Some(Open::Map { entries, seen, key, .. }) => match std::mem::replace(key, Pending::Key) {
                Pending::Key => *key = pending(node, seen, problems),
                Pending::Value(name) => {
                    let span = if node.is_null() { name.span } else { node.span };
                    entries.push((name, Node { span, ..node }));
                }
                Pending::Dropped => {}
            },
        }
    }
}

/// Judges a key: the first of its name, and words.
fn pending(node: Node, seen: &mut HashMap<String, usize>, problems: &mut Vec<(Span, SourceProblem)>) -> Pending {
    let Kind::Scalar(text) = node.kind else {
        problems.push((node.span, SourceProblem::KeyNotText));
        return Pending::Dropped;
    };
    if text == "<<" {
        problems.push((node.span, SourceProblem::MergeKey));
        return Pending::Dropped;
    }
    if let Some(first) = seen.get(&text) {
        problems.push((node.span, SourceProblem::DuplicateKey { key: text, first: *first }));
        return Pending::Dropped;
    }
    seen.insert(text.clone(), node.span.line);
    Pending::Value(Key { text, span: node.span })
}

fn first_character(span: Span) -> Span {
    Span::at(span.line, span.column, span.start)
}

fn nfc(text: &str) -> String {
    if is_nfc(text) { text.to_owned() } else { text.nfc().collect() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn problems(text: &str) -> Vec<(usize, usize, &'static str)> {
        parse(text).problems.iter().map(|(span, problem)| (span.line, span.column, problem.words().code)).collect()
    }

    #[test]
    fn every_scalar_is_its_source_text() {
        let parsed = parse("a: 0912345678\nb: no\nc: 17:30\nd: ~\ne:\nf: \"x\\ny\"\ng: 1_000\n");
        let root = parsed.root.unwrap();
        let text = |key| root.get(key).and_then(Node::scalar).map(str::to_owned);
        assert_eq!(text("a").as_deref(), Some("0912345678"));
        assert_eq!(text("b").as_deref(), Some("no"));
        assert_eq!(text("c").as_deref(), Some("17:30"));
        assert_eq!(text("d").as_deref(), Some("~"));
        assert!(root.get("e").unwrap().is_null());
        assert_eq!(text("f").as_deref(), Some("x\ny"));
        assert_eq!(text("g").as_deref(), Some("1_000"));
    }

    #[test]
    fn positions_count_characters_from_one_also_after_vietnamese_and_decomposed_words() {
        let parsed = parse("\u{feff}đổi: chào\r\ncha\u{300}o: {lời: \"ạ\", số: 12}\n");
        let root = parsed.root.unwrap();
        let (key, value) = &root.map().unwrap()[0];
        assert_eq!((key.text.as_str(), key.span.line, key.span.column, value.span.column), ("đổi", 1, 1, 6));
        let (key, value) = &root.map().unwrap()[1];
        assert_eq!((key.text.as_str(), key.span.line, key.span.column, value.span.column), ("chào", 2, 1, 8));
        let (key, value) = value.entry("số").unwrap();
        assert_eq!((key.span.column, value.span.column, value.span.end_column), (19, 23, 25));
    }

    #[test]
    fn what_we_refuse_of_yaml_is_said_where_it_stands() {
        assert_eq!(problems("a: &x 1\nb: *x\n"), [(1, 4, "anchor"), (2, 4, "alias")]);
        assert_eq!(problems("a: *x\n"), [(1, 4, "alias")]);
        assert_eq!(problems("a: !!str 1\n"), [(1, 4, "tag")]);
        assert_eq!(problems("<<: {a: 1}\nb: 2\n"), [(1, 1, "merge-key")]);
        assert_eq!(problems("a: 1\nb: 2\na: 3\na: 4\n"), [(3, 1, "duplicate-key"), (4, 1, "duplicate-key")]);
        assert_eq!(problems("a: 1\n---\nb: 2\n"), [(2, 1, "several-documents")]);
        assert_eq!(problems("a: đ\u{7}\n"), [(1, 5, "control-character")]);
        assert_eq!(problems("a: \"\\u0007\"\n"), [(1, 4, "control-character")]);
        assert_eq!(problems("[a]: 1\n"), [(1, 1, "key-not-text")]);
        for empty in ["", "\n\n", "# chỉ có ghi chú\n", "---\n"] {
            assert_eq!(problems(empty), [(1, 1, "empty-file")], "{empty:?}");
        }
        assert_eq!(problems("a:\n\tb: 1\n")[0].2, "tab");
        assert_eq!(problems("a: b: c\n")[0].2, "colon");
        assert_eq!(problems("a: [b\n")[0].2, "unclosed");
        assert_eq!(problems("a: \"b\n")[0].2, "unclosed");
    }

    #[test]
    fn size_depth_and_number_are_bounded() {
        assert_eq!(problems(&"a".repeat(MOST_BYTES + 1))[0].2, "too-long");
        assert_eq!(problems(&"[".repeat(40))[0].2, "too-deep");
        assert_eq!(problems(&"[".repeat(100_000))[0].2, "too-deep");
        assert_eq!(problems(&"- ".repeat(100_000))[0].2, "too-deep");
        assert_eq!(problems(&"? ".repeat(100_000))[0].2, "too-deep");
        assert_eq!(problems(&format!("[{}]", "a,".repeat(MOST_NODES)))[0].2, "too-many-values");
        let nested = |depth: usize| format!("{}x{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(MOST_DEPTH)).problems.is_empty());
        assert_eq!(problems(&nested(MOST_DEPTH + 1))[0].2, "too-deep");
    }

    proptest! {
        #[test]
        fn anything_gives_a_tree_or_a_problem(text in "[ \\t\\n\\r\\-a-c:,{}\\[\\]\"'#&*!|>%@`?ạđ\u{300}\\\\0]{0,60}") {
            let parsed = parse(&text);
            prop_assert!(parsed.root.is_some() || !parsed.problems.is_empty());
        }

        #[test]
        fn a_plain_scalar_is_what_stands_at_its_offsets(words in prop::collection::vec("[a-zđạờ\u{300}]{1,8}", 1..6)) {
            let text: String = words.iter().enumerate().map(|(ix, word)| format!("k{ix}: {{x: y{word}}}\r\n")).collect();
            let chars: Vec<char> = text.chars().collect();
            let root = parse(&text).root.unwrap();
            for (_, inner) in root.map().unwrap() {
                let value = inner.get("x").unwrap();
                let slice: String = chars[value.span.start..value.span.end].iter().collect();
                prop_assert_eq!(nfc(&slice), value.scalar().unwrap());
            }
        }
    }
}
