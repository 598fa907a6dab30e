//! A cookie, as the jar stores it.

use std::fmt;
use std::sync::Arc;

use crossing::Time;

use super::same_site::SameSite;
use super::set_cookie::SetCookie;

/// A cookie. Its `Debug` does not show the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Cookie {
    /// The name; it may be empty.
    pub name: Vec<u8>,
    /// The value.
    pub value: Vec<u8>,
    /// The host, or the domain whose names all get it.
    pub domain: String,
    /// Whether the names under the domain get it, too.
    pub subdomains: bool,
    /// The path under which it is sent.
    pub path: Vec<u8>,
    /// When it is over; `None` with the session.
    pub expires: Option<Time>,
    /// Whether only secure connections get it.
    pub secure: bool,
    /// Whether it is kept from scripts.
    pub http_only: bool,
    /// Whether other sites may bring it along.
    pub same_site: SameSite,
    /// The site in the address bar to which it is confined: the `Partitioned` attribute.
    pub partition: Option<Arc<str>>,
    /// The place in the order of creation.
    pub(super) created: u64,
    /// The place in the order of use.
    pub(super) used: u64,
}

impl Cookie {
    /// A cookie of this host, with the attributes of the line that do not need a check.
    pub(super) fn from_set_cookie(line: &SetCookie<'_>, host: &str, same_site: SameSite) -> Cookie {
        Cookie {
            name: line.name.to_vec(),
            value: line.value.to_vec(),
            domain: host.to_owned(),
            subdomains: false,
            path: Vec::new(),
            expires: line.expires,
            secure: line.secure,
            http_only: line.http_only,
            same_site,
            partition: None,
            created: 0,
            used: 0,
        }
    }

    /// Whether a [prefix](https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1.3) of the name
    /// promises what the cookie does not keep.
    pub(super) fn violates_prefix(&self, path: Option<&[u8]>) -> bool {
        let begins = |text: &[u8], prefix: &str| {
            text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
        };
        if self.name.is_empty() {
            // Written without a name, it would be read as having one.
            return ["__Secure-", "__Host-", "__Http-"].iter().any(|prefix| begins(&self.value, prefix));
        }
        let of_one_host = !self.subdomains && path.is_some() && self.path == b"/";
        let name = &self.name;
        (begins(name, "__Secure-") && !self.secure)
            || (begins(name, "__Host-") && !(self.secure && of_one_host))
            || (begins(name, "__Http-") && !(self.secure && self.http_only))
            || (begins(name, "__Host-Http-") && !self.http_only)
    }

    pub(super) fn is_replaced_by(&self, new: &Cookie) -> bool {
        self.name == new.name
            && self.domain == new.domain
            && self.subdomains == new.subdomains
            && self.path == new.path
            && self.partition == new.partition
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, path) = (self.name.escape_ascii(), self.path.escape_ascii());
        write!(f, "Cookie({name}=… of {}{path})", self.domain)
    }
}
