//! A window of time in free text: `sáng mai`, `sau 5h chiều`, `8h-10h thứ 6`, `giờ hành chính`.
//!
//! Which words name which hours is the business of `when`.

use super::when::{self, Sense};
use crate::domain::time::{TimeWindow, Timestamp};

/// Reads the hours, the days, or both; days without hours are whole, hours without days are of any day.
pub fn read(text: &str, now: Timestamp) -> Option<TimeWindow> {
    let when = when::read(text, now.day(), Sense::Hours)?;
    let (from, to) = when.hours.unwrap_or((0, 1440));
    Some(TimeWindow { first: when.days.map(|(first, _)| first), last: when.days.map(|(_, last)| last), from, to })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;
    use crate::domain::time::{Day, clock};

    /// A Sunday afternoon.
    fn now() -> Timestamp {
        Timestamp::of(Day::of(2026, 11, 22).unwrap(), 15 * 60)
    }

    #[test]
    fn windows_are_read_as_people_name_them() {
        for (text, expected) in [
            ("sáng mai", "06:00-12:00 2026-11-23"),
            ("sang mai em nhe", "06:00-12:00 2026-11-23"),
            ("chiều nay", "12:00-18:00 2026-11-22"),
            ("tối nay", "18:00-22:00 2026-11-22"),
            ("toi mai", "18:00-22:00 2026-11-23"),
            ("sáng", "06:00-12:00"),
            ("trưa", "11:00-14:00"),
            ("buổi chiều", "12:00-18:00"),
            ("tối", "18:00-22:00"),
            ("sau 5h chiều", "17:00-22:00"),
            ("sau 5h", "17:00-22:00"),
            ("từ 8h trở đi", "08:00-22:00"),
            ("trước 10h", "06:00-10:00"),
            ("cuối tuần", "00:00-24:00 2026-11-28/2026-11-29"),
            ("t7", "00:00-24:00 2026-11-28"),
            ("8h-10h", "08:00-10:00"),
            ("8-10h", "08:00-10:00"),
            ("8-10", "08:00-10:00"),
            ("8h30 đến 10h", "08:30-10:00"),
            ("từ 8h tới 10h sáng mai", "08:00-10:00 2026-11-23"),
            ("tu 8h toi 10h sang mai", "08:00-10:00 2026-11-23"),
            ("9h đến 11h tối", "21:00-23:00"),
            ("8h-5h", "08:00-17:00"),
            ("11h-1h", "11:00-13:00"),
            ("giờ hành chính", "08:00-17:00"),
            ("giờ hành chính thứ 2", "08:00-17:00 2026-11-23"),
            ("lúc nào cũng được", "00:00-24:00"),
            ("bất kỳ lúc nào", "00:00-24:00"),
            ("17:30", "17:30-18:30"),
            ("5h chiều thứ 6", "17:00-18:00 2026-11-27"),
            ("3h", "15:00-16:00"),
            ("8h", "08:00-09:00"),
            ("8h30", "08:30-09:30"),
            ("8 giờ rưỡi sáng", "08:30-09:30"),
            ("9 giờ kém 15", "08:45-09:45"),
            ("năm giờ chiều", "17:00-18:00"),
            ("chiều mai 3h", "15:00-16:00 2026-11-23"),
            ("sáng mai lúc 8h", "08:00-09:00 2026-11-23"),
            ("tối nay 7h-9h", "19:00-21:00 2026-11-22"),
            ("sau 5h chiều em mới tan ca", "17:00-22:00"),
            ("23/11", "00:00-24:00 2026-11-23"),
        ] {
            assert_eq!(read(text, now()).map(|window| window.plain()).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_window_or_several_is_left_alone() {
        for text in [
            "",
            "10h-8h",
            "8h-8h",
            "25h",
            "8h75",
            "15h sáng",
            "sáng hoặc chiều",
            "sáng, chiều",
            "ngoài giờ hành chính",
            "trừ thứ 7",
            "bay gio",
            "em tên Sang",
            "0901234567",
            "12 nguyễn huệ",
            "lúc nào",
            "tôi",
        ] {
            assert_eq!(read(text, now()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_alike_composed_and_decomposed(text in any::<String>(), millis in any::<i64>()) {
            let now = Timestamp::from_millis(millis);
            prop_assert_eq!(read(&text.nfc().collect::<String>(), now), read(&text.nfd().collect::<String>(), now));
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
                prop_assert_eq!(read(&text, now()), Some(window.clone()), "{}", text);
            }
        }
    }
}
