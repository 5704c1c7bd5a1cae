//! The phrasings of picks, and what holds of all of them.

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::ChoiceReading::{None, One, Several};
use super::*;
use crate::text::phrasing::none_is_left;

const PHRASES: &str = include_str!("../../../tests/phrases/choice.tsv");

type Options = Vec<(String, String)>;

/// The phrasings with the options they pick from and the reading expected, as keys joined by `+`.
fn phrasings() -> Vec<(Options, &'static str, &'static str)> {
    let mut options = Options::new();
    let mut all = Vec::new();
    for line in PHRASES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(listed) = line.strip_prefix("@ ") {
            let pair = |option: &str| option.split_once('=').map(|(key, label)| (key.to_owned(), label.to_owned()));
            options = listed.split(" | ").filter_map(pair).collect();
        } else {
            let (expected, said) = line.split_once('\t').unwrap_or((line, ""));
            all.push((options.clone(), expected, said));
        }
    }
    all
}

/// The keys that are picked, joined by `+`.
fn picked(said: &str, options: &[(String, String)]) -> String {
    let indexes = match read(said, options) {
        One(index) => vec![index],
        Several(indexes) => indexes,
        None => return "none".to_owned(),
    };
    indexes.iter().map(|index| options[*index].0.as_str()).collect::<Vec<_>>().join("+")
}

fn times() -> Options {
    [("sang", "Buổi sáng"), ("chieu", "Buổi chiều"), ("toi", "Buổi tối")]
        .map(|(key, label)| (key.to_owned(), label.to_owned()))
        .to_vec()
}

#[test]
fn every_phrasing_picks_what_people_mean() {
    let wrong = phrasings().into_iter().filter(|(options, expected, said)| picked(said, options) != *expected);
    none_is_left(
        wrong.map(|(options, expected, said)| {
            format!("{said:?} picks {}, should pick {expected}", picked(said, &options))
        }),
    );
}

#[test]
fn case_composition_and_politeness_change_nothing() {
    none_is_left(phrasings().into_iter().flat_map(|(options, _, said)| {
        let before = picked(said, &options);
        let changed = [said.nfd().collect(), said.to_uppercase(), format!("dạ {said} ạ"), format!("{said} nha em")];
        let wrong = changed.into_iter().filter(move |changed| picked(changed, &options) != before);
        wrong.collect::<Vec<String>>()
    }));
}

#[test]
fn accents_decide_between_labels_that_differ_only_by_them() {
    let options = [("a", "Cẩm Giang"), ("b", "Cẩm Giàng")].map(|(key, label)| (key.to_owned(), label.to_owned()));
    assert_eq!(read("cẩm giàng", &options), One(1));
    assert_eq!(read("cẩm giang", &options), One(0));
}

#[test]
fn by_the_way_nothing_is_picked_by_number_or_by_ruling_out() {
    for said in ["2", "số 2", "cái đầu", "không phải sáng", "cái nào cũng được", "chieeu"] {
        assert_eq!(read_strictly(said, &times()), None, "{said}");
    }
    assert_eq!(read_strictly("cầu giấy, buổi sáng", &times()), One(0));
}

#[test]
fn whoever_rules_out_all_but_one_of_many_is_asked_about_it() {
    assert_eq!(read("không sáng không chiều", &times()), Several(vec![2]));
    assert_eq!(read("không phải sáng", &times()[..2]), One(1));
}

#[test]
fn what_is_said_after_hundreds_of_words_is_not_read() {
    assert_eq!(read(&format!("{}, sáng", "abc ".repeat(200)), &times()), None);
}

proptest! {
    #[test]
    fn any_text_is_read(text in any::<String>()) {
        read(&text, &times());
        read_strictly(&text, &times());
        read(&text, &[]);
    }

    #[test]
    fn what_is_picked_is_listed_once_and_in_order(
        words in prop::collection::vec(prop::sample::select(vec![
            "sáng", "chiều", "tối", "không", "trừ", ",", "hoặc", "2", "số", "thứ", "cái", "cả", "ba", "bận", "được",
        ]), 0..8),
    ) {
        if let Several(picked) = read(&words.join(" "), &times()) {
            prop_assert!(picked.windows(2).all(|pair| pair[0] < pair[1]) && picked.iter().all(|index| *index < 3));
        }
    }
}
