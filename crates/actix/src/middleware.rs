use std::future::{Ready, ready};
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};

use crate::future::Course;
use crate::{Decision, PolicySource, Request, ResponseFuture, observe};

/// Answers preflights, and edits the responses of the application, as a policy decides.
#[derive(Clone, Copy, Debug)]
pub struct Cors<P> {
    pub(crate) source: P,
}

impl<P> Cors<P> {
    /// Decides by a [`Policy`](crate::Policy), a [`PolicyHandle`](crate::PolicyHandle), or
    /// [`by_request`](crate::by_request).
    pub const fn new(source: P) -> Cors<P> {
        Cors { source }
    }
}

impl<S, P, B> Transform<S, ServiceRequest> for Cors<P>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    P: PolicySource + Clone,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B, ()>>;
    type Error = Error;
    type Transform = CorsMiddleware<S, P>;
    type InitError = ();
    type Future = Ready<Result<CorsMiddleware<S, P>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(CorsMiddleware { inner, source: self.source.clone() }))
    }
}

/// The service that [`Cors`] puts around another.
#[derive(Clone, Copy, Debug)]
pub struct CorsMiddleware<S, P> {
    inner: S,
    source: P,
}

impl<S, P, B> Service<ServiceRequest> for CorsMiddleware<S, P>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    P: PolicySource,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B, ()>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future>;

    #[inline]
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    #[inline]
    fn call(&self, request: ServiceRequest) -> Self::Future {
        let decision = self.source.decide(&request);
        if let Some(decision) = &decision {
            observe::decided(&Request(request.head()), decision);
        }
        let course = match decision {
            Some(Decision::Answer(answer)) => Course::answer(request.into_parts().0, answer),
            Some(Decision::Forward(forward)) => {
                Course::Forward { forward: Some(forward), inner: self.inner.call(request) }
            }
            None => Course::Forward { forward: None, inner: self.inner.call(request) },
        };
        ResponseFuture { course }
    }
}
