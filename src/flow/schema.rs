//! The language of flow files as JSON Schema (draft-07), for completion and hints in editors.
//!
//! Made from the compiler's own lists of keys, so that the two cannot part; what a key is for is told in
//! Vietnamese, for its readers are those who write flows. A schema sees shapes only: that a step exists or a
//! slot is filled is for [`super::compile`] to say. `step` has the steps, `part` the rest.

use serde_json::{Map, Value, json};

use super::compile::{file, scope};
use crate::domain::limits::LimitsTable;

mod part;
mod step;

/// Where the schema can be named from: the dialect it is written in.
const DIALECT: &str = "http://json-schema.org/draft-07/schema#";

/// The schema of flow files and of the shared files in `chung`, for flows that word for these channels.
#[must_use]
pub fn schema(limits: &LimitsTable) -> Value {
    let channels: Vec<&str> = scope::channel_names(limits).collect();
    let flow = object(&file::KEYS, &["flow", "steps"], head);
    let shared = object(&file::SHARED_KEYS, &["interrupts"], head);
    // A file is a shared one by its folder, which a schema does not see: it has interrupts, and nothing of a flow.
    let of_flows = file::KEYS.iter().filter(|key| !file::SHARED_KEYS.contains(key));
    let of_flows: Vec<Value> = of_flows.map(|key| json!({"required": [key]})).collect();
    json!({
        "$schema": DIALECT,
        "title": "Kịch bản Thoại",
        "description": "Một kịch bản trong thư mục flows, hoặc một tệp câu chung trong flows/chung.",
        "type": "object",
        "if": {"required": ["interrupts"], "not": {"anyOf": of_flows}},
        "then": shared,
        "else": flow,
        "definitions": {
            "words": words(),
            "name": name(),
            "text": text(),
            "texts": one_or_list(&reference("text"), step::MOST_TEXTS),
            "names": one_or_list(&reference("name"), part::MOST_SLOTS),
            "duration": duration(),
            "clock": clock(),
            "flag": {"enum": [true, false, "true", "false"]},
            "silence": part::silence(),
            "entry": part::entry(&channels),
            "interrupt": part::interrupt(&channels),
            "slot": part::slot(&channels),
            "step": step::step(&channels),
        },
    })
}

/// The keys above the steps.
fn head(key: &str) -> Value {
    match key {
        "flow" => told(&reference("name"), "Tên kịch bản, trùng tên tệp (không có .yaml)."),
        "title" => told(&reference("words"), "Tiêu đề, cho người đọc."),
        "owner" => told(&reference("words"), "Đơn vị phụ trách, cho người đọc."),
        "notes" => told(&reference("words"), "Ghi chú cho người đọc."),
        "start" => told(&reference("name"), "Bước đầu tiên; không ghi thì là bước trên cùng."),
        "entry" => told(&reference("entry"), "Khách vào kịch bản bằng cách nào."),
        "use" => told(
            &one_or_list(&reference("words"), file::MOST_USED),
            "Các tệp câu chung: [chung] là flows/chung/chung.yaml.",
        ),
        "interrupts" => told(
            &named(&reference("interrupt"), part::MOST_INTERRUPTS),
            "Câu khách nói chen ngang. Mục cùng tên thay cho mục trong tệp chung.",
        ),
        "corrections" => one_of(
            file::CORRECTIONS.iter().map(|(name, _)| *name),
            "Khách sửa một thông tin đã cho: ask_first (mặc định) hỏi lại rồi mới sửa, apply sửa ngay và báo, off chỉ sửa ở bước confirm.",
        ),
        "silence" => told(&reference("silence"), "Làm gì khi khách im lặng."),
        "slots" => told(&named(&reference("slot"), part::MOST_SLOTS), "Những thông tin cần thu thập."),
        "steps" => {
            let mut steps = named(&reference("step"), file::MOST_STEPS);
            set(&mut steps, "minProperties", json!(1));
            set(&mut steps, "propertyNames", json!({"allOf": [name(), {"not": {"enum": file::RESERVED}}]}));
            told(
                &steps,
                "Các bước, theo thứ tự. Bước này xong thì sang bước ngay dưới, trừ khi có go, then hoặc là bước kết thúc.",
            )
        }
        "migrate" => told(&part::migrate(), "Đổi tên bước, tên thông tin mà khách đang trò chuyện không bị lạc."),
        _ => Value::Bool(true),
    }
}

/// A definition of this schema.
fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/definitions/{name}")})
}

/// The shape with words for its reader.
fn told(shape: &Value, what: &str) -> Value {
    let mut told = shape.clone();
    set(&mut told, "description", json!(what));
    told
}

fn set(shape: &mut Value, key: &str, value: Value) {
    if let Value::Object(shape) = shape {
        shape.insert(key.to_owned(), value);
    }
}

/// One of a few words.
fn one_of<'a>(names: impl Iterator<Item = &'a str>, what: &str) -> Value {
    json!({"enum": names.collect::<Vec<_>>(), "description": what})
}

/// A map of exactly these keys.
fn object(keys: &[&str], required: &[&str], shape: impl Fn(&str) -> Value) -> Value {
    let properties: Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), shape(key))).collect();
    let mut object = json!({"type": "object", "properties": properties, "additionalProperties": false});
    if !required.is_empty() {
        set(&mut object, "required", json!(required));
    }
    object
}

/// A map by names of the author's.
fn named(shape: &Value, most: usize) -> Value {
    json!({"type": "object", "propertyNames": name(), "maxProperties": most, "additionalProperties": shape})
}

/// A list that has something in it, or its only item.
fn one_or_list(item: &Value, most: usize) -> Value {
    json!({"anyOf": [item, {"type": "array", "items": item, "minItems": 1, "maxItems": most}]})
}

/// A scalar is its source text, whatever else YAML takes it for.
fn words() -> Value {
    json!({"type": ["string", "number", "boolean"], "pattern": "\\S"})
}

/// As [`super::template::is_name`].
fn name() -> Value {
    let pattern = "^\\s*[\\p{Alphabetic}\\p{N}_\\-\\u0300-\\u036f]{1,64}\\s*$";
    json!({"type": ["string", "number", "boolean"], "pattern": pattern})
}

/// A text in one language or two.
fn text() -> Value {
    let both = object(&["vi", "en"], &["vi"], |key| match key {
        "vi" => told(&reference("words"), "Lời bằng tiếng Việt; bắt buộc."),
        _ => told(&reference("words"), "Lời bằng tiếng Anh."),
    });
    json!({"anyOf": [reference("words"), both]})
}

/// As [`super::time::read_duration`], but for its bounds.
fn duration() -> Value {
    json!({"type": "string", "pattern": "^\\s*0*[1-9][0-9]{0,6}[smhd]\\s*$"})
}

/// As [`super::time::read_clock`].
fn clock() -> Value {
    json!({"type": "string", "pattern": "^\\s*([01]?[0-9]|2[0-3]):[0-5][0-9]\\s*$"})
}

/// A whole number, perhaps within bounds.
fn number(bounds: Option<(i64, i64)>) -> Value {
    let mut number = json!({"type": ["integer", "string"], "pattern": "^\\s*[+-]?[0-9]+\\s*$"});
    if let Some((least, most)) = bounds {
        set(&mut number, "minimum", json!(least));
        set(&mut number, "maximum", json!(most));
    }
    number
}

/// Adds the wordings of the channels, which go beside a `say`.
fn worded(object: &mut Value, channels: &[&str]) {
    let mut beside = Map::new();
    for channel in channels {
        let what = format!("Lời riêng cho kênh {channel}, thay cho say.");
        object["properties"][*channel] = told(&reference("text"), &what);
        beside.insert((*channel).to_owned(), json!(["say"]));
    }
    set(object, "dependencies", Value::Object(beside));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every place of the schema.
    fn walk<'a>(shape: &'a Value, seen: &mut dyn FnMut(&'a Value)) {
        seen(shape);
        match shape {
            Value::Object(entries) => entries.values().for_each(|value| walk(value, seen)),
            Value::Array(items) => items.iter().for_each(|item| walk(item, seen)),
            _ => {}
        }
    }

    #[test]
    fn every_key_is_told_in_words_and_every_reference_leads_somewhere() {
        let schema = schema(&LimitsTable::new());
        let mut keys = 0;
        walk(&schema, &mut |shape| {
            if let Some(target) = shape.get("$ref").and_then(Value::as_str) {
                assert!(schema.pointer(&target[1..]).is_some(), "{target}");
            }
            // What is closed to other keys lists the language's; the rest only narrows those.
            let closed = shape.get("additionalProperties") == Some(&Value::Bool(false));
            for (key, shape) in
                shape.get("properties").filter(|_| closed).and_then(Value::as_object).into_iter().flatten()
            {
                keys += 1;
                assert!(shape.get("description").is_some(), "{key} has no description");
            }
        });
        assert!(keys > 100, "{keys}");
    }
}
