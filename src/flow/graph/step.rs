//! One step of a flow: its box, and the arrows that leave it.

use super::super::time::write_duration;
use super::super::{Ask, Call, Confirm, Flow, Pause, Step, StepIx, Template, Verb, Wording};
use super::{Kind, Picture, Style};
use crate::domain::slot::SlotType;

/// The person who is called where a flow names no step for it.
const PERSON: &str = "@person";

/// Puts all steps into the picture.
pub(super) fn draw_all(picture: &mut Picture, flow: &Flow) {
    for step in &flow.steps {
        draw(picture, flow, step);
    }
    if picture.edges.iter().any(|edge| edge.to == PERSON) {
        picture.add(PERSON, Kind::Person, "Gặp nhân viên".to_owned(), String::new());
    }
}

/// Puts a step and the ways out of it into the picture.
fn draw(picture: &mut Picture, flow: &Flow, step: &Step) {
    let (kind, label) = does(flow, step);
    picture.add(&step.id, kind, format!("{}\n{label}", step.id), words(&step.verb));
    let mut from = From { picture, flow, step };
    match &step.verb {
        Verb::Say { .. } | Verb::HandOff { .. } | Verb::Run { .. } | Verb::Wait(_) => from.on(""),
        Verb::Branch(branches) => {
            for (condition, to) in branches {
                from.go(*to, &condition.to_string(), Style::Plain);
            }
            from.on("còn lại");
        }
        Verb::Ask(ask) => asked(&mut from, ask),
        Verb::Confirm(confirm) => confirmed(&mut from, confirm),
        Verb::Person { if_unavailable, .. } => {
            from.on("trả lại");
            from.maybe(*if_unavailable, "không có nhân viên", Style::Trouble);
        }
        Verb::Call(call) => {
            from.or_on(call.ok, "gọi được");
            from.go(call.failed, "không gọi được", Style::Trouble);
        }
        Verb::End { .. } => {}
    }
}

/// The ways out of one step.
struct From<'a> {
    picture: &'a mut Picture,
    flow: &'a Flow,
    step: &'a Step,
}

impl From<'_> {
    fn go(&mut self, to: StepIx, label: &str, style: Style) {
        self.picture.connect(&self.step.id, &self.flow.step(to).id, label, style);
    }

    fn maybe(&mut self, to: Option<StepIx>, label: &str, style: Style) {
        if let Some(to) = to {
            self.go(to, label, style);
        }
    }

    /// To what comes next.
    fn on(&mut self, label: &str) {
        self.maybe(self.step.next, label, Style::Plain);
    }

    /// To a step of its own, else to what comes next.
    fn or_on(&mut self, to: Option<StepIx>, label: &str) {
        self.maybe(to.or(self.step.next), label, Style::Plain);
    }

    /// Where it leads when no try was understood.
    fn give_up(&mut self, to: Option<StepIx>) {
        let to = to.map_or(PERSON, |to| self.flow.step(to).id.as_str());
        self.picture.connect(&self.step.id, to, "không hiểu", Style::Trouble);
    }
}

fn asked(from: &mut From<'_>, ask: &Ask) {
    let slot = from.flow.slot(ask.slot);
    match slot.kind {
        SlotType::YesNo | SlotType::Consent if ask.if_yes.is_some() || ask.if_no.is_some() => {
            from.or_on(ask.if_yes, "có");
            from.or_on(ask.if_no, "không");
        }
        SlotType::Choice if !ask.choose.is_empty() => {
            for (key, label) in &slot.options {
                from.or_on(ask.choose.get(key).copied(), label);
            }
        }
        _ => from.on(""),
    }
    match ask.give_up {
        // Left open, it is passed.
        None if ask.optional => from.on("bỏ qua"),
        give_up => {
            from.give_up(give_up);
            if ask.optional {
                from.on("bỏ qua");
            }
        }
    }
    // The flow's own silence is drawn once, as a way in from every question.
    let own = ask.silence.as_ref().and_then(|silence| silence.then);
    from.maybe(own.filter(|_| own != from.flow.silence.then), "im lặng", Style::Silence);
}

fn confirmed(from: &mut From<'_>, confirm: &Confirm) {
    from.or_on(confirm.if_yes, "đúng");
    from.give_up(confirm.give_up);
}

/// What a step does, in a few words.
fn does(flow: &Flow, step: &Step) -> (Kind, String) {
    let label = |slot| flow.slot(slot).label.vi.as_str();
    match &step.verb {
        Verb::Say { when: Some(when), .. } => (Kind::Say, format!("Nói nếu {when}")),
        Verb::Say { when: None, .. } => (Kind::Say, "Nói".to_owned()),
        Verb::Ask(ask) => (Kind::Ask, format!("Hỏi: {}", label(ask.slot))),
        Verb::Confirm(confirm) => {
            let slots: Vec<&str> = confirm.slots.iter().map(|slot| label(*slot)).collect();
            (Kind::Confirm, format!("Đọc lại: {}", slots.join(", ")))
        }
        Verb::Branch(_) => (Kind::Branch, "Rẽ nhánh".to_owned()),
        Verb::Call(call) => (Kind::Call, format!("Hỏi dịch vụ: {}", call.service)),
        Verb::HandOff { kind, .. } => (Kind::HandOff, format!("Chuyển yêu cầu: {}", kind.name())),
        Verb::Person { queue, .. } => (
            Kind::Person,
            format!("Gặp nhân viên{}", queue.as_ref().map_or(String::new(), |queue| format!(": {queue}"))),
        ),
        Verb::Run { flow, .. } => (Kind::Run, format!("Chạy kịch bản: {flow}")),
        Verb::Wait(Pause::For(length)) => (Kind::Wait, format!("Chờ {}", write_duration(*length))),
        Verb::Wait(Pause::Until(minute)) => (Kind::Wait, format!("Chờ đến {:02}:{:02}", minute / 60, minute % 60)),
        Verb::End { outcome, .. } => (Kind::End, format!("Kết thúc: {outcome}")),
    }
}

/// Everything a step can say, a text a line, its main text first.
fn words(verb: &Verb) -> String {
    let mut texts = Vec::new();
    match verb {
        Verb::Say { say, buttons, image, .. } => {
            texts.extend(lines(say));
            texts.extend(buttons.iter().map(|button| format!("[{}]", button.vi)));
            texts.extend(image.iter().map(Template::to_string));
        }
        Verb::Ask(ask) => {
            let Ask { say, when_known, retry, missing, unsure, silence, .. } = ask.as_ref();
            let reminder = silence.iter().map(|silence| &silence.remind);
            let more = when_known.iter().chain(missing.values()).chain(unsure).chain(retry).chain(reminder);
            texts.extend(std::iter::once(say).chain(more).flat_map(lines));
        }
        Verb::Confirm(confirm) => {
            let more = confirm.ask_which.iter().chain(&confirm.retry);
            texts.extend(std::iter::once(&confirm.say).chain(more).flat_map(lines));
        }
        Verb::HandOff { say, .. } | Verb::Person { say, .. } | Verb::End { say, .. } => {
            texts.extend(say.iter().flat_map(lines));
        }
        Verb::Call(call) => {
            let Call { say, .. } = call.as_ref();
            texts.extend(say.iter().flat_map(lines));
        }
        Verb::Branch(_) | Verb::Run { .. } | Verb::Wait(_) => {}
    }
    texts.join("\n")
}

/// The texts of a wording, each on one line.
pub(super) fn lines(wording: &Wording) -> Vec<String> {
    let line = |template: &Template| template.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    let words = std::iter::once((String::new(), &wording.text));
    let worded = words.chain(wording.by_channel.iter().map(|(channel, words)| (format!("{channel}: "), words)));
    worded
        .flat_map(|(on, words)| {
            let english = words.en.as_ref().map(|en| format!("{on}en: {}", line(en)));
            std::iter::once(format!("{on}{}", line(&words.vi))).chain(english)
        })
        .collect()
}
