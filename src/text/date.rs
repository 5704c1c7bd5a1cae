//! A day in free text: `23/11`, `mai`, `thứ hai tuần sau`, `mùng 5`.
//!
//! Which words name which day is the business of `when`.

use super::when::{self, Sense, When};
use crate::domain::time::Day;

/// Reads the day of a text that names exactly one; a weekend is its Saturday. Without a year, and without a
/// week, it is the nearest one from today on.
pub fn read(text: &str, today: Day) -> Option<Day> {
    let when::Reading::One(When { days: Some((first, last)), .. }) = when::read(text, today, Sense::Days) else {
        return None;
    };
    let weekend = first.weekday() == 5 && last == first.plus(1);
    (first == last || weekend).then_some(first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    /// A Sunday.
    fn today() -> Day {
        Day::of(2026, 11, 22).unwrap()
    }

    #[test]
    fn days_are_read_as_people_name_them() {
        for (text, expected) in [
            ("23/11", "2026-11-23"),
            ("22/11", "2026-11-22"),
            ("21/11", "2027-11-21"),
            ("23-11-2026", "2026-11-23"),
            ("23.11.26", "2026-11-23"),
            ("sinh ngày 5/6/90", "1990-06-05"),
            ("29/2", "2028-02-29"),
            ("ngày 23 tháng 11", "2026-11-23"),
            ("ngày 23 tháng 11 năm 2026", "2026-11-23"),
            ("ngay 23 thang 11 nam 2026", "2026-11-23"),
            ("ngày mười lăm tháng mười hai", "2026-12-15"),
            ("ngày 5 tháng mười năm 2027", "2027-10-05"),
            ("hôm nay", "2026-11-22"),
            ("nay", "2026-11-22"),
            ("dạ mai em nhé", "2026-11-23"),
            ("ngày mai", "2026-11-23"),
            ("sáng mai", "2026-11-23"),
            ("mốt", "2026-11-24"),
            ("ngay kia", "2026-11-24"),
            ("hôm qua", "2026-11-21"),
            ("thứ 3", "2026-11-24"),
            ("thu ba", "2026-11-24"),
            ("thứ tư", "2026-11-25"),
            ("t7", "2026-11-28"),
            ("T7 nhé", "2026-11-28"),
            ("chủ nhật", "2026-11-22"),
            ("cn", "2026-11-22"),
            ("chủ nhật tuần sau", "2026-11-29"),
            ("thứ hai tuần sau", "2026-11-23"),
            ("thứ 3 ngày 24/11", "2026-11-24"),
            ("8h sáng thứ 2", "2026-11-23"),
            ("cuối tuần", "2026-11-28"),
            ("mùng 5", "2026-12-05"),
            ("mồng 2 tháng 1", "2027-01-02"),
        ] {
            assert_eq!(read(text, today()).map(Day::to_iso).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_names_no_day_or_several_is_left_alone() {
        for text in [
            "",
            "đầu tháng sau",
            "tuần sau",
            "mai hoặc mốt",
            "23/11 24/11",
            "31/2",
            "23/13",
            "0/5",
            "1/2/3/4",
            "em tên Mai",
            "mai không được",
            "mai ko được",
            "ko phải 23/12",
            "hông phải thứ 7",
            "chả phải mai",
            "tránh thứ 7",
            "né chủ nhật",
            "miễn ngày 25",
            "sau 23/11",
            "thứ 9",
            "thứ 2 tuần trước",
            "5h chiều",
            "12",
            "0901234567",
            "ngày 5 tháng sau",
        ] {
            assert_eq!(read(text, today()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_alike_composed_and_decomposed(text in any::<String>()) {
            prop_assert_eq!(
                read(&text.nfc().collect::<String>(), today()),
                read(&text.nfd().collect::<String>(), today())
            );
        }

        #[test]
        fn any_row_of_known_words_is_read(words in prop::collection::vec(prop::sample::select(vec![
            "ngày", "thứ", "tháng", "năm", "mười", "hai", "5", "11", "2026", "/", "-", "tuần", "sau", "cuối", "mai", "8", "h", ":", "kém", "từ", "đến", "sáng", "t",
        ]), 0..12), glue in prop::sample::select(vec!["", " "])) {
            read(&words.join(glue), today());
            crate::text::time_window::read(&words.join(glue), crate::domain::time::Timestamp::of(today(), 0)).one();
        }

        #[test]
        fn every_written_day_reads_back(ahead in 0..7_000_i32) {
            let day = today().plus(ahead);
            let (year, month, date) = day.ymd();
            for text in [
                format!("{date}/{month}/{year}"), format!("{date:02}/{month:02}/{year}"), format!("{date}-{month}-{year}"),
                format!("{date}.{month}.{year}"), format!("{date}/{month}/{:02}", year % 100),
                format!("ngày {date} tháng {month} năm {year}"), format!("Ngay {date} thang {month} nam {year} a"), day.shown(),
            ] {
                prop_assert_eq!(read(&text, today()), Some(day), "{}", text);
            }
        }

        #[test]
        fn every_day_of_the_coming_year_needs_no_year(ahead in 0..365_i32) {
            let day = today().plus(ahead);
            let (_, month, date) = day.ymd();
            for text in [format!("{date}/{month}"), format!("{date}-{month}"), format!("dạ ngày {date} tháng {month} nhé")] {
                prop_assert_eq!(read(&text, today()), Some(day), "{}", text);
            }
        }
    }
}
