//! What a fetch asks of the preflight cache, and puts into it.

use std::collections::BTreeSet;

use http::Method;

use super::fetch_params::{FetchParams, Preflight};
use super::network::cache_mode;
use super::preflight::PreflightGrant;
use super::preflight_cache::{CacheKey, CacheLookUp, Granted, PreflightCache};
use super::profile::{
    AuthorizationUnderWildcard, CachedAuthorization, CachedHead, CachedOrigin, CachedPreflights,
    CachedWildcard, FailedCheck, OpaquePreflights, Profile, RefusedRedirect, UncachedModes,
};
use super::request::{CacheMode, CredentialsMode};
use super::trace::{Event, RedirectTaint, Tainting};
use crate::headers::request::is_non_wildcard;
use crate::method;
use crate::origin::Origin;
use crate::reason::Reason;
use crate::time::Time;

impl FetchParams {
    /// Asks the preflight cache whether a preflight must go first: the condition in
    /// [HTTP fetch](https://fetch.spec.whatwg.org/#concept-http-fetch).
    pub(super) fn match_cache(&mut self, cache: &mut PreflightCache, now: Time) -> Preflight {
        let (key, credentials) = (self.cache_key(), self.request.credentials);
        let profile = &self.settings.profile;
        let bypassed = self.is_uncacheable()
            || match (profile.uncached_modes, cache_mode(self)) {
                (UncachedModes::None, _) => false,
                (_, CacheMode::NoStore | CacheMode::Reload) => true,
                (modes, mode) => modes == UncachedModes::NoCacheAsWell && mode == CacheMode::NoCache,
            };
        let serves = profile.cached_credentials;
        let matches = Matches { profile, credentials };
        let mut missed = bypassed;
        let mut lookups = Vec::new();
        let method = &self.request.method;
        let listed = !method::is_safelisted(method.as_str())
            || *method == Method::HEAD && profile.cached_head == CachedHead::IfListed;
        if listed || self.is_forced() {
            let found = cache
                .look_up(&key, (credentials, serves), now, |granted, to| matches.method(granted, to, method));
            missed |= found != CacheLookUp::Hit;
            lookups.push(Event::MethodLookUp(method.clone(), found));
        }
        for name in self.unsafe_names() {
            let found = cache
                .look_up(&key, (credentials, serves), now, |granted, to| matches.name(granted, to, name));
            missed |= found != CacheLookUp::Hit;
            lookups.push(Event::HeaderLookUp(name.to_owned(), found));
        }
        if lookups.is_empty() {
            // Nothing needs to be granted, but somebody must have been asked.
            let found = cache.look_up(&key, (credentials, serves), now, |_, _| true);
            missed |= found != CacheLookUp::Hit;
        }
        self.record_all(lookups);
        if missed && !bypassed && self.settings.profile.cached_preflights == CachedPreflights::LastUntilMiss {
            cache.clear_entries(&key);
        }
        if missed { Preflight::Needed } else { Preflight::Granted }
    }

    /// Whether nothing is cached for the request's origin.
    fn is_uncacheable(&self) -> bool {
        let is_opaque = matches!(self.client.origin, Origin::Opaque);
        let is_tainted = self.settings.profile.cached_origin == CachedOrigin::Tainted && self.is_tainted();
        match self.settings.profile.opaque_preflights {
            OpaquePreflights::Cached => false,
            OpaquePreflights::OfOnePage => is_tainted && !is_opaque,
            OpaquePreflights::NotCached => is_tainted || is_opaque,
        }
    }

    fn is_tainted(&self) -> bool {
        self.redirect_taint != RedirectTaint::SameOrigin
    }

    /// Puts what a preflight granted into the cache.
    pub(super) fn store_in_cache(&self, grant: PreflightGrant, cache: &mut PreflightCache, now: Time) {
        let (key, credentials) = (self.cache_key(), self.request.credentials);
        let profile = &self.settings.profile;
        let unstored =
            profile.uncached_modes == UncachedModes::NoCacheAsWell && cache_mode(self) == CacheMode::NoStore;
        if unstored || self.is_uncacheable() {
            return;
        }
        let serves = profile.cached_credentials;
        let matches = Matches { profile, credentials };
        if profile.cached_preflights != CachedPreflights::All {
            cache.clear_entries(&key);
        }
        let mut seen = BTreeSet::new();
        for name in grant.methods {
            if let Ok(method) = Method::from_bytes(name.as_bytes())
                && seen.insert(name.clone())
            {
                let granted = Granted::Method(name);
                cache.store(&key, (credentials, serves), granted, grant.max_age, now, |g, to| {
                    matches.method(g, to, &method)
                });
            }
        }
        seen.clear();
        for name in grant.header_names {
            if seen.insert(name.clone()) {
                let granted = Granted::HeaderName(name.clone());
                cache.store(&key, (credentials, serves), granted, grant.max_age, now, |g, to| {
                    matches.name(g, to, &name)
                });
            }
        }
    }

    /// [Clears the cache entries](https://fetch.spec.whatwg.org/#concept-cache-clear) that a request which failed may have
    /// relied on.
    pub(super) fn clear_cache_after_failure(&mut self, reason: Reason, cache: &mut PreflightCache) {
        let forgets = match self.settings.profile.failed_check {
            FailedCheck::ClearsEntries => self.preflighted,
            FailedCheck::AlwaysClearsEntries => self.tainting == Tainting::Cors,
            FailedCheck::KeepsEntries => false,
        };
        let keeps = reason == Reason::RedirectRefused
            && self.settings.profile.refused_redirect == RefusedRedirect::KeepsEntries;
        if forgets && !keeps {
            let cleared = cache.clear_entries(&self.cache_key());
            if cleared > 0 {
                self.record(|| Event::CacheCleared(cleared));
            }
        }
    }

    fn cache_key(&self) -> CacheKey {
        let profile = &self.settings.profile;
        let of_page = profile.opaque_preflights == OpaquePreflights::OfOnePage
            && matches!(self.client.origin, Origin::Opaque);
        CacheKey {
            url: self.url().as_str().into(),
            origin: match profile.cached_origin {
                CachedOrigin::Tainted => self.origin().into(),
                CachedOrigin::Page => self.client.origin.as_str().into(),
            },
            partition: match of_page {
                true => format!("{} {}", self.partition, self.client.document).into(),
                false => self.partition.clone(),
            },
        }
    }
}

/// Which entries grant what a request asks for, apart from their keys.
struct Matches<'a> {
    profile: &'a Profile,
    /// The request's.
    credentials: CredentialsMode,
}

impl Matches<'_> {
    /// [Method cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match-method), for what was granted `to` a
    /// request of these credentials.
    fn method(&self, granted: &Granted, to: CredentialsMode, method: &Method) -> bool {
        match granted {
            Granted::Method(name) if &**name == "*" => method.as_str() == "*" || self.wildcard(to),
            Granted::Method(name) => &**name == method.as_str(),
            Granted::HeaderName(_) => false,
        }
    }

    /// [Header-name cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match-header), likewise.
    fn name(&self, granted: &Granted, to: CredentialsMode, name: &str) -> bool {
        match granted {
            Granted::HeaderName(it) if &**it == "*" => {
                name == "*" || self.wildcard(to) && (!is_non_wildcard(name) || self.authorization())
            }
            Granted::HeaderName(it) => &**it == name,
            Granted::Method(_) => false,
        }
    }

    /// Whether a cached `*` stands for all.
    fn wildcard(&self, to: CredentialsMode) -> bool {
        match self.profile.cached_wildcard {
            CachedWildcard::Grants => true,
            CachedWildcard::GrantsRequestsWithoutCredentials => self.credentials != CredentialsMode::Include,
            CachedWildcard::GrantedWithoutCredentials => to != CredentialsMode::Include,
            CachedWildcard::GrantsNothing => false,
        }
    }

    /// Whether it then stands for `Authorization` as well.
    fn authorization(&self) -> bool {
        self.profile.authorization_under_wildcard == AuthorizationUnderWildcard::Granted
            && self.profile.cached_authorization == CachedAuthorization::AsInResponse
    }
}
