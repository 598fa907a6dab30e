//! The contestants around a tower service.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use crossing_tower::CorsLayer;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response};
use tower_http::cors::{self as peer, AllowOrigin};
use tower_layer::Layer;
use tower_service::Service;

use crate::cases::{Case, HEADERS, METHODS, Origins, SUFFIX};
use crate::contest::{Answer, Contest, Runner, Whom};
use crate::floor::Floor;

/// The application.
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

pub fn request(case: &Case) -> Request<()> {
    let mut request = Request::new(());
    if case.is_preflight() {
        *request.method_mut() = Method::OPTIONS;
    }
    for (name, value) in case.lines() {
        request.headers_mut().insert(HeaderName::from_static(name), shared(&value));
    }
    request
}

pub fn answer_of(response: &Response<()>) -> Answer {
    let headers = response.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    Answer::new(response.status().as_u16(), headers)
}

/// A request, and the service that answers it.
struct InTower<S> {
    request: Request<()>,
    next: Option<Request<()>>,
    service: S,
}

impl<S> InTower<S>
where
    S: Service<Request<()>, Response = Response<()>, Error = Infallible>,
{
    #[inline]
    fn once(&mut self, request: Request<()>) -> Response<()> {
        let future = pin!(self.service.call(request));
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(response)) => response,
            Poll::Pending => unreachable!("nobody waits here"),
        }
    }
}

impl<S> Runner for InTower<S>
where
    S: Service<Request<()>, Response = Response<()>, Error = Infallible>,
{
    fn prepare(&mut self) {
        self.next = Some(self.request.clone());
    }

    fn run(&mut self) {
        if let Some(request) = self.next.take() {
            drop(black_box(self.once(request)));
        }
    }

    fn answer(&mut self) -> Answer {
        answer_of(&self.once(self.request.clone()))
    }
}

pub fn contest(case: &Case, whom: Whom) -> Contest {
    fn runner<S>(case: &Case, service: S) -> Box<dyn Runner>
    where
        S: Service<Request<()>, Response = Response<()>, Error = Infallible> + 'static,
    {
        Box::new(InTower { request: request(case), next: None, service })
    }
    Contest {
        bare: runner(case, App),
        floor: runner(case, FloorService { inner: App, floor: Rc::new(Floor::new(case)) }),
        ours: runner(case, CorsLayer::new(case.policy()).layer(App)),
        peer: (whom == Whom::Everyone).then(|| runner(case, tower_http(case).layer(App))),
    }
}

fn tower_http(case: &Case) -> peer::CorsLayer {
    let value = |text: &str| HeaderValue::from_str(text).expect("a header value");
    // Not `exact`, which says the same to everybody, and leaves the comparison to the browser.
    let origin = match case.origins {
        Origins::Everybody => AllowOrigin::any(),
        Origins::Listed(_) => AllowOrigin::list(case.origins.list().iter().map(|origin| value(origin))),
        Origins::Subdomains => AllowOrigin::predicate(|origin, _| {
            origin.as_bytes().starts_with(b"https://") && origin.as_bytes().ends_with(SUFFIX.as_bytes())
        }),
    };
    peer::CorsLayer::new()
        .allow_origin(origin)
        .allow_credentials(case.credentials)
        .allow_methods(METHODS.map(|method| Method::from_bytes(method.as_bytes()).expect("a method")))
        .allow_headers(HEADERS.map(HeaderName::from_static))
        .max_age(Duration::from_secs(600))
}

/// The floor, as a service would have it.
struct FloorService {
    inner: App,
    floor: Rc<Floor>,
}

struct FloorFuture {
    inner: Option<Ready<Result<Response<()>, Infallible>>>,
    floor: Rc<Floor>,
    origin: Option<HeaderValue>,
}

impl Service<Request<()>> for FloorService {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = FloorFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> FloorFuture {
        let origin = self.floor.check(request.headers());
        let inner = self.floor.status().is_none().then(|| self.inner.call(request));
        FloorFuture { inner, floor: self.floor.clone(), origin }
    }
}

impl Future for FloorFuture {
    type Output = Result<Response<()>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut response = match &mut self.inner {
            Some(inner) => match Pin::new(inner).poll(context) {
                Poll::Ready(Ok(response)) => response,
                Poll::Pending => return Poll::Pending,
            },
            None => {
                let mut response = Response::new(());
                *response.headers_mut() = HeaderMap::with_capacity(self.floor.header_count());
                response
            }
        };
        if let Some(status) = self.floor.status() {
            *response.status_mut() = status;
        }
        let origin = self.origin.take();
        self.floor.apply(origin, response.headers_mut());
        Poll::Ready(Ok(response))
    }
}
