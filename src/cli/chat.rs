//! `thoai chat`: a conversation in the terminal, through the same engine that serves customers. Only the
//! terminal and the file that a test is saved to; the talk is [`crate::studio::talk`]'s.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use crate::channel::render;
use crate::domain::contact::Profile;
use crate::domain::id::ChannelName;
use crate::domain::limits::LimitsTable;
use crate::domain::message::{Choice, Outbound};
use crate::engine::Effect;
use crate::runtime::{clock, registry, ticket};
use crate::studio::talk::{Card, HELP, Operator, Shown, Talk, appended};
use crate::studio::{Play, Stage};
use crate::text;

mod operator;

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
    /// The customer's name, if it is known.
    #[arg(long)]
    name: Option<String>,
    /// Shows what whoever calls the customer reads aloud, and takes what the customer answers.
    #[arg(long, requires = "flow")]
    operator: bool,
}

/// `thoai chat`
pub(super) fn run(config: Option<&Path>, options: &Options) -> anyhow::Result<u8> {
    let mut config = super::open::config(config)?;
    if let Some(folder) = &options.flows {
        config.flows.clone_from(folder);
    }
    let limits = registry::writable();
    let flows = super::open::flows(&config)?;
    let places = super::open::places(&config)?;
    let phone = options.phone.as_deref().and_then(|phone| text::phone::read(phone).phone);
    let contact = Profile { phone_verified: phone.is_some(), phone, name: options.name.clone(), ..Profile::default() };
    let channel = ChannelName::new(&options.channel);
    anyhow::ensure!(limits.contains_key(&channel), "there is no channel \"{channel}\"");
    let stage = Stage { flows: &flows, places: &places, limits: &limits, queues: &config.queues };
    let mut talk = Talk::new(Play::new(stage, Talk::setting(contact, clock::now(), channel)));
    let named = |name| flows.flows.get(name).ok_or_else(|| anyhow::anyhow!("there is no flow \"{name}\""));
    let flow = options.flow.as_ref().map(named).transpose()?;
    if let Some(flow) = flow.filter(|_| options.operator) {
        return operator::run(Operator::new(talk, flow), &limits, &config.flows);
    }
    println!("{HELP}");
    if let Some(flow) = flow {
        let shown = talk.begin(flow);
        show(&shown, &talk, &limits, &config.flows)?;
    }
    for line in io::stdin().lock().lines() {
        let shown = talk.hear(&line?);
        if !show(&shown, &talk, &limits, &config.flows)? {
            break;
        }
        io::stdout().flush()?;
    }
    Ok(0)
}

/// Shows what came of a line; `false` when the talk is over.
fn show(shown: &[Shown], talk: &Talk<'_>, limits: &LimitsTable, folder: &Path) -> anyhow::Result<bool> {
    for one in shown {
        match one {
            Shown::Said { step, text, choices, image } => {
                println!("{}", painted(DIM, if step.is_empty() { "·" } else { step }));
                if let Some(image) = image {
                    println!("  {}", painted(CYAN, &format!("[hình] {image}")));
                }
                say(text, choices, talk.channel(), limits);
            }
            Shown::Did(effect) => println!("{}", painted(GREEN, &format!("→ {}", done(effect)))),
            Shown::Note(note) => println!("{}", painted(CYAN, note)),
            Shown::Help => println!("{HELP}"),
            Shown::State(state) => println!("{state:#}"),
            Shown::Save { flow, case } => {
                let path = folder.join(format!("{flow}.test.yaml"));
                save(&path, flow, case)?;
                println!("{}", painted(GREEN, &format!("Đã lưu vào {}", path.display())));
            }
            Shown::Understood(values) => println!("{}", painted(GREEN, &format!("✓ {}", in_line(values)))),
            Shown::Card(card) => sum_up(card),
            Shown::Quit => return Ok(false),
        }
    }
    Ok(true)
}

fn save(path: &Path, flow: &str, case: &str) -> anyhow::Result<()> {
    let before = match std::fs::read_to_string(path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    std::fs::write(path, appended(before.as_deref(), flow, case))
        .with_context(|| format!("cannot write {}", path.display()))
}

fn say(text: &str, choices: &[Choice], channel: &ChannelName, limits: &LimitsTable) {
    let Some(limits) = limits.get(channel) else { return };
    for Outbound { text, choices, .. } in render::render(text, choices, limits, "chat") {
        println!("  {}", text.replace('\n', "\n  "));
        let titles = choices.iter().enumerate().map(|(n, choice)| format!("[{}] {}", n + 1, choice.title));
        let titles = titles.collect::<Vec<_>>().join("   ");
        if !titles.is_empty() {
            println!("  {}", painted(CYAN, &titles));
        }
    }
}

/// Labels and values on one line.
fn in_line(values: &[(String, String)]) -> String {
    values.iter().map(|(label, value)| format!("{label}: {value}")).collect::<Vec<_>>().join(" · ")
}

/// What came of a call.
fn sum_up(card: &Card) {
    println!("{}", painted(CYAN, "── Cuộc gọi ──"));
    println!("  Kết quả: {}", card.outcome.as_deref().unwrap_or("chưa xong"));
    for (label, value) in &card.told {
        println!("  {label}: {value}");
    }
    for note in &card.notes {
        println!("  Ghi chú: {note}");
    }
    for request in &card.requests {
        println!("  Phiếu chuyển đi: {} {}", request.kind.name(), ticket::request(request));
    }
}

fn done(effect: &Effect) -> String {
    match effect {
        Effect::Say { text, .. } => text.clone(),
        Effect::HandOff(request) => format!("yêu cầu {}: {}", request.kind.name(), ticket::request(request)),
        Effect::Person { queue } => format!("chuyển nhân viên ({queue})"),
        Effect::Tickets(wish) => format!("yêu cầu của khách: {wish:?}"),
        Effect::Erase => "xóa dữ liệu của khách".to_owned(),
        Effect::Consent(consent) => format!("ghi nhận đồng ý: {:?}", consent.decision),
        Effect::Prompt { campaign, answer } => format!("{campaign}: {answer:?}"),
        Effect::Call(call) => format!("gọi dịch vụ {}", call.service),
        Effect::Speak(language) => format!("ngôn ngữ: {language:?}"),
        Effect::OptOut => "từ chối nhận lời mời".to_owned(),
        Effect::Ended { flow, outcome } => format!("{flow} kết thúc: {outcome}"),
    }
}

/// Colours of a terminal.
const DIM: u8 = 2;
const GREEN: u8 = 32;
const CYAN: u8 = 36;

/// The text in a colour of the terminal; as it is where there is none, so that a log of it can be read.
fn painted(colour: u8, text: &str) -> String {
    if io::stdout().is_terminal() { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
}
