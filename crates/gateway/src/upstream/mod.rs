//! Asking another server.

mod connection;
mod failure;
mod pool;
mod request_body;
mod response_body;
mod stream;
mod witness;

pub(crate) use failure::Failure;
pub(crate) use pool::{Pool, Pools};
pub(crate) use request_body::{Progress, RequestBody};
pub(crate) use response_body::UpstreamBody;
pub(crate) use witness::Witness;
