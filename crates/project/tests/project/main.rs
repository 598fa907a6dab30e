//! What holds for the project as a whole: the standard's anchors, and tidiness.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these tests fail by panicking")]
#![allow(clippy::disallowed_methods, reason = "these tests read the workspace's files, the core does not")]

mod dependencies;
mod manifests;
mod modules;
mod reasons;
mod spec;
mod tidy;
mod workspace;
