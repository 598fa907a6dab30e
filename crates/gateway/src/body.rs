//! The body of a response, from any source.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_http::services::fs::ServeFileSystemResponseBody;

use crate::upstream::{BoxError, UpstreamBody};

pin_project! {
    /// The body of a response.
    #[project = BodyProj]
    #[derive(Default)]
    pub(crate) enum Body {
        /// No body.
        #[default]
        Empty,
        /// A text of the gateway itself.
        Text { text: Bytes },
        /// Streamed from an upstream.
        Upstream { #[pin] body: UpstreamBody },
        /// A file.
        File { #[pin] body: ServeFileSystemResponseBody },
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.project() {
            BodyProj::Empty => Poll::Ready(None),
            BodyProj::Text { text } if text.is_empty() => Poll::Ready(None),
            BodyProj::Text { text } => Poll::Ready(Some(Ok(Frame::data(std::mem::take(text))))),
            BodyProj::Upstream { body } => body.poll_frame(cx),
            BodyProj::File { body } => body.poll_frame(cx).map_err(Into::into),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Body::Empty => true,
            Body::Text { text } => text.is_empty(),
            Body::Upstream { body } => body.is_end_stream(),
            Body::File { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Body::Empty => SizeHint::with_exact(0),
            Body::Text { text } => SizeHint::with_exact(text.len() as u64),
            Body::Upstream { body } => body.size_hint(),
            Body::File { body } => body.size_hint(),
        }
    }
}
