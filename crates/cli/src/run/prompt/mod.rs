//! The prompt: each line is evaluated in one global, while timers and requests continue.

mod editor;
mod syntax;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::task::Poll;
use std::time::Duration;

use crossing_js::{Error, Limits, Runtime, RuntimeBuilder, RuntimeHandle};

use super::job::{Job, TraceLevel};
use super::line_sink::{LineSink, Stream};
use super::run_error::RunError;
use super::session::{self, WriteLine};
use crate::output::Exit;
use editor::{EditorEvent, EditorHandle};

const HELP: &str = "\
What you type is evaluated as a script; `await` may stand anywhere, and a promise is waited for. `_` is the last value.
fetch, XMLHttpRequest and what belongs to them behave as in a browser, at the address that --url or --origin gives.

  .trace   tell every conversation, or why one has failed and no more
  .help    this
  .exit    leave, as Ctrl-D does

Tab completes names. Ctrl-C ends what is running. An empty line ends what is incomplete.";

/// Reads, evaluates and prints until the user leaves.
pub(super) fn run(job: &Job) -> Result<Exit, RunError> {
    let agent = session::agent(job)?;
    let client = session::client(&job.location)?;
    let (sender, events) = mpsc::channel();
    let (EditorHandle { printer, next_line }, editor) = editor::start(sender)?;
    let write_line = move |stream, line: &str| match &printer {
        Some(printer) => printer.print(line),
        None => LineSink::Direct.write_line(stream, line),
    };
    let trace_level = Rc::new(Cell::new(job.trace_level));
    let unlimited = Limits::default().time(Duration::MAX).requests(u32::MAX);
    let builder = session::runtime_builder(agent, unlimited, trace_level.clone(), write_line.clone());
    let builder = client.clone().into_iter().fold(builder, RuntimeBuilder::client);
    let runtime = builder.build().map_err(RunError::Script)?;
    let handle = runtime.handle();
    interrupt_on_signals(handle.clone());
    let location = client.map_or("an opaque origin; --origin or --url gives another".to_owned(), |client| {
        client.url.map_or(client.origin.as_str().to_owned(), String::from)
    });
    write_line(
        Stream::Out,
        &format!("crossing {}, at {location}. .help says more.", env!("CARGO_PKG_VERSION")),
    );
    editor.begin(handle);
    Prompt { runtime, trace_level, write_line, next_line, declared: BTreeSet::new() }.serve(&events);
    Ok(Exit::Yes)
}

/// Ctrl-C interrupts a running script; at the prompt itself the editor reads it. When this returns, the signal no longer
/// ends the process.
fn interrupt_on_signals(handle: RuntimeHandle) {
    let (installed, is_installed) = mpsc::channel();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            loop {
                let mut signal = std::pin::pin!(tokio::signal::ctrl_c());
                // The first poll installs the signal handler.
                let polled = poll_fn(|context| Poll::Ready(signal.as_mut().poll(context))).await;
                let _ = installed.send(());
                let received = match polled {
                    Poll::Ready(received) => received,
                    Poll::Pending => signal.await,
                };
                if received.is_err() {
                    return;
                }
                handle.interrupt();
            }
        });
    });
    // An error means that the thread ended before the handler was installed.
    let _ = is_installed.recv();
}

struct Prompt<S> {
    runtime: Runtime,
    trace_level: Rc<Cell<TraceLevel>>,
    write_line: S,
    /// Makes the editor prompt for the next line.
    next_line: mpsc::Sender<()>,
    /// The names that are not properties of the global: those of `let`, `const` and `class`.
    declared: BTreeSet<String>,
}

impl<S: WriteLine> Prompt<S> {
    fn serve(&mut self, events: &Receiver<EditorEvent>) {
        let _ = self.next_line.send(());
        loop {
            match events.try_recv() {
                Ok(EditorEvent::Line(line)) => {
                    if self.handle_line(&line).is_break() || self.next_line.send(()).is_err() {
                        return;
                    }
                }
                Ok(EditorEvent::Complete { path, start, reply }) => {
                    let _ = reply.send(self.complete(&path, &start));
                }
                Err(TryRecvError::Disconnected) => return,
                Err(TryRecvError::Empty) => match self.runtime.turn() {
                    // The interrupt ended a wait or a timer's callback; there is nothing to report.
                    Ok(()) | Err(Error::Interrupted) => {}
                    Err(error) => (self.write_line)(Stream::Err, &format!("crossing: {error}")),
                },
            }
        }
    }

    /// Executes a command or evaluates the line. Breaks at `.exit`.
    fn handle_line(&mut self, line: &str) -> ControlFlow<()> {
        match line.trim() {
            "" => {}
            ".exit" => return ControlFlow::Break(()),
            ".help" => (self.write_line)(Stream::Out, HELP),
            ".trace" => {
                let (level, message) = match self.trace_level.get() {
                    TraceLevel::Failures => (TraceLevel::All, "every conversation is told"),
                    TraceLevel::All => (TraceLevel::Failures, "only what has failed is told"),
                };
                self.trace_level.set(level);
                (self.write_line)(Stream::Out, message);
            }
            word if word.starts_with('.') && word[1..].starts_with(|c: char| c.is_ascii_alphabetic()) => {
                (self.write_line)(
                    Stream::Err,
                    &format!("'{}' is not known; .help says what is", crossing_tools::text::shorten(word)),
                );
            }
            _ => self.evaluate(line),
        }
        ControlFlow::Continue(())
    }

    fn evaluate(&mut self, line: &str) {
        self.declared.extend(syntax::declared(line));
        match self.runtime.eval_settled(line) {
            Ok(value) => (self.write_line)(Stream::Out, &value),
            Err(error @ Error::Uncaught(_)) => (self.write_line)(Stream::Err, error.to_string().trim_end()),
            Err(error) => (self.write_line)(Stream::Err, &format!("crossing: {error}")),
        }
    }

    fn complete(&mut self, path: &str, start: &str) -> Vec<String> {
        let mut names = self.runtime.completions(path, start);
        if path.is_empty() {
            names.extend(self.declared.iter().filter(|name| name.starts_with(start)).cloned());
            names.sort();
            names.dedup();
        }
        names
    }
}
