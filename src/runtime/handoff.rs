//! Tickets on their way: made once however often their hand-off is tried, changed by one act at a time, moved by time.
//!
//! `routing::life` says what becomes of a ticket; here it is loaded, stored and told of.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::domain::address::Address;
use crate::domain::id::TicketId;
use crate::domain::message::Inbound;
use crate::domain::ticket::{Act, Actor, Ticket, TicketKind, TicketStatus};
use crate::domain::time::Day;
use crate::routing::life::{self, Outcome, Refusal, Step, World};
use crate::routing::{Loads, Organisation, Where};
use crate::store::{Changed, Created, StoreError};

use super::{Runtime, clock, partner};

/// How often the store is asked for tickets that time moves.
const LOOK: Duration = Duration::from_secs(1);
/// Tickets moved at one time.
const AT_ONCE: usize = 256;
/// How often an act is tried again when somebody else was faster.
const TRIES: usize = 20;
/// Tickets of a closed unit that are moved at one time.
const PAGE: usize = 200;

/// What became of an act.
#[derive(Debug)]
pub enum Acted {
    /// It is done; the ticket after it.
    Done(Box<Ticket>),
    /// It is not.
    Refused(Refusal),
    /// There is no such ticket.
    Unknown,
}

impl Runtime {
    /// Stores a ticket that came out of the outbox.
    pub(super) async fn hand_over(&self, ticket: &Ticket) -> Result<(), StoreError> {
        self.create_ticket(ticket, "").await.map(drop)
    }

    /// Gives a new ticket to its unit and stores it, or leads to the one that its customer has already. `fingerprint`
    /// is of the request behind it.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn create_ticket(&self, ticket: &Ticket, fingerprint: &str) -> Result<Created, StoreError> {
        let organisation = self.organisation();
        let ticket = &self.at_home(ticket).await?;
        let open = |loads: &dyn Loads| life::open(ticket.clone(), &self.world(&organisation, loads));
        let step = self.ledger.decide(clock::now().day(), None, open, |step| Some(&step.ticket));
        let stored = self.store.create(&self.changed(&step, &organisation, None), fingerprint).await;
        let created = stored.inspect_err(|_| self.ledger.undo(None, &step.ticket))?;
        match &created {
            Created::New { .. } => {}
            Created::Existing { .. } => self.ledger.undo(None, &step.ticket),
            Created::Repeated { ticket: first } => {
                self.ledger.undo(None, &step.ticket);
                let source = ticket.source.clone();
                self.act(&first.id, &Actor::Customer, &Act::Repeat { source }).await?;
            }
        }
        self.partners_changed.notify_one();
        Ok(created)
    }

    /// Where a ticket would go as things stand, and why. Makes nothing and counts nothing.
    pub fn whither(&self, kind: TicketKind, place: Address, day: Day) -> Where {
        let organisation = self.organisation();
        self.ledger.decide(day, None, |loads| organisation.dry_run(kind, place, day, loads), |_| None)
    }

    /// Does what somebody wants done about a ticket.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn act(&self, id: &TicketId, by: &Actor, act: &Act) -> Result<Acted, StoreError> {
        for _ in 0..TRIES {
            let Some(before) = self.store.ticket(id).await? else { return Ok(Acted::Unknown) };
            match self.change(&before, by, act).await {
                Err(StoreError::Conflict) => {}
                done => return done,
            }
        }
        Err(StoreError::Conflict)
    }

    async fn change(&self, before: &Ticket, by: &Actor, act: &Act) -> Result<Acted, StoreError> {
        let organisation = self.organisation();
        let decide = |loads: &dyn Loads| life::act(before, by, act.clone(), &self.world(&organisation, loads));
        let outcome = self.ledger.decide(clock::now().day(), Some(before), decide, Outcome::ticket);
        let step = match outcome {
            Outcome::Moved(step) => step,
            Outcome::Refused(refusal) => return Ok(Acted::Refused(refusal)),
        };
        let told = self.news(&step.ticket, &step.change).await?;
        let hears = told.as_ref().map(|told| told.key.conversation());
        let stored = self.store.change(&self.changed(&step, &organisation, told)).await;
        stored.inspect_err(|_| self.ledger.undo(Some(before), &step.ticket))?;
        if let Some(id) = hears {
            self.mailboxes.add_waiting(&id);
            self.schedule.add(&id, clock::now());
        }
        self.partners_changed.notify_one();
        Ok(Acted::Done(Box::new(step.ticket)))
    }

    pub(super) fn world<'a>(&'a self, organisation: &'a Organisation, loads: &'a dyn Loads) -> World<'a> {
        World { organisation, loads, policy: &self.settings.policy, now: clock::now() }
    }

    /// A step as it is stored, with the news of it.
    fn changed(&self, step: &Step, organisation: &Organisation, told: Option<Inbound>) -> Changed {
        let Step { ticket, change } = step.clone();
        let webhooks = partner::news(&self.settings.endpoints, &ticket, &change);
        let due = life::due(&ticket, organisation);
        Changed { ticket, change, due, told, webhooks }
    }

    /// Tells the ticket's unit that the customer took everything back. What another conversation made is not theirs to
    /// take back: anybody can write anybody's number.
    pub(super) async fn withdraw(&self, id: &TicketId) -> Result<(), StoreError> {
        if self.store.ticket(id).await?.is_none_or(|ticket| ticket.id != *id) {
            return Ok(());
        }
        self.act(id, &Actor::Customer, &Act::Withdraw).await.map(drop)
    }

    /// Moves tickets as their time comes, until the server stops.
    pub(super) async fn keep_tickets(self: Arc<Self>) {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.closing.cancelled() => return,
                _ = look.tick() => {}
            }
            if let Err(error) = self.move_due_tickets().await {
                tracing::warn!(%error, "tickets that are due cannot be moved now");
            }
        }
    }

    async fn move_due_tickets(&self) -> Result<(), StoreError> {
        loop {
            let due = self.store.tickets_due(clock::now(), AT_ONCE).await?;
            let is_all = due.len() < AT_ONCE;
            for id in due {
                self.move_ticket(&id).await?;
            }
            if is_all || self.closing.is_cancelled() {
                return Ok(());
            }
        }
    }

    async fn move_ticket(&self, id: &TicketId) -> Result<(), StoreError> {
        let Some(ticket) = self.store.ticket(id).await? else { return Ok(()) };
        let organisation = self.organisation();
        match life::lapse(&ticket, &organisation, clock::now()) {
            Some(act) => self.act(id, &Actor::System, &act).await.map(drop),
            // Its unit works at other hours now.
            None => self.store.put_due(id, life::due(&ticket, &organisation)).await,
        }
    }

    /// Takes the tickets away from units that are closed or gone.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub(super) async fn leave_closed_units(&self) -> Result<(), StoreError> {
        let (organisation, day) = (self.organisation(), clock::now().day());
        for unit in self.store.holders().await? {
            let is_closed = organisation.unit(&unit).is_none_or(|member| !member.valid.holds(day));
            if !is_closed || unit == organisation.central().unit.id {
                continue;
            }
            for (_, status) in TicketStatus::ALL.into_iter().filter(|(_, status)| status.is_open()) {
                loop {
                    let tickets = self.store.tickets_of(&unit, status, None, PAGE).await?;
                    let mut moved = 0;
                    for ticket in tickets {
                        let acted = self.act(&ticket.id, &Actor::System, &Act::Close).await?;
                        moved += usize::from(matches!(acted, Acted::Done(_)));
                    }
                    if moved == 0 {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// Counts what units were given today.
    pub(super) async fn begin_ledger(&self) -> Result<(), StoreError> {
        let day = clock::now().day();
        self.ledger.begin(day, self.store.given(day).await?);
        Ok(())
    }
}
