//! Why a cookie is not stored.

use std::fmt;

/// Why the cookie of a `Set-Cookie` line is not stored: the [storage model](https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-5.7)'s
/// rules, one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CookieRefusal {
    /// It is not a cookie, or it is too long.
    Malformed,
    /// Its `Domain` is not the server's to set cookies for.
    Domain,
    /// `Secure`, over a connection that is not.
    SecureOverHttp,
    /// Set for a page of another site, without `SameSite=None`.
    CrossSite,
    /// `SameSite=None` without `Secure`.
    NoneWithoutSecure,
    /// `Partitioned` without `Secure`.
    PartitionedWithoutSecure,
    /// It does not meet the requirements of its name's prefix.
    Prefix,
    /// A script sets it, or would replace one, that is `HttpOnly`.
    HttpOnly,
    /// It would hide one that came over a secure connection.
    Shadow,
}

impl fmt::Display for CookieRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CookieRefusal::Malformed => "it is no cookie, or too long for one",
            CookieRefusal::Domain => "its Domain is not this server's",
            CookieRefusal::SecureOverHttp => "it is Secure, and came over http",
            CookieRefusal::CrossSite => {
                "the page is of another site, and only SameSite=None with Secure goes there"
            }
            CookieRefusal::NoneWithoutSecure => "SameSite=None needs Secure beside it",
            CookieRefusal::PartitionedWithoutSecure => "Partitioned needs Secure beside it",
            CookieRefusal::Prefix => "its name has a prefix that promises what it does not keep",
            CookieRefusal::HttpOnly => "a script may not touch what is HttpOnly",
            CookieRefusal::Shadow => "it would hide a Secure cookie of the same name",
        })
    }
}
