//! `thoai graph`: flows as drawings, for people who look before they publish.
//!
//! Only files, words and exit codes; the drawings are [`crate::flow::graph`]'s.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use crate::config::Config;
use crate::flow::Flows;
use crate::flow::graph::{Picture, mermaid, svg};

use crate::runtime::Runtime;
use crate::runtime::revision::{Plan, Planned, Side};
use crate::server::control::Compare;

use super::{control, open};

/// Arguments of `thoai graph`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The flow to draw; left out, all of them (as Mermaid in Markdown).
    flow: Option<String>,
    /// The folder of flows [default: flows.dir of the configuration].
    #[arg(long, value_name = "FOLDER", conflicts_with = "diff")]
    flows: Option<PathBuf>,
    /// Show how many people wait at each step now.
    #[arg(long, conflicts_with = "diff")]
    live: bool,
    /// Draw what an edit changes: two folders of flows, or two files of one flow.
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"])]
    diff: Option<Vec<PathBuf>>,
    /// The form of the drawing.
    #[arg(long, value_enum, default_value = "mermaid")]
    format: Format,
    /// Write it to this file instead of the terminal.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The form of a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Text that Markdown pages show as a drawing.
    Mermaid,
    /// A drawing that any browser opens.
    Svg,
}

/// `thoai graph`
pub(super) fn run(config: Option<&Path>, options: &Options) -> anyhow::Result<u8> {
    let config = open::config(config)?;
    let pictures = match options.diff.as_deref() {
        Some([old, new]) => differences(config, options, (old, new))?,
        _ => drawn(config, options)?,
    };
    let drawing = drawing(&pictures, options.format)?;
    match &options.out {
        Some(file) => std::fs::write(file, drawing).with_context(|| format!("cannot write {}", file.display()))?,
        None => print!("{drawing}"),
    }
    Ok(0)
}

/// A flow's name and its picture.
type Named = (String, Picture);

fn drawn(mut config: Config, options: &Options) -> anyhow::Result<Vec<Named>> {
    if let Some(folder) = &options.flows {
        config.flows.clone_from(folder);
    }
    let flows = open::flows(&config)?;
    let waiting = if options.live { waiting(&config)? } else { BTreeMap::new() };
    let picture = |name: &String| -> anyhow::Result<Named> {
        let flow = flows.flows.get(name).with_context(|| no_flow(name, flows.flows.keys()))?;
        let picture = Picture::of(flow);
        Ok((name.clone(), waiting.get(name).map_or(picture.clone(), |counts| picture.with_counts(counts))))
    };
    options.flow.as_ref().map_or_else(|| flows.flows.keys().map(picture).collect(), |name| Ok(vec![picture(name)?]))
}

/// How many people wait at each step of each flow of the folder, if it is in force.
fn waiting(config: &Config) -> anyhow::Result<BTreeMap<String, BTreeMap<String, usize>>> {
    let here = Side::Files(open::files(&config.flows)?);
    let compare = Compare { old: here.clone(), new: here };
    let plan = control::block_on(async {
        let plan = async |runtime: &Runtime| runtime.plan(&compare.old, &compare.new).await;
        control::done::<Plan, _>(config, "/plan", &compare, plan).await
    })?;
    let plan = plan.map_err(|reason| anyhow::anyhow!(reason))?;
    let mut waiting: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for Planned { point, live } in plan.points {
        let count = live.moves + live.asked_again + live.stay;
        if count > 0 {
            *waiting.entry(point.flow).or_default().entry(point.step).or_default() += count;
        }
    }
    Ok(waiting)
}

/// The pictures of the flows that differ; of the one that was asked for, whether it differs or not.
fn differences(config: Config, options: &Options, (old, new): (&Path, &Path)) -> anyhow::Result<Vec<Named>> {
    let mut config = config;
    let (mut only, mut sides) = (options.flow.clone(), Vec::new());
    for path in [old, new] {
        let (folder, flow) = side(path)?;
        ensure!(only.is_none() || flow.is_none() || only == flow, "{} holds another flow", path.display());
        only = only.or(flow);
        config.flows = folder;
        sides.push(open::flows(&config)?);
    }
    let names: BTreeSet<&String> = sides.iter().flat_map(|flows| flows.flows.keys()).collect();
    if let Some(name) = only.as_ref().filter(|name| !names.contains(name)) {
        bail!(no_flow(name, names));
    }
    let picture = |flows: &Flows, name: &String| flows.flows.get(name).map(Picture::of).unwrap_or_default();
    let mut pictures = Vec::new();
    for name in names.into_iter().filter(|name| only.as_ref().is_none_or(|only| only == *name)) {
        let (old, mut new) = (picture(&sides[0], name), picture(&sides[1], name));
        if new.nodes.is_empty() {
            new.title.clone_from(&old.title);
        }
        let picture = new.since(&old);
        if only.is_some() || picture.is_changed() {
            pictures.push((name.clone(), picture));
        }
    }
    ensure!(!pictures.is_empty(), "no flow is changed");
    Ok(pictures)
}

/// The folder of flows that a path names, and the flow if it is a file: it is read with its folder, for it
/// may use what is shared there.
fn side(path: &Path) -> anyhow::Result<(PathBuf, Option<String>)> {
    if path.is_dir() {
        return Ok((path.to_owned(), None));
    }
    ensure!(path.is_file(), "there is no {}", path.display());
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    Ok((folder.to_owned(), path.file_stem().map(|name| name.to_string_lossy().into_owned())))
}

fn no_flow<'a>(name: &str, known: impl IntoIterator<Item = &'a String>) -> String {
    let known: Vec<&str> = known.into_iter().map(String::as_str).collect();
    format!("there is no flow \"{name}\", only {}", known.join(", "))
}

fn drawing(pictures: &[Named], format: Format) -> anyhow::Result<String> {
    match (format, pictures) {
        (Format::Mermaid, [(_, only)]) => Ok(mermaid::render(only)),
        (Format::Mermaid, several) => {
            let mut page = String::new();
            for (name, picture) in several {
                writeln!(page, "## {} (`{name}`)\n\n```mermaid\n{}```\n", picture.title, mermaid::render(picture))?;
            }
            Ok(page)
        }
        (Format::Svg, [(_, only)]) => svg::render(only).map_err(|svg::TooManyNodes(count)| {
            anyhow::anyhow!(
                "{count} boxes are too many for one SVG, {} are the most; use --format mermaid",
                svg::MOST_NODES
            )
        }),
        (Format::Svg, several) => {
            let names: Vec<&str> = several.iter().map(|(name, _)| name.as_str()).collect();
            bail!("an SVG holds one flow; name one of {}", names.join(", "))
        }
    }
}
