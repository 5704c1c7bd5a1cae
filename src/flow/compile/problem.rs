//! Every problem a flow can have, with its stable code and its words in both languages.
//!
//! Knows nothing of where or how it is found.

use super::super::condition::ConditionProblem;
use super::super::diagnostic::{Words, quoted};
use super::super::template::TemplateProblem;

/// What is wrong with a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    UnknownKey { key: String, of: String },
    WrongShape(Shape),
    MissingKey(&'static str),
    NotTogether(&'static str, &'static str),
    EmptyText,
    EmptyList,
    BadName(String),
    NotOneOf(String, String),
    Unknown(Thing, String),
    NoVerb,
    TwoVerbs(String, String),
    TwoWays,
    FlowName { file: String },
    DuplicateFlow(String),
    TwoDefaults(String),
    Claimed { what: Claim, text: String, by: String },
    SameOption(String),
    WrongSlotType { slot: String, wanted: &'static str },
    KeyOfOtherType { key: String, wanted: &'static str },
    NeverFilled(String),
    GuessElsewhere,
    InPrompt(String),
    Template(TemplateProblem),
    Condition(ConditionProblem),
    PromptTooLong(usize),
    FallsOff,
    Cycle(String),
    CycleOfKnown(String),
    Unreachable(String),
    DeadEnd(String),
    TwoOfAType(&'static str),
    NothingHappens,
    PhraseIsAnswer(String),
    PrivateBeforeConsent(String),
    TooMany(usize),
    BadDuration,
    BadClock,
    SilenceOrder,
    BadNumber { least: i64, most: i64 },
    MinOverMax,
    MigrateLive(String),
    MenuTooLong(usize),
    NotHttps,
    ConsentElsewhere(String),
    MissingTranslation,
    RunCycle(String),
    TimeoutTooLong(u64),
    MaybeUnfilled(String),
    NotYetFilled(String),
    PrivateSent(String),
    UnconfirmedHandOff(String),
    TextTooLong { length: usize, most: usize, channel: String },
    SmsSegments { count: usize, accents: bool },
    ReminderOutsideWindow { hours: u64, channel: String },
}

/// The shape a value must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Words,
    List,
    Map,
    TrueFalse,
    Then,
}

/// What a name can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    Step,
    Slot,
    SharedFile,
    TicketKind,
    Queue,
    Channel,
    SlotType,
    Option,
    Service,
    Flow,
}

/// What only one flow can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Claim {
    Keyword,
    Ref,
    Prompt,
}

/// Longest title in the channels' persistent menus, in characters.
pub(in crate::flow) const MENU_LENGTH: usize = 30;

/// Longest prompt on a handset, in characters without accents.
pub(super) const PROMPT_LENGTH: usize = 160;

impl Problem {
    /// The problem in words.
    pub(super) fn words(&self) -> Words {
        match self {
            Self::UnknownKey { key, of } => Words::new(
                "unknown-key",
                format!("{of} không có mục {}", quoted(key)),
                format!("there is no key {} in {of}", quoted(key)),
            ),
            Self::WrongShape(shape) => shape.words(),
            Self::MissingKey(key) => {
                Words::new("missing-key", format!("thiếu mục \"{key}\""), format!("the key \"{key}\" is missing"))
            }
            Self::NotTogether(first, second) => Words::new(
                "not-together",
                format!("chỉ dùng một trong \"{first}\" và \"{second}\""),
                format!("use either \"{first}\" or \"{second}\""),
            ),
            Self::EmptyText => Words::new("empty-text", "ở đây chưa có chữ nào", "words are missing here"),
            Self::EmptyList => {
                Words::new("empty-list", "danh sách này cần ít nhất một mục", "this list needs at least one entry")
            }
            Self::BadName(name) => Words::new(
                "bad-name",
                format!(
                    "{} không đặt tên được: chỉ dùng chữ, số, _ và -, tối đa 64 ký tự, không trùng từ dành riêng",
                    quoted(name)
                ),
                format!("{} cannot be a name: letters, digits, _ and -, at most 64, no reserved word", quoted(name)),
            ),
            Self::NotOneOf(found, allowed) => Words::new(
                "unknown-value",
                format!("{} không hợp lệ; chỉ nhận: {allowed}", quoted(found)),
                format!("{} is not one of: {allowed}", quoted(found)),
            ),
            Self::Unknown(thing, name) => thing.unknown(name),
            Self::NoVerb => Words::new(
                "no-verb",
                "bước này chưa nói làm gì: cần một trong say, ask, confirm, branch, call, handoff, person, run, wait, end",
                "this step does nothing: it needs one of say, ask, confirm, branch, call, handoff, person, run, wait, end",
            ),
            Self::TwoVerbs(first, second) => Words::new(
                "two-verbs",
                format!(
                    "mỗi bước chỉ làm một việc (ask, confirm, branch, call, handoff, person, run, wait, end hoặc say), ở đây có cả \"{first}\" và \"{second}\"; hãy tách thành hai bước"
                ),
                format!(
                    "a step does one thing (ask, confirm, branch, call, handoff, person, run, wait, end or say), this one has both \"{first}\" and \"{second}\"; make two steps"
                ),
            ),
            Self::TwoWays => {
                Words::new("two-ways", "chỉ dùng một trong \"go\" và \"then\"", "use either \"go\" or \"then\"")
            }
            Self::NeverFilled(slot) => Words::new(
                "never-filled",
                format!("{} được dùng nhưng chưa bước nào hỏi", quoted(slot)),
                format!("{} is used but no step asks for it", quoted(slot)),
            ),
            Self::GuessElsewhere => Words::new(
                "guess-elsewhere",
                "\".guess\" chỉ dùng được trong \"unsure\" của chính ô thông tin đó",
                "\".guess\" stands only in the \"unsure\" of its own slot",
            ),
            Self::InPrompt(slot) => Words::new(
                "never-filled",
                format!("{} chưa có giá trị khi gửi lời mời", quoted(slot)),
                format!("{} has no value yet when a prompt is sent", quoted(slot)),
            ),
            Self::Template(problem) => template_words(*problem),
            Self::Condition(problem) => condition_words(*problem),
            Self::TooMany(most) => {
                Words::new("too-many", format!("nhiều quá {most} mục"), format!("there are more than {most}"))
            }
            other => other.words_on_slots(),
        }
    }

    fn words_on_slots(&self) -> Words {
        match self {
            Self::SameOption(other) => Words::new(
                "same-option",
                format!("khách nhắn không dấu thì không phân biệt được với lựa chọn {}", quoted(other)),
                format!("typed without accents this is the same as the option {}", quoted(other)),
            ),
            Self::WrongSlotType { slot, wanted } => Words::new(
                "wrong-slot-type",
                format!("{} phải là ô thông tin kiểu {wanted}", quoted(slot)),
                format!("{} must be a slot of type {wanted}", quoted(slot)),
            ),
            Self::KeyOfOtherType { key, wanted } => Words::new(
                "key-of-other-type",
                format!("mục \"{key}\" chỉ dùng cho ô thông tin kiểu {wanted}"),
                format!("the key \"{key}\" is for slots of type {wanted}"),
            ),
            Self::TwoOfAType(kind) => Words::new(
                "two-of-a-type",
                format!("có hai ô kiểu {kind}, không biết chọn ô nào; hãy viết \"send\" thành từng mục"),
                format!("two slots of type {kind}: write \"send\" as a map to say which is which"),
            ),
            Self::FlowName { file } => Words::new(
                "flow-name",
                format!("tên kịch bản phải trùng tên tệp: \"{file}\""),
                format!("a flow is called as its file: \"{file}\""),
            ),
            Self::DuplicateFlow(by) => Words::new(
                "duplicate-flow",
                format!("đã có kịch bản tên này ở {by}"),
                format!("{by} has a flow of this name"),
            ),
            Self::TwoDefaults(by) => Words::new(
                "two-defaults",
                format!("chỉ một kịch bản được là mặc định; {by} đã là mặc định"),
                format!("only one flow can be the default; {by} is"),
            ),
            Self::Claimed { what, text, by } => what.words(text, by),
            Self::PromptTooLong(length) => Words::new(
                "prompt-too-long",
                format!("lời mời dài {length} ký tự (không dấu), tối đa {PROMPT_LENGTH}"),
                format!("the prompt has {length} characters without accents, at most {PROMPT_LENGTH} fit"),
            ),
            other => other.words_on_ways(),
        }
    }

    fn words_on_ways(&self) -> Words {
        match self {
            Self::FallsOff => Words::new(
                "falls-off",
                "sau bước này không còn bước nào; hãy thêm \"go\" hoặc một bước \"end\"",
                "no step follows this one; add \"go\" or a step with \"end\"",
            ),
            Self::Cycle(path) => Words::new(
                "cycle",
                format!("đi vòng mãi mà không hỏi khách câu nào: {path}"),
                format!("goes round without a question: {path}"),
            ),
            Self::CycleOfKnown(path) => Words::new(
                "cycle",
                format!(
                    "lần thứ hai qua đây câu hỏi được bỏ qua vì đã có câu trả lời, nên đi vòng mãi: {path}; hãy thêm \"when_known\""
                ),
                format!(
                    "the second time the question is skipped, for its answer is known, so this goes round for ever: {path}; add \"when_known\""
                ),
            ),
            Self::Unreachable(step) => Words::new(
                "unreachable",
                format!("không có đường nào tới bước {}", quoted(step)),
                format!("nothing leads to the step {}", quoted(step)),
            ),
            Self::DeadEnd(step) => Words::new(
                "dead-end",
                format!("từ bước {} không bao giờ tới được \"end\" hay \"person\"", quoted(step)),
                format!("from the step {} no \"end\" or \"person\" can be reached", quoted(step)),
            ),
            Self::NothingHappens => Words::new(
                "nothing-happens",
                "cần ít nhất \"say\" hoặc \"then\"",
                "at least \"say\" or \"then\" is needed",
            ),
            Self::PhraseIsAnswer(phrase) => Words::new(
                "phrase-is-answer",
                format!(
                    "{} (viết không dấu) cũng là một câu trả lời; khi đang hỏi, câu trả lời được ưu tiên",
                    quoted(phrase)
                ),
                format!("{}, typed without accents, is also an answer; the answer wins", quoted(phrase)),
            ),
            Self::PrivateBeforeConsent(slot) => Words::new(
                "private-before-consent",
                format!("hỏi thông tin riêng {} khi khách chưa đồng ý cho lưu", quoted(slot)),
                format!("asks for the private {} before consent", quoted(slot)),
            ),
            other => other.words_on_values(),
        }
    }

    fn words_on_values(&self) -> Words {
        match self {
            Self::BadDuration => Words::new(
                "bad-time",
                "ở đây cần một khoảng thời gian như 30s, 15m, 20h, 3d, từ 1s đến 30d",
                "a length of time such as 30s, 15m, 20h, 3d is needed here, from 1s to 30d",
            ),
            Self::BadClock => Words::new(
                "bad-time",
                "ở đây cần một giờ trong ngày như 08:00 hoặc 17:30",
                "a time of the day such as 08:00 or 17:30 is needed here",
            ),
            Self::TimeoutTooLong(most) => Words::new(
                "bad-time",
                format!("chỉ chờ được tối đa {most}s, vì khách đang đợi"),
                format!("at most {most}s, for the contact is waiting"),
            ),
            Self::SilenceOrder => Words::new(
                "silence-order",
                "mỗi lần nhắc phải sau lần trước, và \"expire_after\" sau mọi lần nhắc",
                "each reminder comes after the one before, and \"expire_after\" after them all",
            ),
            Self::BadNumber { least, most } if (*least, *most) == (i64::MIN, i64::MAX) => Words::new(
                "bad-number",
                "ở đây cần một số nguyên, ví dụ 10",
                "a whole number is needed here, such as 10",
            ),
            Self::BadNumber { least, most } => Words::new(
                "bad-number",
                format!("ở đây cần một số nguyên từ {least} đến {most}"),
                format!("a whole number from {least} to {most} is needed here"),
            ),
            Self::MinOverMax => {
                Words::new("min-over-max", "\"min\" lớn hơn \"max\"", "\"min\" is greater than \"max\"")
            }
            Self::MigrateLive(name) => Words::new(
                "migrate-live",
                format!("{} vẫn còn trong kịch bản; ở đây chỉ ghi tên cũ không còn dùng", quoted(name)),
                format!("{} is still in the flow; only names that are gone stand here", quoted(name)),
            ),
            Self::MenuTooLong(length) => Words::new(
                "menu-too-long",
                format!("tên trong menu dài {length} ký tự, tối đa {MENU_LENGTH}"),
                format!("the menu title has {length} characters, at most {MENU_LENGTH} fit"),
            ),
            other => other.words_on_others(),
        }
    }

    fn words_on_others(&self) -> Words {
        match self {
            Self::NotHttps => Words::new(
                "not-https",
                "địa chỉ ảnh phải viết liền, bắt đầu bằng https:// và tên máy chủ, ví dụ https://mobifone.vn/sim.png",
                "a picture's address has no spaces and starts with https:// and a server, such as https://mobifone.vn/sim.png",
            ),
            Self::ConsentElsewhere(slot) => Words::new(
                "consent-elsewhere",
                format!("{} là sự đồng ý: phải hỏi riêng chính khách bằng \"ask\"", quoted(slot)),
                format!("{} is a consent: only a question of its own can fill it", quoted(slot)),
            ),
            Self::MissingTranslation => Words::new(
                "missing-translation",
                "kịch bản có tiếng Anh nhưng câu này chưa có; hãy viết {vi: ..., en: ...}",
                "the flow speaks English but this text does not; write {vi: ..., en: ...}",
            ),
            Self::RunCycle(path) => Words::new(
                "run-cycle",
                format!("các kịch bản chạy lẫn nhau thành vòng: {path}"),
                format!("these flows run each other in a circle: {path}"),
            ),
            other => other.words_on_facts(),
        }
    }
}

impl Shape {
    fn words(self) -> Words {
        let (vi, en) = match self {
            Self::Words => ("ở đây cần một dòng chữ", "words are needed here"),
            Self::List => ("ở đây cần một danh sách, ví dụ [a, b]", "a list is needed here, such as [a, b]"),
            Self::Map => ("ở đây cần các mục \"tên: giá trị\"", "keys and values are needed here"),
            Self::TrueFalse => ("ở đây chỉ nhận true hoặc false", "true or false is needed here"),
            Self::Then => (
                "ở đây cần resume, back, restart, tên một bước, {person: ...}, {end: ...}, {erase: contact} hoặc {speak: en}",
                "resume, back, restart, a step, {person: ...}, {end: ...}, {erase: contact} or {speak: en} is needed here",
            ),
        };
        Words::new("wrong-type", vi, en)
    }
}

impl Thing {
    fn unknown(self, name: &str) -> Words {
        let (code, vi, en) = match self {
            Self::Step => ("unknown-step", "không có bước", "there is no step"),
            Self::Slot => ("unknown-slot", "không có ô thông tin", "there is no slot"),
            Self::SharedFile => {
                ("unknown-interrupts", "không có tệp flows/chung", "there is no file in flows/chung called")
            }
            Self::TicketKind => ("unknown-kind", "không có loại phiếu", "there is no kind of ticket called"),
            Self::Queue => ("unknown-queue", "không có hàng đợi nhân viên", "there is no queue"),
            Self::Channel => ("unknown-channel", "không có kênh", "there is no channel"),
            Self::SlotType => ("unknown-type", "không có kiểu thông tin", "there is no slot type"),
            Self::Option => ("unknown-option", "không có lựa chọn", "there is no option"),
            Self::Service => ("unknown-service", "không có dịch vụ", "there is no service"),
            Self::Flow => ("unknown-flow", "không có kịch bản", "there is no flow"),
        };
        Words::new(code, format!("{vi} {}", quoted(name)), format!("{en} {}", quoted(name)))
    }
}

impl Claim {
    fn words(self, text: &str, by: &str) -> Words {
        let (code, vi, en) = match self {
            Self::Keyword => ("same-keyword", "từ khóa", "the keyword"),
            Self::Ref => ("same-ref", "liên kết", "the reference"),
            Self::Prompt => ("same-prompt", "chiến dịch", "the campaign"),
        };
        let text = quoted(text);
        Words::new(code, format!("{vi} {text} đã thuộc về {by}"), format!("{en} {text} belongs to {by} already"))
    }
}

fn template_words(problem: TemplateProblem) -> Words {
    let (vi, en) = match problem {
        TemplateProblem::Unclosed => {
            ("thiếu dấu } đóng; muốn viết dấu { thì viết {{", "the } is missing; write {{ for a brace")
        }
        TemplateProblem::Empty => ("trong { } chưa có tên", "a name is missing between { and }"),
        TemplateProblem::Unexpected => (
            "trong { } chỉ viết được tên, \"or\", chữ trong nháy đơn và |mask",
            "between { and } stand only names, \"or\", quoted words and |mask",
        ),
        TemplateProblem::UnclosedQuote => ("thiếu dấu nháy đóng", "the closing quote is missing"),
        TemplateProblem::UnknownPart => (
            "sau dấu chấm chỉ nhận province, ward, street, guess",
            "only province, ward, street or guess can follow the dot",
        ),
        TemplateProblem::UnknownContact => {
            ("chỉ có contact.name và contact.phone", "there are only contact.name and contact.phone")
        }
        TemplateProblem::UnknownFilter => ("sau dấu | chỉ nhận mask", "only mask can follow |"),
        TemplateProblem::TooMany => ("quá nhiều \"or\"", "too many \"or\""),
    };
    Words::new("template", vi, en)
}

fn condition_words(problem: ConditionProblem) -> Words {
    let (vi, en) = match problem {
        ConditionProblem::Incomplete => ("điều kiện chưa viết hết", "the condition stops too early"),
        ConditionProblem::Unexpected => ("từ này không đứng được ở đây", "this cannot stand here"),
        ConditionProblem::NoIs => (
            "sau tên phải là \"is\" hoặc so sánh: \"ô is giá_trị\", \"ô is known\", \"ô is missing\", \"ô < 5\"",
            "\"is\" or a comparison must follow: \"slot is value\", \"slot is known\", \"slot is missing\", \"slot < 5\"",
        ),
        ConditionProblem::Unclosed => ("thiếu dấu ngoặc hoặc dấu nháy", "a bracket or quote has no partner"),
        ConditionProblem::NoNumber => ("ở đây cần một số nguyên, ví dụ 5", "a whole number is needed here, such as 5"),
        ConditionProblem::TooLong => ("điều kiện quá dài hoặc lồng quá sâu", "the condition is too long or too deep"),
    };
    Words::new("condition", vi, en)
}
