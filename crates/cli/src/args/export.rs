//! The flags of `crossing export`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use crossing_tools::export::Target;

pub(super) const EXAMPLES: &str = "\
Examples:
  crossing export policy.toml --to nginx > cors.conf
  crossing export policy.toml --to envoy > envoy.yaml
  crossing export policy.toml --to gateway-api | kubectl apply -f -

What the other server cannot say is told on standard error, a line each: which way it goes
(loosens, tightens, differs), a stable code, a sentence. --json has the same.

Exit status:
  0  written
  1  not written: it would grant more than the policy; --lossy writes it all the same
  2  the file cannot be read, or is no policy";

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The policy file; - for standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// For which server
    #[arg(long, value_name = "SERVER", value_parser = targets())]
    pub(crate) to: Target,
    /// Write it even where it grants more than the policy
    #[arg(long)]
    pub(crate) lossy: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

fn targets() -> impl TypedValueParser<Value = Target> {
    let values = Target::ALL.iter().map(|target| {
        PossibleValue::new(target.token()).help(match target {
            Target::Nginx => "nginx",
            Target::Haproxy => "HAProxy",
            Target::Caddy => "Caddy 2: a Caddyfile",
            Target::Apache => "Apache httpd 2.4",
            Target::Envoy => "Envoy, with its own CORS filter",
            _ => "Kubernetes: an HTTPRoute with the CORS filter of Gateway API",
        })
    });
    PossibleValuesParser::new(values).map(|word| {
        Target::ALL.iter().copied().find(|target| target.token() == word).unwrap_or(Target::Nginx)
    })
}
