//! The admin listener: `/health` and `/metrics`, on a separate address.

use std::convert::Infallible;
use std::rc::Rc;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};

use crate::body::Body;
use crate::context::WorkerContext;
use crate::text_response::text_response;

/// Serves until the worker ends.
pub(super) async fn serve(worker: Rc<WorkerContext>, listener: std::net::TcpListener) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            return worker
                .log
                .message(&format!("crossing: the admin address cannot be listened on: {error}"));
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
                let response = respond(&worker, &request);
                async move { Ok::<_, Infallible>(response) }
            });
            let mut builder = http1::Builder::new();
            builder.timer(TokioTimer::new());
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

fn respond(worker: &WorkerContext, request: &Request<Incoming>) -> Response<Body> {
    match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/health") => {
            if *worker.stopped.borrow() {
                text_response(StatusCode::SERVICE_UNAVAILABLE, "stopping")
            } else {
                text_response(StatusCode::OK, "ok")
            }
        }
        (&Method::GET | &Method::HEAD, "/metrics") => {
            let text = worker.shared.metrics.render();
            let mut response = text_response(StatusCode::OK, text.trim_end());
            let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, kind);
            response
        }
        (_, "/health" | "/metrics") => text_response(StatusCode::METHOD_NOT_ALLOWED, "GET is all there is"),
        _ => text_response(StatusCode::NOT_FOUND, "there are /health and /metrics"),
    }
}
