//! The half that asks and judges: a browser's part of the protocol.

mod classify;
mod client;
mod client_hints;
mod cors_check;
mod csp;
mod destination;
mod fetch;
mod hsts;
mod integrity;
mod job;
mod keyword;
mod network;
mod policy_checks;
mod port;
mod preflight;
mod preflight_cache;
mod profile;
mod redirect;
mod referrer;
mod remembered;
mod request;
mod response;
mod spelling;
mod step;
mod trace;
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
pub use preflight_cache::{CacheLookUp, PreflightCache, Remembered, Remembrance};
pub use profile::{
    AcceptLanguageOnPreflight, AuthorizationUnderWildcard, BodyType, CacheHeadersOnPreflight, ClientHints,
    CredentiallessPages, FailedCheck, ForcedMethod, HiddenOrigin, HighBytes, HomePreflight, HstsUpgrade,
    HugeRanges, ListenerWithoutBody, Loopback, MalformedMaxAge, NegativeMaxAge, NullBody, OddBytes,
    OnlyIfCached, OpaquePreflights, PreflightMetadata, PreflightSite, Profile, ProxyChallenge, RangeSpelling,
    RangeSyntax, RedirectCheck, RedirectUserinfo, RedirectedDelete, RedirectedHeaders, RedirectedMetadata,
    RedirectedOrigin, RedirectedPreflight, RedirectedReferrer, ReferrerToLoopback, RefusedPreflights,
    RefusedRedirect, RelaxedReferrer, RememberedAuthorization, RememberedCredentials, RememberedHead,
    RememberedOrigin, RememberedPreflights, RememberedWildcard, RepeatedHeaders, RepeatedLines,
    RepeatedLocation, RequestedNames, SafelistedTotal, ScriptedUserAgent, ScriptedValidators,
    TaintedPreflight, UncachedModes, UnknownResourcePolicy,
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
