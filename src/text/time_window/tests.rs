//! The phrasings of windows of time, and what holds of all of them.

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;
use crate::domain::time::clock;
use crate::text::phrasing::none_is_left;
use crate::text::unaccent_keep_case;

const PHRASES: &str = include_str!("../../../tests/phrases/time_window.tsv");

/// The phrasings with the moment they are said at and the reading expected.
fn phrasings() -> Vec<(Timestamp, &'static str, &'static str)> {
    let mut now = Timestamp::default();
    let mut all = Vec::new();
    for line in PHRASES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(at) = line.strip_prefix("@ ") {
            now = Timestamp::parse_rfc3339(at).unwrap();
        } else {
            let (expected, said) = line.split_once('\t').unwrap_or((line, ""));
            all.push((now, expected, said));
        }
    }
    all
}

/// The reading as the phrasings are listed with it.
fn shown(said: &str, now: Timestamp) -> String {
    match read(said, now) {
        TimeReading::One(window) => window.plain(),
        TimeReading::Unsure(windows) if windows.is_empty() => "ask".to_owned(),
        TimeReading::Unsure(windows) => {
            format!("ask {}", windows.iter().map(TimeWindow::plain).collect::<Vec<_>>().join(" | "))
        }
        TimeReading::None => "none".to_owned(),
    }
}

/// A Sunday afternoon.
fn now() -> Timestamp {
    Timestamp::of(Day::of(2026, 11, 22).unwrap(), 15 * 60)
}

#[test]
fn every_phrasing_is_read_as_people_mean_it() {
    let wrong = phrasings().into_iter().filter(|(now, expected, said)| shown(said, *now) != *expected);
    none_is_left(wrong.map(|(now, expected, said)| format!("{said:?} is {}, should be {expected}", shown(said, now))));
}

#[test]
fn case_composition_and_politeness_change_nothing() {
    none_is_left(phrasings().into_iter().flat_map(|(now, _, said)| {
        let before = shown(said, now);
        let changed = [said.nfd().collect(), said.to_uppercase(), format!("dạ {said} ạ"), format!("{said} nha em")];
        let wrong = changed.into_iter().filter(move |changed| shown(changed, now) != before);
        wrong.collect::<Vec<String>>()
    }));
}

#[test]
fn without_its_accents_no_window_becomes_another() {
    none_is_left(phrasings().into_iter().filter_map(|(now, _, said)| {
        let bare = unaccent_keep_case(said);
        let (before, after) = (read(said, now).one()?, read(&bare, now).one()?);
        (before != after).then(|| format!("{bare:?} is {}, was {}", after.plain(), before.plain()))
    }));
}

proptest! {
    #[test]
    fn any_text_is_read_alike_composed_and_decomposed(text in any::<String>(), millis in any::<i64>()) {
        let now = Timestamp::from_millis(millis);
        prop_assert_eq!(read(&text.nfc().collect::<String>(), now), read(&text.nfd().collect::<String>(), now));
    }

    #[test]
    fn every_window_is_a_span_that_is_not_over(words in prop::collection::vec(prop::sample::select(vec![
        "sáng", "chiều", "tối", "mai", "mốt", "nay", "thứ", "t", "cn", "tuần", "sau", "trước", "từ", "đến", "8", "30", "h",
        "giờ", "rưỡi", "nữa", "tiếng", "hoặc", ",", "-", "/", "11", "ngày", "cuối", "không", "23", "bây giờ", "lúc nào cũng được",
    ]), 0..10), glue in prop::sample::select(vec!["", " "]), minute in 0..1440_u16) {
        let now = Timestamp::of(now().day(), minute);
        let windows = match read(&words.join(glue), now) {
            TimeReading::One(window) => vec![window],
            TimeReading::Unsure(windows) => windows,
            TimeReading::None => Vec::new(),
        };
        prop_assert!(windows.len() <= 3);
        for window in windows {
            prop_assert!(window.from < window.to && window.to <= 1440, "{}", window.plain());
            prop_assert!(window.first <= window.last && window.last.is_none_or(|last| last >= now.day()));
        }
    }

    #[test]
    fn every_span_reads_back(from in 7..23_u16, minute in 0..60_u16, length in 1..600_u16, ahead in 0..300_i32) {
        let from = from * 60 + minute;
        let to = (from + length).min(1439);
        let day = now().day().plus(ahead);
        let window = TimeWindow { first: Some(day), last: Some(day), from, to };
        prop_assume!(from < to);
        let hour = |minute: u16| format!("{}h{:02}", minute / 60, minute % 60);
        for text in [
            window.shown(),
            format!("{}-{} ngày {}", hour(from), hour(to), day.shown()),
            format!("từ {} đến {} {}", clock(from), clock(to), day.shown()),
            format!("tu {} toi {} ngay {}", hour(from), hour(to), day.shown()),
        ] {
            prop_assert_eq!(read(&text, now()).one(), Some(window.clone()), "{}", text);
        }
    }
}
