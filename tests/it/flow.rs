//! The flow compiler over whole files: good ones run, broken ones are told as written beside them.
//!
//! `tests/flows/broken/x.yaml` has one mistake, for which it is named; `x.expect` is what its author gets
//! back, rewritten by `UPDATE_EXPECT=1`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use thoai::domain::address::AddressPart;
use thoai::domain::id::ChannelName;
use thoai::domain::limits::{Limits, LimitsTable, TextUnit};
use thoai::flow::compile::{Compiled, File, Names, compile};
use thoai::flow::diagnostic::{Diagnostic, Lang, Severity, render};
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
    let day = std::time::Duration::from_secs(24 * 3600);
    let on = |name| Limits {
        accents: name != "liveinfo",
        pushes: name != "liveinfo",
        window: (name == "messenger").then_some(day),
        ..limits.clone()
    };
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

/// A flow with every key, verb and type of the language, and the flow it runs.
fn whole() -> Vec<File> {
    ["moi-khoa.yaml", "phu.yaml"].map(|name| read(&folder("good").join(name), &format!("flows/{name}"))).into()
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

/// Every key once, written otherwise or left out.
const EDITS: [(&str, &str); 89] = [
    ("title: Mọi khóa\n", ""),
    ("start: chao\n", "start: hoi_ma\n"),
    ("keywords: [mọi khóa]", "keywords: [khóa]"),
    ("refs: [moikhoa]", "refs: [khac]"),
    ("refs: [moikhoa]", "default: true"),
    ("  menu: Thử mọi khóa\n", ""),
    ("    thu:\n      say", "    khac:\n      say"),
    ("đồng ý không ạ?\", en", "muốn không ạ?\", en"),
    ("en: \"Do you agree?\"", "en: \"Agreed?\""),
    ("liveinfo:", "sms:"),
    ("      if_yes: chao", "      if_yes: hoi_ma"),
    ("      if_no: tam_biet", "      if_no: gap"),
    ("match: [lùi lại]", "match: [lui]"),
    ("then: back", "then: resume"),
    ("then: restart", "then: resume"),
    ("then: {speak: en}", "then: resume"),
    ("then: {speak: vi}", "then: resume"),
    ("say: {vi: \"Dạ.\", en: \"Yes.\"}, ", ""),
    ("confirm: {vi: \"Nhé?\", en: \"OK?\"}, ", ""),
    ("then: {person: cskh}", "then: resume"),
    ("then: {end: stopped}", "then: {end: gone}"),
    ("then: {erase: contact}", "then: resume"),
    ("[đi tiếp], then: tam_biet", "[đi tiếp], then: gap"),
    ("corrections: apply", "corrections: off"),
    ("corrections: apply", "corrections: ask_first"),
    ("remind_after: [15m, 20h]", "remind_after: [15m]"),
    ("remind: {vi: \"Còn đó", "remind: {vi: \"Còn đây"),
    ("expire_after: 3d", "expire_after: 2d"),
    ("  then: tam_biet\nmigrate", "  then: gap\nmigrate"),
    ("rename: {xin_chao: chao}", "rename: {chao_cu: chao}"),
    ("removed: {cau_cu: hoi_ma}", "removed: {cau_cu: gap}"),
    ("slots: {ma_cu: ma}", "slots: {ma_cu: tuoi}"),
    ("label: {vi: Đồng ý, en: Consent}", "label: {vi: Đồng ý, en: Agreement}"),
    ("anh: {type: file}", "anh: {type: location}"),
    ("sang: {vi: Buổi sáng, en: Morning}", "sang: {vi: Buổi sáng, en: Early}"),
    ("pattern: code", "pattern: digits"),
    ("pattern: code", "pattern: words"),
    ("say: {vi: \"Mã đơn ạ?\"", "say: {vi: \"Mã nào ạ?\""),
    ("zalo: {vi: \"Mã ạ?\", en: \"Code?\"}, ", ""),
    ("retry: {vi: \"Mã liền ạ.\", en: \"One word, please.\"}, ", ""),
    (", give_up: gap}\n  tuoi", "}\n  tuoi"),
    ("min: 1, ", ""),
    (", max: 120", ""),
    ("prefill: contact.name", "private: true"),
    ("private: true, ", ""),
    (", accept: any", ""),
    (", need: [ward, province]", ""),
    ("    image: \"https://mobifone.vn/{contact.phone}.png\"\n", ""),
    ("buttons: [{vi: Chào em", "buttons: [{vi: Chào"),
    ("buttons: [{vi: Chào em, en: Hello}", "buttons: [{vi: Chào em, en: Hi}"),
    ("tuoi >= 18", "tuoi <= 18"),
    ("    go: xin_phep", "    go: hoi_ma"),
    ("    if_yes: hoi_ma\n", "    if_yes: hoi_muon\n"),
    ("    if_no: tam_biet\n  hoi_ma", "    if_no: gap\n  hoi_ma"),
    ("    interruptible: false\n", ""),
    ("    remind: {vi: \"Mã ạ?\", en: \"The code?\"}\n", ""),
    ("optional: true", "optional: false"),
    ("silence: {remind_after: 10m", "silence: {remind_after: 11m"),
    ("expire_after: 1h, then: gap", "expire_after: 1h"),
    ("also: [so, tuoi]", "also: [so]"),
    (", choose: {toi: hoi_tuoi}", ""),
    ("    sms: {vi: \"So nao?\", en: \"Number?\"}\n", ""),
    ("when_known: {vi: \"Số {so|mask}", "when_known: {vi: \"Số {so}"),
    ("    retry: [{vi: \"Lại ạ.\", en: \"Again.\"}]\n", ""),
    ("    give_up: gap\n  hoi_o_dau", "  hoi_o_dau"),
    ("missing: {ward: {vi: \"Phường ạ?\"", "missing: {ward: {vi: \"Xã ạ?\""),
    ("unsure: {vi: \"Có phải", "unsure: {vi: \"Phải"),
    ("orderCode: ma", "code: ma"),
    ("customer.code", "code"),
    ("timeout: 3s", "timeout: 4s"),
    ("retries: 1", "retries: 0"),
    ("    ok: chay\n", "    ok: nghi\n"),
    ("    failed: gap", "    failed: ban"),
    ("    say: {vi: \"Chờ em ạ.\", en: \"One moment.\"}\n", ""),
    ("with: {so: so, loi: ten}", "with: {so: so}"),
    ("save: {so: so, ten: loi, gio: gio}", "save: {so: so, gio: gio}"),
    ("wait: 15m", "wait: 16m"),
    ("for: 20m", "for: 21m"),
    ("until: \"08:00\"", "until: \"08:01\""),
    ("until: 17:30", "until: 17:31"),
    ("when: tuoi < 18, go: gap", "when: tuoi < 17, go: gap"),
    ("channel is zalo, go: ban}]}", "channel is web, go: ban}]}"),
    ("confirm: [so, ten,", "confirm: [ten, so,"),
    ("ask_which: {vi: \"Mục nào", "ask_which: {vi: \"Cái nào"),
    ("    if_yes: chuyen\n", "    if_yes: tam_biet\n    go: chuyen\n"),
    ("retry: [{vi: \"Đúng hay sai ạ?\", en: \"Right or wrong?\"}]\n", "retry: [{vi: A, en: B}, {vi: C, en: D}]\n"),
    ("slots: [gio]", "slots: [gio, khung]"),
    (", if_unavailable: ban", ", if_unavailable: tam_biet"),
    ("return_to: xin_phep", "return_to: hoi_ma"),
];

#[test]
fn every_key_is_read_and_changes_what_runs() {
    let files = whole();
    let shown = |files: &[File]| match compiled(files) {
        Ok(good) => {
            assert_eq!(good.warnings, []);
            format!("{:?}", good.flows)
        }
        Err(problems) => panic!("{}", render(&problems, &[], Lang::En)),
    };
    let before = shown(&files);
    for (from, to) in EDITS {
        let mut edited = files.clone();
        assert!(edited[0].text.contains(from), "{from:?} is not in the file");
        edited[0].text = edited[0].text.replacen(from, to, 1);
        match compiled(&edited) {
            Ok(good) => assert!(format!("{:?}", good.flows) != before, "{from:?} can be {to:?} and nothing changes"),
            // An edit that leaves a step alone, or goes past a question, was read as well.
            Err(problems) => {
                let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
                let told = ["unreachable", "private-before-consent", "maybe-unfilled"];
                let alone = errors.map(|problem| problem.code).all(|code| told.contains(&code));
                assert!(alone, "{from:?} to {to:?}: {}", render(&problems, &[], Lang::En));
            }
        }
    }
}

#[test]
fn every_code_is_explained_to_authors() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("flows/README.md")).unwrap();
    let (_, table) = readme.split_once("## Mã lỗi").expect("the table is there");
    let explained: BTreeSet<&str> = table.split('`').skip(1).step_by(2).collect();
    let mut codes = BTreeSet::new();
    for source in
        ["src/flow/compile/problem.rs", "src/flow/compile/fact.rs", "src/flow/compile.rs", "src/flow/source/problem.rs"]
    {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(source)).unwrap();
        // A code is the first of a call's or a tuple's texts: words of small letters joined by hyphens.
        for (before, rest) in text.match_indices('(').map(|(at, _)| text.split_at(at)) {
            let first = rest[1..].trim_start().strip_prefix('"').and_then(|rest| rest.split_once("\","));
            let Some((code, _)) = first else { continue };
            let is_code = code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte.is_ascii_digit());
            if is_code && (before.ends_with("Words::new") || before.ends_with(' ')) && code != "problem" {
                codes.insert(code.to_owned());
            }
        }
    }
    assert!(codes.len() > 60, "{codes:?}");
    let missing: Vec<_> = codes.iter().filter(|code| !explained.contains(code.as_str())).collect();
    assert!(missing.is_empty(), "not in flows/README.md: {missing:?}");
    let old: Vec<_> = explained.iter().filter(|code| code.contains('-') && !codes.contains(**code)).collect();
    assert!(old.iter().all(|code| code.starts_with("--")), "nothing gives these: {old:?}");
}

#[test]
fn flows_that_run_each_other_fit_together() {
    let mut files = whole();
    let flow = |text: &str| File { path: "flows/a.yaml".to_owned(), text: text.to_owned() };
    let found = |files: &[File]| -> Vec<(String, &'static str, usize, usize)> {
        let problems = compiled(files).unwrap_err();
        problems.iter().map(|it| (it.file.clone(), it.code, it.line, it.column)).collect()
    };
    files.remove(0);
    files.push(flow(
        "flow: a\nslots:\n  ten: {type: name, prefill: contact.name}\n  gio: {type: choice, options: {sang: Sáng}}\nsteps:\n\
         \u{20} chạy: {run: phu, with: {so: ten, tên: ten}, save: {gio: gio, ten: so}}\n  xong: {end: done}\n",
    ));
    let at = |code, column| ("flows/a.yaml".to_owned(), code, 6, column);
    let expected = [
        at("wrong-slot-type", 27),
        at("maybe-unfilled", 31),
        at("unknown-slot", 36),
        at("unknown-option", 59),
        at("wrong-slot-type", 69),
    ];
    assert_eq!(found(&files), expected);

    let runs = |name: &str, other: &str| File {
        path: format!("flows/{name}.yaml"),
        text: format!("flow: {name}\nsteps:\n  chạy: {{run: {other}}}\n  xong: {{end: done}}\n"),
    };
    let circle = [runs("a", "b"), runs("b", "c"), runs("c", "b")];
    assert_eq!(found(&circle), [("flows/c.yaml".to_owned(), "run-cycle", 3, 15)]);
    assert!(compiled(&[runs("a", "c"), runs("b", "c"), circle_end()]).is_ok(), "two may run the same");
}

fn circle_end() -> File {
    File { path: "flows/c.yaml".to_owned(), text: "flow: c\nsteps:\n  xong: {end: done}\n".to_owned() }
}

#[test]
fn a_flow_that_speaks_english_understands_the_wish_for_it() {
    let names = |text: &str| -> Vec<String> {
        let good = compiled(&one(text)).unwrap();
        let flow = &good.flows.flows["a"];
        assert_eq!(flow.english, text.contains("{vi:"));
        flow.interrupts.iter().map(|interrupt| format!("{} {:?}", interrupt.name, interrupt.then)).collect()
    };
    let house = ["nhac_lai Resume", "quay_lai Back", "lam_lai Restart"];
    assert_eq!(names("flow: a\nsteps:\n  x: {end: done, say: Chào}\n"), house);
    let english = names("flow: a\nsteps:\n  x: {end: done, say: {vi: Chào, en: Hello}}\n");
    assert_eq!(english[3..], ["tieng_anh Speak(En)", "tieng_viet Speak(Vi)"]);
    let own = names("flow: a\ninterrupts:\n  quay_lai: {match: [lùi], then: x}\nsteps:\n  x: {end: done}\n");
    assert_eq!(own, ["quay_lai Go(StepIx(0))", "nhac_lai Resume", "lam_lai Restart"]);
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
