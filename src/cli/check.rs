//! `thoai check`: every problem of a flows folder at once, and an exit code for scripts.
//!
//! [`check`] is the command as a function; the checks themselves are [`crate::flow::compile`]'s.

use crate::flow::Flows;
use crate::flow::compile::{File, MOST_FILES, Names, compile};
use crate::flow::diagnostic::{self, Diagnostic, Lang, Severity};
use crate::runtime::registry;

/// Arguments of `thoai check`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The folder of flows [default: flows.dir of the configuration].
    folder: Option<std::path::PathBuf>,
    /// The language of the report.
    #[arg(long, default_value = "vi", value_parser = lang)]
    lang: Lang,
    /// Count warnings as problems.
    #[arg(long)]
    strict: bool,
}

fn lang(name: &str) -> Result<Lang, String> {
    match name {
        "vi" => Ok(Lang::Vi),
        "en" => Ok(Lang::En),
        _ => Err("vi or en".to_owned()),
    }
}

/// `thoai check`
pub(super) fn run(config: Option<&std::path::Path>, arguments: &Arguments) -> anyhow::Result<u8> {
    let config = super::open::config(config)?;
    let found = super::open::found(arguments.folder.as_deref().unwrap_or(&config.flows))?;
    let options = Options { lang: arguments.lang, strict: arguments.strict };
    let outcome = check(found, config.names(&registry::limits()), options);
    print!("{}", outcome.text);
    Ok(outcome.code)
}

/// A file that was found in the flows folder.
#[derive(Clone, Debug)]
pub struct Found {
    /// As it is to be named.
    pub path: String,
    /// What it holds, or why it could not be read.
    pub content: Result<Vec<u8>, String>,
}

/// How to check and how to tell.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The language of the report.
    pub lang: Lang,
    /// Whether warnings count as problems.
    pub strict: bool,
}

/// What to print and how to exit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The report.
    pub text: String,
    /// 0 fine, 1 problems found, 2 nothing to check.
    pub code: u8,
}

/// Checks the files of a flows folder against the channels and queues of an installation.
pub fn check(found: Vec<Found>, names: Names<'_>, options: Options) -> Outcome {
    let (files, mut problems) = opened(found);
    if files.is_empty() && problems.is_empty() {
        return Outcome { text: nothing(options.lang).to_owned(), code: 2 };
    }
    problems.extend(match compile(&files, names) {
        Ok(compiled) => compiled.warnings,
        Err(problems) => problems,
    });
    let errors = count(&problems, Severity::Error);
    let warnings = count(&problems, Severity::Warning);
    let text = shown(problems, &files, options.lang) + &summary(options.lang, errors, warnings);
    let code = u8::from(errors > 0 || (options.strict && warnings > 0));
    Outcome { text, code }
}

/// The flows, ready to run, or everything that is wrong with them, as a person reads it.
///
/// # Errors
/// The report, in Vietnamese.
pub fn compiled(found: Vec<Found>, names: Names<'_>) -> Result<Flows, String> {
    let (files, mut problems) = opened(found);
    match compile(&files, names) {
        Ok(compiled) if problems.is_empty() => return Ok(compiled.flows),
        Ok(_) => {}
        Err(more) => problems.extend(more),
    }
    Err(shown(problems, &files, Lang::Vi))
}

fn opened(found: Vec<Found>) -> (Vec<File>, Vec<Diagnostic>) {
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for Found { path, content } in found {
        match content.map(|bytes| File::from_bytes(&path, bytes)) {
            Ok(Ok(file)) => files.push(file),
            Ok(Err(problem)) => problems.push(*problem),
            Err(reason) => problems.push(File::unreadable(&path, &reason)),
        }
    }
    (files, problems)
}

fn shown(mut problems: Vec<Diagnostic>, files: &[File], lang: Lang) -> String {
    diagnostic::sort(&mut problems);
    let sources: Vec<(&str, &str)> =
        files.iter().take(MOST_FILES).map(|file| (file.path.as_str(), file.text.as_str())).collect();
    diagnostic::render(&problems, &sources, lang)
}

fn count(problems: &[Diagnostic], severity: Severity) -> usize {
    problems.iter().filter(|problem| problem.severity == severity).count()
}

fn nothing(lang: Lang) -> &'static str {
    match lang {
        Lang::Vi => "Không có tệp kịch bản nào để kiểm tra.\n",
        Lang::En => "There are no flow files to check.\n",
    }
}

fn summary(lang: Lang, errors: usize, warnings: usize) -> String {
    match (lang, errors, warnings) {
        (Lang::Vi, 0, 0) => "Không có lỗi.\n".to_owned(),
        (Lang::En, 0, 0) => "No problems.\n".to_owned(),
        (Lang::Vi, _, _) => format!("{errors} lỗi, {warnings} lưu ý.\n"),
        (Lang::En, _, _) => format!("{errors} errors, {warnings} warnings.\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::limits::LimitsTable;

    fn outcome(content: Result<&[u8], &str>, strict: bool) -> Outcome {
        let content = content.map(<[u8]>::to_vec).map_err(str::to_owned);
        let found = vec![Found { path: "flows/a.yaml".to_owned(), content }];
        check(
            found,
            Names { limits: &LimitsTable::new(), queues: &[], services: &[] },
            Options { lang: Lang::Vi, strict },
        )
    }

    #[test]
    fn a_good_folder_is_fine_and_an_empty_one_could_not_be_checked() {
        let good = outcome(Ok(b"flow: a\nsteps:\n  xong: {end: done}\n"), true);
        assert_eq!(good, Outcome { text: "Không có lỗi.\n".to_owned(), code: 0 });
        let options = Options { lang: Lang::En, strict: false };
        assert_eq!(
            check(Vec::new(), Names { limits: &LimitsTable::new(), queues: &[], services: &[] }, options).code,
            2
        );
    }

    #[test]
    fn an_empty_or_unreadable_file_is_a_problem() {
        for (content, code) in [
            (Ok(&b""[..]), "empty-file"),
            (Ok(&b"flow: \xff\n"[..]), "not-utf8"),
            (Err("permission denied"), "unreadable"),
        ] {
            let outcome = outcome(content, false);
            assert_eq!(outcome.code, 1);
            assert!(outcome.text.contains(code), "{}", outcome.text);
        }
        assert!(outcome(Ok(b"flow: \xff\n"), false).text.starts_with("flows/a.yaml:1:7: "));
    }

    #[test]
    fn a_warning_fails_only_a_strict_check() {
        let text = "flow: a\ninterrupts:\n  dung: {match: [dừng], then: {end: stopped}}\nslots:\n  muon: {type: yesno}\n\
                    steps:\n  hoi: {ask: muon, say: \"Anh/chị muốn không ạ?\"}\n  xong: {end: done}\n";
        assert_eq!(outcome(Ok(text.as_bytes()), false).code, 0);
        assert_eq!(outcome(Ok(text.as_bytes()), true).code, 1);
        assert!(outcome(Ok(text.as_bytes()), false).text.contains("phrase-is-answer"));
    }
}
