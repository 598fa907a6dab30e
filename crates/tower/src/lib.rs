//! CORS for any [`tower::Service`](tower_service::Service): axum, hyper, tonic.
//!
//! The layer holds no rule of CORS. It shows each request to a [`Policy`], and carries out the
//! [`Decision`]: it answers in the application's place, or edits the application's response, be it a
//! success or an error.
//!
//! ```text
//!              ┌───────────────────────── Cors ─────────────────────────┐
//!   request ──▶│ source ─▶ Policy::decide ─┬─▶ Answer ──────────────────┼──▶ response
//!              │                           └─▶ Forward ─▶ application ─▶│ edit headers
//!              └────────────────────────────────────────────────────────┘
//! ```
//!
//! ```
//! use crossing_tower::{CorsLayer, Grant, Policy};
//! # use http::{Request, Response};
//! # use tower::{Layer, ServiceExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = Policy::builder().grant(Grant::new().allow_origins(["https://app.example.com"])).build()?;
//! let service = CorsLayer::new(policy).layer(tower::service_fn(async |_: Request<String>| {
//!     Ok::<_, std::convert::Infallible>(Response::new(String::from("hello")))
//! }));
//!
//! let request = Request::get("/").header("origin", "https://app.example.com").body(String::new())?;
//! let response = service.oneshot(request).await?;
//! assert_eq!(response.headers()["access-control-allow-origin"], "https://app.example.com");
//! # Ok(())
//! # }
//! ```
//!
//! Where the policy comes from is the layer's first argument: a [`Policy`] that stays, a [`PolicyHandle`] that can be
//! given another policy while requests run, or [`by_request`] for one policy a route. With the feature
//! `lookup`, `LookupLayer` asks for origins while the server runs.
//!
//! `examples/` has an axum router with a policy for each part, a bare hyper server, and a tonic service for gRPC-web.
//!
//! Put one such layer around an application, and put it outside of whatever may answer in the application's place
//! (authentication, limits, timeouts): their answers need CORS headers, too.

#![forbid(unsafe_code)]

mod future;
mod layer;
#[cfg(feature = "lookup")]
mod lookup;
mod observe;
mod service;
mod source;

pub use crossing::server::{Decision, Grant, Policy, PolicyErrors, PolicyHandle};
pub use future::ResponseFuture;
pub use layer::CorsLayer;
#[cfg(feature = "lookup")]
pub use lookup::{LookupCors, LookupFuture, LookupLayer, LookupLimits, OriginLookup, Question};
pub use service::Cors;
pub use source::{ByRequest, PolicySource, by_request};
