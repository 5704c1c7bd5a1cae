//! Lists of targets: taken in piece by piece, given to the units, shown page by page; and what happens to those in them.
//!
//! What tickets make of rows, the store does in the same write; see [`crate::store::Targets`].

use serde::{Deserialize, Serialize};

use crate::domain::id::UnitId;
use crate::domain::phone::Phone;
use crate::domain::target::{Target, TargetEvent, TargetState};
use crate::domain::ticket::Ticket;
use crate::routing::import::ImportProblem;
use crate::routing::import::targets::{Partition, TargetRow, responsible};
use crate::store::{PutTargets, StoreError};

use super::{Runtime, clock};

/// Rows of a page.
const PAGE: usize = 1_000;

/// What became of a piece of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// What the good rows changed.
    pub put: PutTargets,
    /// Good rows whose place is not known.
    pub without_place: u64,
    /// What is wrong with the others, one for each.
    pub problems: Vec<ImportProblem>,
}

/// A row of a list as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedTarget {
    /// The row.
    pub target: Target,
    /// The name of the unit that has to reach the subscriber; empty when there is no such unit any more.
    pub unit_name: String,
    /// Who answers for where the subscriber is, and their number.
    pub responsible: Option<(String, Option<String>)>,
}

impl Runtime {
    /// Takes rows into a campaign's list and gives them to the units; with `dry_run` only tells what is wrong.
    ///
    /// # Errors
    /// When no flow has the campaign, or the store cannot be used: none of these rows is in the list then.
    pub async fn import_targets(&self, list: &str, rows: Vec<TargetRow>, dry_run: bool) -> Result<Taken, String> {
        if !self.flows().flows.values().any(|flow| flow.entry.prompts.contains_key(list)) {
            return Err(format!("no flow has a prompt for the campaign \"{list}\""));
        }
        let (organisation, places) = (self.organisation(), self.places());
        // Reading addresses keeps a thread busy, which customers' turns need.
        let given = tokio::task::spawn_blocking(move || {
            let mut partition = Partition::new(&organisation, &places, clock::now());
            let (mut targets, mut problems) = (Vec::with_capacity(rows.len()), Vec::new());
            for row in rows {
                match partition.give(row) {
                    Ok(target) => targets.push(target),
                    Err(problem) => problems.push(problem),
                }
            }
            (targets, problems)
        });
        let (targets, problems) = given.await.map_err(|error| error.to_string())?;
        let placeless = |target: &&Target| target.ward.is_none() && target.province.is_none();
        let without_place = targets.iter().filter(placeless).count() as u64;
        let put = match dry_run {
            true => PutTargets::default(),
            false => self.store.put_targets(list, &targets).await.map_err(|error| error.to_string())?,
        };
        Ok(Taken { put, without_place, problems })
    }

    /// The rows of a campaign's list that were given to a unit, or all of them, from the one after `after`; none at
    /// the end.
    ///
    /// # Errors
    /// When there is no such list, or the store cannot be used.
    pub async fn targets(
        &self,
        list: &str,
        unit: Option<&UnitId>,
        after: Option<&Target>,
    ) -> Result<Vec<ListedTarget>, String> {
        let told = |error: StoreError| error.to_string();
        if after.is_none() && !self.store.target_lists().await.map_err(told)?.iter().any(|known| known == list) {
            return Err(format!("there is no list for the campaign \"{list}\""));
        }
        let page = self.store.targets_of(list, unit, after, PAGE).await.map_err(told)?;
        let (organisation, day) = (self.organisation(), clock::now().day());
        let listed = |target: Target| {
            let unit_name = organisation.unit(&target.given_to).map(|member| member.unit.name.clone());
            let person = responsible(&organisation, &target, day);
            let responsible = person.map(|person| (person.name.clone(), person.phone.clone()));
            ListedTarget { unit_name: unit_name.unwrap_or_default(), responsible, target }
        };
        Ok(page.into_iter().map(listed).collect())
    }

    /// How many on a campaign's list are in each state, by its name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn count_targets(&self, list: &str) -> Result<Vec<(String, u64)>, StoreError> {
        let counts = self.store.count_targets(list).await?;
        Ok(TargetState::NAMES.iter().map(|name| (*name).to_owned()).zip(counts).collect())
    }

    /// The ticket with the unit that has to reach its subscriber by the last list that changed, if it says itself of
    /// no place.
    pub(super) async fn at_home(&self, ticket: &Ticket) -> Result<Ticket, StoreError> {
        let mut ticket = ticket.clone();
        let is_placed = ticket.request.place.as_ref().is_some_and(|place| place.place().is_some());
        let phone = ticket.phones().next().cloned();
        if let Some(phone) = phone.filter(|_| !is_placed && ticket.course.home.is_none()) {
            let rows = self.store.targets_with(&phone).await?;
            let last = rows.into_iter().map(|(_, row)| row).max_by_key(|row| row.at);
            ticket.course.home = last.map(|row| row.given_to);
        }
        Ok(ticket)
    }

    /// Writes down what happened to a number that a campaign should reach.
    pub(super) async fn mark_target(&self, list: &str, phone: &Phone, event: TargetEvent) -> Result<(), StoreError> {
        self.store.mark_target(Some(list), phone, &event, clock::now()).await.map(drop)
    }
}
