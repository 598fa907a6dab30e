//! CORS for actix-web.
//!
//! The middleware holds no rule of CORS. It shows each request to a [`Policy`], and carries out the
//! [`Decision`]: it answers in the application's place, or edits the application's response, be it a
//! success or an error.
//!
//! ```
//! use actix_web::{App, test, web};
//! use crossing_actix::{Cors, Grant, Policy};
//!
//! # #[actix_web::main]
//! # async fn main() -> Result<(), crossing_actix::PolicyErrors> {
//! let policy = Policy::builder().grant(Grant::new().allow_origins(["https://app.example.com"])).build()?;
//! let app = App::new().wrap(Cors::new(policy)).route("/", web::get().to(async || "hello"));
//!
//! let app = test::init_service(app).await;
//! let request = test::TestRequest::get().insert_header(("origin", "https://app.example.com")).to_request();
//! let response = test::call_service(&app, request).await;
//! assert_eq!(response.headers().get("access-control-allow-origin").unwrap(), "https://app.example.com");
//! # Ok(())
//! # }
//! ```
//!
//! Where the policy comes from is the middleware's argument: a [`Policy`] that stays, a [`PolicyHandle`] that can be
//! given another policy while requests run, or [`by_request`] for one policy a route. Wrap the whole `App`: a
//! preflight finds no route of its own, and what other middleware answers needs CORS headers, too.
//!
//! [`Cors::around`] puts the policy around the `App` itself, which is the fastest: a preflight does not come to actix-web's
//! router, nor to any middleware.

#![forbid(unsafe_code)]

mod around;
mod future;
mod middleware;
mod observe;
mod source;
mod view;

pub use around::{CorsAround, CorsAroundService};
pub use crossing::server::{Decision, Grant, Policy, PolicyErrors, PolicyHandle};
pub use future::{AroundFuture, ResponseFuture};
pub use middleware::{Cors, CorsMiddleware};
pub use source::{ByRequest, Incoming, PolicySource, by_request};
pub use view::{Request, Value};
