//! What another server cannot say.

/// Something that the policy says, and the exported configuration does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Loss {
    /// A stable code.
    pub(super) code: &'static str,
    pub(super) weight: Weight,
    /// A sentence for a person.
    pub(super) message: String,
}

/// Which way it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// Somebody gains access.
    Loosens,
    /// Somebody loses access.
    Tightens,
    /// Nobody gains or loses; the answer only looks different.
    Differs,
}

impl Weight {
    pub(super) fn as_str(self) -> &'static str {
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
