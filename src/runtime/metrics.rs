//! What operations look at. Labels name channels and kinds, never people.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// A channel and what happened on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct On {
    /// The channel's name.
    pub channel: String,
    /// What happened.
    pub what: String,
}

/// A service and what calling it came to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct CallOf {
    /// The service's name in the configuration.
    pub service: String,
    /// What came of it.
    pub outcome: String,
}

/// The counters of one server.
#[derive(Default)]
pub struct Metrics {
    /// Events received: `new`, `duplicate`, `ignored`, `unsigned`, `malformed`.
    pub inbound: Family<On, Counter>,
    /// Tries to deliver: `sent`, `retry`, `pause`, `halt`, `refused`, `unreachable`, `window_closed`.
    pub outbound: Family<On, Counter>,
    /// Flows ended, by flow (as `channel`) and outcome.
    pub ended: Family<On, Counter>,
    /// Webhooks to partners: `sent`, `retry`, `disabled`, `given_up`.
    pub webhooks: Family<On, Counter>,
    /// Services called for flows: `answered`, `failed`.
    pub calls: Family<CallOf, Counter>,
    /// Turns that failed and wait to be tried again.
    pub failed_turns: Counter,
    /// Conversations open in a browser.
    pub watching: Gauge,
}

impl Metrics {
    /// Counts one thing that happened.
    pub fn count(family: &Family<On, Counter>, channel: &str, what: &str) {
        family.get_or_create(&On { channel: channel.to_owned(), what: what.to_owned() }).inc();
    }

    /// Counts one call of a service.
    pub fn count_call(family: &Family<CallOf, Counter>, service: &str, outcome: &str) {
        family.get_or_create(&CallOf { service: service.to_owned(), outcome: outcome.to_owned() }).inc();
    }

    /// Everything in Prometheus' text format.
    pub fn text(&self) -> String {
        let mut registry = Registry::with_prefix("thoai");
        registry.register("inbound", "Events received", self.inbound.clone());
        registry.register("outbound", "Tries to deliver a message", self.outbound.clone());
        registry.register("flow_ended", "Flows ended, by outcome", self.ended.clone());
        registry.register("webhooks", "Webhooks to partners", self.webhooks.clone());
        registry.register("calls", "Services called for flows, by outcome", self.calls.clone());
        registry.register("failed_turns", "Turns to be tried again", self.failed_turns.clone());
        registry.register("watching", "Conversations open in a browser", self.watching.clone());
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).expect("writing to a string");
        text
    }
}
