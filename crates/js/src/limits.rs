//! How long a script may run, and how much it may take.

use std::time::Duration;

/// What ends a script that does not end by itself.
///
/// ```
/// use crossing_agent::Agent;
/// use crossing_js::{Error, Limits, Runtime};
///
/// let agent = Agent::in_process().build()?;
/// let mut runtime = Runtime::builder().agent(agent).limits(Limits::default().requests(1)).build()?;
/// let error = runtime.eval("fetch('https://a.example/'); fetch('https://a.example/')").unwrap_err();
/// assert!(matches!(error, Error::TooManyRequests(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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

impl Limits {
    /// Sets the limit of the memory, in bytes.
    #[must_use]
    pub const fn memory(mut self, bytes: usize) -> Limits {
        self.memory = bytes;
        self
    }

    /// Sets the limit of the stack, in bytes.
    #[must_use]
    pub const fn stack(mut self, bytes: usize) -> Limits {
        self.stack = bytes;
        self
    }

    /// Sets the limit of the time, waiting included.
    #[must_use]
    pub const fn time(mut self, time: Duration) -> Limits {
        self.time = time;
        self
    }

    /// Sets the limit of the number of requests.
    #[must_use]
    pub const fn requests(mut self, count: u32) -> Limits {
        self.requests = count;
        self
    }
}
