//! Sessions in edited flows: the cases that hurt customers elsewhere, and random flows under random edits.

use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::domain::limits::LimitsTable;
use crate::domain::phone::Phone;
use crate::flow::Migrate;
use crate::flow::compile::{File, Names, compile};

fn flows(revision: u32, text: &str) -> Arc<Flows> {
    flows_with(revision, text, Migrate::default())
}

fn flows_with(revision: u32, text: &str, migrate: Migrate) -> Arc<Flows> {
    let file = File { path: "flows/a.yaml".to_owned(), text: text.to_owned() };
    let names = Names { limits: &LimitsTable::new(), queues: &["cskh".to_owned()], services: &[] };
    let mut flows = compile(&[file], names).unwrap_or_else(|problems| panic!("{problems:#?}\n{text}")).flows;
    flows.revision = revision;
    flows.flows.get_mut("a").unwrap().migrate = migrate;
    Arc::new(flows)
}

fn fate(passage: &Passage, step: &str) -> Fate {
    passage.points().into_iter().find(|point| point.step == step).unwrap().fate
}

fn moves(to: &str) -> Fate {
    Fate::Moves { to: to.to_owned() }
}

fn asks(to: &str, slots: &[&str]) -> Fate {
    Fate::AsksAgain { to: to.to_owned(), slots: slots.iter().map(|slot| (*slot).to_owned()).collect() }
}

fn session(step: &str, slots: &[(&str, Value)]) -> Session {
    let slots = slots.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Session {
        revision: 1,
        flow: "a".to_owned(),
        step: step.to_owned(),
        waiting: Waiting::Answer,
        tries: 1,
        rejected: vec!["26740".to_owned()],
        progress: Progress { slots, ..Progress::default() },
        callers: Vec::new(),
        question: Question { text: "?".to_owned(), choices: Vec::new() },
        due: None,
        heard: Default::default(),
        reminded: 0,
    }
}

fn pairs(of: &[(&str, &str)]) -> BTreeMap<String, String> {
    of.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

const PLAIN: &str = "flow: a
slots: {so: {type: phone}, noi: {type: address}, gio: {type: choice, options: {sang: Sáng, toi: Tối}}}
steps:
  hoi_so: {ask: so, say: Số nào ạ?}
  hoi_noi: {ask: noi, say: Ở đâu ạ?}
  hoi_gio: {ask: gio, say: Lúc nào ạ?}
  xong: {end: done, say: \"{so} {gio}\"}
";

fn phone() -> Value {
    Value::Phone(Phone::from_significant("901234567"))
}

#[test]
fn a_new_wording_moves_everybody() {
    let passage = Passage::between(flows(1, PLAIN), flows(2, &PLAIN.replace("ạ?", "vậy ạ?")));
    assert!(passage.points().iter().all(|point| point.fate == moves(&point.step)));
    let Migrated::Moved(moved) = passage.take(session("hoi_noi", &[("so", phone())])) else { panic!() };
    assert_eq!(moved, Session { revision: 2, ..session("hoi_noi", &[("so", phone())]) });
}

#[test]
fn a_question_inserted_at_the_top_is_asked_and_takes_nobodys_answer() {
    let edited = PLAIN
        .replace("slots: {", "slots: {ten: {type: name}, ")
        .replace("steps:\n", "steps:\n  hoi_ten: {ask: ten, say: Tên gì ạ?}\n");
    let passage = Passage::between(flows(1, PLAIN), flows(2, &edited));
    assert_eq!(fate(&passage, "hoi_noi"), asks("hoi_ten", &["ten"]));
    let Migrated::Again(moved) = passage.take(session("hoi_noi", &[("so", phone())])) else { panic!() };
    assert_eq!((moved.step.as_str(), moved.tries, moved.question.text.as_str()), ("hoi_ten", 0, ""));
    assert_eq!(moved.rejected, [""; 0]);
    assert_eq!(moved.progress.slots.len(), 0);
    assert_eq!(moved.progress.ahead.len(), 1, "what was said is kept until its question comes");
}

#[test]
fn a_step_that_asks_something_else_now_does_not_hear_the_old_answer() {
    let edited = PLAIN.replace("{ask: so,", "{ask: noi,").replace("hoi_noi: {ask: noi", "hoi_noi: {ask: so");
    let passage = Passage::between(flows(1, PLAIN), flows(2, &edited));
    assert_eq!(fate(&passage, "hoi_so"), asks("hoi_so", &["noi"]));
    assert_eq!(fate(&passage, "hoi_noi"), asks("hoi_so", &["noi"]), "the address was not given yet");
}

#[test]
fn options_in_another_order_are_offered_anew() {
    let edited = PLAIN.replace("{sang: Sáng, toi: Tối}", "{toi: Tối, sang: Sáng}");
    let passage = Passage::between(flows(1, PLAIN), flows(2, &edited));
    assert_eq!(fate(&passage, "hoi_gio"), asks("hoi_gio", &["gio"]));
    assert_eq!(fate(&passage, "hoi_noi"), moves("hoi_noi"));
}

#[test]
fn names_that_changed_are_followed_where_the_author_says_so() {
    let edited =
        PLAIN.replace("hoi_noi:", "dia_chi:").replace("so:", "dien_thoai:").replace("ask: so", "ask: dien_thoai");
    let edited = edited.replace("{so} ", "{dien_thoai} ");
    // `hoi_so:` was renamed by the second replacement as well.
    let migrate = Migrate {
        rename: pairs(&[("hoi_noi", "dia_chi"), ("hoi_so", "hoi_dien_thoai")]),
        slots: pairs(&[("so", "dien_thoai")]),
        ..Migrate::default()
    };
    let passage = Passage::between(flows(1, PLAIN), flows_with(2, &edited, migrate));
    assert_eq!(fate(&passage, "hoi_noi"), moves("dia_chi"));
    let mut before = session("hoi_noi", &[("so", phone())]);
    before.progress.trail = vec!["hoi_so".to_owned()];
    let Migrated::Moved(moved) = passage.take(before) else { panic!() };
    assert_eq!(moved.progress.slots.keys().collect::<Vec<_>>(), ["dien_thoai"]);
    assert_eq!(moved.progress.trail, ["hoi_dien_thoai"]);
    let passage = Passage::between(flows(1, PLAIN), flows(2, &edited));
    assert_eq!(fate(&passage, "hoi_noi"), Fate::Stays { reason: Reason::NoStep });
}

#[test]
fn who_waits_at_a_removed_step_goes_where_the_author_says() {
    let edited = PLAIN.replace("  hoi_gio: {ask: gio, say: Lúc nào ạ?}\n", "").replace(" {gio}", "");
    let removed = Migrate { removed: pairs(&[("hoi_gio", "xong")]), ..Migrate::default() };
    let passage = Passage::between(flows(1, PLAIN), flows_with(2, &edited, removed));
    assert_eq!(fate(&passage, "hoi_gio"), asks("xong", &[]));
}

#[test]
fn a_slot_of_another_type_is_asked_for_and_its_old_value_dropped() {
    let edited = PLAIN.replace("so: {type: phone}", "so: {type: text}");
    let passage = Passage::between(flows(1, PLAIN), flows(2, &edited));
    assert_eq!(fate(&passage, "hoi_gio"), asks("hoi_so", &["so"]));
    let Migrated::Again(moved) = passage.take(session("hoi_gio", &[("so", phone())])) else { panic!() };
    assert_eq!(moved.progress.slots, Slots::new());
}

#[test]
fn nobody_is_sent_back_over_a_ticket() {
    let advice = "steps:\n  hoi_so: {ask: so, say: Số nào ạ?}\n  gui: {handoff: care, send: [so]}\n";
    let old = PLAIN.replace("steps:\n  hoi_so: {ask: so, say: Số nào ạ?}\n", advice);
    let new = old
        .replace("slots: {", "slots: {ten: {type: name}, ")
        .replace("steps:\n", "steps:\n  hoi_ten: {ask: ten, say: Tên gì ạ?}\n");
    let passage = Passage::between(flows(1, &old), flows(2, &new));
    assert_eq!(fate(&passage, "hoi_gio"), Fate::Stays { reason: Reason::Repeats });
    assert_eq!(fate(&passage, "hoi_so"), asks("hoi_ten", &["ten"]));
    let waiting = session("hoi_gio", &[("so", phone())]);
    let Migrated::Pinned(pinned, Reason::Repeats) = passage.take(waiting.clone()) else { panic!() };
    assert_eq!(pinned, waiting);
    let knows = session("hoi_gio", &[("so", phone()), ("ten", Value::Text("An".to_owned()))]);
    assert!(matches!(passage.take(knows), Migrated::Pinned(..)), "the old flow knew no such slot");
}

#[test]
fn a_pending_yes_does_not_agree_to_something_else() {
    let with = |then: &str| {
        PLAIN.replace(
            "steps:\n",
            &format!("interrupts:\n  dung: {{match: [thôi nhé], confirm: Dừng ạ?, then: {then}}}\nsteps:\n"),
        )
    };
    let mut waiting = session("hoi_so", &[]);
    let back = Box::new(Waiting::Answer);
    waiting.waiting = Waiting::Interrupt { name: "dung".to_owned(), back, question: Question::default() };
    let passage = Passage::between(flows(1, &with("{end: stopped}")), flows(2, &with("{end: stopped}")));
    assert!(matches!(passage.take(waiting.clone()), Migrated::Moved(_)));
    let passage = Passage::between(flows(1, &with("{end: stopped}")), flows(2, &with("{person: cskh}")));
    assert!(matches!(passage.take(waiting), Migrated::Again(_)));
}

#[test]
fn a_flow_that_is_gone_keeps_its_sessions() {
    let passage = Passage::between(flows(1, PLAIN), Arc::new(Flows::default()));
    assert!(matches!(passage.take(session("hoi_so", &[])), Migrated::Pinned(_, Reason::NoFlow)));
}

// ---- Random flows under random edits ----------------------------------------------------------------

const KINDS: [&str; 5] = ["yesno", "phone", "text", "name", "choice"];

/// A question: its number names step and slot.
#[derive(Clone, Debug)]
struct Asked {
    number: usize,
    kind: usize,
    /// Whether a yes to an earlier question skips it.
    skipped: bool,
}

#[derive(Clone, Debug)]
struct Script {
    questions: Vec<Asked>,
    /// A ticket is made after this many questions.
    ticket: Option<usize>,
    confirm: bool,
    words: &'static str,
    options: &'static str,
}

impl Script {
    fn text(&self) -> String {
        let mut text = "flow: a\nslots:\n".to_owned();
        for Asked { number, kind, .. } in &self.questions {
            let options =
                if KINDS[*kind] == "choice" { format!(", options: {{{}}}", self.options) } else { String::new() };
            writeln!(text, "  s{number}: {{type: {}{options}}}", KINDS[*kind]).unwrap();
        }
        text += "steps:\n";
        for (ix, Asked { number, skipped, .. }) in self.questions.iter().enumerate() {
            if self.ticket == Some(ix) && ix > 0 {
                writeln!(text, "  gui: {{handoff: care, send: {{slots: [s{}]}}}}", self.questions[0].number).unwrap();
            }
            let yes = self.questions[..ix].iter().rev().find(|question| KINDS[question.kind] == "yesno");
            if let (true, Some(yes)) = (*skipped, yes) {
                let after = self.questions.get(ix + 1).map_or("xong".to_owned(), |next| format!("q{}", next.number));
                writeln!(text, "  r{number}: {{branch: [{{when: s{} is yes, go: {after}}}]}}", yes.number).unwrap();
            }
            writeln!(text, "  q{number}: {{ask: s{number}, say: {} s{number}}}", self.words).unwrap();
        }
        if self.confirm {
            let slots: Vec<String> = self.questions.iter().map(|question| format!("s{}", question.number)).collect();
            writeln!(text, "  lai: {{confirm: [{}], say: Đúng chưa ạ}}", slots.join(", ")).unwrap();
        }
        text + "  xong: {end: done, say: Xong ạ}\n"
    }
}

#[derive(Clone, Debug)]
enum Edit {
    Reword,
    InsertOnTop(usize),
    Remove(prop::sample::Index, bool),
    Rename(prop::sample::Index),
    Retype(prop::sample::Index, usize),
    Swap(prop::sample::Index, prop::sample::Index),
    Options,
    Confirm,
    Ticket(Option<usize>),
}

/// Edits the script and says what the author would write under `migrate:`.
fn edit(script: &mut Script, edits: &[Edit]) -> Migrate {
    let mut migrate = Migrate::default();
    for (count, edit) in edits.iter().enumerate() {
        let many = script.questions.len();
        match edit {
            Edit::Reword => script.words = "Nói lại",
            Edit::InsertOnTop(kind) => {
                script.questions.insert(0, Asked { number: 100 + count, kind: *kind, skipped: false });
            }
            Edit::Remove(which, told) if many > 1 => {
                let gone = script.questions.remove(which.index(many));
                if *told {
                    migrate.removed.insert(format!("q{}", gone.number), "xong".to_owned());
                }
            }
            Edit::Rename(which) => {
                let question = &mut script.questions[which.index(many)];
                migrate.rename.insert(format!("q{}", question.number), format!("q{}", 200 + count));
                migrate.slots.insert(format!("s{}", question.number), format!("s{}", 200 + count));
                question.number = 200 + count;
            }
            Edit::Retype(which, kind) => script.questions[which.index(many)].kind = *kind,
            Edit::Swap(a, b) => script.questions.swap(a.index(many), b.index(many)),
            Edit::Options => script.options = "b: Bê, d: Đê",
            Edit::Confirm => script.confirm = !script.confirm,
            Edit::Ticket(place) => script.ticket = *place,
            Edit::Remove(..) => {}
        }
    }
    migrate
}

fn script() -> impl Strategy<Value = Script> {
    let question = (0..KINDS.len(), any::<bool>());
    (prop::collection::vec(question, 1..6), prop::option::of(0..5_usize), any::<bool>()).prop_map(
        |(questions, ticket, confirm)| {
            let numbered = questions.into_iter().enumerate();
            let questions = numbered.map(|(number, (kind, skipped))| Asked { number, kind, skipped }).collect();
            Script { questions, ticket, confirm, words: "Xin hỏi", options: "b: Bê, c: Xê" }
        },
    )
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let any_index = any::<prop::sample::Index>;
    let edit = prop_oneof![
        Just(Edit::Reword),
        (0..KINDS.len()).prop_map(Edit::InsertOnTop),
        (any_index(), any::<bool>()).prop_map(|(which, told)| Edit::Remove(which, told)),
        any_index().prop_map(Edit::Rename),
        (any_index(), 0..KINDS.len()).prop_map(|(which, kind)| Edit::Retype(which, kind)),
        (any_index(), any_index()).prop_map(|(a, b)| Edit::Swap(a, b)),
        Just(Edit::Options),
        Just(Edit::Confirm),
        prop::option::of(0..5_usize).prop_map(Edit::Ticket),
    ];
    prop::collection::vec(edit, 0..4)
}

fn a_value(slot: &Slot) -> Value {
    match KINDS.iter().position(|kind| *kind == kind_name(slot)) {
        Some(0) => Value::YesNo(true),
        Some(1) => phone(),
        Some(4) => Value::Choice(slot.options.last().unwrap().0.clone()),
        _ => Value::Text("chữ".to_owned()),
    }
}

fn kind_name(slot: &Slot) -> &'static str {
    crate::domain::slot::SlotType::ALL.iter().find(|(_, kind)| *kind == slot.kind).unwrap().0
}

/// Every session of the old revision that waits at this step with these further slots filled.
fn waiting_at(passage: &Passage, step: &str, extra: &[bool]) -> Session {
    let pair = passage.pair("a").unwrap();
    let at = pair.old.find(step).unwrap();
    let filled = |ix: &usize| pair.before.at(at).contains(&SlotIx(*ix)) || extra.get(*ix).copied().unwrap_or(false);
    let slots: Vec<&Slot> = (0..pair.old.slots.len()).filter(filled).map(|ix| &pair.old.slots[ix]).collect();
    let mut session = session(step, &[]);
    session.progress.slots = slots.iter().map(|slot| (slot.name.clone(), a_value(slot))).collect();
    session.progress.trail = pair.old.steps[..at.0].iter().map(|step| step.id.clone()).collect();
    if let (Some(slot), Some(true)) = (asked(pair.old.step(at)), extra.first()) {
        session.waiting = Waiting::Known { value: a_value(pair.old.slot(slot)) };
    }
    session
}

/// That the session can live in the new flow: its step is there, it holds what is sure there, and nothing
/// of a wrong type anywhere.
fn lives(passage: &Passage, session: &Session) -> Result<(), TestCaseError> {
    let pair = passage.pair("a").unwrap();
    let at = pair.new.find(&session.step);
    prop_assert!(at.is_some(), "no step {}", session.step);
    prop_assert_eq!(session.revision, 2);
    let slot = |name: &str| pair.new.slots.iter().position(|slot| slot.name == name).map(SlotIx);
    for (name, value) in session.progress.slots.iter().chain(&session.progress.ahead) {
        let found = slot(name).map(|ix| pair.new.slot(ix));
        prop_assert!(found.is_some_and(|slot| slot::fits(slot, value)), "{name} holds {value:?}");
    }
    let held: BTreeSet<SlotIx> = session.progress.slots.keys().filter_map(|name| slot(name)).collect();
    prop_assert!(pair.after.at(at.unwrap()).is_subset(&held), "{session:?} lacks something");
    for step in &session.progress.trail {
        prop_assert!(pair.new.find(step).is_some());
    }
    if let Waiting::Known { value } = &session.waiting {
        let slot = asked(pair.new.step(at.unwrap())).map(|ix| pair.new.slot(ix));
        prop_assert!(slot.is_some_and(|slot| slot::fits(slot, value)));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_edit_loses_a_session_or_leaves_a_value_of_the_wrong_type(
        script in script(),
        edits in edits(),
        extra in prop::collection::vec(any::<bool>(), 6),
    ) {
        let mut edited = script.clone();
        let migrate = edit(&mut edited, &edits);
        let passage = Passage::between(flows(1, &script.text()), flows_with(2, &edited.text(), migrate));
        let waiting = passage.from().flows["a"].steps.iter().filter(|step| waits(step)).count();
        prop_assert_eq!(passage.points().len(), waiting);
        for point in passage.points() {
            let bare = waiting_at(&passage, &point.step, &[]);
            match (passage.take(bare.clone()), point.fate) {
                (Migrated::Moved(moved), Fate::Moves { to }) | (Migrated::Again(moved), Fate::AsksAgain { to, .. }) => {
                    prop_assert_eq!(&moved.step, &to);
                    lives(&passage, &moved)?;
                }
                (Migrated::Pinned(pinned, why), Fate::Stays { reason }) => {
                    prop_assert_eq!(why, reason);
                    prop_assert_eq!(pinned, bare);
                }
                (other, fate) => prop_assert!(false, "planned {fate:?}, came {other:?}"),
            }
            match passage.take(waiting_at(&passage, &point.step, &extra)) {
                Migrated::Moved(moved) | Migrated::Again(moved) => lives(&passage, &moved)?,
                Migrated::Pinned(pinned, _) => prop_assert_eq!(pinned.revision, 1),
            }
        }
        let reworded = edits.iter().all(|edit| matches!(edit, Edit::Reword));
        let moved = passage.points().iter().all(|point| point.fate == moves(&point.step));
        prop_assert!(!reworded || moved, "a new wording is always safe");
    }
}
