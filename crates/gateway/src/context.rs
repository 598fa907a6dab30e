//! What requests share: the active configuration, counters, logs, and connections to upstreams.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use tokio::sync::{Semaphore, mpsc, watch};

use crate::active_config::ActiveConfig;
use crate::config::Upstream;
use crate::log::Log;
use crate::metrics::Metrics;
use crate::upstream::{Pool, Pools};

/// What all workers share.
pub(crate) struct SharedContext {
    pub(crate) active: ArcSwap<ActiveConfig>,
    pub(crate) metrics: Metrics,
    pub(crate) log: Log,
    pub(crate) tls: ArcSwapOption<rustls::ServerConfig>,
    pub(crate) upstream_tls: ArcSwap<rustls::ClientConfig>,
    /// A permit for each connection that may be open.
    pub(crate) connections: Arc<Semaphore>,
}

/// What the requests of one worker share.
pub(crate) struct WorkerContext {
    pub(crate) shared: Arc<SharedContext>,
    /// A clone of the shared log, so that a request needs no atomic operation to hold it.
    pub(crate) log: Rc<Log>,
    pub(crate) pools: Pools,
    /// Whether the gateway is stopping.
    pub(crate) stopped: watch::Receiver<bool>,
    shutdown: mpsc::WeakSender<()>,
}

/// A worker ends only when all of these are dropped, or `shutdown_timeout` is over.
pub(crate) type ShutdownGuard = Option<mpsc::Sender<()>>;

impl WorkerContext {
    pub(crate) fn new(
        shared: Arc<SharedContext>,
        stopped: watch::Receiver<bool>,
        shutdown: mpsc::WeakSender<()>,
    ) -> WorkerContext {
        let log = Rc::new(shared.log.clone());
        WorkerContext { shared, log, pools: Pools::default(), stopped, shutdown }
    }

    /// The connections to an upstream.
    pub(crate) fn pool(&self, upstream: &Upstream) -> Rc<Pool> {
        self.pools.get(upstream, &self.shared.upstream_tls)
    }

    /// Makes the worker wait until the guard is dropped.
    pub(crate) fn shutdown_guard(&self) -> ShutdownGuard {
        self.shutdown.upgrade()
    }
}

impl fmt::Debug for SharedContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedContext").finish_non_exhaustive()
    }
}
