//! `blob:` URLs: [scheme fetch](https://fetch.spec.whatwg.org/#scheme-fetch), from the script's own store.

use std::collections::HashMap;
use std::ops::Range;

use bytes::Bytes;
use crossing::browser::{BodyAccess, Request, Response, ResponseType};
use crossing::headers::{HeaderList, Value, names};
use http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, RANGE};
use http::{HeaderName, Method};

use crate::network::{NetworkEvent, RequestBodySent};

/// What a URL of the store stands for.
pub(crate) struct Blob {
    pub(crate) bytes: Bytes,
    pub(crate) kind: String,
}

/// The [blob URL store](https://w3c.github.io/FileAPI/#BlobURLStore).
#[derive(Default)]
pub(crate) struct BlobStore(HashMap<String, Blob>);

impl BlobStore {
    pub(crate) fn insert(&mut self, url: String, blob: Blob) {
        self.0.insert(url, blob);
    }

    pub(crate) fn remove(&mut self, url: &str) {
        self.0.remove(url);
    }

    /// All events of a fetch of this request.
    pub(crate) fn respond(&self, request: &Request) -> Vec<NetworkEvent> {
        let mut url = request.url().clone();
        url.set_fragment(None);
        let blob = self.0.get(url.as_str()).filter(|_| *request.method() == Method::GET);
        blob.and_then(|blob| blob.respond(request))
            .unwrap_or_else(|| vec![NetworkEvent::Failed(RequestBodySent::No)])
    }
}

impl Blob {
    fn respond(&self, request: &Request) -> Option<Vec<NetworkEvent>> {
        let whole = self.bytes.len();
        let mut headers = HeaderList::new();
        let mut add = |name: HeaderName, text: &str| {
            if let Ok(value) = Value::new(text) {
                headers.append(name, value);
            }
        };
        let (status, text, part) = match request.headers().get(&RANGE) {
            None => (200, "OK", 0..whole),
            Some(value) => match range(value.as_bytes(), whole) {
                Some(part) => (206, "Partial Content", part),
                None => return None,
            },
        };
        add(CONTENT_LENGTH, &part.len().to_string());
        add(names::CONTENT_TYPE, &self.kind);
        if status == 206 {
            add(CONTENT_RANGE, &format!("bytes {}-{}/{whole}", part.start, part.end.saturating_sub(1)));
            add(ACCEPT_RANGES, "bytes");
        }
        let head = Response {
            kind: ResponseType::Basic,
            status,
            status_text: text.as_bytes().to_vec(),
            headers,
            url_list: vec![request.url().clone()],
            body: BodyAccess::Readable,
            timing_allowed: true,
        };
        let body = self.bytes.slice(part);
        let head = NetworkEvent::Head(Box::new(head), RequestBodySent::No);
        Some(vec![head, NetworkEvent::Chunk(body), NetworkEvent::End])
    }
}

/// [Parses a single range header value](https://fetch.spec.whatwg.org/#simple-range-header-value), white space allowed.
fn range(value: &[u8], whole: usize) -> Option<Range<usize>> {
    let text = std::str::from_utf8(value).ok()?.strip_prefix("bytes")?;
    let text = text.trim_start_matches([' ', '\t']).strip_prefix('=')?;
    let (start, end) = text.split_once('-')?;
    let number = |text: &str| {
        let text = text.trim_matches([' ', '\t']);
        match text.is_empty() {
            true => Some(None),
            false if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse::<usize>().ok().map(Some),
            false => None,
        }
    };
    match (number(start)?, number(end)?) {
        (None, None) => None,
        (None, Some(last)) => Some(whole.saturating_sub(last)..whole),
        (Some(start), None) => (start < whole).then_some(start..whole),
        (Some(start), Some(end)) => {
            (start <= end && start < whole).then(|| start..end.saturating_add(1).min(whole))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_one_part_of_what_is_there() {
        for (value, part) in [
            ("bytes=0-1", Some(0..2)),
            ("bytes=2-", Some(2..5)),
            ("bytes=-2", Some(3..5)),
            ("bytes \t= 1 - 9", Some(1..5)),
            ("bytes=-9", Some(0..5)),
            ("bytes=5-", None),
            ("bytes=2-1", None),
            ("bytes=-", None),
            ("bytes=0-0,2-2", None),
            ("bytes=+0-1", None),
            ("lines=0-1", None),
        ] {
            assert_eq!(range(value.as_bytes(), 5), part, "{value}");
        }
    }
}
