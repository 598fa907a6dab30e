use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crossing::server::{Decision, Policy};
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{ResponseFuture, observe};

type Ask = Pin<Box<dyn Future<Output = bool> + Send>>;

pin_project! {
    /// The response of [`LookupCors`](crate::LookupCors). Has a box only while it waits for a look-up.
    pub struct LookupFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        kind: Kind<S, B>,
    }
}

pin_project! {
    #[project = KindProj]
    enum Kind<S, B>
    where
        S: Service<Request<B>>,
    {
        Asking { ask: Ask, held: Option<(Policy, Request<B>, S)> },
        Decided { #[pin] future: ResponseFuture<S::Future> },
    }
}

impl<S: Service<Request<B>>, B> LookupFuture<S, B> {
    pub(super) fn decided(decision: Decision, request: Request<B>, inner: &mut S) -> LookupFuture<S, B> {
        LookupFuture { kind: Kind::Decided { future: carry_out(decision, request, inner) } }
    }

    pub(super) fn asking(ask: Ask, policy: Policy, request: Request<B>, inner: S) -> LookupFuture<S, B> {
        LookupFuture { kind: Kind::Asking { ask, held: Some((policy, request, inner)) } }
    }
}

fn carry_out<S: Service<Request<B>>, B>(
    decision: Decision,
    request: Request<B>,
    inner: &mut S,
) -> ResponseFuture<S::Future> {
    observe::decided(&request, &decision);
    ResponseFuture::new(Some(decision), || inner.call(request))
}

impl<S, ReqBody, ResBody> Future for LookupFuture<S, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: Default,
{
    type Output = Result<Response<ResBody>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut kind = self.project().kind;
        if let KindProj::Asking { ask, held } = kind.as_mut().project() {
            let found = ready!(ask.as_mut().poll(cx));
            // Taken once: with the answer, this state is left.
            let Some((policy, request, mut inner)) = held.take() else { return Poll::Pending };
            let decision = if found { policy.decide_looked_up(&request) } else { policy.decide(&request) };
            let future = carry_out(decision, request, &mut inner);
            kind.set(Kind::Decided { future });
        }
        match kind.project() {
            KindProj::Decided { future } => future.poll(cx),
            KindProj::Asking { .. } => Poll::Pending,
        }
    }
}

impl<S: Service<Request<B>>, B> fmt::Debug for LookupFuture<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookupFuture").finish_non_exhaustive()
    }
}
