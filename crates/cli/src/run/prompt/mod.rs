//! The prompt: what is typed is evaluated, in one global, while timers and requests go on.

mod editor;
mod words;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::task::Poll;
use std::time::Duration;

use crossing_js::{Error, Limits, Runtime, RuntimeBuilder, RuntimeHandle};

use super::job::{Job, Telling};
use super::mistake::Mistake;
use super::session::{self, Say};
use super::voice::{Stream, Voice};
use crate::output::Exit;
use editor::{Typed, Typist};

const HELP: &str = "\
What you type is evaluated as a script; `await` may stand anywhere, and a promise is waited for. `_` is the last value.
fetch, XMLHttpRequest and what belongs to them behave as in a browser, at the address that --url or --origin gives.

  .trace   tell every conversation, or why one has failed and no more
  .help    this
  .exit    leave, as Ctrl-D does

Tab completes names. Ctrl-C ends what is running. An empty line ends what is incomplete.";

/// Reads, evaluates and prints, until whoever types has had enough.
pub(super) fn run(job: &Job) -> Result<Exit, Mistake> {
    let agent = session::agent(job)?;
    let client = session::client(&job.place)?;
    let (typist, messages) = mpsc::channel();
    let (Typist { printer, next }, editor) = editor::start(typist)?;
    let say = move |stream, line: &str| match &printer {
        Some(printer) => printer.print(line),
        None => Voice::Own.say(stream, line),
    };
    let telling = Rc::new(Cell::new(job.telling));
    let endless = Limits { time: Duration::MAX, requests: u32::MAX, ..Limits::default() };
    let builder = session::telling(agent, endless, telling.clone(), say.clone());
    let builder = client.clone().into_iter().fold(builder, RuntimeBuilder::client);
    let runtime = builder.build().map_err(Mistake::Run)?;
    let handle = runtime.handle();
    interrupt_on_signals(handle.clone());
    let place = client.map_or("an opaque origin; --origin or --url gives another".to_owned(), |client| {
        client.url.map_or(client.origin.as_str().to_owned(), String::from)
    });
    say(Stream::Out, &format!("crossing {}, at {place}. .help says more.", env!("CARGO_PKG_VERSION")));
    editor.begin(handle);
    Prompt { runtime, telling, say, next, declared: BTreeSet::new() }.serve(&messages);
    Ok(Exit::Yes)
}

/// Ctrl-C while something runs: at the prompt itself the editor reads it. When this returns, the signal no longer ends the
/// process.
fn interrupt_on_signals(handle: RuntimeHandle) {
    let (taken, is_taken) = mpsc::channel();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            loop {
                let mut signal = std::pin::pin!(tokio::signal::ctrl_c());
                // With the first look at it the signal is taken.
                let looked = poll_fn(|context| Poll::Ready(signal.as_mut().poll(context))).await;
                let _ = taken.send(());
                let came = match looked {
                    Poll::Ready(came) => came,
                    Poll::Pending => signal.await,
                };
                if came.is_err() {
                    return;
                }
                handle.interrupt();
            }
        });
    });
    // Without the thread there is nothing to wait for.
    let _ = is_taken.recv();
}

struct Prompt<S> {
    runtime: Runtime,
    telling: Rc<Cell<Telling>>,
    say: S,
    /// Tells the editor to ask for the next line.
    next: mpsc::Sender<()>,
    /// The names that are no properties of the global: `let`, `const` and `class`.
    declared: BTreeSet<String>,
}

impl<S: Say> Prompt<S> {
    fn serve(&mut self, messages: &Receiver<Typed>) {
        let _ = self.next.send(());
        loop {
            match messages.try_recv() {
                Ok(Typed::Line(line)) => {
                    if !self.perform(&line) || self.next.send(()).is_err() {
                        return;
                    }
                }
                Ok(Typed::Tab { path, start, answer }) => {
                    let _ = answer.send(self.complete(&path, &start));
                }
                Err(TryRecvError::Disconnected) => return,
                Err(TryRecvError::Empty) => match self.runtime.turn() {
                    // What has been interrupted was only a wait, or a timer that is told of by what it does not do.
                    Ok(()) | Err(Error::Interrupted) => {}
                    Err(error) => (self.say)(Stream::Err, &format!("crossing: {error}")),
                },
            }
        }
    }

    /// Does what a line says; whether another may follow.
    fn perform(&mut self, line: &str) -> bool {
        match line.trim() {
            "" => {}
            ".exit" => return false,
            ".help" => (self.say)(Stream::Out, HELP),
            ".trace" => {
                let (telling, told) = match self.telling.get() {
                    Telling::Failures => (Telling::Everything, "every conversation is told"),
                    Telling::Everything => (Telling::Failures, "only what has failed is told"),
                };
                self.telling.set(telling);
                (self.say)(Stream::Out, told);
            }
            word if word.starts_with('.') && word[1..].starts_with(|c: char| c.is_ascii_alphabetic()) => {
                (self.say)(
                    Stream::Err,
                    &format!("'{}' is not known; .help says what is", crate::text::shorten(word)),
                );
            }
            _ => self.evaluate(line),
        }
        true
    }

    fn evaluate(&mut self, line: &str) {
        self.declared.extend(words::declared(line));
        match self.runtime.eval_settled(line) {
            Ok(value) => (self.say)(Stream::Out, &value),
            Err(error @ Error::Uncaught(_)) => (self.say)(Stream::Err, error.to_string().trim_end()),
            Err(error) => (self.say)(Stream::Err, &format!("crossing: {error}")),
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
