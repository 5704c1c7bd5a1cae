//! What several commands start with: the configuration, the flows, the store, the runtime.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};

use crate::config::Config;
use crate::flow::Flows;
use crate::place::Gazetteer;
use crate::place::units::Units;
use crate::routing::{Organisation, import};
use crate::runtime::revision::{self, Files};
use crate::runtime::seal::Seal;
use crate::runtime::{Parts, Settings, clock, open, registry};
use crate::store::Store;

use super::check::{self, Found};

/// Largest flow file worth reading, in bytes; the compiler's own limit is smaller and says so.
const LARGEST_FLOW: u64 = 16 << 20;
/// Where the secret for links is kept when the operator gives none.
const LINK_SECRET: &str = "secret/links";

/// Reads the configuration file, if there is one, and the environment.
pub(super) fn config(file: Option<&Path>) -> anyhow::Result<Config> {
    let default = Path::new("thoai.yaml");
    let file = file.or_else(|| default.exists().then_some(default));
    let environment: Vec<(String, String)> = std::env::vars().collect();
    let config = match file {
        Some(file) => {
            let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
            Config::read(Some((&file.display().to_string(), &text)), &environment)
        }
        None => Config::read(None, &environment),
    };
    Ok(config?)
}

/// The flow files of a folder and of its `chung` folder, in the order of their names.
pub(super) fn found(folder: &Path) -> anyhow::Result<Vec<Found>> {
    let mut paths = yaml_files(folder)?;
    let shared = folder.join("chung");
    if shared.is_dir() {
        paths.extend(yaml_files(&shared)?);
    }
    let read = |path: &Path| -> Result<Vec<u8>, String> {
        let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
        if size > LARGEST_FLOW {
            return Err(format!("larger than {} MiB", LARGEST_FLOW >> 20));
        }
        std::fs::read(path).map_err(|error| error.to_string())
    };
    Ok(paths.into_iter().map(|path| Found { path: path.display().to_string(), content: read(&path) }).collect())
}

fn yaml_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let unreadable = || format!("cannot read the folder {}", folder.display());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if path.extension().is_some_and(|ending| ending == "yaml") && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Compiles the configured flows; the error is the whole list of problems.
pub(super) fn flows(config: &Config) -> anyhow::Result<Flows> {
    match check::compiled(found(&config.flows)?, config.names(&registry::limits())) {
        Ok(flows) => Ok(flows),
        Err(problems) => bail!("the flows in {} have problems:\n{problems}", config.flows.display()),
    }
}

/// The flow files of a folder, by their paths in it. Scripted conversations are not among them: a revision
/// is what the bot says.
pub(super) fn files(folder: &Path) -> anyhow::Result<Files> {
    let mut files = Files::new();
    for Found { path, content } in found(folder)? {
        let name = Path::new(&path).strip_prefix(folder).unwrap_or(Path::new(&path)).display().to_string();
        if !name.ends_with(".test.yaml") {
            let content = content.map_err(|reason| anyhow::anyhow!("cannot read {path}: {reason}"))?;
            files.push((name, String::from_utf8(content).map_err(|_| anyhow::anyhow!("{path} is not UTF-8"))?));
        }
    }
    Ok(files)
}

/// Everything a server is made of. What lies in the flows folder is published first, unless a command has
/// put something else in force; with problems in it, the server goes on with what was in force.
pub(super) async fn serving(config: &Config, listening: &str) -> anyhow::Result<Parts> {
    let store = stored(config)?;
    let limits = registry::limits();
    let flows = match flows(config).and_then(|_| files(&config.flows)) {
        Ok(files) => revision::adopt(store.as_ref(), files, config.names(&limits)).await?,
        Err(problems) => match store.in_force().await? {
            Some(current) => {
                tracing::error!(revision = current.number, "the flows in force are kept: {problems:#}");
                revision::published(store.as_ref(), current.number, config.names(&limits)).await?
            }
            None => return Err(problems),
        },
    };
    assemble(config, listening, store, flows).await
}

/// Everything a command's runtime is made of: the revision in force or, before there is one, the folder.
pub(super) async fn parts(config: &Config, listening: &str) -> anyhow::Result<Parts> {
    let store = stored(config)?;
    let flows = match store.in_force().await? {
        Some(current) => {
            let limits = registry::limits();
            revision::published(store.as_ref(), current.number, config.names(&limits)).await?
        }
        None => flows(config)?,
    };
    assemble(config, listening, store, flows).await
}

/// The administrative units in force: those of the configured file or, where there is none, the program's.
pub(super) fn places(config: &Config) -> anyhow::Result<Gazetteer> {
    let Some(file) = config.places.as_deref().filter(|file| file.exists()) else { return Ok(Gazetteer::official()) };
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    match Units::parse(&text) {
        Ok(units) => Ok(Gazetteer::of(units)),
        Err(problems) => {
            let shown: Vec<String> = problems.iter().take(20).map(ToString::to_string).collect();
            bail!("the units in {} have {} problem(s):\n  {}", file.display(), problems.len(), shown.join("\n  "))
        }
    }
}

fn stored(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    open::store(&config.store).with_context(|| format!("cannot open the store {:?}", config.store))
}

/// `listening` is where customers reach us if the operator named no address.
async fn assemble(config: &Config, listening: &str, store: Arc<dyn Store>, flows: Flows) -> anyhow::Result<Parts> {
    let places = Arc::new(places(config)?);
    let organisation = organisation(store.as_ref(), &places).await?;
    let secret = match &config.link_secret {
        Some(secret) => secret.expose().as_bytes().to_vec(),
        None => own_secret(store.as_ref()).await?,
    };
    let settings = Settings {
        public_url: config.public_url.clone().unwrap_or_else(|| listening.to_owned()),
        queue: config.queues[0].clone(),
        queues: config.queues.clone(),
        service_names: config.services.clone(),
        link_valid: config.link_valid,
        tokens: config.tokens.clone(),
        endpoints: config.endpoints.clone(),
        services: config.service_endpoints.clone(),
        hours: config.hours.clone(),
        policy: config.policy,
    };
    let channels = registry::channels(config);
    Ok(Parts { store, channels, flows, places, organisation, seal: Seal::new(secret), settings })
}

/// The imported organisation, or the sample.
async fn organisation(store: &dyn Store, places: &Gazetteer) -> anyhow::Result<Organisation> {
    let Some(tables) = crate::runtime::import::tables(store).await? else {
        tracing::info!("no units were imported: the sample organisation of 34 provinces is in force");
        return Ok(Organisation::sample());
    };
    let organisation = import::read(&tables, &import::Anywhere(places)).map_err(|problems| {
        anyhow::anyhow!("the stored tables of the organisation have {} problems; import them again", problems.len())
    })?;
    for lost in organisation.lost(places) {
        tracing::warn!("a unit's place is not in force, import the tables anew: {lost}");
    }
    Ok(organisation)
}

/// The installation's own secret, made once.
async fn own_secret(store: &dyn Store) -> anyhow::Result<Vec<u8>> {
    if let Some(secret) = store.get(LINK_SECRET).await? {
        return Ok(secret);
    }
    let secret = clock::random::<32>().to_vec();
    store.replace(LINK_SECRET, None, &secret).await?;
    Ok(secret)
}
