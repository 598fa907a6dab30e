//! The gateway's configuration: listeners, routes, TLS and limits.

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

/// The configuration of a gateway, validated.
#[derive(Clone, Debug)]
pub struct Config {
    /// The addresses to listen on.
    pub listen: Vec<SocketAddr>,
    /// The address of the admin listener: health and metrics.
    pub admin: Option<SocketAddr>,
    /// The routes, in the order of the file.
    pub routes: Vec<RouteConfig>,
    /// The certificates; `None`: no TLS.
    pub tls: Option<TlsConfig>,
    /// The form of the access log.
    pub access_log: AccessLog,
    /// Limits on sizes, numbers and times.
    pub limits: Limits,
    /// Warnings and notes of a valid file.
    pub warnings: Vec<Diagnostic>,
}

/// The form of the access log, which is written to standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AccessLog {
    /// No access log.
    #[default]
    Off,
    /// A line of text a request.
    Text,
    /// A JSON document a request, one a line.
    Json,
}

impl Config {
    /// Reads a configuration file. Relative paths in it are resolved against `directory`.
    ///
    /// # Errors
    /// All errors of the file, each with its position.
    pub fn from_toml(text: &str, directory: &Path) -> Result<Config, PolicyErrors> {
        read::read(text, Some(directory))
    }

    /// Reads a configuration file for a review: its certificates and directories need not exist, and are not loaded.
    ///
    /// # Errors
    /// All errors of the file itself, each with its position.
    pub fn for_review(text: &str) -> Result<Config, PolicyErrors> {
        read::read(text, None)
    }

    /// The route that covers every request to these hosts with this path prefix: the most specific host, then the longest
    /// path. `None` for the hosts that no route names.
    pub fn route_for(&self, host: Option<&HostPattern>, path: &str) -> Option<&RouteConfig> {
        let covers = |route: &&RouteConfig| route.covers(host, path);
        self.routes
            .iter()
            .filter(covers)
            .max_by_key(|route| (host_rank(route.host.as_ref()), route.path.len()))
    }
}
