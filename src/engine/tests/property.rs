//! What holds of every conversation with any flow: random flows, random things said.

use std::sync::Arc;

use super::*;
use crate::domain::message::Called;
use crate::domain::session::Progress;
use crate::domain::slot::Slots;
use crate::flow::analysis::way::{Graph, On, Ways};
use crate::flow::migrate::{Migrated, Passage};
use crate::flow::{Corrections, Flow, Verb, sample};

/// More by hand, before believing it.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(200)
}

/// Something that happens in a conversation, whatever the flow.
#[derive(Clone, Debug)]
enum Act {
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

fn acts() -> impl Strategy<Value = Vec<Act>> {
    prop::collection::vec(act(), 1..25)
}

impl Customer {
    fn with(flows: Flows) -> Self {
        Self { flows, ..Self::flow("flow: thu\nsteps:\n  a: {end: xong}\n") }
    }

    /// Lets something happen; `false` where it cannot.
    fn lives(&mut self, act: &Act) -> bool {
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
                let world = World { flows: &self.flows, places: &PLACES, queue: "cskh", closed: &self.closed };
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
fn sound(flows: &Flows, session: &Session) -> Result<(), TestCaseError> {
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
        (Waiting::Unsure { guesses }, Verb::Ask(_)) => (1..=3).contains(&guesses.len()),
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
fn never_understood(customer: &mut Customer) -> usize {
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
fn only_on(flow: &Flow) -> bool {
    let graph = Graph::of(flow);
    let on = |(from, ways): (usize, &Ways)| ways.out.iter().all(|way| way.on == On::Silence || way.to.0 > from);
    graph.steps.iter().enumerate().all(on)
}

/// Whether the session waits for something private and nobody has agreed to that.
fn asks_too_early(flows: &Flows, session: &Session) -> bool {
    let flow = &flows.flows[&session.flow];
    let asked = &flow.step(flow.find(&session.step).unwrap()).verb;
    matches!(asked, Verb::Ask(ask) if flow.slot(ask.slot).private)
        && !crate::studio::explore::state::agreed(flows, session)
}

/// What a turn may not do, given where the session stood before.
fn proper(customer: &Customer, before: Option<&Session>, act: &Act) -> Result<(), TestCaseError> {
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

/// Questions of different types, with two answers each that only they understand.
const QUESTIONS: [(&str, &str, [&str; 2]); 7] = [
    ("mau", "type: choice, options: {do: Màu đỏ, xanh: Màu xanh}", ["màu đỏ", "màu xanh"]),
    ("so", "type: phone", ["0901234567", "0912345678"]),
    ("ngay", "type: date", ["25/12/2026", "27/12/2026"]),
    ("thu", "type: email", ["an@example.vn", "binh@example.vn"]),
    ("tuoi", "type: number", ["57", "58"]),
    ("vui", "type: yesno", ["có", "không"]),
    ("noi", "type: address", ["12 Nguyễn Huệ, phường Sài Gòn, TP HCM", "5 Hàng Trống, Hoàn Kiếm, Hà Nội"]),
];

/// A flow that asks these questions, in this order, and shows the answers; whoever likes red is not asked
/// the question after the colour.
fn asking(order: &[usize], corrections: &str) -> Flows {
    let questions = order.iter().map(|ix| QUESTIONS[*ix]);
    let slots: String =
        questions.clone().map(|(name, kind, _)| format!("  {name}: {{{kind}, label: Mục {name}}}\n")).collect();
    let name = |at: usize| order.get(at).map_or("xem", |ix| QUESTIONS[*ix].0);
    let mut steps = String::new();
    for (at, (asked, _, _)) in questions.enumerate() {
        let skip = if asked == "mau" { format!(", choose: {{do: h_{}}}", name(at + 2)) } else { String::new() };
        steps.push_str(&format!("  h_{asked}: {{ask: {asked}, say: \"Hỏi {asked} ạ?\"{skip}}}\n"));
    }
    let text = format!(
        "flow: thu\nentry: {{default: true}}\ncorrections: {corrections}\nslots:\n{slots}steps:\n{steps}  \
         h_xem: {{confirm: [{}], say: \"Đúng chưa ạ:\"}}\n  het: {{end: xong}}\n",
        QUESTIONS
            .iter()
            .enumerate()
            .filter(|(ix, _)| order.contains(ix))
            .map(|(_, q)| q.0)
            .collect::<Vec<_>>()
            .join(", ")
    );
    Customer::flow(&text).flows
}

impl Customer {
    /// Answers every question with the first or the second answer until the summary comes, or until `pause`
    /// answers are given.
    fn answers(&mut self, second: impl Fn(&str) -> bool, pause: usize) {
        for _ in 0..pause {
            let Some((name, _, answers)) = QUESTIONS.iter().find(|(name, ..)| self.at() == format!("h_{name}")) else {
                return;
            };
            self.says(answers[usize::from(second(name))]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whoever corrects an answer comes to the summary of one who gave the other answer at once.
    #[test]
    fn a_correction_leads_where_the_right_answer_would_have_led(
        order in Just((0..QUESTIONS.len()).collect::<Vec<_>>()).prop_shuffle(),
        many in 2..=QUESTIONS.len(),
        wrong in 0..5_usize,
        starts in any::<[bool; 7]>(),
        later in 1..8_usize,
        apply in any::<bool>(),
    ) {
        let order = &order[..many];
        let flows = asking(order, if apply { "apply" } else { "ask_first" });
        let (corrected, _, answers) = QUESTIONS[wrong];
        let place = order.iter().position(|ix| *ix == wrong);
        prop_assume!(place.is_some());
        let first = |name: &str| starts[QUESTIONS.iter().position(|question| question.0 == name).unwrap()];
        let right = |name: &str| first(name) != (name == corrected);

        let mut straight = Customer::with(flows.clone());
        straight.says("chào").answers(right, 10);
        let mut other = Customer::with(flows);
        other.says("chào").answers(first, place.unwrap() + later);
        // Whose question was passed over has nothing to correct.
        if other.slot(corrected).is_some() {
            other.says(&format!("à nhầm, {}", answers[usize::from(right(corrected))]));
            if matches!(other.session.as_ref().unwrap().waiting, Waiting::Correct { .. }) {
                other.says("có");
            }
            other.answers(right, 10);
            let slots = |customer: &Customer| customer.session.as_ref().map(|session| session.progress.slots.clone());
            prop_assert_eq!(other.at(), "h_xem");
            prop_assert_eq!(without_words(slots(&other)), without_words(slots(&straight)));
        }
    }
}

/// The slots, addresses without the words they were given in.
fn without_words(slots: Option<Slots>) -> Option<Slots> {
    let mut slots = slots?;
    for value in slots.values_mut() {
        if let Value::Address(address) = value {
            address.text.clear();
        }
    }
    Some(slots)
}

/// An edit of a random flow, as an author makes it.
fn edited(text: &str, edits: &[(u8, usize)]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut migrate = String::new();
    for (kind, which) in edits {
        let steps = lines.iter().position(|line| line == "steps:").unwrap() + 1;
        let slots = lines.iter().position(|line| line == "slots:").unwrap() + 2;
        let asks: Vec<usize> = (steps..lines.len()).filter(|at| lines[*at].contains("{ask: s")).collect();
        let at = asks.get(which % asks.len().max(1)).copied();
        match (kind, at) {
            (0, _) => lines.iter_mut().for_each(|line| *line = line.replace("Hỏi", "Xin hỏi")),
            (1, Some(at)) => drop(lines.remove(at)),
            (2, Some(at)) => {
                lines.insert(slots, "  moi: {type: yesno}".to_owned());
                lines.insert(at + 1, "  tm: {ask: moi, say: \"Mới không ạ?\"}".to_owned());
            }
            (3, Some(at)) => {
                let name = lines[at].trim().split(':').next().unwrap().to_owned();
                let renamed = |line: &String| line.replace(&format!("  {name}: "), "  tdoi: ");
                lines = lines.iter().map(renamed).map(|line| line.replace(&format!(": {name}}}"), ": tdoi}")).collect();
                migrate = format!("migrate: {{rename: {{{name}: tdoi}}}}\n");
            }
            (4, _) => {
                let kinds = ["type: number, min: 1, max: 100", "type: email", "type: yesno", "type: phone"];
                let slot = slots + which % (steps - 1 - slots).max(1);
                let name = lines[slot].split(':').next().unwrap().to_owned();
                lines[slot] = format!("{name}: {{{}, label: Khác}}", kinds[which % kinds.len()]);
            }
            (5, _) => lines.iter_mut().for_each(|line| *line = line.replace("c: Tối muộn", "d: Nửa đêm")),
            (6, Some(at)) if at + 1 < lines.len() => lines.swap(at, at + 1),
            _ => {}
        }
    }
    migrate + &lines.join("\n") + "\n"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    /// A session that a plan moves lives on in the new flow as if it had begun there.
    #[test]
    fn a_moved_session_lives_on_in_the_edited_flow(
        texts in sample::texts(),
        before in acts(),
        edits in prop::collection::vec((0..7_u8, 0..20_usize), 1..4),
        after in acts(),
    ) {
        let Some(old) = sample::compiled(&texts) else { return Ok(()) };
        let text = edited(&texts[0], &edits);
        let Some(mut new) = sample::compiled(&[text.clone(), texts[1].clone()]) else { return Ok(()) };
        new.revision = 1;
        let mut customer = Customer::with(old.clone());
        customer.says("chào");
        for act in &before {
            if customer.session.is_some() {
                customer.lives(act);
            }
        }
        let Some(session) = customer.session.clone() else { return Ok(()) };
        let passage = Passage::between(Arc::new(old), Arc::new(new.clone()));
        let shown = |error| TestCaseError::fail(format!("{error}\n{}\nbecame\n{text}", texts[0]));
        customer.flows = new;
        match passage.take(session) {
            Migrated::Pinned(..) => return Ok(()),
            Migrated::Moved(moved) => customer.session = Some(moved),
            Migrated::Again(moved) => {
                let event = Event::Text { text: "có".to_owned() };
                let world = World { flows: &customer.flows, places: &PLACES, queue: "cskh", closed: &[] };
                let (channel, limits, contact) = (&customer.channel, &customer.limits, &customer.profile);
                let input = Input { event: &event, channel, limits, contact, link: None, campaign: None };
                let turn = take_up(world, &moved, &moved.step, input, customer.now);
                prop_assert!(!turn.effects.is_empty());
                customer.session = turn.session;
            }
        }
        for act in &after {
            let Some(session) = customer.session.clone() else { break };
            sound(&customer.flows, &session).map_err(shown)?;
            if customer.lives(act) {
                proper(&customer, Some(&session), act).map_err(shown)?;
            }
        }
        if only_on(&customer.flows.flows[sample::NAME]) {
            let asked = never_understood(&mut customer);
            prop_assert!(asked < 150, "no end\n{}\nbecame\n{text}", texts[0]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

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
