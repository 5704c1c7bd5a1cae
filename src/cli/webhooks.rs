//! `thoai webhooks`

use std::path::Path;

use crate::runtime::Runtime;
use crate::runtime::partner::Dead;

use super::{control, open};

/// Arguments of `thoai webhooks`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Send them again, from the first try on.
    #[arg(long)]
    replay: bool,
}

/// `thoai webhooks`: those that were given up, one a line.
pub(super) fn run(file: Option<&Path>, options: &Options) -> anyhow::Result<u8> {
    let config = open::config(file)?;
    let here = async |runtime: &Runtime| runtime.dead_webhooks(options.replay).await;
    match control::block_on(control::done::<Vec<Dead>, _>(&config, "/webhooks", &options.replay, here))? {
        Ok(dead) => {
            for Dead { id, host, event, at } in &dead {
                println!("{}  {host}  {event}  {id}", at.to_rfc3339());
            }
            let what = if options.replay { "được gửi lại" } else { "đã thôi gửi" };
            println!("{} webhook {what}.", dead.len());
            Ok(0)
        }
        Err(reason) => {
            eprintln!("{reason}");
            Ok(1)
        }
    }
}
