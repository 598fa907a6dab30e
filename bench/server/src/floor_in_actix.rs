//! The floor on actix-web's types, within an `App` and around one.

use std::future::{Ready, ready};
use std::hint::black_box;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_http::Request;
use actix_service::{IntoServiceFactory, Service, ServiceFactory, Transform};
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Response, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{Error, HttpRequest, HttpResponse};
use pin_project_lite::pin_project;

use crate::cases::Case;
use crate::floor::{self, Check};

type Lines = [(HeaderName, Option<HeaderValue>)];

#[derive(Clone)]
struct Floor {
    check: Check,
    lines: Rc<Lines>,
    status: Option<StatusCode>,
}

impl Floor {
    fn new(case: &Case) -> Floor {
        let value = |text: String| HeaderValue::from_str(&text).expect("a header value");
        let lines = floor::headers(case).into_iter();
        Floor {
            check: Check::of(case),
            lines: lines.map(|(name, text)| (HeaderName::from_static(name), text.map(value))).collect(),
            status: floor::status(case).and_then(|status| StatusCode::from_u16(status).ok()),
        }
    }

    /// For a preflight, an answer without headers.
    fn empty(case: &Case) -> Option<Floor> {
        let floor = Floor { check: Check::Nothing, lines: Rc::new([]), ..Floor::new(case) };
        floor.status.is_some().then_some(floor)
    }

    /// The check; and the origin, where the answer repeats it.
    #[inline]
    fn check(&self, request: &HeaderMap) -> Option<HeaderValue> {
        if let Check::Nothing = self.check {
            return None;
        }
        let origin = request.get(header::ORIGIN)?;
        black_box(self.check.passes(origin.as_bytes()));
        matches!(self.check, Check::Affixes(..)).then(|| origin.clone())
    }

    #[inline]
    fn answer(&self, status: StatusCode) -> HttpResponse<()> {
        let mut answer = HttpResponse::with_body(status, ());
        insert(&self.lines, None, answer.headers_mut());
        answer
    }
}

#[inline]
fn insert(lines: &Lines, mut origin: Option<HeaderValue>, to: &mut HeaderMap) {
    for (name, value) in lines {
        if let Some(value) = value.clone().or_else(|| origin.take()) {
            to.insert(name.clone(), value);
        }
    }
}

pin_project! {
    #[project = FloorProj]
    pub enum FloorFuture<F, K> {
        Answer { answer: Option<(K, HttpResponse<()>)> },
        Forward { #[pin] inner: F, lines: Rc<Lines>, origin: Option<HeaderValue> },
    }
}

/// In an `App`.
pub struct FloorWithin(Floor);

impl FloorWithin {
    pub fn new(case: &Case) -> FloorWithin {
        FloorWithin(Floor::new(case))
    }

    /// For a preflight, an answer without headers.
    pub fn empty(case: &Case) -> Option<FloorWithin> {
        Floor::empty(case).map(FloorWithin)
    }
}

impl<S, B> Transform<S, ServiceRequest> for FloorWithin
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B, ()>>;
    type Error = Error;
    type Transform = FloorWithinService<S>;
    type InitError = ();
    type Future = Ready<Result<FloorWithinService<S>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(FloorWithinService { inner, floor: self.0.clone() }))
    }
}

pub struct FloorWithinService<S> {
    inner: S,
    floor: Floor,
}

impl<S, B> Service<ServiceRequest> for FloorWithinService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B, ()>>;
    type Error = Error;
    type Future = FloorFuture<S::Future, HttpRequest>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    #[inline]
    fn call(&self, request: ServiceRequest) -> Self::Future {
        let origin = self.floor.check(request.headers());
        match self.floor.status {
            Some(status) => {
                FloorFuture::Answer { answer: Some((request.into_parts().0, self.floor.answer(status))) }
            }
            None => {
                let lines = self.floor.lines.clone();
                FloorFuture::Forward { inner: self.inner.call(request), lines, origin }
            }
        }
    }
}

impl<F, B> Future for FloorFuture<F, HttpRequest>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Result<ServiceResponse<EitherBody<B, ()>>, Error>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            FloorProj::Answer { answer } => {
                let (request, answer) = answer.take().expect("polled once");
                Poll::Ready(Ok(ServiceResponse::new(request, answer.map_into_right_body())))
            }
            FloorProj::Forward { inner, lines, origin } => match inner.poll(cx)? {
                Poll::Ready(mut response) => {
                    insert(lines, origin.take(), response.headers_mut());
                    Poll::Ready(Ok(response.map_into_left_body()))
                }
                Poll::Pending => Poll::Pending,
            },
        }
    }
}

/// Around an `App`.
pub struct FloorAround<I> {
    app: I,
    floor: Floor,
}

impl<I> FloorAround<I> {
    pub fn new<A>(case: &Case, app: A) -> FloorAround<I>
    where
        A: IntoServiceFactory<I, Request>,
        I: ServiceFactory<Request>,
    {
        FloorAround { app: app.into_factory(), floor: Floor::new(case) }
    }

    /// For a preflight, an answer without headers.
    pub fn empty<A>(case: &Case, app: A) -> Option<FloorAround<I>>
    where
        A: IntoServiceFactory<I, Request>,
        I: ServiceFactory<Request>,
    {
        Floor::empty(case).map(|floor| FloorAround { app: app.into_factory(), floor })
    }
}

impl<I, B> ServiceFactory<Request> for FloorAround<I>
where
    I: ServiceFactory<Request, Response = ServiceResponse<B>, Error = Error>,
    I::Future: 'static,
    B: MessageBody,
{
    type Response = Response<EitherBody<B, ()>>;
    type Error = Error;
    type Config = I::Config;
    type Service = FloorAroundService<I::Service>;
    type InitError = I::InitError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Service, I::InitError>>>>;

    fn new_service(&self, config: I::Config) -> Self::Future {
        let (inner, floor) = (self.app.new_service(config), self.floor.clone());
        Box::pin(async { Ok(FloorAroundService { inner: inner.await?, floor }) })
    }
}

pub struct FloorAroundService<S> {
    inner: S,
    floor: Floor,
}

impl<S, B> Service<Request> for FloorAroundService<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = Response<EitherBody<B, ()>>;
    type Error = Error;
    type Future = FloorFuture<S::Future, ()>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    #[inline]
    fn call(&self, request: Request) -> Self::Future {
        let origin = self.floor.check(&request.head().headers);
        match self.floor.status {
            Some(status) => FloorFuture::Answer { answer: Some(((), self.floor.answer(status))) },
            None => {
                let lines = self.floor.lines.clone();
                FloorFuture::Forward { inner: self.inner.call(request), lines, origin }
            }
        }
    }
}

impl<F, B> Future for FloorFuture<F, ()>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Result<Response<EitherBody<B, ()>>, Error>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            FloorProj::Answer { answer } => {
                let ((), answer) = answer.take().expect("polled once");
                Poll::Ready(Ok(Response::from(answer).map_body(|_, ()| EitherBody::right(()))))
            }
            FloorProj::Forward { inner, lines, origin } => match inner.poll(cx)? {
                Poll::Ready(mut response) => {
                    insert(lines, origin.take(), response.headers_mut());
                    Poll::Ready(Ok(Response::from(response).map_body(|_, body| EitherBody::left(body))))
                }
                Poll::Pending => Poll::Pending,
            },
        }
    }
}
