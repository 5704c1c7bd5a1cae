//! What an author gets back: every problem with its place, in Vietnamese and English, printed so that an
//! editor can jump there.
//!
//! Knows nothing of what is checked; [`super::compile`] and [`super::source`] bring the words.

use std::collections::HashMap;

use super::source::Span;

pub mod json;
pub mod sarif;

/// One problem in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable: `unknown-key`, `unknown-step`, ...
    pub code: &'static str,
    /// Whether the flows can run all the same.
    pub severity: Severity,
    /// The file, as it was named.
    pub file: String,
    /// Line from 1.
    pub line: usize,
    /// Column from 1, in characters.
    pub column: usize,
    /// The column after the last character concerned, on the same line.
    pub end: usize,
    /// The problem in Vietnamese.
    pub vi: String,
    /// The problem in English.
    pub en: String,
    /// The name that was probably meant.
    pub suggestion: Option<String>,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The flows are refused.
    Error,
    /// The flows run; somebody should look.
    Warning,
}

/// The language problems are told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Tiếng Việt.
    Vi,
    /// English.
    En,
}

/// A problem's code and its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Stable.
    pub code: &'static str,
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

impl Words {
    /// Puts the three together.
    pub fn new(code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, vi: vi.into(), en: en.into() }
    }
}

impl Diagnostic {
    /// An error at `span`; one that goes on over several lines is shown up to the end of its first.
    pub fn error(file: &str, span: Span, words: Words) -> Self {
        let end = if span.end_line == span.line { span.end_column } else { usize::MAX };
        Self {
            code: words.code,
            severity: Severity::Error,
            file: file.to_owned(),
            line: span.line,
            column: span.column,
            end: end.max(span.column + 1),
            vi: words.vi,
            en: words.en,
            suggestion: None,
        }
    }

    /// [`Self::end`] for programs, which want a column that can be: one character where the end is not known.
    pub fn end_column(&self) -> usize {
        if self.end == usize::MAX { self.column + 1 } else { self.end }
    }

    /// The problem in one of the languages, with the name that was probably meant.
    pub fn message(&self, lang: Lang) -> String {
        let words = match lang {
            Lang::Vi => &self.vi,
            Lang::En => &self.en,
        };
        match (&self.suggestion, lang) {
            (None, _) => words.clone(),
            (Some(meant), Lang::Vi) => format!("{words}; ý bạn là {}?", quoted(meant)),
            (Some(meant), Lang::En) => format!("{words}; did you mean {}?", quoted(meant)),
        }
    }
}

/// Sorts problems by file and place.
pub fn sort(problems: &mut [Diagnostic]) {
    problems.sort_by(|a, b| {
        (&a.file, a.line, a.column, a.severity, a.code).cmp(&(&b.file, b.line, b.column, b.severity, b.code))
    });
}

/// Prints problems, each as `path:line:column: error[code]: message`, then the line and a caret under it.
/// `sources` are (path, text); without its text a problem is printed without its line. Plain text, no
/// colours, the same on every terminal.
pub fn render(problems: &[Diagnostic], sources: &[(&str, &str)], lang: Lang) -> String {
    let mut lines: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut printed = String::new();
    for problem in problems {
        let known = lines.entry(&problem.file).or_insert_with(|| {
            sources
                .iter()
                .find(|(path, _)| *path == problem.file)
                .map(|(_, text)| split_lines(text))
                .unwrap_or_default()
        });
        let word = match (problem.severity, lang) {
            (Severity::Error, Lang::Vi) => "lỗi",
            (Severity::Error, Lang::En) => "error",
            (Severity::Warning, Lang::Vi) => "lưu ý",
            (Severity::Warning, Lang::En) => "warning",
        };
        let Diagnostic { file, line, column, code, .. } = problem;
        printed.push_str(&format!("{file}:{line}:{column}: {word}[{code}]: {}\n", problem.message(lang)));
        if let Some(text) = problem.line.checked_sub(1).and_then(|ix| known.get(ix)) {
            printed.push_str(&excerpt(problem, text));
        }
        printed.push('\n');
    }
    printed
}

/// Longest part of a line that is shown, in characters, and how many of them before the problem.
const SHOWN: usize = 120;
const SHOWN_BEFORE: usize = 60;

fn excerpt(problem: &Diagnostic, line: &str) -> String {
    let skipped = problem.column.saturating_sub(SHOWN_BEFORE + 1);
    let shown: Vec<char> =
        line.chars().skip(skipped).take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let start = problem.column.saturating_sub(1 + skipped).min(shown.len());
    let end = problem.end.saturating_sub(1 + skipped).clamp(start, shown.len());
    let width = |chars: &[char]| chars.iter().map(|c| columns(*c)).sum::<usize>();
    let number = problem.line.to_string();
    let gutter = " ".repeat(number.len());
    let text: String = shown.iter().collect();
    let pad = " ".repeat(width(&shown[..start]));
    let carets = "^".repeat(width(&shown[start..end]).max(1));
    format!("{number} | {}\n{gutter} | {pad}{carets}\n", text.trim_end())
}

/// How many columns of a terminal a character takes: none for a combining mark, two for an emoji or an
/// ideogram. The ranges cover what Vietnamese texts contain.
fn columns(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' => 2,
        '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// The lines as YAML counts them.
pub(super) fn split_lines(text: &str) -> Vec<&str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r')).collect()
}

/// What an author wrote, in quotes, cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 40;
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let mut shown: String = text.chars().take(LONGEST).map(clean).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("\"{shown}\"")
}

/// The known name nearest to `wrong`, if one is near enough to be meant.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    const LONGEST: usize = 64;
    let length = wrong.chars().count();
    if length == 0 || length > LONGEST {
        return None;
    }
    // One slip for short names, up to three for long ones: nearer is a slip, farther is another word.
    let allowed = (length / 3).clamp(1, 3);
    known
        .into_iter()
        .filter(|name| name.chars().count().abs_diff(length) <= allowed)
        .map(|name| (strsim::osa_distance(wrong, name), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, name)| name.to_owned())
}

#[cfg(test)]
mod tests;
