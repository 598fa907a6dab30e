//! What a fetch carries from hop to hop.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::Method;
use url::Url;

use super::classify::{unsafe_lines, unsafe_names};
use super::client::{Client, EmbedderPolicy, Settings, Tracing};
use super::cors_check::{CorsFailure, cors_check};
use super::profile::{
    BodyType, CredentiallessPages, HstsUpgrade, ListenerWithoutBody, RedirectCheck, RedirectedHeaders,
    RedirectedPreflight, ScriptedUserAgent,
};
use super::referrer::{self, Referrer, ReferrerPolicy};
use super::request::{Body, CredentialsMode, ForcedPreflight, Mode, Request};
use super::trace::{Event, RedirectTaint, Tainting};
use crate::headers::{HeaderList, names};
use crate::method;
use crate::origin::Origin;

/// Whether a preflight goes first.
pub(super) enum Preflight {
    Needed,
    Granted,
}

/// The request and all that has become of it.
pub(super) struct FetchParams {
    pub(super) request: Request,
    pub(super) client: Arc<Client>,
    pub(super) settings: Arc<Settings>,
    /// The [URL list](https://fetch.spec.whatwg.org/#concept-request-url-list); never empty.
    pub(super) url_list: Vec<Url>,
    pub(super) tainting: Tainting,
    /// The [redirect taint](https://fetch.spec.whatwg.org/#response-redirect-taint) of the response to come.
    pub(super) redirect_taint: RedirectTaint,
    /// What upgrades to https have added to it, where the profile counts them.
    upgrade_taint: RedirectTaint,
    pub(super) policy: ReferrerPolicy,
    /// The referrer of the current hop.
    pub(super) referrer: Option<Url>,
    pub(super) redirects: u8,
    /// The [timing allow failed flag](https://fetch.spec.whatwg.org/#timing-allow-failed), turned round.
    pub(super) timing_allowed: bool,
    /// Whether some hop took the branch that clears the preflight cache on failure.
    pub(super) preflighted: bool,
    /// The names that asked for a preflight before any redirect, where the profile remembers them.
    pub(super) names_at_first: BTreeSet<String>,
    /// The headers before any redirect, where the profile sets them anew after each.
    pub(super) headers_at_first: Option<HeaderList>,
    /// The names that a preflight asks for although their headers are gone.
    pub(super) names_again: BTreeSet<String>,
    /// The method before any redirect.
    pub(super) method_at_first: Method,
    /// Whether the request would show its origin without CORS, and no redirect to another origin has made it a `GET` since.
    pub(super) shows_origin: bool,
    /// A redirect that is followed no further than to the next preflight, and why it is refused.
    pub(super) refused_as_at_first: Option<(Url, CorsFailure)>,
    /// The referrer before any redirect.
    pub(super) referrer_at_first: Option<Url>,
    pub(super) partition: Arc<str>,
    pub(super) trace: Vec<Event>,
}

impl FetchParams {
    pub(super) fn new(mut request: Request, client: Arc<Client>, settings: Arc<Settings>) -> FetchParams {
        // A referrer of another origin than the page's is taken for the page itself.
        if let Referrer::Url(url) = &request.referrer
            && !Origin::from_url(url).same_origin(&client.origin)
        {
            request.referrer = Referrer::Client;
        }
        if settings.profile.scripted_user_agent == ScriptedUserAgent::Dropped {
            request.headers.retain(|name, _| *name != names::USER_AGENT);
        }
        if settings.profile.body_type == BodyType::Sent
            && let Some(kind) = request.dropped_type.take()
        {
            request.headers.append(names::CONTENT_TYPE, kind);
        }
        let mut params = FetchParams {
            url_list: vec![request.url.clone()],
            tainting: Tainting::Basic,
            redirect_taint: RedirectTaint::SameOrigin,
            upgrade_taint: RedirectTaint::SameOrigin,
            policy: policy_of(&request, &client),
            referrer: None,
            redirects: 0,
            timing_allowed: true,
            preflighted: false,
            names_at_first: BTreeSet::new(),
            headers_at_first: (settings.profile.redirected_headers != RedirectedHeaders::Kept)
                .then(|| request.headers.clone()),
            names_again: BTreeSet::new(),
            method_at_first: request.method.clone(),
            shows_origin: !matches!(request.method, Method::GET | Method::HEAD),
            referrer_at_first: None,
            refused_as_at_first: None,
            partition: client.partition(),
            trace: Vec::new(),
            request,
            client,
            settings,
        };
        if params.settings.profile.redirected_preflight != RedirectedPreflight::AsNeeded {
            params.names_at_first = params.unsafe_names().into_iter().map(str::to_owned).collect();
        }
        for name in std::mem::take(&mut params.request.dropped) {
            params.record(|| Event::HeaderDropped(name));
        }
        params
    }

    /// The referrer policy before any redirect.
    pub(super) fn policy_at_first(&self) -> ReferrerPolicy {
        policy_of(&self.request, &self.client)
    }

    /// Records an event, if somebody wants a trace.
    pub(super) fn record(&mut self, event: impl FnOnce() -> Event) {
        if self.settings.tracing == Tracing::On {
            let event = event();
            self.trace.push(event);
        }
    }

    /// Records events, if somebody wants a trace.
    pub(super) fn record_all(&mut self, mut events: Vec<Event>) {
        if self.settings.tracing == Tracing::On {
            self.trace.append(&mut events);
        }
    }

    /// The [current URL](https://fetch.spec.whatwg.org/#concept-request-current-url).
    pub(super) fn url(&self) -> &Url {
        self.url_list.last().unwrap_or(&self.request.url)
    }

    /// [Serializes the request's origin](https://fetch.spec.whatwg.org/#serializing-a-request-origin): `null` once
    /// redirects have tainted it.
    pub(super) fn origin(&self) -> &str {
        match self.redirect_taint {
            RedirectTaint::SameOrigin => self.client.origin.as_str(),
            RedirectTaint::SameSite | RedirectTaint::CrossSite => "null",
        }
    }

    /// Appends a URL to the list.
    pub(super) fn push_url(&mut self, url: Url) {
        self.url_list.push(url);
        self.redirect_taint = self.taint();
    }

    /// Puts an upgraded URL in the place of the current one.
    pub(super) fn upgrade(&mut self, url: Url) {
        let Some(last) = self.url_list.last_mut() else { return };
        let plain = std::mem::replace(last, url);
        if self.settings.profile.hsts_upgrade == HstsUpgrade::Redirects {
            self.upgrade_taint = self.upgrade_taint.max(self.taint_of(&plain, self.url()));
        }
        self.redirect_taint = self.taint();
    }

    /// The [redirect-taint](https://fetch.spec.whatwg.org/#concept-request-tainted-origin) of the list.
    fn taint(&self) -> RedirectTaint {
        let steps = self.url_list.windows(2).map(|pair| self.taint_of(&pair[0], &pair[1]));
        steps.max().map_or(self.upgrade_taint, |taint| taint.max(self.upgrade_taint))
    }

    fn taint_of(&self, last: &Url, next: &Url) -> RedirectTaint {
        let (page, last, next) = (&self.client.origin, Origin::from_url(last), Origin::from_url(next));
        if !next.same_site(&last) && !page.same_site(&last) {
            RedirectTaint::CrossSite
        } else if !next.same_origin(&last) && !page.same_origin(&last) {
            RedirectTaint::SameSite
        } else {
            RedirectTaint::SameOrigin
        }
    }

    /// Judges a redirect once more, by the credentials that go to the first URL, where the profile does.
    pub(super) fn check_as_at_first(&mut self, headers: &HeaderList) {
        let begins_at_home = || self.url_list.first().is_some_and(|url| self.client.origin.matches_url(url));
        if self.settings.profile.redirect_check == RedirectCheck::ByFirstUrl
            && self.tainting == Tainting::Cors
            && self.request.credentials == CredentialsMode::SameOrigin
            && begins_at_home()
            && let Err(failure) = cors_check(self.origin(), CredentialsMode::Include, headers)
        {
            self.refused_as_at_first = Some((self.url().clone(), failure));
        }
    }

    /// Settles the referrer of this hop. What an earlier hop cut away stays away.
    pub(super) fn determine_referrer(&mut self) {
        let source = match (self.redirects, self.referrer.take()) {
            (0, _) => self.request.referrer.clone(),
            (_, Some(url)) => Referrer::Url(url),
            (_, None) => Referrer::None,
        };
        self.referrer = referrer::determine(&source, self.policy, self.url(), &self.client, &self.settings);
        if self.redirects == 0 {
            self.referrer_at_first = self.referrer.clone();
        }
    }

    /// Whether method, headers or a listener ask for the branch with a preflight, cached or not.
    pub(super) fn needs_preflight(&mut self) -> bool {
        let method =
            (!method::is_safelisted(self.request.method.as_str())).then(|| self.request.method.clone());
        let forced = self.is_forced();
        let lines = unsafe_lines(&self.request.headers, &self.settings.profile);
        let needed = forced || self.is_still_asked_for() || method.is_some() || !lines.is_empty();
        if self.settings.tracing == Tracing::On {
            let headers = lines.into_iter().map(|(name, why)| (name.clone(), why)).collect();
            self.trace.push(Event::Classified { method, headers, forced });
        }
        needed
    }

    /// Whether a preflight is sent for what there was before a redirect.
    pub(super) fn is_still_asked_for(&self) -> bool {
        let remembers = self.settings.profile.redirected_preflight != RedirectedPreflight::AsNeeded;
        self.redirects > 0 && remembers && (self.preflighted || !self.names_at_first.is_empty())
    }

    /// The names that a preflight asks for.
    pub(super) fn unsafe_names(&self) -> BTreeSet<&str> {
        let mut names = unsafe_names(&self.request.headers, &self.settings.profile);
        if self.redirects > 0
            && self.settings.profile.redirected_preflight == RedirectedPreflight::MethodAndHeaders
        {
            names.extend(self.names_at_first.iter().map(String::as_str));
        }
        names.extend(self.names_again.iter().map(String::as_str));
        names
    }

    /// Whether a listener or a stream asks for a preflight.
    pub(super) fn is_forced(&self) -> bool {
        self.request.forced_preflight == ForcedPreflight::Yes
            && (self.request.body != Body::Null
                || self.settings.profile.listener_without_body == ListenerWithoutBody::Preflight)
    }

    /// Whether cookies and HTTP authentication go along and are kept: *includeCredentials* of
    /// [HTTP-network-or-cache fetch](https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch). The response's
    /// [flag](https://fetch.spec.whatwg.org/#response-request-includes-credentials) follows from it.
    pub(super) fn includes_credentials(&self) -> bool {
        let by_mode = match self.request.credentials {
            CredentialsMode::Include => true,
            CredentialsMode::SameOrigin => self.tainting == Tainting::Basic,
            CredentialsMode::Omit => false,
        };
        by_mode && self.embedder_allows_credentials()
    }

    /// The page's embedder policy, as the browser understands it.
    pub(super) fn embedder_policy(&self) -> EmbedderPolicy {
        match (self.client.embedder_policy, self.settings.profile.credentialless_pages) {
            (EmbedderPolicy::Credentialless, CredentiallessPages::Unknown) => EmbedderPolicy::UnsafeNone,
            (policy, _) => policy,
        }
    }

    /// [Cross-Origin-Embedder-Policy allows credentials](https://fetch.spec.whatwg.org/#cross-origin-embedder-policy-allows-credentials).
    fn embedder_allows_credentials(&self) -> bool {
        self.request.mode != Mode::NoCors
            || self.embedder_policy() != EmbedderPolicy::Credentialless
            || (self.client.origin.matches_url(self.url())
                && self.redirect_taint == RedirectTaint::SameOrigin)
    }
}

fn policy_of(request: &Request, client: &Client) -> ReferrerPolicy {
    request.referrer_policy.unwrap_or(client.referrer_policy)
}
