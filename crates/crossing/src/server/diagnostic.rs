//! Findings about a policy: what, where, and how to mend it.

use std::fmt;
use std::ops::Range;

use super::problem::{Problem, Severity};
use crate::origin::Shortened;

/// One finding about a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong.
    pub problem: Problem,
    /// Which part of the policy: `grant[0].allow_origins[2]`.
    pub path: String,
    /// Where in the file, when the policy came from one.
    pub place: Option<Place>,
    /// What stands there, shortened.
    pub subject: Option<String>,
    /// What to write instead, or to do.
    pub suggestion: Option<String>,
}

/// A place in a policy file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// From which byte to which.
    pub span: Range<usize>,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
}

impl Diagnostic {
    pub(super) fn new(problem: Problem, path: String) -> Diagnostic {
        Diagnostic { problem, path, place: None, subject: None, suggestion: None }
    }

    pub(super) fn about(mut self, subject: &str) -> Diagnostic {
        self.subject = Some(Shortened(subject).to_string());
        self
    }

    pub(super) fn suggest(mut self, suggestion: Option<String>) -> Diagnostic {
        self.suggestion = suggestion;
        self
    }

    /// The stable code: `origin-trailing-slash`.
    pub fn code(&self) -> &'static str {
        self.problem.code()
    }

    /// How much it weighs.
    pub fn severity(&self) -> Severity {
        self.problem.severity()
    }

    /// What is wrong, in a sentence that names what stands there.
    pub fn message(&self) -> String {
        match &self.subject {
            Some(subject) => format!("'{subject}': {}", self.problem.message()),
            None => self.problem.message().to_owned(),
        }
    }
}

#[cfg(feature = "toml")]
impl Place {
    /// A place whose line and column are not counted yet.
    pub(super) const fn from_span(span: Range<usize>) -> Place {
        Place { span, line: 0, column: 0 }
    }

    /// Counts lines and columns in one pass over the text. The places are in its order.
    pub(super) fn count<'p>(text: &str, places: impl Iterator<Item = &'p mut Place>) {
        let (mut seen, mut line, mut column) = (0, 1, 1);
        for place in places {
            for char in text.get(seen..place.span.start).unwrap_or_default().chars() {
                (line, column) = if char == '\n' { (line + 1, 1) } else { (line, column + 1) };
            }
            seen = place.span.start;
            (place.line, place.column) = (line, column);
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.severity(), self.code())?;
        match &self.place {
            Some(place) => write!(f, " at {}:{} ({})", place.line, place.column, self.path)?,
            None if self.path.is_empty() => {}
            None => write!(f, " at {}", self.path)?,
        }
        write!(f, ": {}", self.message())?;
        match &self.suggestion {
            Some(suggestion) => write!(f, " Try: {suggestion}"),
            None => Ok(()),
        }
    }
}

/// Why there is no policy: every finding at once, at least one of them an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyErrors(Vec<Diagnostic>);

impl PolicyErrors {
    pub(super) fn new(diagnostics: Vec<Diagnostic>) -> PolicyErrors {
        PolicyErrors(diagnostics)
    }

    /// All findings, warnings and notes included, in the order of the file.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0
    }

    /// The errors alone.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter().filter(|diagnostic| diagnostic.severity() == Severity::Error)
    }

    /// The findings of a larger file that holds policies; at least one of them should be an error.
    pub fn from_diagnostics(diagnostics: Vec<Diagnostic>) -> PolicyErrors {
        PolicyErrors(diagnostics)
    }

    /// All findings, to keep.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.0
    }
}

impl fmt::Display for PolicyErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, diagnostic) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PolicyErrors {}
