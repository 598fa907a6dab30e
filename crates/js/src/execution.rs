//! How long a script runs, and why it has to stop.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crossing::Time;

use crate::limits::Limits;

/// Why a script has to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopReason {
    TimeOver,
    TooManyRequests,
    Interrupted,
}

/// The clock of a script, its limits, and whether one of them was reached.
pub(crate) struct Execution {
    pub(crate) limits: Limits,
    start: Instant,
    stop: Cell<Option<StopReason>>,
    interrupted: Arc<AtomicBool>,
}

impl Execution {
    pub(crate) fn new(limits: Limits) -> Execution {
        Execution { limits, start: Instant::now(), stop: Cell::default(), interrupted: Arc::default() }
    }

    /// The time since the start.
    pub(crate) fn now(&self) -> Time {
        Time(self.start.elapsed())
    }

    /// The moment at which this time since the start has passed.
    pub(crate) fn instant(&self, time: Time) -> Option<Instant> {
        self.start.checked_add(time.0)
    }

    /// When the script must have ended; `None` is never.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.start.checked_add(self.limits.time)
    }

    /// Why the script has to stop, if it has to. The engine calls this between its instructions.
    pub(crate) fn stop_reason(&self) -> Option<StopReason> {
        if self.interrupted.load(Ordering::Relaxed) && self.interrupted.swap(false, Ordering::Relaxed) {
            self.stop.set(Some(StopReason::Interrupted));
        }
        if self.stop.get().is_none() && self.start.elapsed() >= self.limits.time {
            self.stop.set(Some(StopReason::TimeOver));
        }
        self.stop.get()
    }

    pub(crate) fn stop(&self, reason: StopReason) {
        self.stop.set(Some(reason));
    }

    /// Continues after an interruption.
    pub(crate) fn resume(&self) {
        self.stop.set(None);
    }

    /// The flag that interrupts the script, for other threads.
    pub(crate) fn interrupt_flag(&self) -> Arc<AtomicBool> {
        self.interrupted.clone()
    }
}
