//! What is said and understood where the author wrote nothing: courteous, short, right for the slot's type.
//! In both languages, so that a contact who asked for English is not answered in two.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::template::{Part, Piece, Source};
use super::super::{Interrupt, Silence, Slot, Template, Then, Wording, Words};
use crate::domain::address::AddressPart;
use crate::domain::contact::Language;
use crate::domain::slot::SlotType;
use crate::text::phrase::Phrase;

fn words(text: &str) -> Piece {
    Piece::Words(text.to_owned())
}

fn value(source: Source) -> Piece {
    Piece::Value { first_of: vec![source], mask: false }
}

fn wording(vi: Vec<Piece>, en: Vec<Piece>) -> Wording {
    let text = Words { vi: Template { pieces: vi }, en: Some(Template { pieces: en }) };
    Wording { text, by_channel: BTreeMap::new() }
}

fn plain((vi, en): (&str, &str)) -> Wording {
    wording(vec![words(vi)], vec![words(en)])
}

/// The two further tries of a question.
pub(super) fn retry(kind: SlotType) -> Vec<Wording> {
    first_and_second(kind).map(plain).into()
}

type Text = (&'static str, &'static str);

fn first_and_second(kind: SlotType) -> [Text; 2] {
    match kind {
        SlotType::YesNo | SlotType::Consent => [
            (
                "Dạ em chưa hiểu ý anh/chị. Anh/chị trả lời giúp em \"Có\" hoặc \"Không\" ạ.",
                "Sorry, I did not understand. Please answer \"Yes\" or \"No\".",
            ),
            (
                "Anh/chị nhắn giúp em một từ \"Có\" hoặc \"Không\" thôi ạ.",
                "Please reply with one word, \"Yes\" or \"No\".",
            ),
        ],
        SlotType::Choice => [
            (
                "Dạ em chưa hiểu ý anh/chị. Anh/chị chọn giúp em một trong các mục trên ạ.",
                "Sorry, I did not understand. Please choose one of the options above.",
            ),
            ("Anh/chị nhắn giúp em số thứ tự của mục anh/chị chọn ạ.", "Please reply with the number of your choice."),
        ],
        SlotType::Text => [
            (
                "Dạ em chưa nhận được nội dung. Anh/chị nhắn lại giúp em ạ.",
                "Sorry, I could not read that. Could you write it again?",
            ),
            ("Anh/chị nhắn bằng chữ giúp em ạ.", "Please write it in words."),
        ],
        SlotType::Name => [
            (
                "Dạ em chưa rõ tên anh/chị. Anh/chị nhắn lại giúp em ạ.",
                "Sorry, I did not get your name. Could you write it again?",
            ),
            ("Anh/chị chỉ nhắn họ và tên giúp em ạ.", "Please write just your full name."),
        ],
        SlotType::Phone => [
            (
                "Dạ số điện thoại chưa đúng. Số di động có 10 chữ số, anh/chị nhắn lại giúp em ạ.",
                "That is not a phone number yet. A mobile number has 10 digits; could you write it again?",
            ),
            (
                "Anh/chị nhắn giúp em đúng 10 chữ số, bắt đầu bằng số 0 ạ.",
                "Please write exactly 10 digits, starting with 0.",
            ),
        ],
        other => first_and_second_more(other),
    }
}

fn first_and_second_more(kind: SlotType) -> [Text; 2] {
    match kind {
        SlotType::Number => [
            ("Dạ em chưa hiểu con số này. Anh/chị nhắn lại giúp em ạ.", "Sorry, I could not read that number."),
            ("Anh/chị nhắn giúp em một số phù hợp, ví dụ 2 ạ.", "Please write a suitable number, such as 2."),
        ],
        SlotType::Date => [
            (
                "Dạ em chưa rõ ngày nào. Anh/chị nhắn lại giúp em, ví dụ \"ngày mai\" hoặc \"25/12\" ạ.",
                "Sorry, which day is that? For example \"25/12\".",
            ),
            (
                "Anh/chị nhắn giúp em ngày và tháng, ví dụ 25/12 ạ.",
                "Please write the day and the month, such as 25/12.",
            ),
        ],
        SlotType::TimeWindow => [
            (
                "Dạ em chưa rõ giờ nào. Anh/chị nhắn lại giúp em, ví dụ \"8h đến 10h sáng mai\" ạ.",
                "Sorry, what time is that? For example \"8:00-10:00\".",
            ),
            ("Anh/chị nhắn giúp em khoảng giờ, ví dụ 8h-10h ạ.", "Please write the hours, such as 8:00-10:00."),
        ],
        SlotType::Email => [
            (
                "Dạ địa chỉ email chưa đúng. Anh/chị nhắn lại giúp em ạ.",
                "That is not an email address yet. Could you write it again?",
            ),
            (
                "Anh/chị nhắn giúp em email đầy đủ, ví dụ an@example.com ạ.",
                "Please write the whole address, such as an@example.com.",
            ),
        ],
        SlotType::Location => [
            (
                "Dạ em chưa nhận được vị trí. Anh/chị gửi vị trí trên bản đồ giúp em ạ.",
                "I have not received a location. Please send your place on the map.",
            ),
            (
                "Anh/chị bấm nút gửi vị trí trong ứng dụng giúp em ạ.",
                "Please use the app's button for sending a location.",
            ),
        ],
        SlotType::File => [
            (
                "Dạ em chưa nhận được tệp. Anh/chị gửi ảnh hoặc tệp giúp em ạ.",
                "I have not received a file. Please send a picture or a file.",
            ),
            ("Anh/chị bấm nút gửi ảnh trong ứng dụng giúp em ạ.", "Please use the app's button for sending a picture."),
        ],
        _ => [
            (
                "Dạ em chưa tìm được địa chỉ này. Anh/chị nhắn lại giúp em số nhà, đường, phường/xã, tỉnh/thành phố ạ.",
                "I could not find this address. Please write house number, street, ward and province.",
            ),
            (
                "Anh/chị nhắn giúp em tên phường/xã và tỉnh/thành phố ạ.",
                "Please write the names of the ward and the province.",
            ),
        ],
    }
}

/// The two further tries of a summary.
pub(super) fn confirm_retry() -> Vec<Wording> {
    vec![
        plain((
            "Dạ em chưa hiểu ý anh/chị. Thông tin trên đã đúng chưa ạ? Anh/chị trả lời giúp em \"Đúng\" hoặc \"Sai\" ạ.",
            "Sorry, I did not understand. Is the above correct? Please answer \"Yes\" or \"No\".",
        )),
        plain((
            "Anh/chị nhắn giúp em \"Đúng\", hoặc nhắn thông tin cần sửa ạ.",
            "Please reply \"Yes\", or write what should be changed.",
        )),
    ]
}

/// What is done about silence where the author wrote nothing: nobody is reminded, after three days it is over.
pub(super) fn silence() -> Silence {
    let remind = wording(
        vec![words("Anh/chị còn đó không ạ? "), value(Source::LastQuestion)],
        vec![words("Are you still there? "), value(Source::LastQuestion)],
    );
    Silence { remind_after: Vec::new(), remind, expire_after: Duration::from_secs(72 * 3600), then: None }
}

/// What every flow understands, unless it has an interrupt of that name itself.
pub(super) fn interrupts(english: bool) -> Vec<Interrupt> {
    let interrupt = |name: &str, phrases: &[&str], then: Then| Interrupt {
        name: name.to_owned(),
        phrases: phrases.iter().map(|phrase| Phrase::new(phrase)).collect(),
        say: None,
        confirm: None,
        then,
    };
    let mut all = vec![
        interrupt("nhac_lai", &["nhắc lại", "nói lại", "hỏi lại", "lặp lại"], Then::Resume),
        interrupt("quay_lai", &["quay lại", "câu trước", "bước trước", "trở lại"], Then::Back),
        interrupt("lam_lai", &["bắt đầu lại", "làm lại từ đầu", "làm lại", "restart"], Then::Restart),
    ];
    if english {
        let (vi, en) = (Then::Speak(Language::Vi), Then::Speak(Language::En));
        all.push(interrupt("tieng_anh", &["english", "tiếng anh", "speak english"], en));
        all.push(interrupt("tieng_viet", &["tiếng việt", "vietnamese"], vi));
    }
    all
}

/// Above a summary.
pub(super) fn confirm() -> Wording {
    plain(("Anh/chị xem giúp em thông tin đã đúng chưa ạ:", "Is everything correct?"))
}

/// When something in a summary is wrong.
pub(super) fn ask_which() -> Wording {
    plain(("Dạ anh/chị muốn sửa mục nào ạ?", "Which one would you like to change?"))
}

/// When a private value is known already.
pub(super) fn when_known(slot: &Slot) -> Wording {
    let label = (slot.label.vi != slot.name).then_some(&slot.label);
    let (vi, en) = match slot.kind {
        SlotType::Phone => ("Số điện thoại", "Your phone number"),
        SlotType::Address => ("Địa chỉ", "Your address"),
        SlotType::Name => ("Họ tên", "Your name"),
        _ => ("Thông tin trước đây", "What we know"),
    };
    let vi = label.map_or(vi, |label| &label.vi);
    let en = label.and_then(|label| label.en.as_deref()).unwrap_or(en);
    let known = || value(Source::Slot(slot.name.clone()));
    wording(
        vec![words(vi), words(" là "), known(), words(", phải không ạ?")],
        vec![words(en), words(": "), known(), words(". Is that right?")],
    )
}

/// When an address could be several.
pub(super) fn unsure(slot: &Slot) -> Wording {
    let guess = || value(Source::Part(slot.name.clone(), Part::Guess));
    wording(vec![words("Có phải "), guess(), words(" không ạ?")], vec![words("Is it "), guess(), words("?")])
}

/// For a part that an address lacks.
pub(super) fn missing(slot: &Slot, part: AddressPart) -> Wording {
    match part {
        AddressPart::Province => plain(("Anh/chị ở tỉnh/thành phố nào ạ?", "Which province or city do you live in?")),
        AddressPart::Ward => {
            let province = |otherwise: &str| Piece::Value {
                first_of: vec![Source::Part(slot.name.clone(), Part::Province), Source::Words(otherwise.to_owned())],
                mask: false,
            };
            wording(
                vec![words("Anh/chị ở phường/xã nào của "), province("tỉnh/thành phố mình"), words(" ạ?")],
                vec![words("Which ward of "), province("your province"), words(" do you live in?")],
            )
        }
        AddressPart::Street => plain((
            "Anh/chị cho em xin số nhà và tên đường (hoặc thôn, ấp) ạ?",
            "What are the house number and the street (or the hamlet)?",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_slot_has_two_texts_of_its_own_in_both_languages() {
        let mut seen: Vec<Text> = SlotType::ALL.iter().flat_map(|(_, kind)| first_and_second(*kind)).collect();
        assert!(seen.iter().all(|(vi, en)| vi.ends_with("ạ.") && !en.is_empty()));
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 2 * (SlotType::ALL.len() - 1), "only a consent asks as a yes/no does");
    }
}
