//! `thoai explore`: walks every state of the flows. Only words and exit codes; the walk is
//! [`crate::studio::explore`]'s.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::runtime::registry;
use crate::studio::Stage;
use crate::studio::explore::{Explored, MOST_STATES, explore};

/// Arguments of `thoai explore`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Only this flow.
    flow: Option<String>,
    /// The folder of flows [default: flows.dir of the configuration].
    #[arg(long, value_name = "FOLDER")]
    flows: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// `thoai explore`
pub(super) fn run(config: Option<&Path>, options: &Options) -> anyhow::Result<u8> {
    let mut config = super::open::config(config)?;
    if let Some(folder) = &options.flows {
        config.flows.clone_from(folder);
    }
    let flows = super::open::flows(&config)?;
    if let Some(name) = &options.flow {
        anyhow::ensure!(flows.flows.contains_key(name), "there is no flow \"{name}\"");
    }
    let (places, limits) = (super::open::places(&config)?, registry::limits());
    let stage = Stage { flows: &flows, places: &places, limits: &limits, queues: &config.queues };
    let wanted = flows.flows.values().filter(|flow| options.flow.as_ref().is_none_or(|name| *name == flow.name));
    let explored: Vec<(&str, Explored)> = wanted.map(|flow| (flow.name.as_str(), explore(stage, flow))).collect();
    if options.json {
        println!("{}", as_json(&explored));
    } else {
        for (name, explored) in &explored {
            print!("{}", shown(name, explored));
        }
    }
    Ok(u8::from(explored.iter().any(|(_, explored)| !explored.findings.is_empty() || !explored.complete)))
}

fn shown(name: &str, explored: &Explored) -> String {
    let Explored { states, turns, complete, findings } = explored;
    let mut text = match (findings.is_empty(), complete) {
        (true, true) => format!("{name}: {states} trạng thái, {turns} lượt, không có vấn đề.\n"),
        (_, true) => format!("{name}: {states} trạng thái, {turns} lượt, {} vấn đề.\n", findings.len()),
        (_, false) => format!(
            "{name}: có hơn {MOST_STATES} trạng thái, chỉ đi được một phần: chưa chứng minh được; {} vấn đề.\n",
            findings.len()
        ),
    };
    for finding in findings {
        let (kind, step) = (finding.kind, &finding.step);
        text.push_str(&format!("\n{name}/{step}: lỗi[{}]: {}\n", kind.code(), kind.told()));
        text.push_str("Hội thoại dẫn tới đó, lưu thành tệp .test.yaml để chạy lại bằng thoai test:\n\n");
        for line in finding.example.lines() {
            text.push_str(&format!("    {line}\n"));
        }
    }
    text
}

fn as_json(explored: &[(&str, Explored)]) -> serde_json::Value {
    let flow = |(name, explored): &(&str, Explored)| {
        let findings = explored.findings.iter().map(|finding| {
            json!({
                "code": finding.kind.code(),
                "message": finding.kind.told(),
                "flow": finding.flow,
                "step": finding.step,
                "test": finding.example,
            })
        });
        json!({
            "flow": name,
            "states": explored.states,
            "turns": explored.turns,
            "complete": explored.complete,
            "findings": findings.collect::<Vec<_>>(),
        })
    };
    json!({"flows": explored.iter().map(flow).collect::<Vec<_>>()})
}
