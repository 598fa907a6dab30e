//! The [CORS-preflight cache](https://fetch.spec.whatwg.org/#concept-cache).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::profile::CachedCredentials;
use super::request::CredentialsMode;
use crate::time::Time;

/// What preflights have granted, and until when.
///
/// The caller owns it and lends it to each [`Fetch`](super::Fetch); all fetches of one browser share one. It never
/// holds more than a fixed number of entries: the oldest make room.
#[derive(Clone, Debug, Default)]
pub struct PreflightCache {
    entries: BTreeMap<CacheKey, Vec<Entry>>,
    count: usize,
}

/// What an entry is filed under: [partition](https://fetch.spec.whatwg.org/#concept-cache-key),
/// [origin](https://fetch.spec.whatwg.org/#concept-cache-origin) and
/// [URL](https://fetch.spec.whatwg.org/#concept-cache-url), query and fragment included.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CacheKey {
    pub(super) url: Arc<str>,
    pub(super) origin: Arc<str>,
    pub(super) partition: Arc<str>,
}

/// A method or a header name that was granted; `*` for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Granted {
    Method(Box<str>),
    /// In lower case.
    HeaderName(Box<str>),
}

#[derive(Clone, Debug)]
struct Entry {
    granted: Granted,
    credentials: CredentialsMode,
    stored: Time,
    max_age: Duration,
}

impl Entry {
    fn is_fresh(&self, now: Time) -> bool {
        now.since(self.stored) < self.max_age
    }

    /// A [cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match): an entry made with credentials serves
    /// every request, one made without serves those without.
    fn serves(&self, (credentials, apart): (CredentialsMode, CachedCredentials)) -> bool {
        if apart == CachedCredentials::Apart {
            return (self.credentials == CredentialsMode::Include)
                == (credentials == CredentialsMode::Include);
        }
        self.credentials == CredentialsMode::Include || credentials != CredentialsMode::Include
    }
}

/// An entry, to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreflightCacheEntry<'a> {
    /// The origin that asked.
    pub origin: &'a str,
    /// The URL that it asked for.
    pub url: &'a str,
    /// What was granted.
    pub granted: CachedGrant<'a>,
    /// The credentials mode of the request that it was granted to.
    pub credentials: CredentialsMode,
    /// How long it was granted for.
    pub max_age: Duration,
    /// How much of that is left.
    pub left: Duration,
}

/// What an entry grants; `*` for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CachedGrant<'a> {
    /// A method.
    Method(&'a str),
    /// A header name, in lower case.
    HeaderName(&'a str),
}

/// What a look-up found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheLookUp {
    /// An entry that serves the request.
    Hit,
    /// Nothing is known of this origin and URL.
    MissUnknown,
    /// What is known does not grant this method or header.
    MissNotGranted,
    /// It was granted to requests without credentials only.
    MissCredentials,
    /// It was granted, too long ago.
    MissExpired,
}

impl PreflightCache {
    /// The most entries that the cache holds.
    pub const CAPACITY: usize = 16_384;

    /// An empty cache.
    pub fn new() -> PreflightCache {
        PreflightCache::default()
    }

    /// How many entries it holds, expired ones included.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The entries that are fresh, by URL and origin.
    pub fn entries(&self, now: Time) -> impl Iterator<Item = PreflightCacheEntry<'_>> {
        let all =
            self.entries.iter().flat_map(|(key, entries)| entries.iter().map(move |entry| (key, entry)));
        all.filter(move |(_, entry)| entry.is_fresh(now)).map(move |(key, entry)| PreflightCacheEntry {
            origin: &key.origin,
            url: &key.url,
            granted: match &entry.granted {
                Granted::Method(name) => CachedGrant::Method(name),
                Granted::HeaderName(name) => CachedGrant::HeaderName(name),
            },
            credentials: entry.credentials,
            max_age: entry.max_age,
            left: entry.max_age.saturating_sub(now.since(entry.stored)),
        })
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = PreflightCache::default();
    }

    /// A [method](https://fetch.spec.whatwg.org/#concept-cache-match-method) or
    /// [header-name cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match-header), for the entries that
    /// `grants` says grant it: it is told what was granted, and to a request of which credentials.
    pub(super) fn look_up(
        &self,
        key: &CacheKey,
        credentials: (CredentialsMode, CachedCredentials),
        now: Time,
        grants: impl Fn(&Granted, CredentialsMode) -> bool,
    ) -> CacheLookUp {
        let Some(entries) = self.entries.get(key) else { return CacheLookUp::MissUnknown };
        let mut best = CacheLookUp::MissNotGranted;
        for entry in entries.iter().filter(|entry| grants(&entry.granted, entry.credentials)) {
            match (entry.serves(credentials), entry.is_fresh(now)) {
                (true, true) => return CacheLookUp::Hit,
                (false, true) => best = CacheLookUp::MissCredentials,
                (_, false) if best == CacheLookUp::MissNotGranted => best = CacheLookUp::MissExpired,
                _ => {}
            }
        }
        best
    }

    /// Stores one granted method or name: where a fresh entry matches it, that entry's max-age is set; else
    /// [a new entry is created](https://fetch.spec.whatwg.org/#concept-cache-create-entry).
    ///
    /// The standard sets the max-age of a matching entry without saying from when it counts. Here it counts from now:
    /// the server has just said so.
    pub(super) fn store(
        &mut self,
        key: &CacheKey,
        credentials: (CredentialsMode, CachedCredentials),
        granted: Granted,
        max_age: Duration,
        now: Time,
        matches: impl Fn(&Granted, CredentialsMode) -> bool,
    ) {
        self.remove_expired(key, now);
        let entries = self.entries.entry(key.clone()).or_default();
        let mut found = false;
        for entry in entries
            .iter_mut()
            .filter(|entry| entry.serves(credentials) && matches(&entry.granted, entry.credentials))
        {
            entry.max_age = max_age;
            entry.stored = now;
            found = true;
        }
        if !found {
            entries.push(Entry { granted, credentials: credentials.0, stored: now, max_age });
            self.count += 1;
        }
        if max_age.is_zero() {
            self.remove_expired(key, now);
        }
        if self.count > PreflightCache::CAPACITY {
            self.make_room(now);
        }
    }

    /// [Clears the entries](https://fetch.spec.whatwg.org/#concept-cache-clear) of a partition, origin and URL. Says how
    /// many there were.
    pub(super) fn clear_entries(&mut self, key: &CacheKey) -> usize {
        let removed = self.entries.remove(key).map_or(0, |entries| entries.len());
        self.count -= removed;
        removed
    }

    fn remove_expired(&mut self, key: &CacheKey, now: Time) {
        let Some(entries) = self.entries.get_mut(key) else { return };
        let before = entries.len();
        entries.retain(|entry| entry.is_fresh(now));
        self.count -= before - entries.len();
        if entries.is_empty() {
            self.entries.remove(key);
        }
    }

    /// Drops what has expired, and then the older half if that was not enough.
    fn make_room(&mut self, now: Time) {
        let mut times: Vec<Time> =
            self.entries.values().flatten().filter(|e| e.is_fresh(now)).map(|e| e.stored).collect();
        let keep_since = if times.len() > PreflightCache::CAPACITY {
            let middle = times.len() / 2;
            *times.select_nth_unstable(middle).1
        } else {
            Time::ZERO
        };
        let mut kept = 0;
        self.entries.retain(|_, entries| {
            entries.retain(|entry| entry.is_fresh(now) && entry.stored >= keep_since);
            kept += entries.len();
            !entries.is_empty()
        });
        self.count = kept;
        if self.count > PreflightCache::CAPACITY {
            // All of one moment: none is older than another.
            self.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: CachedCredentials = CachedCredentials::ServeBoth;

    fn key(url: &str) -> CacheKey {
        CacheKey { url: url.into(), origin: "https://a.test".into(), partition: "https://a.test".into() }
    }

    fn put(cache: &mut PreflightCache) -> Granted {
        let granted = Granted::Method("PUT".into());
        let same = granted.clone();
        cache.store(
            &key("u"),
            (CredentialsMode::Omit, BOTH),
            granted.clone(),
            Duration::from_secs(5),
            Time::from_secs(10),
            |g, _| *g == same,
        );
        granted
    }

    #[test]
    fn an_entry_serves_until_its_age_is_reached() {
        let mut cache = PreflightCache::new();
        let granted = put(&mut cache);
        let at = |seconds| {
            cache.look_up(&key("u"), (CredentialsMode::Omit, BOTH), Time::from_secs(seconds), |g, _| {
                *g == granted
            })
        };
        assert_eq!(at(14), CacheLookUp::Hit);
        assert_eq!(at(15), CacheLookUp::MissExpired);
    }

    #[test]
    fn entries_tell_what_is_left_of_them() {
        let mut cache = PreflightCache::new();
        put(&mut cache);
        let left = |seconds| cache.entries(Time::from_secs(seconds)).map(|e| e.left).collect::<Vec<_>>();
        assert_eq!(left(12), [Duration::from_secs(3)]);
        assert_eq!(left(15), []);
        let entry = cache.entries(Time::from_secs(10)).next().unwrap();
        assert_eq!((entry.url, entry.granted), ("u", CachedGrant::Method("PUT")));
    }

    #[test]
    fn credentials_need_an_entry_made_with_them() {
        let mut cache = PreflightCache::new();
        let granted = put(&mut cache);
        let now = Time::from_secs(11);
        let found = cache.look_up(&key("u"), (CredentialsMode::Include, BOTH), now, |g, _| *g == granted);
        assert_eq!(found, CacheLookUp::MissCredentials);
        assert_eq!(
            cache.look_up(&key("v"), (CredentialsMode::Omit, BOTH), now, |_, _| true),
            CacheLookUp::MissUnknown
        );
    }

    #[test]
    fn it_stays_bounded() {
        let mut cache = PreflightCache::new();
        for n in 0..PreflightCache::CAPACITY as u64 * 2 {
            let granted = Granted::HeaderName("x".into());
            cache.store(
                &key(&n.to_string()),
                (CredentialsMode::Omit, BOTH),
                granted,
                Duration::from_secs(1 << 40),
                Time::from_secs(n),
                |_, _| true,
            );
            assert!(cache.len() <= PreflightCache::CAPACITY);
        }
        let newest = key(&(PreflightCache::CAPACITY as u64 * 2 - 1).to_string());
        let found =
            cache.look_up(&newest, (CredentialsMode::Omit, BOTH), Time::from_secs(1 << 20), |_, _| true);
        assert_eq!(found, CacheLookUp::Hit, "the newest stays");
    }
}
