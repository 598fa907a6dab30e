//! [Main fetch](https://fetch.spec.whatwg.org/#concept-main-fetch): what is sent at all, and under which tainting.

use url::Url;

use super::{Fetch, State};
use crate::browser::client::{MixedContent, Tracing};
use crate::browser::csp::ContentSecurityPolicy;
use crate::browser::destination::Destination;
use crate::browser::job::Preflight;
use crate::browser::port;
use crate::browser::preflight_cache::PreflightCache;
use crate::browser::profile::Loopback;
use crate::browser::referrer::is_trustworthy;
use crate::browser::request::{Mode, RedirectMode};
use crate::browser::step::{Connection, Step};
use crate::browser::trace::{Event, Tainting};
use crate::origin::Origin;
use crate::reason::{Exchange, Reason};
use crate::time::Time;

impl Fetch {
    /// [Main fetch](https://fetch.spec.whatwg.org/#concept-main-fetch), once for each hop.
    pub(super) fn main_fetch(&mut self, now: Time, cache: &mut PreflightCache) -> Step {
        if let Some(reason) = self.blocked() {
            let subject = Some(self.job.url().to_string());
            return self.fail(Exchange::Request, reason, subject, cache);
        }
        self.job.settle_referrer();
        if let Some(upgraded) = self.job.settings.hsts.upgrade(self.job.url()) {
            self.job.record(|| Event::Upgraded(upgraded.clone()));
            self.job.upgrade(upgraded);
        }
        let url = self.job.url().clone();
        let own = self.job.client.origin.is_of(&url);
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
    pub(super) fn blocked(&self) -> Option<Reason> {
        let job = &self.job;
        let url = job.url();
        if port::is_bad(url) {
            return Some(Reason::BadPort);
        }
        if job.request.destination == Destination::Document {
            return None;
        }
        // https://w3c.github.io/webappsec-mixed-content/#should-block-fetch
        let secure_page = matches!(&job.client.origin, Origin::Tuple(tuple) if tuple.scheme() == "https");
        if secure_page
            && !may_be_asked(url, job.settings.profile.loopback)
            && job.settings.mixed_content == MixedContent::Blocked
        {
            return Some(Reason::MixedContent);
        }
        let (page, redirects) = (&job.client.origin, job.redirects);
        let (forbidden, reason) = match &job.request.destination {
            Destination::Script { nonce } => {
                let forbids = |csp: &ContentSecurityPolicy| !csp.allows_script(url, page, redirects, nonce);
                (job.client.csp.iter().any(forbids), Reason::CspScript)
            }
            _ => (job.client.csp.iter().any(|csp| !csp.allows(url, page, redirects)), Reason::Csp),
        };
        forbidden.then_some(reason)
    }

    pub(super) fn record_hop(&mut self) {
        let job = &mut self.job;
        if job.settings.tracing == Tracing::Off {
            return;
        }
        let (url, origin, referrer) = (job.url().clone(), job.origin().to_owned(), job.referrer.clone());
        let (redirect_taint, tainting) = (job.redirect_taint, job.tainting);
        job.record(|| Event::Hop { url, origin, redirect_taint, tainting, referrer });
    }

    /// [Scheme fetch](https://fetch.spec.whatwg.org/#concept-scheme-fetch).
    pub(super) fn scheme_fetch(&mut self, url: Url, cache: &mut PreflightCache) -> Step {
        if is_http(&url) {
            return self.network_or_cache_fetch(self.first_attempt(), cache);
        }
        self.state = State::Local;
        Step::Local(url)
    }
}

/// Whether a secure page may ask for it, or it is mixed content.
fn may_be_asked(url: &Url, loopback: Loopback) -> bool {
    is_trustworthy(url)
        && (url.scheme() != "http"
            || match loopback {
                Loopback::All => true,
                Loopback::None => false,
            })
}

pub(super) fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}
