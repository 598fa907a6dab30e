use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_http::Request as Raw;
use actix_service::IntoServiceFactory;
use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Response, Service, ServiceFactory, ServiceResponse};

use crate::future::Course;
use crate::{AroundFuture, Cors, Decision, Incoming, PolicySource, Request, observe};

impl<P> Cors<P> {
    /// Puts the policy around a whole `App`, before actix-web looks for a route: the fastest way, above all for
    /// preflights. [`App::wrap`](actix_web::App::wrap) is for a part of an application, and for an `App` whose other
    /// middleware shall see preflights, too.
    ///
    /// ```
    /// use actix_web::{App, HttpServer, web};
    /// use crossing_actix::{Cors, Grant, Policy};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let policy = Policy::builder().grant(Grant::new().allow_origins(["https://app.example.com"])).build()?;
    /// let server = HttpServer::new(move || {
    ///     Cors::new(policy.clone()).around(App::new().route("/", web::get().to(async || "hello")))
    /// });
    /// # let _ = server.bind("127.0.0.1:0")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn around<A, I>(self, app: A) -> CorsAround<I, P>
    where
        A: IntoServiceFactory<I, Raw>,
        I: ServiceFactory<Raw>,
    {
        CorsAround { app: app.into_factory(), source: self.source }
    }
}

/// An `App` with a policy [around](Cors::around) it, for `HttpServer`.
#[derive(Clone, Copy, Debug)]
pub struct CorsAround<A, P> {
    app: A,
    source: P,
}

impl<A, P, B> ServiceFactory<Raw> for CorsAround<A, P>
where
    A: ServiceFactory<Raw, Response = ServiceResponse<B>, Error = Error>,
    A::Future: 'static,
    P: PolicySource<Raw> + Clone + 'static,
    B: MessageBody,
{
    type Response = Response<EitherBody<B, ()>>;
    type Error = Error;
    type Config = A::Config;
    type Service = CorsAroundService<A::Service, P>;
    type InitError = A::InitError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Service, A::InitError>>>>;

    fn new_service(&self, config: A::Config) -> Self::Future {
        let (inner, source) = (self.app.new_service(config), self.source.clone());
        Box::pin(async { Ok(CorsAroundService { inner: inner.await?, source }) })
    }
}

/// The service that [`CorsAround`] makes.
#[derive(Clone, Copy, Debug)]
pub struct CorsAroundService<S, P> {
    inner: S,
    source: P,
}

impl<S, P, B> Service<Raw> for CorsAroundService<S, P>
where
    S: Service<Raw, Response = ServiceResponse<B>, Error = Error>,
    P: PolicySource<Raw>,
    B: MessageBody,
{
    type Response = Response<EitherBody<B, ()>>;
    type Error = Error;
    type Future = AroundFuture<S::Future>;

    #[inline]
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    #[inline]
    fn call(&self, request: Raw) -> Self::Future {
        let decision = self.source.decide(&request);
        if let Some(decision) = &decision {
            observe::decided(&Request(Incoming::head(&request)), decision);
        }
        let course = match decision {
            Some(Decision::Answer(answer)) => Course::answer((), answer),
            Some(Decision::Forward(forward)) => {
                Course::Forward { forward: Some(forward), inner: self.inner.call(request) }
            }
            None => Course::Forward { forward: None, inner: self.inner.call(request) },
        };
        AroundFuture { course }
    }
}
