//! The options of an audit.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use crossing::{Origin, OriginError, TupleOrigin};

use super::plan::Safety;
use super::target::Target;
use crate::network::{Network, UrlError, parse_url};
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
    /// The most requests a second, over all URLs: from 0.01 to 100 000.
    pub rate: f64,
    /// The most requests for each URL, from 1 to 10 000.
    pub max_requests: u32,
    /// How often the request of the allowed origin is sent, to detect replicas that differ: from 1 to 100 times.
    pub repeat: u32,
    /// How many URLs are audited at the same time, from 1 to 64.
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
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AuditError {
    /// There is no URL.
    NoUrl,
    /// A URL cannot be requested by a page.
    Url(UrlError),
    /// The URL on this host has a user name or password.
    Login(String),
    /// An allowed origin is `null`.
    OwnNull,
    /// An allowed origin is not an origin.
    Own {
        /// The text.
        text: String,
        /// What is wrong with it.
        error: OriginError,
    },
    /// The rate is out of its range.
    Rate(f64),
    /// A count is out of its range.
    Count {
        /// The option, as the command's flag.
        flag: &'static str,
        /// Its value.
        value: usize,
        /// What it may be.
        range: RangeInclusive<usize>,
    },
}

/// The rates that an audit takes, in requests a second.
const RATES: RangeInclusive<f64> = 0.01..=100_000.0;

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AuditError::NoUrl => f.write_str("no URL; name at least one to audit"),
            AuditError::Url(error) => error.fmt(f),
            AuditError::Login(host) => write!(
                f,
                "the URL on {host} holds a user or a password; leave them out: an audit has no login"
            ),
            AuditError::OwnNull => f.write_str("--own null: an opaque origin is nobody's own"),
            AuditError::Own { text, error } => write!(f, "--own '{}': {error}", shorten(text)),
            AuditError::Rate(rate) => {
                write!(f, "--rate {rate}: write a number from {} to {}", RATES.start(), RATES.end())
            }
            AuditError::Count { flag, value, range } => {
                write!(f, "{flag} {value}: write a number from {} to {}", range.start(), range.end())
            }
        }
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
        refuse_out_of_range(options)?;
        let own = options.own.iter().map(|text| own(text)).collect::<Result<Vec<_>, _>>()?;
        let mut targets: Vec<Target> = Vec::new();
        for text in &options.urls {
            let url = parse_url(text).map_err(AuditError::Url)?;
            if !url.username().is_empty() || url.password().is_some() {
                return Err(AuditError::Login(url.host_str().unwrap_or_default().to_owned()));
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
        Ok(Origin::Opaque) => Err(AuditError::OwnNull),
        Err(error) => Err(AuditError::Own { text: text.to_owned(), error }),
    }
}

/// An audit that sends nothing would find nothing, and a rate of zero cannot be waited for.
fn refuse_out_of_range(options: &AuditOptions) -> Result<(), AuditError> {
    if options.urls.is_empty() {
        return Err(AuditError::NoUrl);
    }
    if !RATES.contains(&options.rate) {
        return Err(AuditError::Rate(options.rate));
    }
    let counts = [
        ("--max-requests", options.max_requests as usize, 1..=10_000),
        ("--repeat", options.repeat as usize, 1..=100),
        ("--jobs", options.jobs, 1..=64),
    ];
    match counts.into_iter().find(|(_, value, range)| !range.contains(value)) {
        Some((flag, value, range)) => Err(AuditError::Count { flag, value, range }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audit_that_would_send_nothing_or_never_end_is_refused() {
        let with = |change: fn(&mut AuditOptions)| {
            let mut options = AuditOptions::new(["http://127.0.0.1/"]);
            change(&mut options);
            Settings::new(&options).map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(with(|_| {}), Ok(()));
        assert_eq!(
            with(|options| options.urls.clear()),
            Err("no URL; name at least one to audit".to_owned())
        );
        let wrong: [fn(&mut AuditOptions); 7] = [
            |options| options.rate = 0.0,
            |options| options.rate = -1.0,
            |options| options.rate = f64::NAN,
            |options| options.max_requests = 0,
            |options| options.repeat = 0,
            |options| options.repeat = u32::MAX,
            |options| options.jobs = 0,
        ];
        for change in wrong {
            let message = with(change).unwrap_err();
            assert!(message.contains(": write a number from "), "{message}");
        }
    }
}
