//! Who is at the other end of a client's connection.

use std::cell::RefCell;
use std::net::SocketAddr;

use http::HeaderValue;

/// The other end of a client's connection.
pub(crate) struct Client {
    /// Its address without the port.
    pub(crate) address: HeaderValue,
    text: String,
    secure: bool,
    /// The last `Forwarded` that was made, and for which host: connections seldom change it.
    forwarded: RefCell<Option<(HeaderValue, HeaderValue)>>,
}

impl Client {
    pub(crate) fn new(peer: SocketAddr, secure: bool) -> Client {
        let text = peer.ip().to_canonical().to_string();
        let address = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("unknown"));
        Client { address, text, secure, forwarded: RefCell::default() }
    }

    /// Its address without the port.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// How it speaks to the gateway.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// <https://httpwg.org/specs/rfc7239.html#forwarded>
    pub(crate) fn forwarded(&self, host: &HeaderValue) -> HeaderValue {
        if let Some((known, forwarded)) = &*self.forwarded.borrow()
            && known == host
        {
            return forwarded.clone();
        }
        let address = &self.text;
        let address = if address.contains(':') { format!("\"[{address}]\"") } else { address.clone() };
        let proto = self.scheme();
        let host_text = host.to_str().unwrap_or_default().replace(['"', '\\'], "");
        let text = format!("for={address};host=\"{host_text}\";proto={proto}");
        let forwarded = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("for=unknown"));
        *self.forwarded.borrow_mut() = Some((host.clone(), forwarded.clone()));
        forwarded
    }
}
