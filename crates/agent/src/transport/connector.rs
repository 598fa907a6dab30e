//! From a URI to a connection: name, TCP, TLS.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use crossing::Reason;
use http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower_service::Service;

use super::keep_alive::KeepAlive;
use super::resolve_override::ResolveOverride;
use super::resolver::Resolver;
use super::tls::{self, Trust};
use crate::error::{BuildError, TransportError, innermost};

/// [Creates connections](https://fetch.spec.whatwg.org/#create-a-connection).
#[derive(Clone)]
pub(super) struct Connector(Arc<ConnectorState>);

struct ConnectorState {
    tcp: HttpConnector<Resolver>,
    overrides: Vec<ResolveOverride>,
    trust: Trust,
    /// Made at the first https URL: to read the platform's roots takes time.
    tls: OnceLock<TlsConnector>,
    limit: Duration,
}

impl Connector {
    pub(super) fn new(
        overrides: Vec<ResolveOverride>,
        trust: Trust,
        limit: Duration,
    ) -> Result<Self, BuildError> {
        let mut tcp = HttpConnector::new_with_resolver(Resolver::new());
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(limit));
        let tls = OnceLock::new();
        if !matches!(trust, Trust::Platform) {
            let _ = tls.set(TlsConnector::from(Arc::new(tls::config(&trust)?)));
        }
        Ok(Connector(Arc::new(ConnectorState { tcp, overrides, trust, tls, limit })))
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = TransportError;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Stream>, TransportError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let shared = self.0.clone();
        Box::pin(async move {
            match tokio::time::timeout(shared.limit, shared.connect(uri)).await {
                Ok(connected) => connected.map(TokioIo::new),
                Err(_) => Err(TransportError::timeout("connection", shared.limit)),
            }
        })
    }
}

impl ConnectorState {
    async fn connect(&self, uri: Uri) -> Result<Stream, TransportError> {
        let https = uri.scheme_str() == Some("https");
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let port = uri.port_u16().unwrap_or(if https { 443 } else { 80 });
        let elsewhere = self.overrides.iter().find_map(|rule| rule.address(&host, port));
        let tcp = self.tcp(uri, elsewhere, &format!("{host}:{port}")).await?;
        if !https {
            return Ok(Stream { keep_alive: KeepAlive::default(), io: MaybeTls::Plain(tcp) });
        }
        let connector = match self.tls.get() {
            Some(connector) => connector,
            None => {
                let config = tls::config(&self.trust)
                    .map_err(|error| TransportError::new(Reason::Tls, error.to_string()))?;
                self.tls.get_or_init(|| TlsConnector::from(Arc::new(config)))
            }
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(bare)
            .map_err(|_| TransportError::new(Reason::Tls, format!("no certificate can be for {host}")))?;
        match connector.connect(name, tcp).await {
            Ok(stream) => {
                Ok(Stream { keep_alive: KeepAlive::default(), io: MaybeTls::Tls(Box::new(stream)) })
            }
            Err(error) => Err(tls::failure(&error, &format!("{host}:{port}"))),
        }
    }

    async fn tcp(
        &self,
        uri: Uri,
        elsewhere: Option<SocketAddr>,
        server: &str,
    ) -> Result<TcpStream, TransportError> {
        if let Some(address) = elsewhere {
            let connected = TcpStream::connect(address).await;
            let stream = connected.map_err(|error| unconnected(&error, &address.to_string()))?;
            let _ = stream.set_nodelay(true);
            return Ok(stream);
        }
        let connected = self.tcp.clone().call(uri).await.map(TokioIo::into_inner);
        connected.map_err(|error| {
            let known = TransportError::within(&error).cloned();
            known.unwrap_or_else(|| unconnected(&error, server))
        })
    }
}

fn unconnected(error: &(dyn std::error::Error + 'static), server: &str) -> TransportError {
    let kind =
        crate::error::causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    let words = match kind {
        Some(io::ErrorKind::ConnectionRefused) => "connection refused".to_owned(),
        Some(io::ErrorKind::TimedOut) => {
            return TransportError::new(Reason::Timeout, format!("no connection in time ({server})"));
        }
        _ => innermost(error),
    };
    TransportError::new(Reason::Connection, format!("{words} ({server})"))
}

/// A connection, and what has gone over it.
pub(super) struct Stream {
    keep_alive: KeepAlive,
    io: MaybeTls,
}

/// With or without TLS.
enum MaybeTls {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        let connected = Connected::new().extra(self.keep_alive.clone());
        match &self.io {
            MaybeTls::Tls(tls) if tls.get_ref().1.alpn_protocol() == Some(b"h2") => connected.negotiated_h2(),
            _ => connected,
        }
    }
}

macro_rules! either {
    ($self:expr, $stream:ident => $call:expr) => {
        match &mut $self.io {
            MaybeTls::Plain($stream) => {
                let $stream = Pin::new($stream);
                $call
            }
            MaybeTls::Tls($stream) => {
                let $stream = Pin::new(&mut **$stream);
                $call
            }
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = either!(self, stream => stream.poll_read(cx, buffer));
        if buffer.filled().len() > before {
            self.keep_alive.mark_received();
        }
        read
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.keep_alive.mark_sent();
        either!(self, stream => stream.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.keep_alive.mark_sent();
        either!(self, stream => stream.poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        match &self.io {
            MaybeTls::Plain(stream) => stream.is_write_vectored(),
            MaybeTls::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_shutdown(cx))
    }
}
