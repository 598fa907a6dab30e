//! Where a policy comes from: `filter_config` itself, or a file that it names.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crossing::server::{Decision, Diagnostic, Policy, PolicyErrors, PolicyHandle, Severity};

use crate::abi::LogLevel;
use crate::envoy;
use crate::view::{Request, Value};

/// A policy in force.
#[derive(Debug)]
pub(crate) struct Source {
    policy: PolicyHandle,
    file: Option<File>,
}

impl Source {
    /// Reads a configuration; `None` when it is wrong. Each finding goes to Envoy's log, with its line and its mend.
    pub(crate) fn load(config: &[u8]) -> Option<Source> {
        let Ok(text) = std::str::from_utf8(config) else {
            envoy::log(LogLevel::Error, &format!("crossing: filter_config is not UTF-8. {WANTED}"));
            return None;
        };
        let (policy, file) = match text.trim_ascii_end().strip_prefix("file:") {
            Some(path) => {
                let file = File::new(path);
                (file.read()?, Some(file))
            }
            None => {
                if text.trim_ascii_start().starts_with('{') {
                    envoy::log(LogLevel::Error, &format!("crossing: filter_config is JSON. {WANTED}"));
                }
                (told(Policy::from_toml(text), "filter_config")?, None)
            }
        };
        Some(Source { policy: PolicyHandle::new(policy), file })
    }

    /// Lets the policy in force decide.
    pub(crate) fn decide(&self, request: &Request<'_>) -> Decision<Value> {
        if let Some(file) = &self.file
            && file.is_due()
        {
            file.read_again(&self.policy);
        }
        self.policy.decide(request)
    }
}

const WANTED: &str = "Make it a google.protobuf.StringValue that holds the policy, or file: and a path";

/// How often a file is looked at, while there are requests.
const LOOK: Duration = Duration::from_secs(1);

/// A policy file. Which worker gets the first request of a second looks whether the file is another one, so that no
/// thread of ours runs in Envoy.
#[derive(Debug)]
struct File {
    path: String,
    start: Instant,
    /// When to look again, in milliseconds from the start.
    due: AtomicU64,
    /// What was there when it was read; `None` if nothing could be.
    seen: Mutex<Option<Stamp>>,
}

/// What tells one state of a file from another, without reading it.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    inode: (u64, u64),
    length: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(path: &str) -> Option<Stamp> {
        let metadata = fs::metadata(path).ok()?;
        let inode = (metadata.dev(), metadata.ino());
        Some(Stamp { inode, length: metadata.len(), modified: metadata.modified().ok() })
    }
}

impl File {
    fn new(path: &str) -> File {
        let seen = Mutex::new(Stamp::of(path));
        File { path: path.to_owned(), start: Instant::now(), due: AtomicU64::new(millis(LOOK)), seen }
    }

    fn read(&self) -> Option<Policy> {
        match fs::read_to_string(Path::new(&self.path)) {
            Ok(text) => told(Policy::from_toml(&text), &self.path),
            Err(error) => {
                envoy::log(LogLevel::Error, &format!("crossing: {} cannot be read: {error}", self.path));
                None
            }
        }
    }

    /// Whether it is time to look, and nobody else does.
    fn is_due(&self) -> bool {
        let (now, due) = (millis(self.start.elapsed()), self.due.load(Ordering::Relaxed));
        let next = now + millis(LOOK);
        now >= due && self.due.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Puts the file's policy in force, if the file has changed and is right.
    fn read_again(&self, policy: &PolicyHandle) {
        let Ok(mut seen) = self.seen.try_lock() else { return };
        let now = Stamp::of(&self.path);
        if now == *seen {
            return;
        }
        *seen = now;
        let (level, what) = match self.read() {
            Some(new) => {
                let _ = policy.replace(Ok(new)); // it was made
                (LogLevel::Info, "has changed, and is in force")
            }
            None => (LogLevel::Error, "has changed, but is wrong: the policy from before stays in force"),
        };
        envoy::log(level, &format!("crossing: {} {what}", self.path));
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Tells all findings.
fn told(policy: Result<Policy, PolicyErrors>, place: &str) -> Option<Policy> {
    let tell = |findings: &[Diagnostic]| {
        for finding in findings {
            let level = match finding.severity() {
                Severity::Error => LogLevel::Error,
                Severity::Warning => LogLevel::Warn,
                Severity::Note => LogLevel::Info,
            };
            envoy::log(level, &format!("crossing: {place}: {finding}"));
        }
    };
    match policy {
        Ok(policy) => {
            tell(policy.warnings());
            Some(policy)
        }
        Err(errors) => {
            tell(errors.diagnostics());
            None
        }
    }
}
