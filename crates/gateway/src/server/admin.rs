//! What the gateway tells of itself, on an address of its own: `/health` and `/metrics`.

use std::convert::Infallible;
use std::rc::Rc;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};

use super::worker::Worker;
use crate::answer::plain;
use crate::body::Body;

/// Serves until the worker ends.
pub(super) async fn serve(worker: Rc<Worker>, listener: std::net::TcpListener) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            return worker
                .shared
                .log
                .say(&format!("crossing: the admin address cannot be listened on: {error}"));
        }
    };
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        let worker = worker.clone();
        tokio::task::spawn_local(async move {
            let service = service_fn(|request| {
                let response = answer(&worker, &request);
                async move { Ok::<_, Infallible>(response) }
            });
            let mut builder = http1::Builder::new();
            builder.timer(TokioTimer::new());
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

fn answer(worker: &Worker, request: &Request<Incoming>) -> Response<Body> {
    match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/health") => {
            if *worker.stopped.borrow() {
                plain(StatusCode::SERVICE_UNAVAILABLE, "stopping")
            } else {
                plain(StatusCode::OK, "ok")
            }
        }
        (&Method::GET | &Method::HEAD, "/metrics") => {
            let text = worker.shared.metrics.render();
            let mut response = plain(StatusCode::OK, text.trim_end());
            let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, kind);
            response
        }
        (_, "/health" | "/metrics") => plain(StatusCode::METHOD_NOT_ALLOWED, "GET is all there is"),
        _ => plain(StatusCode::NOT_FOUND, "there are /health and /metrics"),
    }
}
