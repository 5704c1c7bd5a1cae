//! The whole house in this process: the shipped flows, real configuration, a store, the server on a free
//! port, and a stand-in for everything outside. Dropping a [`House`] fails the test if its outbox or inbox
//! is not empty, unless it was told to leave them.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its world has to fail")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use thoai::channel::Token;
use thoai::channel::signature::{sign_messenger, sign_zalo};
use thoai::cli::check::{Found, compiled};
use thoai::config::Config;
use thoai::domain::contact::ContactKey;
use thoai::domain::conversation::Conversation;
use thoai::domain::id::{AccountId, ChannelName, ContactId, ConversationId, TicketId};
use thoai::domain::ticket::Ticket;
use thoai::flow::Flows;
use thoai::place::Gazetteer;
use thoai::routing::import::{self, Tables};
use thoai::runtime::seal::Seal;
use thoai::runtime::{Parts, Runtime, Settings, clock, registry};
use thoai::server::{self, App};
use thoai::store::memory::MemoryStore;
use thoai::store::sled::SledStore;
use thoai::store::{Conversations, Store, Tickets};

use crate::stand_in::{PATIENCE, Recorded, StandIn};
use crate::watched::Watched;

pub(crate) const PAGE: &str = "1234567890";
pub(crate) const OTHER_PAGE: &str = "1234567891";
pub(crate) const APP_ID: &str = "1517776481860111";
pub(crate) const APP_SECRET: &str = "fb_app_secret";
pub(crate) const ZALO_APP: &str = "1002003004005006007";
pub(crate) const ZALO_OA: &str = "9008007006005004003";
pub(crate) const OA_SECRET: &str = "oa-secret-Example-01";
pub(crate) const STANDARD: &str = "whsec_dGhvYWktdGVzdC1zZWNyZXQtMDAwMQ==";
pub(crate) const API_TOKEN: &str = "mymobifone-token-0001";
pub(crate) const SERVICE_TOKEN: &str = "kiem-tra-token-0001";
pub(crate) const LINK_SECRET: &str = "links-secret-Example-03";
pub(crate) const PUBLIC: &str = "https://thoai.example";

/// Units with one ward unit above two provinces.
pub(crate) const UNITS: &str = "id,kind,name,phone,parent,territory\n\
    tong_dai,central,Tổng đài 9090,9090,,\n\
    hcm,province,MobiFone Thành phố Hồ Chí Minh,,,province:79\n\
    hn,province,MobiFone Hà Nội,,,province:01\n\
    sai_gon,rapid_team,Đội Sài Gòn,,hcm,ward:26740\n";

/// A house to be built.
#[derive(Clone, Default)]
pub(crate) struct Plan {
    /// Where its sled store is; without one it keeps everything in memory.
    pub(crate) folder: Option<PathBuf>,
    /// A world outside that stands already.
    pub(crate) outside: Option<StandIn>,
    /// How long a signed link is good, instead of the usual week.
    pub(crate) link_valid: Option<&'static str>,
    /// How long an offer stands, instead of half an hour, with units that always work.
    pub(crate) offer: Option<&'static str>,
    /// The flows in force, instead of the shipped ones.
    pub(crate) flows: Option<Flows>,
}

/// The whole house.
pub(crate) struct House {
    pub(crate) url: String,
    pub(crate) outside: StandIn,
    pub(crate) store: Arc<Watched>,
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) http: reqwest::Client,
    pub(crate) leaves: bool,
    stop: Mutex<Option<oneshot::Sender<()>>>,
    serving: Mutex<Option<JoinHandle<std::io::Result<()>>>>,
    counter: AtomicU64,
}

impl House {
    /// With everything in memory.
    pub(crate) async fn new() -> Self {
        Self::build(Plan::default()).await
    }

    /// With a store in this folder.
    pub(crate) async fn on(folder: &Path) -> Self {
        Self::build(Plan { folder: Some(folder.to_owned()), ..Plan::default() }).await
    }

    pub(crate) async fn build(plan: Plan) -> Self {
        let outside = match plan.outside {
            Some(outside) => outside,
            None => StandIn::start().await,
        };
        let config = configuration(&outside.url, plan.link_valid.unwrap_or("7d"), plan.offer.unwrap_or("30m"));
        let inner: Arc<dyn Store> = match &plan.folder {
            Some(folder) => Arc::new(SledStore::open(folder).unwrap()),
            None => Arc::new(MemoryStore::new()),
        };
        let store = Arc::new(Watched::new(inner));
        let flows = plan.flows.unwrap_or_else(|| shipped_flows(&config));
        let units = if plan.offer.is_some() { always_working(UNITS) } else { UNITS.to_owned() };
        let runtime = Runtime::start(parts(&config, Arc::clone(&store), flows, &units)).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let app = Arc::new(App { runtime: Arc::clone(&runtime), web: config.web.clone(), api: config.api.clone() });
        let serving = tokio::spawn(server::serve(listener, app, async move {
            let _ = stopped.await;
        }));
        Self {
            url,
            outside,
            store,
            runtime,
            http: client(),
            leaves: false,
            stop: Mutex::new(Some(stop)),
            serving: Mutex::new(Some(serving)),
            counter: AtomicU64::new(0),
        }
    }

    /// A number no one else in this house has.
    pub(crate) fn unique(&self) -> u64 {
        self.counter.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Waits until nothing is left to be answered, sent or told.
    pub(crate) async fn idle(&self) {
        let mut writes = self.store.watch();
        let far = clock::now().plus(Duration::from_secs(100 * 24 * 3600));
        let waiting = async {
            loop {
                writes.borrow_and_update();
                let unfinished = self.store.unfinished().await.unwrap();
                let webhooks = self.store.due_webhooks(far, 10).await.unwrap();
                if unfinished.is_empty() && webhooks.is_empty() {
                    return;
                }
                writes.changed().await.unwrap();
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            let mut left = Vec::new();
            for id in self.store.unfinished().await.unwrap() {
                left.push(format!("{:?} {:?}", self.store.inbox(&id, 9).await, self.store.outbox(&id, 9).await));
            }
            panic!("something is left: {left:#?} {:#?}", self.store.due_webhooks(far, 10).await);
        }
    }

    /// Tells the server to stop; what is under way goes on.
    pub(crate) fn tell_to_stop(&self) {
        if let Some(stop) = self.stop.lock().unwrap().take() {
            let _ = stop.send(());
        }
    }

    /// Stops the server and waits until it has.
    pub(crate) async fn stop(&self) {
        self.tell_to_stop();
        let serving = self.serving.lock().unwrap().take();
        if let Some(serving) = serving {
            tokio::time::timeout(PATIENCE, serving).await.unwrap().unwrap().unwrap();
        }
    }

    /// Posts a body as it is.
    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answered {
        post(&self.http, &format!("{}{path}", self.url), headers, body.into()).await
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answered {
        let mut request = self.http.get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answered::of(request.send().await.unwrap()).await
    }

    /// Posts a payload as Meta would.
    pub(crate) async fn messenger_posts(&self, payload: &Value) -> Answered {
        let body = payload.to_string();
        let signature = sign_messenger(&Token::new(APP_SECRET), body.as_bytes());
        self.post("/webhooks/messenger", &[("x-hub-signature-256", &signature)], body).await
    }

    /// Posts an event as Zalo would.
    pub(crate) async fn zalo_posts(&self, event: &Value) -> Answered {
        let body = event.to_string();
        let signature = sign_zalo(ZALO_APP, &Token::new(OA_SECRET), body.as_bytes()).unwrap();
        self.post("/webhooks/zalo", &[("x-zevent-signature", &signature)], body).await
    }

    /// Posts an event as the LiveInfo gateway would, signed by the independent implementation.
    pub(crate) async fn liveinfo_posts(&self, event: &Value) -> Answered {
        let (body, id, now) = (event.to_string(), format!("msg_{}", self.unique()), clock::now().seconds());
        let signature = standardwebhooks::Webhook::new(STANDARD).unwrap().sign(&id, now, body.as_bytes()).unwrap();
        let now = now.to_string();
        let headers = [("webhook-id", id.as_str()), ("webhook-timestamp", &now), ("webhook-signature", &signature)];
        self.post("/webhooks/liveinfo", &headers, body).await
    }

    /// A call of the API by the partner.
    pub(crate) async fn api_get(&self, path: &str) -> Answered {
        self.get(path, &[("authorization", &format!("Bearer {API_TOKEN}"))]).await
    }

    /// The conversation of this contact.
    pub(crate) async fn conversation(&self, id: &ConversationId) -> Conversation {
        self.store.load(id).await.unwrap().unwrap()
    }

    /// The conversation, run again from what came in, says the same and ends where it stands.
    pub(crate) async fn replays(&self, id: &ConversationId) {
        let replayed = self.runtime.replay(Some(id), None).await.unwrap();
        assert!(matches!(&replayed[..], [one] if one.turns > 0 && one.is_same()), "{replayed:#?}");
    }

    /// Waits until the conversation's latest ticket is stored, and returns it. What led to it can be replayed.
    pub(crate) async fn ticket_of(&self, id: &ConversationId) -> Ticket {
        self.replays(id).await;
        let tickets = self.conversation(id).await.tickets;
        let ticket: TicketId = tickets.last().expect("a ticket was made").clone();
        let mut writes = self.store.watch();
        let waiting = async {
            loop {
                writes.borrow_and_update();
                if let Some(ticket) = self.store.ticket(&ticket).await.unwrap() {
                    return ticket;
                }
                writes.changed().await.unwrap();
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("the ticket is stored")
    }

    /// Someone who writes to our first page.
    pub(crate) fn on_messenger(&self, psid: &str) -> Contact<'_> {
        Contact::new(self, Where::Messenger(PAGE), psid)
    }

    /// Someone who writes to this page.
    pub(crate) fn on_page(&self, page: &'static str, psid: &str) -> Contact<'_> {
        Contact::new(self, Where::Messenger(page), psid)
    }

    /// Someone who writes to our Official Account.
    pub(crate) fn on_zalo(&self, user: &str) -> Contact<'_> {
        Contact::new(self, Where::Zalo, user)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                if !self.leaves {
                    self.idle().await;
                }
                self.stop().await;
            });
        });
    }
}

/// What our server answered.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answered {
    async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, body: response.bytes().await.unwrap() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

/// A client with a connection of its own.
pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE).build().unwrap()
}

pub(crate) async fn post(client: &reqwest::Client, url: &str, headers: &[(&str, &str)], body: Bytes) -> Answered {
    let mut request = client.post(url).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answered::of(request.send().await.unwrap()).await
}

/// A message of Meta's, with one text in it.
pub(crate) fn messenger_text(page: &str, psid: &str, mid: &str, text: &str) -> Value {
    messenger_event(page, psid, &json!({"message": {"mid": mid, "text": text}}))
}

/// A payload of Meta's, with one event in it.
pub(crate) fn messenger_event(page: &str, psid: &str, what: &Value) -> Value {
    let now = clock::now().millis();
    let mut event = json!({"sender": {"id": psid}, "recipient": {"id": page}, "timestamp": now});
    event.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
    json!({"object": "page", "entry": [{"id": page, "time": now, "messaging": [event]}]})
}

/// An event of Zalo's between this contact and our account.
pub(crate) fn zalo_event(name: &str, user: &str, what: &Value) -> Value {
    let mut event = json!({
        "app_id": ZALO_APP, "sender": {"id": user}, "recipient": {"id": ZALO_OA}, "event_name": name,
        "timestamp": clock::now().millis().to_string(),
    });
    event.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
    event
}

/// A LiveInfo answer within a session.
pub(crate) fn liveinfo_answer(session: &str, hop: u64, msisdn: &str, raw: &str, transport: &str) -> Value {
    json!({
        "event_id": format!("e-{session}-{hop}"), "campaign_id": "sim4g", "prompt_id": format!("p-{session}"),
        "session_id": session, "msisdn": msisdn, "hop": hop, "kind": "answer", "raw": raw, "transport": transport,
        "at": clock::now().to_rfc3339(),
    })
}

#[derive(Clone, Copy)]
enum Where {
    Messenger(&'static str),
    Zalo,
}

/// One message as a contact sees it.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) text: String,
    /// Title and payload of what can be tapped.
    pub(crate) choices: Vec<(String, String)>,
    /// The picture's address.
    pub(crate) image: Option<String>,
}

/// Someone on a platform, who reads what is sent to them in order.
pub(crate) struct Contact<'h> {
    house: &'h House,
    at: Where,
    pub(crate) name: String,
    read: usize,
    last: Option<Heard>,
}

impl<'h> Contact<'h> {
    fn new(house: &'h House, at: Where, name: &str) -> Self {
        Self { house, at, name: name.to_owned(), read: 0, last: None }
    }

    pub(crate) fn id(&self) -> ConversationId {
        let (channel, account) = match self.at {
            Where::Messenger(page) => ("messenger", page),
            Where::Zalo => ("zalo", ZALO_OA),
        };
        let (channel, account) = (ChannelName::new(channel), AccountId::new(account));
        ContactKey { channel, account, contact: ContactId::new(&self.name) }.conversation()
    }

    /// Writes.
    pub(crate) async fn says(&mut self, text: &str) -> &mut Self {
        let id = format!("{}-{}", self.name, self.house.unique());
        let answered = match self.at {
            Where::Messenger(page) => self.house.messenger_posts(&messenger_text(page, &self.name, &id, text)).await,
            Where::Zalo => {
                let message = json!({"message": {"text": text, "msg_id": id}});
                self.house.zalo_posts(&zalo_event("user_send_text", &self.name, &message)).await
            }
        };
        assert_eq!(answered.status, StatusCode::OK, "{answered:?}");
        self
    }

    /// Shares a place on the map.
    pub(crate) async fn is_at(&mut self, latitude: f64, longitude: f64) -> &mut Self {
        let id = format!("{}-{}", self.name, self.house.unique());
        let answered = match self.at {
            Where::Messenger(page) => {
                let place =
                    json!({"type": "location", "payload": {"coordinates": {"lat": latitude, "long": longitude}}});
                let message = json!({"message": {"mid": id, "attachments": [place]}});
                self.house.messenger_posts(&messenger_event(page, &self.name, &message)).await
            }
            Where::Zalo => {
                let coordinates = json!({"latitude": latitude.to_string(), "longitude": longitude.to_string()});
                let place = json!({"type": "location", "payload": {"coordinates": coordinates}});
                let message = json!({"message": {"msg_id": id, "attachments": [place]}});
                self.house.zalo_posts(&zalo_event("user_send_location", &self.name, &message)).await
            }
        };
        assert_eq!(answered.status, StatusCode::OK, "{answered:?}");
        self
    }

    /// Taps what the last message offered under this title.
    pub(crate) async fn taps(&mut self, title: &str) -> &mut Self {
        let last = self.last.clone().expect("something was heard");
        let found = last.choices.iter().find(|choice| choice.0 == title);
        let (_, payload) = found.unwrap_or_else(|| panic!("there is no \"{title}\" in {last:?}")).clone();
        match self.at {
            Where::Messenger(page) => {
                let mid = format!("{}-{}", self.name, self.house.unique());
                let message = json!({"message": {"mid": mid, "text": title, "quick_reply": {"payload": payload}}});
                let answered = self.house.messenger_posts(&messenger_event(page, &self.name, &message)).await;
                assert_eq!(answered.status, StatusCode::OK, "{answered:?}");
                self
            }
            Where::Zalo => self.says(&payload).await,
        }
    }

    /// Reads the next message, which must contain these words.
    pub(crate) async fn hears(&mut self, words: &str) -> Heard {
        let what = format!("\"{words}\", message {} to {},", self.read, self.name);
        let heard = self.house.outside.wait_for(&what, |all| self.heard_in(all).nth(self.read)).await;
        assert!(heard.text.contains(words), "{} expected \"{words}\", heard {heard:?}", self.name);
        self.read += 1;
        self.last = Some(heard.clone());
        heard
    }

    /// Everything that was sent to this contact, tries that failed included.
    pub(crate) fn all(&self) -> Vec<Heard> {
        self.heard_in(&self.house.outside.requests("/")).collect()
    }

    fn heard_in<'a>(&'a self, all: &'a [Recorded]) -> impl Iterator<Item = Heard> + 'a {
        let path = match self.at {
            Where::Messenger(page) => format!("/graph/v25.0/{page}/messages"),
            Where::Zalo => "/zalo/".to_owned(),
        };
        let to_them = move |request: &&Recorded| request.path.starts_with(&path) && request.text().contains(&self.name);
        all.iter().filter(to_them).filter_map(|request| self.heard(&request.json()))
    }

    fn heard(&self, body: &Value) -> Option<Heard> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (to, offered) = match self.at {
            Where::Messenger(_) => (&body["recipient"]["id"], &body["message"]["quick_replies"]),
            Where::Zalo => (&body["recipient"]["user_id"], &body["message"]["attachment"]["payload"]["buttons"]),
        };
        let offered = offered.as_array().into_iter().flatten();
        let payload = &body["message"]["attachment"]["payload"];
        let image = payload["url"].as_str().or_else(|| payload["elements"][0]["url"].as_str());
        (to == self.name.as_str()).then(|| Heard {
            text: text(&body["message"]["text"]),
            choices: offered.map(|choice| (text(&choice["title"]), text(&choice["payload"]))).collect(),
            image: image.map(str::to_owned),
        })
    }
}

fn configuration(outside: &str, link_valid: &str, offer: &str) -> Config {
    let text = format!(
        r#"
server: {{public_url: "{PUBLIC}"}}
channels:
  messenger:
    verify_token: thoai-verify
    app_secret: {APP_SECRET}
    app_id: "{APP_ID}"
    pages: [{{id: "{PAGE}", token: page-a-token}}, {{id: "{OTHER_PAGE}", token: page-b-token}}]
    graph_url: "{outside}/graph"
  zalo:
    app_id: "{ZALO_APP}"
    app_secret: app-secret-Example-02
    oa_id: "{ZALO_OA}"
    oa_secret_key: {OA_SECRET}
    refresh_token: RT-0
    api_url: "{outside}/zalo"
    oauth_url: "{outside}/oauth"
  liveinfo: {{secret: "{STANDARD}", gateway_url: "{outside}/gateway"}}
api:
  tokens:
    - {{name: mymobifone, token: {API_TOKEN}, source: mymobifone}}
    - {{name: doi, token: "token-of-sai_gon-1", unit: sai_gon}}
    - {{name: tp, token: "token-of-hcm-000001", unit: hcm}}
    - {{name: thu_do, token: "token-of-hn-0000001", unit: hn}}
links: {{secret: {LINK_SECRET}, valid: {link_valid}}}
routing:
  promises: {{offer: {offer}}}
  webhooks:
    - {{url: "{outside}/partner", secret: "{STANDARD}"}}
    - {{url: "{outside}/crm", secret: "{STANDARD}", include: [personal]}}
services:
  kiem_tra: {{url: "{outside}/services/kiem-tra?v=1", token: {SERVICE_TOKEN}}}
  khac: {{url: "{outside}/services/khac"}}
"#
    );
    Config::read(Some(("thoai.yaml", &text)), &[]).unwrap()
}

/// The table with units that are at work day and night.
fn always_working(units: &str) -> String {
    let with = |line: &str| {
        if line.starts_with("id,") { format!("{line},hours") } else { format!("{line},daily 00:00-24:00") }
    };
    units.lines().map(with).collect::<Vec<_>>().join("\n")
}

fn parts(config: &Config, store: Arc<Watched>, flows: Flows, units: &str) -> Parts {
    let places = Arc::new(Gazetteer::official());
    let organisation = import::read(&Tables::of_units(units), places.as_ref()).unwrap();
    Parts {
        store,
        channels: registry::channels(config),
        flows,
        places,
        organisation,
        seal: Seal::new(LINK_SECRET),
        settings: Settings {
            public_url: PUBLIC.to_owned(),
            queue: config.queues[0].clone(),
            queues: config.queues.clone(),
            service_names: config.services.clone(),
            link_valid: config.link_valid,
            tokens: config.tokens.clone(),
            endpoints: config.endpoints.clone(),
            services: config.service_endpoints.clone(),
            hours: config.hours.clone(),
            policy: config.policy,
        },
    }
}

fn shipped_flows(config: &Config) -> Flows {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("flows");
    let mut found = Vec::new();
    for folder in [root.clone(), root.join("chung")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "yaml") {
                found.push(Found { path: path.display().to_string(), content: Ok(std::fs::read(&path).unwrap()) });
            }
        }
    }
    compiled(found, config.names(&registry::limits())).unwrap()
}
