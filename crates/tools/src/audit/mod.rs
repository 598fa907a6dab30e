//! Misconfigurations of servers, seen from outside: which origins a server trusts, what breaks in a browser, and what is slow.

mod auditing;
mod class;
mod draft;
mod evidence;
mod findings;
mod judge;
mod options;
mod origins;
mod plan;
mod probe;
mod progress;
mod report;
mod sarif;
mod sender;
mod severity;
mod target;

pub use auditing::{Audit, AuditReport, DryRun};
pub use draft::{Draft, DraftError};
pub use options::{AuditError, AuditOptions, Posts};
pub use progress::Progress;
pub use report::AuditFinding;
pub use severity::Severity;
