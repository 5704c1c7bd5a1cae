//! Floor 1: where a ticket goes, and why.
//!
//! An [`Organisation`] is the units with the territories they work in, its holidays and the zones in quarantine, each
//! for as long as it is valid; `decide` picks the unit for one request, always, and writes down every reason. Knows
//! codes of places, never how an address is read (`place`), nor who stores tickets or tells units about them
//! (`store`, `runtime`). [`import`] reads the tables from CSV, [`sample`] are those in force until an operator
//! imports theirs.

pub mod calendar;
pub mod decide;
pub mod import;
pub mod life;
pub mod organisation;
pub mod promise;
pub mod sample;

pub use decide::{Asked, Decision, Idle, Loads, Where};
pub use life::{Outcome, Refusal, Step, World};
pub use organisation::{Abilities, Assignment, Member, Organisation, Person, Span, Territory, Zone};
pub use promise::Policy;
