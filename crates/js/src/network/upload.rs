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
    /// Bytes, of which nobody asks how they get on.
    Bytes(Bytes),
    /// Bytes whose way is told.
    Observed(Bytes),
    /// UploadStream, each of which the script is asked for.
    Stream(UnboundedReceiver<UploadChunk>),
}

/// A piece of a streamed body; the end is a piece, too: without it the stream has broken off.
#[derive(Debug)]
pub(crate) enum UploadChunk {
    Bytes(Bytes),
    End,
}

impl Upload {
    /// A streamed body, and where its pieces are put.
    pub(crate) fn stream() -> (UnboundedSender<UploadChunk>, Upload) {
        let (to, pieces) = unbounded_channel();
        (to, Upload::Stream(pieces))
    }

    /// The body, as the agent takes it. `whole` hears when all that is told of has gone out.
    pub(crate) fn into_body(self, id: FetchId, reports: &EventSender, whole: &Arc<Notify>) -> RequestBody {
        let reports = reports.clone();
        match self {
            Upload::Empty => RequestBody::default(),
            Upload::Bytes(bytes) => bytes.into(),
            Upload::Observed(bytes) => {
                let (left, whole) = (AtomicU64::new(bytes.len() as u64), whole.clone());
                RequestBody::with_progress(bytes, move |piece| {
                    // A redirect may send the bytes again, but they are told once.
                    let before = left.load(Ordering::Relaxed);
                    if before == 0 {
                        return;
                    }
                    left.store(before.saturating_sub(piece), Ordering::Relaxed);
                    // A script that has ended is told nothing more.
                    let _ = reports.send((id, NetworkEvent::UploadProgress(piece)));
                    if before <= piece {
                        whole.notify_one();
                    }
                })
            }
            Upload::Stream(pieces) => RequestBody::stream(UploadStream { id, reports, pieces, asked: false }),
        }
    }
}

struct UploadStream {
    id: FetchId,
    reports: EventSender,
    pieces: UnboundedReceiver<UploadChunk>,
    asked: bool,
}

impl Body for UploadStream {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.pieces.poll_recv(cx) {
            Poll::Ready(Some(UploadChunk::Bytes(bytes))) => {
                self.asked = false;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Poll::Ready(Some(UploadChunk::End)) => Poll::Ready(None),
            Poll::Ready(None) => Poll::Ready(Some(Err("the script's stream has broken off".into()))),
            Poll::Pending => {
                if !self.asked {
                    self.asked = true;
                    let _ = self.reports.send((self.id, NetworkEvent::UploadChunkWanted));
                }
                Poll::Pending
            }
        }
    }
}
