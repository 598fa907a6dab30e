//! A head and a small body in one piece.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;

/// Up to so many bytes, a copy costs less than what the system does for several pieces.
const SMALL: usize = 4096;

/// Writes several pieces: small ones as one.
pub(crate) fn write_gathered<W: AsyncWrite + ?Sized>(
    to: Pin<&mut W>,
    cx: &mut Context<'_>,
    pieces: &[IoSlice<'_>],
) -> Poll<io::Result<usize>> {
    match pieces {
        [] => to.poll_write(cx, &[]),
        [one] => to.poll_write(cx, one),
        several => {
            let total: usize = several.iter().map(|piece| piece.len()).sum();
            if total > SMALL {
                return to.poll_write_vectored(cx, several);
            }
            let mut whole = Vec::with_capacity(total);
            several.iter().for_each(|piece| whole.extend_from_slice(piece));
            to.poll_write(cx, &whole)
        }
    }
}
