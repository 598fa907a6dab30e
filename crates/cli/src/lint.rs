//! `crossing lint`: the errors of policy files and gateway files.

use crossing_tools::lint::{Lint, Validity};
use crossing_tools::policy_file::PolicyFile;

use crate::args::LintArgs;
use crate::output::{self, Exit};
use crate::terminal::{stdout_paint, width};

/// Reads each file, prints all findings, and returns the exit code.
pub(crate) fn run(args: &LintArgs) -> Exit {
    let mut lint = Lint { files: Vec::with_capacity(args.files.len()) };
    let mut exit = Exit::Yes;
    for path in &args.files {
        match PolicyFile::read(path) {
            Ok(file) => lint.files.push(file),
            Err(error) => exit = output::cannot_tell(&error.to_string()),
        }
    }
    if exit == Exit::Yes && lint.validity() == Validity::Invalid {
        exit = Exit::No;
    }
    match args.json {
        true => output::print_json(&lint),
        false => output::print(lint.text(width(), stdout_paint()).as_bytes()),
    }
    exit
}
