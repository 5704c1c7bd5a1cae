//! Why the bot answered as it did, sentence by sentence, in Vietnamese.

use crate::engine::{Trace, What};
use crate::studio::play::Moment;

/// What happened in these turns.
pub(super) fn sentences(moments: &[Moment]) -> Vec<String> {
    let told: Vec<String> = moments.iter().flat_map(|moment| &moment.trace).map(sentence).collect();
    if told.is_empty() { vec!["Chưa có gì xảy ra.".to_owned()] } else { told }
}

fn sentence(trace: &Trace) -> String {
    let Trace { flow, step, what } = trace;
    let told = match what {
        What::Came => "đi tới bước này".to_owned(),
        What::Filled { slot, value } => format!("câu trả lời được hiểu là {slot} = {}", value.plain()),
        What::Agreed(true) => "khách đồng ý".to_owned(),
        What::Agreed(false) => "khách không đồng ý".to_owned(),
        What::Branched(Some(arm)) => format!("điều kiện thứ {} đúng nên rẽ theo nhánh đó", arm + 1),
        What::Branched(None) => "không điều kiện nào đúng nên đi tiếp xuống dưới".to_owned(),
        What::Lacked => "địa chỉ còn thiếu một phần nên hỏi thêm".to_owned(),
        What::Guessed => "câu trả lời có thể hiểu nhiều cách nên hỏi lại cho chắc".to_owned(),
        What::Explained(n) => format!("hiểu khách muốn trả lời nhưng chưa dùng được, nói rõ vì sao và hỏi lại lần {n}"),
        What::Retried(n) => format!("không hiểu, hỏi lại lần {n}"),
        What::GaveUp => "hỏi lại hết số lần mà vẫn không hiểu".to_owned(),
        What::Skipped => "khách bỏ qua câu này".to_owned(),
        What::Interrupted(name) => format!("tin nhắn khớp câu chen ngang \"{name}\""),
        What::Corrected { slot, value } => format!("khách sửa câu trả lời trước: {slot} = {}", value.plain()),
        What::WentBack => "khách muốn quay lại câu trước".to_owned(),
        What::Ahead { slot, value } => {
            format!("khách đã nói trước câu trả lời cho câu sau: {slot} = {}", value.plain())
        }
        What::Reminded(n) => format!("khách im lặng, nhắc lần {n}"),
        What::Expired => "khách im lặng quá lâu".to_owned(),
        What::Called(true) => "dịch vụ đã trả lời".to_owned(),
        What::Called(false) => "dịch vụ không trả lời được".to_owned(),
        What::NotReadable => "nội dung này máy không đọc được, hoặc nút đã hết hiệu lực".to_owned(),
        What::Stuck => "đi qua quá nhiều bước trong một lượt".to_owned(),
    };
    format!("{flow}/{step}: {told}")
}
