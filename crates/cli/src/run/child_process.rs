//! A sandboxed child process for untrusted code.

use std::io::{self, BufReader, ErrorKind, IsTerminal, Read, Write};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::thread;

use super::job::Job;
use super::line_sink::{LineSink, Stream, read_frame, sanitize};
use super::run_error::RunError;
use super::{sandbox, session};
use crate::output::Exit;

/// The longest job, in bytes.
const MAX_JOB: u64 = 1 << 30;

/// Runs the job in a child process without environment variables and files, and relays its output and its exit code.
pub(super) fn run(job: &Job) -> Result<Exit, RunError> {
    let failed =
        |error: io::Error| RunError::Process(format!("the script's own process does not start: {error}"));
    let mut child = Command::new(std::env::current_exe().map_err(failed)?)
        .arg(super::INSIDE)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let sent = send_job(&mut child, job);
    let errors = child.stderr.take().map(|stderr| thread::spawn(move || relay_stderr(stderr)));
    let relayed = relay_frames(&mut child);
    if relayed == Relayed::UntilClosed {
        let _ = child.kill();
    }
    // Standard input of the child stays open until here: the child ends when it closes.
    let status = child.wait().map_err(failed)?;
    if let Some(errors) = errors {
        let _ = errors.join();
    }
    match (relayed, status.code()) {
        (Relayed::UntilClosed, _) => Ok(Exit::Yes),
        (Relayed::All, Some(0)) => Ok(Exit::Yes),
        (Relayed::All, Some(1)) => Ok(Exit::No),
        (Relayed::All, Some(2)) => Ok(Exit::Unknown),
        _ => {
            sent.map_err(failed)?;
            Err(RunError::Process(format!("the script's own process has ended {}", describe(status))))
        }
    }
}

/// The child's side: reads the job, enters the sandbox, and runs the job.
pub(super) fn inside() -> Result<Exit, RunError> {
    sandbox::close_files();
    let mut input = io::stdin();
    let mut length = [0; 8];
    input.read_exact(&mut length).map_err(RunError::Stdin)?;
    let length = u64::from_be_bytes(length).min(MAX_JOB);
    let mut text = Vec::new();
    io::Read::by_ref(&mut input).take(length).read_to_end(&mut text).map_err(RunError::Stdin)?;
    let job: Job = serde_json::from_slice(&text).map_err(|error| {
        RunError::Process(format!("standard input holds no job: {error}; use crossing run"))
    })?;
    let agent = session::agent(&job)?;
    sandbox::enter(job.timeout).map_err(RunError::Process)?;
    thread::spawn(move || {
        // Nothing more arrives; the end of the input means that the parent has ended.
        let _ = io::copy(&mut input, &mut io::sink());
        std::process::exit(2);
    });
    Ok(session::run(job, agent, LineSink::Framed))
}

fn send_job(child: &mut Child, job: &Job) -> io::Result<()> {
    let text = serde_json::to_vec(job)?;
    let Some(input) = &mut child.stdin else { return Ok(()) };
    input.write_all(&(text.len() as u64).to_be_bytes())?;
    input.write_all(&text)?;
    input.flush()
}

#[derive(PartialEq)]
enum Relayed {
    All,
    /// The reader of standard output has closed it.
    UntilClosed,
}

/// Relays the output of the child until its end.
fn relay_frames(child: &mut Child) -> Relayed {
    let Some(output) = child.stdout.take() else { return Relayed::All };
    let mut output = BufReader::new(output);
    while let Some((stream, text)) = read_frame(&mut output) {
        let written = match stream {
            Stream::Out => write(&mut io::stdout().lock(), &text, io::stdout().is_terminal()),
            Stream::Err => write(&mut io::stderr().lock(), &text, io::stderr().is_terminal()),
        };
        if written.is_err_and(|error| stream == Stream::Out && error.kind() == ErrorKind::BrokenPipe) {
            return Relayed::UntilClosed;
        }
    }
    Relayed::All
}

/// Relays what the child writes to standard error itself, such as a panic.
fn relay_stderr(mut from: ChildStderr) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let _ = write(&mut io::stderr().lock(), &buffer[..length], io::stderr().is_terminal());
    }
}

fn write(to: &mut impl Write, text: &[u8], is_terminal: bool) -> io::Result<()> {
    if is_terminal {
        to.write_all(sanitize(text).as_bytes())?;
    } else {
        to.write_all(text)?;
    }
    to.flush()
}

#[cfg(unix)]
fn describe(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    let signal = status.signal().and_then(|number| nix::sys::signal::Signal::try_from(number).ok());
    signal.map_or(format!("with {status}"), |signal| {
        format!("by {signal}: it took too much, or the engine has a fault")
    })
}

#[cfg(not(unix))]
fn describe(status: ExitStatus) -> String {
    format!("with {status}")
}
