//! The owner-only socket by which commands on this machine speak to the running server, since an embedded
//! store belongs to one process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::net::UnixListener;

use crate::domain::id::{ConversationId, UnitId};
use crate::domain::phone::Phone;
use crate::domain::target::Target;
use crate::domain::ticket::TicketKind;
use crate::place::Hint;
use crate::routing::import::targets::TargetRow;
use crate::runtime::revision::{Files, Side};
use crate::runtime::{Runtime, clock};
use crate::store::StoreError;

/// Largest table of the organisation taken, in bytes: one of 4 MiB, written as JSON.
const LARGEST: usize = 9 << 20;
/// Largest table of administrative units taken, in bytes, as JSON.
const LARGEST_PLACES: usize = 16 << 20;
/// Largest piece of a list of targets taken, in bytes: one of 4 MiB of text, written as JSON.
const LARGEST_PIECE: usize = 32 << 20;
/// Largest flow sets taken, in bytes: two of a hundred full files, written as JSON.
const LARGEST_FLOWS: usize = 256 << 20;

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
        .route("/import", post(import).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/export", post(export))
        .route("/imports", post(imports))
        .route("/targets/count", post(count_targets))
        .route("/targets/import", post(import_targets).layer(DefaultBodyLimit::max(LARGEST_PIECE)))
        .route("/targets/export", post(export_targets))
        .route("/targets/invite", post(invite))
        .route("/webhooks", post(webhooks))
        .route("/where", post(whither))
        .route("/places", post(places).layer(DefaultBodyLimit::max(LARGEST_PLACES)))
        .route("/publish", post(publish).layer(DefaultBodyLimit::max(LARGEST_FLOWS)))
        .route("/plan", post(plan).layer(DefaultBodyLimit::max(LARGEST_FLOWS)))
        .route("/replay", post(replay).layer(DefaultBodyLimit::max(LARGEST_FLOWS)))
        .route("/rollback", post(roll_back))
        .route("/revisions", post(revisions))
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

/// A table of the organisation to be put in force.
#[derive(Serialize, Deserialize)]
pub struct Import {
    /// Which.
    pub table: String,
    /// Its CSV text.
    pub text: String,
    /// Who does it.
    pub by: String,
    /// Only tell what would be.
    pub dry_run: bool,
}

async fn import(State(runtime): State<Arc<Runtime>>, Json(wanted): Json<Import>) -> Response {
    told(runtime.import(&wanted.table, &wanted.text, &wanted.by, wanted.dry_run).await)
}

async fn imports(State(runtime): State<Arc<Runtime>>, Json(()): Json<()>) -> Response {
    told(runtime.imports().await)
}

async fn count_targets(State(runtime): State<Arc<Runtime>>, Json(campaign): Json<String>) -> Response {
    told(runtime.count_targets(&campaign).await)
}

async fn webhooks(State(runtime): State<Arc<Runtime>>, Json(replay): Json<bool>) -> Response {
    told(runtime.dead_webhooks(replay).await)
}

/// Where a ticket would go.
#[derive(Serialize, Deserialize)]
pub struct Whither {
    /// The address in words.
    pub address: String,
    /// What the ticket would be for.
    pub kind: TicketKind,
}

async fn whither(State(runtime): State<Arc<Runtime>>, Json(asked): Json<Whither>) -> Response {
    let place = runtime.places().resolve(&asked.address, &Hint::default()).address;
    told(Ok::<_, StoreError>(runtime.whither(asked.kind, place, clock::now().day())))
}

async fn export(State(runtime): State<Arc<Runtime>>, Json(table): Json<String>) -> Response {
    told(runtime.export(&table).await)
}

/// Rows of a list of targets to be taken in.
#[derive(Serialize, Deserialize)]
pub struct ImportTargets {
    /// Which.
    pub campaign: String,
    /// Some of them.
    pub rows: Vec<TargetRow>,
    /// Only tell what is wrong.
    pub dry_run: bool,
}

/// Somebody on a campaign's list to be asked.
#[derive(Serialize, Deserialize)]
pub struct Invite {
    /// The campaign.
    pub campaign: String,
    /// Who.
    pub to: Phone,
}

async fn invite(State(runtime): State<Arc<Runtime>>, Json(wanted): Json<Invite>) -> Response {
    told(runtime.invite(&wanted.campaign, &wanted.to).await)
}

async fn import_targets(State(runtime): State<Arc<Runtime>>, Json(wanted): Json<ImportTargets>) -> Response {
    told(runtime.import_targets(&wanted.campaign, wanted.rows, wanted.dry_run).await)
}

/// Rows of a list of targets to be shown.
#[derive(Serialize, Deserialize)]
pub struct ExportTargets {
    /// Which.
    pub campaign: String,
    /// Of which unit; without, of all.
    pub unit: Option<UnitId>,
    /// The last row that is known already.
    pub after: Option<Target>,
}

async fn export_targets(State(runtime): State<Arc<Runtime>>, Json(wanted): Json<ExportTargets>) -> Response {
    told(runtime.targets(&wanted.campaign, wanted.unit.as_ref(), wanted.after.as_ref()).await)
}

/// Flows to be published.
#[derive(Serialize, Deserialize)]
pub struct Publish {
    /// Path in the flows folder and text of each file.
    pub files: Files,
    /// What its author says of it.
    pub note: String,
    /// Publish even if conversations have to stay in their revision.
    pub pin: bool,
}

/// Two flow sets to be compared.
#[derive(Serialize, Deserialize)]
pub struct Compare {
    /// Where people are.
    pub old: Side,
    /// Where they would go.
    pub new: Side,
}

/// Conversations to be run again.
#[derive(Serialize, Deserialize)]
pub struct Replay {
    /// Which; without, everyone's that is under way.
    pub conversation: Option<ConversationId>,
    /// In which flows, if not in those they ran in.
    pub against: Option<Side>,
}

async fn replay(State(runtime): State<Arc<Runtime>>, Json(wanted): Json<Replay>) -> Response {
    told(runtime.replay(wanted.conversation.as_ref(), wanted.against.as_ref()).await)
}

async fn places(State(runtime): State<Arc<Runtime>>, Json(text): Json<String>) -> Response {
    told(runtime.adopt_places(&text).await)
}

async fn publish(State(runtime): State<Arc<Runtime>>, Json(wanted): Json<Publish>) -> Response {
    told(runtime.publish(wanted.files, &wanted.note, wanted.pin).await)
}

async fn plan(State(runtime): State<Arc<Runtime>>, Json(wanted): Json<Compare>) -> Response {
    told(runtime.plan(&wanted.old, &wanted.new).await)
}

async fn roll_back(State(runtime): State<Arc<Runtime>>, Json(number): Json<u32>) -> Response {
    told(runtime.roll_back(number).await)
}

async fn revisions(State(runtime): State<Arc<Runtime>>, Json(limit): Json<usize>) -> Response {
    told(runtime.revisions(limit).await)
}

fn told<T: Serialize, E: std::fmt::Display>(result: Result<T, E>) -> Response {
    match result {
        Ok(answer) => Json(json!({"ok": answer})).into_response(),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"error": error.to_string()}))).into_response(),
    }
}
