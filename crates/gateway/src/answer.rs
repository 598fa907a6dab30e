//! The answer to a request that a route was found for.

use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, TRANSFER_ENCODING};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use http_body::Body as _;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;

use crate::body::Body;
use crate::client::Client;
use crate::client_body::ClientBody;
use crate::config::Upstream;
use crate::hops;
use crate::host::Host;
use crate::path::Unclear;
use crate::server::Worker;
use crate::site::{Answers, Route, Site};
use crate::upstream::{Failure, Progress, RequestBody, UpstreamBody};

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
    pub(crate) host: &'a Host,
}

/// Answers a request: from a directory, or by asking the upstream.
pub(crate) fn answer(
    asked: Asked<'_>,
    request: Request<ClientBody>,
) -> impl Future<Output = Result<Response<Body>, Infallible>> {
    let answering = match (refuse(&asked, &request), &asked.route.answers) {
        (Some(refused), _) => Answering::Refused(refused),
        (None, Answers::Upstream(upstream)) => Answering::Upstream(upstream, Onward::of(&asked, request)),
        (None, Answers::Files(files)) => Answering::Files(Box::pin(files.answer(request))),
    };
    // Boxed: it is large, and goes through many hands.
    Box::pin(async move {
        Ok(match answering {
            Answering::Refused(refused) => refused,
            Answering::Upstream(upstream, Onward { request, progress, client_side }) => {
                let (pool, limits) = (asked.worker.pool(upstream), &asked.site.limits);
                let answered = pool.ask(request, progress.as_ref(), client_side.is_some(), limits).await;
                let passed_on = answered.and_then(|response| pass_on(response, asked.worker, client_side));
                passed_on.unwrap_or_else(|failure| failed(&asked, upstream, &failure))
            }
            Answering::Files(found) => found.await,
        })
    })
}

enum Answering<'a, F> {
    Refused(Response<Body>),
    Upstream(&'a Upstream, Onward),
    /// Boxed: it is larger than the others.
    Files(Pin<Box<F>>),
}

/// A request as it goes on to an upstream.
struct Onward {
    request: Request<RequestBody>,
    progress: Option<Progress>,
    /// The client's end of a WebSocket.
    client_side: Option<OnUpgrade>,
}

impl Onward {
    fn of(asked: &Asked<'_>, mut request: Request<ClientBody>) -> Onward {
        let client_side = hops::asks_for_websocket(&request).then(|| hyper::upgrade::on(&mut request));
        let (mut head, incoming) = request.into_parts();
        hops::to_upstream(&mut head.headers, head.version, asked.host, asked.client);
        if client_side.is_some() {
            hops::upgrade_to_websocket(&mut head.headers);
        }
        let (body, progress) = if incoming.is_end_stream() {
            (RequestBody::Empty, None)
        } else {
            if incoming.size_hint().exact().is_none() {
                // In every method: without it, hyper sends no body where a GET has one.
                head.headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
            }
            let progress = Progress::new();
            let left = asked.site.limits.body_bytes.unwrap_or(u64::MAX);
            (RequestBody::client(incoming, left, progress.clone()), Some(progress))
        };
        let mut request = Request::new(body);
        *request.method_mut() = head.method;
        *request.uri_mut() = origin_form(head.uri);
        *request.headers_mut() = head.headers;
        Onward { request, progress, client_side }
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

/// Makes an upstream's response one for the client.
fn pass_on(
    mut response: Response<UpstreamBody>,
    worker: &Rc<Worker>,
    client_side: Option<OnUpgrade>,
) -> Result<Response<Body>, Failure> {
    *response.version_mut() = Version::HTTP_11;
    let switches = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    let agreed = switches && hops::goes_over_to_websocket(response.headers());
    hops::to_client(response.headers_mut())?;
    match client_side {
        _ if !switches => Ok(response.map(|body| Body::Upstream { body })),
        Some(client_side) if agreed => {
            tunnel(worker, client_side, hyper::upgrade::on(&mut response));
            hops::upgrade_to_websocket(response.headers_mut());
            Ok(response.map(|_| Body::Empty))
        }
        _ => Err(Failure::Upgrade),
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
fn tunnel(worker: &Rc<Worker>, client: OnUpgrade, upstream: OnUpgrade) {
    let busy = worker.busy();
    tokio::task::spawn_local(async move {
        let _busy = busy;
        let (Ok(client), Ok(upstream)) = tokio::join!(client, upstream) else { return };
        // An end that goes away ends the other: there is nobody to tell.
        let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(client), &mut TokioIo::new(upstream)).await;
    });
}

fn failed(asked: &Asked<'_>, upstream: &Upstream, failure: &Failure) -> Response<Body> {
    let times = asked.route.metrics.failed(failure.code());
    // Told ever more seldom.
    if failure.is_the_upstreams() && times.is_power_of_two() {
        let cause = failure.cause().map_or_else(String::new, |cause| format!(": {cause}"));
        asked.worker.shared.log.say(&format!("crossing: {upstream}: {failure}{cause} (times: {times})"));
    }
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
