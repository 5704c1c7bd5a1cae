//! Yes or no, as Vietnamese customers type it; and the raw answers of a pushed prompt.
//!
//! Careful rather than clever, since a consent may hang on it: the worst error is a yes that was not said, the next
//! a no that was not. So an answer with a doubt, a condition, a delay or a question beside it is [`YesNo::Ask`], as
//! is a yes beside which something is called wrong or called off, and what only comes near an answer; a question or
//! anything else alone is [`YesNo::None`]. The policy in full, with every phrasing that is known, stands in
//! `tests/phrases/yes_no.tsv`. The words are in `lexicon`, the grammar of a clause in `clause`; the question itself is
//! not known here, so nothing may depend on it.

use self::clause::Said;
use super::word::{LONGEST_MESSAGE, Word, words_of_folded};
use super::{fold, head, plain};

mod clause;
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
    let said = said(text);
    verdict(Said { fault: said.fault || said.undone, ..said })
}

/// Reads the answer to whether something should be stopped, deleted or taken back: `ok hủy` agrees there.
pub fn read_undoing(text: &str) -> YesNo {
    verdict(said(text))
}

fn said(text: &str) -> Said {
    let text = head(text, LONGEST_MESSAGE);
    let mut said = Said { yes: text.contains(AGREEING), no: text.contains(REFUSING), ..Said::default() };
    said.doubt = text.contains(DOUBTING);
    for (words, asked) in clauses(text) {
        said.add(&lexicon::marks(&words), asked);
    }
    said
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

/// Signs that say yes, say no, or shrug.
const AGREEING: [char; 7] = ['👍', '👌', '✅', '✔', '☑', '🙆', '🆗'];
const REFUSING: [char; 5] = ['👎', '❌', '✖', '🙅', '🚫'];
const DOUBTING: [char; 2] = ['🤔', '🤷'];

/// The words between two full stops or commas, and whether a question mark ended them.
fn clauses(text: &str) -> Vec<(Vec<Word>, bool)> {
    let folded = fold(&text.replace('\n', ",").replace(['\'', '’'], ""));
    let mut clauses: Vec<(Vec<Word>, bool)> = Vec::new();
    for part in folded.split_inclusive([',', '.', ';', '!', '?', ':', '…']) {
        let asked = part.ends_with('?');
        match (words_of_folded(part), clauses.last_mut()) {
            // "được!?" asks too.
            (empty, Some((_, before))) if empty.is_empty() => *before |= asked,
            (words, _) => clauses.push((words, asked)),
        }
    }
    clauses
}

fn verdict(said: Said) -> YesNo {
    let answered = said.yes || said.no;
    match said {
        _ if answered && (said.yes && (said.no || said.fault) || said.doubt || said.question) => YesNo::Ask,
        Said { yes: true, .. } => YesNo::Yes,
        Said { no: true, .. } => YesNo::No,
        Said { question: true, .. } => YesNo::None,
        Said { doubt: true, .. } | Said { hint: true, .. } => YesNo::Ask,
        // "dạ em ở 12 nguyễn huệ" is courtesy before something else.
        Said { courtesy: true, other: false, .. } => YesNo::Yes,
        _ => YesNo::None,
    }
}

/// Whether a word denies what stands beside it, in whatever spelling: `không`, `ko`, `chả`.
pub(super) fn is_not(word: &Word) -> bool {
    lexicon::is_not(word)
}

#[cfg(test)]
mod tests;
