//! Why a browser could not play.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

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
    /// The directory that it was to have could not be made.
    Scratch {
        /// Which one.
        directory: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// Asked for its version, it did not end.
    NoVersion {
        /// For how long.
        after: Duration,
    },
    /// It started, and never came to the first page.
    Silent {
        /// The last lines that it wrote.
        said: String,
    },
    /// It ended while it was needed.
    Died {
        /// With which code, or by which signal; `None` where nobody knows.
        status: Option<ExitStatus>,
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
            RigError::Scratch { directory, error } => {
                write!(f, "{} could not be made: {error}; TMPDIR says where it is to be", directory.display())
            }
            RigError::NoVersion { after } => {
                write!(f, "it was asked for its --version, and has not ended after {} s", after.as_secs())
            }
            RigError::Silent { said } => {
                write!(f, "it started, but did not open the first page; {}", quoted(said))
            }
            RigError::Died { status: Some(status), said } => {
                write!(f, "it ended half-way ({status}); {}", quoted(said))
            }
            RigError::Died { status: None, said } => write!(f, "it ended half-way; {}", quoted(said)),
            RigError::NoReport { after } => write!(f, "its page posted nothing for {} s", after.as_secs()),
            RigError::BadReport(what) => {
                write!(f, "its page posted what is no report: {}", what.chars().take(400).collect::<String>())
            }
            RigError::Scenario(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for RigError {}

fn quoted(said: &str) -> String {
    if said.trim().is_empty() { "it said nothing".to_owned() } else { format!("it said:\n{said}") }
}
