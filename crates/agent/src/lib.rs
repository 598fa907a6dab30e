//! A browser without a window: drives the browser half of [`crossing`] over sockets, or over a service in this process.
//!
//! The agent decides nothing about CORS. It executes each [`Step`](crossing::browser::Step): it sends requests, stores cookies,
//! passwords and responses, and returns what was received.
//!
//! A developer tests an application as a browser meets it, without a port and without a browser:
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use axum::{Router, routing::get};
//! use crossing::Reason;
//! use crossing_agent::Agent;
//!
//! let app = Router::new()
//!     .route("/shared", get(|| async { ([("access-control-allow-origin", "*")], "shared") }))
//!     .route("/bare", get(|| async { "not shared" }));
//!
//! let browser = Agent::in_process().host("api.example.com", app).build()?;
//! let page = browser.page("https://app.example.com")?;
//!
//! let response = page.get("https://api.example.com/shared").send().await?;
//! assert_eq!(response.text().await?, "shared");
//!
//! let blocked = page.get("https://api.example.com/bare").send().await.unwrap_err();
//! assert_eq!(blocked.reason(), Some(Reason::AcaoMissing));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! Over sockets it is the same, with [`Agent::builder`]. [`Agent::fetch`] takes any request of the core, and its [`Outcome`] has
//! what the script gets, what was decided, and what was sent and received.
//!
//! What it does as a browser does it: HTTP/1.1 and HTTP/2 with a pool of connections, TLS, [cookies](CookieJar),
//! passwords, content codings (gzip, deflate, br, zstd), and an HTTP cache if asked to. Two preflights for the same thing
//! that are in flight at the same time are both sent. [`Limits`] end a fetch that does not end by itself.

#![forbid(unsafe_code)]

mod agent;
mod auth_entries;
mod blocking;
mod builder;
mod clock;
mod content_coding;
mod cookies;
mod data_url;
mod error;
mod exchange;
mod fetch;
mod http_cache;
mod limits;
mod options;
mod outcome;
mod page;
mod request_body;
mod response_body;
mod sync;
mod transport;

pub use agent::Agent;
pub use blocking::BlockingAgent;
pub use builder::{AgentBuilder, default_settings};
pub use clock::{Clock, SystemClock, VirtualClock};
pub use cookies::{Cookie, CookieError, CookieJar, CookieRefusal, SameSite};
pub use error::{BoxError, BuildError, TransportError};
pub use limits::Limits;
pub use options::{Recording, StreamedUploads};
pub use outcome::{Fetched, NetworkError, Outcome, WireExchange};
pub use page::{Blocked, Page, PageError, PageRequest, PageResponse, client};
pub use request_body::RequestBody;
pub use response_body::Body;
pub use transport::{IncomingBody, ResolveOverride, ResolveOverrideError, SendFuture, Transport};
