//! The words of yes and no: phrases and what each says.
//!
//! A table only: to teach the reader a word, add it to the row of its kind. Chat spellings and slips of known
//! words are the business of [`spelling`](crate::text::spelling); how the marks of a clause add up, of
//! [`super::clause`].

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::text::spelling;
use crate::text::vocabulary::Vocabulary;
use crate::text::word::{Word, is_polite, is_syllable, one_slip};

/// What a phrase says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Agrees, whatever follows.
    Yes,
    /// The question's own word: agrees alone (`có`, `có em`), says something else before more words (`có sim`).
    Echo,
    /// What may have been offered: `đổi`. Agrees when it is urged: `đổi đi`.
    Act,
    /// `dạ`, `vâng`, `ừ`: agrees when nothing else is said.
    Courtesy,
    /// Refuses; behind other words it says what is wrong: `số nhà sai`.
    No,
    /// `thôi`: refuses, and behind other words says "only".
    Enough,
    /// `nhầm`, `lộn`: something is wrong, which answers nothing by itself.
    Slip,
    /// `hủy`, `dừng`: somebody else's business alone, and no yes with one beside it.
    Undo,
    /// `trừ`, `bỏ`: takes back part of a yes, where it stands in one clause with it or begins its own.
    Except,
    /// `không sai`: nothing is wrong, which answers nothing by itself either.
    NotWrong,
    /// `không`: refuses, alone or before a word that would agree; behind other words it ends a question.
    Not,
    /// `chưa`: likewise, but leaves open what it stands before.
    NotYet,
    /// `không phải`: refuses, or undoes a denial that follows.
    NotSo,
    /// Knowing, remembering, being sure: doubt where it is denied.
    Know,
    /// Doubts, puts off.
    Doubt,
    /// `để`: puts off whatever follows, questions too.
    Leave,
    /// `thì`: sets a condition where something stands before it.
    Then,
    /// `nhưng`, `mà`: takes back part of what was said.
    But,
    /// Likes, dislikes, complains: near to an answer, and none.
    Hint,
    /// Asks.
    Question,
    /// Asks, or after a denial means "any at all": `gì`, `đâu`.
    Any,
    /// `làm gì`: asks, and after a refusal only underlines it.
    WhatFor,
    /// Asks at the end of a clause: `hả`, `à`.
    Tag,
    /// Presses: `đi`, `luôn`, `giúp`.
    Urge,
    /// Thanks or greets.
    Greeting,
    /// Closes an answer: `ạ`, `nhé`, `em`.
    Particle,
    /// Somebody: `chị`, `nhà em`.
    Person,
    /// Joins a reason: `nên`, `vì`.
    Because,
    /// Says nothing.
    Filler,
    /// Anything else.
    Other,
}

use Mark::{
    Act, Any, Because, But, Courtesy, Doubt, Echo, Enough, Except, Filler, Greeting, Hint, Know, Leave, No, Not, NotSo,
    NotWrong, NotYet, Other, Particle, Person, Question, Slip, Tag, Then, Undo, Urge, WhatFor, Yes,
};

/// The longest phrase that fits is taken; of equals the one typed with its very accents, then the first.
const PHRASES: &[(Mark, &str)] = &[
    // Agreement.
    (Yes, "đồng ý, đồng í, đồngý, nhất trí, chấp nhận, tán thành, ok, okê, ô kê, okok, yes, yess, yep, yup, yeah"),
    (Yes, "sure, agree, agreed, alright, of course, confirm, deal, tất nhiên, dĩ nhiên, đương nhiên, chắc chắn"),
    (Yes, "chắc rồi, nhất trí cao, ok thôi, có chứ, có chớ, được chứ, được chớ, ok chứ, muốn chứ, cần chứ"),
    (Yes, "chứ sao, chớ sao, chớ răng, chứ sao không, chớ sao không, chớ răng không, có chớ răng"),
    (Yes, "có chớ răng không, có chứ sao, có chứ sao không, được thôi, có thôi, không vấn đề, không vấn đề gì"),
    (Yes, "không có vấn đề gì, không thành vấn đề, thôi được, thôi cũng được, thôi thì được, thôi thì cũng được"),
    (Yes, "thôi ok, thì được, thì cũng được"),
    (Echo, "có, đúng, được, phải, muốn, cần, chuẩn, chính xác, rồi, thích, ham, khoái, ưng, cũng được, cũng ok, y"),
    (Echo, "cũng được thôi, được mà, đúng mà, phải mà, muốn mà, thế đi, vậy đi, rứa đi, thế nhé, xác nhận, duyệt"),
    (Echo, "chốt, chốt đơn, triển, sao không, sao lại không, tại sao không, nhu cầu, quan tâm, hứng thú, đúng số"),
    (Echo, "đúng thông tin, đúng địa chỉ, đúng tên, đúng người, phải số, số đó đúng, số này đúng, thông tin đúng"),
    (Echo, "địa chỉ đúng, tên đúng, mọi thứ đúng, mọi thứ ok, tất cả đúng, chuẩn cơm mẹ nấu"),
    (Act, "đổi, thay, làm, mần, lấy, nhận, dùng, xài, sử dụng, đăng ký, đăng kí, tham gia, mua, giao, gửi, lưu"),
    (Act, "ship, cung cấp, nâng cấp, chuyển, chuyển đổi, hòa mạng, tư vấn, đổi sim, thay sim, đổi sang"),
    (Act, "đổi sim 4g, thèm, đổi sang 4g, đổi sang sim 4g, lên 4g, cần thiết, tiến hành, bị, cách ly"),
    (Courtesy, "dạ, vâng, ừ, ừm, ừa, ờ, uh, uhm, uhu"),
    // Refusal.
    (No, "từ chối, từchối, khỏi, khỏi cần, sai, nhầm số, nhầm tên, nhầm người, nhầm địa chỉ, bỏ qua, no, nope"),
    (No, "nah, never, n, no need, no way, not interested, no thanks, no thank you, dont want, i dont, còn lâu"),
    (No, "còn khuya, đừng hòng, mơ đi, không đời nào, không bao giờ, tất nhiên không, tất nhiên là không"),
    (No, "dĩ nhiên không, dĩ nhiên là không, đương nhiên không, đương nhiên là không, chắc chắn là không"),
    (No, "không dám, không dám đâu, không cho, không hề, cần đâu, được đâu, muốn đâu, có đâu, có mô, mô có"),
    (No, "mô cần, không mô, không chịu, chả chịu, chẳng chịu, nỏ chịu, đừng, đừng nhắn, đừng gọi, đừng gửi"),
    (No, "đừng spam, đừng làm phiền, đừng phiền, block, chặn, biến đi, cút, ngưng nhắn, ngưng gọi, ngừng nhắn"),
    (No, "ngừng gọi, cấm nhắn, cấm gọi, không mà, đã bảo không, đã bảo không mà, nói không rồi, nói không rồi mà"),
    (No, "số đó sai, thông tin sai, địa chỉ sai, tên sai, wrong, incorrect"),
    (No, "of course not, absolutely not, definitely not, certainly not, disagree, decline, refuse, reject"),
    (No, "hết muốn, hết cần, hết thích, hết nhu cầu, hết ham"),
    (Enough, "thôi"),
    (Undo, "hủy, hủy bỏ, dừng, dừng lại, ngưng, ngừng, xóa, xóa bỏ, rút, rút lại, thu hồi, chấm dứt, kết thúc"),
    (Undo, "thoát, gỡ bỏ, dẹp đi, dẹp luôn, stop, cancel, delete, unsubscribe, quit"),
    (Except, "trừ, ngoại trừ, bỏ, bỏ bớt, miễn, except"),
    (Slip, "nhầm, lộn, trật, thiếu, sót, sửa lại, chỉnh lại"),
    (NotWrong, "không sai, không có sai, không có gì sai, không nhầm, không có nhầm, không lộn, chả sai, chẳng sai"),
    (NotWrong, "đâu sai, đâu có sai, đâu nhầm, đâu có nhầm, chả nhầm, chẳng nhầm, không trật, không thiếu, không sót"),
    (Not, "không, chả, chẳng, chớ, nỏ, éo, đéo, đếch, not, đâu có, đâu cần, đâu muốn, đâu được, đâu dám"),
    (NotSo, "không phải, không phải là, chả phải, chẳng phải, chưa phải, chưa phải là, đâu phải, đâu có phải"),
    (NotYet, "chưa, giờ chưa"),
    // Doubt.
    (Know, "biết, chắc lắm, rõ, nhớ, hiểu, hẳn, quyết, quyết định, nghĩ ra, tính, dám chắc"),
    (
        Doubt,
        "chắc, chắc là, có lẽ, có thể, hình như, chắc chắn không, maybe, later, not now, not yet, not sure, idk, dunno, i dont know",
    ),
    (Doubt, "let me"),
    (Leave, "để"),
    (Doubt, "lúc khác, khi khác, hôm khác, bữa khác, dịp khác, mai nói, mai tính, nói sau, tính sau, tính tiếp"),
    (Doubt, "trả lời, báo lại, nhắn lại, gọi lại, liên hệ lại, liên lạc lại, với điều kiện, điều kiện, nửa muốn"),
    (Doubt, "miễn là, miễn sao, miễn không, miễn đừng, hoãn, tạm hoãn, đổi ý, nghĩ lại"),
    (Doubt, "nửa không, tí, tý, xíu, chút, lát, lát nữa, tí nữa, tý nữa, chút nữa, xíu nữa, từ từ, khoan, chờ"),
    (Doubt, "đợi, bận, đang họp, lái xe, chạy xe, đang ngủ, đang ăn, đang dở, suy nghĩ, nghĩ đã, cân nhắc"),
    (
        Doubt,
        "hên xui, lăn tăn, băn khoăn, phân vân, lưỡng lự, xem sao, thấy sao, hỏi chồng, hỏi vợ, hỏi con, hỏi mẹ, hỏi má, hỏi ba, hỏi bố",
    ),
    (Doubt, "hỏi ông xã, hỏi bà xã, hỏi nhà, hỏi ý, hỏi lại, tùy, nếu, hm, vừa, 50 50, khi nào rảnh, khi nào cần"),
    (Doubt, "khi nào tiện, khi nào muốn, lúc nào rảnh, hôm nào rảnh, bao giờ rảnh, sao cũng được, gì cũng được"),
    (Doubt, "răng cũng được, thế nào cũng được, cũng muốn, không phải bây giờ, có hay không cũng được, không sao"),
    (Doubt, "không có gì, có gì đâu, chưa phải bây giờ, chưa phải lúc, chịu"),
    (Then, "thì, thì cũng"),
    (Doubt, "quên đi, cái đầu, cái con, cái nịt, cái búa, cái quần, con khỉ, cc"),
    (But, "nhưng, nhưng mà, mà, cơ mà, but, bye, goodbye"),
    // Near to an answer, and none.
    (Hint, "tốt, hay, hay đấy, hay đó, tuyệt, tuyệt vời, ngon, có rồi, phiền, làm phiền, spam, hoài, lừa đảo"),
    (Hint, "vớ vẩn, xàm, nhắn hoài, gọi hoài, nhắn miết, gọi miết"),
    // Questions.
    (Question, "bao nhiêu, bao lâu, bao giờ, bn, khi nào, lúc nào, thế nào, như nào, như thế nào, ntn, làm sao"),
    (Question, "tại sao, vì sao, là sao, sao, răng, mấy, hỏi, muốn hỏi, cho hỏi, có không, có sao không"),
    (Question, "có hay không, được chưa, chi rứa, chi vậy, chi đó, chi hè, why, how, what, who, really, where"),
    (Question, "when, sai không, nhầm không, lộn không"),
    (Any, "gì, cái gì, ai, đâu, nào, mô, chi mô"),
    (WhatFor, "làm gì, để làm gì, làm chi, mần chi, mần gì"),
    (Tag, "hả, hở, hử, à, chứ, ư"),
    // Around an answer.
    (Urge, "đi, luôn, liền, ngay, giúp, giùm, dùm, hộ, lẹ, nhanh, cho, gấp"),
    (Greeting, "cảm ơn, cám ơn, cảm ơn nhiều, thanks, thank, tks, thank you, chào, xin chào, hi, hello, alo"),
    (Particle, "ạ, nhé, nha, nhá, nhe, nhen, nghen, nghe, hen, hén, heng, hỉ, hí, hè, nờ, nơ, nì, nè, tề, á, ha"),
    (Particle, "o, mi, em, ơi, shop, ad, admin, bạn, đó, đấy, cưng, nhỉ, please, hihi, haha, rứa, vậy, thế"),
    (Person, "tôi, mình, anh, chị, cô, chú, bác, dì, cậu, cháu, con, ông, bà, ba, bố, má, mẹ, chồng, vợ, vợ chồng"),
    (Person, "nhà, bên, ở nhà chị, ở nhà em, ở nhà mình, ở nhà anh, gia đình, tao, mày, tớ, ông xã, bà xã"),
    (Person, "con gái, con trai, bố mẹ, bố em, bố tôi, bố mình, bố chị, bố con, nhà bố, i"),
    (Because, "nên, vì, bởi vì, tại vì"),
    (Filler, "là, đang, xin, xin phép, cũng, hết, nữa, lắm, quá, đã, rất, hoàn toàn, này, ấy, kia, a, ơ, của, ni"),
    (Filler, "nớ, cơ, xong, với, thôi thì, tạm thời, hiện tại, hiện giờ, bây giờ, giờ thì, lúc này, trước mắt"),
    (Filler, "nghĩa, thật ra, thực ra, theo, thế này, vậy thì, thế thì"),
    // Other words, which begin as one of the above does.
    (Other, "chuẩn bị, ý em, ý chị, ý anh, ý tôi, ý mình, ý là, em bé, muốn gặp, cho gặp"),
    (Other, "quay lại, nhắc lại, xác nhận lại, không nên, ở đây, ở đó, ở nhà, máy, đi làm, đi học, đi chợ"),
    (Other, "đi chơi, đi vắng, đi công tác, em nghe, nghe đây, nghe nè, sài gòn, sài đồng, lộn xộn"),
    (Other, "miễn phí, tên huy, là huy"),
];

static VOCABULARY: LazyLock<Vocabulary<Mark>> = LazyLock::new(|| Vocabulary::of(PHRASES));

/// What each phrase of a clause says, in order.
pub(super) fn marks(words: &[Word]) -> Vec<Mark> {
    let words = in_full(words);
    let mut marks = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let found = VOCABULARY.longest(|ahead| words.get(at + ahead));
        let (length, mark) = found.unwrap_or_else(|| (1, unlisted(&words[at])));
        marks.push(mark);
        at += length;
    }
    marks
}

fn unlisted(word: &Word) -> Mark {
    if is_polite(word) { Particle } else { Other }
}

/// Words that deny whatever stands beside them; without accents only where that is hardly another word, as `cha` is.
const DENYING: [&str; 11] = ["không", "khong", "chả", "chẳng", "chang", "nỏ", "éo", "đéo", "deo", "đếch", "dech"];

/// Whether a word denies, in whatever spelling: `không`, `ko`, `hông`, `khoong`, `chả`, `đell`.
pub(super) fn is_not(word: &Word) -> bool {
    let denies = |word: &Word| DENYING.contains(&word.folded.as_str());
    // "khogn", "khng"; not "krong", which is a name.
    let slips = |plain: &str| one_slip(plain, "khong") && plain.chars().all(|char| "khong".contains(char));
    denies(word)
        || spelling::usual(word).is_some_and(denies)
        || !is_syllable(&word.plain) && (slips(&word.plain) || spelling::meant(word).any(|meant| denies(&meant)))
}

/// The words as the table spells them.
fn in_full(words: &[Word]) -> Vec<Word> {
    let mut full: Vec<Cow<'_, Word>> = words.iter().map(spelled_out).collect();
    // "đồn gý": a space that came too late.
    for at in 1..full.len() {
        let [before, after] = [&full[at - 1], &full[at]];
        if !is_known(before) && !is_known(after) {
            let joined =
                Word { folded: before.folded.clone() + &after.folded, plain: before.plain.clone() + &after.plain };
            if VOCABULARY.knows(&joined) {
                full[at - 1] = Cow::Owned(joined);
                full.remove(at);
                break;
            }
        }
    }
    full.into_iter().map(Cow::into_owned).collect()
}

/// A word in full, if it is not known as it stands.
fn spelled_out(word: &Word) -> Cow<'_, Word> {
    if let Some(full) = spelling::usual(word) {
        return Cow::Borrowed(full);
    }
    // A syllable was typed on purpose: it holds no key of Telex, no letter held down, no slip.
    if is_known(word) || is_syllable(&word.plain) {
        return Cow::Borrowed(word);
    }
    // "dear" is no slip of "deal": a yes is not made of what was not said.
    let agrees = |mended: &Word| VOCABULARY.longest(|at| (at == 0).then_some(mended)) == Some((1, Yes));
    let meant =
        spelling::meant(word).find(is_known).or_else(|| VOCABULARY.slipped(word).filter(|mended| !agrees(mended)));
    meant.map_or(Cow::Borrowed(word), Cow::Owned)
}

fn is_known(word: &Word) -> bool {
    VOCABULARY.knows(word) || is_polite(word)
}
