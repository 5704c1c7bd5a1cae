//! One server in the place of everything outside: Graph API, Zalo's API and token server, the LiveInfo
//! gateway, partner systems. It records every request byte for byte and answers as scripted, else as the
//! platform would on a good day. Zalo's token server trades each refresh token once, as the real one does.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its world has to fail")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use tokio::sync::watch;

/// How long anything may take before a test gives up: far more than it ever should.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Recorded {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// A header's value, empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// An answer that is not the usual one.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    held: bool,
}

impl Answer {
    pub(crate) fn new(status: u16, body: &(impl ToString + ?Sized)) -> Self {
        Self { status, headers: Vec::new(), body: body.to_string(), held: false }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The same, not before [`StandIn::release`].
    pub(crate) fn held(self) -> Self {
        Self { held: true, ..self }
    }

    /// An error of the Graph API.
    pub(crate) fn graph_error(status: u16, code: i64, subcode: i64) -> Self {
        Self::new(status, &json!({"error": {"message": "x", "code": code, "error_subcode": subcode}}))
    }

    /// An error of Zalo's API, which comes with status 200.
    pub(crate) fn zalo_error(code: i64) -> Self {
        Self::new(200, &json!({"error": code, "message": "x"}))
    }
}

/// What is answered to whom.
struct Script {
    path: String,
    containing: String,
    answer: Answer,
    times: usize,
}

/// Zalo's tokens: the pair in force, by number.
struct Tokens {
    access: u32,
    refresh: u32,
    revoked: bool,
}

struct Inner {
    records: Mutex<Vec<Recorded>>,
    scripts: Mutex<Vec<Script>>,
    tokens: Mutex<Tokens>,
    count: watch::Sender<usize>,
    released: watch::Sender<bool>,
}

/// The world outside.
#[derive(Clone)]
pub(crate) struct StandIn {
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
    inner: Arc<Inner>,
}

impl StandIn {
    pub(crate) async fn start() -> Self {
        let inner = Arc::new(Inner {
            records: Mutex::default(),
            scripts: Mutex::default(),
            tokens: Mutex::new(Tokens { access: 0, refresh: 0, revoked: false }),
            count: watch::channel(0).0,
            released: watch::channel(false).0,
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inner }
    }

    /// From now on, the next `times` requests to this path whose body contains the words get this answer.
    pub(crate) fn script(&self, path: &str, containing: &str, times: usize, answer: Answer) {
        let (path, containing) = (path.to_owned(), containing.to_owned());
        self.inner.scripts.lock().unwrap().push(Script { path, containing, answer, times });
    }

    /// Gives the answers that were held, and holds none any more.
    pub(crate) fn release(&self) {
        self.inner.released.send_replace(true);
    }

    /// The access token given out last is no longer good.
    pub(crate) fn expire_zalo_token(&self) {
        self.inner.tokens.lock().unwrap().access += 1000;
    }

    /// No refresh token is good any more.
    pub(crate) fn revoke_zalo(&self) {
        let mut tokens = self.inner.tokens.lock().unwrap();
        tokens.access += 1000;
        tokens.revoked = true;
    }

    /// Every request to paths that begin so, oldest first.
    pub(crate) fn requests(&self, path: &str) -> Vec<Recorded> {
        let records = self.inner.records.lock().unwrap();
        records.iter().filter(|request| request.path.starts_with(path)).cloned().collect()
    }

    /// Waits until `find` finds what it looks for among all requests.
    pub(crate) async fn wait_for<T>(&self, what: &str, mut find: impl FnMut(&[Recorded]) -> Option<T>) -> T {
        let mut count = self.inner.count.subscribe();
        let waiting = async {
            loop {
                count.borrow_and_update();
                if let Some(found) = find(&self.inner.records.lock().unwrap()) {
                    return found;
                }
                count.changed().await.unwrap();
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(found) => found,
            Err(_) => panic!("{what} never came; what came: {:#?}", self.outline()),
        }
    }

    /// Waits for this many requests to paths that begin so, and returns all of them.
    pub(crate) async fn wait_for_requests(&self, path: &str, count: usize) -> Vec<Recorded> {
        let what = format!("request {count} to {path}");
        self.wait_for(&what, |all| (all.iter().filter(|r| r.path.starts_with(path)).count() >= count).then_some(()))
            .await;
        self.requests(path)
    }

    fn outline(&self) -> Vec<String> {
        let records = self.inner.records.lock().unwrap();
        records.iter().map(|r| format!("{} {} {}", r.method, r.path, String::from_utf8_lossy(&r.body))).collect()
    }
}

async fn answer(State(inner): State<Arc<Inner>>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or(String::new(), ToString::to_string);
    // Under a name of their own: they come at the start, and belong to no conversation a test looks at.
    let path = if path.ends_with("/messenger_profile") { format!("/menu{path}") } else { path };
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let recorded = Recorded { method: parts.method, path, headers: parts.headers, body };
    let number = {
        let mut records = inner.records.lock().unwrap();
        records.push(recorded.clone());
        records.len()
    };
    let answer = scripted(&inner, &recorded).unwrap_or_else(|| usual(&inner, &recorded, number));
    inner.count.send_replace(number);
    if answer.held {
        // The sender lives in `inner`, so waiting cannot fail.
        let _ = inner.released.subscribe().wait_for(|released| *released).await;
    }
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).unwrap()
}

fn scripted(inner: &Inner, request: &Recorded) -> Option<Answer> {
    let mut scripts = inner.scripts.lock().unwrap();
    let body = String::from_utf8_lossy(&request.body);
    let script = scripts.iter_mut().find(|script| {
        script.times > 0 && request.path.starts_with(&script.path) && body.contains(&script.containing)
    })?;
    script.times -= 1;
    Some(script.answer.clone())
}

/// What the platforms answer on a good day.
fn usual(inner: &Inner, request: &Recorded, number: usize) -> Answer {
    if request.path.starts_with("/graph/") {
        return Answer::new(200, &json!({"message_id": format!("m_out_{number}")}));
    }
    if request.path.starts_with("/menu/") {
        return Answer::new(200, &json!({"result": "success"}));
    }
    if request.path.starts_with("/zalo/") {
        let good = format!("AT-{}", inner.tokens.lock().unwrap().access);
        return if request.header("access_token") == good {
            Answer::new(200, &json!({"data": {"message_id": format!("z_{number}")}, "error": 0, "message": "Success"}))
        } else {
            Answer::zalo_error(-216)
        };
    }
    if request.path.starts_with("/oauth/") {
        return renew(&mut inner.tokens.lock().unwrap(), request.text());
    }
    if request.path.starts_with("/gateway/") {
        return Answer::new(200, &json!({"id": "gw-1"}));
    }
    Answer::new(204, "")
}

fn renew(tokens: &mut Tokens, form: &str) -> Answer {
    let spent = !form.contains(&format!("refresh_token=RT-{}&", tokens.refresh));
    if spent || tokens.revoked {
        return Answer::new(200, &json!({"error": -14014, "error_name": "Invalid refresh token"}));
    }
    tokens.refresh += 1;
    tokens.access = tokens.refresh;
    let (access, refresh) = (format!("AT-{}", tokens.access), format!("RT-{}", tokens.refresh));
    Answer::new(200, &json!({"access_token": access, "refresh_token": refresh, "expires_in": "90000"}))
}
