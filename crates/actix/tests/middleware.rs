//! The middleware around an application.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::{App, Error, HttpResponse, error, test, web};
use crossing_actix::{Cors, Grant, Policy, PolicyHandle, PolicySource, by_request};

const A: &str = "https://a.example";
const B: &str = "https://b.example";

fn policy(origin: &str) -> Policy {
    let grant = Grant::new().allow_origins([origin]).allow_methods(["PUT"]).allow_headers(["content-type"]);
    Policy::builder().grant(grant.max_age(600)).build().unwrap()
}

fn request(method: Method, path: &str, lines: &[(&'static str, &str)]) -> test::TestRequest {
    let request = test::TestRequest::default().method(method).uri(path);
    lines.iter().fold(request, |request, line| request.append_header(*line))
}

/// Routes of all kinds, and a middleware within that fails.
async fn ask<P: PolicySource + Clone + 'static>(source: P, request: test::TestRequest) -> ServiceResponse {
    let app = App::new()
        .wrap_fn(|request: ServiceRequest, inner| {
            let denied = request.path() == "/denied";
            let future = inner.call(request);
            async move { if denied { Err(error::ErrorForbidden("denied")) } else { future.await } }
        })
        .wrap(Cors::new(source))
        .route(
            "/",
            web::get().to(async || HttpResponse::Ok().insert_header(("vary", "accept")).body("hello")),
        )
        .route(
            "/own",
            web::get().to(async || {
                HttpResponse::Ok().insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")).finish()
            }),
        )
        .route("/fails", web::get().to(async || Err::<HttpResponse, Error>(error::ErrorBadGateway("no"))));
    let app = test::init_service(app).await;
    match app.call(request.to_request()).await {
        Ok(response) => response.map_into_boxed_body(),
        Err(error) => {
            let request = test::TestRequest::default().to_http_request();
            ServiceResponse::new(request, error.error_response())
        }
    }
}

fn header<'r>(response: &'r ServiceResponse, name: &str) -> Vec<&'r str> {
    response.headers().get_all(name).map(|value| value.to_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_granted_request_reaches_the_application_and_its_response_is_shared() {
    let response = ask(policy(A), request(Method::GET, "/", &[("origin", A)])).await;
    assert_eq!(header(&response, "access-control-allow-origin"), [A]);
    assert_eq!(header(&response, "vary"), ["accept, Origin"]);
    assert_eq!(test::read_body(response).await, "hello");
}

#[actix_web::test]
async fn errors_are_shared_whoever_makes_them() {
    for (path, status) in [("/fails", 502), ("/missing", 404), ("/denied", 403)] {
        let response = ask(policy(A), request(Method::GET, path, &[("origin", A)])).await;
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(header(&response, "access-control-allow-origin"), [A], "{path}");
        assert_eq!(header(&response, "vary"), ["Origin"], "{path}");
    }
}

#[actix_web::test]
async fn a_preflight_is_answered_in_the_applications_place() {
    for (origin, method, status) in [(A, "PUT", 200), (A, "POST", 200), (A, "DELETE", 403), (B, "PUT", 403)] {
        let lines = [
            ("origin", origin),
            ("access-control-request-method", method),
            ("access-control-request-headers", "content-type"),
        ];
        let response = ask(policy(A), request(Method::OPTIONS, "/", &lines)).await;
        assert_eq!(response.status(), status, "{origin} {method}");
        if status == 200 {
            assert_eq!(header(&response, "access-control-allow-origin"), [A]);
            assert_eq!(header(&response, "access-control-allow-methods"), ["PUT"]);
            assert_eq!(header(&response, "access-control-allow-headers"), ["content-type"]);
            assert_eq!(header(&response, "access-control-max-age"), ["600"]);
        } else {
            assert!(response.headers().keys().all(|name| !name.as_str().starts_with("access-control-")));
        }
        assert!(test::read_body(response).await.is_empty());
    }
}

#[actix_web::test]
async fn options_that_is_no_preflight_goes_to_the_application() {
    let response = ask(policy(A), request(Method::OPTIONS, "/", &[("origin", A)])).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn what_the_application_grants_is_taken_away_from_a_refused_origin() {
    let response = ask(policy(A), request(Method::GET, "/own", &[("origin", B)])).await;
    assert!(header(&response, "access-control-allow-origin").is_empty());
    let source = by_request(|_: &ServiceRequest| None);
    let response = ask(source, request(Method::GET, "/own", &[("origin", B)])).await;
    assert_eq!(header(&response, "access-control-allow-origin"), ["*"]);
}

#[actix_web::test]
async fn a_policy_is_exchanged_while_the_application_runs() {
    let handle = PolicyHandle::new(policy(A));
    let bad = Policy::builder().grant(Grant::new().allow_origins(["https://a.example/path"])).build();
    assert!(handle.replace(bad).is_err());
    let response = ask(handle.clone(), request(Method::GET, "/", &[("origin", A)])).await;
    assert_eq!(header(&response, "access-control-allow-origin"), [A]);
    handle.replace(Ok(policy(B))).unwrap();
    let response = ask(handle, request(Method::GET, "/", &[("origin", A)])).await;
    assert!(header(&response, "access-control-allow-origin").is_empty());
}
