//! What goes wrong with a script.

use std::fmt;
use std::io;

use crate::limits::Limits;

/// An exception that was not caught, or a rejection that was not handled.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScriptError {
    /// What a console would print: the message, and where it was thrown.
    pub text: String,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uncaught {}", self.text)
    }
}

impl std::error::Error for ScriptError {}

/// Why a runtime cannot be started, or why a script has failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The engine or the network cannot be started.
    Start(io::Error),
    /// The agent cannot be made.
    Agent(crossing_agent::BuildError),
    /// The script threw an exception that was not caught. Of several this is the first.
    Uncaught(ScriptError),
    /// The time is over.
    TimeOver(Limits),
    /// The script has made as many requests as it may.
    TooManyRequests(Limits),
    /// The script's memory is full, so that its errors cannot be reported; its timers are discarded.
    OutOfMemory(Limits),
    /// A [`RuntimeHandle`](crate::RuntimeHandle) has interrupted it.
    Interrupted,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Start(error) => write!(f, "the script engine does not start: {error}"),
            Error::Agent(error) => error.fmt(f),
            Error::Uncaught(error) => error.fmt(f),
            Error::TimeOver(limits) => {
                write!(f, "the script has not ended within {} s", limits.time.as_secs_f64())
            }
            Error::TooManyRequests(limits) => {
                write!(f, "the script has made more than {} requests", limits.requests)
            }
            Error::OutOfMemory(limits) => {
                write!(f, "the script is out of memory: it may take {} MiB", limits.memory >> 20)
            }
            Error::Interrupted => f.write_str("the script was interrupted"),
        }
    }
}

impl std::error::Error for Error {}
