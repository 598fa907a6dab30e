//! One request: which route, what its policy says, and the answer.

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

use crate::access_log::Entry;
use crate::answer::{Asked, answer, plain};
use crate::body::Body;
use crate::client::Client;
use crate::client_body::ClientBody;
use crate::config::AccessLog;
use crate::host;
use crate::server::Worker;
use crate::site::{Told, Watched};

/// Answers a request, whatever it is.
pub(crate) fn handle(
    worker: Rc<Worker>,
    client: Rc<Client>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<Body>, Infallible>> {
    let request = ClientBody::of(request);
    async move {
        let site = worker.shared.site.load_full();
        let logged =
            (site.access_log != AccessLog::Off).then(|| (Instant::now(), Entry::of(&client, &request)));
        let told = Cell::new(Told::default());
        let host = host::of(&request).and_then(|host| client.host(&host).ok_or("the host is no host"));
        let found = host.map_err(|problem| (StatusCode::BAD_REQUEST, problem)).and_then(|host| {
            let found = site.find(&host.name, request.uri().path());
            found.map(|found| (host, found)).ok_or((StatusCode::NOT_FOUND, "there is nothing here"))
        });
        let response = match found {
            Err((status, problem)) => {
                worker.shared.metrics.unrouted(status);
                plain(status, problem)
            }
            Ok((host, (route, clear))) => {
                let asked =
                    Asked { worker: &worker, site: &site, route, clear, client: &client, host: &host };
                let inner = ServiceFn(|request| answer(asked, request));
                let Ok(response) =
                    Cors::new(inner, Watched { route, client: &client, basis: &told }).call(request).await;
                route.metrics.responded(response.status());
                response
            }
        };
        if let Some((began, entry)) = logged {
            let line = entry.line(site.access_log, began, told.get(), response.status());
            worker.shared.log.access(line, &worker.shared.metrics);
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
