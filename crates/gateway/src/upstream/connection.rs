//! One connection to an upstream, and who drives it.

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

type Driving = Pin<Box<http1::Connection<TokioIo<Stream>, RequestBody>>>;

/// A connection over which one request goes at a time.
///
/// Whoever waits for it drives it, in the task that asked: a request then costs no task switch. A request with a
/// body needs a task for the connection, lest a client that reads nothing before it has sent everything waits
/// for ever; from then on the connection keeps that task.
pub(super) struct Connection {
    sender: http1::SendRequest<RequestBody>,
    driver: Driver,
}

enum Driver {
    Inline(Driving),
    Task,
    /// It has ended.
    Nobody,
}

impl Connection {
    pub(super) async fn handshake(stream: Stream, most_header_bytes: usize) -> hyper::Result<Connection> {
        let mut builder = http1::Builder::new();
        builder.max_buf_size(most_header_bytes.max(8192));
        let (sender, connection) = builder.handshake(TokioIo::new(stream)).await?;
        Ok(Connection { sender, driver: Driver::Inline(Box::pin(connection)) })
    }

    /// Lets the connection be taken over by another protocol, should the upstream agree.
    pub(super) fn allow_upgrade(&mut self) {
        if let Driver::Inline(connection) = std::mem::replace(&mut self.driver, Driver::Task) {
            tokio::task::spawn_local(async move {
                // Whoever asked learns of the failure.
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
        Sending { response: self.sender.try_send_request(request), driver: &mut self.driver, begun: false }
    }

    /// Polls for what comes over the connection, and moves bytes as long as nothing has come.
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

    /// Whether another request can be sent at once, as far as it is known.
    pub(super) fn is_ready(&mut self) -> bool {
        if !self.sender.is_ready() {
            self.look();
        }
        self.sender.is_ready()
    }

    /// Learns what the other side has done meanwhile.
    pub(super) fn look(&mut self) {
        self.driver.drive(&mut Context::from_waker(Waker::noop()));
    }

    /// Whether it will never be ready again.
    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Whether another task drives it, so that it may yet become ready.
    pub(super) fn has_task(&self) -> bool {
        matches!(self.driver, Driver::Task)
    }
}

pin_project! {
    /// A request on its way.
    struct Sending<'c, F> {
        #[pin]
        response: F,
        driver: &'c mut Driver,
        begun: bool,
    }
}

impl<F: Future> Future for Sending<'_, F> {
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
    /// Moves bytes. How a connection ends shows in the response.
    fn drive(&mut self, cx: &mut Context<'_>) {
        if let Driver::Inline(connection) = self
            && connection.as_mut().poll(cx).is_ready()
        {
            *self = Driver::Nobody;
        }
    }

    /// Moves bytes and polls for what they bring. Who takes something from a connection wakes whoever drove it then; that is
    /// this very task, which has no need of it. So it leaves its waker only when there is nothing to take.
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

    /// What comes over a connection that this task drives comes while it drives: nobody needs to wake it for that.
    fn receive<T>(&self, cx: &mut Context<'_>, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        match self {
            Driver::Task => poll(cx),
            Driver::Inline(_) | Driver::Nobody => poll(&mut Context::from_waker(Waker::noop())),
        }
    }
}
