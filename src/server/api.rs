//! The API for partner systems: My MobiFone, the website, the hotline.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::config::ApiToken;
use crate::domain::address::Address;
use crate::domain::contact::Profile;
use crate::domain::id::{ConversationId, TicketId};
use crate::domain::phone::Phone;
use crate::domain::slot::Value;
use crate::domain::ticket::{Course, Ticket, TicketKind, TicketRequest, TicketStatus};
use crate::place::Hint;
use crate::runtime::{clock, ticket};
use crate::store::Created;
use crate::text;

use super::{App, Error, body};

pub(super) mod desk;

/// What the API is, as OpenAPI 3.1.
const OPENAPI: &str = include_str!("api/openapi.json");

/// Longest idempotency key, and longest text of a field, in bytes.
const LONGEST_KEY: usize = 200;
const LONGEST_TEXT: usize = 1000;
const MOST_SLOTS: usize = 32;

/// A ticket as a partner asks for it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewTicket {
    kind: TicketKind,
    #[serde(default)]
    contact: NewContact,
    subscriber: Option<String>,
    /// The address in words.
    address: Option<String>,
    /// Other answers, by name.
    #[serde(default)]
    slots: BTreeMap<String, String>,
    #[serde(default)]
    quarantine: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewContact {
    name: Option<String>,
    phone: Option<String>,
}

/// `POST /api/v1/tickets`: 201 with the ticket, 200 when this key made it before.
pub(super) async fn create(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Result<Response, Error> {
    let caller = authorise(&app, &headers)?;
    let bytes = body::read(&headers, body).await?;
    let wanted: NewTicket = read(&bytes)?;
    let key = idempotency_key(&headers)?;
    let request = request(&app, wanted)?;
    // The key makes the ticket; without one, every request is a ticket of its own.
    let key = key.unwrap_or_else(|| format!("{:x?}", clock::random::<12>()));
    let id = TicketId::of(&format!("api:{}:{key}", caller.name), 0, 0);
    let ticket = Ticket {
        id,
        status: TicketStatus::New,
        source: caller.source.clone(),
        conversation: None,
        request,
        // It is given its unit when it is stored.
        unit: app.runtime.organisation().central().unit.clone(),
        why: Vec::new(),
        created_at: clock::now(),
        course: Course::default(),
    };
    let digest = format!("{:x?}", &Sha256::digest(&bytes)[..]);
    match app.runtime.create_ticket(&ticket, &digest).await? {
        Created::New { ticket } => Ok((StatusCode::CREATED, Json(ticket::view(&ticket, true))).into_response()),
        Created::Existing { ticket, fingerprint } if fingerprint == digest => {
            Ok((StatusCode::OK, Json(ticket::view(&ticket, true))).into_response())
        }
        Created::Existing { .. } => Err(Error::Mismatch),
        Created::Repeated { ticket } => Ok((StatusCode::OK, Json(ticket::view(&ticket, true))).into_response()),
    }
}

/// `GET /api/v1/tickets/{id}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let ticket = desk::seen(&app, authorise(&app, &headers)?, id).await?;
    Ok(Json(ticket::view(&ticket, true)).into_response())
}

/// `GET /api/v1/openapi.json`: what there is, for machines.
pub(super) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}

/// `POST /api/v1/conversations/{id}/give-back`: the bot takes the conversation up again.
pub(super) async fn give_back(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    authorise(&app, &headers)?;
    let given = app.runtime.give_back(&ConversationId::new(id)).await?;
    if given { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(Error::NotFound) }
}

fn authorise<'a>(app: &'a App, headers: &HeaderMap) -> Result<&'a ApiToken, Error> {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let shown = shown.and_then(|value| value.strip_prefix("Bearer ")).ok_or(Error::Unauthorized)?;
    let shown = Sha256::digest(shown);
    // Every token is compared, by digest, so that the time taken tells nothing.
    let matches = |known: &&ApiToken| bool::from(Sha256::digest(known.token.expose()).ct_eq(&shown));
    app.api.iter().filter(matches).fold(None, |_, known| Some(known)).ok_or(Error::Unauthorized)
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let unreadable =
        |error| Error::Invalid { code: "unreadable", message: format!("the body cannot be read: {error}") };
    serde_json::from_slice(bytes).map_err(unreadable)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().ok().filter(|key| !key.is_empty() && key.len() <= LONGEST_KEY);
    key.map(|key| Some(key.to_owned())).ok_or_else(|| Error::Invalid {
        code: "bad_idempotency_key",
        message: format!("Idempotency-Key is 1 to {LONGEST_KEY} visible ASCII characters"),
    })
}

fn request(app: &App, wanted: NewTicket) -> Result<TicketRequest, Error> {
    let subscriber = phone("subscriber", wanted.subscriber.as_deref())?;
    let contact_phone = phone("contact.phone", wanted.contact.phone.as_deref())?.or_else(|| subscriber.clone());
    if contact_phone.is_none() {
        return Err(Error::Invalid {
            code: "no_phone",
            message: "give contact.phone or subscriber: somebody must be called".to_owned(),
        });
    }
    let too_long = |text: &str| text.len() > LONGEST_TEXT;
    if wanted.slots.len() > MOST_SLOTS
        || wanted.slots.iter().any(|(name, value)| too_long(name) || too_long(value))
        || [&wanted.address, &wanted.contact.name].into_iter().flatten().any(|text| too_long(text))
    {
        return Err(Error::Invalid {
            code: "too_long",
            message: format!("a text is longer than {LONGEST_TEXT} bytes, or there are more than {MOST_SLOTS} slots"),
        });
    }
    let place: Option<Address> =
        wanted.address.map(|address| app.runtime.places().resolve(&address, &Hint::default()).address);
    Ok(TicketRequest {
        kind: wanted.kind,
        contact: Profile { name: wanted.contact.name, phone: contact_phone, ..Profile::default() },
        subscriber,
        place,
        quarantine: wanted.quarantine,
        slots: wanted.slots.into_iter().map(|(name, value)| (name, Value::Text(value))).collect(),
        transcript: Vec::new(),
    })
}

fn phone(field: &str, said: Option<&str>) -> Result<Option<Phone>, Error> {
    let Some(said) = said else { return Ok(None) };
    match text::phone::read(said).phone {
        Some(phone) => Ok(Some(phone)),
        None => Err(Error::Invalid { code: "bad_phone", message: format!("{field} is not a Vietnamese phone number") }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::domain::ticket::Act;

    #[test]
    fn the_document_names_every_route_status_kind_and_act() {
        let document: Value = serde_json::from_str(OPENAPI).unwrap();
        let routes = include_str!("../server.rs").split('"').filter(|text| text.starts_with("/api/v1/"));
        let mut routes: Vec<&str> = routes.collect();
        let mut paths: Vec<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        routes.sort_unstable();
        paths.sort_unstable();
        assert_eq!(paths, routes);
        let schemas = &document["components"]["schemas"];
        let names = |all: &[&str]| Value::from(all.to_vec());
        assert_eq!(schemas["Ticket"]["properties"]["status"]["enum"], names(&TicketStatus::ALL.map(|(name, _)| name)));
        assert_eq!(schemas["NewTicket"]["properties"]["kind"]["enum"], names(&TicketKind::ALL.map(|(name, _)| name)));
        for act in schemas["Act"]["oneOf"].as_array().unwrap() {
            let mut example = serde_json::json!({"act": act["properties"]["act"]["const"]});
            for needed in act["required"].as_array().unwrap().iter().filter_map(Value::as_str) {
                example[needed] = match needed {
                    "act" => continue,
                    "window" => serde_json::json!({"from": 480, "to": 600}),
                    "outcome" => "done".into(),
                    _ => "x".into(),
                };
            }
            serde_json::from_value::<Act>(example.clone()).unwrap_or_else(|error| panic!("{example}: {error}"));
        }
    }
}
