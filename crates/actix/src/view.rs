//! actix-web's requests and responses, as a decision sees them. actix-web has the `http` crate's version 0.2.

use actix_web::dev::RequestHead;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::Bytes;
use crossing::server::{
    FieldLine, FieldValue, PolicyText, RequestField, RequestView, ResponseField, ResponseHeaders,
};

/// A header value of actix-web's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value(pub(crate) HeaderValue);

impl FieldValue for Value {
    #[inline]
    fn from_policy(text: PolicyText<'_>) -> Value {
        text.to_other(|text| shared(text).unwrap_or_else(|| Value(HeaderValue::from_static(""))))
    }

    fn from_text(text: Bytes) -> Option<Value> {
        shared(text)
    }
}

fn shared(text: Bytes) -> Option<Value> {
    HeaderValue::from_maybe_shared(text).ok().map(Value)
}

/// A line of a request.
#[derive(Clone, Copy)]
struct Line<'r>(&'r HeaderValue);

impl<'r> FieldLine<'r> for Line<'r> {
    type Value = Value;

    #[inline]
    fn as_bytes(self) -> &'r [u8] {
        self.0.as_bytes()
    }

    #[inline]
    fn to_value(self) -> Value {
        Value(self.0.clone())
    }

    /// The request's own value is at hand; the policy's would have to be made.
    #[inline]
    fn to_value_of(self, _: PolicyText<'_>) -> Value {
        self.to_value()
    }
}

/// A request of actix-web's, for [`Policy::decide`](crossing::server::Policy::decide).
#[derive(Debug)]
pub struct Request<'r>(pub &'r RequestHead);

impl RequestView for Request<'_> {
    type Value = Value;

    #[inline]
    fn method(&self) -> &str {
        self.0.method.as_str()
    }

    #[inline]
    fn lines<'r>(&'r self, field: RequestField) -> impl Iterator<Item: FieldLine<'r, Value = Value>> {
        let name = match field {
            RequestField::Origin => header::ORIGIN,
            RequestField::RequestMethod => header::ACCESS_CONTROL_REQUEST_METHOD,
            RequestField::RequestHeaders => header::ACCESS_CONTROL_REQUEST_HEADERS,
            RequestField::Host => header::HOST,
            other => HeaderName::from_static(other.name().as_str()),
        };
        self.0.headers.get_all(name).map(Line)
    }

    fn authority(&self) -> Option<&str> {
        self.0.uri.authority().map(|authority| authority.as_str())
    }

    fn scheme(&self) -> Option<&str> {
        self.0.uri.scheme_str()
    }
}

/// The headers of a response of actix-web's.
pub(crate) struct Headers<'h>(pub(crate) &'h mut HeaderMap);

/// The name as actix-web's `http` has it.
#[inline]
fn name(field: ResponseField) -> HeaderName {
    match field {
        ResponseField::AllowOrigin => header::ACCESS_CONTROL_ALLOW_ORIGIN,
        ResponseField::AllowCredentials => header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        ResponseField::AllowMethods => header::ACCESS_CONTROL_ALLOW_METHODS,
        ResponseField::AllowHeaders => header::ACCESS_CONTROL_ALLOW_HEADERS,
        ResponseField::MaxAge => header::ACCESS_CONTROL_MAX_AGE,
        ResponseField::ExposeHeaders => header::ACCESS_CONTROL_EXPOSE_HEADERS,
        ResponseField::Vary => header::VARY,
        ResponseField::ContentLength => header::CONTENT_LENGTH,
        other => HeaderName::from_static(other.name().as_str()),
    }
}

impl ResponseHeaders for Headers<'_> {
    type Value = Value;

    #[inline]
    fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.0.keys().map(|name| name.as_str().as_bytes())
    }

    fn lines(&self, field: ResponseField) -> impl Iterator<Item = &[u8]> {
        self.0.get_all(name(field)).map(HeaderValue::as_bytes)
    }

    #[inline]
    fn set(&mut self, field: ResponseField, value: Value) {
        self.0.insert(name(field), value.0);
    }

    /// Cheaper than [`set`](Self::set), which hands out what was there.
    #[inline]
    fn add(&mut self, field: ResponseField, value: Value) {
        self.0.append(name(field), value.0);
    }

    fn remove(&mut self, field: ResponseField) {
        self.0.remove(name(field));
    }
}
