//! Takes in the organisation's tables: checked whole, stored, then in force; or refused whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::time::{Day, Timestamp};
use crate::place::Gazetteer;
use crate::place::units::Units;
use crate::routing::import::{self, Anywhere, TABLES, Tables};
use crate::routing::sample::UNITS_CSV;
use crate::routing::{Organisation, Territory};
use crate::store::{Store, StoreError};

use super::{Runtime, clock};

/// Largest table taken, in bytes.
const LARGEST: usize = 4 << 20;
/// Where it is kept who put which table in force, how many are, and how long a name may be.
const IMPORTS: &str = "imports";
const MOST_IMPORTS: usize = 1_000;
const LONGEST_NAME: usize = 64;
/// Most communes named of those that nobody serves.
const MOST_NAMED: usize = 20;

/// That somebody put a table in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// When.
    pub at: Timestamp,
    /// Which.
    pub table: String,
    /// Who, as the machine knows them.
    pub by: String,
    /// What tells its text from others.
    pub digest: String,
}

/// The tables as they were imported; `None` when none of units was.
///
/// # Errors
/// When they cannot be read.
pub async fn tables(store: &dyn Store) -> Result<Option<Tables>, StoreError> {
    let mut tables = Tables::default();
    for table in TABLES {
        let text = store.get(&kept(table)).await?.unwrap_or_default();
        let text = String::from_utf8(text).map_err(|_| StoreError::Corrupt { key: kept(table) })?;
        if table == TABLES[0] && text.is_empty() {
            return Ok(None);
        }
        tables = tables.with(table, text).expect("it is one of the tables");
    }
    Ok(Some(tables))
}

/// The name under which a table is kept.
fn kept(table: &str) -> String {
    format!("{table}.csv")
}

impl Runtime {
    /// Puts one of the organisation's tables in force in the place of the one before, together with the others; with
    /// `dry_run` only tells what would be. It is written down who did it. Returns what the organisation is then, in Vietnamese.
    ///
    /// # Errors
    /// Every problem of the tables with its line; nothing has changed then.
    pub async fn import(&self, table: &str, text: &str, by: &str, dry_run: bool) -> Result<String, String> {
        if text.len() > LARGEST {
            return Err(format!("the file is larger than {} MiB", LARGEST >> 20));
        }
        let store = self.store.as_ref();
        let before = tables(store).await.map_err(|error| error.to_string())?;
        let before = before.unwrap_or_else(|| Tables::of_units(UNITS_CSV));
        let after = before.with(table, text.to_owned()).ok_or_else(|| format!("there is no table \"{table}\""))?;
        let places = self.places();
        let organisation = import::read(&after, places.as_ref())
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
        let told = summary(&organisation, &places, clock::now().day());
        if !dry_run {
            self.note_import(table, text, by).await.map_err(|error| error.to_string())?;
            self.keep(table, text).await.map_err(|error| error.to_string())?;
            self.replace_organisation(organisation);
            self.leave_closed_units().await.map_err(|error| error.to_string())?;
        }
        Ok(told)
    }

    /// Puts the administrative units of a compact text in force, for the organisation's tables, too. Returns the units
    /// of the organisation whose places are no more, as `hcm_sg: ward:26740`. The caller keeps the text.
    ///
    /// # Errors
    /// Every problem of the text with its line; nothing has changed then.
    pub async fn adopt_places(&self, text: &str) -> Result<Vec<String>, String> {
        let units = Units::parse(text)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
        let places = Gazetteer::of(units);
        let tables = tables(self.store.as_ref()).await.map_err(|error| error.to_string())?;
        // Which communes an old district has become is known to the places, and was read from those before.
        if let Some(Ok(organisation)) = tables.map(|tables| import::read(&tables, &Anywhere(&places))) {
            self.replace_organisation(organisation);
        }
        let lost = self.organisation().lost(&places);
        self.replace_places(places);
        Ok(lost)
    }

    /// A table as it was imported; of units, where none was, the sample's.
    ///
    /// # Errors
    /// When it cannot be read, or nothing was imported.
    pub async fn export(&self, table: &str) -> Result<String, String> {
        let tables = tables(self.store.as_ref()).await.map_err(|error| error.to_string())?;
        let tables = tables.unwrap_or_else(|| Tables::of_units(UNITS_CSV));
        let text = tables.get(table).filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or_else(|| format!("nothing was imported into {table}"))
    }

    /// The tables that were put in force, the oldest first, at most the last 1,000.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn imports(&self) -> Result<Vec<Imported>, StoreError> {
        let kept = self.store.get(IMPORTS).await?;
        let corrupt = |_| StoreError::Corrupt { key: IMPORTS.to_owned() };
        kept.map_or(Ok(Vec::new()), |kept| serde_json::from_slice(&kept).map_err(corrupt))
    }

    /// Writes down that a table was put in force, before it is.
    async fn note_import(&self, table: &str, text: &str, by: &str) -> Result<(), StoreError> {
        let before = self.store.get(IMPORTS).await?;
        let mut imports = self.imports().await?;
        let digest = Sha256::digest(text)[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        let by = by.chars().filter(|char| !char.is_control()).take(LONGEST_NAME).collect();
        imports.push(Imported { at: clock::now(), table: table.to_owned(), by, digest });
        let surplus = imports.len().saturating_sub(MOST_IMPORTS);
        imports.drain(..surplus);
        let after = serde_json::to_vec(&imports).expect("plain data can be written");
        self.store.replace(IMPORTS, before.as_deref(), &after).await
    }

    async fn keep(&self, table: &str, text: &str) -> Result<(), StoreError> {
        let name = kept(table);
        let before = self.store.get(&name).await?;
        self.store.replace(&name, before.as_deref(), text.as_bytes()).await
    }
}

/// What staff should know of an organisation before it is in force: how large it is, and which communes nobody
/// serves but the central unit.
fn summary(organisation: &Organisation, places: &Gazetteer, day: Day) -> String {
    let mut open: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut wards = 0;
    for (code, name, province) in places.wards() {
        wards += 1;
        if !organisation.is_served(code, province, day) {
            open.entry(province).or_default().push(name);
        }
    }
    let count: usize = open.values().map(Vec::len).sum();
    let shared = organisation.shared(day);
    let mut told = format!(
        "{} đơn vị, {} địa bàn; {} trên {wards} phường, xã có đơn vị phụ trách.",
        organisation.units().len(),
        organisation.territories().count(),
        wards - count
    );
    if count > 0 {
        let central = &organisation.central().unit.name;
        told.push_str(&format!("\nChưa có đơn vị phụ trách, sẽ về {central}:"));
        for (province, names) in open {
            let name = places.province_name(province).unwrap_or(province);
            let more = if names.len() > MOST_NAMED {
                format!(" và {} nơi nữa", names.len() - MOST_NAMED)
            } else {
                String::new()
            };
            let names: Vec<&str> = names.into_iter().take(MOST_NAMED).collect();
            told.push_str(&format!("\n  {name}: {}{more}", names.join(", ")));
        }
    }
    if !shared.is_empty() {
        let named: Vec<String> = shared.iter().take(MOST_NAMED).map(Territory::to_string).collect();
        told.push_str(&format!(
            "\n{} địa bàn có nhiều đơn vị cùng mức ưu tiên (chia theo số yêu cầu trong ngày): {}",
            shared.len(),
            named.join(", ")
        ));
    }
    told
}
