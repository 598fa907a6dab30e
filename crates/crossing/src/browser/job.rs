//! What a fetch carries from hop to hop.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::Method;
use url::Url;

use super::classify::{unsafe_lines, unsafe_names};
use super::client::{Client, EmbedderPolicy, Settings, Tracing};
use super::network::has_validators;
use super::preflight_cache::{CacheKey, CacheLookUp, Granted, PreflightCache};
use super::profile::{
    AuthorizationUnderWildcard, CredentiallessPages, HstsUpgrade, ListenerWithoutBody, OpaquePreflights,
    Profile, RedirectCheck, RedirectedPreflight, RememberedAuthorization, RememberedOrigin,
    RememberedPreflights, RememberedWildcard, ScriptedUserAgent, ScriptedValidators, UncachedModes,
};
use super::referrer::{self, Referrer, ReferrerPolicy};
use super::request::{Body, CacheMode, CredentialsMode, ForcedPreflight, Mode, Request};
use super::trace::{Event, RedirectTaint, Tainting};
use crate::headers::names;
use crate::headers::request::is_non_wildcard;
use crate::method;
use crate::origin::Origin;
use crate::time::Time;

/// Whether a preflight goes first.
pub(super) enum Preflight {
    Needed,
    Granted,
}

/// The request and all that has become of it.
pub(super) struct Job {
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
    /// What asked for a preflight before any redirect, where the profile remembers it.
    pub(super) asked_at_first: Option<BTreeSet<String>>,
    pub(super) partition: Arc<str>,
    pub(super) trace: Vec<Event>,
}

impl Job {
    pub(super) fn new(mut request: Request, client: Arc<Client>, settings: Arc<Settings>) -> Job {
        // A referrer of another origin than the page's is taken for the page itself.
        if let Referrer::Url(url) = &request.referrer
            && !Origin::of(url).same_origin(&client.origin)
        {
            request.referrer = Referrer::Client;
        }
        if settings.profile.scripted_user_agent == ScriptedUserAgent::Dropped {
            request.headers.retain(|name, _| *name != names::USER_AGENT);
        }
        let mut job = Job {
            url_list: vec![request.url.clone()],
            tainting: Tainting::Basic,
            redirect_taint: RedirectTaint::SameOrigin,
            upgrade_taint: RedirectTaint::SameOrigin,
            policy: request.referrer_policy.unwrap_or(client.referrer_policy),
            referrer: None,
            redirects: 0,
            timing_allowed: true,
            preflighted: false,
            asked_at_first: None,
            partition: client.partition(),
            trace: Vec::new(),
            request,
            client,
            settings,
        };
        if job.settings.profile.redirected_preflight != RedirectedPreflight::AsNeeded {
            let asks = !method::is_safelisted(job.request.method.as_str()) || job.is_forced();
            let names: BTreeSet<String> = job.unsafe_names().into_iter().map(str::to_owned).collect();
            job.asked_at_first = (asks || !names.is_empty()).then_some(names);
        }
        for name in std::mem::take(&mut job.request.dropped) {
            job.record(|| Event::HeaderDropped(name));
        }
        job
    }

    /// Records an event, if somebody wants a trace.
    pub(super) fn record(&mut self, event: impl FnOnce() -> Event) {
        if self.settings.tracing == Tracing::On {
            let event = event();
            self.trace.push(event);
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
        let (page, last, next) = (&self.client.origin, Origin::of(last), Origin::of(next));
        if !next.same_site(&last) && !page.same_site(&last) {
            RedirectTaint::CrossSite
        } else if !next.same_origin(&last) && !page.same_origin(&last) {
            RedirectTaint::SameSite
        } else {
            RedirectTaint::SameOrigin
        }
    }

    /// The credentials mode by which the CORS check judges a response.
    pub(super) fn credentials_of_check(&self, is_redirect: bool) -> CredentialsMode {
        let begins_at_home =
            || self.url_list.first().is_some_and(|url| self.client.origin.same_origin(&Origin::of(url)));
        match (self.settings.profile.redirect_check, self.request.credentials) {
            (RedirectCheck::AsAtFirst, CredentialsMode::SameOrigin) if is_redirect && begins_at_home() => {
                CredentialsMode::Include
            }
            (_, mode) => mode,
        }
    }

    /// Settles the referrer of this hop. What an earlier hop cut away stays away.
    pub(super) fn settle_referrer(&mut self) {
        let source = match (self.redirects, self.referrer.take()) {
            (0, _) => self.request.referrer.clone(),
            (_, Some(url)) => Referrer::Url(url),
            (_, None) => Referrer::None,
        };
        self.referrer = referrer::determine(&source, self.policy, self.url(), &self.client, &self.settings);
    }

    /// Whether method, headers or a listener ask for the branch with a preflight, cached or not.
    pub(super) fn asks_for_preflight(&mut self) -> bool {
        let method =
            (!method::is_safelisted(self.request.method.as_str())).then(|| self.request.method.clone());
        let forced = self.is_forced();
        let lines = unsafe_lines(&self.request.headers, &self.settings.profile);
        let remembered = self.redirects > 0 && self.asked_at_first.is_some();
        let needed = forced || remembered || method.is_some() || !lines.is_empty();
        if self.settings.tracing == Tracing::On {
            let headers = lines.into_iter().map(|(name, why)| (name.clone(), why)).collect();
            self.trace.push(Event::Classified { method, headers, forced });
        }
        needed
    }

    /// Asks the preflight cache whether a preflight must go first: the condition in
    /// [HTTP fetch](https://fetch.spec.whatwg.org/#concept-http-fetch).
    pub(super) fn consult_cache(&mut self, cache: &mut PreflightCache, now: Time) -> Preflight {
        let (key, credentials) = (self.cache_key(), self.request.credentials);
        let profile = &self.settings.profile;
        let mode = match profile.scripted_validators {
            ScriptedValidators::NoCache if has_validators(&self.request.headers) => CacheMode::NoCache,
            _ => self.request.cache,
        };
        let forgotten = self.is_forgotten(&key);
        let bypassed = match (profile.uncached_modes, mode) {
            _ if forgotten => true,
            (UncachedModes::None, _) => false,
            (_, CacheMode::NoStore | CacheMode::Reload) => true,
            (modes, mode) => modes == UncachedModes::NoCacheAsWell && mode == CacheMode::NoCache,
        };
        let serves = profile.remembered_credentials;
        let mut missed = bypassed;
        let mut lookups = Vec::new();
        let method = &self.request.method;
        let unsafe_method = !method::is_safelisted(method.as_str());
        let remembered = self.redirects > 0 && self.asked_at_first.is_some();
        if unsafe_method || remembered || self.is_forced() {
            let found = cache.look_up(&key, (credentials, serves), now, |granted| {
                still_grants_method(granted, method, profile)
            });
            missed |= found != CacheLookUp::Hit;
            lookups.push(Event::MethodLookUp(method.clone(), found));
        }
        for name in self.unsafe_names() {
            let found = cache.look_up(&key, (credentials, serves), now, |granted| {
                still_grants_name(granted, name, profile)
            });
            missed |= found != CacheLookUp::Hit;
            lookups.push(Event::HeaderLookUp(name.to_owned(), found));
        }
        if self.settings.tracing == Tracing::On {
            self.trace.append(&mut lookups);
        }
        if missed && !bypassed && profile.remembered_preflights == RememberedPreflights::LastWhileItServes {
            cache.clear_entries(&key);
        }
        if missed { Preflight::Needed } else { Preflight::Granted }
    }

    /// Whether nothing is remembered under this key.
    fn is_forgotten(&self, key: &CacheKey) -> bool {
        let forgotten = self.settings.profile.opaque_preflights == OpaquePreflights::Forgotten;
        forgotten && &*key.origin == Origin::Opaque.as_str()
    }

    /// Puts what a preflight granted into the cache.
    pub(super) fn remember(&self, grant: super::preflight::Grant, cache: &mut PreflightCache, now: Time) {
        let (key, credentials) = (self.cache_key(), self.request.credentials);
        if self.is_forgotten(&key) {
            return;
        }
        let profile = &self.settings.profile;
        let serves = self.settings.profile.remembered_credentials;
        if self.settings.profile.remembered_preflights != RememberedPreflights::All {
            cache.clear_entries(&key);
        }
        let mut seen = BTreeSet::new();
        for name in grant.methods {
            if let Ok(method) = Method::from_bytes(name.as_bytes())
                && seen.insert(name.clone())
            {
                let granted = Granted::Method(name);
                cache.store(&key, (credentials, serves), granted, grant.max_age, now, |g| {
                    still_grants_method(g, &method, profile)
                });
            }
        }
        seen.clear();
        for name in grant.header_names {
            if seen.insert(name.clone()) {
                let granted = Granted::HeaderName(name.clone());
                cache.store(&key, (credentials, serves), granted, grant.max_age, now, |g| {
                    still_grants_name(g, &name, profile)
                });
            }
        }
    }

    /// The names that a preflight asks for.
    pub(super) fn unsafe_names(&self) -> BTreeSet<&str> {
        let mut names = unsafe_names(&self.request.headers, &self.settings.profile);
        if self.redirects > 0
            && self.settings.profile.redirected_preflight == RedirectedPreflight::MethodAndHeaders
        {
            names.extend(self.asked_at_first.iter().flatten().map(String::as_str));
        }
        names
    }

    /// Whether a listener or a stream asks for a preflight.
    fn is_forced(&self) -> bool {
        self.request.forced_preflight == ForcedPreflight::Yes
            && (self.request.body != Body::Null
                || self.settings.profile.listener_without_body == ListenerWithoutBody::Preflight)
    }

    pub(super) fn cache_key(&self) -> CacheKey {
        CacheKey {
            url: self.url().as_str().into(),
            origin: match self.settings.profile.remembered_origin {
                RememberedOrigin::Tainted => self.origin().into(),
                RememberedOrigin::Page => self.client.origin.as_str().into(),
            },
            partition: self.partition.clone(),
        }
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
            || (self.client.origin.same_origin(&Origin::of(self.url()))
                && self.redirect_taint == RedirectTaint::SameOrigin)
    }
}

/// [Method cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match-method), apart from the key.
fn grants_method(granted: &Granted, method: &Method) -> bool {
    matches!(granted, Granted::Method(name) if &**name == "*" || &**name == method.as_str())
}

/// The same, for what is remembered.
fn still_grants_method(granted: &Granted, method: &Method, profile: &Profile) -> bool {
    match granted {
        Granted::Method(name)
            if &**name == "*" && profile.remembered_wildcard == RememberedWildcard::GrantsNothing =>
        {
            method.as_str() == "*"
        }
        granted => grants_method(granted, method),
    }
}

fn still_grants_name(granted: &Granted, name: &str, profile: &Profile) -> bool {
    let star = matches!(granted, Granted::HeaderName(g) if &**g == "*");
    if star && profile.remembered_wildcard == RememberedWildcard::GrantsNothing {
        return name == "*";
    }
    if star && is_non_wildcard(name) && profile.remembered_authorization == RememberedAuthorization::Refused {
        return false;
    }
    grants_name(granted, name, profile.authorization_under_wildcard)
}

/// [Header-name cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match-header), apart from the key.
fn grants_name(granted: &Granted, name: &str, wildcard: AuthorizationUnderWildcard) -> bool {
    match granted {
        Granted::HeaderName(g) if &**g == "*" => {
            !is_non_wildcard(name) || wildcard == AuthorizationUnderWildcard::Granted
        }
        Granted::HeaderName(g) => &**g == name,
        Granted::Method(_) => false,
    }
}
