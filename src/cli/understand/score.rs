//! `thoai understand address --score FILE...`: how well addresses are read whose commune is known.
//!
//! One JSON object a line, with `text` and `gold_new_wards` (codes of communes in force, any of which is right)
//! and, if known, `gold_new_province` and a `province` as a hint. What is counted is told above the table.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::place::{Gazetteer, Hint, PlaceReading};
use crate::text::Decision;

/// The part of the surest answers that is looked at by itself.
const SUREST: f64 = 0.95;

/// An address whose place is known.
#[derive(Debug, Deserialize)]
struct Known {
    text: String,
    #[serde(default)]
    province: Option<String>,
    #[serde(default)]
    gold_new_province: Option<String>,
    #[serde(default)]
    gold_new_wards: Vec<String>,
}

/// What came of one file.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Score {
    /// Lines whose commune is known.
    wards: usize,
    /// Of these: the first candidate is right; one of the three is.
    first: usize,
    one_of_three: usize,
    /// Of these: a commune was answered; a wrong one was.
    answered: usize,
    wrong: usize,
    /// Wrong among the surest, if only so many were answered.
    wrong_of_surest: usize,
    /// Lines whose province is known, and is read.
    provinces: usize,
    province_right: usize,
    /// All lines, and how long they took.
    lines: usize,
    took: Duration,
    /// Texts that were answered wrong.
    misses: Vec<String>,
}

/// Reads every line of a file and counts.
///
/// # Errors
/// When the file cannot be read, or a line is not such an object.
pub(super) fn score(file: &Path, places: &Gazetteer, clock: &dyn Fn() -> Duration) -> anyhow::Result<Score> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut known: Vec<Known> = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str(line) {
            Ok(line) => known.push(line),
            Err(error) => bail!("{}:{}: {error}", file.display(), at + 1),
        }
    }
    let hints: Vec<Hint> = known.iter().map(|it| Hint { province: it.province.clone(), ..Hint::default() }).collect();
    let start = clock();
    let read: Vec<PlaceReading> =
        known.iter().zip(&hints).map(|(known, hint)| places.resolve(&known.text, hint)).collect();
    let took = clock().saturating_sub(start);
    Ok(counted(&known, &read, took))
}

fn counted(known: &[Known], read: &[PlaceReading], took: Duration) -> Score {
    let mut score = Score { lines: known.len(), took, ..Score::default() };
    // How sure each first candidate is, and whether it is right.
    let mut firsts: Vec<(f32, bool)> = Vec::new();
    for (known, read) in known.iter().zip(read) {
        if let Some(province) = &known.gold_new_province {
            let first = read.candidates.first().and_then(|it| it.address.province.as_ref());
            score.provinces += 1;
            score.province_right += usize::from(read.address.province.as_ref().or(first) == Some(province));
        }
        if known.gold_new_wards.is_empty() {
            continue;
        }
        let is_right = |ward: &Option<String>| ward.as_ref().is_some_and(|ward| known.gold_new_wards.contains(ward));
        let mut candidates = read.candidates.iter().map(|it| is_right(&it.address.ward));
        let first = candidates.next().unwrap_or(false);
        score.wards += 1;
        score.first += usize::from(first);
        score.one_of_three += usize::from(first || candidates.any(|is_right| is_right));
        if read.decision == Decision::Answer && read.address.ward.is_some() {
            score.answered += 1;
            if !is_right(&read.address.ward) {
                score.wrong += 1;
                score.misses.push(format!("{} -> {}", known.text, read.address.label));
            }
        }
        // Doubts other than the distance to the next place lower a confidence that does not know of them.
        let asked = read.decision != Decision::Answer;
        firsts.push((read.confidence - f32::from(u8::from(asked)), first));
    }
    firsts.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let surest = (firsts.len() as f64 * SUREST).ceil() as usize;
    score.wrong_of_surest = firsts[..surest].iter().filter(|(_, is_right)| !is_right).count();
    score
}

/// What the columns of [`row`] count.
pub(super) const LEGEND: &str = "\
first     the first candidate is right, whether or not it would be asked about
three     one of the candidates, at most three, is right
answered  a commune was answered without asking
wrong     a wrong one was
wrong95   the first candidate is wrong among the surest 95 %
province  the province is right
";

/// The head of the table.
pub(super) fn head() -> String {
    let columns = ["lines", "first", "three", "answered", "wrong", "wrong95", "province", "a second"];
    columns.iter().fold(format!("{:<24}", "file"), |head, column| format!("{head}{column:>10}"))
}

/// A file's row of the table, in per cent.
pub(super) fn row(name: &str, score: &Score) -> String {
    let mut row = format!("{name:<24}{:>10}", score.lines);
    let mut percent = |count: usize, of: usize| {
        let shown = if of == 0 { "-".to_owned() } else { format!("{:.2}", 100.0 * count as f64 / of as f64) };
        write!(row, "{shown:>10}").expect("writing to a string");
    };
    percent(score.first, score.wards);
    percent(score.one_of_three, score.wards);
    percent(score.answered, score.wards);
    percent(score.wrong, score.wards);
    percent(score.wrong_of_surest, (score.wards as f64 * SUREST).ceil() as usize);
    percent(score.province_right, score.provinces);
    let speed = score.lines as f64 / score.took.as_secs_f64().max(1e-9);
    format!("{row}{speed:>10.0}")
}

/// The texts of a file that were answered wrong, a line each.
pub(super) fn misses(score: &Score) -> String {
    score.misses.iter().fold(String::new(), |all, miss| format!("{all}  {miss}\n"))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static PLACES: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::official);

    fn of(lines: &str) -> anyhow::Result<Score> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("known.jsonl");
        std::fs::write(&file, lines).unwrap();
        score(&file, &PLACES, &|| Duration::ZERO)
    }

    #[test]
    fn right_wrong_and_asked_lines_are_told_apart() {
        let score = of(
            r#"{"text":"12 Nguyễn Huệ, Phường Bến Nghé, Quận 1","gold_new_wards":["26740"],"gold_new_province":"79"}
{"text":"12 Nguyễn Huệ, Phường Bến Nghé, Quận 1","gold_new_wards":["00004"]}
{"text":"Xã Hưng Đạo, Cao Bằng","gold_new_wards":["01273"]}
{"text":"Đà Nẵng","gold_new_wards":[],"gold_new_province":"48"}
{"text":"thanh xuan","province":"01","gold_new_wards":["00367"]}"#,
        )
        .unwrap();
        assert_eq!((score.lines, score.wards, score.provinces, score.province_right), (5, 4, 2, 2));
        assert_eq!((score.first, score.one_of_three), (2, 3));
        assert_eq!((score.answered, score.wrong, score.wrong_of_surest), (3, 1, 2));
        assert_eq!(score.misses.len(), 1);
        let shown = row("known.jsonl", &score);
        assert!(
            shown.starts_with("known.jsonl                      5     50.00     75.00     75.00     25.00"),
            "{shown}"
        );
        assert_eq!(head().split_whitespace().count(), 10);
    }

    #[test]
    fn a_broken_line_is_told_by_file_and_line() {
        let error = of("{\"text\":\"Hà Nội\"}\n{\"txt\":1}\n").unwrap_err().to_string();
        assert!(error.contains("known.jsonl:2: missing field `text`"), "{error}");
        assert_eq!(of("").unwrap(), Score::default());
    }
}
