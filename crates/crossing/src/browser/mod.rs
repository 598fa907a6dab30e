//! The half that asks and judges: a browser's part of the protocol.

mod classify;
mod client;
mod client_hints;
mod cors_check;
mod csp;
mod destination;
mod fetch;
mod fetch_params;
mod hsts;
mod integrity;
mod keyword;
mod network;
mod policy_checks;
mod port;
mod preflight;
mod preflight_cache;
mod preflight_cache_access;
mod profile;
mod redirect;
mod referrer;
mod request;
mod response;
mod step;
mod trace;
mod wire_headers;
#[cfg(feature = "xhr")]
pub mod xhr;

pub use client::{Client, EmbedderPolicy, HttpCache, MixedContent, Prompts, Referrers, Settings, Tracing};
pub use cors_check::{CorsFailure, cors_check};
pub use csp::ContentSecurityPolicy;
pub use destination::Destination;
pub use fetch::Fetch;
pub use hsts::{HstsHosts, Subdomains};
pub use integrity::Hash;
pub use keyword::UnknownKeyword;
pub use network::basic_authorization;
pub use preflight_cache::{CacheLookUp, CachedGrant, PreflightCache, PreflightCacheEntry};
pub use profile::{
    AcceptLanguageOnPreflight, AuthorizationUnderWildcard, BodyType, CacheHeadersOnPreflight,
    CachedAuthorization, CachedCredentials, CachedHead, CachedOrigin, CachedPreflights, CachedWildcard,
    ClientHints, CredentiallessPages, FailedCheck, ForcedMethod, HstsUpgrade, LargeRangeNumbers,
    ListenerWithoutBody, Loopback, MalformedMaxAge, NegativeMaxAge, NonAsciiBytes, NonUtf8Bytes, NullBody,
    OnlyIfCached, OpaquePreflights, OriginByReferrerPolicy, PreflightMetadata, PreflightSite, Profile,
    ProxyChallenge, RangeSerialization, RangeSyntax, RedirectCheck, RedirectUserinfo, RedirectedDelete,
    RedirectedHeaders, RedirectedMetadata, RedirectedOrigin, RedirectedPreflight, RedirectedReferrer,
    ReferrerToLoopback, RefusedPreflights, RefusedRedirect, RelaxedReferrer, RepeatedHeaders, RepeatedLines,
    RepeatedLocation, RequestedNames, SafelistedTotal, SameOriginPreflight, ScriptedUserAgent,
    ScriptedValidators, TaintedPreflight, UncachedModes, UnknownResourcePolicy,
};
pub use referrer::{Referrer, ReferrerPolicy};
pub use request::{
    Body, CacheMode, CredentialsMode, ForcedPreflight, Mode, RedirectMode, Request, RequestBuilder,
    RequestError, UrlCredentials,
};
pub use response::{BodyAccess, Hidden, Response, ResponseType};
pub use step::{
    CacheQuery, CacheUse, Challenge, Connection, CookieContext, Failure, Input, Send, SendBody, Site, Step,
    Stored, UserPassword,
};
pub use trace::{Event, RedirectTaint, Tainting};
