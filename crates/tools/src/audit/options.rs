//! The options of an audit.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use crossing::{Origin, TupleOrigin};

use super::plan::Safety;
use super::target::Target;
use crate::network::{Network, parse_url};
use crate::text::shorten;

/// What is audited, and how many requests are sent.
///
/// ```
/// use crossing_tools::audit::AuditOptions;
///
/// let mut options = AuditOptions::new(["https://api.example.com/me"]);
/// options.own = vec!["https://app.example.com".to_owned()];
/// options.max_requests = 50;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuditOptions {
    /// The URLs, without user name and password.
    pub urls: Vec<String>,
    /// The origins that should be allowed; without any, each URL's own.
    pub own: Vec<String>,
    /// Whether POST requests are sent.
    pub posts: Posts,
    /// The most requests a second, over all URLs.
    pub rate: f64,
    /// The most requests for each URL.
    pub max_requests: u32,
    /// How often the request of the allowed origin is repeated, to detect replicas that differ.
    pub repeat: u32,
    /// How many URLs are audited at the same time.
    pub jobs: usize,
    /// Addresses and certificates.
    pub network: Network,
    /// The addresses of hosts that are not resolved, to know in which address space they lie.
    pub addresses: BTreeMap<String, IpAddr>,
    /// How long each request may take.
    pub timeout: Duration,
}

/// Whether an audit sends POST requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posts {
    /// Only GET, HEAD and OPTIONS are sent.
    Skip,
    /// A POST is sent, too, as a form on an unknown page would.
    Send,
}

/// A wrong option of an audit; `Display` says which, and how to fix it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditError(String);

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AuditError {}

impl AuditOptions {
    /// These URLs, at most 20 requests a second and 200 for each URL.
    pub fn new<U: Into<String>>(urls: impl IntoIterator<Item = U>) -> AuditOptions {
        AuditOptions {
            urls: urls.into_iter().map(Into::into).collect(),
            own: Vec::new(),
            posts: Posts::Skip,
            rate: 20.0,
            max_requests: 200,
            repeat: 3,
            jobs: 8,
            network: Network::default(),
            addresses: BTreeMap::new(),
            timeout: Duration::from_secs(10),
        }
    }
}

/// An audit, ready to run.
pub(crate) struct Settings {
    pub(crate) targets: Vec<Target>,
    pub(crate) safety: Safety,
    pub(crate) rate: f64,
    pub(crate) most: u32,
    pub(crate) repeat: u32,
    pub(crate) jobs: usize,
    pub(crate) network: Network,
    /// The addresses that names were given, by host.
    pub(crate) addresses: BTreeMap<String, IpAddr>,
    pub(crate) timeout: Duration,
}

impl Settings {
    pub(crate) fn new(options: &AuditOptions) -> Result<Settings, AuditError> {
        let own = options.own.iter().map(|text| own(text)).collect::<Result<Vec<_>, _>>()?;
        let mut targets: Vec<Target> = Vec::new();
        for text in &options.urls {
            let url = parse_url(text).map_err(|error| AuditError(error.to_string()))?;
            if !url.username().is_empty() || url.password().is_some() {
                return Err(AuditError(format!(
                    "the URL on {} holds a user or a password; leave them out: an audit has no login",
                    url.host_str().unwrap_or_default()
                )));
            }
            let target = Target::new(url, &own);
            if !targets.iter().any(|known| known.url == target.url) {
                targets.push(target);
            }
        }
        Ok(Settings {
            targets,
            safety: match options.posts {
                Posts::Send => Safety::Post,
                Posts::Skip => Safety::SafeOnly,
            },
            rate: options.rate,
            most: options.max_requests,
            repeat: options.repeat,
            jobs: options.jobs,
            network: options.network.clone(),
            addresses: options.addresses.clone(),
            timeout: options.timeout,
        })
    }
}

fn own(text: &str) -> Result<TupleOrigin, AuditError> {
    match Origin::parse(text) {
        Ok(Origin::Tuple(origin)) => Ok(origin),
        Ok(Origin::Opaque) => Err(AuditError("--own null: an opaque origin is nobody's own".to_owned())),
        Err(error) => Err(AuditError(format!("--own '{}': {error}", shorten(text)))),
    }
}
