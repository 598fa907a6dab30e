//! How far an audit is.

use std::sync::Arc;

/// A step of an audit, for a progress bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many requests are planned.
    Planned(u64),
    /// So many more requests are planned.
    More(u64),
    /// So many planned requests are not needed.
    Fewer(u64),
    /// A request was sent.
    Sent,
    /// The audit is over.
    Done,
}

/// Receives the steps, from any thread.
pub(crate) type Listener = Arc<dyn Fn(Progress) + Send + Sync>;
