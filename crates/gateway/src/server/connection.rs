//! One client's connection.

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

use super::stalling::Stalling;
use super::worker::Worker;
use crate::client::Client;
use crate::config::Limits;
use crate::handle::handle;

/// How long to wait when the system gives no more connections, as without a free file descriptor.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a new connection may take to begin its first request, once the gateway stops.
const GRACE: Duration = Duration::from_millis(250);

/// Accepts connections until the gateway stops; then those that wait to be accepted, and no more.
pub(super) async fn accept(worker: Rc<Worker>, listener: std::net::TcpListener) {
    let _busy = worker.busy();
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return worker.shared.log.say(&format!("crossing: a worker cannot listen: {error}")),
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
                welcome(&worker, stream, peer, permit);
            }
            Err(error) => {
                // Told once, not as often as it is tried again.
                if !std::mem::replace(&mut failing, true) {
                    worker.shared.log.say(&format!("crossing: no connection can be accepted: {error}"));
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    // Those who wait already are let in; nothing comes between the last of them and the end of listening.
    let Ok(listener) = listener.into_std() else { return };
    while let Ok((stream, peer)) = listener.accept() {
        let Ok(permit) = worker.shared.connections.clone().try_acquire_owned() else { return };
        if stream.set_nonblocking(true).is_ok()
            && let Ok(stream) = TcpStream::from_std(stream)
        {
            welcome(&worker, stream, peer, permit);
        }
    }
}

fn welcome(worker: &Rc<Worker>, stream: TcpStream, peer: SocketAddr, permit: OwnedSemaphorePermit) {
    // Without it, small pieces would wait for others.
    let _ = stream.set_nodelay(true);
    let metrics = &worker.shared.metrics;
    metrics.connections.fetch_add(1, Relaxed);
    metrics.open_connections.fetch_add(1, Relaxed);
    tokio::task::spawn_local(serve(worker.clone(), stream, peer, permit));
}

async fn serve(worker: Rc<Worker>, stream: TcpStream, peer: SocketAddr, permit: OwnedSemaphorePermit) {
    let _permit = permit;
    let limits = worker.shared.site.load().limits;
    match worker.shared.tls.load_full() {
        None => speak(&worker, stream, Client::new(peer, false), &limits).await,
        Some(tls) => {
            let handshake = TlsAcceptor::from(tls).accept(stream);
            if let Ok(Ok(stream)) = tokio::time::timeout(limits.header_timeout, handshake).await {
                speak(&worker, stream, Client::new(peer, true), &limits).await;
            }
        }
    }
    worker.shared.metrics.open_connections.fetch_sub(1, Relaxed);
}

/// Speaks HTTP/1.1 or HTTP/2, until the client goes or the gateway stops.
async fn speak<S>(worker: &Rc<Worker>, stream: S, client: Client, limits: &Limits)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let _busy = worker.busy();
    let builder = builder(limits);
    let client = Rc::new(client);
    let asked = Cell::new(false);
    let service = service_fn(|request| {
        asked.set(true);
        handle(worker.clone(), client.clone(), request)
    });
    let mut connection = pin!(builder.serve_connection_with_upgrades(
        TokioIo::new(Stalling::new(stream, limits.stall_timeout, limits.header_timeout)),
        service
    ));
    let mut stopped = worker.stopped.clone();
    // What a client does wrong is its own affair; it has been told, where that was possible.
    tokio::select! {
        biased;
        _ = connection.as_mut() => return,
        _ = stopped.wait_for(|stop| *stop) => {}
    }
    // A connection that was just made probably has a request on its way.
    if !asked.get() && tokio::time::timeout(GRACE, connection.as_mut()).await.is_ok() {
        return;
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

fn builder(limits: &Limits) -> auto::Builder<Local> {
    let mut builder = auto::Builder::new(Local);
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
        .max_concurrent_streams(256)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX));
    builder
}

/// Runs what hyper needs run in this thread.
#[derive(Clone, Copy)]
pub(super) struct Local;

impl<F> hyper::rt::Executor<F> for Local
where
    F: Future<Output = ()> + 'static,
{
    fn execute(&self, future: F) {
        tokio::task::spawn_local(Pin::from(Box::new(future)));
    }
}
