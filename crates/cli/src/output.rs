//! Standard output, standard error and the exit code.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the program ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: allowed, or done.
    Yes,
    /// 1: blocked, or not as expected.
    No,
    /// 2: it could not be found out; standard error says why.
    Unknown,
}

/// Whether something could not be written: then nobody was told.
static LOST: AtomicBool = AtomicBool::new(false);

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            _ if LOST.load(Ordering::Relaxed) => 2,
            Exit::Yes => 0,
            Exit::No => 1,
            Exit::Unknown => 2,
        })
    }
}

/// Writes to standard output. A reader that has gone away (`| head`) has seen enough: that is no error.
pub(crate) fn print(bytes: &[u8]) {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            LOST.store(true, Ordering::Relaxed);
            complain(&format!("crossing: standard output: {error}"));
        }
        _ => {}
    }
}

/// Writes one JSON document to standard output.
pub(crate) fn print_json(document: &impl serde::Serialize) {
    match serde_json::to_string_pretty(document) {
        Ok(text) => print(format!("{text}\n").as_bytes()),
        Err(error) => complain(&error.to_string()),
    }
}

/// Writes to standard error. Nobody is left to be told if that fails.
pub(crate) fn complain(message: &str) {
    let _ = writeln!(io::stderr().lock(), "{message}");
}

/// Says on standard error why the question has no answer.
pub(crate) fn cannot_tell(message: &str) -> Exit {
    complain(&format!("crossing: {message}"));
    Exit::Unknown
}
