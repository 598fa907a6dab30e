//! `crossing lint`: what is wrong with a policy file.

use crossing::server::{Diagnostic, Severity};
use serde::Serialize;

use crate::args::LintArgs;
use crate::output::{self, Exit};
use crate::policy_file::{PolicyFile, Source};
use crate::text::Paint;

/// What `--json` prints.
#[derive(Serialize)]
pub(crate) struct Document<'a> {
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

/// Reads each file, tells all findings, and says with which exit code to end.
pub(crate) fn run(args: &LintArgs) -> Exit {
    let mut files = Vec::with_capacity(args.files.len());
    let mut exit = Exit::Yes;
    for path in &args.files {
        match PolicyFile::read(path) {
            Ok(file) => files.push(file),
            Err(message) => exit = output::cannot_tell(&message),
        }
    }
    if exit == Exit::Yes && files.iter().any(|file| file.contents.is_err()) {
        exit = Exit::No;
    }
    if args.json {
        let files: Vec<_> = files.iter().map(|file| (&file.source, file.findings())).collect();
        output::print_json(&document(&files));
    } else {
        let paint = Paint::for_stdout();
        for file in &files {
            let told = tell(&file.source, file.findings(), file.contents.is_ok(), paint);
            output::print(told.as_bytes());
        }
    }
    exit
}

/// The findings about some files, as `--json` prints them.
pub(crate) fn document<'a>(files: &[(&'a Source, &'a [Diagnostic])]) -> Document<'a> {
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

/// The findings of a file, and what they come to.
pub(crate) fn tell(file: &Source, findings: &[Diagnostic], stands: bool, paint: Paint) -> String {
    let counted = |severity| findings.iter().filter(|finding| finding.severity() == severity).count();
    let counts =
        [Severity::Error, Severity::Warning, Severity::Note].map(|severity| (severity, counted(severity)));
    let told: Vec<String> = counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("{count} {severity}{}", if count == 1 { "" } else { "s" }))
        .collect();
    let sum = if told.is_empty() { "nothing to mend".to_owned() } else { told.join(", ") };
    let mark = if stands { paint.good("✓") } else { paint.bad("✗") };
    format!("{}{mark} {}: {sum}\n", file.draw(findings, paint), file.name)
}
