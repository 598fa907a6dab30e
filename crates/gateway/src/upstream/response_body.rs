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
use super::{Failure, Witness};
use crate::body::BoxError;

/// What an upstream sends, as it comes. Its connection goes back to the pool when everything has come.
pub(crate) struct UpstreamBody {
    incoming: Incoming,
    lease: Option<Lease>,
    witness: Option<Witness>,
    stall: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    broken: Option<BoxError>,
}

impl UpstreamBody {
    pub(super) fn new(incoming: Incoming, lease: Lease, stall: Duration) -> UpstreamBody {
        let mut body =
            UpstreamBody { incoming, lease: Some(lease), witness: None, stall, waiting: None, broken: None };
        body.release_at_end();
        body
    }

    /// Names who is told if it does not come to its end.
    pub(crate) fn tell(&mut self, witness: Witness) {
        self.witness = Some(witness);
    }

    /// Lets what has come reach the client, before the connection breaks.
    fn break_off(
        &mut self,
        failure: &Failure,
        cx: &Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let (Some(lease), Some(witness)) = (self.lease.take(), &self.witness) {
            witness.tell(lease.upstream(), failure);
        }
        self.broken = Some(failure.to_string().into());
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
        if let Some(error) = this.broken.take() {
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
                this.waiting = None;
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => this.break_off(&Failure::Broken(error), cx),
            Poll::Pending => {
                let stall = this.stall;
                let waiting = this.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep(stall)));
                std::task::ready!(waiting.as_mut().poll(cx));
                this.break_off(&Failure::BodyStalls, cx)
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
    /// Whoever knows the length does not ask for more than that.
    fn drop(&mut self) {
        self.release_at_end();
    }
}
