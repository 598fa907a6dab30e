//! Vectored writes that join small buffers: a head and a small body are written as one.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;

/// Up to this many bytes, a copy costs less than a vectored write.
const MAX_COPIED: usize = 4096;

/// Writes several buffers; small ones are copied into one.
pub(crate) fn write_vectored<W: AsyncWrite + ?Sized>(
    to: Pin<&mut W>,
    cx: &mut Context<'_>,
    bufs: &[IoSlice<'_>],
) -> Poll<io::Result<usize>> {
    match bufs {
        [] => to.poll_write(cx, &[]),
        [one] => to.poll_write(cx, one),
        several => {
            let total: usize = several.iter().map(|buf| buf.len()).sum();
            if total > MAX_COPIED {
                return to.poll_write_vectored(cx, several);
            }
            let mut joined = Vec::with_capacity(total);
            several.iter().for_each(|buf| joined.extend_from_slice(buf));
            to.poll_write(cx, &joined)
        }
    }
}
