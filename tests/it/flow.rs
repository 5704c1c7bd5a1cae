//! The flow compiler over whole files: good ones run, broken ones are told as written beside them.
//!
//! `tests/flows/broken/x.yaml` has one mistake, for which it is named; `x.expect` is what its author gets
//! back, rewritten by `UPDATE_EXPECT=1`.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use thoai::domain::address::AddressPart;
use thoai::domain::id::ChannelName;
use thoai::domain::limits::{Limits, LimitsTable, TextUnit};
use thoai::flow::compile::{Compiled, File, Names, compile};
use thoai::flow::diagnostic::{Diagnostic, Lang, render};
use thoai::flow::{Then, Verb};

fn limits() -> LimitsTable {
    let limits = Limits {
        text: 2000,
        unit: TextUnit::Char,
        choices: 13,
        choice_title: 20,
        window: None,
        accents: true,
        pushes: true,
    };
    let on = |name| Limits { accents: name != "liveinfo", pushes: name != "liveinfo", ..limits.clone() };
    ["messenger", "zalo", "liveinfo", "web"].map(|name| (ChannelName::new(name), on(name))).into()
}

fn compiled(files: &[File]) -> Result<Compiled, Vec<Diagnostic>> {
    compile(files, Names { limits: &limits(), queues: &["cskh".to_owned()], services: &["crm".to_owned()] })
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flows").join(name)
}

fn read(path: &Path, named: &str) -> File {
    File { path: named.to_owned(), text: fs::read_to_string(path).expect("the file is there") }
}

fn good() -> Vec<File> {
    ["doi-sim-4g.yaml", "tu-van.yaml", "chung/chung.yaml"]
        .map(|name| read(&folder("good").join(name), &format!("flows/{name}")))
        .into()
}

fn one(text: &str) -> Vec<File> {
    vec![File { path: "flows/a.yaml".to_owned(), text: text.to_owned() }]
}

fn codes(files: &[File]) -> Vec<(&'static str, usize, usize)> {
    let problems = compiled(files).map_or_else(|problems| problems, |good| good.warnings);
    problems.iter().map(|problem| (problem.code, problem.line, problem.column)).collect()
}

#[test]
fn good_flows_compile_without_a_warning_and_every_edge_is_resolved() {
    let compiled = compiled(&good()).unwrap_or_else(|problems| panic!("{}", render(&problems, &[], Lang::En)));
    assert_eq!(compiled.warnings, []);
    let flow = &compiled.flows.flows["doi-sim-4g"];
    assert_eq!(flow.step(flow.start).id, "chao");
    let names: Vec<&str> = flow.interrupts.iter().map(|interrupt| interrupt.name.as_str()).collect();
    let own_then_shared_then_house =
        ["gia", "khac", "tro_giup", "nhan_vien", "dung", "xoa", "nhac_lai", "quay_lai", "lam_lai"];
    assert_eq!(names, own_then_shared_then_house);
    assert_eq!(flow.interrupts[1].then, Then::Go(flow.find("gap_nguoi").unwrap()));
    assert_eq!(flow.step(flow.find("chao").unwrap()).next, flow.find("hoi_muon"));
    assert_eq!(flow.step(flow.find("cam_on").unwrap()).next, None);
    assert_eq!(flow.step(flow.find("gap_nguoi").unwrap()).next, flow.find("hoi_muon_lai"));
}

#[test]
fn what_the_author_left_out_is_said_by_the_house() {
    let compiled = compiled(&good()).unwrap();
    let flow = &compiled.flows.flows["doi-sim-4g"];
    let ask = |id| match &flow.step(flow.find(id).unwrap()).verb {
        Verb::Ask(ask) => ask,
        other => panic!("{other:?}"),
    };
    assert!(ask("hoi_so").retry.len() == 2 && ask("hoi_ten").retry.len() == 2);
    assert!(ask("hoi_noi_o").when_known.is_some(), "a private value is confirmed");
    assert!(ask("hoi_ten").when_known.is_none(), "a public one is skipped");
    let parts: Vec<_> = ask("hoi_noi_o").missing.keys().copied().collect();
    assert_eq!(parts, [AddressPart::Province, AddressPart::Ward, AddressPart::Street]);
    let tu_van = &compiled.flows.flows["tu-van"];
    let Verb::HandOff { send, .. } = &tu_van.step(tu_van.find("chuyen").unwrap()).verb else { panic!() };
    assert_eq!((send.phone.is_some(), send.subscriber.is_some(), send.slots.len()), (true, false, 1));
}

#[test]
fn a_broken_file_gives_what_is_written_beside_it() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut paths: Vec<PathBuf> = fs::read_dir(folder("broken")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    assert!(paths.len() >= 30, "{}", paths.len());
    let mut wrong = Vec::new();
    for path in paths {
        let file = read(&path, &format!("flows/{}", path.file_name().unwrap().to_string_lossy()));
        let files = [file, read(&folder("good").join("chung/chung.yaml"), "flows/chung/chung.yaml")];
        let problems = compiled(&files).map_or_else(|problems| problems, |good| good.warnings);
        assert!(!problems.is_empty(), "{} is not broken", path.display());
        let sources: Vec<_> = files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
        let got = format!("{}{}", render(&problems, &sources, Lang::Vi), render(&problems, &[], Lang::En));
        let expect = path.with_extension("expect");
        if update {
            fs::write(&expect, &got).unwrap();
        } else if fs::read_to_string(&expect).unwrap_or_default() != got {
            wrong.push(format!("{}:\n{got}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "run with UPDATE_EXPECT=1 if this is meant:\n{}", wrong.join("\n"));
}

#[test]
fn two_flows_cannot_claim_the_same() {
    let flow = |name: &str, keyword: &str| File {
        path: format!("flows/{name}.yaml"),
        text: format!(
            "flow: {name}\nentry:\n  keywords: [{keyword}]\n  refs: [r]\n  default: true\n  \
             prompts: {{c: {{say: \"Có không ạ?\", if_yes: x, if_no: x}}}}\nsteps:\n  x: {{end: done}}\n"
        ),
    };
    let found = compiled(&[flow("a", "đổi sim"), flow("b", "ĐỔI  SIM")]).unwrap_err();
    let seen: Vec<_> = found.iter().map(|problem| (problem.file.as_str(), problem.code, problem.line)).collect();
    let claims = [("same-keyword", 3), ("same-ref", 4), ("two-defaults", 5), ("same-prompt", 6)];
    assert_eq!(seen, claims.map(|(code, line)| ("flows/b.yaml", code, line)));
}

#[test]
fn scripted_conversations_are_no_flows() {
    let mut files = good();
    files.push(File { path: "flows/doi-sim-4g.test.yaml".to_owned(), text: "tests: [".to_owned() });
    files.push(File { path: "flows/README.md".to_owned(), text: "# Đọc tôi".to_owned() });
    assert_eq!(compiled(&files).unwrap().flows.flows.len(), 2);
}

#[test]
fn a_shared_file_is_checked_with_the_flow_that_uses_it_and_told_once() {
    let shared = File {
        path: "flows/chung/x.yaml".to_owned(),
        text: "interrupts:\n  đi: {match: [đi], then: xogn}\n".to_owned(),
    };
    let flow = |name: &str| File {
        path: format!("flows/{name}.yaml"),
        text: format!("flow: {name}\nuse: [x]\nsteps:\n  xong: {{end: done}}\n"),
    };
    let found = compiled(&[flow("a"), flow("b"), shared.clone()]).unwrap_err();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].code, found[0].line, found[0].column), ("unknown-step", 2, 27));
    assert_eq!(found[0].suggestion.as_deref(), Some("xong"));
    assert!(compiled(&[shared]).is_ok(), "nobody can say which steps a file that nobody uses may name");
}

#[test]
fn one_mistake_does_not_hide_another_nor_make_a_third() {
    let text = "flow: a\nslots:\n  ý: {type: yesno}\nsteps:\n  hỏi: {ask: ý, say: \"Được {y} không ạ?\", if_no: thoi}\n  \
                nói: {say: \"Vâng {\"}\n  thôi: {end: \"\"}\n";
    assert_eq!(
        codes(&one(text)),
        [("unknown-slot", 5, 29), ("unknown-step", 5, 50), ("template", 6, 20), ("empty-text", 7, 15)]
    );
}

#[test]
fn ten_thousand_steps_are_read_and_one_more_is_refused() {
    let steps = |count: usize| {
        let mut text = String::from("flow: a\nsteps:\n");
        for ix in 0..count {
            text.push_str(&format!("  b{ix}: {{say: Chào}}\n"));
        }
        text + "  xong: {end: done}\n"
    };
    assert!(compiled(&one(&steps(9_999))).is_ok());
    assert_eq!(codes(&one(&steps(10_000)))[0], ("too-many", 10_003, 3));
}

#[test]
fn a_hostile_file_is_told_in_few_words() {
    for text in [
        "flow: a\nsteps:\n".to_owned() + &"  x: {say: a}\n".repeat(50_000),
        "a: 1\n".repeat(100_000),
        "\u{1}".repeat(1 << 20),
        format!("flow: a\nsteps:\n  x: {{say: \"{}\"}}\n", "{".repeat(1_000_000)),
        format!("flow: a\nsteps:\n  x: {{branch: [{{when: \"{}\", go: x}}]}}\n", "(".repeat(1_000_000)),
        (0..30_000).map(|ix| format!("khóa_{ix}: b\n")).collect(),
        "x".repeat(2 << 20),
    ] {
        let files = one(&text);
        let found = compiled(&files).unwrap_err();
        assert!(!found.is_empty() && found.len() <= 300);
        let sources = [(files[0].path.as_str(), files[0].text.as_str())];
        assert!(render(&found, &sources, Lang::Vi).len() < 300 * 1000);
    }
}

/// A change somebody's finger or a broken disk could make.
#[derive(Clone, Debug)]
enum Change {
    Delete(usize, usize),
    Insert(usize, &'static str),
    DropLine(usize),
    DoubleLine(usize),
    Indent(usize, &'static str),
}

fn any_change() -> impl Strategy<Value = Change> {
    let insert = prop::sample::select(vec![
        "\t",
        " ",
        "\n",
        ":",
        ": ",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        "#",
        "&a ",
        "*a",
        "!!int ",
        "- ",
        "? ",
        "<<: ",
        "|",
        ">",
        "%",
        "@",
        "\u{7}",
        "\u{0}",
        "\u{feff}",
        "\u{301}",
        "---\n",
        "...\n",
        "\\",
        "0",
        "true",
        "~",
        "\r",
        "or",
        "{so|mask}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        ",",
    ]);
    let indent = prop::sample::select(vec![" ", "  ", "\t", "- "]);
    prop_oneof![
        (0..4000usize, 1..40usize).prop_map(|(at, length)| Change::Delete(at, length)),
        (0..4000usize, insert).prop_map(|(at, what)| Change::Insert(at, what)),
        (0..90usize).prop_map(Change::DropLine),
        (0..90usize).prop_map(Change::DoubleLine),
        (0..90usize, indent).prop_map(|(line, what)| Change::Indent(line, what)),
    ]
}

fn changed(text: &str, change: &Change) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    match *change {
        Change::Delete(at, length) => {
            let at = at % (chars.len() + 1);
            chars.drain(at..(at + length).min(chars.len()));
            return chars.into_iter().collect();
        }
        Change::Insert(at, what) => {
            let at = at % (chars.len() + 1);
            chars.splice(at..at, what.chars());
            return chars.into_iter().collect();
        }
        _ if lines.is_empty() => {}
        Change::DropLine(line) => {
            lines.remove(line % lines.len());
        }
        Change::DoubleLine(line) => {
            let line = line % lines.len();
            lines.insert(line, lines[line].clone());
        }
        Change::Indent(line, what) => {
            let line = line % lines.len();
            lines[line].insert_str(0, what);
        }
    }
    lines.concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_file_compiles_or_gives_placed_problems(
        which in 0..3usize,
        changes in prop::collection::vec(any_change(), 1..4),
    ) {
        let mut files = good();
        for change in &changes {
            files[which].text = changed(&files[which].text, change);
        }
        if let Err(problems) = compiled(&files) {
            prop_assert!(!problems.is_empty());
            for problem in &problems {
                let text = &files.iter().find(|file| file.path == problem.file).unwrap().text;
                let lines = text.split(['\n', '\r']).count();
                prop_assert!((1..=lines + 1).contains(&problem.line), "{problem:?}");
                prop_assert!(problem.column >= 1 && problem.end > problem.column, "{problem:?}");
                prop_assert!(!problem.vi.is_empty() && !problem.en.is_empty() && problem.code != "problem");
            }
            let sources: Vec<_> = files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
            render(&problems, &sources, Lang::Vi);
        }
    }
}
