//! How a request gets to a server and a response back.

mod connector;
mod in_process;
mod incoming_body;
mod keep_alive;
mod resolve_override;
mod resolver;
mod send;
mod sockets;
mod tls;

use std::pin::Pin;

use crossing::browser::Connection;

pub(crate) use in_process::InProcessHosts;
pub use incoming_body::IncomingBody;
pub use resolve_override::{ResolveOverride, ResolveOverrideError};
pub(crate) use send::send;
pub(crate) use sockets::{SocketOptions, Sockets};
pub(crate) use tls::Trust;

use crate::error::TransportError;
use crate::request_body::RequestBody;

/// A response that is under way.
pub type SendFuture<'a> =
    Pin<Box<dyn Future<Output = Result<http::Response<IncomingBody>, TransportError>> + Send + 'a>>;

/// Sends one request and brings its response; knows nothing of redirects, cookies or CORS.
pub trait Transport: Send + Sync + 'static {
    /// Sends the request, whose URI is absolute and which has no `Host` yet.
    fn send(&self, request: http::Request<RequestBody>, connection: Connection) -> SendFuture<'_>;
}
