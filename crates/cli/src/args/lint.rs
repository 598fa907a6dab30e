//! The flags of `crossing lint`.

use std::path::PathBuf;

use clap::Args;

pub(super) const EXAMPLES: &str = "\
Examples:
  crossing lint policy.toml
  crossing lint gateway.toml
  crossing lint --json policies/*.toml | jq '.errors[].code'

Exit status:
  0  no errors; there may be warnings
  1  at least one error
  2  a file could not be read";

#[derive(Debug, Args)]
pub(crate) struct LintArgs {
    /// The policy files, or a gateway's; - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}
