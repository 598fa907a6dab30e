//! One thread: an event loop, its connections to upstreams, and the clients that it accepted.

use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use tokio::task::LocalSet;

use super::gateway::Shared;
use super::{admin, connection};
use crate::config::Upstream;
use crate::upstream::{Pool, Pools};

/// What the requests of one thread share.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    pools: Pools,
    pub(super) stopped: watch::Receiver<bool>,
    busy: mpsc::WeakSender<()>,
}

/// Somebody who must be waited for when the gateway stops.
pub(crate) type Busy = Option<mpsc::Sender<()>>;

impl Worker {
    /// The connections to an upstream.
    pub(crate) fn pool(&self, upstream: &Upstream) -> Rc<Pool> {
        self.pools.of(upstream, &self.shared.upstream_tls)
    }

    /// Makes the worker wait until what is returned is dropped.
    pub(crate) fn busy(&self) -> Busy {
        self.busy.upgrade()
    }
}

/// Serves until the gateway is told to stop, and everybody has been served.
pub(super) fn run(
    runtime: &Runtime,
    shared: Arc<Shared>,
    listeners: Vec<TcpListener>,
    admin: Option<TcpListener>,
    mut stopped: watch::Receiver<bool>,
) {
    LocalSet::new().block_on(runtime, async move {
        let (busy, mut idle) = mpsc::channel(1);
        let pools = Pools::default();
        let worker = Rc::new(Worker { shared, pools, stopped: stopped.clone(), busy: busy.downgrade() });
        for listener in listeners {
            tokio::task::spawn_local(connection::accept(worker.clone(), listener));
        }
        if let Some(listener) = admin {
            tokio::task::spawn_local(admin::serve(worker.clone(), listener));
        }
        let tidying = {
            let worker = worker.clone();
            tokio::task::spawn_local(async move {
                loop {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    worker.pools.tidy();
                }
            })
        };
        // The sender lives as long as the gateway.
        let _ = stopped.wait_for(|stop| *stop).await;
        tidying.abort();
        drop(busy);
        let longest = worker.shared.site.load().limits.shutdown_timeout;
        // Nothing is ever sent: the channel closes when the last one is served.
        if tokio::time::timeout(longest, idle.recv()).await.is_err() {
            let left = idle.sender_strong_count();
            worker
                .shared
                .log
                .say(&format!("crossing: shutdown_timeout is over; connections cut off: {left}"));
        }
    });
}
