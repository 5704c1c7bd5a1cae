//! What a waiting session does with a [`Reading`]: the transitions of a conversation, without its words.

use crate::domain::message::Called;
use crate::domain::session::{Guesses, Question, Session, Waiting};
use crate::domain::slot::Value;
use crate::flow::{AboutTicket, Ask, Confirm, Corrections, Interrupt, StepIx, Then, Verb, Wording};
use crate::text::time_window;

use super::address;
use super::fill::{self, Fill};
use super::news::TicketWish;
use super::question::agree;
use super::reading::Reading;
use super::run::Run;
use super::{Effect, Turn, What, enter};

/// Does what follows from a reading, at a step that waits like this.
pub(super) fn react(mut run: Run<'_>, at: StepIx, waiting: Waiting, reading: Reading) -> Turn {
    let flow = run.flow;
    match reading {
        Reading::Unreadable | Reading::Stale => return not_readable(run, at, waiting, &reading),
        Reading::Interrupt(name) => {
            return match flow.interrupts.iter().find(|interrupt| interrupt.name == name) {
                Some(interrupt) => interrupted(run, at, interrupt, waiting),
                None => run.repeat(at, waiting),
            };
        }
        Reading::Corrects(values) => return corrects(run, at, values, waiting),
        _ => {}
    }
    match (waiting, &flow.step(at).verb) {
        (Waiting::Answer, Verb::Ask(ask)) => answered(run, at, ask, reading, Waiting::Answer),
        (Waiting::Known { value }, Verb::Ask(ask)) => match reading {
            Reading::Yes => run.filled(at, ask, value),
            Reading::No => {
                run.note(at, What::Agreed(false));
                run.ask(at, ask)
            }
            other => answered(run, at, ask, other, Waiting::Known { value }),
        },
        (waiting @ Waiting::Part { .. }, Verb::Ask(ask)) => answered(run, at, ask, reading, waiting),
        (Waiting::Unsure { guesses }, Verb::Ask(ask)) => guessed(run, at, ask, guesses, reading),
        (Waiting::Confirm, Verb::Confirm(confirm)) => confirmed(run, at, confirm, &reading),
        (Waiting::Which, Verb::Confirm(confirm)) => which(run, at, confirm, &reading),
        (Waiting::Correct { values, back, question }, _) => {
            run.question = question;
            corrected(run, at, &values, *back, reading)
        }
        (Waiting::Interrupt { name, back, question }, _) => {
            let agreed = reading == Reading::Yes;
            run.note(at, What::Agreed(agreed));
            run.question = question;
            match flow.interrupts.iter().find(|interrupt| interrupt.name == name) {
                Some(interrupt) if agreed => then(run, &interrupt.then, at, *back),
                _ => run.repeat(at, *back),
            }
        }
        (waiting @ Waiting::Call { .. }, _) => run.repeat(at, waiting),
        // Whoever writes during a pause is here: there is nothing to wait for.
        (Waiting::Pause | Waiting::Person, _) => {
            let next = flow.step(at).next;
            run.leave_question(at, next)
        }
        // The step was edited into another kind while the contact was here: put it anew.
        _ => run.go(at),
    }
}

/// Something that is no words, or a tap on something that is over.
fn not_readable(mut run: Run<'_>, at: StepIx, waiting: Waiting, reading: &Reading) -> Turn {
    run.note(at, What::NotReadable);
    let stale = *reading == Reading::Stale;
    let text = if stale { run.words().expired } else { run.words().not_readable }.to_owned();
    let step = &run.flow.step(at).id;
    run.push(step, text, Vec::new());
    run.repeat(at, waiting)
}

/// The question for a slot was answered; `waiting` is what to wait for again if it was not.
fn answered(mut run: Run<'_>, at: StepIx, ask: &Ask, reading: Reading, waiting: Waiting) -> Turn {
    match reading {
        Reading::Value(value) => run.filled(at, ask, value),
        Reading::Lacks(part, so_far) => {
            run.look_ahead(at, ask);
            run.ask_part(at, ask, part, so_far)
        }
        Reading::Unsure(guesses) => {
            run.look_ahead(at, ask);
            run.ask_guess(at, ask, guesses)
        }
        Reading::Skip => {
            run.note(at, What::Skipped);
            let next = run.flow.step(at).next;
            run.leave_question(at, next)
        }
        // Whatever was proposed, something else was meant.
        Reading::Unfit(why) => {
            let why = run.words().unfit(&why);
            refused(run, at, &Retry { why: Some(why), ..Retry::of_ask(ask) }, Waiting::Answer)
        }
        other => {
            let why = unclear(&run, &other);
            refused(run, at, &Retry { why, ..Retry::of_ask(ask) }, waiting)
        }
    }
}

/// A guess, or several, were proposed.
fn guessed(mut run: Run<'_>, at: StepIx, ask: &Ask, guesses: Guesses, reading: Reading) -> Turn {
    let picked = match &reading {
        Reading::Picked(ix) => guesses.value(*ix),
        Reading::Yes if guesses.count() == 1 => guesses.value(0),
        _ => None,
    };
    if let Some(guess) = picked {
        let reading = match guess {
            Value::Address(guess) => match address::complete(run.flow.slot(ask.slot), guess.clone()) {
                Fill::Lacks(part, so_far) => Reading::Lacks(part, so_far),
                _ => Reading::Value(Value::Address(guess)),
            },
            guess => Reading::Value(guess),
        };
        return answered(run, at, ask, reading, Waiting::Answer);
    }
    // What only raises the next question counts as a try, or whoever repeats it would be asked in circles.
    let raises_another = match &reading {
        Reading::Unsure(again) => !again.are_those(&guesses),
        Reading::Lacks(..) => true,
        _ => false,
    };
    // The author's words are about an answer that was not read; here one was, and none was chosen.
    let why = match (&guesses, &reading) {
        (_, Reading::Unclear(_)) => unclear(&run, &reading),
        (Guesses::Addresses(_), Reading::Unsure(_)) => Some(run.question.text.clone()),
        (Guesses::Addresses(_), _) => None,
        (Guesses::Phones(_), Reading::No) => Some(run.words().number_again.to_owned()),
        (Guesses::Phones(_), _) => Some(run.question.text.clone()),
    };
    let retry = Retry { why, ..Retry::of_ask(ask) };
    match reading {
        settled @ (Reading::Value(_) | Reading::Skip | Reading::Unfit(_)) => {
            answered(run, at, ask, settled, Waiting::Answer)
        }
        other if raises_another && usize::from(run.tries) < ask.retry.len() => {
            run.tries += 1;
            answered(run, at, ask, other, Waiting::Answer)
        }
        Reading::No => refused(run, at, &retry, Waiting::Answer),
        _ => refused(run, at, &retry, Waiting::Unsure { guesses }),
    }
}

/// The summary was answered.
fn confirmed(mut run: Run<'_>, at: StepIx, confirm: &Confirm, reading: &Reading) -> Turn {
    match reading {
        Reading::Yes => {
            run.note(at, What::Agreed(true));
            let next = confirm.if_yes.or(run.flow.step(at).next);
            run.leave_question(at, next)
        }
        Reading::No => {
            run.note(at, What::Agreed(false));
            match run.fixable_slots(confirm).as_slice() {
                [] => refused(run, at, &Retry::of_confirm(confirm), Waiting::Confirm),
                [only] => {
                    let name = only.name.clone();
                    run.fix(at, &name)
                }
                _ => run.ask_which(at, confirm),
            }
        }
        Reading::Picked(ix) => picked(run, at, confirm, *ix),
        other => {
            let why = unclear(&run, other);
            refused(run, at, &Retry { why, ..Retry::of_confirm(confirm) }, Waiting::Confirm)
        }
    }
}

/// The contact named what is wrong in the summary.
fn which(run: Run<'_>, at: StepIx, confirm: &Confirm, reading: &Reading) -> Turn {
    match reading {
        Reading::Picked(ix) => picked(run, at, confirm, *ix),
        _ => refused(run, at, &Retry::of_confirm(confirm), Waiting::Which),
    }
}

fn picked(run: Run<'_>, at: StepIx, confirm: &Confirm, ix: usize) -> Turn {
    match run.fixable_slots(confirm).get(ix).map(|slot| slot.name.clone()) {
        Some(name) => run.fix(at, &name),
        None => run.ask_which(at, confirm),
    }
}

/// An earlier answer is to be another.
fn corrects(mut run: Run<'_>, at: StepIx, values: Vec<(String, Value)>, waiting: Waiting) -> Turn {
    let summary = matches!(waiting, Waiting::Confirm | Waiting::Which);
    let back = if summary { Waiting::Confirm } else { waiting };
    match (values.as_slice(), run.flow.corrections) {
        ([], _) => run.repeat(at, back),
        // The renewed summary is the question.
        ([(name, value)], _) if summary => run.correct(at, name, value, back),
        ([(name, value)], Corrections::Apply) => {
            run.say_corrected(name, value);
            run.correct(at, name, value, back)
        }
        _ => run.ask_correction(at, values, back),
    }
}

/// A correction was proposed, or several.
fn corrected(mut run: Run<'_>, at: StepIx, values: &[(String, Value)], back: Waiting, reading: Reading) -> Turn {
    let picked = match reading {
        Reading::Yes => values.first(),
        Reading::Picked(ix) => values.get(ix),
        Reading::Behind(reading) => return react(run, at, back, *reading),
        _ => None,
    };
    match picked {
        Some((name, value)) => run.correct(at, name, value, back),
        None => {
            run.note(at, What::Agreed(false));
            run.repeat(at, back)
        }
    }
}

/// What a question does with an answer it does not understand.
struct Retry<'a> {
    texts: &'a [Wording],
    /// Said in the place of the author's words.
    why: Option<String>,
    give_up: Option<StepIx>,
    optional: bool,
}

impl<'a> Retry<'a> {
    fn of_ask(ask: &'a Ask) -> Self {
        Self { texts: &ask.retry, why: None, give_up: ask.give_up, optional: ask.optional }
    }

    fn of_confirm(confirm: &'a Confirm) -> Self {
        Self { texts: &confirm.retry, why: None, give_up: confirm.give_up, optional: false }
    }
}

/// What is asked back where it was an answer of a kind.
fn unclear(run: &Run<'_>, reading: &Reading) -> Option<String> {
    match reading {
        Reading::Unclear(meanings) => Some(run.words().unclear(meanings)),
        _ => None,
    }
}

/// Not understood: the next retry, else give up.
fn refused(mut run: Run<'_>, at: StepIx, retry: &Retry<'_>, waiting: Waiting) -> Turn {
    let step = run.flow.step(at);
    let Some(wording) = retry.texts.get(usize::from(run.tries)) else {
        run.note(at, What::GaveUp);
        return match retry.give_up {
            Some(step) => run.go(step),
            None if retry.optional => {
                let next = step.next;
                run.leave_question(at, next)
            }
            None => run.person(None, None),
        };
    };
    run.tries += 1;
    let (text, what) = match &retry.why {
        Some(why) => (why.clone(), What::Explained(run.tries)),
        None => (run.render(wording), What::Retried(run.tries)),
    };
    // A rejected guess goes back to the open question, which is what an interrupt repeats then.
    if let (Waiting::Answer, Verb::Ask(ask)) = (&waiting, &step.verb) {
        run.question = Question { text: run.render(&ask.say), choices: run.choices_of(step, ask.slot) };
    }
    run.note(at, what);
    run.push(&step.id, text, run.question.choices.clone());
    run.stay(at, waiting)
}

/// Says what the interrupt says, asks for its confirmation or does what it does.
fn interrupted(mut run: Run<'_>, at: StepIx, interrupt: &Interrupt, waiting: Waiting) -> Turn {
    run.note(at, What::Interrupted(interrupt.name.clone()));
    let step = run.flow.step(at);
    if let Some(say) = &interrupt.say {
        run.say(&step.id, say, Vec::new());
    }
    match &interrupt.confirm {
        Some(confirm) => {
            let question = run.question.clone();
            let back = Waiting::Interrupt { name: interrupt.name.clone(), back: Box::new(waiting), question };
            let choices = agree(step, run.words().yes, run.words().no);
            run.wait(at, back, confirm, choices)
        }
        None => then(run, &interrupt.then, at, waiting),
    }
}

/// An interrupt said while no flow is under way: it works as if the default flow were about to start.
pub(super) fn interrupted_outside(run: Run<'_>, interrupt: &Interrupt) -> Turn {
    let start = run.flow.start;
    interrupted(run, start, interrupt, Waiting::Answer)
}

/// Does what an interrupt ends in.
fn then(mut run: Run<'_>, then: &Then, at: StepIx, waiting: Waiting) -> Turn {
    match then {
        Then::Resume => run.repeat(at, waiting),
        Then::Go(to) => run.go(*to),
        Then::Person(queue) => run.person(Some(queue.clone()), None),
        Then::End(outcome) => run.end_all(Some(outcome)),
        Then::Back => run.back(at, waiting),
        Then::Restart => enter::restart(&run),
        Then::Speak(language) => {
            run.language = *language;
            run.effects.push(Effect::Speak(*language));
            run.put(at, waiting)
        }
        Then::Ticket(about) => {
            let wish = match about {
                AboutTicket::Status => TicketWish::Status,
                AboutTicket::Cancel => TicketWish::Cancel,
                AboutTicket::Reschedule => TicketWish::Reschedule(time_window::read(&run.said, run.now).one()),
            };
            run.effects.push(Effect::Tickets(wish));
            // Outside any flow there is no question to come back to.
            if run.question.text.is_empty() { run.stop() } else { run.repeat(at, waiting) }
        }
        Then::Erase => {
            run.effects.push(Effect::Erase);
            let text = run.words().erased.to_owned();
            run.push("", text, Vec::new());
            run.end_all(Some("erased"))
        }
    }
}

/// A service has answered, or will not.
pub(super) fn called(mut run: Run<'_>, at: StepIx, session: &Session, call: &str, outcome: &Called) -> Turn {
    let flow = run.flow;
    let (true, Verb::Call(wanted)) = (awaits(&session.waiting, call), &flow.step(at).verb) else {
        return Turn { session: Some(session.clone()), ..Turn::default() };
    };
    let mut values = Vec::new();
    if let Called::Answered { fields } = outcome {
        for (ix, field) in &wanted.save {
            let slot = flow.slot(*ix);
            let value = fields.get(field).and_then(|text| fill::field(&run, slot, text));
            values.extend(value.map(|value| (slot.name.clone(), value)));
        }
    }
    let answered = matches!(outcome, Called::Answered { .. }) && values.len() == wanted.save.len();
    run.note(at, What::Called(answered));
    if !answered {
        return run.go(wanted.failed);
    }
    run.progress.slots.extend(values);
    let next = wanted.ok.or(flow.step(at).next);
    run.leave_question(at, next)
}

fn awaits(waiting: &Waiting, call: &str) -> bool {
    match waiting {
        Waiting::Call { call: awaited } => awaited == call,
        Waiting::Interrupt { back, .. } | Waiting::Correct { back, .. } => awaits(back, call),
        _ => false,
    }
}
