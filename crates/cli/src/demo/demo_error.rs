//! Why the demo cannot run.

use std::fmt;
use std::io;

use crossing::OriginError;
use crossing::browser::RequestError;
use crossing::server::PolicyErrors;
use crossing_agent::{BuildError, CookieError};

use super::script::ScriptError;

#[derive(Debug)]
pub(crate) enum DemoError {
    Servers(io::Error),
    Agent(BuildError),
    Page(OriginError),
    Url(url::ParseError),
    Request(RequestError),
    Cookie(CookieError),
    Policy(PolicyErrors),
    Script(ScriptError),
}

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
