//! One exchange with an upstream: sending a request, and waiting for the head of the response.

use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;

use http::{Method, Request, Response};
use tokio::time::{Instant, timeout_at};

use super::failure::Failure;
use super::pool::{Lease, Pool};
use super::request_body::{Awaited, BodyFault, Progress, RequestBody};
use super::response_body::UpstreamBody;
use crate::config::Limits;

/// Sends a request and waits for the head of the response. If a reused connection was closed while it was idle, another
/// one is tried, as long as the request may be repeated.
pub(crate) fn send(
    pool: Rc<Pool>,
    mut request: Request<RequestBody>,
    progress: Option<&Progress>,
    upgrade: bool,
    limits: &Limits,
) -> impl Future<Output = Result<Response<UpstreamBody>, Failure>> {
    let mut fresh = upgrade;
    // An `async fn` would hold the request twice, and so move it once more.
    async move {
        loop {
            let idle = if fresh { None } else { pool.take_idle() };
            let reused = idle.is_some();
            let mut connection = match idle {
                Some(connection) => connection,
                // Boxed: it is rare, and large.
                None => Box::pin(pool.connect(limits)).await?,
            };
            if upgrade {
                connection.allow_upgrade();
            }
            let repeated = (reused && may_be_repeated(&request)).then(|| clone_without_body(&request));
            let sent = wait_for_response(pin!(connection.send(request)), progress, limits).await?;
            match sent {
                Ok(response) => {
                    let lease = Lease::new(pool, connection);
                    return Ok(response.map(|body| UpstreamBody::new(body, lease, limits.stall_timeout)));
                }
                Err(mut error) => match (error.take_message(), repeated) {
                    (Some(unsent), _) if reused => request = unsent,
                    (None, Some(repeated)) if is_closed_early(error.error()) => {
                        fresh = true; // one retry only
                        request = repeated;
                    }
                    _ => {
                        return Err(match progress.and_then(Progress::fault) {
                            Some(BodyFault::TooLarge) => Failure::TooLarge,
                            Some(BodyFault::Broken) => Failure::ClientBody,
                            None => Failure::Broken(error.into_error()),
                        });
                    }
                },
            }
        }
    }
}

/// Waits for a response, and for the client's body before it.
async fn wait_for_response<F: Future>(
    mut response: Pin<&mut F>,
    progress: Option<&Progress>,
    limits: &Limits,
) -> Result<F::Output, Failure> {
    let started = Instant::now();
    let due = || match progress.map_or((Awaited::Upstream, started), Progress::awaited) {
        (Awaited::Client, since) => (since + limits.stall_timeout, Failure::ClientTimeout),
        (Awaited::Upstream, since) => (since + limits.response_timeout, Failure::ResponseTimeout),
    };
    loop {
        let (mut next_check, _) = due();
        if progress.is_some() {
            // The awaited side may change meanwhile, and its timeout may be shorter.
            next_check = next_check.min(Instant::now() + limits.stall_timeout.min(limits.response_timeout));
        }
        if let Ok(response) = timeout_at(next_check, response.as_mut()).await {
            return Ok(response);
        }
        let (deadline, failure) = due();
        if deadline <= Instant::now() {
            return Err(failure);
        }
    }
}

/// <https://httpwg.org/specs/rfc9110.html#idempotent.methods>
fn may_be_repeated(request: &Request<RequestBody>) -> bool {
    let idempotent = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS | Method::PUT | Method::DELETE
    );
    idempotent && request.body().is_empty()
}

fn clone_without_body(request: &Request<RequestBody>) -> Request<RequestBody> {
    let mut copy = Request::new(RequestBody::Empty);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    copy
}

/// Whether the connection ended before any byte of a response.
fn is_closed_early(error: &hyper::Error) -> bool {
    !error.is_parse() && !error.is_user()
}
