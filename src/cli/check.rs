//! `thoai check`: every problem of a flows folder at once, and an exit code for scripts.
//!
//! Only words and exit codes; the checks are [`crate::flow::check`]'s.

pub use crate::flow::check::{Found, compiled};

use crate::flow::check::{Checked, check};
use crate::flow::diagnostic::{Lang, Severity, json, sarif};
use crate::runtime::registry;

/// Arguments of `thoai check`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The folder of flows [default: flows.dir of the configuration].
    folder: Option<std::path::PathBuf>,
    /// The language of the report.
    #[arg(long, default_value = "vi", value_parser = lang)]
    lang: Lang,
    /// The form of the report: words for a person, or one of two forms for programs.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Count warnings as problems.
    #[arg(long)]
    strict: bool,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// The line, a caret under it, the problem in words.
    Text,
    /// One JSON object.
    Json,
    /// A SARIF 2.1.0 log.
    Sarif,
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
    let checked = check(found, config.names(&registry::limits()));
    print!("{}", report(&checked, arguments.format, arguments.lang));
    Ok(code(&checked, arguments.strict))
}

fn report(checked: &Checked, format: Format, lang: Lang) -> String {
    match format {
        Format::Text if checked.is_empty() => nothing(lang).to_owned(),
        Format::Text => checked.text(lang) + &summary(checked, lang),
        Format::Json => json::render(&checked.problems),
        Format::Sarif => sarif::render(&checked.problems, lang),
    }
}

/// 0 fine, 1 problems found, 2 nothing to check.
fn code(checked: &Checked, strict: bool) -> u8 {
    let bad = checked.count(Severity::Error) > 0 || (strict && !checked.problems.is_empty());
    if checked.is_empty() { 2 } else { u8::from(bad) }
}

fn nothing(lang: Lang) -> &'static str {
    match lang {
        Lang::Vi => "Không có tệp kịch bản nào để kiểm tra.\n",
        Lang::En => "There are no flow files to check.\n",
    }
}

fn summary(checked: &Checked, lang: Lang) -> String {
    let (errors, warnings) = (checked.count(Severity::Error), checked.count(Severity::Warning));
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
    use crate::flow::compile::Names;

    fn names(limits: &LimitsTable) -> Names<'_> {
        Names { limits, queues: &[], services: &[] }
    }

    fn checked(content: Result<&[u8], &str>) -> Checked {
        let content = content.map(<[u8]>::to_vec).map_err(str::to_owned);
        check(vec![Found { path: "flows/a.yaml".to_owned(), content }], names(&LimitsTable::new()))
    }

    #[test]
    fn a_good_folder_is_fine_and_an_empty_one_could_not_be_checked() {
        let good = checked(Ok(b"flow: a\nsteps:\n  xong: {end: done}\n"));
        assert_eq!((report(&good, Format::Text, Lang::Vi).as_str(), code(&good, true)), ("Không có lỗi.\n", 0));
        assert_eq!(report(&good, Format::Json, Lang::Vi), "{\"errors\":0,\"problems\":[],\"warnings\":0}\n");
        let none = check(Vec::new(), names(&LimitsTable::new()));
        assert_eq!((report(&none, Format::Text, Lang::En).as_str(), code(&none, false)), (nothing(Lang::En), 2));
    }

    #[test]
    fn an_empty_or_unreadable_file_is_a_problem() {
        for (content, wanted) in [
            (Ok(&b""[..]), "empty-file"),
            (Ok(&b"flow: \xff\n"[..]), "not-utf8"),
            (Err("permission denied"), "unreadable"),
        ] {
            let checked = checked(content);
            assert_eq!(code(&checked, false), 1);
            assert_eq!(checked.problems[0].code, wanted);
            for format in [Format::Text, Format::Json, Format::Sarif] {
                assert!(report(&checked, format, Lang::Vi).contains(wanted));
            }
        }
        let text = report(&checked(Ok(b"flow: \xff\n")), Format::Text, Lang::Vi);
        assert!(text.starts_with("flows/a.yaml:1:7: "), "{text}");
    }

    #[test]
    fn a_warning_fails_only_a_strict_check() {
        let text = "flow: a\ninterrupts:\n  dung: {match: [dừng], then: {end: stopped}}\nslots:\n  muon: {type: yesno}\n\
                    steps:\n  hoi: {ask: muon, say: \"Anh/chị muốn không ạ?\"}\n  xong: {end: done}\n";
        let checked = checked(Ok(text.as_bytes()));
        assert_eq!((code(&checked, false), code(&checked, true)), (0, 1));
        assert_eq!(checked.problems[0].code, "phrase-is-answer");
        assert!(report(&checked, Format::Text, Lang::En).ends_with("0 errors, 1 warnings.\n"));
    }
}
