use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, ResponseError};
use crossing::server::{Answer, Decision, Forward};
use pin_project_lite::pin_project;

use crate::view::{Headers, Value};

pin_project! {
    /// The response of [`CorsMiddleware`](crate::CorsMiddleware).
    pub struct ResponseFuture<F, B> {
        #[pin]
        kind: Kind<F, B>,
    }
}

pin_project! {
    #[project = KindProj]
    enum Kind<F, B> {
        Answer { answer: Option<ServiceResponse<EitherBody<B, ()>>> },
        Forward { forward: Option<Forward<Value>>, #[pin] inner: F },
    }
}

impl<F, B: MessageBody> ResponseFuture<F, B> {
    /// Carries a decision out; without one, the response passes as it is.
    #[inline]
    pub(crate) fn new(
        decision: Option<Decision<Value>>,
        request: ServiceRequest,
        call: impl FnOnce(ServiceRequest) -> F,
    ) -> ResponseFuture<F, B> {
        let kind = match decision {
            Some(Decision::Answer(answer)) => {
                Kind::Answer { answer: Some(request.into_response(respond(answer)).map_into_right_body()) }
            }
            Some(Decision::Forward(forward)) => {
                Kind::Forward { forward: Some(forward), inner: call(request) }
            }
            None => Kind::Forward { forward: None, inner: call(request) },
        };
        ResponseFuture { kind }
    }
}

impl<F, B> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Result<ServiceResponse<EitherBody<B, ()>>, Error>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            // Polled again after it was ready, which no caller may do: there is nothing more to give.
            KindProj::Answer { answer } => {
                answer.take().map_or(Poll::Pending, |answer| Poll::Ready(Ok(answer)))
            }
            KindProj::Forward { forward, inner } => {
                let result = ready!(inner.poll(cx));
                Poll::Ready(match (result, forward.take()) {
                    (Ok(mut response), Some(forward)) => {
                        forward.apply(&mut Headers(response.headers_mut()));
                        Ok(response.map_into_left_body())
                    }
                    (Ok(response), None) => Ok(response.map_into_left_body()),
                    (Err(error), Some(forward)) => Err(Failed { error, forward }.into()),
                    (Err(error), None) => Err(error),
                })
            }
        }
    }
}

/// A response without a body.
fn respond(answer: Answer<Value>) -> HttpResponse<()> {
    let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::FORBIDDEN);
    let mut response = HttpResponse::with_body(status, ());
    answer.apply(&mut Headers(response.headers_mut()));
    response
}

/// An error of the application, whose response a page must be able to read like any other.
#[derive(Debug)]
struct Failed {
    error: Error,
    forward: Forward<Value>,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl ResponseError for Failed {
    fn status_code(&self) -> StatusCode {
        self.error.as_response_error().status_code()
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = self.error.error_response();
        self.forward.clone().apply(&mut Headers(response.headers_mut()));
        response
    }
}

impl<F, B> fmt::Debug for ResponseFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
