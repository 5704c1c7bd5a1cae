//! What is sure where, over every verb.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::fact::Facts;
use super::need::{Lack, Site, findings};
use super::way::Graph;
use super::*;
use crate::domain::limits::{Limits, LimitsTable, TextUnit};
use crate::flow::compile::{File, Names, compile};
use crate::flow::condition::Order;
use crate::flow::{Call, Condition, Interrupt, Pause, Slot, StepIx, Template, Then, Verb, Wording, Words};

/// Five public slots and one private; steps as they are written.
fn flow(steps: &str) -> Flow {
    let text = format!(
        "flow: a\nslots:\n  ok: {{type: consent}}\n  a: {{type: text}}\n  b: {{type: name, prefill: contact.name}}\n  \
         c: {{type: choice, options: {{x: Một, y: Hai}}}}\n  số: {{type: phone}}\nsteps:\n{steps}"
    );
    let files = [File { path: "flows/a.yaml".to_owned(), text }];
    let names = Names { limits: &LimitsTable::new(), queues: &["cskh".to_owned()], services: &["crm".to_owned()] };
    let mut flow = compile(&files, names).unwrap_or_else(|found| panic!("{found:#?}"));
    let mut flow = flow.flows.flows.remove("a").unwrap();
    // Only now, for the compiler refuses what these tests are about.
    flow.slots[4].private = true;
    flow
}

fn at(flow: &Flow, step: &str) -> String {
    let sure = surely_filled(flow);
    let slots = sure[flow.find(step).unwrap().0].iter().map(|slot| flow.slot(slot).name.clone());
    slots.collect::<Vec<_>>().join(" ")
}

fn told(flow: &Flow) -> Vec<(String, String, Lack)> {
    let graph = Graph::of(flow);
    let place = |site| match site {
        Site::Step(step) => flow.step(step).id.clone(),
        Site::Interrupt(ix) => flow.interrupts[ix].name.clone(),
        Site::Silence => "silence".to_owned(),
    };
    let all = findings(flow, &graph);
    all.iter().map(|found| (place(found.site), flow.slot(found.slot).name.clone(), found.lack)).collect()
}

fn finding(step: &str, slot: &str, lack: Lack) -> (String, String, Lack) {
    (step.to_owned(), slot.to_owned(), lack)
}

/// Words with a value in them.
fn saying(text: &str) -> Wording {
    Wording { text: Words { vi: Template::parse(text).unwrap(), en: None }, by_channel: BTreeMap::new() }
}

/// Replaces a step's verb: for verbs that are easier built than written.
fn set(flow: &mut Flow, step: &str, verb: Verb) {
    let ix = flow.find(step).unwrap();
    flow.steps[ix.0].verb = verb;
}

fn call(flow: &Flow, failed: &str) -> Call {
    Call {
        service: "crm".to_owned(),
        send: Vec::new(),
        save: vec![(SlotIx(1), "a".to_owned())],
        timeout: Duration::from_secs(5),
        retries: 2,
        ok: None,
        failed: flow.find(failed).unwrap(),
        say: None,
    }
}

#[test]
fn an_answer_fills_and_a_prefill_or_a_give_up_does_not() {
    let flow = flow("  m: {ask: a, say: A, give_up: z}\n  n: {ask: b, say: B}\n  y: {end: x}\n  z: {end: x}\n");
    assert_eq!([at(&flow, "m"), at(&flow, "n"), at(&flow, "y"), at(&flow, "z")], ["", "a", "a b", ""]);
}

#[test]
fn where_ways_meet_only_what_all_of_them_filled_is_sure() {
    let flow = flow(
        "  m: {ask: c, say: C, choose: {x: p}}\n  n: {ask: a, say: A}\n  o: {ask: b, say: B, go: z}\n  \
         p: {ask: a, say: A}\n  z: {end: x}\n",
    );
    assert_eq!([at(&flow, "p"), at(&flow, "z")], ["c", "a c"]);
}

#[test]
fn a_condition_that_held_or_did_not_tells_what_is_known() {
    let flow = flow(
        "  m: {ask: a, say: A, give_up: n}\n  n: {branch: [{when: a is known, go: y}, {when: c is x and b is missing, go: z}]}\n  \
         o: {branch: [{when: a is missing or c is missing, go: x}]}\n  p: {say: P}\n  t: {ask: c, say: C}\n  u: {end: x}\n  \
         x: {end: x}\n  y: {end: x}\n  z: {end: x}\n",
    );
    assert_eq!([at(&flow, "n"), at(&flow, "y"), at(&flow, "z"), at(&flow, "x")], ["", "a", "c", ""]);
    let mut compared = flow.clone();
    compared.steps[1].verb =
        Verb::Branch(vec![(Condition::Compare("a".to_owned(), Order::Less, 3), flow.find("y").unwrap())]);
    assert_eq!(at(&compared, "y"), "a", "what is compared is known");
    assert_eq!(at(&flow, "p"), "a c", "neither is missing where the second branch was passed");
}

#[test]
fn an_optional_question_may_be_left_open() {
    let mut flow = flow("  m: {ask: a, say: A}\n  z: {end: x}\n");
    let Verb::Ask(ask) = &mut flow.steps[0].verb else { panic!() };
    ask.optional = true;
    assert_eq!(at(&flow, "z"), "");
    assert!(!Graph::of(&flow).steps[0].ends, "and then giving up goes on");
}

#[test]
fn a_call_fills_where_it_was_answered_and_another_flow_where_it_ended() {
    let mut flow = flow("  m: {ask: a, say: A, give_up: z}\n  n: {say: N}\n  y: {end: x}\n  z: {end: x}\n");
    let verb = Verb::Call(Box::new(call(&flow, "z")));
    set(&mut flow, "m", verb);
    set(&mut flow, "n", Verb::Run { flow: "khác".to_owned(), with: vec![], save: vec![(SlotIx(2), "b".to_owned())] });
    assert_eq!([at(&flow, "n"), at(&flow, "y"), at(&flow, "z")], ["a", "a b", ""]);
}

#[test]
fn an_interrupt_comes_from_any_question_and_silence_from_those_it_is_for() {
    let mut flow = flow("  m: {ask: a, say: A}\n  n: {ask: c, say: C, give_up: z}\n  y: {end: x}\n  z: {end: x}\n");
    assert_eq!(at(&flow, "z"), "a");
    flow.silence.then = flow.find("z");
    assert_eq!(at(&flow, "z"), "");
    let go = |flow: &Flow| Then::Go(flow.find("y").unwrap());
    let say = Some(saying("{a}"));
    let interrupt = Interrupt { name: "i".to_owned(), phrases: vec![], say, confirm: None, then: go(&flow) };
    flow.interrupts.push(interrupt);
    assert_eq!(at(&flow, "y"), "");
    assert_eq!(told(&flow), [finding("i", "a", Lack::MaybeUnfilled)]);
    let Verb::Ask(ask) = &mut flow.steps[0].verb else { panic!() };
    ask.interruptible = false;
    assert_eq!(at(&flow, "y"), "a", "the first question cannot be interrupted");
    assert_eq!(told(&flow), []);
}

#[test]
fn a_step_for_removed_ones_can_be_reached_and_keeps_what_its_other_ways_bring() {
    let mut flow = flow("  m: {ask: a, say: A}\n  n: {say: N}\n  z: {end: x}\n");
    flow.steps[0].next = flow.find("z");
    assert_eq!(shape::unreachable(&Graph::of(&flow)), [StepIx(1)]);
    flow.migrate.removed.insert("cũ".to_owned(), "z".to_owned());
    assert_eq!(at(&flow, "z"), "a");
    flow.migrate.removed.insert("cũ hơn".to_owned(), "n".to_owned());
    assert_eq!((shape::unreachable(&Graph::of(&flow)), at(&flow, "z")), (vec![], String::new()));
}

#[test]
fn consent_is_what_was_answered_yes() {
    let asked = |extra: &str| {
        told(&flow(&format!(
            "  m: {{ask: ok, say: OK{extra}}}\n  n: {{ask: số, say: S, give_up: z}}\n  y: {{end: x}}\n  z: {{end: x}}\n"
        )))
    };
    assert_eq!(asked(", if_no: z"), []);
    let early = [finding("n", "số", Lack::Asked)];
    assert_eq!(asked(", if_yes: n"), early, "a refusal falls through to the question");
    assert_eq!(asked(", if_yes: y, if_no: n"), early);
}

#[test]
fn a_condition_may_stand_for_consent_and_a_second_refusal_takes_it_back() {
    let asked = |when: &str| {
        told(&flow(&format!(
            "  m: {{ask: ok, say: OK, give_up: n}}\n  n: {{branch: [{{when: {when}, go: p}}]}}\n  o: {{end: x}}\n  \
             p: {{ask: số, say: S}}\n  z: {{end: x}}\n"
        )))
    };
    assert_eq!(asked("ok is yes"), []);
    assert_eq!(asked("not (ok is missing or not ok is yes)"), []);
    assert_eq!(asked("ok is known"), [finding("p", "số", Lack::Asked)]);
    let again = "  m: {ask: ok, say: OK, if_no: z}\n  n: {ask: ok, say: OK, if_yes: z, if_no: p}\n  \
                 p: {ask: số, say: S}\n  z: {end: x}\n";
    assert_eq!(told(&flow(again)), [finding("p", "số", Lack::Asked)]);
}

#[test]
fn what_is_asked_again_must_be_confirmed_again() {
    let flow = flow(
        "  m: {ask: a, say: A}\n  n: {confirm: [a]}\n  o: {ask: c, say: C, choose: {x: y}}\n  p: {ask: a, say: A, go: y}\n  \
         y: {handoff: advice, send: [a]}\n  z: {end: x}\n",
    );
    assert_eq!(told(&flow), [finding("y", "a", Lack::Unconfirmed)]);
}

#[test]
fn a_round_of_calls_and_pauses_never_asks_and_a_person_or_another_flow_does() {
    let mut flow = flow("  m: {say: M}\n  n: {say: N, go: z}\n  z: {end: x}\n");
    flow.steps[1].next = Some(StepIx(0));
    flow.steps[0].verb = Verb::Wait(Pause::For(Duration::from_secs(60)));
    let of = |flow: &Flow| shape::cycles(flow, &Graph::of(flow));
    assert_eq!(of(&flow), [shape::Cycle { steps: vec![StepIx(0), StepIx(1)], asks: false }]);
    flow.steps[0].verb = Verb::Call(Box::new(call(&flow, "m")));
    assert_eq!(of(&flow).len(), 2, "trying for ever is one, going round by n another");
    flow.steps[0].verb = Verb::Run { flow: "khác".to_owned(), with: vec![], save: vec![] };
    assert_eq!(of(&flow), []);
    flow.steps[0].verb = Verb::Person { queue: None, say: None, if_unavailable: None };
    assert_eq!(of(&flow), []);
    flow.steps[0].verb = Verb::Person { queue: None, say: None, if_unavailable: Some(StepIx(1)) };
    assert_eq!(of(&flow).len(), 1, "with nobody on duty it goes round");
}

#[test]
fn short_messages_are_counted_in_the_handsets_letters() {
    let of = |text: &str| {
        let length::Segments { count, accents } = length::segments(&Template::parse(text).unwrap(), false);
        (count, accents)
    };
    assert_eq!(of(&"a".repeat(160)), (1, false));
    assert_eq!(of(&"a".repeat(161)), (2, false));
    assert_eq!(of(&"€".repeat(81)), (2, false));
    assert_eq!(of(&"ạ".repeat(70)), (1, true));
    assert_eq!(of(&"ạ".repeat(71)), (2, true));
    assert_eq!(of(&format!("{}{{link}}", "a".repeat(91))), (2, false));
    let plain = length::segments(&Template::parse(&"ạ".repeat(160)).unwrap(), true);
    assert_eq!(plain, length::Segments { count: 1, accents: false });
}

#[test]
fn a_text_is_as_long_as_the_channel_counts_it() {
    let limits =
        |unit, accents| Limits { text: 10, unit, choices: 0, choice_title: 0, window: None, accents, pushes: false };
    let template = Template::parse("Đổi 👍 {link} {a}").unwrap();
    assert_eq!(length::length(&template, &limits(TextUnit::Char, true)), 7 + length::LINK);
    assert_eq!(length::length(&template, &limits(TextUnit::Utf16, true)), 8 + length::LINK);
    assert_eq!(length::most(&limits(TextUnit::Char, true)), 10);
    assert_eq!(length::most(&Limits { pushes: true, ..limits(TextUnit::Char, true) }), 100);
}

/// Ten thousand questions in which every one may lead far back: the walk looks at each step a few times
/// only, or this test takes minutes.
#[test]
fn ten_thousand_steps_with_ways_back_are_walked() {
    let mut flow = flow("  m: {ask: c, say: C, choose: {x: z}}\n  z: {end: x}\n");
    let (ask, end) = (flow.steps[0].clone(), flow.steps[1].clone());
    flow.slots = (0..200).map(|ix| Slot { name: format!("s{ix}"), ..flow.slots[3].clone() }).collect();
    let count = 10_000;
    flow.steps = (0..count).map(|_| ask.clone()).collect();
    for (ix, step) in flow.steps.iter_mut().enumerate() {
        step.next = Some(StepIx(ix + 1));
        let Verb::Ask(ask) = &mut step.verb else { panic!() };
        ask.slot = SlotIx(ix % 200);
        ask.choose = BTreeMap::from([("x".to_owned(), StepIx(ix / 2))]);
    }
    flow.steps.push(end);
    let sure = surely_filled(&flow);
    assert_eq!(sure[count].iter().count(), 200);
    assert_eq!(sure[0].iter().count(), 0);
}

proptest! {
    #[test]
    fn sets_of_facts_are_sets(
        left in prop::collection::btree_set(0..300usize, 0..40),
        right in prop::collection::btree_set(0..300usize, 0..40),
        end in 0..300usize,
    ) {
        let of = |facts: &std::collections::BTreeSet<usize>| facts.iter().copied().collect::<Facts>();
        let (mut both, mut common, mut rest) = (of(&left), of(&left), of(&left));
        both.unite(&of(&right));
        common.keep(&of(&right));
        rest.remove(&of(&right));
        prop_assert!(both.iter().eq(left.union(&right).copied()));
        prop_assert!(common.iter().eq(left.intersection(&right).copied()));
        prop_assert!(rest.iter().eq(left.difference(&right).copied()));
        prop_assert!(of(&left).below(end).iter().eq(left.iter().copied().filter(|fact| *fact < end)));
        prop_assert!((0..300).all(|fact| of(&left).has(fact) == left.contains(&fact)));
    }
}
