//! The contestants around an actix-web service.

use std::future::ready;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, fn_service};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{Error, HttpResponse, test};

use crate::cases::{Case, HEADERS, METHODS, Origins, SUFFIX};
use crate::floor::{self, Check};
use crate::measure::Runner;

fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nobody waits here"),
    }
}

fn runner<S, B>(case: &Case, service: S) -> Runner
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody,
{
    let method = if case.is_preflight() { Method::OPTIONS } else { Method::GET };
    let lines: Vec<(HeaderName, HeaderValue)> = case
        .lines()
        .into_iter()
        .map(|(name, value)| {
            let value = HeaderValue::from_maybe_shared(bytes::Bytes::from(value)).expect("a header value");
            (HeaderName::from_static(name), value)
        })
        .collect();
    Box::new(move || {
        let mut request = test::TestRequest::default().method(method.clone());
        for (name, value) in &lines {
            request = request.insert_header((name.clone(), value.clone()));
        }
        drop(black_box(now(service.call(request.to_srv_request()))));
    })
}

/// The application, and around it what is measured.
fn around<T, B>(case: &Case, transform: T) -> Runner
where
    T: Transform<App, ServiceRequest, Response = ServiceResponse<B>, Error = Error, InitError = ()>,
    T::Transform: 'static,
    B: MessageBody,
{
    runner(case, now(transform.new_transform(App)).expect("a service"))
}

#[derive(Clone)]
struct App;

impl Service<ServiceRequest> for App {
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = std::future::Ready<Result<ServiceResponse<BoxBody>, Error>>;

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        ready(Ok(request.into_response(HttpResponse::Ok().finish())))
    }
}

pub fn bare(case: &Case) -> Runner {
    runner(case, App)
}

pub fn ours(case: &Case) -> Runner {
    around(case, crossing_actix::Cors::new(case.policy()))
}

pub fn theirs(case: &Case) -> Runner {
    let mut cors = actix_cors::Cors::default();
    cors = match case.origins {
        Origins::Everybody => cors.allow_any_origin().send_wildcard(),
        Origins::Listed(_) => {
            case.origins.list().iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
        }
        Origins::Subdomains => cors.allowed_origin_fn(|origin, _| {
            origin.as_bytes().starts_with(b"https://") && origin.as_bytes().ends_with(SUFFIX.as_bytes())
        }),
    };
    cors = cors.allowed_methods(METHODS).allowed_headers(HEADERS).max_age(600);
    if case.credentials {
        cors = cors.supports_credentials();
    }
    around(case, cors)
}

pub fn floor(case: &Case) -> Runner {
    let check = case.check();
    let status = floor::status(case).and_then(|status| StatusCode::from_u16(status).ok());
    let headers: Vec<(HeaderName, Option<HeaderValue>)> = floor::headers(case)
        .into_iter()
        .map(|(name, value)| {
            let value = value.map(|value| HeaderValue::from_str(&value).expect("a header value"));
            (HeaderName::from_static(name), value)
        })
        .collect();
    let service = move |request: ServiceRequest| {
        let mut origin = None;
        if !matches!(check, Check::Nothing)
            && let Some(value) = request.headers().get(header::ORIGIN)
        {
            black_box(check.passes(value.as_bytes()));
            if let Check::Affixes(..) = check {
                origin = Some(value.clone());
            }
        }
        let response = HttpResponse::new(status.unwrap_or(StatusCode::OK));
        let mut response = request.into_response(response);
        for (name, value) in &headers {
            if let Some(value) = value.clone().or_else(|| origin.take()) {
                response.headers_mut().insert(name.clone(), value);
            }
        }
        ready(Ok::<_, Error>(response))
    };
    runner(case, fn_service(service))
}
