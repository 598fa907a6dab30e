//! The body of an upstream's response on its way to the client.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Sleep;

use super::pool::Lease;
use super::{BoxError, Failure, FailureReporter};

/// The body of an upstream's response, streamed. At its end, the connection returns to the pool.
pub(crate) struct UpstreamBody {
    incoming: Incoming,
    lease: Option<Lease>,
    reporter: Option<FailureReporter>,
    stall_timeout: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
    pending_error: Option<BoxError>,
}

impl UpstreamBody {
    pub(super) fn new(incoming: Incoming, lease: Lease, stall_timeout: Duration) -> UpstreamBody {
        let mut body = UpstreamBody {
            incoming,
            lease: Some(lease),
            reporter: None,
            stall_timeout,
            stalled: None,
            pending_error: None,
        };
        body.release_at_end();
        body
    }

    /// Sets the reporter for a failure before the end of the body.
    pub(crate) fn report_failures_to(&mut self, reporter: FailureReporter) {
        self.reporter = Some(reporter);
    }

    /// Delays the error by one poll, so that the parts received so far are sent before the connection closes.
    fn break_off(
        &mut self,
        failure: &Failure,
        cx: &Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let (Some(lease), Some(reporter)) = (self.lease.take(), &self.reporter) {
            reporter.report(lease.upstream(), failure);
        }
        self.pending_error = Some(failure.to_string().into());
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn release_at_end(&mut self) {
        if self.incoming.is_end_stream()
            && let Some(lease) = self.lease.take()
        {
            lease.release();
        }
    }
}

impl http_body::Body for UpstreamBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        if let Some(error) = this.pending_error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        let incoming = &mut this.incoming;
        let frame = match &mut this.lease {
            Some(lease) => lease.receive(cx, |cx| Pin::new(&mut *incoming).poll_frame(cx)),
            None => Pin::new(incoming).poll_frame(cx),
        };
        match frame {
            Poll::Ready(None) => {
                if let Some(lease) = this.lease.take() {
                    lease.release();
                }
                Poll::Ready(None)
            }
            Poll::Ready(Some(Ok(frame))) => {
                this.stalled = None;
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => this.break_off(&Failure::Broken(error), cx),
            Poll::Pending => {
                let timeout = this.stall_timeout;
                let stalled = this.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
                std::task::ready!(stalled.as_mut().poll(cx));
                this.break_off(&Failure::BodyTimeout, cx)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl Drop for UpstreamBody {
    /// hyper does not poll a body again once all bytes of its length have been received.
    fn drop(&mut self) {
        self.release_at_end();
    }
}
