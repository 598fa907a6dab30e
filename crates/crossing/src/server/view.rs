//! What the server half sees of a framework's requests and responses: a few header lines, borrowed.
//!
//! An adapter implements these traits for its framework's own types; for the `http` crate they are implemented here.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// A header of a request that a decision looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestField {
    /// `Origin`
    Origin,
    /// `Access-Control-Request-Method`
    RequestMethod,
    /// `Access-Control-Request-Headers`
    RequestHeaders,
    /// `Access-Control-Request-Private-Network`, which browsers no longer send
    RequestPrivateNetwork,
    /// `Host`
    Host,
    /// `Sec-Fetch-Site`
    SecFetchSite,
}

/// A header of a response that a decision sets or takes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResponseField {
    /// `Access-Control-Allow-Origin`
    AllowOrigin,
    /// `Access-Control-Allow-Credentials`
    AllowCredentials,
    /// `Access-Control-Allow-Methods`
    AllowMethods,
    /// `Access-Control-Allow-Headers`
    AllowHeaders,
    /// `Access-Control-Max-Age`
    MaxAge,
    /// `Access-Control-Expose-Headers`
    ExposeHeaders,
    /// `Access-Control-Allow-Private-Network`: only ever taken away
    AllowPrivateNetwork,
    /// `Timing-Allow-Origin`
    TimingAllowOrigin,
    /// `Cross-Origin-Resource-Policy`
    CrossOriginResourcePolicy,
    /// `Vary`
    Vary,
    /// `Content-Length`
    ContentLength,
}

/// The names, each at one place in memory: a `const` could not be lent out.
mod statics {
    use crate::headers::names;
    use http::HeaderName;

    macro_rules! names {
        ($($name:ident)+) => { $( pub(super) static $name: HeaderName = names::$name; )+ };
    }

    names! {
        ORIGIN ACCESS_CONTROL_REQUEST_METHOD ACCESS_CONTROL_REQUEST_HEADERS HOST SEC_FETCH_SITE
        ACCESS_CONTROL_ALLOW_ORIGIN ACCESS_CONTROL_ALLOW_CREDENTIALS ACCESS_CONTROL_ALLOW_METHODS
        ACCESS_CONTROL_ALLOW_HEADERS ACCESS_CONTROL_MAX_AGE ACCESS_CONTROL_EXPOSE_HEADERS TIMING_ALLOW_ORIGIN
        CROSS_ORIGIN_RESOURCE_POLICY VARY CONTENT_LENGTH
    }
    pub(super) static REQUEST_PRIVATE_NETWORK: HeaderName =
        HeaderName::from_static("access-control-request-private-network");
    pub(super) static ALLOW_PRIVATE_NETWORK: HeaderName =
        HeaderName::from_static("access-control-allow-private-network");
}

impl RequestField {
    /// Every one of them.
    pub const ALL: [RequestField; 6] = [
        RequestField::Origin,
        RequestField::RequestMethod,
        RequestField::RequestHeaders,
        RequestField::RequestPrivateNetwork,
        RequestField::Host,
        RequestField::SecFetchSite,
    ];

    /// The header's name.
    #[inline]
    pub fn name(self) -> &'static HeaderName {
        use statics::*;
        match self {
            RequestField::Origin => &ORIGIN,
            RequestField::RequestMethod => &ACCESS_CONTROL_REQUEST_METHOD,
            RequestField::RequestHeaders => &ACCESS_CONTROL_REQUEST_HEADERS,
            RequestField::RequestPrivateNetwork => &REQUEST_PRIVATE_NETWORK,
            RequestField::Host => &HOST,
            RequestField::SecFetchSite => &SEC_FETCH_SITE,
        }
    }

    /// The field that has this name, in lower case; most names are none of them already by their length.
    #[inline]
    pub fn from_name(name: &[u8]) -> Option<RequestField> {
        let (field, named): (_, &[u8]) = match name.len() {
            4 => (RequestField::Host, b"host"),
            6 => (RequestField::Origin, b"origin"),
            14 => (RequestField::SecFetchSite, b"sec-fetch-site"),
            29 => (RequestField::RequestMethod, b"access-control-request-method"),
            30 => (RequestField::RequestHeaders, b"access-control-request-headers"),
            38 => (RequestField::RequestPrivateNetwork, b"access-control-request-private-network"),
            _ => return None,
        };
        (name == named).then_some(field)
    }
}

impl ResponseField {
    /// Every one of them.
    pub const ALL: [ResponseField; 11] = [
        ResponseField::AllowOrigin,
        ResponseField::AllowCredentials,
        ResponseField::AllowMethods,
        ResponseField::AllowHeaders,
        ResponseField::MaxAge,
        ResponseField::ExposeHeaders,
        ResponseField::AllowPrivateNetwork,
        ResponseField::TimingAllowOrigin,
        ResponseField::CrossOriginResourcePolicy,
        ResponseField::Vary,
        ResponseField::ContentLength,
    ];

    /// The `Access-Control-…` response headers.
    pub(super) const ACCESS_CONTROL: [ResponseField; 7] = [
        ResponseField::AllowOrigin,
        ResponseField::AllowCredentials,
        ResponseField::AllowMethods,
        ResponseField::AllowHeaders,
        ResponseField::MaxAge,
        ResponseField::ExposeHeaders,
        ResponseField::AllowPrivateNetwork,
    ];

    /// The header's name.
    #[inline]
    pub fn name(self) -> &'static HeaderName {
        use statics::*;
        match self {
            ResponseField::AllowOrigin => &ACCESS_CONTROL_ALLOW_ORIGIN,
            ResponseField::AllowCredentials => &ACCESS_CONTROL_ALLOW_CREDENTIALS,
            ResponseField::AllowMethods => &ACCESS_CONTROL_ALLOW_METHODS,
            ResponseField::AllowHeaders => &ACCESS_CONTROL_ALLOW_HEADERS,
            ResponseField::MaxAge => &ACCESS_CONTROL_MAX_AGE,
            ResponseField::ExposeHeaders => &ACCESS_CONTROL_EXPOSE_HEADERS,
            ResponseField::AllowPrivateNetwork => &ALLOW_PRIVATE_NETWORK,
            ResponseField::TimingAllowOrigin => &TIMING_ALLOW_ORIGIN,
            ResponseField::CrossOriginResourcePolicy => &CROSS_ORIGIN_RESOURCE_POLICY,
            ResponseField::Vary => &VARY,
            ResponseField::ContentLength => &CONTENT_LENGTH,
        }
    }
}

/// A value that the policy holds ready, to be handed on without a copy.
#[derive(Clone, Copy, Debug)]
pub struct PolicyText<'p> {
    pub(super) value: &'p HeaderValue,
    pub(super) backing: &'p Bytes,
    pub(super) foreign: Option<&'p Foreign>,
}

/// A value of the policy's in the representation of a framework that has not the `http` crate's version 1; made once.
pub(super) type Foreign = OnceLock<Arc<dyn Any + Send + Sync>>;

impl PolicyText<'_> {
    /// The text.
    pub fn as_bytes(&self) -> &[u8] {
        self.value.as_bytes()
    }

    /// As a value of the `http` crate, version 1; shares the memory.
    #[inline]
    pub fn to_http(&self) -> HeaderValue {
        self.value.clone()
    }

    /// As bytes for another representation; shares the memory.
    pub fn to_bytes(&self) -> Bytes {
        self.backing.slice_ref(self.value.as_bytes())
    }

    /// As a value of another representation, which is made once for each text and then cloned.
    #[inline]
    pub fn to_other<T, F>(&self, make: F) -> T
    where
        T: Clone + Send + Sync + 'static,
        F: FnOnce(Bytes) -> T,
    {
        let there = self.foreign.and_then(OnceLock::get).and_then(|there| there.downcast_ref::<T>());
        there.cloned().unwrap_or_else(|| self.make_other(make))
    }

    #[cold]
    fn make_other<T: Clone + Send + Sync + 'static>(&self, make: impl FnOnce(Bytes) -> T) -> T {
        let value = make(self.to_bytes());
        if let Some(foreign) = self.foreign {
            foreign.get_or_init(|| Arc::new(value.clone()));
        }
        value
    }
}

/// A line of a request's header, lent by the framework.
pub trait FieldLine<'r>: Copy {
    /// The framework's header value.
    type Value;

    /// The line.
    fn as_bytes(self) -> &'r [u8];

    /// The line as a value of its own; should share the memory.
    fn to_value(self) -> Self::Value;

    /// The line as a value of its own, where the policy holds the same text: whichever is cheaper.
    #[inline]
    fn to_value_of(self, text: PolicyText<'_>) -> Self::Value
    where
        Self::Value: FieldValue,
    {
        Self::Value::from_policy(text)
    }
}

/// A header value as a framework has it.
pub trait FieldValue: Clone {
    /// A value that the policy holds; should share the memory.
    fn from_policy(text: PolicyText<'_>) -> Self;

    /// A value that was put together for one response. The text is visible ASCII, space and comma.
    fn from_text(text: Bytes) -> Option<Self>;
}

impl<'r> FieldLine<'r> for &'r HeaderValue {
    type Value = HeaderValue;

    #[inline]
    fn as_bytes(self) -> &'r [u8] {
        HeaderValue::as_bytes(self)
    }

    #[inline]
    fn to_value(self) -> HeaderValue {
        self.clone()
    }
}

impl FieldValue for HeaderValue {
    #[inline]
    fn from_policy(text: PolicyText<'_>) -> HeaderValue {
        text.to_http()
    }

    fn from_text(text: Bytes) -> Option<HeaderValue> {
        HeaderValue::from_maybe_shared(text).ok()
    }
}

/// What a decision sees of a request.
pub trait RequestView {
    /// The framework's header value.
    type Value: FieldValue;

    /// The method, to the byte.
    fn method(&self) -> &str;

    /// The lines of one header, in order.
    fn lines<'r>(&'r self, field: RequestField) -> impl Iterator<Item: FieldLine<'r, Value = Self::Value>>;

    /// The authority of the request's target, where it has one (HTTP/2, absolute form); otherwise `Host` counts.
    fn authority(&self) -> Option<&str>;

    /// The scheme that the client used, where that is known. A server behind something that ends TLS does not know it,
    /// so that only `https` says something.
    fn scheme(&self) -> Option<&str> {
        None
    }
}

/// What a decision does to a response's headers.
pub trait ResponseHeaders {
    /// The framework's header value.
    type Value: FieldValue;

    /// The name of each header, in lower case; a name may come more than once.
    fn names(&self) -> impl Iterator<Item = &[u8]>;

    /// The lines of one header, in order.
    fn lines(&self, field: ResponseField) -> impl Iterator<Item = &[u8]>;

    /// Sets a header to one line.
    fn set(&mut self, field: ResponseField, value: Self::Value);

    /// Sets a header that is not there yet: whichever way is cheaper.
    #[inline]
    fn add(&mut self, field: ResponseField, value: Self::Value) {
        self.set(field, value);
    }

    /// Takes every line of a header away.
    fn remove(&mut self, field: ResponseField);
}

impl<B> RequestView for http::Request<B> {
    type Value = HeaderValue;

    #[inline]
    fn method(&self) -> &str {
        http::Request::method(self).as_str()
    }

    #[inline]
    fn lines<'r>(&'r self, field: RequestField) -> impl Iterator<Item: FieldLine<'r, Value = HeaderValue>> {
        self.headers().get_all(field.name()).iter()
    }

    fn authority(&self) -> Option<&str> {
        self.uri().authority().map(|authority| authority.as_str())
    }

    fn scheme(&self) -> Option<&str> {
        self.uri().scheme_str()
    }
}

impl RequestView for http::request::Parts {
    type Value = HeaderValue;

    #[inline]
    fn method(&self) -> &str {
        self.method.as_str()
    }

    #[inline]
    fn lines<'r>(&'r self, field: RequestField) -> impl Iterator<Item: FieldLine<'r, Value = HeaderValue>> {
        self.headers.get_all(field.name()).iter()
    }

    fn authority(&self) -> Option<&str> {
        self.uri.authority().map(|authority| authority.as_str())
    }

    fn scheme(&self) -> Option<&str> {
        self.uri.scheme_str()
    }
}

impl RequestView for (&Method, &HeaderMap) {
    type Value = HeaderValue;

    #[inline]
    fn method(&self) -> &str {
        self.0.as_str()
    }

    #[inline]
    fn lines<'r>(&'r self, field: RequestField) -> impl Iterator<Item: FieldLine<'r, Value = HeaderValue>> {
        self.1.get_all(field.name()).iter()
    }

    fn authority(&self) -> Option<&str> {
        None
    }
}

impl ResponseHeaders for HeaderMap {
    type Value = HeaderValue;

    #[inline]
    fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.keys().map(|name| name.as_str().as_bytes())
    }

    #[inline]
    fn lines(&self, field: ResponseField) -> impl Iterator<Item = &[u8]> {
        self.get_all(field.name()).iter().map(HeaderValue::as_bytes)
    }

    #[inline]
    fn set(&mut self, field: ResponseField, value: HeaderValue) {
        self.insert(field.name(), value);
    }

    fn remove(&mut self, field: ResponseField) {
        HeaderMap::remove(self, field.name());
    }
}

/// The browser half's heads, so that both halves can talk in memory.
impl<'r> FieldLine<'r> for &'r crate::headers::Value {
    type Value = crate::headers::Value;

    fn as_bytes(self) -> &'r [u8] {
        crate::headers::Value::as_bytes(self)
    }

    fn to_value(self) -> crate::headers::Value {
        self.clone()
    }
}

impl FieldValue for crate::headers::Value {
    fn from_policy(text: PolicyText<'_>) -> Self {
        text.to_http().into()
    }

    fn from_text(text: Bytes) -> Option<Self> {
        HeaderValue::from_text(text).map(Into::into)
    }
}

#[cfg(feature = "browser")]
impl RequestView for crate::message::RequestHead {
    type Value = crate::headers::Value;

    fn method(&self) -> &str {
        self.method.as_str()
    }

    fn lines<'r>(&'r self, field: RequestField) -> impl Iterator<Item: FieldLine<'r, Value = Self::Value>> {
        self.headers.lines(field.name())
    }

    fn authority(&self) -> Option<&str> {
        Some(&self.url[url::Position::BeforeHost..url::Position::AfterPort])
    }

    fn scheme(&self) -> Option<&str> {
        Some(self.url.scheme())
    }
}

impl ResponseHeaders for crate::headers::HeaderList {
    type Value = crate::headers::Value;

    fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.iter().map(|(name, _)| name.as_str().as_bytes())
    }

    fn lines(&self, field: ResponseField) -> impl Iterator<Item = &[u8]> {
        crate::headers::HeaderList::lines(self, field.name()).map(crate::headers::Value::as_bytes)
    }

    fn set(&mut self, field: ResponseField, value: Self::Value) {
        crate::headers::HeaderList::set(self, field.name().clone(), value);
    }

    fn remove(&mut self, field: ResponseField) {
        self.delete(field.name());
    }
}

#[cfg(test)]
mod tests {
    use super::RequestField;

    #[test]
    fn every_request_field_is_found_by_its_name() {
        for field in RequestField::ALL {
            assert_eq!(RequestField::from_name(field.name().as_str().as_bytes()), Some(field));
        }
        for other in ["", "date", "accept", "access-control-request-MethoD"] {
            assert_eq!(RequestField::from_name(other.as_bytes()), None, "{other}");
        }
    }
}
