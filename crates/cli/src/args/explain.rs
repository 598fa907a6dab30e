//! The flags of `crossing explain`.

use clap::Args;

pub(super) const EXAMPLES: &str = "\
Examples:
  crossing explain acao-missing
  crossing explain CORSMissingAllowOrigin
  crossing explain \"Access to fetch at 'https://api.example.com/' from origin ... has been blocked ...\"
  crossing explain --list

Exit status:
  0  explained
  2  not recognised";

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A code of ours, Chromium's or Firefox's name for one, or the line that a browser's console shows
    #[arg(value_name = "CODE|MESSAGE", required_unless_present = "list")]
    pub(crate) what: Option<String>,
    /// Name all codes
    #[arg(long, conflicts_with = "what")]
    list: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}
