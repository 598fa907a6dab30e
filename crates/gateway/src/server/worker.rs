//! A worker: one thread with an event loop, which accepts clients and serves them.

use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use tokio::task::LocalSet;

use super::{admin, connection};
use crate::context::{SharedContext, WorkerContext};

/// Serves until the gateway stops, and the requests in flight have ended.
pub(super) fn run(
    runtime: &Runtime,
    shared: Arc<SharedContext>,
    listeners: Vec<TcpListener>,
    admin: Option<TcpListener>,
    mut stopped: watch::Receiver<bool>,
) {
    LocalSet::new().block_on(runtime, async move {
        let (shutdown, mut all_ended) = mpsc::channel(1);
        let worker = Rc::new(WorkerContext::new(shared, stopped.clone(), shutdown.downgrade()));
        for listener in listeners {
            tokio::task::spawn_local(connection::accept(worker.clone(), listener));
        }
        if let Some(listener) = admin {
            tokio::task::spawn_local(admin::serve(worker.clone(), listener));
        }
        let idle_check = {
            let worker = worker.clone();
            tokio::task::spawn_local(async move {
                loop {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    worker.pools.drop_idle();
                }
            })
        };
        // The sender lives as long as the gateway.
        let _ = stopped.wait_for(|stop| *stop).await;
        idle_check.abort();
        drop(shutdown);
        let timeout = worker.shared.active.load().limits.shutdown_timeout;
        // Nothing is sent: the channel closes when the last guard is dropped.
        if tokio::time::timeout(timeout, all_ended.recv()).await.is_err() {
            let left = all_ended.sender_strong_count();
            worker.log.message(&format!("crossing: shutdown_timeout is over; connections cut off: {left}"));
        }
    });
}
