//! `thoai import`, `thoai export`

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::routing::import::TABLES;
use crate::runtime::Runtime;
use crate::runtime::import::Imported;
use crate::server::control as server;

use super::{control, targets};

/// What is imported and exported beside the organisation's tables.
const TARGETS: &str = "targets";
const NAMES: [&str; 5] = [TABLES[0], TABLES[1], TABLES[2], TABLES[3], TARGETS];

/// Arguments of `thoai import`.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// Which: units, territories, holidays, zones, or targets: the subscribers a campaign should reach.
    #[arg(value_parser = NAMES)]
    table: String,
    /// The file, as CSV.
    file: PathBuf,
    /// Of targets: the campaign, as a flow's `entry.prompts` names it.
    #[arg(long, value_name = "NAME", required_if_eq("table", TARGETS))]
    campaign: Option<String>,
    /// Tell what would be, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Arguments of `thoai export`.
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// Which: units, territories, holidays, zones, or targets with what has become of them.
    #[arg(value_parser = NAMES)]
    table: String,
    /// Of targets: the campaign.
    #[arg(long, value_name = "NAME", required_if_eq("table", TARGETS))]
    campaign: Option<String>,
    /// Of targets: only those that were given to this unit.
    #[arg(long, value_name = "ID", requires = "campaign")]
    unit: Option<String>,
}

/// `thoai import`: checked whole before anything changes.
pub(super) fn import(config: Option<&Path>, options: &Import) -> anyhow::Result<u8> {
    let Import { table, file, campaign, dry_run } = options;
    match campaign {
        Some(campaign) if table == TARGETS => return targets::import(config, file, campaign, *dry_run),
        Some(_) => bail!("--campaign is for targets; the organisation has its tables for all campaigns"),
        None => {}
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let config = super::open::config(config)?;
    let wanted = server::Import { table: table.clone(), text, by: whoami(), dry_run: *dry_run };
    let here = async |runtime: &Runtime| runtime.import(table, &wanted.text, &wanted.by, *dry_run).await;
    print(control::block_on(control::done(&config, "/import", &wanted, here))?, "\n")
}

/// `thoai export`: a table as it was imported; of units, where none was, the sample's.
pub(super) fn export(config: Option<&Path>, options: &Export) -> anyhow::Result<u8> {
    match &options.campaign {
        Some(campaign) if options.table == TARGETS => {
            return targets::export(config, campaign, options.unit.as_deref());
        }
        Some(_) => bail!("--campaign is for targets; the organisation has its tables for all campaigns"),
        None => {}
    }
    let config = super::open::config(config)?;
    let here = async |runtime: &Runtime| runtime.export(&options.table).await;
    print(control::block_on(control::done(&config, "/export", &options.table, here))?, "")
}

/// `thoai imports`: who put which table in force, one a line.
pub(super) fn list(config: Option<&Path>) -> anyhow::Result<u8> {
    let config = super::open::config(config)?;
    let here = async |runtime: &Runtime| runtime.imports().await;
    let listed = control::block_on(control::done::<Vec<Imported>, _>(&config, "/imports", &(), here))?;
    let lines = listed.map(|imports| {
        let line = |it: &Imported| format!("{}  {:<12} {}  {}\n", it.at.to_rfc3339(), it.table, it.digest, it.by);
        imports.iter().map(line).collect::<String>()
    });
    print(lines, "")
}

/// The name of whoever runs the command.
fn whoami() -> String {
    ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_else(|| "?".to_owned())
}

fn print(done: Result<String, String>, end: &str) -> anyhow::Result<u8> {
    match done {
        Ok(told) => print!("{told}{end}"),
        Err(problems) => {
            eprintln!("{problems}");
            return Ok(1);
        }
    }
    Ok(0)
}
