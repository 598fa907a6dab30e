//! Access to a runtime from other threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::network::{EventSender, FetchId, NetworkEvent};

/// Interrupts a [`Runtime`](crate::Runtime), or wakes it, from any thread. Its clones do the same.
#[derive(Clone, Debug)]
pub struct RuntimeHandle {
    interrupted: Arc<AtomicBool>,
    events: EventSender,
}

impl RuntimeHandle {
    pub(crate) fn new(interrupted: Arc<AtomicBool>, events: EventSender) -> RuntimeHandle {
        RuntimeHandle { interrupted, events }
    }

    /// Ends what the script is doing: the call that runs it gives [`Error::Interrupted`](crate::Error::Interrupted), and the
    /// runtime can go on.
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::Relaxed);
        self.wake();
    }

    /// Ends a wait of [`Runtime::turn`](crate::Runtime::turn).
    pub fn wake(&self) {
        // A runtime that is gone waits for nothing.
        let _ = self.events.send((FetchId::MAX, NetworkEvent::Wakeup));
    }
}
