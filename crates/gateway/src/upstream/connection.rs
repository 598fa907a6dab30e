//! One connection to an upstream, and the task that drives it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1};
use hyper_util::rt::TokioIo;
use pin_project_lite::pin_project;

use super::request_body::RequestBody;
use super::stream::Stream;

type BoxedConnection = Pin<Box<http1::Connection<TokioIo<Stream>, RequestBody>>>;

/// A connection that carries one request at a time.
///
/// The task that waits for the response drives the connection: a request then costs no task switch. A request with a body
/// needs a separate task for the connection: a client may read nothing before it has sent everything, and would wait for
/// ever. From then on the connection keeps that task.
pub(super) struct Connection {
    sender: http1::SendRequest<RequestBody>,
    driver: Driver,
}

enum Driver {
    Inline(BoxedConnection),
    Task,
    /// The connection has ended.
    Ended,
}

impl Connection {
    pub(super) async fn handshake(stream: Stream, max_header_bytes: usize) -> hyper::Result<Connection> {
        let mut builder = http1::Builder::new();
        builder.max_buf_size(max_header_bytes.max(8192));
        let (sender, connection) = builder.handshake(TokioIo::new(stream)).await?;
        Ok(Connection { sender, driver: Driver::Inline(Box::pin(connection)) })
    }

    /// Lets another protocol take over the connection, if the upstream agrees.
    pub(super) fn allow_upgrade(&mut self) {
        if let Driver::Inline(connection) = std::mem::replace(&mut self.driver, Driver::Task) {
            tokio::task::spawn_local(async move {
                // A failure is reported through the response.
                let _ = (*Pin::into_inner(connection)).with_upgrades().await;
            });
        }
    }

    /// Sends a request and waits for the head of the response.
    pub(super) fn send(
        &mut self,
        request: Request<RequestBody>,
    ) -> impl Future<Output = Result<Response<Incoming>, TrySendError<Request<RequestBody>>>> {
        if !request.body().is_empty()
            && let Driver::Inline(connection) = std::mem::replace(&mut self.driver, Driver::Task)
        {
            tokio::task::spawn_local(connection);
        }
        SendRequest {
            response: self.sender.try_send_request(request),
            driver: &mut self.driver,
            begun: false,
        }
    }

    /// Polls for data from the connection, and drives the connection as long as there is none.
    pub(super) fn receive<T>(
        &mut self,
        cx: &mut Context<'_>,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let received = self.driver.receive(cx, &mut poll);
        if received.is_ready() || matches!(self.driver, Driver::Task) {
            return received;
        }
        self.driver.advance(cx, poll)
    }

    /// Whether another request can be sent immediately, as far as is known.
    pub(super) fn is_ready(&mut self) -> bool {
        if !self.sender.is_ready() {
            self.poll_once();
        }
        self.sender.is_ready()
    }

    /// Reads what the upstream has done meanwhile, such as closing the connection.
    pub(super) fn poll_once(&mut self) {
        self.driver.drive(&mut Context::from_waker(Waker::noop()));
    }

    /// Whether it will never be ready again.
    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Whether a separate task drives it, so that it may still become ready.
    pub(super) fn has_task(&self) -> bool {
        matches!(self.driver, Driver::Task)
    }
}

pin_project! {
    /// A request that is being sent, until the head of its response.
    struct SendRequest<'c, F> {
        #[pin]
        response: F,
        driver: &'c mut Driver,
        begun: bool,
    }
}

impl<F: Future> Future for SendRequest<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        if std::mem::replace(this.begun, true) {
            return this.driver.advance(cx, |cx| this.response.as_mut().poll(cx));
        }
        this.driver.drive(cx);
        this.driver.receive(cx, |cx| this.response.as_mut().poll(cx))
    }
}

impl Driver {
    /// Reads and writes. An error of the connection is reported through the response.
    fn drive(&mut self, cx: &mut Context<'_>) {
        if let Driver::Inline(connection) = self
            && connection.as_mut().poll(cx).is_ready()
        {
            *self = Driver::Ended;
        }
    }

    /// Drives the connection and polls for its data. Taking data from a connection wakes the task that drove it last. That
    /// is this task, which does not need the wake-up. So the waker is registered only when there is nothing to take.
    fn advance<T>(
        &mut self,
        cx: &mut Context<'_>,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.drive(&mut Context::from_waker(Waker::noop()));
        let received = self.receive(cx, &mut poll);
        if received.is_ready() || matches!(self, Driver::Task) {
            return received;
        }
        self.drive(cx);
        self.receive(cx, poll)
    }

    /// Data of a connection that this task drives arrives while it drives: no waker is needed.
    fn receive<T>(&self, cx: &mut Context<'_>, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        match self {
            Driver::Task => poll(cx),
            Driver::Inline(_) | Driver::Ended => poll(&mut Context::from_waker(Waker::noop())),
        }
    }
}
