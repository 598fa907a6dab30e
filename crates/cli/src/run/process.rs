//! A process of its own for what others have written.

use std::io::{self, BufReader, ErrorKind, IsTerminal, Read, Write};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::thread;

use super::job::Job;
use super::mistake::Mistake;
use super::voice::{Stream, Voice, receive, tamed};
use super::{sandbox, session};
use crate::output::Exit;

/// The longest job, in bytes.
const LONGEST: u64 = 1 << 30;

/// Runs the job in a process without environment and files, and passes on what it says and how it ends.
pub(super) fn run(job: &Job) -> Result<Exit, Mistake> {
    let failed =
        |error: io::Error| Mistake::Process(format!("the script's own process does not start: {error}"));
    let mut child = Command::new(std::env::current_exe().map_err(failed)?)
        .arg(super::INSIDE)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let told = tell(&mut child, job);
    let complaints = child.stderr.take().map(|stderr| thread::spawn(move || relay_complaints(stderr)));
    let heard = relay(&mut child);
    if heard == Heard::Enough {
        // Nobody reads any more what it would say.
        let _ = child.kill();
    }
    // Its standard input stays open until now: when it closes, the process ends.
    let status = child.wait().map_err(failed)?;
    if let Some(complaints) = complaints {
        let _ = complaints.join();
    }
    match (heard, status.code()) {
        (Heard::Enough, _) => Ok(Exit::Yes),
        (Heard::All, Some(0)) => Ok(Exit::Yes),
        (Heard::All, Some(1)) => Ok(Exit::No),
        (Heard::All, Some(2)) => Ok(Exit::Unknown),
        _ => {
            told.map_err(failed)?;
            Err(Mistake::Process(format!("the script's own process has ended {}", how(status))))
        }
    }
}

/// The other end: takes the job, gives up what it does not need, and runs it.
pub(super) fn inside() -> Result<Exit, Mistake> {
    sandbox::close_files();
    let mut input = io::stdin();
    let mut length = [0; 8];
    input.read_exact(&mut length).map_err(Mistake::Stdin)?;
    let length = u64::from_be_bytes(length).min(LONGEST);
    let mut text = Vec::new();
    io::Read::by_ref(&mut input).take(length).read_to_end(&mut text).map_err(Mistake::Stdin)?;
    let job: Job = serde_json::from_slice(&text).map_err(|error| {
        Mistake::Process(format!("standard input holds no job: {error}; use crossing run"))
    })?;
    let agent = session::agent(&job)?;
    sandbox::enter(job.seconds).map_err(Mistake::Process)?;
    thread::spawn(move || {
        // Nothing more comes; at the end of it nobody is there who would hear.
        let _ = io::copy(&mut input, &mut io::sink());
        std::process::exit(2);
    });
    Ok(session::run(job, agent, Voice::Relayed))
}

fn tell(child: &mut Child, job: &Job) -> io::Result<()> {
    let text = serde_json::to_vec(job)?;
    let Some(input) = &mut child.stdin else { return Ok(()) };
    input.write_all(&(text.len() as u64).to_be_bytes())?;
    input.write_all(&text)?;
    input.flush()
}

#[derive(PartialEq)]
enum Heard {
    All,
    /// Standard output has been closed.
    Enough,
}

/// Passes on what the process says, until its end.
fn relay(child: &mut Child) -> Heard {
    let Some(output) = child.stdout.take() else { return Heard::All };
    let mut output = BufReader::new(output);
    while let Some((stream, piece)) = receive(&mut output) {
        let written = match stream {
            Stream::Out => write(&mut io::stdout().lock(), &piece, io::stdout().is_terminal()),
            Stream::Err => write(&mut io::stderr().lock(), &piece, io::stderr().is_terminal()),
        };
        if written.is_err_and(|error| stream == Stream::Out && error.kind() == ErrorKind::BrokenPipe) {
            return Heard::Enough;
        }
    }
    Heard::All
}

/// What the process says beside: that it has panicked, for instance.
fn relay_complaints(mut from: ChildStderr) {
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut piece) {
        let _ = write(&mut io::stderr().lock(), &piece[..length], io::stderr().is_terminal());
    }
}

fn write(to: &mut impl Write, piece: &[u8], is_terminal: bool) -> io::Result<()> {
    if is_terminal {
        to.write_all(tamed(piece).as_bytes())?;
    } else {
        to.write_all(piece)?;
    }
    to.flush()
}

#[cfg(unix)]
fn how(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    let signal = status.signal().and_then(|number| nix::sys::signal::Signal::try_from(number).ok());
    signal.map_or(format!("with {status}"), |signal| {
        format!("by {signal}: it took too much, or the engine has a fault")
    })
}

#[cfg(not(unix))]
fn how(status: ExitStatus) -> String {
    format!("with {status}")
}
