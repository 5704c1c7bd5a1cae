//! `thoai units`: the administrative units in force, shown, searched, and updated from new tables without a
//! rebuild.
//!
//! Only words and files; the tables are [`crate::place::units`]'s.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Subcommand;

use crate::config::Config;
use crate::place::units::{Change, Level, Unit, Units, table};
use crate::place::{Gazetteer, Scheme};

use super::control;

/// Most units that a search prints.
const MOST_FOUND: usize = 30;
/// Most changes of one kind that an update prints.
const MOST_CHANGES: usize = 20;

/// What can be done with units.
#[derive(Debug, Subcommand)]
pub(super) enum What {
    /// Everything about one unit.
    Show {
        /// Two digits for a province in force, five for a commune.
        code: String,
    },
    /// The units of a name, in force and before July 2025; accents and small slips do not matter.
    Search {
        /// The name, whole or the beginning of it.
        name: Vec<String>,
    },
    /// Put the units of new tables in force: checked whole before anything changes.
    Update {
        /// A folder with the official tables: provinces_new.tsv, wards_new.tsv, provinces_old.tsv,
        /// province_old_to_new.tsv, districts_old.tsv, wards_old.tsv, ward_old_to_new.tsv and, if there are any,
        /// old_former_names.tsv and aliases.tsv.
        folder: PathBuf,
        /// Tell what would change, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Write them to this file instead of the configured one, and tell no server.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// `thoai units`
pub(super) fn run(config: Option<&Path>, what: Option<&What>) -> anyhow::Result<u8> {
    let config = super::open::config(config)?;
    let places = super::open::places(&config)?;
    match what {
        None => print!("{}", summary(&config, places.units())),
        Some(What::Show { code }) => match shown(places.units(), code) {
            Some(text) => print!("{text}"),
            None => {
                eprintln!("no unit in force has the code {code}");
                return Ok(1);
            }
        },
        Some(What::Search { name }) => {
            let found = found(&places, &name.join(" "));
            if found.is_empty() {
                eprintln!("no unit is called so");
                return Ok(1);
            }
            print!("{found}");
        }
        Some(What::Update { folder, dry_run, out }) => {
            return update(&config, &places, folder, (*dry_run, out.as_deref()));
        }
    }
    Ok(0)
}

fn summary(config: &Config, units: &Units) -> String {
    let count = |scheme, level| units.all().iter().filter(|unit| (unit.scheme, unit.level) == (scheme, level)).count();
    let file = config.places.as_deref().filter(|file| file.exists());
    let origin = file.map_or_else(|| "the program's own".to_owned(), |file| file.display().to_string());
    let mut text = format!(
        "In force: {} provinces, {} communes. Known from before July 2025: {} provinces, {} districts, {} wards.\nFrom: {origin}\n",
        count(Scheme::New, Level::Province),
        count(Scheme::New, Level::Ward),
        count(Scheme::Old, Level::Province),
        count(Scheme::Old, Level::District),
        count(Scheme::Old, Level::Ward),
    );
    for province in units.all().iter().filter(|unit| (unit.scheme, unit.level) == (Scheme::New, Level::Province)) {
        let lies_in = |unit: &&Unit| unit.scheme == Scheme::New && units.province(unit).code == province.code;
        let communes = units.all().iter().filter(lies_in).count() - 1;
        text += &format!("  {} {:<28}{communes:>4} communes\n", province.code, province.full_name);
    }
    text
}

/// A unit in force with all that is known of it.
fn shown(units: &Units, code: &str) -> Option<String> {
    let unit = units.in_force(code)?;
    let mut text = format!("{} {}", unit.code, units.label(unit));
    if let Some(centre) = unit.centre {
        text += &format!("\n  centre {:.4} N, {:.4} E", centre.latitude, centre.longitude);
        text += &centre.area.map_or_else(String::new, |area| format!("; {area} km²"));
    }
    let became = units.all().iter().filter(|old| old.scheme == Scheme::Old && units.now(old).any(|now| now == unit));
    let wards: Vec<&Unit> = became.filter(|old| old.level == unit.level).collect();
    let word = if unit.level == Level::Province { "until June 2025:" } else { "land of:" };
    for old in wards {
        let part = if units.now(old).count() > 1 { " (a part)" } else { "" };
        text += &format!("\n  {word} {} {}{part}", old.code, units.label(old));
    }
    Some(text + "\n")
}

/// The units of a name, a line each.
fn found(places: &Gazetteer, name: &str) -> String {
    let units = places.units();
    let mut text = String::new();
    let all = places.search(name);
    for unit in all.iter().take(MOST_FOUND) {
        let now: Vec<String> = units.now(unit).map(|now| format!("{} {}", now.code, now.full_name)).collect();
        let became = match unit.scheme {
            Scheme::New => String::new(),
            Scheme::Old if now.is_empty() => "  (nobody knows what it became)".to_owned(),
            Scheme::Old => format!("  → {}", now.join(", ")),
        };
        let period = if unit.scheme == Scheme::New { "in force" } else { "until 2025" };
        text += &format!("{:<6}{period:<11}{}{became}\n", unit.code, units.label(unit));
    }
    if all.len() > MOST_FOUND {
        text += &format!("… and {} more\n", all.len() - MOST_FOUND);
    }
    text
}

fn update(
    config: &Config,
    before: &Gazetteer,
    folder: &Path,
    (dry_run, out): (bool, Option<&Path>),
) -> anyhow::Result<u8> {
    anyhow::ensure!(folder.is_dir(), "there is no folder {}", folder.display());
    let units = match table::read(|file| std::fs::read_to_string(folder.join(file)).ok()) {
        Ok(units) => units,
        Err(problems) => {
            for problem in &problems {
                eprintln!("{problem}");
            }
            eprintln!("{} problem(s); nothing has changed", problems.len());
            return Ok(1);
        }
    };
    print!("{}", changes(before.units(), &units));
    if dry_run {
        return Ok(0);
    }
    let Some(file) = out.or(config.places.as_deref()) else {
        bail!("the store is in memory: name a file with places.file, or with --out");
    };
    let text = units.compact();
    write(file, &text).with_context(|| format!("cannot write {}", file.display()))?;
    println!("written to {}", file.display());
    if out.is_some() {
        return Ok(0);
    }
    let body = serde_json::to_vec(&text)?;
    let Some(answer) = control::block_on(control::ask(config, "/places", body))? else {
        println!("in force from the next start of the server on");
        return Ok(0);
    };
    if let Some(problem) = answer["error"].as_str() {
        bail!("the running server refused them: {problem}");
    }
    for lost in answer["ok"].as_array().into_iter().flatten() {
        eprintln!(
            "a unit's place is no longer in force, import the unit table anew: {}",
            lost.as_str().unwrap_or_default()
        );
    }
    println!("in force");
    Ok(0)
}

/// What an update changes, in words.
fn changes(before: &Units, after: &Units) -> String {
    let all = before.changes(after);
    if all.is_empty() {
        return "nothing changes in force\n".to_owned();
    }
    let mut text = String::new();
    for (word, kind) in
        [("new", Change::New), ("gone", Change::Gone), ("renamed", Change::Renamed), ("moved", Change::Moved)]
    {
        let of_kind: Vec<&(Change, String)> = all.iter().filter(|(change, _)| *change == kind).collect();
        for (_, what) in of_kind.iter().take(MOST_CHANGES) {
            text += &format!("{word:<9}{what}\n");
        }
        if of_kind.len() > MOST_CHANGES {
            text += &format!("{word:<9}… and {} more\n", of_kind.len() - MOST_CHANGES);
        }
    }
    text
}

/// Writes a file whole or not at all.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let beside = file.with_extension("new");
    std::fs::write(&beside, text)?;
    std::fs::File::open(&beside)?.sync_all()?;
    std::fs::rename(&beside, file)
}
