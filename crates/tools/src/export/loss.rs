//! What another server cannot express.

use std::fmt;

/// A difference between a policy and the exported configuration. `Display` writes direction, code and sentence on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// A stable code.
    pub code: &'static str,
    /// Its direction.
    pub weight: Weight,
    /// A sentence for a person.
    pub message: String,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.weight.as_str(), self.code, self.message)
    }
}

/// The direction of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// An origin gains access.
    Loosens,
    /// An origin loses access.
    Tightens,
    /// Access is the same; the response looks different.
    Differs,
}

impl Weight {
    /// `loosens`, `tightens` or `differs`.
    pub fn as_str(self) -> &'static str {
        match self {
            Weight::Loosens => "loosens",
            Weight::Tightens => "tightens",
            Weight::Differs => "differs",
        }
    }
}

impl Loss {
    pub(super) fn new(code: &'static str, weight: Weight, message: impl Into<String>) -> Loss {
        Loss { code, weight, message: message.into() }
    }
}

/// Where `Vary` cannot be merged with the application's.
pub(super) fn vary_line() -> Loss {
    Loss::new("vary", Weight::Differs, "Vary is added as a line of its own, beside the application's.")
}

/// What it means that an origin is left out of a grant: where later grants follow, one of them may name it, and grant more.
pub(super) fn left_out(grant: usize, grants: usize) -> Weight {
    if grant + 1 < grants { Weight::Loosens } else { Weight::Tightens }
}
