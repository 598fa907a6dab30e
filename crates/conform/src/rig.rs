//! A browser with its scripted origins: it is sent to pages, and reports what they saw.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::browser::{Browser, Engine};
use crate::certificate::Authority;
use crate::server::{RIG, open};
use crate::stage::Stage;

/// How long a browser may take to show its first page.
const START: Duration = Duration::from_secs(60);

/// Why a run could not go on.
#[derive(Debug)]
pub enum RigError {
    /// The browser's program is not there.
    Missing {
        /// What was looked for.
        program: String,
        /// The Debian package that has it.
        package: &'static str,
    },
    /// It could not be started, or something it needs could not.
    Start(io::Error),
    /// It started, and never came to the first page.
    Silent {
        /// The last lines that it wrote.
        said: String,
    },
    /// It ended while it was needed.
    Died {
        /// The last lines that it wrote.
        said: String,
    },
    /// It runs, and its page posts nothing.
    NoReport {
        /// For how long.
        after: Duration,
    },
    /// A report that is none.
    BadReport(String),
    /// A scenario that cannot be played as it is written.
    Scenario(String),
}

impl fmt::Display for RigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RigError::Missing { program, package } => {
                write!(f, "{program} is not there; install it (on Debian: apt-get install {package})")
            }
            RigError::Start(error) => write!(f, "it could not be started: {error}"),
            RigError::Silent { said } => {
                write!(f, "it started, but did not open the first page; it said:\n{said}")
            }
            RigError::Died { said } => write!(f, "it ended half-way; it said:\n{said}"),
            RigError::NoReport { after } => write!(f, "its page posted nothing for {} s", after.as_secs()),
            RigError::BadReport(what) => write!(f, "its page posted what is no report: {what}"),
            RigError::Scenario(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for RigError {}

/// A running browser, and everything that it can reach.
#[derive(Debug)]
pub(crate) struct Rig {
    pub(crate) stage: Arc<Stage>,
    next: UnboundedSender<String>,
    reports: Receiver<String>,
    browser: Browser,
    pub(crate) version: String,
}

impl Rig {
    /// Opens the servers and starts the browser.
    pub(crate) fn start(engine: Engine) -> Result<Rig, RigError> {
        let version = engine.version()?;
        let authority = Arc::new(Authority::new().map_err(RigError::Start)?);
        let (next, nexts) = unbounded_channel();
        let (reporter, reports) = channel();
        let stage = Arc::new(Stage::new(nexts, reporter));
        let address = open(Arc::clone(&stage), &authority).map_err(RigError::Start)?;
        let browser = Browser::launch(engine, address, &authority, &format!("https://{RIG}/"))?;
        let mut rig = Rig { stage, next, reports, browser, version };
        match rig.wait(START) {
            Ok(_) => Ok(rig),
            Err(RigError::NoReport { .. }) => Err(RigError::Silent { said: rig.browser.said() }),
            Err(error) => Err(error),
        }
    }

    /// Sends the waiting page to `url`, and waits for the next report.
    pub(crate) fn visit(&mut self, url: String, limit: Duration) -> Result<String, RigError> {
        // The receiver lives as long as the stage.
        let _ = self.next.send(url);
        self.wait(limit)
    }

    fn wait(&mut self, limit: Duration) -> Result<String, RigError> {
        let begun = Instant::now();
        loop {
            match self.reports.recv_timeout(Duration::from_millis(200)) {
                Ok(report) => return Ok(report),
                Err(RecvTimeoutError::Timeout) if self.browser.has_ended() => {
                    return Err(RigError::Died { said: self.browser.said() });
                }
                Err(RecvTimeoutError::Timeout) if begun.elapsed() < limit => {}
                Err(_) => return Err(RigError::NoReport { after: limit }),
            }
        }
    }
}
