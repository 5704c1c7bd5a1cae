//! What can be wrong with a scripted conversation, with stable codes and words in both languages.

use super::{MOST_CASES, MOST_LINES};
use crate::flow::diagnostic::Words;

/// What a name in a script can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    Flow,
    Step,
    Slot,
    Interrupt,
    Channel,
    Queue,
    Kind,
    Service,
    Campaign,
}

/// Why a script, or a part of it, is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    UnknownKey(String),
    Unknown(Thing, String),
    Missing(&'static str),
    Shape(&'static str, &'static str),
    Duration(String),
    Moment(String),
    Phone(String),
    Place,
    Pattern(String),
    OneOf(String, String),
    NothingHappened,
    TwoBots,
    TooMany,
}

impl Problem {
    pub(super) fn words(&self) -> Words {
        match self {
            Self::UnknownKey(key) => {
                Words::new("test-unknown-key", format!("không có mục \"{key}\""), format!("there is no key \"{key}\""))
            }
            Self::Unknown(thing, name) => thing.unknown(name),
            Self::Missing(key) => {
                Words::new("test-missing-key", format!("thiếu mục \"{key}\""), format!("the key \"{key}\" is missing"))
            }
            Self::Shape(vi, en) => {
                Words::new("test-wrong-type", format!("ở đây cần {vi}"), format!("{en} is needed here"))
            }
            Self::Duration(found) => Words::new(
                "test-duration",
                format!("\"{found}\" không phải khoảng thời gian; viết ví dụ 15m, 20h, 3d"),
                format!("\"{found}\" is no length of time; write 15m, 20h or 3d"),
            ),
            Self::Moment(found) => Words::new(
                "test-moment",
                format!("\"{found}\" không phải thời điểm; viết ví dụ 2026-11-22T09:00:00+07:00"),
                format!("\"{found}\" is no moment; write it as 2026-11-22T09:00:00+07:00"),
            ),
            Self::Phone(found) => Words::new(
                "test-phone",
                format!("\"{found}\" không phải số điện thoại"),
                format!("\"{found}\" is no phone number"),
            ),
            Self::Place => Words::new(
                "test-place",
                "ở đây cần [vĩ độ, kinh độ], ví dụ [10.7769, 106.7009]",
                "latitude and longitude are needed here, such as [10.7769, 106.7009]",
            ),
            Self::Pattern(found) => {
                Words::new("test-pattern", format!("mẫu {found} viết sai"), format!("the pattern {found} is wrong"))
            }
            Self::OneOf(found, allowed) => Words::new(
                "test-unknown-value",
                format!("\"{found}\" không hợp lệ; chỉ nhận: {allowed}"),
                format!("\"{found}\" is not one of: {allowed}"),
            ),
            Self::NothingHappened => Words::new(
                "test-too-early",
                "trước mục này phải có việc khách làm, ví dụ \"user\"",
                "something must happen before this, such as \"user\"",
            ),
            Self::TwoBots => Words::new(
                "test-two-bots",
                "mỗi lượt chỉ một mục \"bot\"; nhiều bước thì viết thành danh sách [a, b]",
                "one \"bot\" a turn; write several steps as a list [a, b]",
            ),
            Self::TooMany => Words::new(
                "test-too-many",
                format!("tối đa {MOST_CASES} hội thoại trong tệp, {MOST_LINES} dòng trong hội thoại"),
                format!("at most {MOST_CASES} conversations in a file, {MOST_LINES} lines in one"),
            ),
        }
    }
}

impl Thing {
    fn unknown(self, name: &str) -> Words {
        let (code, vi, en) = match self {
            Self::Flow => ("test-unknown-flow", "không có kịch bản", "there is no flow"),
            Self::Step => ("test-unknown-step", "không có bước", "there is no step"),
            Self::Slot => ("test-unknown-slot", "không có ô thông tin", "there is no slot"),
            Self::Interrupt => ("test-unknown-interrupt", "không có câu chen ngang", "there is no interrupt"),
            Self::Channel => ("test-unknown-channel", "không có kênh", "there is no channel"),
            Self::Queue => ("test-unknown-queue", "không có hàng đợi nhân viên", "there is no queue"),
            Self::Kind => ("test-unknown-kind", "không có loại phiếu", "there is no kind of ticket called"),
            Self::Service => {
                ("test-unknown-service", "không kịch bản nào gọi dịch vụ", "no flow calls a service named")
            }
            Self::Campaign => ("test-unknown-campaign", "không có chiến dịch", "there is no campaign"),
        };
        Words::new(code, format!("{vi} \"{name}\""), format!("{en} \"{name}\""))
    }
}
