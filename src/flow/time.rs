//! Lengths of time and times of the day, as authors write them: `30s`, `15m`, `20h`, `3d`, `08:00`.
//!
//! Reads only; what they are for is said by whoever asks. Knows no clock.

use std::time::Duration;

/// Shortest length of time an author can write.
pub const SHORTEST: Duration = Duration::from_secs(1);
/// Longest length of time an author can write.
pub const LONGEST: Duration = Duration::from_secs(30 * 86_400);

/// A whole number and one of `s m h d`, from [`SHORTEST`] to [`LONGEST`].
pub fn read_duration(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    let count = digits(&text[..text.len() - 1], 7)?;
    let duration = Duration::from_secs(count * seconds);
    (SHORTEST..=LONGEST).contains(&duration).then_some(duration)
}

/// A length of time as authors write it, in the largest unit that leaves no rest.
pub fn write_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(86_400, 'd'), (3600, 'h'), (60, 'm')];
    let (length, unit) = units.into_iter().find(|(length, _)| seconds.is_multiple_of(*length)).unwrap_or((1, 's'));
    format!("{}{unit}", seconds / length)
}

/// The minute of the day of `00:00` to `23:59`.
pub fn read_clock(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    if minute.len() != 2 {
        return None;
    }
    let (hour, minute) = (digits(hour, 2)?, digits(minute, 2)?);
    if hour < 24 && minute < 60 { u16::try_from(hour * 60 + minute).ok() } else { None }
}

fn digits(text: &str, most: usize) -> Option<u64> {
    let good = !text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    good.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_of_time_are_read_within_their_bounds() {
        let seconds = |text: &str| read_duration(text).map(|duration| duration.as_secs());
        assert_eq!(
            ["30s", "15m", "20h", "3d"].map(seconds),
            [Some(30), Some(15 * 60), Some(20 * 3600), Some(3 * 86_400)]
        );
        assert_eq!(["1s", "30d", "720h"].map(seconds), [Some(1), Some(2_592_000), Some(2_592_000)]);
        for wrong in ["", "m", "0s", "31d", "721h", "15", "1.5h", "-1h", "1 h", "15M", "15phút", "99999999s", "đ"] {
            assert_eq!(read_duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_of_the_day_are_read_within_the_day() {
        assert_eq!(["08:00", "8:00", "00:00", "23:59"].map(read_clock), [Some(480), Some(480), Some(0), Some(1439)]);
        for wrong in ["", ":", "8", "8h", "24:00", "08:60", "08:0", "008:00", "+8:00", "08:00:00", "٠٨:٠٠"] {
            assert_eq!(read_clock(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_time_within_bounds_or_none(text in "[0-9]{0,9}[smhd:đ ]?[0-9]{0,3}") {
            if let Some(duration) = read_duration(&text) {
                prop_assert!((SHORTEST..=LONGEST).contains(&duration));
                prop_assert_eq!(read_duration(&write_duration(duration)), Some(duration));
            }
            prop_assert!(read_clock(&text).is_none_or(|minute| minute < 1440));
        }
    }
}
