//! The half that grants: a policy, and what it decides about a request.
//!
//! ```text
//!   policy file ──┐                    ┌─ Answer   a preflight's answer, or a refusal: status and headers
//!                 ├─▶ Policy ─decide─▶─┤
//!   builder ──────┘     ▲              └─ Forward  to the application; then edit its response's headers
//!                    request
//! ```
//!
//! Deciding is pure: it depends on the policy and the request alone, and its cost is bounded by the policy. An adapter
//! needs no rule of its own:
//!
//! ```
//! use crossing::server::{Decision, Grant, Policy};
//! use http::{HeaderMap, Request};
//!
//! let policy = Policy::builder().grant(Grant::new().allow_origins(["https://app.example.com"])).build()?;
//! let request = Request::get("/data").header("origin", "https://app.example.com").body(()).unwrap();
//!
//! match policy.decide(&request) {
//!     Decision::Answer(answer) => {
//!         let mut headers = HeaderMap::with_capacity(answer.header_count());
//!         let status = answer.status();
//!         answer.apply(&mut headers);
//!         // … respond with status, headers and no body.
//! #       assert_eq!(status, 0);
//!     }
//!     Decision::Forward(forward) => {
//!         // … ask the application, and then:
//!         let mut headers = HeaderMap::new();
//!         forward.apply(&mut headers);
//!         assert_eq!(headers["access-control-allow-origin"], "https://app.example.com");
//!         assert_eq!(headers["vary"], "Origin");
//!     }
//! }
//! # Ok::<(), crossing::server::PolicyErrors>(())
//! ```

mod check;
mod compile;
mod decision;
mod diagnostic;
mod diff;
mod distance;
mod explain;
mod grant;
#[cfg(feature = "reload")]
mod handle;
mod lists;
mod matcher;
mod pattern;
mod policy;
mod problem;
#[cfg(feature = "toml")]
mod toml;
mod vary;
mod view;
mod wire;
mod write;

pub use decision::{Answer, Decision, Forward, Verdict};
pub use diagnostic::{Diagnostic, Place, PolicyErrors};
pub use diff::{Change, Diff, What};
pub use explain::{Explanation, NearMiss, Rule};
pub use grant::{CrossOriginResourcePolicy, Grant};
#[cfg(feature = "reload")]
pub use handle::PolicyHandle;
pub use lists::{METHOD_LIMIT, STAR_BUDGET};
pub use policy::{Enforcement, Existing, Policy, PolicyBuilder, PreflightStatus};
pub use problem::{Problem, Severity};
#[cfg(feature = "toml")]
pub use toml::PolicyTable;
pub use vary::VaryOn;
pub use view::{
    FieldLine, FieldValue, PolicyText, RequestField, RequestView, ResponseField, ResponseHeaders,
};
