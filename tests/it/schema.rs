//! The schema of flow files, as the language server of editors understands it: quiet on good files, loud on
//! broken ones, and never louder than the compiler. The asking is done by `tests/browser/schema.mjs`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use thoai::flow::check::{Found, check};
use thoai::flow::compile::Names;
use thoai::flow::diagnostic::Severity;
use thoai::flow::schema::schema;
use thoai::runtime::registry;

use crate::broken::variant::{Variant, variants};

/// Broken files of `tests/flows/broken` whose mistake is one of shape.
const BROKEN: [&str; 23] = [
    "bad-number",
    "bad-time",
    "call-without-failed",
    "indentation",
    "many",
    "menu-too-long",
    "min-on-text",
    "misspelt-verb",
    "need-on-phone",
    "no-verb",
    "no-vietnamese",
    "not-https",
    "not-together",
    "prefill-wrong-type",
    "reserved-step",
    "too-many-reminders",
    "two-verbs",
    "unknown-key",
    "unknown-kind",
    "unknown-language",
    "unknown-type",
    "wait-for-nothing",
    "wrong-type",
];

/// More of them: what stands in a flow, below its name.
const MORE: [&str; 30] = [
    "title: [a]\nsteps: {x: {end: done}}",
    "title: X",
    "steps: {}",
    "steps: [x]",
    "corrections: always\nsteps: {x: {end: done}}",
    "entry: {keyword: [a]}\nsteps: {x: {end: done}}",
    "entry: {default: maybe}\nsteps: {x: {end: done}}",
    "entry: {prompts: {a: {say: Lời, if_yes: x}}}\nsteps: {x: {end: done}}",
    "use: []\nsteps: {x: {end: done}}",
    "silence: {remind_after: 15}\nsteps: {x: {end: done}}",
    "silence: {expire: 3d}\nsteps: {x: {end: done}}",
    "interrupts: {a: {say: Dạ}}\nsteps: {x: {end: done}}",
    "interrupts: {a: {match: [b]}}\nsteps: {x: {end: done}}",
    "interrupts: {a: {match: [b], then: {erase: all}}}\nsteps: {x: {end: done}}",
    "interrupts: {a: {match: [b], then: {end: a, person: cskh}}}\nsteps: {x: {end: done}}",
    "migrate: {renamed: {a: x}}\nsteps: {x: {end: done}}",
    "slots: {a: {label: A}}\nsteps: {x: {end: done}}",
    "slots: {a: {type: choice}}\nsteps: {x: {end: done}}",
    "slots: {a: {type: choice, options: {}}}\nsteps: {x: {end: done}}",
    "slots: {a: {type: text, private: có}}\nsteps: {x: {end: done}}",
    "slots: {a: {type: address, need: [quận]}}\nsteps: {x: {end: done}}",
    "slots: {a b: {type: text}}\nsteps: {x: {end: done}}",
    "slots: {a: {type: text, zalo: Lời}}\nsteps: {x: {end: done}}",
    "steps: {x: {say: A, go: y, then: y}, y: {end: done}}",
    "steps: {x: {web: A}, y: {end: done}}",
    "steps: {x: {branch: [{when: a is known}]}, y: {end: done}}",
    "steps: {x: {branch: []}, y: {end: done}}",
    "steps: {x: {call: crm, failed: y, retries: 9}, y: {end: done}}",
    "steps: {x: {person: cskh, go: y}, y: {end: done}}",
    "steps: {x: {wait: {until: \"25:00\"}}, y: {end: done}}",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A text where it would stand, as the language server is asked about it.
fn file(name: &str, text: &str) -> Value {
    json!({"path": root().join("flows").join(name), "text": text})
}

/// A text that names the schema as shipped flows do.
fn headed(name: &str, text: &str) -> Value {
    file(name, &format!("# yaml-language-server: $schema=./flow.schema.json\n{text}"))
}

/// What the language server answers of each file.
fn asked(files: &[Value]) -> Vec<Value> {
    let browser = root().join("tests/browser");
    let server = browser.join("node_modules/yaml-language-server");
    assert!(server.is_dir(), "run `npm ci` in tests/browser first, or tests/run");
    let mut node = Command::new("node")
        .arg(browser.join("schema.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node runs");
    let question = serde_json::to_vec(files).expect("it is JSON");
    node.stdin.take().expect("stdin is piped").write_all(&question).expect("node listens");
    let outcome = node.wait_with_output().expect("node ends");
    assert!(outcome.status.success());
    let answers: Vec<Value> = serde_json::from_slice(&outcome.stdout).expect("the answer is JSON");
    assert_eq!(answers.len(), files.len());
    answers
}

fn problems(answer: &Value) -> &[Value] {
    answer["problems"].as_array().expect("it is a list")
}

fn yaml(folder: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root().join(folder)).expect("the folder is there") {
        let path = entry.expect("the folder is readable").path();
        if path.extension().is_some_and(|ending| ending == "yaml") {
            let name = path.file_name().expect("it is a file").to_string_lossy().into_owned();
            files.push((name, fs::read_to_string(&path).expect("the file is readable")));
        }
    }
    files.sort();
    files
}

/// Whether the compiler finds an error in one file, beside the shared one.
fn refused(name: &str, text: &str) -> bool {
    let found = |path: String, text: &str| Found { path, content: Ok(text.as_bytes().to_vec()) };
    let shared = fs::read_to_string(root().join("flows/chung/chung.yaml")).expect("a shipped file");
    let files = vec![found(format!("flows/{name}"), text), found("flows/chung/chung.yaml".to_owned(), &shared)];
    let (queues, services) = (["cskh".to_owned()], ["crm".to_owned()]);
    let names = Names { limits: &registry::limits(), queues: &queues, services: &services };
    check(files, names).count(Severity::Error) > 0
}

#[test]
fn the_schema_in_the_flows_folder_is_what_the_command_prints() {
    let printed = Command::new(env!("CARGO_BIN_EXE_thoai")).arg("schema").current_dir(root()).output().unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), schema(&registry::limits()));
    let path = root().join("flows/flow.schema.json");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &printed).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == printed, "run with UPDATE_EXPECT=1 if this is meant");
}

#[test]
fn editors_find_nothing_wrong_with_good_flows_which_name_the_schema_themselves() {
    let mut files = Vec::new();
    for (folder, schema) in [("flows", "./"), ("flows/chung", "../")] {
        for (name, text) in yaml(folder) {
            let first = format!("# yaml-language-server: $schema={schema}flow.schema.json\n");
            assert!(name.ends_with(".test.yaml") || text.starts_with(&first), "{folder}/{name}");
            files.push(file(&Path::new(folder).strip_prefix("flows").unwrap().join(name).to_string_lossy(), &text));
        }
    }
    files.extend(yaml("tests/flows/good").iter().map(|(name, text)| headed(name, text)));
    for (file, answer) in files.iter().zip(asked(&files)) {
        assert!(problems(&answer).is_empty() && answer["unreadable"] == false, "{}: {answer}", file["path"]);
    }
}

#[test]
fn editors_tell_what_is_wrong_with_the_shape_of_a_flow() {
    let broken = BROKEN.map(|name| (name.to_owned(), yaml_of(name)));
    let more = MORE.iter().enumerate().map(|(ix, text)| (format!("more-{ix}"), format!("flow: more-{ix}\n{text}\n")));
    let broken: Vec<_> = broken.into_iter().chain(more).collect();
    let files: Vec<Value> = broken.iter().map(|(name, text)| headed(&format!("{name}.yaml"), text)).collect();
    for ((name, text), answer) in broken.iter().zip(asked(&files)) {
        assert!(!problems(&answer).is_empty(), "{name}:\n{text}");
        assert!(refused(&format!("{name}.yaml"), text), "the compiler takes {name}:\n{text}");
    }
}

fn yaml_of(name: &str) -> String {
    fs::read_to_string(root().join(format!("tests/flows/broken/{name}.yaml"))).expect("the file is there")
}

#[test]
fn editors_never_refuse_what_the_compiler_takes() {
    let good = fs::read_to_string(root().join("flows/doi-sim-4g.yaml")).expect("a shipped flow");
    // What was made to hurt us would hurt an editor only.
    let variants: Vec<_> = variants(&good).into_iter().filter(|variant| variant.text.len() < 2 * good.len()).collect();
    let files: Vec<Value> = variants.iter().map(|Variant { text, .. }| headed("doi-sim-4g.yaml", text)).collect();
    let (mut taken, mut seen, mut unreadable) = (0, 0, 0);
    for (Variant { name, text }, answer) in variants.iter().zip(asked(&files)) {
        if refused("doi-sim-4g.yaml", text) {
            seen += usize::from(!problems(&answer).is_empty());
        } else if answer["unreadable"] == true {
            // Their reader of YAML is stricter than ours here and there.
            unreadable += 1;
        } else {
            taken += 1;
            assert!(problems(&answer).is_empty(), "{name}: {answer}");
        }
    }
    assert!(taken >= 40 && seen >= 60 && unreadable <= 20, "{taken} taken, {seen} seen, {unreadable} unreadable");
}

#[test]
fn editors_offer_the_keys_of_a_step_in_vietnamese() {
    let text = "flow: a\nsteps:\n  hoi:\n    ask: b\n    \n";
    let mut open = headed("a.yaml", text);
    open["at"] = json!({"line": 5, "character": 4});
    let offered = asked(&[open])[0]["completions"].clone();
    assert!(offered["give_up"].as_str().is_some_and(|what| what.contains("hỏi lại")), "{offered}");
    assert!(offered["zalo"].is_string() && offered["failed"].is_null(), "{offered}");
}
