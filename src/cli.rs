//! Floor 4: the commands. One file each; they read arguments, call the library and print.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

mod campaign;
mod chat;
pub mod check;
mod control;
mod explore;
mod graph;
mod import;
mod open;
mod plan;
mod post;
mod publish;
mod replay;
mod revision;
mod schema;
mod serve;
mod targets;
mod test;
mod ticket;
pub mod understand;
mod units;
mod webhooks;

/// A conversational backend: YAML dialogues on Messenger, Zalo, LiveInfo and the web.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Arguments {
    /// The configuration file [default: thoai.yaml, if there is one].
    #[arg(long, global = true, env = "THOAI_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (what `thoai` alone does).
    Serve(serve::Options),
    /// Tell everything that is wrong with the flows.
    Check(check::Arguments),
    /// Run the scripted conversations beside the flows.
    Test(test::Options),
    /// Walk every state of the flows: prove that no customer is ever stuck.
    Explore(explore::Options),
    /// Talk to the flows in the terminal.
    Chat(chat::Options),
    /// Draw the flows, or what an edit changes in them.
    Graph(graph::Options),
    /// Print the JSON Schema of flow files, for completion in editors.
    Schema,
    /// Show how a text is understood: one JSON object a line.
    Understand(understand::Options),
    /// Post a recorded sample of webhooks/, signed, to a running server.
    Post(post::Options),
    /// Put a campaign's question on one customer's phone.
    Prompt(control::PromptOptions),
    /// Put the flows folder in force, if that hurts nobody who is in mid-conversation.
    Publish(publish::Options),
    /// Put an earlier revision of the flows in force again.
    Rollback(revision::Options),
    /// List the published revisions of the flows.
    Revisions,
    /// Tell what an edit of the flows does to those who are in mid-conversation.
    Plan(plan::Options),
    /// Run stored conversations again and tell what would be said otherwise.
    Replay(replay::Options),
    /// Put a table of the organisation in force, checked whole before anything changes; or take in a list of targets.
    Import(import::Import),
    /// Print a table of the organisation as it was imported, or a list of targets as it stands.
    Export(import::Export),
    /// List who put which table of the organisation in force.
    Imports,
    /// List the webhooks that were given up, and send them again.
    Webhooks(webhooks::Options),
    /// The administrative units in force: show, search, update them.
    Units {
        #[command(subcommand)]
        what: Option<units::What>,
    },
    /// Ask about tickets.
    #[command(subcommand)]
    Ticket(ticket::What),
}

/// Runs the command. Returns the exit code: 0 fine, 1 problems found, 2 could not run.
#[must_use]
pub fn run(arguments: Arguments) -> u8 {
    let config = arguments.config.as_deref();
    let result = match arguments.command.unwrap_or(Command::Serve(serve::Options::default())) {
        Command::Serve(options) => serve::run(config, &options),
        Command::Check(options) => check::run(config, &options),
        Command::Test(options) => test::run(config, &options),
        Command::Explore(options) => explore::run(config, &options),
        Command::Chat(options) => chat::run(config, &options),
        Command::Graph(options) => graph::run(config, &options),
        Command::Schema => schema::run(),
        Command::Understand(options) => understand::run(config, &options),
        Command::Post(options) => post::run(config, &options),
        Command::Prompt(options) => control::prompt(config, &options),
        Command::Publish(options) => publish::run(config, &options),
        Command::Rollback(options) => revision::roll_back(config, &options),
        Command::Revisions => revision::list(config),
        Command::Plan(options) => plan::run(config, &options),
        Command::Replay(options) => replay::run(config, &options),
        Command::Import(options) => import::import(config, &options),
        Command::Export(options) => import::export(config, &options),
        Command::Imports => import::list(config),
        Command::Webhooks(options) => webhooks::run(config, &options),
        Command::Ticket(what) => ticket::run(config, &what),
        Command::Units { what } => units::run(config, what.as_ref()),
    };
    result.unwrap_or_else(|error| {
        eprintln!("thoai: {error:#}");
        2
    })
}
