//! What a run found.

use std::collections::BTreeSet;
use std::fmt;

/// One thing that was not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is about: `status`, `wire 2: origin`.
    pub about: String,
    /// What the scenario says.
    pub expected: String,
    /// What was seen.
    pub got: String,
}

impl Difference {
    pub(crate) fn new(
        about: impl Into<String>,
        expected: impl fmt::Display,
        got: impl fmt::Display,
    ) -> Difference {
        Difference { about: about.into(), expected: expected.to_string(), got: got.to_string() }
    }
}

/// What a run found. It prints every scenario that failed.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many scenarios went as expected.
    pub agree: usize,
    /// Scenarios that this runner cannot play, and why.
    pub unsupported: Vec<(String, &'static str)>,
    /// Scenarios that went otherwise: place, name, differences.
    pub disagree: Vec<(String, String, Vec<Difference>)>,
    /// What is wrong with the list of divergences: scenario, and what.
    pub stale: Vec<(String, String)>,
}

impl Report {
    /// Whether everything went as expected.
    pub fn is_green(&self) -> bool {
        self.disagree.is_empty() && self.stale.is_empty()
    }

    /// The names of the scenarios that did not go as expected, or as their divergence says.
    pub fn odd(&self) -> BTreeSet<String> {
        let disagree = self.disagree.iter().map(|(_, name, _)| name);
        disagree.chain(self.stale.iter().map(|(name, _)| name)).cloned().collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, name, differences) in &self.disagree {
            writeln!(f, "{name} ({place})")?;
            for Difference { about, expected, got } in differences {
                writeln!(f, "    {about}")?;
                for (sign, text) in [("-", expected), ("+", got)] {
                    for line in text.lines() {
                        writeln!(f, "      {sign} {line}")?;
                    }
                }
            }
        }
        for (name, what) in &self.stale {
            writeln!(f, "divergences.toml: {name} {what}")?;
        }
        let (agree, failed, skipped) = (self.agree, self.disagree.len(), self.unsupported.len());
        write!(f, "{agree} as expected, {failed} not, {skipped} not played (- expected, + seen)")
    }
}
