//! Heads of requests and responses, as plain data.

use http::StatusCode;

use crate::headers::HeaderList;

/// The head of an HTTP request, as it goes over the wire. `Host` follows from the URL.
#[cfg(feature = "browser")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHead {
    /// The method.
    pub method: http::Method,
    /// Where to.
    pub url: url::Url,
    /// The header lines, in order.
    pub headers: HeaderList,
}

/// The head of an HTTP response, as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseHead {
    /// The status code.
    pub status: StatusCode,
    /// The reason phrase, where the protocol has one (HTTP/1.1).
    pub status_text: Vec<u8>,
    /// The header lines, in order.
    pub headers: HeaderList,
}

impl ResponseHead {
    /// A head without a reason phrase.
    pub fn new(status: StatusCode, headers: HeaderList) -> ResponseHead {
        ResponseHead { status, status_text: Vec::new(), headers }
    }
}
