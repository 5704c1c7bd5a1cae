//! The owner-only socket by which commands on this machine speak to the running server, since an embedded
//! store belongs to one process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;
use tokio::net::UnixListener;

use crate::runtime::Runtime;

/// Largest request taken, in bytes: a unit table may be as large as `runtime::import` allows.
const LARGEST: usize = 5 << 20;

/// Where the socket of a server with this data folder is.
pub fn path(data: &Path) -> PathBuf {
    data.join("control.sock")
}

/// Opens the socket in the data folder, which only its owner may enter. One left by a process that died
/// is replaced: whoever holds the store's lock owns the folder.
///
/// # Errors
/// When the socket cannot be made.
pub fn open(data: &Path) -> std::io::Result<UnixListener> {
    use std::os::unix::fs::PermissionsExt;

    let path = path(data);
    if path.exists() {
        std::fs::remove_file(&path)?;
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Serves the socket until the server stops, and takes it away then.
pub async fn serve(listener: UnixListener, runtime: Arc<Runtime>) {
    let path = listener.local_addr().ok().and_then(|address| address.as_pathname().map(Path::to_path_buf));
    let stopping = Arc::clone(&runtime);
    let router = axum::Router::new()
        .route("/prompt", post(prompt))
        .route("/import/units", post(import_units))
        .with_state(runtime);
    let stop = async move { stopping.stopping().await };
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stop).await {
        tracing::warn!(%error, "the control socket failed; commands on this machine cannot reach the server");
    }
    // One that stays behind is replaced at the next start.
    let _ = path.map(std::fs::remove_file);
}

#[derive(Deserialize)]
struct Prompt {
    campaign: String,
    to: String,
}

async fn prompt(State(runtime): State<Arc<Runtime>>, Json(wanted): Json<Prompt>) -> Response {
    match runtime.prompt(&wanted.campaign, &wanted.to).await {
        Ok(sent) => Json(json!({"ok": sent.to_string()})).into_response(),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"error": error.to_string()}))).into_response(),
    }
}

async fn import_units(State(runtime): State<Arc<Runtime>>, body: Body) -> Response {
    let refuse = |problems: Vec<String>| {
        (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"error": problems.join("\n")}))).into_response()
    };
    let Ok(bytes) = to_bytes(body, LARGEST).await else {
        return refuse(vec!["the file is too large".to_owned()]);
    };
    let Ok(text) = std::str::from_utf8(&bytes) else { return refuse(vec!["the file is not UTF-8".to_owned()]) };
    match runtime.import_units(text).await {
        Ok(units) => Json(json!({"ok": format!("{units} units are in force")})).into_response(),
        Err(problems) => refuse(problems),
    }
}
