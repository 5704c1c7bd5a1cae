//! The phrasings of `tests/phrases`, each with the reading that people expect, and how they are held against ours.

/// The lines of a file: the reading expected, and what was said. Notes begin with `#`; a break in a message is
/// written `\n`; an editor may have taken the tab before an empty message.
pub(super) fn lines(file: &'static str) -> impl Iterator<Item = (&'static str, String)> {
    let noted = |line: &&str| !line.is_empty() && !line.starts_with('#');
    file.lines().filter(noted).map(|line| {
        let (expected, said) = line.split_once('\t').unwrap_or((line, ""));
        (expected, said.replace("\\n", "\n"))
    })
}

/// Asserts that there is no finding; all that there are are named at once.
pub(super) fn none_is_left(findings: impl IntoIterator<Item = String>) {
    let findings: Vec<String> = findings.into_iter().collect();
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}
