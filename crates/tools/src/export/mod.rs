//! A policy as the configuration of another server.

mod apache;
mod caddy;
mod envoy;
mod gateway_api;
mod haproxy;
mod line;
mod loss;
mod nginx;
mod plan;
mod yaml;

use std::fmt;

use crossing::Policy;
use serde::Serialize;

pub use loss::{Loss, Weight};
use plan::Plan;

/// A server that a policy can be written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
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

/// The configuration of a server, and how it differs from the policy.
///
/// `Display` writes the configuration; `Serialize` the document that `crossing export --json` prints.
///
/// ```
/// use crossing::server::{Grant, Policy};
/// use crossing_tools::export::{Export, Target};
///
/// let policy = Policy::builder().grant(Grant::new().allow_origins(["https://app.example.com"])).build()?;
/// let export = Export::new(&policy, Target::Nginx, "policy.toml");
/// assert!(!export.loosens());
/// assert!(export.config.contains("add_header"));
/// # Ok::<(), crossing::server::PolicyErrors>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Export {
    /// The server.
    pub target: Target,
    /// Its configuration.
    pub config: String,
    /// How it differs from the policy.
    pub losses: Vec<Loss>,
}

/// What is done with a configuration that grants more than the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loosening {
    /// It is left out of the document.
    Refused,
    /// It is written.
    Accepted,
}

impl Target {
    /// Every server, in the order in which a command lists them.
    pub const ALL: &'static [Target] =
        &[Target::Nginx, Target::Haproxy, Target::Caddy, Target::Apache, Target::Envoy, Target::GatewayApi];

    /// The word that a command line takes for it.
    pub const fn token(self) -> &'static str {
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

impl Export {
    /// Writes the configuration. Its first lines name the source of the policy.
    pub fn new(policy: &Policy, target: Target, source: &str) -> Export {
        let plan = Plan::of(policy);
        let Exported { config, losses } = match target {
            Target::Nginx => nginx::export(&plan, source),
            Target::Haproxy => haproxy::export(&plan, source),
            Target::Caddy => caddy::export(&plan, source),
            Target::Apache => apache::export(&plan, source),
            Target::Envoy => envoy::export(&plan, source),
            Target::GatewayApi => gateway_api::export(&plan, source),
        };
        Export { target, config, losses }
    }

    /// Whether the configuration grants more than the policy.
    pub fn loosens(&self) -> bool {
        self.losses.iter().any(|loss| loss.weight == Weight::Loosens)
    }

    /// The document of `crossing export --json`.
    pub fn document(&self, loosening: Loosening) -> impl Serialize {
        let left_out = self.loosens() && loosening == Loosening::Refused;
        Document {
            target: self.target.token(),
            config: if left_out { "" } else { self.config.as_str() },
            losses: self.losses.iter().map(LossDocument::new).collect(),
        }
    }
}

impl fmt::Display for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.config)
    }
}

impl Serialize for Export {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.document(Loosening::Refused).serialize(serializer)
    }
}

#[derive(Serialize)]
struct Document<'a> {
    target: &'static str,
    config: &'a str,
    losses: Vec<LossDocument<'a>>,
}

#[derive(Serialize)]
struct LossDocument<'a> {
    code: &'static str,
    /// `loosens`, `tightens` or `differs`.
    weight: &'static str,
    message: &'a str,
}

impl<'a> LossDocument<'a> {
    fn new(loss: &'a Loss) -> LossDocument<'a> {
        LossDocument { code: loss.code, weight: loss.weight.as_str(), message: &loss.message }
    }
}

/// A configuration, and its losses.
struct Exported {
    config: String,
    losses: Vec<Loss>,
}
