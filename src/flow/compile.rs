//! From files to [`Flows`], or to everything that is wrong with them.
//!
//! Pure: files arrive as text, channels as a table of limits, queues as names. Each part of a flow is read
//! by the child module of its name; `graph` then judges the ways between the steps, and this module
//! compares the flows with each other. What authors may write is in `flows/README.md`.

use std::collections::{BTreeMap, HashMap};

use super::diagnostic::{self, Diagnostic, Severity, Words};
use super::source::{self, Node, Span};
use super::{Flow, Flows};
use crate::domain::limits::LimitsTable;

pub(super) mod entry;
mod fact;
pub(super) mod file;
mod graph;
mod house;
pub(super) mod interrupt;
pub(super) mod migrate;
pub(super) mod problem;
mod report;
mod run;
pub(super) mod scope;
pub(super) mod silence;
pub(super) mod slot;
pub(super) mod step;

use file::{Draft, Surroundings};
use problem::{Claim, Problem};
use report::Report;

/// Most files of one installation.
pub const MOST_FILES: usize = 500;

/// A file of the flows folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// As it is to be named to its author. A folder `chung` in it makes it a shared file.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// What flows may name that stands outside them.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// The channels, and what each can carry.
    pub limits: &'a LimitsTable,
    /// The queues that persons are called from.
    pub queues: &'a [String],
    /// The services that can be called.
    pub services: &'a [String],
}

/// Flows that can run.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// All of them.
    pub flows: Flows,
    /// What somebody should look at all the same.
    pub warnings: Vec<Diagnostic>,
}

impl File {
    /// A file from its bytes.
    ///
    /// # Errors
    /// Where the bytes are not UTF-8.
    pub fn from_bytes(path: &str, bytes: Vec<u8>) -> Result<Self, Box<Diagnostic>> {
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self { path: path.to_owned(), text }),
            Err(error) => {
                let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let good = String::from_utf8_lossy(good);
                let line = good.matches('\n').count() + 1;
                let column = good.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
                let place = Span::at(line, column, good.chars().count());
                let words = Words::new(
                    "not-utf8",
                    "tệp không phải chữ UTF-8; hãy lưu lại với mã UTF-8",
                    "the file is not UTF-8; save it as UTF-8",
                );
                Err(Box::new(Diagnostic::error(path, place, words)))
            }
        }
    }

    /// A problem of a file that could not even be opened.
    pub fn unreadable(path: &str, reason: &str) -> Diagnostic {
        let words = Words::new(
            "unreadable",
            format!("không đọc được tệp ({reason})"),
            format!("the file cannot be read ({reason})"),
        );
        Diagnostic::error(path, Span::at(1, 1, 0), words)
    }

    /// The file's name without folders and `.yaml`; `None` for files that are no flows: scripted
    /// conversations and whatever else lies there.
    fn name(&self) -> Option<&str> {
        let name = self.path.rsplit(['/', '\\']).next()?;
        let name = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"))?;
        (!name.ends_with(".test")).then_some(name)
    }

    fn is_shared(&self) -> bool {
        self.path.rsplit(['/', '\\']).nth(1) == Some("chung")
    }
}

/// Compiles all files of an installation together.
///
/// # Errors
/// Every problem of every file, warnings among them, sorted by file and place.
pub fn compile(files: &[File], names: Names<'_>) -> Result<Compiled, Vec<Diagnostic>> {
    let mut files: Vec<&File> = files.iter().filter(|file| file.name().is_some()).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    if let Some(extra) = files.get(MOST_FILES) {
        let words = Problem::TooMany(MOST_FILES).words();
        return Err(vec![Diagnostic::error(&extra.path, Span::at(1, 1, 0), words)]);
    }
    let mut reports: Vec<Report<'_>> = files.iter().map(|file| Report::new(file)).collect();
    let roots: Vec<Option<Node>> =
        files.iter().zip(&mut reports).map(|(file, report)| read_tree(file, report)).collect();
    let name = |ix: usize| files[ix].name().unwrap_or_default();
    let (shared, flows): (Vec<usize>, Vec<usize>) = (0..files.len()).partition(|ix| files[*ix].is_shared());
    let shared_names: BTreeMap<&str, usize> = shared.iter().map(|ix| (name(*ix), *ix)).collect();
    let around = Surroundings { names, roots: &roots, shared: shared_names, given: run::given(&roots) };

    let drafts: Vec<(usize, Draft)> =
        flows.into_iter().map(|ix| (ix, file::read(ix, name(ix), &mut reports, &around))).collect();
    for ix in shared {
        let used = drafts.iter().any(|(_, draft)| draft.used.contains(&ix));
        file::read_shared(ix, used, &mut reports, &around);
    }
    compare(&mut reports, &drafts, &name);
    run::check(&mut reports, &drafts, &name);

    let mut found: Vec<Diagnostic> = reports.into_iter().flat_map(Report::finish).collect();
    diagnostic::sort(&mut found);
    if found.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(found);
    }
    let flows: Vec<Flow> = drafts.into_iter().filter_map(|(_, draft)| draft.flow).collect();
    let flows = flows.into_iter().map(|flow| (flow.name.clone(), flow)).collect();
    Ok(Compiled { flows: Flows { flows, revision: 0 }, warnings: found })
}

fn read_tree(file: &File, report: &mut Report<'_>) -> Option<Node> {
    let parsed = source::parse(&file.text);
    for (span, problem) in parsed.problems {
        report.add(span, problem.words(), Severity::Error, None);
    }
    parsed.root
}

/// What only one flow can have: a name, a keyword, a reference, a campaign, being the default.
fn compare<'a>(reports: &mut [Report<'_>], drafts: &[(usize, Draft)], name: &dyn Fn(usize) -> &'a str) {
    let mut names: HashMap<&str, usize> = HashMap::new();
    let mut owners: HashMap<(Option<Claim>, &str), usize> = HashMap::new();
    for (ix, draft) in drafts {
        if let Some(first) = names.insert(name(*ix), *ix) {
            let by = reports[first].path().to_owned();
            reports[*ix].error(draft.place, &Problem::DuplicateFlow(by));
        }
        for claim in &draft.claims {
            let owner = *owners.entry((claim.what, &claim.text)).or_insert(*ix);
            if owner == *ix {
                continue;
            }
            let by = reports[owner].path().to_owned();
            let problem = match claim.what {
                Some(what) => Problem::Claimed { what, text: claim.text.clone(), by },
                None => Problem::TwoDefaults(by),
            };
            reports[*ix].error(claim.span, &problem);
        }
    }
}
