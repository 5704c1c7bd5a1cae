//! `thoai import units`

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Subcommand;

use crate::runtime::Runtime;

use super::control;

/// What can be imported.
#[derive(Debug, Subcommand)]
pub(super) enum What {
    /// The units and their territories, as CSV: checked whole before anything changes.
    Units {
        /// The file.
        file: PathBuf,
    },
}

/// `thoai import`
pub(super) fn run(config: Option<&Path>, what: &What) -> anyhow::Result<u8> {
    let What::Units { file } = what;
    let config = super::open::config(config)?;
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    control::block_on(async {
        if let Some(answer) = control::ask(&config, "/import/units", text.clone().into_bytes()).await? {
            return Ok(control::told(&answer));
        }
        let runtime = Runtime::at_rest(super::open::parts(&config, "").await?);
        let imported = runtime.import_units(&text).await;
        match imported {
            Ok(units) => println!("{units} units are in force"),
            Err(problems) => {
                eprintln!("{}", problems.join("\n"));
                return Ok(1);
            }
        }
        Ok(0)
    })
}
