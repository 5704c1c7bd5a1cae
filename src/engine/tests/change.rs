//! What holds when something changes under way: an answer that is corrected, a flow that is edited.

use std::sync::Arc;

use super::property::{acts, never_understood, only_on, proper, sound};
use super::*;
use crate::domain::slot::Slots;
use crate::flow::migrate::{Migrated, Passage};
use crate::flow::sample;

/// Questions of different types, with two answers each that only they understand.
const QUESTIONS: [(&str, &str, [&str; 2]); 7] = [
    ("mau", "type: choice, options: {do: Màu đỏ, xanh: Màu xanh}", ["màu đỏ", "màu xanh"]),
    ("so", "type: phone", ["0901234567", "0912345678"]),
    ("ngay", "type: date", ["25/12/2026", "27/12/2026"]),
    ("thu", "type: email", ["an@example.vn", "binh@example.vn"]),
    ("tuoi", "type: number", ["57", "58"]),
    ("vui", "type: yesno", ["có", "không"]),
    ("noi", "type: address", ["12 Nguyễn Huệ, phường Sài Gòn, TP HCM", "5 Hàng Trống, phường Hoàn Kiếm, Hà Nội"]),
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// A session that a plan moves lives on in the new flow as if it had begun there.
    #[test]
    fn a_moved_session_lives_on_in_the_edited_flow(
        texts in sample::texts(),
        before in acts(),
        edits in sample::edits(),
        after in acts(),
    ) {
        let Some(old) = sample::compiled(&texts) else { return Ok(()) };
        let text = sample::edited(&texts[0], &edits);
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
                let world = World { flows: &customer.flows, places: &PLACES, queue: "cskh", closed: &[], apart: &|_, _| true };
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
