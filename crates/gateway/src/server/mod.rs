//! Listening, serving, reloading and stopping.

mod admin;
mod connection;
mod gateway;
mod timeout_stream;
mod tls;
mod worker;

pub use gateway::{Gateway, ReloadError, StartError};
