//! The flags of `crossing audit`.

use std::path::PathBuf;

use clap::Args;

use super::seconds;

pub(super) const EXAMPLES: &str = "\
Examples:
  crossing audit https://api.example.com/me --own https://app.example.com
  crossing audit --dry-run https://api.example.com/me
  crossing audit --sarif - < urls.txt > findings.sarif
  crossing audit https://api.example.com/me --own https://app.example.com --draft-policy > policy.toml

Exit status:
  0  no findings, or nothing but remarks (info)
  1  findings
  2  wrong usage, no answer, or not judged in full

Ask only servers that you may ask.";

#[derive(Clone, Debug, Args)]
pub(crate) struct AuditArgs {
    /// What is asked, with http:// or https://; - to read addresses from standard input, one a line
    #[arg(required = true, value_name = "URL")]
    pub(crate) urls: Vec<String>,
    /// An origin that is meant to be allowed; may be repeated [default: the URL's own]
    #[arg(long = "own", value_name = "ORIGIN")]
    pub(crate) own: Vec<String>,
    /// Print what would be sent, and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How many requests go out a second, over all URLs
    #[arg(long, value_name = "N", default_value_t = 20.0, value_parser = rate)]
    pub(crate) rate: f64,
    /// How many requests go out at most, for each URL
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) max_requests: u32,
    /// How often the own page asks the same, to catch replicas that differ
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) repeat: u32,
    /// How many URLs are asked at the same time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) jobs: u32,
    /// Send a POST, too, as a form on a strange page would; without this, GET, HEAD and OPTIONS alone are sent
    #[arg(long)]
    pub(crate) post: bool,
    /// Connect to ADDR instead of what HOST:PORT resolves to; may be repeated
    #[arg(long = "resolve", value_name = "HOST:PORT:ADDR")]
    pub(crate) resolve: Vec<String>,
    /// Trust the certificate authorities in this PEM file, and no others
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// Trust any certificate
    #[arg(short = 'k', long)]
    pub(crate) insecure: bool,
    /// How long each request may take
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, value_parser = seconds)]
    pub(crate) timeout: f64,
    /// Audit nothing: write the policy that the answers to the origins of --own imply, as a start for moving over
    #[arg(long, conflicts_with_all = ["json", "sarif", "post"])]
    pub(crate) draft_policy: bool,
    /// Print one JSON document
    #[arg(long, conflicts_with = "sarif")]
    pub(crate) json: bool,
    /// Print one SARIF 2.1.0 document, as code scanners read it
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) sarif: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.01..=100_000.0).contains(&rate) => Ok(rate),
        _ => Err("a number of requests from 0.01 to 100000".to_owned()),
    }
}
