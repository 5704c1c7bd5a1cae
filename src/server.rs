//! Floor 4: HTTP. Routes, status codes, limits on what comes in; everything else is the runtime's.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;

use crate::config::{ApiToken, Web};
use crate::runtime::Runtime;

mod api;
mod body;
mod chat;
pub mod control;
mod error;
mod health;
mod listen;
mod webhook;

pub use error::Error;

/// What the routes share.
pub struct App {
    /// The rest of the house.
    pub runtime: Arc<Runtime>,
    /// The web chatbox; `None` when it is switched off.
    pub web: Option<Web>,
    /// Who may use the API.
    pub api: Vec<ApiToken>,
}

/// All routes.
pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new()
        .route("/webhooks/{channel}", get(webhook::confirm).post(webhook::receive))
        .route("/api/v1/tickets", post(api::create))
        .route("/api/v1/tickets/{id}", get(api::show))
        .route("/api/v1/tickets/{id}/history", get(api::desk::history))
        .route("/api/v1/tickets/{id}/acts", post(api::desk::act))
        .route("/api/v1/units/{id}/tickets", get(api::desk::tickets))
        .route("/api/v1/openapi.json", get(api::openapi))
        .route("/api/v1/where", post(api::desk::whither))
        .route("/api/v1/conversations/{id}/give-back", post(api::give_back))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/{file}", get(webhook::site_file));
    if app.web.is_some() {
        router = router
            .route("/", get(|| async { Redirect::temporary("/chat") }))
            .route("/chat", get(chat::page))
            .route("/chat/chat.css", get(chat::style))
            .route("/chat/chat.js", get(chat::script))
            .route("/chat/transcript.js", get(chat::transcript))
            .route("/chat/widget.js", get(chat::widget))
            .route("/chat/ws", get(chat::socket))
            .route("/c/{token}", get(chat::link));
    }
    router
        .fallback(|| async { Error::NotFound })
        .layer(middleware::from_fn_with_state(Arc::clone(&app), harden))
        .with_state(app)
}

/// Serves until `shutdown` resolves, then finishes what is under way. Tests pass port 0 and their own signal.
///
/// # Errors
/// None today; a listener that fails is waited for.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let runtime = Arc::clone(&app.runtime);
    let stopping = Arc::clone(&runtime);
    let told = async move {
        shutdown.await;
        stopping.close();
    };
    listen::serve(listener, router(app), listen::Bounds::default(), told).await;
    runtime.stop().await;
    Ok(())
}

/// How long a request may take to arrive and be answered, web sockets excepted.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// Headers that every answer carries, and the time a request may take.
async fn harden(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Error::Timeout.into_response(),
    };
    if let Some(error) = response.extensions().get::<error::Cause>() {
        tracing::warn!(status = response.status().as_u16(), cause = %error.0, "a request failed");
    }
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if app.runtime.is_closing() {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
