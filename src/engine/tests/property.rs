//! What holds of every conversation with any flow: random flows, random things said.

use super::*;
use crate::domain::message::Called;
use crate::domain::session::Progress;
use crate::domain::slot::SlotType;
use crate::flow::analysis::way::{Graph, On, Ways};
use crate::flow::{Corrections, Flow, Verb, sample};

/// Something that happens in a conversation, whatever the flow.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Says(String),
    /// A tap on the n-th choice under the question.
    Taps(usize),
    Meets(Event),
    /// What is due comes.
    Waits,
    /// The service answers, or does not.
    Answers(bool),
    /// The person gives the conversation back.
    GivesBack,
}

fn typed() -> impl Strategy<Value = String> {
    let known = [
        "có",
        "không",
        "đúng",
        "sai",
        "0901234567",
        "0912345678",
        "901234567",
        "0901234567 hoặc 0912345678",
        "0901234567, 0912345678, 0933345678, 0944445678",
        "số đầu",
        "024 3825 1234",
        "9090",
        "12 Nguyễn Huệ, phường Sài Gòn, TP HCM",
        "5 Hàng Trống, Hoàn Kiếm, Hà Nội",
        "hà nội",
        "12 lê lợi",
        "phường 1",
        "xã tân thành",
        "sáng sớm",
        "buổi chiều",
        "tối muộn",
        "mặn",
        "2",
        "7",
        "Nguyễn Văn An",
        "ngày mai",
        "25/12",
        "8h-10h sáng mai",
        "an@example.vn",
        "à nhầm, buổi chiều",
        "không phải, 0912345678",
        "không, 7",
        "ý em là sáng sớm",
        "mất tiền không",
        "thôi nhé",
        "dừng",
        "nv",
        "nhảy qua",
        "quay lại",
        "nhắc lại",
        "bắt đầu lại",
        "mục 1",
        "bỏ qua",
        "ừ 0901234567, buổi chiều, ngày mai",
    ];
    prop_oneof![14 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,30}"]
}

fn act() -> impl Strategy<Value = Act> {
    let picture = Event::Media { media: "image".to_owned(), url: None };
    let details = Event::Details {
        name: Some("Trần Thị Bình".to_owned()),
        phone: Some("0903333444".to_owned()),
        address: Some("12 Nguyễn Huệ, phường Sài Gòn, TP HCM".to_owned()),
    };
    let place = Event::Location { latitude: 10.77, longitude: 106.7 };
    let rare = [picture, details, place, Event::Open { reference: None }, Event::Left];
    prop_oneof![
        12 => typed().prop_map(Act::Says),
        4 => (0..4_usize).prop_map(Act::Taps),
        3 => prop::sample::select(rare.to_vec()).prop_map(Act::Meets),
        1 => "t[0-9]=(yes|no|a|c0|g1)".prop_map(|payload| Act::Meets(Event::Choice { title: payload.clone(), payload })),
        1 => Just(Act::Waits),
        2 => any::<bool>().prop_map(Act::Answers),
        2 => Just(Act::GivesBack),
    ]
}

pub(super) fn acts() -> impl Strategy<Value = Vec<Act>> {
    prop::collection::vec(act(), 1..25)
}

impl Customer {
    pub(super) fn with(flows: Flows) -> Self {
        Self { flows, ..Self::flow("flow: thu\nsteps:\n  a: {end: xong}\n") }
    }

    /// Lets something happen; `false` where it cannot.
    pub(super) fn lives(&mut self, act: &Act) -> bool {
        match act {
            Act::Says(text) => self.says(text),
            Act::Taps(which) => {
                let choices = self.session.as_ref().map_or(&[][..], |session| &session.question.choices);
                let Some(Choice { payload, title }) = choices.get(*which).cloned() else { return false };
                self.meets(&Event::Choice { payload, title })
            }
            Act::Meets(event) => self.meets(event),
            Act::Waits if self.session.as_ref().is_some_and(|session| session.due.is_some()) => self.waits(),
            Act::Answers(well) => {
                let Some(call) = self.session.as_ref().and_then(|session| called(&session.waiting)) else {
                    return false;
                };
                let fields = [("diem".to_owned(), "12".to_owned())].into();
                let failed = Called::Failed { code: "timeout".to_owned() };
                let outcome = if *well { Called::Answered { fields } } else { failed };
                self.meets(&Event::Called { call, outcome })
            }
            Act::GivesBack => {
                if self.session.as_ref().is_none_or(|session| session.waiting != Waiting::Person) {
                    return false;
                }
                let world = World {
                    flows: &self.flows,
                    places: &PLACES,
                    queue: "cskh",
                    closed: &self.closed,
                    apart: &|_, _| true,
                };
                let event = &Event::Control { bot: true };
                let (channel, limits, contact) = (&self.channel, &self.limits, &self.profile);
                let input = Input { event, channel, limits, contact, link: None, campaign: None };
                let turn = give_back(world, self.session.as_ref(), input, self.now);
                (self.session, self.effects, self.trace) = (turn.session, turn.effects, turn.trace);
                self
            }
            Act::Waits => return false,
        };
        true
    }
}

fn called(waiting: &Waiting) -> Option<String> {
    match waiting {
        Waiting::Call { call } => Some(call.clone()),
        Waiting::Interrupt { back, .. } | Waiting::Correct { back, .. } => called(back),
        _ => None,
    }
}

/// Whether the contact could say something and get no answer: during a pause, with a person.
fn may_be_silent(session: &Session) -> bool {
    matches!(session.waiting, Waiting::Pause | Waiting::Person)
}

/// That everything in the session fits the flow it stands in.
pub(super) fn sound(flows: &Flows, session: &Session) -> Result<(), TestCaseError> {
    let flow = &flows.flows[&session.flow];
    let at = flow.find(&session.step);
    prop_assert!(at.is_some(), "no step {}", session.step);
    let step = flow.step(at.unwrap());
    let wanted = match &step.verb {
        Verb::Ask(ask) => ask.retry.len(),
        Verb::Confirm(confirm) => confirm.retry.len(),
        _ => 0,
    };
    prop_assert!(usize::from(session.tries) <= wanted, "{} tries of {wanted}", session.tries);
    waits(flow, session, &session.waiting)?;
    let due = session.waiting == Waiting::Person || session.due.is_some();
    prop_assert!(due, "nothing will ever happen: {:?}", session.waiting);
    fit(flow, &session.progress)?;
    for caller in &session.callers {
        let flow = &flows.flows[&caller.flow];
        prop_assert!(flow.find(&caller.step).is_some());
        fit(flow, &caller.progress)?;
    }
    prop_assert!(session.callers.len() < flows.flows.len());
    let stored = serde_json::to_string(session).unwrap();
    prop_assert_eq!(&serde_json::from_str::<Session>(&stored).unwrap(), session);
    Ok(())
}

/// That the step can wait like this.
fn waits(flow: &Flow, session: &Session, waiting: &Waiting) -> Result<(), TestCaseError> {
    let verb = &flow.step(flow.find(&session.step).unwrap()).verb;
    let holds = |name: &str, value: &Value| flow.slots.iter().any(|slot| slot.name == name && value.fits(slot.kind));
    let good = match (waiting, verb) {
        (Waiting::Known { value }, Verb::Ask(ask)) => value.fits(flow.slot(ask.slot).kind),
        (Waiting::Answer | Waiting::Part { .. }, Verb::Ask(_)) => true,
        (Waiting::Unsure { guesses }, Verb::Ask(_)) => (1..=3).contains(&guesses.count()),
        (Waiting::Confirm | Waiting::Which, Verb::Confirm(_)) => true,
        (Waiting::Person, Verb::Person { .. }) | (Waiting::Call { .. }, Verb::Call(_)) => true,
        (Waiting::Pause, Verb::Wait(_)) => true,
        (Waiting::Interrupt { back, name, .. }, _) => {
            let nested = matches!(**back, Waiting::Interrupt { .. } | Waiting::Correct { .. });
            prop_assert!(!nested, "an interrupt over {back:?}");
            // Outside any flow it stands before the first step, whatever that does.
            let before = flow.step(flow.start).id == session.step;
            if !before {
                waits(flow, session, back)?;
            }
            flow.interrupts.iter().any(|interrupt| interrupt.name == *name)
        }
        (Waiting::Correct { values, back, .. }, _) => {
            let nested = matches!(**back, Waiting::Interrupt { .. } | Waiting::Correct { .. });
            prop_assert!(!nested, "a correction over {back:?}");
            prop_assert!(!values.is_empty());
            waits(flow, session, back)?;
            values.iter().all(|(name, value)| holds(name, value))
        }
        _ => false,
    };
    prop_assert!(good, "{} waits for {waiting:?}", session.step);
    Ok(())
}

/// That the progress is bounded and every value fits its slot.
fn fit(flow: &Flow, progress: &Progress) -> Result<(), TestCaseError> {
    for (name, value) in progress.slots.iter().chain(&progress.ahead) {
        let slot = flow.slots.iter().find(|slot| slot.name == *name);
        prop_assert!(slot.is_some_and(|slot| value.fits(slot.kind)), "{name} holds {value:?}");
        if let (Some(slot), Value::Choice(key)) = (slot, value) {
            prop_assert!(slot.options.iter().any(|(known, _)| known == key));
        }
        if let (Some(slot), Value::Number(number)) = (slot, value) {
            prop_assert!((slot.range.0..=slot.range.1).contains(number));
        }
    }
    prop_assert!(progress.trail.len() <= 200 && progress.spoken.len() <= flow.steps.len());
    for step in progress.trail.iter().chain(&progress.spoken) {
        prop_assert!(flow.find(step).is_some());
    }
    Ok(())
}

/// How often a contact is heard whom nobody ever understands, until that ends; at most 150 times.
pub(super) fn never_understood(customer: &mut Customer) -> usize {
    for heard in 0..150 {
        match customer.session.as_ref().map(|session| session.waiting.clone()) {
            None | Some(Waiting::Person) => return heard,
            Some(Waiting::Call { .. }) => customer.lives(&Act::Answers(heard % 2 == 0)),
            Some(Waiting::Pause) => customer.lives(&Act::Waits),
            Some(_) => customer.lives(&Act::Says("…".to_owned())),
        };
    }
    150
}

/// Whether every way leads to a later step.
pub(super) fn only_on(flow: &Flow) -> bool {
    let graph = Graph::of(flow);
    let on = |(from, ways): (usize, &Ways)| ways.out.iter().all(|way| way.on == On::Silence || way.to.0 > from);
    graph.steps.iter().enumerate().all(on)
}

/// Whether the session waits for something private and nobody has agreed to that.
fn asks_too_early(flows: &Flows, session: &Session) -> bool {
    let flow = &flows.flows[&session.flow];
    let asked = &flow.step(flow.find(&session.step).unwrap()).verb;
    let agreed = |flow: &Flow, progress: &Progress| {
        let mut consents = flow.slots.iter().filter(|slot| slot.kind == SlotType::Consent);
        consents.any(|slot| progress.slots.get(&slot.name) == Some(&Value::YesNo(true)))
    };
    matches!(asked, Verb::Ask(ask) if flow.slot(ask.slot).private)
        && !agreed(flow, &session.progress)
        && !session.callers.iter().any(|caller| agreed(&flows.flows[&caller.flow], &caller.progress))
}

/// What a turn may not do, given where the session stood before.
pub(super) fn proper(customer: &Customer, before: Option<&Session>, act: &Act) -> Result<(), TestCaseError> {
    prop_assert!(!customer.trace.iter().any(|trace| trace.what == What::Stuck), "stuck");
    let speaks = match act {
        Act::Says(_) | Act::Taps(_) => true,
        Act::Meets(event) => super::speaks(event),
        Act::Waits | Act::Answers(_) | Act::GivesBack => false,
    };
    let silent = customer.effects.is_empty();
    prop_assert!(!(speaks && silent) || customer.session.as_ref().is_some_and(may_be_silent), "silent at {act:?}");
    if let (Some(before), Some(session)) = (before, &customer.session) {
        goes_back(customer, before, session)?;
        let corrects = matches!(session.waiting, Waiting::Correct { .. });
        let off = customer.flows.flows[&session.flow].corrections == Corrections::Off;
        let back = |waiting: &Waiting| matches!(waiting, Waiting::Correct { back, .. } if **back == Waiting::Confirm);
        prop_assert!(!(corrects && off) || back(&session.waiting), "corrected although that is off");
        if matches!(act, Act::Waits) {
            prop_assert!(session != before, "what was due changed nothing");
        }
    }
    Ok(())
}

/// That whoever goes back is asked the last question again.
fn goes_back(customer: &Customer, before: &Session, now: &Session) -> Result<(), TestCaseError> {
    let within = match &before.waiting {
        Waiting::Interrupt { back, .. } | Waiting::Correct { back, .. } => back,
        waiting => waiting,
    };
    let in_parts = matches!(within, Waiting::Part { .. } | Waiting::Unsure { .. });
    if in_parts || !customer.trace.iter().any(|trace| trace.what == What::WentBack) {
        return Ok(());
    }
    let flow = &customer.flows.flows[&before.flow];
    let asks = |id: &&String| matches!(flow.step(flow.find(id).unwrap()).verb, Verb::Ask(_));
    if let Some(last) = before.progress.trail.iter().rev().find(asks) {
        prop_assert_eq!(&now.step, last);
        prop_assert_eq!(&now.waiting, &Waiting::Answer);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_conversation_with_any_flow_stays_sound(
        texts in sample::texts(),
        acts in acts(),
        pushes in prop::bool::weighted(0.8),
        known in any::<bool>(),
    ) {
        let Some(flows) = sample::compiled(&texts) else { return Ok(()) };
        let mut customer = Customer::with(flows);
        customer.limits.pushes = pushes;
        if known {
            customer.profile.phone = Some(Phone::from_significant("909999999"));
            customer.profile.name = Some("Lê Thị Chi".to_owned());
        }
        customer.says("chào");
        for act in &acts {
            let before = customer.session.clone();
            if before.is_none() {
                break;
            }
            if let Some(session) = &before {
                sound(&customer.flows, session).map_err(|e| TestCaseError::fail(format!("{e}\n{}", texts[0])))?;
                prop_assert!(!asks_too_early(&customer.flows, session), "{} asks too early\n{}", session.step, texts[0]);
            }
            if !customer.lives(act) {
                continue;
            }
            proper(&customer, before.as_ref(), act).map_err(|e| TestCaseError::fail(format!("{e}\n{}", texts[0])))?;
            let (session, effects) = (customer.session.clone(), customer.effects.clone());
            let now = customer.now;
            customer.session = before;
            customer.lives(act);
            customer.now = now;
            prop_assert_eq!(&session, &customer.session);
            prop_assert_eq!(&effects, &customer.effects);
        }
    }

    /// Whoever is never understood, or says nothing at all, comes to an end.
    #[test]
    fn what_is_never_understood_and_silence_come_to_an_end(
        texts in sample::texts(),
        acts in prop::collection::vec(act(), 0..6),
        silent in any::<bool>(),
    ) {
        let Some(flows) = sample::compiled(&texts) else { return Ok(()) };
        // Whoever is led back by the author's own ways may be asked for ever.
        let leads_back = !only_on(&flows.flows[sample::NAME]);
        if leads_back && !silent {
            return Ok(());
        }
        let mut customer = Customer::with(flows);
        customer.says("chào");
        for act in &acts {
            if customer.session.is_some() {
                customer.lives(act);
            }
        }
        if !silent {
            prop_assert!(never_understood(&mut customer) < 150, "no end\n{}", texts[0]);
        }
        let mut seen = 0;
        while let Some(session) = customer.session.clone().filter(|session| session.waiting != Waiting::Person) {
            prop_assert!(session.due.unwrap().at > customer.now, "at once again\n{}", texts[0]);
            customer.lives(&Act::Waits);
            seen += 1;
            prop_assert!(seen < 150, "no end at {session:?}\n{}", texts[0]);
        }
    }
}
