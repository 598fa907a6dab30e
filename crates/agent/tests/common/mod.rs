//! What the tests share.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

/// Runs a test to its end, with sockets and timers.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}
