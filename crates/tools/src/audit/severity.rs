//! How bad a finding is.

use serde::Serialize;

/// How bad a finding is, for whom it concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing: slow, or harmless as things are.
    Info,
    /// A habit that will hurt one day.
    Low,
    /// Something breaks, or trust reaches further than it was meant to.
    Medium,
    /// Somebody who should not can read, or act.
    High,
    /// Everybody can, in the person's name.
    Critical,
}

impl Severity {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    /// So many steps less, but never below `low`: what is trusted wrongly is more than worth knowing.
    pub(crate) fn lowered(self, steps: u8) -> Severity {
        (0..steps).fold(self, |severity, _| match severity {
            Severity::Critical => Severity::High,
            Severity::High => Severity::Medium,
            Severity::Medium | Severity::Low => Severity::Low,
            Severity::Info => Severity::Info,
        })
    }

    /// What SARIF calls it.
    pub(crate) fn sarif_level(self) -> &'static str {
        match self {
            Severity::Critical | Severity::High => "error",
            Severity::Medium => "warning",
            Severity::Low | Severity::Info => "note",
        }
    }

    /// A number from 0 to 10, as code scanners sort by.
    pub(crate) fn score(self) -> &'static str {
        match self {
            Severity::Critical => "9.5",
            Severity::High => "8.0",
            Severity::Medium => "5.5",
            Severity::Low => "3.0",
            Severity::Info => "0.0",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lowering_ends_at_low_and_leaves_info_alone() {
        assert_eq!(Severity::Critical.lowered(2), Severity::Medium);
        assert_eq!(Severity::Medium.lowered(5), Severity::Low);
        assert_eq!(Severity::Info.lowered(1), Severity::Info);
    }
}
