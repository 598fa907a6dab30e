//! The lab: a page for learning and debugging CORS, served on loopback.
//!
//! The page simulates both halves of a conversation, step by step, and lets the user's own browser do the same against live
//! origins. [`Lab`] serves it:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use crossing_lab::Lab;
//!
//! // Port 0 takes any free port.
//! let lab = Lab::bind(0).await?;
//! assert!(lab.url().starts_with("http://127.0.0.1:"));
//!
//! // Serves until the future is ready: a signal, in a program.
//! lab.serve(std::future::ready(())).await;
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

mod api;
mod assets;
mod bind_error;
mod comparison;
pub mod demo;
mod guard;
mod http_error;
mod http_server;
mod lab;
mod lessons;
mod live;
mod raw_response;
mod router;
mod script;
mod servers;
mod setup;
mod simulation;
mod state;
mod state_error;
mod steps;
mod translations;

pub use bind_error::BindError;
pub use lab::Lab;
