//! What the state machine asks for, and what it is told.

use std::sync::Arc;

use url::Url;

use super::integrity::Hash;
use super::request::CacheMode;
use super::response::Response;
use crate::headers::Value;
use crate::message::{RequestHead, ResponseHead};
use crate::reason::{Exchange, Reason};

/// What the fetch needs next. Each is answered with one [`Input`]; the last two end it.
#[derive(Debug)]
pub enum Step {
    /// Send this request. Answer with [`Input::Response`] or [`Input::Failed`].
    Send(Box<Send>),
    /// Ask the cookie jar for the value of `Cookie`. Answer with [`Input::Cookies`].
    FindCookies(CookieContext),
    /// Ask the [authentication entries](https://fetch.spec.whatwg.org/#authentication-entries) for the value of
    /// `Authorization`. Answer with [`Input::Authorization`].
    FindAuthorization(Url),
    /// Ask the HTTP cache for a response to this request. Answer with [`Input::Stored`].
    FindStored(Box<CacheQuery>),
    /// The server says that the stored response still holds: update it with this 304, and answer with its new head as
    /// [`Input::Freshened`].
    Freshen(Box<ResponseHead>),
    /// Give these `Set-Cookie` lines to the cookie jar. Answer with [`Input::Done`].
    StoreCookies(CookieContext, Vec<Value>),
    /// Ask the person for a user and a password. Answer with [`Input::Credentials`].
    Prompt(Box<Challenge>),
    /// The server accepted this `Authorization`: keep it as an
    /// [authentication entry](https://fetch.spec.whatwg.org/#authentication-entries). Answer with [`Input::Done`].
    StoreAuthorization(Url, Value),
    /// The URL is not fetched over HTTP (`data:`, `about:`, `blob:`, or the page's own scheme): answer with
    /// [`Input::Response`], or with [`Input::Failed`] and [`Reason::Scheme`].
    Local(Url),
    /// Read the whole body of the last response, and answer with its digest as [`Input::Digest`], or with
    /// [`Input::Failed`]. The script gets the body that was read.
    Digest(Hash),
    /// The response that the script gets. The fetch is over.
    Deliver(Box<Response>),
    /// The script gets a network error, and no more than that. The fetch is over.
    Fail(Box<Failure>),
}

/// What the fetch is told. It answers the last [`Step`]; any other input ends the fetch with [`Reason::Misuse`].
#[derive(Debug)]
pub enum Input {
    /// Begin.
    Start,
    /// The head of the response, as it came.
    Response(Box<ResponseHead>),
    /// No answer can be had: no response came, or what was asked for failed. Allowed at any time.
    Failed(Reason),
    /// The `Cookie` value, if there are cookies to send.
    Cookies(Option<Value>),
    /// The `Authorization` value, if there is an entry.
    Authorization(Option<Value>),
    /// What the HTTP cache has.
    Stored(Stored),
    /// The stored response's head after its update.
    Freshened(Box<ResponseHead>),
    /// What the person typed; `None` if they would not.
    Credentials(Option<UserPassword>),
    /// The digest of the body.
    Digest(Vec<u8>),
    /// It is done.
    Done,
    /// The script gave up: an [aborted network error](https://fetch.spec.whatwg.org/#concept-aborted-network-error). Allowed at any time.
    Abort,
}

/// A request to be sent.
#[derive(Debug)]
pub struct Send {
    /// Preflight, or the request itself.
    pub exchange: Exchange,
    /// The head, complete but for what the connection needs (`Host`, `Connection`).
    pub head: RequestHead,
    /// Whether the request's body goes along.
    pub body: SendBody,
    /// Whether a connection that is open may be used.
    pub connection: Connection,
    /// Whether the response may enter the HTTP cache, and may be taken from it later.
    pub cache: CacheUse,
}

/// Whether the request's body goes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendBody {
    /// No body: a preflight, or a redirect took it away.
    Null,
    /// The body, from its start.
    Request,
}

/// Whether an open connection may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// One from the pool, or a new one.
    Pooled,
    /// A new one: the server said that the last was the wrong one (421).
    New,
}

/// Whether the HTTP cache may keep the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheUse {
    /// It may, as HTTP allows.
    Store,
    /// It may not.
    Bypass,
}

/// What a cookie jar looks at when the core asks it for
/// [the request's cookies](https://fetch.spec.whatwg.org/#append-a-request-cookie-header).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieContext {
    /// The URL of the request.
    pub url: Url,
    /// Whether the page and the URL are of one site, for `SameSite`.
    pub site: Site,
    /// The site in the address bar, for partitioned cookies.
    pub partition: Arc<str>,
}

/// Whether a request stays within the site in the address bar: the
/// [same-site mode](https://fetch.spec.whatwg.org/#determine-the-same-site-mode).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// It does.
    Same,
    /// It does not: only `SameSite=None` cookies are sent and stored.
    Cross,
}

/// What the HTTP cache is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheQuery {
    /// The request, with all of its headers: `Vary` may name any of them.
    pub head: RequestHead,
    /// How willing the script is to take an old response.
    pub mode: CacheMode,
    /// The [HTTP cache partition](https://fetch.spec.whatwg.org/#http-cache-partitions).
    pub partition: Arc<str>,
}

/// What the HTTP cache has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Nothing that fits.
    Nothing,
    /// A response that is fresh.
    Fresh(Box<ResponseHead>),
    /// A response that is [stale](https://fetch.spec.whatwg.org/#concept-stale-response).
    Stale(Box<ResponseHead>),
}

/// A server's request for a user and a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The URL.
    pub url: Url,
    /// The lines of `WWW-Authenticate`.
    pub challenges: Vec<Value>,
    /// How many answers the server has refused so far. A browser goes on asking; a program should not give the same
    /// answer twice.
    pub refused: u32,
}

/// What a person typed. Its `Debug` does not show the password.
#[derive(Clone, PartialEq, Eq)]
pub struct UserPassword {
    /// The user's name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for UserPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserPassword").field("user", &self.user).finish_non_exhaustive()
    }
}

/// A [network error](https://fetch.spec.whatwg.org/#concept-network-error), with what the script is not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub reason: Reason,
    /// In which exchange.
    pub exchange: Exchange,
    /// The method, header name, value or URL that decided it, where one did.
    pub subject: Option<String>,
    /// The URL that was asked for.
    pub url: Url,
}
