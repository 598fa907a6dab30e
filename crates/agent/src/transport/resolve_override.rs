//! Names that are connected to another address.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// A connection that goes elsewhere: `HOST:PORT:ADDRESS`, as curl's `--resolve` has it. The address may bring a port of
/// its own (`a.test:443:127.0.0.1:8443`), and `*` stands for every host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolveOverride {
    host: String,
    port: u16,
    to: SocketAddr,
}

impl ResolveOverride {
    /// Connects to `to` whenever `host` and `port` are asked for.
    pub fn new(host: &str, port: u16, to: SocketAddr) -> ResolveOverride {
        ResolveOverride { host: host.to_ascii_lowercase(), port, to }
    }

    pub(super) fn address(&self, host: &str, port: u16) -> Option<SocketAddr> {
        (self.port == port && (self.host == "*" || self.host == host)).then_some(self.to)
    }
}

impl FromStr for ResolveOverride {
    type Err = ResolveOverrideError;

    fn from_str(text: &str) -> Result<ResolveOverride, ResolveOverrideError> {
        let wrong = || ResolveOverrideError(text.to_owned());
        let (host, rest) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((v6, rest)) => (format!("[{v6}]"), rest.strip_prefix(':').ok_or_else(wrong)?),
            None => text.split_once(':').map(|(host, rest)| (host.to_owned(), rest)).ok_or_else(wrong)?,
        };
        let (port, address) = rest.split_once(':').ok_or_else(wrong)?;
        let port: u16 = port.parse().map_err(|_| wrong())?;
        let bare = address.trim_start_matches('[').trim_end_matches(']');
        let to = match (address.parse::<SocketAddr>(), bare.parse::<IpAddr>()) {
            (Ok(to), _) => to,
            (_, Ok(ip)) => SocketAddr::new(ip, port),
            _ => return Err(wrong()),
        };
        if host.is_empty() {
            return Err(wrong());
        }
        Ok(ResolveOverride::new(&host, port, to))
    }
}

/// A text that is not an override.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolveOverrideError(String);

impl fmt::Display for ResolveOverrideError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = self.0.chars().take(80).collect();
        write!(f, "'{text}' is not HOST:PORT:ADDRESS; write it like example.com:443:127.0.0.1")
    }
}

impl std::error::Error for ResolveOverrideError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_are_read() {
        let to = |text: &str, host: &str, port| {
            text.parse::<ResolveOverride>().unwrap().address(host, port).map(|to| to.to_string())
        };
        assert_eq!(to("A.test:443:127.0.0.1", "a.test", 443).as_deref(), Some("127.0.0.1:443"));
        assert_eq!(to("a.test:443:127.0.0.1:8443", "a.test", 443).as_deref(), Some("127.0.0.1:8443"));
        assert_eq!(to("a.test:443:::1", "a.test", 443).as_deref(), Some("[::1]:443"));
        assert_eq!(to("a.test:443:[::1]:1", "a.test", 443).as_deref(), Some("[::1]:1"));
        assert_eq!(to("[::1]:80:127.0.0.1", "[::1]", 80).as_deref(), Some("127.0.0.1:80"));
        assert_eq!(to("*:80:127.0.0.1", "b.test", 80).as_deref(), Some("127.0.0.1:80"));
        assert_eq!(to("a.test:443:127.0.0.1", "a.test", 80), None);
        for wrong in ["", "a.test", "a.test:80", "a.test:x:127.0.0.1", "a.test:80:name", ":80:127.0.0.1"] {
            assert!(wrong.parse::<ResolveOverride>().is_err(), "{wrong}");
        }
    }
}
