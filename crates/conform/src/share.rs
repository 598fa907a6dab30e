//! Work that several tabs share.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::rig::{RigError, Tab};

/// Something that a tab does in one or more steps, not necessarily the same tab in each.
pub(crate) trait Job: Send {
    /// What was seen in the end.
    type Seen: Send;

    /// When the next step may begin.
    fn due(&self) -> Instant;

    /// Does the next step; what was seen, if it was the last.
    fn step(&mut self, tab: &Tab) -> Result<Option<Self::Seen>, RigError>;

    /// Begins anew.
    fn reset(&mut self);
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
    busy: usize,
}

/// Lets the first `count` tabs do the jobs, until all are done, all of these tabs are lost, or the browser has ended. Tabs
/// that are lost are taken away.
pub(crate) fn share<J: Job>(tabs: &mut Vec<Tab>, count: usize, jobs: Vec<(usize, J)>) -> Shared<J> {
    let shared = Shared { seen: Vec::new(), silent: Vec::new(), left: jobs, error: None, busy: 0 };
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
    loop {
        let (at, mut job) = {
            let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
            if shared.error.is_some() || (shared.left.is_empty() && shared.busy == 0) {
                return Some(tab);
            }
            let now = Instant::now();
            match shared.left.iter().position(|(_, job)| job.due() <= now) {
                Some(at) => {
                    shared.busy += 1;
                    shared.left.remove(at)
                }
                None => {
                    drop(shared);
                    std::thread::sleep(Duration::from_millis(10));
                    continue;
                }
            }
        };
        let stepped = job.step(&tab);
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.busy -= 1;
        match stepped {
            Ok(Some(seen)) => shared.seen.push((at, seen)),
            Ok(None) => shared.left.insert(0, (at, job)),
            Err(RigError::NoReport { .. }) => {
                shared.silent.push((at, job));
                return None;
            }
            Err(error) => {
                job.reset();
                shared.left.push((at, job));
                shared.error.get_or_insert(error);
                return None;
            }
        }
    }
}
