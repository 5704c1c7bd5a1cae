//! The configuration: defaults, under the file, under the environment. Read and checked once, with every
//! problem at once; secrets never printed. `thoai.example.yaml` shows every key.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::channel::{Token, liveinfo, messenger, signature, zalo};
use crate::domain::id::{AccountId, ChannelName, UnitId};
use crate::domain::limits::LimitsTable;
use crate::domain::time::Timestamp;
use crate::flow::compile::Names;
use crate::routing::Policy;

mod values;

use values::Values;

/// Everything an operator decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// `server.listen`: address and port; port 0 takes a free one.
    pub listen: String,
    /// `server.public_url`, without a slash at the end; `None` when left out: then the listening address.
    pub public_url: Option<String>,
    /// `store.url`
    pub store: StoreAt,
    /// `flows.dir`
    pub flows: PathBuf,
    /// `places.file`: the administrative units, where they are newer than the program's; left out, `places.txt`
    /// in the data folder.
    pub places: Option<PathBuf>,
    /// `channels.messenger`
    pub messenger: Option<messenger::Settings>,
    /// `channels.zalo`
    pub zalo: Option<zalo::Settings>,
    /// `channels.liveinfo`
    pub liveinfo: Option<liveinfo::Settings>,
    /// `channels.web`; `None` when it is switched off.
    pub web: Option<Web>,
    /// Tokens to send with.
    pub tokens: HashMap<(ChannelName, AccountId), AccountToken>,
    /// `api.tokens`
    pub api: Vec<ApiToken>,
    /// `links.secret`; generated and kept when left out.
    pub link_secret: Option<Token>,
    /// `links.valid`
    pub link_valid: Duration,
    /// `routing.queues`, never empty; the first one is called where a flow names none.
    pub queues: Vec<String>,
    /// `routing.webhooks`
    pub endpoints: Vec<Endpoint>,
    /// `routing.hours`: when somebody of a queue is on duty; of a queue that is not in it, always.
    pub hours: BTreeMap<String, Hours>,
    /// `routing.promises`: how fast units should be, in working time.
    pub policy: Policy,
    /// The names under `services`, which flows may call.
    pub services: Vec<String>,
    /// Where each of them is.
    pub service_endpoints: BTreeMap<String, ServiceEndpoint>,
}

/// Where everything durable is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreAt {
    /// `sled:PATH`
    Sled(PathBuf),
    /// `memory:`, for trying things out: gone when the process ends.
    Memory,
}

/// The web chatbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Web {
    /// Sites that may show the chatbox in a frame, as origins.
    pub allowed_sites: Vec<String>,
}

/// A partner system that may use the API.
#[derive(Clone, Debug)]
pub struct ApiToken {
    /// Its name, for logs.
    pub name: String,
    /// What it shows.
    pub token: Token,
    /// What its tickets are marked with.
    pub source: String,
    /// The unit it speaks for, if it is a unit's.
    pub unit: Option<UnitId>,
}

/// What an operator configured for one account.
#[derive(Clone, Debug)]
pub enum AccountToken {
    /// Good until revoked.
    Fixed(Token),
    /// The first refresh token; renewed ones are kept in the store.
    Refresh(Token),
}

/// A partner system that wants to be told.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Where to.
    pub url: String,
    /// What to sign with.
    pub secret: Token,
    /// Of what: `ticket.created`, `ticket.withdrawn`, `ticket.accept`, ...; all when none is named.
    pub events: Vec<String>,
    /// Whether names, numbers and addresses may be in it.
    pub personal: bool,
}

/// A service that flows may call by its name.
#[derive(Clone, Debug)]
pub struct ServiceEndpoint {
    /// Where to: https, or http on this machine.
    pub url: String,
    /// What it is shown as `Authorization: Bearer`, if anything.
    pub token: Option<Token>,
}

/// Hours of every day, in minutes since local midnight: from `from`, up to but not including `to`. `to` before
/// `from` is a night's hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    from: u16,
    to: u16,
}

impl Hours {
    /// Whether the moment lies in them.
    pub fn hold(self, now: Timestamp) -> bool {
        let (minute, Self { from, to }) = (now.minute(), self);
        if from <= to { (from..to).contains(&minute) } else { minute >= from || minute < to }
    }

    /// Reads `07:00-22:00`; the end of a day is `24:00`.
    fn read(text: &str) -> Option<Self> {
        let minute = |text: &str| {
            let (hour, minute) = text.trim().split_once(':')?;
            let plain = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            if !plain(hour) || !plain(minute) {
                return None;
            }
            let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
            (minute < 60 && hour * 60 + minute <= 24 * 60).then_some(hour * 60 + minute)
        };
        let (from, to) = text.split_once('-')?;
        let (from, to) = (minute(from)?, minute(to)?);
        (from != to).then_some(Self { from, to })
    }
}

/// Everything that is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has {} problem(s):\n  {}", .0.len(), .0.join("\n  "))]
pub struct ConfigError(pub Vec<String>);

impl Config {
    /// Reads the configuration from the text of a file, if there is one, and environment variables.
    ///
    /// # Errors
    /// Every problem at once, with its place.
    pub fn read(file: Option<(&str, &str)>, environment: &[(String, String)]) -> Result<Self, ConfigError> {
        let mut values = Values::read(file, environment.iter().cloned());
        let lookup = |name: &str| environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let config = Self::take(&mut values, &lookup);
        let problems = values.finish();
        if problems.is_empty() { Ok(config) } else { Err(ConfigError(problems)) }
    }

    /// What the flows of this installation may name.
    pub fn names<'a>(&'a self, limits: &'a LimitsTable) -> Names<'a> {
        Names { limits, queues: &self.queues, services: &self.services }
    }

    fn take(values: &mut Values, environment: &dyn Fn(&str) -> Option<String>) -> Self {
        for later in ["channels.sms", "quiet", "smtp"] {
            values.not_yet(later);
        }
        if values.text("routing.handoff").is_some_and(|handoff| handoff != "embedded") {
            values.problems.push(
                "routing.handoff: this version supports `embedded` only; use routing.webhooks to tell outside systems"
                    .to_owned(),
            );
        }
        let mut tokens = HashMap::new();
        let mut queues = values.texts("routing.queues");
        if queues.is_empty() {
            queues.push("cskh".to_owned());
        }
        let hours = hours(values, &queues);
        let policy = policy(values);
        let service_endpoints = services(values, environment);
        let store = values
            .parsed("store.url", "sled:PATH or memory:", store_at)
            .unwrap_or_else(|| StoreAt::Sled("data".into()));
        let beside_the_store = match &store {
            StoreAt::Sled(folder) => Some(folder.join("places.txt")),
            StoreAt::Memory => None,
        };
        Self {
            listen: values.text("server.listen").unwrap_or_else(|| "127.0.0.1:8080".to_owned()),
            public_url: values.parsed("server.public_url", "an http:// or https:// address", base_url),
            store,
            places: values.text("places.file").map(PathBuf::from).or(beside_the_store),
            flows: values.text("flows.dir").unwrap_or_else(|| "flows".to_owned()).into(),
            messenger: messenger(values, environment, &mut tokens),
            zalo: zalo(values, environment, &mut tokens),
            liveinfo: liveinfo(values, environment),
            web: web(values),
            tokens,
            api: api(values, environment),
            link_secret: link_secret(values, environment),
            link_valid: values.span("links.valid").unwrap_or(Duration::from_secs(7 * 24 * 3600)),
            queues,
            endpoints: endpoints(values, environment),
            hours,
            policy,
            services: service_endpoints.keys().cloned().collect(),
            service_endpoints,
        }
    }
}

type Tokens = HashMap<(ChannelName, AccountId), AccountToken>;
type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

fn messenger(values: &mut Values, environment: Environment<'_>, tokens: &mut Tokens) -> Option<messenger::Settings> {
    const AT: &str = "channels.messenger";
    if !values.has(AT) {
        return None;
    }
    let mut pages = Vec::new();
    for ix in values.indexes(&format!("{AT}.pages")) {
        let page = AccountId::new(values.needed(&format!("{AT}.pages.{ix}.id")));
        let token = values.needed_secret(&format!("{AT}.pages.{ix}.token"), environment);
        tokens.insert((ChannelName::new("messenger"), page.clone()), AccountToken::Fixed(token));
        pages.push(page);
    }
    Some(messenger::Settings {
        verify_token: values.needed_secret(&format!("{AT}.verify_token"), environment),
        app_secret: values.needed_secret(&format!("{AT}.app_secret"), environment),
        app_id: values.text(&format!("{AT}.app_id")),
        pages,
        graph_url: url(values, &format!("{AT}.graph_url"), "https://graph.facebook.com"),
        version: values.text(&format!("{AT}.version")).unwrap_or_else(|| "v25.0".to_owned()),
    })
}

fn zalo(values: &mut Values, environment: Environment<'_>, tokens: &mut Tokens) -> Option<zalo::Settings> {
    const AT: &str = "channels.zalo";
    if !values.has(AT) {
        return None;
    }
    let oa_id = AccountId::new(values.needed(&format!("{AT}.oa_id")));
    let refresh = values.needed_secret(&format!("{AT}.refresh_token"), environment);
    tokens.insert((ChannelName::new("zalo"), oa_id.clone()), AccountToken::Refresh(refresh));
    Some(zalo::Settings {
        app_id: values.needed(&format!("{AT}.app_id")),
        app_secret: values.needed_secret(&format!("{AT}.app_secret"), environment),
        oa_id,
        oa_secret_key: values.needed_secret(&format!("{AT}.oa_secret_key"), environment),
        api_url: url(values, &format!("{AT}.api_url"), "https://openapi.zalo.me"),
        oauth_url: url(values, &format!("{AT}.oauth_url"), "https://oauth.zaloapp.com"),
        site_code: values.parsed(&format!("{AT}.site_code"), "the code of Zalo's domain verification", |code| {
            zalo::is_site_code(code).then(|| code.to_owned())
        }),
    })
}

fn liveinfo(values: &mut Values, environment: Environment<'_>) -> Option<liveinfo::Settings> {
    const AT: &str = "channels.liveinfo";
    if !values.has(AT) {
        return None;
    }
    Some(liveinfo::Settings {
        secret: standard_secret(values, &format!("{AT}.secret"), environment),
        gateway_url: url(values, &format!("{AT}.gateway_url"), ""),
    })
}

fn web(values: &mut Values) -> Option<Web> {
    let enabled = values.flag("channels.web.enabled").unwrap_or(true);
    let allowed_sites = values.texts("channels.web.allowed_sites");
    for site in &allowed_sites {
        if base_url(site).as_ref() != Some(site) || site.matches('/').count() != 2 {
            values
                .problems
                .push(format!("channels.web.allowed_sites: {site} is not an origin such as https://www.example.vn"));
        }
    }
    enabled.then_some(Web { allowed_sites })
}

/// The shortest secret worth having, in bytes.
const SHORTEST_SECRET: usize = 8;

fn link_secret(values: &mut Values, environment: Environment<'_>) -> Option<Token> {
    let secret = values.secret("links.secret", environment)?;
    refuse_short(values, "links.secret", &secret);
    Some(secret)
}

fn refuse_short(values: &mut Values, path: &str, secret: &Token) {
    if secret.expose().len() < SHORTEST_SECRET {
        values.problems.push(format!("{path} is too short to be safe: use {SHORTEST_SECRET} characters or more"));
    }
}

fn api(values: &mut Values, environment: Environment<'_>) -> Vec<ApiToken> {
    let indexes = values.indexes("api.tokens");
    indexes
        .into_iter()
        .map(|ix| {
            let at = format!("api.tokens.{ix}");
            let name = values.needed(&format!("{at}.name"));
            let token = values.needed_secret(&format!("{at}.token"), environment);
            if !token.expose().is_empty() {
                refuse_short(values, &format!("{at}.token"), &token);
            }
            let source = values.text(&format!("{at}.source")).unwrap_or_else(|| name.clone());
            let unit = values.text(&format!("{at}.unit")).map(UnitId::new);
            ApiToken { name, token, source, unit }
        })
        .collect()
}

fn endpoints(values: &mut Values, environment: Environment<'_>) -> Vec<Endpoint> {
    const EVENTS: [&str; 15] = [
        "ticket.created",
        "ticket.withdrawn",
        "ticket.repeat",
        "ticket.accept",
        "ticket.reject",
        "ticket.expire",
        "ticket.close",
        "ticket.contact",
        "ticket.schedule",
        "ticket.finish",
        "ticket.cancel",
        "ticket.pass",
        "ticket.pause",
        "ticket.resume",
        "ticket.late",
    ];
    let mut endpoints = Vec::new();
    for ix in values.indexes("routing.webhooks") {
        let at = format!("routing.webhooks.{ix}");
        let mut events = values.texts(&format!("{at}.events"));
        for unknown in events.iter().filter(|event| !EVENTS.contains(&event.as_str())) {
            values.problems.push(format!("{at}.events: {unknown} is none of {}", EVENTS.join(", ")));
        }
        if events.is_empty() {
            events = EVENTS.map(str::to_owned).to_vec();
        }
        let include = values.texts(&format!("{at}.include"));
        if let Some(unknown) = include.iter().find(|what| *what != "personal") {
            values.problems.push(format!("{at}.include: {unknown} is unknown; only `personal` can be included"));
        }
        endpoints.push(Endpoint {
            url: url(values, &format!("{at}.url"), ""),
            secret: standard_secret(values, &format!("{at}.secret"), environment),
            events,
            personal: !include.is_empty(),
        });
    }
    let mut seen = HashSet::new();
    for again in endpoints.iter().filter(|endpoint| !seen.insert(&endpoint.url)) {
        values.problems.push(format!("routing.webhooks: {} is named twice", again.url));
    }
    endpoints
}

fn policy(values: &mut Values) -> Policy {
    let usual = Policy::default();
    let mut span = |name: &str, usual| values.span(&format!("routing.promises.{name}")).unwrap_or(usual);
    Policy {
        offer: span("offer", usual.offer),
        first_contact: span("first_contact", usual.first_contact),
        visit: span("visit", usual.visit),
    }
}

fn hours(values: &mut Values, queues: &[String]) -> BTreeMap<String, Hours> {
    const AT: &str = "routing.hours";
    let mut hours = BTreeMap::new();
    for queue in values.names(AT) {
        if !queues.contains(&queue) {
            values.problems.push(format!("{AT}: {queue} is none of routing.queues"));
        }
        if let Some(span) = values.parsed(&format!("{AT}.{queue}"), "hours such as 07:00-22:00", Hours::read) {
            hours.insert(queue, span);
        }
    }
    hours
}

fn services(values: &mut Values, environment: Environment<'_>) -> BTreeMap<String, ServiceEndpoint> {
    let mut services = BTreeMap::new();
    for name in values.names("services") {
        let at = format!("services.{name}");
        let address = format!("{at}.url");
        if !values.has(&address) {
            values.problems.push(format!("{address} is missing"));
        }
        let url = values.parsed(&address, "an https:// address, or http:// on this machine", service_url);
        let token = values.secret(&format!("{at}.token"), environment);
        services.insert(name, ServiceEndpoint { url: url.unwrap_or_default(), token });
    }
    services
}

/// What a flow sends may be personal, so it leaves this machine only under TLS.
fn service_url(text: &str) -> Option<String> {
    let uri: http::Uri = text.parse().ok()?;
    let host = uri.host().filter(|host| !host.is_empty())?;
    let here = host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    (uri.scheme_str() == Some("https") || uri.scheme_str() == Some("http") && here).then(|| text.to_owned())
}

/// A secret in the form of Standard Webhooks, `whsec_` and base64.
fn standard_secret(values: &mut Values, path: &str, environment: Environment<'_>) -> Token {
    let secret = values.needed_secret(path, environment);
    if !secret.expose().is_empty() && signature::standard_secret(secret.expose()).is_none() {
        values.problems.push(format!("{path} is not a signing secret: write whsec_ and the base64 of 24 to 64 bytes"));
    }
    secret
}

/// A base address; `default` is empty where there is none.
fn url(values: &mut Values, path: &str, default: &str) -> String {
    match values.parsed(path, "an http:// or https:// address", base_url) {
        Some(url) => url,
        None if default.is_empty() => {
            values.problems.push(format!("{path} is missing"));
            String::new()
        }
        None => default.to_owned(),
    }
}

fn base_url(text: &str) -> Option<String> {
    let uri: http::Uri = text.parse().ok()?;
    let web = matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty());
    (web && uri.query().is_none()).then(|| text.trim_end_matches('/').to_owned())
}

fn store_at(text: &str) -> Option<StoreAt> {
    match text.split_once(':')? {
        ("sled", path) if !path.is_empty() => Some(StoreAt::Sled(path.into())),
        ("memory", "") => Some(StoreAt::Memory),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, environment: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let environment: Vec<_> = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Config::read(Some(("thoai.yaml", text)), &environment).map_err(|error| error.0)
    }

    #[test]
    fn nothing_at_all_is_a_configuration() {
        let config = Config::read(None, &[]).unwrap();
        assert_eq!(config.listen, "127.0.0.1:8080");
        assert_eq!(config.store, StoreAt::Sled("data".into()));
        assert!(config.web.is_some() && config.messenger.is_none());
        assert_eq!(config.queues, ["cskh"]);
    }

    #[test]
    fn the_example_shows_every_key_and_is_good() {
        let example = include_str!("../thoai.example.yaml");
        let secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=".to_owned();
        let mut values = Values::read(Some(("thoai.example.yaml", example)), std::iter::empty());
        let shown = values.paths();
        let config = Config::take(&mut values, &|_| Some(secret.clone()));
        assert!(config.messenger.is_some() && config.zalo.is_some() && config.liveinfo.is_some());
        let hidden: Vec<_> =
            values.asked().into_iter().filter(|key| !shown.contains(key) && !key.ends_with(".file")).collect();
        let hidden: Vec<_> = hidden.iter().filter(|key| !shown.contains(&format!("{key}.env"))).collect();
        let hidden: Vec<_> = hidden.iter().filter(|key| !key.ends_with(".env")).collect();
        assert!(hidden.is_empty(), "not in thoai.example.yaml: {hidden:?}");
        assert_eq!(values.finish(), Vec::<String>::new());
    }

    #[test]
    fn the_environment_goes_over_the_file() {
        let config = read("server: {listen: \"a:1\"}", &[("THOAI__SERVER__LISTEN", "b:2")]).unwrap();
        assert_eq!(config.listen, "b:2");
        let pages = [
            ("THOAI__CHANNELS__MESSENGER__PAGES__0__ID", "12"),
            ("THOAI__CHANNELS__MESSENGER__PAGES__0__TOKEN", "t"),
            ("THOAI__CHANNELS__MESSENGER__VERIFY_TOKEN", "v"),
            ("THOAI__CHANNELS__MESSENGER__APP_SECRET", "s"),
        ];
        assert_eq!(read("", &pages).unwrap().messenger.unwrap().pages, [AccountId::new("12")]);
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_place_and_the_nearest_known_one() {
        let problems = read("server:\n  lisen: \"127.0.0.1:0\"\n", &[]).unwrap_err();
        assert_eq!(problems, ["thoai.yaml:2:10: unknown key server.lisen; did you mean server.listen?"]);
    }

    #[test]
    fn every_problem_is_told_at_once_and_no_secret_is_printed() {
        let text = "store: {url: \"mysql://x\"}\nlinks: {valid: soon}\napi: {tokens: [{name: a, token: geheim}]}\n";
        let problems = read(text, &[]).unwrap_err();
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(!problems.join("\n").contains("geheim"));
        let config = read("links: {secret: geheim-geheim-geheim}", &[]).unwrap();
        assert!(!format!("{config:?}").contains("geheim"));
    }

    #[test]
    fn a_secret_can_come_from_another_variable() {
        let config = read("links: {secret: {env: LINKS}}", &[("LINKS", "sixteen letters!")]).unwrap();
        assert_eq!(config.link_secret.unwrap().expose(), "sixteen letters!");
        assert!(read("links: {secret: {env: LINKS}}", &[]).is_err());
    }

    #[test]
    fn a_secret_that_anybody_could_guess_is_refused() {
        for links in ["\"\"", "short", "{env: LINKS}"] {
            let problems = read(&format!("links: {{secret: {links}}}"), &[("LINKS", " ")]).unwrap_err();
            assert!(matches!(problems.as_slice(), [one] if one.starts_with("links.secret is ")), "{problems:?}");
        }
    }

    #[test]
    fn a_service_is_called_under_tls_or_on_this_machine() {
        let service = |url: &str| read(&format!("services: {{crm: {{url: \"{url}\", token: abc}}}}"), &[]);
        for url in
            ["https://crm.example.vn/kiem-tra?v=1", "http://localhost:1/a", "http://127.0.0.1/", "http://[::1]:80/"]
        {
            let config = service(url).unwrap();
            assert_eq!(
                (config.services.as_slice(), &*config.service_endpoints["crm"].url),
                (&["crm".to_owned()][..], url)
            );
            assert!(!format!("{config:?}").contains("abc"));
        }
        for url in ["http://crm.example.vn/", "ftp://localhost/", "http://localhost.example.vn/", "crm", ""] {
            assert_eq!(service(url).unwrap_err().len(), 1, "{url}");
        }
        assert_eq!(read("services: {crm: {token: abc}}", &[]).unwrap_err(), ["services.crm.url is missing"]);
    }

    #[test]
    fn a_queue_has_hours_and_a_night_has_them_too() {
        let config = read("routing: {queues: [a, b], hours: {a: \"07:00-22:00\", b: \"22:00-06:30\"}}", &[]).unwrap();
        let at = |time: &str| Timestamp::parse_rfc3339(&format!("2026-11-22T{time}:00+07:00")).unwrap();
        let open = |queue: &str, time: &str| config.hours[queue].hold(at(time));
        assert!(open("a", "07:00") && open("a", "21:59") && !open("a", "06:59") && !open("a", "22:00"));
        assert!(open("b", "22:00") && open("b", "00:00") && open("b", "06:29") && !open("b", "06:30"));
        for wrong in ["7-22", "07:00", "07:00-24:01", "08:60-09:00", "09:00-09:00", "+7:00-08:00", ""] {
            assert_eq!(
                read(&format!("routing: {{hours: {{cskh: \"{wrong}\"}}}}"), &[]).unwrap_err().len(),
                1,
                "{wrong}"
            );
        }
        assert_eq!(read("routing: {hours: {vip: \"07:00-22:00\"}}", &[]).unwrap_err().len(), 1);
    }

    #[test]
    fn what_a_later_version_brings_is_refused_with_that_word() {
        let problems = read("channels: {sms: {kind: kannel}}", &[]).unwrap_err();
        assert!(problems[0].contains("not supported by this version yet"), "{problems:?}");
    }
}
