//! How a script ends badly.

use std::fmt;
use std::time::Duration;

/// Why a script did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScriptError {
    /// It threw: the error as a person reads it, with the stack.
    Exception(String),
    /// Its time was over.
    TimeOver(Duration),
    /// Its memory was used up.
    OutOfMemory(usize),
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScriptError::Exception(text) => f.write_str(text),
            ScriptError::TimeOver(limit) => {
                write!(f, "the script was ended: it ran for longer than {} s", limit.as_secs_f64())
            }
            ScriptError::OutOfMemory(limit) => {
                write!(f, "the script was ended: it used more than {} MiB of memory", limit >> 20)
            }
        }
    }
}

impl std::error::Error for ScriptError {}
