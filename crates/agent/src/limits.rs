//! The limits of a fetch.

use std::time::Duration;

use tokio::time::Instant;

/// How long a fetch may take, and how large its response may be.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use axum::{Router, routing::get};
/// use crossing::Reason;
/// use crossing_agent::{Agent, Limits};
///
/// let app = Router::new().route("/", get(|| async { "longer than ten bytes" }));
/// let agent = Agent::in_process().host("a.example", app).limits(Limits::default().body(10)).build()?;
///
/// let response = agent.page("https://a.example")?.get("/").send().await?;
/// assert_eq!(response.text().await.unwrap_err().reason, Reason::BodyTooLarge);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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

impl Limits {
    /// Sets the limit of a connection.
    #[must_use]
    pub const fn connect(mut self, limit: Duration) -> Limits {
        self.connect = limit;
        self
    }

    /// Sets the limit of the head of each response.
    #[must_use]
    pub const fn head(mut self, limit: Duration) -> Limits {
        self.head = limit;
        self
    }

    /// Sets the limit of the whole fetch.
    #[must_use]
    pub const fn total(mut self, limit: Duration) -> Limits {
        self.total = limit;
        self
    }

    /// Sets the limit of a response's body, decoded, in bytes.
    #[must_use]
    pub const fn body(mut self, bytes: u64) -> Limits {
        self.body = bytes;
        self
    }
}

/// The moment at which this time has passed; a year from now where the clock cannot represent it.
pub(crate) fn deadline_after(limit: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 86_400);
    let now = Instant::now();
    now.checked_add(limit).unwrap_or_else(|| now + YEAR)
}
