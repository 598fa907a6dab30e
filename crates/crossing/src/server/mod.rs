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
//!         let status = answer.status();
//!         let headers = answer.into_headers();
//!         // … respond with status, headers and no body.
//! #       assert_eq!((status, headers.len()), (0, 0));
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
//!
//! # Patterns
//!
//! ```text
//! pattern = "*"                                      any origin; stands alone
//!         | "null"                                   an opaque origin: needs `dangerously_allow_null_origin`
//!         | scheme "://" host [ ":" ports ]          any scheme but file
//! host    = [ "*." ] label *( "." label )            "*." stands for one or more labels
//! label   = text                                     a-z, 0-9, "-" and "_", at most 63 bytes
//!         | "{label}"                                exactly one label
//!         | [ text ] "{digits}" [ text ]             one label, with one or more digits at this place
//! ports   = number | "*" | "{" range *( "," range ) "}"
//! range   = number [ "-" number ]
//! ```
//!
//! A host is compared label by label from the right, never as text, and its last label is always written out: no
//! pattern matches a look-alike. `:*` is any port, also none. In a set, the scheme's default port stands for no port.
//!
//! # What a request can cost
//!
//! An origin that the policy spells out is found by one hash, whatever their number. Otherwise the host is walked label
//! by label, no deeper than the longest pattern. Of `Access-Control-Request-Headers` so many bytes are read as twice a
//! browser would need to ask for every name listed, and 64 more; where `*` is listed, [`STAR_BUDGET`]. A longer list is
//! refused by its length, unread.

mod check;
mod compile;
mod decide;
mod decision;
mod diagnostic;
mod diff;
mod distance;
mod explain;
mod grant;
mod lists;
mod matcher;
mod origin_error;
mod pattern;
mod policy;
#[cfg(feature = "reload")]
mod policy_handle;
mod problem;
mod read;
#[cfg(feature = "toml")]
mod toml;
#[cfg(feature = "toml")]
mod toml_reader;
mod vary;
mod view;
mod wire;
mod write;

pub use decide::requests_private_network;
pub use decision::{Answer, Decision, Forward, Verdict};
pub use diagnostic::{Diagnostic, Place, PolicyErrors};
pub use diff::{Change, ChangeKind, Diff};
pub use explain::{Explanation, NearMiss, Rule};
pub use grant::{CrossOriginResourcePolicy, Grant};
pub use lists::{METHOD_LIMIT, STAR_BUDGET};
pub use policy::{Enforcement, Existing, Policy, PolicyBuilder, PreflightStatus};
#[cfg(feature = "reload")]
pub use policy_handle::PolicyHandle;
pub use problem::{Problem, Severity};
pub use read::pattern_regex;
#[cfg(feature = "toml")]
pub use toml::PolicyTable;
#[cfg(feature = "toml")]
pub use toml_reader::TomlReader;
pub use view::{
    FieldLine, FieldValue, PolicyText, RequestField, RequestView, ResponseField, ResponseHeaders,
};
