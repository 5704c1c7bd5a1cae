//! The walk over the shipped flows and over small ones that are wrong on purpose.

use std::sync::LazyLock;

use super::*;
use crate::domain::id::ChannelName;
use crate::flow::compile::{File, Names, compile};
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
        ("flows/tu-van.yaml", include_str!("../../../flows/tu-van.yaml")),
        ("flows/mac-dinh.yaml", include_str!("../../../flows/mac-dinh.yaml")),
        ("flows/chung/chung.yaml", include_str!("../../../flows/chung/chung.yaml")),
    ])
}

fn explored(flows: &Flows, name: &str) -> Explored {
    let limits = registry::limits();
    let ground = Ground { flows, places: &PLACES, limits: &limits, queue: "cskh" };
    explore(ground, &flows.flows[name])
}

fn kinds(explored: &Explored) -> Vec<(Kind, &str)> {
    explored.findings.iter().map(|finding| (finding.kind, finding.step.as_str())).collect()
}

#[test]
fn the_shipped_flows_have_a_way_out_of_every_state() {
    let flows = shipped();
    for name in flows.flows.keys() {
        let explored = explored(&flows, name);
        eprintln!("{name}: {} states, {} turns", explored.states, explored.turns);
        assert!(explored.complete, "{name}");
        assert_eq!(explored.findings, [], "{name}");
    }
}
