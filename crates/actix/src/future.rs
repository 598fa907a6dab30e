use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Response, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::{Error, HttpRequest, HttpResponse, ResponseError};
use crossing::server::{Answer, Forward};
use pin_project_lite::pin_project;

use crate::view::{Headers, Value};

pin_project! {
    /// What becomes of a request. `K` is what is kept of one that is answered at once.
    ///
    /// Nothing is in a box, and an answer is turned into a response no earlier than it is asked for: moving responses
    /// about costs more than deciding.
    #[project = CourseProj]
    pub(crate) enum Course<F, K> {
        Answer { answer: Option<(K, HttpResponse<()>)> },
        Forward { forward: Option<Forward<Value>>, #[pin] inner: F },
    }
}

impl<F, K> Course<F, K> {
    #[inline]
    pub(crate) fn answer(keep: K, answer: Answer<Value>) -> Course<F, K> {
        Course::Answer { answer: Some((keep, respond(answer))) }
    }

    #[inline]
    fn poll<B, R>(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        answered: impl FnOnce(K, HttpResponse<()>) -> R,
        passed: impl FnOnce(ServiceResponse<B>) -> R,
    ) -> Poll<Result<R, Error>>
    where
        F: Future<Output = Result<ServiceResponse<B>, Error>>,
    {
        match self.project() {
            // Polled again after it was ready, which no caller may do: there is nothing more to give.
            CourseProj::Answer { answer } => {
                answer.take().map_or(Poll::Pending, |(kept, answer)| Poll::Ready(Ok(answered(kept, answer))))
            }
            CourseProj::Forward { forward, inner } => {
                let result = ready!(inner.poll(cx));
                Poll::Ready(match (result, forward.take()) {
                    (Ok(mut response), Some(forward)) => {
                        forward.apply(&mut Headers(response.headers_mut()));
                        Ok(passed(response))
                    }
                    (Ok(response), None) => Ok(passed(response)),
                    (Err(error), Some(forward)) => Err(Failed { error, forward }.into()),
                    (Err(error), None) => Err(error),
                })
            }
        }
    }
}

pin_project! {
    /// The response of [`CorsMiddleware`](crate::CorsMiddleware).
    pub struct ResponseFuture<F> {
        #[pin]
        pub(crate) course: Course<F, HttpRequest>,
    }
}

impl<F, B> Future for ResponseFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Result<ServiceResponse<EitherBody<B, ()>>, Error>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().course.poll(
            cx,
            |request, answer| ServiceResponse::new(request, answer.map_into_right_body()),
            ServiceResponse::map_into_left_body,
        )
    }
}

pin_project! {
    /// The response of [`CorsAroundService`](crate::CorsAroundService).
    pub struct AroundFuture<F> {
        #[pin]
        pub(crate) course: Course<F, ()>,
    }
}

impl<F, B> Future for AroundFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Result<Response<EitherBody<B, ()>>, Error>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().course.poll(
            cx,
            |(), answer| Response::from(answer).map_body(|_, ()| EitherBody::right(())),
            |response| Response::from(response).map_body(|_, body| EitherBody::left(body)),
        )
    }
}

/// A response without a body.
#[inline]
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

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for AroundFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AroundFuture").finish_non_exhaustive()
    }
}
