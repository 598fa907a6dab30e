//! The service around other services.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossing_tower::{Cors, CorsLayer, Grant, Policy, PolicyHandle, by_request};
use http::{Request, Response, StatusCode};
use tower::{Layer, Service, ServiceExt, service_fn};

const A: &str = "https://a.example";
const B: &str = "https://b.example";

fn policy(origin: &str) -> Policy {
    let grant = Grant::new().allow_origins([origin]).allow_methods(["PUT"]).expose_headers(["x-a"]);
    Policy::builder().grant(grant).build().unwrap()
}

fn get(origin: &str) -> Request<()> {
    Request::get("/").header("origin", origin).body(()).unwrap()
}

/// An application that sets CORS headers of its own, and fails.
async fn failing(_: Request<()>) -> Result<Response<String>, Infallible> {
    let response = Response::builder()
        .status(StatusCode::BAD_GATEWAY)
        .header("access-control-allow-origin", "*")
        .header("access-control-allow-origin", B)
        .header("vary", "accept-encoding")
        .body(String::from("no"));
    Ok(response.unwrap())
}

#[tokio::test]
async fn an_error_response_is_edited_like_any_other() {
    let response = CorsLayer::new(policy(A)).layer(service_fn(failing)).oneshot(get(A)).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(response.headers().get_all("access-control-allow-origin").iter().count(), 1);
    assert_eq!(response.headers()["access-control-allow-origin"], A);
    assert_eq!(response.headers()["vary"], "accept-encoding, Origin");
    assert_eq!(response.body(), "no");
}

#[tokio::test]
async fn what_the_application_grants_is_taken_away_from_a_refused_origin() {
    let response = CorsLayer::new(policy(A)).layer(service_fn(failing)).oneshot(get(B)).await.unwrap();
    assert!(!response.headers().contains_key("access-control-allow-origin"));
    assert_eq!(response.headers()["vary"], "accept-encoding, Origin");
}

#[tokio::test]
async fn a_preflight_never_reaches_the_application() {
    let calls = AtomicUsize::new(0);
    let inner = service_fn(|_: Request<()>| {
        calls.fetch_add(1, Ordering::Relaxed);
        async { Ok::<_, Infallible>(Response::new(String::from("body"))) }
    });
    let mut service = Cors::new(inner, policy(A));
    for (method, status) in [("PUT", 200), ("GET", 200), ("DELETE", 403)] {
        let request =
            Request::options("/").header("origin", A).header("access-control-request-method", method);
        let response = service.ready().await.unwrap().call(request.body(()).unwrap()).await.unwrap();
        assert_eq!(response.status(), status, "{method}");
        assert_eq!(response.body(), "");
        assert_eq!(response.headers()["content-length"], "0");
    }
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    let plain = Request::options("/").header("origin", A).body(()).unwrap();
    let response = service.ready().await.unwrap().call(plain).await.unwrap();
    assert_eq!((response.body().as_str(), calls.load(Ordering::Relaxed)), ("body", 1));
}

#[tokio::test]
async fn without_a_policy_everything_passes_as_it_is() {
    let source = by_request(|_: &Request<()>| None);
    let response = CorsLayer::new(source).layer(service_fn(failing)).oneshot(get(A)).await.unwrap();
    assert_eq!(response.headers().get_all("access-control-allow-origin").iter().count(), 2);
    assert_eq!(response.headers()["vary"], "accept-encoding");
}

#[tokio::test]
async fn errors_of_the_service_itself_pass() {
    let inner = service_fn(|_: Request<()>| async { Err::<Response<()>, _>("gone") });
    assert_eq!(CorsLayer::new(policy(A)).layer(inner).oneshot(get(A)).await.unwrap_err(), "gone");
}

#[tokio::test]
async fn a_policy_that_could_not_be_made_leaves_the_old_one_in_force() {
    let handle = PolicyHandle::new(policy(A));
    let inner = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
    let mut service = Cors::new(inner, handle.clone());
    let bad = Policy::builder().grant(Grant::new().allow_origins(["https://a.example/path"])).build();
    assert!(handle.replace(bad).is_err());
    let response = service.ready().await.unwrap().call(get(A)).await.unwrap();
    assert_eq!(response.headers()["access-control-allow-origin"], A);
    handle.replace(Ok(policy(B))).unwrap();
    let response = service.ready().await.unwrap().call(get(A)).await.unwrap();
    assert!(!response.headers().contains_key("access-control-allow-origin"));
}
