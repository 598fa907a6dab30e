//! The header names of the protocol, as `http` has them. A server's answers speak with
//! [`Access-Control-Allow-Origin`](https://fetch.spec.whatwg.org/#http-access-control-allow-origin),
//! [`-Credentials`](https://fetch.spec.whatwg.org/#http-access-control-allow-credentials),
//! [`-Methods`](https://fetch.spec.whatwg.org/#http-access-control-allow-methods),
//! [`-Headers`](https://fetch.spec.whatwg.org/#http-access-control-allow-headers),
//! [`-Max-Age`](https://fetch.spec.whatwg.org/#http-access-control-max-age) and
//! [`Access-Control-Expose-Headers`](https://fetch.spec.whatwg.org/#http-access-control-expose-headers).

use http::HeaderName;
pub use http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS,
    ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION,
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, ETAG, EXPIRES, HOST, IF_MATCH,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, LAST_MODIFIED, LOCATION, ORIGIN, PRAGMA,
    RANGE, REFERER, REFERRER_POLICY, SET_COOKIE, USER_AGENT, VARY, WWW_AUTHENTICATE,
};

/// `Cross-Origin-Resource-Policy`
pub const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// [`X-Content-Type-Options`](https://fetch.spec.whatwg.org/#http-x-content-type-options)
pub const X_CONTENT_TYPE_OPTIONS: HeaderName = HeaderName::from_static("x-content-type-options");
/// `Timing-Allow-Origin`
pub const TIMING_ALLOW_ORIGIN: HeaderName = HeaderName::from_static("timing-allow-origin");
/// `Sec-Fetch-Site`
pub const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// `Sec-Fetch-Mode`
pub const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
/// `Sec-Fetch-Dest`
pub const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
