//! The trace: each step that mattered, as data.

use std::time::Duration;

use http::{HeaderName, Method, StatusCode};
use url::Url;

use super::preflight_cache::CacheLookUp;
use super::response::Hidden;
use crate::headers::request::Unsafe;
use crate::message::{RequestHead, ResponseHead};
use crate::reason::{Exchange, Reason};

/// The [response tainting](https://fetch.spec.whatwg.org/#concept-request-response-tainting): how far the response is
/// from the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tainting {
    /// Of the page's own origin.
    Basic,
    /// Of another origin, which must share it.
    Cors,
    /// Of another origin, and not to be read.
    Opaque,
}

/// How a chain of redirects taints the origin: the
/// [redirect-taint](https://fetch.spec.whatwg.org/#concept-request-tainted-origin).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RedirectTaint {
    /// No origin but the page's own has redirected to another.
    SameOrigin,
    /// One of the same site has.
    SameSite,
    /// One of another site has.
    CrossSite,
}

/// One thing that happened in a fetch, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A header that the script set was left out: only the browser may set it, or the mode does not allow it.
    HeaderDropped(HeaderName),
    /// The URL was made https, because its host is known to want it.
    Upgraded(Url),
    /// A URL is asked for: the first, or one that a redirect led to.
    Hop {
        /// The URL.
        url: Url,
        /// The origin that is shown to the server, serialised.
        origin: String,
        /// Whether redirects have tainted it.
        redirect_taint: RedirectTaint,
        /// The response tainting.
        tainting: Tainting,
        /// The `Referer` to be sent.
        referrer: Option<Url>,
    },
    /// The request was found to need a preflight, or not to.
    Classified {
        /// The method, if it is not safelisted.
        method: Option<Method>,
        /// The headers that are not safelisted, each with the reason.
        headers: Vec<(HeaderName, Unsafe)>,
        /// An upload listener or a streamed body asks for one anyway.
        forced: bool,
    },
    /// The preflight cache was asked for the method.
    MethodLookUp(Method, CacheLookUp),
    /// The preflight cache was asked for a header name.
    HeaderLookUp(String, CacheLookUp),
    /// A request went out.
    Sent(Exchange, RequestHead),
    /// A response came in.
    Received(Exchange, ResponseHead),
    /// The HTTP cache gave a stored response, with or without asking the server about it.
    FromCache(ResponseHead),
    /// The preflight was granted, and is cached for so long.
    PreflightGranted(Duration),
    /// Cookies and HTTP authentication may go along.
    CredentialsIncluded,
    /// Cookies and HTTP authentication are withheld.
    CredentialsWithheld,
    /// So many `Set-Cookie` lines were handed to the cookie jar.
    CookiesStored(usize),
    /// The response passed the CORS check.
    CorsCheckPassed(Exchange),
    /// A redirect is followed.
    Redirected {
        /// Its status.
        status: StatusCode,
        /// Where it leads.
        to: Url,
        /// The method, if it changed.
        method: Option<Method>,
        /// The headers that were taken away.
        dropped: Vec<HeaderName>,
    },
    /// A response header was withheld from the script.
    HeaderHidden(HeaderName, Hidden),
    /// The fetch failed.
    Failed(Exchange, Reason),
    /// So many entries of the preflight cache were cleared, because the fetch failed.
    CacheCleared(usize),
}
