//! From the engine's words to messages that one channel can carry: buttons or numbers, accents or none, one
//! message or several. Knows a channel's [`Limits`] and nothing else of it; `split` does the cutting.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::split::{length, split};
use super::wire;
use crate::domain::limits::Limits;
use crate::domain::message::{Choice, Outbound};

/// Longest payload of a choice, in characters; Messenger and Zalo both stop here.
const PAYLOAD: usize = 1_000;

/// The messages that say `text` and offer `choices`, within `limits`, tagged `{tag_prefix}.1` and on. The
/// choices are under the last one as buttons, or numbered in its text where buttons cannot carry them. No
/// message is empty: a blank text without choices is none at all, one with choices shows their numbers.
pub fn render(text: &str, choices: &[Choice], limits: &Limits, tag_prefix: &str) -> Vec<Outbound> {
    let text = spell(text.trim(), limits);
    let choices: Vec<Choice> = choices.iter().map(|choice| spell_choice(choice, limits)).collect();
    let tappable = !text.is_empty() && can_tap(&choices, limits);
    let (text, buttons) = if tappable { (text, choices) } else { (numbered(text, &choices, limits), Vec::new()) };
    let mut messages: Vec<Outbound> = split(&text, limits.text, limits.unit)
        .into_iter()
        .zip(1..)
        .map(|(piece, n)| Outbound {
            text: piece.to_owned(),
            choices: Vec::new(),
            image: None,
            tag: format!("{tag_prefix}.{n}"),
        })
        .collect();
    if let Some(last) = messages.last_mut() {
        last.choices = buttons;
    }
    messages
}

/// The message that shows a picture and nothing else, tagged `{tag_prefix}.0`: it goes before the words. A
/// channel without pictures leaves it out.
pub fn picture(url: &str, tag_prefix: &str) -> Outbound {
    Outbound { text: String::new(), choices: Vec::new(), image: Some(url.to_owned()), tag: format!("{tag_prefix}.0") }
}

/// Whether an address can be shown as a picture: https, at most 2,048 characters.
pub fn is_picture(url: &str) -> bool {
    wire::is_https(url)
}

/// The same message without buttons, for a platform that refused them (`SendError::Plain`).
pub fn plain(message: &Outbound, limits: &Limits) -> Vec<Outbound> {
    render(&message.text, &message.choices, &Limits { choices: 0, ..limits.clone() }, &message.tag)
}

/// Everything said in one turn as one text within `limits`, for channels that reply in one answer. What does
/// not fit is taken from the front: the question comes last, and it is what the contact must see.
pub fn reply(said: &[(String, Vec<Choice>)], limits: &Limits) -> String {
    let without_buttons = Limits { choices: 0, ..limits.clone() };
    let texts = said.iter().map(|(text, choices)| {
        let choices: Vec<Choice> = choices.iter().map(|choice| spell_choice(choice, limits)).collect();
        let numbers = numbered(spell(text.trim(), limits), &choices, &without_buttons);
        // A yes/no question says by itself how to answer; its numbers go first when room is short.
        if length(&numbers, limits.unit) > limits.text { spell(text.trim(), limits) } else { numbers }
    });
    let mut texts: Vec<String> = texts.filter(|text| !text.is_empty()).collect();
    while texts.len() > 1 && length(&texts.join("\n"), limits.unit) > limits.text {
        texts.remove(0);
    }
    fitted(&texts.join("\n"), limits)
}

/// The text as the channel spells it, cut to one message.
pub fn fitted(text: &str, limits: &Limits) -> String {
    let text = spell(text.trim(), limits);
    split(&text, limits.text, limits.unit).first().map(|piece| (*piece).to_owned()).unwrap_or_default()
}

fn can_tap(choices: &[Choice], limits: &Limits) -> bool {
    let fits = |choice: &Choice| {
        let title = choice.title.chars().count();
        (1..=limits.choice_title).contains(&title) && (1..=PAYLOAD).contains(&choice.payload.chars().count())
    };
    choices.len() <= limits.choices && choices.iter().all(fits)
}

/// The text with its choices below: one a line, or all on one line where every character counts.
fn numbered(text: String, choices: &[Choice], limits: &Limits) -> String {
    if choices.is_empty() {
        return text;
    }
    let (dot, gap) = if limits.accents { (".", "\n") } else { ("", " ") };
    let list: Vec<String> = choices.iter().zip(1..).map(|(choice, n)| format!("{n}{dot} {}", choice.title)).collect();
    let list = list.join(gap);
    if text.is_empty() { list } else { format!("{text}\n{list}") }
}

fn spell_choice(choice: &Choice, limits: &Limits) -> Choice {
    // The payload comes back to us: only the title is for reading.
    Choice { payload: choice.payload.clone(), title: spell(choice.title.trim(), limits) }
}

fn spell(text: &str, limits: &Limits) -> String {
    if limits.accents { text.nfc().collect() } else { unaccented(text) }
}

/// Plain ASCII, which any handset shows and any gateway counts as one character: letters without accents,
/// the usual typography spelled out, foreign letters as `?`, emoji gone.
fn unaccented(text: &str) -> String {
    let letters = text.nfd().filter(|char| !is_combining_mark(*char));
    let spelled: String = letters.map(ascii).collect();
    // An emoji that went leaves two spaces, which cost as much as letters.
    let lines = spelled.trim().lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n")
}

fn ascii(char: char) -> Cow<'static, str> {
    match char {
        'đ' => "d".into(),
        'Đ' => "D".into(),
        '“' | '”' | '«' | '»' => "\"".into(),
        // GSM 03.38 has no backtick.
        '‘' | '’' | '`' => "'".into(),
        '–' | '—' | '•' => "-".into(),
        '…' => "...".into(),
        '₫' => "d".into(),
        '\n' => "\n".into(),
        char if char.is_whitespace() => " ".into(),
        char if char.is_ascii_graphic() => char.to_string().into(),
        char if char.is_alphanumeric() => "?".into(),
        _ => "".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::limits::TextUnit;
    use proptest::prelude::*;

    fn limits(choices: usize, accents: bool) -> Limits {
        Limits { text: 60, unit: TextUnit::Char, choices, choice_title: 20, window: None, accents, pushes: true }
    }

    fn choices(titles: &[&str]) -> Vec<Choice> {
        titles.iter().map(|title| Choice { payload: format!("p:{title}"), title: (*title).to_owned() }).collect()
    }

    #[test]
    fn choices_are_buttons_under_the_last_message_where_they_fit() {
        let text = "Dạ em chào anh chị ạ. ".repeat(5);
        let messages = render(&text, &choices(&["Có", "Không"]), &limits(2, true), "t7");
        assert_eq!(messages.len(), 3);
        assert!(messages[..2].iter().all(|message| message.choices.is_empty()));
        assert_eq!(messages[2].choices, choices(&["Có", "Không"]));
        assert_eq!(messages.iter().map(|message| message.tag.as_str()).collect::<Vec<_>>(), ["t7.1", "t7.2", "t7.3"]);
    }

    #[test]
    fn choices_that_do_not_fit_are_numbered() {
        // Messenger case S2: too many, too long a title, too long a payload.
        let say = |choices: &[Choice], room| render("Buổi nào ạ?", choices, &limits(room, true), "t");
        let only =
            |text: &str| vec![Outbound { text: text.to_owned(), choices: vec![], image: None, tag: "t.1".to_owned() }];
        assert_eq!(say(&choices(&["Sáng", "Chiều"]), 1), only("Buổi nào ạ?\n1. Sáng\n2. Chiều"));
        assert_eq!(say(&choices(&["Tôi không đồng ý nhận"]), 5), only("Buổi nào ạ?\n1. Tôi không đồng ý nhận"));
        let long = [Choice { payload: "x".repeat(1_001), title: "Có".to_owned() }];
        assert_eq!(say(&long, 5), only("Buổi nào ạ?\n1. Có"));
    }

    #[test]
    fn a_handset_gets_plain_letters_on_one_line() {
        let text = "Anh/chị “rảnh” buổi nào – sáng… hay chiều? 👍 50.000₫ 中";
        let messages = render(text, &choices(&["Sáng", "Đêm"]), &Limits { text: 160, ..limits(0, false) }, "t");
        assert_eq!(messages[0].text, "Anh/chi \"ranh\" buoi nao - sang... hay chieu? 50.000d ?\n1 Sang 2 Dem");
    }

    #[test]
    fn no_message_is_empty() {
        assert_eq!(render(" \n", &[], &limits(5, true), "t"), []);
        assert_eq!(render("👍", &[], &limits(5, false), "t"), []);
        let messages = render("", &choices(&["Có"]), &limits(5, true), "t");
        assert_eq!((messages[0].text.as_str(), messages[0].choices.len()), ("1. Có", 0));
    }

    #[test]
    fn a_decomposed_text_is_composed() {
        // Zalo case 23.
        assert_eq!(render("Nguye\u{302}\u{303}n", &[], &limits(0, true), "t")[0].text, "Nguyễn");
    }

    #[test]
    fn refused_buttons_become_numbers() {
        let message = Outbound {
            text: "Đồng ý?".to_owned(),
            choices: choices(&["Có", "Không"]),
            image: None,
            tag: "t.2".to_owned(),
        };
        let plain = plain(&message, &limits(5, true));
        assert_eq!(plain.len(), 1);
        assert_eq!((plain[0].text.as_str(), plain[0].tag.as_str()), ("Đồng ý?\n1. Có\n2. Không", "t.2.1"));
        assert!(plain[0].choices.is_empty());
    }

    proptest! {
        #[test]
        fn every_message_is_within_the_limits(
            text in "(\\PC|[ \n.ạếưđ👍]){0,300}",
            titles in prop::collection::vec("\\PC{0,25}", 0..7),
            accents in any::<bool>(),
        ) {
            let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
            let limits = limits(if accents { 5 } else { 0 }, accents);
            let messages = render(&text, &choices(&titles), &limits, "t");
            for message in &messages {
                prop_assert!(!message.text.is_empty());
                prop_assert!(length(&message.text, limits.unit) <= limits.text);
                prop_assert!(accents || message.text.is_ascii());
                prop_assert!(message.choices.len() <= limits.choices);
            }
            let tags: std::collections::BTreeSet<&str> = messages.iter().map(|message| message.tag.as_str()).collect();
            prop_assert_eq!(tags.len(), messages.len());
        }
    }
}
