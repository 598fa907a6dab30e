//! The flags of `crossing lab`.

use clap::Args;

pub(super) const EXAMPLES: &str = "\
Examples:
  crossing lab
  crossing lab --port 0

Exit status:
  0  it was told to stop
  2  it cannot listen";

#[derive(Debug, Args)]
pub(crate) struct LabArgs {
    /// The port on 127.0.0.1; 0 for any that is free
    #[arg(long, value_name = "PORT", default_value_t = 4700)]
    pub(crate) port: u16,
    /// Print the address as a JSON document
    #[arg(long)]
    pub(crate) json: bool,
}
