//! Collects the problems of one file while it is read, and reads single values, so that the checks above
//! it say only what they want.

use std::collections::HashSet;
use std::time::Duration;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::super::diagnostic::{Diagnostic, Severity, Words, nearest, split_lines};
use super::super::source::{Key, Kind, Node, Span};
use super::super::{Label, time};
use super::File;
use super::problem::{Problem, Shape};

/// Most problems told of one file; an author mends the first ones first.
const MOST_PROBLEMS: usize = 300;
/// Most characters of a scalar that are followed to show a part of it. Longer texts fit into no channel.
const MOST_FOLLOWED: usize = 2000;
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

    /// The place of a part of a scalar; the whole scalar where that cannot be found in its source.
    pub(super) fn within(&self, node: &Node, offset: usize, length: usize) -> Span {
        let Some(first) = self.locate(node, offset) else { return node.span };
        let last = self.locate(node, offset + length.max(1) - 1).filter(|last| last.line == first.line);
        let width = last.map_or(1, |last| last.column.saturating_sub(first.column) + 1);
        let end = first.start + width;
        Span { end_line: first.line, end_column: first.column + width, end, ..first }
    }

    /// Where the `offset`-th character of a scalar's text stands, found by reading its source again. White
    /// space is skipped on both sides, so that folded lines and indentation need no rules of their own.
    fn locate(&self, node: &Node, offset: usize) -> Option<Span> {
        let text = node.scalar()?;
        let wanted = text.chars().take_while(|c| c.is_whitespace()).count() + offset;
        if wanted > MOST_FOLLOWED {
            return None;
        }
        let source = self.source(node.span);
        let quote = source.first().map(|(c, _)| *c).filter(|c| matches!(c, '"' | '\''));
        let mut reader = Reader { source: &source, at: usize::from(quote.is_some()), quote };
        if matches!(source.first(), Some(('|' | '>', _))) {
            reader.at = source.iter().position(|(c, _)| *c == '\n')?;
        }
        let mut expected = text.chars().take(wanted).filter(|c| !c.is_whitespace());
        while let Some(c) = expected.next() {
            for composed in reader.next(c)?.chars().skip(1) {
                (expected.next()? == composed).then_some(())?;
            }
        }
        if text.chars().nth(wanted).is_some_and(|c| !c.is_whitespace()) {
            reader.skip_spaces();
        }
        source.get(reader.at).map(|(_, place)| *place)
    }

    /// The characters of a scalar as they stand in the file, as many as are ever followed.
    fn source(&self, span: Span) -> Vec<(char, Span)> {
        let mut source = Vec::new();
        let mut start = span.start;
        for line in span.line..=span.end_line {
            let text = line.checked_sub(1).and_then(|ix| self.lines.get(ix)).copied().unwrap_or_default();
            let skipped = if line == span.line { span.column - 1 } else { 0 };
            // One place more than there are characters: what is missing is missed there.
            for (ix, c) in text.chars().chain(['\n']).enumerate().skip(skipped) {
                if source.len() > 2 * MOST_FOLLOWED || (line, ix + 1) > (span.end_line, span.end_column) {
                    return source;
                }
                source.push((c, Span::at(line, ix + 1, start)));
                start += 1;
            }
        }
        source
    }
}

/// A scalar's source, read along its text.
struct Reader<'s> {
    source: &'s [(char, Span)],
    at: usize,
    quote: Option<char>,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.source.get(self.at + ahead).map(|(c, _)| *c)
    }

    fn skip_spaces(&mut self) {
        while let Some(c) = self.peek(0) {
            let escaped = self.quote == Some('"') && c == '\\' && matches!(self.peek(1), Some('n' | 't' | ' ' | '\n'));
            if !c.is_whitespace() && !escaped {
                break;
            }
            self.at += 1 + usize::from(escaped);
        }
    }

    /// Steps over the source of the character `expected`, with all that is composed with it. Only the simple
    /// escapes are followed.
    fn next(&mut self, expected: char) -> Option<String> {
        self.skip_spaces();
        let doubled = match self.quote {
            Some('"') => self.peek(0)? == '\\',
            Some(_) => self.peek(0)? == '\'',
            None => false,
        };
        self.at += usize::from(doubled);
        let mut found = String::from(self.peek(0)?);
        self.at += 1;
        while let Some(mark) = self.peek(0).filter(|c| is_combining_mark(*c)) {
            found.push(mark);
            self.at += 1;
        }
        let found: String = found.nfc().collect();
        found.starts_with(expected).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::source::parse;
    use super::*;

    /// What is underlined in `text` for the part `wanted` of the value of the key `a`.
    fn underlined(text: &str, wanted: &str) -> String {
        let file = File { path: "a.yaml".to_owned(), text: text.to_owned() };
        let report = Report::new(&file);
        let root = parse(text).root.unwrap();
        let node = root.get("a").unwrap();
        let value = node.scalar().unwrap().trim();
        let offset = value[..value.find(wanted).unwrap()].chars().count();
        let span = report.within(node, offset, wanted.chars().count());
        let line = split_lines(text)[span.line - 1];
        let shown = line.chars().skip(span.column - 1).take(span.end_column.saturating_sub(span.column)).collect();
        if span.line == span.end_line { shown } else { "the whole".to_owned() }
    }

    #[test]
    fn a_part_is_found_in_every_style_of_scalar() {
        for text in [
            "a: một {số} hai",
            "a: \"một {số} hai\"",
            "a: 'một ''{số}'' hai'",
            "a: \"một \\\"{số}\\\" \\\\ hai\"",
            "a: \"một\\n{số} hai\"",
            "a: một\n  hai\n\n  {số} ba",
            "a: \"một\n  hai\\\n  {số} ba\"",
            "a: |\n  một\n    hai\n\n  {số} ba\nb: c",
            "a: >-\n  một\n  hai {số}\n  ba\nb: c",
            "a: \"một {số} hai\"\r\nb: c",
            "a: một\r\n  {số} hai\r\n",
        ] {
            assert_eq!(underlined(text, "{số}"), "{số}", "{text:?}");
        }
    }

    #[test]
    fn a_part_of_a_decomposed_text_is_found() {
        let text: String = "a: \"một hai {số}\"".nfd().collect();
        let shown: String = underlined(&text, "{số}").nfc().collect();
        assert_eq!(shown, "{số}");
    }

    #[test]
    fn what_cannot_be_followed_is_shown_whole() {
        assert_eq!(underlined("a: \"m\\u1ed9t {x}\"", "{x}"), "\"m\\u1ed9t {x}\"");
        let long = format!("a: \"{} {{x}}\"", "y".repeat(MOST_FOLLOWED));
        assert!(underlined(&long, "{x}").starts_with("\"yyy"));
    }

    proptest! {
        #[test]
        fn every_place_lies_inside_the_file(text in "a: [|>\"']?[ế\u{301}a {}'\"\\n-]{0,20}", offset in 0..30usize, length in 0..9usize) {
            let file = File { path: "a.yaml".to_owned(), text: text.clone() };
            let report = Report::new(&file);
            if let Some(node) = parse(&text).root.as_ref().and_then(|root| root.get("a")) {
                let span = report.within(node, offset, length);
                prop_assert!(span.line >= 1 && span.column >= 1);
                prop_assert!(span.line <= split_lines(&text).len() + 1);
                prop_assert!(span.end_line > span.line || span.end_column > span.column || span == node.span);
            }
        }
    }
}
