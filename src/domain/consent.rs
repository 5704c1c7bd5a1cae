//! The proof that a customer agreed, refused or withdrew. It outlives the erasure of everything else.

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// What the customer decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConsentDecision {
    /// Agreed to the question shown.
    Granted,
    /// Said no to it.
    Refused,
    /// Took an earlier agreement back, or asked for erasure.
    Withdrawn,
}

/// One decision, with the question it answers. The answer is kept verbatim because the law asks for a
/// verifiable proof (Law 91/2025/QH15, Decree 356/2025/ND-CP).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Granted, refused or withdrawn.
    pub decision: ConsentDecision,
    /// When it was said.
    pub at: Timestamp,
    /// Flow and step that asked, `doi-sim-4g/moi_xong`; empty when the platform reported it.
    pub asked_by: String,
    /// The question as the customer saw it.
    pub question: String,
    /// The answer as it was typed or tapped.
    pub answer: String,
}
