//! The flags of `crossing serve`.

use std::path::PathBuf;

use clap::Args;

pub(super) const EXAMPLES: &str = "\
Examples:
  crossing serve gateway.toml
  crossing serve gateway.toml --check && systemctl reload crossing

A file:
  listen = \"127.0.0.1:8080\"

  [[route]]
  path     = \"/api/\"
  upstream = \"http://127.0.0.1:3000\"
    [[route.grant]]
    allow_origins = [\"https://app.example.com\"]

Exit status:
  0  it was told to stop, and has served everybody, or cut them off after shutdown_timeout; with --check: the file is good
  2  the file is bad or cannot be read, or an address cannot be listened on";

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The gateway's file; - for standard input, which is read once
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Only say what is wrong with the file
    #[arg(long)]
    pub(crate) check: bool,
    /// With --check: print one JSON document
    #[arg(long, requires = "check")]
    pub(crate) json: bool,
}
