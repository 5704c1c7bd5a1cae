//! Problems as a SARIF 2.1.0 log, which code review tools show beside the changed lines.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Diagnostic, Lang, Severity};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// One run of the checker with everything it found.
pub fn render(problems: &[Diagnostic], lang: Lang) -> String {
    let codes: BTreeSet<&str> = problems.iter().map(|problem| problem.code).collect();
    let rules: Vec<Value> = codes.iter().map(|code| json!({"id": code})).collect();
    let results: Vec<Value> = problems.iter().map(|problem| result(problem, lang)).collect();
    let driver = json!({"name": "thoai", "version": env!("CARGO_PKG_VERSION"), "rules": rules});
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    });
    format!("{log}\n")
}

fn result(problem: &Diagnostic, lang: Lang) -> Value {
    let level = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let region = json!({"startLine": problem.line, "startColumn": problem.column, "endColumn": problem.end_column()});
    json!({
        "ruleId": problem.code,
        "level": level,
        "message": {"text": problem.message(lang)},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(&problem.file)}, "region": region}}],
    })
}

/// A path as a relative reference: separators as slashes, what an address cannot hold in percent.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let bytes = path.bytes().map(|byte| if byte == b'\\' { b'/' } else { byte });
    bytes.map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
