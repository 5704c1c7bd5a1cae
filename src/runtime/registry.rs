//! The one list of all channels: which exist, and which an operator has switched on.

use std::sync::Arc;

use crate::channel::Channel;
use crate::channel::liveinfo::LiveInfo;
use crate::channel::messenger::Messenger;
use crate::channel::web::WebChat;
use crate::channel::zalo::Zalo;
use crate::config::Config;
use crate::domain::id::ChannelName;
use crate::domain::limits::{Limits, LimitsTable, TextUnit};

use super::Channels;

/// The channels that are switched on.
pub fn channels(config: &Config) -> Channels {
    let mut channels: Vec<Arc<dyn Channel>> = Vec::new();
    if let Some(settings) = &config.messenger {
        channels.push(Arc::new(Messenger::new(settings.clone())));
    }
    if let Some(settings) = &config.zalo {
        channels.push(Arc::new(Zalo::new(settings.clone())));
    }
    if let Some(settings) = &config.liveinfo {
        channels.push(Arc::new(LiveInfo::new(settings.clone())));
    }
    if config.web.is_some() {
        channels.push(Arc::new(WebChat::new()));
    }
    channels.into_iter().map(|channel| (channel.name().clone(), channel)).collect()
}

/// The channels that exist and are switched off, by name.
pub fn switched_off(config: &Config) -> Vec<String> {
    let on = channels(config);
    limits().keys().filter(|name| !on.contains_key(*name)).map(ToString::to_string).collect()
}

/// The limits of all channels there are, for checking flows.
pub fn limits() -> LimitsTable {
    without_settings().into_iter().map(|channel| (channel.name().clone(), channel.limits())).collect()
}

/// The channel of this name as it is when it is switched off: it can say what it carries, and send nothing.
pub(super) fn idle(name: &ChannelName) -> Option<Arc<dyn Channel>> {
    without_settings().into_iter().find(|channel| channel.name() == name)
}

fn without_settings() -> [Arc<dyn Channel>; 4] {
    [
        Arc::new(Messenger::new(Default::default())),
        Arc::new(Zalo::new(Default::default())),
        Arc::new(LiveInfo::new(Default::default())),
        Arc::new(WebChat::new()),
    ]
}

/// The limits of all channels that texts can be written for and tried on: those there are, and SMS, whose
/// gateway comes later.
pub fn writable() -> LimitsTable {
    let sms = Limits {
        text: 160,
        unit: TextUnit::Char,
        choices: 0,
        choice_title: 0,
        window: None,
        accents: false,
        pushes: true,
    };
    let mut limits = limits();
    limits.insert(ChannelName::new("sms"), sms);
    limits
}
