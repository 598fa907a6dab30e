//! CORS in front of any server: a reverse proxy whose policies are a reviewed file.
//!
//! ```text
//!   client ──▶ worker ──▶ route ──▶ Cors (its policy) ─┬─▶ the answer to a preflight, or a refusal
//!              a thread   by host                      └─▶ upstream (a pool of connections), or a directory
//!                         and path
//! ```
//!
//! A gateway holds no rule of CORS: each route's policy decides, through [`crossing_tower::Cors`], and the gateway's own
//! errors get the same headers as the upstream's responses. A changed file comes into force for the requests that
//! follow; one that cannot be read changes nothing.

mod access_log;
mod answer;
mod body;
mod client;
mod client_body;
pub mod config;
mod files;
mod gather;
mod handle;
mod hops;
mod host;
mod log;
mod metrics;
mod path;
mod server;
mod site;
mod upstream;
mod watch;

pub use config::Config;
pub use server::{Gateway, ReloadError, StartError};
pub use watch::FileWatch;
