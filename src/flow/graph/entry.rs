//! The ways into a flow: its start, prompts, the silence of contacts, and what they may say at any time.

use super::super::time::write_duration;
use super::super::{AboutTicket, Entry, Flow, Interrupt, Then};
use super::{Kind, Picture, Style, shortened, step};
use crate::domain::contact::Language;
use crate::text::phrase::Phrase;

/// Most phrases of a keyword or an interrupt that are drawn.
const SHOWN_PHRASES: usize = 3;
/// Most characters of them.
const SHOWN: usize = 80;

/// Puts the ways in into the picture.
pub(super) fn draw(picture: &mut Picture, flow: &Flow) {
    picture.add("@start", Kind::Entry, start(&flow.entry), String::new());
    picture.connect("@start", &flow.step(flow.start).id, "", Style::Plain);
    for (campaign, prompt) in &flow.entry.prompts {
        let id = format!("@prompt:{campaign}");
        picture.add(&id, Kind::Entry, format!("Lời mời {campaign}"), step::lines(&prompt.say).join("\n"));
        picture.connect(&id, &flow.step(prompt.if_yes).id, "có", Style::Plain);
        picture.connect(&id, &flow.step(prompt.if_no).id, "không", Style::Plain);
    }
    silence(picture, flow);
    let goes = |interrupt: &&Interrupt| matches!(interrupt.then, Then::Go(_));
    for interrupt in flow.interrupts.iter().filter(goes) {
        let id = format!("@interrupt:{}", interrupt.name);
        picture.add(&id, Kind::Aside, format!("Nói chen: {}", phrases(interrupt)), said(interrupt));
        if let Then::Go(to) = interrupt.then {
            picture.connect(&id, &flow.step(to).id, agreed(interrupt), Style::Plain);
        }
    }
    let asides: Vec<&Interrupt> = flow.interrupts.iter().filter(|interrupt| !goes(interrupt)).collect();
    if !asides.is_empty() {
        let label = asides.iter().map(|aside| format!("{}: {}", aside.name, does(&aside.then)));
        let label = std::iter::once("Khách nói chen lúc nào cũng được".to_owned()).chain(label);
        // The label tells what they do; the words are too many to show one of them.
        let words = asides.iter().map(|aside| format!("{} ({})\n{}", aside.name, phrases(aside), said(aside)));
        let words = std::iter::once(String::new()).chain(words).collect::<Vec<_>>().join("\n");
        picture.add("@interrupts", Kind::Aside, label.collect::<Vec<_>>().join("\n"), words);
    }
}

fn start(entry: &Entry) -> String {
    let mut lines = vec!["Bắt đầu".to_owned()];
    let keywords: Vec<&str> = entry.keywords.iter().map(Phrase::text).collect();
    if !keywords.is_empty() {
        lines.push(format!("khách nhắn: {}", some(&keywords)));
    }
    if !entry.refs.is_empty() {
        let refs: Vec<&str> = entry.refs.iter().map(String::as_str).collect();
        lines.push(format!("đường dẫn: {}", some(&refs)));
    }
    lines.extend(entry.menu.as_ref().map(|menu| format!("menu: {menu}")));
    if entry.default {
        lines.push("khi không kịch bản nào khớp".to_owned());
    }
    lines.join("\n")
}

/// One box for the silence at whatever question waits, instead of an arrow from each of them.
fn silence(picture: &mut Picture, flow: &Flow) {
    let Some(then) = flow.silence.then else { return };
    let label = format!("Khách im lặng {}\nở câu hỏi bất kỳ", write_duration(flow.silence.expire_after));
    let reminds = !flow.silence.remind_after.is_empty();
    let words = if reminds { step::lines(&flow.silence.remind) } else { Vec::new() };
    picture.add("@silence", Kind::Entry, label, words.join("\n"));
    picture.connect("@silence", &flow.step(then).id, "im lặng", Style::Silence);
}

fn agreed(interrupt: &Interrupt) -> &'static str {
    if interrupt.confirm.is_some() { "có" } else { "" }
}

fn does(then: &Then) -> String {
    match then {
        Then::Resume => "hỏi tiếp".to_owned(),
        Then::Go(_) => "sang bước".to_owned(),
        Then::Person(queue) => format!("gặp nhân viên {queue}"),
        Then::End(outcome) => format!("kết thúc {outcome}"),
        Then::Ticket(AboutTicket::Status) => "nói yêu cầu đến đâu".to_owned(),
        Then::Ticket(AboutTicket::Cancel) => "hủy yêu cầu".to_owned(),
        Then::Ticket(AboutTicket::Reschedule) => "hẹn lại".to_owned(),
        Then::Erase => "xóa dữ liệu".to_owned(),
        Then::Back => "câu trước".to_owned(),
        Then::Restart => "làm lại".to_owned(),
        Then::Speak(Language::Vi) => "nói tiếng Việt".to_owned(),
        Then::Speak(Language::En) => "nói tiếng Anh".to_owned(),
    }
}

fn said(interrupt: &Interrupt) -> String {
    let wordings = interrupt.say.iter().chain(&interrupt.confirm);
    wordings.flat_map(step::lines).collect::<Vec<_>>().join("\n")
}

fn phrases(interrupt: &Interrupt) -> String {
    let phrases: Vec<&str> = interrupt.phrases.iter().map(Phrase::text).collect();
    some(&phrases)
}

/// The first few of them.
fn some(texts: &[&str]) -> String {
    let more = if texts.len() > SHOWN_PHRASES { ", …" } else { "" };
    shortened(&texts[..texts.len().min(SHOWN_PHRASES)].join(", "), SHOWN) + more
}
