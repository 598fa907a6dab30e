//! Whether a pooled connection was closed while it was idle.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// What was received and sent last on one connection; 0 until something was received. Clones share it.
#[derive(Clone, Default)]
pub(super) struct KeepAlive(Arc<AtomicU8>);

/// Something was received after the last byte that was sent.
const RECEIVED: u8 = 1;
/// Something was sent after something was received, and nothing was received since.
const SENT_AGAIN: u8 = 2;

impl KeepAlive {
    pub(super) fn mark_received(&self) {
        self.0.store(RECEIVED, Ordering::Relaxed);
    }

    pub(super) fn mark_sent(&self) {
        let _ = self.0.compare_exchange(RECEIVED, SENT_AGAIN, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether an earlier request was answered, and the last one got no byte of a response: the server had closed the connection
    /// already.
    pub(super) fn closed_while_idle(&self) -> bool {
        self.0.load(Ordering::Relaxed) == SENT_AGAIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_connection_that_served_before_can_have_ended() {
        let keep_alive = KeepAlive::default();
        for (step, ended) in [
            ("says", false),
            ("says", false),
            ("hears", false),
            ("hears", false),
            ("says", true),
            ("hears", false),
        ] {
            if step == "says" {
                keep_alive.mark_sent()
            } else {
                keep_alive.mark_received()
            }
            assert_eq!(keep_alive.closed_while_idle(), ended, "{step}");
        }
    }
}
