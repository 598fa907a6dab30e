//! Where a policy comes from: `filter_config` itself, or a file that it names.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crossing::server::{Decision, Diagnostic, Policy, PolicyErrors, PolicyHandle, Severity};
use serde_json::Value as Json;

use crate::abi::LogLevel;
use crate::envoy;
use crate::view::Request;

/// A policy in force.
#[derive(Debug)]
pub(crate) enum Source {
    /// The one of the configuration.
    Fixed(Policy),
    /// The one of a file, as it is now.
    File(File),
}

impl Source {
    /// Reads a configuration; `None` when it is wrong. Each finding goes to Envoy's log, with its line and its mend.
    pub(crate) fn load(config: &[u8]) -> Option<Source> {
        let Ok(text) = std::str::from_utf8(config) else {
            envoy::log(LogLevel::Error, &format!("crossing: filter_config is not UTF-8. {WANTED}"));
            return None;
        };
        // Envoy Gateway hands on what stands in its resources as JSON.
        let text = match serde_json::from_str(text) {
            Ok(Json::String(text)) => Cow::Owned(text),
            Ok(_) => {
                envoy::log(
                    LogLevel::Error,
                    &format!("crossing: filter_config is JSON other than a string. {WANTED}"),
                );
                return None;
            }
            Err(_) => Cow::Borrowed(text),
        };
        match text.trim_ascii_end().strip_prefix("file:") {
            Some(path) => File::load(path).map(Source::File),
            None => told(Policy::from_toml(&text), "filter_config").map(Source::Fixed),
        }
    }

    /// Lets the policy in force decide.
    pub(crate) fn decide(&self, request: &Request<'_>) -> Decision {
        match self {
            Source::Fixed(policy) => policy.decide(request),
            Source::File(file) => {
                file.look();
                file.policy.decide(request)
            }
        }
    }
}

const WANTED: &str = "Make it text (a google.protobuf.StringValue): the policy, or file: and a path";

/// How often a file is looked at, while there are requests.
const LOOK: Duration = Duration::from_secs(1);

/// The largest policy file that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// A policy file. Which worker gets the first request of a second looks whether the file is another one, so that no
/// thread of ours runs in Envoy.
#[derive(Debug)]
pub(crate) struct File {
    path: String,
    policy: PolicyHandle,
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
    fn load(path: &str) -> Option<File> {
        let seen = Mutex::new(Stamp::of(path));
        let policy = PolicyHandle::new(read(path)?);
        let due = AtomicU64::new(millis(LOOK));
        Some(File { path: path.to_owned(), policy, start: Instant::now(), due, seen })
    }

    /// Puts the file's policy in force, if it is time to look, and the file has changed, and is right.
    fn look(&self) {
        let Some(mut seen) = self.is_due().then(|| self.seen.try_lock().ok()).flatten() else { return };
        let now = Stamp::of(&self.path);
        if now == *seen {
            return;
        }
        *seen = now;
        let (level, what) = match read(&self.path) {
            Some(policy) => {
                let _ = self.policy.replace(Ok(policy)); // it stands already
                (LogLevel::Info, "has changed, and is in force")
            }
            None => (LogLevel::Error, "has changed, but is wrong: the policy from before stays in force"),
        };
        envoy::log(level, &format!("crossing: {} {what}", self.path));
    }

    /// Whether it is time to look, and nobody else does.
    fn is_due(&self) -> bool {
        let (now, due) = (millis(self.start.elapsed()), self.due.load(Ordering::Relaxed));
        let next = now + millis(LOOK);
        now >= due && self.due.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

fn read(path: &str) -> Option<Policy> {
    match read_regular(path) {
        Ok(text) => told(Policy::from_toml(&text), path),
        Err(error) => {
            envoy::log(LogLevel::Error, &format!("crossing: {path} cannot be read: {error}"));
            None
        }
    }
}

/// Reads a regular file: a pipe would hold Envoy up, and a device may never end.
fn read_regular(path: &str) -> io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut text = String::new();
    fs::File::open(path)?.take(LARGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LARGEST {
        return Err(io::Error::other(format!("a policy file has at most {} MiB", LARGEST >> 20)));
    }
    Ok(text)
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
