//! What platforms send: proved, taken down, then acknowledged.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use crate::channel::{Channel, Delivery};
use crate::runtime::clock;

use super::{App, Error, body};

/// Answers a platform's question whether this address is ours.
pub(super) async fn confirm(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let channel = find(&app, &name)?;
    let answer = channel.confirm(query.as_deref().unwrap_or_default()).map_err(|_| Error::Forbidden)?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], answer).into_response())
}

/// Takes a platform's events.
pub(super) async fn receive(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let channel = find(&app, &name)?;
    if app.runtime.is_closing() {
        return Err(Error::Unavailable(crate::store::StoreError::Unavailable("the server is stopping".to_owned())));
    }
    let bytes = body::read(&headers, body).await?;
    let payload = match channel.verify(&headers, &bytes, clock::now()) {
        Ok(payload) => payload,
        Err(error) => {
            app.runtime.count_unsigned(&name);
            return if app.runtime.in_setup(channel.as_ref()).await? {
                Ok((StatusCode::OK, "not signed; nothing was stored\n").into_response())
            } else {
                Err(error.into())
            };
        }
    };
    app.runtime.leave_setup(channel.as_ref()).await?;
    let reply = app.runtime.receive(channel.as_ref(), &payload).await?;
    match channel.delivery() {
        Delivery::Reply => {
            let json = HeaderValue::from_static("application/json; charset=utf-8");
            Ok(([(header::CONTENT_TYPE, json)], reply.unwrap_or_else(|| Bytes::from_static(b"{}"))).into_response())
        }
        Delivery::Request | Delivery::Push => Ok((StatusCode::OK, "EVENT_RECEIVED").into_response()),
    }
}

/// A small page by which a platform checks that the domain is ours.
pub(super) async fn site_file(State(app): State<Arc<App>>, Path(file): Path<String>) -> Result<Response, Error> {
    let page = app.runtime.channels().values().find_map(|channel| channel.site_file(&file)).ok_or(Error::NotFound)?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))], page).into_response())
}

fn find<'a>(app: &'a App, name: &str) -> Result<&'a Arc<dyn Channel>, Error> {
    app.runtime.channel(name).filter(|channel| channel.delivery() != Delivery::Push).ok_or(Error::NotFound)
}
