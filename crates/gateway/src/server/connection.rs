//! Accepting and serving the connections of clients.

use std::cell::Cell;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio_rustls::TlsAcceptor;

use super::timeout_stream::TimeoutStream;
use crate::client_connection::ClientConnection;
use crate::config::{Limits, Scheme};
use crate::context::WorkerContext;
use crate::request_handler::handle_request;

/// How long to wait before the next attempt when accepting fails, as it does without a free file descriptor.
const RETRY_DELAY: Duration = Duration::from_millis(50);

/// How many streams an HTTP/2 connection may have at the same time, and how many bytes of each response are buffered for a
/// client that reads slowly. Together they bound the memory of one client.
const MAX_STREAMS: u32 = 128;
const STREAM_BUFFER_BYTES: usize = 64 << 10;

/// How long a new connection may take to begin its first request when the gateway stops.
const FIRST_REQUEST_GRACE: Duration = Duration::from_millis(250);

/// Accepts connections until the gateway stops; then only those that are already queued.
pub(super) async fn accept(worker: Rc<WorkerContext>, listener: std::net::TcpListener) {
    let _guard = worker.shutdown_guard();
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return worker.log.message(&format!("crossing: a worker cannot listen: {error}")),
    };
    let mut failing = false;
    let mut stopped = worker.stopped.clone();
    loop {
        let permit = tokio::select! {
            permit = worker.shared.connections.clone().acquire_owned() => permit,
            _ = stopped.wait_for(|stop| *stop) => break,
        };
        let Ok(permit) = permit else { break };
        let accepted = tokio::select! {
            biased;
            accepted = listener.accept() => accepted,
            _ = stopped.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                failing = false;
                spawn(&worker, stream, peer, permit);
            }
            Err(error) => {
                // Logged once, not at each attempt.
                if !std::mem::replace(&mut failing, true) {
                    worker.log.message(&format!("crossing: no connection can be accepted: {error}"));
                }
                tokio::time::sleep(RETRY_DELAY).await;
            }
        }
    }
    // Connections that are already queued are accepted; then the listener is closed without a pause in between.
    let Ok(listener) = listener.into_std() else { return };
    while let Ok((stream, peer)) = listener.accept() {
        let Ok(permit) = worker.shared.connections.clone().try_acquire_owned() else { return };
        if stream.set_nonblocking(true).is_ok()
            && let Ok(stream) = TcpStream::from_std(stream)
        {
            spawn(&worker, stream, peer, permit);
        }
    }
}

fn spawn(worker: &Rc<WorkerContext>, stream: TcpStream, peer: SocketAddr, permit: OwnedSemaphorePermit) {
    // Nagle's algorithm would delay small writes.
    let _ = stream.set_nodelay(true);
    let metrics = &worker.shared.metrics;
    metrics.connections.fetch_add(1, Relaxed);
    metrics.open_connections.fetch_add(1, Relaxed);
    tokio::task::spawn_local(serve(worker.clone(), stream, peer, permit));
}

async fn serve(worker: Rc<WorkerContext>, stream: TcpStream, peer: SocketAddr, permit: OwnedSemaphorePermit) {
    let _permit = permit;
    let limits = worker.shared.active.load().limits;
    match worker.shared.tls.load_full() {
        None => serve_http(&worker, stream, ClientConnection::new(peer, Scheme::Http), &limits).await,
        Some(tls) => {
            let handshake = TlsAcceptor::from(tls).accept(stream);
            if let Ok(Ok(stream)) = tokio::time::timeout(limits.header_timeout, handshake).await {
                serve_http(&worker, stream, ClientConnection::new(peer, Scheme::Https), &limits).await;
            }
        }
    }
    worker.shared.metrics.open_connections.fetch_sub(1, Relaxed);
}

/// Serves HTTP/1.1 or HTTP/2, until the client closes the connection or the gateway stops.
async fn serve_http<S>(worker: &Rc<WorkerContext>, stream: S, client: ClientConnection, limits: &Limits)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let _guard = worker.shutdown_guard();
    let builder = builder(limits);
    let client = Rc::new(client);
    let has_requested = Cell::new(false);
    let service = service_fn(|request| {
        has_requested.set(true);
        handle_request(worker.clone(), client.clone(), request)
    });
    let mut connection = pin!(builder.serve_connection_with_upgrades(
        TokioIo::new(TimeoutStream::new(stream, limits.stall_timeout, limits.header_timeout)),
        service
    ));
    let mut stopped = worker.stopped.clone();
    // An error of the client is not logged: hyper has responded to it where that was possible.
    tokio::select! {
        biased;
        _ = connection.as_mut() => return,
        _ = stopped.wait_for(|stop| *stop) => {}
    }
    // The first request of a new connection is probably under way.
    if !has_requested.get() && tokio::time::timeout(FIRST_REQUEST_GRACE, connection.as_mut()).await.is_ok() {
        return;
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

fn builder(limits: &Limits) -> auto::Builder<LocalExecutor> {
    let mut builder = auto::Builder::new(LocalExecutor);
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .half_close(true)
        .max_buf_size(limits.header_bytes);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.header_timeout)
        .keep_alive_timeout(limits.header_timeout)
        .max_concurrent_streams(MAX_STREAMS)
        .max_send_buf_size(STREAM_BUFFER_BYTES)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX));
    builder
}

/// Runs hyper's tasks in this thread.
#[derive(Clone, Copy)]
struct LocalExecutor;

impl<F> hyper::rt::Executor<F> for LocalExecutor
where
    F: Future<Output = ()> + 'static,
{
    fn execute(&self, future: F) {
        tokio::task::spawn_local(Pin::from(Box::new(future)));
    }
}
