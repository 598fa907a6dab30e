//! Drives the axum example.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../examples/axum.rs"]
#[allow(dead_code, reason = "the example's main is not called here")]
mod example;

use axum::body::Body;
use http::{Request, Response, StatusCode};
use tower::ServiceExt;

async fn ask(request: http::request::Builder) -> Response<Body> {
    let app = example::app().unwrap();
    app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

fn preflight(path: &str, origin: &str, method: &str) -> http::request::Builder {
    Request::options(path).header("origin", origin).header("access-control-request-method", method)
}

#[tokio::test]
async fn a_preflight_is_answered_before_the_router_sees_it() {
    let request = preflight("/api/notes/1", "https://app.example.com", "PUT")
        .header("access-control-request-headers", "content-type");
    let response = ask(request).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["access-control-allow-origin"], "https://app.example.com");
    assert_eq!(response.headers()["access-control-allow-credentials"], "true");
    assert_eq!(response.headers()["access-control-allow-methods"], "PUT");
    assert_eq!(response.headers()["access-control-max-age"], "600");
    assert_eq!(response.headers()["content-length"], "0");
}

#[tokio::test]
async fn errors_of_the_router_are_shared_too() {
    let response = ask(Request::delete("/api/notes/1").header("origin", "https://app.example.com")).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()["access-control-allow-origin"], "https://app.example.com");
    let response = ask(Request::get("/api/notes/x").header("origin", "https://app.example.com")).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(response.headers()["access-control-allow-origin"], "https://app.example.com");
}

#[tokio::test]
async fn options_that_is_no_preflight_goes_to_the_application() {
    let response = ask(Request::options("/api/notes/1")).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn each_router_has_its_own_policy() {
    let response = ask(Request::get("/status").header("origin", "https://any.example")).await;
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    assert!(!response.headers().contains_key("vary"));
    let response = ask(Request::get("/api/notes/1").header("origin", "https://any.example")).await;
    assert!(!response.headers().contains_key("access-control-allow-origin"));
    assert_eq!(response.headers()["vary"], "Origin");
}

#[tokio::test]
async fn each_route_has_its_own_policy() {
    for (path, origin, method, status) in [
        ("/photos/1", "https://photos.example", "PUT", StatusCode::OK),
        ("/photos/1", "https://films.example", "PUT", StatusCode::FORBIDDEN),
        ("/photos/1", "https://photos.example", "DELETE", StatusCode::FORBIDDEN),
        ("/films/1", "https://films.example", "DELETE", StatusCode::OK),
        ("/films/1", "https://photos.example", "DELETE", StatusCode::FORBIDDEN),
    ] {
        assert_eq!(ask(preflight(path, origin, method)).await.status(), status, "{path} {origin} {method}");
    }
}
