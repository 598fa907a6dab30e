//! The two ends of a [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch-0).

use http::StatusCode;

use super::{Fetch, State};
use crate::browser::network::{preflight_head, preflight_origin};
use crate::browser::preflight::{Question, judge};
use crate::browser::preflight_cache::PreflightCache;
use crate::browser::profile::{HomePreflight, ProxyChallenge, RefusedPreflights};
use crate::browser::step::{CacheUse, Connection, Send, SendBody, Step};
use crate::browser::trace::Event;
use crate::message::ResponseHead;
use crate::reason::{Exchange, Reason};
use crate::time::Time;

impl Fetch {
    /// [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch-0).
    pub(super) fn preflight_fetch(&mut self, connection: Connection) -> Step {
        let unsafe_names = self.job.unsafe_names();
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

    pub(super) fn preflight_answered(
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
            (StatusCode::PROXY_AUTHENTICATION_REQUIRED, _)
                if self.job.settings.profile.proxy_challenge == ProxyChallenge::Failure =>
            {
                return self.fail(Exchange::Preflight, Reason::ProxyAuth, None, cache);
            }
            _ => {}
        }
        let job = &self.job;
        let unsafe_names = job.unsafe_names();
        let question = Question {
            method: &job.request.method,
            unsafe_names: &unsafe_names,
            headers: &job.request.headers,
            origin: preflight_origin(job),
            credentials: job.request.credentials,
            forced: job.request.forced_preflight,
            home: match job.client.origin.is_of(job.url()) {
                true => job.settings.profile.home_preflight,
                false => HomePreflight::Checked,
            },
        };
        match judge(&question, head, &job.settings.profile) {
            Err(refusal) => {
                if job.settings.profile.refused_preflights == RefusedPreflights::Remembered
                    && let Some(grant) = refusal.grant
                {
                    job.remember(grant, cache, now);
                }
                self.fail(Exchange::Preflight, refusal.reason, refusal.subject, cache)
            }
            Ok(grant) => {
                let max_age = grant.max_age;
                self.job.record(|| Event::PreflightGranted(max_age));
                self.job.remember(grant, cache, now);
                self.network_or_cache_fetch(self.first_attempt(), cache)
            }
        }
    }
}
