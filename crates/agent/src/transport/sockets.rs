//! The network: a pool of connections that speak HTTP/1.1 or HTTP/2, as TLS has agreed.

use std::time::Duration;

use crossing::Reason;
use crossing::browser::Connection;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::connector::Connector;
use super::keep_alive::KeepAlive;
use super::resolve_override::ResolveOverride;
use super::tls::Trust;
use super::{IncomingBody, SendFuture, Transport};
use crate::error::{BuildError, TransportError, causes, innermost};
use crate::request_body::RequestBody;

/// How connections come about.
#[derive(Clone, Debug, Default)]
pub(crate) struct SocketOptions {
    pub(crate) overrides: Vec<ResolveOverride>,
    pub(crate) trust: Trust,
}

/// The [connection pool](https://fetch.spec.whatwg.org/#concept-connection-pool). Connections with and without credentials are
/// not separated: nothing that a script can see depends on it.
pub(crate) struct Sockets {
    pooled: Client<Connector, RequestBody>,
    /// Keeps no connection, so that each request gets a new one.
    fresh: Client<Connector, RequestBody>,
}

impl Sockets {
    pub(crate) fn new(options: SocketOptions, connect: Duration) -> Result<Sockets, BuildError> {
        let connector = Connector::new(options.overrides, options.trust, connect)?;
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new()).timer(TokioTimer::new());
        // Browsers read folded header lines of old servers, too.
        builder.http1_allow_obsolete_multiline_headers_in_responses(true);
        // Some old servers look for `Content-Length`, and not for `content-length`; browsers write it so.
        builder.http1_title_case_headers(true);
        let pooled = builder.build(connector.clone());
        let fresh = builder.pool_max_idle_per_host(0).build(connector);
        Ok(Sockets { pooled, fresh })
    }
}

impl Transport for Sockets {
    fn send(&self, request: http::Request<RequestBody>, connection: Connection) -> SendFuture<'_> {
        let client = match connection {
            Connection::Pooled => &self.pooled,
            Connection::New => &self.fresh,
        };
        let needs_http2 = request.version() == http::Version::HTTP_2;
        let response = client.request(request);
        Box::pin(async move {
            response
                .await
                .map(|response| response.map(IncomingBody::from_hyper))
                .map_err(|error| no_response(&error, needs_http2))
        })
    }
}

/// Whether the server had closed a pooled connection before it received this request. HTTP/2 reports that itself.
fn closed_while_idle(error: &Error) -> bool {
    let Some(connected) = error.connect_info().filter(|connected| !connected.is_negotiated_h2()) else {
        return false;
    };
    let mut extras = http::Extensions::new();
    connected.get_extras(&mut extras);
    extras.get::<KeepAlive>().is_some_and(KeepAlive::closed_while_idle)
}

fn no_response(error: &Error, needs_http2: bool) -> TransportError {
    TransportError { safe_to_retry: closed_while_idle(error), ..transport_error(error, needs_http2) }
}

fn transport_error(error: &Error, needs_http2: bool) -> TransportError {
    if let Some(known) = TransportError::within(error) {
        return known.clone();
    }
    let speaks_less = error.connect_info().is_some_and(|connected| !connected.is_negotiated_h2());
    if needs_http2 && speaks_less {
        return TransportError::new(Reason::StreamNeedsHttp2, "the connection speaks HTTP/1.1");
    }
    let hyper = causes(error).find_map(|cause| cause.downcast_ref::<hyper::Error>());
    let words = match hyper {
        Some(error) if error.is_incomplete_message() => {
            "the server closed the connection without a whole response".to_owned()
        }
        Some(error) if error.is_parse() => {
            format!("the answer cannot be read as HTTP: {}", innermost(error))
        }
        _ => innermost(error),
    };
    TransportError::new(Reason::BrokenHttp, words)
}
