//! `thoai publish`

use std::path::{Path, PathBuf};

use crate::runtime::registry;
use crate::runtime::revision::Outcome;
use crate::server::control::Publish;

use super::{check, control, open, plan};

/// Arguments of `thoai publish`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The folder of flows [default: flows.dir of the configuration].
    folder: Option<PathBuf>,
    /// What is new in it, for whoever reads `thoai revisions`.
    #[arg(long, default_value = "")]
    note: String,
    /// Publish even if some conversations have to go on in their old revision until they end.
    #[arg(long)]
    yes: bool,
}

/// `thoai publish`
pub(super) fn run(file: Option<&Path>, options: &Options) -> anyhow::Result<u8> {
    let config = open::config(file)?;
    let folder = options.folder.as_deref().unwrap_or(&config.flows);
    if let Err(problems) = check::compiled(open::found(folder)?, config.names(&registry::limits())) {
        print!("{problems}");
        return Ok(1);
    }
    let (files, note, pin) = (open::files(folder)?, options.note.clone(), options.yes);
    let wanted = Publish { files: files.clone(), note: note.clone(), pin };
    control::block_on(async {
        let here = async |runtime: &crate::runtime::Runtime| runtime.publish(files, &note, pin).await;
        match control::done::<Outcome, _>(&config, "/publish", &wanted, here).await? {
            Ok(outcome) => {
                print!("{}", plan::shown(&outcome.plan));
                Ok(told(&outcome))
            }
            Err(reason) => {
                eprintln!("{reason}");
                Ok(1)
            }
        }
    })
}

fn told(outcome: &Outcome) -> u8 {
    match outcome.number {
        Some(number) => {
            println!("Bản {number} đang có hiệu lực.");
            0
        }
        None => {
            println!(
                "Chưa xuất bản: {} hội thoại không chuyển sang bản mới được. Thêm --yes để xuất bản và cho các hội \
                 thoại ấy đi tiếp theo bản cũ đến hết.",
                outcome.plan.staying()
            );
            1
        }
    }
}
