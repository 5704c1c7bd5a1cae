//! Collects the problems of one file while it is read, and reads single values, so that the checks above
//! it say only what they want.

use std::collections::HashSet;
use std::time::Duration;

use super::super::diagnostic::{Diagnostic, Severity, Words, nearest, split_lines};
use super::super::source::{Key, Kind, Node, Span};
use super::super::{Label, time};
use super::File;
use super::problem::{Problem, Shape};

/// Most problems told of one file; an author mends the first ones first.
const MOST_PROBLEMS: usize = 300;
/// Most names looked up for a suggestion, over one file.
const MOST_SUGGESTIONS: usize = 40;

/// What one file has wrong.
pub(super) struct Report<'a> {
    path: &'a str,
    lines: Vec<&'a str>,
    /// At most one problem a place: what follows from the first is noise.
    places: HashSet<(usize, usize)>,
    suggested: usize,
    found: Vec<Diagnostic>,
    /// The texts read since they were last taken, and whether each is written in English too.
    texts: Vec<(Span, bool)>,
}

impl<'a> Report<'a> {
    pub(super) fn new(file: &'a File) -> Self {
        let lines = split_lines(&file.text);
        Self { path: &file.path, lines, places: HashSet::new(), suggested: 0, found: Vec::new(), texts: Vec::new() }
    }

    pub(super) fn path(&self) -> &'a str {
        self.path
    }

    pub(super) fn finish(self) -> Vec<Diagnostic> {
        self.found
    }

    pub(super) fn error(&mut self, span: Span, problem: &Problem) {
        self.add(span, problem.words(), Severity::Error, None);
    }

    pub(super) fn warn(&mut self, span: Span, problem: &Problem) {
        self.add(span, problem.words(), Severity::Warning, None);
    }

    /// An error about a name, with the known name nearest to it.
    pub(super) fn unknown<'n>(
        &mut self,
        span: Span,
        problem: &Problem,
        name: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        self.suggested += 1;
        let meant = if self.suggested > MOST_SUGGESTIONS { None } else { nearest(name, known) };
        self.add(span, problem.words(), Severity::Error, meant);
    }

    pub(super) fn add(&mut self, span: Span, words: Words, severity: Severity, suggestion: Option<String>) {
        let span = self.inside(span);
        if self.found.len() < MOST_PROBLEMS && self.places.insert((span.line, span.column)) {
            let error = Diagnostic::error(self.path, span, words);
            let line = self.lines.get(error.line.saturating_sub(1)).map_or(0, |line| line.chars().count());
            let end = error.end.min(line + 1).max(error.column + 1);
            self.found.push(Diagnostic { severity, suggestion, end, ..error });
        }
    }

    /// What is missing at the end of a file is missing behind its last line, not on one it does not have.
    fn inside(&self, span: Span) -> Span {
        match self.lines.last() {
            Some(last) if span.line > self.lines.len() => {
                Span::at(self.lines.len(), last.chars().count() + 1, span.start)
            }
            _ => span,
        }
    }

    /// The words of a scalar, trimmed; reports anything else.
    pub(super) fn words<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        let problem = match &node.kind {
            Kind::Scalar(text) if !text.trim().is_empty() => return Some(text.trim()),
            Kind::Scalar(_) | Kind::Null => Problem::EmptyText,
            Kind::Map(_) | Kind::Seq(_) => Problem::WrongShape(Shape::Words),
        };
        self.error(node.span, &problem);
        None
    }

    /// A text as its author wrote it: in Vietnamese only, or `{vi: ..., en: ...}`.
    pub(super) fn languages<'n>(&mut self, node: &'n Node) -> Option<(&'n Node, Option<&'n Node>)> {
        if node.map().is_none() {
            self.texts.push((node.span, false));
            return Some((node, None));
        }
        let entries = self.map(node, usize::MAX);
        self.keys(entries, "vi/en", &["vi", "en"]);
        let english = node.get("en");
        self.texts.push((node.span, english.is_some()));
        let vietnamese = node.get("vi");
        if vietnamese.is_none() {
            self.error(node.span, &Problem::MissingKey("vi"));
        }
        Some((vietnamese?, english))
    }

    /// A short text without braces.
    pub(super) fn label(&mut self, node: &Node) -> Option<Label> {
        let (vi, en) = self.languages(node)?;
        let vi = self.words(vi).map(str::to_owned);
        let en = en.and_then(|en| self.words(en)).map(str::to_owned);
        Some(Label { vi: vi?, en })
    }

    /// The texts that were read since this was last called.
    pub(super) fn take_texts(&mut self) -> Vec<(Span, bool)> {
        std::mem::take(&mut self.texts)
    }

    /// A whole number within bounds.
    pub(super) fn number(&mut self, node: &Node, (least, most): (i64, i64)) -> Option<i64> {
        let words = self.words(node)?;
        let number = words.parse().ok().filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.error(node.span, &Problem::BadNumber { least, most });
        }
        number
    }

    /// A length of time.
    pub(super) fn duration(&mut self, node: &Node) -> Option<Duration> {
        let words = self.words(node)?;
        let duration = time::read_duration(words);
        if duration.is_none() {
            self.error(node.span, &Problem::BadDuration);
        }
        duration
    }

    /// A time of the day, as its minute.
    pub(super) fn clock(&mut self, node: &Node) -> Option<u16> {
        let words = self.words(node)?;
        let minute = time::read_clock(words);
        if minute.is_none() {
            self.error(node.span, &Problem::BadClock);
        }
        minute
    }

    /// The entries of a list that has some; a single value is taken as a list of one.
    pub(super) fn list<'n>(&mut self, node: &'n Node, most: usize) -> &'n [Node] {
        let items = match &node.kind {
            Kind::Seq(items) => items.as_slice(),
            Kind::Scalar(_) => std::slice::from_ref(node),
            Kind::Map(_) | Kind::Null => {
                self.error(node.span, &Problem::WrongShape(Shape::List));
                return &[];
            }
        };
        if items.is_empty() {
            self.error(node.span, &Problem::EmptyList);
        }
        if let Some(extra) = items.get(most) {
            self.error(extra.span, &Problem::TooMany(most));
        }
        &items[..items.len().min(most)]
    }

    /// The words in a list, each with its node.
    pub(super) fn word_list<'n>(&mut self, node: &'n Node, most: usize) -> Vec<(&'n Node, &'n str)> {
        let items = self.list(node, most);
        items.iter().filter_map(|item| self.words(item).map(|words| (item, words))).collect()
    }

    /// The entries of a map.
    pub(super) fn map<'n>(&mut self, node: &'n Node, most: usize) -> &'n [(Key, Node)] {
        let Some(entries) = node.map() else {
            self.error(node.span, &Problem::WrongShape(Shape::Map));
            return &[];
        };
        if let Some((key, _)) = entries.get(most) {
            self.error(key.span, &Problem::TooMany(most));
        }
        &entries[..entries.len().min(most)]
    }

    pub(super) fn flag(&mut self, node: &Node) -> bool {
        match node.scalar() {
            Some("true") => return true,
            Some("false") => {}
            _ => self.error(node.span, &Problem::WrongShape(Shape::TrueFalse)),
        }
        false
    }

    /// One of a few words.
    pub(super) fn one_of<T: Copy>(&mut self, node: &Node, allowed: &[(&str, T)]) -> Option<T> {
        let words = self.words(node)?;
        let found = allowed.iter().find(|(name, _)| *name == words).map(|(_, value)| *value);
        if found.is_none() {
            let names = || allowed.iter().map(|(name, _)| *name);
            let listed = names().collect::<Vec<_>>().join(", ");
            self.unknown(node.span, &Problem::NotOneOf(words.to_owned(), listed), words, names());
        }
        found
    }

    /// Reports the keys of a map that are none of `known`. `of` names the map to the author.
    pub(super) fn keys(&mut self, entries: &[(Key, Node)], of: &str, known: &[&str]) -> bool {
        let mut all_known = true;
        for (key, _) in entries {
            let name = key.text.as_str();
            if known.contains(&name) {
                continue;
            }
            all_known = false;
            let problem = Problem::UnknownKey { key: name.to_owned(), of: of.to_owned() };
            self.unknown(key.span, &problem, name, known.iter().copied());
        }
        all_known
    }

    /// The place of a part of a scalar; the whole scalar where escapes or line breaks hide the part.
    pub(super) fn within(&self, node: &Node, offset: usize, length: usize) -> Span {
        self.locate(node, offset).map_or(node.span, |column| {
            let start = node.span.start + (column - node.span.column);
            let end_column = (column + length.max(1)).min(node.span.end_column.max(column + 1));
            Span { column, end_column, start, end: start + length.max(1), ..node.span }
        })
    }

    /// The column of the `offset`-th character of a scalar's text, found by reading its source again.
    fn locate(&self, node: &Node, offset: usize) -> Option<usize> {
        let Span { line, column, end_line, end_column, .. } = node.span;
        let text = node.scalar()?;
        if line != end_line {
            return None;
        }
        let source = self.lines.get(line.checked_sub(1)?)?.chars();
        let source: Vec<char> = source.skip(column - 1).take(end_column.saturating_sub(column)).collect();
        let quote = source.first().copied().filter(|c| matches!(c, '"' | '\''));
        let mut at = usize::from(quote.is_some());
        // Only the simple escapes are followed; a decomposed text does not line up and is pointed at whole.
        let leading = text.len() - text.trim_start().len();
        let wanted = text[..leading].chars().count() + offset;
        for expected in text.chars().take(wanted) {
            let found = *source.get(at)?;
            let doubled = match quote {
                Some('"') => found == '\\',
                Some(_) => found == '\'',
                None => false,
            };
            if !doubled && found != expected {
                return None;
            }
            at += 1 + usize::from(doubled);
        }
        Some(column + at)
    }
}
