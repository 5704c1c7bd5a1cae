//! Rust text, read just well enough to be asked what it mentions: comments and tests are taken out, string
//! contents can be, and every byte keeps its place so that a finding can name its line.

use std::ops::Range;

/// One source file.
pub(super) struct Source {
    /// From the crate's root, with `/`: `src/flow/compile.rs`.
    pub(super) path: String,
    /// Without comments and tests.
    pub(super) code: String,
    /// Without string and character contents either.
    pub(super) bare: String,
    /// Lines that are not in a `#[cfg(test)]` item; blank ones and comments count.
    pub(super) lines: usize,
}

/// A path as it is used, `use a::{b, c::d}` being `a::b` and `a::c::d`.
pub(super) struct Path<'a> {
    /// Where it starts in the text.
    pub(super) at: usize,
    /// `["crate", "domain", "id"]`
    pub(super) parts: Vec<&'a str>,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let (comments, strings) = lex(text);
        let mut code = text.as_bytes().to_vec();
        comments.iter().for_each(|range| blank(&mut code, range));
        let mut bare = code.clone();
        strings.iter().for_each(|range| blank(&mut bare, range));
        let mut lines = text.lines().count();
        for range in tests(&bare) {
            lines -= text[range.clone()].matches('\n').count() + 1;
            blank(&mut code, &range);
            blank(&mut bare, &range);
        }
        let read = |bytes| String::from_utf8(bytes).expect("whole tokens were blanked");
        Self { path: path.to_owned(), code: read(code), bare: read(bare), lines }
    }

    /// The module's name from the crate's root: `["flow", "compile"]`; nothing for `lib.rs` and `main.rs`.
    pub(super) fn module(&self) -> Vec<&str> {
        let path = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        if path == "lib" || path == "main" { Vec::new() } else { path.split('/').collect() }
    }

    /// Whether this is `stem.rs` or lies in `stem/`.
    pub(super) fn is_in(&self, stem: &str) -> bool {
        self.path.strip_prefix(stem).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
    }

    /// Line from 1 of a place in the text.
    pub(super) fn line(&self, at: usize) -> usize {
        self.bare[..at].matches('\n').count() + 1
    }

    /// Identifiers and keywords with their places.
    pub(super) fn words(&self) -> Vec<(usize, &str)> {
        tokens(&self.bare).into_iter().filter(|(_, token)| is_word(token)).collect()
    }

    /// Every path of the code.
    pub(super) fn paths(&self) -> Vec<Path<'_>> {
        let tokens = tokens(&self.bare);
        let mut found = Vec::new();
        let mut next = 0;
        while next < tokens.len() {
            if is_word(tokens[next].1) {
                next = path(&tokens, next, &[], &mut found);
            } else {
                next += 1;
            }
        }
        found
    }

    /// Every function: where it starts, its signature, and how many lines it has.
    pub(super) fn functions(&self) -> Vec<(usize, &str, usize)> {
        let words = self.words();
        let starts = words.iter().filter(|(_, word)| *word == "fn").map(|(at, _)| *at);
        starts
            .filter_map(|at| {
                let open = at + body(&self.bare[at..])?;
                let close = open + closing(&self.bare[open..]);
                Some((at, &self.bare[at..open], self.line(close) - self.line(at) + 1))
            })
            .collect()
    }
}

fn blank(text: &mut [u8], range: &Range<usize>) {
    text[range.clone()].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
}

fn is_ident(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn is_word(token: &str) -> bool {
    token.as_bytes().first().is_some_and(|byte| is_ident(*byte) && !byte.is_ascii_digit())
}

/// The ranges of comments, and of what stands between quotes.
fn lex(text: &str) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    let (bytes, mut at) = (text.as_bytes(), 0);
    let (mut comments, mut strings) = (Vec::new(), Vec::new());
    while at < bytes.len() {
        let rest = &bytes[at..];
        let end = if rest.starts_with(b"//") {
            let end = at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            comments.push(at..end);
            end
        } else if rest.starts_with(b"/*") {
            let end = at + block_comment(rest);
            comments.push(at..end);
            end
        } else if let Some(inside) = raw_string(bytes, at).or_else(|| quoted(bytes, at)) {
            let end = inside.end;
            strings.push(inside);
            // On to the closing quote; the hashes of a raw string are harmless.
            end + 1
        } else {
            at + 1
        };
        at = end;
    }
    (comments, strings)
}

/// The length of a block comment; they nest.
fn block_comment(text: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        if text[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// What is inside the raw string that starts here, if one does.
fn raw_string(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let before = bytes[..at].iter().rev().take_while(|byte| is_ident(**byte)).count();
    let is_start = bytes[at] == b'r' && (before == 0 || (before == 1 && matches!(bytes[at - 1], b'b' | b'c')));
    let hashes = bytes[at + 1..].iter().take_while(|byte| **byte == b'#').count();
    let open = at + 1 + hashes;
    if !is_start || bytes.get(open) != Some(&b'"') {
        return None;
    }
    let close = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
    let length = bytes[open + 1..].windows(close.len()).position(|window| window == close.as_slice());
    Some(open + 1..length.map_or(bytes.len(), |length| open + 1 + length))
}

/// What is inside the string or character that starts here, if one does. A lifetime is neither.
fn quoted(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let quote = bytes[at];
    if quote == b'\'' && bytes.get(at + 1) != Some(&b'\\') {
        let width = 1 + bytes.get(at + 2..)?.iter().take_while(|byte| (0x80..0xc0).contains(*byte)).count();
        return (bytes.get(at + 1 + width) == Some(&b'\'')).then_some(at + 1..at + 1 + width);
    }
    if quote != b'"' && quote != b'\'' {
        return None;
    }
    let mut end = at + 1;
    while end < bytes.len() && bytes[end] != quote {
        end += if bytes[end] == b'\\' { 2 } else { 1 };
    }
    Some(at + 1..end.min(bytes.len()))
}

/// The ranges of items marked `#[cfg(test)]`.
fn tests(bare: &[u8]) -> Vec<Range<usize>> {
    let text = std::str::from_utf8(bare).expect("whole tokens were blanked");
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, mark) in text.match_indices("#[cfg(test)]") {
        if found.last().is_some_and(|last| last.contains(&at)) {
            continue;
        }
        let rest = &text[at + mark.len()..];
        let end = match (rest.find('{'), rest.find(';')) {
            (Some(open), semicolon) if semicolon.is_none_or(|semicolon| open < semicolon) => {
                open + closing(&rest[open..])
            }
            (_, Some(semicolon)) => semicolon,
            (_, None) => rest.len().saturating_sub(1),
        };
        found.push(at..(at + mark.len() + end + 1).min(text.len()));
    }
    found
}

/// The place of the brace that closes the first one.
fn closing(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return at,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    text.len() - 1
}

/// Where a function's body opens; `None` when it has none.
fn body(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.checked_sub(1)?,
            b'{' if depth == 0 => return Some(at),
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// Words, `::`, and single signs.
fn tokens(text: &str) -> Vec<(usize, &str)> {
    let (bytes, mut at) = (text.as_bytes(), 0);
    let mut found = Vec::new();
    while at < bytes.len() {
        let length = if is_ident(bytes[at]) {
            bytes[at..].iter().take_while(|byte| is_ident(**byte)).count()
        } else if bytes[at..].starts_with(b"::") {
            2
        } else {
            1
        };
        if !bytes[at].is_ascii_whitespace() {
            found.push((at, &text[at..at + length]));
        }
        at += length;
    }
    found
}

/// Reads the path that starts at token `next`, with its groups; returns the token after it.
fn path<'a>(tokens: &[(usize, &'a str)], next: usize, before: &[&'a str], found: &mut Vec<Path<'a>>) -> usize {
    let (start, mut next) = (next, next);
    let mut parts = before.to_vec();
    loop {
        parts.push(tokens[next].1);
        next += 1;
        match (tokens.get(next).map(|token| token.1), tokens.get(next + 1).map(|token| token.1)) {
            (Some("::"), Some(word)) if is_word(word) || word == "*" => next += 1,
            (Some("::"), Some("{")) => {
                next += 2;
                while next < tokens.len() && tokens[next].1 != "}" {
                    next = if is_word(tokens[next].1) { path(tokens, next, &parts, found) } else { next + 1 };
                }
                return next + 1;
            }
            _ => break,
        }
    }
    found.push(Path { at: tokens[start].0, parts });
    next
}

#[test]
fn comments_strings_and_tests_are_taken_out_and_lines_stay() {
    let text = "// sled\nlet a = \"sled \\\" {\"; /* /* sled */ */ let b = r#\"sled\"#;\nlet c = 'x'; let d: &'static str = '\"'.into();\n#[cfg(test)]\nmod tests {\n    use sled;\n}\nfn last() {}\n";
    let source = Source::new("src/a/b.rs", text);
    assert!(!source.bare.contains("sled"), "{}", source.bare);
    assert!(source.code.contains("sled \\\" {") && !source.code.contains("// sled"));
    assert!(source.bare.contains("'static str"));
    assert_eq!(source.line(source.bare.find("last").unwrap()), 8);
    assert_eq!(source.lines, 4);
    assert_eq!(source.module(), ["a", "b"]);
}

#[test]
fn grouped_paths_are_spelled_out() {
    let source = Source::new("src/a.rs", "use crate::{domain::id::{A, B as C}, text}; fn f() { std::fs::read(x::y); }");
    let paths: Vec<String> = source.paths().iter().map(|path| path.parts.join("::")).collect();
    for wanted in ["crate::domain::id::A", "crate::domain::id::B", "crate::text", "std::fs::read", "x::y"] {
        assert!(paths.iter().any(|path| path == wanted), "{wanted} not in {paths:?}");
    }
}
