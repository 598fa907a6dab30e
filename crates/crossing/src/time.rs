//! Time as an argument.

use std::time::Duration;

/// A moment: the time since an epoch of the caller's choice, which never goes back.
///
/// The core reads no clock. Whoever drives it says what time it is, so a test can let an hour pass in no time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub Duration);

impl Time {
    /// The epoch itself.
    pub const ZERO: Time = Time(Duration::ZERO);

    /// The moment `seconds` after the epoch.
    pub const fn from_secs(seconds: u64) -> Time {
        Time(Duration::from_secs(seconds))
    }

    /// How long ago `earlier` was; zero if it was not.
    pub fn since(self, earlier: Time) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl std::ops::Add<Duration> for Time {
    type Output = Time;

    fn add(self, by: Duration) -> Time {
        Time(self.0.saturating_add(by))
    }
}
