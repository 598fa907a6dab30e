//! How long and how much.

use std::time::Duration;

use tokio::time::Instant;

/// How long a fetch may take, and how much it may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For a connection: name, TCP and TLS together.
    pub connect: Duration,
    /// For the head of each response, the connection included.
    pub head: Duration,
    /// For the whole fetch: preflight, redirects, and the body to its end.
    pub total: Duration,
    /// For a response's body, decoded, in bytes.
    pub body: u64,
}

impl Default for Limits {
    /// 30 seconds, 60 seconds, 5 minutes, 64 MiB.
    fn default() -> Self {
        Limits {
            connect: Duration::from_secs(30),
            head: Duration::from_secs(60),
            total: Duration::from_secs(300),
            body: 64 << 20,
        }
    }
}

/// The moment so far from now; what is too far to be told is a year away.
pub(crate) fn deadline_after(limit: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 86_400);
    let now = Instant::now();
    now.checked_add(limit).unwrap_or_else(|| now + YEAR)
}
