//! The body of a request, on its way out.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use crossing_agent::{BoxError, RequestBody};
use http_body::{Body, Frame};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::event::{EventSender, FetchId, NetworkEvent};

/// What goes out with a request.
#[derive(Default)]
pub(crate) enum Upload {
    #[default]
    Empty,
    /// Bytes without progress reports.
    Bytes(Bytes),
    /// Bytes whose progress is reported.
    Observed(Bytes),
    /// Chunks, which are requested from the script one by one.
    Stream(UnboundedReceiver<UploadChunk>),
}

/// A chunk of a streamed body, or its end: without the end, the stream has broken off.
#[derive(Debug)]
pub(crate) enum UploadChunk {
    Bytes(Bytes),
    End,
}

impl Upload {
    /// A streamed body, and where its chunks are put.
    pub(crate) fn stream() -> (UnboundedSender<UploadChunk>, Upload) {
        let (sender, chunks) = unbounded_channel();
        (sender, Upload::Stream(chunks))
    }

    /// The body, as the agent takes it. `whole` is notified when all observed bytes have been sent.
    pub(crate) fn into_body(self, id: FetchId, events: &EventSender, whole: &Arc<Notify>) -> RequestBody {
        let events = events.clone();
        match self {
            Upload::Empty => RequestBody::default(),
            Upload::Bytes(bytes) => bytes.into(),
            Upload::Observed(bytes) => {
                let (left, whole) = (AtomicU64::new(bytes.len() as u64), whole.clone());
                RequestBody::with_progress(bytes, move |piece| {
                    // A redirect may send the bytes again, but they are reported once.
                    let before = left.load(Ordering::Relaxed);
                    if before == 0 {
                        return;
                    }
                    left.store(before.saturating_sub(piece), Ordering::Relaxed);
                    // A script that has ended receives nothing more.
                    let _ = events.send((id, NetworkEvent::UploadProgress(piece)));
                    if before <= piece {
                        whole.notify_one();
                    }
                })
            }
            Upload::Stream(chunks) => {
                RequestBody::stream(UploadStream { id, events, chunks, requested: false })
            }
        }
    }
}

struct UploadStream {
    id: FetchId,
    events: EventSender,
    chunks: UnboundedReceiver<UploadChunk>,
    requested: bool,
}

impl Body for UploadStream {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.chunks.poll_recv(cx) {
            Poll::Ready(Some(UploadChunk::Bytes(bytes))) => {
                self.requested = false;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Poll::Ready(Some(UploadChunk::End)) => Poll::Ready(None),
            Poll::Ready(None) => Poll::Ready(Some(Err("the script's stream has broken off".into()))),
            Poll::Pending => {
                if !self.requested {
                    self.requested = true;
                    let _ = self.events.send((self.id, NetworkEvent::UploadChunkWanted));
                }
                Poll::Pending
            }
        }
    }
}
