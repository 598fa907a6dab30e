//! The rules behind the decisions of the browser that are not refusals.

use serde::Serialize;

/// Which rule of the standard decided a step. A refusal has a [`Reason`](crossing::Reason) instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Rule {
    /// A script cannot set this header.
    Dropped,
    /// The host requires https.
    Upgraded,
    /// A URL of the page's origin.
    HopBasic,
    /// A URL of another origin, in mode `no-cors`.
    HopOpaque,
    /// A URL of another origin, after a redirect that made `Origin` null or may have.
    HopTainted,
    /// A URL of another origin.
    HopCors,
    /// The request needs no preflight.
    ClassifiedSafe,
    /// The request needs a preflight.
    ClassifiedUnsafe,
    /// The preflight cache allows the request.
    CacheHit,
    /// The preflight cache does not allow the request.
    CacheMiss,
    /// The preflight allows the request.
    Granted,
    /// Cookies and HTTP authentication are sent.
    CredentialsIncluded,
    /// Cookies and HTTP authentication are withheld.
    CredentialsWithheld,
    /// The response sets cookies.
    CookiesStored,
    /// The response passes the CORS check.
    CheckPassed,
    /// A redirect is followed.
    Redirected,
    /// Entries of the preflight cache are cleared.
    CacheCleared,
    /// A stored response is used.
    FromCache,
    /// The script gets a response of its own origin.
    DeliverBasic,
    /// The script gets the safelisted and the exposed headers.
    DeliverCors,
    /// The script gets a response without content.
    DeliverOpaque,
    /// The script gets a redirect that was not followed.
    DeliverOpaqueRedirect,
    /// The script gets a `TypeError` without details.
    Error,
}

impl Rule {
    /// Every rule.
    pub const ALL: &'static [Rule] = &[
        Rule::Dropped,
        Rule::Upgraded,
        Rule::HopBasic,
        Rule::HopOpaque,
        Rule::HopTainted,
        Rule::HopCors,
        Rule::ClassifiedSafe,
        Rule::ClassifiedUnsafe,
        Rule::CacheHit,
        Rule::CacheMiss,
        Rule::Granted,
        Rule::CredentialsIncluded,
        Rule::CredentialsWithheld,
        Rule::CookiesStored,
        Rule::CheckPassed,
        Rule::Redirected,
        Rule::CacheCleared,
        Rule::FromCache,
        Rule::DeliverBasic,
        Rule::DeliverCors,
        Rule::DeliverOpaque,
        Rule::DeliverOpaqueRedirect,
        Rule::Error,
    ];
}
