//! The application that the scripts request.

use std::future::{pending, poll_fn};
use std::sync::Mutex;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, Method};
use axum::response::IntoResponse;
use axum::routing::{any, get, post};
use crossing_agent::Agent;
use crossing_js::{Limits, Runtime};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

pub(crate) fn app() -> Router {
    let shared = ("access-control-allow-origin", "*");
    Router::new()
        .route("/shared", get(move || async move { ([shared], "for everybody") }))
        .route("/slow", any(slow))
        .route("/never", get(never))
        .route(
            "/events",
            get(move || async move { ([shared, ("content-type", "text/event-stream")], EVENTS) }),
        )
        .route("/beacon", post(beacon))
        .route("/silent", get(pending::<()>))
        .route(
            "/later",
            get(move || async move {
                sleep(Duration::from_millis(1)).await;
                ([shared], "late")
            }),
        )
        .route("/faster", any(|| async { FASTER.notify_one() }))
        .route("/bare", get(|| async { "for its own pages" }))
        .route(
            "/echo",
            any(move |method: Method, headers: HeaderMap, body: String| async move {
                let kind = headers
                    .get("content-type")
                    .and_then(|value| value.to_str().ok())
                    .unwrap_or("-")
                    .to_owned();
                let grants = [("access-control-allow-origin", "*"), ("access-control-allow-headers", "*")];
                (grants, format!("{method} {kind} {body}"))
            }),
        )
}

/// Whoever has heard of the upload's progress has no more need to wait.
pub(crate) static FASTER: Notify = Notify::const_new();

pub(crate) const EVENTS: &str = "event: news\nid: 7\ndata: two\ndata: lines\n\n: over\n";

/// Somebody has asked for what never comes.
pub(crate) static ASKED: Notify = Notify::const_new();

pub(crate) async fn never() {
    ASKED.notify_one();
    pending().await
}

/// Reads a body piece by piece, slowly until it is told otherwise, and says how long it was.
pub(crate) async fn slow(body: Body) -> impl IntoResponse {
    let (mut body, mut length, mut patience) = (Box::pin(body), 0, true);
    while let Some(Ok(frame)) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        length += frame.data_ref().map_or(0, Bytes::len);
        if patience {
            patience = timeout(Duration::from_millis(10), FASTER.notified()).await.is_err();
        }
    }
    ([("access-control-allow-origin", "*")], length.to_string())
}

pub(crate) fn runtime_within(limits: Limits) -> Runtime {
    let agent = Agent::in_process().host("api.test", app()).build().unwrap();
    let origin = "https://app.test".parse().unwrap();
    Runtime::builder().origin(origin).agent(agent).limits(limits).build().unwrap()
}

/// Runs a script to its end, and gives what it has put into `seen`.
pub(crate) fn seen(script: &str) -> String {
    let mut runtime = runtime_within(Limits::default());
    runtime.run_script("test.js", "var seen = [];").unwrap();
    runtime.run_script("test.js", script).unwrap();
    runtime.run_until_idle().unwrap();
    runtime.eval("seen.join(' ')").unwrap().trim_matches('\'').to_owned()
}

/// What a beacon has brought.
pub(crate) static BEACON: Mutex<String> = Mutex::new(String::new());

pub(crate) async fn beacon(body: String) {
    *BEACON.lock().unwrap() = body;
}
