//! The conformance suite: it loads the scenarios (plain data, described in `scenarios/README.md`) and runs them.
//!
//! A runner plays a scenario against something (the core in memory, an agent over sockets, a real browser), says what
//! it [observed](Observed), and the [suite](BrowserSuite) compares. Nothing but tests depends on this crate.

#![forbid(unsafe_code)]

mod compare;
mod core_runner;
mod divergence;
mod embedded;
mod http_cache;
mod jar;
mod load;
mod observed;
mod policy;
mod report;
mod schema;
mod script;
mod server_suite;
mod suite;
mod text;
pub mod translate;
mod visit;

pub use core_runner::CoreRunner;
pub use divergence::Divergence;
pub use load::LoadError;
pub use observed::{Ended, Observed, Played, Sent};
pub use report::{Difference, Report};
pub use schema::{
    BodyKind, Expect, Login, NetworkFailure, Outcome, Page, Person, Request, RequestBody, Scenario, Server,
    Servers, Settings, Step, TimingAccess, WireLine,
};
pub use script::{Answered, Script, play_on_core};
pub use server_suite::{AnsweredBy, ServerExpect, ServerReply, ServerScenario, ServerSuite, is_watched};
pub use suite::BrowserSuite;
pub use text::Text;
pub use visit::{Visit, Visited};
