//! What is said: in the languages it was written in, perhaps otherwise on some channels.
//!
//! Knows nothing of where it stands or whose values come into it.

use std::collections::BTreeMap;

use super::Template;
use crate::domain::contact::Language;
use crate::domain::id::ChannelName;

/// Words, perhaps others on some channels.
#[derive(Clone, Debug)]
pub struct Wording {
    /// Everywhere else.
    pub text: Words,
    /// By channel.
    pub by_channel: BTreeMap<ChannelName, Words>,
}

/// Words in the languages they were written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// In Vietnamese, which every text has.
    pub vi: Template,
    /// In English.
    pub en: Option<Template>,
}

impl Words {
    /// The words in this language, else in Vietnamese.
    pub fn on(&self, language: Language) -> &Template {
        self.en.as_ref().filter(|_| language == Language::En).unwrap_or(&self.vi)
    }

    /// Every template in them.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        self.en.iter().chain([&self.vi])
    }
}

impl Wording {
    /// The words for this channel in this language, else in Vietnamese.
    pub fn on(&self, channel: &ChannelName, language: Language) -> &Template {
        self.by_channel.get(channel).unwrap_or(&self.text).on(language)
    }

    /// Every template in it.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        std::iter::once(&self.text).chain(self.by_channel.values()).flat_map(Words::templates)
    }
}

/// A short text in the languages it was written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// In Vietnamese, which every label has.
    pub vi: String,
    /// In English.
    pub en: Option<String>,
}

impl Label {
    /// A label in Vietnamese only.
    pub fn new(vi: impl Into<String>) -> Self {
        Self { vi: vi.into(), en: None }
    }

    /// The words in this language, else in Vietnamese.
    pub fn on(&self, language: Language) -> &str {
        match (language, &self.en) {
            (Language::En, Some(en)) => en,
            _ => &self.vi,
        }
    }
}
