//! What time it is: the machine's clock, or one that a test advances.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crossing::Time;

/// Says what time it is, counted from the Unix epoch: cookies expire by the calendar.
///
/// It times what is remembered: preflights, cookies, stored responses. [`Limits`](crate::Limits) run on the machine's
/// timers.
pub trait Clock: Send + Sync + 'static {
    /// Now. It never goes back.
    fn now(&self) -> Time;
}

/// The machine's clock. It reads the calendar once, and counts from there.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    began: Time,
    at: Instant,
}

impl SystemClock {
    /// A clock that begins now.
    pub fn new() -> SystemClock {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        SystemClock { began: Time(since_epoch), at: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        SystemClock::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Time {
        self.began + self.at.elapsed()
    }
}

/// A clock that stands still until it is advanced. Its clones show the same time.
///
/// ```
/// use std::time::Duration;
///
/// use crossing_agent::{Clock, VirtualClock};
///
/// let clock = VirtualClock::default();
/// let (copy, before) = (clock.clone(), clock.now());
/// clock.advance(Duration::from_secs(600));
/// assert_eq!(copy.now(), before + Duration::from_secs(600));
/// ```
#[derive(Clone, Debug)]
pub struct VirtualClock(Arc<Mutex<Time>>);

impl VirtualClock {
    /// A clock that shows `time`.
    pub fn at(time: Time) -> VirtualClock {
        VirtualClock(Arc::new(Mutex::new(time)))
    }

    /// Lets `by` pass, in no time.
    pub fn advance(&self, by: Duration) {
        let mut time = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *time = *time + by;
    }
}

impl Default for VirtualClock {
    /// The first second of 2026.
    fn default() -> Self {
        VirtualClock::at(Time::from_secs(1_767_225_600))
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Time {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
