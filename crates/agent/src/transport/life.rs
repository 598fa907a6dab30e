//! What has gone over a connection so far.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// The life of one connection, as its bytes tell it; 0 until something is heard. Clones are the same life.
#[derive(Clone, Default)]
pub(super) struct Life(Arc<AtomicU8>);

/// What was heard last is newer than what was sent last.
const HEARD: u8 = 1;
/// Something was sent after something was heard, and nothing was heard since.
const ASKED_AGAIN: u8 = 2;

impl Life {
    pub(super) fn hears(&self) {
        self.0.store(HEARD, Ordering::Relaxed);
    }

    pub(super) fn says(&self) {
        let _ = self.0.compare_exchange(HEARD, ASKED_AGAIN, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether it served before, and the last request on it got no byte of an answer: its server had closed it already.
    pub(super) fn had_ended(&self) -> bool {
        self.0.load(Ordering::Relaxed) == ASKED_AGAIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_connection_that_served_before_can_have_ended() {
        let life = Life::default();
        for (step, ended) in [
            ("says", false),
            ("says", false),
            ("hears", false),
            ("hears", false),
            ("says", true),
            ("hears", false),
        ] {
            if step == "says" {
                life.says()
            } else {
                life.hears()
            }
            assert_eq!(life.had_ended(), ended, "{step}");
        }
    }
}
