//! [HTTP-network-or-cache fetch](https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch): credentials, the HTTP
//! cache, and the wire.

use http::StatusCode;

use super::{Attempt, Fetch, InFlight, PreparedRequest, State, authentication::has_userinfo};
use crate::browser::client::HttpCache;
use crate::browser::network::{cookie_context, request_head};
use crate::browser::policy_checks::Credentials;
use crate::browser::preflight_cache::PreflightCache;
use crate::browser::profile::OnlyIfCached;
use crate::browser::request::{Body, CacheMode, UrlCredentials};
use crate::browser::step::{CacheQuery, CacheUse, Send, SendBody, Step, Stored};
use crate::browser::trace::Event;
use crate::headers::{Value, names};
use crate::message::ResponseHead;
use crate::reason::{Exchange, Reason};
use crate::time::Time;

impl Fetch {
    pub(super) fn first_attempt(&self) -> Attempt {
        let included = self.params.includes_credentials();
        Attempt::first(if included { Credentials::Included } else { Credentials::Withheld })
    }

    /// [HTTP-network-or-cache fetch](https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch).
    pub(super) fn network_or_cache_fetch(&mut self, attempt: Attempt, cache: &mut PreflightCache) -> Step {
        if let Some((url, failure)) = self.params.refused_as_at_first.take() {
            let subject = failure.value.map(|value| value.to_text());
            return self.fail_at(url, Exchange::Request, failure.reason, subject, cache);
        }
        let (head, mode) = request_head(&self.params);
        let draft = PreparedRequest { head, cache: mode, attempt };
        match draft.attempt.credentials {
            Credentials::Included => {
                self.params.record(|| Event::CredentialsIncluded);
                self.state = State::Cookies(draft);
                Step::FindCookies(cookie_context(&self.params))
            }
            Credentials::Withheld => {
                self.params.record(|| Event::CredentialsWithheld);
                self.look_in_cache(draft, cache)
            }
        }
    }

    pub(super) fn cookies_found(
        &mut self,
        mut draft: PreparedRequest,
        value: Option<Value>,
        cache: &mut PreflightCache,
    ) -> Step {
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
        let url = self.params.url().clone();
        if has_userinfo(&url) && self.params.request.url_credentials == UrlCredentials::Answer {
            return self.look_in_cache(draft, cache);
        }
        self.state = State::Authorization(draft);
        Step::FindAuthorization(url)
    }

    pub(super) fn authorization_found(
        &mut self,
        mut draft: PreparedRequest,
        value: Option<Value>,
        cache: &mut PreflightCache,
    ) -> Step {
        if let Some(value) = value {
            draft.head.headers.append(names::AUTHORIZATION, value);
        }
        self.look_in_cache(draft, cache)
    }

    pub(super) fn look_in_cache(&mut self, draft: PreparedRequest, cache: &mut PreflightCache) -> Step {
        let present = self.params.settings.http_cache == HttpCache::Present;
        match draft.cache {
            CacheMode::OnlyIfCached if !present && self.obeys_only_if_cached() => {
                self.fail(Exchange::Request, Reason::CacheMiss, None, cache)
            }
            CacheMode::NoStore | CacheMode::Reload => self.send(draft, None),
            _ if !present => self.send(draft, None),
            mode => {
                let partition = self.params.partition.clone();
                let query = CacheQuery { head: draft.head.clone(), mode, partition };
                self.state = State::StoredResponse(draft);
                Step::FindStored(Box::new(query))
            }
        }
    }

    fn obeys_only_if_cached(&self) -> bool {
        self.params.settings.profile.only_if_cached == OnlyIfCached::Obeyed
    }

    pub(super) fn stored_found(
        &mut self,
        mut draft: PreparedRequest,
        stored: Stored,
        now: Time,
        cache: &mut PreflightCache,
    ) -> Step {
        let any_age = matches!(draft.cache, CacheMode::ForceCache | CacheMode::OnlyIfCached);
        match stored {
            Stored::Nothing if draft.cache == CacheMode::OnlyIfCached && self.obeys_only_if_cached() => {
                self.fail(Exchange::Request, Reason::CacheMiss, None, cache)
            }
            Stored::Nothing => self.send(draft, None),
            Stored::Fresh(head) if draft.cache != CacheMode::NoCache => {
                self.use_stored(draft, head, now, cache)
            }
            Stored::Stale(head) if any_age => self.use_stored(draft, head, now, cache),
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

    pub(super) fn use_stored(
        &mut self,
        draft: PreparedRequest,
        head: Box<ResponseHead>,
        now: Time,
        cache: &mut PreflightCache,
    ) -> Step {
        self.params.record(|| Event::FromCache((*head).clone()));
        self.received(draft.attempt.flight(), head, now, cache)
    }

    /// [HTTP-network fetch](https://fetch.spec.whatwg.org/#concept-http-network-fetch): the part that is the caller's.
    pub(super) fn send(&mut self, draft: PreparedRequest, validating: Option<Box<ResponseHead>>) -> Step {
        self.params.record(|| Event::Sent(Exchange::Request, draft.head.clone()));
        let cached =
            self.params.settings.http_cache == HttpCache::Present && draft.cache != CacheMode::NoStore;
        let send = Send {
            exchange: Exchange::Request,
            body: if self.params.request.body == Body::Null { SendBody::Null } else { SendBody::Request },
            connection: draft.attempt.connection,
            cache: if cached { CacheUse::Store } else { CacheUse::Bypass },
            head: draft.head,
        };
        self.state = State::Response(InFlight { attempt: draft.attempt, validating });
        Step::Send(Box::new(send))
    }

    pub(super) fn responded(
        &mut self,
        flight: InFlight,
        head: Box<ResponseHead>,
        now: Time,
        cache: &mut PreflightCache,
    ) -> Step {
        self.params.record(|| Event::Received(Exchange::Request, (*head).clone()));
        // Whoever may send cookies may be given some, whatever the CORS check will say.
        if flight.attempt.credentials == Credentials::Included {
            let lines: Vec<Value> = head.headers.lines(&names::SET_COOKIE).cloned().collect();
            if !lines.is_empty() {
                self.params.record(|| Event::CookiesStored(lines.len()));
                self.state = State::CookiesStored(flight, head);
                return Step::StoreCookies(cookie_context(&self.params), lines);
            }
        }
        self.validated(flight, head, now, cache)
    }

    pub(super) fn validated(
        &mut self,
        flight: InFlight,
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
}
