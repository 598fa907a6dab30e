//! The contestants around an actix-web service.

use std::future::ready;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{Error, HttpResponse, test};

use crate::cases::{Case, HEADERS, METHODS, Origins, SUFFIX};
use crate::contest::{Answer, Contest, Runner, Whom};
use crate::floor::{self, Check};

fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nobody waits here"),
    }
}

/// The application.
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

/// A request, and the service that answers it.
struct InActix<S> {
    method: Method,
    lines: Vec<(HeaderName, HeaderValue)>,
    next: Option<ServiceRequest>,
    service: S,
}

impl<S, B> InActix<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    fn request(&self) -> ServiceRequest {
        let mut request = test::TestRequest::default().method(self.method.clone());
        for (name, value) in &self.lines {
            request = request.insert_header((name.clone(), value.clone()));
        }
        request.to_srv_request()
    }

    #[inline]
    fn once(&self, request: ServiceRequest) -> ServiceResponse<B> {
        now(self.service.call(request)).expect("a response")
    }
}

impl<S, B> Runner for InActix<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    fn prepare(&mut self) {
        self.next = Some(self.request());
    }

    fn run(&mut self) {
        if let Some(request) = self.next.take() {
            drop(black_box(self.once(request)));
        }
    }

    fn answer(&mut self) -> Answer {
        let response = self.once(self.request());
        let headers = response.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        Answer::new(response.status().as_u16(), headers)
    }
}

fn runner<S, B>(case: &Case, service: S) -> Box<dyn Runner>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    let line = |(name, value): (&'static str, String)| {
        let value = HeaderValue::from_maybe_shared(bytes::Bytes::from(value)).expect("a header value");
        (HeaderName::from_static(name), value)
    };
    Box::new(InActix {
        method: if case.is_preflight() { Method::OPTIONS } else { Method::GET },
        lines: case.lines().into_iter().map(line).collect(),
        next: None,
        service,
    })
}

/// The application, and around it what is measured.
fn around<T, B>(case: &Case, transform: T) -> Box<dyn Runner>
where
    T: Transform<App, ServiceRequest, Response = ServiceResponse<B>, Error = Error, InitError = ()>,
    T::Transform: 'static,
    B: MessageBody + 'static,
{
    runner(case, now(transform.new_transform(App)).expect("a service"))
}

pub fn contest(case: &Case, whom: Whom) -> Contest {
    Contest {
        bare: runner(case, App),
        floor: runner(case, FloorMiddleware { inner: App, floor: Floor::new(case) }),
        ours: around(case, crossing_actix::Cors::new(case.policy())),
        peer: (whom == Whom::Everyone).then(|| around(case, actix_cors(case))),
    }
}

fn actix_cors(case: &Case) -> actix_cors::Cors {
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
    if case.credentials { cors.supports_credentials() } else { cors }
}

/// The floor, as any middleware of actix-web's has to be that may answer in the application's place.
struct Floor {
    check: Check,
    headers: Rc<[(HeaderName, Option<HeaderValue>)]>,
    status: Option<StatusCode>,
}

impl Floor {
    fn new(case: &Case) -> Floor {
        let value = |text: String| HeaderValue::from_str(&text).expect("a header value");
        let headers = floor::headers(case).into_iter();
        Floor {
            check: Check::of(case),
            headers: headers.map(|(name, text)| (HeaderName::from_static(name), text.map(value))).collect(),
            status: floor::status(case).and_then(|status| StatusCode::from_u16(status).ok()),
        }
    }

    /// The check; and the origin, where the answer repeats it.
    fn check(&self, request: &ServiceRequest) -> Option<HeaderValue> {
        if let Check::Nothing = self.check {
            return None;
        }
        let origin = request.headers().get(header::ORIGIN)?;
        black_box(self.check.passes(origin.as_bytes()));
        matches!(self.check, Check::Affixes(..)).then(|| origin.clone())
    }
}

struct FloorMiddleware<S> {
    inner: S,
    floor: Floor,
}

struct FloorFuture<F> {
    inner: Result<F, Option<ServiceResponse<EitherBody<BoxBody, ()>>>>,
    headers: Rc<[(HeaderName, Option<HeaderValue>)]>,
    origin: Option<HeaderValue>,
}

impl<S> Service<ServiceRequest> for FloorMiddleware<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error>,
    S::Future: Unpin,
{
    type Response = ServiceResponse<EitherBody<BoxBody, ()>>;
    type Error = Error;
    type Future = FloorFuture<S::Future>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let origin = self.floor.check(&request);
        let inner = match self.floor.status {
            Some(status) => {
                let response = HttpResponse::with_body(status, ());
                Err(Some(request.into_response(response).map_into_right_body()))
            }
            None => Ok(self.inner.call(request)),
        };
        FloorFuture { inner, headers: self.floor.headers.clone(), origin }
    }
}

impl<F> Future for FloorFuture<F>
where
    F: Future<Output = Result<ServiceResponse<BoxBody>, Error>> + Unpin,
{
    type Output = Result<ServiceResponse<EitherBody<BoxBody, ()>>, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let mut response = match &mut this.inner {
            Ok(inner) => match Pin::new(inner).poll(cx)? {
                Poll::Ready(response) => response.map_into_left_body(),
                Poll::Pending => return Poll::Pending,
            },
            Err(answer) => answer.take().expect("polled once"),
        };
        for (name, value) in &*this.headers {
            if let Some(value) = value.clone().or_else(|| this.origin.take()) {
                response.headers_mut().insert(name.clone(), value);
            }
        }
        Poll::Ready(Ok(response))
    }
}
