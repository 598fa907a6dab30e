//! The response of a route: from its directory or its upstream, or a refusal of the request.

use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;

use http::header::{HeaderName, TRANSFER_ENCODING};
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body::Body as _;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;

use crate::active_config::RouteTarget;
use crate::body::Body;
use crate::config::Upstream;
use crate::context::WorkerContext;
use crate::drain_on_drop::DrainOnDrop;
use crate::hop_by_hop;
use crate::request_context::RequestContext;
use crate::text_response::text_response;
use crate::upstream::{self, Failure, FailureReporter, UpstreamBody};
use crate::upstream_request::UpstreamRequest;

const PROXY_STATUS: HeaderName = HeaderName::from_static("proxy-status");

/// Responds to a request of a known route.
pub(crate) fn respond(
    context: RequestContext<'_>,
    request: Request<DrainOnDrop>,
) -> impl Future<Output = Result<Response<Body>, Infallible>> {
    let source = match (refuse(&context, &request), &context.route.target) {
        (Some(refusal), _) => Source::Refusal(refusal),
        (None, RouteTarget::Upstream(upstream)) => {
            Source::Upstream(upstream, UpstreamRequest::new(&context, request))
        }
        (None, RouteTarget::Files(files)) => Source::Files(Box::pin(files.respond(request))),
    };
    // Boxed: it is large, and is moved several times.
    Box::pin(async move {
        Ok(match source {
            Source::Refusal(refusal) => refusal,
            Source::Upstream(upstream, UpstreamRequest { request, progress, client_upgrade }) => {
                let (pool, limits) = (context.worker.pool(upstream), &context.config.limits);
                let sent =
                    upstream::send(pool, request, progress.as_ref(), client_upgrade.is_some(), limits).await;
                let reporter = FailureReporter::new(&context.worker.log, &context.route.metrics);
                match sent.and_then(|response| pass_on(response, context.worker, client_upgrade)) {
                    Ok(mut response) => {
                        if let Body::Upstream { body } = response.body_mut() {
                            body.report_failures_to(reporter);
                        }
                        response
                    }
                    Err(failure) => {
                        reporter.report(upstream, &failure);
                        failure_response(&failure)
                    }
                }
            }
            Source::Files(response) => response.await,
        })
    })
}

/// Where a response comes from.
enum Source<'a, F> {
    Refusal(Response<Body>),
    Upstream(&'a Upstream, UpstreamRequest),
    /// Boxed: it is larger than the others.
    Files(Pin<Box<F>>),
}

/// Refuses requests that servers may read differently, that the gateway does not support, or that are too large.
fn refuse(context: &RequestContext<'_>, request: &Request<DrainOnDrop>) -> Option<Response<Body>> {
    if let Err(ambiguous) = context.clarity {
        return Some(text_response(StatusCode::BAD_REQUEST, ambiguous.text()));
    }
    let headers = request.headers();
    let codings = headers.get_all(TRANSFER_ENCODING);
    Some(match *request.method() {
        Method::CONNECT => text_response(StatusCode::NOT_IMPLEMENTED, "this is no tunnel"),
        Method::TRACE => text_response(StatusCode::METHOD_NOT_ALLOWED, "TRACE is not served"),
        _ if hop_by_hop::breaks_framing(headers) => {
            text_response(StatusCode::BAD_REQUEST, "Connection names a header that the message depends on")
        }
        _ if codings.iter().any(|coding| !hop_by_hop::is_chunked(coding)) => {
            text_response(StatusCode::NOT_IMPLEMENTED, "no transfer coding but chunked is served")
        }
        _ => {
            let limit = context.config.limits.body_bytes?;
            if request.body().size_hint().lower() <= limit {
                return None;
            }
            failure_response(&Failure::TooLarge)
        }
    })
}

/// Turns an upstream's response into one for the client.
fn pass_on(
    mut response: Response<UpstreamBody>,
    worker: &Rc<WorkerContext>,
    client_upgrade: Option<OnUpgrade>,
) -> Result<Response<Body>, Failure> {
    *response.version_mut() = Version::HTTP_11;
    let switches = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    let agreed = switches && hop_by_hop::switches_to_websocket(response.headers());
    hop_by_hop::prepare_response(response.headers_mut())?;
    match client_upgrade {
        _ if !switches => Ok(response.map(|body| Body::Upstream { body })),
        Some(client_upgrade) if agreed => {
            tunnel(worker, client_upgrade, hyper::upgrade::on(&mut response));
            hop_by_hop::set_websocket_upgrade(response.headers_mut());
            Ok(response.map(|_| Body::Empty))
        }
        _ => Err(Failure::Upgrade),
    }
}

/// Copies the bytes of another protocol in both directions, until both ends are closed.
fn tunnel(worker: &Rc<WorkerContext>, client: OnUpgrade, upstream: OnUpgrade) {
    let guard = worker.shutdown_guard();
    tokio::task::spawn_local(async move {
        let _guard = guard;
        let (Ok(client), Ok(upstream)) = tokio::join!(client, upstream) else { return };
        // An error of one end closes the other: there is no response left to report it in.
        let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(client), &mut TokioIo::new(upstream)).await;
    });
}

/// The response to the client when the upstream's is missing.
fn failure_response(failure: &Failure) -> Response<Body> {
    let mut response = text_response(failure.status(), &failure.to_string());
    if let Ok(status) = HeaderValue::from_str(&format!("crossing; error={}", failure.code())) {
        response.headers_mut().insert(PROXY_STATUS, status);
    }
    response
}
