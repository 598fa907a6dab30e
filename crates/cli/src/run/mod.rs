//! `crossing run`: pages and scripts, with a browser's `fetch` and `XMLHttpRequest`.

mod job;
mod mistake;
mod process;
mod prompt;
mod sandbox;
mod session;
mod source;
mod voice;

use crate::args::RunArgs;
use crate::output::{self, Exit};

use mistake::Mistake;
use source::Asked;
use voice::Voice;

/// The one argument with which the command starts itself, for what others have written.
pub(crate) const INSIDE: &str = "run-inside";

/// Runs, tells, and says with which exit code to end.
pub(crate) fn run(args: &RunArgs) -> Exit {
    let ran = match source::asked(args) {
        Ok(Asked::Prompt(job)) => prompt::run(&job),
        Ok(Asked::Own(job)) => session::agent(&job).map(|agent| session::run(job, agent, Voice::Own)),
        Ok(Asked::Foreign(job)) => process::run(&job),
        Err(mistake) => Err(mistake),
    };
    ran.unwrap_or_else(|mistake| output::cannot_tell(&mistake.to_string()))
}

/// Runs the job that standard input holds: the other end of [`process::run`].
pub(crate) fn inside() -> Exit {
    process::inside().unwrap_or_else(|mistake: Mistake| output::cannot_tell(&mistake.to_string()))
}
