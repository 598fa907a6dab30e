//! Envoy's requests and responses, as a decision sees them.

use bytes::Bytes;
use crossing::server::{
    Answer, FieldLine, FieldValue, PolicyText, RequestField, RequestView, ResponseField, ResponseHeaders,
};

use crate::abi::{Buffer, Header, HeaderKind};
use crate::envoy::{Headers, Stream};

/// A header value, kept between request and response; shares the policy's memory where it can.
#[derive(Clone, Debug)]
pub(crate) struct Value(Bytes);

impl FieldValue for Value {
    #[inline]
    fn from_policy(text: PolicyText<'_>) -> Value {
        Value(text.to_bytes())
    }

    fn from_text(text: Bytes) -> Option<Value> {
        Some(Value(text))
    }
}

/// A line of a request.
#[derive(Clone, Copy)]
struct Line<'r>(&'r [u8]);

impl<'r> FieldLine<'r> for Line<'r> {
    type Value = Value;

    #[inline]
    fn as_bytes(self) -> &'r [u8] {
        self.0
    }

    fn to_value(self) -> Value {
        Value(Bytes::copy_from_slice(self.0))
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
    type Value = Value;

    #[inline]
    fn method(&self) -> &str {
        self.pseudo(":method").unwrap_or_default()
    }

    #[inline]
    fn lines<'r>(&'r self, field: RequestField) -> impl Iterator<Item: FieldLine<'r, Value = Value>> {
        self.0.lines(field.name().as_str()).map(Line)
    }

    /// Envoy has the `Host` of HTTP/1.1 here, too.
    fn authority(&self) -> Option<&str> {
        self.pseudo(":authority")
    }
}

/// The headers of a stream's response.
pub(crate) struct Response<'s, 'h>(pub(crate) &'s mut Stream<'h>);

impl ResponseHeaders for Response<'_, '_> {
    type Value = Value;

    #[inline]
    fn names(&self) -> impl Iterator<Item = &str> {
        Names { headers: self.0.headers(HeaderKind::Response), next: 0 }
    }

    #[inline]
    fn lines(&self, field: ResponseField) -> impl Iterator<Item = &[u8]> {
        self.0.lines(HeaderKind::Response, field.name().as_str())
    }

    #[inline]
    fn set(&mut self, field: ResponseField, value: Value) {
        self.0.set(field.name().as_str(), &value.0);
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
#[derive(Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(ResponseField, Value)>,
}

impl Reply {
    pub(crate) fn new(answer: Answer<Value>) -> Reply {
        let mut reply = Reply { status: answer.status(), headers: Vec::with_capacity(answer.header_count()) };
        answer.apply(&mut reply);
        reply
    }

    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// Lends the headers as the interface wants them: `:status` first.
    pub(crate) fn lend(&self, to: impl FnOnce(&mut [Header])) {
        let digits = [100, 10, 1].map(|unit| b'0' + (self.status / unit % 10) as u8);
        let nothing = Header { name: Buffer::NOTHING, value: Buffer::NOTHING };
        let mut headers = [nothing; 1 + ResponseField::ALL.len()];
        headers[0] = Header { name: Buffer::of(b":status"), value: Buffer::of(&digits) };
        let mut count = 1;
        for (header, (field, value)) in headers[1..].iter_mut().zip(&self.headers) {
            *header =
                Header { name: Buffer::of(field.name().as_str().as_bytes()), value: Buffer::of(&value.0) };
            count += 1;
        }
        to(&mut headers[..count]);
    }
}

impl ResponseHeaders for Reply {
    type Value = Value;

    fn names(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().map(|(field, _)| field.name().as_str())
    }

    fn lines(&self, field: ResponseField) -> impl Iterator<Item = &[u8]> {
        self.headers.iter().filter(move |(there, _)| *there == field).map(|(_, value)| &*value.0)
    }

    fn set(&mut self, field: ResponseField, value: Value) {
        // Envoy says itself that there is no body, in each protocol's way.
        if field == ResponseField::ContentLength {
            return;
        }
        match self.headers.iter_mut().find(|(there, _)| *there == field) {
            Some((_, there)) => *there = value,
            None => self.headers.push((field, value)),
        }
    }

    fn remove(&mut self, field: ResponseField) {
        self.headers.retain(|(there, _)| *there != field);
    }
}
