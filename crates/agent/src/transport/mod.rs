//! Transports: sockets, and services in this process.

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

/// The future of a response.
pub type SendFuture<'a> =
    Pin<Box<dyn Future<Output = Result<http::Response<IncomingBody>, TransportError>> + Send + 'a>>;

/// Sends one request and returns its response, without redirects, cookies or CORS.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use bytes::Bytes;
/// use crossing::browser::Connection;
/// use crossing_agent::{Agent, IncomingBody, RequestBody, SendFuture, Transport};
/// use http_body_util::{BodyExt, Full};
///
/// /// Answers each request with its path.
/// struct Echo;
///
/// impl Transport for Echo {
///     fn send(&self, request: http::Request<RequestBody>, _: Connection) -> SendFuture<'_> {
///         let body = Full::new(Bytes::from(request.uri().path().to_owned())).map_err(|error| match error {});
///         Box::pin(async { Ok(http::Response::new(IncomingBody::new(body))) })
///     }
/// }
///
/// let agent = Agent::builder().transport(Echo).build()?;
/// let response = agent.page("https://a.example")?.get("/path").send().await?;
/// assert_eq!(response.text().await?, "/path");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Sends the request, whose URI is absolute and which has no `Host` yet.
    fn send(&self, request: http::Request<RequestBody>, connection: Connection) -> SendFuture<'_>;
}
