//! The body of a client's request on its way to an upstream.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::Instant;

use super::BoxError;
use crate::drain_on_drop::DrainOnDrop;

/// The state of a client's body, shared with the wait for the upstream's response.
#[derive(Clone, Debug)]
pub(crate) struct Progress(Rc<Cell<State>>);

#[derive(Clone, Copy, Debug)]
struct State {
    since: Instant,
    awaited: Awaited,
    fault: Option<BodyFault>,
}

/// Which side a request waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// The client, to send the next part of its body.
    Client,
    /// The upstream, to read a part or to respond.
    Upstream,
}

/// Why a client's body was not sent completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFault {
    TooLarge,
    Broken,
}

/// The body of a request to an upstream.
#[derive(Debug, Default)]
pub(crate) enum RequestBody {
    /// No body.
    #[default]
    Empty,
    /// The client's body. Boxed: most requests have none, and a request is moved several times.
    Client(Box<LimitedBody>),
}

/// A client's body, streamed, up to a limit.
#[derive(Debug)]
pub(crate) struct LimitedBody {
    incoming: DrainOnDrop,
    remaining: u64,
    progress: Progress,
}

impl Progress {
    pub(crate) fn new() -> Progress {
        let state = State { since: Instant::now(), awaited: Awaited::Upstream, fault: None };
        Progress(Rc::new(Cell::new(state)))
    }

    /// The awaited side, and since when.
    pub(crate) fn awaited(&self) -> (Awaited, Instant) {
        let state = self.0.get();
        (state.awaited, state.since)
    }

    pub(crate) fn fault(&self) -> Option<BodyFault> {
        self.0.get().fault
    }

    fn set_awaited(&self, awaited: Awaited) {
        let state = self.0.get();
        if state.awaited != awaited || awaited == Awaited::Upstream {
            self.0.set(State { since: Instant::now(), awaited, ..state });
        }
    }

    fn set_fault(&self, fault: BodyFault) {
        self.0.set(State { fault: Some(fault), ..self.0.get() });
    }
}

impl RequestBody {
    pub(crate) fn client(incoming: DrainOnDrop, remaining: u64, progress: Progress) -> RequestBody {
        RequestBody::Client(Box::new(LimitedBody { incoming, remaining, progress }))
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, RequestBody::Empty)
    }
}

impl http_body::Body for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let RequestBody::Client(limited) = &mut *self else {
            return Poll::Ready(None);
        };
        let LimitedBody { incoming, remaining, progress } = &mut **limited;
        let Poll::Ready(frame) = Pin::new(incoming).poll_frame(cx) else {
            progress.set_awaited(Awaited::Client);
            return Poll::Pending;
        };
        progress.set_awaited(Awaited::Upstream);
        Poll::Ready(match frame {
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, |data| data.len() as u64);
                match remaining.checked_sub(length) {
                    Some(rest) => {
                        *remaining = rest;
                        Some(Ok(frame))
                    }
                    None => {
                        progress.set_fault(BodyFault::TooLarge);
                        Some(Err("the body is too large".into()))
                    }
                }
            }
            Some(Err(error)) => {
                progress.set_fault(BodyFault::Broken);
                Some(Err(error.into()))
            }
            None => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        match self {
            RequestBody::Empty => true,
            RequestBody::Client(limited) => limited.incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            RequestBody::Empty => SizeHint::with_exact(0),
            RequestBody::Client(limited) => limited.incoming.size_hint(),
        }
    }
}
