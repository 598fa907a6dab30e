//! The body of a client's request on its way to an upstream.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::Instant;

use crate::body::BoxError;
use crate::client_body::ClientBody;

/// What became of a client's body, for whoever waits for the upstream's response.
#[derive(Clone, Debug)]
pub(crate) struct Progress(Rc<Cell<State>>);

#[derive(Clone, Copy, Debug)]
struct State {
    moved: Instant,
    awaited: Awaited,
    fault: Option<Fault>,
}

/// Whom a request waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// The next piece of the client's body.
    Client,
    /// The upstream, to take a piece or to respond.
    Upstream,
}

/// Why a body did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    TooLarge,
    Broken,
}

/// The body of a request.
#[derive(Debug, Default)]
pub(crate) enum RequestBody {
    /// None.
    #[default]
    Empty,
    /// What the client sends. Boxed: most requests have none, and are moved about.
    Client(Box<Counted>),
}

/// What a client sends, as it comes, up to a limit.
#[derive(Debug)]
pub(crate) struct Counted {
    incoming: ClientBody,
    left: u64,
    progress: Progress,
}

impl Progress {
    pub(crate) fn new() -> Progress {
        let state = State { moved: Instant::now(), awaited: Awaited::Upstream, fault: None };
        Progress(Rc::new(Cell::new(state)))
    }

    /// Since when whom is waited for.
    pub(crate) fn awaited(&self) -> (Awaited, Instant) {
        let state = self.0.get();
        (state.awaited, state.moved)
    }

    pub(crate) fn fault(&self) -> Option<Fault> {
        self.0.get().fault
    }

    fn waits_for(&self, awaited: Awaited) {
        let state = self.0.get();
        if state.awaited != awaited || awaited == Awaited::Upstream {
            self.0.set(State { moved: Instant::now(), awaited, ..state });
        }
    }

    fn fails(&self, fault: Fault) {
        self.0.set(State { fault: Some(fault), ..self.0.get() });
    }
}

impl RequestBody {
    pub(crate) fn client(incoming: ClientBody, left: u64, progress: Progress) -> RequestBody {
        RequestBody::Client(Box::new(Counted { incoming, left, progress }))
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
        let RequestBody::Client(counted) = &mut *self else {
            return Poll::Ready(None);
        };
        let Counted { incoming, left, progress } = &mut **counted;
        let Poll::Ready(frame) = Pin::new(incoming).poll_frame(cx) else {
            progress.waits_for(Awaited::Client);
            return Poll::Pending;
        };
        progress.waits_for(Awaited::Upstream);
        Poll::Ready(match frame {
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, |data| data.len() as u64);
                match left.checked_sub(length) {
                    Some(rest) => {
                        *left = rest;
                        Some(Ok(frame))
                    }
                    None => {
                        progress.fails(Fault::TooLarge);
                        Some(Err("the body is too large".into()))
                    }
                }
            }
            Some(Err(error)) => {
                progress.fails(Fault::Broken);
                Some(Err(error.into()))
            }
            None => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        match self {
            RequestBody::Empty => true,
            RequestBody::Client(counted) => counted.incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            RequestBody::Empty => SizeHint::with_exact(0),
            RequestBody::Client(counted) => counted.incoming.size_hint(),
        }
    }
}
