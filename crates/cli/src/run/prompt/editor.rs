//! The line that is being typed, on a thread of its own.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use crossing_js::RuntimeHandle;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, ExternalPrinter, Helper};

use super::words;
use crate::run::mistake::Mistake;

const COMMANDS: [&str; 3] = [".exit", ".help", ".trace"];
/// How long a busy script lets somebody wait who wants names.
const PATIENCE: Duration = Duration::from_millis(500);

/// What is typed.
pub(super) enum Typed {
    Line(String),
    /// Names are wanted.
    Tab {
        path: String,
        start: String,
        answer: Sender<Vec<String>>,
    },
}

/// The way to the editor.
pub(super) struct Typist {
    /// Prints above the line; none where that cannot be done.
    pub(super) printer: Option<Printer>,
    pub(super) next: Sender<()>,
}

/// Prints above the line that is being typed.
#[derive(Clone)]
pub(super) struct Printer(Rc<RefCell<dyn ExternalPrinter>>);

impl Printer {
    pub(super) fn print(&self, line: &str) {
        // Without a terminal nobody reads.
        let _ = self.0.borrow_mut().print(format!("{line}\n"));
    }
}

/// An editor that waits for its handle.
pub(super) struct Waiting(Sender<RuntimeHandle>);

impl Waiting {
    pub(super) fn begin(self, handle: RuntimeHandle) {
        let _ = self.0.send(handle);
    }
}

/// Starts the thread.
pub(super) fn start(messages: Sender<Typed>) -> Result<(Typist, Waiting), Mistake> {
    let no_prompt = |error: ReadlineError| Mistake::Process(format!("no prompt: {error}"));
    let config = Config::builder().completion_type(CompletionType::List).auto_add_history(true).build();
    let history = MemHistory::with_config(&config);
    let mut editor: Editor<Names, MemHistory> = Editor::with_history(config, history).map_err(no_prompt)?;
    let printer = editor.create_external_printer().ok();
    let printer = printer.map(|printer| Printer(Rc::new(RefCell::new(printer))));
    let (next, turns) = mpsc::channel();
    let (begin, handles) = mpsc::channel::<RuntimeHandle>();
    thread::spawn(move || {
        let Ok(handle) = handles.recv() else { return };
        editor.set_helper(Some(Names { messages: messages.clone(), handle: handle.clone() }));
        read(&mut editor, &turns, &messages, &handle);
        // The script's thread waits for nothing else.
        drop((editor, messages));
        handle.wake();
    });
    Ok((Typist { printer, next }, Waiting(begin)))
}

fn read(
    editor: &mut Editor<Names, MemHistory>,
    turns: &Receiver<()>,
    messages: &Sender<Typed>,
    handle: &RuntimeHandle,
) {
    while turns.recv().is_ok() {
        let line = loop {
            match editor.readline("> ") {
                Ok(line) => break line,
                // A timer may be in a loop without end.
                Err(ReadlineError::Interrupted) => handle.interrupt(),
                Err(_) => return,
            }
        };
        if messages.send(Typed::Line(line)).is_err() {
            return;
        }
        handle.wake();
    }
}

/// Completes names, and says when a text goes on in the next line.
struct Names {
    messages: Sender<Typed>,
    handle: RuntimeHandle,
}

impl Completer for Names {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let text = &line[..at];
        if text.starts_with('.') {
            let commands = COMMANDS.iter().filter(|command| command.starts_with(text));
            return Ok((0, commands.map(ToString::to_string).collect()));
        }
        let Some((path, start)) = words::last_word(text) else { return Ok((at, Vec::new())) };
        let (answer, names) = mpsc::channel();
        let tab = Typed::Tab { path: path.to_owned(), start: start.to_owned(), answer };
        let asked = self.messages.send(tab).is_ok();
        self.handle.wake();
        let names = if asked { names.recv_timeout(PATIENCE).unwrap_or_default() } else { Vec::new() };
        Ok((at - start.len(), names))
    }
}

impl Validator for Names {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let goes_on = words::is_incomplete(context.input());
        Ok(if goes_on { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

impl Hinter for Names {
    type Hint = String;
}

impl Highlighter for Names {}

impl Helper for Names {}
