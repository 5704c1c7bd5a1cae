//! `thoai test`: runs the scripted conversations beside the flows. Only words, files and exit codes; the
//! running is [`crate::studio::test`]'s, the counting [`crate::studio::coverage`]'s.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde_json::json;

use super::check;
use crate::flow::compile::File;
use crate::flow::diagnostic::{Diagnostic, Lang, render};
use crate::runtime::registry;
use crate::studio::Stage;
use crate::studio::coverage::{Coverage, Hits, Item, ItemKind};
use crate::studio::script::{self, Script};
use crate::studio::test::{Report, run as run_scripts, update::update};

/// Arguments of `thoai test`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The folder of flows, or one file of tests in it [default: flows.dir of the configuration].
    path: Option<PathBuf>,
    /// Only the tests of this flow.
    #[arg(long, value_name = "NAME")]
    flow: Option<String>,
    /// Show what the tests go through and what they do not.
    #[arg(long)]
    coverage: bool,
    /// Fail below so many percent of coverage.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    threshold: Option<u8>,
    /// Rewrite what the bot is expected to say by what it said.
    #[arg(long)]
    update: bool,
    /// The form of the report.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Words for a person.
    Text,
    /// One JSON object.
    Json,
}

/// `thoai test`
pub(super) fn run(config: Option<&Path>, options: &Options) -> anyhow::Result<u8> {
    let config = super::open::config(config)?;
    let path = options.path.as_deref().unwrap_or(&config.flows);
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let found = super::open::found(folder)?;
    let read = found.iter().filter_map(|found| {
        let text = String::from_utf8(found.content.clone().ok()?).ok()?;
        Some(File { path: found.path.clone(), text })
    });
    let files: Vec<File> = read.collect();
    let limits = registry::writable();
    let flows = match check::compiled(found, config.names(&limits)) {
        Ok(flows) => flows,
        Err(problems) => {
            print!("{problems}");
            return Ok(1);
        }
    };
    let places = super::open::places(&config)?;
    let stage = Stage { flows: &flows, places: &places, limits: &limits, queues: &config.queues };
    let tests: Vec<&File> = files.iter().filter(|file| is_wanted(file, path)).collect();
    let scripts = match read_scripts(&tests, stage, options.flow.as_deref()) {
        Ok(scripts) => scripts,
        Err(problems) => {
            let sources: Vec<(&str, &str)> =
                tests.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
            print!("{}", render(&problems, &sources, Lang::Vi));
            return Ok(1);
        }
    };
    if scripts.is_empty() {
        println!("Không có tệp *.test.yaml nào để chạy.");
        return Ok(2);
    }
    let mut hits = Hits::default();
    let report = run_scripts(stage, &scripts, &mut hits);
    let coverage = Coverage::of(&files, &flows, &hits, options.flow.as_deref());
    if options.update {
        write_updates(&tests, &report)?;
    }
    print!("{}", shown(&report, &coverage, options));
    let enough = options.threshold.is_none_or(|least| coverage.percent() >= usize::from(least));
    Ok(u8::from(!(report.is_fine() || options.update) || !enough))
}

fn is_wanted(file: &File, path: &Path) -> bool {
    file.path.ends_with(".test.yaml") && (path.is_dir() || Path::new(&file.path) == path)
}

fn read_scripts(files: &[&File], stage: Stage<'_>, only: Option<&str>) -> Result<Vec<Script>, Vec<Diagnostic>> {
    let (mut scripts, mut problems) = (Vec::new(), Vec::new());
    for file in files {
        match script::read(file, stage) {
            Ok(script) => scripts.push(script),
            Err(more) => problems.extend(more),
        }
    }
    scripts.retain(|script| only.is_none_or(|flow| script.flow == flow));
    if problems.is_empty() { Ok(scripts) } else { Err(problems) }
}

fn write_updates(files: &[&File], report: &Report) -> anyhow::Result<()> {
    for file in files {
        let outcomes: Vec<_> = report.cases.iter().filter(|case| case.file == file.path).cloned().collect();
        let updated = update(&file.text, &outcomes);
        if updated != file.text {
            std::fs::write(&file.path, updated).with_context(|| format!("cannot write {}", file.path))?;
            eprintln!("đã viết lại {}", file.path);
        }
    }
    Ok(())
}

fn shown(report: &Report, coverage: &Coverage, options: &Options) -> String {
    let wanted = options.coverage || options.threshold.is_some();
    if options.format == Format::Json {
        let (covered, all) = coverage.counts(None);
        let told = json!({"percent": coverage.percent(), "covered": covered, "all": all, "items": coverage.items});
        let coverage = if wanted { told } else { serde_json::Value::Null };
        let body = json!({"passed": report.passed(), "cases": report.cases, "coverage": coverage});
        return format!("{body:#}\n");
    }
    let mut text = told(report);
    if wanted {
        text += &covered(coverage);
    }
    text
}

/// What failed, each at its line, and how many went well.
fn told(report: &Report) -> String {
    let mut text = String::new();
    for case in report.cases.iter().filter(|case| !case.failures.is_empty()) {
        let _ = writeln!(text, "{}:{}: HỎNG \"{}\"", case.file, case.line, case.name);
        for failure in &case.failures {
            let _ = writeln!(text, "  {}:{}: chờ    {}", case.file, failure.line, failure.expected);
            let _ = writeln!(text, "  {}:{}: nhưng  {}", case.file, failure.line, failure.got);
        }
    }
    let _ = writeln!(text, "{}/{} hội thoại đúng.", report.passed(), report.cases.len());
    text
}

const KINDS: [(ItemKind, &str); 7] = [
    (ItemKind::Step, "bước"),
    (ItemKind::Branch, "nhánh"),
    (ItemKind::Retry, "hỏi lại"),
    (ItemKind::GiveUp, "bỏ cuộc"),
    (ItemKind::Interrupt, "chen ngang"),
    (ItemKind::Reminder, "nhắc"),
    (ItemKind::Expiry, "hết hạn"),
];

fn covered(coverage: &Coverage) -> String {
    let mut text = String::new();
    for Item { kind, file, line, name, .. } in coverage.uncovered() {
        let kind = KINDS.iter().find(|(known, _)| known == kind).map_or("", |(_, word)| *word);
        let _ = writeln!(text, "{file}:{line}: chưa qua {kind} {name}");
    }
    let counts = KINDS.iter().filter_map(|(kind, word)| match coverage.counts(Some(*kind)) {
        (_, 0) => None,
        (covered, all) => Some(format!("{word} {covered}/{all}")),
    });
    let counts = counts.collect::<Vec<_>>().join(", ");
    let _ = writeln!(text, "Độ phủ {} % ({counts}).", coverage.percent());
    text
}
