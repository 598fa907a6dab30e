//! How long a script may run, and how much it may take.

use std::time::Duration;

/// What ends a script that does not end by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The script's memory, in bytes.
    pub memory: usize,
    /// The script's stack, in bytes. The thread must have a mebibyte more, for a synchronous request.
    pub stack: usize,
    /// The time from the runtime's start to the script's end, waiting included.
    pub time: Duration,
    /// How many requests it may make.
    pub requests: u32,
}

impl Default for Limits {
    /// 256 MiB, 1 MiB, 60 seconds, 50 000 requests.
    fn default() -> Self {
        Limits { memory: 256 << 20, stack: 1 << 20, time: Duration::from_secs(60), requests: 50_000 }
    }
}
