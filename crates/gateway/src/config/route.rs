//! Routes: which requests, by host and path, and what responds to them.

use std::path::PathBuf;

use crossing::server::Policy;

/// A route of the configuration.
#[derive(Clone, Debug)]
pub struct RouteConfig {
    /// The hosts that it covers; `None`: all.
    pub host: Option<HostPattern>,
    /// The prefix of the paths that it covers.
    pub path: String,
    /// What responds.
    pub target: Target,
    /// Whether preflights are forwarded to the upstream, and not handled by the policy.
    pub forward_preflights: bool,
    /// What is granted; `None`: the route does not handle CORS, and its responses are passed on unchanged.
    pub policy: Option<Policy>,
}

/// Which hosts a route covers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HostPattern {
    /// One host.
    Exact(String),
    /// The subdomains of a host; stored with the dot before the host.
    Subdomains(String),
}

/// What responds to the requests of a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Another server.
    Upstream(Upstream),
    /// The files of a directory.
    Root(PathBuf),
}

/// A server that requests are forwarded to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Upstream {
    /// `http` or `https`.
    pub scheme: Scheme,
    /// A name or an address; IPv6 without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// The scheme of a connection to the gateway or to an upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `http`: without TLS.
    Http,
    /// `https`: over TLS.
    Https,
}

impl RouteConfig {
    /// Whether it covers every request to these hosts with this path prefix.
    pub(super) fn covers(&self, host: Option<&HostPattern>, path: &str) -> bool {
        let hosts = match (&self.host, host) {
            (None, _) => true,
            (Some(ours), Some(HostPattern::Exact(name))) => ours.matches(name),
            (Some(HostPattern::Subdomains(ours)), Some(HostPattern::Subdomains(end))) => {
                end.ends_with(ours.as_str())
            }
            (Some(_), _) => false,
        };
        hosts && is_below(&self.path, path)
    }
}

/// How specific a route's hosts are: of several routes that cover a request, the one with the greatest rank is used.
pub(crate) fn host_rank(host: Option<&HostPattern>) -> (u8, usize) {
    match host {
        Some(HostPattern::Exact(_)) => (2, 0),
        Some(HostPattern::Subdomains(end)) => (1, end.len()),
        None => (0, 0),
    }
}

/// Whether a path is below a prefix. A prefix that ends with a slash covers the paths that begin with it; any other prefix
/// covers itself and the paths below it.
pub(crate) fn is_below(prefix: &str, path: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || prefix.ends_with('/') || rest.starts_with('/'))
}

impl HostPattern {
    /// Parses `api.example.com` or `*.example.com`.
    pub fn parse(text: &str) -> Option<HostPattern> {
        let name = text.strip_prefix("*.").unwrap_or(text);
        let bracketed = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        let address = bracketed.is_some_and(|name| name.parse::<std::net::Ipv6Addr>().is_ok());
        let label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
        };
        if !(address || name.len() <= 253 && name.split('.').all(label)) {
            return None;
        }
        Some(match text.strip_prefix('*') {
            Some(below) => HostPattern::Subdomains(below.to_owned()),
            None => HostPattern::Exact(name.to_owned()),
        })
    }

    /// Whether a host, in lower case and without a port, matches.
    pub fn matches(&self, host: &str) -> bool {
        match self {
            HostPattern::Exact(name) => name == host,
            HostPattern::Subdomains(end) => host.len() > end.len() && host.ends_with(end.as_str()),
        }
    }
}

impl std::fmt::Display for HostPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            HostPattern::Exact(name) => f.write_str(name),
            HostPattern::Subdomains(end) => write!(f, "*{end}"),
        }
    }
}

impl Upstream {
    /// Parses `http://127.0.0.1:3000`. `None` if the text has a path, a user, or a scheme other than `http` and `https`.
    pub fn parse(text: &str) -> Option<Upstream> {
        let uri: http::Uri = text.parse().ok()?;
        let scheme = match uri.scheme_str()? {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return None,
        };
        let authority = uri.authority()?;
        let whole = !authority.as_str().contains('@') && uri.query().is_none();
        if !whole || uri.path() != "/" || text.contains('#') || authority.host().is_empty() {
            return None;
        }
        // An invalid or missing port after a colon must not become the default port.
        let after_host = authority.as_str().strip_prefix(authority.host())?;
        let port = match after_host.strip_prefix(':') {
            Some(port) => port.parse().ok().filter(|port| *port != 0)?,
            None => scheme.default_port(),
        };
        let host = authority.host().to_ascii_lowercase();
        let Some(HostPattern::Exact(_)) = HostPattern::parse(host.strip_suffix('.').unwrap_or(&host)) else {
            return None;
        };
        let host = host.trim_matches(['[', ']']).to_owned();
        Some(Upstream { scheme, host, port })
    }
}

impl Scheme {
    /// `http` or `https`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    /// 80 or 443.
    pub const fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

impl std::fmt::Display for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = self.scheme.as_str();
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{scheme}://{open}{}{close}:{}", self.host, self.port)
    }
}
