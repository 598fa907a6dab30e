//! The answer to a request that a route was found for.

use std::rc::Rc;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, TRANSFER_ENCODING};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use http_body::Body as _;
use hyper_util::rt::TokioIo;

use crate::body::Body;
use crate::client::Client;
use crate::client_body::ClientBody;
use crate::config::Upstream;
use crate::hops;
use crate::path::Unclear;
use crate::server::Worker;
use crate::site::{Answers, Route, Site};
use crate::upstream::{Failure, Progress, RequestBody};

const PROXY_STATUS: HeaderName = HeaderName::from_static("proxy-status");

/// What all answers to one request need to know.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) worker: &'a Rc<Worker>,
    pub(crate) site: &'a Site,
    pub(crate) route: &'a Route,
    /// Whether it is clear that it is this one.
    pub(crate) clear: Result<(), Unclear>,
    pub(crate) client: &'a Client,
    /// As the client wrote it.
    pub(crate) host: &'a HeaderValue,
}

/// Answers a request: from a directory, or by asking the upstream.
pub(crate) async fn answer(asked: Asked<'_>, request: Request<ClientBody>) -> Response<Body> {
    if let Some(refused) = refuse(&asked, &request) {
        return refused;
    }
    match &asked.route.answers {
        Answers::Upstream(upstream) => from_upstream(asked, upstream, request).await,
        Answers::Files(files) => files.answer(request).await,
    }
}

/// What no server behind this one should have to judge.
fn refuse(asked: &Asked<'_>, request: &Request<ClientBody>) -> Option<Response<Body>> {
    if let Err(unclear) = asked.clear {
        return Some(plain(StatusCode::BAD_REQUEST, unclear.text()));
    }
    let headers = request.headers();
    let codings = headers.get_all(TRANSFER_ENCODING);
    Some(match *request.method() {
        Method::CONNECT => plain(StatusCode::NOT_IMPLEMENTED, "this is no tunnel"),
        Method::TRACE => plain(StatusCode::METHOD_NOT_ALLOWED, "TRACE is not served"),
        _ if hops::breaks_framing(headers) => {
            plain(StatusCode::BAD_REQUEST, "Connection names a header that the message depends on")
        }
        _ if codings.iter().any(|coding| !hops::is_chunked(coding)) => {
            plain(StatusCode::NOT_IMPLEMENTED, "no transfer coding but chunked is served")
        }
        _ => {
            let most = asked.site.limits.body_bytes?;
            if request.body().size_hint().lower() <= most {
                return None;
            }
            plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large")
        }
    })
}

async fn from_upstream(
    asked: Asked<'_>,
    upstream: &Upstream,
    mut request: Request<ClientBody>,
) -> Response<Body> {
    let client_side = hops::asks_for_websocket(&request).then(|| hyper::upgrade::on(&mut request));
    let (mut head, incoming) = request.into_parts();
    hops::to_upstream(&mut head.headers, head.version, asked.host, asked.client);
    if client_side.is_some() {
        hops::upgrade_to_websocket(&mut head.headers);
    }
    head.uri = origin_form(head.uri);
    let (body, progress) = if incoming.is_end_stream() {
        (RequestBody::Empty, None)
    } else {
        if incoming.size_hint().exact().is_none() {
            // In every method: without it, hyper sends no body where a GET has one.
            head.headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
        let progress = Progress::new();
        let left = asked.site.limits.body_bytes.unwrap_or(u64::MAX);
        (RequestBody::Client { incoming, left, progress: progress.clone() }, Some(progress))
    };
    let mut request = Request::new(body);
    *request.method_mut() = head.method;
    *request.uri_mut() = head.uri;
    *request.headers_mut() = head.headers;

    let pool = asked.worker.pools.of(upstream);
    let limits = &asked.site.limits;
    let mut response = match pool.ask(request, progress.as_ref(), client_side.is_some(), limits).await {
        Ok(response) => response,
        Err(failure) => return failed(asked.route, &failure),
    };
    *response.version_mut() = Version::HTTP_11;
    let switches = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    let agreed = switches && hops::goes_over_to_websocket(response.headers());
    if let Err(failure) = hops::to_client(response.headers_mut()) {
        return failed(asked.route, &failure);
    }
    match client_side {
        _ if !switches => response.map(|body| Body::Upstream { body }),
        Some(client_side) if agreed => {
            tunnel(asked.worker, client_side, hyper::upgrade::on(&mut response));
            hops::upgrade_to_websocket(response.headers_mut());
            response.map(|_| Body::Empty)
        }
        _ => failed(asked.route, &Failure::Upgrade),
    }
}

/// Without scheme and host. <https://httpwg.org/specs/rfc9112.html#origin-form>
pub(crate) fn origin_form(uri: Uri) -> Uri {
    if uri.authority().is_none() {
        return uri;
    }
    let mut parts = http::uri::Parts::default();
    parts.path_and_query = uri.into_parts().path_and_query;
    Uri::from_parts(parts).unwrap_or_default()
}

/// Carries the bytes of another protocol, both ways, until both ends are done.
fn tunnel(worker: &Rc<Worker>, client: hyper::upgrade::OnUpgrade, upstream: hyper::upgrade::OnUpgrade) {
    let busy = worker.busy();
    tokio::task::spawn_local(async move {
        let _busy = busy;
        let (Ok(client), Ok(upstream)) = tokio::join!(client, upstream) else { return };
        // An end that goes away ends the other: there is nobody to tell.
        let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(client), &mut TokioIo::new(upstream)).await;
    });
}

fn failed(route: &Route, failure: &Failure) -> Response<Body> {
    route.metrics.failed(failure.code());
    let mut response = plain(failure.status(), &failure.to_string());
    if let Ok(status) = HeaderValue::from_str(&format!("crossing; error={}", failure.code())) {
        response.headers_mut().insert(PROXY_STATUS, status);
    }
    response
}

/// The gateway's own words.
pub(crate) fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let text = format!("{text}\n");
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    *response.body_mut() = Body::Text { text: text.into() };
    response
}
