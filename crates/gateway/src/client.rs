//! Who is at the other end of a client's connection.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;

use http::HeaderValue;

use crate::host::{self, Host};

/// The other end of a client's connection.
pub(crate) struct Client {
    /// Its address without the port.
    pub(crate) address: HeaderValue,
    text: String,
    secure: bool,
    /// The last one that it asked for: connections seldom change it.
    host: RefCell<Option<Rc<Host>>>,
}

impl Client {
    pub(crate) fn new(peer: SocketAddr, secure: bool) -> Client {
        let text = peer.ip().to_canonical().to_string();
        let address = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("unknown"));
        Client { address, text, secure, host: RefCell::default() }
    }

    /// Its address without the port.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// How it speaks to the gateway.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// A host that it asks for; `None` for what is no host.
    pub(crate) fn host(&self, value: &HeaderValue) -> Option<Rc<Host>> {
        if let Some(known) = &*self.host.borrow()
            && known.value == value
        {
            return Some(known.clone());
        }
        let host = Host { value: value.clone(), name: host::name(value)?, forwarded: self.forwarded(value) };
        let host = Rc::new(host);
        *self.host.borrow_mut() = Some(host.clone());
        Some(host)
    }

    /// <https://httpwg.org/specs/rfc7239.html#forwarded>
    fn forwarded(&self, host: &HeaderValue) -> HeaderValue {
        let address = &self.text;
        let address = if address.contains(':') { format!("\"[{address}]\"") } else { address.clone() };
        let proto = self.scheme();
        let host = host.to_str().unwrap_or_default().replace(['"', '\\'], "");
        let text = format!("for={address};host=\"{host}\";proto={proto}");
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("for=unknown"))
    }
}
