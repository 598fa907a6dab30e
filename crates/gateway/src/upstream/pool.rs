//! Connections to upstreams, kept for the next request. Each worker has its own.

use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use arc_swap::ArcSwap;
use http::{Method, Request, Response};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

use super::connection::Connection;
use super::failure::Failure;
use super::request_body::{Awaited, Fault, Progress, RequestBody};
use super::response_body::UpstreamBody;
use super::stream::Stream;
use crate::config::{Limits, Scheme, Upstream};

/// How many idle connections are kept for one upstream, in one worker.
const MOST_IDLE: usize = 256;
/// How long a connection is kept idle.
const LONGEST_IDLE: Duration = Duration::from_secs(60);

/// The pools of a worker.
#[derive(Default)]
pub(crate) struct Pools(RefCell<HashMap<Upstream, Rc<Pool>>>);

/// The connections to one upstream.
pub(crate) struct Pool {
    upstream: Upstream,
    tls: Arc<rustls::ClientConfig>,
    idle: RefCell<Vec<Idle>>,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

/// A connection in use.
pub(super) struct Lease {
    pool: Rc<Pool>,
    connection: Connection,
}

impl Pools {
    /// The pool of an upstream; a new one trusts whom the gateway trusts now.
    pub(crate) fn of(&self, upstream: &Upstream, tls: &ArcSwap<rustls::ClientConfig>) -> Rc<Pool> {
        if let Some(pool) = self.0.borrow().get(upstream) {
            return pool.clone();
        }
        let pool = Pool { upstream: upstream.clone(), tls: tls.load_full(), idle: RefCell::default() };
        self.0.borrow_mut().entry(upstream.clone()).or_insert(Rc::new(pool)).clone()
    }

    /// Closes what has been idle for long, or was closed by the other side; forgets upstreams without a connection.
    pub(crate) fn tidy(&self) {
        self.0.borrow_mut().retain(|_, pool| {
            pool.idle.borrow_mut().retain_mut(|idle| {
                idle.connection.look();
                idle.since.elapsed() < LONGEST_IDLE
                    && !idle.connection.is_closed()
                    && idle.connection.is_ready()
            });
            Rc::strong_count(pool) > 1 || !pool.idle.borrow().is_empty()
        });
    }
}

impl Lease {
    /// Polls for what comes over the connection.
    pub(super) fn receive<T>(
        &mut self,
        cx: &mut Context<'_>,
        poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.connection.receive(cx, poll)
    }

    /// Gives the connection back, if another request can go over it.
    pub(super) fn release(mut self) {
        let ready = self.connection.is_ready() || self.connection.has_task() && !self.connection.is_closed();
        let mut idle = self.pool.idle.borrow_mut();
        if ready && idle.len() < MOST_IDLE {
            idle.push(Idle { connection: self.connection, since: Instant::now() });
        }
    }
}

impl Pool {
    /// Asks the upstream. A connection that was closed while it was idle is no failure: another one is tried, if
    /// that does no harm.
    pub(crate) fn ask(
        self: &Rc<Pool>,
        mut request: Request<RequestBody>,
        progress: Option<&Progress>,
        upgrade: bool,
        limits: &Limits,
    ) -> impl Future<Output = Result<Response<UpstreamBody>, Failure>> {
        let mut fresh = upgrade;
        // An `async fn` would hold the request twice, and so move it once more.
        async move {
            loop {
                let kept = if fresh { None } else { self.take() };
                let reused = kept.is_some();
                let mut connection = match kept {
                    Some(connection) => connection,
                    // Boxed: it is rare, and large.
                    None => Box::pin(self.connect(limits)).await?,
                };
                if upgrade {
                    connection.allow_upgrade();
                }
                let again = (reused && may_be_repeated(&request)).then(|| copy(&request));
                let sent = wait(pin!(connection.send(request)), progress, limits).await?;
                match sent {
                    Ok(response) => {
                        let lease = Lease { pool: self.clone(), connection };
                        return Ok(response.map(|body| UpstreamBody::new(body, lease, limits.stall_timeout)));
                    }
                    Err(mut error) => match (error.take_message(), again) {
                        (Some(unsent), _) if reused => request = unsent,
                        (None, Some(again)) if went_away(error.error()) => {
                            fresh = true; // one more time, and no more
                            request = again;
                        }
                        _ => {
                            return Err(match progress.and_then(Progress::fault) {
                                Some(Fault::TooLarge) => Failure::TooLarge,
                                Some(Fault::Broken) => Failure::ClientBody,
                                None => Failure::Broken(error.into_error()),
                            });
                        }
                    },
                }
            }
        }
    }

    /// The connection that was used last and still stands.
    fn take(&self) -> Option<Connection> {
        loop {
            let mut idle = self.idle.borrow_mut().pop()?;
            if idle.since.elapsed() < LONGEST_IDLE && idle.connection.is_ready() {
                return Some(idle.connection);
            }
        }
    }

    async fn connect(&self, limits: &Limits) -> Result<Connection, Failure> {
        let connecting = async {
            let stream = self.dial().await?;
            Connection::handshake(stream, limits.header_bytes).await.map_err(Failure::Broken)
        };
        timeout(limits.connect_timeout, connecting).await.map_err(|_| Failure::ConnectTimeout)?
    }

    async fn dial(&self) -> Result<Stream, Failure> {
        let address = (self.upstream.host.as_str(), self.upstream.port);
        let mut last = None;
        for address in tokio::net::lookup_host(address).await.map_err(Failure::Name)? {
            let stream = match TcpStream::connect(address).await {
                Ok(stream) => stream,
                Err(error) => {
                    last = Some(error);
                    continue;
                }
            };
            // Without it, small pieces would wait for others.
            let _ = stream.set_nodelay(true);
            return match self.upstream.scheme {
                Scheme::Http => Ok(Stream::Plain(stream)),
                Scheme::Https => self.secure(stream).await.map_err(Failure::Tls),
            };
        }
        Err(Failure::Connect(last.unwrap_or_else(|| std::io::Error::other("the name has no address"))))
    }

    async fn secure(&self, stream: TcpStream) -> std::io::Result<Stream> {
        let name = ServerName::try_from(self.upstream.host.clone()).map_err(std::io::Error::other)?;
        let tls = TlsConnector::from(self.tls.clone()).connect(name, stream).await?;
        Ok(Stream::Tls(Box::new(tls)))
    }
}

/// Waits for a response, and for the client's body before it.
async fn wait<F: Future>(
    mut response: Pin<&mut F>,
    progress: Option<&Progress>,
    limits: &Limits,
) -> Result<F::Output, Failure> {
    let began = Instant::now();
    loop {
        let (awaited, since) = progress.map_or((Awaited::Upstream, began), Progress::awaited);
        let (longest, failure) = match awaited {
            Awaited::Client => (limits.stall_timeout, Failure::ClientStalls),
            Awaited::Upstream => (limits.response_timeout, Failure::ResponseTimeout),
        };
        let deadline = since + longest;
        if let Ok(response) = timeout_at(deadline, response.as_mut()).await {
            return Ok(response);
        }
        if progress.is_none_or(|progress| progress.awaited() == (awaited, since)) {
            return Err(failure);
        }
    }
}

/// <https://httpwg.org/specs/rfc9110.html#idempotent.methods>
fn may_be_repeated(request: &Request<RequestBody>) -> bool {
    let idempotent = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS | Method::PUT | Method::DELETE
    );
    idempotent && request.body().is_empty()
}

fn copy(request: &Request<RequestBody>) -> Request<RequestBody> {
    let mut copy = Request::new(RequestBody::Empty);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    copy
}

/// Whether the connection ended before anything of a response came.
fn went_away(error: &hyper::Error) -> bool {
    !error.is_parse() && !error.is_user()
}
