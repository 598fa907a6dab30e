//! Live origins: sockets on loopback that respond to the user's own browser as the simulated servers do. A run maps the
//! origins of a state to them, and records the requests that they receive.

mod frame;
mod response;
mod run;

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub(super) use frame::{cookie_urls, frame_url};
pub(super) use run::{LiveRun, OriginMapping, Unsupported};

use super::http_server;
use super::state::State;

/// The most runs that are kept; a new one replaces the oldest.
const MAX_RUNS: usize = 32;

/// One of the live origins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LiveOrigin {
    /// The page's, which is also the server of its own origin.
    Page,
    /// A server's, counted from 0.
    Server(usize),
}

/// All live origins.
pub(super) struct LiveOrigins {
    /// The lab's own origin. Only its page may embed the live page.
    lab: String,
    ports: [u16; 3],
    runs: Mutex<VecDeque<Arc<LiveRun>>>,
}

impl LiveOrigins {
    /// Listens on a free port for each, and serves them until the tasks are dropped.
    pub(super) async fn open(lab: &str) -> io::Result<(Arc<LiveOrigins>, JoinSet<()>)> {
        let mut listeners = Vec::new();
        for origin in [LiveOrigin::Page, LiveOrigin::Server(0), LiveOrigin::Server(1)] {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            listeners.push((origin, listener.local_addr()?.port(), listener));
        }
        let ports = [listeners[0].1, listeners[1].1, listeners[2].1];
        let live = Arc::new(LiveOrigins { lab: lab.to_owned(), ports, runs: Mutex::default() });
        let mut tasks = JoinSet::new();
        for (origin, port, listener) in listeners {
            // A browser may try ::1 first for `localhost`. On a host without IPv6 it falls back to 127.0.0.1.
            let ipv6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.ok();
            for listener in [Some(listener), ipv6].into_iter().flatten() {
                let live = live.clone();
                tasks.spawn(http_server::serve(listener, move |request| {
                    response::respond(live.clone(), origin, request)
                }));
            }
        }
        Ok((live, tasks))
    }

    fn port(&self, origin: LiveOrigin) -> u16 {
        match origin {
            LiveOrigin::Page => self.ports[0],
            LiveOrigin::Server(at) => self.ports[(at + 1).min(2)],
        }
    }

    /// The serialised origin under one of the [`HOSTS`].
    fn serialise(&self, origin: LiveOrigin, host: &str) -> String {
        format!("http://{host}:{}", self.port(origin))
    }

    /// Every origin that the live page and the lab may send requests to.
    pub(super) fn servers(&self) -> Vec<String> {
        let servers = [LiveOrigin::Server(0), LiveOrigin::Server(1)];
        servers.iter().flat_map(|server| HOSTS.map(|host| self.serialise(*server, host))).collect()
    }

    /// The live page's origin.
    pub(super) fn page(&self) -> String {
        self.serialise(LiveOrigin::Page, HOSTS[0])
    }

    /// Maps the origins of a state to the live origins.
    pub(super) fn begin(&self, state: &State) -> Result<Arc<LiveRun>, Unsupported> {
        let run = Arc::new(LiveRun::new(self, token(), state)?);
        let mut runs = self.runs();
        runs.push_back(run.clone());
        if runs.len() > MAX_RUNS {
            runs.pop_front();
        }
        Ok(run)
    }

    /// The run with this token.
    pub(super) fn run(&self, token: &str) -> Option<Arc<LiveRun>> {
        self.runs().iter().find(|run| run.token == token).cloned()
    }

    fn runs(&self) -> MutexGuard<'_, VecDeque<Arc<LiveRun>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The two hosts of the loopback address. A browser treats them as different sites.
const HOSTS: [&str; 2] = ["127.0.0.1", "localhost"];

/// A value that no other page can guess.
fn token() -> String {
    // The standard library takes the keys of each state from the system's random numbers.
    let word = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", word(), word())
}
