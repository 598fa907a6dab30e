//! `crossing explain`: what a code or a console message means, and how to fix it.

use crossing_tools::explain::Explanation;

use crate::args::ExplainArgs;
use crate::output::{self, Exit};
use crate::terminal::{stdout_paint, width};

/// Finds the reasons, prints them, and returns the exit code.
pub(crate) fn run(args: &ExplainArgs) -> Exit {
    let explanation = match args.what.as_deref().map_or_else(|| Ok(Explanation::all()), Explanation::of) {
        Ok(explanation) => explanation,
        Err(error) => return output::cannot_tell(&error.to_string()),
    };
    match args.json {
        true => output::print_json(&explanation),
        false => output::print(explanation.text(width(), stdout_paint()).as_bytes()),
    }
    Exit::Yes
}
