//! Handling of one request: its route, the decision of the route's policy, and the response.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::Future;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

use crossing_tower::Cors;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use tower_service::Service;

use crate::access_log::{AccessLogEntry, LoggedDecision};
use crate::body::Body;
use crate::client_connection::ClientConnection;
use crate::config::AccessLog;
use crate::context::WorkerContext;
use crate::drain_on_drop::DrainOnDrop;
use crate::host::requested_host;
use crate::observed_policy::ObservedPolicy;
use crate::request_context::RequestContext;
use crate::route_response::respond;
use crate::text_response::text_response;

/// Handles a request, and logs it.
pub(crate) fn handle_request(
    worker: Rc<WorkerContext>,
    client: Rc<ClientConnection>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<Body>, Infallible>> {
    let request = DrainOnDrop::wrap(request);
    async move {
        let config = worker.shared.active.load_full();
        let entry = (config.access_log != AccessLog::Off)
            .then(|| (Instant::now(), AccessLogEntry::new(&client, &request)));
        let logged = Cell::new(LoggedDecision::default());
        let host = requested_host(&request).and_then(|host| client.host(&host).ok_or("the host is no host"));
        let found = host.map_err(|problem| (StatusCode::BAD_REQUEST, problem)).and_then(|host| {
            let found = config.find(&host.name, request.uri().path());
            found.map(|found| (host, found)).ok_or((StatusCode::NOT_FOUND, "there is nothing here"))
        });
        let response = match found {
            Err((status, problem)) => {
                worker.shared.metrics.count_unrouted(status);
                text_response(status, problem)
            }
            Ok((host, (route, clarity))) => {
                let context = RequestContext {
                    worker: &worker,
                    config: &config,
                    route,
                    clarity,
                    client: &client,
                    host: &host,
                };
                let inner = ServiceFn(|request| respond(context, request));
                let policy = ObservedPolicy { route, client: &client, logged: &logged };
                let Ok(response) = Cors::new(inner, policy).call(request).await;
                route.metrics.count_response(response.status());
                response
            }
        };
        if let Some((started, entry)) = entry {
            let line = entry.format(config.access_log, started, logged.get(), response.status());
            worker.log.access(line, &worker.shared.metrics);
        }
        Ok(response)
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
