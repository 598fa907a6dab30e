//! The flags of `crossing run`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::{seconds, single_profiles};

pub(super) const EXAMPLES: &str = "\
Examples:
  crossing run --origin https://app.example.com script.js
  crossing run --url 'https://app.example.com/#https://api.example.com/' examples/xhr-with-credentials.js
  crossing run https://app.example.com/index.html
  crossing run page.html
  curl -s https://app.example.com/script.js | crossing run --origin https://app.example.com -
  crossing run --origin https://app.example.com --trace \\
      -e \"fetch('https://api.example.com/').then(r => console.log(r.status))\"

What others have written (an address, a page, standard input) runs in a process of its own,
without environment and files.

Exit status:
  0  the script has ended, and nothing is pending
  1  an error or a rejection that nobody has caught, or a limit
  2  could not tell: wrong usage, a file or an address that cannot be had, or the time was over";

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// A page, or scripts, one after another in one global: files or addresses, `-` for standard input. Without any, a prompt,
    /// or what standard input holds
    #[arg(value_name = "PAGE|SCRIPT")]
    pub(crate) targets: Vec<String>,
    /// Run this code
    #[arg(
        short = 'e',
        long = "eval",
        value_name = "CODE",
        conflicts_with = "targets",
        allow_hyphen_values = true
    )]
    pub(crate) eval: Option<String>,
    /// The script's origin, as in https://app.example.com; without it and --url, that of its address, which for a file is an
    /// opaque one
    #[arg(long, value_name = "ORIGIN", conflicts_with = "url")]
    pub(crate) origin: Option<String>,
    /// The address that the script believes in: `location`, and the base of relative URLs
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Let user and password of a URL answer a 401, as on a page; a worker has nobody to ask
    #[arg(long, requires = "url")]
    pub(crate) prompts: bool,
    /// Whose rules hold where browsers differ
    #[arg(long, value_name = "NAME", default_value = "consensus",
          value_parser = PossibleValuesParser::new(single_profiles()))]
    pub(crate) profile: String,
    /// Connect to ADDR instead of what HOST:PORT resolves to; may be repeated
    #[arg(long = "resolve", value_name = "HOST:PORT:ADDR")]
    pub(crate) resolve: Vec<String>,
    /// Trust the certificate authorities in this PEM file, and no others
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// How long the script may take, waiting included
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0, value_parser = seconds)]
    pub(crate) timeout: f64,
    /// The largest body of a response that a script gets, decoded, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=4096))]
    pub(crate) max_body: u64,
    /// Tell each conversation on standard error: what the script asked, what went over the wire, and why it failed
    #[arg(long)]
    pub(crate) trace: bool,
}
