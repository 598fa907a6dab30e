//! `crossing run`: pages and scripts, with a browser's `fetch` and `XMLHttpRequest`.

mod child_process;
mod execution;
mod job;
mod line_sink;
mod prompt;
mod run_error;
mod sandbox;
mod session;

use crate::args::RunArgs;
use crate::output::{self, Exit};

use execution::Execution;
use line_sink::LineSink;
use run_error::RunError;

/// The only argument of the child process that runs untrusted code.
pub(crate) const INSIDE: &str = "run-inside";

pub(crate) fn run(args: &RunArgs) -> Exit {
    let ended = match Execution::from_args(args) {
        Ok(Execution::Prompt(job)) => prompt::run(&job),
        Ok(Execution::InProcess(job)) => {
            session::agent(&job).map(|agent| session::run(job, agent, LineSink::Direct))
        }
        Ok(Execution::Sandboxed(job)) => child_process::run(&job),
        Err(error) => Err(error),
    };
    ended.unwrap_or_else(|error| output::cannot_tell(&error.to_string()))
}

/// Runs the job on standard input: the child's side of [`child_process::run`].
pub(crate) fn inside() -> Exit {
    child_process::inside().unwrap_or_else(|error: RunError| output::cannot_tell(&error.to_string()))
}
