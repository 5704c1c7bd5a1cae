//! The same talk for somebody on the phone: they read aloud what the flow says and type what the customer answers.
//! Shows how each answer was understood, keeps notes, and sums the call up at its end.

use super::{Shown, Talk, note};
use crate::domain::session::{Session, Waiting};
use crate::domain::slot::Value;
use crate::domain::ticket::TicketRequest;
use crate::domain::time::clock;
use crate::engine::{self, Effect, What};
use crate::flow::{Flow, Verb};

/// The minutes of the day between which customers may be called.
const CALLS: std::ops::Range<u16> = 8 * 60..17 * 60;
/// How a call ends that nobody took.
const NO_ANSWER: &str = "no_answer";

/// The commands, for whoever calls.
pub const HELP: &str = "Đọc to lời máy đưa, gõ lại câu khách đáp (hoặc số thứ tự). Lệnh:
  /khong-nghe    không ai nghe máy: kết thúc cuộc gọi
  /ghi LỜI       giữ một ghi chú
  /back          bỏ câu vừa gõ
  /why           vì sao máy hiểu như vậy
  /save TÊN      lưu cuộc gọi này thành một bài kiểm tra
  /restart  /quit  /help";

/// A call under way.
pub struct Operator<'a> {
    talk: Talk<'a>,
    flow: &'a Flow,
    notes: Vec<String>,
    /// Nobody took the call.
    unanswered: bool,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// How it ended; `None` when it was left before its end.
    pub outcome: Option<String>,
    /// What the customer told, by label, in the flow's order.
    pub told: Vec<(String, String)>,
    /// What the caller noted.
    pub notes: Vec<String>,
    /// The tickets that would be made.
    pub requests: Vec<TicketRequest>,
}

impl<'a> Operator<'a> {
    /// A call that has not begun, to be led by this flow.
    pub fn new(talk: Talk<'a>, flow: &'a Flow) -> Self {
        Self { talk, flow, notes: Vec::new(), unanswered: false }
    }

    /// The talk that is led.
    pub fn talk(&self) -> &Talk<'a> {
        &self.talk
    }

    /// The customer has taken the call: what to read first, and what they may ask at any time.
    pub fn begin(&mut self) -> Vec<Shown> {
        let mut shown = Vec::new();
        let minute = self.talk.play.setting().now.minute();
        if !CALLS.contains(&minute) {
            let (now, from, to) = (clock(minute), clock(CALLS.start), clock(CALLS.end));
            shown.extend(note(&format!("Bây giờ là {now}. Chỉ gọi mời khách từ {from} đến {to}.")));
        }
        let asked =
            self.flow.interrupts.iter().filter(|interrupt| interrupt.say.is_some() || interrupt.confirm.is_some());
        let asked: Vec<&str> = asked.filter_map(|interrupt| Some(interrupt.phrases.first()?.text())).collect();
        if !asked.is_empty() {
            shown.extend(note(&format!("Lúc nào khách cũng có thể nói: {}", asked.join(" · "))));
        }
        shown.extend(self.talk.begin(self.flow));
        shown
    }

    /// Takes a line: a command where it begins with `/`, else what the customer answered.
    pub fn hear(&mut self, line: &str) -> Vec<Shown> {
        let line = line.trim();
        let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let is_over = self.outcome().is_some();
        match (name, rest.trim()) {
            ("/khong-nghe", "") if !is_over => {
                self.unanswered = true;
                vec![self.card()]
            }
            ("/ghi", words) if !words.is_empty() => {
                self.notes.push(words.to_owned());
                if is_over { vec![self.card()] } else { note("Đã ghi.") }
            }
            ("/back", "") if self.unanswered => {
                self.unanswered = false;
                self.talk.question().into_iter().collect()
            }
            ("/restart", "") => {
                (self.notes, self.unanswered) = (Vec::new(), false);
                let mut shown = self.talk.hear(line);
                shown.extend(self.begin());
                shown
            }
            ("/quit", "") if !is_over => vec![self.card(), Shown::Quit],
            _ if is_over && !line.is_empty() && !line.starts_with('/') => {
                note("Cuộc gọi đã kết thúc. /restart để gọi lại từ đầu, /back để bỏ câu vừa gõ, /quit để thoát.")
            }
            _ => self.pass_on(line),
        }
    }

    /// Lets the talk hear it; what was understood goes before what is to be read next.
    fn pass_on(&mut self, line: &str) -> Vec<Shown> {
        let before = self.talk.beats.len();
        let said = self.talk.hear(line);
        let went_on = self.talk.beats.len() > before;
        let mut shown: Vec<Shown> = if went_on { self.understood().into_iter().collect() } else { Vec::new() };
        let help = |one| if one == Shown::Help { Shown::Note(HELP.to_owned()) } else { one };
        shown.extend(said.into_iter().map(help));
        if went_on && self.outcome().is_some() {
            shown.push(self.card());
        }
        shown
    }

    /// What the last answer was taken for.
    fn understood(&self) -> Option<Shown> {
        let moments = &self.talk.beats.last()?.moments;
        let mut values = Vec::new();
        let mut refused = false;
        for trace in moments.iter().flat_map(|moment| &moment.trace) {
            match &trace.what {
                What::Filled { slot, value } | What::Ahead { slot, value } | What::Corrected { slot, value } => {
                    values.extend(self.labelled(&trace.flow, slot, value));
                }
                What::Retried(_) | What::Explained(_) | What::GaveUp => refused = true,
                What::Lacked => values.extend(self.so_far()),
                _ => {}
            }
        }
        values.dedup();
        match (values.is_empty(), refused) {
            (false, _) => Some(Shown::Understood(values)),
            (true, true) => Some(Shown::Note("Chưa hiểu câu này.".to_owned())),
            (true, false) => None,
        }
    }

    /// The address of which a part is still to be asked for.
    fn so_far(&self) -> Option<(String, String)> {
        let session = self.talk.play.session()?;
        let Session { waiting: Waiting::Part { so_far, .. }, flow, step, .. } = session else { return None };
        let flow = self.talk.play.stage().flows.flows.get(flow)?;
        let Verb::Ask(ask) = &flow.step(flow.find(step)?).verb else { return None };
        self.labelled(&flow.name, &flow.slot(ask.slot).name, &Value::Address(so_far.clone()))
    }

    /// A slot's label and value, as people read them.
    fn labelled(&self, flow: &str, slot: &str, value: &Value) -> Option<(String, String)> {
        let slot = self.talk.play.stage().flows.flows.get(flow)?.slot_named(slot)?;
        let language = self.talk.play.setting().contact.language;
        Some((slot.label.on(language).to_owned(), engine::shown(slot, value, language)))
    }

    /// How the call ended, if it has.
    fn outcome(&self) -> Option<String> {
        let play = &self.talk.play;
        if self.unanswered {
            return Some(NO_ANSWER.to_owned());
        }
        if play.session().is_some() && !play.is_with_person() {
            return None;
        }
        let ended = self.effects().filter_map(|effect| match effect {
            Effect::Ended { outcome, .. } => Some(outcome.clone()),
            Effect::Person { .. } => Some("person".to_owned()),
            _ => None,
        });
        ended.last()
    }

    fn card(&self) -> Shown {
        let mut requests = Vec::new();
        for effect in self.effects() {
            match effect {
                Effect::HandOff(request) => requests.push(request.as_ref().clone()),
                Effect::Erase => requests.clear(),
                _ => {}
            }
        }
        let known = self.talk.play.known();
        let told = self.flow.slots.iter().filter_map(|slot| {
            let value = known.get(&slot.name)?;
            self.labelled(&self.flow.name, &slot.name, value)
        });
        let card = Card { outcome: self.outcome(), told: told.collect(), notes: self.notes.clone(), requests };
        Shown::Card(Box::new(card))
    }

    fn effects(&self) -> impl Iterator<Item = &Effect> {
        self.talk.beats.iter().flat_map(|beat| &beat.moments).flat_map(|moment| &moment.effects)
    }
}
