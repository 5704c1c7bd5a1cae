//! What customers hear about their tickets, asked or unasked, and what they want done about them.

use crate::domain::contact::Language;
use crate::domain::conversation::Conversation;
use crate::domain::message::{Event, Inbound};
use crate::domain::ticket::{Act, Actor, Change, Promise, Ticket, TicketStatus};
use crate::domain::time::TimeWindow;
use crate::engine::news::{self, TicketWish};
use crate::routing::life::{self, Outcome};
use crate::routing::{Idle, promise};
use crate::store::{Effect, StoreError};

use super::{Runtime, clock};

/// Most tickets of a conversation that are looked at, the newest first.
const MOST: usize = 5;

/// A ticket of a conversation.
struct Own {
    ticket: Ticket,
    /// It was made by this conversation, or the network vouches for the number. Others' are nobody else's business:
    /// anybody can write anybody's number.
    is_sure: bool,
}

impl Runtime {
    /// What is said about the tickets of a conversation, and what is to be done about them.
    pub(super) async fn about_tickets(
        &self,
        conversation: &Conversation,
        wish: &TicketWish,
    ) -> Result<(Vec<String>, Vec<Effect>), StoreError> {
        let language = conversation.profile.language;
        let own = self.own_tickets(conversation).await?;
        let open: Vec<&Own> = own.iter().filter(|own| own.ticket.status.is_open()).collect();
        Ok(match wish {
            TicketWish::News(id) => {
                let news = own.iter().find(|own| own.ticket.id == *id && own.is_sure);
                (news.map(|own| self.told(language, own)).into_iter().collect(), Vec::new())
            }
            TicketWish::Status => {
                let shown = if open.is_empty() { own.iter().take(1).collect() } else { open };
                (or_none(language, shown.iter().map(|own| self.told(language, own)).collect()), Vec::new())
            }
            TicketWish::Cancel => {
                let mine: Vec<&Ticket> = open.iter().filter(|own| own.is_sure).map(|own| &own.ticket).collect();
                let said = mine.iter().map(|ticket| news::cancelled(language, ticket.request.kind)).collect();
                let cancel = |ticket: &&Ticket| Effect::Act { ticket: ticket.id.clone(), act: Act::Cancel };
                (or_none(language, said), mine.iter().map(cancel).collect())
            }
            TicketWish::Reschedule(window) => self.reschedule(language, &open, window.as_ref()),
        })
    }

    fn reschedule(&self, language: Language, open: &[&Own], window: Option<&TimeWindow>) -> (Vec<String>, Vec<Effect>) {
        let Some(own) = open.iter().find(|own| own.is_sure) else {
            return (vec![news::none(language).to_owned()], Vec::new());
        };
        let act =
            window.map(|window| Act::Schedule { window: window.clone() }).filter(|act| self.would(&own.ticket, act));
        match (act, window) {
            (Some(act), Some(window)) => {
                let said = news::rescheduled(language, &own.ticket, &window.shown());
                (vec![said], vec![Effect::Act { ticket: own.ticket.id.clone(), act }])
            }
            _ => (vec![news::when(language).to_owned()], Vec::new()),
        }
    }

    /// Whether an act of the customer would be done as things stand.
    fn would(&self, ticket: &Ticket, act: &Act) -> bool {
        let organisation = self.organisation();
        let world = self.world(&organisation, &Idle);
        matches!(life::act(ticket, &Actor::Customer, act.clone(), &world), Outcome::Moved(_))
    }

    fn told(&self, language: Language, own: &Own) -> String {
        let Own { ticket, is_sure } = own;
        if !is_sure {
            return news::is_noted(language, ticket.request.kind);
        }
        let call_by = promise::due(&self.organisation(), &ticket.unit.id, &ticket.course, Promise::FirstContact);
        let now = clock::now();
        news::stands(language, ticket, call_by.filter(|by| *by > now), now)
    }

    /// The tickets of a conversation, the newest first.
    async fn own_tickets(&self, conversation: &Conversation) -> Result<Vec<Own>, StoreError> {
        let mut own: Vec<Own> = Vec::new();
        for id in conversation.tickets.iter().rev().take(MOST) {
            let Some(ticket) = self.store.ticket(id).await? else { continue };
            if ticket.status != TicketStatus::Withdrawn && own.iter().all(|known| known.ticket.id != ticket.id) {
                let is_sure = ticket.id == *id || conversation.profile.phone_verified;
                own.push(Own { ticket, is_sure });
            }
        }
        Ok(own)
    }

    /// The event by which the conversation of a ticket hears of a change that its customer did not make.
    pub(super) async fn news(&self, ticket: &Ticket, change: &Change) -> Result<Option<Inbound>, StoreError> {
        let is_news = matches!(change.act, Act::Accept | Act::Schedule { .. } | Act::Finish { .. } | Act::Cancel);
        let Some(id) = ticket.conversation.as_ref().filter(|_| is_news && change.by != Actor::Customer) else {
            return Ok(None);
        };
        let Some(conversation) = self.store.load(id).await? else { return Ok(None) };
        let channel = self.channels.get(&conversation.key.channel);
        if !channel.is_some_and(|channel| channel.limits().pushes) {
            return Ok(None);
        }
        let event = Event::Ticket { ticket: ticket.id.clone() };
        let event_id = format!("ticket/{}/{}", ticket.id, change.number);
        Ok(Some(Inbound { key: conversation.key, id: event_id, alias: None, at: change.at, event }))
    }
}

fn or_none(language: Language, said: Vec<String>) -> Vec<String> {
    if said.is_empty() { vec![news::none(language).to_owned()] } else { said }
}
