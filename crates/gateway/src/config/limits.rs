//! Limits on sizes, numbers and times.

use std::time::Duration;

/// The limits of a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest body of a request, in bytes; `None`: any.
    pub body_bytes: Option<u64>,
    /// The largest head of a request or of an upstream's response, in bytes.
    pub header_bytes: usize,
    /// The most connections at the same time; further ones wait to be accepted.
    pub connections: usize,
    /// How long a client may take to send a head, and a connection may stay idle between requests.
    pub header_timeout: Duration,
    /// How long an upstream may take to accept a connection.
    pub connect_timeout: Duration,
    /// How long an upstream may take to begin its response.
    pub response_timeout: Duration,
    /// The longest pause within a body, in either direction.
    pub stall_timeout: Duration,
    /// How long requests in flight may take to end when the gateway stops.
    pub shutdown_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            body_bytes: None,
            header_bytes: 64 << 10,
            connections: 10_000,
            header_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(5),
            response_timeout: Duration::from_secs(60),
            stall_timeout: Duration::from_secs(60),
            shutdown_timeout: Duration::from_secs(30),
        }
    }
}
