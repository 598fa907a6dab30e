//! The end of [HTTP fetch](https://fetch.spec.whatwg.org/#concept-http-fetch) and of main fetch: what the page may know of a
//! response.

use std::mem;

use url::Url;

use super::{Fetch, Flight};
use crate::browser::cors_check::cors_check;
use crate::browser::destination::Destination;
use crate::browser::policy_checks::{Verdict, corp_check, timing_is_shared};
use crate::browser::preflight_cache::PreflightCache;
use crate::browser::profile::NullBody;
use crate::browser::redirect::{self, Location, is_redirect_status};
use crate::browser::request::RedirectMode;
use crate::browser::response::{
    BodyAccess, Exposed, Internal, Response, ResponseType, is_null_body_status, opaque, readable,
};
use crate::browser::step::Step;
use crate::browser::trace::{Event, Tainting};
use crate::headers::names;
use crate::message::ResponseHead;
use crate::reason::{Exchange, Reason};
use crate::time::Time;

impl Fetch {
    /// The rest of [HTTP fetch](https://fetch.spec.whatwg.org/#concept-http-fetch): what the page may know of the response.
    pub(super) fn checked(
        &mut self,
        flight: Flight,
        head: ResponseHead,
        now: Time,
        cache: &mut PreflightCache,
    ) -> Step {
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
                (&job.client.origin, job.embedder_policy(), flight.attempt.credentials);
            let unknown = job.settings.profile.unknown_resource_policy;
            if corp_check(page, policy, job.url(), &head.headers, credentials, unknown) == Verdict::Blocked {
                let value =
                    head.headers.get(&names::CROSS_ORIGIN_RESOURCE_POLICY).map(|value| value.to_text());
                return self.fail(Exchange::Request, Reason::Corp, value, cache);
            }
        }
        if !is_redirect_status(head.status) {
            if let Some(reason) = self.job.request.destination.refuses(&head.headers) {
                let value = head.headers.get(&names::CONTENT_TYPE).map(|value| value.to_text());
                return self.fail(Exchange::Request, reason, value, cache);
            }
            return self.deliver(head);
        }
        match self.job.request.redirect {
            RedirectMode::Error => {
                let to = head.headers.get(&names::LOCATION).map(|value| value.to_text());
                self.fail(Exchange::Request, Reason::RedirectRefused, to, cache)
            }
            RedirectMode::Manual => self.deliver_opaque(head, ResponseType::OpaqueRedirect),
            RedirectMode::Follow => {
                match redirect::location(&head, self.job.url(), &self.job.settings.profile) {
                    Location::Nowhere => self.deliver(head),
                    Location::Malformed => {
                        let value = head.headers.get(&names::LOCATION).map(|value| value.to_text());
                        self.fail(Exchange::Request, Reason::RedirectLocation, value, cache)
                    }
                    Location::To(to) => {
                        let subject = without_userinfo(&to);
                        self.job.check_as_at_first(&head.headers);
                        match redirect::follow(&mut self.job, &head, to) {
                            Ok(()) => self.main_fetch(now, cache),
                            Err(reason) => self.fail(Exchange::Request, reason, Some(subject), cache),
                        }
                    }
                }
            }
        }
    }

    /// The end of [main fetch](https://fetch.spec.whatwg.org/#concept-main-fetch): the response is filtered, and
    /// [handed over](https://fetch.spec.whatwg.org/#fetch-finale).
    pub(super) fn deliver(&mut self, head: ResponseHead) -> Step {
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

    pub(super) fn deliver_opaque(&mut self, head: ResponseHead, kind: ResponseType) -> Step {
        let internal = self.internal(head);
        if self.job.request.destination != Destination::Empty {
            return self.end(Response { kind, ..readable(internal, None, |_, _| ()) }, Vec::new());
        }
        let mut hidden = Vec::new();
        let response =
            opaque(internal, kind, |name, rule| hidden.push(Event::HeaderHidden(name.clone(), rule)));
        self.end(response, hidden)
    }

    pub(super) fn internal(&mut self, head: ResponseHead) -> Internal {
        let null_body = match self.job.settings.profile.null_body {
            NullBody::None => false,
            NullBody::Head => self.job.request.method == http::Method::HEAD,
            NullBody::StatusAndHead => {
                self.job.request.method == http::Method::HEAD || is_null_body_status(head.status)
            }
        };
        Internal {
            body: if null_body { BodyAccess::Null } else { BodyAccess::Readable },
            timing_allowed: self.job.timing_allowed,
            url_list: mem::take(&mut self.job.url_list),
            head,
        }
    }
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
