//! `thoai understand KIND`: what the program reads in a text, one JSON object a line.
//!
//! A pure function of the line; reading the terminal and printing is the caller's business. The readers are in
//! `text` and `place`; how well addresses are read is counted in `score`.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use crate::domain::address::AddressPart;
use crate::domain::phone::Phone;
use crate::domain::time::{TimeWindow, Timestamp};
use crate::place::{self, Gazetteer, Hint};
use crate::runtime::clock;
use crate::text::Decision;
use crate::text::choice::{self, ChoiceReading};
use crate::text::time_window::{self, TimeReading};
use crate::text::{date, email, number, phone, yes_no};

mod score;

/// Arguments of `thoai understand`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// What to read: address, phone, yesno, choice, number, date, time_window or email.
    #[arg(value_parser = |name: &str| Kind::named(name).ok_or("address, phone, yesno, choice, number, date, time_window or email"))]
    kind: Kind,
    /// The text; left out, every line of standard input is read.
    text: Option<String>,
    /// For `address`: read the texts of these files instead, whose communes are known, and count how well.
    #[arg(long, num_args = 1.., value_name = "FILE", conflicts_with = "text")]
    score: Vec<PathBuf>,
    /// With `--score`: print the texts that were answered wrong.
    #[arg(long, requires = "score")]
    misses: bool,
}

/// `thoai understand`: exactly one line out for each line in.
pub(super) fn run(config: Option<&Path>, options: &Options) -> anyhow::Result<u8> {
    let places = super::open::places(&super::open::config(config)?)?;
    if !options.score.is_empty() {
        anyhow::ensure!(options.kind == Kind::Address, "--score reads addresses");
        return scored(options, &places);
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if let Some(text) = &options.text {
        writeln!(out, "{}", line(options.kind, text, &places))?;
        return Ok(0);
    }
    let mut input = std::io::stdin().lock();
    let mut bytes = Vec::new();
    while input.read_until(b'\n', &mut bytes)? > 0 {
        writeln!(out, "{}", line(options.kind, &String::from_utf8_lossy(&bytes), &places))?;
        bytes.clear();
    }
    Ok(0)
}

fn scored(options: &Options, places: &Gazetteer) -> anyhow::Result<u8> {
    println!("{}\n{}", score::LEGEND, score::head());
    for file in &options.score {
        let score = score::score(file, places, &clock::stopwatch())?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        println!("{}", score::row(&name, &score));
        if options.misses {
            print!("{}", score::misses(&score));
        }
    }
    Ok(0)
}

/// What to read a line as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `address`
    Address,
    /// `phone`
    Phone,
    /// `yesno`
    YesNo,
    /// `choice`
    Choice,
    /// `number`
    Number,
    /// `date`
    Date,
    /// `time_window`, or `time` for short.
    TimeWindow,
    /// `email`
    Email,
}

impl Kind {
    /// Every kind and its name on the command line.
    pub const ALL: [(&'static str, Self); 9] = [
        ("address", Self::Address),
        ("phone", Self::Phone),
        ("yesno", Self::YesNo),
        ("choice", Self::Choice),
        ("number", Self::Number),
        ("date", Self::Date),
        ("time_window", Self::TimeWindow),
        ("time", Self::TimeWindow),
        ("email", Self::Email),
    ];

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }
}

/// Reads one line, a text or an object `{"text", "province"?, "ward"?, "options"?, "now"?}`, and returns one JSON
/// object without a line break. `province` and `ward` are codes in force where an address surely or probably is;
/// `options` is a list of labels or of pairs of key and label.
pub fn line(kind: Kind, input_line: &str, places: &Gazetteer) -> String {
    let input = Input::of(input_line);
    let json = match kind {
        Kind::Address => serde_json::to_string(&address(&input, places)),
        Kind::Phone => serde_json::to_string(&phone_number(&input)),
        Kind::YesNo => {
            let decision = yes_no::read(&input.text).name();
            serde_json::to_string(&YesNoLine { text: &input.text, decision })
        }
        Kind::Choice => serde_json::to_string(&choice(&input)),
        Kind::Number => serde_json::to_string(&ValueLine::of(&input, number::read(&input.text))),
        Kind::Date => serde_json::to_string(&ValueLine::of(&input, date::read(&input.text, input.now().day()))),
        Kind::TimeWindow => serde_json::to_string(&window(&input)),
        Kind::Email => serde_json::to_string(&ValueLine::of(&input, email::read(&input.text))),
    };
    json.expect("strings, numbers and lists of them are always JSON")
}

#[derive(Default)]
struct Input {
    text: String,
    hint: Hint,
    options: Vec<(String, String)>,
    now: Option<Timestamp>,
}

impl Input {
    /// An object that cannot be read is a text that happens to start with a bracket.
    fn of(line: &str) -> Self {
        let line = line.trim_end_matches(['\r', '\n']);
        let object = line.starts_with('{').then(|| serde_json::from_str::<Value>(line).ok()).flatten();
        let string = |value: &Value| value.as_str().map(str::to_owned);
        match object {
            Some(object) if object["text"].is_string() => Self {
                text: string(&object["text"]).unwrap_or_default(),
                hint: Hint { province: string(&object["province"]), ward: string(&object["ward"]), ..Hint::default() },
                now: object["now"].as_str().and_then(Timestamp::parse_rfc3339),
                options: object["options"]
                    .as_array()
                    .map_or_else(Vec::new, |options| options.iter().map(option).collect()),
            },
            _ => Self { text: line.to_owned(), ..Self::default() },
        }
    }
}

impl Input {
    /// The moment that "mai" is counted from.
    fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(clock::now)
    }
}

fn option(value: &Value) -> (String, String) {
    let string = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match value.as_array().map(Vec::as_slice) {
        Some([key, label]) => (string(key), string(label)),
        _ => (string(value), string(value)),
    }
}

#[derive(Serialize)]
struct YesNoLine<'a> {
    text: &'a str,
    decision: &'static str,
}

#[derive(Serialize)]
struct ValueLine<'a, T> {
    text: &'a str,
    decision: &'static str,
    value: Option<T>,
}

impl<'a, T> ValueLine<'a, T> {
    fn of(input: &'a Input, value: Option<T>) -> Self {
        let decision = if value.is_some() { Decision::Answer } else { Decision::None };
        Self { text: &input.text, decision: decision.name(), value }
    }
}

#[derive(Serialize)]
struct WindowLine<'a> {
    text: &'a str,
    decision: &'static str,
    value: Option<TimeWindow>,
    candidates: Vec<TimeWindow>,
}

fn window(input: &Input) -> WindowLine<'_> {
    let (decision, candidates) = match time_window::read(&input.text, input.now()) {
        TimeReading::One(window) => (Decision::Answer, vec![window]),
        TimeReading::Unsure(windows) => (Decision::Ask, windows),
        TimeReading::None => (Decision::None, Vec::new()),
    };
    let value = candidates.first().filter(|_| decision == Decision::Answer).cloned();
    WindowLine { text: &input.text, decision: decision.name(), value, candidates }
}

#[derive(Serialize)]
struct AddressLine<'a> {
    text: &'a str,
    decision: &'static str,
    province: Option<String>,
    ward: Option<String>,
    street: Option<String>,
    scheme: Option<&'static str>,
    split: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_ward: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    doubt: Option<&'static str>,
    confidence: f64,
    label: String,
    missing: Vec<AddressPart>,
    candidates: Vec<AddressCandidate>,
}

#[derive(Serialize)]
struct AddressCandidate {
    province: Option<String>,
    ward: Option<String>,
    label: String,
    confidence: f64,
}

fn address<'a>(input: &'a Input, places: &Gazetteer) -> AddressLine<'a> {
    let place = places.resolve(&input.text, &input.hint);
    let candidate = |candidate: place::Candidate| AddressCandidate {
        province: candidate.address.province,
        ward: candidate.address.ward,
        label: candidate.address.label,
        confidence: hundredths(candidate.confidence),
    };
    let known = place.address.province.is_some() || place.address.street.is_some();
    AddressLine {
        text: &input.text,
        decision: place.decision.name(),
        label: if known { place.address.one_line() } else { String::new() },
        province: place.address.province,
        ward: place.address.ward,
        street: place.address.street,
        scheme: place.scheme.map(place::Scheme::name),
        split: place.address.split,
        old_ward: place.address.old_ward_code,
        doubt: place.doubt.map(place::Doubt::name),
        confidence: hundredths(place.confidence),
        missing: place.missing,
        candidates: place.candidates.into_iter().map(candidate).collect(),
    }
}

fn hundredths(confidence: f32) -> f64 {
    (f64::from(confidence) * 100.0).round() / 100.0
}

#[derive(Serialize)]
struct PhoneLine<'a> {
    text: &'a str,
    decision: &'static str,
    e164: Option<String>,
    national: Option<String>,
    kind: Option<&'static str>,
    network_guess: Option<&'static str>,
    candidates: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'static str>,
}

fn phone_number(input: &Input) -> PhoneLine<'_> {
    let reading = phone::read(&input.text);
    PhoneLine {
        text: &input.text,
        decision: reading.decision.name(),
        e164: reading.phone.as_ref().map(|phone| phone.e164().to_owned()),
        national: reading.phone.as_ref().map(Phone::national),
        kind: (!reading.candidates.is_empty()).then(|| reading.kind.name()),
        network_guess: reading.network_guess,
        candidates: reading.candidates.iter().map(|phone| phone.e164().to_owned()).collect(),
        problem: reading.problem.map(phone::PhoneProblem::name),
    }
}

#[derive(Serialize)]
struct ChoiceLine<'a> {
    text: &'a str,
    decision: &'static str,
    key: Option<&'a str>,
    candidates: Vec<&'a str>,
}

fn choice(input: &Input) -> ChoiceLine<'_> {
    let (decision, picked) = match choice::read(&input.text, &input.options) {
        ChoiceReading::One(index) => (Decision::Answer, vec![index]),
        ChoiceReading::Several(indexes) => (Decision::Ask, indexes),
        ChoiceReading::None => (Decision::None, Vec::new()),
    };
    let candidates: Vec<&str> = picked.iter().map(|index| input.options[*index].0.as_str()).collect();
    let key = candidates.first().copied().filter(|_| decision == Decision::Answer);
    ChoiceLine { text: &input.text, decision: decision.name(), key, candidates }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use std::sync::LazyLock;

    use super::*;

    static PLACES: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::official);

    fn line(kind: Kind, text: &str) -> String {
        super::line(kind, text, &PLACES)
    }

    fn read(kind: Kind, text: &str) -> Value {
        serde_json::from_str(&line(kind, text)).unwrap()
    }

    #[test]
    fn an_address_line_names_codes_label_and_what_is_missing() {
        let json = line(Kind::Address, "12 nguyen hue p ben nghe q1");
        assert!(json.starts_with(r#"{"text":"12 nguyen hue p ben nghe q1","decision":"answer","province":"79","ward":"26740","street":"12 nguyen hue","scheme":"old","split":false,"#), "{json}");
        let value: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["label"], "12 nguyen hue, Phường Sài Gòn, Thành phố Hồ Chí Minh");
        assert_eq!(value["missing"], serde_json::json!([]));
        assert_eq!(value["candidates"][0]["ward"], "26740");
        assert_eq!(value["candidates"][0]["label"], "Phường Sài Gòn, Thành phố Hồ Chí Minh");
    }

    #[test]
    fn an_object_brings_a_known_province() {
        let value = read(Kind::Address, r#"{"text":"thanh xuan","province":"01"}"#);
        assert_eq!((value["decision"].as_str(), value["ward"].as_str()), (Some("answer"), Some("00367")));
        assert_eq!(value["missing"], serde_json::json!(["street"]));
    }

    #[test]
    fn an_address_that_is_no_answer_says_why() {
        let asked = read(Kind::Address, "quận 1 Hà Nội");
        assert_eq!((asked["decision"].as_str(), asked["doubt"].as_str()), (Some("ask"), Some("contradiction")));
        assert_eq!(read(Kind::Address, "ok em")["doubt"], "no_place");
        let old = read(Kind::Address, "Phường Bến Nghé, Quận 1");
        assert_eq!((old["old_ward"].as_str(), old["doubt"].as_str()), (Some("26740"), None));
    }

    #[test]
    fn phone_yes_no_and_choice_lines_read_as_documented() {
        assert_eq!(
            line(Kind::Phone, "sdt 0901.234.567 nha"),
            r#"{"text":"sdt 0901.234.567 nha","decision":"answer","e164":"+84901234567","national":"0901 234 567","kind":"mobile","network_guess":"mobifone","candidates":["+84901234567"]}"#
        );
        let foreign = read(Kind::Phone, "+1 415 555 2671");
        assert_eq!((&foreign["decision"], &foreign["problem"]), (&"none".into(), &"foreign".into()));
        assert_eq!(line(Kind::YesNo, "k em oi"), r#"{"text":"k em oi","decision":"no"}"#);
        let picked =
            read(Kind::Choice, r#"{"text":"chieu a","options":[["sang","Buổi sáng"],["chieu","Buổi chiều"]]}"#);
        assert_eq!(picked["key"], "chieu");
    }

    #[test]
    fn numbers_days_windows_and_addresses_of_mail_read_as_documented() {
        assert_eq!(line(Kind::Number, "2tr5"), r#"{"text":"2tr5","decision":"answer","value":2500000}"#);
        let asked = r#"{"text":"sáng mai","now":"2026-11-22T15:00:00+07:00"}"#;
        assert_eq!(read(Kind::Date, asked)["value"], "2026-11-23");
        assert_eq!(read(Kind::TimeWindow, asked)["value"]["from"], 360);
        let several = read(Kind::TimeWindow, r#"{"text":"mai hoặc mốt","now":"2026-11-22T15:00:00+07:00"}"#);
        assert_eq!(
            (several["decision"].as_str(), several["candidates"][1]["first"].as_str()),
            (Some("ask"), Some("2026-11-24"))
        );
        assert_eq!(read(Kind::TimeWindow, "mai mốt")["candidates"], serde_json::json!([]));
        assert_eq!(read(Kind::Email, "An@Gmail.com")["value"], "an@gmail.com");
    }

    #[test]
    fn blank_and_broken_lines_give_one_line_too() {
        for text in ["", "{", r#"{"text":true}"#, "   "] {
            for (_, kind) in Kind::ALL {
                assert_eq!(read(kind, text)["decision"], "none", "{text}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn any_line_gives_one_object_on_one_line(text in any::<String>()) {
            for (_, kind) in Kind::ALL {
                let json = line(kind, &text);
                prop_assert!(!json.contains('\n'));
                prop_assert!(serde_json::from_str::<Value>(&json).is_ok());
            }
        }
    }
}
