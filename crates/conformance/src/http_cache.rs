//! An HTTP cache that is just enough for the scenarios: `max-age`, validators, `Vary`.

use std::collections::BTreeMap;

use crossing::browser::{CacheQuery, Stored};
use crossing::headers::grammar::decode_and_split;
use crossing::{HeaderList, HeaderName, RequestHead, ResponseHead, Time};
use http::Method;

#[derive(Debug, Default)]
pub(crate) struct HttpCache(BTreeMap<(String, String), Entry>);

#[derive(Debug)]
struct Entry {
    request: RequestHead,
    response: ResponseHead,
    stored: Time,
}

impl HttpCache {
    pub(crate) fn find(&self, query: &CacheQuery, now: Time) -> Stored {
        let key = (query.partition.to_string(), query.head.url.to_string());
        let Some(entry) = self.0.get(&key).filter(|entry| entry.selects(&query.head)) else {
            return Stored::Nothing;
        };
        let response = Box::new(entry.response.clone());
        let age = now.since(entry.stored).as_secs();
        if age < max_age(&entry.response.headers).unwrap_or(0) {
            Stored::Fresh(response)
        } else {
            Stored::Stale(response)
        }
    }

    pub(crate) fn store(
        &mut self,
        partition: &str,
        request: &RequestHead,
        response: &ResponseHead,
        now: Time,
    ) {
        if request.method == Method::GET && response.status == 200 && max_age(&response.headers).is_some() {
            let entry = Entry { request: request.clone(), response: response.clone(), stored: now };
            self.0.insert((partition.to_owned(), request.url.to_string()), entry);
        }
    }

    /// The stored response for this request, with the headers of the 304 in place of its own.
    pub(crate) fn freshen(
        &mut self,
        partition: &str,
        request: &RequestHead,
        not_modified: &ResponseHead,
        now: Time,
    ) -> Option<ResponseHead> {
        let entry = self.0.get_mut(&(partition.to_owned(), request.url.to_string()))?;
        for (name, value) in not_modified.headers.iter() {
            entry.response.headers.set(name.clone(), value.clone());
        }
        entry.stored = now;
        Some(entry.response.clone())
    }
}

impl Entry {
    fn selects(&self, request: &RequestHead) -> bool {
        let Some(vary) = self.response.headers.get(&http::header::VARY) else { return true };
        decode_and_split(&vary).iter().all(|name| {
            HeaderName::from_bytes(name.as_bytes())
                .is_ok_and(|name| self.request.headers.get(&name) == request.headers.get(&name))
        })
    }
}

/// The seconds for which a response is fresh; `None` if it must not be stored, or says nothing.
fn max_age(headers: &HeaderList) -> Option<u64> {
    let directives = headers.get(&http::header::CACHE_CONTROL)?.to_text();
    let mut directives = directives.split(',').map(str::trim);
    if directives.clone().any(|directive| directive == "no-store") {
        return None;
    }
    directives.find_map(|directive| directive.strip_prefix("max-age=")?.parse().ok())
}
