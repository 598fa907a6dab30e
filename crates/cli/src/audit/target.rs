//! What is audited: a URL, the origins that are meant to be allowed, and where the address lies.

use std::net::{IpAddr, Ipv6Addr};

use crossing::{Origin, TupleOrigin};
use url::Url;

/// A URL to audit.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) url: Url,
    /// Never empty.
    pub(crate) own: Vec<TupleOrigin>,
    pub(crate) owned: Owned,
}

/// How the own origins are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owned {
    /// They were stated: an answer must grant them.
    Stated,
    /// The target's own stands in: nobody promised that it is granted.
    Guessed,
}

/// Where an address lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AddressSpace {
    /// On the internet, or nobody knows.
    Public,
    /// In a network of its own: RFC 1918, link-local, unique local.
    Private,
    /// On this machine; that is no intranet.
    Loopback,
}

impl Target {
    pub(crate) fn new(url: Url, stated: &[TupleOrigin]) -> Target {
        let mut url = url;
        url.set_fragment(None);
        match Origin::of(&url) {
            Origin::Tuple(origin) if stated.is_empty() => {
                Target { url, own: vec![origin], owned: Owned::Guessed }
            }
            _ => Target { url, own: stated.to_vec(), owned: Owned::Stated },
        }
    }

    /// The own origin that stands for all.
    pub(crate) fn page(&self) -> &str {
        self.own.first().map_or("null", TupleOrigin::as_str)
    }

    /// A path under the URL that is hardly there.
    pub(crate) fn missing(&self, word: &str) -> Url {
        let mut url = self.url.clone();
        url.set_query(None);
        let path = format!("{}/{word}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        url
    }

    /// A file at the server's root.
    pub(crate) fn root(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_query(None);
        url.set_path(path);
        url
    }
}

impl AddressSpace {
    /// Where an address lies.
    pub(crate) fn of(address: IpAddr) -> AddressSpace {
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
    fn a_missing_path_is_under_the_url() {
        let target = Target::new("https://a.test/items/?q=1#x".parse().unwrap(), &[]);
        assert_eq!(target.missing("w").as_str(), "https://a.test/items/w");
        assert_eq!((target.page(), target.owned), ("https://a.test", Owned::Guessed));
    }
}
