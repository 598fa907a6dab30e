//! One request: which route, what its policy says, and the answer.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::Future;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

use crossing_tower::Cors;
use http::header::HOST;
use http::{HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use tower_service::Service;

use crate::access_log::Entry;
use crate::answer::{Asked, answer, plain};
use crate::body::Body;
use crate::client::Client;
use crate::config::AccessLog;
use crate::server::Worker;
use crate::site::{Told, Watched};

/// Answers a request, whatever it is.
pub(crate) async fn handle(
    worker: &Rc<Worker>,
    client: &Client,
    request: Request<Incoming>,
) -> Response<Body> {
    let site = worker.shared.site.load_full();
    let logged = (site.access_log != AccessLog::Off).then(|| (Instant::now(), Entry::of(client, &request)));
    let told = Cell::new(Told::default());
    let response = match host_of(&request) {
        Err(problem) => {
            let response = plain(StatusCode::BAD_REQUEST, problem);
            worker.shared.metrics.unrouted(response.status());
            response
        }
        Ok(host) => match site.find(&host_name(&host), request.uri().path()) {
            None => {
                let response = plain(StatusCode::NOT_FOUND, "there is nothing here");
                worker.shared.metrics.unrouted(response.status());
                response
            }
            Some((route, clear)) => {
                let asked = Asked { worker, site: &site, route, clear, client, host: &host };
                let inner = ServiceFn(|request| async move { Ok(answer(asked, request).await) });
                let Ok(response) =
                    Cors::new(inner, Watched { route, client, basis: &told }).call(request).await;
                route.metrics.responded(response.status());
                response
            }
        },
    };
    if let Some((began, entry)) = logged {
        let line = entry.line(site.access_log, began, told.get(), response.status());
        worker.shared.log.access(line, &worker.shared.metrics);
    }
    response
}

/// The host that a request is for: one, and no more than one.
/// <https://httpwg.org/specs/rfc9112.html#section-3.2>
fn host_of(request: &Request<Incoming>) -> Result<HeaderValue, &'static str> {
    let mut lines = request.headers().get_all(HOST).into_iter();
    let (first, second) = (lines.next(), lines.next());
    if second.is_some() {
        return Err("there is more than one Host");
    }
    match (request.uri().authority(), first) {
        (Some(authority), _) => HeaderValue::from_str(authority.as_str()).map_err(|_| "the host is no host"),
        (None, Some(host)) => {
            let valid = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~:[]%".contains(byte);
            if host.as_bytes().iter().all(valid) { Ok(host.clone()) } else { Err("the host is no host") }
        }
        (None, None) if request.version() == Version::HTTP_10 => Ok(HeaderValue::from_static("")),
        (None, None) => Err("there is no Host"),
    }
}

/// The host as routes name it: in lower case, without port and brackets.
fn host_name(host: &HeaderValue) -> std::borrow::Cow<'_, str> {
    let text = host.to_str().unwrap_or_default();
    let text = text.rsplit_once('@').map_or(text, |(_, host)| host);
    let name = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => text.split(':').next().unwrap_or(text),
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        name.to_ascii_lowercase().into()
    } else {
        name.into()
    }
}

/// A function as a service.
struct ServiceFn<F>(F);

impl<F, R, Fut, T> Service<R> for ServiceFn<F>
where
    F: FnMut(R) -> Fut,
    Fut: Future<Output = Result<T, Infallible>>,
{
    type Response = T;
    type Error = Infallible;
    type Future = Fut;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Fut {
        (self.0)(request)
    }
}
