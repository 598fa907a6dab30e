//! The body of a client's request.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::EXPECT;
use http::{Request, Version};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

/// How much of a body that nobody wants is read, and for how long: enough for a client to see the response.
const MOST_UNWANTED: usize = 16 << 20;
const LONGEST_UNWANTED: Duration = Duration::from_secs(5);

/// The body of a client's request. What nobody wants of it is read for a while: to drop it would reset the stream or the
/// connection, and a client that still sends would never see why.
/// <https://httpwg.org/specs/rfc9112.html#persistent.tear-down>
#[derive(Debug)]
pub(crate) struct ClientBody {
    incoming: Option<Incoming>,
    /// Whether the client sends it only when it is told to go on; to read it would say so.
    awaits: bool,
}

impl ClientBody {
    /// The body of a request, which most have not.
    pub(crate) fn of(request: Request<Incoming>) -> Request<ClientBody> {
        let present = !request.body().is_end_stream();
        let awaits =
            present && request.version() == Version::HTTP_11 && request.headers().contains_key(EXPECT);
        request.map(|body| ClientBody { incoming: present.then_some(body), awaits })
    }
}

impl Drop for ClientBody {
    fn drop(&mut self) {
        if let Some(incoming) = self.incoming.take()
            && !self.awaits
            && !incoming.is_end_stream()
        {
            tokio::task::spawn_local(tokio::time::timeout(LONGEST_UNWANTED, discard(incoming)));
        }
    }
}

async fn discard(mut body: Incoming) {
    let mut left = MOST_UNWANTED;
    while let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        match left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

impl Body for ClientBody {
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
