//! Vietnam's administrative units, before and since July 2025, and the reading of addresses.
//!
//! An address may name old or new units, or both, with or without accents, abbreviated or misspelt; the
//! answer is always in the units in force. Knows nothing of who serves a place (that is `routing`). The units
//! are in [`units`], found by name with `names`; the reading starts at `resolve` and goes through `typed`, `scene`,
//! `hit` and `score`.

use crate::domain::address::{Address, AddressPart};
use crate::text::Decision;

mod contradiction;
pub mod gazetteer;
mod hit;
mod letter;
mod names;
mod nearest;
mod resolve;
mod scene;
mod score;
mod slip;
mod street;
#[cfg(test)]
mod tests;
mod trie;
mod typed;
pub mod units;
mod weight;

pub use self::gazetteer::Gazetteer;

/// What is known before an address is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    /// Two-digit code of the province in force where the address surely or probably is.
    pub province: Option<String>,
    /// Three-digit code of the old district where it surely or probably is.
    pub district: Option<String>,
    /// Five-digit code of the commune in force where it probably is: by an earlier answer, a shared location, a
    /// campaign's list.
    pub ward: Option<String>,
    /// Codes of communes, or of provinces where no commune was in question, that are not to be among the candidates:
    /// the contact has said that it is none of them.
    pub rejected: Vec<String>,
}

impl Hint {
    /// What is known of an address already.
    pub fn of(address: &Address) -> Self {
        Self {
            province: address.province.clone(),
            district: address.old_district.clone(),
            ward: address.ward.clone(),
            rejected: Vec::new(),
        }
    }
}

/// Which set of units a text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Province, district, ward: until 30 June 2025.
    Old,
    /// Province and commune: since 1 July 2025.
    New,
}

impl Scheme {
    /// `old`, `new`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

/// One possible reading of an address.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The address it would be.
    pub address: Address,
    /// 0 to 1.
    pub confidence: f32,
}

/// Why a reading is not an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// No place is named.
    NoPlace,
    /// Several places are called so.
    Several,
    /// A commune in force is called so, and an old ward whose land is elsewhere now.
    OldOrNew,
    /// What is named does not lie in one another, or not in the province of the hint.
    Contradiction,
    /// Too little of it, or too badly spelt, to be more than a guess.
    Guess,
}

impl Doubt {
    /// `no_place`, `several`, `old_or_new`, `contradiction`, `guess`.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoPlace => "no_place",
            Self::Several => "several",
            Self::OldOrNew => "old_or_new",
            Self::Contradiction => "contradiction",
            Self::Guess => "guess",
        }
    }
}

/// What a text says about a place.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaceReading {
    /// How sure the finest level found is; a province alone can be an `Answer`, see `missing`.
    pub decision: Decision,
    /// Why it is no `Answer`; `None` for one.
    pub doubt: Option<Doubt>,
    /// What is sure, with the street. On `Ask` it holds what all candidates have in common.
    pub address: Address,
    /// Of the best candidate; `None` when nothing was found.
    pub scheme: Option<Scheme>,
    /// Of the best candidate, 0 to 1; at most a half where it is to be asked about.
    pub confidence: f32,
    /// The parts that `address` lacks, in the order in which to ask for them.
    pub missing: Vec<AddressPart>,
    /// At most three, best first.
    pub candidates: Vec<Candidate>,
}
