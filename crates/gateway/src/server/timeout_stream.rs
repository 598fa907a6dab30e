//! Timeouts for a client that stops reading, or that does not send the start of its first request.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use crate::vectored::write_vectored;

/// The connection preface of HTTP/2. As long as only a part of it has been received, hyper does not know the protocol, and
/// no timeout of hyper applies. <https://httpwg.org/specs/rfc9113.html#preface>
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A stream that fails when nothing can be written to it for `write_timeout`, or when the first bytes take too long.
pub(super) struct TimeoutStream<S> {
    stream: S,
    write_timeout: Duration,
    blocked_write: Option<Pin<Box<Sleep>>>,
    first_read: Option<FirstRead>,
}

/// The wait for the first bytes that are not a part of the preface.
struct FirstRead {
    deadline: Pin<Box<Sleep>>,
    /// How many bytes of the preface have been received.
    matched: usize,
}

impl<S> TimeoutStream<S> {
    pub(super) fn new(stream: S, write_timeout: Duration, first_read_timeout: Duration) -> TimeoutStream<S> {
        let deadline = Box::pin(tokio::time::sleep(first_read_timeout));
        let first_read = FirstRead { deadline, matched: 0 };
        TimeoutStream { stream, write_timeout, blocked_write: None, first_read: Some(first_read) }
    }

    fn time_out<T>(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.blocked_write = None;
            return result;
        }
        let timeout = self.write_timeout;
        let blocked = self.blocked_write.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
        blocked.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimeoutStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buf);
        let Some(first) = &mut this.first_read else { return read };
        if read.is_pending() {
            return first.deadline.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()));
        }
        let received = &buf.filled()[before..];
        if PREFACE[first.matched..].starts_with(received) {
            first.matched += received.len();
        }
        if !PREFACE[..first.matched].ends_with(received) || first.matched == PREFACE.len() {
            this.first_read = None;
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TimeoutStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.time_out(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = write_vectored(Pin::new(&mut self.stream), cx, bufs);
        self.time_out(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.time_out(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.time_out(cx, shut)
    }
}
