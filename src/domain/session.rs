//! Progress through a flow. Holds names, never indexes, so that a flow may be edited while people are in it.

use serde::{Deserialize, Serialize};

use super::address::{Address, AddressPart};
use super::message::Choice;
use super::phone::Phone;
use super::slot::{Slots, Value};
use super::time::Timestamp;

/// Where one contact stands. A session always waits: for the contact, a service, a person or a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The revision of the flows it moves in; 0 where flows are not published.
    #[serde(default)]
    pub revision: u32,
    /// The flow's name.
    pub flow: String,
    /// The step that waits.
    pub step: String,
    /// What it waits for.
    pub waiting: Waiting,
    /// How many answers the current question has refused so far.
    #[serde(default)]
    pub tries: u8,
    /// Places that the current question has proposed and the contact has refused: codes of communes, or of
    /// provinces where no commune was proposed.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub rejected: Vec<String>,
    /// What the flow knows and has done.
    #[serde(flatten)]
    pub progress: Progress,
    /// The flows that wait for this one to return, the outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub callers: Vec<Caller>,
    /// The question as the contact last saw it, to be repeated after an interrupt.
    pub question: Question,
    /// What happens next if nobody says anything.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due: Option<Due>,
    /// When the contact last spoke in it, or when it went on by itself: from then on silence is counted.
    #[serde(default)]
    pub heard: Timestamp,
    /// How many reminders followed; 255 when the contact was given up since.
    #[serde(default)]
    pub reminded: u8,
}

/// What one flow knows and has done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The slots filled so far.
    #[serde(default)]
    pub slots: Slots,
    /// Values whose question has not come: given ahead of it, or given behind a step that the contact went
    /// back to. Taken up when the question comes.
    #[serde(skip_serializing_if = "Slots::is_empty", default)]
    pub ahead: Slots,
    /// The steps passed, in order, as far back as the contact can go: to the last hand-off.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub trail: Vec<String>,
    /// Steps passed before the contact went back that need not be done again: what was said, and calls of a
    /// service that would be sent the same.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub spoken: Vec<String>,
}

/// A flow that runs another one and waits for it to return.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// Its name.
    pub flow: String,
    /// Its `run` step.
    pub step: String,
    /// What it knows and has done.
    #[serde(flatten)]
    pub progress: Progress,
}

/// A moment at which a session moves by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// When.
    pub at: Timestamp,
    /// To do what.
    pub what: Move,
}

/// What a session does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Move {
    /// Reminds the contact of the question.
    Remind,
    /// Gives the contact up.
    Expire,
    /// Goes on after a pause.
    Resume,
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
        value: Value,
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
        /// What may have been meant.
        guesses: Guesses,
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
    /// A service's answer.
    Call {
        /// The call, as the engine named it.
        call: String,
    },
    /// The moment in [`Session::due`].
    Pause,
    /// Yes or no to the confirmation of an interrupt; the question interrupted waits behind it.
    Interrupt {
        /// The interrupt's name.
        name: String,
        /// What the step was waiting for.
        back: Box<Waiting>,
        /// The question the step had put.
        question: Question,
    },
    /// Yes or no to a correction of an earlier answer, or which of several was meant; the question
    /// interrupted waits behind it.
    Correct {
        /// The slots that can have been meant and their new values; never empty.
        values: Vec<(String, Value)>,
        /// What the step was waiting for.
        back: Box<Waiting>,
        /// The question the step had put.
        question: Question,
    },
}

/// What the contact may have meant: one to three values of one type, best first. Stored as the bare list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Guesses {
    /// Addresses.
    Addresses(Vec<Address>),
    /// Phone numbers.
    Phones(Vec<Phone>),
}

impl Guesses {
    /// How many there are.
    pub fn count(&self) -> usize {
        match self {
            Self::Addresses(addresses) => addresses.len(),
            Self::Phones(phones) => phones.len(),
        }
    }

    /// The guess at this place.
    pub fn value(&self, ix: usize) -> Option<Value> {
        match self {
            Self::Addresses(addresses) => addresses.get(ix).cloned().map(Value::Address),
            Self::Phones(phones) => phones.get(ix).cloned().map(Value::Phone),
        }
    }

    /// What each is called where there is a choice: `Phường Sài Gòn`, `0901 234 567`. The province is named where
    /// it tells addresses apart, and so is the ward's former name: `Phường Sài Gòn (Phường Bến Nghé cũ)`.
    pub fn labels(&self) -> Vec<String> {
        match self {
            Self::Addresses(addresses) => {
                let differ =
                    |of: fn(&Address) -> Option<&str>| addresses.windows(2).any(|two| of(&two[0]) != of(&two[1]));
                let in_provinces = differ(|address| address.province.as_deref());
                let were_other_wards = differ(|address| address.old_ward_code.as_deref());
                let label = |address: &Address| {
                    let is_short = address.ward.is_some() && !in_provinces;
                    let name = if is_short { address.ward_name() } else { &address.label };
                    match address.former_name().filter(|_| were_other_wards) {
                        Some(former) => format!("{name} ({former} cũ)"),
                        None => name.to_owned(),
                    }
                };
                addresses.iter().map(label).collect()
            }
            Self::Phones(phones) => phones.iter().map(Phone::national).collect(),
        }
    }

    /// Whether they are the same places, or the same numbers.
    pub fn are_those(&self, others: &Self) -> bool {
        match (self, others) {
            (Self::Addresses(_), Self::Addresses(_)) => self.places() == others.places(),
            _ => self == others,
        }
    }

    /// The codes of the places among them.
    pub fn places(&self) -> Vec<String> {
        match self {
            Self::Addresses(addresses) => {
                addresses.iter().filter_map(|address| address.place().map(str::to_owned)).collect()
            }
            Self::Phones(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_are_stored_as_a_bare_list_and_addresses_as_ever() {
        let stored = r#"{"for":"unsure","guesses":[{"text":"12 Lê Lợi","label":"Huế"}]}"#;
        let Waiting::Unsure { guesses } = serde_json::from_str(stored).unwrap() else { panic!("{stored}") };
        assert_eq!(guesses.labels(), ["Huế"]);
        let waiting = Waiting::Unsure { guesses: Guesses::Phones(vec![Phone::from_significant("901234567")]) };
        let stored = serde_json::to_string(&waiting).unwrap();
        assert_eq!(stored, r#"{"for":"unsure","guesses":["+84901234567"]}"#);
        assert_eq!(serde_json::from_str::<Waiting>(&stored).unwrap(), waiting);
    }
}
