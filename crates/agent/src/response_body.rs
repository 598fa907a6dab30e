//! The body of a response.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use crossing::Reason;
use tokio::time::{Instant, Sleep};

use crate::content_coding::Decoder;
use crate::error::TransportError;
use crate::http_cache::CacheWriter;
use crate::limits::{Limits, deadline_after};
use crate::transport::IncomingBody;

/// The body of a delivered response: read it whole, or piece by piece, within the agent's
/// [`Limits`](crate::Limits).
pub struct Body {
    source: Option<IncomingBody>,
    decoder: Option<Box<Decoder>>,
    cache_writer: Option<Box<CacheWriter>>,
    left: u64,
    limit: u64,
    until: Option<Until>,
}

/// A response's body as it came, how it is coded, and where it is stored.
pub(crate) struct ReceivedBody {
    pub(crate) body: IncomingBody,
    pub(crate) decoder: Option<Box<Decoder>>,
    pub(crate) cache_writer: Option<Box<CacheWriter>>,
}

impl ReceivedBody {
    /// Reads a body that is not delivered, so that the connection can be used again and the cache gets its copy; but only if it is
    /// known to be short, and is received within a short time.
    pub(crate) async fn drain(self, limits: &Limits) {
        const SHORT: u64 = 64 << 10;
        const PATIENCE: Duration = Duration::from_millis(200);
        if self.body.length().is_some_and(|length| length <= SHORT) {
            let whole = ReceivedBody { decoder: None, ..self };
            let _ = Body::new(whole, limits, deadline_after(PATIENCE)).bytes().await;
        }
    }
}

/// When the time is over. The timer is made only if there is something to wait for.
struct Until {
    instant: Instant,
    total: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Body {
    pub(crate) fn empty() -> Body {
        Body { source: None, decoder: None, cache_writer: None, left: 0, limit: 0, until: None }
    }

    pub(crate) fn new(received: ReceivedBody, limits: &Limits, until: Instant) -> Body {
        let until = Some(Until { instant: until, total: limits.total, timer: None });
        let limit = limits.body;
        let cache_writer = received.cache_writer;
        Body {
            source: Some(received.body),
            decoder: received.decoder,
            cache_writer,
            left: limit,
            limit,
            until,
        }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// When the connection breaks, the time is over, or the body is larger than the limit.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        poll_fn(|cx| self.poll_chunk(cx)).await
    }

    /// The whole body.
    ///
    /// # Errors
    /// As [`chunk`](Body::chunk).
    pub async fn bytes(mut self) -> Result<Bytes, TransportError> {
        let Some(first) = self.chunk().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.chunk().await? else { return Ok(first) };
        let mut whole = BytesMut::with_capacity(first.len() + second.len());
        whole.extend_from_slice(&first);
        whole.extend_from_slice(&second);
        while let Some(chunk) = self.chunk().await? {
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }

    /// The whole body as text: [UTF-8 decode](https://encoding.spec.whatwg.org/#utf-8-decode), as `response.text()` does.
    ///
    /// # Errors
    /// As [`chunk`](Body::chunk).
    pub async fn text(self) -> Result<String, TransportError> {
        let bytes = self.bytes().await?;
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, TransportError>> {
        let end = match self.poll_source(cx) {
            Poll::Pending => return self.poll_timer(cx),
            Poll::Ready(Some(Ok(chunk))) => match self.left.checked_sub(chunk.len() as u64) {
                Some(left) => {
                    self.left = left;
                    return Poll::Ready(Ok(Some(chunk)));
                }
                None => Err(TransportError::new(
                    Reason::BodyTooLarge,
                    format!("the body is larger than {} bytes", self.limit),
                )),
            },
            Poll::Ready(Some(Err(error))) => Err(error),
            Poll::Ready(None) => Ok(None),
        };
        self.source = None;
        Poll::Ready(end)
    }

    /// The next bytes, decoded.
    fn poll_source(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, TransportError>>> {
        loop {
            let Some(source) = &mut self.source else { return Poll::Ready(None) };
            let next = std::task::ready!(source.poll_bytes(cx));
            self.store(next.as_ref());
            let next = match (next, &mut self.decoder) {
                (Some(Ok(bytes)), Some(decoder)) => Some(decoder.push(&bytes, self.left)),
                (None, Some(decoder)) => {
                    let rest = decoder.finish(self.left);
                    self.source = None;
                    Some(rest)
                }
                (next, _) => next,
            };
            match next {
                Some(Ok(bytes)) if bytes.is_empty() => {}
                next => return Poll::Ready(next),
            }
        }
    }

    /// Gives the cache its copy, as it came over the wire. A body that breaks off is not stored.
    fn store(&mut self, next: Option<&Result<Bytes, TransportError>>) {
        let Some(mut cache_writer) = self.cache_writer.take() else { return };
        match next {
            None => (*cache_writer).finish(),
            Some(Err(_)) => {}
            Some(Ok(bytes)) => {
                if cache_writer.push(bytes) {
                    self.cache_writer = Some(cache_writer);
                }
            }
        }
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, TransportError>> {
        let Some(until) = &mut self.until else { return Poll::Pending };
        let timer = until.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until.instant)));
        std::task::ready!(timer.as_mut().poll(cx));
        self.source = None;
        Poll::Ready(Err(TransportError::timeout("end of the body", until.total)))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("limit", &self.limit).finish_non_exhaustive()
    }
}
