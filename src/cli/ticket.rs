//! `thoai ticket where`

use std::path::Path;

use clap::Subcommand;

use crate::domain::ticket::TicketKind;
use crate::place::Hint;
use crate::routing::import::{self, Tables};
use crate::routing::{Idle, Organisation};
use crate::runtime::clock;
use crate::server::control::Whither;

use super::control;

/// What can be asked.
#[derive(Debug, Subcommand)]
pub(super) enum What {
    /// Where a ticket for this address would go, and why. Makes nothing.
    Where {
        /// The address in words.
        address: String,
        /// What the ticket would be for.
        #[arg(long, default_value = "sim_swap", value_parser = kind)]
        kind: TicketKind,
        /// A unit table to ask instead of the shipped sample.
        #[arg(long, value_name = "FILE")]
        units: Option<std::path::PathBuf>,
    },
}

fn kind(name: &str) -> Result<TicketKind, String> {
    let known = TicketKind::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    known.ok_or_else(|| format!("one of {}", TicketKind::ALL.map(|(name, _)| name).join(", ")))
}

/// `thoai ticket`
pub(super) fn run(config: Option<&Path>, what: &What) -> anyhow::Result<u8> {
    let What::Where { address, kind, units } = what;
    let config = super::open::config(config)?;
    if units.is_none() {
        // The organisation in force, with what its units have to do today, where a server runs.
        let asked = serde_json::to_vec(&Whither { address: address.clone(), kind: *kind })?;
        if let Some(answer) = control::block_on(control::ask(&config, "/where", asked))? {
            println!("{}", answer["ok"]);
            return Ok(0);
        }
    }
    let places = super::open::places(&config)?;
    let organisation = match units {
        None => Organisation::sample(),
        Some(file) => match import::read(&Tables::of_units(&std::fs::read_to_string(file)?), &places) {
            Ok(organisation) => organisation,
            Err(problems) => {
                for problem in problems {
                    eprintln!("{problem}");
                }
                return Ok(1);
            }
        },
    };
    let place = places.resolve(address, &Hint::default()).address;
    println!("{}", serde_json::to_string(&organisation.dry_run(*kind, place, clock::now().day(), &Idle))?);
    Ok(0)
}
