//! What the gateway knows of a client's connection.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;

use http::HeaderValue;

use crate::config::Scheme;
use crate::host::{self, Host};

/// A client's connection: address, scheme, and the host of its last request.
pub(crate) struct ClientConnection {
    /// The client's address without the port.
    pub(crate) address: HeaderValue,
    address_text: String,
    scheme: Scheme,
    /// The host of the last request: it rarely changes within a connection.
    last_host: RefCell<Option<Rc<Host>>>,
}

impl ClientConnection {
    pub(crate) fn new(peer: SocketAddr, scheme: Scheme) -> ClientConnection {
        let address_text = peer.ip().to_canonical().to_string();
        let address = HeaderValue::from_str(&address_text).unwrap_or(HeaderValue::from_static("unknown"));
        ClientConnection { address, address_text, scheme, last_host: RefCell::default() }
    }

    /// The client's address without the port.
    pub(crate) fn address_text(&self) -> &str {
        &self.address_text
    }

    pub(crate) fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host of a request, from its `Host` value; `None` if the value is not a host.
    pub(crate) fn host(&self, value: &HeaderValue) -> Option<Rc<Host>> {
        if let Some(known) = &*self.last_host.borrow()
            && known.value == value
        {
            return Some(known.clone());
        }
        let host = Host {
            value: value.clone(),
            name: host::normalized_name(value)?,
            forwarded: self.forwarded(value),
        };
        let host = Rc::new(host);
        *self.last_host.borrow_mut() = Some(host.clone());
        Some(host)
    }

    /// <https://httpwg.org/specs/rfc7239.html#forwarded>
    fn forwarded(&self, host: &HeaderValue) -> HeaderValue {
        let address = &self.address_text;
        let address = if address.contains(':') { format!("\"[{address}]\"") } else { address.clone() };
        let proto = self.scheme.as_str();
        let host = host.to_str().unwrap_or_default().replace(['"', '\\'], "");
        let text = format!("for={address};host=\"{host}\";proto={proto}");
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("for=unknown"))
    }
}
