//! Hundreds of broken flow files: each is told with a place inside the file, none makes the compiler fail,
//! and what it is asked to bear is bounded by counts.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use thoai::domain::limits::LimitsTable;
use thoai::flow::check::{Checked, Found, check};
use thoai::flow::compile::Names;
use thoai::flow::diagnostic::{Diagnostic, Severity, json, sarif};
use thoai::flow::source::{MOST_BYTES, MOST_DEPTH, MOST_NODES, parse};
use thoai::runtime::registry;

use variant::{Variant, variants};

pub(crate) mod variant;

/// Most problems told of one file.
const MOST_PROBLEMS: usize = 300;

fn shipped(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("flows").join(name)).expect("a shipped flow")
}

fn checked(text: &str, limits: &LimitsTable) -> Checked {
    let found = |path: &str, text: String| Found { path: path.to_owned(), content: Ok(text.into_bytes()) };
    let files = vec![
        found("flows/doi-sim-4g.yaml", text.to_owned()),
        found("flows/chung/chung.yaml", shipped("chung/chung.yaml")),
    ];
    check(files, Names { limits, queues: &["cskh".to_owned()], services: &[] })
}

/// Whether a problem points into the text: at a line it has, at most one column behind its last character.
fn lies_inside(problem: &Diagnostic, text: &str) -> bool {
    let lines: Vec<usize> = text.split('\n').map(|line| line.chars().count()).collect();
    let length = problem.line.checked_sub(1).and_then(|line| lines.get(line));
    length.is_some_and(|length| (1..=length + 1).contains(&problem.column) && problem.end > problem.column)
}

#[test]
fn two_hundred_broken_files_are_each_told_with_a_place_inside_the_file() {
    let limits = registry::limits();
    let good = shipped("doi-sim-4g.yaml");
    assert_eq!(checked(&good, &limits).count(Severity::Error), 0);
    let (mut broken, mut codes) = (0, BTreeSet::new());
    for Variant { name, text } in variants(&good) {
        let checked = checked(&text, &limits);
        let errors: Vec<_> = checked.problems.iter().filter(|problem| problem.severity == Severity::Error).collect();
        assert!(checked.problems.len() <= 2 * MOST_PROBLEMS, "{name}");
        for problem in &checked.problems {
            let chung = problem.file.ends_with("chung.yaml");
            assert!(chung || lies_inside(problem, &text), "{name}: {problem:?}");
        }
        broken += usize::from(!errors.is_empty());
        codes.extend(errors.iter().map(|problem| problem.code));
    }
    assert!(broken >= 200, "{broken}");
    assert!(codes.len() >= 25, "{codes:?}");
}

#[test]
fn what_a_file_may_hold_is_bounded_by_counts() {
    let code = |text: &str| parse(text).problems.first().map(|(_, problem)| problem.words().code);
    let comment = |bytes: usize| format!("a: b\n#{}", "x".repeat(bytes - 6));
    assert_eq!((code(&comment(MOST_BYTES)), code(&comment(MOST_BYTES + 1))), (None, Some("too-long")));
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!((code(&deep(MOST_DEPTH)), code(&deep(MOST_DEPTH + 1))), (None, Some("too-deep")));
    // A list and its items.
    let wide = |nodes: usize| format!("[{}]", "a,".repeat(nodes - 1));
    assert_eq!((code(&wide(MOST_NODES)), code(&wide(MOST_NODES + 1))), (None, Some("too-many-values")));
    let keys: String = (0..1000).map(|ix| format!("khóa{ix}: 1\n")).collect();
    assert_eq!(checked(&keys, &LimitsTable::new()).problems.len(), MOST_PROBLEMS);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn whatever_stands_in_a_file_is_checked_and_can_be_told_in_every_form(
        at in 0..7000usize,
        length in 0..400usize,
        what in "(\\PC|[\n\t {}\\[\\]:\"'&*!|>#-]|ask|say|go|if|branch|confirm){0,30}",
    ) {
        let good: Vec<char> = shipped("doi-sim-4g.yaml").chars().collect();
        let at = at.min(good.len());
        let rest = &good[(at + length).min(good.len())..];
        let text: String = good[..at].iter().copied().chain(what.chars()).chain(rest.iter().copied()).collect();
        let checked = checked(&text, &registry::limits());
        for problem in checked.problems.iter().filter(|problem| !problem.file.ends_with("chung.yaml")) {
            prop_assert!(problem.line >= 1 && problem.column >= 1 && problem.end > problem.column);
            prop_assert!(problem.code != "problem", "{problem:?}");
        }
        checked.text(thoai::flow::diagnostic::Lang::Vi);
        json::render(&checked.problems);
        sarif::render(&checked.problems, thoai::flow::diagnostic::Lang::En);
    }
}
