//! The contestants around a tower service.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use crossing_tower::CorsLayer;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use tower_http::cors::{self as peer, AllowOrigin};
use tower_layer::Layer;
use tower_service::Service;

use crate::cases::{APP, Case, HEADERS, METHODS, Origins, SUFFIX};
use crate::floor::{self, Check};
use crate::measure::Runner;

#[derive(Clone)]
struct App;

impl Service<Request<()>> for App {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(Response::new(())))
    }
}

/// A value as hyper makes it: a piece of a buffer that is shared.
fn shared(text: &str) -> HeaderValue {
    let value =
        HeaderValue::from_maybe_shared(Bytes::copy_from_slice(text.as_bytes())).expect("a header value");
    drop(value.clone());
    value
}

fn request(case: &Case) -> Request<()> {
    let mut request = Request::new(());
    if case.is_preflight() {
        *request.method_mut() = Method::OPTIONS;
    }
    for (name, value) in case.lines() {
        request.headers_mut().insert(HeaderName::from_static(name), shared(&value));
    }
    request
}

fn runner<S>(case: &Case, mut service: S) -> Runner
where
    S: Service<Request<()>, Response = Response<()>, Error = Infallible> + 'static,
{
    let request = request(case);
    Box::new(move || {
        let mut context = Context::from_waker(Waker::noop());
        let future = pin!(service.call(request.clone()));
        match future.poll(&mut context) {
            Poll::Ready(response) => drop(black_box(response)),
            Poll::Pending => unreachable!("nobody waits here"),
        }
    })
}

pub fn bare(case: &Case) -> Runner {
    runner(case, App)
}

pub fn ours(case: &Case) -> Runner {
    runner(case, CorsLayer::new(case.policy()).layer(App))
}

pub fn theirs(case: &Case) -> Runner {
    let value = |text: &str| HeaderValue::from_str(text).expect("a header value");
    let origin = match case.origins {
        Origins::Everybody => AllowOrigin::any(),
        Origins::Listed(1) => AllowOrigin::exact(value(APP)),
        Origins::Listed(_) => AllowOrigin::list(case.origins.list().iter().map(|origin| value(origin))),
        Origins::Subdomains => AllowOrigin::predicate(|origin, _| {
            origin.as_bytes().starts_with(b"https://") && origin.as_bytes().ends_with(SUFFIX.as_bytes())
        }),
    };
    let layer = peer::CorsLayer::new()
        .allow_origin(origin)
        .allow_credentials(case.credentials)
        .allow_methods(METHODS.map(|method| Method::from_bytes(method.as_bytes()).expect("a method")))
        .allow_headers(HEADERS.map(HeaderName::from_static))
        .max_age(std::time::Duration::from_secs(600));
    runner(case, layer.layer(App))
}

pub fn floor(case: &Case) -> Runner {
    let headers = floor::headers(case).into_iter().map(|(name, value)| {
        (
            HeaderName::from_static(name),
            value.map(|value| HeaderValue::from_str(&value).expect("a header value")),
        )
    });
    let status = floor::status(case).and_then(|status| StatusCode::from_u16(status).ok());
    runner(
        case,
        Floor { inner: App, check: case.check(), headers: headers.collect::<Vec<_>>().leak(), status },
    )
}

type Headers = &'static [(HeaderName, Option<HeaderValue>)];

struct Floor {
    inner: App,
    check: Check,
    headers: Headers,
    status: Option<StatusCode>,
}

struct FloorFuture {
    inner: Option<Ready<Result<Response<()>, Infallible>>>,
    status: Option<StatusCode>,
    headers: Option<(Headers, Option<HeaderValue>)>,
}

impl Service<Request<()>> for Floor {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = FloorFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> FloorFuture {
        let mut origin = None;
        if !matches!(self.check, Check::Nothing)
            && let Some(value) = request.headers().get(header::ORIGIN)
        {
            black_box(self.check.passes(value.as_bytes()));
            if let Check::Affixes(..) = self.check {
                origin = Some(value.clone());
            }
        }
        FloorFuture {
            inner: self.status.is_none().then(|| self.inner.call(request)),
            status: self.status,
            headers: Some((self.headers, origin)),
        }
    }
}

impl Future for FloorFuture {
    type Output = Result<Response<()>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (ready, mut origin) = self.headers.take().expect("polled once");
        let mut response = match &mut self.inner {
            Some(inner) => match Pin::new(inner).poll(context) {
                Poll::Ready(Ok(response)) => response,
                Poll::Pending => unreachable!("nobody waits here"),
            },
            None => {
                let mut response = Response::new(());
                *response.headers_mut() = HeaderMap::with_capacity(ready.len());
                response
            }
        };
        if let Some(status) = self.status {
            *response.status_mut() = status;
        }
        for (name, value) in ready {
            if let Some(value) = value.clone().or_else(|| origin.take()) {
                response.headers_mut().insert(name, value);
            }
        }
        Poll::Ready(Ok(response))
    }
}
