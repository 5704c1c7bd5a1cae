//! Yes or no, as Vietnamese customers type it; and the raw answers of a pushed prompt.
//!
//! Careful rather than clever: a consent may hang on it, so that a mixed or hedged message is [`YesNo::Ask`]
//! and a question back is [`YesNo::None`]. The words and what they say are in `lexicon`.

use self::lexicon::Mark;
use super::word::{LONGEST_MESSAGE, Word, words};
use super::{fold, head, plain};

mod lexicon;

/// What a message answers to a yes/no question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Both, or neither clearly: `ok nhưng...`.
    Ask,
    /// Not an answer: a question, or other words.
    None,
}

impl YesNo {
    /// `yes`, `no`, `ask`, `none`: as the command line prints it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Ask => "ask",
            Self::None => "none",
        }
    }
}

/// What a raw answer to a pushed prompt says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptAnswerReading {
    /// Agreed.
    Yes,
    /// Refused.
    No,
    /// Refused, and wants no further prompts: `TC`, `STOP`, `HUY`.
    OptOut,
    /// Neither.
    Unknown,
}

/// Reads a yes or a no.
pub fn read(text: &str) -> YesNo {
    let text = head(text, LONGEST_MESSAGE);
    let mut said = Said::default();
    for clause in clauses(text) {
        said.add(&clause);
    }
    said.thumbs(text);
    said.verdict()
}

/// Reads what a subscriber pressed or typed at a prompt: menu number, YES/NO, or a short word; case, accents
/// and punctuation do not matter. Longer answers are read as [`read`] does.
pub fn prompt_answer(raw: &str) -> PromptAnswerReading {
    let plain = plain(head(raw, LONGEST_MESSAGE));
    let key: String = plain.chars().filter(|char| char.is_alphanumeric()).collect();
    match key.as_str() {
        "1" | "yes" | "y" | "co" | "ok" | "dongy" | "dk" => PromptAnswerReading::Yes,
        "2" | "no" | "n" | "khong" | "ko" | "k" | "tuchoi" => PromptAnswerReading::No,
        "tc" | "stop" | "huy" => PromptAnswerReading::OptOut,
        _ => match read(raw) {
            YesNo::Yes => PromptAnswerReading::Yes,
            YesNo::No => PromptAnswerReading::No,
            YesNo::Ask | YesNo::None => PromptAnswerReading::Unknown,
        },
    }
}

/// The words between two full stops or commas, and whether a question mark ended them.
struct Clause {
    words: Vec<Word>,
    asked: bool,
}

fn clauses(text: &str) -> Vec<Clause> {
    let folded = fold(&text.replace('\n', ","));
    folded
        .split_inclusive([',', '.', ';', '!', '?', ':', '…'])
        .map(|part| Clause { words: words(part), asked: part.ends_with('?') })
        .collect()
}

/// What the clauses said so far.
#[derive(Default)]
struct Said {
    yes: bool,
    /// `dạ`, `vâng`, `ừ`: a yes when nothing else is said.
    courtesy: bool,
    no: bool,
    hedge: bool,
    question: bool,
    other: bool,
}

impl Said {
    fn add(&mut self, clause: &Clause) {
        if clause.words.is_empty() {
            self.question |= clause.asked && !self.answered();
            return;
        }
        let marks = lexicon::marks(&clause.words);
        if is_question(&marks, clause.asked) {
            self.question = true;
            // "ok bao giờ giao" agrees before it asks.
            self.yes |= marks.first() == Some(&Mark::Yes) && marks.contains(&Mark::Question);
            return;
        }
        self.add_statement(&marks);
    }

    fn add_statement(&mut self, marks: &[Mark]) {
        let content: Vec<Mark> = marks.iter().copied().filter(|mark| *mark != Mark::Filler).collect();
        let other = content.iter().filter(|mark| **mark == Mark::Other).count();
        for (at, mark) in content.iter().enumerate() {
            match mark {
                Mark::Yes => self.yes |= other == 0 || at == 0,
                // "có sim rồi" tells something; only alone, or first with little behind it, is it a yes.
                Mark::Have => {
                    self.yes |= other == 0;
                    self.hedge |= other > 0 && at == 0;
                }
                Mark::Courtesy => self.courtesy = true,
                Mark::No | Mark::Not => self.no |= at == 0 || other == 0 || self.only_courtesy_before(&content[..at]),
                Mark::Hedge | Mark::But => self.hedge = true,
                Mark::Question | Mark::Filler | Mark::Other => {}
            }
        }
        self.other |= other > 0;
    }

    fn only_courtesy_before(&self, before: &[Mark]) -> bool {
        before.iter().all(|mark| matches!(mark, Mark::Courtesy | Mark::Yes | Mark::No))
    }

    fn thumbs(&mut self, text: &str) {
        self.yes |= text.contains(['👍', '👌', '✅', '🙆', '🆗']);
        self.no |= text.contains(['👎', '❌', '🙅', '🚫']);
    }

    fn answered(&self) -> bool {
        self.yes || self.no || self.courtesy
    }

    fn verdict(&self) -> YesNo {
        match (self.yes, self.no) {
            (true, true) => YesNo::Ask,
            (true, false) if self.hedge || self.question => YesNo::Ask,
            (false, true) if self.hedge || self.question => YesNo::Ask,
            (true, false) => YesNo::Yes,
            (false, true) => YesNo::No,
            // "dạ em ở 12 nguyễn huệ" is courtesy before something else.
            (false, false) if self.question || self.other => {
                if self.hedge && !self.question {
                    YesNo::Ask
                } else {
                    YesNo::None
                }
            }
            (false, false) if self.hedge => YesNo::Ask,
            (false, false) if self.courtesy => YesNo::Yes,
            (false, false) => YesNo::None,
        }
    }
}

/// `có mất tiền không`, `được chưa`, `bao giờ giao`, or anything unclear before a question mark.
fn is_question(marks: &[Mark], asked: bool) -> bool {
    let content: Vec<Mark> =
        marks.iter().copied().filter(|mark| !matches!(mark, Mark::Filler | Mark::Courtesy)).collect();
    let ends_in_not =
        matches!(content.as_slice(), [.., Mark::Yes | Mark::Have | Mark::Other | Mark::Question, Mark::Not]);
    let negated = matches!(content.first(), Some(Mark::No | Mark::Not));
    ends_in_not || (content.contains(&Mark::Question) && !negated) || (asked && !content.is_empty())
}

/// Whether a word is `không` in one of its spellings.
pub(super) fn is_not(word: &Word) -> bool {
    lexicon::is_not(word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(expected: YesNo, texts: &[&str]) {
        for text in texts {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn yes_in_full_in_chat_spelling_and_without_accents() {
        let texts = [
            "có",
            "co",
            "Có ạ",
            "dạ có",
            "vâng",
            "dạ",
            "dạ vâng ạ",
            "da vang",
            "ừ",
            "uh",
            "ừm",
            "ok",
            "OK em",
            "oke nha",
            "okie",
            "đồng ý",
            "dong y",
            "Đồng Ý.",
            "DONG Y",
            "YES",
            "y",
            "Y",
            "dc",
            "đc",
            "được",
            "được ạ",
            "dk",
            "đúng",
            "đúng rồi",
            "dung",
            "dung roi",
            "chuẩn",
            "phải",
            "muốn",
            "em muốn đổi",
            "có chứ",
            "có nhé",
            "tất nhiên rồi",
            "👍",
            "ok 👍",
            "không vấn đề gì",
            "sao lại không",
            "ok luôn",
            "co\u{301}",
            "đo\u{302}\u{300}ng y\u{301}",
            "dogn y",
            "đồng ý đổi sim",
            "nhất trí",
            "thôi được",
            "chắc chắn rồi",
            "có em",
            "cũng được",
            "yep",
            "vg",
        ];
        all(YesNo::Yes, &texts);
    }

    #[test]
    fn no_in_full_in_chat_spelling_and_without_accents() {
        let texts = [
            "không",
            "khong",
            "k",
            "ko",
            "ko ạ",
            "kh",
            "hok",
            "hông",
            "hong",
            "khum",
            "k em oi",
            "dạ không",
            "dạ không ạ",
            "không cần",
            "ko can dau",
            "không muốn",
            "không đồng ý",
            "khong dong y",
            "từ chối",
            "TU CHOI",
            "NO",
            "N",
            "thôi",
            "thôi em",
            "thôi không cần",
            "khỏi",
            "chưa",
            "không phải",
            "sai",
            "sai rồi",
            "👎",
            "đừng",
            "không đâu",
            "khogn",
            "không, cảm ơn",
            "kho\u{302}ng",
            "không quan tâm",
            "chưa muốn",
            "ko có",
            "không được",
            "không bao giờ",
            "em không",
            "anh ko muốn",
            "vâng, không ạ",
            "không cần gì",
        ];
        all(YesNo::No, &texts);
    }

    #[test]
    fn mixed_and_hedged_messages_are_asked_about() {
        let texts = [
            "ok nhưng mai em mới rảnh",
            "không phải không muốn",
            "khong phai la khong muon",
            "có mà cũng không",
            "để em suy nghĩ",
            "chắc là có",
            "chưa chắc",
            "có lẽ",
            "ok, mà có mất tiền không?",
            "tùy",
            "👍👎",
            "không, à có",
            "để xem đã",
        ];
        all(YesNo::Ask, &texts);
    }

    #[test]
    fn questions_and_other_words_are_no_answer() {
        let texts = [
            "có mất tiền không?",
            "co mat tien ko",
            "có mất phí k ạ",
            "được không",
            "đúng không?",
            "bao giờ giao",
            "sim gì",
            "ở đâu vậy",
            "12 nguyễn huệ",
            "dừng lại",
            "dung lai",
            "dung lai di em",
            "dạ em ở 12 nguyễn huệ",
            "0901234567",
            "phòng",
            "mai nhé",
            "?",
            "",
            "em muốn hỏi",
            "1",
        ];
        all(YesNo::None, &texts);
    }

    #[test]
    fn a_prompt_is_answered_by_number_word_or_opt_out() {
        use PromptAnswerReading::{No, OptOut, Unknown, Yes};
        for (raw, expected) in [
            ("1", Yes),
            ("YES", Yes),
            (" y ", Yes),
            ("CÓ", Yes),
            ("OK", Yes),
            ("DONG Y", Yes),
            ("DONGY", Yes),
            ("Đồng ý.", Yes),
            ("DK", Yes),
            ("2", No),
            ("NO", No),
            ("n", No),
            ("KHONG", No),
            ("Không", No),
            ("KO", No),
            ("K", No),
            ("TU CHOI", No),
            ("TUCHOI", No),
            ("TC", OptOut),
            ("stop", OptOut),
            ("HỦY", OptOut),
            ("không cần đâu", No),
            ("abc", Unknown),
            ("", Unknown),
            ("3", Unknown),
        ] {
            assert_eq!(prompt_answer(raw), expected, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in any::<String>()) {
            read(&text);
            prompt_answer(&text);
        }

        #[test]
        fn any_row_of_known_words_is_read(words in prop::collection::vec(
            prop::sample::select(vec!["có", "không", "ok", "nhưng", "phải", "được", "?", ",", "dạ", "chưa", "gì"]), 0..12)) {
            read(&words.join(" "));
        }
    }
}
