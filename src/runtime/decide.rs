//! What an event leads to, given who owns the conversation and in which revision its session lives. Pure, so
//! that a stored conversation can be run again; `turn` loads before and commits after.

use std::sync::Arc;

use crate::domain::conversation::{Conversation, Owner};
use crate::domain::message::Event;
use crate::domain::session::{Question, Session, Waiting};
use crate::domain::time::Timestamp;
use crate::engine::news::TicketWish;
use crate::engine::{self, Effect, Input, Turn, World};
use crate::flow::Flows;
use crate::flow::migrate::{Migrated, Passage};

/// The flows a turn runs in.
pub(super) struct Ground {
    pub(super) flows: Arc<Flows>,
    /// The session's question is to be put anew before anything is heard.
    pub(super) again: bool,
}

/// The moment of a turn.
#[derive(Clone, Copy)]
pub(super) struct Moment<'a> {
    pub(super) now: Timestamp,
    /// The event is so old that nobody waits for the answer any more.
    pub(super) stale: bool,
    /// The queues with nobody on duty.
    pub(super) closed: &'a [String],
}

/// Brings the session over to the revision in force, if it is in an older one and can go. `passage` is the
/// way there; `None` where the older revision cannot be had any more.
pub(super) fn stand(
    conversation: &mut Conversation,
    event: &Event,
    stale: bool,
    current: &Arc<Flows>,
    passage: Option<&Passage>,
) -> Ground {
    let here = |again| Ground { flows: Arc::clone(current), again };
    // An answer to a prompt begins anew, in the revision that has the prompt.
    let Some(session) = conversation.session.clone().filter(|_| !matches!(event, Event::Prompt { .. })) else {
        return here(false);
    };
    if session.revision == current.revision {
        return here(false);
    }
    let heard = conversation.owner == Owner::Bot && engine::speaks(event) && !stale;
    match passage.map(|passage| (passage, passage.take(session.clone()))) {
        Some((_, Migrated::Moved(moved))) => {
            conversation.session = Some(moved);
            here(false)
        }
        // Only who speaks is asked again: a reminder or a service's answer still belongs to the old question.
        Some((_, Migrated::Again(moved))) if heard => {
            conversation.session = Some(moved);
            here(true)
        }
        Some((passage, Migrated::Again(_) | Migrated::Pinned(..))) => {
            Ground { flows: Arc::clone(passage.from()), again: false }
        }
        None if heard => {
            conversation.session = Some(from_start(session, current.revision));
            here(true)
        }
        None => here(false),
    }
}

/// A session of which only the values can be trusted: its flow is gone through from the start, and asks
/// nothing that was answered.
fn from_start(session: Session, revision: u32) -> Session {
    let (waiting, question) = (Waiting::Answer, Question::default());
    let (step, rejected, callers) = (String::new(), Vec::new(), Vec::new());
    Session { revision, step, waiting, question, tries: 0, rejected, callers, ..session }
}

/// Who owns the conversation decides what an event leads to.
pub(super) fn decide(
    conversation: &mut Conversation,
    world: World<'_>,
    input: Input<'_>,
    moment: Moment<'_>,
    again: bool,
) -> Turn {
    let (event, now) = (input.event, moment.now);
    let session = conversation.session.clone();
    let keep = |session| Turn { session, ..Turn::default() };
    match (&conversation.owner, event) {
        (_, Event::Withdraw) => Turn { effects: vec![Effect::Erase], ..Turn::default() },
        (_, Event::Ticket { ticket }) => {
            Turn { session, effects: vec![Effect::Tickets(TicketWish::News(ticket.clone()))], ..Turn::default() }
        }
        (_, Event::StaffSaid { .. } | Event::Control { bot: false }) => {
            conversation.owner = Owner::Staff { staff: None, since: now };
            keep(session)
        }
        (Owner::Queue { .. } | Owner::Staff { .. }, Event::Control { bot: true }) => {
            conversation.owner = Owner::Bot;
            engine::give_back(world, session.as_ref(), input, now)
        }
        (Owner::Bot, event) if comes_by_itself(event) => engine::turn(world, session.as_ref(), input, now),
        (_, event) if !engine::speaks(event) || moment.stale => keep(session),
        (Owner::Bot, _) => match session {
            Some(session) if again => engine::take_up(world, &session, &session.step, input, now),
            session => engine::turn(world, session.as_ref(), input, now),
        },
        (_, event) if engine::asks_to_restart(event) => {
            conversation.owner = Owner::Bot;
            engine::turn(world, None, input, now)
        }
        _ => keep(session),
    }
}

/// Whether nobody has said anything: a moment has come, or a service has answered.
pub(super) fn comes_by_itself(event: &Event) -> bool {
    matches!(event, Event::Due | Event::Called { .. })
}
