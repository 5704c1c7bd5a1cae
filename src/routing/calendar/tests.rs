use proptest::prelude::*;

use super::*;

const MINUTE: i64 = 60_000;

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(&format!("{text}+07:00")).unwrap()
}

fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3600)
}

fn days(count: u64) -> Duration {
    hours(count * 24)
}

fn week(text: &str) -> Week {
    Week::new(text).unwrap()
}

fn refused(text: &str) -> Wrong {
    Week::new(text).expect_err(text)
}

#[test]
fn a_week_is_read_in_both_languages() {
    let english = week("mon-fri 08:00-12:00,13:30-17:30; sat 08:00-12:00");
    assert_eq!(week("t2-t6 08:00-12:00,13:30-17:30; t7 08:00-12:00"), english);
    assert_eq!(week(" T7  8:00 - 12:00 ;; Mon-T6 13:30-17:30, 8:00-12:00; "), english);
    assert_eq!(week("t2-cn 0:00-24:00"), Week::always());
    assert_eq!(week("daily 00:00-24:00"), Week::always());
    assert_eq!(week("t2-t7 08:00-12:00,13:30-17:30"), Week::usual());
}

#[test]
fn a_week_is_written_so_that_it_reads_back() {
    assert_eq!(Week::usual().to_string(), "mon-sat 08:00-12:00,13:30-17:30");
    assert_eq!(Week::always().to_string(), "daily 00:00-24:00");
    let apart = week("cn 9:00-11:00; t3 8:00-12:00,12:00-17:00; t2 8:00-17:00; t5 8:00-17:00");
    assert_eq!(apart.to_string(), "mon-tue 08:00-17:00; thu 08:00-17:00; sun 09:00-11:00");
    let stored = serde_json::to_string(&apart).unwrap();
    assert_eq!(stored, format!("\"{apart}\""));
    assert_eq!(serde_json::from_str::<Week>(&stored).unwrap(), apart);
    assert!(serde_json::from_str::<Week>("\"mon\"").is_err());
    assert!(serde_json::from_str::<Week>("\"\"").is_err());
}

#[test]
fn what_is_no_week_is_refused_in_both_languages() {
    for (text, said) in [
        ("", "no working hours"),
        (" ; ", "no working hours"),
        ("mon", "not understood"),
        ("mon ", "not understood"),
        ("cn nghỉ", "\"nghỉ\" are not understood"),
        ("mon 08:00", "not understood"),
        ("mon 08:00-12:00,", "not understood"),
        ("mon 08:00-12:00-13:00", "not understood"),
        ("mon 08:00-12:60", "not understood"),
        ("mon 08:00-24:01", "not understood"),
        ("mon 08:00-+9:00", "not understood"),
        ("mon 008:00-09:00", "not understood"),
        ("mon 8-12", "not understood"),
        ("mon 08:00-08:00", "08:00-08:00 must end after"),
        ("mon 22:00-06:00", "22:00-06:00 must end after"),
        ("mon 24:00-24:00", "must end after"),
        ("mon 08:00-12:00,11:59-13:00", "08:00-12:00 and 11:59-13:00 overlap"),
        ("mon 08:00-12:00,08:00-12:00", "overlap"),
        ("mon 1:00-2:00,3:00-4:00,5:00-6:00,7:00-8:00,9:00-9:30", "at most 4"),
        ("mon 08:00-12:00; mon 13:00-14:00", "mon comes twice"),
        ("t2-t6 08:00-12:00; wed 13:00-14:00", "wed comes twice"),
        ("daily 08:00-12:00; cn 13:00-14:00", "sun comes twice"),
        ("sat-mon 08:00-12:00", "reversed"),
        ("t8 08:00-12:00", "no day \"t8\""),
        ("t1 08:00-12:00", "no day \"t1\""),
        ("monday 08:00-12:00", "no day \"monday\""),
        ("mon- 08:00-12:00", "no day \"\""),
        ("mon-tue-wed 08:00-12:00", "no day \"tue-wed\""),
        ("08:00-12:00", "no day"),
        ("mon 08:00-12:00\nsat 08:00-12:00", "on one line"),
        ("mon\u{0}08:00-12:00", "on one line"),
    ] {
        let wrong = refused(text);
        assert!(wrong.en.contains(said), "{text:?}: {}", wrong.en);
        assert!(!wrong.vi.is_empty() && wrong.vi != wrong.en, "{text:?}");
        assert_eq!(wrong.to_string(), wrong.en);
    }
}

#[test]
fn a_long_text_is_refused_and_a_long_word_cut() {
    assert!(refused(&"mon 08:00-12:00;".repeat(100_000)).en.contains("400 bytes"));
    assert!(refused(&format!("mon 08:00-12:00{}", " ".repeat(386))).en.contains("400 bytes"));
    assert!(Week::new(&format!("mon 08:00-12:00{}", " ".repeat(385))).is_ok());
    let cut = format!("\"{}…\"", "ế".repeat(40));
    assert!(refused(&"ế".repeat(100)).vi.contains(&cut));
}

#[test]
fn the_fullest_week_still_reads_back() {
    let text = |day: usize| format!("{} 0:00-1:00,2:00-3:00,4:00-5:00,6:00-6:0{}", DAYS[day].1, day + 1);
    let full = week(&(0..7).map(text).collect::<Vec<_>>().join(";"));
    assert!(full.to_string().len() > 360);
    assert_eq!(week(&full.to_string()), full);
}

#[test]
fn work_stops_at_noon_at_night_on_sundays_and_on_holidays() {
    let (week, holidays) = (Week::usual(), BTreeSet::from([Day::of(2026, 11, 23).unwrap()]));
    let calendar = Calendar { week: &week, holidays: &holidays };
    // A Saturday; Monday is the holiday.
    let start = at("2026-11-21T11:30:00");
    assert_eq!(calendar.after(start, hours(0)), start);
    assert_eq!(calendar.after(start, Duration::from_millis(1_799_999)), at("2026-11-21T11:59:59.999"));
    assert_eq!(calendar.after(start, hours(1)), at("2026-11-21T14:00:00"));
    assert_eq!(calendar.after(start, Duration::from_secs(16_200)), at("2026-11-21T17:30:00"));
    assert_eq!(calendar.after(start, Duration::from_millis(16_200_001)), at("2026-11-24T08:00:00.001"));
    assert_eq!(calendar.between(start, at("2026-11-24T09:00:00")), Duration::from_secs(16_200 + 3600));
    assert_eq!(calendar.between(at("2026-11-24T09:00:00"), start), Duration::ZERO);
    assert_eq!(calendar.opens(start), start);
    assert_eq!(calendar.opens(at("2026-11-21T12:00:00")), at("2026-11-21T13:30:00"));
    assert_eq!(calendar.opens(at("2026-11-21T17:30:00")), at("2026-11-24T08:00:00"));
}

#[test]
fn hours_begin_with_their_first_moment_and_end_before_their_last() {
    let (week, holidays) = (Week::usual(), BTreeSet::from([Day::of(2026, 11, 23).unwrap()]));
    let calendar = Calendar { week: &week, holidays: &holidays };
    for (moment, open) in [
        ("2026-11-21T07:59:59.999", false),
        ("2026-11-21T08:00:00", true),
        ("2026-11-21T11:59:59.999", true),
        ("2026-11-21T12:00:00", false),
        ("2026-11-22T09:00:00", false),
        ("2026-11-23T09:00:00", false),
        ("2026-11-24T09:00:00", true),
    ] {
        assert_eq!(calendar.is_open(at(moment)), open, "{moment}");
    }
    assert!(Calendar { week: &Week::always(), holidays: &BTreeSet::new() }.is_open(at("2026-11-22T23:59:59.999")));
}

#[test]
fn day_and_night_is_the_clock_itself() {
    let (week, holidays) = (Week::always(), BTreeSet::new());
    let calendar = Calendar { week: &week, holidays: &holidays };
    let start = at("2026-11-21T23:59:59.123");
    let later = start.plus(Duration::from_millis(200_000_001));
    assert_eq!(calendar.after(start, later.since(start)), later);
    assert_eq!(calendar.between(start, later), later.since(start));
}

#[test]
fn nobody_looks_further_than_400_days_ahead() {
    let week = Week::always();
    let start = at("2026-11-21T11:30:00");
    let all: BTreeSet<Day> = (0..5000).map(|ahead| start.day().plus(ahead)).collect();
    let calendar = Calendar { week: &week, holidays: &all };
    assert_eq!(calendar.after(start, hours(1)), start.plus(days(400)));
    assert_eq!(calendar.opens(start), start.plus(days(400)));
    assert_eq!(calendar.between(start, start.plus(days(4000))), Duration::ZERO);
    let none = BTreeSet::new();
    let calendar = Calendar { week: &week, holidays: &none };
    assert_eq!(calendar.after(start, days(400)), start.plus(days(400)));
    assert_eq!(calendar.after(start, Duration::MAX), start.plus(days(400)));
}

#[test]
fn a_century_counts_as_its_weeks_do() {
    let (week, start) = (Week::usual(), at("1950-01-02T00:00:00"));
    let holidays = BTreeSet::from([Day::of(1990, 6, 3).unwrap(), Day::of(1990, 6, 4).unwrap()]);
    let calendar = Calendar { week: &week, holidays: &holidays };
    // The Sunday was no working day, the Monday was.
    assert_eq!(calendar.between(start, start.plus(days(7 * 5200))), hours(5200 * 48 - 8));
}

#[test]
fn the_ends_of_time_do_no_harm() {
    let holidays = BTreeSet::from([Day::of(2026, 11, 23).unwrap(), at("2026-11-21T00:00:00").day().plus(i32::MAX)]);
    let moments = [i64::MIN, i64::MIN + 1, i64::from(i32::MIN) * 86_400_000, 0, 1 << 57, i64::MAX - 1, i64::MAX];
    for week in [Week::usual(), Week::always()] {
        let calendar = Calendar { week: &week, holidays: &holidays };
        for from in moments.map(Timestamp::from_millis) {
            for to in moments.map(Timestamp::from_millis) {
                assert!(calendar.between(from, to) <= to.since(from), "{from:?} {to:?}");
            }
            let (soon, opens) = (calendar.after(from, hours(3)), calendar.opens(from));
            assert!(from <= soon && soon <= from.plus(days(400)), "{from:?}");
            assert!(from <= opens && opens <= from.plus(days(400)), "{from:?}");
            assert!(!calendar.is_open(from) || opens == from, "{from:?}");
        }
    }
}

/// A week as a bit for each of its minutes, Monday's first; holidays as days since the epoch.
#[derive(Clone, Debug)]
struct Naive {
    open: Vec<bool>,
    holidays: BTreeSet<i64>,
}

impl Naive {
    /// Whether this minute, counted from the local epoch, a Thursday, is worked.
    fn works(&self, minute: i64) -> bool {
        let since_monday = usize::try_from((minute + 3 * 1440).rem_euclid(7 * 1440)).unwrap();
        self.open[since_monday] && !self.holidays.contains(&minute.div_euclid(1440))
    }

    /// The working milliseconds between two local moments.
    fn between(&self, from: i64, to: i64) -> i64 {
        let minutes = (from.div_euclid(MINUTE)..=to.div_euclid(MINUTE)).filter(|minute| self.works(*minute));
        minutes.map(|minute| (((minute + 1) * MINUTE).min(to) - (minute * MINUTE).max(from)).max(0)).sum()
    }

    /// The first local moment at which so many working milliseconds have passed.
    fn after(&self, start: i64, mut work: i64) -> i64 {
        let end = start + 400 * 1440 * MINUTE;
        for minute in start.div_euclid(MINUTE)..=end.div_euclid(MINUTE) {
            if work > 0 && self.works(minute) {
                let from = (minute * MINUTE).max(start);
                let here = (minute + 1) * MINUTE - from;
                if work <= here {
                    return (from + work).min(end);
                }
                work -= here;
            }
        }
        if work > 0 { end } else { start }
    }

    fn opens(&self, at: i64) -> i64 {
        let end = at + 400 * 1440 * MINUTE;
        let mut minutes = at.div_euclid(MINUTE)..=end.div_euclid(MINUTE);
        minutes.find(|minute| self.works(*minute)).map_or(end, |minute| (minute * MINUTE).clamp(at, end))
    }
}

/// Local milliseconds since the local epoch as a moment, and back.
fn moment(local: i64) -> Timestamp {
    Timestamp::from_millis(local - 7 * 60 * MINUTE)
}

fn local(moment: Timestamp) -> i64 {
    moment.millis() + 7 * 60 * MINUTE
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap()
}

/// The text of a week and its minutes: some days with hours between minutes in ascending order.
fn any_week() -> impl Strategy<Value = (String, Vec<bool>)> {
    let bound = prop_oneof![0..=1440u16, (0..=24u16).prop_map(|hour| hour * 60)];
    let day = prop::option::weighted(0.7, prop::collection::btree_set(bound, 2..=8));
    prop::collection::vec(day, 7).prop_filter("one day has hours", |days| days.iter().any(Option::is_some)).prop_map(
        |days| {
            let mut open = vec![false; 7 * 1440];
            let mut items = Vec::new();
            for (day, bounds) in days.into_iter().enumerate().filter_map(|(day, bounds)| Some((day, bounds?))) {
                let bounds: Vec<u16> = bounds.into_iter().collect();
                let spans: Vec<(u16, u16)> = bounds.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
                for (from, to) in &spans {
                    open[day * 1440..][usize::from(*from)..usize::from(*to)].fill(true);
                }
                let clock = |minute: u16| format!("{}:{:02}", minute / 60, minute % 60);
                let hours = spans.iter().map(|(from, to)| format!("{}-{}", clock(*from), clock(*to)));
                items.push(format!("{} {}", DAYS[day].1, hours.collect::<Vec<_>>().join(",")));
            }
            (items.join(";"), open)
        },
    )
}

/// A week, holidays near the end of 2026 (day 20773 is 2026-11-16), and as the reference knows them.
fn any_calendar() -> impl Strategy<Value = (Week, BTreeSet<Day>, Naive)> {
    (any_week(), prop::collection::btree_set(20_773..20_823i64, 0..12)).prop_map(|((text, open), holidays)| {
        let known = holidays.iter().map(|day| moment(day * 1440 * MINUTE).day()).collect();
        (week(&text), known, Naive { open, holidays })
    })
}

/// A local moment of these days, often to the minute or the hour.
fn any_moment() -> impl Strategy<Value = i64> {
    let start = 20_770 * 1440 * MINUTE;
    prop_oneof![
        (0..50 * 1440 * MINUTE).prop_map(move |millis| start + millis),
        (0..50 * 1440i64).prop_map(move |minute| start + minute * MINUTE),
        (0..50 * 24i64).prop_map(move |hour| start + hour * 60 * MINUTE),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn working_time_is_what_counting_its_minutes_gives(
        (week, holidays, naive) in any_calendar(), one in any_moment(), other in any_moment(),
    ) {
        let calendar = Calendar { week: &week, holidays: &holidays };
        prop_assert_eq!(millis(calendar.between(moment(one), moment(other))), naive.between(one, other));
        prop_assert_eq!(calendar.is_open(moment(one)), naive.works(one.div_euclid(MINUTE)));
        prop_assert_eq!(local(calendar.opens(moment(one))), naive.opens(one));
    }

    #[test]
    fn work_is_done_when_counting_its_minutes_says(
        (week, holidays, naive) in any_calendar(), start in any_moment(), work in 0..200 * 60 * MINUTE,
    ) {
        let calendar = Calendar { week: &week, holidays: &holidays };
        for work in [work, work / MINUTE * MINUTE, work / 1000] {
            let span = Duration::from_millis(u64::try_from(work).unwrap());
            prop_assert_eq!(local(calendar.after(moment(start), span)), naive.after(start, work));
        }
    }

    #[test]
    fn after_and_between_undo_one_another(
        (week, holidays, _) in any_calendar(), start in any_moment(), other in any_moment(), work in 0..50_000_000u64,
    ) {
        let calendar = Calendar { week: &week, holidays: &holidays };
        let (start, other, work) = (moment(start), moment(other), Duration::from_millis(work));
        let done = calendar.after(start, work);
        if done < start.plus(days(400)) {
            prop_assert_eq!(calendar.between(start, done), work);
        } else {
            prop_assert!(calendar.between(start, done) <= work);
        }
        // Never later than the moment counted to, and nothing is worked from there to it.
        let worked = calendar.between(start, other);
        if start <= other {
            let again = calendar.after(start, worked);
            prop_assert!(again <= other);
            prop_assert_eq!(calendar.between(again, other), Duration::ZERO);
            // What was worked up to its very end is done then, and no sooner.
            if start < other && calendar.is_open(Timestamp::from_millis(other.millis() - 1)) {
                prop_assert_eq!(again, other);
            }
        }
    }

    #[test]
    fn working_time_adds_up_over_years(
        (week, holidays, _) in any_calendar(), one in any_moment(), middle in any_moment(), ahead in 0..20_000u64,
    ) {
        let calendar = Calendar { week: &week, holidays: &holidays };
        let (one, middle, last) = (moment(one), moment(middle.max(one)), moment(middle.max(one)).plus(days(ahead)));
        let parts = calendar.between(one, middle) + calendar.between(middle, last);
        prop_assert_eq!(calendar.between(one, last), parts);
    }

    #[test]
    fn a_week_written_is_the_week_read((text, _) in any_week()) {
        let week = week(&text);
        let written = week.to_string();
        prop_assert_eq!(&Week::new(&written).unwrap(), &week);
        prop_assert_eq!(Week::new(&written).unwrap().to_string(), written);
    }

    #[test]
    fn no_text_does_harm(
        text in prop_oneof![
            any::<String>(),
            "\\PC{0,500}",
            "((mon|t[0-9]|cn|daily|sun|-|ế){0,3}[ \u{a0}\t]?([0-9]{1,2}:[0-9]{2}[-–,]?){0,4};?){0,6}",
        ],
    ) {
        match Week::new(&text) {
            Ok(week) => prop_assert_eq!(Week::new(&week.to_string()).unwrap(), week),
            Err(wrong) => prop_assert!(!wrong.vi.is_empty() && !wrong.en.contains(char::is_control)),
        }
    }
}
