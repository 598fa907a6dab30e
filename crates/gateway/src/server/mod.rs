//! Listening, serving, reloading and stopping.

mod admin;
mod connection;
mod gateway;
mod stalling;
mod tls;
mod worker;

pub use gateway::{Gateway, ReloadError, StartError};
pub(crate) use worker::Worker;
