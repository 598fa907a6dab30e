//! A response's body as it comes.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use crossing::Reason;
use http_body::Body as _;

use crate::error::{BoxError, TransportError, innermost};

/// A response's body as it comes.
pub struct IncomingBody(Source);

enum Source {
    Hyper(hyper::body::Incoming),
    Service(Pin<Box<dyn http_body::Body<Data = Bytes, Error = BoxError> + Send>>),
    Bytes(Bytes),
}

impl IncomingBody {
    /// A body of any kind.
    pub fn new<B>(body: B) -> IncomingBody
    where
        B: http_body::Body<Data = Bytes, Error = BoxError> + Send + 'static,
    {
        IncomingBody(Source::Service(Box::pin(body)))
    }

    /// A body that is there as a whole.
    pub(crate) fn from_bytes(bytes: Bytes) -> IncomingBody {
        IncomingBody(Source::Bytes(bytes))
    }

    /// Its length in bytes, where it is known from the start.
    pub(crate) fn length(&self) -> Option<u64> {
        match &self.0 {
            Source::Hyper(body) => body.size_hint().exact(),
            Source::Service(body) => body.size_hint().exact(),
            Source::Bytes(bytes) => Some(bytes.len() as u64),
        }
    }

    pub(super) fn from_hyper(body: hyper::body::Incoming) -> IncomingBody {
        IncomingBody(Source::Hyper(body))
    }

    /// The next bytes. Trailers are passed over.
    pub(crate) fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, TransportError>>> {
        loop {
            let frame = match &mut self.0 {
                Source::Hyper(body) => {
                    let frame = ready!(Pin::new(body).poll_frame(cx));
                    frame.map(|frame| frame.map_err(|error| broken_body(&error)))
                }
                Source::Service(body) => {
                    let frame = ready!(body.as_mut().poll_frame(cx));
                    frame.map(|frame| frame.map_err(|error| broken_body(&*error)))
                }
                Source::Bytes(bytes) if bytes.is_empty() => None,
                Source::Bytes(bytes) => return Poll::Ready(Some(Ok(std::mem::take(bytes)))),
            };
            match frame {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

fn broken_body(error: &(dyn std::error::Error + 'static)) -> TransportError {
    TransportError::within(error).cloned().unwrap_or_else(|| {
        TransportError::new(Reason::BrokenHttp, format!("the body broke off: {}", innermost(error)))
    })
}

impl fmt::Debug for IncomingBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IncomingBody")
    }
}
