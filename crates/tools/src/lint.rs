//! The findings of policy files and gateway files.

use std::fmt;

use crossing::server::{Diagnostic, Severity};
use serde::{Serialize, Serializer};

use crate::policy_file::{PolicyFile, Source};
use crate::text::Paint;

/// Whether a file can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// It has no error.
    Valid,
    /// It has an error.
    Invalid,
}

/// The findings of some files.
///
/// `Display` draws them, 80 columns wide and without colour; `Serialize` writes the document that `crossing lint --json`
/// prints.
pub struct Lint {
    /// The files that could be read.
    pub files: Vec<PolicyFile>,
}

impl Lint {
    /// Whether every file can be used.
    pub fn validity(&self) -> Validity {
        match self.files.iter().all(|file| file.contents.is_ok()) {
            true => Validity::Valid,
            false => Validity::Invalid,
        }
    }

    /// The findings, drawn, with their number for each file.
    pub fn text(&self, width: usize, paint: Paint) -> String {
        let texts = self.files.iter().map(|file| {
            let validity = if file.contents.is_ok() { Validity::Valid } else { Validity::Invalid };
            text(&file.source, file.findings(), validity, width, paint)
        });
        texts.collect()
    }
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(80, Paint::Plain))
    }
}

impl Serialize for Lint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let files: Vec<_> = self.files.iter().map(|file| (&file.source, file.findings())).collect();
        document(&files).serialize(serializer)
    }
}

/// The document of `crossing lint --json`.
#[derive(Serialize)]
pub struct Document<'a> {
    errors: Vec<FindingDocument<'a>>,
}

#[derive(Serialize)]
struct FindingDocument<'a> {
    code: &'static str,
    severity: &'static str,
    /// The file, as it was named.
    path: &'a str,
    /// Counted from 1; `None` for what concerns the file as a whole.
    line: Option<usize>,
    /// In characters, counted from 1.
    column: Option<usize>,
    message: String,
    suggestion: Option<&'a str>,
}

/// The findings about some files, as `--json` prints them.
pub fn document<'a>(files: &[(&'a Source, &'a [Diagnostic])]) -> Document<'a> {
    let errors = files.iter().flat_map(|(file, findings)| {
        findings.iter().map(|finding| FindingDocument {
            code: finding.code(),
            severity: finding.severity().as_str(),
            path: &file.name,
            line: finding.place.as_ref().map(|place| place.line),
            column: finding.place.as_ref().map(|place| place.column),
            message: finding.message(),
            suggestion: finding.suggestion.as_deref(),
        })
    });
    Document { errors: errors.collect() }
}

/// The findings of a file, drawn, with their number.
pub fn text(
    file: &Source,
    findings: &[Diagnostic],
    validity: Validity,
    width: usize,
    paint: Paint,
) -> String {
    let counted = |severity| findings.iter().filter(|finding| finding.severity() == severity).count();
    let counts =
        [Severity::Error, Severity::Warning, Severity::Note].map(|severity| (severity, counted(severity)));
    let told: Vec<String> = counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("{count} {severity}{}", if count == 1 { "" } else { "s" }))
        .collect();
    let sum = if told.is_empty() { "nothing to mend".to_owned() } else { told.join(", ") };
    let mark = match validity {
        Validity::Valid => paint.good("✓"),
        Validity::Invalid => paint.bad("✗"),
    };
    format!("{}{mark} {}: {sum}\n", file.draw(findings, width, paint), file.name)
}
