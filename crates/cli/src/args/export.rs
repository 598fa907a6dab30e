//! The flags of `crossing export`.

use std::path::PathBuf;

use clap::Args;

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

/// Another server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Target {
    /// nginx
    Nginx,
    /// HAProxy
    Haproxy,
    /// Caddy 2: a Caddyfile
    Caddy,
    /// Apache httpd 2.4
    Apache,
    /// Envoy, with its own CORS filter
    Envoy,
    /// Kubernetes: an HTTPRoute with the CORS filter of Gateway API
    GatewayApi,
}

impl Target {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Target::Nginx => "nginx",
            Target::Haproxy => "haproxy",
            Target::Caddy => "caddy",
            Target::Apache => "apache",
            Target::Envoy => "envoy",
            Target::GatewayApi => "gateway-api",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The policy file; - for standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// For which server
    #[arg(long, value_name = "SERVER")]
    pub(crate) to: Target,
    /// Write it even where it grants more than the policy
    #[arg(long)]
    pub(crate) lossy: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}
