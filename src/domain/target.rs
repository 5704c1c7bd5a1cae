//! A subscriber that a campaign should reach, as its list of targets has it.

use serde::{Deserialize, Serialize};

use super::id::{TicketId, UnitId};
use super::phone::Phone;
use super::time::Timestamp;

/// One row of a list of targets. The list is named like its campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Whose SIM.
    pub phone: Phone,
    /// The subscriber's name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Five-digit code of the commune in force.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ward: Option<String>,
    /// Two-digit code of the province in force.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub province: Option<String>,
    /// The address as it was written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address: Option<String>,
    /// The sales route, by the company's own code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub route: Option<String>,
    /// The unit that the list itself names.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit: Option<UnitId>,
    /// The unit that has to reach the subscriber.
    pub given_to: UnitId,
    /// How far that is.
    pub state: TargetState,
    /// When something of this changed last.
    pub at: Timestamp,
}

/// How far a subscriber has been reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetState {
    /// Nothing has happened.
    New,
    /// The campaign's question was put to them.
    Invited,
    /// They answered yes.
    SaidYes,
    /// They answered no.
    SaidNo,
    /// There is an open ticket.
    Ticket(TicketId),
    /// They have what the campaign offers.
    Done,
    /// Their ticket ended otherwise.
    Ended,
}

impl TargetState {
    /// The name of every state, in the order in which a subscriber goes through them.
    pub const NAMES: [&'static str; 7] = ["new", "invited", "said_yes", "said_no", "ticket", "done", "ended"];

    /// Its place in [`Self::NAMES`].
    pub fn number(&self) -> usize {
        match self {
            Self::New => 0,
            Self::Invited => 1,
            Self::SaidYes => 2,
            Self::SaidNo => 3,
            Self::Ticket(_) => 4,
            Self::Done => 5,
            Self::Ended => 6,
        }
    }

    /// Its name in lists.
    pub fn name(&self) -> &'static str {
        Self::NAMES[self.number()]
    }

    /// The state once something has happened; `None` where that changes nothing. News comes late and more than once:
    /// nobody is invited again, words do not undo a ticket, and nothing undoes that it is done.
    pub fn after(&self, event: &TargetEvent) -> Option<Self> {
        let next = match (event, self) {
            (TargetEvent::Invited, Self::New) => Self::Invited,
            (TargetEvent::Invited, _) | (_, Self::Done) => return None,
            (TargetEvent::Answered { .. }, Self::Ticket(_)) => return None,
            (TargetEvent::Answered { yes: true }, _) => Self::SaidYes,
            (TargetEvent::Answered { yes: false }, _) => Self::SaidNo,
            (TargetEvent::Opened { ticket }, _) => Self::Ticket(ticket.clone()),
            (TargetEvent::Closed { ticket, done }, Self::Ticket(open)) if open == ticket => match done {
                true => Self::Done,
                false => Self::Ended,
            },
            (TargetEvent::Closed { .. }, _) => return None,
        };
        (next != *self).then_some(next)
    }
}

/// What happens to somebody on a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetEvent {
    /// The campaign's question was put to them.
    Invited,
    /// They answered it.
    Answered {
        /// With yes.
        yes: bool,
    },
    /// They have a ticket.
    Opened {
        /// Which.
        ticket: TicketId,
    },
    /// It is over.
    Closed {
        /// Which.
        ticket: TicketId,
        /// They have what they wanted.
        done: bool,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_follows_what_happens_and_old_news_does_not_bring_it_back() {
        let (ticket, other) = (TicketId::new("t_1"), TicketId::new("t_2"));
        let opened = TargetEvent::Opened { ticket: ticket.clone() };
        let closed = |ticket: &TicketId, done| TargetEvent::Closed { ticket: ticket.clone(), done };
        let (yes, no) = (TargetEvent::Answered { yes: true }, TargetEvent::Answered { yes: false });
        let follow = |events: &[&TargetEvent]| {
            events.iter().fold(TargetState::New, |state, event| state.after(event).unwrap_or(state))
        };
        assert_eq!(follow(&[&TargetEvent::Invited, &no, &TargetEvent::Invited]), TargetState::SaidNo);
        assert_eq!(follow(&[&yes, &opened, &no, &TargetEvent::Invited]), TargetState::Ticket(ticket.clone()));
        assert_eq!(follow(&[&opened, &closed(&other, true)]), TargetState::Ticket(ticket.clone()));
        assert_eq!(follow(&[&opened, &closed(&ticket, true), &opened, &no]), TargetState::Done);
        assert_eq!(follow(&[&opened, &closed(&ticket, false)]), TargetState::Ended);
        assert_eq!(follow(&[&opened, &closed(&ticket, false), &yes]), TargetState::SaidYes);
        assert_eq!(follow(&[&closed(&ticket, true)]), TargetState::New);
        assert_eq!(TargetState::SaidNo.after(&no), None, "nothing changed");
        assert_eq!(TargetState::Ticket(ticket).name(), "ticket");
    }
}
