//! A response that the gateway makes itself.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};

use crate::body::Body;

/// A response with a line of plain text.
pub(crate) fn text_response(status: StatusCode, text: &str) -> Response<Body> {
    let text = format!("{text}\n");
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    *response.body_mut() = Body::Text { text: text.into() };
    response
}
