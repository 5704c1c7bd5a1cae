//! The house's own sentences, where the flow's author wrote none. For customers, in every language a flow
//! can be written in.

use std::sync::LazyLock;

use crate::domain::contact::Language;
use crate::domain::phone::Phone;
use crate::text::phrase::Phrase;

use super::reading::Unfit;

/// Phrases that start the flow again and give a conversation back to the bot.
pub(super) static RESTART: LazyLock<[Phrase; 3]> =
    LazyLock::new(|| ["bắt đầu lại", "làm lại từ đầu", "restart"].map(Phrase::new));

/// The sentences in one language.
pub(super) struct Words {
    pub(super) yes: &'static str,
    pub(super) no: &'static str,
    pub(super) right: &'static str,
    pub(super) not_that: &'static str,
    /// Of a time that may be any.
    pub(super) any_time: &'static str,
    pub(super) change: &'static str,
    pub(super) none_of_these: &'static str,
    pub(super) ask_which: &'static str,
    pub(super) expired: &'static str,
    pub(super) not_readable: &'static str,
    pub(super) erased: &'static str,
    pub(super) one_moment: &'static str,
    pub(super) first_question: &'static str,
    /// Over several communes.
    pub(super) which_address: &'static str,
    /// The button for a number that was not offered.
    pub(super) another_number: &'static str,
    /// After a number that was offered and refused.
    pub(super) number_again: &'static str,
    /// Around a label and a value.
    correct: [&'static str; 3],
    corrected: [&'static str; 3],
    /// Around what could be meant.
    unclear: [&'static str; 3],
    /// Around a number.
    is_it: [&'static str; 2],
    which_number: &'static str,
    /// Around a fixed line's number.
    landline: [&'static str; 2],
    hotline: &'static str,
    masked: &'static str,
    id_number: &'static str,
    foreign: &'static str,
    unknown_prefix: &'static str,
}

static VI: Words = Words {
    yes: "Có",
    no: "Không",
    right: "Đúng",
    not_that: "Không phải",
    any_time: "lúc nào cũng được",
    change: "Sửa lại",
    none_of_these: "Không sửa",
    ask_which: "Anh/chị muốn sửa mục nào ạ?",
    expired: "Lựa chọn này đã hết hiệu lực ạ.",
    not_readable: "Dạ em chưa đọc được nội dung này, anh/chị nhắn bằng chữ giúp em ạ.",
    erased: "Dạ, thông tin của anh/chị đã được xóa. Cảm ơn anh/chị!",
    one_moment: "Dạ em đang kiểm tra, anh/chị chờ em một chút ạ.",
    first_question: "Dạ đây là câu đầu tiên rồi ạ.",
    correct: ["Sửa ", " thành ", " ạ?"],
    corrected: ["Dạ em đã sửa ", " thành ", " ạ."],
    unclear: ["Dạ em chưa rõ ý anh/chị. Mình chọn ", " hay ", " ạ?"],
    which_address: "Địa chỉ này thuộc nơi nào dưới đây ạ?",
    another_number: "Số khác",
    number_again: "Dạ vậy anh/chị nhắn lại giúp em số điện thoại đúng ạ.",
    is_it: ["Có phải ", " không ạ?"],
    which_number: "Anh/chị muốn dùng số nào ạ?",
    landline: ["Dạ ", " là số cố định, anh/chị cho em xin số di động ạ."],
    hotline: "Dạ đây là số tổng đài, anh/chị cho em xin số điện thoại của mình ạ.",
    masked: "Dạ số này bị che mất mấy chữ số, anh/chị nhắn đủ các chữ số giúp em ạ.",
    id_number: "Dạ đây giống số giấy tờ, em không cần số giấy tờ ạ. Anh/chị cho em xin số điện thoại nhé.",
    foreign: "Dạ đây là số nước ngoài, anh/chị cho em xin số điện thoại Việt Nam ạ.",
    unknown_prefix: "Dạ chưa có mạng nào dùng đầu số này, anh/chị xem lại số giúp em ạ.",
};

static EN: Words = Words {
    yes: "Yes",
    no: "No",
    right: "Correct",
    not_that: "No",
    any_time: "any time",
    change: "Change",
    none_of_these: "No change",
    ask_which: "What would you like to change?",
    expired: "This choice is no longer valid.",
    not_readable: "Sorry, I cannot read this. Please type your answer.",
    erased: "Your information has been deleted. Thank you!",
    one_moment: "I am checking, one moment please.",
    first_question: "This is the first question.",
    correct: ["Change ", " to ", "?"],
    corrected: ["I have changed ", " to ", "."],
    unclear: ["I am not sure what you mean. Is it ", " or ", "?"],
    which_address: "Which of these places does the address belong to?",
    another_number: "Another number",
    number_again: "Please write the right phone number then.",
    is_it: ["Is it ", "?"],
    which_number: "Which number would you like to use?",
    landline: ["", " is a landline. Could you give me a mobile number?"],
    hotline: "This is a service number. Could you give me your own phone number?",
    masked: "Some digits of this number are hidden. Could you write all of them?",
    id_number: "This looks like the number of an ID card, which I do not need. Could you give me your phone number?",
    foreign: "This is a number of another country. Could you give me a Vietnamese one?",
    unknown_prefix: "No network uses numbers that begin like this. Could you check the number?",
};

impl Words {
    /// The sentences in this language.
    pub(super) fn on(language: Language) -> &'static Self {
        match language {
            Language::Vi => &VI,
            Language::En => &EN,
        }
    }

    pub(super) fn correct(&self, label: &str, value: &str) -> String {
        let [before, between, after] = self.correct;
        format!("{before}{label}{between}{value}{after}")
    }

    /// Asks which of these was meant.
    pub(super) fn unclear(&self, labels: &[String]) -> String {
        let [before, between, after] = self.unclear;
        let quoted: Vec<String> = labels.iter().map(|label| format!("\"{label}\"")).collect();
        match quoted.split_last() {
            Some((last, [])) => format!("{before}{last}{after}"),
            Some((last, others)) => format!("{before}{}{between}{last}{after}", others.join(", ")),
            None => String::new(),
        }
    }

    /// Asks for one of these numbers, of which there is at least one.
    pub(super) fn which_number(&self, phones: &[Phone]) -> String {
        let [before, after] = self.is_it;
        match phones {
            [only] => format!("{before}{}{after}", only.national()),
            _ => self.which_number.to_owned(),
        }
    }

    /// Why this cannot be the answer, and what is wanted instead.
    pub(super) fn unfit(&self, why: &Unfit) -> String {
        let [before, after] = self.landline;
        match why {
            Unfit::Landline(phone) => format!("{before}{}{after}", phone.national()),
            Unfit::Hotline => self.hotline.to_owned(),
            Unfit::Masked => self.masked.to_owned(),
            Unfit::IdNumber => self.id_number.to_owned(),
            Unfit::Foreign => self.foreign.to_owned(),
            Unfit::UnknownPrefix => self.unknown_prefix.to_owned(),
        }
    }

    pub(super) fn corrected(&self, label: &str, value: &str) -> String {
        let [before, between, after] = self.corrected;
        format!("{before}{label}{between}{value}{after}")
    }
}

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
