//! From a name to addresses: [resolve an origin](https://fetch.spec.whatwg.org/#resolve-an-origin).

use std::fmt;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::str::FromStr;
use std::task::{Context, Poll};

use crossing::Reason;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

use crate::error::{TransportError, innermost};

/// A connection that goes elsewhere: `HOST:PORT:ADDRESS`, as curl's `--resolve` has it. The address may bring a port of
/// its own (`a.test:443:127.0.0.1:8443`), and `*` stands for every host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    host: String,
    port: u16,
    to: SocketAddr,
}

impl Override {
    /// Connects to `to` whenever `host` and `port` are asked for.
    pub fn new(host: &str, port: u16, to: SocketAddr) -> Override {
        Override { host: host.to_ascii_lowercase(), port, to }
    }

    pub(super) fn address(&self, host: &str, port: u16) -> Option<SocketAddr> {
        (self.port == port && (self.host == "*" || self.host == host)).then_some(self.to)
    }
}

impl FromStr for Override {
    type Err = OverrideError;

    fn from_str(text: &str) -> Result<Override, OverrideError> {
        let wrong = || OverrideError(text.to_owned());
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
        Ok(Override::new(&host, port, to))
    }
}

/// A text that is no override.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverrideError(String);

impl fmt::Display for OverrideError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = self.0.chars().take(80).collect();
        write!(f, "'{text}' is not HOST:PORT:ADDRESS; write it like example.com:443:127.0.0.1")
    }
}

impl std::error::Error for OverrideError {}

/// The platform's resolver, and [`localhost`](https://www.rfc-editor.org/rfc/rfc6761.html#section-6.3), which never
/// leaves the machine.
#[derive(Clone)]
pub(super) struct Resolver(GaiResolver);

impl Resolver {
    pub(super) fn new() -> Resolver {
        Resolver(GaiResolver::new())
    }
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = TransportError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, TransportError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let host = name.as_str().trim_end_matches('.').to_ascii_lowercase();
        if host == "localhost" || host.ends_with(".localhost") {
            let both: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
            let both: Vec<_> = both.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect();
            return Box::pin(async { Ok(both.into_iter()) });
        }
        let looking = self.0.call(name);
        Box::pin(async move {
            match looking.await {
                Ok(found) => Ok(found.collect::<Vec<_>>().into_iter()),
                Err(error) => Err(TransportError::new(
                    Reason::Dns,
                    format!("the name {host} has no address: {}", innermost(&error)),
                )),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_are_read() {
        let to = |text: &str, host: &str, port| {
            text.parse::<Override>().unwrap().address(host, port).map(|to| to.to_string())
        };
        assert_eq!(to("A.test:443:127.0.0.1", "a.test", 443).as_deref(), Some("127.0.0.1:443"));
        assert_eq!(to("a.test:443:127.0.0.1:8443", "a.test", 443).as_deref(), Some("127.0.0.1:8443"));
        assert_eq!(to("a.test:443:::1", "a.test", 443).as_deref(), Some("[::1]:443"));
        assert_eq!(to("a.test:443:[::1]:1", "a.test", 443).as_deref(), Some("[::1]:1"));
        assert_eq!(to("[::1]:80:127.0.0.1", "[::1]", 80).as_deref(), Some("127.0.0.1:80"));
        assert_eq!(to("*:80:127.0.0.1", "b.test", 80).as_deref(), Some("127.0.0.1:80"));
        assert_eq!(to("a.test:443:127.0.0.1", "a.test", 80), None);
        for wrong in ["", "a.test", "a.test:80", "a.test:x:127.0.0.1", "a.test:80:name", ":80:127.0.0.1"] {
            assert!(wrong.parse::<Override>().is_err(), "{wrong}");
        }
    }
}
