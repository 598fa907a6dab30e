//! The state machine: one for each fetch.

mod authentication;
mod http_fetch;
mod main_fetch;
mod network_or_cache;
mod preflight_fetch;

use std::mem;
use std::sync::Arc;

use url::Url;

use super::client::{Client, Settings};
use super::fetch_params::FetchParams;
use super::policy_checks::Credentials;
use super::preflight_cache::PreflightCache;
use super::request::{CacheMode, Request};
use super::response::{BodyAccess, Response};
use super::step::{Connection, Failure, Input, Step};
use super::trace::Event;
use crate::headers::Value;
use crate::message::{RequestHead, ResponseHead};
use crate::reason::{Exchange, Reason};
use crate::time::Time;

/// One [fetch](https://fetch.spec.whatwg.org/#concept-fetch): a state machine that asks and judges as a browser does.
///
/// The rule: call [`step`](Fetch::step) with [`Input::Start`], do what the [`Step`] says, call `step` with the answer, and
/// so on until [`Step::Deliver`] or [`Step::Fail`]. It does no I/O and reads no clock; what outlives one fetch, the
/// [`PreflightCache`], is lent to each step.
pub struct Fetch {
    params: FetchParams,
    state: State,
}

/// What is awaited, with what is known by then and not before.
enum State {
    New,
    PreflightAnswer { connection: Connection },
    Local,
    Cookies(PreparedRequest),
    Authorization(PreparedRequest),
    StoredResponse(PreparedRequest),
    Response(InFlight),
    CookiesStored(InFlight, Box<ResponseHead>),
    Freshened(InFlight),
    Credentials(InFlight, Box<ResponseHead>),
    AuthorizationStored(InFlight, Box<ResponseHead>),
    Digest(Box<Response>),
    Over,
}

/// A request that is being made ready.
struct PreparedRequest {
    head: RequestHead,
    cache: CacheMode,
    attempt: Attempt,
}

/// A request that is on its way.
struct InFlight {
    attempt: Attempt,
    /// A stale stored response that is being validated.
    validating: Option<Box<ResponseHead>>,
}

/// How often this hop has been tried.
#[derive(Clone)]
struct Attempt {
    credentials: Credentials,
    connection: Connection,
    /// The `Authorization` that answers a challenge: the Standard's *isAuthenticationFetch*.
    answer: Option<Value>,
    /// How many answers the server has refused.
    refused: u32,
}

impl Fetch {
    /// A fetch of `request` for the page `client`.
    pub fn new(request: Request, client: Arc<Client>, settings: Arc<Settings>) -> Fetch {
        Fetch { params: FetchParams::new(request, client, settings), state: State::New }
    }

    /// What happened so far; empty unless [`Settings::tracing`] is on.
    pub fn trace(&self) -> &[Event] {
        &self.params.trace
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// Takes the answer to the last step, and says what comes next.
    pub fn step(&mut self, input: Input, now: Time, cache: &mut PreflightCache) -> Step {
        let state = mem::replace(&mut self.state, State::Over);
        match (state, input) {
            (State::Over, _) => self.fail(Exchange::Request, Reason::Misuse, None, cache),
            (_, Input::Abort) => self.fail(Exchange::Request, Reason::Aborted, None, cache),
            (State::New, Input::Start) => self.main_fetch(now, cache),
            (State::PreflightAnswer { .. }, Input::Failed(reason)) => {
                self.fail(Exchange::Preflight, reason, None, cache)
            }
            (State::PreflightAnswer { connection }, Input::Response(head)) => {
                self.preflight_answered(connection, &head, now, cache)
            }
            (State::Local, Input::Response(head)) => self.deliver(*head),
            (State::Cookies(draft), Input::Cookies(value)) => self.cookies_found(draft, value, cache),
            (State::Authorization(draft), Input::Authorization(value)) => {
                self.authorization_found(draft, value, cache)
            }
            (State::StoredResponse(draft), Input::Stored(stored)) => {
                self.stored_found(draft, stored, now, cache)
            }
            (State::Response(flight), Input::Response(head)) => self.responded(flight, head, now, cache),
            (State::CookiesStored(flight, head), Input::Done) => self.validated(flight, head, now, cache),
            (State::Freshened(flight), Input::Freshened(head)) => self.received(flight, head, now, cache),
            (State::Credentials(flight, head), Input::Credentials(typed)) => {
                self.prompted(flight, *head, typed, now, cache)
            }
            (State::AuthorizationStored(flight, head), Input::Done) => {
                self.checked(flight, *head, now, cache)
            }
            (State::Digest(response), Input::Digest(digest)) => self.digested(response, &digest),
            (_, Input::Failed(reason)) => self.fail(Exchange::Request, reason, None, cache),
            (_, _) => self.fail(Exchange::Request, Reason::Misuse, None, cache),
        }
    }

    fn end(&mut self, response: Response, hidden: Vec<Event>) -> Step {
        for event in hidden {
            self.params.record(|| event);
        }
        match self.params.request.integrity.hash() {
            None => Step::Deliver(Box::new(response)),
            // A body that nobody may read proves nothing.
            Some(_) if response.body != BodyAccess::Readable => self.refuse_digest(),
            Some(hash) => {
                self.state = State::Digest(Box::new(response));
                Step::Digest(hash)
            }
        }
    }

    /// The end of [main fetch](https://fetch.spec.whatwg.org/#concept-main-fetch) for a request with integrity metadata.
    fn digested(&mut self, response: Box<Response>, digest: &[u8]) -> Step {
        if self.params.request.integrity.accepts(digest) {
            return Step::Deliver(response);
        }
        self.refuse_digest()
    }

    /// The preflight, if there was one, was right: its entries stay.
    fn refuse_digest(&mut self) -> Step {
        let (exchange, reason) = (Exchange::Request, Reason::Integrity);
        self.params.record(|| Event::Failed(exchange, reason));
        Step::Fail(Box::new(Failure { reason, exchange, subject: None, url: self.params.url().clone() }))
    }

    /// The [appropriate network error](https://fetch.spec.whatwg.org/#appropriate-network-error). A request that may have relied on a
    /// preflight takes the cache entries for its URL along.
    fn fail(
        &mut self,
        exchange: Exchange,
        reason: Reason,
        subject: Option<String>,
        cache: &mut PreflightCache,
    ) -> Step {
        self.fail_at(self.params.url().clone(), exchange, reason, subject, cache)
    }

    /// The same, for what a server said that was asked before the last one.
    fn fail_at(
        &mut self,
        url: Url,
        exchange: Exchange,
        reason: Reason,
        subject: Option<String>,
        cache: &mut PreflightCache,
    ) -> Step {
        self.state = State::Over;
        self.params.record(|| Event::Failed(exchange, reason));
        self.params.clear_cache_after_failure(reason, cache);
        Step::Fail(Box::new(Failure { reason, exchange, subject, url }))
    }
}

impl Attempt {
    fn first(credentials: Credentials) -> Attempt {
        Attempt { credentials, connection: Connection::Pooled, answer: None, refused: 0 }
    }

    /// On its way, with no stored response to validate.
    fn flight(self) -> InFlight {
        InFlight { attempt: self, validating: None }
    }
}
