//! Work that several tabs share.

use std::sync::{Mutex, PoisonError};

use crate::rig::Tab;
use crate::rig_error::RigError;

/// Something that a tab does.
pub(crate) trait Job: Send + Sync {
    /// What is seen in the end.
    type Seen: Send;

    /// Does it.
    fn play(&self, tab: &Tab) -> Result<Self::Seen, RigError>;
}

/// How far the tabs came. Jobs are known by their numbers.
#[derive(Debug)]
pub(crate) struct Shared<J: Job> {
    pub(crate) seen: Vec<(usize, J::Seen)>,
    /// Jobs whose page posted nothing. The tab is lost with it.
    pub(crate) silent: Vec<(usize, J)>,
    /// Jobs that nobody has finished.
    pub(crate) left: Vec<(usize, J)>,
    /// Why no tab goes on.
    pub(crate) error: Option<RigError>,
}

/// Lets the first `count` tabs do the jobs, until all are done, all of these tabs are lost, or the browser has ended. Tabs
/// that are lost are taken away.
pub(crate) fn share<J: Job>(tabs: &mut Vec<Tab>, count: usize, jobs: Vec<(usize, J)>) -> Shared<J> {
    let shared = Shared { seen: Vec::new(), silent: Vec::new(), left: jobs, error: None };
    let shared = Mutex::new(shared);
    let others = tabs.split_off(count.min(tabs.len()));
    let kept: Vec<Option<Tab>> = std::thread::scope(|scope| {
        let workers: Vec<_> = tabs.drain(..).map(|tab| scope.spawn(|| work(tab, &shared))).collect();
        workers.into_iter().map(|worker| worker.join().ok().flatten()).collect()
    });
    tabs.extend(kept.into_iter().flatten().chain(others));
    shared.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// One tab's part of it; the tab, if it is still good.
fn work<J: Job>(tab: Tab, shared: &Mutex<Shared<J>>) -> Option<Tab> {
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let (at, job) = {
            let mut shared = lock();
            if shared.error.is_some() || shared.left.is_empty() {
                return Some(tab);
            }
            shared.left.remove(0)
        };
        let played = job.play(&tab);
        let mut shared = lock();
        match played {
            Ok(seen) => shared.seen.push((at, seen)),
            Err(RigError::NoReport { .. }) => {
                shared.silent.push((at, job));
                return None;
            }
            Err(error) => {
                shared.left.push((at, job));
                shared.error.get_or_insert(error);
                return None;
            }
        }
    }
}
