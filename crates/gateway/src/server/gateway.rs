//! A gateway that runs.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use arc_swap::{ArcSwap, ArcSwapOption};
use tokio::sync::{Semaphore, watch};

use super::{tls, worker};
use crate::config::Config;
use crate::log::Log;
use crate::metrics::Metrics;
use crate::site::Site;

/// A gateway that runs, in threads of its own: one a processor.
#[derive(Debug)]
pub struct Gateway {
    shared: Arc<Shared>,
    addresses: Vec<SocketAddr>,
    admin: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
}

/// What the workers share.
pub(crate) struct Shared {
    pub(crate) site: ArcSwap<Site>,
    pub(crate) metrics: Metrics,
    pub(crate) log: Log,
    pub(super) tls: ArcSwapOption<rustls::ServerConfig>,
    pub(super) upstream_tls: Arc<rustls::ClientConfig>,
    pub(super) connections: Arc<Semaphore>,
    bound: Mutex<Bound>,
}

/// What cannot change while the gateway runs.
#[derive(Debug, PartialEq, Eq)]
struct Bound {
    listen: Vec<SocketAddr>,
    admin: Option<SocketAddr>,
    secure: bool,
    connections: usize,
}

/// Why a gateway could not start.
#[derive(Debug)]
pub enum StartError {
    /// An address cannot be listened on.
    Listen(SocketAddr, io::Error),
    /// The certificates cannot be used.
    Tls(rustls::Error),
    /// There is no thread or no event loop to be had.
    Worker(io::Error),
}

/// Why a changed file did not come into force.
#[derive(Debug)]
pub enum ReloadError {
    /// It changes what only a restart can change; the key is named.
    NeedsRestart(&'static str),
    /// The certificates cannot be used.
    Tls(rustls::Error),
}

impl Gateway {
    /// Starts to listen and to serve.
    ///
    /// # Errors
    /// When an address cannot be listened on, or the system gives no thread.
    pub fn start(config: &Config) -> Result<Gateway, StartError> {
        let workers = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let bind =
            |address: &SocketAddr| listen(*address).map_err(|error| StartError::Listen(*address, error));
        let listeners: Vec<TcpListener> = config.listen.iter().map(bind).collect::<Result<_, _>>()?;
        let admin = config.admin.as_ref().map(bind).transpose()?;
        let metrics = Metrics::default();
        let shared = Arc::new(Shared {
            site: ArcSwap::from_pointee(Site::new(config, &metrics)),
            metrics,
            log: Log::start().map_err(StartError::Worker)?,
            tls: ArcSwapOption::new(tls::server(config).map_err(StartError::Tls)?),
            upstream_tls: tls::upstream(config).map_err(StartError::Tls)?,
            connections: Arc::new(Semaphore::new(config.limits.connections)),
            bound: Mutex::new(Bound::of(config)),
        });
        let of = |listener: &TcpListener| listener.local_addr().map_err(StartError::Worker);
        let addresses = listeners.iter().map(of).collect::<Result<_, _>>()?;
        let admin_address = admin.as_ref().map(of).transpose()?;
        let (stop, stopped) = watch::channel(false);
        let mut threads = Vec::with_capacity(workers);
        let mut admin = admin;
        for nth in 0..workers {
            let listeners = listeners.iter().map(TcpListener::try_clone).collect::<Result<_, _>>();
            let listeners: Vec<TcpListener> = listeners.map_err(StartError::Worker)?;
            let (shared, stopped, admin) = (shared.clone(), stopped.clone(), admin.take());
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(StartError::Worker)?;
            let thread = std::thread::Builder::new().name(format!("worker-{nth}"));
            let run = move || worker::run(&runtime, shared, listeners, admin, stopped);
            threads.push(thread.spawn(run).map_err(StartError::Worker)?);
        }
        Ok(Gateway { shared, addresses, admin: admin_address, stop, threads })
    }

    /// Where it listens; a port 0 of the file is replaced by the one that was found.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Where it tells of itself.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// Puts another file in force, for every request from now on.
    ///
    /// # Errors
    /// When the file changes what only a restart can change; then nothing has changed.
    pub fn reload(&self, config: &Config) -> Result<(), ReloadError> {
        let result = self.try_reload(config);
        let metrics = &self.shared.metrics;
        let counter = if result.is_ok() { &metrics.reloads } else { &metrics.refused_reloads };
        counter.fetch_add(1, Relaxed);
        result
    }

    /// Writes a line to standard error, and waits for nobody to read it.
    pub fn say(&self, line: &str) {
        self.shared.log.say(line);
    }

    /// Counts a changed file that could not even be read.
    pub fn note_refused_file(&self) {
        self.shared.metrics.refused_reloads.fetch_add(1, Relaxed);
    }

    fn try_reload(&self, config: &Config) -> Result<(), ReloadError> {
        let bound = self.shared.bound.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = bound.difference(&Bound::of(config)) {
            return Err(ReloadError::NeedsRestart(key));
        }
        let tls = tls::server(config).map_err(ReloadError::Tls)?;
        self.shared.tls.store(tls);
        self.shared.site.store(Arc::new(Site::new(config, &self.shared.metrics)));
        Ok(())
    }

    /// Stops: takes no more connections, lets requests in flight end, and returns when everything has ended or the
    /// file's `shutdown_timeout` is over.
    pub fn stop(self) {
        let _ = self.stop.send(true);
        for thread in self.threads {
            // A worker that panicked has ended, too.
            let _ = thread.join();
        }
        self.shared.log.finish();
    }
}

/// No other program can take a port that somebody listens on: `SO_REUSEPORT` is not set.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

impl Bound {
    fn of(config: &Config) -> Bound {
        Bound {
            listen: config.listen.clone(),
            admin: config.admin,
            secure: config.tls.is_some(),
            connections: config.limits.connections,
        }
    }

    fn difference(&self, other: &Bound) -> Option<&'static str> {
        let keys = [
            (self.listen == other.listen, "listen"),
            (self.admin == other.admin, "admin.listen"),
            (self.secure == other.secure, "tls"),
            (self.connections == other.connections, "limits.connections"),
        ];
        keys.into_iter().find(|(same, _)| !same).map(|(_, key)| key)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Listen(address, error) => match error.kind() {
                io::ErrorKind::AddrInUse => write!(f, "{address}: another program listens there"),
                io::ErrorKind::PermissionDenied => {
                    write!(f, "{address}: a port below 1024 needs a permission (CAP_NET_BIND_SERVICE)")
                }
                io::ErrorKind::AddrNotAvailable => write!(f, "{address}: this machine has no such address"),
                _ => write!(f, "{address}: {error}"),
            },
            StartError::Tls(error) => write!(f, "TLS: {error}"),
            StartError::Worker(error) => write!(f, "no worker: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

impl fmt::Display for ReloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReloadError::NeedsRestart(key) => write!(f, "{key} has changed, which takes a restart"),
            ReloadError::Tls(error) => write!(f, "TLS: {error}"),
        }
    }
}

impl std::error::Error for ReloadError {}
