//! `thoai serve`

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::{Config, StoreAt};
use crate::runtime::{Runtime, registry, revision};
use crate::server::{self, App, control};

/// Arguments of `thoai serve`.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Options {
    /// Put the flows folder in force whenever it changes: for writing flows, not for customers.
    #[arg(long)]
    watch: bool,
}

/// Runs the server until it is told to stop.
pub(super) fn run(file: Option<&Path>, options: &Options) -> anyhow::Result<u8> {
    let config = super::open::config(file)?;
    let filter = tracing_subscriber::EnvFilter::try_from_env("THOAI_LOG").unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(config, options.watch))?;
    Ok(0)
}

async fn serve(config: Config, watch: bool) -> anyhow::Result<()> {
    // Before anybody is told that we listen: a signal nobody listens to ends the process as it stands.
    let signals = Signals::listen().context("cannot listen to signals")?;
    let listener =
        TcpListener::bind(&config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = format!("http://{}", listener.local_addr()?);
    let runtime = Runtime::start(super::open::serving(&config, &address).await?).await?;
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
    tokio::spawn(reload_at(hangup, Arc::clone(&runtime), config.clone(), watch));
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

/// Puts the flows folder in force at every SIGHUP and, where it is watched, whenever it changes; flows with
/// problems are told and the last good ones kept.
async fn reload_at(mut hangup: Signal, runtime: Arc<Runtime>, config: Config, watch: bool) {
    let mut look = tokio::time::interval(Duration::from_secs(1));
    let mut seen = fingerprint(&config);
    loop {
        tokio::select! {
            told = hangup.recv() => if told.is_none() { return },
            _ = look.tick(), if watch => {
                let now = fingerprint(&config);
                if std::mem::replace(&mut seen, now.clone()) == now {
                    continue;
                }
            }
        }
        reload(&runtime, &config).await;
    }
}

/// What tells that a file of the flows folder has changed.
fn fingerprint(config: &Config) -> Option<String> {
    super::open::files(&config.flows).ok().map(|files| revision::hash(&files))
}

async fn reload(runtime: &Runtime, config: &Config) {
    let read = super::open::flows(config).and_then(|_| super::open::files(&config.flows));
    let adopted = match read {
        Ok(files) => runtime.adopt_folder(files).await.map_err(anyhow::Error::from),
        Err(problems) => Err(problems),
    };
    match adopted {
        Ok(()) => tracing::info!(revision = runtime.flows().revision, "the flows folder was read again"),
        Err(problems) => tracing::error!("the flows in force are kept: {problems:#}"),
    }
}
