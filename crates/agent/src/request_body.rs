//! The body of a request.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::error::BoxError;

/// The body of a request.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use axum::{Router, routing::post};
/// use crossing::browser::Request;
/// use crossing_agent::{Agent, RequestBody, client};
///
/// let app = Router::new().route("/", post(|body: String| async move { body.len().to_string() }));
/// let agent = Agent::in_process().host("a.example", app).build()?;
/// let request = Request::builder("https://a.example/".parse()?).method("POST").body(5, None).build()?;
///
/// let sent = Arc::new(AtomicU64::new(0));
/// let counter = sent.clone();
/// let body = RequestBody::with_progress("hello", move |bytes| { counter.fetch_add(bytes, Ordering::Relaxed); });
/// let outcome = agent.fetch(&client("https://a.example")?, request, body).await;
/// assert_eq!(outcome.result?.body.text().await?, "5");
/// assert_eq!(sent.load(Ordering::Relaxed), 5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Default)]
pub struct RequestBody(Outgoing);

type Stream = Pin<Box<dyn http_body::Body<Data = Bytes, Error = BoxError> + Send>>;

#[derive(Default)]
enum Outgoing {
    #[default]
    Empty,
    Bytes(Bytes),
    Observed(Observed),
    Stream(Stream),
}

/// Bytes that are sent in pieces, each of which is reported.
#[derive(Clone)]
struct Observed {
    bytes: Bytes,
    on_piece: Arc<dyn Fn(u64) + Send + Sync>,
}

impl Observed {
    /// As much as a browser writes to a socket in one call.
    const PIECE: usize = 64 << 10;

    fn piece(&mut self) -> Option<Bytes> {
        if self.bytes.is_empty() {
            return None;
        }
        let piece = self.bytes.split_to(self.bytes.len().min(Self::PIECE));
        (self.on_piece)(piece.len() as u64);
        Some(piece)
    }
}

impl RequestBody {
    /// A body that is read once, piece by piece. Its request is built with
    /// [`stream`](crossing::browser::RequestBuilder::stream).
    pub fn stream<B>(body: B) -> RequestBody
    where
        B: http_body::Body<Data = Bytes, Error = BoxError> + Send + 'static,
    {
        RequestBody(Outgoing::Stream(Box::pin(body)))
    }

    /// Bytes that are sent in pieces. `on_piece` gets the length of each piece; a redirect may send all of them again.
    pub fn with_progress(
        bytes: impl Into<Bytes>,
        on_piece: impl Fn(u64) + Send + Sync + 'static,
    ) -> RequestBody {
        RequestBody(Outgoing::Observed(Observed { bytes: bytes.into(), on_piece: Arc::new(on_piece) }))
    }

    /// Its length in bytes; `None` for a stream.
    pub(crate) fn length(&self) -> Option<u64> {
        match &self.0 {
            Outgoing::Empty => Some(0),
            Outgoing::Bytes(bytes) | Outgoing::Observed(Observed { bytes, .. }) => Some(bytes.len() as u64),
            Outgoing::Stream(_) => None,
        }
    }

    /// The body from its start. A stream has one start only.
    pub(crate) fn replay(&mut self) -> RequestBody {
        match &mut self.0 {
            Outgoing::Bytes(bytes) => RequestBody(Outgoing::Bytes(bytes.clone())),
            Outgoing::Observed(observed) => RequestBody(Outgoing::Observed(observed.clone())),
            other => RequestBody(std::mem::take(other)),
        }
    }

    /// The same body, to be sent once more; `None` for a stream.
    pub(crate) fn try_clone(&self) -> Option<RequestBody> {
        Some(RequestBody(match &self.0 {
            Outgoing::Empty => Outgoing::Empty,
            Outgoing::Bytes(bytes) => Outgoing::Bytes(bytes.clone()),
            Outgoing::Observed(observed) => Outgoing::Observed(observed.clone()),
            Outgoing::Stream(_) => return None,
        }))
    }
}

impl From<()> for RequestBody {
    fn from((): ()) -> Self {
        RequestBody::default()
    }
}

impl<T: Into<Bytes>> From<Option<T>> for RequestBody {
    fn from(bytes: Option<T>) -> Self {
        bytes.map_or_else(RequestBody::default, |bytes| RequestBody(Outgoing::Bytes(bytes.into())))
    }
}

macro_rules! from_bytes {
    ($($kind:ty),+) => { $(
        impl From<$kind> for RequestBody {
            fn from(bytes: $kind) -> Self {
                RequestBody(Outgoing::Bytes(bytes.into()))
            }
        }
    )+ };
}
from_bytes!(Bytes, Vec<u8>, String, &'static str, &'static [u8]);

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.length() {
            Some(length) => write!(f, "RequestBody({length} bytes)"),
            None => f.write_str("RequestBody(stream)"),
        }
    }
}

impl http_body::Body for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.0 {
            Outgoing::Empty => Poll::Ready(None),
            Outgoing::Bytes(bytes) => {
                let bytes = std::mem::take(bytes);
                self.0 = Outgoing::Empty;
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            Outgoing::Observed(observed) => Poll::Ready(observed.piece().map(|piece| Ok(Frame::data(piece)))),
            Outgoing::Stream(stream) => stream.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Outgoing::Empty => true,
            Outgoing::Bytes(bytes) | Outgoing::Observed(Observed { bytes, .. }) => bytes.is_empty(),
            Outgoing::Stream(stream) => stream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.0, self.length()) {
            (Outgoing::Stream(stream), _) => stream.size_hint(),
            (_, length) => SizeHint::with_exact(length.unwrap_or(0)),
        }
    }
}
