//! What a waiting session does with what the contact says.

use crate::domain::address::{Address, AddressPart};
use crate::domain::message::{Choice, Event};
use crate::domain::session::{Question, Session, Waiting};
use crate::domain::slot::{SlotType, Value};
use crate::flow::{Ask, Confirm, Interrupt, Slot, SlotIx, StepIx, Verb, Wording};
use crate::text::{self, choice::ChoiceReading, yes_no::YesNo};

use super::fill::{self, Fill};
use super::run::{Run, choice, yes_no};
use super::{Turn, enter, interrupt, words};

/// What the contact said, as far as the form goes.
enum Heard {
    /// One of the choices under the question: the value behind its `=`.
    Tapped(String),
    /// Words.
    Words(String),
    /// A choice of a question that is over.
    Stale,
    /// A picture, a voice message: nothing the bot can read.
    Unreadable,
}

/// Answers a session that waits at `at`.
pub(super) fn hear(mut run: Run<'_>, at: StepIx, session: &Session) -> Turn {
    if super::asks_to_restart(run.input.event) {
        return enter::restart(&run);
    }
    let heard = listen(&run, at);
    run.said = match (&heard, run.input.event) {
        (Heard::Words(words), _) => words.clone(),
        (_, Event::Text { text } | Event::Choice { title: text, .. }) => text.clone(),
        _ => String::new(),
    };
    let waiting = session.waiting.clone();
    match heard {
        Heard::Unreadable => {
            let step = run.flow.step(at).id.clone();
            run.push(&step, words::NOT_READABLE.to_owned(), Vec::new());
            return run.repeat(at, waiting);
        }
        Heard::Stale => {
            let step = run.flow.step(at).id.clone();
            run.push(&step, words::EXPIRED.to_owned(), Vec::new());
            return run.repeat(at, waiting);
        }
        Heard::Tapped(_) | Heard::Words(_) => {}
    }
    let flow = run.flow;
    match (waiting, &flow.step(at).verb) {
        (Waiting::Answer, Verb::Ask(ask)) => answered(run, at, ask, &heard),
        (Waiting::Known { value }, Verb::Ask(ask)) => known(run, at, ask, value, &heard),
        (Waiting::Part { part, so_far }, Verb::Ask(ask)) => part_answered(run, at, ask, part, so_far),
        (Waiting::Unsure { guesses }, Verb::Ask(ask)) => guessed(run, at, ask, guesses, &heard),
        (Waiting::Confirm, Verb::Confirm(confirm)) => confirmed(run, at, confirm, &heard),
        (Waiting::Which, Verb::Confirm(confirm)) => which(run, at, confirm, &heard),
        (Waiting::Interrupt { name, back, question }, _) => {
            let agreed = yes_or_no(&heard) == YesNo::Yes;
            run.question = question;
            match flow.interrupts.iter().find(|interrupt| interrupt.name == name) {
                Some(interrupt) if agreed => run.then(&interrupt.then, at, *back),
                _ => run.repeat(at, *back),
            }
        }
        (Waiting::Prompt { campaign }, _) => enter::prompted_again(run, at, &campaign),
        (Waiting::Person, _) => match flow.step(at).next {
            Some(next) => run.go(next),
            None => run.end(None),
        },
        // The step was edited into another kind while the contact was here: put it anew.
        _ => run.go(at),
    }
}

/// The form of what was said: a tap, words, or neither.
fn listen(run: &Run<'_>, at: StepIx) -> Heard {
    let choices = &run.question.choices;
    match run.input.event {
        Event::Choice { payload, title } => match tapped(payload, choices) {
            Some(value) => Heard::Tapped(value),
            None if is_payload(run, payload) => Heard::Stale,
            None => Heard::Words(title.clone()),
        },
        Event::Text { text } => match tapped(text.trim(), choices).or_else(|| named(text, choices)) {
            Some(value) => Heard::Tapped(value),
            None if is_payload(run, text.trim()) => Heard::Stale,
            None => Heard::Words(text.clone()),
        },
        Event::Details { name, phone, address } => {
            let wanted = match &run.flow.step(at).verb {
                Verb::Ask(ask) => match run.flow.slot(ask.slot).kind {
                    SlotType::Phone => phone.clone(),
                    SlotType::Address => address.clone(),
                    SlotType::Name => name.clone(),
                    _ => None,
                },
                _ => None,
            };
            wanted.map_or(Heard::Unreadable, Heard::Words)
        }
        _ => Heard::Unreadable,
    }
}

/// The value of the choice with this payload.
fn tapped(payload: &str, choices: &[Choice]) -> Option<String> {
    let choice = choices.iter().find(|choice| choice.payload == payload)?;
    Some(choice.payload.split_once('=').map_or(payload, |(_, value)| value).to_owned())
}

/// The value of the choice with this number or title, for channels that show choices as text.
fn named(said: &str, choices: &[Choice]) -> Option<String> {
    let plain = text::plain(said);
    let by_number = plain.trim_end_matches('.').parse::<usize>().ok().and_then(|n| choices.get(n.checked_sub(1)?));
    let choice = by_number.or_else(|| choices.iter().find(|choice| text::plain(&choice.title) == plain))?;
    tapped(&choice.payload, choices)
}

/// Whether this is a payload of ours, of some step of this flow.
fn is_payload(run: &Run<'_>, said: &str) -> bool {
    said.split_once('=').is_some_and(|(step, value)| !value.contains(' ') && run.flow.find(step).is_some())
}

fn yes_or_no(heard: &Heard) -> YesNo {
    match heard {
        Heard::Tapped(value) if value == "yes" => YesNo::Yes,
        Heard::Tapped(value) if value == "no" => YesNo::No,
        Heard::Words(words) => text::yes_no::read(words),
        Heard::Tapped(_) | Heard::Stale | Heard::Unreadable => YesNo::None,
    }
}

/// The question for a slot was answered.
fn answered(run: Run<'_>, at: StepIx, ask: &Ask, heard: &Heard) -> Turn {
    let slot = run.flow.slot(ask.slot);
    let fill = match (heard, slot.kind) {
        (Heard::Tapped(value), SlotType::YesNo | SlotType::Consent) => Fill::Filled(Value::YesNo(value == "yes")),
        (Heard::Tapped(value), SlotType::Choice) => Fill::Filled(Value::Choice(value.clone())),
        _ => fill::fill(slot, &run.said, run.world.places),
    };
    // A clear answer to a closed question is never taken for an interrupt: "dung" is đúng here.
    let closed = matches!(slot.kind, SlotType::YesNo | SlotType::Consent | SlotType::Choice);
    let sure = closed && matches!(fill, Fill::Filled(_));
    match interrupt::whole(run.flow, &run.phrase()) {
        Some(interrupt) if !sure => interrupted(run, at, interrupt, Waiting::Answer),
        _ => settle(run, at, ask, fill, Waiting::Answer),
    }
}

/// Goes on with what was made of an answer; `waiting` is what to wait for again if it was none.
fn settle(run: Run<'_>, at: StepIx, ask: &Ask, fill: Fill, waiting: Waiting) -> Turn {
    match fill {
        Fill::Filled(value) => run.filled(at, ask, value),
        Fill::Lacks(part, so_far) => ask_part(run, at, ask, part, so_far),
        Fill::Unsure(guesses) => ask_guess(run, at, ask, guesses),
        Fill::Refused => refused(run, at, &Retry::of_ask(ask), waiting),
    }
}

fn ask_part(mut run: Run<'_>, at: StepIx, ask: &Ask, part: AddressPart, so_far: Address) -> Turn {
    let (step, slot) = (run.flow.step(at), run.flow.slot(ask.slot));
    run.draft = Some((slot.name.clone(), Value::Address(so_far.clone())));
    let wording = ask.missing.get(&part).unwrap_or(&ask.say);
    run.wait(step, Waiting::Part { part, so_far }, wording, Vec::new())
}

fn ask_guess(mut run: Run<'_>, at: StepIx, ask: &Ask, guesses: Vec<Address>) -> Turn {
    let (step, slot) = (run.flow.step(at), run.flow.slot(ask.slot));
    let choices = match guesses.as_slice() {
        [] => return refused(run, at, &Retry::of_ask(ask), Waiting::Answer),
        [_] => yes_no(step, words::RIGHT, words::NOT_THAT),
        several => {
            let listed = several.iter().enumerate().map(|(n, guess)| choice(step, &format!("g{n}"), &guess.label));
            listed.chain([choice(step, "no", words::NOT_THAT)]).collect()
        }
    };
    run.draft = Some((slot.name.clone(), Value::Address(guesses[0].clone())));
    let wording = ask.unsure.as_ref().unwrap_or(&ask.say);
    run.wait(step, Waiting::Unsure { guesses }, wording, choices)
}

/// A value known before was proposed.
fn known(run: Run<'_>, at: StepIx, ask: &Ask, value: Value, heard: &Heard) -> Turn {
    let slot = run.flow.slot(ask.slot);
    let another = match heard {
        Heard::Words(said) => fill::fill(slot, said, run.world.places),
        _ => Fill::Refused,
    };
    let yes_no = yes_or_no(heard);
    match (yes_no, another) {
        // A number is a number whatever stands around it: "không, 0912 345 678".
        (_, Fill::Filled(another @ Value::Phone(_))) => run.filled(at, ask, another),
        (YesNo::Yes, _) => run.filled(at, ask, value),
        (YesNo::No, _) => {
            let step = run.flow.step(at);
            run.ask(step, ask)
        }
        (_, another) => match interrupt::whole(run.flow, &run.phrase()) {
            Some(interrupt) => interrupted(run, at, interrupt, Waiting::Known { value }),
            None => settle(run, at, ask, another, Waiting::Known { value }),
        },
    }
}

/// The question for a missing part was answered.
fn part_answered(run: Run<'_>, at: StepIx, ask: &Ask, part: AddressPart, so_far: Address) -> Turn {
    if let Some(interrupt) = interrupt::whole(run.flow, &run.phrase()) {
        return interrupted(run, at, interrupt, Waiting::Part { part, so_far });
    }
    let fill = fill::part(run.flow.slot(ask.slot), &run.said, part, &so_far, run.world.places);
    settle(run, at, ask, fill, Waiting::Part { part, so_far })
}

/// A guess, or several, were proposed.
fn guessed(run: Run<'_>, at: StepIx, ask: &Ask, guesses: Vec<Address>, heard: &Heard) -> Turn {
    let slot: &Slot = run.flow.slot(ask.slot);
    let picked = match heard {
        Heard::Tapped(value) => value.strip_prefix('g').and_then(|n| n.parse::<usize>().ok()),
        Heard::Words(said) => {
            let labels: Vec<_> = guesses.iter().map(|guess| (guess.label.clone(), guess.label.clone())).collect();
            match text::choice::read(said, &labels) {
                ChoiceReading::One(ix) if guesses.len() > 1 => Some(ix),
                _ => None,
            }
        }
        Heard::Stale | Heard::Unreadable => None,
    };
    if let Some(guess) = picked.and_then(|ix| guesses.get(ix)) {
        let fill = fill::complete(slot, guess.clone());
        return settle(run, at, ask, fill, Waiting::Answer);
    }
    match (yes_or_no(heard), guesses.as_slice()) {
        (YesNo::Yes, [guess]) => {
            let fill = fill::complete(slot, guess.clone());
            settle(run, at, ask, fill, Waiting::Answer)
        }
        (YesNo::No, _) => refused(run, at, &Retry::of_ask(ask), Waiting::Answer),
        _ => match interrupt::whole(run.flow, &run.phrase()) {
            Some(interrupt) => interrupted(run, at, interrupt, Waiting::Unsure { guesses }),
            None => other_than_guessed(run, at, ask, guesses),
        },
    }
}

/// Words that pick none of the guesses. Where they only raise the next question they count as a try, or
/// whoever repeats them would be asked in circles for ever.
fn other_than_guessed(mut run: Run<'_>, at: StepIx, ask: &Ask, guesses: Vec<Address>) -> Turn {
    let fill = fill::fill(run.flow.slot(ask.slot), &run.said, run.world.places);
    let raises_another = match &fill {
        Fill::Unsure(again) => *again != guesses,
        Fill::Lacks(..) => true,
        Fill::Filled(_) | Fill::Refused => false,
    };
    match fill {
        fill @ Fill::Filled(_) => settle(run, at, ask, fill, Waiting::Answer),
        fill if raises_another && usize::from(run.tries) < ask.retry.len() => {
            run.tries += 1;
            settle(run, at, ask, fill, Waiting::Answer)
        }
        _ => refused(run, at, &Retry::of_ask(ask), Waiting::Unsure { guesses }),
    }
}

/// The summary was answered.
fn confirmed(mut run: Run<'_>, at: StepIx, confirm: &Confirm, heard: &Heard) -> Turn {
    let step = run.flow.step(at);
    match yes_or_no(heard) {
        YesNo::Yes => match confirm.if_yes.or(step.next) {
            Some(next) => run.go(next),
            None => run.end(None),
        },
        YesNo::No => match confirm.slots.as_slice() {
            [only] => fix(run, at, *only),
            slots => {
                let choices =
                    slots.iter().map(|ix| run.flow.slot(*ix)).map(|s| choice(step, &s.name, &s.label.vi)).collect();
                let question = confirm.ask_which.as_ref().map(|wording| run.render(wording));
                run.tries = 0;
                run.wait_for(step, Waiting::Which, question.unwrap_or_else(|| words::ASK_WHICH.to_owned()), choices)
            }
        },
        YesNo::Ask | YesNo::None => match interrupt::whole(run.flow, &run.phrase()) {
            Some(interrupt) => interrupted(run, at, interrupt, Waiting::Confirm),
            None => refused(run, at, &Retry::of_confirm(confirm), Waiting::Confirm),
        },
    }
}

/// The contact named what is wrong in the summary.
fn which(run: Run<'_>, at: StepIx, confirm: &Confirm, heard: &Heard) -> Turn {
    let named: Vec<_> =
        confirm.slots.iter().map(|ix| run.flow.slot(*ix)).map(|s| (s.name.clone(), s.label.vi.clone())).collect();
    let picked = match heard {
        Heard::Tapped(name) => named.iter().position(|(known, _)| known == name),
        _ => match text::choice::read(&run.said, &named) {
            ChoiceReading::One(ix) => Some(ix),
            ChoiceReading::Several(_) | ChoiceReading::None => None,
        },
    };
    match picked {
        Some(ix) => fix(run, at, confirm.slots[ix]),
        None => match interrupt::whole(run.flow, &run.phrase()) {
            Some(interrupt) => interrupted(run, at, interrupt, Waiting::Which),
            None => refused(run, at, &Retry::of_confirm(confirm), Waiting::Which),
        },
    }
}

/// Asks for the slot again, then comes back to the summary at `at`.
fn fix(mut run: Run<'_>, at: StepIx, slot: SlotIx) -> Turn {
    let asks = |verb: &Verb| matches!(verb, Verb::Ask(ask) if ask.slot == slot);
    match run.flow.steps.iter().position(|step| asks(&step.verb)) {
        Some(ask) => {
            run.slots.remove(&run.flow.slot(slot).name);
            run.fixing = Some(run.flow.step(at).id.clone());
            run.go(StepIx(ask))
        }
        None => run.repeat(at, Waiting::Confirm),
    }
}

/// What a question does with an answer it does not understand.
struct Retry<'a> {
    texts: &'a [Wording],
    give_up: Option<StepIx>,
}

impl<'a> Retry<'a> {
    fn of_ask(ask: &'a Ask) -> Self {
        Self { texts: &ask.retry, give_up: ask.give_up }
    }

    fn of_confirm(confirm: &'a Confirm) -> Self {
        Self { texts: &confirm.retry, give_up: confirm.give_up }
    }
}

/// Not understood: an interrupt somewhere inside, else the next retry, else give up.
fn refused(mut run: Run<'_>, at: StepIx, retry: &Retry<'_>, waiting: Waiting) -> Turn {
    if let Some(interrupt) = interrupt::inside(run.flow, &run.phrase()) {
        return interrupted(run, at, interrupt, waiting);
    }
    match retry.texts.get(usize::from(run.tries)) {
        Some(wording) => {
            let step = run.flow.step(at);
            let text = run.render(wording);
            // A rejected guess goes back to the open question, which is what an interrupt repeats then.
            if let (Waiting::Answer, Verb::Ask(ask)) = (&waiting, &step.verb) {
                run.question = Question { text: run.render(&ask.say), choices: run.choices_of(step, ask.slot) };
            }
            run.push(&step.id, text, run.question.choices.clone());
            run.tries += 1;
            run.stay(step, waiting)
        }
        None => match retry.give_up {
            Some(step) => run.go(step),
            None => run.person(None, None),
        },
    }
}

/// Says what the interrupt says, asks for its confirmation or does what it does.
fn interrupted(mut run: Run<'_>, at: StepIx, interrupt: &Interrupt, waiting: Waiting) -> Turn {
    let step = run.flow.step(at);
    if let Some(say) = &interrupt.say {
        run.say(&step.id, say, Vec::new());
    }
    match &interrupt.confirm {
        Some(confirm) => {
            let question = run.question.clone();
            let back = Waiting::Interrupt { name: interrupt.name.clone(), back: Box::new(waiting), question };
            let choices = yes_no(step, words::YES, words::NO);
            run.wait(step, back, confirm, choices)
        }
        None => run.then(&interrupt.then, at, waiting),
    }
}

/// An interrupt said while no flow is under way: it works as if the default flow were about to start.
pub(super) fn interrupted_outside(run: Run<'_>, interrupt: &Interrupt) -> Turn {
    let start = run.flow.start;
    interrupted(run, start, interrupt, Waiting::Answer)
}
