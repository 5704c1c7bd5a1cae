//! The steps: one verb each, and the keys that go with it.

use serde_json::{Value, json};

use super::super::compile::slot::PARTS;
use super::super::compile::step::{self as steps, KEYS, SILENT, VERBS, call, hand_off};
use super::{named, number, object, one_or_list, reference, set, told, worded};
use crate::domain::ticket::TicketKind;

/// Most texts of a `retry`.
pub(super) const MOST_TEXTS: usize = steps::MOST_TRIES;

/// A step: which verb it has decides which keys it may have. `say` is the verb where there is no other.
pub(super) fn step(channels: &[&str]) -> Value {
    let others: Vec<Value> = VERBS.iter().map(|verb| json!({"required": [verb]})).collect();
    let rules = KEYS.iter().map(|(verb, keys)| {
        let alone = json!({"not": {"anyOf": others}});
        let is = if *verb == "say" { alone } else { json!({"required": [verb]}) };
        json!({"if": is, "then": of_verb(verb, keys, channels)})
    });
    let rules: Vec<Value> = rules.collect();
    // The verbs once more, so that an editor offers them for a step that has none yet.
    let verbs: serde_json::Map<String, Value> =
        KEYS.iter().map(|(verb, _)| ((*verb).to_owned(), json!({"description": what(verb)}))).collect();
    json!({"type": "object", "properties": verbs, "allOf": rules})
}

fn of_verb(verb: &str, keys: &[&str], channels: &[&str]) -> Value {
    let speaks = !SILENT.contains(&verb);
    let mut all = vec![verb];
    all.extend(keys);
    if speaks && verb != "say" {
        all.push("say");
    }
    let required: &[&str] = match verb {
        "call" => &["call", "failed"],
        _ => &[verb],
    };
    let mut shape = object(&all, required, |key| if key == verb { of_itself(verb) } else { of_key(verb, key) });
    if speaks {
        worded(&mut shape, channels);
    }
    if keys.contains(&"go") {
        // Only one way on.
        shape["dependencies"]["then"] = json!({"properties": {"go": false}});
    }
    match verb {
        "ask" => {
            let reminds =
                json!({"required": ["remind", "silence"], "properties": {"silence": {"required": ["remind"]}}});
            set(&mut shape, "not", reminds);
        }
        "wait" => {
            set(&mut shape, "if", json!({"properties": {"wait": {"type": "null"}}}));
            set(&mut shape, "then", json!({"oneOf": [{"required": ["for"]}, {"required": ["until"]}]}));
            set(&mut shape, "else", json!({"properties": {"for": false, "until": false}}));
        }
        _ => {}
    }
    shape
}

/// What a verb does.
fn what(verb: &str) -> &'static str {
    match verb {
        "say" => "Nói rồi đi tiếp; ở bước khác là lời nói của bước ấy.",
        "ask" => "Hỏi một thông tin.",
        "confirm" => "Đọc lại các thông tin để khách xác nhận hoặc sửa.",
        "branch" => "Rẽ theo điều kiện: - {when: gio_nhan is toi, go: hen_toi}; không khớp thì đi tiếp.",
        "call" => "Hỏi một dịch vụ đã khai trong cấu hình.",
        "handoff" => {
            "Chuyển yêu cầu đến đơn vị gần khách: sim_swap đổi SIM, new_subscription thuê bao mới, advice tư vấn, care chăm sóc."
        }
        "person" => "Mời nhân viên của hàng đợi này vào cuộc trò chuyện, ví dụ cskh.",
        "run" => "Chạy một kịch bản khác rồi quay lại đây.",
        "wait" => "Chờ mà không hỏi gì: 15m, {for: 15m}, hoặc {until: \"08:00\"}.",
        "end" => "Kết thúc; kết quả để thống kê: done, declined, ...",
        _ => "",
    }
}

/// The value of a verb.
fn of_itself(verb: &str) -> Value {
    let shape = match verb {
        "say" => reference("text"),
        "ask" => reference("name"),
        "confirm" => reference("names"),
        "branch" => branch(),
        "handoff" => json!({"enum": TicketKind::ALL.map(|(name, _)| name)}),
        "person" => json!({"anyOf": [reference("words"), {"type": "null"}]}),
        "wait" => {
            let mut inside = object(&["for", "until"], &[], pause);
            set(&mut inside, "minProperties", json!(1));
            set(&mut inside, "maxProperties", json!(1));
            json!({"anyOf": [reference("duration"), {"type": "null"}, inside]})
        }
        _ => reference("words"),
    };
    told(&shape, what(verb))
}

fn branch() -> Value {
    let way = object(&["when", "go"], &["when", "go"], |key| match key {
        "when" => told(&reference("words"), CONDITION),
        _ => told(&reference("name"), "Bước đi tới khi điều kiện đúng."),
    });
    json!({"type": "array", "items": way, "minItems": 1, "maxItems": steps::MOST_WAYS})
}

const CONDITION: &str = "gio_nhan is toi · so_dt is known · dia_chi is missing · channel is web · so_luong < 5; \
                         nối bằng and, or, not và ngoặc tròn.";

fn pause(key: &str) -> Value {
    match key {
        "for" => told(&reference("duration"), "Chờ bao lâu."),
        _ => told(&reference("clock"), "Chờ đến giờ này trong ngày."),
    }
}

/// The value of a key beside the verb.
fn of_key(verb: &str, key: &str) -> Value {
    let step = |what: &str| told(&reference("name"), what);
    let text = |what: &str| told(&reference("text"), what);
    let flag = |what: &str| told(&reference("flag"), what);
    match (verb, key) {
        ("ask", "say") => text("Câu hỏi."),
        (_, "say") => text("Lời nói kèm theo; ở confirm là lời trên bản tóm tắt."),
        (_, "go" | "then") => step("Sang bước này thay vì bước ngay dưới."),
        (_, "if") => told(&reference("words"), &format!("Chỉ nói khi đúng: {CONDITION}")),
        (_, "buttons") => {
            told(&one_or_list(&reference("text"), steps::MOST_BUTTONS), "Nút gợi ý; khách bấm như tự nhắn chữ ấy.")
        }
        (_, "image") => {
            let https = json!({"type": "string", "pattern": "^\\s*https://[^/{}\\s]+/([^\\s{]|\\{[^}]*\\})*\\s*$"});
            told(&https, "Ảnh kèm theo, địa chỉ https://.")
        }
        (_, "when_known") => text(
            "Hỏi câu này khi đã biết trước. Không ghi: thông tin thường thì bỏ qua, thông tin private thì hỏi lại cho chắc.",
        ),
        (_, "retry") => told(&reference("texts"), "Lời nói ở mỗi lần hỏi lại. Ghi hai câu là hỏi lại hai lần."),
        (_, "give_up") => step("Hết lần hỏi lại thì sang bước này. Không ghi: mời nhân viên."),
        (_, "missing") => {
            let part = |key: &str| told(&reference("text"), &format!("Câu hỏi khi còn thiếu {key}."));
            let missing = object(&PARTS.map(|(name, _)| name), &[], part);
            told(&missing, "Của address: câu hỏi cho phần còn thiếu: province, ward, street.")
        }
        (_, "unsure") => text("Của address: hỏi khi chưa chắc; {dia_chi.guess} là điều đang đoán."),
        ("confirm", "if_yes") => step("Khách đồng ý thì sang bước này; không ghi thì đi tiếp."),
        (_, "if_yes" | "if_no") => step("Của yesno, consent: bước đi tới khi khách trả lời có, không."),
        (_, "choose") => told(
            &named(&reference("name"), steps::MOST_WAYS),
            "Của choice: lựa chọn nào đi tới bước nào, ví dụ {toi: hen_toi}.",
        ),
        (_, "interruptible") => flag("false: nhận mọi điều khách nhắn làm câu trả lời, không nghe câu chen ngang."),
        (_, "also") => {
            told(&reference("names"), "Câu trả lời này có thể cho luôn cả các thông tin khác: [so_dt, gio_nhan].")
        }
        (_, "optional") => flag("true: khách bỏ qua được."),
        (_, "remind") => text("Lời nhắc riêng cho câu hỏi này."),
        (_, "silence") => told(&reference("silence"), "Như silence của kịch bản, riêng cho câu hỏi này."),
        (_, "ask_which") => text("Hỏi khách muốn sửa mục nào."),
        ("handoff", "send") => hand_off_send(),
        ("call", "send") => told(&by_words(), "Gửi gì: {tên_trường: thông_tin}."),
        ("call", "save") => told(
            &by_words(),
            "Giữ lại gì của câu trả lời: {thông_tin: tên_trường}; don.trang_thai là trường trong trường.",
        ),
        ("run", "with") => told(&by_words(), "Mang sang: {thông_tin_bên_kia: thông_tin_ở_đây}."),
        ("run", "save") => told(&by_words(), "Mang về: {thông_tin_ở_đây: thông_tin_bên_kia}."),
        (_, "timeout") => told(&reference("duration"), "Chờ mỗi lần bao lâu; không ghi là 5s, tối đa 30s."),
        (_, "retries") => told(&number(Some((0, call::MOST_RETRIES))), "Gọi lại mấy lần; không ghi là 2, tối đa 5."),
        (_, "ok") => step("Có câu trả lời thì sang bước này; không ghi thì đi tiếp."),
        (_, "failed") => step("Bắt buộc: không có câu trả lời thì sang bước này."),
        (_, "if_unavailable") => step("Không có nhân viên trực thì sang bước này."),
        (_, "return_to") => step("Nhân viên xong việc thì quay lại bước này."),
        (_, "for" | "until") => pause(key),
        _ => Value::Bool(true),
    }
}

/// A map of words to words.
fn by_words() -> Value {
    json!({"type": "object", "additionalProperties": reference("words"), "maxProperties": steps::MOST_SLOTS})
}

/// `send:` of a hand-off.
fn hand_off_send() -> Value {
    let named = object(&hand_off::SEND_KEYS, &[], |key| match key {
        "subscriber" => told(&reference("name"), "SIM cần đổi: một thông tin phone."),
        "phone" => told(&reference("name"), "Số để gọi: một thông tin phone."),
        "name" => told(&reference("name"), "Họ tên khách: một thông tin name hoặc text."),
        "place" => told(&reference("name"), "Nơi phục vụ: một thông tin address."),
        "quarantine" => told(&reference("name"), "Có đang cách ly không: một thông tin yesno."),
        _ => told(&reference("names"), "Các thông tin khác."),
    });
    told(
        &json!({"anyOf": [named, reference("names")]}),
        "Chuyển đi gì: {subscriber, phone, name, place, quarantine, slots: [..]}, hoặc danh sách [so_dt, dia_chi, gio_nhan].",
    )
}
