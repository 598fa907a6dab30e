//! Sends a request of the core over a transport.

use std::borrow::Cow;

use crossing::browser::Connection;
use crossing::{HeaderList, Reason, RequestHead, ResponseHead, Value};
use http::{HeaderMap, Uri, Version};

use super::{IncomingBody, Transport};
use crate::error::TransportError;
use crate::options::StreamedUploads;
use crate::request_body::RequestBody;

/// Sends the request; once more on a [new connection](https://fetch.spec.whatwg.org/#http-network-fetch), as browsers do, if
/// the server had closed the one that was kept, and the body can be sent again.
pub(crate) async fn send(
    transport: &dyn Transport,
    head: &RequestHead,
    body: RequestBody,
    connection: Connection,
    streamed: StreamedUploads,
) -> Result<(ResponseHead, IncomingBody), TransportError> {
    let again = body.try_clone();
    let response = transport.send(to_http(head, body, streamed)?, connection).await;
    let response = match (response, again) {
        (Err(error), Some(again)) if error.safe_to_retry => {
            transport.send(to_http(head, again, streamed)?, Connection::New).await?
        }
        (response, _) => response?,
    };
    Ok(from_http(response))
}

/// The request as `http` has it.
fn to_http(
    head: &RequestHead,
    body: RequestBody,
    streamed: StreamedUploads,
) -> Result<http::Request<RequestBody>, TransportError> {
    let broken = |detail: String| TransportError::new(Reason::BrokenHttp, detail);
    let mut url = Cow::Borrowed(&head.url);
    if !url.username().is_empty() || url.password().is_some() {
        // An http URL can lose both.
        let _ = url.to_mut().set_username("");
        let _ = url.to_mut().set_password(None);
    }
    let uri = Uri::try_from(url.as_str())
        .map_err(|error| broken(format!("the URL cannot be sent over HTTP: {error}")))?;
    let mut headers = HeaderMap::with_capacity(head.headers.len() + 1);
    for (name, value) in head.headers.iter() {
        let Some(value) = value.to_http() else {
            let detail = format!("the value of {name} holds a control byte that cannot be sent: {value:?}");
            return Err(broken(detail));
        };
        headers
            .try_append(name.clone(), value)
            .map_err(|_| broken("the request has too many header lines".to_owned()))?;
    }
    let needs_http2 = body.length().is_none() && streamed == StreamedUploads::Http2;
    let mut request = http::Request::new(body);
    if needs_http2 {
        // The transport refuses a connection that speaks less.
        *request.version_mut() = Version::HTTP_2;
    }
    *request.method_mut() = head.method.clone();
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}

/// The response as the core has it.
fn from_http(response: http::Response<IncomingBody>) -> (ResponseHead, IncomingBody) {
    let (parts, body) = response.into_parts();
    let status_text = match parts.extensions.get::<hyper::ext::ReasonPhrase>() {
        Some(phrase) => phrase.as_bytes().to_vec(),
        // hyper keeps the phrase only where it is not the usual one.
        None if parts.version <= Version::HTTP_11 => {
            parts.status.canonical_reason().unwrap_or_default().into()
        }
        None => Vec::new(),
    };
    let mut headers = HeaderList::with_capacity(parts.headers.len());
    let mut last = None;
    for (name, value) in parts.headers {
        last = name.or(last);
        if let Some(name) = &last {
            headers.append(name.clone(), Value::from(value));
        }
    }
    (ResponseHead { status: parts.status, status_text, headers }, body)
}
