//! Scripts over an application in this process.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod app;
mod console;
mod events;
mod fetch;
mod xhr;
