//! What a script may use up.

use std::time::Duration;

/// What a script may use up; beyond it the script ends, or a request fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory of the script's objects, in bytes.
    pub memory: usize,
    /// The engine's stack, in bytes.
    pub stack: usize,
    /// From the first script to the end, waiting included.
    pub time: Duration,
    /// Requests in all.
    pub requests: u32,
    /// Requests at once; more of them wait.
    pub concurrent: usize,
}

impl Default for Limits {
    /// 256 MiB, 512 KiB of stack, 5 minutes, 20 000 requests, 64 at once.
    fn default() -> Limits {
        Limits {
            memory: 256 << 20,
            stack: 512 << 10,
            time: Duration::from_secs(300),
            requests: 20_000,
            concurrent: 64,
        }
    }
}
