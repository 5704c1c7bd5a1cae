//! `thoai chat` without the terminal: a line goes in, what to show comes out.
//!
//! Each thing said can be taken back, tried on another channel, asked about, and kept as a test.

use serde_json::json;

use super::play::{Act, Moment, Play, Setting};
use crate::domain::contact::Profile;
use crate::domain::id::ChannelName;
use crate::domain::message::{Choice, Event};
use crate::domain::time::Timestamp;
use crate::engine::Effect;
use crate::flow::Flow;
use crate::flow::time::read_duration;
use crate::text;

mod operator;
mod saved;
mod why;

pub use operator::{Card, HELP as OPERATOR_HELP, Operator};
pub use saved::appended;

/// Most things said that can be taken back.
const MOST_BEATS: usize = 2_000;

/// A talk under way.
pub struct Talk<'a> {
    beginning: Play<'a>,
    play: Play<'a>,
    beats: Vec<Beat<'a>>,
}

/// One thing said: how it stood before, what it was, and what came of it.
struct Beat<'a> {
    before: Play<'a>,
    act: Act,
    moments: Vec<Moment>,
}

/// Something to show.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// The bot speaks.
    Said {
        /// The step, `flow/step`; empty for the house.
        step: String,
        /// The words.
        text: String,
        /// What can be tapped.
        choices: Vec<Choice>,
        /// A picture.
        image: Option<String>,
    },
    /// The engine asked for something else than words.
    Did(Effect),
    /// A sentence about the talk itself, in Vietnamese.
    Note(String),
    /// The commands there are.
    Help,
    /// The flow's state, as JSON.
    State(serde_json::Value),
    /// A conversation to be added to the tests of a flow.
    Save {
        /// The flow.
        flow: String,
        /// The conversation, as an entry of `tests:`.
        case: String,
    },
    /// What an answer was understood as: labels and values.
    Understood(Vec<(String, String)>),
    /// What came of a call.
    Card(Box<Card>),
    /// The talk is over.
    Quit,
}

/// The commands, for a person.
pub const HELP: &str = "Gõ tin nhắn như khách hàng. Lệnh:
  /channel TÊN   nói lại từ đầu trên kênh khác (web, sms, ...)
  /wait 15m      để thời gian trôi qua
  /location 21.03 105.85   gửi vị trí: vĩ độ, kinh độ
  /back          bỏ câu vừa nói
  /why           vì sao máy trả lời như vậy
  /state         kịch bản đang ở đâu, đã biết gì
  /save TÊN      lưu cuộc trò chuyện này thành một bài kiểm tra
  /restart  /quit  /help";

impl<'a> Talk<'a> {
    /// A talk that nobody has said anything in.
    pub fn new(play: Play<'a>) -> Self {
        Self { beginning: play.clone(), play, beats: Vec::new() }
    }

    /// How a talk in a terminal begins: nothing happens until somebody speaks.
    pub fn setting(contact: Profile, now: Timestamp, channel: ChannelName) -> Setting {
        Setting { contact, now, channel, services: Default::default(), closed: Vec::new() }
    }

    /// Starts a flow the way its own entry would: by its first reference, keyword or campaign. One that has no
    /// entry is for calling customers, or for other flows to run: it speaks first.
    pub fn begin(&mut self, flow: &Flow) -> Vec<Shown> {
        let entry = &flow.entry;
        let act = if let Some(reference) = entry.refs.first() {
            Act::Opens(Some(reference.clone()))
        } else if let Some(phrase) = entry.keywords.first() {
            Act::Says(phrase.text().to_owned())
        } else if let Some(campaign) = entry.prompts.keys().next() {
            Act::Answers { campaign: campaign.clone(), answer: "YES".to_owned() }
        } else if entry.default {
            Act::Opens(None)
        } else {
            Act::Begins(flow.name.clone())
        };
        self.act(act)
    }

    /// The channel that is spoken on.
    pub fn channel(&self) -> &ChannelName {
        &self.play.setting().channel
    }

    /// Takes a line: a command where it begins with `/`, else words of the customer.
    pub fn hear(&mut self, line: &str) -> Vec<Shown> {
        let line = line.trim();
        let Some(command) = line.strip_prefix('/') else {
            return if line.is_empty() { Vec::new() } else { self.act(self.said(line)) };
        };
        let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        match (name, rest.trim()) {
            ("channel", name) => self.on_channel(name),
            ("wait", span) => match read_duration(span) {
                Some(span) => self.act(Act::Waits(span)),
                None => note("Viết thời gian như 15m, 20h, 3d."),
            },
            ("location", place) => match degrees(place) {
                Some((latitude, longitude)) => self.act(Act::Sends(Event::Location { latitude, longitude })),
                None => note("Viết vị trí là vĩ độ rồi kinh độ, như 21.0287 105.8524."),
            },
            ("back", "") => self.back(),
            ("why", "") => why::sentences(self.beats.last().map(|beat| beat.moments.as_slice()).unwrap_or_default())
                .into_iter()
                .map(Shown::Note)
                .collect(),
            ("state", "") => vec![Shown::State(json!({
                "channel": self.channel(),
                "now": self.play.setting().now.to_rfc3339(),
                "contact": self.play.setting().contact,
                "session": self.play.session(),
            }))],
            ("save", name) if !name.is_empty() => self.save(name),
            ("restart", "") => {
                (self.play, self.beats) = (self.beginning.clone(), Vec::new());
                note("Bắt đầu lại từ đầu.")
            }
            ("quit", "") => vec![Shown::Quit],
            _ => vec![Shown::Help],
        }
    }

    /// Words of the customer; a number picks what is offered under it, as a tap would.
    fn said(&self, line: &str) -> Act {
        let offered = self.play.session().map(|session| session.question.choices.as_slice()).unwrap_or_default();
        let picked = line.parse::<usize>().ok().and_then(|number| offered.get(number.checked_sub(1)?));
        picked.map_or_else(|| Act::Says(text::nfc(line)), |choice| Act::Taps(choice.title.clone()))
    }

    fn act(&mut self, act: Act) -> Vec<Shown> {
        let before = self.play.clone();
        let with_person = self.play.is_with_person();
        let moments = self.play.act(&act);
        let mut shown: Vec<Shown> = moments.iter().flat_map(|moment| &moment.effects).map(of_effect).collect();
        if moments.is_empty() {
            shown = note(match (&act, with_person) {
                (Act::Waits(_), _) => "Không có gì xảy ra.",
                (_, true) => "Nhân viên đang trả lời khách; nhắn \"bắt đầu lại\" để trở về với máy.",
                (_, false) => "Máy không nói gì.",
            });
        }
        if self.beats.len() < MOST_BEATS {
            self.beats.push(Beat { before, act, moments });
        }
        shown
    }

    fn back(&mut self) -> Vec<Shown> {
        let Some(beat) = self.beats.pop() else { return note("Chưa có câu nào để bỏ.") };
        self.play = beat.before;
        let mut shown = note("Đã bỏ câu vừa rồi.");
        shown.extend(self.question());
        shown
    }

    /// The question that waits for an answer.
    fn question(&self) -> Option<Shown> {
        let session = self.play.session()?;
        let step = format!("{}/{}", session.flow, session.step);
        let question = session.question.clone();
        Some(Shown::Said { step, text: question.text, choices: question.choices, image: None })
    }

    /// Says everything again on another channel, and shows what comes of the last.
    fn on_channel(&mut self, name: &str) -> Vec<Shown> {
        let channel = ChannelName::new(name);
        let stage = self.play.stage();
        if !stage.limits.contains_key(&channel) {
            let known: Vec<&str> = stage.limits.keys().map(ChannelName::as_str).collect();
            return note(&format!("Không có kênh \"{name}\"; chỉ có {}.", known.join(", ")));
        }
        let setting = Setting { channel, ..self.beginning.setting().clone() };
        self.beginning = Play::new(stage, setting);
        self.play = self.beginning.clone();
        let acts: Vec<Act> = std::mem::take(&mut self.beats).into_iter().map(|beat| beat.act).collect();
        let mut shown = Vec::new();
        for act in acts {
            shown = self.act(act);
        }
        shown
    }

    fn save(&self, name: &str) -> Vec<Shown> {
        let first = self.beats.iter().flat_map(|beat| &beat.moments).flat_map(|moment| &moment.trace).next();
        match first {
            Some(first) => {
                let flow = first.flow.clone();
                let case = saved::case(name, &flow, self.beginning.setting(), &self.beats, self.play.stage().flows);
                vec![Shown::Save { flow, case }]
            }
            None => note("Chưa có gì để lưu."),
        }
    }
}

/// Latitude and longitude, with a blank or a comma between them.
fn degrees(text: &str) -> Option<(f64, f64)> {
    let mut numbers = text.split([' ', ',']).filter(|part| !part.is_empty()).map(|part| part.parse::<f64>());
    let (latitude, longitude) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    let on_globe = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
    (on_globe && numbers.next().is_none()).then_some((latitude, longitude))
}

fn note(text: &str) -> Vec<Shown> {
    vec![Shown::Note(text.to_owned())]
}

fn of_effect(effect: &Effect) -> Shown {
    match effect.clone() {
        Effect::Say { step, text, choices, image } => Shown::Said { step, text, choices, image },
        other => Shown::Did(other),
    }
}
