//! The phrasings of yes and no, and what holds of all of them.

use proptest::prelude::*;
use proptest::sample::select;
use unicode_normalization::UnicodeNormalization;

use super::*;
use crate::text::phrasing::{lines, none_is_left};
use crate::text::unaccent_keep_case;

const PHRASES: &str = include_str!("../../../tests/phrases/yes_no.tsv");

/// The phrasings that are read like this.
fn said(expected: YesNo) -> Vec<String> {
    lines(PHRASES).filter(|(name, _)| *name == expected.name()).map(|(_, said)| said).collect()
}

/// The phrasings of which some change makes another reading than it may.
fn changed(change: impl Fn(&str) -> String, may: impl Fn(YesNo, YesNo) -> bool) -> Vec<String> {
    let changed = lines(PHRASES).map(|(_, said)| (read(&said), change(&said)));
    let wrong =
        changed.map(|(before, said)| (before, read(&said), said)).filter(|(before, after, _)| !may(*before, *after));
    wrong.map(|(before, after, said)| format!("{said:?} is {}, was {}", after.name(), before.name())).collect()
}

fn is_answer(reading: YesNo) -> bool {
    matches!(reading, YesNo::Yes | YesNo::No)
}

#[test]
fn every_phrasing_is_read_as_people_mean_it() {
    assert!(lines(PHRASES).count() > 400);
    none_is_left(
        lines(PHRASES)
            .filter(|(expected, said)| read(said).name() != *expected)
            .map(|(expected, said)| format!("{said:?} is {}, should be {expected}", read(&said).name())),
    );
}

#[test]
fn no_phrasing_is_listed_twice() {
    let mut seen = std::collections::HashSet::new();
    none_is_left(lines(PHRASES).map(|(_, said)| said).filter(|said| !seen.insert(said.clone())));
}

#[test]
fn whether_to_undo_something_is_agreed_to_in_its_own_words() {
    for text in ["ok hủy", "ok hủy đăng ký", "có em, xóa hết cho chị", "đồng ý rút lại", "ok dung lai", "yes cancel"]
    {
        assert_eq!((read(text), read_undoing(text)), (YesNo::Ask, YesNo::Yes), "{text}");
    }
    for text in ["ok, sđt nhầm rồi", "ok đổi ý rồi", "hủy", "không hủy", "đừng xóa", "thôi"] {
        assert_eq!(read(text), read_undoing(text), "{text}");
    }
}

#[test]
fn politeness_around_a_clear_answer_changes_nothing() {
    // "y em" can be "ý em".
    let known = ["\"y em", "\"Y em", "\"(y) em"];
    for (before, after) in [("dạ ", ""), ("dạ, ", ""), ("em ơi ", ""), ("", " ạ"), ("", " em nhé"), ("dạ ", " ạ!")]
    {
        let changed = changed(|said| format!("{before}{said}{after}"), |was, is| !is_answer(was) || is == was);
        none_is_left(changed.into_iter().filter(|changed| !known.iter().any(|known| changed.starts_with(known))));
    }
}

#[test]
fn case_and_composition_change_nothing() {
    none_is_left(changed(|said| said.nfd().collect(), |was, is| is == was));
    none_is_left(changed(str::to_uppercase, |was, is| is == was));
    none_is_left(changed(|said| said.nfd().collect::<String>().to_lowercase(), |was, is| is == was));
}

#[test]
fn without_its_accents_no_yes_becomes_a_no_nor_a_no_a_yes() {
    // "đừng" and "đúng" are one word then, and where yes or no is asked it is "đúng".
    let known = ["\"dung\"", "\"dduwngf\""];
    let turned = changed(unaccent_keep_case, |was, is| !is_answer(was) || !is_answer(is) || is == was);
    none_is_left(turned.into_iter().filter(|turned| !known.iter().any(|known| turned.starts_with(known))));
}

#[test]
fn with_a_question_mark_nothing_is_a_yes() {
    none_is_left(changed(|said| format!("{said}?"), |_, is| is != YesNo::Yes));
    none_is_left(changed(|said| format!("{said} ?"), |_, is| is != YesNo::Yes));
}

#[test]
fn dots_shouts_and_spaces_change_no_clear_answer() {
    for after in ["...", "!!!", ".", " ", "\n"] {
        none_is_left(changed(|said| format!("{said}{after}"), |was, is| !is_answer(was) || is == was));
    }
    none_is_left(changed(|said| said.replace(' ', "  "), |was, is| is == was));
}

#[test]
fn a_prompt_is_answered_by_number_word_or_opt_out() {
    use PromptAnswerReading::{No, OptOut, Unknown, Yes};
    for (raw, expected) in [
        ("1", Yes),
        ("YES", Yes),
        (" y ", Yes),
        ("CÓ", Yes),
        ("OK", Yes),
        ("DONG Y", Yes),
        ("DONGY", Yes),
        ("Đồng ý.", Yes),
        ("DK", Yes),
        ("2", No),
        ("NO", No),
        ("n", No),
        ("KHONG", No),
        ("Không", No),
        ("KO", No),
        ("K", No),
        ("TU CHOI", No),
        ("TUCHOI", No),
        ("TC", OptOut),
        ("stop", OptOut),
        ("HỦY", OptOut),
        ("không cần đâu", No),
        ("abc", Unknown),
        ("", Unknown),
        ("3", Unknown),
    ] {
        assert_eq!(prompt_answer(raw), expected, "{raw}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in any::<String>()) {
        read(&text);
        prompt_answer(&text);
    }

    #[test]
    fn what_is_beside_a_yes_can_only_weaken_it(yes in select(said(YesNo::Yes)), no in select(said(YesNo::No))) {
        for text in [format!("{yes}. {no}"), format!("{no}, {yes}"), format!("{yes} nhưng {no}")] {
            prop_assert!(read(&text) != YesNo::Yes, "{}", text);
        }
    }

    #[test]
    fn a_question_beside_an_answer_leaves_none(
        answer in select([said(YesNo::Yes), said(YesNo::No)].concat()),
        question in select(said(YesNo::None)),
    ) {
        let text = format!("{answer}. {question}?");
        prop_assert!(!is_answer(read(&text)), "{}", text);
    }

    #[test]
    fn long_messages_are_read_by_their_beginning(answer in select(said(YesNo::No)), more in "[a-zó ]{0,40}") {
        let text = format!("{answer}, {}", more.repeat(300));
        prop_assert_eq!(read(&text), read(&text[..head(&text, LONGEST_MESSAGE).len()]));
    }
}
