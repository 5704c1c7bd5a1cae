//! `thoai revisions` and `thoai rollback`

use std::path::Path;

use crate::runtime::Runtime;
use crate::store::{By, Published};

use super::{control, open};

/// Arguments of `thoai rollback`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The revision's number, as `thoai revisions` lists it.
    number: u32,
}

/// How many revisions are listed.
const LISTED: usize = 50;

/// `thoai rollback`
pub(super) fn roll_back(file: Option<&Path>, options: &Options) -> anyhow::Result<u8> {
    let (config, number) = (open::config(file)?, options.number);
    control::block_on(async {
        let here = async |runtime: &Runtime| runtime.roll_back(number).await;
        match control::done::<(), _>(&config, "/rollback", &number, here).await? {
            Ok(()) => {
                println!("Bản {number} đang có hiệu lực trở lại.");
                Ok(0)
            }
            Err(reason) => {
                eprintln!("{reason}");
                Ok(1)
            }
        }
    })
}

/// `thoai revisions`
pub(super) fn list(file: Option<&Path>) -> anyhow::Result<u8> {
    let config = open::config(file)?;
    control::block_on(async {
        let here = async |runtime: &Runtime| runtime.revisions(LISTED).await;
        let (in_force, found) =
            match control::done::<(u32, Vec<Published>), _>(&config, "/revisions", &LISTED, here).await? {
                Ok(found) => found,
                Err(reason) => {
                    eprintln!("{reason}");
                    return Ok(1);
                }
            };
        if found.is_empty() {
            println!("Chưa xuất bản bản nào.");
        }
        for Published { number, hash, by, at, note } in found {
            let mark = if number == in_force { "*" } else { " " };
            let by = match by {
                By::Folder => "từ thư mục",
                By::Command => "bằng lệnh  ",
            };
            let short = hash.get(..12).unwrap_or(&hash);
            println!("{mark} {number:>4}  {}  {by}  {short}  {note}", at.to_rfc3339());
        }
        Ok(0)
    })
}
