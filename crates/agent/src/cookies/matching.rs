//! Which hosts and paths a cookie is for.

use crossing::origin::{is_loopback_host, registrable_domain};
use url::{Host, Url};

/// Whether the host is a name, and no address.
pub(super) fn is_name(url: &Url) -> bool {
    matches!(url.host(), Some(Host::Domain(_)))
}

/// [Domain-match](https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-5.1.3).
pub(super) fn domain_matches(host: &str, is_name: bool, domain: &str) -> bool {
    match host.strip_suffix(domain) {
        Some("") => true,
        Some(labels) => is_name && labels.ends_with('.'),
        None => false,
    }
}

/// [Path-match](https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-5.1.4).
pub(super) fn path_matches(path: &[u8], cookie: &[u8]) -> bool {
    match path.strip_prefix(cookie) {
        Some(rest) => rest.is_empty() || rest[0] == b'/' || cookie.ends_with(b"/"),
        None => false,
    }
}

/// The [default path](https://fetch.spec.whatwg.org/#serialized-cookie-default-path): the URL's directory, without the slash.
pub(super) fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(end) => &path[..end],
    }
}

/// Whether the names under this one belong to different people, so that no cookie may be for all of them.
pub(super) fn is_public_suffix(domain: &str) -> bool {
    registrable_domain(domain).is_none()
}

/// The key under which the jar stores the cookies of a host: its registrable domain, so that one look-up sees every cookie
/// for the host.
pub(super) fn domain_key(host: &str) -> &str {
    registrable_domain(host).unwrap_or(host)
}

/// Whether `Secure` cookies go there: over https, and to this machine, as Chromium and Firefox have it (Safari does
/// not).
pub(super) fn is_secure(url: &Url) -> bool {
    url.scheme() == "https" || url.host_str().is_some_and(is_loopback_host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_match_label_by_label() {
        assert!(domain_matches("a.example.com", true, "example.com"));
        assert!(domain_matches("example.com", true, "example.com"));
        assert!(!domain_matches("notexample.com", true, "example.com"));
        assert!(!domain_matches("127.0.0.1", false, "0.0.1"));
    }

    #[test]
    fn paths_match_directory_by_directory() {
        for (path, cookie, expected) in [
            ("/a/b", "/a", true),
            ("/a", "/a", true),
            ("/ab", "/a", false),
            ("/a/b", "/a/", true),
            ("/a", "/a/", false),
            ("/", "/", true),
        ] {
            assert_eq!(path_matches(path.as_bytes(), cookie.as_bytes()), expected, "{path} {cookie}");
        }
        assert_eq!(default_path("/a/b"), "/a");
        assert_eq!(default_path("/a"), "/");
        assert_eq!(default_path("/a/"), "/a");
    }
}
