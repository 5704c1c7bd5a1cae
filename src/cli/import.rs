//! `thoai import`, `thoai export`

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::routing::import::TABLES;
use crate::runtime::Runtime;
use crate::server::control as server;

use super::control;

/// Arguments of `thoai import`.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// Which: units, territories, holidays or zones.
    #[arg(value_parser = TABLES)]
    table: String,
    /// The file, as CSV.
    file: PathBuf,
    /// Tell what would be, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Arguments of `thoai export`.
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// Which: units, territories, holidays or zones.
    #[arg(value_parser = TABLES)]
    table: String,
}

/// `thoai import`: checked whole before anything changes.
pub(super) fn import(config: Option<&Path>, options: &Import) -> anyhow::Result<u8> {
    let Import { table, file, dry_run } = options;
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let config = super::open::config(config)?;
    let wanted = server::Import { table: table.clone(), text, dry_run: *dry_run };
    let here = async |runtime: &Runtime| runtime.import(table, &wanted.text, *dry_run).await;
    print(control::block_on(control::done(&config, "/import", &wanted, here))?, "\n")
}

/// `thoai export`: a table as it was imported; of units, where none was, the sample's.
pub(super) fn export(config: Option<&Path>, options: &Export) -> anyhow::Result<u8> {
    let config = super::open::config(config)?;
    let here = async |runtime: &Runtime| runtime.export(&options.table).await;
    print(control::block_on(control::done(&config, "/export", &options.table, here))?, "")
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
