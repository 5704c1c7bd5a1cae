//! Takes in the unit table: checked whole, stored, then in force; or refused whole.

use crate::place::Gazetteer;
use crate::place::units::Units;
use crate::routing;
use crate::store::StoreError;

use super::Runtime;

/// Where the unit table is kept, as it came.
pub const UNITS: &str = "units.csv";
/// Largest table taken, in bytes.
const LARGEST: usize = 4 << 20;

impl Runtime {
    /// Puts the units of a CSV text in force. Returns how many there are.
    ///
    /// # Errors
    /// Every problem of the table with its line; nothing has changed then.
    pub async fn import_units(&self, csv: &str) -> Result<usize, Vec<String>> {
        if csv.len() > LARGEST {
            return Err(vec![format!("the file is larger than {} MiB", LARGEST >> 20)]);
        }
        let organisation = routing::import::read(csv, self.places().as_ref()).map_err(|problems| {
            problems
                .iter()
                .map(|problem| format!("line {}: {}: {}", problem.line, problem.column_name, problem.message_vi))
                .collect::<Vec<_>>()
        })?;
        let count = organisation.units().len();
        self.keep_units(csv).await.map_err(|error| vec![error.to_string()])?;
        self.replace_organisation(organisation);
        Ok(count)
    }

    /// Puts the administrative units of a compact text in force. Returns the units of the organisation whose
    /// places are no more, as `hcm_sg: ward:26740`. The caller keeps the text.
    ///
    /// # Errors
    /// Every problem of the text with its line; nothing has changed then.
    pub fn adopt_places(&self, text: &str) -> Result<Vec<String>, String> {
        let units = Units::parse(text)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
        let places = Gazetteer::of(units);
        let lost = self.organisation().lost(&places);
        self.replace_places(places);
        Ok(lost)
    }

    async fn keep_units(&self, csv: &str) -> Result<(), StoreError> {
        let before = self.store.get(UNITS).await?;
        self.store.replace(UNITS, before.as_deref(), csv.as_bytes()).await
    }
}
