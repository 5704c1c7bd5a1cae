//! What operations ask.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::App;

/// The process runs.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// Webhooks are accepted. A platform's outage does not change it.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Response {
    let usable = !app.runtime.is_closing() && app.runtime.store().get("ready").await.is_ok();
    if usable { "ready\n".into_response() } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response() }
}

/// Counters in Prometheus' text format.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let watching = i64::try_from(app.runtime.watchers.count()).unwrap_or(i64::MAX);
    app.runtime.metrics.watching.set(watching);
    let kind = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], app.runtime.metrics.text()).into_response()
}
