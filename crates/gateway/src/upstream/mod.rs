//! Requests to upstreams: connections, their pools, and the bodies in both directions.

mod connection;
mod exchange;
mod failure;
mod failure_reporter;
mod pool;
mod request_body;
mod response_body;
mod stream;

pub(crate) use exchange::send;
pub(crate) use failure::Failure;
pub(crate) use failure_reporter::FailureReporter;
pub(crate) use pool::{Pool, Pools};
pub(crate) use request_body::{Progress, RequestBody};
pub(crate) use response_body::UpstreamBody;

/// The error of a body.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;
