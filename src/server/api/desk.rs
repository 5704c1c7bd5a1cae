//! The API for those who serve tickets: what a unit has to do, and what it does about it.
//!
//! A token that names a unit speaks for it and for the units below it; one that names none is a partner's, which may
//! call off and ask, but does nobody's work.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::config::ApiToken;
use crate::domain::id::{TicketId, UnitId};
use crate::domain::ticket::{Act, Actor, Sight, Ticket, TicketKind, TicketStatus};
use crate::place::Hint;
use crate::routing::{Organisation, Refusal};
use crate::runtime::handoff::Acted;
use crate::runtime::{clock, ticket};
use crate::server::{App, Error, body};

use super::{LONGEST_TEXT, authorise, read};

/// Most tickets of one answer, and how many where none says.
const MOST: usize = 200;
const USUAL: usize = 50;

/// An act, and who of the unit does it.
#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    staff: Option<String>,
    #[serde(flatten)]
    act: Act,
}

/// Which of a unit's tickets.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Which {
    status: TicketStatus,
    after: Option<String>,
    limit: Option<usize>,
}

/// Where a ticket would go.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Whither {
    address: String,
    kind: Option<TicketKind>,
}

/// `GET /api/v1/units/{id}/tickets?status=offered`: oldest first; `after` is the last one of the page before.
pub(in crate::server) async fn tickets(
    State(app): State<Arc<App>>,
    Path(unit): Path<String>,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let unit = UnitId::new(unit);
    let caller = authorise(&app, &headers)?;
    let speaks = caller.unit.as_ref().is_some_and(|own| speaks_for(&app.runtime.organisation(), own, &unit));
    if !speaks {
        return Err(Error::NotYours);
    }
    let store = app.runtime.store();
    let after = match which.after {
        Some(id) => Some(store.ticket(&TicketId::new(id)).await?.ok_or(Error::NotFound)?),
        None => None,
    };
    let limit = which.limit.unwrap_or(USUAL).clamp(1, MOST);
    let tickets = store.tickets_of(&unit, which.status, after.as_ref(), limit).await?;
    let sights: Vec<Sight> = tickets.iter().map(|ticket| sight(caller, ticket)).collect();
    store.saw(&sights).await?;
    let shown: Vec<_> = tickets.iter().map(|ticket| ticket::view(ticket, true)).collect();
    Ok(Json(json!({"tickets": shown})).into_response())
}

/// `GET /api/v1/tickets/{id}/history`: what was done about it, and who was shown it.
pub(in crate::server) async fn history(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let caller = authorise(&app, &headers)?;
    let ticket = seen(&app, caller, id).await?;
    let store = app.runtime.store();
    let changes: Vec<_> = store.history(&ticket.id).await?.iter().map(|change| ticket::change(change, true)).collect();
    let shown = |sight: &Sight| json!({"at": sight.at.to_rfc3339(), "by": sight.by});
    let seen: Vec<_> = store.sights(&ticket.id).await?.iter().map(shown).collect();
    Ok(Json(json!({"history": changes, "seen": seen})).into_response())
}

/// `POST /api/v1/tickets/{id}/acts`: `{"act": "accept", "staff": "Lan"}`; answers with the ticket after it.
pub(in crate::server) async fn act(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let caller = authorise(&app, &headers)?;
    let Wanted { staff, act } = read(&body::read(&headers, body).await?)?;
    if staff.as_ref().is_some_and(|staff| staff.len() > LONGEST_TEXT) {
        return Err(Error::Invalid { code: "too_long", message: format!("staff is longer than {LONGEST_TEXT} bytes") });
    }
    let ticket = seen(&app, caller, id).await?;
    match app.runtime.act(&ticket.id, &speaker(caller, staff), &act).await? {
        Acted::Done(ticket) => Ok(Json(ticket::view(&ticket, true)).into_response()),
        Acted::Refused(refusal) => Err(refusal.into()),
        Acted::Unknown => Err(Error::NotFound),
    }
}

/// `POST /api/v1/where`: `{"address": "...", "kind": "sim_swap"}`, where a ticket would go now, and why. Makes nothing.
pub(in crate::server) async fn whither(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    authorise(&app, &headers)?;
    let asked: Whither = read(&body::read(&headers, body).await?)?;
    if asked.address.len() > LONGEST_TEXT {
        return Err(Error::Invalid {
            code: "too_long",
            message: format!("address is longer than {LONGEST_TEXT} bytes"),
        });
    }
    let place = app.runtime.places().resolve(&asked.address, &Hint::default()).address;
    Ok(Json(app.runtime.whither(asked.kind.unwrap_or(TicketKind::SimSwap), place, clock::now().day())).into_response())
}

/// The ticket, if the caller may see it: a unit its own and those below it, a partner every one. It is written down.
pub(super) async fn seen(app: &App, caller: &ApiToken, id: String) -> Result<Ticket, Error> {
    let ticket = app.runtime.store().ticket(&TicketId::new(id)).await?.ok_or(Error::NotFound)?;
    match &caller.unit {
        Some(own) if !speaks_for(&app.runtime.organisation(), own, &ticket.unit.id) => Err(Error::NotYours),
        _ => {
            app.runtime.store().saw(&[sight(caller, &ticket)]).await?;
            Ok(ticket)
        }
    }
}

/// That the caller was shown a ticket.
fn sight(caller: &ApiToken, ticket: &Ticket) -> Sight {
    Sight { at: clock::now(), by: speaker(caller, None), ticket: ticket.id.clone() }
}

/// In whose name a caller does something.
fn speaker(caller: &ApiToken, staff: Option<String>) -> Actor {
    match &caller.unit {
        Some(unit) => Actor::Unit { unit: unit.clone(), staff },
        None => Actor::Partner { name: caller.name.clone() },
    }
}

/// Whether a unit's token speaks for another: itself, those below it, and for the central one all.
fn speaks_for(organisation: &Organisation, own: &UnitId, unit: &UnitId) -> bool {
    own == unit || *own == organisation.central().unit.id || organisation.is_below(unit, own)
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let (code, message) = match &refusal {
            Refusal::NotYours => return Self::NotYours,
            Refusal::NotNow(status) => {
                ("not_now", format!("this cannot be done while the ticket is {}", status.name()))
            }
            Refusal::NoUnit(unit) => ("no_unit", format!("there is no unit {unit}, or it is closed")),
            Refusal::Unable(unit) => ("unable", format!("the unit {unit} does not serve this kind of ticket")),
            Refusal::HadItAlready(unit) => ("had_it_already", format!("the unit {unit} had the ticket before")),
            Refusal::Full(unit) => ("full", format!("the unit {unit} was given as much today as it can take")),
            Refusal::NoReason => ("no_reason", "give a reason".to_owned()),
            Refusal::BadWindow => ("bad_window", "the time is over, a year away, or no span of a day".to_owned()),
        };
        Self::Refused { code, message }
    }
}
