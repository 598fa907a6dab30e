//! A running gateway: start, reload and stop.

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
use crate::active_config::ActiveConfig;
use crate::config::Config;
use crate::context::SharedContext;
use crate::log::Log;
use crate::metrics::Metrics;

/// A running gateway. It has one worker thread a processor.
#[derive(Debug)]
pub struct Gateway {
    shared: Arc<SharedContext>,
    fixed: Mutex<FixedSettings>,
    addresses: Vec<SocketAddr>,
    admin: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
}

/// The settings that only a restart can change.
#[derive(Debug, PartialEq, Eq)]
struct FixedSettings {
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
    /// A thread or its event loop cannot be started.
    Worker(io::Error),
}

/// Why a reload was refused.
#[derive(Debug)]
pub enum ReloadError {
    /// The key of a changed setting that only a restart can change.
    NeedsRestart(&'static str),
    /// The certificates cannot be used.
    Tls(rustls::Error),
}

impl Gateway {
    /// Starts to listen and to serve requests.
    ///
    /// # Errors
    /// When an address cannot be listened on, a certificate cannot be used, or a thread cannot be started.
    pub fn start(config: &Config) -> Result<Gateway, StartError> {
        let workers = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let bind =
            |address: &SocketAddr| listen(*address).map_err(|error| StartError::Listen(*address, error));
        let listeners: Vec<TcpListener> = config.listen.iter().map(bind).collect::<Result<_, _>>()?;
        let admin = config.admin.as_ref().map(bind).transpose()?;
        let metrics = Metrics::default();
        let shared = Arc::new(SharedContext {
            active: ArcSwap::from_pointee(ActiveConfig::new(config, &metrics)),
            metrics,
            log: Log::start().map_err(StartError::Worker)?,
            tls: ArcSwapOption::new(tls::server_config(config).map_err(StartError::Tls)?),
            upstream_tls: ArcSwap::new(tls::client_config(config).map_err(StartError::Tls)?),
            connections: Arc::new(Semaphore::new(config.limits.connections)),
        });
        let local_address = |listener: &TcpListener| listener.local_addr().map_err(StartError::Worker);
        let addresses = listeners.iter().map(local_address).collect::<Result<_, _>>()?;
        let admin_address = admin.as_ref().map(local_address).transpose()?;
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
        let fixed = Mutex::new(FixedSettings::new(config));
        Ok(Gateway { shared, fixed, addresses, admin: admin_address, stop, threads })
    }

    /// The addresses that it listens on. A configured port 0 is replaced by the actual port.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The address of the admin listener, with the actual port.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// Activates another configuration, for every request from now on.
    ///
    /// # Errors
    /// When the configuration changes a setting that only a restart can change. Then the previous one stays active.
    pub fn reload(&self, config: &Config) -> Result<(), ReloadError> {
        let result = self.try_reload(config);
        let metrics = &self.shared.metrics;
        let counter = if result.is_ok() { &metrics.reloads } else { &metrics.refused_reloads };
        counter.fetch_add(1, Relaxed);
        result
    }

    /// Writes a line to standard error, without waiting for the write.
    pub fn log(&self, line: &str) {
        self.shared.log.message(line);
    }

    /// Counts a reload that was refused because the changed file could not be read, or has errors.
    pub fn count_refused_reload(&self) {
        self.shared.metrics.refused_reloads.fetch_add(1, Relaxed);
    }

    fn try_reload(&self, config: &Config) -> Result<(), ReloadError> {
        let fixed = self.fixed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = fixed.difference(&FixedSettings::new(config)) {
            return Err(ReloadError::NeedsRestart(key));
        }
        let server_tls = tls::server_config(config).map_err(ReloadError::Tls)?;
        let upstream_tls = tls::client_config(config).map_err(ReloadError::Tls)?;
        self.shared.tls.store(server_tls);
        self.shared.upstream_tls.store(upstream_tls);
        self.shared.active.store(Arc::new(ActiveConfig::new(config, &self.shared.metrics)));
        Ok(())
    }

    /// Stops: accepts no more connections, and returns when the requests in flight have ended or the configured
    /// `shutdown_timeout` is over.
    pub fn stop(self) {
        let _ = self.stop.send(true);
        for thread in self.threads {
            // A worker that panicked has ended, too.
            let _ = thread.join();
        }
        self.shared.log.flush();
    }
}

/// `SO_REUSEPORT` is not set, so that no other program can listen on the same port.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

impl FixedSettings {
    fn new(config: &Config) -> FixedSettings {
        FixedSettings {
            listen: config.listen.clone(),
            admin: config.admin,
            secure: config.tls.is_some(),
            connections: config.limits.connections,
        }
    }

    /// The key of the first setting that differs.
    fn difference(&self, other: &FixedSettings) -> Option<&'static str> {
        let keys = [
            (self.listen == other.listen, "listen"),
            (self.admin == other.admin, "admin.listen"),
            (self.secure == other.secure, "tls"),
            (self.connections == other.connections, "limits.connections"),
        ];
        keys.into_iter().find(|(same, _)| !same).map(|(_, key)| key)
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
