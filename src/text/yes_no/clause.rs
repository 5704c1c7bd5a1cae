//! What one clause says: the grammar of yes and no.
//!
//! Knows marks, not words; those are in [`super::lexicon`].

use super::lexicon::Mark;

/// What was said, all clauses together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) yes: bool,
    pub(super) no: bool,
    /// `dạ`, `vâng`, `ừ`: a yes when nothing else is said.
    pub(super) courtesy: bool,
    /// That in a clause of its own.
    pub(super) nod: bool,
    /// Puts off, sets a condition, takes something back.
    pub(super) doubt: bool,
    /// Comes near an answer.
    pub(super) hint: bool,
    /// Something is wrong or refused, which a yes beside it cannot mean.
    pub(super) fault: bool,
    /// Something is to be stopped, deleted or left out.
    pub(super) undone: bool,
    pub(super) question: bool,
    /// Something that is neither an answer nor a question.
    pub(super) other: bool,
}

impl Said {
    /// Adds what a clause says; `asked` where a question mark ends it.
    pub(super) fn add(&mut self, marks: &[Mark], asked: bool) {
        let mut clauses = marks.split(|mark| *mark == Mark::Because).peekable();
        while let Some(marks) = clauses.next() {
            self.add_clause(marks, asked && clauses.peek().is_none());
        }
    }

    fn add_clause(&mut self, marks: &[Mark], asked: bool) {
        let clause = Clause::of(marks);
        self.courtesy |= clause.courteous;
        self.other |= marks.contains(&Mark::Greeting);
        let answered = self.yes || self.no || (self.courtesy && !self.other);
        if asked || clause.asks(self.no) {
            self.question = true;
            self.yes |= clause.agrees_before_it_asks();
            return;
        }
        let opening = clause.opening();
        match opening {
            Opening::Yes => self.yes = true,
            Opening::No => self.no = true,
            Opening::Doubt => self.doubt = true,
            Opening::Hint => self.hint = true,
            Opening::Other => {
                self.other = true;
                self.hint |= self.nod;
            }
            Opening::Nothing => self.nod |= clause.courteous,
        }
        let answers = matches!(opening, Opening::Yes | Opening::No | Opening::Hint);
        self.doubt |= clause.is_conditional();
        self.doubt |= answered && clause.has(&[Mark::But]) || answers && clause.takes_back();
        self.doubt |= answers && clause.doubts_later();
        self.doubt |= opening == Opening::Yes && clause.has(&DENIALS);
        self.fault |= clause.finds_fault();
        self.undone |= clause.undoes();
        self.hint |= opening == Opening::Other && clause.comes_near();
    }
}

const DENIALS: [Mark; 5] = [Mark::Not, Mark::NotYet, Mark::NotSo, Mark::No, Mark::Enough];

/// How a clause begins, politeness aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opening {
    Yes,
    No,
    Doubt,
    Hint,
    Other,
    Nothing,
}

/// A mark that says something.
#[derive(Clone, Copy, Debug)]
struct Content {
    mark: Mark,
    /// The end, a particle, a thank or `không sai` comes next: `có em`, not `có sim`.
    closed: bool,
}

/// A clause without its politeness.
struct Clause {
    content: Vec<Content>,
    /// Begins with `dạ`, `vâng`, `ừ`.
    courteous: bool,
    /// Presses: `đi`, `luôn`.
    urged: bool,
    /// Ends in `hả`, `à`.
    tagged: bool,
}

impl Clause {
    fn of(marks: &[Mark]) -> Self {
        use Mark::{Courtesy, Filler, Greeting, NotWrong, Particle, Person, Tag, Urge};
        let transparent = |mark: &&Mark| matches!(mark, Filler | Person | Urge);
        let closed = |at: usize| {
            let next = marks[at + 1..].iter().find(|mark| !transparent(mark));
            next.is_none_or(|next| matches!(next, Particle | Greeting | Courtesy | NotWrong))
        };
        let says = |mark: Mark| !matches!(mark, Courtesy | Filler | Greeting | Particle | Person | Tag | Urge);
        let content = marks
            .iter()
            .enumerate()
            .filter(|(_, mark)| says(**mark))
            .map(|(at, mark)| Content { mark: *mark, closed: closed(at) });
        let last = marks.iter().rposition(|mark| !matches!(mark, Particle | Person | Filler));
        Self {
            content: content.collect(),
            courteous: marks.contains(&Courtesy),
            urged: marks.contains(&Urge),
            // "à, có em" only opens with it.
            tagged: last.is_some_and(|last| marks[last] == Tag && marks.len() > 1),
        }
    }

    fn has(&self, marks: &[Mark]) -> bool {
        self.content.iter().any(|content| marks.contains(&content.mark))
    }

    fn mark(&self, at: usize) -> Option<Mark> {
        self.content.get(at).map(|content| content.mark)
    }

    /// `có mất tiền không`, `được chưa`, `bao giờ giao`, `thật à`; after a refusal `đổi làm gì` asks nothing.
    fn asks(&self, refused: bool) -> bool {
        let denies = |mark: Mark| DENIALS.contains(&mark) || mark == Mark::NotWrong;
        let denial = self.content.iter().position(|content| denies(content.mark));
        let undenied = |mark: Mark| {
            let at = self.content.iter().position(|content| content.mark == mark);
            at.is_some_and(|at| denial.is_none_or(|denial| at < denial))
        };
        let asks = self.has(&[Mark::Question]) || undenied(Mark::Any) || (undenied(Mark::WhatFor) && !refused);
        self.tagged || self.ends_in_not() || (asks && !self.leaves_open())
    }

    /// `để hỏi đã`, `không biết thế nào`: what follows is put off, or not known.
    fn leaves_open(&self) -> bool {
        match self.content.iter().map(|content| content.mark).find(|mark| *mark != Mark::But) {
            Some(Mark::Leave) => true,
            Some(Mark::Not | Mark::NotYet) => self.has(&[Mark::Know]),
            _ => false,
        }
    }

    /// `được không`, `giao chưa`; not `chắc không`.
    fn ends_in_not(&self) -> bool {
        use Mark::{Act, Any, Echo, Except, Hint, Know, Other, Slip, Undo, Yes};
        match self.content.as_slice() {
            [.., before, last] => {
                matches!(last.mark, Mark::Not | Mark::NotYet)
                    && matches!(before.mark, Act | Any | Echo | Except | Hint | Know | Other | Slip | Undo | Yes)
            }
            _ => false,
        }
    }

    /// "ok bao giờ giao", but neither "ok không" nor "đồng ý gì".
    fn agrees_before_it_asks(&self) -> bool {
        let [first, second, rest @ ..] = self.content.as_slice() else { return false };
        let agrees = first.mark == Mark::Yes || (first.mark == Mark::Echo && first.closed);
        let only_asks = second.mark == Mark::Any
            || (rest.is_empty() && matches!(second.mark, Mark::Not | Mark::NotYet | Mark::WhatFor));
        agrees && !only_asks
    }

    /// How many words join the clause to what came before.
    fn skipped(&self) -> usize {
        self.content.iter().take_while(|content| matches!(content.mark, Mark::Then | Mark::But)).count()
    }

    fn opening(&self) -> Opening {
        let skipped = self.skipped();
        let Some(first) = self.content.get(skipped) else { return Opening::Nothing };
        match first.mark {
            Mark::Yes => Opening::Yes,
            Mark::Echo => self.echoed(skipped),
            Mark::Act if self.is_wanted() => Opening::Yes,
            Mark::No | Mark::Enough => Opening::No,
            Mark::NotSo if self.has(&[Mark::Not]) => Opening::Doubt,
            Mark::NotSo => Opening::No,
            Mark::Not | Mark::NotYet => self.denied(skipped),
            Mark::Doubt | Mark::Leave => Opening::Doubt,
            Mark::Act | Mark::Hint | Mark::Know | Mark::NotWrong => Opening::Hint,
            Mark::WhatFor => Opening::Nothing,
            _ => Opening::Other,
        }
    }

    /// "có", "có em nhà chị ...", "muốn đổi" agree; "có sim rồi", "phải đi làm" may mean anything.
    fn echoed(&self, at: usize) -> Opening {
        let chained = |content: &&Content| matches!(content.mark, Mark::Echo | Mark::Act | Mark::Yes);
        let last = self.content[at..].iter().take_while(chained).last();
        match last {
            Some(last) if last.closed || last.mark == Mark::Yes || self.content[at].closed => Opening::Yes,
            _ => Opening::Hint,
        }
    }

    /// "đổi đi em", "dạ đổi": the thing itself, pressed for or courteously named, and nothing else.
    fn is_wanted(&self) -> bool {
        let only = self.content.iter().all(|content| matches!(content.mark, Mark::Act | Mark::Yes));
        only && (self.urged || self.courteous)
    }

    /// "không", "không em ...", "không muốn" refuse; "không biết" and "chưa rảnh" doubt.
    fn denied(&self, at: usize) -> Opening {
        if self.content[at].closed {
            return Opening::No;
        }
        match self.mark(at + 1) {
            Some(Mark::Know | Mark::Doubt) => Opening::Doubt,
            Some(Mark::Hint) => Opening::Hint,
            Some(Mark::Other | Mark::Slip | Mark::Undo | Mark::Except) => match self.content[at].mark {
                Mark::NotYet => Opening::Doubt,
                _ => Opening::Hint,
            },
            _ => Opening::No,
        }
    }

    /// Doubt behind the opening, or agreement behind a refusal that it does not belong to.
    fn doubts_later(&self) -> bool {
        let refuses = self.mark(0).is_some_and(|mark| DENIALS.contains(&mark));
        let own = usize::from(refuses && !self.content[0].closed);
        let agrees = refuses && self.content.iter().skip(1 + own).any(|content| content.mark == Mark::Yes);
        agrees || self.content.iter().skip(1).any(|content| matches!(content.mark, Mark::Doubt | Mark::Leave))
    }

    /// `chị dùng tốt không cần`, `mai chị trả lời`, `số nhà sai`: among other words something of an answer.
    fn comes_near(&self) -> bool {
        let wrong = self.finds_fault() && self.mark(0) != Some(Mark::Slip);
        wrong || self.has(&[Mark::Doubt]) || (self.has(&DENIALS) && self.has(&[Mark::Act, Mark::Echo, Mark::Yes]))
    }

    /// `số nhà sai`, `sđt nhầm rồi`, `giờ giao chưa đúng`; not `chị dùng tốt không cần đổi`.
    fn finds_fault(&self) -> bool {
        let denied = |pair: &[Content]| {
            DENIALS.contains(&pair[0].mark) && matches!(pair[1].mark, Mark::Yes | Mark::Echo) && pair[1].closed
        };
        self.has(&[Mark::No, Mark::Slip]) || self.content.windows(2).any(denied)
    }

    /// `hủy đi`, `ok hết trừ số nhà`, `trừ số nhà`; not `sim cũ bỏ rồi`.
    fn undoes(&self) -> bool {
        use Mark::{Act, Echo, Except, Undo, Yes};
        let excepts = matches!(self.mark(self.skipped()), Some(Act | Echo | Except | Yes)) && self.has(&[Except]);
        excepts || self.has(&[Undo])
    }

    /// `ok nhưng ...`; not `nhưng mà ok`.
    fn takes_back(&self) -> bool {
        self.content.iter().skip(1).any(|content| content.mark == Mark::But)
    }

    /// `rảnh thì đổi`, `ừ thì`; not `chị thì được`.
    fn is_conditional(&self) -> bool {
        let Some(at) = self.content.iter().position(|content| content.mark == Mark::Then) else { return false };
        match self.mark(at + 1) {
            None => true,
            Some(mark) => at > 0 && matches!(mark, Mark::Yes | Mark::Echo | Mark::Act | Mark::No | Mark::Not),
        }
    }
}
