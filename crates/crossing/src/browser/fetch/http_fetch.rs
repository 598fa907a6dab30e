//! The end of [HTTP fetch](https://fetch.spec.whatwg.org/#concept-http-fetch) and of main fetch: what the page may know of a
//! response.

use std::mem;

use url::Url;

use super::{Fetch, InFlight};
use crate::browser::cors_check::cors_check;
use crate::browser::destination::Destination;
use crate::browser::policy_checks::{CorpCheck, corp_check, timing_is_shared};
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
        flight: InFlight,
        head: ResponseHead,
        now: Time,
        cache: &mut PreflightCache,
    ) -> Step {
        let params = &mut self.params;
        if params.tainting == Tainting::Cors {
            if let Err(failure) = cors_check(params.origin(), params.request.credentials, &head.headers) {
                let subject = failure.value.map(|value| value.to_text());
                return self.fail(Exchange::Request, failure.reason, subject, cache);
            }
            params.record(|| Event::CorsCheckPassed(Exchange::Request));
        }
        // https://fetch.spec.whatwg.org/#concept-tao-check: once failed, failed for the rest of the chain.
        params.timing_allowed &=
            params.tainting == Tainting::Basic || timing_is_shared(params.origin(), &head.headers);
        if params.tainting == Tainting::Opaque {
            let (page, policy, credentials) =
                (&params.client.origin, params.embedder_policy(), flight.attempt.credentials);
            let unknown = params.settings.profile.unknown_resource_policy;
            if corp_check(page, policy, params.url(), &head.headers, credentials, unknown)
                == CorpCheck::Blocked
            {
                let value =
                    head.headers.get(&names::CROSS_ORIGIN_RESOURCE_POLICY).map(|value| value.to_text());
                return self.fail(Exchange::Request, Reason::Corp, value, cache);
            }
        }
        if !is_redirect_status(head.status) {
            if let Some(reason) = self.params.request.destination.refuses(&head.headers) {
                let value = head.headers.get(&names::CONTENT_TYPE).map(|value| value.to_text());
                return self.fail(Exchange::Request, reason, value, cache);
            }
            return self.deliver(head);
        }
        match self.params.request.redirect {
            RedirectMode::Error => {
                let to = head.headers.get(&names::LOCATION).map(|value| value.to_text());
                self.fail(Exchange::Request, Reason::RedirectRefused, to, cache)
            }
            RedirectMode::Manual => self.deliver_opaque(head, ResponseType::OpaqueRedirect),
            RedirectMode::Follow => {
                match redirect::location(&head, self.params.url(), &self.params.settings.profile) {
                    Location::Nowhere => self.deliver(head),
                    Location::Malformed => {
                        let value = head.headers.get(&names::LOCATION).map(|value| value.to_text());
                        self.fail(Exchange::Request, Reason::RedirectLocation, value, cache)
                    }
                    Location::To(to) => {
                        let subject = without_userinfo(&to);
                        self.params.check_as_at_first(&head.headers);
                        match redirect::follow(&mut self.params, &head, to) {
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
        let exposed = match self.params.tainting {
            Tainting::Opaque => return self.deliver_opaque(head, ResponseType::Opaque),
            Tainting::Cors => Some(Exposed::from_headers(&head.headers, self.params.request.credentials)),
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
        if self.params.request.destination != Destination::Empty {
            return self.end(Response { kind, ..readable(internal, None, |_, _| ()) }, Vec::new());
        }
        let mut hidden = Vec::new();
        let response =
            opaque(internal, kind, |name, rule| hidden.push(Event::HeaderHidden(name.clone(), rule)));
        self.end(response, hidden)
    }

    pub(super) fn internal(&mut self, head: ResponseHead) -> Internal {
        let null_body = match self.params.settings.profile.null_body {
            NullBody::None => false,
            NullBody::Head => self.params.request.method == http::Method::HEAD,
            NullBody::StatusAndHead => {
                self.params.request.method == http::Method::HEAD || is_null_body_status(head.status)
            }
        };
        Internal {
            body: if null_body { BodyAccess::Null } else { BodyAccess::Readable },
            timing_allowed: self.params.timing_allowed,
            url_list: mem::take(&mut self.params.url_list),
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
