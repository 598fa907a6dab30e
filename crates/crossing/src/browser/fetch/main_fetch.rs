//! [Main fetch](https://fetch.spec.whatwg.org/#concept-main-fetch): what is sent at all, and under which tainting.

use url::Url;

use super::{Fetch, State};
use crate::browser::client::{MixedContent, Tracing};
use crate::browser::csp::ContentSecurityPolicy;
use crate::browser::destination::Destination;
use crate::browser::fetch_params::Preflight;
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
            let subject = Some(self.params.url().to_string());
            return self.fail(Exchange::Request, reason, subject, cache);
        }
        self.params.determine_referrer();
        if let Some(upgraded) = self.params.settings.hsts.upgrade(self.params.url()) {
            self.params.record(|| Event::Upgraded(upgraded.clone()));
            self.params.upgrade(upgraded);
        }
        let url = self.params.url().clone();
        let own = self.params.client.origin.matches_url(&url);
        if (own && self.params.tainting == Tainting::Basic) || url.scheme() == "data" {
            self.params.tainting = Tainting::Basic;
            self.record_hop();
            return self.scheme_fetch(url, cache);
        }
        match self.params.request.mode {
            Mode::SameOrigin => self.fail(Exchange::Request, Reason::Mode, Some(url.to_string()), cache),
            Mode::NoCors if self.params.request.redirect != RedirectMode::Follow => {
                self.fail(Exchange::Request, Reason::NoCorsRedirectMode, None, cache)
            }
            Mode::NoCors => {
                self.params.tainting = Tainting::Opaque;
                self.record_hop();
                self.scheme_fetch(url, cache)
            }
            Mode::Cors if !is_http(&url) => {
                self.fail(Exchange::Request, Reason::Scheme, Some(url.scheme().to_owned()), cache)
            }
            Mode::Cors => {
                self.params.tainting = Tainting::Cors;
                self.record_hop();
                if !self.params.needs_preflight() {
                    return self.network_or_cache_fetch(self.first_attempt(), cache);
                }
                self.params.preflighted = true;
                match self.params.match_cache(cache, now) {
                    Preflight::Granted => self.network_or_cache_fetch(self.first_attempt(), cache),
                    Preflight::Needed => self.preflight_fetch(Connection::Pooled),
                }
            }
        }
    }

    /// What keeps a request from being sent at all.
    pub(super) fn blocked(&self) -> Option<Reason> {
        let params = &self.params;
        let url = params.url();
        if port::is_bad(url) {
            return Some(Reason::BadPort);
        }
        if params.request.destination == Destination::Document {
            return None;
        }
        // https://w3c.github.io/webappsec-mixed-content/#should-block-fetch
        let secure_page = matches!(&params.client.origin, Origin::Tuple(tuple) if tuple.scheme() == "https");
        if secure_page
            && !may_be_asked(url, params.settings.profile.loopback)
            && params.settings.mixed_content == MixedContent::Blocked
        {
            return Some(Reason::MixedContent);
        }
        let (page, redirects) = (&params.client.origin, params.redirects);
        let (forbidden, reason) = match &params.request.destination {
            Destination::Script { nonce } => {
                let forbids = |csp: &ContentSecurityPolicy| !csp.allows_script(url, page, redirects, nonce);
                (params.client.csp.iter().any(forbids), Reason::CspScript)
            }
            _ => (params.client.csp.iter().any(|csp| !csp.allows(url, page, redirects)), Reason::Csp),
        };
        forbidden.then_some(reason)
    }

    pub(super) fn record_hop(&mut self) {
        let params = &mut self.params;
        if params.settings.tracing == Tracing::Off {
            return;
        }
        let (url, origin, referrer) =
            (params.url().clone(), params.origin().to_owned(), params.referrer.clone());
        let (redirect_taint, tainting) = (params.redirect_taint, params.tainting);
        params.record(|| Event::Hop { url, origin, redirect_taint, tainting, referrer });
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
