//! Envoy's requests and responses, as a decision sees them.

use crossing::server::{Answer, FieldLine, RequestField, RequestView, ResponseField, ResponseHeaders};

use http::HeaderValue;

use crate::abi::{Buffer, Header, HeaderKind};
use crate::envoy::{Headers, Stream};

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
pub(crate) struct Request<'s>(Headers<'s>);

impl<'s> Request<'s> {
    pub(crate) fn of(stream: &'s Stream<'_>) -> Request<'s> {
        Request(stream.headers(HeaderKind::Request))
    }

    fn pseudo(&self, name: &'static str) -> Option<&'s str> {
        std::str::from_utf8(self.0.lines(name).next()?).ok()
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
        self.0.lines(field.name().as_str()).map(Line)
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
    fn names(&self) -> impl Iterator<Item = &str> {
        Names { headers: self.0.headers(HeaderKind::Response), next: 0 }
    }

    #[inline]
    fn lines(&self, field: ResponseField) -> impl Iterator<Item = &[u8]> {
        self.0.lines(HeaderKind::Response, field.name().as_str())
    }

    #[inline]
    fn set(&mut self, field: ResponseField, value: HeaderValue) {
        self.0.set(field.name().as_str(), value.as_bytes());
    }

    fn remove(&mut self, field: ResponseField) {
        self.0.remove(field.name().as_str());
    }
}

/// The names of a response's headers.
struct Names<'s> {
    headers: Headers<'s>,
    next: usize,
}

impl<'s> Iterator for Names<'s> {
    type Item = &'s str;

    #[inline]
    fn next(&mut self) -> Option<&'s str> {
        loop {
            let name = self.headers.name(self.next)?;
            self.next += 1;
            // `:status` is no header.
            if let Ok(name) = std::str::from_utf8(name)
                && !name.starts_with(':')
            {
                return Some(name);
            }
        }
    }
}

/// An answer that Envoy is to give.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    status: u16,
    headers: [Option<(ResponseField, HeaderValue)>; ResponseField::ALL.len()],
}

impl Reply {
    /// Takes an answer. It is filled where it stands, for it is large.
    pub(crate) fn fill(&mut self, answer: Answer<HeaderValue>) {
        self.status = answer.status();
        answer.apply(self);
    }

    /// Lends the headers as the interface wants them: `:status` first.
    pub(crate) fn lend(&self, to: impl FnOnce(&mut [Header])) {
        let digits = [100, 10, 1].map(|unit| b'0' + (self.status / unit % 10) as u8);
        let status = Header { name: Buffer::of(b":status"), value: Buffer::of(&digits) };
        let mut headers = [status; 1 + ResponseField::ALL.len()];
        let mut count = 1;
        for (header, (field, value)) in headers[1..].iter_mut().zip(self.headers.iter().flatten()) {
            let name = Buffer::of(field.name().as_str().as_bytes());
            *header = Header { name, value: Buffer::of(value.as_bytes()) };
            count += 1;
        }
        to(&mut headers[..count]);
    }
}

impl ResponseHeaders for Reply {
    type Value = HeaderValue;

    fn names(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().flatten().map(|(field, _)| field.name().as_str())
    }

    fn lines(&self, field: ResponseField) -> impl Iterator<Item = &[u8]> {
        let headers = self.headers.iter().flatten();
        headers.filter(move |(there, _)| *there == field).map(|(_, value)| value.as_bytes())
    }

    fn set(&mut self, field: ResponseField, value: HeaderValue) {
        // Envoy says itself that there is no body, in each protocol's way.
        if field == ResponseField::ContentLength {
            return;
        }
        let mut places = self.headers.iter_mut();
        // There is a place for each field.
        if let Some(place) = places.find(|place| place.as_ref().is_none_or(|(there, _)| *there == field)) {
            *place = Some((field, value));
        }
    }

    fn remove(&mut self, field: ResponseField) {
        for place in &mut self.headers {
            if place.as_ref().is_some_and(|(there, _)| *there == field) {
                *place = None;
            }
        }
    }
}
