//! Progress through a flow. Holds names, never indexes, so that a flow may be edited while people are in it.

use serde::{Deserialize, Serialize};

use super::address::{Address, AddressPart};
use super::message::Choice;
use super::slot::Slots;

/// Where one contact stands in one flow. A session always waits for the contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The flow's name.
    pub flow: String,
    /// The step that waits.
    pub step: String,
    /// What it waits for.
    pub waiting: Waiting,
    /// How many answers the current question has refused so far.
    #[serde(default)]
    pub tries: u8,
    /// The slots filled so far.
    #[serde(default)]
    pub slots: Slots,
    /// The `confirm` step to go back to once the slot being put right is filled again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fixing: Option<String>,
    /// The question as the contact last saw it, to be repeated after an interrupt.
    pub question: Question,
}

/// A question as it was put.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The wording, rendered.
    pub text: String,
    /// What could be tapped.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub choices: Vec<Choice>,
}

/// What the waiting step waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum Waiting {
    /// The value of the step's slot.
    Answer,
    /// Yes or no to a value that was known already, or that value's replacement.
    Known {
        /// The value in question is kept here until the contact agrees.
        value: super::slot::Value,
    },
    /// A part that the address lacks.
    Part {
        /// Which.
        part: AddressPart,
        /// What is known of the address so far.
        so_far: Address,
    },
    /// Yes or no to the best guess, or one of several.
    Unsure {
        /// Best first, one to three.
        guesses: Vec<Address>,
    },
    /// Yes or no to the summary of a `confirm` step.
    Confirm,
    /// Which of the summary's slots is wrong.
    Which,
    /// A clear answer to a pushed prompt, the first one having been unclear.
    Prompt {
        /// The campaign.
        campaign: String,
    },
    /// A person has the conversation; the flow goes on when it is given back.
    Person,
    /// Yes or no to the confirmation of an interrupt; the question interrupted waits behind it.
    Interrupt {
        /// The interrupt's name.
        name: String,
        /// What the step was waiting for.
        back: Box<Waiting>,
        /// The question the step had put.
        question: Question,
    },
}
