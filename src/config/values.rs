//! The configuration's values by path, from the file and over it the environment. Every value that is
//! asked for is taken out; what is left at the end was unknown.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use crate::channel::Token;
use crate::flow::diagnostic::nearest;
use crate::flow::source::{self, Kind, Node};

/// What the environment's names of configuration keys start with.
const PREFIX: &str = "THOAI__";
/// Largest file a secret may be read from, in bytes.
const LARGEST_SECRET: u64 = 64 * 1024;

/// A value and where it stands.
#[derive(Clone, Debug)]
struct Found {
    text: String,
    place: String,
}

/// All values not asked for yet, and what was wrong with those that were.
#[derive(Debug, Default)]
pub(super) struct Values {
    by_path: BTreeMap<String, Found>,
    asked: BTreeSet<String>,
    pub(super) problems: Vec<String>,
}

impl Values {
    /// Reads the file's text, if there is one, and the environment over it.
    pub(super) fn read(file: Option<(&str, &str)>, environment: impl Iterator<Item = (String, String)>) -> Self {
        let mut values = Self::default();
        if let Some((name, text)) = file {
            let parsed = source::parse(text);
            for (span, problem) in &parsed.problems {
                // A configuration may be empty; all its keys are optional.
                if *problem != source::SourceProblem::Empty {
                    let words = problem.words();
                    values.problems.push(format!("{name}:{}:{}: {}", span.line, span.column, words.en));
                }
            }
            if let Some(root) = &parsed.root {
                values.flatten(name, String::new(), root);
            }
        }
        for (key, text) in environment {
            if let Some(path) = key.strip_prefix(PREFIX) {
                let path = path.split("__").map(str::to_lowercase).collect::<Vec<_>>().join(".");
                values.by_path.insert(path, Found { text, place: format!("environment variable {key}") });
            }
        }
        values
    }

    fn flatten(&mut self, file: &str, path: String, node: &Node) {
        let under = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match &node.kind {
            Kind::Map(entries) => entries.iter().for_each(|(key, value)| self.flatten(file, under(&key.text), value)),
            Kind::Seq(items) => {
                items.iter().enumerate().for_each(|(ix, item)| self.flatten(file, under(&ix.to_string()), item));
            }
            Kind::Scalar(text) => {
                let place = format!("{file}:{}:{}", node.span.line, node.span.column);
                self.by_path.insert(path, Found { text: text.clone(), place });
            }
            Kind::Null => {}
        }
    }

    fn take(&mut self, path: &str) -> Option<Found> {
        self.asked.insert(numberless(path));
        self.by_path.remove(path)
    }

    /// The text at `path`.
    pub(super) fn text(&mut self, path: &str) -> Option<String> {
        self.take(path).map(|found| found.text)
    }

    /// The text at `path`, which must be there.
    pub(super) fn needed(&mut self, path: &str) -> String {
        self.text(path).unwrap_or_else(|| {
            self.problems.push(format!("{path} is missing"));
            String::new()
        })
    }

    /// The value at `path` as `read` understands it; what it does not understand is a problem.
    pub(super) fn parsed<T>(&mut self, path: &str, wanted: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let found = self.take(path)?;
        let value = read(found.text.trim());
        if value.is_none() {
            self.problems.push(format!("{}: {path} is {wanted}, not \"{}\"", found.place, found.text));
        }
        value
    }

    /// A yes or no at `path`.
    pub(super) fn flag(&mut self, path: &str) -> Option<bool> {
        self.parsed(path, "true or false", |text| text.parse().ok())
    }

    /// A span of time at `path`: `3s`, `15m`, `20h`, `7d`.
    pub(super) fn span(&mut self, path: &str) -> Option<Duration> {
        self.parsed(path, "a time such as 30s, 15m, 20h or 7d", span)
    }

    /// A secret at `path`: its text, or `{env: NAME}`, or `{file: PATH}`. An empty one is a problem: it
    /// would let anybody sign.
    pub(super) fn secret(&mut self, path: &str, environment: &dyn Fn(&str) -> Option<String>) -> Option<Token> {
        let (env, file) = (self.take(&format!("{path}.env")), self.take(&format!("{path}.file")));
        let secret = if let Some(text) = self.text(path) {
            text
        } else if let Some(found) = env {
            match environment(&found.text) {
                Some(text) => text,
                None => {
                    self.problems.push(format!("{}: the environment variable {} is not set", found.place, found.text));
                    return None;
                }
            }
        } else {
            let found = file?;
            match read_secret(Path::new(&found.text)) {
                Ok(text) => text,
                Err(error) => {
                    self.problems.push(format!("{}: the file {} cannot be read: {error}", found.place, found.text));
                    return None;
                }
            }
        };
        if secret.trim().is_empty() {
            self.problems.push(format!("{path} is empty"));
            return None;
        }
        Some(Token::new(secret))
    }

    /// A secret that must be there.
    pub(super) fn needed_secret(&mut self, path: &str, environment: &dyn Fn(&str) -> Option<String>) -> Token {
        let before = self.problems.len();
        self.secret(path, environment).unwrap_or_else(|| {
            if self.problems.len() == before {
                self.problems.push(format!("{path} is missing"));
            }
            Token::new("")
        })
    }

    /// The indexes of the list at `path`, in order.
    pub(super) fn indexes(&self, path: &str) -> Vec<usize> {
        let under = format!("{path}.");
        let numbers = self.by_path.keys().filter_map(|key| {
            key.strip_prefix(&under).and_then(|rest| rest.split('.').next()).and_then(|number| number.parse().ok())
        });
        numbers.collect::<BTreeSet<usize>>().into_iter().collect()
    }

    /// The names of the map at `path`, in their order.
    pub(super) fn names(&self, path: &str) -> Vec<String> {
        let under = format!("{path}.");
        let names = self.by_path.keys().filter_map(|key| key.strip_prefix(&under)?.split('.').next());
        names.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The texts of the list at `path`.
    pub(super) fn texts(&mut self, path: &str) -> Vec<String> {
        self.asked.insert(format!("{}.*", numberless(path)));
        self.indexes(path)
            .into_iter()
            .filter_map(|ix| self.by_path.remove(&format!("{path}.{ix}")))
            .map(|f| f.text)
            .collect()
    }

    /// Whether anything stands at `path` or below it.
    pub(super) fn has(&self, path: &str) -> bool {
        let under = format!("{path}.");
        self.by_path.keys().any(|key| key == path || key.starts_with(&under))
    }

    /// Refuses a part of the configuration that this version does not have yet.
    pub(super) fn not_yet(&mut self, path: &str) {
        let under = format!("{path}.");
        let places: Vec<_> = self
            .by_path
            .iter()
            .filter(|(key, _)| *key == path || key.starts_with(&under))
            .map(|(_, f)| f.place.clone())
            .collect();
        if let Some(place) = places.first() {
            self.problems.push(format!("{place}: {path} is not supported by this version yet"));
        }
        self.by_path.retain(|key, _| key != path && !key.starts_with(&under));
    }

    /// Every path that was asked for, with `*` for list indexes.
    #[cfg(test)]
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.iter().cloned().collect()
    }

    /// Every path that stands in the file or the environment, with `*` for list indexes.
    #[cfg(test)]
    pub(super) fn paths(&self) -> Vec<String> {
        self.by_path.keys().map(|path| numberless(path)).collect()
    }

    /// Everything that was wrong, the keys nobody asked for last.
    pub(super) fn finish(mut self) -> Vec<String> {
        for (path, found) in &self.by_path {
            let hint = nearest(&numberless(path), self.asked.iter().map(String::as_str));
            let hint = hint.map(|known| format!("; did you mean {known}?")).unwrap_or_default();
            self.problems.push(format!("{}: unknown key {path}{hint}", found.place));
        }
        self.problems
    }
}

/// The path with every list index as `*`.
fn numberless(path: &str) -> String {
    let part = |part: &str| if part.bytes().all(|b| b.is_ascii_digit()) { "*".to_owned() } else { part.to_owned() };
    path.split('.').map(part).collect::<Vec<_>>().join(".")
}

fn span(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(seconds).map(Duration::from_secs)
}

fn read_secret(path: &Path) -> std::io::Result<String> {
    if std::fs::metadata(path)?.len() > LARGEST_SECRET {
        return Err(std::io::Error::other("it is too large for a secret"));
    }
    std::fs::read_to_string(path).map(|text| text.trim_end().to_owned())
}
