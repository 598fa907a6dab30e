//! Envoy's requests and responses, as a decision sees them.

use crossing::server::{Answer, FieldLine, RequestField, RequestView, ResponseField, ResponseHeaders};

use http::HeaderValue;

use crate::abi::{Buffer, Header, HeaderKind};
use crate::envoy::{Headers, Room, Stream};

/// A line of a request.
#[derive(Clone, Copy)]
struct Line<'r>(&'r [u8]);

impl<'r> FieldLine<'r> for Line<'r> {
    type Value = HeaderValue;

    #[inline]
    fn as_bytes(self) -> &'r [u8] {
        self.0
    }

    /// What is kept of a request was granted, and is text.
    fn to_value(self) -> HeaderValue {
        HeaderValue::from_bytes(self.0).unwrap_or(HeaderValue::from_static(""))
    }
}

/// The request of a stream.
pub(crate) struct Request<'s> {
    headers: Headers<'s>,
    /// Where the lines of each [`RequestField`] are: from the first to behind the last.
    places: [(usize, usize); RequestField::ALL.len()],
}

impl<'s> Request<'s> {
    #[inline]
    pub(crate) fn of(stream: &'s Stream<'_>, room: &'s mut Room) -> Request<'s> {
        let headers = stream.headers(HeaderKind::Request, room);
        let mut places = [(usize::MAX, 0); RequestField::ALL.len()];
        for (nth, name) in headers.names().enumerate() {
            if let Some(field) = RequestField::from_name(name) {
                let (first, behind) = &mut places[field as usize];
                *first = nth.min(*first);
                *behind = nth + 1;
            }
        }
        Request { headers, places }
    }

    fn pseudo(&self, name: &'static str) -> Option<&'s str> {
        std::str::from_utf8(self.headers.lines(name).next()?).ok()
    }
}

impl RequestView for Request<'_> {
    type Value = HeaderValue;

    #[inline]
    fn method(&self) -> &str {
        self.pseudo(":method").unwrap_or_default()
    }

    #[inline]
    fn lines<'r>(&'r self, field: RequestField) -> impl Iterator<Item: FieldLine<'r, Value = HeaderValue>> {
        let (first, behind) = self.places[field as usize];
        self.headers.among(first..behind).lines(field.name().as_str()).map(Line)
    }

    /// Envoy has the `Host` of HTTP/1.1 here, too.
    fn authority(&self) -> Option<&str> {
        self.pseudo(":authority")
    }

    /// Envoy says so in every version of HTTP.
    fn scheme(&self) -> Option<&str> {
        self.pseudo(":scheme")
    }
}

/// The headers of a stream's response.
pub(crate) struct Response<'s, 'h>(pub(crate) &'s mut Stream<'h>);

impl ResponseHeaders for Response<'_, '_> {
    type Value = HeaderValue;

    #[inline]
    fn names(&self) -> impl Iterator<Item = &[u8]> {
        // `:status` is no header.
        self.0.names(HeaderKind::Response).filter(|name| !name.starts_with(b":"))
    }

    #[inline]
    fn lines(&self, field: ResponseField) -> impl Iterator<Item = &[u8]> {
        self.0.lines(HeaderKind::Response, field.name().as_str())
    }

    #[inline]
    fn set(&mut self, field: ResponseField, value: HeaderValue) {
        self.0.set(field.name().as_str(), value.as_bytes());
    }

    #[inline]
    fn add(&mut self, field: ResponseField, value: HeaderValue) {
        self.0.add(field.name().as_str(), value.as_bytes());
    }

    fn remove(&mut self, field: ResponseField) {
        self.0.remove(field.name().as_str());
    }
}

/// Lends an answer's headers as the interface wants them: `:status` first.
#[inline]
pub(crate) fn lend(answer: &Answer<HeaderValue>, to: impl FnOnce(&mut [Header])) {
    let digits = [100, 10, 1].map(|unit| b'0' + (answer.status() / unit % 10) as u8);
    let status = Header { name: Buffer::of(b":status"), value: Buffer::of(&digits) };
    let mut headers = [status; 1 + ResponseField::ALL.len()];
    let mut count = 1;
    answer.lend(|field, value| {
        // Envoy says itself that there is no body, in each protocol's way. For every other field there is a place.
        if field != ResponseField::ContentLength
            && let Some(place) = headers.get_mut(count)
        {
            let name = Buffer::of(field.name().as_str().as_bytes());
            *place = Header { name, value: Buffer::of(value) };
            count += 1;
        }
    });
    to(&mut headers[..count]);
}
