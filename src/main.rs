//! The `thoai` program: arguments in, exit code out.

use std::process::ExitCode;

use clap::Parser;
use thoai::cli;

fn main() -> ExitCode {
    ExitCode::from(cli::run(cli::Arguments::parse()))
}
