//! What problems look like to a person and to a program.

use super::*;

fn problem(line: usize, column: usize, end: usize) -> Diagnostic {
    let words = Words::new("unknown-key", "không có mục \"sya\"", "there is no key \"sya\"");
    let span = Span { line, column, end_line: line, end_column: end, start: 0, end: 0 };
    Diagnostic { suggestion: Some("say".to_owned()), ..Diagnostic::error("flows/a.yaml", span, words) }
}

#[test]
fn json_holds_every_problem_and_the_counts() {
    let warning = Diagnostic { severity: Severity::Warning, suggestion: None, ..problem(3, 1, 2) };
    let report: serde_json::Value = serde_json::from_str(&json::render(&[problem(2, 7, 10), warning])).unwrap();
    assert_eq!((&report["errors"], &report["warnings"]), (&1.into(), &1.into()));
    let first = serde_json::json!({
        "code": "unknown-key", "severity": "error", "file": "flows/a.yaml",
        "line": 2, "column": 7, "end_column": 10,
        "message": "không có mục \"sya\"; ý bạn là \"say\"?",
        "message_en": "there is no key \"sya\"; did you mean \"say\"?", "suggestion": "say",
    });
    assert_eq!(report["problems"][0], first);
    assert_eq!(report["problems"][1]["suggestion"], serde_json::Value::Null);
    assert_eq!(json::render(&[]), "{\"errors\":0,\"problems\":[],\"warnings\":0}\n");
}

#[test]
fn sarif_has_what_its_schema_demands() {
    let far = Diagnostic { file: "flows\\đổi sim.yaml".to_owned(), ..problem(2, 7, 10) };
    let report: serde_json::Value = serde_json::from_str(&sarif::render(&[far], Lang::En)).unwrap();
    assert_eq!(report["version"], "2.1.0");
    let run = &report["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "thoai");
    assert_eq!(run["tool"]["driver"]["rules"], serde_json::json!([{"id": "unknown-key"}]));
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let result = &run["results"][0];
    assert_eq!((&result["ruleId"], &result["level"]), (&"unknown-key".into(), &"error".into()));
    assert_eq!(result["message"]["text"], "there is no key \"sya\"; did you mean \"say\"?");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "flows/%C4%91%E1%BB%95i%20sim.yaml");
    assert_eq!(place["region"], serde_json::json!({"startLine": 2, "startColumn": 7, "endColumn": 10}));
    let none: serde_json::Value = serde_json::from_str(&sarif::render(&[], Lang::Vi)).unwrap();
    assert_eq!(none["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn a_place_of_unknown_width_is_one_character_for_a_program() {
    assert_eq!(problem(1, 5, usize::MAX).end_column(), 6);
    assert_eq!(problem(1, 5, 9).end_column(), 9);
}

#[test]
fn a_problem_is_printed_with_its_place_first_and_a_caret_under_it() {
    let text = "flow: a\nđổi: {sya: \"Chào\"}\n";
    let printed = render(&[problem(2, 7, 10)], &[("flows/a.yaml", text)], Lang::Vi);
    assert_eq!(
        printed,
        "flows/a.yaml:2:7: lỗi[unknown-key]: không có mục \"sya\"; ý bạn là \"say\"?\n\
         2 | đổi: {sya: \"Chào\"}\n\u{20} |       ^^^\n\n"
    );
    let english = render(&[problem(2, 7, 10)], &[], Lang::En);
    assert_eq!(english, "flows/a.yaml:2:7: error[unknown-key]: there is no key \"sya\"; did you mean \"say\"?\n\n");
}

#[test]
fn the_caret_stands_right_after_decomposed_letters_and_emoji() {
    let printed = excerpt(&problem(1, 5, 6), "a\u{300}👍bX");
    assert_eq!(printed, "1 | a\u{300}👍bX\n  |     ^\n");
}

#[test]
fn a_place_outside_the_text_is_printed_all_the_same() {
    render(&[problem(9, 9, 12), problem(1, 900, usize::MAX), problem(0, 0, 0)], &[("flows/a.yaml", "a")], Lang::Vi);
    let long = format!("{}sya", "x".repeat(5000));
    assert!(excerpt(&problem(1, 5001, 5004), &long).ends_with("^^^\n"));
}

#[test]
fn a_slip_is_recognised_and_another_word_is_not() {
    assert_eq!(nearest("sya", ["say", "ask", "end"]).as_deref(), Some("say"));
    assert_eq!(nearest("give_upp", ["give_up", "if_yes"]).as_deref(), Some("give_up"));
    assert_eq!(nearest("xin_chao", ["say", "ask", "end"]), None);
    assert_eq!(nearest("", ["a"]), None);
}
