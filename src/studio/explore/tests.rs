//! The walk over the shipped flows and over small ones that are wrong on purpose.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

use super::*;
use crate::domain::id::ChannelName;
use crate::domain::message::Called;
use crate::domain::session::Waiting;
use crate::flow::compile::{File, Names, compile};
use crate::flow::migrate::{Migrated, Passage};
use crate::flow::sample;
use crate::flow::{Flows, StepIx};
use crate::place::Gazetteer;
use crate::runtime::registry;

static PLACES: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::official);

pub(super) fn flows(files: &[(&str, &str)]) -> Flows {
    let files: Vec<File> =
        files.iter().map(|(path, text)| File { path: (*path).into(), text: (*text).into() }).collect();
    let names = Names { limits: &registry::limits(), queues: &["cskh".to_owned()], services: &["crm".to_owned()] };
    compile(&files, names).map_err(|problems| format!("{problems:#?}")).unwrap().flows
}

fn shipped() -> Flows {
    flows(&[
        ("flows/doi-sim-4g.yaml", include_str!("../../../flows/doi-sim-4g.yaml")),
        ("flows/thue-bao-moi.yaml", include_str!("../../../flows/thue-bao-moi.yaml")),
        ("flows/goi-ra-4g.yaml", include_str!("../../../flows/goi-ra-4g.yaml")),
        ("flows/tu-van.yaml", include_str!("../../../flows/tu-van.yaml")),
        ("flows/mac-dinh.yaml", include_str!("../../../flows/mac-dinh.yaml")),
        ("flows/chung/chung.yaml", include_str!("../../../flows/chung/chung.yaml")),
    ])
}

fn explored(flows: &Flows, name: &str) -> Explored {
    let limits = registry::limits();
    let queues = ["cskh".to_owned()];
    let stage = Stage { flows, places: &PLACES, limits: &limits, queues: &queues };
    explore(stage, &flows.flows[name])
}

fn kinds(explored: &Explored) -> Vec<(Kind, &str)> {
    explored.findings.iter().map(|finding| (finding.kind, finding.step.as_str())).collect()
}

#[test]
fn the_shipped_flows_have_a_way_out_of_every_state() {
    let flows = shipped();
    for name in flows.flows.keys() {
        let explored = explored(&flows, name);
        assert!(explored.complete, "{name}");
        assert_eq!(explored.findings, [], "{name}");
    }
}

const SMALL: &str = "flow: thu\nentry: {default: true}\nslots:\n  dong_y: {type: consent, label: Đồng ý}\n  \
    loai: {type: choice, label: Loại, options: {mot: Một, hai: Hai}}\n  so: {type: phone, label: Số}\nsteps:\n  \
    chao: {say: \"Chào ạ.\"}\n  a: {ask: loai, say: \"Loại ạ?\"}\n  b: {ask: dong_y, say: \"Đồng ý ạ?\", if_no: het}\n  \
    c: {ask: so, say: \"Số ạ?\"}\n  d: {handoff: advice, send: [so]}\n  het: {end: xong}\n";

fn small(spoil: impl FnOnce(&mut Flow)) -> Flows {
    let mut flows = flows(&[("flows/thu.yaml", SMALL)]);
    spoil(flows.flows.get_mut("thu").unwrap());
    flows
}

#[test]
fn a_flow_that_is_well_has_no_findings() {
    let explored = explored(&small(|_| {}), "thu");
    assert_eq!((explored.findings, explored.complete), (Vec::new(), true));
}

#[test]
fn something_private_asked_before_consent_is_found() {
    let explored = explored(&small(|flow| flow.slots[1].private = true), "thu");
    assert_eq!(kinds(&explored), [(Kind::AskedBeforeConsent, "a")]);
}

#[test]
fn something_private_sent_although_nobody_agreed_is_found() {
    let flows = small(|flow| {
        flow.slots[2].private = true;
        // Whoever refuses is asked all the same.
        let Verb::Ask(ask) = &mut flow.steps[2].verb else { panic!() };
        ask.if_no = Some(StepIx(3));
    });
    let explored = explored(&flows, "thu");
    let mut found = kinds(&explored);
    found.sort();
    assert_eq!(found, [(Kind::AskedBeforeConsent, "c"), (Kind::SentBeforeConsent, "het")]);
}

#[test]
fn going_round_without_a_question_is_found() {
    let explored = explored(&small(|flow| flow.steps[4].next = Some(StepIx(4))), "thu");
    assert!(kinds(&explored).contains(&(Kind::Round, "d")), "{:?}", kinds(&explored));
}

#[test]
fn a_question_that_only_leads_back_to_itself_is_found() {
    let flows = small(|flow| {
        for step in &mut flow.steps {
            if let Verb::Ask(ask) = &mut step.verb {
                ask.give_up = Some(StepIx(1));
                ask.if_no = None;
                ask.when_known = Some(ask.say.clone());
            }
        }
        flow.steps[3].next = Some(StepIx(1));
    });
    let explored = explored(&flows, "thu");
    assert_eq!(kinds(&explored), [(Kind::NoWayOut, "a")]);
}

#[test]
fn too_many_messages_at_once_are_found() {
    let says: String = (0..MOST_MESSAGES + 1).map(|n| format!("  s{n}: {{say: \"Câu {n}\"}}\n")).collect();
    let text = format!("flow: thu\nsteps:\n{says}  het: {{end: xong}}\n");
    let explored = explored(&flows(&[("flows/thu.yaml", &text)]), "thu");
    assert_eq!(kinds(&explored), [(Kind::TooManyMessages, "het")]);
}

/// Anything a customer may say to the shipped flow.
fn anything() -> impl Strategy<Value = String> {
    let typed = [
        "có",
        "không",
        "0901234567",
        "12 Nguyễn Huệ, phường Bến Nghé, quận 1, TP HCM",
        "hà nội",
        "xã tân thành",
        "phường 1",
        "12 lê lợi",
        "sáng",
        "buổi chiều",
        "đúng",
        "dừng",
        "gặp nhân viên",
        "xóa dữ liệu",
        "2",
        "3",
        "quay lại",
        "à nhầm, buổi tối",
        "không, 0912345678",
        "sai số điện thoại",
        "giờ nhận",
        "địa chỉ",
        "bắt đầu lại",
        "901234567",
        "0901234567 hoặc 0912345678",
        "0901234567, 0912345678, 0933345678",
        "08 3825 1234",
        "024 3825 1234",
        "9090",
        "090***4567",
        "số đầu",
    ];
    prop_oneof![12 => prop::sample::select(typed.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,20}"]
}

/// Where a walk of the shipped flow has been, by whether the contact was known.
static BEEN: LazyLock<(Flows, [std::collections::HashSet<Key>; 2])> = LazyLock::new(|| {
    let flows = shipped();
    let been = [0, 1].map(|known| {
        let limits = registry::limits();
        let (channel, contact) = (ChannelName::new("web"), said::contacts(&flows.flows["doi-sim-4g"]).remove(known));
        let queues = ["cskh".to_owned()];
        let stage = Stage { flows: &flows, places: &PLACES, limits: &limits, queues: &queues };
        let mut walk = Walk::new(stage, &flows.flows["doi-sim-4g"], &channel, &contact);
        walk.begin();
        walk.go_on();
        walk.known.into_keys().collect()
    });
    (flows, been)
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Wherever the real engine comes by texts, the walk has been: its abstract answers leave nothing out.
    #[test]
    fn the_walk_has_been_wherever_texts_lead(texts in prop::collection::vec(anything(), 1..25), known in any::<bool>()) {
        let (flows, been) = &*BEEN;
        let flow = &flows.flows["doi-sim-4g"];
        let (channel, contact) = (ChannelName::new("web"), said::contacts(flow).remove(usize::from(known)));
        let limits = registry::limits();
        let queues = ["cskh".to_owned()];
    let stage = Stage { flows, places: &PLACES, limits: &limits, queues: &queues };
        let walk = Walk::new(stage, flow, &channel, &contact);
        let open = Event::Open { reference: None };
        let mut session = engine::begin(walk.world(), "doi-sim-4g", flow.start, walk.input(&open), BEGINNING).session;
        for text in texts {
            let Some(before) = &session else { break };
            let event = Event::Text { text: text.clone() };
            session = engine::turn(walk.world(), Some(before), walk.input(&event), BEGINNING).session;
            if let Some(session) = &session {
                let key = walk.matters.key(flows, session);
                prop_assert!(been[usize::from(known)].contains(&key), "{text:?} leads to {key}, where the walk has not been");
            }
        }
    }
}

/// What the walk of a random flow has to hold for: texts, pictures, what is due, what services say.
fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        10 => (0..1000_usize).prop_map(Happening::Picked),
        6 => anything().prop_map(Happening::Text),
        1 => Just(Happening::Silence),
        1 => any::<bool>().prop_map(Happening::Called),
    ]
}

#[derive(Clone, Debug)]
enum Happening {
    /// One of the texts that answer what random flows ask.
    Picked(usize),
    Text(String),
    Silence,
    Called(bool),
}

const ANSWERS: [&str; 20] = [
    "có",
    "không",
    "0901234567",
    "0912345678",
    "12 Nguyễn Huệ, phường Sài Gòn, TP HCM",
    "5 Hàng Trống, Hoàn Kiếm, Hà Nội",
    "phường Hoàn Kiếm, Hà Nội",
    "sáng sớm",
    "buổi chiều",
    "ngọt",
    "3",
    "7",
    "Nguyễn Văn An",
    "ngày mai",
    "8h-10h sáng mai",
    "an@example.vn",
    "à nhầm, buổi chiều",
    "không phải, 0912345678",
    "à nhầm, 7",
    "nhảy qua",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// The same of any flow.
    #[test]
    fn the_walk_of_any_flow_has_been_wherever_texts_lead(
        texts in sample::texts(),
        talks in prop::collection::vec(prop::collection::vec(happening(), 1..15), 8),
    ) {
        let Some(flows) = sample::compiled(&texts) else { return Ok(()) };
        let flow = &flows.flows[sample::NAME];
        let limits = registry::limits();
        let queues = ["cskh".to_owned()];
        let stage = Stage { flows: &flows, places: &PLACES, limits: &limits, queues: &queues };
        let (channel, contact) = (ChannelName::new("web"), said::contacts(flow).remove(0));
        let mut walk = Walk::new(stage, flow, &channel, &contact);
        walk.begin();
        walk.go_on();
        if walk.states.len() >= MOST_STATES {
            return Ok(());
        }
        for talk in &talks {
            follow(&walk, talk, &texts[0])?;
        }
    }
}

/// Talks to the walk's flow and sees that the walk has been everywhere that leads.
fn follow(walk: &Walk<'_>, talk: &[Happening], text: &str) -> Result<(), TestCaseError> {
    let open = Event::Open { reference: None };
    let mut session = engine::begin(walk.world(), sample::NAME, walk.flow.start, walk.input(&open), BEGINNING).session;
    let mut so_far = Vec::new();
    for happening in talk {
        let Some(before) = &session else { break };
        let mut heard = before.clone();
        let (event, now) = match (happening, &before.waiting) {
            (_, Waiting::Person) => break,
            (Happening::Picked(which), _) => {
                (Event::Text { text: ANSWERS[which % ANSWERS.len()].to_owned() }, BEGINNING)
            }
            (Happening::Text(text), _) => (Event::Text { text: text.clone() }, BEGINNING),
            (Happening::Silence, _) => {
                heard = said::unheard(before);
                said::event(&heard, &Said::Silence)
            }
            (Happening::Called(well), Waiting::Call { call }) => {
                let fields = [("diem".to_owned(), "7".to_owned())].into();
                let failed = Called::Failed { code: "timeout".to_owned() };
                let outcome = if *well { Called::Answered { fields } } else { failed };
                (Event::Called { call: call.clone(), outcome }, BEGINNING)
            }
            (Happening::Called(_), _) => continue,
        };
        so_far.push(event.clone());
        session = engine::turn(walk.world(), Some(&heard), walk.input(&event), now).session;
        if let Some(session) = &mut session {
            (session.heard, session.reminded) = (BEGINNING, 0);
            let key = walk.matters.key(walk.stage.flows, session);
            prop_assert!(
                walk.known.contains_key(&key),
                "{so_far:?} lead to {key}, where the walk has not been\n{text}"
            );
        }
    }
    Ok(())
}

#[test]
fn what_is_found_comes_with_a_conversation_that_runs_and_shows_it() {
    use crate::studio::{Play, script};
    let flows = small(|flow| flow.slots[1].private = true);
    let finding = explored(&flows, "thu").findings.remove(0);
    let limits = registry::limits();
    let queues = ["cskh".to_owned()];
    let stage = Stage { flows: &flows, places: &PLACES, limits: &limits, queues: &queues };
    let file = File { path: "flows/thu.test.yaml".into(), text: finding.example.clone() };
    let script = script::read(&file, stage).map_err(|problems| format!("{problems:#?}\n{}", finding.example)).unwrap();
    assert_eq!((script.flow.as_str(), script.cases.len()), ("thu", 1));
    let mut play = Play::new(stage, script.cases[0].setting.clone());
    for beat in &script.cases[0].beats {
        play.act(&beat.act);
    }
    let waits = play.session().expect("it waits for the private answer");
    assert_eq!((waits.step.as_str(), state::agreed(&flows, waits)), (finding.step.as_str(), false));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Every session of a random flow that an edit moves reaches an end under every answer, if whoever begins
    /// in the edited flow does; and on no way does a slot hold a value that its type refuses.
    #[test]
    fn whoever_is_moved_reaches_an_end_under_every_answer(texts in sample::texts(), edits in sample::edits()) {
        let Some(old) = sample::compiled(&texts) else { return Ok(()) };
        let text = sample::edited(&texts[0], &edits);
        let Some(mut new) = sample::compiled(&[text.clone(), texts[1].clone()]) else { return Ok(()) };
        new.revision = 1;
        let (limits, queues) = (registry::limits(), ["cskh".to_owned()]);
        let (channel, contact) = (ChannelName::new("web"), Profile::default());
        let stage = |flows| Stage { flows, places: &PLACES, limits: &limits, queues: &queues };
        let mut before = Walk::new(stage(&old), &old.flows[sample::NAME], &channel, &contact);
        before.begin();
        before.go_on();
        let sessions: Vec<Session> = before.states.into_iter().map(|met| met.session).collect();

        let fresh = explore(stage(&new), &new.flows[sample::NAME]);
        let passage = Passage::between(Arc::new(old.clone()), Arc::new(new.clone()));
        let mut after = Walk::new(stage(&new), &new.flows[sample::NAME], &channel, &contact);
        for session in sessions {
            let event = Event::Text { text: String::new() };
            let turn = match passage.take(session) {
                Migrated::Pinned(..) => continue,
                Migrated::Moved(moved) => Turn { session: Some(moved), ..Turn::default() },
                Migrated::Again(moved) => {
                    engine::take_up(after.world(), &moved, &moved.step, after.input(&event), BEGINNING)
                }
            };
            after.take(turn, None, &Said::GivenBack);
        }
        after.go_on();
        for met in &after.states {
            let callers = met.session.callers.iter().map(|caller| (&caller.flow, &caller.progress));
            for (flow, progress) in callers.chain([(&met.session.flow, &met.session.progress)]) {
                for (name, value) in &progress.slots {
                    let slot = new.flows[flow].slot_named(name);
                    prop_assert!(slot.is_some_and(|slot| value.fits(slot.kind)), "{name} = {value:?}\n{text}");
                }
            }
        }
        after.look_back();
        let stuck = |findings: &[Finding]| findings.iter().any(|finding| finding.kind == Kind::NoWayOut);
        if after.states.len() < MOST_STATES && !stuck(&fresh.findings) {
            prop_assert!(!stuck(&after.findings), "{:#?}\n{}\nbecame\n{text}", after.findings, texts[0]);
        }
    }
}
