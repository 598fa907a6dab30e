//! CORS in front of any server: a reverse proxy whose policies are a reviewed file.

pub mod config;

pub use config::Config;
