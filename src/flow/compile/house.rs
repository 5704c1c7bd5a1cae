//! What is said where the author wrote nothing: courteous, short, right for the slot's type.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::template::{Part, Piece, Source};
use super::super::{Silence, Slot, Template, Wording, Words};
use crate::domain::address::AddressPart;
use crate::domain::slot::SlotType;

fn words(text: &str) -> Piece {
    Piece::Words(text.to_owned())
}

fn value(source: Source) -> Piece {
    Piece::Value { first_of: vec![source], mask: false }
}

fn wording(pieces: Vec<Piece>) -> Wording {
    Wording { text: Words { vi: Template { pieces }, en: None }, by_channel: BTreeMap::new() }
}

fn plain(text: &str) -> Wording {
    wording(vec![words(text)])
}

/// The two further tries of a question.
pub(super) fn retry(kind: SlotType) -> Vec<Wording> {
    let (first, second) = match kind {
        SlotType::YesNo | SlotType::Consent => (
            "Dạ em chưa hiểu ý anh/chị. Anh/chị trả lời giúp em \"Có\" hoặc \"Không\" ạ.",
            "Anh/chị nhắn giúp em một từ \"Có\" hoặc \"Không\" thôi ạ.",
        ),
        SlotType::Choice => (
            "Dạ em chưa hiểu ý anh/chị. Anh/chị chọn giúp em một trong các mục trên ạ.",
            "Anh/chị nhắn giúp em số thứ tự của mục anh/chị chọn ạ.",
        ),
        SlotType::Text => {
            ("Dạ em chưa nhận được nội dung. Anh/chị nhắn lại giúp em ạ.", "Anh/chị nhắn bằng chữ giúp em ạ.")
        }
        SlotType::Name => {
            ("Dạ em chưa rõ tên anh/chị. Anh/chị nhắn lại giúp em ạ.", "Anh/chị chỉ nhắn họ và tên giúp em ạ.")
        }
        SlotType::Phone => (
            "Dạ số điện thoại chưa đúng. Số di động có 10 chữ số, anh/chị nhắn lại giúp em ạ.",
            "Anh/chị nhắn giúp em đúng 10 chữ số, bắt đầu bằng số 0 ạ.",
        ),
        SlotType::Number
        | SlotType::Date
        | SlotType::TimeWindow
        | SlotType::Email
        | SlotType::Location
        | SlotType::File => {
            ("Dạ em chưa hiểu ý anh/chị. Anh/chị nhắn lại giúp em ạ.", "Anh/chị nhắn lại giúp em một lần nữa ạ.")
        }
        SlotType::Address => (
            "Dạ em chưa tìm được địa chỉ này. Anh/chị nhắn lại giúp em số nhà, đường, phường/xã, tỉnh/thành phố ạ.",
            "Anh/chị nhắn giúp em tên phường/xã và tỉnh/thành phố ạ.",
        ),
    };
    vec![plain(first), plain(second)]
}

/// The two further tries of a summary.
pub(super) fn confirm_retry() -> Vec<Wording> {
    vec![
        plain(
            "Dạ em chưa hiểu ý anh/chị. Thông tin trên đã đúng chưa ạ? Anh/chị trả lời giúp em \"Đúng\" hoặc \"Sai\" ạ.",
        ),
        plain("Anh/chị nhắn giúp em \"Đúng\", hoặc nhắn thông tin cần sửa ạ."),
    ]
}

/// What is done about silence where the author wrote nothing: nobody is reminded, after three days it is over.
pub(super) fn silence() -> Silence {
    let remind = wording(vec![words("Anh/chị còn đó không ạ? "), value(Source::LastQuestion)]);
    Silence { remind_after: Vec::new(), remind, expire_after: Duration::from_secs(72 * 3600), then: None }
}

/// Above a summary.
pub(super) fn confirm() -> Wording {
    plain("Anh/chị xem giúp em thông tin đã đúng chưa ạ:")
}

/// When something in a summary is wrong.
pub(super) fn ask_which() -> Wording {
    plain("Dạ anh/chị muốn sửa mục nào ạ?")
}

/// When a private value is known already.
pub(super) fn when_known(slot: &Slot) -> Wording {
    let noun = match slot.kind {
        _ if slot.label.vi != slot.name => slot.label.vi.as_str(),
        SlotType::Phone => "Số điện thoại",
        SlotType::Address => "Địa chỉ",
        SlotType::Name => "Họ tên",
        _ => "Thông tin trước đây",
    };
    wording(vec![words(noun), words(" là "), value(Source::Slot(slot.name.clone())), words(", phải không ạ?")])
}

/// When an address could be several.
pub(super) fn unsure(slot: &Slot) -> Wording {
    wording(vec![words("Có phải "), value(Source::Part(slot.name.clone(), Part::Guess)), words(" không ạ?")])
}

/// For a part that an address lacks.
pub(super) fn missing(slot: &Slot, part: AddressPart) -> Wording {
    match part {
        AddressPart::Province => plain("Anh/chị ở tỉnh/thành phố nào ạ?"),
        AddressPart::Ward => {
            let province = Source::Part(slot.name.clone(), Part::Province);
            let known = Piece::Value {
                first_of: vec![province, Source::Words("tỉnh/thành phố mình".into())],
                mask: false,
            };
            wording(vec![words("Anh/chị ở phường/xã nào của "), known, words(" ạ?")])
        }
        AddressPart::Street => plain("Anh/chị cho em xin số nhà và tên đường (hoặc thôn, ấp) ạ?"),
    }
}
