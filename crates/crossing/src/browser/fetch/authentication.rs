//! The three statuses that ask for another try: 401, 407 and 421.

use http::StatusCode;
use url::Url;

use super::{Attempt, Fetch, InFlight, State};
use crate::browser::client::Prompts;
use crate::browser::network::basic_authorization;
use crate::browser::policy_checks::Credentials;
use crate::browser::preflight_cache::PreflightCache;
use crate::browser::profile::ProxyChallenge;
use crate::browser::request::{Body, UrlCredentials};
use crate::browser::response::as_read;
use crate::browser::step::{Challenge, Connection, Step, UserPassword};
use crate::browser::trace::Tainting;
use crate::headers::names;
use crate::message::ResponseHead;
use crate::reason::{Exchange, Reason};
use crate::time::Time;

impl Fetch {
    /// The three statuses that ask for another try.
    pub(super) fn received(
        &mut self,
        flight: InFlight,
        head: Box<ResponseHead>,
        now: Time,
        cache: &mut PreflightCache,
    ) -> Step {
        let head = as_read(head, &self.params.settings.profile);
        let attempt = &flight.attempt;
        let may_prompt = self.params.tainting != Tainting::Cors
            && attempt.credentials == Credentials::Included
            && self.params.client.prompts == Prompts::Interactive;
        let replayable = self.params.request.body != Body::Stream;
        match head.status {
            StatusCode::UNAUTHORIZED if may_prompt && asks_for_password(&head) => {
                if !replayable {
                    return self.fail(Exchange::Request, Reason::AuthStream, None, cache);
                }
                self.challenged(flight, head, cache)
            }
            StatusCode::PROXY_AUTHENTICATION_REQUIRED
                if self.params.settings.profile.proxy_challenge == ProxyChallenge::Failure =>
            {
                self.fail(Exchange::Request, Reason::ProxyAuth, None, cache)
            }
            StatusCode::MISDIRECTED_REQUEST if attempt.connection == Connection::Pooled && replayable => {
                let attempt = Attempt { connection: Connection::New, ..flight.attempt };
                self.network_or_cache_fetch(attempt, cache)
            }
            _ => match flight.attempt.answer.clone() {
                Some(answer) if head.status != StatusCode::UNAUTHORIZED => {
                    self.state = State::AuthorizationStored(flight, head);
                    Step::StoreAuthorization(self.params.url().clone(), answer)
                }
                _ => self.checked(flight, *head, now, cache),
            },
        }
    }

    /// User and password of the URL answer the first challenge; the person is asked for the next.
    pub(super) fn challenged(
        &mut self,
        mut flight: InFlight,
        head: Box<ResponseHead>,
        cache: &mut PreflightCache,
    ) -> Step {
        if flight.attempt.answer.is_some() {
            flight.attempt.refused += 1;
        }
        let url = self.params.url().clone();
        let from_url = self.params.request.url_credentials == UrlCredentials::Answer && has_userinfo(&url);
        if from_url && flight.attempt.answer.is_none() {
            let (user, password) = (decoded(url.username()), decoded(url.password().unwrap_or_default()));
            let answer = Some(basic_authorization(&user, &password));
            return self.network_or_cache_fetch(Attempt { answer, ..flight.attempt }, cache);
        }
        let challenges = head.headers.lines(&names::WWW_AUTHENTICATE).cloned().collect();
        let refused = flight.attempt.refused;
        self.state = State::Credentials(flight, head);
        Step::Prompt(Box::new(Challenge { url, challenges, refused }))
    }

    pub(super) fn prompted(
        &mut self,
        flight: InFlight,
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
}

pub(super) fn has_userinfo(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn decoded(part: &str) -> String {
    percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned()
}

/// Whether a 401 names a scheme that a password answers.
fn asks_for_password(head: &ResponseHead) -> bool {
    head.headers
        .lines(&names::WWW_AUTHENTICATE)
        .any(|value| value.as_bytes().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic")))
}
