//! From a file to a [`Script`], or to everything that is wrong with it.

use std::collections::BTreeMap;

use regex::RegexBuilder;

use super::problem::{Problem, Thing};
use super::reader::{CHANNEL, Reader};
use super::{Beat, Case, Held, MOST_CASES, MOST_LINES, PARTS, Script, Spoken, Text, Wanted, What};
use crate::domain::address::AddressPart;
use crate::domain::contact::{Language, Profile};
use crate::domain::id::ChannelName;
use crate::domain::message::{Called, Event};
use crate::domain::ticket::TicketKind;
use crate::domain::time::Timestamp;
use crate::flow::compile::File;
use crate::flow::diagnostic::Diagnostic;
use crate::flow::source::{self, Key, Kind, Node};
use crate::flow::time::read_duration;
use crate::studio::play::{Act, Setting, Stage};
use crate::text;

/// When a conversation begins whose author names no time: a Sunday morning.
const BEGINNING: Timestamp = Timestamp::from_millis(1_795_312_800_000);
/// Largest compiled pattern, in bytes.
const PATTERN_SIZE: usize = 1 << 18;

const ACTS: [&str; 4] = ["user", "begin", "wait", "give_back"];
const NOT_TYPED: [&str; 6] = ["tap", "photo", "media", "location", "open", "prompt"];
const WANTED: [&str; 5] = ["bot", "handoff", "person", "end", "call"];
const WORLD: [&str; 6] = ["contact", "now", "channel", "language", "services", "closed"];
const SPOKEN: [&str; 7] = ["at", "asks_for", "text", "buttons", "slots", "interrupt", "reminder"];

/// What a script may name that stands outside it.
pub type Names<'a> = Stage<'a>;

/// Reads a file of scripted conversations.
///
/// # Errors
/// Everything that is wrong with it, in the file's order.
pub fn read(file: &File, names: Names<'_>) -> Result<Script, Vec<Diagnostic>> {
    let mut reader = Reader { path: &file.path, names, flow: None, problems: Vec::new() };
    let parsed = source::parse(&file.text);
    for (span, problem) in parsed.problems {
        reader.problems.push(Diagnostic::error(&file.path, span, problem.words()));
    }
    let script = parsed.root.map(|root| reader.script(&root));
    match script {
        Some(script) if reader.problems.is_empty() => Ok(script),
        _ => Err(reader.problems),
    }
}

impl Reader<'_> {
    fn script(&mut self, root: &Node) -> Script {
        self.keys(root, &["flow", "world", "tests"]);
        let flow = self.required(root, "flow").to_owned();
        self.flow = self.names.flows.flows.get(&flow);
        if self.flow.is_none() && !flow.is_empty() {
            let span = root.get("flow").map_or(root.span, |node| node.span);
            self.unknown(span, Thing::Flow, &flow, self.names.flows.flows.keys().map(String::as_str).collect());
            // Without the flow every name in the script would only repeat that.
            return Script { path: self.path.to_owned(), flow, cases: Vec::new() };
        }
        let beginning = Setting {
            contact: Profile::default(),
            now: BEGINNING,
            channel: ChannelName::new(CHANNEL),
            services: BTreeMap::new(),
            closed: Vec::new(),
        };
        let world = self.world(root.get("world"), beginning);
        let cases = match root.get("tests") {
            Some(node) => self.list(node, MOST_CASES).iter().map(|node| self.case(node, &world)).collect(),
            None => {
                self.tell(root.span, &Problem::Missing("tests"));
                Vec::new()
            }
        };
        Script { path: self.path.to_owned(), flow, cases }
    }

    fn case(&mut self, node: &Node, world: &Setting) -> Case {
        self.keys(node, &["name", "channel", "world", "chat"]);
        let name = self.required(node, "name").to_owned();
        let mut setting = self.world(node.get("world"), world.clone());
        if let Some(channel) = node.get("channel") {
            setting.channel = self.channel(channel);
        }
        let mut beats: Vec<Beat> = Vec::new();
        match node.get("chat") {
            Some(chat) => {
                for line in self.list(chat, MOST_LINES) {
                    self.line(line, &mut beats);
                }
            }
            None => self.tell(node.span, &Problem::Missing("chat")),
        }
        Case { name, line: node.span.line, setting, beats }
    }

    /// One line of a conversation: something happens, or something must have come of it.
    fn line(&mut self, node: &Node, beats: &mut Vec<Beat>) {
        let Some((key, value)) = self.single(node) else { return };
        let line = key.span.line;
        if ACTS.contains(&key.text.as_str()) {
            let act = match key.text.as_str() {
                "user" => self.user(value),
                "begin" => self.flow.map(|flow| Act::Begins(flow.name.clone())),
                "wait" => self.duration(value),
                _ => Some(Act::GivesBack),
            };
            beats.extend(act.map(|act| Beat { line, act, wanted: Vec::new() }));
            return;
        }
        // What is not typed may stand without `user:`.
        if NOT_TYPED.contains(&key.text.as_str()) {
            let act = self.user(node);
            return beats.extend(act.map(|act| Beat { line, act, wanted: Vec::new() }));
        }
        let what = match key.text.as_str() {
            "bot" => Some(What::Bot(self.bot(value))),
            "handoff" => self.hand_off(value),
            "person" => self.person(value),
            "end" => self.words(value).map(|outcome| What::End(outcome.to_owned())),
            "call" => self.call(value),
            unknown => {
                let known = ACTS.iter().chain(&WANTED).copied().collect();
                self.unknown_key(key, unknown, known);
                None
            }
        };
        let Some(what) = what else { return };
        let Some(beat) = beats.last_mut() else { return self.tell(key.span, &Problem::NothingHappened) };
        let is_bot = |wanted: &Wanted| matches!(wanted.what, What::Bot(_));
        if matches!(what, What::Bot(_)) && beat.wanted.iter().any(is_bot) {
            return self.tell(key.span, &Problem::TwoBots);
        }
        beat.wanted.push(Wanted { line, span: value.span, what });
    }

    fn user(&mut self, node: &Node) -> Option<Act> {
        if let Some(said) = node.scalar() {
            return Some(Act::Says(said.to_owned()));
        }
        let (key, value) = self.single(node)?;
        match key.text.as_str() {
            "tap" => self.words(value).map(|title| Act::Taps(title.to_owned())),
            "photo" => Some(Act::Sends(Event::Media { media: "image".to_owned(), url: None })),
            "media" => {
                let kinds = ["image", "audio", "video", "file", "sticker", "link", "other"];
                let media = self.one_of(value, &kinds.map(|kind| (kind, kind)))?;
                Some(Act::Sends(Event::Media { media: media.to_owned(), url: None }))
            }
            "location" => self.location(value),
            "open" => Some(Act::Opens(value.scalar().map(str::to_owned))),
            "prompt" => self.prompt(node, value),
            unknown => {
                self.unknown_key(key, unknown, NOT_TYPED.to_vec());
                None
            }
        }
    }

    fn prompt(&mut self, node: &Node, campaign: &Node) -> Option<Act> {
        let name = self.words(campaign)?;
        let known: Vec<&str> =
            self.names.flows.flows.values().flat_map(|flow| flow.entry.prompts.keys().map(String::as_str)).collect();
        if !known.contains(&name) {
            self.unknown(campaign.span, Thing::Campaign, name, known);
            return None;
        }
        let answer = self.required(node, "answer").to_owned();
        Some(Act::Answers { campaign: name.to_owned(), answer })
    }

    fn location(&mut self, node: &Node) -> Option<Act> {
        let degrees = |node: &Node| node.scalar().and_then(|text| text.trim().parse::<f64>().ok());
        let (latitude, longitude) = match &node.kind {
            Kind::Seq(items) if items.len() == 2 => (degrees(&items[0]), degrees(&items[1])),
            _ => (None, None),
        };
        match (latitude, longitude) {
            (Some(latitude), Some(longitude)) if latitude.abs() <= 90.0 && longitude.abs() <= 180.0 => {
                Some(Act::Sends(Event::Location { latitude, longitude }))
            }
            _ => {
                self.tell(node.span, &Problem::Place);
                None
            }
        }
    }

    fn duration(&mut self, node: &Node) -> Option<Act> {
        let text = self.words(node)?;
        let span = read_duration(text);
        if span.is_none() {
            self.tell(node.span, &Problem::Duration(text.to_owned()));
        }
        span.map(Act::Waits)
    }

    fn bot(&mut self, node: &Node) -> Vec<Spoken> {
        match &node.kind {
            Kind::Seq(items) => items.iter().filter_map(|item| self.spoken(item)).collect(),
            _ => self.spoken(node).into_iter().collect(),
        }
    }

    fn spoken(&mut self, node: &Node) -> Option<Spoken> {
        if let Some(step) = node.scalar() {
            return Some(Spoken { at: self.step(node, step), ..Spoken::default() });
        }
        self.keys(node, &SPOKEN);
        node.map()?;
        let mut spoken = Spoken::default();
        if let Some(node) = node.get("at") {
            spoken.at = self.words(node).and_then(|step| self.step(node, step));
        }
        if let Some(node) = node.get("interrupt") {
            spoken.interrupt = self.words(node).and_then(|name| self.interrupt(node, name));
        }
        if let Some(node) = node.get("reminder") {
            let number = node.scalar().and_then(|text| text.parse().ok()).filter(|n| *n > 0);
            if number.is_none() {
                self.tell(node.span, &Problem::Shape("số thứ tự từ 1", "a number from 1"));
            }
            spoken.reminder = number;
        }
        spoken.asks_for = node.get("asks_for").and_then(|node| self.one_of(node, &PARTS));
        spoken.text = node.get("text").and_then(|node| self.text(node));
        spoken.buttons = node.get("buttons").map(|node| {
            self.list(node, MOST_LINES).iter().filter_map(|item| self.words(item)).map(str::to_owned).collect()
        });
        spoken.slots = node.get("slots").map(|node| self.slots(node)).unwrap_or_default();
        Some(spoken)
    }

    /// A text between slashes is a pattern.
    fn text(&mut self, node: &Node) -> Option<Text> {
        let words = self.words(node)?;
        let Some(pattern) = words.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) else {
            return Some(Text::Exact(words.to_owned()));
        };
        match RegexBuilder::new(pattern).size_limit(PATTERN_SIZE).build() {
            Ok(pattern) => Some(Text::Matching(pattern)),
            Err(_) => {
                self.tell(node.span, &Problem::Pattern(words.to_owned()));
                None
            }
        }
    }

    fn slots(&mut self, node: &Node) -> Vec<(String, Held)> {
        let Some(entries) = node.map() else {
            self.tell(node.span, &Problem::Shape("các mục \"tên: giá trị\"", "a map"));
            return Vec::new();
        };
        let mut slots = Vec::new();
        for (key, value) in entries {
            self.slot(key.span, &key.text);
            let held = match value.map() {
                Some(parts) => Some(Held::Parts(parts.iter().filter_map(|part| self.part(part)).collect())),
                None => self.words(value).map(|words| Held::Value(words.to_owned())),
            };
            slots.extend(held.map(|held| (key.text.clone(), held)));
        }
        slots
    }

    fn part(&mut self, (key, value): &(Key, Node)) -> Option<(AddressPart, String)> {
        let Some((_, part)) = PARTS.iter().find(|(name, _)| *name == key.text) else {
            self.unknown_key(key, &key.text, PARTS.map(|(name, _)| name).into());
            return None;
        };
        Some((*part, self.words(value)?.to_owned()))
    }

    fn hand_off(&mut self, node: &Node) -> Option<What> {
        let kinds = TicketKind::ALL.map(|(name, _)| name);
        if let Some(kind) = node.scalar() {
            self.known(node.span, Thing::Kind, kind, kinds.into());
            return Some(What::HandOff { kind: kind.to_owned(), has: Vec::new() });
        }
        self.keys(node, &["kind", "has"]);
        let kind = self.required(node, "kind").to_owned();
        if let Some(node) = node.get("kind") {
            self.known(node.span, Thing::Kind, &kind, kinds.into());
        }
        let mut has = Vec::new();
        if let Some(slots) = node.get("has") {
            for item in self.list(slots, MOST_LINES) {
                let Some(name) = self.words(item) else { continue };
                self.slot(item.span, name);
                has.push(name.to_owned());
            }
        }
        Some(What::HandOff { kind, has })
    }

    fn person(&mut self, node: &Node) -> Option<What> {
        let queue = self.words(node)?;
        self.known(node.span, Thing::Queue, queue, self.names.queues.iter().map(String::as_str).collect());
        Some(What::Person(queue.to_owned()))
    }

    fn call(&mut self, node: &Node) -> Option<What> {
        if let Some(service) = node.scalar() {
            self.service(node.span, service);
            return Some(What::Call { service: service.to_owned(), send: BTreeMap::new() });
        }
        self.keys(node, &["service", "send"]);
        let service = self.required(node, "service").to_owned();
        self.service(node.span, &service);
        let send = node.get("send").map(|node| self.fields(node)).unwrap_or_default();
        Some(What::Call { service, send })
    }

    fn fields(&mut self, node: &Node) -> BTreeMap<String, String> {
        let entries = node.map().unwrap_or_default();
        entries.iter().filter_map(|(key, value)| Some((key.text.clone(), self.words(value)?.to_owned()))).collect()
    }

    fn world(&mut self, node: Option<&Node>, mut world: Setting) -> Setting {
        let Some(node) = node else { return world };
        self.keys(node, &WORLD);
        if let Some(contact) = node.get("contact") {
            self.contact(contact, &mut world.contact);
        }
        if let Some(node) = node.get("now") {
            let text = self.words(node).unwrap_or_default();
            match Timestamp::parse_rfc3339(text) {
                Some(now) => world.now = now,
                None => self.tell(node.span, &Problem::Moment(text.to_owned())),
            }
        }
        if let Some(node) = node.get("channel") {
            world.channel = self.channel(node);
        }
        if let Some(node) = node.get("language") {
            let language = self.one_of(node, &[("vi", Language::Vi), ("en", Language::En)]);
            world.contact.language = language.unwrap_or_default();
        }
        if let Some(node) = node.get("services") {
            for (key, value) in node.map().unwrap_or_default() {
                self.service(key.span, &key.text);
                world.services.insert(key.text.clone(), self.answer(value));
            }
        }
        if let Some(node) = node.get("closed") {
            world.closed.clear();
            for item in self.list(node, MOST_LINES) {
                let Some(queue) = self.words(item) else { continue };
                self.known(item.span, Thing::Queue, queue, self.names.queues.iter().map(String::as_str).collect());
                world.closed.push(queue.to_owned());
            }
        }
        world
    }

    fn contact(&mut self, node: &Node, contact: &mut Profile) {
        self.keys(node, &["name", "phone", "verified"]);
        if let Some(node) = node.get("name") {
            contact.name = self.words(node).map(str::to_owned);
        }
        if let Some(node) = node.get("phone") {
            let words = self.words(node).unwrap_or_default();
            contact.phone = text::phone::read(words).phone;
            if contact.phone.is_none() {
                self.tell(node.span, &Problem::Phone(words.to_owned()));
            }
        }
        if let Some(node) = node.get("verified") {
            contact.phone_verified = self.one_of(node, &[("true", true), ("false", false)]).unwrap_or(false);
        }
    }

    fn answer(&mut self, node: &Node) -> Called {
        self.keys(node, &["ok", "failed"]);
        match node.get("ok") {
            Some(fields) => Called::Answered { fields: self.fields(fields) },
            None => Called::Failed { code: "status 503".to_owned() },
        }
    }
}
