//! The flags of `crossing conform`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};

pub(super) const EXAMPLES: &str = "\
Examples:
  crossing conform --browser own
  crossing conform --browser own --profile chromium
  crossing conform --browser firefox --random 1000 --seed 7
  crossing conform --browser all --json | jq '.engines[] | {engine, version, agree}'

Exit status:
  0  everything went as the scenarios, and the recorded divergences, say
  1  something did not
  2  a browser is missing, did not start, ended half-way, or reported nothing";

#[derive(Debug, Args)]
pub(crate) struct ConformArgs {
    /// Which browser plays
    #[arg(long, value_name = "NAME", default_value = "own",
          value_parser = PossibleValuesParser::new(["own", "chromium", "firefox", "webkit", "all"]))]
    pub(crate) browser: String,
    /// As which browser our own plays the scenarios [default: as all of them agree]
    #[arg(long, value_name = "NAME", conflicts_with = "random",
          value_parser = PossibleValuesParser::new(super::single_profiles()))]
    pub(crate) profile: Option<String>,
    /// Play N random cases in place of the scenarios, and cut each disagreement with our engine down
    #[arg(long, value_name = "N", conflicts_with_all = ["only", "scenarios"],
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) random: Option<u32>,
    /// Which random cases: the same seed, the same cases [default: another one each time]
    // Without `requires`: clap asks for no flag that conflicts with one that is there.
    #[arg(long, value_name = "S")]
    pub(crate) seed: Option<u64>,
    /// Only the scenarios whose names contain this
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) only: Option<String>,
    /// How long a page may report nothing, and a browser keep its version to itself; for its first page it has twice as long
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) patience: u64,
    /// A directory of scenarios [default: the scenarios of this version]
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) scenarios: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}
