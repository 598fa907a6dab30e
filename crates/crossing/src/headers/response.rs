//! Which response headers a script may see.

use http::HeaderName;

/// A [forbidden response-header name](https://fetch.spec.whatwg.org/#forbidden-response-header-name): no script sees it.
pub fn is_forbidden(name: &HeaderName) -> bool {
    matches!(name.as_str(), "set-cookie" | "set-cookie2")
}

/// The fixed part of the
/// [CORS-safelisted response-header names](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
pub fn is_safelisted(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "cache-control"
            | "content-language"
            | "content-length"
            | "content-type"
            | "expires"
            | "last-modified"
            | "pragma"
    )
}
