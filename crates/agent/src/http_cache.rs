//! A private [HTTP cache](https://www.rfc-editor.org/rfc/rfc9111.html), partitioned by the core's key. The library decides what is
//! fresh, what may be stored, and what `Vary` means.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use crossing::browser::Stored;
use crossing::{HeaderList, HeaderName, RequestHead, ResponseHead, Time, Value};
use http::header::{AGE, CACHE_CONTROL, DATE, ETAG, EXPIRES, LAST_MODIFIED, PRAGMA, VARY};
use http::{HeaderMap, Method, Uri};
use http_cache_semantics::{BeforeRequest, CacheOptions, CachePolicy, RequestLike};
use url::{Position, Url};

use crate::sync::lock;

/// One response may take at most this fraction of the cache.
const MAX_SHARE: usize = 8;

/// Stored responses, bounded in size: the least recently used are evicted first.
pub(crate) struct HttpCache {
    responses: BTreeMap<CacheKey, Vec<StoredResponse>>,
    size: usize,
    limit: usize,
    tick: u64,
}

/// A URL within an [HTTP cache partition](https://fetch.spec.whatwg.org/#determine-the-http-cache-partition).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CacheKey {
    url: String,
    partition: Arc<str>,
}

impl CacheKey {
    pub(crate) fn new(url: &Url, partition: &Arc<str>) -> CacheKey {
        CacheKey { url: without_fragment(url), partition: partition.clone() }
    }
}

fn without_fragment(url: &Url) -> String {
    url[..Position::AfterQuery].to_owned()
}

/// A stored response.
struct StoredResponse {
    policy: CachePolicy,
    /// The request headers that matter to caches.
    request: HeaderList,
    head: ResponseHead,
    body: Bytes,
    used: u64,
}

impl StoredResponse {
    /// Whether it can answer a request for its URL with these headers.
    fn fits(&self, request: &HeaderList) -> bool {
        // Without `Vary`, it can answer all of them.
        !self.head.headers.contains(&VARY)
            || match self.policy.before_request(&CacheRequest::get(request), SystemTime::UNIX_EPOCH) {
                BeforeRequest::Fresh(_) => true,
                BeforeRequest::Stale { matches, .. } => matches,
            }
    }

    /// Whether it fits and is certainly stale: neither it nor the request has a header that needs the full check.
    fn is_plainly_stale(&self, request: &RequestHead, now: Time) -> bool {
        request.method == Method::GET
            && !request.headers.contains(&CACHE_CONTROL)
            && !self.head.headers.contains(&VARY)
            && (!self.head.headers.iter().any(|(name, _)| FRESHNESS_FIELDS.contains(name))
                || self.policy.is_stale(system_time(now)))
    }

    fn size(&self) -> usize {
        let lines: usize = self.head.headers.iter().map(|(n, v)| n.as_str().len() + v.as_bytes().len()).sum();
        // What the policy and the request hold is about as much again.
        self.body.len() + 2 * lines + 512
    }
}

/// A response that may be stored once its body is there.
pub(crate) struct StorableResponse {
    key: CacheKey,
    entry: Box<StoredResponse>,
}

/// A body on its way into the cache.
pub(crate) struct CacheWriter {
    cache: Arc<Mutex<HttpCache>>,
    storable: StorableResponse,
    body: Vec<u8>,
    limit: usize,
}

impl CacheWriter {
    pub(crate) fn new(cache: Arc<Mutex<HttpCache>>, storable: StorableResponse) -> CacheWriter {
        let limit = lock(&cache).limit / MAX_SHARE;
        CacheWriter { cache, storable, body: Vec::new(), limit }
    }

    /// Takes the next bytes; false if the body is too large to be stored.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> bool {
        self.body.extend_from_slice(bytes);
        self.body.len() <= self.limit
    }

    pub(crate) fn finish(self) {
        lock(&self.cache).insert(self.storable, self.body.into());
    }
}

/// What a look-up found, [fresh](https://fetch.spec.whatwg.org/#concept-fresh-response) or not, and the body that belongs to it.
pub(crate) struct CacheHit {
    pub(crate) stored: Stored,
    pub(crate) body: Bytes,
}

impl HttpCache {
    pub(crate) fn new(limit: usize) -> HttpCache {
        HttpCache { responses: BTreeMap::new(), size: 0, limit, tick: 0 }
    }

    pub(crate) fn find(&mut self, key: &CacheKey, request: &RequestHead, now: Time) -> Option<CacheHit> {
        let variants = self.responses.get_mut(key)?;
        // Most stale responses do not need it.
        let cache_request =
            LazyCell::new(|| CacheRequest { method: &request.method, ..CacheRequest::get(&request.headers) });
        self.tick += 1;
        let tick = self.tick;
        // The newest first: of two that fit, it is the one to use.
        variants.iter_mut().rev().find_map(|entry| {
            let head = || Box::new(entry.head.clone());
            let stored = if entry.is_plainly_stale(request, now) {
                Stored::Stale(head())
            } else {
                match entry.policy.before_request(&*cache_request, system_time(now)) {
                    BeforeRequest::Fresh(_) => Stored::Fresh(head()),
                    BeforeRequest::Stale { matches: true, .. } => Stored::Stale(head()),
                    BeforeRequest::Stale { .. } => return None,
                }
            };
            entry.used = tick;
            Some(CacheHit { stored, body: entry.body.clone() })
        })
    }

    /// Updates the stored response that was used last with the head of a 304
    /// ([freshening](https://www.rfc-editor.org/rfc/rfc9111.html#section-3.2)).
    pub(crate) fn freshen(
        &mut self,
        key: &CacheKey,
        update: &ResponseHead,
        now: Time,
    ) -> Option<ResponseHead> {
        let entry = self.responses.get_mut(key)?.iter_mut().max_by_key(|entry| entry.used)?;
        merge(&mut entry.head.headers, &update.headers);
        entry.policy = policy(&entry.request, &entry.head, now);
        Some(entry.head.clone())
    }

    pub(crate) fn insert(&mut self, storable: StorableResponse, body: Bytes) {
        let StorableResponse { key, mut entry } = storable;
        entry.body = body;
        let size = entry.size();
        if size > self.limit / MAX_SHARE {
            return;
        }
        self.tick += 1;
        entry.used = self.tick;
        let variants = self.responses.entry(key).or_default();
        variants.retain(|old| {
            let fits = old.fits(&entry.request);
            if fits {
                self.size -= old.size();
            }
            !fits
        });
        variants.push(*entry);
        self.size += size;
        while self.size > self.limit && self.evict() {}
    }

    /// An unsafe method has changed the resource: its stored responses are removed
    /// ([invalidation](https://www.rfc-editor.org/rfc/rfc9111.html#section-4.4)).
    pub(crate) fn invalidate(&mut self, url: &Url) {
        let first = CacheKey { url: without_fragment(url), partition: "".into() };
        let of_url: Vec<CacheKey> = self
            .responses
            .range(first.clone()..)
            .map(|(key, _)| key)
            .take_while(|key| key.url == first.url)
            .cloned()
            .collect();
        for key in of_url {
            let gone = self.responses.remove(&key).unwrap_or_default();
            self.size -= gone.iter().map(StoredResponse::size).sum::<usize>();
        }
    }

    fn evict(&mut self) -> bool {
        let last_use = |variants: &[StoredResponse]| variants.iter().map(|entry| entry.used).max();
        let oldest = self.responses.iter().min_by_key(|(_, variants)| last_use(variants));
        let Some(key) = oldest.map(|(key, _)| key.clone()) else { return false };
        let gone = self.responses.remove(&key).unwrap_or_default();
        self.size -= gone.iter().map(StoredResponse::size).sum::<usize>();
        true
    }
}

impl StorableResponse {
    /// Whether HTTP allows the response to be stored.
    pub(crate) fn new(
        key: CacheKey,
        request: &RequestHead,
        head: &ResponseHead,
        now: Time,
    ) -> Option<StorableResponse> {
        // A part of a resource is not the resource.
        if request.method != Method::GET || head.status.as_u16() == 206 {
            return None;
        }
        // Any line of the request may be one that the response names.
        let names = if head.headers.contains(&VARY) { None } else { Some(REQUEST_FIELDS) };
        let lines = request.headers.iter().filter(|(name, _)| names.is_none_or(|names| names.contains(name)));
        let request = lines.map(|(name, value)| (name.clone(), value.clone())).collect();
        let policy = policy(&request, head, now);
        policy.is_storable().then(|| {
            let entry = StoredResponse { policy, request, head: head.clone(), body: Bytes::new(), used: 0 };
            StorableResponse { key, entry: Box::new(entry) }
        })
    }
}

/// Whether a request of this method may change what it asks for.
pub(crate) fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

/// The request headers that caches read, except those that a response names in `Vary`.
const REQUEST_FIELDS: &[HeaderName] = &[CACHE_CONTROL, PRAGMA];

/// The response headers that caches read.
const RESPONSE_FIELDS: &[HeaderName] =
    &[AGE, CACHE_CONTROL, DATE, ETAG, EXPIRES, LAST_MODIFIED, PRAGMA, VARY];

/// The response headers that state how long it is fresh. Without one of them it never is.
const FRESHNESS_FIELDS: &[HeaderName] = &[CACHE_CONTROL, EXPIRES, LAST_MODIFIED];

fn policy(request: &HeaderList, head: &ResponseHead, now: Time) -> CachePolicy {
    let mut response = http::Response::new(());
    *response.status_mut() = head.status;
    *response.headers_mut() =
        header_map(head.headers.iter().filter(|(name, _)| RESPONSE_FIELDS.contains(name)));
    let options = CacheOptions { shared: false, ..CacheOptions::default() };
    CachePolicy::new_options(&CacheRequest::get(request), &response, system_time(now), options)
}

/// A request, as the library reads it. Its URL is the key under which responses are stored.
struct CacheRequest<'a> {
    method: &'a Method,
    headers: HeaderMap,
}

impl CacheRequest<'_> {
    /// A `GET` with these lines: no other is stored.
    fn get(headers: &HeaderList) -> CacheRequest<'static> {
        CacheRequest { method: &Method::GET, headers: header_map(headers.iter()) }
    }
}

impl RequestLike for CacheRequest<'_> {
    fn uri(&self) -> Uri {
        Uri::default()
    }

    fn is_same_uri(&self, _other: &Uri) -> bool {
        true
    }

    fn method(&self) -> &Method {
        self.method
    }

    fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

/// The headers as a map of `http`; a value that it cannot hold does not matter to a cache.
fn header_map<'a>(lines: impl Iterator<Item = (&'a HeaderName, &'a Value)>) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in lines {
        if let Some(value) = value.to_http() {
            let _ = map.try_append(name, value);
        }
    }
    map
}

/// Lines of the update replace those of the same name; what describes the body stays.
fn merge(headers: &mut HeaderList, update: &HeaderList) {
    const REPRESENTATION_FIELDS: [HeaderName; 4] = [
        http::header::CONTENT_LENGTH,
        http::header::CONTENT_ENCODING,
        http::header::CONTENT_RANGE,
        http::header::TRANSFER_ENCODING,
    ];
    let replaces = |name: &HeaderName| !REPRESENTATION_FIELDS.contains(name);
    headers.retain(|name, _| !(replaces(name) && update.contains(name)));
    let lines = update.iter().filter(|(name, _)| replaces(name));
    headers.extend(lines.map(|(name, value)| (name.clone(), value.clone())));
}

fn system_time(time: Time) -> SystemTime {
    SystemTime::UNIX_EPOCH
        .checked_add(time.0)
        .unwrap_or(SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 33))
}
