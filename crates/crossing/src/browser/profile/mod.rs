//! Where browsers differ: a small table of named switches.

mod switches;

pub use switches::*;

/// Which rules hold where the standard and the browsers differ.
///
/// Each switch is a question with two or more measured answers; a scenario of the conformance suite stands behind each.
/// [`Profile::consensus`], the default, has the answers on which Chromium 156, Firefox ESR 153 and WebKitGTK 2.50 agree;
/// where those three differ among themselves, it has the standard's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Profile {
    /// The profile's name, as it is written on the command line.
    pub name: &'static str,
    /// The longest time for which a preflight counts, in seconds.
    pub max_age_cap: u64,
    /// Whether `*` grants `Authorization`, which the standard names as the one header that it does not.
    pub authorization_under_wildcard: AuthorizationUnderWildcard,
    /// What becomes of `Access-Control-Max-Age: -1`, which is no number of seconds.
    pub negative_max_age: NegativeMaxAge,
    /// What becomes of an `Access-Control-Max-Age` that is neither a number nor a negative one.
    pub malformed_max_age: MalformedMaxAge,
    /// Whether `Accept-Language` is among a preflight's headers.
    pub accept_language_on_preflight: AcceptLanguageOnPreflight,
    /// Whether the cache mode's `Cache-Control` and `Pragma` are among a preflight's headers.
    pub cache_headers_on_preflight: CacheHeadersOnPreflight,
    /// Which `Range` values are simple enough to need no preflight.
    pub range_syntax: RangeSyntax,
    /// Whether a `Range` with a number beyond 64 bits can be simple.
    pub large_range_numbers: LargeRangeNumbers,
    /// Whether client hints that a script sets are safelisted.
    pub client_hints: ClientHints,
    /// Whether bytes above ASCII are allowed in a safelisted `Accept` or `Content-Type`.
    pub non_ascii_bytes: NonAsciiBytes,
    /// How the lines of one header name are measured.
    pub repeated_headers: RepeatedHeaders,
    /// How the lines of one header name go over the wire.
    pub repeated_lines: RepeatedLines,
    /// How a `Range` goes over the wire, of a `GET` that the HTTP cache could answer.
    pub range_serialization: RangeSerialization,
    /// Whether all safelisted values together have a limit.
    pub safelisted_total: SafelistedTotal,
    /// How often a name stands in `Access-Control-Request-Headers`.
    pub requested_names: RequestedNames,
    /// Whether a script can set `User-Agent`.
    pub scripted_user_agent: ScriptedUserAgent,
    /// Whether a body brings its type along where a script could not set it, under mode `no-cors`.
    pub body_type: BodyType,
    /// Whether an upload listener forces a preflight where there is no body.
    pub listener_without_body: ListenerWithoutBody,
    /// Whether a preflight that was only forced grants its own method when the answer lists none.
    pub forced_method: ForcedMethod,
    /// What the preflight cache does when the response itself is not shared.
    pub failed_check: FailedCheck,
    /// What the preflight cache does when the script has refused the redirect that came, if it forgets anything at all.
    pub refused_redirect: RefusedRedirect,
    /// Whether a `*` in the preflight cache grants anything.
    pub cached_wildcard: CachedWildcard,
    /// Whether the preflight cache must have `HEAD` listed, as a method that is not safelisted.
    pub cached_head: CachedHead,
    /// Whether a `*` in the preflight cache grants `Authorization`.
    pub cached_authorization: CachedAuthorization,
    /// Whether a grant made with credentials serves a request without.
    pub cached_credentials: CachedCredentials,
    /// Whether a preflight's answer is cached that does not grant the request.
    pub refused_preflights: RefusedPreflights,
    /// How many preflights are cached for one origin and URL.
    pub cached_preflights: CachedPreflights,
    /// Under which origin the preflight cache files a request that redirects have tainted.
    pub cached_origin: CachedOrigin,
    /// Whether a preflight for an opaque origin is cached.
    pub opaque_preflights: OpaquePreflights,
    /// Which cache modes keep the preflight cache out.
    pub uncached_modes: UncachedModes,
    /// Whether a redirect that takes away the reason for a preflight takes it away.
    pub redirected_preflight: RedirectedPreflight,
    /// Which headers a request has after a redirect.
    pub redirected_headers: RedirectedHeaders,
    /// Whether a redirect to another origin makes a `GET` of a `DELETE`, whatever its status.
    pub redirected_delete: RedirectedDelete,
    /// Which origin a request without CORS shows after a redirect.
    pub redirected_origin: RedirectedOrigin,
    /// Which referrer a preflight shows that follows a redirect.
    pub redirected_referrer: RedirectedReferrer,
    /// Which origin a preflight names that follows a tainting redirect.
    pub tainted_preflight: TaintedPreflight,
    /// Whether the answer to a preflight that a redirect has led back to the page's own origin must be shared.
    pub same_origin_preflight: SameOriginPreflight,
    /// Where a redirect to a URL with user and password is followed.
    pub redirect_userinfo: RedirectUserinfo,
    /// What two `Location` lines lead to.
    pub repeated_location: RepeatedLocation,
    /// Whether a referrer policy takes the page's name out of `Origin`.
    pub origin_by_referrer_policy: OriginByReferrerPolicy,
    /// Whether a page can show other sites more than its origin in `Referer`.
    pub relaxed_referrer: RelaxedReferrer,
    /// Which plain http URLs on loopback a secure page may ask for.
    pub loopback: Loopback,
    /// Whether a secure page tells plain http URLs on loopback its address.
    pub referrer_to_loopback: ReferrerToLoopback,
    /// What a 407 from a server is, which is no proxy.
    pub proxy_challenge: ProxyChallenge,
    /// What becomes of the bytes of a response's header that are no UTF-8.
    pub non_utf8_bytes: NonUtf8Bytes,
    /// Which responses have no body at all.
    pub null_body: NullBody,
    /// Whether `Sec-Fetch-*` is sent after a redirect.
    pub redirected_metadata: RedirectedMetadata,
    /// Whether a preflight to a URL that is not trustworthy names its `Sec-Fetch-Mode`.
    pub preflight_metadata: PreflightMetadata,
    /// Whether a preflight's `Sec-Fetch-Site` speaks of all redirects before it.
    pub preflight_site: PreflightSite,
    /// Whether the embedder policy `credentialless` is known.
    pub credentialless_pages: CredentiallessPages,
    /// What a word means that `Cross-Origin-Resource-Policy` does not have.
    pub unknown_resource_policy: UnknownResourcePolicy,
    /// Whether an upgrade to https is a redirect to the origin's taint.
    pub hsts_upgrade: HstsUpgrade,
    /// By which credentials the CORS check judges a redirect.
    pub redirect_check: RedirectCheck,
    /// Which cache mode a script's own validators bring about.
    pub scripted_validators: ScriptedValidators,
    /// Whether the cache mode `only-if-cached` keeps a request from the network.
    pub only_if_cached: OnlyIfCached,
}

impl Profile {
    /// The Fetch Standard, to the letter. It leaves the longest max-age to the browser: here a day.
    pub const fn standard() -> Profile {
        Profile {
            name: "standard",
            max_age_cap: 86400,
            authorization_under_wildcard: AuthorizationUnderWildcard::Refused,
            negative_max_age: NegativeMaxAge::FiveSeconds,
            malformed_max_age: MalformedMaxAge::FiveSeconds,
            accept_language_on_preflight: AcceptLanguageOnPreflight::Absent,
            cache_headers_on_preflight: CacheHeadersOnPreflight::Absent,
            range_syntax: RangeSyntax::Exact,
            large_range_numbers: LargeRangeNumbers::Safe,
            client_hints: ClientHints::Unsafe,
            non_ascii_bytes: NonAsciiBytes::Safe,
            repeated_headers: RepeatedHeaders::OneByOne,
            repeated_lines: RepeatedLines::Kept,
            range_serialization: RangeSerialization::Kept,
            safelisted_total: SafelistedTotal::Limited,
            requested_names: RequestedNames::Once,
            scripted_user_agent: ScriptedUserAgent::Sent,
            body_type: BodyType::Guarded,
            listener_without_body: ListenerWithoutBody::Preflight,
            forced_method: ForcedMethod::Granted,
            failed_check: FailedCheck::ClearsEntries,
            refused_redirect: RefusedRedirect::ClearsEntries,
            cached_wildcard: CachedWildcard::Grants,
            cached_head: CachedHead::Granted,
            cached_authorization: CachedAuthorization::AsInResponse,
            cached_credentials: CachedCredentials::ServeBoth,
            refused_preflights: RefusedPreflights::NotCached,
            cached_preflights: CachedPreflights::All,
            cached_origin: CachedOrigin::Tainted,
            opaque_preflights: OpaquePreflights::Cached,
            uncached_modes: UncachedModes::None,
            redirected_preflight: RedirectedPreflight::AsNeeded,
            redirected_headers: RedirectedHeaders::Kept,
            redirected_delete: RedirectedDelete::Kept,
            redirected_origin: RedirectedOrigin::AsTainted,
            redirected_referrer: RedirectedReferrer::OfCurrentUrl,
            tainted_preflight: TaintedPreflight::Tainted,
            same_origin_preflight: SameOriginPreflight::Checked,
            redirect_userinfo: RedirectUserinfo::WithoutCors,
            repeated_location: RepeatedLocation::Failure,
            origin_by_referrer_policy: OriginByReferrerPolicy::ByPolicy,
            relaxed_referrer: RelaxedReferrer::ByPolicy,
            loopback: Loopback::All,
            referrer_to_loopback: ReferrerToLoopback::Sent,
            proxy_challenge: ProxyChallenge::Failure,
            non_utf8_bytes: NonUtf8Bytes::Kept,
            null_body: NullBody::StatusAndHead,
            redirected_metadata: RedirectedMetadata::Sent,
            preflight_metadata: PreflightMetadata::Trustworthy,
            preflight_site: PreflightSite::OfChain,
            credentialless_pages: CredentiallessPages::Known,
            unknown_resource_policy: UnknownResourcePolicy::IsNone,
            hsts_upgrade: HstsUpgrade::Rewrites,
            redirect_check: RedirectCheck::ByCurrentUrl,
            scripted_validators: ScriptedValidators::NoStore,
            only_if_cached: OnlyIfCached::Obeyed,
        }
    }

    /// What all browsers agree on. The longest max-age is the shortest of theirs: what holds here, holds everywhere.
    pub const fn consensus() -> Profile {
        Profile {
            name: "consensus",
            max_age_cap: 600,
            authorization_under_wildcard: AuthorizationUnderWildcard::Granted,
            negative_max_age: NegativeMaxAge::NotCached,
            accept_language_on_preflight: AcceptLanguageOnPreflight::Present,
            large_range_numbers: LargeRangeNumbers::Unsafe,
            forced_method: ForcedMethod::NotGranted,
            refused_redirect: RefusedRedirect::KeepsEntries,
            cached_wildcard: CachedWildcard::GrantsRequestsWithoutCredentials,
            referrer_to_loopback: ReferrerToLoopback::Downgrade,
            null_body: NullBody::Head,
            ..Profile::standard()
        }
    }

    /// Chromium 156, as it was measured.
    pub const fn chromium_156() -> Profile {
        Profile {
            name: "chromium",
            max_age_cap: 7200,
            authorization_under_wildcard: AuthorizationUnderWildcard::Granted,
            negative_max_age: NegativeMaxAge::NotCached,
            malformed_max_age: MalformedMaxAge::SignAccepted,
            accept_language_on_preflight: AcceptLanguageOnPreflight::Present,
            cache_headers_on_preflight: CacheHeadersOnPreflight::Present,
            large_range_numbers: LargeRangeNumbers::Unsafe,
            client_hints: ClientHints::Safelisted,
            repeated_headers: RepeatedHeaders::Joined,
            range_serialization: RangeSerialization::Plain,
            scripted_user_agent: ScriptedUserAgent::Dropped,
            listener_without_body: ListenerWithoutBody::NoPreflight,
            forced_method: ForcedMethod::NotGranted,
            failed_check: FailedCheck::KeepsEntries,
            cached_wildcard: CachedWildcard::GrantedWithoutCredentials,
            cached_authorization: CachedAuthorization::Refused,
            cached_preflights: CachedPreflights::LastUntilMiss,
            opaque_preflights: OpaquePreflights::NotCached,
            uncached_modes: UncachedModes::NoCacheAsWell,
            redirected_origin: RedirectedOrigin::NullElsewhere,
            redirect_userinfo: RedirectUserinfo::Nowhere,
            repeated_location: RepeatedLocation::EqualOnes,
            origin_by_referrer_policy: OriginByReferrerPolicy::OnDowngrade,
            referrer_to_loopback: ReferrerToLoopback::Downgrade,
            null_body: NullBody::None,
            preflight_metadata: PreflightMetadata::ModeAlways,
            preflight_site: PreflightSite::OfUrl,
            hsts_upgrade: HstsUpgrade::Redirects,
            scripted_validators: ScriptedValidators::NoCache,
            ..Profile::standard()
        }
    }

    /// Firefox ESR 153, as it was measured.
    pub const fn firefox_153() -> Profile {
        Profile {
            name: "firefox",
            max_age_cap: 86400,
            authorization_under_wildcard: AuthorizationUnderWildcard::Granted,
            malformed_max_age: MalformedMaxAge::NotCached,
            accept_language_on_preflight: AcceptLanguageOnPreflight::Present,
            cache_headers_on_preflight: CacheHeadersOnPreflight::Present,
            large_range_numbers: LargeRangeNumbers::Unsafe,
            repeated_lines: RepeatedLines::Folded,
            safelisted_total: SafelistedTotal::Unlimited,
            requested_names: RequestedNames::ForEachLine,
            forced_method: ForcedMethod::NotGranted,
            cached_wildcard: CachedWildcard::GrantsNothing,
            cached_head: CachedHead::IfListed,
            cached_credentials: CachedCredentials::Apart,
            cached_origin: CachedOrigin::Page,
            uncached_modes: UncachedModes::NoStoreAndReload,
            redirected_preflight: RedirectedPreflight::Method,
            redirected_headers: RedirectedHeaders::Restored,
            tainted_preflight: TaintedPreflight::Page,
            same_origin_preflight: SameOriginPreflight::Unchecked,
            repeated_location: RepeatedLocation::EqualOnes,
            relaxed_referrer: RelaxedReferrer::SameSiteOnly,
            referrer_to_loopback: ReferrerToLoopback::Downgrade,
            proxy_challenge: ProxyChallenge::Delivered,
            null_body: NullBody::Head,
            non_ascii_bytes: NonAsciiBytes::Unsafe,
            unknown_resource_policy: UnknownResourcePolicy::Shares,
            preflight_site: PreflightSite::OfUrl,
            failed_check: FailedCheck::AlwaysClearsEntries,
            refused_redirect: RefusedRedirect::KeepsEntries,
            ..Profile::standard()
        }
    }

    /// WebKitGTK 2.50, as it was measured.
    pub const fn webkit_2_50() -> Profile {
        Profile {
            name: "webkit",
            max_age_cap: 600,
            authorization_under_wildcard: AuthorizationUnderWildcard::Granted,
            negative_max_age: NegativeMaxAge::NotCached,
            malformed_max_age: MalformedMaxAge::SignAccepted,
            accept_language_on_preflight: AcceptLanguageOnPreflight::Present,
            range_syntax: RangeSyntax::Lenient,
            large_range_numbers: LargeRangeNumbers::Unsafe,
            repeated_headers: RepeatedHeaders::Joined,
            body_type: BodyType::Sent,
            forced_method: ForcedMethod::NotGranted,
            failed_check: FailedCheck::KeepsEntries,
            cached_wildcard: CachedWildcard::GrantsRequestsWithoutCredentials,
            refused_preflights: RefusedPreflights::Cached,
            cached_preflights: CachedPreflights::LastUntilMiss,
            opaque_preflights: OpaquePreflights::OfOnePage,
            redirected_preflight: RedirectedPreflight::MethodAndHeaders,
            redirected_headers: RedirectedHeaders::RestoredWithCors,
            redirected_delete: RedirectedDelete::BecomesGet,
            redirected_origin: RedirectedOrigin::Kept,
            redirected_referrer: RedirectedReferrer::OfFirstUrl,
            repeated_location: RepeatedLocation::Joined,
            loopback: Loopback::None,
            proxy_challenge: ProxyChallenge::Delivered,
            non_utf8_bytes: NonUtf8Bytes::Replaced,
            null_body: NullBody::None,
            redirected_metadata: RedirectedMetadata::Absent,
            credentialless_pages: CredentiallessPages::Unknown,
            redirect_check: RedirectCheck::ByFirstUrl,
            only_if_cached: OnlyIfCached::Ignored,
            preflight_site: PreflightSite::OfTaint,
            ..Profile::standard()
        }
    }

    /// Chromium, the latest that was measured.
    pub const fn chromium() -> Profile {
        Profile::chromium_156()
    }

    /// Firefox, the latest that was measured.
    pub const fn firefox() -> Profile {
        Profile::firefox_153()
    }

    /// WebKit, the latest that was measured.
    pub const fn webkit() -> Profile {
        Profile::webkit_2_50()
    }

    /// Every profile.
    pub const ALL: &'static [Profile] = &[
        Profile::consensus(),
        Profile::standard(),
        Profile::chromium(),
        Profile::firefox(),
        Profile::webkit(),
    ];

    /// The profile of this name.
    pub fn from_name(name: &str) -> Option<Profile> {
        Profile::ALL.iter().copied().find(|profile| profile.name == name)
    }
}

impl Default for Profile {
    fn default() -> Profile {
        Profile::consensus()
    }
}
