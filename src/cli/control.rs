//! Commands that need the store: asked of the running server over its owner-only socket, or done here with
//! the store opened when no server runs.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::config::{Config, StoreAt};
use crate::runtime::Runtime;
use crate::server::control;

/// Arguments of `thoai prompt`.
#[derive(Debug, Args)]
pub(super) struct PromptOptions {
    /// The campaign, as a flow's `entry.prompts` names it.
    #[arg(long)]
    campaign: String,
    /// The customer's mobile number.
    #[arg(long, value_name = "MSISDN", required_unless_present = "targets")]
    to: Option<String>,
    /// Everybody on the campaign's list who was not asked yet, from 7:00 to 22:00.
    #[arg(long, conflicts_with = "to")]
    targets: bool,
    /// With `--targets`: how many a second at most.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000), requires = "targets")]
    rate: u32,
}

/// `thoai prompt`
pub(super) fn prompt(file: Option<&Path>, options: &PromptOptions) -> anyhow::Result<u8> {
    let Some(to) = &options.to else { return super::campaign::invite_all(file, &options.campaign, options.rate) };
    let config = super::open::config(file)?;
    let body = json!({"campaign": options.campaign, "to": to}).to_string();
    block_on(async {
        if let Some(answer) = ask(&config, "/prompt", body.into_bytes()).await? {
            return Ok(told(&answer));
        }
        let runtime = Runtime::at_rest(super::open::parts(&config, "").await?);
        let sent = runtime.prompt(&options.campaign, to).await;
        match sent {
            Ok(sent) => println!("{sent}"),
            Err(error) => {
                eprintln!("{error}");
                return Ok(1);
            }
        }
        Ok(0)
    })
}

/// Runs one piece of work to its end.
pub(super) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

/// What the running server answers; `None` when none runs.
pub(super) async fn ask(config: &Config, route: &str, body: Vec<u8>) -> anyhow::Result<Option<Value>> {
    match server(config).await? {
        Some(client) => Ok(Some(asked(&client, route, body).await?)),
        None => Ok(None),
    }
}

/// What the running server answers, or what `here` does with the store when none runs; and the reason when it
/// cannot be done.
pub(super) async fn done<T: DeserializeOwned, E: std::fmt::Display>(
    config: &Config,
    route: &str,
    body: &impl Serialize,
    here: impl AsyncFnOnce(&Runtime) -> Result<T, E>,
) -> anyhow::Result<Result<T, String>> {
    House::find(config).await?.done(route, body, here).await
}

/// Where a command's work is done.
pub(super) enum House {
    /// By the running server.
    Server(reqwest::Client),
    /// Here, with the store opened: no server runs.
    Here(Arc<Runtime>),
}

impl House {
    /// Looks for the running server; opens the store when there is none.
    pub(super) async fn find(config: &Config) -> anyhow::Result<Self> {
        match server(config).await? {
            Some(client) => Ok(Self::Server(client)),
            None => Ok(Self::Here(Runtime::at_rest(super::open::parts(config, "").await?))),
        }
    }

    /// One piece of the work; and the reason when it cannot be done.
    pub(super) async fn done<T: DeserializeOwned, E: std::fmt::Display>(
        &self,
        route: &str,
        body: &impl Serialize,
        here: impl AsyncFnOnce(&Runtime) -> Result<T, E>,
    ) -> anyhow::Result<Result<T, String>> {
        let client = match self {
            Self::Server(client) => client,
            Self::Here(runtime) => return Ok(here(runtime).await.map_err(|error| error.to_string())),
        };
        let mut answer = asked(client, route, serde_json::to_vec(body)?).await?;
        match answer["error"].take() {
            Value::String(words) => Ok(Err(words)),
            _ => Ok(Ok(serde_json::from_value(answer["ok"].take()).context("the server answered strangely")?)),
        }
    }
}

/// The way to the running server, if one runs.
async fn server(config: &Config) -> anyhow::Result<Option<reqwest::Client>> {
    let StoreAt::Sled(folder) = &config.store else { return Ok(None) };
    let socket = control::path(folder);
    if tokio::net::UnixStream::connect(&socket).await.is_err() {
        return Ok(None);
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(Some(reqwest::Client::builder().unix_socket(socket).build()?))
}

async fn asked(client: &reqwest::Client, route: &str, body: Vec<u8>) -> anyhow::Result<Value> {
    let request = client.post(format!("http://thoai{route}")).header("content-type", "application/json").body(body);
    let text = request.send().await.context("the running server did not answer")?.text().await?;
    serde_json::from_str(&text).context("the running server's answer cannot be read")
}

/// Prints what the server answered, and whether it was good.
pub(super) fn told(answer: &Value) -> u8 {
    match (answer["ok"].as_str(), answer["error"].as_str()) {
        (Some(words), _) => {
            println!("{words}");
            0
        }
        (None, words) => {
            eprintln!("{}", words.unwrap_or("the server gave no reason"));
            1
        }
    }
}
