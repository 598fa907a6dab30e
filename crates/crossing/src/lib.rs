//! CORS, both halves of it: what a server grants, what a browser enforces, and why.
//!
//! ```text
//!   page at https://app.example            browser                        server at https://api.example
//!   ───────────────────────────            ───────                        ─────────────────────────────
//!   PUT, with X-Request-Id   ───────▶  safe to send unasked? No.
//!                                      OPTIONS, Origin,             ───▶  may https://app.example
//!                                      Access-Control-Request-…           send PUT and X-Request-Id?
//!                                      granted? and for how long?   ◀───  Access-Control-Allow-…
//!                                      PUT, Origin, no cookies      ───▶  the request itself
//!                                      shared with this origin?     ◀───  Access-Control-Allow-Origin
//!   response, with the       ◀───────  yes; hide what is not exposed
//!   headers it may see
//! ```
//!
//! The left half is [`browser`]: a state machine that says what goes over the wire and what the page gets. It does no I/O
//! and reads no clock: whoever drives it sends, receives and says what time it is.
//!
//! ```
//! use std::sync::Arc;
//! use crossing::browser::{Client, Fetch, Input, PreflightCache, Request, Step};
//! use crossing::{HeaderList, Origin, Reason, ResponseHead, Time};
//!
//! let page = Client::new(Origin::parse("https://app.example")?);
//! let request = Request::builder("https://api.example/items/1".parse()?).method("PUT").build()?;
//! let mut fetch = Fetch::new(request, Arc::new(page), Arc::default());
//! let mut cache = PreflightCache::new();
//!
//! // A PUT to another origin asks first.
//! let Step::Send(preflight) = fetch.step(Input::Start, Time::ZERO, &mut cache) else { unreachable!() };
//! assert_eq!(preflight.head.method, "OPTIONS");
//!
//! // This server has never heard of CORS. The PUT is not sent, and the page learns nothing.
//! let answer = ResponseHead::new(http::StatusCode::OK, HeaderList::new());
//! let step = fetch.step(Input::Response(Box::new(answer)), Time::ZERO, &mut cache);
//! let Step::Fail(failure) = step else { unreachable!() };
//! assert_eq!(failure.reason, Reason::AcaoMissing);
//! println!("{} {}", failure.reason.message(), failure.reason.fix());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! - `server`: the half that grants. It needs no URL parser: `http`, and the public suffix list.
//! - `browser`: the half that requests and enforces; includes `url`. Both halves are on by default.
//! - `url`: [`Origin`] by the URL Standard's parser. The server half then also checks that names in punycode are valid,
//!   and suggests the punycode of a name in Unicode when it rejects a policy.
//! - `toml`: the policy file. `reload`: a policy that is exchanged while requests run. `xhr`: `XMLHttpRequest` as a state
//!   machine.
//!
//! A decision does not depend on features.
//!
//! Every refusal of either half has one [`Reason`], with its cause, its mend and its place in the standard.
#![forbid(unsafe_code)]

#[cfg(feature = "browser")]
pub mod browser;
pub mod headers;
pub mod message;
pub mod method;
pub mod origin;
pub mod reason;
#[cfg(feature = "server")]
pub mod server;
mod time;

pub use headers::{HeaderList, HeaderName, Value};
#[cfg(feature = "browser")]
pub use message::RequestHead;
pub use message::ResponseHead;
#[cfg(feature = "url")]
pub use origin::{Origin, TupleOrigin};
pub use origin::{OriginError, OriginProblem};
pub use reason::{Exchange, Fault, Reason};
#[cfg(feature = "server")]
pub use server::{Decision, Policy};
pub use time::Time;
