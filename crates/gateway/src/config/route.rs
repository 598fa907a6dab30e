//! What is done with some requests: by their host and path, to an upstream or from a directory.

use std::path::PathBuf;

use crossing::server::Policy;

/// A route, as it is written.
#[derive(Clone, Debug)]
pub struct RouteConfig {
    /// For which hosts; `None`: for all.
    pub host: Option<HostPattern>,
    /// For which paths: those that begin so.
    pub path: String,
    /// Who answers.
    pub target: Target,
    /// Whether the upstream answers preflights itself.
    pub forward_preflights: bool,
    /// What is granted; `None`: the route knows nothing of CORS, and its responses pass as they are.
    pub policy: Option<Policy>,
}

/// Which hosts a route is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HostPattern {
    /// One host.
    Exact(String),
    /// The hosts below one; kept with the dot before it.
    Below(String),
}

/// Who answers the requests of a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Another server.
    Upstream(Upstream),
    /// The files of a directory.
    Root(PathBuf),
}

/// Another server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Upstream {
    /// How it is spoken to.
    pub scheme: Scheme,
    /// A name or an address; IPv6 without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// How an upstream is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}

impl RouteConfig {
    /// Whether it is for all requests for some hosts whose path begins so.
    pub(super) fn covers(&self, host: Option<&HostPattern>, path: &str) -> bool {
        let hosts = match (&self.host, host) {
            (None, _) => true,
            (Some(ours), Some(HostPattern::Exact(name))) => ours.matches(name),
            (Some(HostPattern::Below(ours)), Some(HostPattern::Below(end))) => end.ends_with(ours.as_str()),
            (Some(_), _) => false,
        };
        hosts && is_below(&self.path, path)
    }
}

/// How specific a route's hosts are: of several that a request belongs to, the greatest has it.
pub(crate) fn host_rank(host: Option<&HostPattern>) -> (u8, usize) {
    match host {
        Some(HostPattern::Exact(_)) => (2, 0),
        Some(HostPattern::Below(end)) => (1, end.len()),
        None => (0, 0),
    }
}

/// A path that ends with a slash stands for what begins with it; another one for itself and what is below it.
pub(crate) fn is_below(prefix: &str, path: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || prefix.ends_with('/') || rest.starts_with('/'))
}

impl HostPattern {
    /// Reads `api.example.com` or `*.example.com`.
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
            Some(below) => HostPattern::Below(below.to_owned()),
            None => HostPattern::Exact(name.to_owned()),
        })
    }

    /// Whether a host, in lower case and without a port, is one of them.
    pub fn matches(&self, host: &str) -> bool {
        match self {
            HostPattern::Exact(name) => name == host,
            HostPattern::Below(end) => host.len() > end.len() && host.ends_with(end.as_str()),
        }
    }
}

impl std::fmt::Display for HostPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            HostPattern::Exact(name) => f.write_str(name),
            HostPattern::Below(end) => write!(f, "*{end}"),
        }
    }
}

impl Upstream {
    /// Reads `http://127.0.0.1:3000`.
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
        // A port that is no number, or none at all after its colon, is no default.
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
        let scheme = if self.scheme == Scheme::Http { "http" } else { "https" };
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{scheme}://{open}{}{close}:{}", self.host, self.port)
    }
}
