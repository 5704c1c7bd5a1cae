//! How a conversation comes to a flow: a phrase, a link, a prompt, or by default; and how it comes back
//! to the one it was in.

use crate::domain::conversation::PromptAnswer;
use crate::domain::message::{Choice, Event, PromptOutcome};
use crate::domain::session::{Move, Session, Waiting};
use crate::domain::time::Timestamp;
use crate::flow::{Flow, Flows, Prompt, StepIx};
use crate::text::phrase::Phrase;
use crate::text::{self, yes_no::PromptAnswerReading};

use super::run::Run;
use super::{Effect, Input, Turn, World, interrupt, react, words};

/// What stands before a flow's name in the payload of its place in the menu. Not the form of a question's
/// choices, which have a `=`: those are over when the question is, a menu never is.
const MENU: &str = "menu/";

/// A prompt's outcome, unpacked.
pub(super) struct Prompted<'a> {
    pub(super) campaign: &'a str,
    pub(super) outcome: &'a PromptOutcome,
    pub(super) session_open: bool,
}

/// The session's run and the step it waits at. `None` when the flow is gone. A step that is gone sends
/// the contact to the start of its flow, with everything they have said at hand.
pub(super) fn resume<'a>(
    world: World<'a>,
    session: &Session,
    input: Input<'a>,
    now: Timestamp,
) -> Option<(Run<'a>, StepIx)> {
    let flow = world.flows.flows.get(&session.flow)?;
    let mut run = Run::new(world, flow, input, now);
    run.progress = session.progress.clone();
    run.progress.slots.retain(|name, value| flow.slot_named(name).is_some_and(|slot| value.fits(slot.kind)));
    run.callers.clone_from(&session.callers);
    run.question = session.question.clone();
    run.tries = session.tries;
    run.rejected.clone_from(&session.rejected);
    (run.heard, run.reminded) = (session.heard, session.reminded);
    run.wakes = session.due.filter(|due| due.what == Move::Resume).map(|due| due.at);
    let at = flow.find(&session.step).unwrap_or_else(|| {
        run.start_over();
        flow.start
    });
    Some((run, at))
}

/// The contact speaks and no flow is under way: the flow whose phrase they used, an interrupt, or the
/// default flow.
pub(super) fn fresh(world: World<'_>, input: Input<'_>, now: Timestamp) -> Turn {
    let said = match input.event {
        Event::Text { text } => text.as_str(),
        Event::Choice { title, .. } => title.as_str(),
        _ => "",
    };
    let phrase = Phrase::new(said);
    if let Some(flow) = by_phrase(world, &phrase) {
        return start(world, flow, input, now);
    }
    let Some(flow) = default_flow(world) else { return no_flow() };
    match interrupt::whole(flow, &phrase).or_else(|| interrupt::inside(flow, &phrase)) {
        Some(interrupt) => {
            let mut run = Run::new(world, flow, input, now);
            said.clone_into(&mut run.said);
            react::interrupted_outside(run, interrupt)
        }
        None => start(world, flow, input, now),
    }
}

/// The persistent menu: every flow that has a place in it, by name.
pub(super) fn menu(flows: &Flows) -> Vec<Choice> {
    let entries = flows.flows.values().filter_map(|flow| Some((flow, flow.entry.menu.as_ref()?)));
    entries.map(|(flow, title)| Choice { payload: format!("{MENU}{}", flow.name), title: title.clone() }).collect()
}

/// The flow the contact picked from the menu, whatever else is under way.
pub(super) fn from_menu<'a>(world: World<'a>, event: &Event) -> Option<&'a Flow> {
    let Event::Choice { payload, .. } = event else { return None };
    let flow = world.flows.flows.get(payload.strip_prefix(MENU)?)?;
    flow.entry.menu.is_some().then_some(flow)
}

/// The contact opened the conversation.
pub(super) fn open(
    world: World<'_>,
    session: Option<&Session>,
    input: Input<'_>,
    now: Timestamp,
    reference: Option<&str>,
) -> Turn {
    let prompt = input.campaign.and_then(|campaign| find_prompt(world, campaign));
    let wanted = prompt.map(|(flow, prompt)| (flow, prompt.if_yes)).or_else(|| {
        let flow =
            world.flows.flows.values().find(|flow| flow.entry.refs.iter().any(|r| Some(r.as_str()) == reference))?;
        Some((flow, flow.start))
    });
    match (wanted, session) {
        (Some((flow, _)), Some(session)) if session.flow == flow.name => repeat(world, session, input, now),
        (Some((flow, at)), _) => Run::new(world, flow, input, now).go(at),
        (None, Some(session)) => repeat(world, session, input, now),
        (None, None) => match default_flow(world) {
            Some(flow) => start(world, flow, input, now),
            None => no_flow(),
        },
    }
}

/// Something became of a prompt. Only an answer moves the conversation; silence is neither yes nor no.
pub(super) fn prompted(
    world: World<'_>,
    session: Option<&Session>,
    input: Input<'_>,
    now: Timestamp,
    prompt: &Prompted<'_>,
) -> Turn {
    let PromptOutcome::Answered { raw } = prompt.outcome else {
        return Turn { session: session.cloned(), ..Turn::default() };
    };
    let Some((flow, found)) = find_prompt(world, prompt.campaign) else {
        return says(words::PROMPT_UNKNOWN);
    };
    let mut run = Run::new(world, flow, input, now);
    run.said.clone_from(raw);
    match text::yes_no::prompt_answer(raw) {
        PromptAnswerReading::Unknown if prompt.session_open => {
            let waiting = Waiting::Prompt { campaign: prompt.campaign.to_owned() };
            run.wait_for(found.if_yes, waiting, words::PROMPT_UNCLEAR.to_owned(), Vec::new())
        }
        PromptAnswerReading::Unknown => says(words::PROMPT_UNCLEAR),
        PromptAnswerReading::Yes if !prompt.session_open => {
            run.effects.push(answered(prompt.campaign, PromptAnswer::Yes));
            let text = input.link.map_or_else(|| words::PROMPT_GIVE_UP.to_owned(), words::prompt_link);
            run.push("", text, Vec::new());
            Turn { effects: run.effects, trace: run.trace, ..Turn::default() }
        }
        answer => follow(run, found, prompt.campaign, answer),
    }
}

/// The second answer to a prompt whose first one was unclear.
pub(super) fn prompted_again(run: Run<'_>, at: StepIx, campaign: &str) -> Turn {
    let Some((_, prompt)) = find_prompt(run.world, campaign) else { return run.go(at) };
    match text::yes_no::prompt_answer(&run.said) {
        PromptAnswerReading::Unknown => says(words::PROMPT_GIVE_UP),
        answer => follow(run, prompt, campaign, answer),
    }
}

/// Goes where a clear answer to a prompt leads.
fn follow(mut run: Run<'_>, prompt: &Prompt, campaign: &str, answer: PromptAnswerReading) -> Turn {
    match answer {
        PromptAnswerReading::Yes => {
            run.effects.push(answered(campaign, PromptAnswer::Yes));
            let link = run.input.link.map(str::to_owned);
            with_link(run.go(prompt.if_yes), link.as_deref())
        }
        PromptAnswerReading::OptOut => {
            run.effects.extend([answered(campaign, PromptAnswer::No), Effect::OptOut]);
            run.push("", words::PROMPT_OPTED_OUT.to_owned(), Vec::new());
            run.end_all(Some("opted_out"))
        }
        PromptAnswerReading::No | PromptAnswerReading::Unknown => {
            run.effects.push(answered(campaign, PromptAnswer::No));
            run.go(prompt.if_no)
        }
    }
}

/// The turn with the link in it: where the author's wording has none, a line of its own.
fn with_link(mut turn: Turn, link: Option<&str>) -> Turn {
    let Some(link) = link else { return turn };
    let said = |effect: &Effect| matches!(effect, Effect::Say { text, .. } if text.contains(link));
    if !turn.effects.iter().any(said) {
        turn.effects.push(Effect::Say {
            step: String::new(),
            text: words::or_open(link),
            choices: Vec::new(),
            image: None,
        });
    }
    turn
}

fn answered(campaign: &str, answer: PromptAnswer) -> Effect {
    Effect::Prompt { campaign: campaign.to_owned(), answer }
}

/// The outermost flow from its start, with nothing filled.
pub(super) fn restart(run: &Run<'_>) -> Turn {
    let outermost = run.callers.first().and_then(|caller| run.world.flows.flows.get(&caller.flow));
    start(run.world, outermost.unwrap_or(run.flow), run.input, run.now)
}

pub(super) fn start(world: World<'_>, flow: &Flow, input: Input<'_>, now: Timestamp) -> Turn {
    Run::new(world, flow, input, now).go(flow.start)
}

fn repeat(world: World<'_>, session: &Session, input: Input<'_>, now: Timestamp) -> Turn {
    match resume(world, session, input, now) {
        Some((mut run, at)) => {
            run.hears();
            run.repeat(at, session.waiting.clone())
        }
        None => fresh(world, input, now),
    }
}

/// The flow whose longest phrase the message is or contains.
fn by_phrase<'a>(world: World<'a>, said: &Phrase) -> Option<&'a Flow> {
    let calls = |phrase: &&Phrase| phrase.is(said) || (phrase.is_long() && phrase.is_in(said));
    world
        .flows
        .flows
        .values()
        .filter_map(|flow| {
            let lengths = flow.entry.keywords.iter().filter(calls).map(|phrase| phrase.text().chars().count());
            lengths.max().map(|length| (length, flow))
        })
        .max_by_key(|(length, _)| *length)
        .map(|(_, flow)| flow)
}

fn find_prompt<'a>(world: World<'a>, campaign: &str) -> Option<(&'a Flow, &'a Prompt)> {
    world.flows.flows.values().find_map(|flow| flow.entry.prompts.get(campaign).map(|prompt| (flow, prompt)))
}

fn default_flow(world: World<'_>) -> Option<&Flow> {
    world.flows.flows.values().find(|flow| flow.entry.default)
}

fn no_flow() -> Turn {
    says(words::NO_FLOW)
}

/// A sentence of the house, outside any flow.
fn says(text: &str) -> Turn {
    let effect = Effect::Say { step: String::new(), text: text.to_owned(), choices: Vec::new(), image: None };
    Turn { effects: vec![effect], ..Turn::default() }
}
