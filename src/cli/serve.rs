//! `thoai serve`

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::{Config, StoreAt};
use crate::runtime::{Runtime, registry};
use crate::server::{self, App, control};

/// Runs the server until it is told to stop.
pub(super) fn run(file: Option<&Path>) -> anyhow::Result<u8> {
    let config = super::open::config(file)?;
    let filter = tracing_subscriber::EnvFilter::try_from_env("THOAI_LOG").unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(config))?;
    Ok(0)
}

async fn serve(config: Config) -> anyhow::Result<()> {
    // Before anybody is told that we listen: a signal nobody listens to ends the process as it stands.
    let signals = Signals::listen().context("cannot listen to signals")?;
    let listener =
        TcpListener::bind(&config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = format!("http://{}", listener.local_addr()?);
    let runtime = Runtime::start(super::open::parts(&config, &address).await?).await?;
    for name in registry::switched_off(&config) {
        tracing::info!("channel {name} is off: channels.{name} is not configured");
    }
    let control = match &config.store {
        StoreAt::Sled(folder) => {
            let socket = control::open(folder).context("cannot open the control socket in the data folder")?;
            Some(tokio::spawn(control::serve(socket, Arc::clone(&runtime))))
        }
        StoreAt::Memory => None,
    };
    let Signals { terminate, interrupt, hangup } = signals;
    tokio::spawn(reload_at(hangup, Arc::clone(&runtime), config.clone()));
    let app = Arc::new(App { runtime, web: config.web.clone(), api: config.api.clone() });
    // On standard output, so that whoever started us can wait for this line.
    println!("listening on {address}");
    if app.web.is_some() {
        tracing::info!("the chatbox is at {address}/chat");
    }
    server::serve(listener, app, either(terminate, interrupt)).await?;
    if let Some(control) = control {
        // A command may be under way; it is worth a moment.
        let _ = tokio::time::timeout(Duration::from_secs(5), control).await;
    }
    tracing::info!("stopped");
    Ok(())
}

/// The signals a server obeys.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }
}

/// Resolves when one of the two comes.
async fn either(mut terminate: Signal, mut interrupt: Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: finishing what is under way");
}

/// Reads the flows again at every SIGHUP; flows with problems are told and the last good ones kept.
async fn reload_at(mut hangup: Signal, runtime: Arc<Runtime>, config: Config) {
    while hangup.recv().await.is_some() {
        match super::open::flows(&config) {
            Ok(flows) => {
                tracing::info!(flows = flows.flows.len(), "the flows were read again and are in force");
                runtime.replace_flows(flows);
            }
            Err(problems) => tracing::error!("the flows in force are kept: {problems:#}"),
        }
    }
}
