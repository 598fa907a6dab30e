//! The state machine: one for each fetch.

use std::mem;
use std::sync::Arc;

use http::StatusCode;
use url::Url;

use super::client::{Client, HttpCache, MixedContent, Prompts, Settings};
use super::cors_check::cors_check;
use super::job::{Job, Preflight};
use super::network::{basic_authorization, cookie_context, preflight_head, request_head};
use super::policy_checks::{Credentials, Verdict, corp_check, timing_is_shared};
use super::port;
use super::preflight::{Question, judge};
use super::preflight_cache::PreflightCache;
use super::redirect::{self, Location, is_redirect_status};
use super::referrer::is_trustworthy;
use super::request::{Body, CacheMode, Mode, RedirectMode, Request, UrlCredentials};
use super::response::{
    BodyAccess, Exposed, Internal, Response, ResponseType, is_null_body_status, opaque, readable,
};
use super::step::{
    CacheQuery, CacheUse, Challenge, Connection, Failure, Input, Send, SendBody, Step, Stored, UserPassword,
};
use super::trace::{Event, Tainting};
use crate::headers::request::unsafe_names;
use crate::headers::{Value, names};
use crate::message::{RequestHead, ResponseHead};
use crate::origin::Origin;
use crate::reason::{Exchange, Reason};
use crate::time::Time;

/// One [fetch](https://fetch.spec.whatwg.org/#concept-fetch): a state machine that asks and judges as a browser does.
///
/// The rule: call [`step`](Fetch::step) with [`Input::Start`], do what the [`Step`] says, call `step` with the answer, and
/// so on until [`Step::Deliver`] or [`Step::Fail`]. It does no I/O and reads no clock; what outlives one fetch, the
/// [`PreflightCache`], is lent to each step.
pub struct Fetch {
    job: Job,
    state: State,
}

/// What is awaited, with what is known by then and not before.
enum State {
    New,
    PreflightAnswer { connection: Connection },
    Local,
    Cookies(Draft),
    Authorization(Draft),
    StoredResponse(Draft),
    Response(Flight),
    CookiesStored(Flight, Box<ResponseHead>),
    Freshened(Flight),
    Credentials(Flight, Box<ResponseHead>),
    AuthorizationStored(Flight, Box<ResponseHead>),
    Over,
}

/// A request that is being made ready.
struct Draft {
    head: RequestHead,
    cache: CacheMode,
    attempt: Attempt,
}

/// A request that is on its way.
struct Flight {
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
}

impl Fetch {
    /// A fetch of `request` for the page `client`.
    pub fn new(request: Request, client: Arc<Client>, settings: Arc<Settings>) -> Fetch {
        Fetch { job: Job::new(request, client, settings), state: State::New }
    }

    /// What happened so far; empty unless [`Settings::tracing`] is on.
    pub fn trace(&self) -> &[Event] {
        &self.job.trace
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
            (State::Local | State::Response(_), Input::Failed(reason)) => {
                self.fail(Exchange::Request, reason, None, cache)
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
            (_, _) => self.fail(Exchange::Request, Reason::Misuse, None, cache),
        }
    }

    /// [Main fetch](https://fetch.spec.whatwg.org/#concept-main-fetch), once for each hop.
    fn main_fetch(&mut self, now: Time, cache: &mut PreflightCache) -> Step {
        if let Some(reason) = self.blocked() {
            let subject = Some(self.job.url().to_string());
            return self.fail(Exchange::Request, reason, subject, cache);
        }
        self.job.settle_referrer();
        if let Some(upgraded) = self.job.settings.hsts.upgrade(self.job.url()) {
            self.job.record(|| Event::Upgraded(upgraded.clone()));
            if let Some(last) = self.job.url_list.last_mut() {
                *last = upgraded;
            }
        }
        let url = self.job.url().clone();
        let own = self.job.client.origin.same_origin(&Origin::of(&url));
        if (own && self.job.tainting == Tainting::Basic) || url.scheme() == "data" {
            self.job.tainting = Tainting::Basic;
            self.record_hop();
            return self.scheme_fetch(url, cache);
        }
        match self.job.request.mode {
            Mode::SameOrigin => self.fail(Exchange::Request, Reason::Mode, Some(url.to_string()), cache),
            Mode::NoCors if self.job.request.redirect != RedirectMode::Follow => {
                self.fail(Exchange::Request, Reason::NoCorsRedirectMode, None, cache)
            }
            Mode::NoCors => {
                self.job.tainting = Tainting::Opaque;
                self.record_hop();
                self.scheme_fetch(url, cache)
            }
            Mode::Cors if !is_http(&url) => {
                self.fail(Exchange::Request, Reason::Scheme, Some(url.scheme().to_owned()), cache)
            }
            Mode::Cors => {
                self.job.tainting = Tainting::Cors;
                self.record_hop();
                if !self.job.asks_for_preflight() {
                    return self.network_or_cache_fetch(self.first_attempt(), cache);
                }
                self.job.preflighted = true;
                match self.job.consult_cache(cache, now) {
                    Preflight::Granted => self.network_or_cache_fetch(self.first_attempt(), cache),
                    Preflight::Needed => self.preflight_fetch(Connection::Pooled),
                }
            }
        }
    }

    /// What keeps a request from being sent at all.
    fn blocked(&self) -> Option<Reason> {
        let job = &self.job;
        let url = job.url();
        if port::is_bad(url) {
            return Some(Reason::BadPort);
        }
        // https://w3c.github.io/webappsec-mixed-content/#should-block-fetch
        let secure_page = matches!(&job.client.origin, Origin::Tuple(tuple) if tuple.scheme() == "https");
        if secure_page && !is_trustworthy(url) && job.settings.mixed_content == MixedContent::Blocked {
            return Some(Reason::MixedContent);
        }
        let forbidden = job.client.csp.iter().any(|csp| !csp.allows(url, &job.client.origin, job.redirects));
        forbidden.then_some(Reason::Csp)
    }

    fn record_hop(&mut self) {
        let job = &mut self.job;
        let (url, origin, referrer) = (job.url().clone(), job.origin().to_owned(), job.referrer.clone());
        let (redirect_taint, tainting) = (job.redirect_taint, job.tainting);
        job.record(|| Event::Hop { url, origin, redirect_taint, tainting, referrer });
    }

    /// [Scheme fetch](https://fetch.spec.whatwg.org/#concept-scheme-fetch).
    fn scheme_fetch(&mut self, url: Url, cache: &mut PreflightCache) -> Step {
        if is_http(&url) {
            return self.network_or_cache_fetch(self.first_attempt(), cache);
        }
        self.state = State::Local;
        Step::Local(url)
    }

    /// [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch-0).
    fn preflight_fetch(&mut self, connection: Connection) -> Step {
        let unsafe_names = unsafe_names(&self.job.request.headers);
        let head = preflight_head(&self.job, &unsafe_names);
        self.job.record(|| Event::Sent(Exchange::Preflight, head.clone()));
        self.state = State::PreflightAnswer { connection };
        Step::Send(Box::new(Send {
            exchange: Exchange::Preflight,
            head,
            body: SendBody::Null,
            connection,
            cache: CacheUse::Bypass,
        }))
    }

    fn preflight_answered(
        &mut self,
        connection: Connection,
        head: &ResponseHead,
        now: Time,
        cache: &mut PreflightCache,
    ) -> Step {
        self.job.record(|| Event::Received(Exchange::Preflight, head.clone()));
        match (head.status, connection) {
            (StatusCode::MISDIRECTED_REQUEST, Connection::Pooled) => {
                return self.preflight_fetch(Connection::New);
            }
            (StatusCode::PROXY_AUTHENTICATION_REQUIRED, _) => {
                return self.fail(Exchange::Preflight, Reason::ProxyAuth, None, cache);
            }
            _ => {}
        }
        let job = &self.job;
        let unsafe_names = unsafe_names(&job.request.headers);
        let question = Question {
            method: &job.request.method,
            unsafe_names: &unsafe_names,
            headers: &job.request.headers,
            origin: job.origin(),
            credentials: job.request.credentials,
            forced: job.request.forced_preflight,
        };
        match judge(&question, head, &job.settings.profile) {
            Err(refusal) => self.fail(Exchange::Preflight, refusal.reason, refusal.subject, cache),
            Ok(grant) => {
                let max_age = grant.max_age;
                self.job.record(|| Event::PreflightGranted(max_age));
                self.job.remember(grant, cache, now);
                self.network_or_cache_fetch(self.first_attempt(), cache)
            }
        }
    }

    fn first_attempt(&self) -> Attempt {
        let included = self.job.includes_credentials();
        Attempt::first(if included { Credentials::Included } else { Credentials::Withheld })
    }

    /// [HTTP-network-or-cache fetch](https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch).
    fn network_or_cache_fetch(&mut self, attempt: Attempt, cache: &mut PreflightCache) -> Step {
        let (head, mode) = request_head(&self.job);
        let draft = Draft { head, cache: mode, attempt };
        match draft.attempt.credentials {
            Credentials::Included => {
                self.job.record(|| Event::CredentialsIncluded);
                self.state = State::Cookies(draft);
                Step::FindCookies(cookie_context(&self.job))
            }
            Credentials::Withheld => {
                self.job.record(|| Event::CredentialsWithheld);
                self.look_in_cache(draft, cache)
            }
        }
    }

    fn cookies_found(&mut self, mut draft: Draft, value: Option<Value>, cache: &mut PreflightCache) -> Step {
        if let Some(value) = value {
            draft.head.headers.append(names::COOKIE, value);
        }
        if draft.head.headers.contains(&names::AUTHORIZATION) {
            return self.look_in_cache(draft, cache);
        }
        if let Some(answer) = draft.attempt.answer.clone() {
            draft.head.headers.append(names::AUTHORIZATION, answer);
            return self.look_in_cache(draft, cache);
        }
        let url = self.job.url().clone();
        if has_userinfo(&url) && self.job.request.url_credentials == UrlCredentials::Answer {
            return self.look_in_cache(draft, cache);
        }
        self.state = State::Authorization(draft);
        Step::FindAuthorization(url)
    }

    fn authorization_found(
        &mut self,
        mut draft: Draft,
        value: Option<Value>,
        cache: &mut PreflightCache,
    ) -> Step {
        if let Some(value) = value {
            draft.head.headers.append(names::AUTHORIZATION, value);
        }
        self.look_in_cache(draft, cache)
    }

    fn look_in_cache(&mut self, draft: Draft, cache: &mut PreflightCache) -> Step {
        let present = self.job.settings.http_cache == HttpCache::Present;
        match draft.cache {
            CacheMode::OnlyIfCached if !present => {
                self.fail(Exchange::Request, Reason::CacheMiss, None, cache)
            }
            CacheMode::NoStore | CacheMode::Reload => self.send(draft, None),
            _ if !present => self.send(draft, None),
            mode => {
                let partition = self.job.partition.clone();
                let query = CacheQuery { head: draft.head.clone(), mode, partition };
                self.state = State::StoredResponse(draft);
                Step::FindStored(Box::new(query))
            }
        }
    }

    fn stored_found(
        &mut self,
        mut draft: Draft,
        stored: Stored,
        now: Time,
        cache: &mut PreflightCache,
    ) -> Step {
        let any_age = matches!(draft.cache, CacheMode::ForceCache | CacheMode::OnlyIfCached);
        match stored {
            Stored::Nothing if draft.cache == CacheMode::OnlyIfCached => {
                self.fail(Exchange::Request, Reason::CacheMiss, None, cache)
            }
            Stored::Nothing => self.send(draft, None),
            Stored::Fresh(head) if draft.cache != CacheMode::NoCache => {
                self.take_stored(draft, head, now, cache)
            }
            Stored::Stale(head) if any_age => self.take_stored(draft, head, now, cache),
            Stored::Fresh(head) | Stored::Stale(head) => {
                // Validators are the browser's own: they never cause a preflight.
                if let Some(etag) = head.headers.get(&names::ETAG) {
                    draft.head.headers.append(names::IF_NONE_MATCH, etag);
                }
                if let Some(date) = head.headers.get(&names::LAST_MODIFIED) {
                    draft.head.headers.append(names::IF_MODIFIED_SINCE, date);
                }
                self.send(draft, Some(head))
            }
        }
    }

    fn take_stored(
        &mut self,
        draft: Draft,
        head: Box<ResponseHead>,
        now: Time,
        cache: &mut PreflightCache,
    ) -> Step {
        self.job.record(|| Event::FromCache((*head).clone()));
        self.received(draft.attempt.flight(), head, now, cache)
    }

    /// [HTTP-network fetch](https://fetch.spec.whatwg.org/#concept-http-network-fetch): the part that is the caller's.
    fn send(&mut self, draft: Draft, validating: Option<Box<ResponseHead>>) -> Step {
        self.job.record(|| Event::Sent(Exchange::Request, draft.head.clone()));
        let cached = self.job.settings.http_cache == HttpCache::Present && draft.cache != CacheMode::NoStore;
        let send = Send {
            exchange: Exchange::Request,
            body: if self.job.request.body == Body::Null { SendBody::Null } else { SendBody::Request },
            connection: draft.attempt.connection,
            cache: if cached { CacheUse::Store } else { CacheUse::Bypass },
            head: draft.head,
        };
        self.state = State::Response(Flight { attempt: draft.attempt, validating });
        Step::Send(Box::new(send))
    }

    fn responded(
        &mut self,
        flight: Flight,
        head: Box<ResponseHead>,
        now: Time,
        cache: &mut PreflightCache,
    ) -> Step {
        self.job.record(|| Event::Received(Exchange::Request, (*head).clone()));
        // Whoever may send cookies may be given some, whatever the CORS check will say.
        if flight.attempt.credentials == Credentials::Included {
            let lines: Vec<Value> = head.headers.lines(&names::SET_COOKIE).cloned().collect();
            if !lines.is_empty() {
                self.job.record(|| Event::CookiesStored(lines.len()));
                self.state = State::CookiesStored(flight, head);
                return Step::StoreCookies(cookie_context(&self.job), lines);
            }
        }
        self.validated(flight, head, now, cache)
    }

    fn validated(
        &mut self,
        flight: Flight,
        head: Box<ResponseHead>,
        now: Time,
        cache: &mut PreflightCache,
    ) -> Step {
        if flight.validating.is_some() && head.status == StatusCode::NOT_MODIFIED {
            self.state = State::Freshened(flight);
            return Step::Freshen(head);
        }
        self.received(flight, head, now, cache)
    }

    /// The three statuses that ask for another try.
    fn received(
        &mut self,
        flight: Flight,
        head: Box<ResponseHead>,
        now: Time,
        cache: &mut PreflightCache,
    ) -> Step {
        let attempt = &flight.attempt;
        let may_prompt = self.job.tainting != Tainting::Cors
            && attempt.credentials == Credentials::Included
            && self.job.client.prompts == Prompts::Person;
        let replayable = self.job.request.body != Body::Stream;
        match head.status {
            StatusCode::UNAUTHORIZED if may_prompt && asks_for_password(&head) => {
                if !replayable {
                    return self.fail(Exchange::Request, Reason::AuthStream, None, cache);
                }
                self.challenged(flight, head, cache)
            }
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                self.fail(Exchange::Request, Reason::ProxyAuth, None, cache)
            }
            StatusCode::MISDIRECTED_REQUEST if attempt.connection == Connection::Pooled && replayable => {
                let attempt = Attempt { connection: Connection::New, ..flight.attempt };
                self.network_or_cache_fetch(attempt, cache)
            }
            _ => match flight.attempt.answer.clone() {
                Some(answer) if head.status != StatusCode::UNAUTHORIZED => {
                    self.state = State::AuthorizationStored(flight, head);
                    Step::StoreAuthorization(self.job.url().clone(), answer)
                }
                _ => self.checked(flight, *head, now, cache),
            },
        }
    }

    /// User and password of the URL answer the first challenge; the person is asked for the next.
    fn challenged(&mut self, flight: Flight, head: Box<ResponseHead>, cache: &mut PreflightCache) -> Step {
        let url = self.job.url().clone();
        let from_url = self.job.request.url_credentials == UrlCredentials::Answer && has_userinfo(&url);
        if from_url && flight.attempt.answer.is_none() {
            let (user, password) = (decoded(url.username()), decoded(url.password().unwrap_or_default()));
            let answer = Some(basic_authorization(&user, &password));
            return self.network_or_cache_fetch(Attempt { answer, ..flight.attempt }, cache);
        }
        let challenges = head.headers.lines(&names::WWW_AUTHENTICATE).cloned().collect();
        self.state = State::Credentials(flight, head);
        Step::Prompt(Box::new(Challenge { url, challenges }))
    }

    fn prompted(
        &mut self,
        flight: Flight,
        head: ResponseHead,
        typed: Option<UserPassword>,
        now: Time,
        cache: &mut PreflightCache,
    ) -> Step {
        match typed {
            // A dismissed prompt shows the 401 as it came.
            None => self.checked(flight, head, now, cache),
            Some(typed) => {
                let answer = Some(basic_authorization(&typed.user, &typed.password));
                self.network_or_cache_fetch(Attempt { answer, ..flight.attempt }, cache)
            }
        }
    }

    /// The rest of [HTTP fetch](https://fetch.spec.whatwg.org/#concept-http-fetch): what the page may know of the response.
    fn checked(&mut self, flight: Flight, head: ResponseHead, now: Time, cache: &mut PreflightCache) -> Step {
        let job = &mut self.job;
        if job.tainting == Tainting::Cors {
            if let Err(failure) = cors_check(job.origin(), job.request.credentials, &head.headers) {
                let subject = failure.value.map(|value| value.to_text());
                return self.fail(Exchange::Request, failure.reason, subject, cache);
            }
            job.record(|| Event::CorsCheckPassed(Exchange::Request));
        }
        // https://fetch.spec.whatwg.org/#concept-tao-check: once failed, failed for the rest of the chain.
        job.timing_allowed &=
            job.tainting == Tainting::Basic || timing_is_shared(job.origin(), &head.headers);
        if job.tainting == Tainting::Opaque {
            let (page, policy, credentials) =
                (&job.client.origin, job.client.embedder_policy, flight.attempt.credentials);
            if corp_check(page, policy, job.url(), &head.headers, credentials) == Verdict::Blocked {
                let value =
                    head.headers.get(&names::CROSS_ORIGIN_RESOURCE_POLICY).map(|value| value.to_text());
                return self.fail(Exchange::Request, Reason::Corp, value, cache);
            }
        }
        if !is_redirect_status(head.status) {
            return self.deliver(head);
        }
        match self.job.request.redirect {
            RedirectMode::Error => {
                let to = head.headers.get(&names::LOCATION).map(|value| value.to_text());
                self.fail(Exchange::Request, Reason::RedirectRefused, to, cache)
            }
            RedirectMode::Manual => self.deliver_opaque(head, ResponseType::OpaqueRedirect),
            RedirectMode::Follow => match redirect::location(&head, self.job.url()) {
                Location::Nowhere => self.deliver(head),
                Location::Malformed => {
                    let value = head.headers.get(&names::LOCATION).map(|value| value.to_text());
                    self.fail(Exchange::Request, Reason::RedirectLocation, value, cache)
                }
                Location::To(to) => {
                    let subject = without_userinfo(&to);
                    match redirect::follow(&mut self.job, &head, to) {
                        Ok(()) => self.main_fetch(now, cache),
                        Err(reason) => self.fail(Exchange::Request, reason, Some(subject), cache),
                    }
                }
            },
        }
    }

    /// The end of [main fetch](https://fetch.spec.whatwg.org/#concept-main-fetch): the response is filtered and handed over.
    fn deliver(&mut self, head: ResponseHead) -> Step {
        let exposed = match self.job.tainting {
            Tainting::Opaque => return self.deliver_opaque(head, ResponseType::Opaque),
            Tainting::Cors => Some(Exposed::by(&head.headers, self.job.request.credentials)),
            Tainting::Basic => None,
        };
        let internal = self.internal(head);
        let mut hidden = Vec::new();
        let response =
            readable(internal, exposed, |name, rule| hidden.push(Event::HeaderHidden(name.clone(), rule)));
        self.end(response, hidden)
    }

    fn deliver_opaque(&mut self, head: ResponseHead, kind: ResponseType) -> Step {
        let internal = self.internal(head);
        let mut hidden = Vec::new();
        let response =
            opaque(internal, kind, |name, rule| hidden.push(Event::HeaderHidden(name.clone(), rule)));
        self.end(response, hidden)
    }

    fn internal(&mut self, head: ResponseHead) -> Internal {
        let null_body = self.job.request.method == http::Method::HEAD || is_null_body_status(head.status);
        Internal {
            body: if null_body { BodyAccess::Null } else { BodyAccess::Readable },
            timing_allowed: self.job.timing_allowed,
            url_list: mem::take(&mut self.job.url_list),
            head,
        }
    }

    fn end(&mut self, response: Response, hidden: Vec<Event>) -> Step {
        for event in hidden {
            self.job.record(|| event);
        }
        self.state = State::Over;
        Step::Deliver(Box::new(response))
    }

    /// A [network error](https://fetch.spec.whatwg.org/#concept-network-error). A request that may have relied on a
    /// preflight takes the cache entries for its URL along.
    fn fail(
        &mut self,
        exchange: Exchange,
        reason: Reason,
        subject: Option<String>,
        cache: &mut PreflightCache,
    ) -> Step {
        self.state = State::Over;
        self.job.record(|| Event::Failed(exchange, reason));
        if self.job.preflighted {
            let cleared = cache.clear_entries(&self.job.cache_key());
            if cleared > 0 {
                self.job.record(|| Event::CacheCleared(cleared));
            }
        }
        Step::Fail(Box::new(Failure { reason, exchange, subject, url: self.job.url().clone() }))
    }
}

impl Attempt {
    fn first(credentials: Credentials) -> Attempt {
        Attempt { credentials, connection: Connection::Pooled, answer: None }
    }

    /// On its way, with no stored response to validate.
    fn flight(self) -> Flight {
        Flight { attempt: self, validating: None }
    }
}

fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

fn has_userinfo(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn decoded(part: &str) -> String {
    let bytes = part.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match (bytes[at], hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A URL for a message: passwords do not belong there.
fn without_userinfo(url: &Url) -> String {
    let mut url = url.clone();
    if url.set_username("").is_ok() && url.set_password(None).is_ok() {
        url.to_string()
    } else {
        url.scheme().to_owned()
    }
}

/// Whether a 401 names a scheme that a password answers.
fn asks_for_password(head: &ResponseHead) -> bool {
    head.headers
        .lines(&names::WWW_AUTHENTICATE)
        .any(|value| value.as_bytes().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic")))
}
