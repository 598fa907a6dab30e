//! Envoy's requests and responses, as a decision sees them.

use bytes::Bytes;
use crossing::server::{
    FieldLine, FieldValue, PolicyText, RequestField, RequestView, ResponseField, ResponseHeaders,
};

use crate::abi::{Buffer, Header, HeaderKind};
use crate::envoy::Stream;

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
pub(crate) struct Request<'s, 'h>(pub(crate) &'s Stream<'h>);

impl Request<'_, '_> {
    fn pseudo(&self, name: &'static str) -> Option<&str> {
        let value = self.0.lines(HeaderKind::Request, name).next()?;
        std::str::from_utf8(value).ok()
    }
}

impl RequestView for Request<'_, '_> {
    type Value = Value;

    #[inline]
    fn method(&self) -> &str {
        self.pseudo(":method").unwrap_or_default()
    }

    #[inline]
    fn lines<'r>(&'r self, field: RequestField) -> impl Iterator<Item: FieldLine<'r, Value = Value>> {
        self.0.lines(HeaderKind::Request, field.name().as_str()).map(Line)
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
        // `:status` is no header.
        self.0.names(HeaderKind::Response).filter(|name| !name.starts_with(':'))
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

/// The headers of an answer that Envoy is to give.
#[derive(Debug, Default)]
pub(crate) struct Reply(Vec<(ResponseField, Value)>);

impl Reply {
    pub(crate) fn with_capacity(count: usize) -> Reply {
        Reply(Vec::with_capacity(count))
    }

    /// Lends the headers as the interface wants them.
    pub(crate) fn lend<T>(&self, to: impl FnOnce(&mut [Header]) -> T) -> T {
        let nothing = Header { name: Buffer::NOTHING, value: Buffer::NOTHING };
        let mut headers = [nothing; ResponseField::ALL.len()];
        for (header, (field, value)) in headers.iter_mut().zip(&self.0) {
            *header =
                Header { name: Buffer::of(field.name().as_str().as_bytes()), value: Buffer::of(&value.0) };
        }
        to(&mut headers[..self.0.len().min(ResponseField::ALL.len())])
    }
}

impl ResponseHeaders for Reply {
    type Value = Value;

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(field, _)| field.name().as_str())
    }

    fn lines(&self, field: ResponseField) -> impl Iterator<Item = &[u8]> {
        self.0.iter().filter(move |(there, _)| *there == field).map(|(_, value)| &*value.0)
    }

    fn set(&mut self, field: ResponseField, value: Value) {
        self.remove(field);
        self.0.push((field, value));
    }

    fn remove(&mut self, field: ResponseField) {
        self.0.retain(|(there, _)| *there != field);
    }
}
