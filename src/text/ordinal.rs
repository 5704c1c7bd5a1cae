//! Which of a few listed things a message names by its place: the first, the second, the last.
//!
//! Knows nothing of what is listed. Numbers alone, and words of the things' own labels, are `choice`'s business.

use super::word::{without_politeness, words};

/// Words that lead up to the place and say nothing else, without accents.
const LEADING: [&str; 13] =
    ["so", "cai", "con", "thu", "chon", "lay", "dung", "dau", "cuoi", "the", "number", "take", "use"];

/// The place, counted from 0, that the whole message names among `count` things: `số đầu tiên`, `cái thứ hai nhé`,
/// `lấy số sau`, `the last one`.
pub fn read(text: &str, count: usize) -> Option<usize> {
    let all = words(text);
    let mut words: Vec<&str> = without_politeness(&all).iter().map(|word| word.plain.as_str()).collect();
    // "the first one", "đầu tiên", "cuối cùng": the place is the word before.
    if words.len() > 1 && matches!(words.last(), Some(&("one" | "tien" | "cung"))) {
        words.pop();
    }
    let (place, before) = words.split_last()?;
    let place = match *place {
        "dau" | "truoc" | "nhat" | "mot" | "1" | "first" => 0,
        "hai" | "nhi" | "2" | "second" => 1,
        "ba" | "3" | "third" => 2,
        "cuoi" | "sau" | "chot" | "last" => count.checked_sub(1)?,
        _ => return None,
    };
    (place < count && before.iter().all(|word| LEADING.contains(word))).then_some(place)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn places_are_named_with_and_without_accents() {
        for (text, expected) in [
            ("số đầu", Some(0)),
            ("số đầu tiên nhé em", Some(0)),
            ("so thu nhat", Some(0)),
            ("cái thứ hai ạ", Some(1)),
            ("thứ 2", Some(1)),
            ("số 2 nhé", Some(1)),
            ("lấy số sau", Some(2)),
            ("số cuối cùng", Some(2)),
            ("the first one", Some(0)),
            ("the last one", Some(2)),
            ("dạ số ba", Some(2)),
        ] {
            assert_eq!(read(text, 3), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_listed_or_says_more_names_no_place() {
        for text in ["số thứ ba", "cả hai", "số nào cũng được", "phường 2", "12", "cuối tuần", "", "ạ"]
        {
            assert_eq!(read(text, 2), None, "{text}");
        }
        assert_eq!(read("số cuối", 0), None);
    }

    proptest! {
        #[test]
        fn a_place_is_one_of_those_listed(text in "\\PC{0,20}|(số |thứ |đầu |cuối |hai |sau |1 ){0,4}", count in 0..4_usize) {
            prop_assert!(read(&text, count).is_none_or(|place| place < count));
        }
    }
}
