//! How a command reaches servers: which URLs a page can request, where names resolve to, which certificates are accepted,
//! and in which address space an address lies.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::path::PathBuf;

use crossing_agent::{AgentBuilder, ResolveOverride};
use url::Url;

use crate::text::shorten;

/// Which connections are made to which addresses, and which certificates are accepted there.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Connections to one host and port that go to another address.
    pub resolve: Vec<ResolveOverride>,
    /// Which certificates are accepted.
    pub certificates: Certificates,
}

/// Which certificates are accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Certificates {
    /// Those of the platform's certificate authorities.
    #[default]
    Platform,
    /// Those of the certificate authorities in this PEM file.
    File(PathBuf),
    /// Any.
    Any,
}

impl Network {
    pub(crate) fn apply(&self, mut builder: AgentBuilder) -> AgentBuilder {
        for to in &self.resolve {
            builder = builder.resolve(to.clone());
        }
        match &self.certificates {
            Certificates::Platform => builder,
            Certificates::File(file) => builder.ca_file(file),
            Certificates::Any => builder.dangerously_accept_any_certificate(),
        }
    }
}

/// A text that is not a URL which a page can request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// It is not a URL.
    Syntax {
        /// The text.
        text: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Its scheme is neither http nor https.
    Scheme {
        /// The text.
        url: String,
        /// Its scheme.
        scheme: String,
    },
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UrlError::Syntax { text, problem } => {
                write!(
                    f,
                    "'{}' is not a URL: {problem}; write it whole, as in https://example.com/",
                    shorten(text)
                )
            }
            UrlError::Scheme { url, scheme } => write!(
                f,
                "'{}' is a {scheme}: URL, and a page can ask other origins for http: and https: URLs only",
                shorten(url)
            ),
        }
    }
}

impl std::error::Error for UrlError {}

/// Parses a URL that a page can request: http or https.
///
/// # Errors
/// If the text is not a URL, or has another scheme; the message says what to write.
pub fn parse_url(text: &str) -> Result<Url, UrlError> {
    let wrong = |problem: &str| UrlError::Syntax { text: text.to_owned(), problem: problem.to_owned() };
    let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        // `localhost:3000/x` is a URL with the scheme `localhost`.
        _ if !text.contains("://") && text.contains('.') || text.starts_with("localhost") => {
            Err(wrong("it has no scheme"))
        }
        scheme => Err(UrlError::Scheme { url: text.to_owned(), scheme: scheme.to_owned() }),
    }
}

/// Where an address lies, as in Local Network Access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AddressSpace {
    /// A public address, or an unknown one.
    Public,
    /// A private network: RFC 1918, link-local, unique local.
    Private,
    /// This machine.
    Loopback,
}

impl AddressSpace {
    /// Where an address lies.
    pub fn of(address: IpAddr) -> AddressSpace {
        let address = match address {
            IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
            IpAddr::V4(_) => address,
        };
        let local = |v6: Ipv6Addr| v6.is_unique_local() || v6.is_unicast_link_local();
        match address {
            address if address.is_loopback() => AddressSpace::Loopback,
            IpAddr::V4(v4) if v4.is_private() || v4.is_link_local() => AddressSpace::Private,
            IpAddr::V6(v6) if local(v6) => AddressSpace::Private,
            _ => AddressSpace::Public,
        }
    }
}

/// Whether a host is a name that the whole internet knows: neither an address, nor a name of one label or of a local network.
pub(crate) fn is_public_name(host: &str) -> bool {
    let address = host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    let top = host.rsplit('.').next().unwrap_or_default();
    !address
        && host.contains('.')
        && !matches!(top, "local" | "localhost" | "internal" | "test" | "home" | "lan")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_no_intranet() {
        for (address, space) in [
            ("127.0.0.1", AddressSpace::Loopback),
            ("::1", AddressSpace::Loopback),
            ("::ffff:127.0.0.1", AddressSpace::Loopback),
            ("10.1.2.3", AddressSpace::Private),
            ("172.16.0.1", AddressSpace::Private),
            ("192.168.1.1", AddressSpace::Private),
            ("169.254.1.1", AddressSpace::Private),
            ("fd00::1", AddressSpace::Private),
            ("fe80::1", AddressSpace::Private),
            ("::ffff:10.0.0.1", AddressSpace::Private),
            ("172.32.0.1", AddressSpace::Public),
            ("2001:db8::1", AddressSpace::Public),
        ] {
            assert_eq!(AddressSpace::of(address.parse().unwrap()), space, "{address}");
        }
    }

    #[test]
    fn a_host_without_a_scheme_is_no_url() {
        for text in ["localhost:3000/x", "api.example.com:8080", "api.example.com/x", "http://", "//x"] {
            assert!(matches!(parse_url(text), Err(UrlError::Syntax { .. })), "{text}");
        }
        assert!(matches!(parse_url("file:///etc/passwd"), Err(UrlError::Scheme { .. })));
        assert!(matches!(parse_url("data:,x"), Err(UrlError::Scheme { .. })));
    }
}
