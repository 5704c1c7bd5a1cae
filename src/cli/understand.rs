//! `thoai understand`
#[derive(Debug, clap::Args)] pub struct Options {}
pub(super) fn run(_o: &Options) -> anyhow::Result<u8> { Ok(0) }
