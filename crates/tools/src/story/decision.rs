//! What the browser decides between the messages.

use crossing::browser::CacheLookUp;
use crossing::headers::request::Unsafe;
use crossing::{Exchange, HeaderName};
use http::Method;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use url::Url;

use super::serialize;

/// A decision of the browser. The [`Rule`](super::Rule) of its step tells apart what the data does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "thought", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Decision {
    /// A header that the script set was left out.
    #[serde(rename = "dropped")]
    HeaderDropped {
        /// Its name.
        header: String,
    },
    /// The URL was changed to https.
    Upgraded {
        /// The new URL.
        #[serde(serialize_with = "serialize::text")]
        url: Url,
    },
    /// A URL is requested: the first, or the target of a redirect.
    Hop {
        /// The serialised origin of the request.
        origin: String,
    },
    /// The request needs a preflight for these causes. Without any it needs none.
    Classified {
        /// The causes.
        needs: Vec<PreflightCause>,
    },
    /// The preflight cache was searched.
    #[serde(rename = "remembered")]
    PreflightCache {
        /// The method and the header names, each with the result.
        look_ups: Vec<LookUp>,
    },
    /// The preflight allows the request.
    Granted {
        /// How long the preflight cache stores it, in seconds.
        seconds: u64,
    },
    /// Cookies and HTTP authentication are included or withheld.
    Credentials,
    /// The response sets cookies.
    CookiesStored {
        /// The number of `Set-Cookie` lines.
        count: usize,
    },
    /// The response passes the CORS check.
    CheckPassed {
        /// Whose response.
        #[serde(serialize_with = "serialize::exchange")]
        exchange: Exchange,
    },
    /// A redirect is followed.
    Redirected {
        /// Its status code.
        status: u16,
        /// Its target.
        #[serde(serialize_with = "serialize::text")]
        to: Url,
        /// The new method, if it changes.
        method: Option<String>,
        /// The headers that are removed.
        dropped: Vec<String>,
    },
    /// The HTTP cache has a response.
    FromCache {
        /// Its status code.
        status: u16,
        /// The usual reason phrase of the status; empty if there is none.
        phrase: &'static str,
    },
    /// Entries of the preflight cache are cleared, because the fetch failed.
    CacheCleared {
        /// The number of entries.
        count: usize,
    },
}

/// Why a request needs a preflight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreflightCause {
    /// The method is not safelisted.
    Method(Method),
    /// A header is not safelisted.
    Header(HeaderName, Unsafe),
    /// An upload listener or a streamed body.
    Forced,
}

impl Serialize for PreflightCause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (what, name, detail) = match self {
            PreflightCause::Method(method) => ("method", method.as_str(), None),
            PreflightCause::Header(name, why) => {
                let (what, detail) = match why {
                    Unsafe::TooLong { length } => ("too-long", Some(length.to_string())),
                    Unsafe::Byte { byte, at } => ("byte", Some(format!("{:?} @ {at}", char::from(*byte)))),
                    Unsafe::MimeType => ("mime-type", None),
                    Unsafe::Range => ("range", None),
                    Unsafe::Total { length } => ("total", Some(length.to_string())),
                    _ => ("name", None),
                };
                (what, name.as_str(), detail)
            }
            PreflightCause::Forced => ("listener", "", None),
        };
        let mut cause = serializer.serialize_struct("PreflightCause", 3)?;
        cause.serialize_field("what", what)?;
        cause.serialize_field("name", name)?;
        cause.serialize_field("detail", &detail)?;
        cause.end()
    }
}

/// A search of the preflight cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LookUp {
    /// The method or the header name.
    pub name: String,
    /// The result.
    #[serde(serialize_with = "found")]
    pub found: CacheLookUp,
}

fn found<S: Serializer>(found: &CacheLookUp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match found {
        CacheLookUp::Hit => "hit",
        CacheLookUp::MissUnknown => "unknown",
        CacheLookUp::MissNotGranted => "not-granted",
        CacheLookUp::MissCredentials => "credentials",
        CacheLookUp::MissExpired => "expired",
    })
}
