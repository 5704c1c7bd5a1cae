//! Runs stored conversations again from what came in, and compares what comes out with what was said: after
//! a change of the program nothing may differ, after a change of the flows one wants to know what would.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::channel::Channel;
use crate::domain::contact::Profile;
use crate::domain::conversation::{Conversation, Entry, Given, Line, Owner};
use crate::domain::id::ConversationId;
use crate::domain::message::{Choice, Event};
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::engine::{Effect, Input, Turn};
use crate::flow::Flows;
use crate::flow::migrate::Passage;

use super::decide::{Moment, stand};
use super::revision::{RevisionError, Side};
use super::{Runtime, registry};

/// Entries and conversations read in one go.
const PAGE: usize = 500;
/// Differences told of one conversation: after the first ones the rest follows from them.
const TOLD: usize = 20;

/// A conversation that was run again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// Which.
    pub conversation: ConversationId,
    /// How many turns were run.
    pub turns: usize,
    /// What was said otherwise, in order; the first few.
    pub differences: Vec<Difference>,
    /// Whether it stands where it stood.
    pub stands: bool,
}

/// A place where something else was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The transcript entry that was answered.
    pub entry: u64,
    /// What was said.
    pub before: Option<Said>,
    /// What is said now.
    pub now: Option<Said>,
}

/// Something the bot said. Holds what the contact told: not for logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The step that spoke, `flow/step`.
    pub step: String,
    /// The words.
    pub text: String,
    /// What could be tapped.
    pub choices: Vec<Choice>,
}

impl Replayed {
    /// Whether everything was as before.
    pub fn is_same(&self) -> bool {
        self.differences.is_empty() && self.stands
    }
}

/// One turn as it was taken down.
struct Taken {
    number: u64,
    at: Timestamp,
    event: Event,
    given: Given,
    said: Vec<Said>,
}

/// The flows that turns ran in, by revision.
struct Library<'a> {
    runtime: &'a Runtime,
    /// Every turn runs in these, instead.
    against: Option<Arc<Flows>>,
    known: BTreeMap<u32, Arc<Flows>>,
}

impl Library<'_> {
    async fn flows(&mut self, revision: u32) -> Result<Arc<Flows>, RevisionError> {
        if let Some(flows) = &self.against {
            return Ok(Arc::clone(flows));
        }
        if let Some(flows) = self.known.get(&revision) {
            return Ok(Arc::clone(flows));
        }
        let current = self.runtime.flows();
        let flows =
            if current.revision == revision { current } else { Arc::new(self.runtime.published(revision).await?) };
        self.known.insert(revision, Arc::clone(&flows));
        Ok(flows)
    }
}

impl Runtime {
    /// Runs a conversation again, or everyone's that is under way; `against` other flows than those it ran
    /// in, if given. Nothing is stored and nothing leaves.
    ///
    /// # Errors
    /// When the flows have problems or a revision is missing, or the store fails.
    pub async fn replay(
        &self,
        which: Option<&ConversationId>,
        against: Option<&Side>,
    ) -> Result<Vec<Replayed>, RevisionError> {
        let against = match against {
            Some(side) => Some(Arc::new(self.side(side).await?)),
            None => None,
        };
        let mut library = Library { runtime: self, against, known: BTreeMap::new() };
        let mut replayed = Vec::new();
        if let Some(id) = which {
            if let Some(stored) = self.store.load(id).await? {
                replayed.push(self.replay_one(&stored, &mut library).await?);
            }
            return Ok(replayed);
        }
        let mut after = None;
        loop {
            let page = self.store.sessions(after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(replayed) };
            after = Some(last.key.conversation());
            for stored in &page {
                replayed.push(self.replay_one(stored, &mut library).await?);
            }
        }
    }

    async fn replay_one(&self, stored: &Conversation, library: &mut Library<'_>) -> Result<Replayed, RevisionError> {
        let id = stored.key.conversation();
        let mut conversation = Conversation::new(stored.key.clone());
        let mut replayed = Replayed { conversation: id.clone(), turns: 0, differences: Vec::new(), stands: true };
        for taken in self.taken(&id).await? {
            let turn = self.run_again(&mut conversation, &taken, library).await?;
            let said = carry_out(&mut conversation, turn, taken.at);
            compare(&mut replayed.differences, taken, said);
            replayed.turns += 1;
        }
        replayed.differences.truncate(TOLD);
        let place = |session: &Option<Session>| session.clone().map(|session| Session { due: None, ..session });
        replayed.stands = match library.against {
            // Another flow set: only where it stands can be compared.
            Some(_) => step_of(&conversation) == step_of(stored),
            None => place(&conversation.session) == place(&stored.session),
        };
        Ok(replayed)
    }

    async fn run_again(
        &self,
        conversation: &mut Conversation,
        taken: &Taken,
        library: &mut Library<'_>,
    ) -> Result<Turn, RevisionError> {
        let Taken { at, event, given, .. } = taken;
        if let Some(profile) = &given.profile {
            conversation.profile = profile.clone();
        }
        let current = library.flows(given.revision).await?;
        let passage = match &conversation.session {
            Some(session) if session.revision != current.revision => {
                let old = library.flows(session.revision).await?;
                Some(Passage::between(old, Arc::clone(&current)))
            }
            _ => None,
        };
        let moment = Moment { now: *at, stale: given.stale, closed: &given.closed };
        let ground = stand(conversation, event, moment.stale, &current, passage.as_ref());
        let name = conversation.key.channel.clone();
        let channel = self.channels.get(&name).cloned().or_else(|| registry::idle(&name));
        let (limits, profile) =
            (channel.as_deref().map_or_else(super::turn::no_limits, Channel::limits), conversation.profile.clone());
        let input = Input {
            event,
            channel: &name,
            limits: &limits,
            contact: &profile,
            link: given.link.as_deref(),
            campaign: given.campaign.as_deref(),
        };
        Ok(self.decide(conversation, &ground, input, moment))
    }

    /// The turns of a conversation, oldest first. What an erasure left of itself cannot be run again.
    async fn taken(&self, id: &ConversationId) -> Result<Vec<Taken>, RevisionError> {
        let mut turns: Vec<Taken> = Vec::new();
        let (mut next, mut erased) = (0, false);
        loop {
            let page = self.store.transcript(id, next, PAGE).await?;
            let Some(last) = page.last() else { break };
            erased |= next == 0 && page[0].number > 0;
            next = last.number + 1;
            for Entry { number, at, line } in page {
                match (line, turns.last_mut()) {
                    (Line::Contact { event, given, .. }, _) => {
                        turns.push(Taken { number, at, event, given, said: Vec::new() });
                    }
                    (Line::Bot { step, text, choices, .. }, Some(turn)) => turn.said.push(Said { step, text, choices }),
                    (Line::Bot { .. }, None) => {}
                }
            }
        }
        if erased && !turns.is_empty() {
            turns.remove(0);
        }
        Ok(turns)
    }
}

fn step_of(conversation: &Conversation) -> Option<(&str, &str)> {
    conversation.session.as_ref().map(|session| (session.flow.as_str(), session.step.as_str()))
}

/// What the turn leaves in the conversation, and what it says; `None` for the sentence that names the unit
/// a person's call went to, which is not the engine's.
fn carry_out(conversation: &mut Conversation, turn: Turn, now: Timestamp) -> Vec<Option<Said>> {
    let mut said = Vec::new();
    conversation.session = turn.session;
    for effect in turn.effects {
        match effect {
            Effect::Say { step, text, choices, .. } => said.push(Some(Said { step, text, choices })),
            Effect::Person { queue } => {
                conversation.owner = Owner::Queue { queue, since: now };
                said.push(None);
            }
            Effect::Erase => {
                (conversation.profile, conversation.session) = (Profile::default(), None);
                if let Owner::Queue { .. } = conversation.owner {
                    conversation.owner = Owner::Bot;
                }
            }
            Effect::Speak(language) => conversation.profile.language = language,
            // One sentence a ticket, which are not the engine's.
            Effect::Tickets(_) => said.push(None),
            Effect::Call(_)
            | Effect::HandOff(_)
            | Effect::Consent(_)
            | Effect::Prompt { .. }
            | Effect::OptOut
            | Effect::Ended { .. } => {}
        }
    }
    said
}

fn compare(differences: &mut Vec<Difference>, taken: Taken, said: Vec<Option<Said>>) {
    let (mut before, mut now) = (taken.said.into_iter(), said.into_iter());
    loop {
        match (before.next(), now.next()) {
            (None, None) => return,
            (_, Some(None)) => {}
            (before, now) => {
                let now = now.flatten();
                if before != now {
                    differences.push(Difference { entry: taken.number, before, now });
                }
            }
        }
    }
}
