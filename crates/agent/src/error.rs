//! What goes wrong on the way.

use std::fmt;

use crossing::Reason;

/// Any error that a service or a body may bring.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why no response came, or why its body broke off: a [`Reason`] for the page, and words for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportError {
    /// The row of the table.
    pub reason: Reason,
    /// What happened, with names and addresses: « connection refused (127.0.0.1:81) ».
    pub detail: String,
    /// Whether the server had closed a pooled connection before it received the request.
    pub(crate) safe_to_retry: bool,
}

impl TransportError {
    /// An error with its words.
    pub fn new(reason: Reason, detail: impl Into<String>) -> TransportError {
        TransportError { reason, detail: detail.into(), safe_to_retry: false }
    }

    /// The time is over; `awaited` is what had not come.
    pub(crate) fn timeout(awaited: &str, limit: std::time::Duration) -> TransportError {
        TransportError::new(Reason::Timeout, format!("no {awaited} within {} s", limit.as_secs_f64()))
    }

    /// The transport error in the chain of causes, if one is there.
    pub(crate) fn within<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a TransportError> {
        causes(error).find_map(|cause| cause.downcast_ref::<TransportError>())
    }
}

/// An error and what caused it, outermost first.
pub(crate) fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// The text of the innermost cause: the errors around it are mostly less precise.
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for TransportError {}

/// Why there is no agent.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// The file of authorities cannot be read, or holds no certificate.
    CaFile {
        /// The file.
        file: std::path::PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// TLS cannot be set up.
    Tls(String),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BuildError::CaFile { file, problem } => {
                write!(f, "{}: {problem}; give a file of certificates in PEM form", file.display())
            }
            BuildError::Tls(problem) => write!(f, "TLS cannot be set up: {problem}"),
        }
    }
}

impl std::error::Error for BuildError {}
