//! [Origin](https://html.spec.whatwg.org/multipage/browsers.html#concept-origin): a tuple or opaque.

mod error;
#[cfg(feature = "url")]
mod tuple;

#[cfg(any(feature = "browser", feature = "server"))]
pub(crate) use error::Shortened;
pub use error::{OriginError, OriginProblem};
#[cfg(feature = "url")]
pub use tuple::{Origin, TupleOrigin, registrable_domain};

/// Whether a host names this machine: `localhost`, a name under it, `127.0.0.0/8` or `[::1]`.
pub fn is_loopback_host(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    name == "localhost"
        || name.ends_with(".localhost")
        || host == "[::1]"
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(any(feature = "server", feature = "url"))]
pub(crate) fn default_port(scheme: impl AsRef<[u8]>) -> Option<u16> {
    match scheme.as_ref() {
        b"http" | b"ws" => Some(80),
        b"https" | b"wss" => Some(443),
        b"ftp" => Some(21),
        _ => None,
    }
}
