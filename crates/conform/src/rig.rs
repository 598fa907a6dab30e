//! A browser with its scripted origins: it is sent to pages, and reports what they saw.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::browser::{Browser, Engine};
use crate::certificate::Authority;
use crate::naming::Naming;
use crate::rig_error::RigError;
use crate::server::{OPENER, open, rig_host};
use crate::stage::{Stage, TabEnds};

/// A running browser, and everything that it can reach.
#[derive(Debug)]
pub(crate) struct Rig {
    pub(crate) stage: Arc<Stage>,
    pub(crate) version: String,
    /// `None` when it has been ended.
    browser: Mutex<Option<Browser>>,
    /// How long a page may take to report.
    patience: Duration,
    count: AtomicU32,
}

impl Rig {
    /// Opens the servers, starts the browser, and waits until each of its tabs has come to its first page.
    pub(crate) fn start(
        engine: Engine,
        tabs: usize,
        patience: Duration,
    ) -> Result<(Arc<Rig>, Vec<Tab>), RigError> {
        let version = engine.version(patience)?;
        let authority = Arc::new(Authority::new().map_err(RigError::Start)?);
        let (mut ends, mut handles) = (Vec::new(), Vec::new());
        for number in 0..tabs {
            let (next, nexts) = unbounded_channel();
            let (reporter, reports) = channel();
            ends.push(TabEnds { next: tokio::sync::Mutex::new(nexts), reports: reporter });
            handles.push((number, next, reports));
        }
        let stage = Arc::new(Stage::new(ends));
        let address = open(Arc::clone(&stage), &authority).map_err(RigError::Start)?;
        let first = format!("https://{}{OPENER}", rig_host(0));
        let browser = Browser::launch(engine, address, &authority, &first)?;
        let (browser, count) = (Mutex::new(Some(browser)), AtomicU32::new(0));
        let rig = Arc::new(Rig { stage, version, browser, patience, count });
        let tabs = handles.into_iter().map(|(number, next, reports)| {
            let tab = Tab { rig: Arc::clone(&rig), number, next, reports };
            // A browser that starts has more to do than one that opens a page.
            match tab.wait(2 * patience) {
                Ok(_) => Ok(tab),
                Err(RigError::NoReport { .. }) => Err(RigError::Silent { said: rig.said() }),
                Err(error) => Err(error),
            }
        });
        let tabs = tabs.collect::<Result<Vec<Tab>, RigError>>()?;
        Ok((rig, tabs))
    }

    /// A name that no scenario had before.
    pub(crate) fn naming(&self) -> Naming {
        Naming(1 + self.count.fetch_add(1, Ordering::Relaxed))
    }

    /// Ends the browser.
    pub(crate) fn stop(&self) {
        drop(self.browser().take());
    }

    fn browser(&self) -> MutexGuard<'_, Option<Browser>> {
        self.browser.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last lines that the browser wrote.
    fn said(&self) -> String {
        self.browser().as_ref().map_or_else(String::new, Browser::said)
    }

    fn has_ended(&self) -> bool {
        self.browser().as_mut().is_none_or(Browser::has_ended)
    }

    fn death(&self) -> RigError {
        let status = self.browser().as_mut().and_then(Browser::status);
        RigError::Died { status, said: self.said() }
    }
}

/// One tab of the browser: it is sent to pages, one after another.
#[derive(Debug)]
pub(crate) struct Tab {
    pub(crate) rig: Arc<Rig>,
    pub(crate) number: usize,
    next: UnboundedSender<String>,
    reports: Receiver<String>,
}

impl Tab {
    /// Where its pages report.
    pub(crate) fn home(&self) -> String {
        format!("https://{}/", rig_host(self.number))
    }

    /// Sends the waiting page to `url`, and waits for the next report.
    pub(crate) fn visit(&self, url: String) -> Result<String, RigError> {
        // What a browser has sent twice is of the page before.
        while self.reports.try_recv().is_ok() {}
        // The receiver lives as long as the stage.
        let _ = self.next.send(url);
        self.wait(self.rig.patience)
    }

    fn wait(&self, limit: Duration) -> Result<String, RigError> {
        let begun = Instant::now();
        loop {
            match self.reports.recv_timeout(Duration::from_millis(200)) {
                Ok(report) => return Ok(report),
                Err(RecvTimeoutError::Timeout) => {
                    if self.rig.has_ended() {
                        return Err(self.rig.death());
                    }
                    if begun.elapsed() >= limit {
                        return Err(RigError::NoReport { after: limit });
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Err(RigError::NoReport { after: limit }),
            }
        }
    }
}
