//! Calls services for flows. A call is a row of the outbox and goes its own way: neither the messages behind
//! it nor any other conversation waits for it. What it came to is an event like those of a platform, taken
//! down before the row is settled; a crash between the two makes the call again, under the same key, and
//! the second answer is a duplicate.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::config::ServiceEndpoint;
use crate::domain::contact::ContactKey;
use crate::domain::id::ConversationId;
use crate::domain::message::{Called, Event, Inbound};
use crate::engine::CallRequest;
use crate::store::{Fate, StoreError};
use crate::text;

use super::metrics::Metrics;
use super::{Runtime, clock};

/// Tries on their way to one service at one time.
const AT_ONCE: usize = 16;
/// The pause before the second try; it doubles from try to try.
const PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// Longest value taken from an answer, in characters; the rest is cut off.
const LONGEST_VALUE: usize = 1_000;
/// Rows looked through for one call.
const ROWS: usize = 1_000;

/// A call's place: the conversation, and the number of its outbox row.
type Place = (ConversationId, u64);

/// What is being called.
pub(super) struct Calls {
    under_way: Mutex<HashSet<Place>>,
    /// One for each service, so that one that does not answer holds up no other.
    lanes: HashMap<String, Semaphore>,
}

impl Calls {
    pub(super) fn new<'a>(services: impl Iterator<Item = &'a String>) -> Self {
        Self {
            under_way: Mutex::default(),
            lanes: services.map(|name| (name.clone(), Semaphore::new(AT_ONCE))).collect(),
        }
    }

    /// Marks the call as under way. False when it is already.
    fn begin(&self, place: &Place) -> bool {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).insert(place.clone())
    }

    fn end(&self, place: &Place) {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(place);
    }
}

/// A call under way; when this goes, even by a panic, it can be made again.
struct UnderWay<'a> {
    calls: &'a Calls,
    place: &'a Place,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.calls.end(self.place);
    }
}

/// Why a try failed, for the operator.
#[derive(Debug, PartialEq, Eq)]
enum Failure {
    /// The next one may not.
    Passing(String),
    /// So will every other.
    Lasting(String),
}

impl Runtime {
    /// Has the call made in a task of its own, if it is not under way.
    pub(super) fn begin_call(self: &Arc<Self>, key: &ContactKey, number: u64, request: &CallRequest) {
        let place = (key.conversation(), number);
        if !self.calls.begin(&place) {
            return;
        }
        let (runtime, key, request) = (Arc::clone(self), key.clone(), request.clone());
        self.spawn(async move {
            let under_way = UnderWay { calls: &runtime.calls, place: &place };
            let outcome = tokio::select! {
                // It is made again at the next start; the service knows it by its key.
                () = runtime.closing.cancelled() => return,
                outcome = runtime.call(&place.0, &request) => outcome,
            };
            let mut look_again = clock::now();
            if let Err(error) = runtime.bring_back(&key, number, &request, outcome).await {
                tracing::warn!(conversation = %place.0, %error, "a service's answer could not be stored");
                look_again = look_again.plus(Duration::from_secs(2));
            }
            drop(under_way);
            runtime.schedule.add(&place.0, look_again);
        });
    }

    /// Calls the service, as often as it may be tried.
    async fn call(&self, id: &ConversationId, request: &CallRequest) -> Called {
        let service = request.service.as_str();
        let endpoints = &self.settings.services;
        let (Some(endpoint), Some(lane)) = (endpoints.get(service), self.calls.lanes.get(service)) else {
            return Called::Failed { code: "unknown service".to_owned() };
        };
        let mut tries = 0;
        let outcome = loop {
            let place = lane.acquire().await;
            let tried = self.try_call(endpoint, id, request).await;
            drop(place);
            match tried {
                Ok(fields) => break Called::Answered { fields },
                Err(Failure::Passing(_)) if tries < request.retries => {
                    let pause = PAUSE.saturating_mul(1 << tries.min(16)).min(LONGEST_PAUSE);
                    tokio::time::sleep(clock::jittered(pause)).await;
                    tries += 1;
                }
                Err(Failure::Passing(code) | Failure::Lasting(code)) => break Called::Failed { code },
            }
        };
        match &outcome {
            Called::Answered { .. } => Metrics::count_call(&self.metrics.calls, service, "answered"),
            Called::Failed { code } => {
                Metrics::count_call(&self.metrics.calls, service, "failed");
                tracing::warn!(conversation = %id, service, code, tries = tries + 1, "a service did not answer");
            }
        }
        outcome
    }

    async fn try_call(
        &self,
        endpoint: &ServiceEndpoint,
        id: &ConversationId,
        request: &CallRequest,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let lasting = |code: &str| Failure::Lasting(code.to_owned());
        let body = serde_json::to_vec(&request.send).expect("a map of strings always serialises");
        let mut post = http::Request::post(&endpoint.url)
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .header("idempotency-key", idempotency_key(id, &request.call));
        if let Some(token) = &endpoint.token {
            post = post.header("authorization", format!("Bearer {}", token.expose()));
        }
        let post = post.body(Bytes::from(body)).map_err(|_| lasting("no request can be made of the settings"))?;
        let response = match self.http.send_within(post, request.timeout).await {
            Ok(response) => response,
            Err(code @ ("too_large" | "address")) => return Err(lasting(code)),
            Err(code) => return Err(Failure::Passing(code.to_owned())),
        };
        let status = response.status();
        if status.is_success() {
            return picked(response.body(), &request.fields).ok_or_else(|| lasting("no JSON object"));
        }
        let code = format!("status {}", status.as_u16());
        let passes = status.is_server_error() || status == http::StatusCode::TOO_MANY_REQUESTS;
        Err(if passes { Failure::Passing(code) } else { Failure::Lasting(code) })
    }

    /// Takes down what the call came to, then settles it. Its row is gone when the contact has had everything
    /// erased meanwhile; then nothing of the answer is kept either.
    async fn bring_back(
        self: &Arc<Self>,
        key: &ContactKey,
        number: u64,
        request: &CallRequest,
        outcome: Called,
    ) -> Result<(), StoreError> {
        let id = key.conversation();
        // No turn, and so no erasure, comes between the look and the answer.
        let entered = self.mailboxes.enter(&id).await;
        if !self.store.outbox(&id, ROWS).await?.iter().any(|row| row.number == number) {
            return Ok(());
        }
        let (call, at) = (request.call.clone(), clock::now());
        let event = Event::Called { call: call.clone(), outcome };
        let inbound = Inbound { key: key.clone(), id: format!("call/{call}"), alias: None, at, event };
        self.accept(&[inbound]).await?;
        self.store.settle(&id, number, Fate::Over).await?;
        drop(entered);
        Ok(())
    }
}

/// The same at every try of the same call, and another for every other call.
fn idempotency_key(id: &ConversationId, call: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::new().chain_update(id.as_str()).chain_update([0]).chain_update(call).finalize())
}

/// The fields that were asked for, dots leading into inner objects: words, numbers as written, `yes` and
/// `no`. `None` when the answer is no JSON object.
fn picked(body: &[u8], fields: &[String]) -> Option<BTreeMap<String, String>> {
    let answer: Value = serde_json::from_slice(body).ok().filter(Value::is_object)?;
    let pick = |field: &String| {
        let found = field.split('.').try_fold(&answer, |within, name| within.get(name))?;
        let value = match found {
            Value::String(words) => text::nfc(words).chars().take(LONGEST_VALUE).collect(),
            Value::Number(number) => number.to_string(),
            Value::Bool(true) => "yes".to_owned(),
            Value::Bool(false) => "no".to_owned(),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        Some((field.clone(), value))
    };
    Some(fields.iter().filter_map(pick).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_fields_asked_for_are_picked_and_only_plain_ones() {
        let answer = r#"{"a": "x", "b": {"c": {"d": 7.50}, "e": true}, "f": [1], "g": null, "h": "y", "b.e": 1}"#;
        let asked = ["a", "b.c.d", "b.e", "b.c", "f", "f.0", "g", "z.a", "a.x", ""].map(str::to_owned);
        let found = picked(answer.as_bytes(), &asked).unwrap();
        let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, [("a", "x"), ("b.c.d", "7.5"), ("b.e", "yes")]);
        for other in ["", "[]", "7", "null", "<html>", "{\"a\":", "\u{0}"] {
            assert_eq!(picked(other.as_bytes(), &asked), None, "{other}");
        }
    }

    #[test]
    fn a_value_is_composed_and_cut() {
        let answer = serde_json::json!({"a": "e\u{302}\u{301}".repeat(2_000)}).to_string();
        let found = picked(answer.as_bytes(), &["a".to_owned()]).unwrap();
        assert_eq!(found["a"], "ế".repeat(LONGEST_VALUE));
    }

    #[test]
    fn each_call_of_each_conversation_has_a_key_of_its_own() {
        let key = |id: &str, call: &str| idempotency_key(&ConversationId::new(id), call);
        assert_eq!(key("c_1", "a/1"), key("c_1", "a/1"));
        let all = [key("c_1", "a/1"), key("c_1", "a/2"), key("c_2", "a/1"), key("c_1a", "/1")];
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 4);
        assert!(all.iter().all(|key| key.len() == 43));
    }

    proptest! {
        #[test]
        fn no_answer_makes_reading_panic(body in prop::collection::vec(any::<u8>(), 0..200), field in "\\PC{0,20}") {
            let _ = picked(&body, &[field]);
        }
    }
}
