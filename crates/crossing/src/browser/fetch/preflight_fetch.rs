//! The two ends of a [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch-0).

use http::StatusCode;

use super::{Fetch, State};
use crate::browser::network::{preflight_head, preflight_origin};
use crate::browser::preflight::{PreflightQuestion, judge_preflight};
use crate::browser::preflight_cache::PreflightCache;
use crate::browser::profile::{ProxyChallenge, RefusedPreflights, SameOriginPreflight};
use crate::browser::step::{CacheUse, Connection, Send, SendBody, Step};
use crate::browser::trace::Event;
use crate::message::ResponseHead;
use crate::reason::{Exchange, Reason};
use crate::time::Time;

impl Fetch {
    /// [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch-0).
    pub(super) fn preflight_fetch(&mut self, connection: Connection) -> Step {
        let unsafe_names = self.params.unsafe_names();
        let head = preflight_head(&self.params, &unsafe_names);
        self.params.record(|| Event::Sent(Exchange::Preflight, head.clone()));
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
        self.params.record(|| Event::Received(Exchange::Preflight, head.clone()));
        match (head.status, connection) {
            (StatusCode::MISDIRECTED_REQUEST, Connection::Pooled) => {
                return self.preflight_fetch(Connection::New);
            }
            (StatusCode::PROXY_AUTHENTICATION_REQUIRED, _)
                if self.params.settings.profile.proxy_challenge == ProxyChallenge::Failure =>
            {
                return self.fail(Exchange::Preflight, Reason::ProxyAuth, None, cache);
            }
            _ => {}
        }
        let params = &self.params;
        let unsafe_names = params.unsafe_names();
        let question = PreflightQuestion {
            method: &params.request.method,
            unsafe_names: &unsafe_names,
            headers: &params.request.headers,
            origin: preflight_origin(params),
            credentials: params.request.credentials,
            forced: params.request.forced_preflight,
            home: match params.client.origin.matches_url(params.url()) {
                true => params.settings.profile.same_origin_preflight,
                false => SameOriginPreflight::Checked,
            },
        };
        match judge_preflight(&question, head, &params.settings.profile) {
            Err(refusal) => {
                if params.settings.profile.refused_preflights == RefusedPreflights::Cached
                    && let Some(grant) = refusal.grant
                {
                    params.store_in_cache(grant, cache, now);
                }
                self.fail(Exchange::Preflight, refusal.reason, refusal.subject, cache)
            }
            Ok(grant) => {
                let max_age = grant.max_age;
                self.params.record(|| Event::PreflightGranted(max_age));
                self.params.store_in_cache(grant, cache, now);
                self.network_or_cache_fetch(self.first_attempt(), cache)
            }
        }
    }
}
