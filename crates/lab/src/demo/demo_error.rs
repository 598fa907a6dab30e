//! Why the demo cannot run.

use std::fmt;
use std::io;

use crossing::OriginError;
use crossing::browser::RequestError;
use crossing::server::PolicyErrors;
use crossing_agent::{BuildError, CookieError};

use super::script::ScriptError;

/// Why the demo cannot run.
#[derive(Debug)]
#[non_exhaustive]
pub enum DemoError {
    /// A server cannot listen.
    Servers(io::Error),
    /// The agent cannot be built.
    Agent(BuildError),
    /// A case has an invalid origin.
    Page(OriginError),
    /// A case has an invalid URL.
    Url(url::ParseError),
    /// A case has an invalid request.
    Request(RequestError),
    /// A case has an invalid cookie.
    Cookie(CookieError),
    /// A case has an invalid policy.
    Policy(PolicyErrors),
    /// A script failed.
    Script(ScriptError),
}

impl std::error::Error for DemoError {}

impl fmt::Display for DemoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DemoError::Servers(error) => write!(f, "no socket on loopback: {error}"),
            DemoError::Agent(error) => error.fmt(f),
            DemoError::Page(error) => error.fmt(f),
            DemoError::Url(error) => error.fmt(f),
            DemoError::Request(error) => error.fmt(f),
            DemoError::Cookie(error) => error.fmt(f),
            DemoError::Policy(errors) => errors.fmt(f),
            DemoError::Script(error) => error.fmt(f),
        }
    }
}
