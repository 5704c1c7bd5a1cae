//! The scripted conversations beside the flows, and the tools that authors run them with.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use thoai::domain::contact::Profile;
use thoai::domain::id::ChannelName;
use thoai::domain::limits::LimitsTable;
use thoai::domain::time::Timestamp;
use thoai::flow::Flows;
use thoai::flow::compile::{File, Names, compile};
use thoai::flow::diagnostic::{Diagnostic, Lang, render};
use thoai::place::Gazetteer;
use thoai::runtime::registry;
use thoai::studio::coverage::{Coverage, Hits};
use thoai::studio::script::{self, Script};
use thoai::studio::talk::{Card, Operator, Shown, Talk, appended};
use thoai::studio::test::{self, Report, update::update};
use thoai::studio::{Play, Stage};

static PLACES: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::official);
static LIMITS: LazyLock<LimitsTable> = LazyLock::new(registry::writable);
static QUEUES: LazyLock<Vec<String>> = LazyLock::new(|| vec!["cskh".to_owned()]);

fn compiled(files: &[File]) -> Flows {
    let names = Names { limits: &LIMITS, queues: &QUEUES, services: &["crm".to_owned()] };
    compile(files, names).unwrap_or_else(|problems| panic!("{}", render(&problems, &[], Lang::En))).flows
}

fn stage(flows: &Flows) -> Stage<'_> {
    Stage { flows, places: &PLACES, limits: &LIMITS, queues: &QUEUES }
}

fn shipped() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("flows");
    let folders = [root.clone(), root.join("chung")];
    let paths = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).expect("the folder of flows is there"))
        .map(|entry| entry.expect("the folder of flows is there").path());
    let paths = paths.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    let named =
        |path: &Path| format!("flows/{}", path.strip_prefix(&root).expect("the folder of flows is there").display());
    paths
        .map(|path| File { path: named(&path), text: fs::read_to_string(&path).expect("the folder of flows is there") })
        .collect()
}

fn of(path: &str, text: &str) -> File {
    File { path: path.to_owned(), text: text.to_owned() }
}

/// A flow with a branch, a question and a service.
const SMALL: &str = "flow: a
entry: {keywords: [đi thôi], default: true}
interrupts:
  phi: {match: [mất tiền không], say: Miễn phí ạ., then: resume}
silence: {remind_after: [15m], remind: 'Còn đó không? {last_question}', expire_after: 24h}
slots:
  muon: {type: yesno}
  buoi: {type: choice, options: {sang: Buổi sáng, chieu: Buổi chiều}}
  diem: {type: number}
steps:
  hoi: {ask: muon, say: Muốn không ạ?, if_no: thoi, retry: [Nói lại ạ.], give_up: thoi}
  hoi_buoi: {ask: buoi, say: Buổi nào ạ?, choose: {chieu: tra}}
  sang: {say: Sáng nhé.}
  tra: {call: crm, send: {buoi: buoi}, save: {diem: score}, failed: thoi}
  re: {branch: [{when: diem > 5, go: nhieu}]}
  it: {end: few, say: Ít điểm.}
  nhieu: {end: many, say: 'Được {diem} điểm.'}
  thoi: {end: no, say: Dạ thôi ạ.}
";

fn read(flows: &Flows, text: &str) -> Result<Script, Vec<Diagnostic>> {
    script::read(&of("flows/a.test.yaml", text), stage(flows))
}

fn run(flows: &Flows, text: &str) -> (Report, Hits) {
    let script = read(flows, text).unwrap_or_else(|problems| panic!("{}", render(&problems, &[], Lang::En)));
    let mut hits = Hits::default();
    let report = test::run(stage(flows), &[script], &mut hits);
    (report, hits)
}

#[test]
fn the_shipped_flows_do_what_their_tests_say_and_the_tests_go_through_everything() {
    let files = shipped();
    let flows = compiled(&files);
    let tests = files.iter().filter(|file| file.path.ends_with(".test.yaml"));
    let scripts: Vec<Script> = tests
        .map(|file| {
            script::read(file, stage(&flows)).unwrap_or_else(|found| panic!("{}", render(&found, &[], Lang::En)))
        })
        .collect();
    let mut tested: Vec<&str> = scripts.iter().map(|script| script.flow.as_str()).collect();
    tested.sort_unstable();
    assert_eq!(tested, flows.flows.keys().collect::<Vec<_>>(), "every flow has a file of tests");
    let mut hits = Hits::default();
    let report = test::run(stage(&flows), &scripts, &mut hits);
    let failed: Vec<_> = report.cases.iter().filter(|case| !case.failures.is_empty()).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let coverage = Coverage::of(&files, &flows, &hits, None);
    let left: Vec<_> = coverage.uncovered().collect();
    assert!(left.is_empty() && coverage.percent() == 100, "{left:#?}");
}

#[test]
fn services_answer_as_the_author_says_and_what_was_sent_is_checked() {
    let flows = compiled(&[of("flows/a.yaml", SMALL)]);
    let (report, hits) = run(
        &flows,
        "flow: a
world: {services: {crm: {ok: {score: 7}}}}
tests:
  - name: Nhiều điểm
    chat:
      - user: đi thôi
      - bot: {at: hoi, buttons: [Có, Không]}
      - user: có
      - bot: hoi_buoi
      - user: {tap: Buổi chiều}
      - call: {service: crm, send: {buoi: chieu}}
      - bot: {at: nhieu, text: /7 điểm/}
      - end: many
  - name: Không gõ chữ
    chat:
      - open: khong-co
      - bot: hoi
      - media: sticker
      - bot: hoi
  - name: Dịch vụ hỏng
    world: {services: {crm: {failed: true}}}
    chat:
      - user: đi thôi
      - user: có
      - user: sáng
      - bot: [sang, thoi]
",
    );
    assert!(report.is_fine(), "{report:#?}");
    let coverage = Coverage::of(&[of("flows/a.yaml", SMALL)], &flows, &hits, None);
    let left: Vec<(usize, &str)> = coverage.uncovered().map(|item| (item.line, item.name.as_str())).collect();
    assert_eq!(
        left,
        [
            (4, "phi"),
            (5, "reminder 1"),
            (5, "expire"),
            (11, "hoi: if_no"),
            (11, "hoi: retry 1"),
            (11, "hoi: give_up"),
            (15, "re: else"),
            (16, "it"),
        ]
    );
}

#[test]
fn every_step_that_spoke_must_be_listed_and_what_is_not_written_is_not_checked() {
    let flows = compiled(&[of("flows/a.yaml", SMALL)]);
    let fails = |bot: &str| {
        let text = format!(
            "flow: a\ntests:\n  - name: x\n    chat:\n      - user: đi thôi\n      - user: mất tiền không em\n      - bot: {bot}\n"
        );
        run(&flows, &text).0.cases[0].failures.iter().map(|failure| failure.got.clone()).next()
    };
    assert_eq!(fails("[{interrupt: phi}, hoi]"), None);
    assert_eq!(fails("[{interrupt: phi, text: Miễn phí ạ.}, {at: hoi, text: /Muốn/, buttons: [Có, Không]}]"), None);
    for wrong in [
        "hoi",
        "[]",
        "[hoi, {interrupt: phi}]",
        "[{interrupt: phi}, hoi, thoi]",
        "[{interrupt: phi}, {at: hoi, text: Muốn}]",
    ] {
        let got = fails(wrong).unwrap_or_else(|| panic!("{wrong} must not do"));
        assert!(got.starts_with("bot: [{interrupt: phi}, "), "{got}");
    }
}

#[test]
fn a_flow_that_customers_cannot_come_to_begins_when_it_is_told_to() {
    const CALL: &str = "flow: goi\nslots:\n  nghe: {type: yesno}\nsteps:\n  hoi: {ask: nghe, say: Nghe được không ạ?, if_no: thoi}\n  xong: {end: done, say: Dạ.}\n  thoi: {end: declined, say: Dạ thôi ạ.}\n";
    let flows = compiled(&[of("flows/a.yaml", SMALL), of("flows/goi.yaml", CALL)]);
    let mut talk = talk_in(&flows);
    assert_eq!(texts(&talk.begin(&flows.flows["goi"])), ["Nghe được không ạ?"]);
    talk.hear("không");
    let Some(Shown::Save { case, .. }) = talk.hear("/save Từ chối").pop() else { panic!("nothing to save") };
    assert!(case.contains("      - begin: true\n      - bot: hoi\n"), "{case}");
    let again = "      - begin: true\n      - bot: [hoi]\n      - user: có\n      - begin: true\n      - bot: hoi\n";
    let (report, _) = run(&flows, &format!("flow: goi\ntests:\n{case}{again}"));
    assert!(report.is_fine(), "{report:#?}");
}

#[test]
fn time_passes_only_when_it_is_told_to() {
    let flows = compiled(&[of("flows/a.yaml", SMALL)]);
    let (report, _) = run(
        &flows,
        "flow: a
tests:
  - name: Im lặng
    chat:
      - user: đi thôi
      - wait: 14m
      - bot: []
      - wait: 1m
      - bot: {reminder: 1, at: hoi, text: /Còn đó/}
      - wait: 1d
      - end: expired
",
    );
    assert!(report.is_fine(), "{report:#?}");
}

#[test]
fn a_slip_in_a_test_is_told_with_its_place_and_a_suggestion() {
    let flows = compiled(&[of("flows/a.yaml", SMALL)]);
    let told = |text: &str| -> Vec<(&'static str, usize, usize, Option<String>)> {
        let problems = read(&flows, text).expect_err("it has a slip");
        problems.into_iter().map(|p| (p.code, p.line, p.column, p.suggestion)).collect()
    };
    let chat = |lines: &str| format!("flow: a\ntests:\n- name: x\n  chat:\n{lines}");
    let meant = |name: &str| Some(name.to_owned());
    assert_eq!(told("flow: aa\ntests: []\n"), [("test-unknown-flow", 1, 7, meant("a"))]);
    assert_eq!(told(&chat("  - user: a\n  - bot: hoi_boi\n")), [("test-unknown-step", 6, 10, meant("hoi_buoi"))]);
    assert_eq!(told(&chat("  - user: a\n  - bot: {slots: {bui: x}}\n")), [("test-unknown-slot", 6, 19, meant("buoi"))]);
    assert_eq!(told(&chat("  - usr: a\n")), [("test-unknown-key", 5, 5, meant("user"))]);
    assert_eq!(told(&chat("  - bot: hoi\n")), [("test-too-early", 5, 5, None)]);
    assert_eq!(told(&chat("  - user: a\n  - bot: hoi\n  - bot: sang\n")), [("test-two-bots", 7, 5, None)]);
    assert_eq!(told(&chat("  - wait: 15 phút\n")), [("test-duration", 5, 11, None)]);
    assert_eq!(told(&chat("  - user: a\n  - bot: {text: /(/}\n")), [("test-pattern", 6, 17, None)]);
    assert_eq!(told(&chat("  - user: a\n  - bot: {interrupt: ph}\n"))[0].0, "test-unknown-interrupt");
    assert_eq!(told(&chat("  - user: {location: [91, 0]}\n"))[0].0, "test-place");
    assert_eq!(told("flow: a\n"), [("test-missing-key", 1, 1, None)]);
    assert_eq!(told("")[0].0, "empty-file");
}

#[test]
fn an_update_rewrites_what_failed_and_leaves_every_other_byte() {
    let flows = compiled(&[of("flows/a.yaml", SMALL)]);
    let before = "\u{feff}# Chú thích\r\nflow: a\ntests:\n  - name: 'Đổi'   # giữ\n    chat:\n      - user: đi thôi\n      - bot: [ sang,   # sai\n          thoi ]   # cũng giữ\n      - user: không\n      - bot:\n          - sang\n          - {at: sang, text: cũ}\n      - end: no\n";
    let (report, _) = run(&flows, before);
    let after = update(before, &report.cases);
    assert_eq!(
        after,
        "\u{feff}# Chú thích\r\nflow: a\ntests:\n  - name: 'Đổi'   # giữ\n    chat:\n      - user: đi thôi\n      - bot: hoi   # cũng giữ\n      - user: không\n      - bot:\n          thoi\n      - end: no\n"
    );
    assert!(run(&flows, &after).0.is_fine());
    assert_eq!(update(&after, &run(&flows, &after).0.cases), after);
}

fn texts(shown: &[Shown]) -> Vec<String> {
    let text = |shown: &Shown| match shown {
        Shown::Said { text, .. } | Shown::Note(text) => Some(text.clone()),
        _ => None,
    };
    shown.iter().filter_map(text).collect()
}

/// A talk on the web, on a Sunday morning.
fn talk_in(flows: &Flows) -> Talk<'_> {
    let now = Timestamp::parse_rfc3339("2026-11-22T09:00:00+07:00").expect("it is a moment");
    Talk::new(Play::new(stage(flows), Talk::setting(Profile::default(), now, ChannelName::new("web"))))
}

#[test]
fn a_talk_can_go_back_tell_why_and_be_kept_as_a_test_that_passes() {
    let flows = compiled(&[of("flows/a.yaml", SMALL)]);
    let mut talk = talk_in(&flows);
    assert_eq!(texts(&talk.hear("đi thôi")), ["Muốn không ạ?"]);
    assert_eq!(texts(&talk.hear("1")), ["Buổi nào ạ?"]);
    assert_eq!(
        texts(&talk.hear("/why")),
        ["a/hoi: câu trả lời được hiểu là muon = yes", "a/hoi_buoi: đi tới bước này"]
    );
    assert_eq!(texts(&talk.hear("/back")), ["Đã bỏ câu vừa rồi.", "Muốn không ạ?"]);
    assert_eq!(texts(&talk.hear("mất tiền không")), ["Miễn phí ạ.", "Muốn không ạ?"]);
    assert_eq!(texts(&talk.hear("/wait 15m")), ["Còn đó không? Muốn không ạ?"]);
    assert_eq!(texts(&talk.hear("/channel sms")), ["Còn đó không? Muốn không ạ?"]);
    assert_eq!(talk.channel().as_str(), "sms");
    assert_eq!(texts(&talk.hear("không")), ["Dạ thôi ạ."]);
    let Some(Shown::Save { flow, case }) = talk.hear("/save Từ chối: thử").pop() else {
        panic!("nothing to save")
    };
    let saved = appended(None, &flow, &case);
    assert!(saved.contains("- bot: [{interrupt: phi}, hoi]") && saved.contains("- end: no"), "{saved}");
    let (report, _) = run(&flows, &appended(Some(&saved), &flow, &case));
    assert!(report.is_fine() && report.cases.len() == 2, "{saved}");
    assert_eq!(talk.hear("/nope"), [Shown::Help]);
    assert_eq!(talk.hear("/quit"), [Shown::Quit]);
}

#[test]
fn a_talk_can_send_a_place() {
    const WHERE: &str = "flow: a\nentry: {default: true}\nslots:\n  noi: {type: address, label: Nơi, need: [ward]}\nsteps:\n  hoi: {ask: noi, say: Ở đâu ạ?}\n  xong: {end: done, say: \"Dạ, {noi}.\"}\n";
    let flows = compiled(&[of("flows/a.yaml", WHERE)]);
    let mut talk = talk_in(&flows);
    assert_eq!(texts(&talk.hear("chào")), ["Ở đâu ạ?"]);
    for wrong in ["/location", "/location 21", "/location 21.03 105.85 7", "/location bắc 105", "/location 91 105"] {
        assert_eq!(texts(&talk.hear(wrong)), ["Viết vị trí là vĩ độ rồi kinh độ, như 21.0287 105.8524."], "{wrong}");
    }
    assert_eq!(texts(&talk.hear("/location 21.0287, 105.8524")), ["Địa chỉ này thuộc nơi nào dưới đây ạ?"]);
    assert_eq!(texts(&talk.hear("1")), ["Dạ, Phường Hoàn Kiếm, Thành phố Hà Nội."]);
}

/// What a caller sees, a line each: what is read aloud, what was understood, how it ended.
fn seen(shown: &[Shown]) -> Vec<String> {
    let line = |shown: &Shown| match shown {
        Shown::Said { text, choices, .. } if choices.is_empty() => text.clone(),
        Shown::Said { text, choices, .. } => {
            let titles: Vec<&str> = choices.iter().map(|choice| choice.title.as_str()).collect();
            format!("{text} {}", titles.join("/"))
        }
        Shown::Understood(values) => {
            values.iter().map(|(label, value)| format!("✓ {label}: {value}")).collect::<Vec<_>>().join(" ")
        }
        Shown::Note(text) => format!("· {text}"),
        Shown::Card(card) => format!("= {}", card.outcome.as_deref().unwrap_or("-")),
        Shown::Did(_) => String::new(),
        other => format!("{other:?}"),
    };
    shown.iter().map(line).filter(|line| !line.is_empty()).collect()
}

fn card(shown: &[Shown]) -> Card {
    let mut cards = shown.iter().filter_map(|shown| match shown {
        Shown::Card(card) => Some(card.as_ref().clone()),
        _ => None,
    });
    cards.next_back().unwrap_or_else(|| panic!("no card in {shown:?}"))
}

/// The shipped call, at this hour of a working day.
fn call(flows: &Flows, hour: u8) -> Operator<'_> {
    let now = Timestamp::parse_rfc3339(&format!("2026-11-23T{hour:02}:00:00+07:00")).expect("it is a moment");
    let contact = Profile { name: Some("Chị Lan".to_owned()), ..Profile::default() };
    let talk = Talk::new(Play::new(stage(flows), Talk::setting(contact, now, ChannelName::new("web"))));
    Operator::new(talk, &flows.flows["goi-ra-4g"])
}

#[test]
fn a_caller_reads_aloud_types_the_answers_and_sees_how_each_was_understood() {
    let flows = compiled(&shipped());
    let mut call = call(&flows, 9);
    let begun = seen(&call.begin());
    assert!(begun[0].starts_with("· Lúc nào khách cũng có thể nói: mất tiền không · "), "{begun:?}");
    assert_eq!(begun[1], "Dạ em chào Chị Lan ạ. Em là nhân viên MobiFone.");
    let said = |call: &mut Operator<'_>, line: &str| seen(&call.hear(line)).first().cloned().unwrap_or_default();
    assert_eq!(said(&mut call, "ừ"), "✓ Tiện nghe máy: Có");
    assert!(said(&mut call, "mất tiền không").starts_with("Dạ đổi SIM và giao tận nhà"), "a question, no answer");
    assert_eq!(said(&mut call, "4g là gì"), "· Chưa hiểu câu này.");
    assert_eq!(said(&mut call, "1"), "✓ Muốn đổi SIM 4G: Có");
    assert_eq!(said(&mut call, "/ghi nhà có chó dữ"), "· Đã ghi.");
    assert_eq!(said(&mut call, "có"), "✓ Đồng ý cho lưu thông tin: Có");
    assert_eq!(said(&mut call, "0907 654 321"), "✓ Số điện thoại: 0907 654 321");
    assert_eq!(said(&mut call, "8 tôn thất thuyết, hà nội"), "✓ Địa chỉ: 8 tôn thất thuyết, Thành phố Hà Nội");
    assert_eq!(
        said(&mut call, "cầu giấy, buổi sáng"),
        "✓ Địa chỉ: 8 tôn thất thuyết, Phường Cầu Giấy, Thành phố Hà Nội ✓ Giờ nhận: Buổi sáng"
    );
    for line in ["không", "không"] {
        call.hear(line);
    }
    let ended = call.hear("đúng");
    let Card { outcome, told, notes, requests } = card(&ended);
    assert_eq!((outcome.as_deref(), notes), (Some("done"), vec!["nhà có chó dữ".to_owned()]));
    assert!(told.contains(&("Giờ nhận".to_owned(), "Buổi sáng".to_owned())), "{told:?}");
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].subscriber.as_ref().map(|phone| phone.national()).as_deref(), Some("0907 654 321"));
    assert_eq!(requests[0].contact.name.as_deref(), Some("Chị Lan"));
    assert!(said(&mut call, "alo").starts_with("· Cuộc gọi đã kết thúc."));
    assert_eq!(card(&call.hear("/ghi gọi con gái")).notes.len(), 2, "what is noted afterwards is on the card");
    assert_eq!(call.hear("/quit"), [Shown::Quit]);
}

#[test]
fn a_call_nobody_takes_ends_so_and_one_taken_up_again_begins_anew() {
    let flows = compiled(&shipped());
    let mut call = call(&flows, 19);
    let begun = seen(&call.begin());
    assert_eq!(begun[0], "· Bây giờ là 19:00. Chỉ gọi mời khách từ 8:00 đến 17:00.");
    let question = begun.last().unwrap().clone();
    assert_eq!(seen(&call.hear("/khong-nghe")), ["= no_answer"]);
    assert_eq!(seen(&call.hear("/khong-nghe")).len(), 1, "only the commands");
    assert_eq!(seen(&call.hear("/back")), std::slice::from_ref(&question), "it was a slip");
    call.hear("/ghi máy bận");
    assert_eq!(seen(&call.hear("/quit")), ["= -", "Quit"], "left before its end");
    let again = seen(&call.hear("/restart"));
    assert_eq!(again.last(), Some(&question));
    let ended = call.hear("/wait 30m");
    assert_eq!((card(&ended).outcome.as_deref(), card(&ended).notes.len()), (Some("no_answer"), 0));
    assert_eq!(seen(&call.hear("/back")).last(), Some(&question));
    call.hear("ừ");
    assert_eq!(
        seen(&call.hear("có sim 4g rồi")),
        ["Dạ, SIM anh/chị đang dùng đã là SIM 4G rồi, đúng không ạ? Có/Không"]
    );
    assert_eq!(seen(&call.hear("1")).last().map(String::as_str), Some("= already_4g"));
}

#[test]
fn what_was_erased_is_not_on_the_card() {
    let flows = compiled(&shipped());
    let mut call = call(&flows, 9);
    call.begin();
    for line in ["ừ", "có", "có", "0907654321", "rút lại đồng ý"] {
        call.hear(line);
    }
    let Card { outcome, told, requests, .. } = card(&call.hear("đúng"));
    assert_eq!((outcome.as_deref(), told.len(), requests.len()), (Some("erased"), 0, 0), "{told:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_stands_in_a_test_file_is_a_script_or_problems(
        text in "(flow: a\n|tests:|- |name: x|chat:|user: |bot: |\\{at: hoi\\}|wait: 1m|\\[|\\]|: |\n|  |ạ|end: ){0,30}",
    ) {
        static FLOWS: LazyLock<Flows> = LazyLock::new(|| compiled(&[of("flows/a.yaml", SMALL)]));
        if let Ok(script) = read(&FLOWS, &text) {
            let report = test::run(stage(&FLOWS), &[script], &mut Hits::default());
            let again = update(&text, &report.cases);
            prop_assert!(report.is_fine() || !again.is_empty());
        }
    }
}

/// Each row of the design's comparison on which another engine is good, as a conversation.
#[test]
fn what_other_engines_do_well_is_done_at_least_as_well_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flows/peers");
    let read = |name: &str| of(name, &fs::read_to_string(folder.join(name)).expect("the file is there"));
    let flows = compiled(&[read("so-sanh.yaml")]);
    let script =
        script::read(&read("so-sanh.test.yaml"), stage(&flows)).unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!(script.cases.len(), 5);
    let report = test::run(stage(&flows), &[script], &mut Hits::default());
    assert!(report.is_fine(), "{:#?}", report.cases);
}
