//! The middleware around an application.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{AppConfig, Response, Service, ServiceFactory, ServiceRequest};
use actix_web::http::{Method, StatusCode, header};
use actix_web::{App, Error, HttpResponse, error, test, web};
use crossing_actix::{Cors, Decision, Grant, Policy, PolicyHandle, PolicySource, Value, by_request};

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

/// Where the policy stands: in the `App`, or around it.
#[derive(Clone, Copy, Debug)]
enum Place {
    Within,
    Around,
}

const PLACES: [Place; 2] = [Place::Within, Place::Around];

/// Routes of all kinds, and a middleware within that fails.
macro_rules! app {
    () => {
        App::new().wrap_fn(|request: ServiceRequest, inner| {
            let denied = request.path() == "/denied";
            let future = inner.call(request);
            async move { if denied { Err(error::ErrorForbidden("denied")) } else { future.await } }
        })
    };
}

fn routes(config: &mut web::ServiceConfig) {
    config
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
}

/// A response of the server's.
async fn served<S, B>(app: S, request: test::TestRequest) -> HttpResponse
where
    S: Service<actix_http::Request, Error = Error>,
    S::Response: Into<Response<B>>,
    B: MessageBody + 'static,
{
    match app.call(request.to_request()).await {
        Ok(response) => HttpResponse::from(response.into().map_into_boxed_body()),
        Err(error) => error.error_response(),
    }
}

async fn ask<P>(place: Place, source: P, request: test::TestRequest) -> HttpResponse
where
    P: PolicySource + PolicySource<actix_http::Request> + Clone + 'static,
{
    match place {
        Place::Within => {
            let app = app!().wrap(Cors::new(source)).configure(routes);
            served(test::init_service(app).await, request).await
        }
        Place::Around => {
            let app = Cors::new(source).around(app!().configure(routes));
            served(app.new_service(AppConfig::default()).await.unwrap(), request).await
        }
    }
}

fn header<'r>(response: &'r HttpResponse, name: &str) -> Vec<&'r str> {
    response.headers().get_all(name).map(|value| value.to_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_granted_request_reaches_the_application_and_its_response_is_shared() {
    for place in PLACES {
        let response = ask(place, policy(A), request(Method::GET, "/", &[("origin", A)])).await;
        assert_eq!(header(&response, "access-control-allow-origin"), [A], "{place:?}");
        assert_eq!(header(&response, "vary"), ["accept, Origin"], "{place:?}");
        assert_eq!(to_bytes(response.into_body()).await.unwrap(), "hello", "{place:?}");
    }
}

#[actix_web::test]
async fn errors_are_shared_whoever_makes_them() {
    for (path, status) in [("/fails", 502), ("/missing", 404), ("/denied", 403)] {
        for place in PLACES {
            let response = ask(place, policy(A), request(Method::GET, path, &[("origin", A)])).await;
            assert_eq!(response.status(), status, "{path} {place:?}");
            assert_eq!(header(&response, "access-control-allow-origin"), [A], "{path} {place:?}");
            assert_eq!(header(&response, "vary"), ["Origin"], "{path} {place:?}");
        }
    }
}

#[actix_web::test]
async fn a_preflight_is_answered_in_the_applications_place() {
    for (origin, method, status) in [(A, "PUT", 200), (A, "POST", 200), (A, "DELETE", 403), (B, "PUT", 403)] {
        for place in PLACES {
            let lines = [
                ("origin", origin),
                ("access-control-request-method", method),
                ("access-control-request-headers", "content-type"),
            ];
            let response = ask(place, policy(A), request(Method::OPTIONS, "/", &lines)).await;
            assert_eq!(response.status(), status, "{origin} {method} {place:?}");
            if status == 200 {
                assert_eq!(header(&response, "access-control-allow-origin"), [A]);
                assert_eq!(header(&response, "access-control-allow-methods"), ["PUT"]);
                assert_eq!(header(&response, "access-control-allow-headers"), ["content-type"]);
                assert_eq!(header(&response, "access-control-max-age"), ["600"]);
            } else {
                assert!(response.headers().keys().all(|name| !name.as_str().starts_with("access-control-")));
            }
            assert!(to_bytes(response.into_body()).await.unwrap().is_empty());
        }
    }
}

#[actix_web::test]
async fn options_that_is_no_preflight_goes_to_the_application() {
    for place in PLACES {
        let response = ask(place, policy(A), request(Method::OPTIONS, "/", &[("origin", A)])).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{place:?}");
    }
}

#[derive(Clone)]
struct Unguarded;

impl<R> PolicySource<R> for Unguarded {
    fn decide(&self, _: &R) -> Option<Decision<Value>> {
        None
    }
}

#[actix_web::test]
async fn what_the_application_grants_is_taken_away_from_a_refused_origin() {
    for place in PLACES {
        let response = ask(place, policy(A), request(Method::GET, "/own", &[("origin", B)])).await;
        assert!(header(&response, "access-control-allow-origin").is_empty(), "{place:?}");
        let response = ask(place, Unguarded, request(Method::GET, "/own", &[("origin", B)])).await;
        assert_eq!(header(&response, "access-control-allow-origin"), ["*"], "{place:?}");
    }
}

#[actix_web::test]
async fn what_the_application_grants_to_a_granted_origin_is_replaced_not_repeated() {
    for place in PLACES {
        let response = ask(place, policy(A), request(Method::GET, "/own", &[("origin", A)])).await;
        assert_eq!(header(&response, "access-control-allow-origin"), [A], "{place:?}");
    }
}

#[actix_web::test]
async fn a_policy_is_exchanged_while_the_application_runs() {
    for place in PLACES {
        let handle = PolicyHandle::new(policy(A));
        let bad = Policy::builder().grant(Grant::new().allow_origins(["https://a.example/path"])).build();
        assert!(handle.replace(bad).is_err());
        let response = ask(place, handle.clone(), request(Method::GET, "/", &[("origin", A)])).await;
        assert_eq!(header(&response, "access-control-allow-origin"), [A], "{place:?}");
        handle.replace(Ok(policy(B))).unwrap();
        let response = ask(place, handle, request(Method::GET, "/", &[("origin", A)])).await;
        assert!(header(&response, "access-control-allow-origin").is_empty(), "{place:?}");
    }
}

#[actix_web::test]
async fn a_request_chooses_its_policy_by_its_path() {
    let choose = |path: &str| (path != "/own").then(|| policy(A));
    let source = by_request(move |request: &ServiceRequest| choose(request.path()));
    let within = test::init_service(app!().wrap(Cors::new(source)).configure(routes)).await;
    let source = by_request(move |request: &actix_http::Request| choose(request.path()));
    let around = Cors::new(source).around(app!().configure(routes));
    let around = around.new_service(AppConfig::default()).await.unwrap();
    for (path, origin) in [("/", A), ("/own", "*")] {
        let ask = || request(Method::GET, path, &[("origin", A)]);
        for response in [served(&within, ask()).await, served(&around, ask()).await] {
            assert_eq!(header(&response, "access-control-allow-origin"), [origin], "{path}");
        }
    }
}
