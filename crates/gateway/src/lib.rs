//! CORS in front of any server: a reverse proxy whose policies are a reviewed file.
//!
//! ```text
//!   client ──▶ worker ──▶ route ──▶ Cors (its policy) ─┬─▶ the response to a preflight, or a refusal
//!              a thread   by host                      └─▶ upstream (a pool of connections), or a directory
//!                         and path
//! ```
//!
//! A gateway contains no rules of CORS: each route's policy decides, through [`crossing_tower::Cors`], and the gateway's own
//! errors get the same headers as the upstream's responses. A changed configuration applies to the requests that follow; a
//! refused one changes nothing.

mod access_log;
mod active_config;
mod body;
mod client_connection;
pub mod config;
mod context;
mod drain_on_drop;
mod hop_by_hop;
mod host;
mod log;
mod metrics;
mod observed_policy;
mod path;
mod request_context;
mod request_handler;
mod route_response;
mod server;
mod static_files;
mod text_response;
mod upstream;
mod upstream_request;
mod vectored;
mod watch;

pub use config::Config;
pub use server::{Gateway, ReloadError, StartError};
pub use watch::FileWatch;
