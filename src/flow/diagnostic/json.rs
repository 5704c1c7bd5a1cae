//! Problems as one JSON object, for scripts and editors.

use serde_json::{Value, json};

use super::{Diagnostic, Lang, Severity};

/// All problems with the counts of both kinds, on one line with a line break behind it.
pub fn render(problems: &[Diagnostic]) -> String {
    let of = |severity| problems.iter().filter(|problem| problem.severity == severity).count();
    let all: Vec<Value> = problems.iter().map(problem).collect();
    let report = json!({
        "problems": all,
        "errors": of(Severity::Error),
        "warnings": of(Severity::Warning),
    });
    format!("{report}\n")
}

fn problem(problem: &Diagnostic) -> Value {
    json!({
        "code": problem.code,
        "severity": match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "end_column": problem.end_column(),
        "message": problem.message(Lang::Vi),
        "message_en": problem.message(Lang::En),
        "suggestion": problem.suggestion,
    })
}
