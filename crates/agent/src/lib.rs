//! A browser's way of asking: drives the browser half of [`crossing`] over sockets, or over a service in this process.
//!
//! The agent decides nothing about CORS. It does what each [`Step`](crossing::browser::Step) says: it sends requests, keeps
//! cookies, passwords and stored responses, and hands the answers back.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use crossing::browser::Request;
//! use crossing_agent::{Agent, page};
//!
//! let agent = Agent::builder().build()?;
//! let page = page("https://app.example.com")?;
//! let request = Request::builder("http://127.0.0.1:1/items".parse()?).build()?;
//! let outcome = agent.fetch(&page, request, ()).await;
//! assert!(outcome.result.is_err(), "nobody listens on port 1, and no browser would ask there");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod agent;
mod auth;
mod blocking;
mod body;
mod builder;
mod cache;
mod clock;
mod coding;
mod cookies;
mod data_url;
mod drive;
mod error;
mod limits;
mod outcome;
mod page;
mod transport;
mod wire;
mod zstd;

pub use agent::{Agent, page};
pub use blocking::Blocking;
pub use body::{Body, RequestBody};
pub use builder::{AgentBuilder, BuildError, Recording, settings};
pub use clock::{Clock, SystemClock, VirtualClock};
pub use cookies::{Cookie, CookieError, CookieJar, SameSite};
pub use error::{BoxError, TransportError};
pub use limits::Limits;
pub use outcome::{Fetched, NetworkError, Outcome, WireExchange};
pub use page::{Blocked, Page, PageError, PageRequest, PageResponse};
pub use transport::{IncomingBody, Override, OverrideError, Sending, Transport};
