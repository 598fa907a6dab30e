//! A small HTTP/1.1 server: one function responds to every request of a listener.

use std::convert::Infallible;
use std::time::Duration;

use http::header::{self, HeaderValue};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use tokio::net::TcpListener;

/// The largest body that is read, in bytes.
pub(super) const MAX_BODY: usize = 256 << 10;
/// How long a request's body may take.
pub(super) const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a request's head may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// The pause after a connection that could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

pub(super) type HttpResponse = Response<Full<Bytes>>;

/// Responds to the requests of a listener until the future is dropped.
pub(super) async fn serve<F, R>(listener: TcpListener, respond: F)
where
    F: Fn(Request<Incoming>) -> R + Clone + Send + 'static,
    R: Future<Output = HttpResponse> + Send + 'static,
{
    loop {
        let Ok((socket, _)) = listener.accept().await else {
            // Most likely the process has no free file descriptor; one becomes free when a connection ends.
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let respond = respond.clone();
        tokio::spawn(async move {
            let service = hyper::service::service_fn(move |request| {
                let response = respond(request);
                async move { Ok::<_, Infallible>(response.await) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIMEOUT)
                .serve_connection(TokioIo::new(socket), service);
            // A browser may close its connection at any time; that is not an error.
            let _ = connection.await;
        });
    }
}

/// The value of `Host`, if the request has exactly one.
pub(super) fn host(headers: &HeaderMap) -> Option<&[u8]> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next()?.as_bytes();
    hosts.next().is_none().then_some(host)
}

/// A response with a JSON document.
pub(super) fn json(status: StatusCode, document: &impl Serialize) -> HttpResponse {
    let text = serde_json::to_vec(document).unwrap_or_default();
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The value of a header that the program wrote itself, so that it is always valid.
pub(super) fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}
