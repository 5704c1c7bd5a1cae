//! The options that a message mentions, and those of them that it takes out: `không phải sáng, chiều cơ`.

use super::{ChoiceReading, Clause, option_at};
use crate::text::word::{Word, agrees, is_polite};
use crate::text::yes_no::is_not;

/// Options that are mentioned, in the order of the message.
#[derive(Default)]
pub(super) struct Mentions {
    wanted: Vec<usize>,
    denied: Vec<usize>,
}

/// What a word of a message does to the options around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Option(usize),
    /// Denies what follows, or what came before.
    Denial,
    /// Denies what follows.
    Except,
    /// Denies what came before.
    Busy,
    /// Joins two options.
    Joint,
    /// Sets what follows against what came before: `mà`, `nhưng`.
    But,
    /// Takes back all that came before.
    Slip,
    Light,
    Other,
}

impl Mentions {
    /// What is mentioned in the clauses, where `same` says whether two words are one.
    pub(super) fn of(clauses: &[Clause<'_>], labels: &[Vec<Word>], same: &dyn Fn(&Word, &Word) -> bool) -> Self {
        let mut mentions = Self::default();
        for clause in clauses {
            mentions.add(&pieces(clause, labels, same));
        }
        mentions
    }

    /// The options that are mentioned and not taken out, in the order they are listed in.
    pub(super) fn picked(&self) -> Vec<usize> {
        let mut picked = self.wanted.clone();
        picked.sort_unstable();
        picked.dedup();
        picked
    }

    /// What is picked of so many options; where they are only ruled out, what is left of them.
    pub(super) fn reading(&self, options: usize) -> ChoiceReading {
        if !self.wanted.is_empty() {
            return ChoiceReading::of(self.picked());
        }
        let left: Vec<usize> = (0..options).filter(|index| !self.denied.contains(index)).collect();
        match left.as_slice() {
            // Of more than two, whoever rules out all but one was perhaps understood badly.
            [_] if options > 2 => ChoiceReading::Several(left),
            _ => ChoiceReading::of(left),
        }
    }

    fn add(&mut self, clause: &[Piece]) {
        let mut denies = false;
        // What was denied last: "sim" of "Đổi SIM 4G" behind "không đổi" is denied as well.
        let mut shut = None;
        // Where the options begin that a denial behind them would take out.
        let mut group = self.wanted.len();
        for (at, piece) in clause.iter().enumerate() {
            match piece {
                Piece::Option(index) if denies || shut == Some(*index) => {
                    self.denied.push(*index);
                    shut = Some(*index);
                    denies = clause.get(at + 1) == Some(&Piece::Joint);
                }
                Piece::Option(index) => self.wanted.push(*index),
                Piece::Slip => {
                    self.wanted.clear();
                    (group, denies, shut) = (0, false, None);
                }
                Piece::But => shut = None,
                Piece::Denial | Piece::Except if denies_what_follows(clause, at) => {
                    (group, denies) = (self.wanted.len(), true);
                }
                Piece::Denial | Piece::Busy => self.denied.extend(self.wanted.drain(group..)),
                Piece::Except | Piece::Joint | Piece::Light | Piece::Other => {}
            }
        }
    }
}

/// "không phải sáng" takes out what follows, "sáng không được, chiều" what came before.
fn denies_what_follows(clause: &[Piece], at: usize) -> bool {
    let option = |piece: &Piece| matches!(piece, Piece::Option(_));
    let follows_one = clause[..at].iter().rev().find(|piece| **piece != Piece::Light).is_some_and(option);
    match clause[at + 1..].iter().position(option) {
        Some(next) => !follows_one || next == 0,
        None => false,
    }
}

fn pieces((words, read): &Clause<'_>, labels: &[Vec<Word>], same: &dyn Fn(&Word, &Word) -> bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = read.start;
    while at < read.end {
        let (piece, length) = match option_at(words, at, labels, same) {
            Some((index, length)) => (Piece::Option(index), length),
            None => piece(words, at),
        };
        pieces.push(piece);
        at += length;
    }
    pieces
}

fn piece(words: &[Word], at: usize) -> (Piece, usize) {
    let is_any = |at: usize, named: &[&str]| {
        words.get(at).is_some_and(|word| named.iter().any(|named| agrees(&word.folded, named)))
    };
    let word = &words[at];
    let last = words[at + 1..].iter().all(is_polite);
    if word.folded == "à" && words.get(at + 1).is_some_and(is_not) {
        return (Piece::Slip, 2);
    }
    match word.folded.as_str() {
        "nhầm" | "lộn" => (Piece::Slip, 1),
        "bận" | "kẹt" => (Piece::Busy, 1),
        // "chiều được không" asks for it; "không biết sáng hay chiều" and "không bận" take nothing out.
        _ if is_not(word) && last && at > 0 && is_any(at - 1, &["được", "ok", "tiện"]) => (Piece::Other, 1),
        _ if is_not(word) && is_any(at + 1, &["biết", "rõ", "chắc", "bận", "sao", "vấn"]) => (Piece::Other, 2),
        "đừng" => (Piece::Denial, 1),
        "bỏ" if last => (Piece::Denial, 1),
        // "sáng né" is "sáng nhé"; without accents it is "nè", and "bo" a father.
        "né" | "bỏ" => (Piece::Except, 1),
        // "miễn là sáng" wants it, "miễn phí" is no time.
        "miễn" | "mien" if is_any(at + 1, &["là", "sao", "phí"]) => (Piece::Other, 2),
        _ if is_not(word) || is_any(at, &["trừ", "ngoài", "khỏi", "tránh", "miễn"]) => (Piece::Denial, 1),
        _ if is_any(at, &["hoặc", "hay", "và", "với", "lẫn"]) => (Piece::Joint, 1),
        "mà" | "nhưng" | "ma" | "nhung" => (Piece::But, 1),
        _ if is_polite(word) || is_any(at, &["buổi", "thì", "là", "cái"]) => (Piece::Light, 1),
        _ => (Piece::Other, 1),
    }
}
