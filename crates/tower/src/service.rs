use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use crate::{PolicySource, ResponseFuture, observe};

/// Answers preflights, and edits the responses of the service within, as a policy decides.
#[derive(Clone, Copy, Debug)]
pub struct Cors<S, P> {
    inner: S,
    source: P,
}

impl<S, P> Cors<S, P> {
    /// A service around another; the source is what [`CorsLayer::new`](crate::CorsLayer::new) takes.
    pub const fn new(inner: S, source: P) -> Cors<S, P> {
        Cors { inner, source }
    }

    /// The service within.
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The service within.
    pub const fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The service within.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, P, ReqBody, ResBody> Service<Request<ReqBody>> for Cors<S, P>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    P: PolicySource<ReqBody>,
    ResBody: Default,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    #[inline]
    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let decision = self.source.decide(&request);
        if let Some(decision) = &decision {
            observe::decided(&request, decision);
        }
        ResponseFuture::new(decision, || self.inner.call(request))
    }
}
