use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crossing::server::{Answer, Decision, Forward};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use pin_project_lite::pin_project;

pin_project! {
    /// The response of [`Cors`](crate::Cors).
    pub struct ResponseFuture<F> {
        #[pin]
        kind: Kind<F>,
    }
}

pin_project! {
    #[project = KindProj]
    enum Kind<F> {
        Answer { head: Option<(StatusCode, HeaderMap)> },
        Forward { forward: Option<Forward<HeaderValue>>, #[pin] inner: F },
    }
}

impl<F> ResponseFuture<F> {
    /// Carries a decision out; without one, the response passes as it is.
    #[inline]
    pub(crate) fn new(decision: Option<Decision>, call: impl FnOnce() -> F) -> ResponseFuture<F> {
        let kind = match decision {
            Some(Decision::Answer(answer)) => Kind::Answer { head: Some(head_of(answer)) },
            Some(Decision::Forward(forward)) => Kind::Forward { forward: Some(forward), inner: call() },
            None => Kind::Forward { forward: None, inner: call() },
        };
        ResponseFuture { kind }
    }
}

impl<F, ResBody, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
    ResBody: Default,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match self.project().kind.project() {
            KindProj::Answer { head } => Poll::Ready(Ok(respond(head.take().unwrap_or_default()))),
            KindProj::Forward { forward, inner } => {
                let mut response = ready!(inner.poll(cx)?);
                if let Some(forward) = forward.take() {
                    forward.apply(response.headers_mut());
                }
                Poll::Ready(Ok(response))
            }
        }
    }
}

/// A response without a body.
fn respond<ResBody: Default>((status, headers): (StatusCode, HeaderMap)) -> Response<ResBody> {
    let mut response = Response::new(ResBody::default());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn head_of(answer: Answer<HeaderValue>) -> (StatusCode, HeaderMap) {
    let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::FORBIDDEN);
    (status, answer.into_headers())
}

impl<F> std::fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
