//! The house's own sentences, where the flow's author wrote none. Vietnamese, for customers.

use std::sync::LazyLock;

use crate::text::phrase::Phrase;

/// Phrases that start the flow again and give a conversation back to the bot.
pub(super) static RESTART: LazyLock<[Phrase; 3]> =
    LazyLock::new(|| ["bắt đầu lại", "làm lại từ đầu", "restart"].map(Phrase::new));

pub(super) const YES: &str = "Có";
pub(super) const NO: &str = "Không";
pub(super) const RIGHT: &str = "Đúng";
pub(super) const NOT_THAT: &str = "Không phải";
pub(super) const CHANGE: &str = "Sửa lại";

pub(super) const ASK_WHICH: &str = "Anh/chị muốn sửa mục nào ạ?";
pub(super) const EXPIRED: &str = "Lựa chọn này đã hết hiệu lực ạ.";
pub(super) const NOT_READABLE: &str = "Dạ em chưa đọc được nội dung này, anh/chị nhắn bằng chữ giúp em ạ.";
pub(super) const ERASED: &str = "Dạ, thông tin của anh/chị đã được xóa. Cảm ơn anh/chị!";
pub(super) const NO_FLOW: &str = "Dạ hiện chưa có nội dung phục vụ. Anh/chị vui lòng gọi 9090 giúp ạ.";
pub(super) const PROMPT_UNCLEAR: &str = "Quý khách vui lòng trả lời YES hoặc NO. Hỗ trợ: 9090.";
pub(super) const PROMPT_GIVE_UP: &str = "Cảm ơn Quý khách. Khi cần đổi SIM 4G, Quý khách vui lòng gọi 9090.";
pub(super) const PROMPT_UNKNOWN: &str = "Cảm ơn Quý khách. Chương trình này đã kết thúc. Hỗ trợ: 9090.";
pub(super) const PROMPT_OPTED_OUT: &str = "MobiFone đã ghi nhận Quý khách từ chối nhận lời mời. Hỗ trợ: 9090.";

pub(super) fn prompt_link(link: &str) -> String {
    format!("Cảm ơn Quý khách. Mời mở {link} để hoàn tất, hoặc gọi 9090.")
}

pub(super) fn or_open(link: &str) -> String {
    format!("Hoặc mở {link}")
}

pub(super) fn person_will_call(unit: &str) -> String {
    format!(
        "Dạ, {unit} đã nhận yêu cầu và sẽ liên hệ với anh/chị. Nếu muốn quay lại với trợ lý tự động, anh/chị nhắn \"bắt đầu lại\" ạ."
    )
}
