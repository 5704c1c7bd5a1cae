//! Checking a flows folder as a whole: its files as they were found, everything that is wrong with them.
//!
//! Reads no file itself and prints nothing; [`super::diagnostic`] renders what is found, as text for a
//! person, as JSON or as SARIF for other programs.

use super::Flows;
use super::compile::{File, MOST_FILES, Names, compile};
use super::diagnostic::{self, Diagnostic, Lang, Severity};

/// A file that was found in the flows folder.
#[derive(Clone, Debug)]
pub struct Found {
    /// As it is to be named.
    pub path: String,
    /// What it holds, or why it could not be read.
    pub content: Result<Vec<u8>, String>,
}

/// What a check found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Every problem, by file and place.
    pub problems: Vec<Diagnostic>,
    /// The files that could be read, for showing the lines concerned.
    pub sources: Vec<File>,
}

impl Checked {
    /// How many problems are so bad.
    pub fn count(&self, severity: Severity) -> usize {
        self.problems.iter().filter(|problem| problem.severity == severity).count()
    }

    /// Whether there was nothing to check.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.problems.is_empty()
    }

    /// The problems as a person reads them.
    pub fn text(&self, lang: Lang) -> String {
        let sources: Vec<(&str, &str)> =
            self.sources.iter().take(MOST_FILES).map(|file| (file.path.as_str(), file.text.as_str())).collect();
        diagnostic::render(&self.problems, &sources, lang)
    }
}

/// Checks the files of a flows folder against the channels, queues and services of an installation.
pub fn check(found: Vec<Found>, names: Names<'_>) -> Checked {
    read(found, names).0
}

/// The flows, ready to run, or everything that is wrong with them, as a person reads it.
///
/// # Errors
/// The report, in Vietnamese.
pub fn compiled(found: Vec<Found>, names: Names<'_>) -> Result<Flows, String> {
    match read(found, names) {
        (checked, Some(flows)) if checked.count(Severity::Error) == 0 => Ok(flows),
        (checked, _) => Err(checked.text(Lang::Vi)),
    }
}

fn read(found: Vec<Found>, names: Names<'_>) -> (Checked, Option<Flows>) {
    let (mut sources, mut problems) = (Vec::new(), Vec::new());
    for Found { path, content } in found {
        match content.map(|bytes| File::from_bytes(&path, bytes)) {
            Ok(Ok(file)) => sources.push(file),
            Ok(Err(problem)) => problems.push(*problem),
            Err(reason) => problems.push(File::unreadable(&path, &reason)),
        }
    }
    let (more, flows) = match compile(&sources, names) {
        Ok(compiled) => (compiled.warnings, Some(compiled.flows)),
        Err(problems) => (problems, None),
    };
    problems.extend(more);
    diagnostic::sort(&mut problems);
    (Checked { problems, sources }, flows)
}
