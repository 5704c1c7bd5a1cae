//! Hands finished conversations to the routing core: the ticket and the news of it in one act, the same
//! however often it is tried.

use crate::domain::id::TicketId;
use crate::domain::ticket::Ticket;
use crate::store::{Created, StoreError};

use super::{Runtime, partner};

impl Runtime {
    /// Stores a ticket that came out of the outbox.
    pub(super) async fn hand_over(&self, ticket: &Ticket) -> Result<(), StoreError> {
        self.create_ticket(ticket, "").await.map(drop)
    }

    /// Stores a ticket and what partners are to be told of it. `fingerprint` is of the request behind it.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn create_ticket(&self, ticket: &Ticket, fingerprint: &str) -> Result<Created, StoreError> {
        let news = partner::news(&self.settings.endpoints, "ticket.created", ticket, ticket.created_at);
        let created = self.store.create(ticket, fingerprint, &news).await?;
        self.partners_changed.notify_one();
        Ok(created)
    }

    /// Tells the ticket's unit that the customer took everything back.
    pub(super) async fn withdraw(&self, id: &TicketId) -> Result<(), StoreError> {
        if let Some(ticket) = self.store.ticket(id).await? {
            let ticket = ticket.withdrawn();
            let news = partner::news(&self.settings.endpoints, "ticket.withdrawn", &ticket, super::clock::now());
            self.store.withdraw(id, &news).await?;
            self.partners_changed.notify_one();
        }
        Ok(())
    }
}
