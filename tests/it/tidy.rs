//! The house's invariants, read off the source text: who may know whom, which words belong where, how long
//! things may be. Each rule is a function from one file to its findings, is run over `src/`, and has a test
//! below it that shows it can fail. A module that does not exist yet breaks nothing.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use self::source::Source;

mod source;

/// Every module of the crate's root and the modules it may name besides itself. What is missing here is
/// on no floor, and that is a finding.
const FLOORS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("text", &["domain"]),
    ("place", &["domain", "text"]),
    ("flow", &["domain", "text"]),
    ("engine", &["domain", "text", "place", "flow"]),
    ("studio", &["domain", "text", "place", "flow", "engine"]),
    ("routing", &["domain", "text", "place"]),
    ("channel", &["domain", "text", "place", "flow", "engine", "routing"]),
    ("store", &["domain", "text", "place", "flow", "engine", "routing"]),
    ("config", &["domain", "text", "place", "flow", "engine", "routing", "channel", "store"]),
    ("runtime", &["domain", "text", "place", "flow", "engine", "routing", "channel", "store", "config"]),
    ("server", &["domain", "text", "place", "flow", "engine", "routing", "channel", "store", "config", "runtime"]),
    (
        "cli",
        &[
            "domain", "text", "place", "flow", "engine", "studio", "routing", "channel", "store", "config", "runtime",
            "server",
        ],
    ),
];

/// The floors that think: synchronous, clockless, alone.
const PURE: [&str; 7] = ["domain", "text", "place", "flow", "engine", "studio", "routing"];
const PLATFORMS: [&str; 3] = ["messenger", "zalo", "liveinfo"];
const DATABASES: [&str; 3] = ["sled", "tokio_postgres", "postgres"];
const LONGEST_FILE: usize = 500;
const LONGEST_FUNCTION: usize = 60;

type Rule = fn(&Source) -> Vec<Finding>;

/// Line, and what is wrong there.
struct Finding(usize, String);

fn finding(source: &Source, at: usize, what: impl Into<String>) -> Finding {
    Finding(source.line(at), what.into())
}

/// Runs a rule over every file of `src/`.
fn hold(rule: Rule, why: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut report = String::new();
    for path in rust_files(&root.join("src")) {
        let name = path.strip_prefix(root).expect("it is below the root").to_str().expect("our names are UTF-8");
        let source = Source::new(&name.replace('\\', "/"), &fs::read_to_string(&path).expect("source is readable"));
        for Finding(line, what) in rule(&source) {
            writeln!(report, "{}:{line}: {what}", source.path).expect("writing to a string");
        }
    }
    assert!(report.is_empty(), "{why}:\n{report}");
}

/// The `.rs` files below a folder but for `tests.rs`, which are tests by name.
fn rust_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is readable") {
        let path = entry.expect("the folder is readable").path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What the rule says of one file.
fn told(rule: Rule, path: &str, text: &str) -> Vec<String> {
    rule(&Source::new(path, text)).into_iter().map(|Finding(line, what)| format!("{line}: {what}")).collect()
}

// ---- 1. Arrows -------------------------------------------------------------------------------------

fn arrows(source: &Source) -> Vec<Finding> {
    let module = source.module();
    let Some(&home) = module.first() else {
        return Vec::new();
    };
    let Some((_, allowed)) = FLOORS.iter().find(|(name, _)| *name == home) else {
        return vec![Finding(1, format!("`{home}` is on no floor: give it one in tests/it/tidy.rs"))];
    };
    let mut found = Vec::new();
    for path in source.paths() {
        let supers = path.parts.iter().take_while(|part| **part == "super").count();
        let target = match path.parts[0] {
            "crate" => path.parts.get(1),
            "super" if supers >= module.len() => path.parts.get(supers),
            _ => None,
        };
        let is_module = |name: &&&str| FLOORS.iter().any(|(module, _)| module == *name);
        if let Some(target) = target.filter(is_module).filter(|target| **target != home && !allowed.contains(target)) {
            found.push(finding(source, path.at, format!("`{home}` must not know `{target}`")));
        }
    }
    found
}

#[test]
fn arrows_between_modules_point_down_only() {
    hold(arrows, "an arrow points down only (see the map in src/lib.rs)");
}

#[test]
fn an_arrow_that_points_up_is_found_in_every_spelling() {
    for text in [
        "use crate::runtime::clock;",
        "use crate::{domain::id, runtime};",
        "fn f() { crate::runtime::turn::run() }",
        "use super::super::runtime::clock;",
    ] {
        assert_eq!(told(arrows, "src/flow/compile.rs", text), ["1: `flow` must not know `runtime`"], "{text}");
    }
    assert_eq!(told(arrows, "src/channel/web.rs", "use crate::store::Store;").len(), 1);
    assert_eq!(told(arrows, "src/novel.rs", "").len(), 1);
    let fine = "//! [`crate::runtime`]\nuse crate::domain::id; use super::super::text; use super::runtime;\n#[cfg(test)]\nmod tests { use crate::store::Store; }";
    assert!(told(arrows, "src/flow/compile.rs", fine).is_empty());
}

// ---- 2. Purity -------------------------------------------------------------------------------------

fn purity(source: &Source) -> Vec<Finding> {
    const WORDS: [&str; 14] = [
        "async",
        "await",
        "tokio",
        "tracing",
        "SystemTime",
        "Instant",
        "getrandom",
        "rand",
        "print",
        "println",
        "eprint",
        "eprintln",
        "dbg",
        "fastrand",
    ];
    const STD: [&str; 5] = ["net", "fs", "env", "process", "thread"];
    if !source.module().first().is_some_and(|home| PURE.contains(home)) {
        return Vec::new();
    }
    let words = source.words().into_iter().filter(|(_, word)| WORDS.contains(word));
    let mut found: Vec<Finding> = words.map(|(at, word)| finding(source, at, format!("`{word}`"))).collect();
    for path in source.paths() {
        if path.parts[0] == "std" && path.parts.get(1).is_some_and(|part| STD.contains(part)) {
            found.push(finding(source, path.at, format!("`{}`", path.parts.join("::"))));
        }
    }
    found
}

#[test]
fn the_floors_that_think_touch_nothing_outside() {
    hold(purity, "floors 0 and 1 are pure: time, ids and chance arrive as arguments");
}

#[test]
fn impurity_is_found() {
    for text in [
        "async fn f() {}",
        "use std::{fmt, fs};",
        "let now = std::time::Instant::now();",
        "println!(\"x\");",
        "tracing::info!(\"x\");",
        "std::env::var(\"X\")",
    ] {
        assert_eq!(told(purity, "src/engine/turn.rs", text).len(), 1, "{text}");
        assert!(told(purity, "src/runtime/turn.rs", text).is_empty());
    }
    assert!(told(purity, "src/text.rs", "// async\nlet println_like = \"tokio\"; use std::fmt;").is_empty());
}

// ---- 3. What thinks cannot fail --------------------------------------------------------------------

fn plainness(source: &Source) -> Vec<Finding> {
    // What is built or read before the start may be refused; what answers a conversation may not.
    if !(source.is_in("src/engine") || source.is_in("src/routing")) || source.is_in("src/routing/import") {
        return Vec::new();
    }
    let functions = source.functions().into_iter().filter(|(at, signature, _)| {
        let builds = signature.starts_with("fn new(");
        !builds
            && source.bare[..*at].trim_end().ends_with("pub")
            && answer(signature).trim_start().starts_with("Result<")
    });
    functions.map(|(at, ..)| finding(source, at, "a public function returns `Result`")).collect()
}

/// What stands behind a signature's own arrow, not behind those of its arguments and bounds.
fn answer(signature: &str) -> &str {
    let mut depth = 0_i32;
    for (at, byte) in signature.bytes().enumerate() {
        match byte {
            b'>' if signature[..at].ends_with('-') && depth == 0 => return &signature[at + 1..],
            b'>' if signature[..at].ends_with('-') => {}
            b'(' | b'[' | b'<' => depth += 1,
            b')' | b']' | b'>' => depth -= 1,
            _ => {}
        }
    }
    ""
}

#[test]
fn engine_and_routing_return_plain_values() {
    hold(plainness, "what could fail was refused by flow::compile; what a person types is never an error");
}

#[test]
fn a_result_from_the_engine_is_found() {
    let text = "pub fn turn<F: Fn() -> Turn>(f: fn() -> u8) -> Result<Turn, Error> { x }";
    assert_eq!(told(plainness, "src/engine.rs", text).len(), 1);
    assert!(told(plainness, "src/routing/import.rs", text).is_empty());
    assert!(told(plainness, "src/routing.rs", "pub fn new() -> Result<Self, NoUnits> {}").is_empty());
    assert!(told(plainness, "src/engine.rs", "fn a() -> Result<u8, ()> {} pub fn b() -> Turn {}").is_empty());
}

// ---- 4. Platforms ----------------------------------------------------------------------------------

fn platforms(source: &Source) -> Vec<Finding> {
    // `src/text` is about what people type, and they do type "zalo".
    const KNOW_ALL: [&str; 7] = [
        "src/channel/signature",
        "src/runtime/registry",
        "src/runtime/channels",
        "src/config",
        "src/cli",
        "src/main",
        "src/text",
    ];
    if KNOW_ALL.iter().any(|stem| source.is_in(stem)) {
        return Vec::new();
    }
    let code = source.code.to_lowercase();
    // Lower case keeps every byte's place for the letters we look for; elsewhere only lines matter.
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate() {
        for platform in PLATFORMS.iter().filter(|platform| line.contains(**platform)) {
            let declared = source.path == "src/channel.rs" && line.trim() == format!("pub mod {platform};");
            if !declared && !source.is_in(&format!("src/channel/{platform}")) {
                found.push(Finding(number + 1, format!("the word `{platform}`")));
            }
        }
    }
    found
}

#[test]
fn only_its_own_channel_knows_a_platform() {
    hold(platforms, "a platform is known to channel/<x>, to the registry, the configuration and the commands only");
}

#[test]
fn a_platform_named_elsewhere_is_found() {
    assert_eq!(told(platforms, "src/engine.rs", "if channel == \"Messenger\" {}"), ["1: the word `messenger`"]);
    assert_eq!(told(platforms, "src/channel/zalo.rs", "use super::messenger;").len(), 1);
    assert!(told(platforms, "src/channel/zalo/parse.rs", "struct ZaloEvent;").is_empty());
    assert!(told(platforms, "src/channel.rs", "//! Zalo\npub mod zalo;\npub mod liveinfo;").is_empty());
    assert!(told(platforms, "src/config/channel.rs", "zalo: Zalo").is_empty());
}

// ---- 5. Databases ----------------------------------------------------------------------------------

fn databases(source: &Source) -> Vec<Finding> {
    const ADAPTERS: [&str; 3] = ["memory", "sled", "postgres"];
    let opens =
        ["src/store", "src/runtime/open"].iter().any(|stem| source.is_in(stem)) || source.path == "src/runtime.rs";
    let mut found = Vec::new();
    for path in source.paths() {
        let (crate_name, parts) = (path.parts[0], &path.parts);
        let at_home = source.is_in("src/store/sled") && crate_name == "sled"
            || source.is_in("src/store/postgres") && crate_name != "sled";
        // `sled` alone may be a module's or a variable's name; a path into it is the crate's.
        if DATABASES.contains(&crate_name) && parts.len() > 1 && !at_home {
            found.push(finding(source, path.at, format!("the crate `{crate_name}`")));
        }
        let names_one = parts.windows(2).any(|pair| pair[0] == "store" && ADAPTERS.contains(&pair[1]));
        if names_one && !opens {
            found.push(finding(source, path.at, format!("`{}`, a concrete store", parts.join("::"))));
        }
    }
    found
}

#[test]
fn only_its_own_store_knows_a_database() {
    hold(databases, "store/<x> alone imports its database; Runtime::open alone names a concrete store");
}

#[test]
fn a_database_known_elsewhere_is_found() {
    assert_eq!(told(databases, "src/store/memory.rs", "use sled::Db;"), ["1: the crate `sled`"]);
    assert_eq!(told(databases, "src/server/api.rs", "use crate::store::sled::SledStore;").len(), 1);
    assert!(told(databases, "src/store/sled.rs", "use sled::{Batch, Db};").is_empty());
    assert!(told(databases, "src/runtime.rs", "crate::store::sled::SledStore::open(p)").is_empty());
    assert!(told(databases, "src/server/api.rs", "use crate::store::Store; let sled = 1;").is_empty());
}

// ---- 6. Proof --------------------------------------------------------------------------------------

fn proof(source: &Source) -> Vec<Finding> {
    const HARMLESS: [&str; 5] = ["Debug", "Clone", "PartialEq", "Eq", "Hash"];
    let Some(at) = source.bare.find("struct Verified") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if !source.is_in("src/channel/signature") {
        found.push(finding(source, at, "a second `Verified`"));
    }
    let end = at + source.bare[at..].find(['}', ';']).unwrap_or(0);
    if source.bare[at..end].contains("pub") {
        found.push(finding(source, at, "a public field: anyone could build a `Verified`"));
    }
    let item = source.bare[..at].rfind(['}', ';']).map_or(0, |end| end + 1);
    let derived = source.bare[item..at].split_once("derive(").and_then(|(_, rest)| rest.split_once(')'));
    for name in derived.map_or("", |(names, _)| names).split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if !HARMLESS.contains(&name) {
            found.push(finding(source, at, format!("`{name}` could build a `Verified` without a proof")));
        }
    }
    found
}

#[test]
fn only_a_signature_makes_a_verified_payload() {
    hold(proof, "only channel/signature.rs can build `Verified`");
}

#[test]
fn a_forgeable_proof_is_found() {
    let forgeable = "use x;\n#[derive(Debug, Deserialize)]\npub struct Verified { pub body: Bytes }";
    assert_eq!(told(proof, "src/channel/signature.rs", forgeable).len(), 2);
    assert_eq!(told(proof, "src/channel/zalo.rs", "struct Verified(Bytes);").len(), 1);
    let sound = "#[derive(Clone, Debug)]\npub struct Verified { body: Bytes }\nimpl Verified { pub fn body() {} }";
    assert!(told(proof, "src/channel/signature.rs", sound).is_empty());
}

// ---- 7. HTTP ---------------------------------------------------------------------------------------

fn http(source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    if !source.is_in("src/server") {
        let paths = source.paths().into_iter().filter(|path| path.parts[0] == "axum");
        found.extend(paths.map(|path| finding(source, path.at, "`axum`")));
    }
    if source.path != "src/server/error.rs" {
        let turned = source.bare.match_indices("IntoResponse for ");
        let errors = turned.filter(|(at, text)| {
            let name: &str = source.bare[at + text.len()..].split(['{', '<']).next().unwrap_or("");
            name.trim().ends_with("Error")
        });
        found.extend(errors.map(|(at, _)| finding(source, at, "an error is turned into a status")));
    }
    found
}

#[test]
fn only_the_server_knows_http_answers() {
    hold(http, "only server imports axum; only server/error.rs turns an error into a status");
}

#[test]
fn axum_elsewhere_is_found() {
    assert_eq!(told(http, "src/runtime/receive.rs", "use axum::body::Body;").len(), 1);
    assert_eq!(told(http, "src/server/chat.rs", "impl IntoResponse for ChatError {}").len(), 1);
    assert!(told(http, "src/server/chat.rs", "use axum::Router; impl IntoResponse for Page {}").is_empty());
    assert!(told(http, "src/server/error.rs", "impl axum::response::IntoResponse for Error {}").is_empty());
}

// ---- 8. The clock ----------------------------------------------------------------------------------

fn clock(source: &Source) -> Vec<Finding> {
    const CLOCKS: [&str; 4] = ["SystemTime", "Instant", "Utc", "Local"];
    if source.path == "src/runtime/clock.rs" {
        return Vec::new();
    }
    let reads = |parts: &[&str]| matches!(parts, [.., clock, "now"] if CLOCKS.contains(clock));
    let paths = source.paths().into_iter().filter(|path| reads(&path.parts));
    paths.map(|path| finding(source, path.at, format!("`{}`", path.parts.join("::")))).collect()
}

#[test]
fn only_one_place_reads_the_clock() {
    hold(clock, "only runtime/clock.rs reads the clock: pass a Timestamp");
}

#[test]
fn a_second_clock_is_found() {
    for text in ["std::time::Instant::now()", "SystemTime::now()", "chrono::Utc::now()", "tokio::time::Instant::now()"]
    {
        assert_eq!(told(clock, "src/server/chat.rs", text).len(), 1, "{text}");
        assert!(told(clock, "src/runtime/clock.rs", text).is_empty());
    }
    assert!(told(clock, "src/server/chat.rs", "clock::now(); // Instant::now()").is_empty());
}

// ---- 9. One commit ---------------------------------------------------------------------------------

fn commits(source: &Source) -> Vec<Finding> {
    if source.path == "src/runtime/turn.rs" || source.is_in("src/store") {
        return Vec::new();
    }
    source.bare.match_indices(".commit(").map(|(at, _)| finding(source, at, "a turn is committed")).collect()
}

#[test]
fn only_one_place_commits_a_turn() {
    hold(commits, "only runtime/turn.rs commits a turn");
}

#[test]
fn a_second_commit_is_found() {
    assert_eq!(told(commits, "src/runtime/timer.rs", "\n store.commit(commit).await"), ["2: a turn is committed"]);
    assert!(told(commits, "src/runtime/turn.rs", "store.commit(commit)").is_empty());
}

// ---- 10. Sizes and names ---------------------------------------------------------------------------

fn sizes(source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    if source.lines > LONGEST_FILE {
        found.push(Finding(LONGEST_FILE, format!("the file has {} lines outside tests", source.lines)));
    }
    for (at, signature, lines) in source.functions() {
        // One `match` is a table, however long: cutting it up would hide what it leaves out.
        let is_table = source.bare[at + signature.len()..].trim_start_matches(['{', ' ', '\n']).starts_with("match ");
        if lines > LONGEST_FUNCTION && !is_table {
            found.push(finding(
                source,
                at,
                format!("the function has {lines} lines, {LONGEST_FUNCTION} are the ceiling"),
            ));
        }
    }
    found
}

fn names(source: &Source) -> Vec<Finding> {
    const MODULES: [&str; 10] =
        ["mod", "util", "utils", "common", "helper", "helpers", "manager", "managers", "types", "misc"];
    const ENDINGS: [&str; 9] = ["Manager", "Handler", "Helper", "Util", "Service", "Data", "Info", "Base", "Impl"];
    let modules = source.module().into_iter().filter(|name| MODULES.contains(name));
    let mut found: Vec<Finding> =
        modules.map(|name| Finding(1, format!("a module called `{name}` says nothing"))).collect();
    for pair in source.words().windows(2) {
        let [(_, kind), (at, name)] = pair else { continue };
        let declares = matches!(*kind, "struct" | "enum" | "trait" | "type");
        // LiveInfo is what the platform is called.
        if declares && *name != "LiveInfo" && ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            found.push(finding(source, *at, format!("`{name}` says what kind of thing it is, not what it is")));
        }
    }
    found
}

#[test]
fn nothing_is_longer_than_a_reader_can_hold() {
    hold(sizes, "no file over 500 lines outside tests, no function over 60");
}

#[test]
fn names_say_what_a_thing_is() {
    hold(names, "house words only (names ending in Manager, Data, ... and folders like util are refused)");
}

#[test]
fn long_files_and_functions_are_found() {
    assert_eq!(told(sizes, "src/a.rs", &"//\n".repeat(501)).len(), 1);
    let long_tests = format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{\n{}}}\n", "fn g() {}\n".repeat(600));
    assert!(told(sizes, "src/a.rs", &long_tests).is_empty());
    let body = |lines| format!("fn f(a: [u8; 2]) {{\n{}}}", "x();\n".repeat(lines));
    assert_eq!(told(sizes, "src/a.rs", &body(59)).len(), 1);
    assert!(told(sizes, "src/a.rs", &body(58)).is_empty());
    let table = format!("fn f(&self) -> u8 {{\n    match self {{\n{}}}\n}}", "A => 1,\n".repeat(99));
    assert!(told(sizes, "src/a.rs", &table).is_empty());
}

#[test]
fn empty_names_are_found() {
    assert_eq!(told(names, "src/flow/util.rs", "").len(), 1);
    assert_eq!(told(names, "src/flow/mod.rs", "").len(), 1);
    assert_eq!(
        told(names, "src/a.rs", "pub struct SessionManager;"),
        ["1: `SessionManager` says what kind of thing it is, not what it is"]
    );
    assert!(told(names, "src/a.rs", "pub struct LiveInfo; struct Session;").is_empty());
}
