//! The switches: each a question on which browsers, or a browser and the standard, differ.

/// Whether `*` grants `Authorization`, which the standard names as the one header that it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizationUnderWildcard {
    /// It must be listed by name: the standard.
    Refused,
    /// `*` grants it, without credentials: every browser.
    Granted,
}

/// What becomes of `Access-Control-Max-Age: -1`, which is no number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NegativeMaxAge {
    /// It counts as absent, so for five seconds: the standard.
    FiveSeconds,
    /// The answer is not cached: every browser.
    NotCached,
}

/// What becomes of an `Access-Control-Max-Age` that is neither a number nor a negative one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MalformedMaxAge {
    /// It counts as absent, so for five seconds: the standard.
    FiveSeconds,
    /// The answer is not cached, unless the value is empty; neither is one with a negative number: Firefox.
    NotCached,
    /// `+60` is sixty seconds, all else counts as absent: Chromium and WebKit.
    SignAccepted,
}

/// Whether `Accept-Language` is among a preflight's headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptLanguageOnPreflight {
    /// It is not: the standard.
    Absent,
    /// It is: every browser.
    Present,
}

/// Whether the cache mode's `Cache-Control` and `Pragma` are among a preflight's headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheHeadersOnPreflight {
    /// They are not: the standard, and WebKit.
    Absent,
    /// They are: Chromium and Firefox.
    Present,
}

/// Which `Range` values are simple enough to need no preflight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeSyntax {
    /// `bytes=`, digits, `-`, and maybe digits: the standard, Chromium and Firefox.
    Exact,
    /// The unit in any case, and a sign before the first number: WebKit.
    Lenient,
}

/// Whether a `Range` with a number beyond 64 bits can be simple.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LargeRangeNumbers {
    /// It can: the standard.
    Safe,
    /// It cannot: every browser.
    Unsafe,
}

/// Whether client hints that a script sets are safelisted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientHints {
    /// They are not: the standard.
    Unsafe,
    /// They are, as the standard once had it, with a value that such a hint can have; and a redirect to another origin
    /// than the page's takes them away, but for `Save-Data`: Chromium.
    Safelisted,
}

/// Whether bytes above ASCII are allowed in a safelisted `Accept` or `Content-Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonAsciiBytes {
    /// They are: the standard.
    Safe,
    /// They are not: Firefox.
    Unsafe,
}

/// How the lines of one header name are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepeatedHeaders {
    /// Each by itself: the standard, and Firefox.
    OneByOne,
    /// Joined into one value: Chromium and WebKit.
    Joined,
}

/// How the lines of one header name go over the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepeatedLines {
    /// All of them: the standard.
    Kept,
    /// As one, of those after the last empty one; of some headers the last line alone: Firefox.
    Folded,
}

/// How a `Range` goes over the wire, of a `GET` that the HTTP cache could answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeSerialization {
    /// As the script has written it: the standard.
    Kept,
    /// If it is a single range, without white space, signs and leading zeros: Chromium.
    Plain,
}

/// Whether all safelisted values together have a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SafelistedTotal {
    /// 1024 bytes: the standard.
    Limited,
    /// There is none: Firefox.
    Unlimited,
}

/// How often a name stands in `Access-Control-Request-Headers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestedNames {
    /// Once: the standard.
    Once,
    /// Once for each of its lines that is unsafe: Firefox.
    ForEachLine,
}

/// Whether a script can set `User-Agent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptedUserAgent {
    /// It can, after a preflight: the standard.
    Sent,
    /// It is left out without a word: Chromium.
    Dropped,
}

/// Whether a body brings its type along where a script could not set it, under mode `no-cors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyType {
    /// It does not: the standard.
    Guarded,
    /// It does: WebKit.
    Sent,
}

/// Whether an upload listener forces a preflight where there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListenerWithoutBody {
    /// It does: the standard.
    Preflight,
    /// It does not: Chromium.
    NoPreflight,
}

/// Whether a preflight that was only forced grants its own method when the answer lists none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForcedMethod {
    /// It does: the standard.
    Granted,
    /// Only `GET`, `HEAD` and `POST` need no listing: every browser.
    NotGranted,
}

/// What the preflight cache does when the response itself is not shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailedCheck {
    /// It forgets what was granted, if the request needed a preflight: the standard.
    ClearsEntries,
    /// It forgets it, and where no preflight was needed as well: Firefox.
    AlwaysClearsEntries,
    /// It keeps it: Chromium and WebKit.
    KeepsEntries,
}

/// What the preflight cache does when the script has refused the redirect that came, if it forgets anything at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedRedirect {
    /// It forgets, as with any failure: the standard.
    ClearsEntries,
    /// It keeps what was granted: Firefox.
    KeepsEntries,
}

/// Whether a `*` in the preflight cache grants anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CachedWildcard {
    /// It does: the standard.
    Grants,
    /// It does to a request without credentials: WebKit.
    GrantsRequestsWithoutCredentials,
    /// It does if it was granted to a request without credentials: Chromium.
    GrantedWithoutCredentials,
    /// It does not: Firefox.
    GrantsNothing,
}

/// Whether the preflight cache must have `HEAD` listed, as a method that is not safelisted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CachedHead {
    /// It need not: the standard.
    Granted,
    /// It must: Firefox.
    IfListed,
}

/// Whether a `*` in the preflight cache grants `Authorization`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CachedAuthorization {
    /// Where the answer itself would: the standard, and WebKit.
    AsInResponse,
    /// It does not: Chromium, and Firefox, where no cached `*` grants anything.
    Refused,
}

/// Whether a grant made with credentials serves a request without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CachedCredentials {
    /// It does: the standard.
    ServeBoth,
    /// It does not: Firefox.
    Apart,
}

/// Whether a preflight's answer is cached that does not grant the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedPreflights {
    /// It is not: the standard.
    NotCached,
    /// What it does grant is: WebKit.
    Cached,
}

/// How many preflights are cached for one origin and URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CachedPreflights {
    /// All: the standard, and Firefox.
    All,
    /// The last, until a request comes that it does not serve: Chromium and WebKit.
    LastUntilMiss,
}

/// Under which origin the preflight cache files a request that redirects have tainted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CachedOrigin {
    /// `null`: the standard, Chromium and WebKit.
    Tainted,
    /// The page's: Firefox.
    Page,
}

/// Which cache modes keep the preflight cache out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UncachedModes {
    /// None: the standard, and WebKit.
    None,
    /// `no-store` and `reload`: Firefox.
    NoStoreAndReload,
    /// `no-store`, `reload` and `no-cache`; and what is granted under `no-store` is not cached: Chromium.
    NoCacheAsWell,
}

/// Whether a redirect that takes away the reason for a preflight takes it away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectedPreflight {
    /// It does: the standard, and Chromium.
    AsNeeded,
    /// A preflight is sent, for the new method and headers: Firefox.
    Method,
    /// A preflight is sent, for the headers that there were: WebKit.
    MethodAndHeaders,
}

/// Which headers a request has after a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectedHeaders {
    /// Those that the redirects so far have left: the standard.
    Kept,
    /// Those that the script has set, but for those that this redirect takes away, or would take away from the first
    /// request: an `Authorization` or a `Content-Type` that an earlier one took away is there again. A preflight asks for
    /// the latter in any case: Firefox.
    Restored,
    /// Under CORS those that the script has set, but for an `Authorization` that is gone and a body's headers that this
    /// redirect takes away; without CORS a 307 or 308 brings `Content-Type` back, until the request has left home: WebKit.
    RestoredWithCors,
}

/// Whether a redirect to another origin makes a `GET` of a `DELETE`, whatever its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectedDelete {
    /// Only 303 does: the standard.
    Kept,
    /// It does: WebKit.
    BecomesGet,
}

/// Which origin a request without CORS shows after a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectedOrigin {
    /// `null` once it is tainted, and none if it has become a `GET`: the standard.
    AsTainted,
    /// The one that it showed at first; from the first redirect to another origin on, the page's or `null`, whatever the
    /// referrer policy. A `GET` that a redirect within an origin has made shows it as well: WebKit.
    Kept,
    /// `null` once it has left the origin that it was sent to: Chromium.
    NullElsewhere,
}

/// Which referrer a preflight shows that follows a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectedReferrer {
    /// That of the request that it is for: the standard.
    OfCurrentUrl,
    /// That of the request before any redirect: WebKit.
    OfFirstUrl,
}

/// Which origin a preflight names that follows a tainting redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaintedPreflight {
    /// `null`, as the request does: the standard.
    Tainted,
    /// The page's: Firefox.
    Page,
}

/// Whether the answer to a preflight that a redirect has led back to the page's own origin must be shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameOriginPreflight {
    /// It must pass the CORS check, as any: the standard.
    Checked,
    /// Only its methods and headers count: Firefox.
    Unchecked,
}

/// Where a redirect to a URL with user and password is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectUserinfo {
    /// Where CORS has no part in it: the standard.
    WithoutCors,
    /// Nowhere: Chromium.
    Nowhere,
}

/// What two `Location` lines lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepeatedLocation {
    /// A failure: the standard.
    Failure,
    /// Equal ones count as one: Chromium and Firefox.
    EqualOnes,
    /// Their joined value: WebKit.
    Joined,
}

/// Whether a referrer policy takes the page's name out of `Origin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginByReferrerPolicy {
    /// It does, without CORS: the standard.
    ByPolicy,
    /// A downgrade to plain http does, and nothing else: Chromium.
    OnDowngrade,
}

/// Whether a page can show other sites more than its origin in `Referer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelaxedReferrer {
    /// Its referrer policy decides: the standard.
    ByPolicy,
    /// It cannot: Firefox.
    SameSiteOnly,
}

/// Which plain http URLs on loopback a secure page may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loopback {
    /// All: the standard, Chromium and Firefox.
    All,
    /// None: WebKit.
    None,
}

/// Whether a secure page tells plain http URLs on loopback its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferrerToLoopback {
    /// As it does with any secure URL: the standard.
    Sent,
    /// It is a downgrade: every browser that asks at all.
    Downgrade,
}

/// What a 407 from a server is, which is no proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyChallenge {
    /// A failure: the standard, and Chromium.
    Failure,
    /// A response: Firefox and WebKit.
    Delivered,
}

/// What becomes of the bytes of a response's header that are no UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonUtf8Bytes {
    /// They are kept, each a character to a script: the standard.
    Kept,
    /// U+FFFD stands in their place, as UTF-8: WebKit.
    Replaced,
}

/// Which responses have no body at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NullBody {
    /// Those to `HEAD`, and those with a null body status: the standard.
    StatusAndHead,
    /// Those to `HEAD`; others have an empty one: Firefox.
    Head,
    /// None; they have an empty one: Chromium and WebKit.
    None,
}

/// Whether `Sec-Fetch-*` is sent after a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectedMetadata {
    /// It is: the standard.
    Sent,
    /// It is not, with CORS and to another origin: WebKit.
    Absent,
}

/// Whether a preflight to a URL that is not trustworthy names its `Sec-Fetch-Mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreflightMetadata {
    /// It does not, as no request to such a URL does: the standard.
    Trustworthy,
    /// It does: Chromium.
    ModeAlways,
}

/// Whether the embedder policy `credentialless` is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentiallessPages {
    /// It is: the standard.
    Known,
    /// It counts as none: WebKit.
    Unknown,
}

/// What a word means that `Cross-Origin-Resource-Policy` does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownResourcePolicy {
    /// The same as no header: the standard.
    IsNone,
    /// `cross-origin`: Firefox.
    Shares,
}

/// Whether an upgrade to https is a redirect to the origin's taint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HstsUpgrade {
    /// It is not, it only writes the URL anew: the standard.
    Rewrites,
    /// It is: Chromium.
    Redirects,
}

/// By which credentials the CORS check judges a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectCheck {
    /// By those that went along: the standard.
    ByCurrentUrl,
    /// By those, and after the next preflight once more by those that go to the first URL, so as with credentials in a chain
    /// that begins at home: WebKit.
    ByFirstUrl,
}

/// Which cache mode a script's own validators bring about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptedValidators {
    /// `no-store`: the standard.
    NoStore,
    /// `no-cache`, by its header: Chromium.
    NoCache,
}

/// Whether the cache mode `only-if-cached` keeps a request from the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnlyIfCached {
    /// It does: the standard.
    Obeyed,
    /// It does not: WebKit.
    Ignored,
}

/// Whether a preflight for an opaque origin is cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpaquePreflights {
    /// It is, for all of them: the standard, and Firefox.
    Cached,
    /// For the page whose origin it is, and not where a redirect has made it opaque: WebKit.
    OfOnePage,
    /// It is not: Chromium.
    NotCached,
}

/// Whether a preflight's `Sec-Fetch-Site` speaks of all redirects before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreflightSite {
    /// It does, the farthest URL counts: the standard.
    OfChain,
    /// It speaks of the preflight's own URL: Chromium and Firefox.
    OfUrl,
    /// It is `cross-site` once redirects have tainted the origin: WebKit.
    OfTaint,
}
