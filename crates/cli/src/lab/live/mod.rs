//! Live origins: sockets on loopback that answer the person's own browser as the stage answers ours. A run gives the
//! names of a state to them, and keeps what came over the wire.

mod answer;
mod frame;
mod run;

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;

pub(super) use frame::{address, cookies};
pub(super) use run::{Name, Obstacle, Run};

use super::door;
use super::state::State;

/// How many runs are remembered: the last ones.
const MOST_RUNS: usize = 32;

/// Which of the live origins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The page's, which is also the server of its own origin.
    Page,
    /// A server's, counted from 0.
    Server(usize),
}

/// The live origins.
pub(super) struct Live {
    /// The lab's own origin, whose page alone may embed the live page.
    lab: String,
    ports: [u16; 3],
    runs: Mutex<VecDeque<Arc<Run>>>,
}

impl Live {
    /// Opens a socket for each, on ports that are free.
    pub(super) async fn open(lab: &str) -> io::Result<Arc<Live>> {
        let mut listeners = Vec::new();
        for part in [Part::Page, Part::Server(0), Part::Server(1)] {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            listeners.push((part, listener.local_addr()?.port(), listener));
        }
        let ports = [listeners[0].1, listeners[1].1, listeners[2].1];
        let live = Arc::new(Live { lab: lab.to_owned(), ports, runs: Mutex::default() });
        for (part, port, listener) in listeners {
            // A browser may take `localhost` for ::1 first; where there is none, it comes back to 127.0.0.1.
            let sixth = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.ok();
            for listener in [Some(listener), sixth].into_iter().flatten() {
                let live = live.clone();
                tokio::spawn(door::serve(listener, move |request| {
                    answer::answer(live.clone(), part, request)
                }));
            }
        }
        Ok(live)
    }

    fn port(&self, part: Part) -> u16 {
        match part {
            Part::Page => self.ports[0],
            Part::Server(at) => self.ports[(at + 1).min(2)],
        }
    }

    /// A part's origin; servers of another site than the page's have another name, which is of another site, too.
    fn origin(&self, part: Part, host: &str) -> String {
        format!("http://{host}:{}", self.port(part))
    }

    /// Every origin that the live page and the lab may ask.
    pub(super) fn servers(&self) -> Vec<String> {
        let parts = [Part::Server(0), Part::Server(1)];
        parts.iter().flat_map(|part| HOSTS.map(|host| self.origin(*part, host))).collect()
    }

    /// The live page's origin.
    pub(super) fn page(&self) -> String {
        self.origin(Part::Page, HOSTS[0])
    }

    /// Gives the names of a state to the live origins.
    pub(super) fn begin(&self, state: &State) -> Result<Arc<Run>, Obstacle> {
        let run = Arc::new(Run::new(self, token(), state)?);
        let mut runs = self.runs();
        runs.push_back(run.clone());
        if runs.len() > MOST_RUNS {
            runs.pop_front();
        }
        Ok(run)
    }

    /// The run of this token.
    pub(super) fn run(&self, token: &str) -> Option<Arc<Run>> {
        self.runs().iter().find(|run| run.token == token).cloned()
    }

    fn runs(&self) -> MutexGuard<'_, VecDeque<Arc<Run>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The two names of the loopback address; each is a site of its own.
const HOSTS: [&str; 2] = ["127.0.0.1", "localhost"];

/// A word that no other page can guess.
fn token() -> String {
    // Each state has keys of its own, which the standard library takes from the system's randomness.
    let word = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", word(), word())
}
