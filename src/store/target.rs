//! What a store promises of lists of targets. How it keeps them is in `kv`.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{StoreError, key};
use crate::domain::id::UnitId;
use crate::domain::phone::Phone;
use crate::domain::target::{Target, TargetEvent, TargetState};
use crate::domain::time::Timestamp;

/// The subscribers that campaigns should reach. A list is named like its campaign. A ticket moves the rows of its
/// subscriber by itself, see [`super::Tickets::create`] and [`super::Tickets::change`].
#[async_trait]
pub trait Targets: Send + Sync {
    /// Puts rows into a list. A number that has an open ticket comes in with it; of a number that is in the list state
    /// and moment stay, and the moment moves only where something else changed. Of the same number twice the later row
    /// counts. Fastest in the order of [`target_part`].
    async fn put_targets(&self, list: &str, rows: &[Target]) -> Result<PutTargets, StoreError>;

    /// A number's row in a list.
    async fn target(&self, list: &str, phone: &Phone) -> Result<Option<Target>, StoreError>;

    /// A number's rows in every list, with the lists' names.
    async fn targets_with(&self, phone: &Phone) -> Result<Vec<(String, Target)>, StoreError>;

    /// The rows of a list that were given to a unit, or all of them, in an order that means nothing, from the one after
    /// `after`.
    async fn targets_of(
        &self,
        list: &str,
        unit: Option<&UnitId>,
        after: Option<&Target>,
        limit: usize,
    ) -> Result<Vec<Target>, StoreError>;

    /// The names of the lists.
    async fn target_lists(&self) -> Result<Vec<String>, StoreError>;

    /// How many rows of a list are in each state, in the order of [`TargetState::NAMES`].
    async fn count_targets(&self, list: &str) -> Result<[u64; TargetState::NAMES.len()], StoreError>;

    /// Writes down what happened to a number, in one list or in all that have it. Returns how many rows that changed.
    async fn mark_target(
        &self,
        list: Option<&str>,
        phone: &Phone,
        event: &TargetEvent,
        at: Timestamp,
    ) -> Result<usize, StoreError>;
}

/// What became of rows that were put into a list of targets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutTargets {
    /// Numbers that were not in it.
    pub new: u64,
    /// Rows that say something else now.
    pub changed: u64,
    /// Rows that said the same already.
    pub same: u64,
}

/// Which of the parts of a list a number belongs to.
pub fn target_part(phone: &Phone) -> u16 {
    key::part(phone)
}
