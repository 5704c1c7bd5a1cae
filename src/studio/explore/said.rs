//! Everything that can happen to a session, as what it is read as: the abstract counterpart of all texts.

use crate::domain::address::{Address, AddressPart};
use crate::domain::contact::Profile;
use crate::domain::message::{Called, Event};
use crate::domain::phone::Phone;
use crate::domain::session::{Guesses, Move, Session, Waiting};
use crate::domain::slot::{Media, Point, SlotType, Value};
use crate::domain::time::{TimeWindow, Timestamp};
use crate::engine::{Reading, Unfit};
use crate::flow::{Ask, Call, Confirm, Corrections, Flow, Flows, Prefill, Slot, SlotIx, StepIx, Then, Verb};

use super::BEGINNING;
use super::state::Matters;

/// Something that happens to a session.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// The conversation comes in.
    Door(Door),
    /// The contact says something that is read so.
    Reading(Reading),
    /// Nobody says anything, until the session gives up or its pause is over.
    Silence,
    /// A person gives the conversation back.
    GivenBack,
    /// The service that was called answers.
    Called(Called),
}

/// Where a conversation comes into a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// The step.
    pub at: StepIx,
    /// The campaign and the answer to its prompt; `None` for the flow's start.
    pub prompt: Option<(String, bool)>,
}

/// The doors of a flow: its start, and where prompts lead.
pub fn doors(flow: &Flow) -> Vec<Door> {
    let mut doors = vec![Door { at: flow.start, prompt: None }];
    for (campaign, prompt) in &flow.entry.prompts {
        doors.push(Door { at: prompt.if_yes, prompt: Some((campaign.clone(), true)) });
        doors.push(Door { at: prompt.if_no, prompt: Some((campaign.clone(), false)) });
    }
    doors
}

/// The contacts that make a difference to a flow: one of whom nothing is known, and, where a slot is
/// prefilled, one of whom all is.
pub fn contacts(flow: &Flow) -> Vec<Profile> {
    let mut contacts = vec![Profile::default()];
    let wants = |prefill| flow.slots.iter().any(|slot| slot.prefill == Some(prefill));
    let phone = wants(Prefill::Phone).then(|| Phone::from_significant("901234567"));
    let name = wants(Prefill::Name).then(|| "Nguyễn Văn An".to_owned());
    if phone.is_some() || name.is_some() {
        contacts.push(Profile { phone_verified: phone.is_some(), phone, name, ..Profile::default() });
    }
    contacts
}

/// The event a session is given for this, and when. A reading needs no words, so its event has none.
pub fn event(session: &Session, said: &Said) -> (Event, Timestamp) {
    match said {
        Said::Door(_) => (Event::Open { reference: None }, BEGINNING),
        Said::Reading(_) => (Event::Text { text: String::new() }, BEGINNING),
        Said::Silence => (Event::Due, session.due.map_or(BEGINNING, |due| due.at)),
        Said::GivenBack => (Event::Control { bot: true }, BEGINNING),
        Said::Called(outcome) => {
            let call = called(&session.waiting).unwrap_or_default();
            (Event::Called { call, outcome: outcome.clone() }, BEGINNING)
        }
    }
}

fn called(waiting: &Waiting) -> Option<String> {
    match waiting {
        Waiting::Call { call } => Some(call.clone()),
        Waiting::Interrupt { back, .. } | Waiting::Correct { back, .. } => called(back),
        _ => None,
    }
}

/// Everything that can happen to the session.
pub fn possible(flows: &Flows, matters: &Matters, session: &Session) -> Vec<Said> {
    let Some(flow) = flows.flows.get(&session.flow) else { return Vec::new() };
    let Some(at) = flow.find(&session.step) else { return Vec::new() };
    if session.waiting == Waiting::Person {
        return vec![Said::GivenBack];
    }
    let mut said: Vec<Said> = readings(flow, matters, at, session).into_iter().map(Said::Reading).collect();
    if let (Waiting::Call { .. }, Verb::Call(call)) = (&session.waiting, &flow.step(at).verb) {
        said.extend([Said::Called(answered(flow, call)), Said::Called(failed())]);
    }
    if session.due.is_some() {
        said.push(Said::Silence);
    }
    said
}

/// A service's answer that has every field.
fn answered(flow: &Flow, call: &Call) -> Called {
    let field = |(ix, field): &(SlotIx, String)| {
        let value = values(flow.slot(*ix), &[]).into_iter().next();
        (field.clone(), value.map_or_else(String::new, |value| value.plain()))
    };
    Called::Answered { fields: call.save.iter().map(field).collect() }
}

fn failed() -> Called {
    Called::Failed { code: "timeout".to_owned() }
}

/// What can be meant by what the contact says.
fn readings(flow: &Flow, matters: &Matters, at: StepIx, session: &Session) -> Vec<Reading> {
    let verb = &flow.step(at).verb;
    let several = |guesses: usize| (0..guesses).map(Reading::Picked).chain([Reading::No]).collect::<Vec<_>>();
    let mut readings = match (&session.waiting, verb) {
        (Waiting::Answer, Verb::Ask(ask)) => answers(flow, matters, ask),
        (Waiting::Known { .. }, Verb::Ask(ask)) => {
            let mut readings = answers(flow, matters, ask);
            readings.extend([Reading::Yes, Reading::No]);
            readings
        }
        (Waiting::Part { .. }, Verb::Ask(ask)) => answers(flow, matters, ask),
        (Waiting::Unsure { guesses }, Verb::Ask(ask)) => {
            let count = guesses.count();
            let mut readings = if count > 1 { several(count) } else { vec![Reading::Yes, Reading::No] };
            readings.extend(answers(flow, matters, ask));
            readings
        }
        (Waiting::Confirm, Verb::Confirm(confirm)) => {
            let shown = (0..shown(flow, confirm, session)).map(Reading::Picked);
            [Reading::Yes, Reading::No].into_iter().chain(shown).collect()
        }
        (Waiting::Which, Verb::Confirm(confirm)) => (0..shown(flow, confirm, session)).map(Reading::Picked).collect(),
        (Waiting::Correct { values, back, .. }, verb) => {
            let mut readings = if values.len() > 1 { several(values.len()) } else { vec![Reading::Yes, Reading::No] };
            if let (Waiting::Answer, Verb::Ask(ask)) = (back.as_ref(), verb) {
                readings
                    .extend(answers(flow, matters, ask).into_iter().map(|reading| Reading::Behind(Box::new(reading))));
            }
            readings.push(Reading::Behind(Box::new(Reading::Unknown)));
            return readings;
        }
        (Waiting::Interrupt { .. }, _) => return vec![Reading::Yes, Reading::No],
        _ => Vec::new(),
    };
    readings.push(Reading::Unknown);
    if !matches!(verb, Verb::Ask(ask) if !ask.interruptible) {
        readings.extend(interrupts(flow));
        readings.extend(corrections(flow, matters, at, session));
    }
    readings
}

/// What an asked slot can be answered with.
fn answers(flow: &Flow, matters: &Matters, ask: &Ask) -> Vec<Reading> {
    let slot = flow.slot(ask.slot);
    let mut readings: Vec<Reading> =
        values(slot, matters.numbers(flow, ask.slot)).into_iter().map(Reading::Value).collect();
    if slot.kind == SlotType::Address {
        readings.extend(slot.need.iter().map(|part| Reading::Lacks(*part, lacking(*part))));
        let several = [vec![address()], vec![address(), other_address()], vec![address(), other_address(), address()]];
        readings.extend(several.map(|guesses| Reading::Unsure(Guesses::Addresses(guesses))));
    }
    if slot.kind == SlotType::Phone {
        let phones = phones();
        readings.extend((1..=phones.len()).map(|several| Reading::Unsure(Guesses::Phones(phones[..several].to_vec()))));
        readings.push(Reading::Unfit(Unfit::Hotline));
    }
    if ask.optional {
        readings.push(Reading::Skip);
    }
    readings
}

/// The interrupts that lead somewhere else, or ask first.
fn interrupts(flow: &Flow) -> impl Iterator<Item = Reading> + '_ {
    let stays = |then: &Then| matches!(then, Then::Resume | Then::Speak(_));
    let leading =
        flow.interrupts.iter().filter(move |interrupt| interrupt.confirm.is_some() || !stays(&interrupt.then));
    leading.map(|interrupt| Reading::Interrupt(interrupt.name.clone()))
}

/// Corrections of the answers on which a way depends, and one of the others: those all lead back to where
/// they were said.
fn corrections(flow: &Flow, matters: &Matters, at: StepIx, session: &Session) -> Vec<Reading> {
    let summary = matches!(session.waiting, Waiting::Confirm | Waiting::Which);
    if flow.corrections == Corrections::Off && !summary {
        return Vec::new();
    }
    let own = match &flow.step(at).verb {
        Verb::Ask(ask) => Some(ask.slot),
        _ => None,
    };
    let correctable = (0..flow.slots.len()).map(SlotIx).filter(|ix| {
        // Nobody corrects these by the way: a bare yes, or any words at all, would be taken for it.
        let closed = matches!(
            flow.slot(*ix).kind,
            SlotType::YesNo | SlotType::Consent | SlotType::Text | SlotType::Name | SlotType::Location | SlotType::File
        );
        !closed && Some(*ix) != own
    });
    let is_held = |ix: &SlotIx| session.progress.slots.contains_key(&flow.slot(*ix).name);
    let apart = matters.told_apart(flow, &session.progress);
    let (apart, others): (Vec<SlotIx>, Vec<SlotIx>) = correctable.partition(|ix| apart.contains(ix));
    let others_of = |ix: SlotIx| {
        let slot = flow.slot(ix);
        let now = session.progress.slots.get(&slot.name);
        let others = values(slot, matters.numbers(flow, ix)).into_iter().filter(|value| Some(value) != now);
        others.map(|value| (slot.name.clone(), value)).collect::<Vec<_>>()
    };
    // Of states that are the same, only some hold an answer on which nothing depends: where this one does not, one
    // that does can still be told two answers at once.
    let other = others.iter().copied().find(is_held);
    let partner = other.or_else(|| others.first().copied());
    let each: Vec<_> = apart.iter().copied().chain(other).map(others_of).collect();
    // One message may be a new value of two of them.
    let firsts: Vec<_> = apart.into_iter().chain(partner).filter_map(|ix| others_of(ix).into_iter().next()).collect();
    let pairs = firsts.iter().enumerate().flat_map(|(n, a)| firsts[n + 1..].iter().map(|b| vec![a.clone(), b.clone()]));
    let pairs: Vec<_> = pairs.collect();
    each.into_iter().flatten().map(|value| vec![value]).chain(pairs).map(Reading::Corrects).collect()
}

/// How many slots of a summary can be put right: those it shows and whose questions can be gone back to.
fn shown(flow: &Flow, confirm: &Confirm, session: &Session) -> usize {
    let held = |ix: &&SlotIx| session.progress.slots.contains_key(&flow.slot(**ix).name);
    let trail: Vec<&Verb> =
        session.progress.trail.iter().filter_map(|id| Some(&flow.step(flow.find(id)?).verb)).collect();
    let asked = |ix: &&SlotIx| trail.iter().any(|verb| matches!(verb, Verb::Ask(ask) if ask.slot == **ix));
    confirm.slots.iter().filter(held).filter(asked).count()
}

/// Values of a slot, one for each way its conditions can tell them apart; two, where a value can be corrected
/// to another. `compared` are the numbers that conditions hold it against.
pub fn values(slot: &Slot, compared: &[i64]) -> Vec<Value> {
    match slot.kind {
        SlotType::YesNo | SlotType::Consent => vec![Value::YesNo(true), Value::YesNo(false)],
        SlotType::Choice => slot.options.iter().map(|(key, _)| Value::Choice(key.clone())).collect(),
        SlotType::Text => vec![Value::Text("12345".to_owned())],
        SlotType::Number => {
            let (least, most) = slot.range;
            let near = compared.iter().flat_map(|n| [n.saturating_sub(1), *n, n.saturating_add(1)]);
            let mut numbers: Vec<i64> = near.filter(|n| (least..=most).contains(n)).collect();
            numbers.extend([1, 2].map(|n: i64| n.clamp(least, most)));
            numbers.sort_unstable();
            numbers.dedup();
            numbers.into_iter().map(Value::Number).collect()
        }
        SlotType::Date => [1, 2].map(|days| Value::Date(BEGINNING.day().plus(days))).into(),
        SlotType::TimeWindow => {
            let day = Some(BEGINNING.day().plus(1));
            [480, 840].map(|from| Value::TimeWindow(TimeWindow { first: day, last: day, from, to: from + 120 })).into()
        }
        SlotType::Name => vec![Value::Text("Nguyễn Văn An".to_owned())],
        SlotType::Phone => phones().into_iter().take(2).map(Value::Phone).collect(),
        SlotType::Address => vec![Value::Address(address()), Value::Address(other_address())],
        SlotType::Email => ["an@example.vn", "binh@example.vn"].map(|email| Value::Email(email.to_owned())).into(),
        SlotType::Location => Point::of_degrees(10.7769, 106.7009).into_iter().map(Value::Location).collect(),
        SlotType::File => vec![Value::File(Media { kind: "image".to_owned(), url: None })],
    }
}

fn phones() -> [Phone; 3] {
    ["901234567", "912345678", "933345678"].map(Phone::from_significant)
}

/// An address that lacks nothing.
fn address() -> Address {
    Address {
        province: Some("79".to_owned()),
        ward: Some("26740".to_owned()),
        street: Some("12 Nguyễn Huệ".to_owned()),
        text: "12 Nguyễn Huệ, Phường Sài Gòn, Thành phố Hồ Chí Minh".to_owned(),
        label: "Phường Sài Gòn, Thành phố Hồ Chí Minh".to_owned(),
        province_name: Some("Thành phố Hồ Chí Minh".to_owned()),
        ..Address::default()
    }
}

fn other_address() -> Address {
    Address {
        province: Some("01".to_owned()),
        ward: Some("00070".to_owned()),
        street: Some("5 Hàng Trống".to_owned()),
        text: "5 Hàng Trống, Phường Hoàn Kiếm, Thành phố Hà Nội".to_owned(),
        label: "Phường Hoàn Kiếm, Thành phố Hà Nội".to_owned(),
        province_name: Some("Thành phố Hà Nội".to_owned()),
        ..Address::default()
    }
}

/// An address without this part, and what was typed of it.
fn lacking(part: AddressPart) -> Address {
    let whole = address();
    match part {
        AddressPart::Province => {
            Address { street: whole.street, text: "12 Nguyễn Huệ".to_owned(), ..Address::default() }
        }
        AddressPart::Ward => Address {
            ward: None,
            text: "12 Nguyễn Huệ, Thành phố Hồ Chí Minh".to_owned(),
            label: "Thành phố Hồ Chí Minh".to_owned(),
            ..whole
        },
        AddressPart::Street => {
            Address { street: None, text: "Phường Sài Gòn, Thành phố Hồ Chí Minh".to_owned(), ..whole }
        }
    }
}

/// What a session does when nobody says anything: reminders change nothing, so they are passed over.
pub fn unheard(session: &Session) -> Session {
    let mut session = session.clone();
    if let Some(due) = &mut session.due
        && due.what == Move::Remind
    {
        due.what = Move::Expire;
    }
    session
}
