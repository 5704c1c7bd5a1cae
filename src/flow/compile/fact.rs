//! The words of what is found in a flow as a whole: values not there yet, consent, summaries, lengths.

use super::super::diagnostic::{Words, quoted};
use super::problem::Problem;

impl Problem {
    pub(super) fn words_on_facts(&self) -> Words {
        match self {
            Self::MaybeUnfilled(slot) => Words::new(
                "maybe-unfilled",
                format!(
                    "có đường đi tới đây mà {} chưa có giá trị; hãy hỏi trước, hoặc rẽ nhánh bằng \"is known\"",
                    quoted(slot)
                ),
                format!("{} may be without a value here; ask for it before, or branch on \"is known\"", quoted(slot)),
            ),
            Self::NotYetFilled(slot) => Words::new(
                "maybe-unfilled",
                format!("tới đây {} chưa bao giờ có giá trị; hãy hỏi trước bước này", quoted(slot)),
                format!("{} never has a value here; ask for it before this step", quoted(slot)),
            ),
            Self::PrivateSent(slot) => Words::new(
                "private-before-consent",
                format!("chuyển thông tin riêng {} khi khách chưa đồng ý cho lưu", quoted(slot)),
                format!("sends the private {} before consent", quoted(slot)),
            ),
            Self::UnconfirmedHandOff(slot) => Words::new(
                "unconfirmed-handoff",
                format!("{} được chuyển đi mà có lúc chưa được khách xác nhận bằng \"confirm\"", quoted(slot)),
                format!("{} may be handed off without a \"confirm\" that showed it", quoted(slot)),
            ),
            Self::TextTooLong { length, most, channel } => Words::new(
                "text-too-long",
                format!("lời nói dài {length} ký tự, kênh {channel} chỉ gửi được {most}"),
                format!("the text has {length} characters, {channel} carries {most}"),
            ),
            Self::SmsSegments { count, accents } => {
                let (vi, en) = if *accents {
                    ("; có dấu nên mỗi tin chỉ được 70 ký tự, hãy viết không dấu", "; accents leave 70 characters each")
                } else {
                    ("; một tin không dấu được 160 ký tự", "; one holds 160 characters")
                };
                Words::new(
                    "sms-segments",
                    format!("lời nhắn này tốn {count} tin SMS{vi}"),
                    format!("this takes {count} short messages{en}"),
                )
            }
            Self::ReminderOutsideWindow { hours, channel } => Words::new(
                "reminder-outside-window",
                format!(
                    "kênh {channel} chỉ cho nhắn trong {hours} giờ sau tin cuối của khách, lời nhắc này sẽ không gửi được"
                ),
                format!(
                    "{channel} lets us write for {hours} hours after the last word; this reminder will not be sent"
                ),
            ),
            _ => Words::new("problem", "chỗ này viết sai", "something is wrong here"),
        }
    }
}
