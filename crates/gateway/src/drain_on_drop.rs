//! The body of a client's request; what is not used of it is read and discarded.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::EXPECT;
use http::{Request, Version};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

/// How many bytes of an unused body are discarded, and for how long: enough for a client to receive the response.
const MAX_DISCARDED: usize = 16 << 20;
const DISCARD_TIMEOUT: Duration = Duration::from_secs(5);

/// The body of a client's request. When it is dropped before its end, the rest is read for a while: otherwise the stream or
/// the connection would be reset, and a client that is still sending would not receive the response.
/// <https://httpwg.org/specs/rfc9112.html#persistent.tear-down>
#[derive(Debug)]
pub(crate) struct DrainOnDrop {
    incoming: Option<Incoming>,
    /// Whether the client waits for `100 Continue`. Reading the body sends it.
    expects_continue: bool,
}

impl DrainOnDrop {
    /// Wraps the body of a request.
    pub(crate) fn wrap(request: Request<Incoming>) -> Request<DrainOnDrop> {
        let present = !request.body().is_end_stream();
        let expects_continue =
            present && request.version() == Version::HTTP_11 && request.headers().contains_key(EXPECT);
        request.map(|body| DrainOnDrop { incoming: present.then_some(body), expects_continue })
    }
}

impl Drop for DrainOnDrop {
    fn drop(&mut self) {
        if let Some(incoming) = self.incoming.take()
            && !self.expects_continue
            && !incoming.is_end_stream()
        {
            tokio::task::spawn_local(tokio::time::timeout(DISCARD_TIMEOUT, discard(incoming)));
        }
    }
}

async fn discard(mut body: Incoming) {
    let mut remaining = MAX_DISCARDED;
    while let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        match remaining.checked_sub(frame.data_ref().map_or(0, Bytes::len)) {
            Some(rest) => remaining = rest,
            None => return,
        }
    }
}

impl Body for DrainOnDrop {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.incoming {
            Some(incoming) => Pin::new(incoming).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
