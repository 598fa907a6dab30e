//! `crossing diff`: which origins gain or lose access from one policy to another.

use std::path::Path;

use crossing_tools::diff::FileDiff;
use crossing_tools::policy_file::{Contents, PolicyFile};

use crate::args::DiffArgs;
use crate::output::{self, Exit};
use crate::terminal::{stderr_paint, stdout_paint, width};

/// Compares, prints, and returns the exit code: 1 if access widens.
pub(crate) fn run(args: &DiffArgs) -> Exit {
    let (old, new) = (contents(&args.old), contents(&args.new));
    let (Some(old), Some(new)) = (old, new) else { return Exit::Unknown };
    let diff = match FileDiff::between(&old, &new) {
        Ok(diff) => diff,
        Err(error) => return output::cannot_tell(&error.to_string()),
    };
    match args.json {
        true => output::print_json(&diff),
        false => output::print(diff.text(stdout_paint()).as_bytes()),
    }
    if diff.widens() { Exit::No } else { Exit::Yes }
}

fn contents(path: &Path) -> Option<Contents> {
    let file = match PolicyFile::read(path) {
        Ok(file) => file,
        Err(error) => {
            output::cannot_tell(&error.to_string());
            return None;
        }
    };
    if file.contents.is_err() {
        output::complain(file.draw(width(), stderr_paint()).trim_end());
        output::cannot_tell(&format!("{}: no policy, so there is nothing to compare", file.source.name));
    }
    file.contents.ok()
}
