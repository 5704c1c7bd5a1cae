//! `thoai chat`: a conversation in the terminal, through the same engine that serves customers.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::channel::render;
use crate::domain::contact::Profile;
use crate::domain::id::ChannelName;
use crate::domain::message::{Choice, Event, PromptOutcome};
use crate::domain::session::Session;
use crate::engine::{self, Effect, Input, Turn, World};
use crate::flow::Flows;
use crate::place::Gazetteer;
use crate::runtime::{clock, registry, ticket};
use crate::text;

/// Arguments of `thoai chat`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The flow to start with; left out, the first message decides.
    flow: Option<String>,
    /// The folder of flows [default: flows.dir of the configuration].
    #[arg(long, value_name = "FOLDER")]
    flows: Option<PathBuf>,
    /// The channel whose wordings and limits apply.
    #[arg(long, default_value = "web")]
    channel: String,
    /// The customer's number, if it is known.
    #[arg(long)]
    phone: Option<String>,
}

const HELP: &str = "Gõ tin nhắn như khách hàng. Lệnh: /channel TÊN, /state, /restart, /quit";

/// A talk under way.
struct Talk<'a> {
    flows: &'a Flows,
    places: &'a Gazetteer,
    queue: &'a str,
    channel: ChannelName,
    profile: Profile,
    session: Option<Session>,
    choices: Vec<Choice>,
}

/// `thoai chat`
pub(super) fn run(config: Option<&Path>, options: &Options) -> anyhow::Result<u8> {
    let mut config = super::open::config(config)?;
    if let Some(folder) = &options.flows {
        config.flows.clone_from(folder);
    }
    let flows = super::open::flows(&config)?;
    let places = Gazetteer::official();
    let phone = options.phone.as_deref().and_then(|phone| text::phone::read(phone).phone);
    let profile = Profile { phone_verified: phone.is_some(), phone, ..Profile::default() };
    let channel = ChannelName::new(&options.channel);
    anyhow::ensure!(registry::limits().contains_key(&channel), "there is no channel \"{channel}\"");
    let mut talk = Talk {
        flows: &flows,
        places: &places,
        queue: &config.queues[0],
        channel,
        profile,
        session: None,
        choices: Vec::new(),
    };
    println!("{HELP}");
    if let Some(name) = &options.flow {
        let flow = flows.flows.get(name).ok_or_else(|| anyhow::anyhow!("there is no flow \"{name}\""))?;
        talk.begin(flow);
    } else {
        talk.hear(&Event::Open { reference: None });
    }
    for line in io::stdin().lock().lines() {
        let line = line?;
        match line.trim() {
            "" => {}
            "/quit" => break,
            "/help" => println!("{HELP}"),
            "/state" => println!("{}", serde_json::to_string_pretty(&talk.session)?),
            "/restart" => {
                talk.session = None;
                talk.hear(&Event::Open { reference: None });
            }
            command if command.starts_with('/') => match command.strip_prefix("/channel ") {
                Some(name) if registry::limits().contains_key(&ChannelName::new(name.trim())) => {
                    talk.channel = ChannelName::new(name.trim());
                }
                _ => println!("{HELP}"),
            },
            said => talk.hear(&Event::Text { text: text::nfc(said) }),
        }
        io::stdout().flush()?;
    }
    Ok(0)
}

/// Colours of a terminal.
const DIM: u8 = 2;
const GREEN: u8 = 32;
const CYAN: u8 = 36;

/// The text in a colour of the terminal; as it is where there is none, so that a log of it can be read.
fn painted(colour: u8, text: &str) -> String {
    if io::stdout().is_terminal() { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
}

impl Talk<'_> {
    /// Starts a flow the way its own entry would: by its first keyword, reference or campaign.
    fn begin(&mut self, flow: &crate::flow::Flow) {
        let entry = &flow.entry;
        let event = if let Some(reference) = entry.refs.first() {
            Event::Open { reference: Some(reference.clone()) }
        } else if let Some(phrase) = entry.keywords.first() {
            Event::Text { text: phrase.text().to_owned() }
        } else if let Some(campaign) = entry.prompts.keys().next() {
            let outcome = PromptOutcome::Answered { raw: "YES".to_owned() };
            Event::Prompt { campaign: campaign.clone(), outcome, session_open: true }
        } else {
            Event::Open { reference: None }
        };
        self.hear(&event);
    }

    fn hear(&mut self, event: &Event) {
        let world = World { flows: self.flows, places: self.places, queue: self.queue, closed: &[] };
        let event = match event {
            // A number or a title picks the choice, as a tap would.
            Event::Text { text } => self.tapped(text).unwrap_or_else(|| event.clone()),
            other => other.clone(),
        };
        let limits = &registry::limits()[&self.channel];
        let input =
            Input { event: &event, channel: &self.channel, limits, contact: &self.profile, link: None, campaign: None };
        let Turn { session, effects, .. } = engine::turn(world, self.session.as_ref(), input, clock::now());
        self.session = session;
        self.choices.clear();
        for effect in effects {
            self.show(effect);
        }
    }

    fn tapped(&self, said: &str) -> Option<Event> {
        let number = said.trim().parse::<usize>().ok()?.checked_sub(1)?;
        let Choice { payload, title } = self.choices.get(number)?.clone();
        Some(Event::Choice { payload, title })
    }

    fn show(&mut self, effect: Effect) {
        let done = match effect {
            Effect::Say { step, text, choices, .. } => return self.say(&step, &text, choices),
            Effect::HandOff(request) => format!("yêu cầu {}: {}", request.kind.name(), ticket::request(&request)),
            Effect::Person { queue } => format!("chuyển nhân viên ({queue})"),
            Effect::Erase => "xóa dữ liệu của khách".to_owned(),
            Effect::Consent(consent) => format!("ghi nhận đồng ý: {:?}", consent.decision),
            Effect::Prompt { campaign, answer } => format!("{campaign}: {answer:?}"),
            Effect::Call(call) => format!("gọi dịch vụ {}", call.service),
            Effect::Speak(language) => format!("ngôn ngữ: {language:?}"),
            Effect::OptOut => "từ chối nhận lời mời".to_owned(),
            Effect::Ended { flow, outcome } => format!("{flow} kết thúc: {outcome}"),
        };
        println!("{}", painted(GREEN, &format!("→ {done}")));
    }

    fn say(&mut self, step: &str, text: &str, choices: Vec<Choice>) {
        println!("{}", painted(DIM, if step.is_empty() { "·" } else { step }));
        for message in render::render(text, &choices, &registry::limits()[&self.channel], "chat") {
            println!("  {}", message.text.replace('\n', "\n  "));
            let titles = message.choices.iter().enumerate().map(|(n, choice)| format!("[{}] {}", n + 1, choice.title));
            let titles = titles.collect::<Vec<_>>().join("   ");
            if !titles.is_empty() {
                println!("  {}", painted(CYAN, &titles));
            }
        }
        self.choices = choices;
    }
}
