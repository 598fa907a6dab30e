//! How a request gets to a server and a response back.

mod connect;
mod in_process;
mod incoming_body;
mod life;
mod resolve;
mod sockets;
mod tls;

use std::pin::Pin;

use crossing::browser::Connection;

pub(crate) use in_process::Hosts;
pub use incoming_body::IncomingBody;
pub use resolve::{Override, OverrideError};
pub(crate) use sockets::{SocketOptions, Sockets};
pub(crate) use tls::Roots;

use crate::error::TransportError;
use crate::request_body::RequestBody;

/// A response that is under way.
pub type Sending<'a> =
    Pin<Box<dyn Future<Output = Result<http::Response<IncomingBody>, TransportError>> + Send + 'a>>;

/// Sends one request and brings its response; knows nothing of redirects, cookies or CORS.
pub trait Transport: Send + Sync + 'static {
    /// Sends the request, whose URI is absolute and which has no `Host` yet.
    fn send(&self, request: http::Request<RequestBody>, connection: Connection) -> Sending<'_>;
}
