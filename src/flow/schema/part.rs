//! What stands beside the steps of a flow: its entry, silence, interrupts, slots and migrations.

use serde_json::{Value, json};

use super::super::Pattern;
use super::super::compile::{
    entry as entries, interrupt as interrupts, migrate as moves, problem, silence as silences, slot as slots,
};
use super::{named, number, object, one_of, one_or_list, reference, set, told, worded};
use crate::domain::slot::SlotType;

pub(super) use interrupts::MOST_INTERRUPTS;
pub(super) use slots::MOST_SLOTS;

/// `entry:`
pub(super) fn entry(channels: &[&str]) -> Value {
    let mut prompt = object(&entries::PROMPT_KEYS, &entries::PROMPT_KEYS, |key| match key {
        "say" => told(&reference("text"), "Lời mời; màn hình điện thoại chỉ hiện 160 ký tự không dấu."),
        "if_yes" => told(&reference("name"), "Bước đi tới khi khách chọn YES."),
        _ => told(&reference("name"), "Bước đi tới khi khách chọn NO."),
    });
    worded(&mut prompt, channels);
    object(&entries::KEYS, &[], |key| {
        let phrases = one_or_list(&reference("words"), entries::MOST_PHRASES);
        match key {
            "keywords" => told(&phrases, "Câu khách nhắn để vào kịch bản; có dấu, không dấu, viết hoa đều hiểu."),
            "refs" => told(&phrases, "Mã trong đường dẫn, ví dụ m.me/...?ref=sim4g."),
            "prompts" => {
                let prompts =
                    json!({"type": "object", "additionalProperties": prompt, "maxProperties": entries::MOST_PHRASES});
                told(&prompts, "Lời mời theo chiến dịch.")
            }
            "default" => told(
                &reference("flag"),
                "true: kịch bản trả lời khi không kịch bản nào khớp. Chỉ một kịch bản được ghi.",
            ),
            _ => {
                let mut menu = super::words();
                set(&mut menu, "maxLength", json!(problem::MENU_LENGTH));
                told(&menu, "Tên trong menu cố định của kênh, tối đa 30 ký tự; không ghi thì không có trong menu.")
            }
        }
    })
}

/// `silence:`
pub(super) fn silence() -> Value {
    object(&silences::KEYS, &[], |key| match key {
        "remind_after" => told(
            &one_or_list(&reference("duration"), silences::MOST_REMINDERS),
            "Nhắc sau bao lâu kể từ tin cuối của khách: [15m, 20h]; lần sau lâu hơn lần trước. Không ghi thì không nhắc.",
        ),
        "remind" => told(
            &reference("text"),
            "Lời nhắc; không ghi thì dùng một câu lịch sự có sẵn. {last_question} là câu vừa hỏi.",
        ),
        "expire_after" => {
            told(&reference("duration"), "Sau bao lâu thì thôi chờ; không ghi là 72h. Phải lâu hơn lần nhắc cuối.")
        }
        _ => told(&reference("name"), "Thôi chờ thì sang bước này; không ghi thì kết thúc với kết quả expired."),
    })
}

/// One of `interrupts:`
pub(super) fn interrupt(channels: &[&str]) -> Value {
    let mut interrupt = object(&interrupts::KEYS, &["match"], |key| match key {
        "match" => told(
            &one_or_list(&reference("words"), interrupts::MOST_PHRASES),
            "Các câu khách hay nói. Câu một từ chỉ khớp khi là cả tin nhắn.",
        ),
        "say" => told(&reference("text"), "Trả lời gì."),
        "confirm" => told(&reference("text"), "Hỏi lại có/không trước khi làm; luôn ghi cho việc dừng và xóa."),
        _ => told(
            &then(),
            "resume hỏi tiếp câu đang dở; back quay lại câu trước; restart làm lại từ đầu; tên một bước; \
             {person: cskh}; {end: kết_quả}; {ticket: status}, {ticket: cancel}, {ticket: reschedule}; {erase: contact}; {speak: en} hoặc {speak: vi}.",
        ),
    });
    worded(&mut interrupt, channels);
    set(&mut interrupt, "anyOf", json!([{"required": ["say"]}, {"required": ["then"]}]));
    interrupt
}

fn then() -> Value {
    let mut act = object(&interrupts::ACTS, &[], |key| match key {
        "person" => told(&reference("words"), "Gặp nhân viên của hàng đợi này."),
        "end" => told(&reference("words"), "Kết thúc với kết quả này."),
        "ticket" => one_of(
            interrupts::ABOUT_TICKETS.iter().map(|(name, _)| *name),
            "Yêu cầu của khách: đến đâu rồi, hủy, hẹn lại.",
        ),
        "erase" => one_of(["contact"].into_iter(), "Xóa thông tin của khách."),
        _ => one_of(["vi", "en"].into_iter(), "Từ đây nói thứ tiếng này."),
    });
    set(&mut act, "minProperties", json!(1));
    set(&mut act, "maxProperties", json!(1));
    json!({"anyOf": [reference("words"), act]})
}

/// One of `slots:`
pub(super) fn slot(channels: &[&str]) -> Value {
    let mut slot = object(&slots::KEYS, &["type"], slot_key);
    worded(&mut slot, channels);
    // Keys of another type; and what only one type needs.
    let kinds = |wanted: &[SlotType]| -> Vec<&str> {
        SlotType::ALL.iter().filter(|(_, kind)| wanted.contains(kind)).map(|(name, _)| *name).collect()
    };
    let only = |key: &str, wanted: &[SlotType]| json!({"if": {"properties": {"type": {"enum": kinds(wanted)}}}, "else": {"properties": {key: false}}});
    let prefill = |wanted: &[SlotType], from: &str| {
        json!({"if": {"properties": {"type": {"enum": kinds(wanted)}}, "required": ["type"]},
               "then": {"properties": {"prefill": {"const": from}}}})
    };
    let rules = json!([
        {"if": {"properties": {"type": {"const": "choice"}}, "required": ["type"]}, "then": {"required": ["options"]}},
        only("options", &[SlotType::Choice]),
        only("min", &[SlotType::Number]),
        only("max", &[SlotType::Number]),
        only("pattern", &[SlotType::Text]),
        only("accept", &[SlotType::Phone]),
        only("need", &[SlotType::Address]),
        only("prefill", &[SlotType::Name, SlotType::Text, SlotType::Phone]),
        prefill(&[SlotType::Name, SlotType::Text], "contact.name"),
        prefill(&[SlotType::Phone], "contact.phone"),
    ]);
    set(&mut slot, "allOf", rules);
    slot
}

fn slot_key(key: &str) -> Value {
    match key {
        "type" => one_of(
            SlotType::ALL.iter().map(|(name, _)| *name),
            "Kiểu thông tin: yesno có/không, consent đồng ý cho lưu, choice chọn trong options, text chữ bất kỳ, \
             number số nguyên, date ngày, time_window khoảng giờ, name họ tên, phone số điện thoại, address địa chỉ, \
             email, location vị trí, file ảnh hoặc tài liệu.",
        ),
        "label" => told(&reference("text"), "Tên gọi trong bản tóm tắt và khi sửa; không ghi thì dùng tên thông tin."),
        "prefill" => one_of(["contact.name", "contact.phone"].into_iter(), "Có sẵn từ kênh: tên hoặc số của khách."),
        "private" => told(
            &reference("flag"),
            "true: thông tin riêng tư, không ghi vào nhật ký. Hãy ghi cho họ tên, số điện thoại, địa chỉ.",
        ),
        "options" => {
            let mut options = named(&reference("text"), slots::MOST_OPTIONS);
            set(&mut options, "minProperties", json!(1));
            told(
                &options,
                "Của choice: {sang: Buổi sáng, chieu: Buổi chiều}. Nhãn dài quá 20 ký tự thì nút đổi thành danh sách đánh số.",
            )
        }
        "accept" => {
            one_of(["mobile", "any"].into_iter(), "Của phone: mobile (mặc định) chỉ số di động, any cả số cố định.")
        }
        "need" => {
            let part = json!({"enum": slots::PARTS.map(|(name, _)| name)});
            told(&one_or_list(&part, slots::PARTS.len()), "Của address: phần phải có, trong street, ward, province.")
        }
        "pattern" => one_of(
            Pattern::ALL.iter().map(|(name, _)| *name),
            "Của text: digits chỉ chữ số, code chữ và số viết liền, words từ hai từ trở lên.",
        ),
        "min" => told(&number(None), "Của number: nhỏ nhất."),
        "max" => told(&number(None), "Của number: lớn nhất."),
        "say" => told(&reference("text"), "Câu hỏi dùng chung cho mọi bước ask thông tin này."),
        "retry" => told(&reference("texts"), "Lời nói ở mỗi lần hỏi lại, dùng chung cho mọi bước ask thông tin này."),
        "give_up" => {
            told(&reference("name"), "Hết lần hỏi lại thì sang bước này, dùng chung cho mọi bước ask thông tin này.")
        }
        _ => Value::Bool(true),
    }
}

/// `migrate:`
pub(super) fn migrate() -> Value {
    let moved = named(&reference("name"), moves::MOST_MOVES);
    object(&moves::KEYS, &[], |key| match key {
        "rename" => told(&moved, "Bước đổi tên: {tên cũ: tên mới}."),
        "removed" => told(&moved, "Bước đã bỏ: khách đang ở đó thì sang bước này."),
        _ => told(&moved, "Thông tin đổi tên: {tên cũ: tên mới}."),
    })
}
