//! A [request](https://fetch.spec.whatwg.org/#concept-request), as a script makes it.

use std::fmt;

use http::{HeaderName, Method};
use url::Url;

use super::destination::Destination;
use super::integrity::Integrity;
use super::keyword::keywords;
use super::referrer::{Referrer, ReferrerPolicy};
use crate::headers::{HeaderList, Value, names, request as rules};
use crate::method;

/// The [mode](https://fetch.spec.whatwg.org/#concept-request-mode) of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Ask across origins, and read what the server shares. A script's default.
    #[default]
    Cors,
    /// Ask across origins as an image does: only what a form could send, and nothing is read.
    NoCors,
    /// Never ask another origin.
    SameOrigin,
}

keywords!(Mode {
    Cors => "cors",
    NoCors => "no-cors",
    SameOrigin => "same-origin",
});

/// The [credentials mode](https://fetch.spec.whatwg.org/#concept-request-credentials-mode): when cookies and HTTP
/// authentication go along, and are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CredentialsMode {
    /// Never.
    Omit,
    /// With the page's own origin only. A script's default.
    #[default]
    SameOrigin,
    /// Always; `withCredentials = true`.
    Include,
}

keywords!(CredentialsMode {
    Omit => "omit",
    SameOrigin => "same-origin",
    Include => "include",
});

/// The [redirect mode](https://fetch.spec.whatwg.org/#concept-request-redirect-mode).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RedirectMode {
    /// Go where the server says.
    #[default]
    Follow,
    /// A redirect is a failure.
    Error,
    /// A redirect is delivered as an opaque-redirect response.
    Manual,
}

keywords!(RedirectMode {
    Follow => "follow",
    Error => "error",
    Manual => "manual",
});

/// The [cache mode](https://fetch.spec.whatwg.org/#concept-request-cache-mode).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheMode {
    /// As HTTP says.
    #[default]
    Default,
    /// Neither read the HTTP cache nor write it.
    NoStore,
    /// Do not read it; write it.
    Reload,
    /// Ask the server before using it.
    NoCache,
    /// Use it however old it is.
    ForceCache,
    /// Use it or fail.
    OnlyIfCached,
}

keywords!(CacheMode {
    Default => "default",
    NoStore => "no-store",
    Reload => "reload",
    NoCache => "no-cache",
    ForceCache => "force-cache",
    OnlyIfCached => "only-if-cached",
});

/// The [body](https://fetch.spec.whatwg.org/#concept-request-body) of a request, as far as the protocol looks at it:
/// the bytes themselves stay with whoever sends them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Body {
    /// None.
    #[default]
    Null,
    /// Bytes that can be sent again after a redirect.
    Source {
        /// How many, in bytes.
        length: u64,
    },
    /// A stream that can be read once.
    Stream,
}

/// Whether a preflight is asked for even where method and headers need none: the
/// [use-CORS-preflight flag](https://fetch.spec.whatwg.org/#use-cors-preflight-flag).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForcedPreflight {
    /// Only where the request needs it.
    #[default]
    No,
    /// A listener for upload events, or a streamed body, asks for it.
    Yes,
}

/// Whether user and password of the URL answer a challenge: the
/// [use-URL-credentials flag](https://fetch.spec.whatwg.org/#concept-request-use-url-credentials-flag).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UrlCredentials {
    /// They do not; `fetch()` refuses a URL that has them.
    #[default]
    Refused,
    /// They do, as `XMLHttpRequest` has it.
    Answer,
}

/// A request that a script has made: its parts have been checked, and what a script may not set has been left out.
#[derive(Clone, Debug)]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderList,
    pub(super) body: Body,
    pub(super) mode: Mode,
    pub(super) credentials: CredentialsMode,
    pub(super) redirect: RedirectMode,
    pub(super) cache: CacheMode,
    pub(super) referrer: Referrer,
    pub(super) referrer_policy: Option<ReferrerPolicy>,
    pub(super) forced_preflight: ForcedPreflight,
    pub(super) url_credentials: UrlCredentials,
    pub(super) destination: Destination,
    pub(super) integrity: Integrity,
    pub(super) dropped: Vec<HeaderName>,
    /// The body's own type, where it is left out as well.
    pub(super) dropped_type: Option<Value>,
}

impl Request {
    /// Begins a request: `GET`, with the defaults of `fetch()`.
    pub fn builder(url: Url) -> RequestBuilder {
        RequestBuilder {
            method: Method::GET,
            url,
            lines: Vec::new(),
            body: Body::Null,
            content_type: None,
            mode: Mode::default(),
            credentials: CredentialsMode::default(),
            redirect: RedirectMode::default(),
            cache: CacheMode::default(),
            referrer: Referrer::default(),
            referrer_policy: None,
            forced_preflight: ForcedPreflight::default(),
            url_credentials: UrlCredentials::default(),
            destination: Destination::default(),
            integrity: Integrity::default(),
            error: None,
        }
    }

    /// The method, normalised.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The URL.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The headers that the script set and may set.
    pub fn headers(&self) -> &HeaderList {
        &self.headers
    }

    /// The body's kind.
    pub fn body(&self) -> Body {
        self.body
    }

    /// The mode.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The credentials mode.
    pub fn credentials(&self) -> CredentialsMode {
        self.credentials
    }

    /// The headers that the script set and may not set: they were left out without a word, as a browser does it.
    pub fn dropped_headers(&self) -> &[HeaderName] {
        &self.dropped
    }
}

/// Makes a [`Request`]. The first thing that is wrong is reported by [`build`](RequestBuilder::build).
#[derive(Clone, Debug)]
pub struct RequestBuilder {
    method: Method,
    url: Url,
    lines: Vec<(HeaderName, Value)>,
    body: Body,
    content_type: Option<Value>,
    mode: Mode,
    credentials: CredentialsMode,
    redirect: RedirectMode,
    cache: CacheMode,
    referrer: Referrer,
    referrer_policy: Option<ReferrerPolicy>,
    forced_preflight: ForcedPreflight,
    url_credentials: UrlCredentials,
    destination: Destination,
    integrity: Integrity,
    error: Option<RequestError>,
}

impl RequestBuilder {
    /// The method. Six are [normalised](https://fetch.spec.whatwg.org/#concept-method-normalize), three are forbidden.
    #[must_use]
    pub fn method(mut self, name: &str) -> Self {
        match Method::from_bytes(name.as_bytes()) {
            Err(_) => self.fail(RequestError::Method(name.to_owned())),
            Ok(_) if method::is_forbidden(name.as_bytes()) => {
                self.fail(RequestError::ForbiddenMethod(name.to_owned()))
            }
            Ok(parsed) => self.method = method::normalize(parsed),
        }
        self
    }

    /// Appends a header line. A [forbidden](https://fetch.spec.whatwg.org/#forbidden-request-header) one is left out
    /// without an error, as a browser does it.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        match (HeaderName::from_bytes(name.as_bytes()), Value::new(value)) {
            (Err(_), _) => self.fail(RequestError::HeaderName(name.to_owned())),
            (Ok(name), Err(error)) => self.fail(RequestError::HeaderValue(name, error)),
            (Ok(name), Ok(value)) => self.lines.push((name, value)),
        }
        self
    }

    /// Appends a header line of which the value is normalised already: joined ones may end in a space.
    #[cfg(feature = "xhr")]
    pub(super) fn line(mut self, name: HeaderName, value: Value) -> Self {
        self.lines.push((name, value));
        self
    }

    /// A body of `length` bytes. `content_type` is the type that the body brings along (a text brings
    /// `text/plain;charset=UTF-8`); a `Content-Type` set by the script has precedence.
    #[must_use]
    pub fn body(mut self, length: u64, content_type: Option<Value>) -> Self {
        self.body = Body::Source { length };
        self.content_type = content_type;
        self
    }

    /// A streamed body; it forces a preflight.
    #[must_use]
    pub fn stream(mut self) -> Self {
        self.body = Body::Stream;
        self.forced_preflight = ForcedPreflight::Yes;
        self
    }

    /// The mode.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// The credentials mode.
    #[must_use]
    pub fn credentials(mut self, credentials: CredentialsMode) -> Self {
        self.credentials = credentials;
        self
    }

    /// The redirect mode.
    #[must_use]
    pub fn redirect(mut self, redirect: RedirectMode) -> Self {
        self.redirect = redirect;
        self
    }

    /// The cache mode.
    #[must_use]
    pub fn cache(mut self, cache: CacheMode) -> Self {
        self.cache = cache;
        self
    }

    /// The referrer.
    #[must_use]
    pub fn referrer(mut self, referrer: Referrer) -> Self {
        self.referrer = referrer;
        self
    }

    /// The referrer policy; without it, the page's own.
    #[must_use]
    pub fn referrer_policy(mut self, policy: ReferrerPolicy) -> Self {
        self.referrer_policy = Some(policy);
        self
    }

    /// Forces a preflight, as a listener for upload events does.
    #[must_use]
    pub fn forced_preflight(mut self) -> Self {
        self.forced_preflight = ForcedPreflight::Yes;
        self
    }

    /// Lets user and password in the URL answer a challenge, as `XMLHttpRequest` does.
    #[must_use]
    pub fn url_credentials(mut self) -> Self {
        self.url_credentials = UrlCredentials::Answer;
        self
    }

    /// What the response is for; without it, for a script.
    #[must_use]
    pub fn destination(mut self, destination: Destination) -> Self {
        self.destination = destination;
        self
    }

    /// [Integrity metadata](https://fetch.spec.whatwg.org/#concept-request-integrity-metadata): `sha256-…`, and the like. The
    /// response is delivered only if its body has such a hash, and is read as a whole for it.
    #[must_use]
    pub fn integrity(mut self, metadata: &str) -> Self {
        self.integrity = Integrity::parse(metadata);
        self
    }

    fn fail(&mut self, error: RequestError) {
        self.error.get_or_insert(error);
    }

    /// The request.
    ///
    /// # Errors
    /// The first thing that was wrong; where a script would meet a `TypeError`, a `SyntaxError` or a `SecurityError`.
    pub fn build(self) -> Result<Request, RequestError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let has_userinfo = !self.url.username().is_empty() || self.url.password().is_some();
        if has_userinfo && self.url_credentials == UrlCredentials::Refused {
            return Err(RequestError::UrlCredentials);
        }
        if self.mode == Mode::NoCors && !method::is_safelisted(self.method.as_str()) {
            return Err(RequestError::NoCorsMethod(self.method.to_string()));
        }
        if self.cache == CacheMode::OnlyIfCached && self.mode != Mode::SameOrigin {
            return Err(RequestError::OnlyIfCached);
        }
        if self.body != Body::Null && matches!(self.method, Method::GET | Method::HEAD) {
            return Err(RequestError::BodyWithoutMethod(self.method.to_string()));
        }
        if self.body == Body::Stream && self.mode == Mode::NoCors {
            return Err(RequestError::StreamWithoutCors);
        }
        let (headers, dropped) = guard(self.lines, self.content_type.as_ref(), self.mode);
        let has_type = headers.contains(&names::CONTENT_TYPE);
        Ok(Request {
            method: self.method,
            url: self.url,
            headers,
            body: self.body,
            mode: self.mode,
            credentials: self.credentials,
            redirect: self.redirect,
            cache: self.cache,
            referrer: self.referrer,
            referrer_policy: self.referrer_policy,
            forced_preflight: self.forced_preflight,
            url_credentials: self.url_credentials,
            destination: self.destination,
            integrity: self.integrity,
            dropped,
            dropped_type: self.content_type.filter(|_| !has_type),
        })
    }
}

/// The [guards](https://fetch.spec.whatwg.org/#concept-headers-guard) `request` and `request-no-cors`: what a script may
/// not set is left out.
fn guard(
    lines: Vec<(HeaderName, Value)>,
    content_type: Option<&Value>,
    mode: Mode,
) -> (HeaderList, Vec<HeaderName>) {
    let mut headers = HeaderList::with_capacity(lines.len() + 1);
    let mut dropped = Vec::new();
    let mut append = |headers: &mut HeaderList, name: HeaderName, value: Value| {
        let allowed = !rules::is_forbidden(&name, &value)
            && (mode != Mode::NoCors || is_allowed_without_cors(headers, &name, &value));
        if allowed {
            headers.append(name, value);
        } else {
            dropped.push(name);
        }
    };
    for (name, value) in lines {
        append(&mut headers, name, value);
    }
    // A type that the script set in vain leaves the body's own in place.
    if let Some(value) = content_type
        && !headers.contains(&names::CONTENT_TYPE)
    {
        append(&mut headers, names::CONTENT_TYPE, value.clone());
    }
    (headers, dropped)
}

/// Under mode `no-cors` the value that counts is the one with all earlier lines of that name.
fn is_allowed_without_cors(headers: &HeaderList, name: &HeaderName, value: &Value) -> bool {
    let mut together = headers.clone();
    together.append(name.clone(), value.clone());
    together.get(name).is_some_and(|value| rules::is_no_cors_safelisted(name, &value))
}

/// Why a request cannot be made: what a script would meet as an exception.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError {
    /// The method is no HTTP token.
    Method(String),
    /// `CONNECT`, `TRACE` or `TRACK`.
    ForbiddenMethod(String),
    /// The name is no HTTP token.
    HeaderName(String),
    /// The value holds a NUL, LF or CR.
    HeaderValue(HeaderName, crate::headers::InvalidValue),
    /// The URL holds a user or a password.
    UrlCredentials,
    /// Mode `no-cors` with a method other than `GET`, `HEAD` or `POST`.
    NoCorsMethod(String),
    /// Cache mode `only-if-cached` without mode `same-origin`.
    OnlyIfCached,
    /// `GET` or `HEAD` with a body.
    BodyWithoutMethod(String),
    /// A streamed body with mode `no-cors`.
    StreamWithoutCors,
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::origin::Shortened;
        match self {
            RequestError::Method(name) => {
                write!(
                    f,
                    "'{}' is not a method: a method is letters, digits and !#$%&'*+-.^_`|~",
                    Shortened(name)
                )
            }
            RequestError::ForbiddenMethod(name) => write!(f, "no browser lets a script send {name}"),
            RequestError::HeaderName(name) => {
                write!(
                    f,
                    "'{}' is not a header name: a name is letters, digits and !#$%&'*+-.^_`|~",
                    Shortened(name)
                )
            }
            RequestError::HeaderValue(name, error) => write!(f, "{name}: {error}"),
            RequestError::UrlCredentials => {
                f.write_str("the URL holds a user or a password; give them apart from it")
            }
            RequestError::NoCorsMethod(name) => {
                write!(f, "mode no-cors sends GET, HEAD and POST only, not {}", Shortened(name))
            }
            RequestError::OnlyIfCached => f.write_str("cache mode only-if-cached needs mode same-origin"),
            RequestError::BodyWithoutMethod(name) => write!(f, "{name} has no body; use POST or PUT"),
            RequestError::StreamWithoutCors => f.write_str("a streamed body needs mode cors or same-origin"),
        }
    }
}

impl std::error::Error for RequestError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn url() -> Url {
        "https://b.test/x".parse().unwrap()
    }

    #[test]
    fn forbidden_headers_are_left_out_silently() {
        let request =
            Request::builder(url()).header("Origin", "https://evil.test").header("x-a", "1").build().unwrap();
        assert_eq!(request.headers().len(), 1);
        assert_eq!(request.dropped_headers(), [names::ORIGIN]);
    }

    #[test]
    fn no_cors_keeps_only_what_a_form_could_send() {
        let request = Request::builder(url())
            .mode(Mode::NoCors)
            .header("accept", "a".repeat(100))
            .header("accept", "a".repeat(100))
            .header("x-a", "1")
            .header("range", "bytes=0-1")
            .build()
            .unwrap();
        assert_eq!(request.headers().len(), 1, "the second accept makes 202 bytes together");
    }

    #[test]
    fn a_body_brings_its_type_unless_the_script_set_one() {
        let text = || Some(Value::from_static("text/plain;charset=UTF-8"));
        let brought = Request::builder(url()).method("post").body(2, text()).build().unwrap();
        assert_eq!(brought.headers().get(&names::CONTENT_TYPE), text());
        let own = Request::builder(url())
            .method("post")
            .body(2, text())
            .header("content-type", "application/json")
            .build()
            .unwrap();
        assert_eq!(own.headers().get(&names::CONTENT_TYPE).unwrap(), *"application/json");
        let in_vain = Request::builder(url())
            .method("post")
            .mode(Mode::NoCors)
            .body(2, text())
            .header("content-type", "application/json")
            .build()
            .unwrap();
        assert_eq!(in_vain.headers().get(&names::CONTENT_TYPE), text());
    }

    #[test]
    fn wrong_parts_are_named() {
        let wrong = |builder: RequestBuilder| builder.build().unwrap_err();
        assert_eq!(wrong(Request::builder(url()).method("A B")), RequestError::Method("A B".into()));
        assert_eq!(
            wrong(Request::builder(url()).method("Trace")),
            RequestError::ForbiddenMethod("Trace".into())
        );
        assert_eq!(wrong(Request::builder(url()).header("a:b", "")), RequestError::HeaderName("a:b".into()));
        assert!(matches!(
            wrong(Request::builder(url()).header("a", "b\nc")),
            RequestError::HeaderValue(_, _)
        ));
        assert!(matches!(
            wrong(Request::builder(url()).header("a", "b\0c")),
            RequestError::HeaderValue(_, _)
        ));
        assert_eq!(
            wrong(Request::builder("http://u:p@b.test".parse().unwrap())),
            RequestError::UrlCredentials
        );
        assert_eq!(
            wrong(Request::builder(url()).body(1, None)),
            RequestError::BodyWithoutMethod("GET".into())
        );
    }

    #[test]
    fn ten_megabytes_in_a_value_are_only_unsafe() {
        let request = Request::builder(url()).header("x-a", vec![b'a'; 10 << 20]).build().unwrap();
        assert_eq!(rules::unsafe_names(request.headers()).len(), 1);
    }
}
