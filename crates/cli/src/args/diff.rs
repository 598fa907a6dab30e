//! The flags of `crossing diff`.

use std::path::PathBuf;

use clap::Args;

pub(super) const EXAMPLES: &str = "\
Examples:
  crossing diff old.toml new.toml
  git show main:policy.toml | crossing diff - policy.toml

Exit status:
  0  nobody gains access
  1  somebody gains access
  2  a file could not be read, or is no policy";

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The policy file, or a gateway's, as it was; - for standard input
    pub(crate) old: PathBuf,
    /// The file as it shall be
    pub(crate) new: PathBuf,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}
