//! The words of yes and no: phrases, chat spellings, and what each says.
//!
//! A table only; how its marks add up is [`super`]'s business.

use std::sync::LazyLock;

use crate::text::unaccent_keep_case;
use crate::text::word::{self, Word, is_polite};

/// What a phrase says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Agrees.
    Yes,
    /// `có`: agrees when it stands alone, else "to have".
    Have,
    /// `dạ`, `vâng`: agrees when nothing else is said.
    Courtesy,
    /// Refuses.
    No,
    /// `không` by itself: refuses, or ends a question.
    Not,
    /// Doubts.
    Hedge,
    /// `nhưng`, `mà`: takes back part of what was said.
    But,
    /// Asks.
    Question,
    /// Says nothing: politeness, emphasis.
    Filler,
    /// Anything else.
    Other,
}

use Mark::{But, Courtesy, Filler, Have, Hedge, No, Not, Question, Yes};

/// Phrases and what they say; the longest that fits is taken, the first of equals. `không` stands for all its spellings.
const PHRASES: &[(&str, Mark)] = &[
    // Doubt, before its parts are read as yes or no.
    ("không phải là không", Hedge),
    ("không phải không", Hedge),
    ("không hẳn", Hedge),
    ("không biết", Hedge),
    ("không chắc", Hedge),
    ("không rõ", Hedge),
    ("không sao", Hedge),
    ("chưa chắc", Hedge),
    ("chưa biết", Hedge),
    ("chưa rõ", Hedge),
    ("suy nghĩ", Hedge),
    ("có lẽ", Hedge),
    ("có thể", Hedge),
    ("hình như", Hedge),
    ("để xem", Hedge),
    ("để sau", Hedge),
    ("lúc khác", Hedge),
    ("khi khác", Hedge),
    ("hôm khác", Hedge),
    ("sao cũng được", Hedge),
    ("gì cũng được", Hedge),
    ("tùy", Hedge),
    ("nếu", Hedge),
    ("chắc là", Hedge),
    ("chắc", Hedge),
    ("nhưng mà", But),
    ("nhưng", But),
    ("mà", But),
    // Refusals with a verb.
    ("không đồng ý", No),
    ("không muốn", No),
    ("không cần", No),
    ("không phải", No),
    ("không đúng", No),
    ("không được", No),
    ("không có nhu cầu", No),
    ("không có", No),
    ("không quan tâm", No),
    ("không thích", No),
    ("không chịu", No),
    ("không đổi", No),
    ("không làm", No),
    ("không lấy", No),
    ("không bao giờ", No),
    ("không ok", No),
    ("không đâu", No),
    ("không hề", No),
    ("không nhé", No),
    ("không dám", No),
    ("chưa muốn", No),
    ("chưa cần", No),
    ("chưa đồng ý", No),
    ("chưa đúng", No),
    ("chưa phải", No),
    ("chưa có", No),
    ("chả", No),
    ("chẳng", No),
    ("từ chối", No),
    ("tuchoi", No),
    ("khỏi cần", No),
    ("khỏi", No),
    ("sai", No),
    ("no", No),
    ("nope", No),
    ("n", No),
    ("bỏ qua", No),
    // Unaccented, it would begin with "đúng".
    ("dừng lại", Mark::Other),
    ("không", Not),
    // Agreement that holds a "no" word.
    ("không vấn đề gì", Yes),
    ("không vấn đề", Yes),
    ("không thành vấn đề", Yes),
    ("tại sao không", Yes),
    ("sao lại không", Yes),
    ("sao không", Yes),
    ("thôi cũng được", Yes),
    ("thôi được", Yes),
    ("thôi thì được", Yes),
    ("thôi ok", Yes),
    ("được thôi", Yes),
    ("ok thôi", Yes),
    // Plain agreement.
    ("đồng ý", Yes),
    ("dongy", Yes),
    ("nhất trí", Yes),
    ("chấp nhận", Yes),
    ("tán thành", Yes),
    ("xác nhận", Yes),
    ("có muốn", Yes),
    ("có đồng ý", Yes),
    ("có cần", Yes),
    ("có chứ", Yes),
    ("có nhu cầu", Yes),
    ("muốn đổi", Yes),
    ("muốn làm", Yes),
    ("muốn nhận", Yes),
    ("muốn đăng ký", Yes),
    ("muốn", Yes),
    ("đúng rồi", Yes),
    ("đúng vậy", Yes),
    ("đúng", Yes),
    ("phải rồi", Yes),
    ("phải", Yes),
    ("chính xác", Yes),
    ("chuẩn", Yes),
    ("tất nhiên", Yes),
    ("dĩ nhiên", Yes),
    ("đương nhiên", Yes),
    ("chắc chắn", Yes),
    ("cũng được", Yes),
    ("được", Yes),
    ("dc", Yes),
    ("đc", Yes),
    ("dk", Yes),
    ("đk", Yes),
    ("ok", Yes),
    ("oke", Yes),
    ("okê", Yes),
    ("okie", Yes),
    ("oki", Yes),
    ("okay", Yes),
    ("okla", Yes),
    ("okela", Yes),
    ("ô kê", Yes),
    ("yes", Yes),
    ("yep", Yes),
    ("yeah", Yes),
    ("yess", Yes),
    ("y", Yes),
    ("sure", Yes),
    ("có", Have),
    ("cóa", Have),
    ("dạ", Courtesy),
    ("vâng", Courtesy),
    ("vg", Courtesy),
    ("vân", Courtesy),
    ("ừ", Courtesy),
    ("ừm", Courtesy),
    ("ừa", Courtesy),
    ("uh", Courtesy),
    ("uhm", Courtesy),
    ("uk", Courtesy),
    ("uhu", Courtesy),
    ("rồi", Courtesy),
    // Questions.
    ("bao nhiêu", Question),
    ("bao lâu", Question),
    ("bao giờ", Question),
    ("khi nào", Question),
    ("lúc nào", Question),
    ("thế nào", Question),
    ("như nào", Question),
    ("làm sao", Question),
    ("tại sao", Question),
    ("vì sao", Question),
    ("ở đâu", Question),
    ("được chưa", Question),
    ("đúng chưa", Question),
    ("xong chưa", Question),
    ("rồi chưa", Question),
    ("có không", Question),
    ("muốn hỏi", Question),
    ("cho hỏi", Question),
    ("là sao", Question),
    ("sao", Question),
    ("gì", Question),
    ("đâu", Question),
    ("nào", Question),
    ("mấy", Question),
    ("ai", Question),
    ("hả", Question),
    ("phải không", Question),
    ("đúng không", Question),
    ("được không", Question),
    // Single refusals that are other words without their accents: after those.
    ("đừng", No),
    ("chưa", No),
    ("thôi", No),
    // Emphasis.
    ("cảm ơn", Filler),
    ("cám ơn", Filler),
    ("thanks", Filler),
    ("tks", Filler),
    ("thank", Filler),
    ("chứ", Filler),
    ("thì", Filler),
    ("là", Filler),
    ("cũng", Filler),
    ("đó", Filler),
    ("đấy", Filler),
    ("hết", Filler),
    ("nữa", Filler),
    ("lắm", Filler),
    ("á", Filler),
    ("hen", Filler),
    ("ha", Filler),
    ("hihi", Filler),
    ("đổi sim", Filler),
    ("đổi", Filler),
    ("sim", Filler),
    ("lại", Filler),
    ("ngay", Filler),
    ("vậy", Filler),
    ("nha", Filler),
];

/// Chat spellings of `không`; accents in them carry nothing.
const NOT: [&str; 15] =
    ["k", "ko", "kh", "kg", "hok", "hong", "hông", "hem", "khum", "khong", "kô", "khôg", "kông", "hổng", "hăm"];

/// A word of a phrase; unaccented once, since every message is held against all of them.
struct Named {
    folded: &'static str,
    plain: String,
}

static READ_PHRASES: LazyLock<Vec<(Vec<Named>, Mark)>> = LazyLock::new(|| {
    let named = |folded| Named { folded, plain: unaccent_keep_case(folded) };
    PHRASES.iter().map(|(phrase, mark)| (phrase.split(' ').map(named).collect(), *mark)).collect()
});

/// A typed word, `không` in full, and whether it may be a slip: only what is no Vietnamese syllable is one, so
/// that `phòng` is never taken for `không`.
struct Typed {
    word: Word,
    may_slip: bool,
}

impl Typed {
    fn of(word: &Word) -> Self {
        let word = spelled_out(word);
        Self { may_slip: !word::is_syllable(&word.plain), word }
    }

    /// Whether it is this vocabulary word, in full or with one slip.
    fn is(&self, named: &Named) -> bool {
        if self.word.plain == named.plain {
            return word::agrees(&self.word.folded, named.folded);
        }
        self.may_slip && word::one_slip(&self.word.plain, &named.plain)
    }
}

/// What each phrase of a clause says, in order.
pub(super) fn marks(words: &[Word]) -> Vec<Mark> {
    let words: Vec<Typed> = words.iter().map(Typed::of).collect();
    let mut marks = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (length, mark) = longest(&words[at..]);
        marks.push(mark);
        at += length;
    }
    marks
}

/// Whether a word is `không` in one of its spellings.
pub(super) fn is_not(word: &Word) -> bool {
    word.folded == "không" || NOT.contains(&word.folded.as_str())
}

fn spelled_out(word: &Word) -> Word {
    if NOT.contains(&word.folded.as_str()) {
        return Word { folded: "không".to_owned(), plain: "khong".to_owned() };
    }
    word.clone()
}

fn longest(words: &[Typed]) -> (usize, Mark) {
    let mut best: Option<(Fit, Mark)> = None;
    for (phrase, mark) in READ_PHRASES.iter() {
        if let Some(fit) = fit(words, phrase)
            && best.is_none_or(|(best, _)| fit > best)
        {
            best = Some((fit, *mark));
        }
    }
    match best {
        Some((fit, mark)) => (fit.length, mark),
        None if is_polite(&words[0].word) => (1, Filler),
        None => (1, Mark::Other),
    }
}

/// How well a phrase fits: the longer the better, then with the very accents typed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    length: usize,
    exact: bool,
}

fn fit(words: &[Typed], phrase: &[Named]) -> Option<Fit> {
    let mut fit = Fit { length: 0, exact: true };
    for named in phrase {
        let typed = words.get(fit.length).filter(|typed| typed.is(named))?;
        fit.exact &= typed.word.folded == named.folded;
        fit.length += 1;
    }
    Some(fit)
}
