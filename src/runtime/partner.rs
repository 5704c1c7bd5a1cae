//! Tells partner systems what became of tickets: Standard Webhooks 1.0.0, one row a try, until the
//! receiver answers 2xx or three days have passed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use crate::channel::signature;
use crate::config::Endpoint;
use crate::domain::ticket::{Act, Change, Ticket};
use crate::domain::time::Timestamp;
use crate::store::{StoreError, WebhookRow};

use super::metrics::Metrics;
use super::{Runtime, clock, ticket};

/// Pauses before the second, third, ... try, as the specification recommends.
const LADDER: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(5 * 3600),
    Duration::from_secs(10 * 3600),
    Duration::from_secs(14 * 3600),
    Duration::from_secs(20 * 3600),
    Duration::from_secs(24 * 3600),
];
/// Webhooks on their way at one time.
const AT_ONCE: usize = 16;
/// Webhooks that were given up, listed or sent again at one time.
const MOST_DEAD: usize = 1_000;
/// How long they are kept.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// How often the store is asked for what has become due.
const LOOK: Duration = Duration::from_secs(2);

/// Where it is noted that the endpoint is gone. Changes with the address or the secret, which is how an
/// operator lifts a 410.
fn gone_name(endpoint: &Endpoint) -> String {
    let hash =
        Sha256::new().chain_update(&endpoint.url).chain_update([0]).chain_update(endpoint.secret.expose()).finalize();
    format!("webhook_gone/{}", base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, &hash[..12]))
}

/// The rows that tell every endpoint that asked for what happened to a ticket.
pub(super) fn news(endpoints: &[Endpoint], ticket: &Ticket, change: &Change) -> Vec<WebhookRow> {
    let event = event(&change.act);
    let wanted = endpoints.iter().filter(|endpoint| endpoint.events.contains(&event));
    wanted
        .map(|endpoint| {
            let mut data = ticket::view(ticket, endpoint.personal);
            data["change"] = ticket::change(change, endpoint.personal);
            let body =
                serde_json::json!({"type": event, "timestamp": change.at.to_rfc3339(), "data": data}).to_string();
            // The same ticket, change and endpoint give the same id, however often the hand-off is tried.
            let hash = Sha256::new().chain_update(&endpoint.url).chain_update(event.as_bytes());
            let hash = hash.chain_update(ticket.id.as_str()).chain_update(change.number.to_be_bytes());
            let id = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, &hash.finalize()[..15]);
            WebhookRow { id: format!("msg_{id}"), endpoint: endpoint.url.clone(), body, attempts: 0, due: change.at }
        })
        .collect()
}

/// What an act is called in webhooks: `ticket.created`, `ticket.withdrawn`, else `ticket.` and the act's name.
fn event(act: &Act) -> String {
    match act {
        Act::Open => "ticket.created".to_owned(),
        Act::Withdraw => "ticket.withdrawn".to_owned(),
        act => format!("ticket.{}", act.name()),
    }
}

/// What one try came to.
enum Try {
    Taken,
    Gone,
    Failed { after: Option<Duration> },
}

impl Runtime {
    /// Sends webhooks as they become due, until the server stops.
    pub(super) async fn tell_partners(self: Arc<Self>) {
        if self.settings.endpoints.is_empty() {
            return;
        }
        loop {
            tokio::select! {
                () = self.closing.cancelled() => return,
                () = self.partners_changed.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
            if let Err(error) = self.tell_due().await {
                tracing::warn!(%error, "webhooks cannot be served now");
            }
        }
    }

    async fn tell_due(self: &Arc<Self>) -> Result<(), StoreError> {
        loop {
            let rows = self.store.due_webhooks(clock::now(), AT_ONCE).await?;
            if rows.is_empty() || self.closing.is_cancelled() {
                return Ok(());
            }
            let mut tries = JoinSet::new();
            for row in rows {
                let runtime = Arc::clone(self);
                tries.spawn(async move { runtime.tell(row).await });
            }
            while let Some(done) = tries.join_next().await {
                done.unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())))?;
            }
        }
    }

    async fn tell(&self, row: WebhookRow) -> Result<(), StoreError> {
        let Some(endpoint) = self.settings.endpoints.iter().find(|endpoint| endpoint.url == row.endpoint) else {
            // Taken out of the configuration: nobody is waiting for it.
            return self.store.settle_webhook(&row, None).await;
        };
        let gone = self.store.get(&gone_name(endpoint)).await?.is_some_and(|mark| !mark.is_empty());
        let tried = if gone { Try::Gone } else { self.post(endpoint, &row).await };
        let host = host(&endpoint.url);
        let (what, next) = match tried {
            Try::Taken => ("sent", None),
            Try::Gone => {
                if !gone {
                    let before = self.store.get(&gone_name(endpoint)).await?;
                    match self.store.replace(&gone_name(endpoint), before.as_deref(), b"410").await {
                        // Another row of the same endpoint was told so at the same time.
                        Ok(()) | Err(StoreError::Conflict) => {}
                        Err(error) => return Err(error),
                    }
                    tracing::error!(
                        endpoint = host,
                        "the endpoint answered 410 and is not told any more until its address or secret changes"
                    );
                }
                ("disabled", Some(row.clone().buried(clock::now())))
            }
            Try::Failed { after } => match LADDER.get(row.attempts as usize) {
                Some(pause) => {
                    let pause = after.unwrap_or(clock::jittered(*pause)).max(*pause / 2);
                    let next = WebhookRow { attempts: row.attempts + 1, due: clock::now().plus(pause), ..row.clone() };
                    ("retry", Some(next))
                }
                None => {
                    tracing::error!(
                        endpoint = host,
                        webhook = row.id,
                        "a webhook was given up after {} tries; thoai webhooks --replay sends it again",
                        LADDER.len() + 1
                    );
                    ("given_up", Some(row.clone().buried(clock::now())))
                }
            },
        };
        Metrics::count(&self.metrics.webhooks, &host, what);
        self.store.settle_webhook(&row, next).await
    }

    async fn post(&self, endpoint: &Endpoint, row: &WebhookRow) -> Try {
        let seconds = clock::now().seconds();
        let Some(secret) = signature::standard_secret(endpoint.secret.expose()) else {
            return Try::Failed { after: None };
        };
        let signed = signature::sign_standard(&secret, &row.id, seconds, row.body.as_bytes());
        let request = http::Request::post(&endpoint.url)
            .header("content-type", "application/json")
            .header("webhook-id", &row.id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signed)
            .body(Bytes::from(row.body.clone()));
        let Ok(request) = request else { return Try::Failed { after: None } };
        match self.http.send(request).await {
            Ok(response) if response.status().is_success() => Try::Taken,
            Ok(response) if response.status() == http::StatusCode::GONE => Try::Gone,
            Ok(response) => {
                let after = response.headers().get(http::header::RETRY_AFTER);
                let seconds = after.and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<u64>().ok());
                Try::Failed { after: seconds.map(|seconds| Duration::from_secs(seconds.min(24 * 3600))) }
            }
            Err(_) => Try::Failed { after: None },
        }
    }
}

/// A webhook that was given up, as `thoai webhooks` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dead {
    /// Its id.
    pub id: String,
    /// The host of its endpoint.
    pub host: String,
    /// What it is about: `ticket.created`.
    pub event: String,
    /// When it was given up.
    pub at: Timestamp,
}

impl Runtime {
    /// The webhooks that were given up; with `replay` they are due again, from the first try on, and a 410 is lifted.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn dead_webhooks(&self, replay: bool) -> Result<Vec<Dead>, StoreError> {
        let rows = self.store.dead_webhooks(MOST_DEAD).await?;
        if replay {
            for endpoint in &self.settings.endpoints {
                if let Some(gone) = self.store.get(&gone_name(endpoint)).await? {
                    self.store.replace(&gone_name(endpoint), Some(&gone), b"").await?;
                }
            }
            for row in &rows {
                let again = WebhookRow { attempts: 0, due: clock::now(), ..row.clone() };
                self.store.settle_webhook(row, Some(again)).await?;
            }
            self.partners_changed.notify_one();
        }
        let told = |row: &WebhookRow| Dead {
            id: row.id.clone(),
            host: host(&row.endpoint),
            event: serde_json::from_str::<serde_json::Value>(&row.body)
                .ok()
                .and_then(|body| body["type"].as_str().map(str::to_owned))
                .unwrap_or_default(),
            at: row.buried_at().unwrap_or_default(),
        };
        Ok(rows.iter().map(told).collect())
    }

    /// Forgets what was given up long ago.
    pub(super) async fn forget_dead_webhooks(&self) -> Result<(), StoreError> {
        let before = clock::now();
        for row in self.store.dead_webhooks(MOST_DEAD).await? {
            if row.buried_at().is_some_and(|at| before.since(at) > KEPT) {
                self.store.settle_webhook(&row, None).await?;
            }
        }
        Ok(())
    }
}

/// The host of an address, for logs: the rest may hold secrets.
fn host(url: &str) -> String {
    url.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default()
}
