//! Drawings of flows: they show every step once and every way that the analysis knows, whatever an author
//! writes into them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use thoai::flow::analysis::way::{Graph, On};
use thoai::flow::check::{Found, compiled};
use thoai::flow::compile::Names;
use thoai::flow::graph::{Change, Picture, Style, mermaid, svg};
use thoai::flow::{Flow, Flows};
use thoai::runtime::registry;

fn flows_of(files: Vec<Found>) -> Flows {
    let (queues, services) = (["cskh".to_owned()], ["crm".to_owned()]);
    let names = Names { limits: &registry::limits(), queues: &queues, services: &services };
    compiled(files, names).unwrap_or_else(|problems| panic!("{problems}"))
}

fn folder(name: &str) -> Flows {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let mut files = Vec::new();
    for folder in [root.clone(), root.join("chung")] {
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("the folder is readable").path();
            if path.extension().is_some_and(|ending| ending == "yaml") {
                let content = Ok(std::fs::read(&path).expect("the file is readable"));
                files.push(Found { path: path.display().to_string(), content });
            }
        }
    }
    flows_of(files)
}

/// Every flow there is: the shipped ones, and one with every key of the language.
fn all() -> Vec<Flow> {
    ["flows", "tests/flows/good"].into_iter().flat_map(|name| folder(name).flows.into_values()).collect()
}

fn one(text: &str) -> Flow {
    let file = Found { path: "flows/a.yaml".to_owned(), content: Ok(text.as_bytes().to_vec()) };
    flows_of(vec![file]).flows.remove("a").expect("the flow is there")
}

const SMALL: &str = r#"flow: a
title: Nhỏ
entry: {keywords: [thử]}
slots:
  tuoi: {type: number, label: Tuổi}
  muon: {type: yesno, label: Muốn}
steps:
  hoi: {ask: muon, say: "Muốn \"thử\" <không> ạ & sao?", if_no: xong, give_up: gap}
  hoi_tuoi: {ask: tuoi, say: "Mấy tuổi ạ?"}
  re: {branch: [{when: "tuoi < 18 and not (tuoi < 3 or tuoi > 20)", go: gap}]}
  goi: {call: crm, failed: gap}
  xong: {end: done}
  gap: {person: cskh}
"#;

const DRAWN: &str = r#"flowchart TD
  n0[/"hoi<br/>Hỏi: Muốn<br/>“Muốn #34;thử#34; #60;không#62; ạ #38; sao?”"/]:::ask
  n1[/"hoi_tuoi<br/>Hỏi: Tuổi<br/>“Mấy tuổi ạ?”"/]:::ask
  n2{"re<br/>Rẽ nhánh"}:::branch
  n3[["goi<br/>Hỏi dịch vụ: crm"]]:::call
  n4(["xong<br/>Kết thúc: done"]):::finish
  n5("gap<br/>Gặp nhân viên: cskh"):::person
  n6("Gặp nhân viên"):::person
  n7(["Bắt đầu<br/>khách nhắn: thử"]):::entry
  n8>"Khách nói chen lúc nào cũng được<br/>nhac_lai: hỏi tiếp<br/>quay_lai: câu trước<br/>lam_lai: làm lại"]:::aside
  n0 -->|"có"| n1
  n0 -->|"không"| n4
  n0 -.->|"không hiểu"| n5
  n1 --> n2
  n1 -.->|"không hiểu"| n6
  n2 -->|"tuoi #60; 18 and not (tuoi #60; 3 or tuoi #62; 20)"| n5
  n2 -->|"còn lại"| n3
  n3 -->|"gọi được"| n4
  n3 -.->|"không gọi được"| n5
  n7 --> n0
"#;

#[test]
fn a_small_flow_is_drawn_as_mermaid() {
    let drawn = mermaid::render(&Picture::of(&one(SMALL)));
    assert_eq!(drawn.split("  classDef").next(), Some(DRAWN));
}

#[test]
fn every_step_is_drawn_once_and_every_arrow_has_two_ends() {
    for flow in all() {
        let picture = Picture::of(&flow);
        let ids: BTreeSet<&str> = picture.nodes.iter().map(|node| node.id.as_str()).collect();
        assert_eq!(ids.len(), picture.nodes.len(), "{}", flow.name);
        assert!(flow.steps.iter().all(|step| ids.contains(step.id.as_str())), "{}", flow.name);
        assert!(picture.edges.iter().all(|edge| ids.contains(&*edge.from) && ids.contains(&*edge.to)), "{}", flow.name);
    }
}

#[test]
fn the_ways_drawn_are_those_the_analysis_judges() {
    for flow in all() {
        let picture = Picture::of(&flow);
        let drawn: BTreeSet<(&str, &str)> = picture
            .edges
            .iter()
            .filter(|edge| !edge.from.starts_with('@') && !edge.to.starts_with('@') && edge.style != Style::Silence)
            .map(|edge| (&*edge.from, &*edge.to))
            .collect();
        let graph = Graph::of(&flow);
        let id = |ix: thoai::flow::StepIx| flow.step(ix).id.as_str();
        let judged: BTreeSet<(&str, &str)> = flow
            .steps
            .iter()
            .zip(&graph.steps)
            .flat_map(|(step, ways)| ways.out.iter().map(move |way| (step, way)))
            .filter(|(_, way)| way.on != On::Silence)
            .map(|(step, way)| (step.id.as_str(), id(way.to)))
            .collect();
        assert_eq!(drawn, judged, "{}", flow.name);
        let entered: BTreeSet<&str> = picture
            .edges
            .iter()
            .filter(|edge| edge.from.starts_with('@') && edge.style != Style::Silence)
            .map(|edge| &*edge.to)
            .collect();
        let doors = graph.doors.iter().chain(&graph.interrupts).map(|ix| id(*ix)).collect();
        assert_eq!(entered, doors, "{}", flow.name);
        // The silence of the flow is drawn once, that of a question where it differs.
        let silent = |picture: &Picture| -> BTreeSet<String> {
            let edges = picture.edges.iter().filter(|edge| edge.style == Style::Silence);
            edges.map(|edge| edge.to.clone()).collect()
        };
        let ways = graph.steps.iter().flat_map(|ways| &ways.out).filter(|way| way.on == On::Silence);
        assert_eq!(silent(&picture), ways.map(|way| id(way.to).to_owned()).collect(), "{}", flow.name);
    }
}

/// Whether every tag is closed, every attribute quoted, and nothing else is XML.
fn balanced(xml: &str) -> Result<(), String> {
    let mut open = Vec::new();
    let mut rest = xml;
    while let Some((before, after)) = rest.split_once('<') {
        well_written(before)?;
        let (tag, behind) = after.split_once('>').ok_or("a tag without an end")?;
        rest = behind;
        if let Some(name) = tag.strip_prefix('/') {
            (open.pop() == Some(name)).then_some(()).ok_or(format!("</{name}>"))?;
            continue;
        }
        let (tag, alone) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        (tag.matches('"').count() % 2 == 0).then_some(()).ok_or(tag)?;
        well_written(tag)?;
        if !alone {
            open.push(tag.split_whitespace().next().unwrap_or_default());
        }
    }
    well_written(rest)?;
    if open.is_empty() { Ok(()) } else { Err(format!("{open:?} are open")) }
}

fn well_written(text: &str) -> Result<(), String> {
    let entities = ["&amp;", "&lt;", "&gt;", "&quot;"];
    let bad = text.match_indices('&').any(|(at, _)| !entities.iter().any(|entity| text[at..].starts_with(entity)));
    let forbidden = |c: char| (c.is_control() && c != '\n') || matches!(c, '>' | '\u{fffe}' | '\u{ffff}');
    if bad || text.contains(forbidden) { Err(text.to_owned()) } else { Ok(()) }
}

#[test]
fn every_flow_is_drawn_as_xml_and_always_the_same() {
    for flow in all() {
        let picture = Picture::of(&flow);
        let drawn = svg::render(&picture).expect("it is small enough");
        assert_eq!(balanced(&drawn), Ok(()), "{}", flow.name);
        assert_eq!(drawn.matches("<rect").count(), picture.nodes.len());
        assert_eq!(drawn.matches("<path class=\"arrow").count(), picture.edges.len());
        assert!(
            ["\"NaN", "MNaN", "LNaN", " NaN", "\"inf", "Linf", " inf"].iter().all(|no| !drawn.contains(no)),
            "{}",
            flow.name
        );
        assert_eq!(svg::render(&Picture::of(&flow)), Ok(drawn));
    }
    assert!(balanced("<a><b/></a>").is_ok());
    for wrong in ["<a>", "<a></b>", "<a x=\"></a>", "<a>&</a>", "a > b", "<a"] {
        assert!(balanced(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn no_box_stands_on_another() {
    let number = |rect: &str, name: &str| -> f64 {
        let (_, after) = rect.split_once(&format!(" {name}=\"")).unwrap();
        after.split_once('"').unwrap().0.parse().unwrap()
    };
    for flow in all() {
        let drawn = svg::render(&Picture::of(&flow)).unwrap();
        let boxes: Vec<[f64; 4]> = drawn
            .split("<rect")
            .skip(1)
            .map(|rect| ["x", "y", "width", "height"].map(|name| number(rect, name)))
            .collect();
        for (ix, [x, y, width, height]) in boxes.iter().enumerate() {
            assert!(*x >= 0.0 && *y >= 0.0);
            let apart =
                |[ox, oy, ow, oh]: &[f64; 4]| x + width <= *ox || ox + ow <= *x || y + height <= *oy || oy + oh <= *y;
            assert!(boxes[ix + 1..].iter().all(apart), "{}: box {ix}", flow.name);
        }
    }
}

#[test]
fn a_long_flow_is_drawn_as_mermaid_and_refused_as_svg() {
    let steps = |count: usize| -> String {
        let asks = (0..count).map(|ix| format!("  s{ix}: {{ask: x, say: Hỏi, give_up: het}}\n")).collect::<String>();
        format!("flow: a\nslots: {{x: {{type: text}}}}\nsteps:\n{asks}  het: {{end: done}}\n")
    };
    let long = Picture::of(&one(&steps(9_999)));
    assert_eq!(mermaid::render(&long).matches("“Hỏi”").count(), 9_999);
    assert_eq!(svg::render(&long), Err(svg::TooManyNodes(long.nodes.len())));
    let drawn = svg::render(&Picture::of(&one(&steps(svg::MOST_NODES - 3)))).expect("it is just small enough");
    assert_eq!(balanced(&drawn), Ok(()));
}

#[test]
fn an_edit_shows_what_is_added_removed_and_reworded() {
    let new = SMALL
        .replace("Mấy tuổi ạ?", "Bao nhiêu tuổi ạ?")
        .replace("goi: {call: crm, failed: gap}", "cho: {wait: 15m}")
        .replace("tuoi < 18 and", "tuoi < 16 and");
    let (old, new) = (Picture::of(&one(SMALL)), Picture::of(&one(&new)));
    let both = new.since(&old);
    let changes = |wanted: Change| -> (Vec<&str>, Vec<(&str, &str)>) {
        let nodes = both.nodes.iter().filter(|node| node.change == wanted).map(|node| &*node.id).collect();
        let edges = both.edges.iter().filter(|edge| edge.change == wanted);
        (nodes, edges.map(|edge| (&*edge.from, &*edge.to)).collect())
    };
    assert_eq!(changes(Change::Added), (vec!["cho"], vec![("re", "cho"), ("cho", "xong")]));
    assert_eq!(changes(Change::Removed), (vec!["goi"], vec![("re", "goi"), ("goi", "xong"), ("goi", "gap")]));
    assert_eq!(changes(Change::Reworded), (vec!["hoi_tuoi"], vec![("re", "gap")]));
    let drawn = mermaid::render(&both);
    for (class, colour) in [("added", "#1a7f37"), ("removed", "#cf222e"), ("reworded", "#bf8700")] {
        assert!(drawn.contains(&format!(":::{class}")) && drawn.contains(&format!("classDef {class} stroke:{colour}")));
        assert!(drawn.contains(&format!(" stroke:{colour},stroke-width:2px")), "{class}");
    }
    let drawn = svg::render(&both).expect("it is small");
    assert_eq!(balanced(&drawn), Ok(()));
    assert_eq!(drawn.matches("box removed").count(), 1);
    assert!(both.is_changed() && !old.clone().since(&old).is_changed());
}

#[test]
fn who_is_where_is_shown_only_where_somebody_is() {
    let counts = BTreeMap::from([("hoi_tuoi".to_owned(), 12)]);
    let picture = Picture::of(&one(SMALL)).with_counts(&counts);
    for drawn in [mermaid::render(&picture), svg::render(&picture).expect("it is small")] {
        assert_eq!(drawn.matches(" khách<").count() + drawn.matches(" khách\"").count(), 1, "{drawn}");
        assert!(drawn.contains("12 khách"));
    }
}

#[test]
fn the_command_draws_a_flow_all_flows_and_an_edit() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let outcome = Command::new(env!("CARGO_BIN_EXE_thoai")).arg("graph").args(arguments).current_dir(root).output();
        let outcome = outcome.expect("the binary starts");
        let said = if outcome.status.success() { outcome.stdout } else { outcome.stderr };
        (outcome.status.code(), String::from_utf8(said).unwrap())
    };
    let (code, drawn) = run(&["doi-sim-4g"]);
    assert_eq!((code, drawn.lines().next()), (Some(0), Some("flowchart TD")));
    assert_eq!(run(&[]).1.matches("```mermaid\nflowchart TD\n").count(), 5);
    let file = made.path().join("a.svg");
    assert_eq!(run(&["tu-van", "--format", "svg", "--out", file.to_str().unwrap()]), (Some(0), String::new()));
    assert_eq!(balanced(&std::fs::read_to_string(file).unwrap()), Ok(()));
    assert_eq!(run(&["--format", "svg"]).0, Some(2));
    let (code, said) = run(&["doi-sim"]);
    assert!(code == Some(2) && said.contains("doi-sim-4g"), "{said}");

    for entry in
        std::fs::read_dir(root.join("flows")).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file())
    {
        std::fs::copy(entry.path(), made.path().join(entry.file_name())).unwrap();
    }
    std::fs::create_dir(made.path().join("chung")).unwrap();
    std::fs::copy(root.join("flows/chung/chung.yaml"), made.path().join("chung/chung.yaml")).unwrap();
    let (new, edited) = (made.path().to_str().unwrap(), made.path().join("tu-van.yaml"));
    assert_eq!(run(&["--diff", "flows", new]).0, Some(2), "nothing is changed");
    let text = std::fs::read_to_string(&edited).unwrap().replace("Dạ em nghe ạ!", "Dạ em đây ạ!");
    std::fs::write(&edited, text).unwrap();
    for (old, new) in [("flows", new), ("flows/tu-van.yaml", edited.to_str().unwrap())] {
        let (code, drawn) = run(&["--diff", old, new]);
        assert!(code == Some(0) && drawn.starts_with("flowchart TD"), "{drawn}");
        assert_eq!(drawn.matches(":::reworded").count(), 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn whatever_an_author_writes_does_not_break_a_drawing(words in "[\"<>&#;`|\\[\\]{}()a-cđ \n\t\u{7}\u{fffe}🙂-]{0,60}") {
        let mut picture = Picture::of(&one(SMALL));
        picture.title.clone_from(&words);
        for node in &mut picture.nodes {
            node.label = format!("{}\n{words}", node.id);
            node.words.clone_from(&words);
        }
        for edge in &mut picture.edges {
            edge.label.clone_from(&words);
        }
        prop_assert_eq!(balanced(&svg::render(&picture).unwrap()), Ok(()));
        let drawn = mermaid::render(&picture);
        let statements = picture.nodes.len() + picture.edges.len() + 1;
        prop_assert_eq!(drawn.lines().filter(|line| !line.starts_with("  classDef")).count(), statements);
        for line in drawn.lines() {
            prop_assert!(matches!(line.matches('"').count(), 0 | 2), "{}", line);
            prop_assert!(line.match_indices('#').all(|(at, _)| {
                let code = line[at + 1..].split(';').next().unwrap_or_default();
                code.parse::<u32>().is_ok() || line.starts_with("  classDef")
            }), "{}", line);
        }
    }
}
