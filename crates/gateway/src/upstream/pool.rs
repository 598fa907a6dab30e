//! Pools of connections to upstreams. Each worker has its own.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use super::connection::Connection;
use super::failure::Failure;
use super::stream::Stream;
use crate::config::{Limits, Scheme, Upstream};

/// The most idle connections to one upstream, in one worker.
const MAX_IDLE: usize = 256;
/// How long a connection may be idle.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// The pools of a worker.
#[derive(Default)]
pub(crate) struct Pools(RefCell<HashMap<Upstream, Rc<Pool>>>);

/// The connections to one upstream.
pub(crate) struct Pool {
    upstream: Upstream,
    tls: Arc<rustls::ClientConfig>,
    idle: RefCell<Vec<IdleConnection>>,
}

struct IdleConnection {
    connection: Connection,
    since: Instant,
}

/// A connection in use.
pub(super) struct Lease {
    pool: Rc<Pool>,
    connection: Connection,
}

impl Pools {
    /// The pool of an upstream. A new pool uses the current TLS configuration.
    pub(crate) fn get(&self, upstream: &Upstream, tls: &ArcSwap<rustls::ClientConfig>) -> Rc<Pool> {
        if let Some(pool) = self.0.borrow().get(upstream) {
            return pool.clone();
        }
        let pool = Pool { upstream: upstream.clone(), tls: tls.load_full(), idle: RefCell::default() };
        self.0.borrow_mut().entry(upstream.clone()).or_insert(Rc::new(pool)).clone()
    }

    /// Drops connections that have been idle for too long or that the upstream closed, and pools without a connection.
    pub(crate) fn drop_idle(&self) {
        self.0.borrow_mut().retain(|_, pool| {
            pool.idle.borrow_mut().retain_mut(|idle| {
                idle.connection.poll_once();
                idle.since.elapsed() < IDLE_TIMEOUT
                    && !idle.connection.is_closed()
                    && idle.connection.is_ready()
            });
            Rc::strong_count(pool) > 1 || !pool.idle.borrow().is_empty()
        });
    }
}

impl Lease {
    pub(super) fn new(pool: Rc<Pool>, connection: Connection) -> Lease {
        Lease { pool, connection }
    }

    pub(super) fn upstream(&self) -> &Upstream {
        &self.pool.upstream
    }

    /// Polls for data from the connection.
    pub(super) fn receive<T>(
        &mut self,
        cx: &mut Context<'_>,
        poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.connection.receive(cx, poll)
    }

    /// Returns the connection to the pool, if it can carry another request.
    pub(super) fn release(mut self) {
        let ready = self.connection.is_ready() || self.connection.has_task() && !self.connection.is_closed();
        let mut idle = self.pool.idle.borrow_mut();
        if ready && idle.len() < MAX_IDLE {
            idle.push(IdleConnection { connection: self.connection, since: Instant::now() });
        }
    }
}

impl Pool {
    /// The connection that was used last and is still open.
    pub(super) fn take_idle(&self) -> Option<Connection> {
        loop {
            let mut idle = self.idle.borrow_mut().pop()?;
            if idle.since.elapsed() < IDLE_TIMEOUT && idle.connection.is_ready() {
                return Some(idle.connection);
            }
        }
    }

    /// Opens a connection, within the connect timeout.
    pub(super) async fn connect(&self, limits: &Limits) -> Result<Connection, Failure> {
        let connecting = async {
            let stream = self.open_stream().await?;
            Connection::handshake(stream, limits.header_bytes).await.map_err(Failure::Broken)
        };
        timeout(limits.connect_timeout, connecting).await.map_err(|_| Failure::ConnectTimeout)?
    }

    async fn open_stream(&self) -> Result<Stream, Failure> {
        let address = (self.upstream.host.as_str(), self.upstream.port);
        let mut last = None;
        for address in tokio::net::lookup_host(address).await.map_err(Failure::Dns)? {
            let stream = match TcpStream::connect(address).await {
                Ok(stream) => stream,
                Err(error) => {
                    last = Some(error);
                    continue;
                }
            };
            // Nagle's algorithm would delay small writes.
            let _ = stream.set_nodelay(true);
            return match self.upstream.scheme {
                Scheme::Http => Ok(Stream::Plain(stream)),
                Scheme::Https => self.connect_tls(stream).await.map_err(Failure::Tls),
            };
        }
        Err(Failure::Connect(last.unwrap_or_else(|| std::io::Error::other("the name has no address"))))
    }

    async fn connect_tls(&self, stream: TcpStream) -> std::io::Result<Stream> {
        let name = ServerName::try_from(self.upstream.host.clone()).map_err(std::io::Error::other)?;
        let tls = TlsConnector::from(self.tls.clone()).connect(name, stream).await?;
        Ok(Stream::Tls(Box::new(tls)))
    }
}
