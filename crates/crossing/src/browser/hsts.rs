//! [Known HSTS hosts](https://www.rfc-editor.org/rfc/rfc6797.html#section-8.2): hosts that want https.

use std::collections::BTreeMap;

use url::{Host, Url};

/// Whether a host speaks for the names under it as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subdomains {
    /// For itself only.
    Excluded,
    /// For every name under it.
    Included,
}

/// The hosts that are known to want https.
#[derive(Clone, Debug, Default)]
pub struct HstsHosts(BTreeMap<String, Subdomains>);

impl HstsHosts {
    /// Adds a host.
    pub fn add(&mut self, host: &str, subdomains: Subdomains) {
        self.0.insert(host.to_ascii_lowercase(), subdomains);
    }

    /// The `https` URL for an `http` one whose host wants it; `localhost` and IP addresses never do.
    pub(super) fn upgrade(&self, url: &Url) -> Option<Url> {
        if self.0.is_empty() || url.scheme() != "http" {
            return None;
        }
        let Some(Host::Domain(host)) = url.host() else { return None };
        if crate::origin::is_loopback_host(host) || !self.knows(host) {
            return None;
        }
        let mut upgraded = url.clone();
        upgraded.set_scheme("https").ok()?;
        Some(upgraded)
    }

    fn knows(&self, host: &str) -> bool {
        if self.0.contains_key(host) {
            return true;
        }
        let mut rest = host;
        while let Some((_, parent)) = rest.split_once('.') {
            if self.0.get(parent) == Some(&Subdomains::Included) {
                return true;
            }
            rest = parent;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_hosts_and_their_subdomains_are_upgraded() {
        let mut hosts = HstsHosts::default();
        hosts.add("a.test", Subdomains::Included);
        hosts.add("b.test", Subdomains::Excluded);
        let upgrade = |url: &str| hosts.upgrade(&url.parse().unwrap()).map(|u| u.to_string());
        assert_eq!(upgrade("http://a.test/x").as_deref(), Some("https://a.test/x"));
        assert_eq!(upgrade("http://deep.x.a.test:8080/").as_deref(), Some("https://deep.x.a.test:8080/"));
        assert_eq!(upgrade("http://b.test/").as_deref(), Some("https://b.test/"));
        for no in ["http://x.b.test/", "https://a.test/", "http://xa.test/", "http://127.0.0.1/"] {
            assert_eq!(upgrade(no), None, "{no}");
        }
    }
}
