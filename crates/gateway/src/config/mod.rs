//! The gateway's file: what it listens on, and what it does with each request.

mod file;
mod limits;
mod read;
mod route;
mod tls;

use std::net::SocketAddr;
use std::path::Path;

use crossing::server::{Diagnostic, PolicyErrors};

pub use file::{read_file, read_within_limit};
pub use limits::Limits;
pub use route::{HostPattern, RouteConfig, Scheme, Target, Upstream};
pub(crate) use route::{host_rank, is_below};
pub use tls::{CertificateError, CertificateFiles, TlsConfig};

/// What a gateway's file says, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens.
    pub listen: Vec<SocketAddr>,
    /// Where it tells of itself: health and metrics.
    pub admin: Option<SocketAddr>,
    /// What it does with requests.
    pub routes: Vec<RouteConfig>,
    /// The certificates, when it speaks TLS.
    pub tls: Option<TlsConfig>,
    /// What it tells of each request.
    pub access_log: AccessLog,
    /// How much of anything it takes, and how long it waits.
    pub limits: Limits,
    /// Warnings and notes: the file stands, and these are worth a look.
    pub warnings: Vec<Diagnostic>,
}

/// How each request is told of, on standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AccessLog {
    /// Not at all.
    #[default]
    Off,
    /// A line for people.
    Text,
    /// A JSON document a line.
    Json,
}

impl Config {
    /// Reads a gateway's file. Relative paths in it begin at `directory`.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once, each with its place.
    pub fn from_toml(text: &str, directory: &Path) -> Result<Config, PolicyErrors> {
        read::read(text, Some(directory))
    }

    /// Reads a gateway's file for a review: the certificates and directories that it names need not be there, and it has
    /// none of them.
    ///
    /// # Errors
    /// Everything that is wrong with the file itself, at once, each with its place.
    pub fn for_review(text: &str) -> Result<Config, PolicyErrors> {
        read::read(text, None)
    }

    /// The route of all requests for some hosts whose path begins so: the most specific host, then the longest path.
    /// `None` for a host: those that no route names.
    pub fn route_for(&self, host: Option<&HostPattern>, path: &str) -> Option<&RouteConfig> {
        let covers = |route: &&RouteConfig| route.covers(host, path);
        self.routes
            .iter()
            .filter(covers)
            .max_by_key(|route| (host_rank(route.host.as_ref()), route.path.len()))
    }
}
