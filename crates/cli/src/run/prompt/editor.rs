//! The line editor, on a separate thread.

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

use super::syntax;
use crate::run::run_error::RunError;

const COMMANDS: [&str; 3] = [".exit", ".help", ".trace"];
/// How long completion waits for a busy script.
const COMPLETION_TIMEOUT: Duration = Duration::from_millis(500);

/// What the user does in the editor.
pub(super) enum EditorEvent {
    Line(String),
    /// Tab: the names that complete `start` among the properties of `path`.
    Complete {
        path: String,
        start: String,
        reply: Sender<Vec<String>>,
    },
}

/// Controls the editor from the script's thread.
pub(super) struct EditorHandle {
    /// Prints above the line, where the terminal can do that.
    pub(super) printer: Option<Printer>,
    /// Each message lets the editor prompt for one line.
    pub(super) next_line: Sender<()>,
}

/// Prints above the line that the user is editing.
#[derive(Clone)]
pub(super) struct Printer(Rc<RefCell<dyn ExternalPrinter>>);

impl Printer {
    pub(super) fn print(&self, line: &str) {
        // This fails only when the terminal is gone.
        let _ = self.0.borrow_mut().print(format!("{line}\n"));
    }
}

/// An editor thread that waits for the handle of the runtime.
pub(super) struct WaitingEditor(Sender<RuntimeHandle>);

impl WaitingEditor {
    pub(super) fn begin(self, handle: RuntimeHandle) {
        let _ = self.0.send(handle);
    }
}

/// Starts the editor thread.
pub(super) fn start(events: Sender<EditorEvent>) -> Result<(EditorHandle, WaitingEditor), RunError> {
    let no_prompt = |error: ReadlineError| RunError::Process(format!("no prompt: {error}"));
    let config = Config::builder().completion_type(CompletionType::List).auto_add_history(true).build();
    let history = MemHistory::with_config(&config);
    let mut editor: Editor<ScriptHelper, MemHistory> =
        Editor::with_history(config, history).map_err(no_prompt)?;
    let printer = editor.create_external_printer().ok();
    let printer = printer.map(|printer| Printer(Rc::new(RefCell::new(printer))));
    let (next_line, turns) = mpsc::channel();
    let (begin, handles) = mpsc::channel::<RuntimeHandle>();
    thread::spawn(move || {
        let Ok(handle) = handles.recv() else { return };
        editor.set_helper(Some(ScriptHelper { events: events.clone(), handle: handle.clone() }));
        read(&mut editor, &turns, &events, &handle);
        // The script's thread ends when the last sender is dropped.
        drop((editor, events));
        handle.wake();
    });
    Ok((EditorHandle { printer, next_line }, WaitingEditor(begin)))
}

fn read(
    editor: &mut Editor<ScriptHelper, MemHistory>,
    turns: &Receiver<()>,
    events: &Sender<EditorEvent>,
    handle: &RuntimeHandle,
) {
    while turns.recv().is_ok() {
        let line = loop {
            match editor.readline("> ") {
                Ok(line) => break line,
                // A timer's callback may be in an endless loop.
                Err(ReadlineError::Interrupted) => handle.interrupt(),
                Err(_) => return,
            }
        };
        if events.send(EditorEvent::Line(line)).is_err() {
            return;
        }
        handle.wake();
    }
}

/// Completes names, and detects input that continues on the next line.
struct ScriptHelper {
    events: Sender<EditorEvent>,
    handle: RuntimeHandle,
}

impl Completer for ScriptHelper {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let text = &line[..at];
        if text.starts_with('.') {
            let commands = COMMANDS.iter().filter(|command| command.starts_with(text));
            return Ok((0, commands.map(ToString::to_string).collect()));
        }
        let Some((path, start)) = syntax::last_word(text) else { return Ok((at, Vec::new())) };
        let (reply, names) = mpsc::channel();
        let event = EditorEvent::Complete { path: path.to_owned(), start: start.to_owned(), reply };
        let sent = self.events.send(event).is_ok();
        self.handle.wake();
        let names =
            if sent { names.recv_timeout(COMPLETION_TIMEOUT).unwrap_or_default() } else { Vec::new() };
        Ok((at - start.len(), names))
    }
}

impl Validator for ScriptHelper {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let is_incomplete = syntax::is_incomplete(context.input());
        Ok(if is_incomplete { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

impl Hinter for ScriptHelper {
    type Hint = String;
}

impl Highlighter for ScriptHelper {}

impl Helper for ScriptHelper {}
